//! What is known of an account's domain: what is said of its servers, and which records it ought to have. Whoever examines
//! an account gathers it; here it is held against the account. It knows neither settings nor who was asked.

use provost_account::{Account, Endpoint, Protocol};
use provost_network::Network;

/// What is known of a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainFacts {
    /// What the domain publishes about its servers today, a claim for each source that says something. `None`: there was no
    /// answer in time.
    pub published: Option<Vec<Claim>>,
    /// The records that the account's settings make. `None`: there are no settings, or none that records can express.
    pub records: Option<Vec<WantedRecord>>,
}

/// What one source says of a domain's servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The source, in words.
    pub source: String,
    /// The servers.
    pub servers: Vec<(Protocol, Endpoint)>,
    /// What it is worth.
    pub worth: Worth,
}

/// What a claim is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It is the domain's own word: an account that differs is wrong, or the claim is.
    Binding,
    /// Anybody on the way may have made it.
    Hint,
}

/// A record that a domain ought to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedRecord {
    /// Its name, without the last dot.
    pub name: String,
    /// What it says.
    pub says: RecordSays,
}

/// What a record says, as far as a client follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordSays {
    /// SRV: where a service is; `None`: it is not offered.
    Srv(Option<(String, u16)>),
    /// TXT.
    Txt(String),
    /// CNAME.
    Cname(String),
}

/// A domain, with all that a check needs to judge it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Domain<'a> {
    pub(crate) account: &'a Account,
    pub(crate) facts: &'a DomainFacts,
    pub(crate) network: &'a Network,
}

impl RecordSays {
    /// The type's name, as in a zone file.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Srv(_) => "SRV",
            Self::Txt(_) => "TXT",
            Self::Cname(_) => "CNAME",
        }
    }
}
