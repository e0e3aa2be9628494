//! Records that should be published beside those that are. It asks nobody.

use std::collections::BTreeSet;

use provost_profile::{DnsData, DnsRecord};

/// What is published under a name, of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Published {
    /// These, at least one.
    Records(Vec<DnsData>),
    /// There is no such name.
    Nothing,
    /// There is such a name, with nothing of this type.
    OtherTypes,
    /// The name server does not say, for this reason.
    Unknown(String),
}

/// A record that should be published, or is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) status: Standing,
    /// What it should say; `None`: nothing of the kind is wanted.
    pub(super) wanted: Option<String>,
    /// What is there, in words.
    pub(super) is: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is published.
    Found,
    /// It is not.
    Missing,
    /// Something else is published in its place.
    Other,
    /// It is published, and not wanted.
    Extra,
    /// The name server does not say.
    Unknown,
}

impl Standing {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Missing => "missing",
            Self::Other => "other",
            Self::Extra => "extra",
            Self::Unknown => "unknown",
        }
    }
}

/// Compares the records of one name and type: first those that should be there, in their order, then what else is.
pub(super) fn compared(wanted: &[DnsRecord], published: &Published) -> Vec<Compared> {
    let Some(DnsRecord { name, data }) = wanted.first() else { return Vec::new() };
    let told = |status, wanted: Option<&DnsData>, is: String| {
        let wanted = wanted.map(ToString::to_string);
        Compared { name: name.clone(), kind: data.kind(), status, wanted, is }
    };
    let all = |status, is: &str| wanted.iter().map(|it| told(status, Some(&it.data), is.to_owned())).collect();
    let records = match published {
        Published::Records(records) => records,
        Published::Nothing => return all(Standing::Missing, "no such name"),
        // A name with an address of its own leads there too, if it is the right one.
        Published::OtherTypes if matches!(data, DnsData::Cname(_)) => return all(Standing::Other, "no alias"),
        Published::OtherTypes => return all(Standing::Missing, "nothing of this type"),
        Published::Unknown(why) => return all(Standing::Unknown, why),
    };
    let is_wanted = |record: &DnsData| wanted.iter().any(|it| is_same(&it.data, record));
    let mut surplus = records.iter().filter(|record| !is_wanted(record));
    let mut compared: Vec<Compared> = wanted
        .iter()
        .map(|DnsRecord { data, .. }| match records.iter().find(|record| is_same(data, record)) {
            Some(record) => told(Standing::Found, Some(data), record.to_string()),
            None => match surplus.next() {
                Some(record) => told(Standing::Other, Some(data), record.to_string()),
                None => told(Standing::Missing, Some(data), "nothing more".to_owned()),
            },
        })
        .collect();
    let rest: BTreeSet<String> = surplus.map(ToString::to_string).collect();
    compared.extend(rest.into_iter().map(|record| told(Standing::Extra, None, record)));
    compared
}

/// Whether a client does the same with both: names in any case, and a weight only counts among records of one priority
/// (RFC 2782), of which there are never two here.
fn is_same(wanted: &DnsData, published: &DnsData) -> bool {
    match (wanted, published) {
        (
            DnsData::Srv { priority, weight: _, port, target: Some(target) },
            DnsData::Srv { priority: its, weight: _, port: its_port, target: Some(its_target) },
        ) => priority == its && port == its_port && target.eq_ignore_ascii_case(its_target),
        // RFC 2782: a target of "." means that the service is not available, whatever stands before it.
        (DnsData::Srv { target: None, .. }, DnsData::Srv { target: None, .. }) => true,
        (DnsData::Txt(text), DnsData::Txt(its)) => text == its,
        (DnsData::Cname(target), DnsData::Cname(its)) => target.eq_ignore_ascii_case(its),
        (DnsData::Srv { .. } | DnsData::Txt(_) | DnsData::Cname(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srv(priority: u16, port: u16, target: &str) -> DnsData {
        let target = (!target.is_empty()).then(|| target.to_owned());
        DnsData::Srv { priority, weight: 1, port, target }
    }

    #[track_caller]
    fn check(wanted: &[DnsData], published: &Published, expected: &[(&str, &str)]) {
        let record = |data: &DnsData| DnsRecord { name: "_imaps._tcp.example.org".to_owned(), data: data.clone() };
        let wanted: Vec<DnsRecord> = wanted.iter().map(record).collect();
        let compared = compared(&wanted, published);
        let told: Vec<(&str, &str)> = compared.iter().map(|it| (it.status.name(), it.is.as_str())).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_record_is_found_in_any_case_and_with_any_weight() {
        let published = DnsData::Srv { priority: 0, weight: 7, port: 993, target: Some("Mail.Example.ORG".to_owned()) };
        check(
            &[srv(0, 993, "mail.example.org")],
            &Published::Records(vec![published]),
            &[("found", "0 7 993 Mail.Example.ORG.")],
        );
        let none = DnsData::Srv { priority: 9, weight: 9, port: 9, target: None };
        check(&[srv(0, 0, "")], &Published::Records(vec![none]), &[("found", "9 9 9 .")]);
    }

    #[test]
    fn what_is_there_in_its_place_is_told() {
        let wanted = [srv(0, 993, "a.example.org"), srv(10, 993, "b.example.org")];
        let published =
            vec![srv(10, 993, "b.example.org"), srv(0, 993, "old.example.org"), srv(20, 993, "c.example.org")];
        check(
            &wanted,
            &Published::Records(published),
            &[
                ("other", "0 1 993 old.example.org."),
                ("found", "10 1 993 b.example.org."),
                ("extra", "20 1 993 c.example.org."),
            ],
        );
        check(
            &wanted,
            &Published::Records(vec![srv(0, 993, "a.example.org")]),
            &[("found", "0 1 993 a.example.org."), ("missing", "nothing more")],
        );
        // A service that is said to be missing is not one on another port.
        check(
            &[srv(0, 0, "")],
            &Published::Records(vec![srv(0, 993, "a.example.org")]),
            &[("other", "0 1 993 a.example.org.")],
        );
    }

    #[test]
    fn an_absence_says_which() {
        let txt = [DnsData::Txt("path=/dav/".to_owned())];
        check(&txt, &Published::Nothing, &[("missing", "no such name")]);
        check(&txt, &Published::OtherTypes, &[("missing", "nothing of this type")]);
        check(&[DnsData::Cname("www.example.org".to_owned())], &Published::OtherTypes, &[("other", "no alias")]);
        check(&txt, &Published::Unknown("no answer".to_owned()), &[("unknown", "no answer")]);
    }
}
