//! Why a check fails, as facts: what was found at the server. Whose fault that is, and under which name, is in the table
//! (`cause/table.rs`); the words of a report are in `words.rs`.

mod table;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use provost_account::codes::settings as codes;
use provost_account::{
    AnswerProtocol, Authentication, EmailAddress, Endpoint, Host, Login, Port, Protocol, ProviderAnswer, Security,
    recognized,
};
use provost_network::Tried;
use time::Date;

use crate::domain::RecordSays;
use crate::facts::{Quota, Removed, SpecialUse};
pub use table::{CauseRow, Whose, causes};

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
    /// No name server says whether the host has an address.
    NameServerFails { host: Host, detail: String },
    /// Nothing listens on the port.
    PortClosed { port: Port },
    /// Nothing answers on the port, and the service works on another.
    WrongPort { own: Port, port: Port, security: Security },
    /// There is no connection, for another reason.
    HostUnreachable { detail: String },
    /// Some of the host's addresses do not answer, and others do.
    AddressDead { dead: Vec<Tried>, works: Vec<IpAddr> },
    /// It is so at one of the host's addresses, and not at the one that was asked first.
    AtAddress { address: IpAddr, cause: Box<Cause> },
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
    /// The first line is no protocol's greeting.
    NoGreeting { protocol: Protocol, said: Said },
    /// The server says that there is no service, in its greeting or later.
    ServiceUnavailable { protocol: Protocol, said: Said },
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
    /// To a client that does not say which host it means, the server shows a certificate that is not valid for it, or none.
    CertificateNeedsServerName { cause: Box<Cause> },
    /// The server judges passwords before TLS.
    PasswordReadBeforeTls { said: Said },
    /// The account's way to log in is not offered. `offered`: `None` if there is no way at all.
    LoginMethodNotOffered { wanted: Authentication, offered: Option<Said> },
    /// Name and password are refused; the form of the name may be wrong.
    LoginFormRefused { login: Login, form: LoginForm, said: Said },
    /// The server says nothing to the login, after it has answered everything before.
    LoginDelayed { within: Duration },
    /// The login is refused in a later check, after one was accepted.
    LoginRefusedLater { said: Said },
    /// The login is refused, and accepted with the same password in another form.
    WrongLoginForm { login: Login, works: Login },
    /// Name and password are right, and the account may not log in (RFC 5530: AUTHORIZATIONFAILED, CONTACTADMIN, EXPIRED).
    LoginNotAllowed { said: Said },
    /// The server has an error of its own (RFC 5530: SERVERBUG).
    ServerError { said: Said },
    /// The server's certificate has few days left.
    CertificateEndsSoon { on: Date, days: i64 },
    /// The server does not judge the password, for now (RFC 5530, RFC 3206, RFC 4954 §6).
    LoginUnavailable { said: Said },
    /// So many logins, connections or octets are not allowed in so short a time (RFC 5530: LIMIT).
    LimitReached { said: Said },
    /// The server neither accepts nor refuses the password.
    LoginNotDone { said: Said },
    /// A challenge that is not base64.
    ChallengeUnreadable { said: Said },
    /// Any password is accepted.
    WrongPasswordAccepted,
    /// A command, or what it is for, is refused.
    Refused { what: Refusal, said: Said },
    /// Mail from an alias is refused.
    AliasRefused { alias: EmailAddress, said: Said },
    /// It is refused for now (RFC 5321 §4.2.1: 4yz).
    Deferred { what: Refusal, said: Said },
    /// A mailbox has no room left (RFC 3463 §3.3: X.2.2).
    MailboxFull { said: Said },
    /// The mailbox has no room left, as the server counts (RFC 9208).
    QuotaReached { quota: Quota },
    /// The mailbox has little room left.
    QuotaNearlyReached { quota: Quota },
    /// The message is larger than the server takes (RFC 3463 §3.4: X.3.4).
    MessageTooLarge { said: Said },
    /// The server announces that it takes no message even of this size (RFC 1870, RFC 7889).
    SizeLimited { limit: u64, octets: usize },
    /// The server announces that mail does not stay there once it was read (RFC 2449 §6.7).
    MailNotKept,
    /// A folder that the server names for something does not open.
    SpecialFolderRefused { folder: Said, special_use: SpecialUse, said: Said },
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
    /// The test message arrived in the folder for what is taken for spam.
    ArrivedInJunk { folder: Said, removed: Removed },
    /// The domain or its provider says something else than the account.
    OfDomain(DomainFlaw),
    /// The server's words are known at its host. `cause`: what they would mean anywhere else.
    Known { answer: &'static ProviderAnswer, cause: Box<Cause> },
}

/// What is wrong between an account and its domain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "a field's name says what it holds")]
pub enum DomainFlaw {
    /// The account's servers are not those that its provider publishes.
    HostContradictsProvider { contradictions: Vec<Contradiction> },
    /// The account's servers are not those that the domain publishes today.
    PublishedDiffers { contradictions: Vec<Contradiction> },
    /// The domain's records lead elsewhere.
    RecordsDiffer { flaws: Vec<RecordFlaw> },
    /// DNSSEC shows that answers are forged, or that the zone is broken. `names`: with their types.
    DnssecBogus { names: Vec<String> },
}

/// Servers of a protocol that somebody says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The protocol.
    pub protocol: Protocol,
    /// The account's servers.
    pub ours: Vec<Endpoint>,
    /// Those of the source.
    pub theirs: Vec<Endpoint>,
    /// The source, in words.
    pub source: String,
}

/// What is wrong with a record. `protocol`: what the service speaks that an SRV record is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "a field's name says what it holds")]
pub enum RecordFlaw {
    /// It says something else than the settings.
    Other { name: String, wanted: RecordSays, is: RecordSays, protocol: Option<Protocol> },
    /// It is not there, while one is there for the other side: receiving, or sending.
    Missing { name: String, protocol: Protocol },
}

/// What a server refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Refusal {
    /// A command that everything else needs.
    Command(String),
    /// STARTTLS, or POP3's STLS, which was offered.
    StartTls(&'static str),
    List,
    Select,
    Search,
    Fetch,
    Sender,
    Recipient,
    Data,
    Message,
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

impl Cause {
    /// Its row in the table of causes: the stable name, and whose fault it is.
    #[must_use]
    pub fn row(&self) -> &'static CauseRow {
        let name = self.name();
        causes().iter().find(|row| row.name == name).expect("a test looks every cause up")
    }

    /// The stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NameDoesNotResolve { .. } => "name-does-not-resolve",
            Self::NameServerFails { .. } => "name-server-fails",
            Self::PortClosed { .. } => "port-closed",
            Self::WrongPort { .. } => "wrong-port",
            Self::HostUnreachable { .. } => "host-unreachable",
            Self::AddressDead { .. } => "address-dead",
            Self::AtAddress { cause, .. } => cause.name(),
            Self::NoAnswer { .. } => "no-answer",
            Self::HungUp | Self::ConnectionBroken { .. } => "connection-lost",
            Self::LineWithoutEnd | Self::ReplyWithoutEnd => "answer-without-end",
            Self::WrongSecurity { .. } => "wrong-security",
            Self::WrongProtocol { .. } => "wrong-protocol",
            Self::NoGreeting { .. } => "no-greeting",
            Self::ServiceUnavailable { .. } => "service-unavailable",
            Self::NoTls => "starttls-fails",
            Self::StartTlsNotOffered { .. } => "starttls-not-offered",
            Self::InjectedBeforeTls { .. } => "injected-before-tls",
            Self::LoggedInBeforeTls { .. } => "logged-in-before-tls",
            Self::TlsTooOld { .. } => "tls-too-old",
            Self::NameUnknownToServer { .. } => "name-unknown-to-server",
            Self::HandshakeRefused { .. } => "handshake-refused",
            Self::HandshakeFailed { .. } => "handshake-failed",
            Self::ClientCertificateWanted => "client-certificate-wanted",
            Self::Certificate { flaw, .. } => flaw.name(),
            Self::CertificateNeedsServerName { .. } => "certificate-needs-sni",
            Self::PasswordReadBeforeTls { .. } => "password-read-before-tls",
            Self::LoginMethodNotOffered { .. } => "login-method-not-offered",
            Self::WrongLoginForm { .. } => "wrong-login-form",
            Self::LoginNotAllowed { .. } => "login-not-allowed",
            Self::ServerError { .. } => "server-error",
            Self::CertificateEndsSoon { .. } => "certificate-ends-soon",
            Self::LoginDelayed { .. } => "login-delayed",
            Self::LoginUnavailable { .. } => "login-unavailable",
            Self::LimitReached { .. } => "limit-reached",
            Self::LoginFormRefused { .. } => "wrong-password-or-name",
            Self::LoginRefusedLater { .. } => "login-refused-later",
            Self::LoginNotDone { .. } | Self::ChallengeUnreadable { .. } => "login-not-done",
            Self::WrongPasswordAccepted => "wrong-password-accepted",
            Self::Refused { what, .. } => what.name(),
            Self::AliasRefused { .. } => Refusal::Sender.name(),
            Self::Deferred { .. } => "mail-deferred",
            Self::MailboxFull { .. } | Self::QuotaReached { .. } => "mailbox-full",
            Self::QuotaNearlyReached { .. } => "mailbox-nearly-full",
            Self::MessageTooLarge { .. } | Self::SizeLimited { .. } => "message-too-large",
            Self::MailNotKept => "mail-not-kept",
            Self::SpecialFolderRefused { .. } => "special-folder-refused",
            Self::NoInbox { .. } => "no-inbox",
            Self::SearchDiffers { .. } => "search-differs",
            Self::SizeDiffers { .. } => "size-differs",
            Self::PartsDiffer { .. } => "message-changed",
            Self::NotArrived { .. } => "not-arrived",
            Self::ArrivedInJunk { .. } => "arrived-in-junk",
            Self::OfDomain(flaw) => flaw.name(),
            Self::Known { answer, .. } => answer.means.name(),
        }
    }

    /// What it is at this host: the words of some servers mean more than they say. Host first, text second: elsewhere the
    /// same words mean something else.
    pub(crate) fn at(self, host: &Host, protocol: Protocol) -> Self {
        let Some(said) = self.refusal() else { return self };
        let protocol = match protocol {
            Protocol::Imap => AnswerProtocol::Imap,
            Protocol::Pop3 => AnswerProtocol::Pop3,
            Protocol::Submission => AnswerProtocol::Smtp,
        };
        match recognized(host, protocol, &said.0).first() {
            Some(answer) => Self::Known { answer, cause: Box::new(self) },
            None => self,
        }
    }

    /// The words with which the server refuses something.
    pub(crate) fn refusal(&self) -> Option<&Said> {
        match self {
            Self::ServiceUnavailable { said, .. }
            | Self::LoginNotAllowed { said }
            | Self::ServerError { said }
            | Self::LoginUnavailable { said }
            | Self::LimitReached { said }
            | Self::LoginFormRefused { said, .. }
            | Self::LoginRefusedLater { said }
            | Self::LoginNotDone { said }
            | Self::Refused { said, .. }
            | Self::AliasRefused { said, .. }
            | Self::Deferred { said, .. }
            | Self::MailboxFull { said }
            | Self::MessageTooLarge { said }
            | Self::SpecialFolderRefused { said, .. } => Some(said),
            Self::NameDoesNotResolve { .. }
            | Self::NameServerFails { .. }
            | Self::PortClosed { .. }
            | Self::WrongPort { .. }
            | Self::HostUnreachable { .. }
            | Self::AddressDead { .. }
            | Self::AtAddress { .. }
            | Self::CertificateNeedsServerName { .. }
            | Self::NoAnswer { .. }
            | Self::HungUp
            | Self::ConnectionBroken { .. }
            | Self::LineWithoutEnd
            | Self::ReplyWithoutEnd
            | Self::WrongSecurity { .. }
            | Self::WrongProtocol { .. }
            | Self::NoGreeting { .. }
            | Self::NoTls
            | Self::StartTlsNotOffered { .. }
            | Self::InjectedBeforeTls { .. }
            | Self::LoggedInBeforeTls { .. }
            | Self::TlsTooOld { .. }
            | Self::NameUnknownToServer { .. }
            | Self::HandshakeRefused { .. }
            | Self::HandshakeFailed { .. }
            | Self::ClientCertificateWanted
            | Self::Certificate { .. }
            | Self::PasswordReadBeforeTls { .. }
            | Self::LoginMethodNotOffered { .. }
            | Self::WrongLoginForm { .. }
            | Self::CertificateEndsSoon { .. }
            | Self::LoginDelayed { .. }
            | Self::ChallengeUnreadable { .. }
            | Self::WrongPasswordAccepted
            | Self::NoInbox { .. }
            | Self::SearchDiffers { .. }
            | Self::SizeDiffers { .. }
            | Self::PartsDiffer { .. }
            | Self::QuotaReached { .. }
            | Self::QuotaNearlyReached { .. }
            | Self::SizeLimited { .. }
            | Self::MailNotKept
            | Self::NotArrived { .. }
            | Self::ArrivedInJunk { .. }
            | Self::OfDomain(_)
            | Self::Known { .. } => None,
        }
    }

    /// Whether it is the reason of another failure at the same server.
    pub(crate) fn accounts_for(&self, other: &Self) -> bool {
        matches!((self, other), (Self::QuotaReached { .. }, Self::NotArrived { .. }))
    }
}

impl DomainFlaw {
    fn name(&self) -> &'static str {
        match self {
            Self::HostContradictsProvider { .. } => codes::HOST_CONTRADICTS_PROVIDER.name,
            Self::PublishedDiffers { .. } => "published-differs",
            Self::RecordsDiffer { .. } => "records-differ",
            Self::DnssecBogus { .. } => "dnssec-bogus",
        }
    }

    /// What the servers speak that it is about; `None`: it is about something else too.
    pub(crate) fn protocols(&self) -> Option<Vec<Protocol>> {
        match self {
            Self::HostContradictsProvider { .. } | Self::PublishedDiffers { .. } => {
                Some(self.contradictions().iter().map(|it| it.protocol).collect())
            }
            Self::RecordsDiffer { flaws } => {
                let of = |flaw: &RecordFlaw| match flaw {
                    RecordFlaw::Other { protocol, .. } => *protocol,
                    RecordFlaw::Missing { protocol, .. } => Some(*protocol),
                };
                flaws.iter().map(of).collect()
            }
            Self::DnssecBogus { .. } => None,
        }
    }

    /// The servers that are said otherwise.
    pub(crate) fn contradictions(&self) -> &[Contradiction] {
        match self {
            Self::HostContradictsProvider { contradictions } | Self::PublishedDiffers { contradictions } => {
                contradictions
            }
            Self::RecordsDiffer { .. } | Self::DnssecBogus { .. } => &[],
        }
    }
}

impl CertificateFlaw {
    fn name(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "certificate-expired",
            Self::NotYetValid { .. } => "certificate-not-yet-valid",
            Self::OtherName { .. } => "certificate-for-another-name",
            Self::NoName => "certificate-without-name",
            Self::UnknownIssuer => "certificate-issuer-unknown",
            Self::NotForServers => "certificate-not-for-servers",
            Self::WrongSignature => "certificate-chain-broken",
            Self::Revoked => "certificate-revoked",
            Self::Unreadable => "certificate-unreadable",
            Self::UnknownExtension => "certificate-extension-unknown",
            Self::AuthorityItself { .. } => "certificate-of-an-authority",
            Self::OldSignature { .. } => "certificate-signature-old",
            Self::Other { .. } => "certificate-refused",
        }
    }
}

impl Refusal {
    fn name(&self) -> &'static str {
        match self {
            Self::Command(_) => "command-refused",
            Self::StartTls(_) => "starttls-fails",
            Self::List => "list-refused",
            Self::Select => "select-refused",
            Self::Search => "search-refused",
            Self::Fetch => "fetch-refused",
            Self::Sender => "sender-refused",
            Self::Recipient => "recipient-refused",
            Self::Data | Self::Message => "message-refused",
        }
    }
}

/// As a report calls it.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Command(command) => command,
            Self::StartTls(command) => command,
            Self::List => "LIST",
            Self::Select => "SELECT",
            Self::Search => "search",
            Self::Fetch => "FETCH",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Data => "DATA",
            Self::Message => "message",
        })
    }
}
