//! Asks what a domain publishes for mail programs: every source that is in the network, and the provider database. What each
//! was asked and what came of it is kept, found or not. It chooses nothing.

mod autoconfig;
mod autodiscover;
mod database;
mod guess;
mod mx;
mod names;
mod pacc;
mod read;
mod srv;
mod web;
mod well_known;

use std::path::Path;

use futures::future::join_all;
use provost_account::{DomainName, EmailAddress, Finding, Protocol};
use provost_network::Network;

use crate::opinion::Opinion;
use crate::source::{Source, SourceKind};
use well_known::Collection;

pub use database::{Database, DatabaseError};
pub use srv::is_outside;

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The domain.
    pub domain: &'a DomainName,
    /// Somebody's address there, for the web servers whose description has it: `https://autoconfig.D/` and Autodiscover.
    /// `None`: they learn the domain only, and Autodiscover, which cannot be asked without an address, is asked for a
    /// stand-in.
    pub address: Option<&'a EmailAddress>,
    /// Where the provider database is, if it is to be asked.
    pub database: Option<&'a Database>,
    /// Whether usual names and well-known URLs are tried where nobody says anything.
    pub guesses: Guesses,
}

/// Whether what nobody names is looked for in its usual places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guesses {
    /// They are.
    Tried,
    /// What is published is enough.
    LeftOut,
}

impl Asking<'_> {
    /// Whom documents are read for. What they say of this person becomes a rule for everybody. `None`: the domain leaves no
    /// room for an address.
    fn person(&self) -> Option<EmailAddress> {
        self.address.cloned().or_else(|| stand_in(self.domain))
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// What each source says, the most trusted kind first.
    pub opinions: Vec<Opinion>,
    /// Everything that was asked, in the same order.
    pub asked: Vec<Asked>,
}

/// A question, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The kind of source.
    pub kind: SourceKind,
    /// A URL, the name of records, a file, a server.
    pub at: String,
    /// Why nothing was found; `None`: something was.
    pub nothing: Option<Nothing>,
}

/// Why a source says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nothing {
    /// There is no such name, no such record, or no such file.
    NotThere,
    /// Records say that the service is not offered (RFC 2782: the target is the root).
    NotOffered,
    /// The web server answers with this status.
    Status(u16),
    /// What is there is not what was asked for, or has nothing in it.
    Unusable(Vec<Finding>),
    /// The document is not the one whose digest is in the DNS.
    DigestDiffers,
    /// DNSSEC shows that the answer is forged, or that the zone is broken.
    Bogus,
    /// It could not be asked, or what it says was not taken.
    Unasked {
        /// Why.
        detail: String,
    },
}

/// A question with the opinion, if there is one.
struct Tried {
    kind: SourceKind,
    at: String,
    outcome: Result<Opinion, Nothing>,
}

/// Asks every source about the address's domain, all at once. Unless guesses are left out, it tries usual host names for mail
/// where none of them has a server, and the well-known URLs where none has a calendar or an address book.
pub async fn discover(network: &Network, asking: &Asking<'_>) -> Discovered {
    let domain = asking.domain;
    let (Some(person), Some(stand_in)) = (&asking.person(), &stand_in(domain)) else { return collected(Vec::new()) };
    // In the order in which sources of one kind count: PACC's document has no STARTTLS, and one server of each protocol.
    let (autoconfig, pacc, autodiscover, srv, database, mx) = tokio::join!(
        autoconfig::ask(network, asking, person),
        pacc::ask(network, person),
        autodiscover::ask(network, person, stand_in),
        srv::ask(network, person),
        database::ask(network, asking, person, domain, SourceKind::Database),
        mx::ask(network, asking, person),
    );
    let mut tried: Vec<Tried> = [autoconfig, pacc, autodiscover, srv, database, mx].into_iter().flatten().collect();
    let has = |is_wanted: fn(Protocol) -> bool| {
        let servers = tried.iter().filter_map(|it| it.outcome.as_ref().ok()).flat_map(|it| &it.servers);
        servers.into_iter().any(|said| is_wanted(said.value.0))
    };
    let wanted = guess::Wanted {
        incoming: !has(|protocol| protocol.incoming().is_some()),
        outgoing: !has(|protocol| protocol.incoming().is_none()),
    };
    match asking.guesses {
        Guesses::LeftOut => {}
        Guesses::Tried => {
            let open = Collection::ALL.into_iter().filter(|collection| collection.is_open(&tried));
            let collections = join_all(open.map(|collection| well_known::ask(network, person, collection)));
            let (guesses, collections) = tokio::join!(guess::ask(network, domain, wanted), collections);
            tried.extend(guesses.into_iter().chain(collections));
        }
    }
    collected(tried)
}

/// What the folder of a provider database says about a domain. It needs no network, and tells nobody.
#[must_use]
pub fn discover_in_folder(folder: &Path, domain: &DomainName) -> Discovered {
    let tried = stand_in(domain).map(|person| database::in_folder(folder, &person, domain, SourceKind::Database));
    collected(tried.into_iter().collect())
}

/// The opinions and the questions, the most trusted kind first.
fn collected(mut tried: Vec<Tried>) -> Discovered {
    let mut discovered = Discovered { opinions: Vec::new(), asked: Vec::new() };
    // Stable.
    tried.sort_by_key(|it| it.kind);
    for Tried { kind, at, outcome } in tried {
        let nothing = match outcome {
            Ok(opinion) => {
                discovered.opinions.push(opinion);
                None
            }
            Err(nothing) => Some(nothing),
        };
        discovered.asked.push(Asked { kind, at, nothing });
    }
    discovered
}

/// Nobody in a domain. Nothing in a document looks like this by chance.
fn stand_in(domain: &DomainName) -> Option<EmailAddress> {
    EmailAddress::try_from(format!("provost-discovery@{domain}").as_str()).ok()
}

fn source(kind: SourceKind, at: &str) -> Source {
    Source { kind, at: at.to_owned(), read: None }
}
