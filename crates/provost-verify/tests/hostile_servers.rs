//! Servers that lie, stall, hang up and echo: each leads to a verdict that says so, within the timeout of a step. Every
//! server here is a few lines on a loopback socket and knows no more about mail than the lines it is given.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_account::{
    Account, Authentication, Certificate, EmailAddress, Endpoint, Host, Incoming, IncomingProtocol, LeftOpen, Login,
    Protocol, Secret, Security, Server,
};
use provost_network::{Network, Route, Tried, Unreached};
use provost_verify::{Cause, Chosen, Connections, Evidence, Options, Outcome, Step, Subject, Verdict, verify};
use rustls::HandshakeKind;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What a server says to a line.
enum Reply {
    Say(String),
    /// Says it, and goes on inside TLS.
    Secure(&'static str),
    HangUp,
    Nothing,
}
use Reply::{HangUp, Nothing, Say, Secure};

type Answer = fn(&str) -> Reply;

#[tokio::test]
async fn answers_injected_before_tls_are_not_taken() {
    let imap: Answer = |line| match line {
        "a CAPABILITY" => Say("* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK\r\n".to_owned()),
        _ => Secure("b OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"),
    };
    let pop3: Answer = |line| match line {
        "CAPA" => Say("+OK\r\nSTLS\r\n.\r\n".to_owned()),
        _ => Secure("+OK begin\r\n+OK injected\r\n"),
    };
    let smtp: Answer = |line| match line.starts_with("EHLO") {
        true => Say("250-here\r\n250 STARTTLS\r\n".to_owned()),
        false => Secure("220 begin\r\n250 injected\r\n"),
    };
    for (protocol, answer) in [(Protocol::Imap, imap), (Protocol::Pop3, pop3), (Protocol::Submission, smtp)] {
        let report = prove(protocol, Security::StartTls, hello(protocol), answer, PATIENT).await;
        let tls = step(&report, "tls");
        assert!(matches!(tls.verdict, Verdict::Failed(Cause::InjectedBeforeTls { .. })), "{tls:?}");
        assert_eq!(step(&report, "login").outcome(), Outcome::NotReached);
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_ends_in_a_verdict() {
    for protocol in [Protocol::Imap, Protocol::Pop3, Protocol::Submission] {
        for security in [Security::ImplicitTls, Security::StartTls] {
            let report = prove(protocol, security, "", |_| Nothing, Duration::from_millis(200)).await;
            let silent = if security == Security::ImplicitTls { "mechanisms" } else { "tls" };
            let within = Duration::from_millis(200);
            assert_eq!(step(&report, silent).verdict, Verdict::Failed(Cause::NoAnswer { within }));
            assert_eq!(step(&report, "login").outcome(), Outcome::NotReached);
        }
    }
}

#[tokio::test]
async fn a_line_without_end_is_not_read_to_its_end() {
    let endless = format!("* OK {}", "a".repeat(1024 * 1024));
    for security in [Security::ImplicitTls, Security::StartTls] {
        let report = prove(Protocol::Imap, security, &endless, |_| Nothing, PATIENT).await;
        let failed = report.iter().find(|step| step.outcome() == Outcome::Failed).unwrap();
        assert_eq!(failed.verdict, Verdict::Failed(Cause::LineWithoutEnd));
    }
}

#[tokio::test]
async fn a_reply_without_end_is_not_read_to_its_end() {
    let answer: Answer = |_| Say("250-more\r\n".repeat(10_000));
    let report = prove(Protocol::Submission, Security::StartTls, "220 hello\r\n", answer, PATIENT).await;
    assert_eq!(step(&report, "tls").verdict, Verdict::Failed(Cause::ReplyWithoutEnd));
}

#[tokio::test]
async fn a_server_that_hangs_up_says_nothing_about_the_password() {
    let answer: Answer = |line| match line.split_once(' ') {
        Some((tag, "CAPABILITY")) => Say(format!("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK\r\n")),
        Some((_, "AUTHENTICATE PLAIN")) => Say("+ \r\n".to_owned()),
        None if line == triple(PASSWORD) => Say("A0001 OK in\r\n".to_owned()),
        None => HangUp,
        Some((tag, _)) => Say(format!("{tag} NO\r\n")),
    };
    let report = prove(Protocol::Imap, Security::ImplicitTls, "* OK hello\r\n", answer, PATIENT).await;
    assert_eq!(step(&report, "login").outcome(), Outcome::Passed);
    assert_eq!(step(&report, "wrong-password-refused").verdict, Verdict::Failed(Cause::HungUp));
}

/// RFC 4954 §6: "454 4.7.0  Temporary authentication failure". Nobody has judged the password.
#[tokio::test]
async fn a_login_put_off_is_no_refused_password() {
    let answer: Answer = |line| match line.split_once(' ') {
        Some(("EHLO", _)) => Say("250-here\r\n250 AUTH PLAIN\r\n".to_owned()),
        Some(("AUTH", response)) if response.ends_with(&triple(PASSWORD)) => Say("235 2.7.0 in\r\n".to_owned()),
        Some(("AUTH", _)) => Say("454 4.7.0 later\r\n".to_owned()),
        _ => Say("221 bye\r\n".to_owned()),
    };
    let report = prove(Protocol::Submission, Security::ImplicitTls, "220 hello\r\n", answer, PATIENT).await;
    assert_eq!(step(&report, "login").outcome(), Outcome::Passed);
    let wrong = step(&report, "wrong-password-refused");
    assert_eq!(wrong.outcome(), Outcome::Failed);
    assert_eq!(wrong.words().found, "login neither accepted nor refused: 454 4.7.0 later");
}

/// A refused password proves nothing: the server has looked at it.
#[tokio::test]
async fn a_password_that_is_looked_at_in_clear_and_refused_is_a_failure() {
    let answer: Answer = |line| match line.split_once(' ') {
        Some((tag, "CAPABILITY")) => Say(format!("* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n{tag} OK\r\n")),
        Some((_, "STARTTLS")) => Secure("b OK begin\r\n"),
        Some((tag, _)) => Say(format!("{tag} NO [AUTHENTICATIONFAILED] wrong\r\n")),
        None => HangUp,
    };
    let report = prove(Protocol::Imap, Security::StartTls, "* OK hello\r\n", answer, PATIENT).await;
    let clear = step(&report, "cleartext-refused");
    assert_eq!(clear.outcome(), Outcome::Failed);
    assert_eq!(clear.words().found, "password checked before TLS: x NO [AUTHENTICATIONFAILED] wrong");
}

#[tokio::test]
async fn a_password_that_comes_back_is_not_passed_on() {
    fn echo() -> String {
        format!("{PASSWORD} or {} or {}?", STANDARD.encode(PASSWORD), triple(PASSWORD))
    }
    let imap: Answer = |line| match line.split_once(' ') {
        Some((tag, "CAPABILITY")) => Say(format!("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK\r\n")),
        Some(_) => Say("+ \r\n".to_owned()),
        None => Say(format!("A0001 NO {}\r\n", echo())),
    };
    let pop3: Answer = |line| match line {
        "CAPA" => Say("+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n".to_owned()),
        "AUTH PLAIN" => Say("+ \r\n".to_owned()),
        _ => Say(format!("-ERR {}\r\n", echo())),
    };
    let smtp: Answer = |line| match line.starts_with("EHLO") {
        true => Say("250-here\r\n250 AUTH PLAIN\r\n".to_owned()),
        false => Say(format!("535 {}\r\n", echo())),
    };
    for (protocol, answer) in [(Protocol::Imap, imap), (Protocol::Pop3, pop3), (Protocol::Submission, smtp)] {
        let report = prove(protocol, Security::ImplicitTls, hello(protocol), answer, PATIENT).await;
        let login = step(&report, "login");
        assert_eq!(login.outcome(), Outcome::Failed);
        let found = login.words().found;
        assert!(found.ends_with("(password) or (password) or (password)?"), "{found}");
        for form in [PASSWORD.to_owned(), STANDARD.encode(PASSWORD), triple(PASSWORD)] {
            assert!(!format!("{report:?}").contains(&form));
        }
    }
}

/// The connection is shared by the checks and by no one else: the session that shows the certificate was never resumed.
#[tokio::test]
async fn one_connection_does_for_all_checks_but_those_that_want_their_own() {
    let prove = |connections| {
        prove_over(connections, Protocol::Imap, Security::ImplicitTls, "* OK hello\r\n", mailbox, PATIENT)
    };
    let (report, handshakes) = prove(Connections::Shared).await;
    assert_eq!(outcomes(&report), WORKS);
    assert_eq!(handshakes, [HandshakeKind::Full; 2], "and the one for the wrong password, which comes last");
    let (report, handshakes) = prove(Connections::EachCheck).await;
    assert_eq!(outcomes(&report), WORKS);
    assert_eq!(handshakes, [HandshakeKind::Full; 7], "for each check from tls on");
}

/// It ends a session that says too much, as some servers do with clients in a hurry.
#[tokio::test]
async fn what_fails_behind_other_checks_is_asked_again_alone() {
    let answer: Answer = |line| if line.starts_with("A0005 ") { HangUp } else { mailbox(line) };
    let prove =
        |connections| prove_over(connections, Protocol::Imap, Security::ImplicitTls, "* OK hello\r\n", answer, PATIENT);
    let (report, handshakes) = prove(Connections::Shared).await;
    assert_eq!(outcomes(&report), WORKS);
    assert_eq!(handshakes, [HandshakeKind::Full; 3]);
    let (report, _) = prove(Connections::EachCheck).await;
    assert_eq!(outcomes(&report), WORKS);
}

/// Dovecot waits after wrong passwords from the same address: it has answered everything before, so nothing is in the way.
#[tokio::test]
async fn silence_after_the_password_is_a_delayed_login() {
    let imap: Answer = |line| if line.contains(" LOGIN ") { Nothing } else { mailbox(line) };
    let smtp: Answer = |line| match line.split(' ').next() {
        Some("EHLO") => Say("250-here\r\n250 AUTH PLAIN\r\n".to_owned()),
        _ => Nothing,
    };
    for (protocol, answer) in [(Protocol::Imap, imap), (Protocol::Submission, smtp)] {
        let within = Duration::from_millis(500);
        let report = prove(protocol, Security::ImplicitTls, hello(protocol), answer, within).await;
        assert_eq!(step(&report, "login").verdict, Verdict::Failed(Cause::LoginDelayed { within }));
    }
}

/// async-imap 0.12.0 says `outcome: Outcome { code: None, information: Some("…") }`, and leaves out the codes it knows.
#[tokio::test]
async fn what_is_refused_is_told_in_the_servers_own_line() {
    let answer: Answer = |line| match line.split_once(' ') {
        Some((tag, "SELECT INBOX")) => Say(format!("{tag} NO [ALERT] No \"INBOX\" today\r\n")),
        _ => mailbox(line),
    };
    let report = prove(Protocol::Imap, Security::ImplicitTls, "* OK hello\r\n", answer, Duration::from_secs(1)).await;
    assert_eq!(step(&report, "select").words().found, "SELECT refused: [ALERT] No \"INBOX\" today");
}

/// With IPv6 dead, say: a client finds the other address, and so does the proof.
#[tokio::test]
async fn a_dead_address_beside_a_living_one_is_told_and_fails_nothing() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let dead = socket.listen(1).unwrap();
    let address = dead.local_addr().unwrap();
    // The system drops what does not fit into the backlog.
    let mut backlog = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        backlog.push(stream.unwrap());
    }
    let (acceptor, authority) = certificate();
    let (report, _) = prove_beside(
        &[address],
        (acceptor, authority),
        Connections::Shared,
        (Protocol::Imap, Security::ImplicitTls),
        ("* OK hello\r\n", mailbox),
        Duration::from_secs(2),
    )
    .await;
    assert_eq!(outcomes(&report), WORKS);
    let dead = Tried { address, why: Unreached::Silent };
    assert_eq!(step(&report, "connect").verdict, Verdict::Passed(Evidence::ConnectedBut { dead: vec![dead] }));
    assert_eq!(
        step(&report, "connect").words().found,
        "connected, but 127.0.0.1 does not answer: clients that try it first wait or fail"
    );
}

/// RFC 6647 §2.1: who asks again is served, so the first answer is the one that counts.
#[tokio::test]
async fn a_message_that_is_put_off_is_not_sent_again() {
    static SUBMITTED: AtomicUsize = AtomicUsize::new(0);
    let answer: Answer = |line| match line.split(' ').next() {
        Some("EHLO") => Say("250-here\r\n250 AUTH PLAIN\r\n".to_owned()),
        Some("AUTH") if line.ends_with(&triple(PASSWORD)) => Say("235 2.7.0 in\r\n".to_owned()),
        Some("AUTH") => Say("535 5.7.8 no\r\n".to_owned()),
        Some("RCPT") => match SUBMITTED.fetch_add(1, Ordering::Relaxed) {
            0 => Say("450 4.7.1 later\r\n".to_owned()),
            _ => Say("250 2.1.5 now\r\n".to_owned()),
        },
        _ => Say("250 2.0.0 fine\r\n".to_owned()),
    };
    let (report, _) =
        prove_over(Connections::Shared, Protocol::Submission, Security::ImplicitTls, "220 hello\r\n", answer, PATIENT)
            .await;
    assert_eq!(step(&report, "submit").words().found, "recipient put off: 450 4.7.1 later");
}

/// An IMAP server with a message that lets one person in.
fn mailbox(line: &str) -> Reply {
    let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
    let ok = |untagged: &str| Say(format!("{untagged}{tag} OK done\r\n"));
    match command {
        "CAPABILITY" => ok("* CAPABILITY IMAP4rev1\r\n"),
        _ if command == format!("LOGIN \"{LOGIN}\" \"{PASSWORD}\"") => ok(""),
        _ if command.starts_with("LOGIN") => Say(format!("{tag} NO [AUTHENTICATIONFAILED] wrong\r\n")),
        _ if command.starts_with("LIST") => ok("* LIST () \"/\" INBOX\r\n"),
        _ if command.starts_with("SELECT") || command.starts_with("EXAMINE") => ok("* 1 EXISTS\r\n"),
        "FETCH 1 (RFC822.SIZE BODY.PEEK[])" => ok("* 1 FETCH (RFC822.SIZE 12 BODY[] {12}\r\nA: b\r\n\r\nhi\r\n)\r\n"),
        "FETCH 1 (BODY.PEEK[HEADER] BODY.PEEK[TEXT])" => {
            ok("* 1 FETCH (BODY[HEADER] {8}\r\nA: b\r\n\r\n BODY[TEXT] {4}\r\nhi\r\n)\r\n")
        }
        _ => HangUp,
    }
}

/// What is found at that server by someone who wants no window of days.
const WORKS: [(&str, Outcome); 11] = [
    ("resolve", Outcome::Passed),
    ("connect", Outcome::Passed),
    ("tls", Outcome::Passed),
    ("cleartext-refused", Outcome::DoesNotApply),
    ("mechanisms", Outcome::Passed),
    ("login", Outcome::Passed),
    ("list", Outcome::Passed),
    ("select", Outcome::Passed),
    ("search-since", Outcome::DoesNotApply),
    ("fetch", Outcome::Passed),
    ("wrong-password-refused", Outcome::Passed),
];

fn outcomes(report: &[Step]) -> Vec<(&str, Outcome)> {
    report.iter().map(|step| (step.check.name, step.outcome())).collect()
}

fn hello(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Imap => "* OK hello\r\n",
        Protocol::Pop3 => "+OK hello\r\n",
        Protocol::Submission => "220 hello\r\n",
    }
}

/// Proves an account that has this one server, in both ways, which find the same.
async fn prove(
    protocol: Protocol,
    security: Security,
    greeting: &str,
    answer: Answer,
    step_timeout: Duration,
) -> Vec<Step> {
    let prove = |connections| prove_over(connections, protocol, security, greeting, answer, step_timeout);
    let ((shared, _), (each, _)) = (prove(Connections::Shared).await, prove(Connections::EachCheck).await);
    let verdicts = |report: &[Step]| report.iter().map(|it| it.verdict.clone()).collect::<Vec<_>>();
    assert_eq!(verdicts(&shared), verdicts(&each), "over one connection, and over one for each check");
    shared
}

/// The proof, and how TLS began on each connection.
async fn prove_over(
    connections: Connections,
    protocol: Protocol,
    security: Security,
    greeting: &str,
    answer: Answer,
    step_timeout: Duration,
) -> (Vec<Step>, Vec<HandshakeKind>) {
    prove_beside(&[], certificate(), connections, (protocol, security), (greeting, answer), step_timeout).await
}

/// The same, of a server that has these addresses before its own.
async fn prove_beside(
    others: &[SocketAddr],
    (acceptor, authority): (TlsAcceptor, Certificate),
    connections: Connections,
    (protocol, security): (Protocol, Security),
    (greeting, answer): (&str, Answer),
    step_timeout: Duration,
) -> (Vec<Step>, Vec<HandshakeKind>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let (host, port) = (Host::try_from(HOST).unwrap(), 7777.try_into().unwrap());
    let sockets = others.iter().copied().chain([listener.local_addr().unwrap()]);
    let routes = sockets.map(|socket| Route { host: host.clone(), port, socket: Some(socket) });
    let network = Network::mapped(routes.collect(), &[authority]).unwrap();
    let server = Server {
        endpoint: Endpoint { host, port, security, authentication: Authentication::PasswordCleartext },
        login: Some(Login::try_from(LOGIN).unwrap()),
        password: None,
    };
    let incoming = |protocol| vec![Incoming { protocol, server: server.clone() }];
    let (incoming, outgoing) = match protocol {
        Protocol::Imap => (incoming(IncomingProtocol::Imap), Vec::new()),
        Protocol::Pop3 => (incoming(IncomingProtocol::Pop3), Vec::new()),
        Protocol::Submission => (Vec::new(), vec![server]),
    };
    let account = Account { incoming, outgoing, ..Account::of(EmailAddress::try_from(LOGIN).unwrap()) };
    let password = Secret::new(PASSWORD.to_owned());
    let subject =
        Subject { account: &account, password: Some(&password), left_open: &LeftOpen::default(), label: "test" };
    let options = Options { now: SystemTime::UNIX_EPOCH, step_timeout, connections, checks: Chosen::of_verify() };
    let server = Arc::new(HostileServer {
        acceptor,
        security,
        greeting: greeting.to_owned(),
        answer,
        handshakes: Mutex::default(),
    });
    let report = tokio::select! {
        report = verify(&subject, &network, &options) => report,
        () = serve(listener, Arc::clone(&server)) => unreachable!("it serves for ever"),
    };
    let handshakes = server.handshakes.lock().unwrap().clone();
    (report, handshakes)
}

struct HostileServer {
    acceptor: TlsAcceptor,
    security: Security,
    greeting: String,
    answer: Answer,
    /// How TLS began on each connection.
    handshakes: Mutex<Vec<HandshakeKind>>,
}

async fn serve(listener: TcpListener, server: Arc<HostileServer>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        connections.spawn(connection(tcp, Arc::clone(&server)));
    }
}

/// Plays one connection; `None` when the client is gone, as it is once it has its verdict.
async fn connection(tcp: TcpStream, server: Arc<HostileServer>) -> Option<()> {
    let HostileServer { security, greeting, answer, .. } = &*server;
    if *security == Security::ImplicitTls {
        return talk(&mut server.secure(tcp).await?, greeting, *answer).await;
    }
    let mut clear = BufStream::new(tcp);
    talk(&mut clear, greeting, *answer).await?;
    talk(&mut server.secure(clear.into_inner()).await?, "", *answer).await
}

impl HostileServer {
    async fn secure(&self, tcp: TcpStream) -> Option<BufStream<TlsStream<TcpStream>>> {
        let tls = self.acceptor.accept(tcp).await.ok()?;
        self.handshakes.lock().unwrap().extend(tls.get_ref().1.handshake_kind());
        Some(BufStream::new(tls))
    }
}

/// Ends where TLS is to begin.
async fn talk(
    stream: &mut BufStream<impl AsyncRead + AsyncWrite + Unpin>,
    greeting: &str,
    answer: Answer,
) -> Option<()> {
    stream.write_all(greeting.as_bytes()).await.ok()?;
    stream.flush().await.ok()?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let (text, secure) = match answer(line.trim_end()) {
            Say(text) => (text, false),
            Secure(text) => (text.to_owned(), true),
            HangUp => return None,
            Nothing => continue,
        };
        stream.write_all(text.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        if secure {
            return Some(());
        }
    }
}

fn certificate() -> (TlsAcceptor, Certificate) {
    let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), Certificate::try_from(made.cert.der().to_vec()).unwrap())
}

fn step<'a>(report: &'a [Step], check: &str) -> &'a Step {
    report.iter().find(|step| step.check.name == check).unwrap()
}

/// The response of PLAIN (RFC 4616 §2).
fn triple(password: &str) -> String {
    STANDARD.encode(format!("\0{LOGIN}\0{password}"))
}

const HOST: &str = "mail.example.net";
const LOGIN: &str = "jane@example.net";
const PASSWORD: &str = "correct-horse-battery";
/// No step takes this long unless something hangs.
const PATIENT: Duration = Duration::from_secs(20);
