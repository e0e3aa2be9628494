//! The table of faults, in the order in which a client meets them. What a fault does is in the code that it changes.

mod armed;
mod in_force;
mod providers;

use std::fmt;
use std::sync::LazyLock;

pub use armed::{Armed, ArmedError, When};
pub(crate) use in_force::{ArmedFaults, Faults};
pub use providers::ProviderName;
pub(crate) use providers::{Sent, say};

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultRow {
    /// The stable name.
    pub name: &'static str,
    /// What the server does.
    pub what: &'static str,
    /// When it takes hold.
    pub stage: Stage,
    /// The check that fails first; two where that depends on STARTTLS, or where neither waits for the other; none where a
    /// complete client copes with the fault.
    pub trips: &'static [&'static str],
    /// How strong it can be; `None` if it is either on or off.
    pub amount: Option<Amount>,
    /// The fault.
    pub fault: Fault,
}

/// When a fault takes hold, which decides what it can be limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// When the server starts: it cannot be switched on or off later.
    Start,
    /// When a client connects or TLS starts.
    Connection,
    /// When the server presents its certificate.
    Certificate,
    /// At the greeting.
    Greeting,
    /// At a command before login.
    BeforeLogin,
    /// At a command that names an account or needs a login.
    Command,
    /// With every answer.
    EveryAnswer,
}

impl Stage {
    /// Whether it comes before the first command, so that it cannot be delayed by some.
    fn is_before_commands(self) -> bool {
        match self {
            Self::Start | Self::Connection | Self::Certificate | Self::Greeting => true,
            Self::BeforeLogin | Self::Command | Self::EveryAnswer => false,
        }
    }

    /// Whether it comes before login, so that it cannot be limited to an account.
    fn is_before_login(self) -> bool {
        self.is_before_commands() || self == Self::BeforeLogin
    }
}

/// How strong a fault can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// The default.
    pub usual: u64,
    /// The unit.
    pub unit: &'static str,
    /// The maximum: a greater amount counts as this one.
    pub max: u64,
}

/// Every fault: the mock's own, then the answers of real providers.
#[must_use]
pub fn faults() -> &'static [FaultRow] {
    static ALL: LazyLock<Vec<FaultRow>> = LazyLock::new(|| NAMED.iter().copied().chain(providers::rows()).collect());
    &ALL
}

impl Fault {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static FaultRow {
        faults().iter().find(|row| row.fault == self).expect("only rows make faults")
    }
}

/// The name in the table.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.row().name)
    }
}

/// `Fault: "name", "what the server does", Stage, [checks that it trips], usual amount, "unit", up to maximum;`
macro_rules! table {
    ($($fault:ident: $name:literal, $what:literal, $stage:ident, $trips:tt
        $(, $usual:expr, $unit:literal $(, up to $max:expr)?)?;)+) => {
        /// A misbehaviour of the server.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $what] $fault,)+
            /// What a real provider says.
            Provider(ProviderName),
        }

        const NAMED: &[FaultRow] = &[$(FaultRow {
            name: $name,
            what: $what,
            stage: Stage::$stage,
            trips: &$trips,
            amount: table!(amount $($usual, $unit $(, $max)?)?),
            fault: Fault::$fault,
        }),+];
    };
    (amount) => { None };
    (amount $usual:expr, $unit:literal) => { table!(amount $usual, $unit, u64::MAX) };
    (amount $usual:expr, $unit:literal, $max:expr) => { Some(Amount { usual: $usual, unit: $unit, max: $max }) };
}

table! {
    NameDoesNotResolve: "name-does-not-resolve", "no host name resolves", Start, ["resolve"];
    ClosedPort: "closed-port", "nothing listens on any port", Start, ["connect"];
    DeadAddress: "dead-address", "each host has a second address, where nothing listens", Start, ["each-address"];
    SilentServer: "silent-server", "connections are accepted, but the server never says anything", Connection, ["tls"];
    HandshakeStall: "handshake-stall", "a TLS handshake gets no answer", Connection, ["tls"];
    OldTlsOnly: "old-tls-only", "the server speaks only TLS 1.1 and older", Connection, ["tls"];
    ExpiredCertificate: "expired-certificate", "the certificates have expired", Certificate, ["tls"];
    NotYetValidCertificate: "not-yet-valid-certificate", "the certificates are not valid yet", Certificate, ["tls"];
    SelfSignedCertificate: "self-signed-certificate", "the certificates are self-signed", Certificate, ["tls"];
    MissingIntermediate: "missing-intermediate", "an intermediate certificate is missing from the chain", Certificate, ["tls"];
    CertificateEndsSoon: "certificate-ends-soon", "the certificates end in three days", Certificate, ["certificate-days"];
    WrongHostName: "wrong-host-name", "the certificates are for another host", Certificate, ["tls"];
    UnknownCa: "unknown-ca", "the certificates come from an unknown authority", Certificate, ["tls"];
    NoStarttls: "no-starttls", "STARTTLS is neither announced nor accepted", BeforeLogin, ["tls"];
    StarttlsFails: "starttls-fails", "STARTTLS is accepted, but what follows is not TLS", Connection, ["tls"];
    GreetingRefused: "greeting-refused",
        "the greeting says that there is no service",
        Greeting, ["tls", "mechanisms"];
    CleartextLoginAccepted: "cleartext-login-accepted",
        "passwords are accepted before TLS",
        BeforeLogin, ["cleartext-refused"];
    AuthNotOffered: "auth-not-offered", "no login mechanism is announced", BeforeLogin, ["mechanisms"];
    WrongMechanisms: "wrong-mechanisms", "only GSSAPI and NTLM are announced", BeforeLogin, ["mechanisms"];
    SmallSize: "small-size", "SMTP announces that messages have 100 bytes at most", BeforeLogin, ["limits"];
    ReadIsDeleted: "read-is-deleted",
        "POP3 announces that mail does not stay once it was read, and deletes it then",
        BeforeLogin, ["limits"];
    LoginUnavailable: "login-unavailable", "logins are temporarily unavailable", BeforeLogin, ["login"];
    PasswordRefused: "password-refused", "every password is refused", Command, ["login"];
    LocalPartOnly: "local-part-only", "the login name is only the part before the @", BeforeLogin, ["login", "login-form"];
    AnyPasswordAccepted: "any-password-accepted", "every password is accepted", Command, ["wrong-password-refused"];
    ListRefused: "list-refused", "IMAP LIST is refused", Command, ["list"];
    SelectRefused: "select-refused", "IMAP SELECT is refused", Command, ["select"];
    SinceIgnored: "since-ignored", "IMAP SEARCH treats SINCE as ALL", Command, ["search-since"];
    FetchOtherBytes: "fetch-other-bytes", "messages are served with other bytes", Command, ["fetch"];
    ConnectionDropped: "connection-dropped", "the connection ends in the middle of a message", Command, ["fetch"];
    SpecialFolderRefused: "special-folder-refused",
        "IMAP does not open the folders that it names for a special use",
        Command, ["special-use"];
    QuotaUsedUp: "quota-used-up", "IMAP QUOTA reports a mailbox without room", Command, ["quota"];
    SenderRefused: "sender-refused", "every sender is refused", Command, ["submit"];
    AliasRefused: "alias-refused", "mail from an alias is refused", Command, ["sender"];
    Greylisting: "greylisting",
        "the first mail from a sender to a recipient is deferred",
        Command, ["submit"], 0, "seconds", up to 366 * 86_400;
    SubmissionRefused: "submission-refused", "every submitted message is refused", Command, ["submit"];
    MailboxFull: "mailbox-full", "every recipient's mailbox is full", Command, ["submit"];
    MailNeverDelivered: "mail-never-delivered", "submitted messages are accepted and lost", Command, ["arrive"];
    MailInJunk: "mail-in-junk", "submitted messages are delivered to the folder Junk", Command, ["arrive"];
    Lockout: "lockout", "after three wrong passwords, the correct one is refused too", Command, [], 3, "wrong passwords";
    Alert: "alert", "an IMAP login gets an alert, which the client must show", Command, [];
    UidValidityChanges: "uid-validity-changes", "the UIDVALIDITY of a folder changes each time it is selected", Command, [];
    OneByteAtATime: "one-byte-at-a-time", "answers arrive one byte at a time", EveryAnswer, [];
    Slow: "slow", "every answer is 50 ms late", EveryAnswer, [], 50, "milliseconds";
    BannerDelayed: "banner-delayed", "the greeting is 200 ms late", Greeting, [], 200, "milliseconds";
    Bandwidth: "bandwidth", "answers arrive at 100,000 bytes per second", EveryAnswer, [], 100_000, "bytes per second";
    ConnectionLimit: "connection-limit", "at most 10 connections are served at once", Connection, [], 10, "connections";
    ConnectionCut: "connection-cut",
        "the connection ends after 100 bytes",
        Command, ["tls", "mechanisms"], 100, "bytes";
    HugeLiteral: "huge-literal",
        "a message of 1 GiB is announced, and the connection ends",
        Command, ["fetch"], 1 << 30, "bytes";
    OutOfOrder: "out-of-order", "FETCH answers begin with the last message", Command, [];
    ExpungeStorm: "expunge-storm", "NOOP and IDLE report half of the messages as gone", Command, [];
    ClockSkew: "clock-skew",
        "the server's clock is three days behind",
        EveryAnswer, [], 3 * 86_400, "seconds into the past", up to 40 * 366 * 86_400;
    OverQuota: "over-quota", "IMAP stores no more messages", Command, [];
    MailDeferred: "mail-deferred", "mail from every sender is deferred", Command, ["submit"];
    RecipientDeferred: "recipient-deferred", "mail to every recipient is deferred", Command, ["submit"];
    RecipientRefused: "recipient-refused", "every recipient is refused", Command, ["submit"];
    DataDeferred: "data-deferred", "DATA and BDAT are deferred", Command, ["submit"];
    DataRefused: "data-refused", "DATA and BDAT are refused", Command, ["submit"];
    SubmissionDeferred: "submission-deferred", "every submitted message is deferred", Command, ["submit"];
    CertificateByServerName: "certificate-by-sni",
        "a client that sends no server name (SNI) gets another host's certificate",
        Certificate, ["tls-without-sni"];
    BareContinuation: "bare-continuation", "a continuation request is a + without a space", Command, [];
    SaslIrRefused: "sasl-ir-refused", "SASL-IR is announced, but initial responses are refused", BeforeLogin, [];
    IdRequired: "id-required", "IMAP SELECT is refused until the client has sent ID", Command, ["select"];
    UidRequired: "uid-required", "IMAP commands with message numbers get BAD UIDREQUIRED", Command, ["fetch"];
    IdleEnded: "idle-ended", "IDLE ends with BYE as soon as it begins", Command, [];
    SessionEnded: "session-ended",
        "the session ends at the first command after login: 421, BYE or -ERR",
        Command, ["list", "select", "submit", "sender"];
}
