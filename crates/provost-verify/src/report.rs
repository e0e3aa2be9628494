//! What was found: a row for each check and server, as facts. The words are in `words.rs`; nothing is printed here.

use std::net::IpAddr;
use std::time::Duration;

use provost_account::{Endpoint, Login, Protocol, Security};
use time::Date;

use crate::Check;
use crate::cause::{Cause, Said};

/// The rows, in the order in which a client would get there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// A row for each check and server.
    pub rows: Vec<Row>,
}

/// One check of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The check.
    pub check: &'static Check,
    /// What the server is for.
    pub protocol: Protocol,
    /// The server.
    pub endpoint: Endpoint,
    /// What was found.
    pub verdict: Verdict,
    /// How long it took.
    pub elapsed: Duration,
}

/// What a check finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Passed(Evidence),
    /// It does not.
    Failed(Cause),
    /// A check that it depends on did not pass: this one.
    NotReached(&'static Check),
    /// The question makes no sense here, or cannot be answered with what is at hand.
    DoesNotApply(Reason),
    /// The account wants something that is not tried here: a login with a client certificate, say.
    NotTried(Reason),
}

/// A verdict without what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It works.
    Passed,
    /// It does not.
    Failed,
    /// A check that it depends on did not pass.
    NotReached,
    /// The question makes no sense here, or cannot be answered with what is at hand.
    DoesNotApply,
    /// The account wants something that is not tried here.
    NotTried,
}

/// What shows that it works.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a field's name says what it holds")]
pub enum Evidence {
    /// The name is known on this network, without an address to show.
    NameKnown,
    /// The host's addresses.
    Addresses(Vec<IpAddr>),
    /// Something listens.
    Connected,
    /// The certificate holds. With `found_out`, TLS starts in a way that the file leaves to the client.
    CertificateHolds { found_out: Option<Security> },
    /// No login is offered before TLS.
    NoLoginBeforeTls,
    /// A login is refused before TLS.
    RefusedBeforeTls(Said),
    /// The mechanisms that are offered.
    Mechanisms(Said),
    /// No mechanism, and a command that takes names and passwords.
    LoginCommand,
    /// The login. With `after`, the client tries that name first.
    LoggedIn { login: Login, after: Option<Login> },
    /// The wrong password is refused.
    WrongPasswordRefused(Said),
    /// The number of folders.
    Folders(usize),
    /// The number of messages.
    Messages(u32),
    /// The search finds all messages of the window, and no older ones.
    Window { inside: usize, since: Date, outside: usize },
    /// The size of the message that was fetched.
    Octets(usize),
    /// The message is accepted.
    Accepted,
    /// The message has arrived.
    Arrived,
}

/// Why there is nothing to find.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a field's name says what it holds")]
pub enum Reason {
    /// The host is an address.
    HostIsAddress,
    /// TLS starts with the first byte.
    NothingInClear,
    /// The account asks for no TLS.
    NoTlsWanted,
    /// Both ends of the connection have one address, which a server may take for a secured connection.
    OneAddress,
    /// The account logs in nowhere.
    LogsInNowhere,
    /// The server wants no login.
    NoLoginWanted,
    /// The account logs in with a client certificate, and there is none at hand.
    ClientCertificate,
    /// The account logs in in a way that is not tried here.
    UntriedLogin,
    /// The password has a line break in it.
    PasswordWithLineBreak,
    /// There is no login name.
    NoLoginName,
    /// There is no password.
    NoPassword,
    /// The file leaves the way to log in to the client, and the server offers none that is tried here.
    NoTriedMethodOffered(Option<Said>),
    /// The server wants a login, and offers none that is tried here.
    LoginWantedNoneOffered,
    /// POP3 has no folders.
    NoFolders,
    /// POP3 has no search.
    NoSearch,
    /// The account keeps mail of any age.
    NoWindow,
    /// Every message is of the window.
    AllInside { inside: usize, days: u16 },
    /// The mailbox is empty.
    NoMessage,
    /// A submission server has no mail to hand out.
    NothingToReceive,
    /// The address is one that most servers do not carry.
    UncommonAddress,
    /// Nothing was submitted that could arrive.
    NothingSubmitted,
    /// A check that this one depends on is not tried.
    CheckNotTried(&'static Check),
}

impl Outcome {
    /// The name in reports that programs read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "pass",
            Self::Failed => "fail",
            Self::NotReached => "not_reached",
            Self::DoesNotApply => "not_applicable",
            Self::NotTried => "not_tried",
        }
    }
}

impl Row {
    /// The verdict without what was found.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.verdict {
            Verdict::Passed(_) => Outcome::Passed,
            Verdict::Failed(_) => Outcome::Failed,
            Verdict::NotReached(_) => Outcome::NotReached,
            Verdict::DoesNotApply(_) => Outcome::DoesNotApply,
            Verdict::NotTried(_) => Outcome::NotTried,
        }
    }
}
