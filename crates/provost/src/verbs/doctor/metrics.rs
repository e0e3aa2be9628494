//! What was found as Prometheus text (exposition format 0.0.4), for node_exporter's textfile collector, say. The labels
//! hold servers, domains, checks and causes; no address and no login name. The file is there whole, or not at all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use provost_verify::{Outcome, Place, diagnoses};

use super::patients::Patients;
use super::report::{self, Examined, Judged};
use crate::failure::Failure;
use crate::named_file::{self, Readers};

/// Writes the file anew. Unlike the profiles it is for others to read: the collector is another user.
pub(super) fn write(
    path: &Path,
    patients: &Patients,
    examined: &[Examined<'_>],
    now: SystemTime,
) -> Result<(), Failure> {
    Ok(named_file::write(path, Readers::Others, text(report::judged(patients, examined), examined, now).as_bytes())?)
}

fn text(judged: Judged, examined: &[Examined<'_>], now: SystemTime) -> String {
    let steps = || examined.iter().flat_map(|it| &it.steps);
    // Two accounts may have the same server: the worse counts, and the longer time.
    let (mut checks, mut seconds, mut causes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for step in steps() {
        let passed = match step.outcome() {
            Outcome::Passed => 1,
            Outcome::Failed => 0,
            Outcome::NotReached | Outcome::DoesNotApply | Outcome::NotTried => continue,
        };
        let (place, check) = (escaped(&step.place.name()), step.check.name);
        let labels = match &step.place {
            Place::Server(protocol, _) => {
                format!("{{server=\"{place}\",protocol=\"{}\",check=\"{check}\"}}", protocol.name())
            }
            Place::Domain(_) => format!("{{domain=\"{place}\",check=\"{check}\"}}"),
        };
        let took = step.elapsed.as_secs_f64();
        checks.entry(labels.clone()).and_modify(|it| *it = passed.min(*it)).or_insert(passed);
        seconds.entry(labels).and_modify(|it| *it = took.max(*it)).or_insert(took);
    }
    for diagnosis in examined.iter().flat_map(|it| diagnoses(&it.steps)) {
        let whose = diagnosis.row.whose.first().map_or("", |it| it.name());
        *causes.entry(format!("{{cause=\"{}\",whose=\"{whose}\"}}", diagnosis.row.name)).or_insert(0) += 1;
    }
    let is_good = u8::from(judged == Judged::Good);
    let at = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut text = String::new();
    family(&mut text, "provost_doctor_good", "Whether nothing is wrong.", [(String::new(), is_good)]);
    family(&mut text, "provost_doctor_last_run_timestamp_seconds", "When the run ended.", [(String::new(), at)]);
    family(&mut text, "provost_doctor_check_passed", "Whether a check passed.", checks);
    family(&mut text, "provost_doctor_check_duration_seconds", "How long a check took.", seconds);
    family(&mut text, "provost_doctor_causes", "How many accounts have a cause.", causes);
    text
}

fn family<N: std::fmt::Display>(
    text: &mut String,
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (String, N)>,
) {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge").expect("a String takes everything");
    for (labels, value) in samples {
        writeln!(text, "{name}{labels} {value}").expect("a String takes everything");
    }
}

/// A label's value: a backslash, a quotation mark and a line feed are escaped.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use provost_account::{
        Account, Authentication, DomainName, EmailAddress, Endpoint, Host, LeftOpen, Port, Protocol, Security,
    };
    use provost_verify::{Cause, Evidence, Step, Verdict, checks};

    use super::*;
    use crate::verbs::doctor::patients::Patient;

    fn step(name: &str, verdict: Verdict) -> Step {
        let check = checks().iter().find(|check| check.name == name).expect("a check of the table");
        let endpoint = Endpoint {
            host: Host::try_from("imap.example.org").expect("a host"),
            port: Port::try_from(993).expect("a port"),
            security: Security::ImplicitTls,
            authentication: Authentication::PasswordCleartext,
        };
        Step { check, place: Place::Server(Protocol::Imap, endpoint), verdict, elapsed: Duration::from_millis(1500) }
    }

    #[test]
    fn what_was_found_is_text_for_prometheus_without_an_address() {
        let patient = Patient {
            source: "mail.yaml".to_owned(),
            account: Account::of(EmailAddress::try_from("jane@example.org").expect("an address")),
            left_open: LeftOpen::default(),
            password: None,
            records: None,
            alternatives: Vec::new(),
        };
        let domain = Place::Domain(DomainName::try_from("example.org").expect("a name"));
        let steps = vec![
            step("connect", Verdict::Passed(Evidence::Connected)),
            step("tls", Verdict::Failed(Cause::NoTls)),
            Step { place: domain, ..step("dnssec", Verdict::Passed(Evidence::Signed(3))) },
        ];
        let text = text(
            Judged::Wrong,
            &[Examined { patient: &patient, steps, works: Vec::new() }],
            UNIX_EPOCH + Duration::from_secs(1_800_000_000),
        );
        assert_eq!(text, EXPECTED);
        assert!(!text.contains('@'), "{text}");
    }

    /// https://prometheus.io/docs/instrumenting/exposition_formats/: HELP, TYPE, then the samples of each family.
    const EXPECTED: &str = r#"# HELP provost_doctor_good Whether nothing is wrong.
# TYPE provost_doctor_good gauge
provost_doctor_good 0
# HELP provost_doctor_last_run_timestamp_seconds When the run ended.
# TYPE provost_doctor_last_run_timestamp_seconds gauge
provost_doctor_last_run_timestamp_seconds 1800000000
# HELP provost_doctor_check_passed Whether a check passed.
# TYPE provost_doctor_check_passed gauge
provost_doctor_check_passed{domain="example.org",check="dnssec"} 1
provost_doctor_check_passed{server="imap.example.org:993",protocol="imap",check="connect"} 1
provost_doctor_check_passed{server="imap.example.org:993",protocol="imap",check="tls"} 0
# HELP provost_doctor_check_duration_seconds How long a check took.
# TYPE provost_doctor_check_duration_seconds gauge
provost_doctor_check_duration_seconds{domain="example.org",check="dnssec"} 1.5
provost_doctor_check_duration_seconds{server="imap.example.org:993",protocol="imap",check="connect"} 1.5
provost_doctor_check_duration_seconds{server="imap.example.org:993",protocol="imap",check="tls"} 1.5
# HELP provost_doctor_causes How many accounts have a cause.
# TYPE provost_doctor_causes gauge
provost_doctor_causes{cause="starttls-fails",whose="provider"} 1
"#;
}
