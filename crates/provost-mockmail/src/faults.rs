//! The table of faults, in the order in which a client meets them. A row is everything that this file knows about a
//! fault; what the fault does is in the code that it changes.

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
    /// The step of a client that it spoils first; two where that depends on STARTTLS, or where neither waits for the other;
    /// none where a client that is whole copes with it.
    pub trips: &'static [&'static str],
    /// How much of it there is; `None` if it is there or not.
    pub amount: Option<Amount>,
    /// The fault.
    pub fault: Fault,
}

/// When a fault takes hold, and so what it can be limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// When the server starts: it cannot come and go.
    Start,
    /// When a client connects or TLS starts.
    Connection,
    /// In the certificates that are shown.
    Certificate,
    /// At the server's first words.
    Greeting,
    /// At a command before anybody has logged in.
    BeforeLogin,
    /// At a command that names an account or needs a login.
    Command,
    /// In how every answer is made or sent.
    EveryAnswer,
}

impl Stage {
    /// Whether it is over before a client has said anything, so that it cannot come after some commands.
    fn is_before_commands(self) -> bool {
        match self {
            Self::Start | Self::Connection | Self::Certificate | Self::Greeting => true,
            Self::BeforeLogin | Self::Command | Self::EveryAnswer => false,
        }
    }

    /// Whether it is over before anybody knows who the client is, so that it cannot be one account's.
    fn is_before_login(self) -> bool {
        self.is_before_commands() || self == Self::BeforeLogin
    }
}

/// How much of a fault there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// When nothing is said.
    pub usual: u64,
    /// Of what.
    pub unit: &'static str,
    /// More counts as so much.
    pub max: u64,
}

/// Every fault: those that have names of their own, then what real providers say.
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
    NameDoesNotResolve: "name-does-not-resolve", "no host has an address", Start, ["resolve"];
    ClosedPort: "closed-port", "nothing listens on any port", Start, ["connect"];
    SilentServer: "silent-server", "connections are accepted and nothing is ever said", Connection, ["tls"];
    HandshakeStall: "handshake-stall", "a TLS handshake gets no answer", Connection, ["tls"];
    OldTlsOnly: "old-tls-only", "only TLS 1.1 and older is spoken", Connection, ["tls"];
    ExpiredCertificate: "expired-certificate", "the certificates' time is over", Certificate, ["tls"];
    NotYetValidCertificate: "not-yet-valid-certificate", "the certificates' time has not come", Certificate, ["tls"];
    SelfSignedCertificate: "self-signed-certificate", "the certificates are their own issuers", Certificate, ["tls"];
    MissingIntermediate: "missing-intermediate", "an authority is left out of the chain", Certificate, ["tls"];
    WrongHostName: "wrong-host-name", "the certificates are for another host", Certificate, ["tls"];
    UnknownCa: "unknown-ca", "the certificates come from an unknown authority", Certificate, ["tls"];
    NoStarttls: "no-starttls", "STARTTLS is neither announced nor accepted", BeforeLogin, ["tls"];
    StarttlsFails: "starttls-fails", "STARTTLS is accepted, and what follows is no TLS", Connection, ["tls"];
    GreetingRefused: "greeting-refused",
        "the first words are that there is no service",
        Greeting, ["tls", "mechanisms"];
    CleartextLoginAccepted: "cleartext-login-accepted",
        "passwords are taken before TLS",
        BeforeLogin, ["cleartext-refused"];
    AuthNotOffered: "auth-not-offered", "no way to log in is announced", BeforeLogin, ["mechanisms"];
    WrongMechanisms: "wrong-mechanisms", "only GSSAPI and NTLM are announced", BeforeLogin, ["mechanisms"];
    LoginUnavailable: "login-unavailable", "nobody can log in just now", BeforeLogin, ["login"];
    PasswordRefused: "password-refused", "every password is wrong", Command, ["login"];
    LocalPartOnly: "local-part-only", "the login name is the part before the @ only", BeforeLogin, ["login"];
    AnyPasswordAccepted: "any-password-accepted", "every password is right", Command, ["wrong-password-refused"];
    ListRefused: "list-refused", "IMAP LIST is refused", Command, ["list"];
    SelectRefused: "select-refused", "IMAP SELECT is refused", Command, ["select"];
    SinceIgnored: "since-ignored", "IMAP SEARCH takes SINCE for ALL", Command, ["search-since"];
    FetchOtherBytes: "fetch-other-bytes", "a message is handed out with other bytes", Command, ["fetch"];
    ConnectionDropped: "connection-dropped", "the connection ends in the middle of a message", Command, ["fetch"];
    SenderRefused: "sender-refused", "nobody may send", Command, ["submit"];
    Greylisting: "greylisting",
        "mail from a sender to a recipient is put off once",
        Command, ["submit"], 0, "seconds", up to 366 * 86_400;
    SubmissionRefused: "submission-refused", "every submitted message is refused", Command, ["submit"];
    MailboxFull: "mailbox-full", "every recipient's mailbox is full", Command, ["submit"];
    MailNeverDelivered: "mail-never-delivered", "submitted messages are accepted and lost", Command, ["arrive"];
    Lockout: "lockout", "after three wrong passwords the right one is wrong too", Command, [], 3, "wrong passwords";
    Alert: "alert", "who logs in to IMAP is told something that must be shown", Command, [];
    UidValidityChanges: "uid-validity-changes", "UIDVALIDITY is another one each time", Command, [];
    OneByteAtATime: "one-byte-at-a-time", "answers come octet by octet", EveryAnswer, [];
    Slow: "slow", "every answer comes 50 ms late", EveryAnswer, [], 50, "milliseconds";
    BannerDelayed: "banner-delayed", "the first words come 200 ms late", Greeting, [], 200, "milliseconds";
    Bandwidth: "bandwidth", "answers come at 100,000 octets a second", EveryAnswer, [], 100_000, "octets a second";
    ConnectionLimit: "connection-limit", "no more than 10 connections at once", Connection, [], 10, "connections";
    ConnectionCut: "connection-cut",
        "the connection ends after 100 octets",
        Command, ["tls", "mechanisms"], 100, "octets";
    HugeLiteral: "huge-literal",
        "a message announces 1 GiB, and the connection ends",
        Command, ["fetch"], 1 << 30, "octets";
    OutOfOrder: "out-of-order", "FETCH answers for the last message first", Command, [];
    ExpungeStorm: "expunge-storm", "NOOP and IDLE tell that half of the messages are gone", Command, [];
    ClockSkew: "clock-skew",
        "the server's clock is three days behind",
        EveryAnswer, [], 3 * 86_400, "seconds into the past", up to 40 * 366 * 86_400;
    OverQuota: "over-quota", "IMAP takes no more messages", Command, [];
    MailDeferred: "mail-deferred", "every sender is put off", Command, ["submit"];
    RecipientDeferred: "recipient-deferred", "every recipient is put off", Command, ["submit"];
    RecipientRefused: "recipient-refused", "every recipient is refused", Command, ["submit"];
    DataDeferred: "data-deferred", "DATA and BDAT are put off", Command, ["submit"];
    DataRefused: "data-refused", "DATA and BDAT are refused", Command, ["submit"];
    SubmissionDeferred: "submission-deferred", "every submitted message is put off", Command, ["submit"];
    CertificateByServerName: "certificate-by-sni",
        "a client that sends no server name in TLS gets another host's certificate",
        Certificate, [];
    BareContinuation: "bare-continuation", "what the client waits for is a + without a blank", Command, [];
    SaslIrRefused: "sasl-ir-refused", "SASL-IR is announced, and initial responses are refused", BeforeLogin, [];
    IdRequired: "id-required", "IMAP SELECT is refused until the client has sent ID", Command, ["select"];
    UidRequired: "uid-required", "IMAP commands with message numbers get BAD UIDREQUIRED", Command, ["fetch"];
    IdleEnded: "idle-ended", "IDLE ends with BYE as soon as it has begun", Command, [];
    SessionEnded: "session-ended",
        "the session ends at the first command behind the login: 421, BYE or -ERR",
        Command, ["list", "select", "submit"];
}
