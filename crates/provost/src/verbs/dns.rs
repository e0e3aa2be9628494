//! `provost dns`: the records by which clients find a service's servers, and how what is published differs from them. The
//! records are those of the format `dns-zone`. It changes nobody's zone.

mod compared;

use anyhow::Context;
use futures::future::join_all;
use provost_account::{DomainName, Service};
use provost_network::{Absent, Answer, Dns as Names, Dnssec};
use provost_profile::{DnsData, DnsRecord, dns_records};
use serde_json::json;

use crate::arguments::Dns;
use crate::failure::Failure;
use crate::verdict::Verdict;
use crate::{input, output};

use compared::{Compared, Published, Standing};

/// Prints the records, or compares them with what is published.
pub(crate) fn run(options: &Dns) -> Result<Verdict, Failure> {
    let service = input::settings(&options.config)?;
    let mut all = Vec::new();
    for domain in &service.domains {
        let (records, losses) = dns_records(&service, domain).map_err(|refusal| {
            let hint = format!("see {}", refusal.known_from);
            Failure::hinted(anyhow::Error::new(refusal).context(format!("no records lead to {domain}")), hint)
        })?;
        if all.is_empty() {
            for loss in losses {
                eprintln!("note: no record says {} {}: {} ({})", loss.setting, loss.asked, loss.reason, loss.source);
            }
        }
        all.push((domain, records));
    }
    match options.check {
        true => check(&all, options),
        false => print(&service, &all, options),
    }
}

fn print(service: &Service, all: &[(&DomainName, Vec<DnsRecord>)], options: &Dns) -> Result<Verdict, Failure> {
    let ttl = service.publication.dns_ttl.map(|ttl| ttl.seconds());
    for (domain, records) in all {
        for record in records {
            match options.json {
                false => output::line(&record.line(ttl))?,
                true => output::json_line(&json!({
                    "provost": 1,
                    "domain": domain.as_str(),
                    "name": record.name,
                    "ttl": ttl,
                    "type": record.data.kind(),
                    "data": record.data.to_string(),
                }))?,
            }
        }
    }
    Ok(Verdict::Good)
}

fn check(all: &[(&DomainName, Vec<DnsRecord>)], options: &Dns) -> Result<Verdict, Failure> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let mut rows = vec![["", "name", "type", "dnssec", "should be", "is"].map(str::to_owned).to_vec()];
    let (mut unanswered, mut different) = (Vec::new(), 0);
    runtime.block_on(async {
        let names = match options.name_server.as_slice() {
            [] => Names::of_system()?,
            servers => Names::at(servers)?,
        };
        let names = input::trusting(names, options.trust_anchor.as_deref())?;
        for (domain, records) in all {
            // One query for all records of a name and type.
            let questions = records.chunk_by(|a, b| a.name == b.name && a.data.kind() == b.data.kind());
            let asked = questions.map(async |wanted| (wanted, published(&names, &wanted[0]).await));
            for (wanted, (published, dnssec)) in join_all(asked).await {
                for it in compared::compared(wanted, &published) {
                    unanswered.extend((it.status == Standing::Unknown).then(|| it.name.clone()));
                    different += usize::from(it.status != Standing::Found || dnssec == Some(Dnssec::Bogus));
                    match options.json {
                        true => output::json_line(&as_json(domain, &it, dnssec))?,
                        false => rows.push(row(&it, dnssec)),
                    }
                }
            }
        }
        Ok::<(), Failure>(())
    })?;
    if !options.json {
        output::table(&rows)?;
    }
    match unanswered.as_slice() {
        [] => Ok(if different == 0 { Verdict::Good } else { Verdict::NotGood }),
        [first, ..] => {
            let error = anyhow::anyhow!("no answer for {}, {first} first", input::count(unanswered.len(), "record"));
            Err(Failure::hinted(error, "the table says why; ask another name server with --name-server"))
        }
    }
}

/// What is published under a record's name, of its type, and whether it is signed: `None` where there is nothing.
async fn published(names: &Names, record: &DnsRecord) -> (Published, Option<Dnssec>) {
    match record.data {
        DnsData::Srv { .. } => of(names.srv(&record.name).await, |it| DnsData::Srv {
            priority: it.priority,
            weight: it.weight,
            port: it.port,
            target: it.target,
        }),
        DnsData::Txt(_) => of(names.txt(&record.name).await, DnsData::Txt),
        DnsData::Cname(_) => of(names.cname(&record.name).await, DnsData::Cname),
    }
}

fn of<T>(answer: Answer<T>, data: impl Fn(T) -> DnsData) -> (Published, Option<Dnssec>) {
    match answer.records {
        Ok(records) => (Published::Records(records.into_iter().map(data).collect()), Some(answer.dnssec)),
        Err(Absent::NoSuchName | Absent::NotAsked) => (Published::Nothing, None),
        Err(Absent::NoData) => (Published::OtherTypes, None),
        Err(Absent::Failed(why)) => (Published::Unknown(why.to_string()), None),
    }
}

fn row(compared: &Compared, dnssec: Option<Dnssec>) -> Vec<String> {
    let Compared { name, kind, status, wanted, is } = compared;
    let wanted = wanted.as_ref().map_or("", String::as_str);
    // What is there as it should be is not said twice.
    let is = if *status == Standing::Found { "" } else { is };
    let dnssec = match dnssec {
        None => "",
        Some(Dnssec::Secure) => "signed",
        Some(Dnssec::Insecure) => "not signed",
        Some(Dnssec::Bogus) => "wrong signature",
        Some(Dnssec::Unknown) => "unknown",
    };
    [status.name(), name, kind, dnssec, wanted, is].map(str::to_owned).to_vec()
}

fn as_json(domain: &DomainName, compared: &Compared, dnssec: Option<Dnssec>) -> serde_json::Value {
    let Compared { name, kind, status, wanted, is } = compared;
    json!({
        "provost": 1,
        "domain": domain.as_str(),
        "status": status.name(),
        "name": name,
        "type": kind,
        "dnssec": dnssec.map(Dnssec::name),
        "should_be": wanted,
        "is": is,
    })
}
