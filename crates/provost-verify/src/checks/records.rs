//! Do the domain's records lead to where the settings say? What counts is where a client goes first: a record that names a
//! further server is no mistake. A domain that publishes nothing is not ill; one that publishes where to receive and not
//! where to send, or the other way round, is.

use futures::future::join_all;
use provost_account::{Protocol, REGISTERED_SERVICES};
use provost_network::{Absent, Answer, Network};

use crate::attempt::Stop;
use crate::cause::{Cause, DomainFlaw, RecordFlaw};
use crate::domain::{Domain, RecordSays, WantedRecord};
use crate::report::{Evidence, Reason};

pub(super) async fn run(domain: &Domain<'_>) -> Result<Evidence, Stop> {
    let Some(records) = &domain.facts.records else { return Err(Reason::NoSettings.into()) };
    // One query for all records of a name and type.
    let questions = records.chunk_by(|one, other| one.name == other.name && one.says.kind() == other.says.kind());
    let asked = questions.map(async |wanted| Asked { wanted, is: published(domain.network, &wanted[0]).await });
    let asked = join_all(asked).await;
    if asked.iter().all(|it| it.is == Is::Unknown) {
        return Err(Reason::NameServerSilent.into());
    }
    if asked.iter().all(|it| it.first().is_none()) {
        return Err(Reason::NoRecords.into());
    }
    let others = asked.iter().filter_map(Asked::other);
    let flaws: Vec<RecordFlaw> = others.chain(side_without_records(&asked)).collect();
    if !flaws.is_empty() {
        return Err(Stop::Failed(Cause::OfDomain(DomainFlaw::RecordsDiffer { flaws })));
    }
    let wanted = || asked.iter().filter(|it| it.is_offered());
    let missing = wanted().filter(|it| it.is == Is::Nothing).map(|it| it.wanted[0].name.clone()).collect();
    Ok(Evidence::RecordsFound { found: wanted().filter(|it| it.first().is_some()).count(), missing })
}

/// The records that ought to be under a name, and what is.
struct Asked<'a> {
    wanted: &'a [WantedRecord],
    is: Is,
}

#[derive(Debug, PartialEq, Eq)]
enum Is {
    /// These, at least one, the first one for clients first.
    Says(Vec<RecordSays>),
    Nothing,
    /// The name server does not say.
    Unknown,
}

impl Asked<'_> {
    /// Where a client goes first.
    fn first(&self) -> Option<&RecordSays> {
        match &self.is {
            Is::Says(records) => records.first(),
            Is::Nothing | Is::Unknown => None,
        }
    }

    /// Whether the settings have something to lead to. What they do not have, the provider may still offer.
    fn is_offered(&self) -> bool {
        self.wanted[0].says != RecordSays::Srv(None)
    }

    fn other(&self) -> Option<RecordFlaw> {
        let first =
            self.first().filter(|first| self.is_offered() && !self.wanted.iter().any(|it| it.says == **first))?;
        let WantedRecord { name, says } = &self.wanted[0];
        Some(RecordFlaw::Other {
            name: name.clone(),
            wanted: says.clone(),
            is: first.clone(),
            protocol: self.protocol(),
        })
    }

    /// What the service of an SRV record's name speaks.
    fn protocol(&self) -> Option<Protocol> {
        let label = self.wanted[0].name.split('.').next()?.strip_prefix('_')?;
        REGISTERED_SERVICES.iter().find(|service| service.name == label).map(|service| service.protocol)
    }
}

/// Of receiving and sending, the one that no record leads to while one leads to the other.
fn side_without_records(asked: &[Asked<'_>]) -> Option<RecordFlaw> {
    let of = |is_incoming: bool| {
        let is_of_side = move |it: &&Asked<'_>| it.protocol().is_some_and(|it| it.incoming().is_some() == is_incoming);
        asked.iter().filter(is_of_side)
    };
    let leads = |is_incoming| of(is_incoming).any(|it| it.first().is_some_and(|first| *first != RecordSays::Srv(None)));
    let is_known = |is_incoming| of(is_incoming).all(|it| it.is != Is::Unknown);
    let bare = [true, false].into_iter().find(|side| !leads(*side) && leads(!*side) && is_known(*side))?;
    let wanted = of(bare).find(|it| it.is_offered())?;
    Some(RecordFlaw::Missing { name: wanted.wanted[0].name.clone(), protocol: wanted.protocol()? })
}

async fn published(network: &Network, record: &WantedRecord) -> Is {
    match record.says {
        RecordSays::Srv(_) => {
            let mut answer = network.srv(&record.name).await;
            if let Ok(records) = &mut answer.records {
                records.sort_by_key(|it| it.priority);
            }
            is(answer, |it| RecordSays::Srv(it.target.map(|target| (target, it.port))))
        }
        RecordSays::Txt(_) => is(network.txt(&record.name).await, RecordSays::Txt),
        RecordSays::Cname(_) => is(network.cname(&record.name).await, RecordSays::Cname),
    }
}

fn is<T>(answer: Answer<T>, says: impl Fn(T) -> RecordSays) -> Is {
    match answer.records {
        Ok(records) => Is::Says(records.into_iter().map(says).collect()),
        Err(Absent::NoSuchName | Absent::NoData) => Is::Nothing,
        Err(Absent::NotAsked | Absent::Failed(_)) => Is::Unknown,
    }
}
