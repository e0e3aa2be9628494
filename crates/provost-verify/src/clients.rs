//! Connections to servers with the account's protection, and IMAP, POP3 and SMTP as the checks need them. IMAP after the
//! login uses another's client; everything else is plain lines on the stream.

pub(crate) mod certificate;
pub(crate) mod greeting;
pub(crate) mod imap;
pub(crate) mod pop3;
pub(crate) mod smtp;
pub(crate) mod start_tls;

use std::any::Any;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use provost_account::{Authentication, Login, Protocol, Security};
use tokio::io::BufStream;
use tokio::net::TcpStream;
use tokio::time::timeout_at;
use tokio_rustls::client::TlsStream;

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::report::Reason;
use crate::wire::{Duplex, Lines, Socket};

/// A connection that is ready for the protocol: TLS is up, or the account wants none.
pub(crate) type Stream = BufStream<Socket>;

/// A connection before the login, and what the server offers on it.
#[derive(Debug)]
pub(crate) struct Connected {
    stream: Stream,
    offers: Vec<String>,
}

/// A protocol after the login.
pub(crate) trait Session: Any + Send + Sized {
    /// Logs in as the account says, with a password that may be another one.
    async fn log_in(attempt: &Attempt<'_>, connected: Connected, login: &str, password: &str) -> Result<Self, Stop>;

    /// Ends the session. The verdict is given: what a goodbye brings changes nothing.
    async fn leave(self);
}

/// Asks what is offered behind TLS, and hands the connection on.
pub(crate) async fn offers(attempt: &Attempt<'_>) -> Result<Vec<String>, Cause> {
    let connected = connect(attempt).await?;
    let offers = connected.offers.clone();
    attempt.hand_on(connected);
    Ok(offers)
}

/// The connection that the check before has handed on, or a new one.
pub(crate) async fn connect(attempt: &Attempt<'_>) -> Result<Connected, Cause> {
    if let Some(connected) = attempt.take() {
        return Ok(connected);
    }
    let mut stream = greeted(attempt).await?;
    let offers = offered(attempt, &mut stream).await?;
    Ok(Connected { stream, offers })
}

/// Asks what is offered on a stream whose greeting was read: the words of IMAP's CAPABILITY, or the first words of the
/// lines of POP3's CAPA and SMTP's EHLO; mechanisms as `AUTH=…`, and limits as `SIZE=…`; all in capitals.
async fn offered(attempt: &Attempt<'_>, stream: &mut impl Lines) -> Result<Vec<String>, Cause> {
    match attempt.protocol {
        Protocol::Imap => imap::capabilities(attempt, stream).await,
        Protocol::Pop3 => pop3::capabilities(attempt, stream).await,
        Protocol::Submission => smtp::capabilities(attempt, stream).await,
    }
}

/// The first word of a line; of a line of mechanisms, each as `AUTH=…` too, and of a line with a limit, that as `SIZE=…`.
fn words(mechanisms: &str, line: &str) -> Vec<String> {
    let mut words = line.split_whitespace().map(str::to_ascii_uppercase);
    let Some(first) = words.next() else { return Vec::new() };
    match first.as_str() {
        name if name == mechanisms => words.map(|word| format!("AUTH={word}")).chain([first]).collect(),
        "SIZE" | "EXPIRE" | "LOGIN-DELAY" => {
            words.next().map(|value| format!("{first}={value}")).into_iter().chain([first]).collect()
        }
        _ => vec![first],
    }
}

/// Logs in with this password, and hands the session on.
pub(crate) async fn log_in(attempt: &Attempt<'_>, password: &str) -> Result<(), Stop> {
    match attempt.protocol {
        Protocol::Imap => hand_on(attempt, logged_in::<imap::LoggedIn>(attempt, password).await?).await,
        Protocol::Pop3 => hand_on(attempt, logged_in::<pop3::LoggedIn>(attempt, password).await?).await,
        Protocol::Submission => hand_on(attempt, logged_in::<smtp::LoggedIn>(attempt, password).await?).await,
    }
    Ok(())
}

async fn logged_in<S: Session>(attempt: &Attempt<'_>, password: &str) -> Result<S, Stop> {
    let connected = connect(attempt).await?;
    let (login, _) = credentials(attempt)?;
    let logged_in = S::log_in(attempt, connected, login.as_str(), password);
    match attempt.until {
        None => logged_in.await,
        // Dovecot 2.3 and 2.4 wait for up to 15 s after wrong passwords from the same address (auth_failure_delay, anvil).
        Some(until) => timeout_at(until, logged_in)
            .await
            .unwrap_or_else(|_| Err(Stop::Judged(Cause::LoginDelayed { within: attempt.options.step_timeout }))),
    }
}

/// The session that the check before has handed on, or a new one with the account's own password.
pub(crate) async fn session<S: Session>(attempt: &Attempt<'_>) -> Result<S, Stop> {
    let (_, password) = credentials(attempt)?;
    match attempt.take() {
        Some(session) => Ok(session),
        None => logged_in(attempt, password).await,
    }
}

/// Hands a session on, or ends it.
pub(crate) async fn hand_on(attempt: &Attempt<'_>, session: impl Session) {
    if let Some(session) = attempt.hand_on(session) {
        session.leave().await;
    }
}

/// Ends the session that the last check has handed on, as a client does.
pub(crate) async fn end(attempt: &Attempt<'_>) {
    if let Some(session) = attempt.take::<imap::LoggedIn>() {
        session.leave().await;
    }
    if let Some(session) = attempt.take::<smtp::LoggedIn>() {
        session.leave().await;
    }
}

/// Connects, and starts TLS as the account says.
pub(crate) async fn open(attempt: &Attempt<'_>) -> Result<Stream, Cause> {
    let tcp = match attempt.take() {
        Some(tcp) => tcp,
        None => attempt.connect().await?,
    };
    let own = tcp.local_addr()?.ip();
    let stream: Box<dyn Duplex> = match attempt.server.endpoint.security {
        Security::ImplicitTls | Security::StartTls => Box::new(secured(attempt, tcp).await?),
        Security::Cleartext => Box::new(tcp),
    };
    Ok(BufStream::with_capacity(BUFFER_OCTETS, BUFFER_OCTETS, Socket::new(stream, own, OCTETS_MAX)))
}

/// The certificate that the server shows, in DER. It is valid: the handshake has checked it.
pub(crate) async fn certificate_shown(attempt: &Attempt<'_>) -> Result<Vec<u8>, Cause> {
    let stream = secured(attempt, attempt.connect().await?).await?;
    let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    shown.map(|certificate| certificate.to_vec()).ok_or(Cause::NoTls)
}

/// Connects and starts TLS, and reads the greeting, unless it came before STARTTLS.
async fn greeted(attempt: &Attempt<'_>) -> Result<Stream, Cause> {
    let mut stream: Stream = match attempt.take() {
        Some(stream) => stream,
        None => open(attempt).await?,
    };
    if attempt.server.endpoint.security != Security::StartTls {
        greeting::read(attempt, &mut stream).await?;
    }
    Ok(stream)
}

/// Starts TLS on a connection, after STARTTLS where the account has that.
pub(crate) async fn secured(attempt: &Attempt<'_>, mut tcp: TcpStream) -> Result<TlsStream<TcpStream>, Cause> {
    if attempt.server.endpoint.security == Security::StartTls {
        start_tls::ask(attempt, &mut tcp).await?;
    }
    match attempt.start_tls(tcp).await {
        Ok(stream) => Ok(stream),
        Err(error) => Err(match certificate::cause(&error, attempt) {
            Some(cause) => cause,
            None => greeting::no_tls(attempt, error).await,
        }),
    }
}

/// The SASL mechanisms that stand for a way to log in, the preferred one first.
pub(crate) fn mechanisms(authentication: Authentication) -> &'static [&'static str] {
    match authentication {
        Authentication::PasswordCleartext => &["PLAIN", "LOGIN"],
        Authentication::PasswordEncrypted => &["CRAM-MD5"],
        Authentication::OAuth2 => &["XOAUTH2", "OAUTHBEARER"],
        Authentication::ClientCertificate => &["EXTERNAL"],
        Authentication::Gssapi => &["GSSAPI"],
        Authentication::Ntlm => &["NTLM"],
        Authentication::HttpMd5 => &["DIGEST-MD5"],
        Authentication::None => &[],
    }
}

/// Whether a password is taken by a command of the protocol, without a mechanism.
pub(crate) fn by_command(protocol: Protocol, way: Authentication, offered: &[String]) -> bool {
    let offers = |what: &str| offered.iter().any(|it| it == what);
    way == Authentication::PasswordCleartext
        && match protocol {
            Protocol::Imap => !offers("LOGINDISABLED"),
            Protocol::Pop3 => offers("USER"),
            Protocol::Submission => false,
        }
}

/// The first mechanism of a login method that is offered.
pub(crate) fn mechanism(way: Authentication, offered: &[String]) -> Option<&'static str> {
    mechanisms(way).iter().find(|mechanism| offered.contains(&format!("AUTH={mechanism}"))).copied()
}

/// The name and password to log in with, or why no login can be tried.
pub(crate) fn credentials<'a>(attempt: &Attempt<'a>) -> Result<(&'a Login, &'a str), Stop> {
    match attempt.server.endpoint.authentication {
        Authentication::PasswordCleartext | Authentication::PasswordEncrypted | Authentication::OAuth2 => {}
        Authentication::None => return Err(Reason::NoLoginWanted.into()),
        Authentication::ClientCertificate => return Err(Stop::NotTried(Reason::ClientCertificate)),
        Authentication::Gssapi | Authentication::Ntlm | Authentication::HttpMd5 => {
            return Err(Stop::NotTried(Reason::UntriedLogin));
        }
    }
    match (&attempt.server.login, attempt.subject.password) {
        // It would end the command that carries it and begin another one.
        (_, Some(password)) if password.expose().contains(['\r', '\n', '\0']) => {
            Err(Reason::PasswordWithLineBreak.into())
        }
        (Some(login), Some(password)) => Ok((login, password.expose())),
        (None, _) => Err(Reason::NoLoginName.into()),
        (_, None) => Err(Reason::NoPassword.into()),
    }
}

/// The response to a challenge of CRAM-MD5 (RFC 2195 §2).
pub(crate) fn cram_md5(login: &str, password: &str, challenge: &[u8]) -> String {
    let mut mac = Hmac::<Md5>::new_from_slice(password.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(challenge);
    let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{login} {digest}")
}

/// The same response in base64, to a challenge in base64.
pub(crate) fn cram_md5_line(
    attempt: &Attempt<'_>,
    login: &str,
    password: &str,
    challenge: &str,
) -> Result<String, Cause> {
    match STANDARD.decode(challenge) {
        Ok(challenge) => Ok(base64(cram_md5(login, password, &challenge))),
        Err(_) => Err(Cause::ChallengeUnreadable { said: attempt.said(challenge) }),
    }
}

/// The one response of PLAIN, XOAUTH2 and OAUTHBEARER.
pub(crate) fn response(mechanism: &str, login: &str, password: &str) -> String {
    match mechanism {
        "XOAUTH2" => format!("user={login}\x01auth=Bearer {password}\x01\x01"),
        "OAUTHBEARER" => {
            let login = login.replace('=', "=3D").replace(',', "=2C");
            format!("n,a={login},\x01auth=Bearer {password}\x01\x01")
        }
        _ => format!("\0{login}\0{password}"),
    }
}

pub(crate) fn base64(text: impl AsRef<[u8]>) -> String {
    STANDARD.encode(text)
}

/// More than any honest answer to these checks: a year of dates, or one message.
const OCTETS_MAX: usize = 64 * 1024 * 1024;

/// As much as most lines, and as little as allocators give cheaply. Who reads more at once reads past the buffer.
const BUFFER_OCTETS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 2195 §2.
    #[test]
    fn the_response_is_that_of_rfc_2195() {
        assert_eq!(
            cram_md5("tim", "tanstaaftanstaaf", b"<1896.697170952@postoffice.reston.mci.net>"),
            "tim b913a602c7eda7a495b4e6e7334d3890",
        );
    }

    /// The example of Google's protocol description, decoded.
    #[test]
    fn the_bearer_responses_are_those_of_their_descriptions() {
        assert_eq!(
            base64(response("XOAUTH2", "someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg")),
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==",
        );
    }
}
