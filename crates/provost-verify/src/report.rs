//! What was found: a step for each check and the server or the domain that it looked at, as facts. The words are in `words.rs`; nothing is printed here.

use std::net::IpAddr;
use std::time::Duration;

use provost_account::{DomainName, Endpoint, Login, Port, Protocol, Security};
use provost_network::Tried;
use time::Date;

use crate::Check;
use crate::cause::{Cause, Contradiction, Said};
use crate::facts::{Limit, Quota, SpecialUse};

/// One check of one server, or of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The check.
    pub check: &'static Check,
    /// Where it looked.
    pub place: Place,
    /// What was found.
    pub verdict: Verdict,
    /// How long it took.
    pub elapsed: Duration,
}

/// Where a check looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At a server, and what it is for.
    Server(Protocol, Endpoint),
    /// At the domain of the account's address.
    Domain(DomainName),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "a `Verdict` says what each means")]
pub enum Outcome {
    Passed,
    Failed,
    NotReached,
    DoesNotApply,
    NotTried,
}

/// What shows that it works. `found_out`: TLS starts in a way that the file leaves to the client; `after`: the name that
/// the client tries first; `otherwise`: what sources say that prove nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it, and `words.rs` in full")]
pub enum Evidence {
    NameKnown,
    Addresses(Vec<IpAddr>),
    Connected,
    ConnectedBut { dead: Vec<Tried> },
    CertificateHolds { found_out: Option<Security> },
    NoLoginBeforeTls,
    RefusedBeforeTls(Said),
    Mechanisms(Said),
    LoginCommand,
    LoggedIn { login: Login, after: Option<Login> },
    WrongPasswordRefused(Said),
    Folders(usize),
    Messages(u32),
    Window { inside: usize, since: Date, outside: usize },
    Octets(usize),
    Accepted,
    Arrived,
    ArrivedAndMarked,
    Senders(usize),
    DaysLeft(u64),
    WorksElsewhere { port: Port, security: Security },
    EachAddress { answers: usize, out_of_reach: Vec<IpAddr> },
    SameWithoutServerName,
    Limits(Vec<Limit>),
    SpecialUses(Vec<SpecialUse>),
    Quotas(Vec<Quota>),
    AsProviderSays { provider: &'static str, other_login: Option<Login> },
    AsPublished { by: Vec<String>, otherwise: Vec<Contradiction> },
    RecordsFound { found: usize, missing: Vec<String> },
    Signed(usize),
    NotSigned { names: Vec<String> },
}

/// Why there is nothing to find.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it, and `words.rs` in full")]
pub enum Reason {
    HostIsAddress,
    NothingInClear,
    NoTlsWanted,
    OneAddress,
    LogsInNowhere,
    NoLoginWanted,
    ClientCertificate,
    UntriedLogin,
    PasswordWithLineBreak,
    NoLoginName,
    NoPassword,
    NoTriedMethodOffered(Option<Said>),
    LoginWantedNoneOffered,
    NoFolders,
    NoSearch,
    NoWindow,
    AllInside { inside: usize, days: u16 },
    NoMessage,
    NothingToReceive,
    UncommonAddress,
    NothingSubmitted,
    CheckNotTried(&'static Check),
    NothingToExplain,
    NothingElsewhere,
    NoAlias,
    OwnAddressRefused,
    NoOtherForm,
    CertificateUnread,
    SingleAddress,
    NameIsSaid,
    NoLimitAnnounced,
    NoSpecialUse,
    NoQuota,
    ReadIsDeleted,
    ProviderUnknown,
    NothingPublished,
    NoRecords,
    NoSettings,
    NameServerSilent,
    NoSignatures,
}

impl Reason {
    /// Whether something is missing, which whoever asks could give, or the network's answer: a part of the account was not
    /// looked at.
    #[must_use]
    pub fn is_a_gap(&self) -> bool {
        match self {
            Self::OneAddress
            | Self::ClientCertificate
            | Self::UntriedLogin
            | Self::PasswordWithLineBreak
            | Self::NoLoginName
            | Self::NoPassword
            | Self::NoTriedMethodOffered(_)
            | Self::LoginWantedNoneOffered
            | Self::NameServerSilent => true,
            Self::HostIsAddress
            | Self::NothingInClear
            | Self::NoTlsWanted
            | Self::LogsInNowhere
            | Self::NoLoginWanted
            | Self::NoFolders
            | Self::NoSearch
            | Self::NoWindow
            | Self::AllInside { .. }
            | Self::NoMessage
            | Self::NothingToReceive
            | Self::UncommonAddress
            | Self::NothingSubmitted
            | Self::CheckNotTried(_)
            | Self::NothingToExplain
            | Self::NothingElsewhere
            | Self::NoAlias
            | Self::OwnAddressRefused
            | Self::NoOtherForm
            | Self::CertificateUnread
            | Self::SingleAddress
            | Self::NameIsSaid
            | Self::NoLimitAnnounced
            | Self::NoSpecialUse
            | Self::NoQuota
            | Self::ReadIsDeleted
            | Self::ProviderUnknown
            | Self::NothingPublished
            | Self::NoRecords
            | Self::NoSettings
            | Self::NoSignatures => false,
        }
    }
}

impl Place {
    /// `host:port`, or the domain.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Server(_, endpoint) => endpoint.authority(),
            Self::Domain(domain) => domain.to_string(),
        }
    }

    /// The server, and what it is for.
    #[must_use]
    pub fn server(&self) -> Option<(Protocol, &Endpoint)> {
        match self {
            Self::Server(protocol, endpoint) => Some((*protocol, endpoint)),
            Self::Domain(_) => None,
        }
    }
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

impl Step {
    /// Why it was not looked at, though there is something to look at.
    #[must_use]
    pub fn gap(&self) -> Option<&Reason> {
        match &self.verdict {
            Verdict::NotTried(reason) => Some(reason),
            Verdict::DoesNotApply(reason) => Some(reason).filter(|it| it.is_a_gap()),
            Verdict::Passed(_) | Verdict::Failed(_) | Verdict::NotReached(_) => None,
        }
    }

    /// Why it failed, if it did.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match &self.verdict {
            Verdict::Failed(cause) => Some(cause),
            Verdict::Passed(_) | Verdict::NotReached(_) | Verdict::DoesNotApply(_) | Verdict::NotTried(_) => None,
        }
    }

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
