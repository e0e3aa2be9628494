//! The table of faults, in the order in which a client meets them. Where a fault takes hold is in the code that it
//! spoils; this file only names it.

mod armed;
mod providers;

use std::fmt;
use std::sync::LazyLock;

use provost_account::AnswerStep;

pub(crate) use armed::Faults;
pub use armed::{Armed, ArmedError};
pub(crate) use providers::{Sent, say};

/// A misbehaviour of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// No host has an address.
    NameDoesNotResolve,
    /// Every host has an address, and nothing listens.
    ClosedPort,
    /// Connections are accepted; nothing is ever said.
    SilentServer,
    /// The client's first words get no answer.
    HandshakeStall,
    /// Only versions of TLS that are given up are spoken.
    OldTlsOnly,
    /// The certificates' time is over.
    ExpiredCertificate,
    /// The certificates' time has not come.
    NotYetValidCertificate,
    /// The certificates are their own issuers.
    SelfSignedCertificate,
    /// An authority in between is left out of the chain.
    MissingIntermediate,
    /// The certificates are for another host.
    WrongHostName,
    /// The certificates come from an authority that nobody knows.
    UnknownCa,
    /// STARTTLS is neither announced nor accepted.
    NoStarttls,
    /// STARTTLS is accepted, and what follows is no TLS.
    StarttlsFails,
    /// The server's first words are that it cannot serve.
    GreetingRefused,
    /// Passwords are taken before TLS.
    CleartextLoginAccepted,
    /// No way to log in is announced.
    AuthNotOffered,
    /// Only ways to log in are announced that no password fits.
    WrongMechanisms,
    /// Nobody can log in just now.
    LoginUnavailable,
    /// Every password is wrong.
    PasswordRefused,
    /// The login name is the part before the `@` only.
    LocalPartOnly,
    /// Every password is right.
    AnyPasswordAccepted,
    /// IMAP LIST is refused.
    ListRefused,
    /// IMAP SELECT and EXAMINE are refused.
    SelectRefused,
    /// IMAP SEARCH takes SINCE for ALL.
    SinceIgnored,
    /// A whole message is handed out with other bytes than its parts.
    FetchOtherBytes,
    /// The connection ends in the middle of a message.
    ConnectionDropped,
    /// Nobody may send.
    SenderRefused,
    /// Mail from a sender to a recipient is put off when it is tried first.
    Greylisting,
    /// Every submitted message is refused.
    SubmissionRefused,
    /// Every recipient's mailbox is full.
    MailboxFull,
    /// Submitted messages are accepted and lost.
    MailNeverDelivered,
    /// After three wrong passwords the right one is wrong too.
    Lockout,
    /// Who logs in to IMAP is told something that must be shown.
    Alert,
    /// Each time that a folder is opened its UIDVALIDITY is another one.
    UidValidityChanges,
    /// Answers come octet by octet.
    OneByteAtATime,
    /// Every answer comes late.
    Slow,
    /// The first words come late.
    BannerDelayed,
    /// Answers come at so many octets a second.
    Bandwidth,
    /// Connections beyond so many are sent away.
    ConnectionLimit,
    /// The connection ends after so many octets of the server.
    ConnectionCut,
    /// A whole message announces many more octets than it has, and the connection ends.
    HugeLiteral,
    /// FETCH answers for the last message first.
    OutOfOrder,
    /// Whoever asks what is new learns that half of the messages are gone.
    ExpungeStorm,
    /// The server's clock is wrong.
    ClockSkew,
    /// APPEND, COPY and REPLACE find no room.
    OverQuota,
    /// MAIL is put off.
    MailDeferred,
    /// RCPT is put off.
    RecipientDeferred,
    /// RCPT is refused.
    RecipientRefused,
    /// DATA and BDAT are put off.
    DataDeferred,
    /// DATA and BDAT are refused.
    DataRefused,
    /// Every submitted message is put off.
    SubmissionDeferred,
    /// Who sends no server name in TLS (SNI) gets another host's certificate.
    CertificateByServerName,
    /// What asks the client to go on with is a bare `+`.
    BareContinuation,
    /// SASL-IR is announced, and initial responses are refused.
    SaslIrRefused,
    /// IMAP SELECT and EXAMINE are refused until the client has sent ID.
    IdRequired,
    /// IMAP commands that name messages by their numbers are refused, as behind ENABLE UIDONLY (RFC 9586).
    UidRequired,
    /// IDLE ends with BYE.
    IdleEnded,
    /// The session ends at the first command behind the login.
    SessionEnded,
    /// What a real provider says: the answers of that name in [`provost_account::provider_answers`].
    Provider(&'static str),
}

impl Fault {
    /// Whether it is in what is set up at the start, so that it cannot come and go.
    #[must_use]
    pub fn is_of_the_start(self) -> bool {
        matches!(self, Self::NameDoesNotResolve | Self::ClosedPort)
    }

    /// Whether it is over before a client has said anything, so that it cannot come after some commands.
    fn is_before_commands(self) -> bool {
        self <= Self::StarttlsFails && self != Self::NoStarttls
            || matches!(
                self,
                Self::GreetingRefused | Self::BannerDelayed | Self::ConnectionLimit | Self::CertificateByServerName
            )
            || self.is_said_at(AnswerStep::Greeting)
    }

    /// Whether it is over before anybody knows who the client is, so that it cannot be one account's.
    fn is_before_login(self) -> bool {
        self.is_before_commands()
            || self.is_said_at(AnswerStep::Hello)
            || self.is_said_at(AnswerStep::InitialResponse)
            || matches!(
                self,
                Self::NoStarttls
                    | Self::CleartextLoginAccepted
                    | Self::AuthNotOffered
                    | Self::WrongMechanisms
                    | Self::LoginUnavailable
                    | Self::LocalPartOnly
                    | Self::SaslIrRefused
            )
    }

    /// The name of a provider's answer.
    fn provider(self) -> Option<&'static str> {
        if let Self::Provider(name) = self { Some(name) } else { None }
    }

    /// Whether it is a provider's answer at that step.
    fn is_said_at(self, step: AnswerStep) -> bool {
        self.provider().is_some_and(|name| providers::answers(name).any(|answer| answer.step == step))
    }

    /// How much of it there is when nothing is said, and of what; `None` if it is there or not.
    #[must_use]
    pub fn usual_amount(self) -> Option<(u64, &'static str)> {
        match self {
            Self::Lockout => Some((3, "wrong passwords")),
            Self::Greylisting => Some((0, "seconds")),
            Self::Slow => Some((50, "milliseconds")),
            Self::BannerDelayed => Some((200, "milliseconds")),
            Self::Bandwidth => Some((100_000, "octets a second")),
            Self::ConnectionLimit => Some((10, "connections")),
            Self::ConnectionCut => Some((100, "octets")),
            Self::HugeLiteral => Some((1 << 30, "octets")),
            Self::ClockSkew => Some((3 * 86_400, "seconds into the past")),
            Self::NameDoesNotResolve
            | Self::ClosedPort
            | Self::SilentServer
            | Self::HandshakeStall
            | Self::OldTlsOnly
            | Self::ExpiredCertificate
            | Self::NotYetValidCertificate
            | Self::SelfSignedCertificate
            | Self::MissingIntermediate
            | Self::WrongHostName
            | Self::UnknownCa
            | Self::NoStarttls
            | Self::StarttlsFails
            | Self::GreetingRefused
            | Self::CleartextLoginAccepted
            | Self::AuthNotOffered
            | Self::WrongMechanisms
            | Self::LoginUnavailable
            | Self::PasswordRefused
            | Self::LocalPartOnly
            | Self::AnyPasswordAccepted
            | Self::ListRefused
            | Self::SelectRefused
            | Self::SinceIgnored
            | Self::FetchOtherBytes
            | Self::ConnectionDropped
            | Self::SenderRefused
            | Self::SubmissionRefused
            | Self::MailboxFull
            | Self::MailNeverDelivered
            | Self::Alert
            | Self::UidValidityChanges
            | Self::OneByteAtATime
            | Self::OutOfOrder
            | Self::ExpungeStorm
            | Self::OverQuota
            | Self::MailDeferred
            | Self::RecipientDeferred
            | Self::RecipientRefused
            | Self::DataDeferred
            | Self::DataRefused
            | Self::SubmissionDeferred
            | Self::CertificateByServerName
            | Self::BareContinuation
            | Self::SaslIrRefused
            | Self::IdRequired
            | Self::UidRequired
            | Self::IdleEnded
            | Self::SessionEnded
            | Self::Provider(_) => None,
        }
    }
}

/// The name in the table.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(faults().iter().find(|row| row.fault == *self).map_or("", |row| row.name))
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultRow {
    /// The stable name.
    pub name: &'static str,
    /// What the server does.
    pub what: &'static str,
    /// The step of a client that it spoils first; two where that depends on STARTTLS, or where neither waits for the other;
    /// none where a client that is whole copes with it.
    pub trips: &'static [&'static str],
    /// The fault.
    pub fault: Fault,
}

/// Every fault: those that have names of their own, then what real providers say.
#[must_use]
pub fn faults() -> &'static [FaultRow] {
    static ALL: LazyLock<Vec<FaultRow>> = LazyLock::new(|| FAULTS.iter().copied().chain(providers::rows()).collect());
    &ALL
}

const fn row(name: &'static str, what: &'static str, trips: &'static [&'static str], fault: Fault) -> FaultRow {
    FaultRow { name, what, trips, fault }
}

const FAULTS: &[FaultRow] = &[
    row("name-does-not-resolve", "no host has an address", &["resolve"], Fault::NameDoesNotResolve),
    row("closed-port", "nothing listens on any port", &["connect"], Fault::ClosedPort),
    row("silent-server", "connections are accepted and nothing is ever said", &["tls"], Fault::SilentServer),
    row("handshake-stall", "a TLS handshake gets no answer", &["tls"], Fault::HandshakeStall),
    row("old-tls-only", "only TLS 1.1 and older is spoken", &["tls"], Fault::OldTlsOnly),
    row("expired-certificate", "the certificates' time is over", &["tls"], Fault::ExpiredCertificate),
    row("not-yet-valid-certificate", "the certificates' time has not come", &["tls"], Fault::NotYetValidCertificate),
    row("self-signed-certificate", "the certificates are their own issuers", &["tls"], Fault::SelfSignedCertificate),
    row("missing-intermediate", "an authority is left out of the chain", &["tls"], Fault::MissingIntermediate),
    row("wrong-host-name", "the certificates are for another host", &["tls"], Fault::WrongHostName),
    row("unknown-ca", "the certificates come from an unknown authority", &["tls"], Fault::UnknownCa),
    row("no-starttls", "STARTTLS is neither announced nor accepted", &["tls"], Fault::NoStarttls),
    row("starttls-fails", "STARTTLS is accepted, and what follows is no TLS", &["tls"], Fault::StarttlsFails),
    row(
        "greeting-refused",
        "the first words are that there is no service",
        &["tls", "mechanisms"],
        Fault::GreetingRefused,
    ),
    row(
        "cleartext-login-accepted",
        "passwords are taken before TLS",
        &["cleartext-refused"],
        Fault::CleartextLoginAccepted,
    ),
    row("auth-not-offered", "no way to log in is announced", &["mechanisms"], Fault::AuthNotOffered),
    row("wrong-mechanisms", "only GSSAPI and NTLM are announced", &["mechanisms"], Fault::WrongMechanisms),
    row("login-unavailable", "nobody can log in just now", &["login"], Fault::LoginUnavailable),
    row("password-refused", "every password is wrong", &["login"], Fault::PasswordRefused),
    row("local-part-only", "the login name is the part before the @ only", &["login"], Fault::LocalPartOnly),
    row("any-password-accepted", "every password is right", &["wrong-password-refused"], Fault::AnyPasswordAccepted),
    row("list-refused", "IMAP LIST is refused", &["list"], Fault::ListRefused),
    row("select-refused", "IMAP SELECT is refused", &["select"], Fault::SelectRefused),
    row("since-ignored", "IMAP SEARCH takes SINCE for ALL", &["search-since"], Fault::SinceIgnored),
    row("fetch-other-bytes", "a message is handed out with other bytes", &["fetch"], Fault::FetchOtherBytes),
    row("connection-dropped", "the connection ends in the middle of a message", &["fetch"], Fault::ConnectionDropped),
    row("sender-refused", "nobody may send", &["submit"], Fault::SenderRefused),
    row("greylisting", "mail from a sender to a recipient is put off once", &["submit"], Fault::Greylisting),
    row("submission-refused", "every submitted message is refused", &["submit"], Fault::SubmissionRefused),
    row("mailbox-full", "every recipient's mailbox is full", &["submit"], Fault::MailboxFull),
    row("mail-never-delivered", "submitted messages are accepted and lost", &["arrive"], Fault::MailNeverDelivered),
    row("lockout", "after three wrong passwords the right one is wrong too", &[], Fault::Lockout),
    row("alert", "who logs in to IMAP is told something that must be shown", &[], Fault::Alert),
    row("uid-validity-changes", "UIDVALIDITY is another one each time", &[], Fault::UidValidityChanges),
    row("one-byte-at-a-time", "answers come octet by octet", &[], Fault::OneByteAtATime),
    row("slow", "every answer comes 50 ms late", &[], Fault::Slow),
    row("banner-delayed", "the first words come 200 ms late", &[], Fault::BannerDelayed),
    row("bandwidth", "answers come at 100,000 octets a second", &[], Fault::Bandwidth),
    row("connection-limit", "no more than 10 connections at once", &[], Fault::ConnectionLimit),
    row("connection-cut", "the connection ends after 100 octets", &["tls", "mechanisms"], Fault::ConnectionCut),
    row("huge-literal", "a message announces 1 GiB, and the connection ends", &["fetch"], Fault::HugeLiteral),
    row("out-of-order", "FETCH answers for the last message first", &[], Fault::OutOfOrder),
    row("expunge-storm", "NOOP and IDLE tell that half of the messages are gone", &[], Fault::ExpungeStorm),
    row("clock-skew", "the server's clock is three days behind", &[], Fault::ClockSkew),
    row("over-quota", "IMAP takes no more messages", &[], Fault::OverQuota),
    row("mail-deferred", "every sender is put off", &["submit"], Fault::MailDeferred),
    row("recipient-deferred", "every recipient is put off", &["submit"], Fault::RecipientDeferred),
    row("recipient-refused", "every recipient is refused", &["submit"], Fault::RecipientRefused),
    row("data-deferred", "DATA and BDAT are put off", &["submit"], Fault::DataDeferred),
    row("data-refused", "DATA and BDAT are refused", &["submit"], Fault::DataRefused),
    row("submission-deferred", "every submitted message is put off", &["submit"], Fault::SubmissionDeferred),
    row(
        "certificate-by-sni",
        "a client that sends no server name in TLS gets another host's certificate",
        &[],
        Fault::CertificateByServerName,
    ),
    row("bare-continuation", "what the client waits for is a + without a blank", &[], Fault::BareContinuation),
    row("sasl-ir-refused", "SASL-IR is announced, and initial responses are refused", &[], Fault::SaslIrRefused),
    row("id-required", "IMAP SELECT is refused until the client has sent ID", &["select"], Fault::IdRequired),
    row("uid-required", "IMAP commands with message numbers get BAD [UIDREQUIRED]", &["fetch"], Fault::UidRequired),
    row("idle-ended", "IDLE ends with BYE as soon as it has begun", &[], Fault::IdleEnded),
    row(
        "session-ended",
        "the session ends at the first command behind the login: 421, BYE or -ERR",
        &["list", "select", "submit"],
        Fault::SessionEnded,
    ),
];
