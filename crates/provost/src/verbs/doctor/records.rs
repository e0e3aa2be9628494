//! The records that a service's settings make, for the doctor to hold against those that are published. It asks nobody.

use provost_account::{DomainName, Service};
use provost_profile::{DnsData, DnsRecord, dns_records};
use provost_verify::{RecordSays, WantedRecord};

/// The records that lead to a service; `None`: none can, or the domain is another's.
pub(super) fn wanted(service: &Service, domain: &DomainName) -> Option<Vec<WantedRecord>> {
    let (records, _) = dns_records(service, domain).ok().filter(|_| service.domains.contains(domain))?;
    let wanted = |DnsRecord { name, data }| {
        let says = match data {
            DnsData::Srv { port, target, .. } => RecordSays::Srv(target.map(|target| (target, port))),
            DnsData::Txt(text) => RecordSays::Txt(text),
            DnsData::Cname(target) => RecordSays::Cname(target),
        };
        WantedRecord { name, says }
    };
    Some(records.into_iter().map(wanted).collect())
}
