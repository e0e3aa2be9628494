//! Why a check fails, as facts: what was found at the server, and who can fix it. The words are in `words.rs`.

use std::fmt;
use std::time::Duration;

use provost_account::{Authentication, EmailAddress, Host, Login, Port, Protocol, Security};
use time::Date;

/// What the server said, fit for a report: control characters escaped, cut, passwords taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said(pub(crate) String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a check fails. `detail` is in the words of the system or of the TLS library.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a field's name says what it holds")]
pub enum Cause {
    /// The host has no address.
    NameDoesNotResolve { host: Host, detail: String },
    /// Nothing listens on the port.
    PortClosed { port: Port },
    /// There is no connection, for another reason.
    HostUnreachable { detail: String },
    /// The check took longer than it may.
    NoAnswer { within: Duration },
    /// The connection ended in the middle.
    HungUp,
    /// The connection broke in another way.
    ConnectionBroken { detail: String },
    /// A line longer than any server has to say.
    LineWithoutEnd,
    /// A reply of more lines than any server has to say.
    ReplyWithoutEnd,
    /// TLS starts on the port in another way than the account says. `said`: the greeting, if it came in cleartext.
    WrongSecurity { protocol: Protocol, account: Security, server: Security, said: Option<Said> },
    /// The port is another protocol's. `said`: the greeting; `None`: it came inside TLS, which the account does not start.
    WrongProtocol { account: Protocol, server: Protocol, said: Option<Said> },
    /// The first line is no protocol's greeting, or a refusal.
    NoGreeting { protocol: Protocol, said: Said },
    /// The server agreed to TLS, or said nothing in cleartext, and its answer is no TLS.
    NoTls,
    /// STARTTLS, or POP3's STLS, is not offered.
    StartTlsNotOffered { command: &'static str },
    /// Bytes in cleartext follow the answer to STARTTLS.
    InjectedBeforeTls { command: &'static str },
    /// The session begins logged in, so STARTTLS is no longer possible (RFC 9051 §7.1.4).
    LoggedInBeforeTls { said: Said },
    /// No version of TLS, or no cipher, that both know.
    TlsTooOld { detail: String },
    /// The server ends the handshake because it knows no such name.
    NameUnknownToServer { host: Host, detail: String },
    /// The server ends the handshake.
    HandshakeRefused { detail: String },
    /// The handshake fails in another way.
    HandshakeFailed { detail: String },
    /// The server requires a client certificate.
    ClientCertificateWanted,
    /// The server's certificate is not valid for the host.
    Certificate { host: Host, flaw: CertificateFlaw },
    /// The server judges passwords before TLS.
    PasswordReadBeforeTls { said: Said },
    /// The account's way to log in is not offered. `offered`: `None` if there is no way at all.
    LoginMethodNotOffered { wanted: Authentication, offered: Option<Said> },
    /// Name and password are refused; the form of the name may be wrong.
    LoginFormRefused { login: Login, form: LoginForm, said: Said },
    /// The login is refused in a later check, after one was accepted.
    LoginRefusedLater { said: Said },
    /// The server neither accepts nor refuses the password.
    LoginNotDone { said: Said },
    /// A challenge that is not base64.
    ChallengeUnreadable { said: Said },
    /// Any password is accepted.
    WrongPasswordAccepted,
    /// A command, or what it is for, is refused.
    Refused { what: String, said: Said },
    /// The list of folders has no INBOX.
    NoInbox { folders: Said },
    /// UID SEARCH SINCE misses messages of the window, or finds older ones.
    SearchDiffers { since: Date, inside: usize, missed: usize, outside: usize, surplus: usize },
    /// A message has another size than announced.
    SizeDiffers { octets: usize, announced: usize },
    /// A message's header and text do not make up the whole.
    PartsDiffer { octets: usize },
    /// The test message did not arrive in time.
    NotArrived { within: Duration },
}

/// What is wrong with a certificate. `trusted`: the settings bring certificate authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it, and `words.rs` in full")]
pub enum CertificateFlaw {
    Expired { on: Option<Date> },
    NotYetValid { from: Option<Date> },
    OtherName { named: Said },
    NoName,
    UnknownIssuer,
    NotForServers,
    WrongSignature,
    Revoked,
    Unreadable,
    UnknownExtension,
    AuthorityItself { trusted: bool, detail: String },
    OldSignature { detail: String },
    Other { detail: String },
}

/// In what form the login name was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "a field's name says what it holds")]
pub enum LoginForm {
    /// As the full address.
    Address,
    /// In another form than this address.
    Other { address: EmailAddress },
    /// In every form that the client tries: these as well.
    All { besides: Vec<Login> },
}

/// Who can fix it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspect {
    /// Whoever writes the settings or the profile.
    Settings,
    /// The person, or whoever gave them name and password.
    Credentials,
    /// Whoever runs the server.
    Server,
    /// Whoever runs the network between.
    Network,
    /// The device itself: its clock, say.
    Client,
}

impl Cause {
    /// Who can fix it, the likeliest first.
    #[must_use]
    pub fn suspects(&self) -> &'static [Suspect] {
        use Suspect::{Credentials, Network, Server, Settings};
        match self {
            Self::NameDoesNotResolve { .. } | Self::WrongProtocol { .. } | Self::WrongSecurity { .. } => &[Settings],
            Self::LoginMethodNotOffered { .. } | Self::ClientCertificateWanted => &[Settings],
            Self::PortClosed { .. } => &[Settings, Server, Network],
            Self::NoAnswer { .. } | Self::HungUp => &[Server, Network],
            Self::StartTlsNotOffered { .. } | Self::InjectedBeforeTls { .. } => &[Server, Network],
            Self::PartsDiffer { .. } => &[Server, Network],
            Self::HostUnreachable { .. } | Self::ConnectionBroken { .. } => &[Network, Server],
            Self::NoTls | Self::NameUnknownToServer { .. } => &[Settings, Server],
            Self::LoginFormRefused { .. } => &[Credentials, Settings],
            Self::LineWithoutEnd | Self::ReplyWithoutEnd | Self::NoGreeting { .. } => &[Server],
            Self::LoggedInBeforeTls { .. } | Self::TlsTooOld { .. } | Self::HandshakeRefused { .. } => &[Server],
            Self::HandshakeFailed { .. } | Self::PasswordReadBeforeTls { .. } => &[Server],
            Self::LoginRefusedLater { .. } | Self::LoginNotDone { .. } | Self::ChallengeUnreadable { .. } => &[Server],
            Self::WrongPasswordAccepted | Self::Refused { .. } | Self::NoInbox { .. } => &[Server],
            Self::SearchDiffers { .. } | Self::SizeDiffers { .. } | Self::NotArrived { .. } => &[Server],
            Self::Certificate { flaw, .. } => flaw.suspects(),
        }
    }
}

impl CertificateFlaw {
    fn suspects(&self) -> &'static [Suspect] {
        use Suspect::{Client, Server, Settings};
        match self {
            Self::NotYetValid { .. } => &[Server, Client],
            Self::OtherName { .. } | Self::UnknownIssuer => &[Server, Settings],
            Self::Expired { .. } | Self::NoName | Self::NotForServers | Self::WrongSignature => &[Server],
            Self::Revoked | Self::Unreadable | Self::UnknownExtension => &[Server],
            Self::AuthorityItself { .. } | Self::OldSignature { .. } | Self::Other { .. } => &[Server],
        }
    }
}
