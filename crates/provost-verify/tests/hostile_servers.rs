//! Servers that lie, stall, hang up and echo: each leads to a verdict that says so, within the timeout of a step. Every
//! server here is a few lines on a loopback socket and knows no more about mail than the lines it is given.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_account::{
    Account, Authentication, Certificate, EmailAddress, Endpoint, Host, Incoming, IncomingProtocol, LeftOpen, Login,
    Protocol, Secret, Security, Server,
};
use provost_verify::{Cause, Network, Options, Outcome, Route, Step, Subject, Verdict, verify};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

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

fn hello(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Imap => "* OK hello\r\n",
        Protocol::Pop3 => "+OK hello\r\n",
        Protocol::Submission => "220 hello\r\n",
    }
}

/// Proves an account that has this one server.
async fn prove(
    protocol: Protocol,
    security: Security,
    greeting: &str,
    answer: Answer,
    step_timeout: Duration,
) -> Vec<Step> {
    let (acceptor, authority) = certificate();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let (host, port) = (Host::try_from(HOST).unwrap(), 7777.try_into().unwrap());
    let route = Route { host: host.clone(), port, socket: Some(listener.local_addr().unwrap()) };
    let network = Network::mapped(vec![route], &[authority]).unwrap();
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
    let options = Options { now: SystemTime::UNIX_EPOCH, step_timeout };
    tokio::select! {
        report = verify(&subject, &network, &options) => report,
        () = serve(listener, acceptor, security, greeting.to_owned(), answer) => unreachable!("it serves for ever"),
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, security: Security, greeting: String, answer: Answer) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        connections.spawn(connection(tcp, acceptor.clone(), security, greeting.clone(), answer));
    }
}

/// Plays one connection; `None` when the client is gone, as it is once it has its verdict.
async fn connection(
    tcp: TcpStream,
    acceptor: TlsAcceptor,
    security: Security,
    greeting: String,
    answer: Answer,
) -> Option<()> {
    if security == Security::ImplicitTls {
        let mut tls = BufStream::new(acceptor.accept(tcp).await.ok()?);
        return talk(&mut tls, &greeting, answer).await;
    }
    let mut clear = BufStream::new(tcp);
    talk(&mut clear, &greeting, answer).await?;
    let mut tls = BufStream::new(acceptor.accept(clear.into_inner()).await.ok()?);
    talk(&mut tls, "", answer).await
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
