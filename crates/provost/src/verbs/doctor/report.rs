//! The report of `doctor`: the causes first, with whose fault each is, what the client shows and what to change; the domain,
//! the servers and their checks below. A line of JSON for each account says the same.

use std::path::{Path, PathBuf};

use provost_account::codes::settings as codes;
use provost_account::{Account, Endpoint, Finding, Protocol};
use provost_discover::SourceKind;
use provost_verify::{
    Cause, CauseRow, Contradiction, Diagnosis, Evidence, Outcome, Place, Reason, Recorded, Step, Verdict as Found,
    Words, diagnoses, recorded,
};
use serde_json::{Value, json};

use super::patients::{Patient, Patients};
use super::share::Mask;
use crate::arguments::doctor::Doctor;
use crate::failure::Failure;
use crate::groups::groups;
use crate::verdict::Verdict;
use crate::{complaints, input, output};

/// An account, and what was found at its servers and its domain.
pub(super) struct Examined<'a> {
    pub(super) patient: &'a Patient,
    pub(super) steps: Vec<Step>,
    /// Servers that let the account in where its own do not.
    pub(super) works: Vec<Works>,
}

/// A server that lets the account in, and the kind of source that names it.
pub(super) struct Works {
    pub(super) protocol: Protocol,
    pub(super) endpoint: Endpoint,
    pub(super) kind: SourceKind,
    /// What `init --accept` takes it by, if anything does.
    pub(super) accept: Option<SourceKind>,
}

/// What is to be said of an account, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Judged {
    Good,
    /// Something is missing, the network or a password, so that no check came to a result.
    NotLookedAt,
    Wrong,
}

impl Judged {
    /// What reports for programs say.
    fn as_json(self) -> Option<bool> {
        match self {
            Self::Good => Some(true),
            Self::NotLookedAt => None,
            Self::Wrong => Some(false),
        }
    }
}

/// What is to be said of all accounts: headline, exit status and metric follow from it.
pub(super) fn judged(patients: &Patients, examined: &[Examined<'_>]) -> Judged {
    let of_files = if patients.troubles().next().is_some() { Judged::Wrong } else { Judged::Good };
    examined.iter().map(|it| judged_account(patients, it)).chain([of_files]).max().expect("the files at least")
}

fn judged_account(patients: &Patients, Examined { patient, steps, works: _ }: &Examined<'_>) -> Judged {
    let has = |outcome: Outcome| steps.iter().any(|step| step.outcome() == outcome);
    if has(Outcome::Failed) || patients.troubles().any(|it| is_of(it, patient)) {
        Judged::Wrong
    } else if !has(Outcome::Passed) && steps.iter().any(|step| step.gap().is_some()) {
        Judged::NotLookedAt
    } else {
        Judged::Good
    }
}

/// The exit status.
pub(super) fn verdict(patients: &Patients, examined: &[Examined<'_>]) -> Result<Verdict, Failure> {
    match judged(patients, examined) {
        Judged::Good => Ok(Verdict::Good),
        Judged::Wrong => Ok(Verdict::NotGood),
        Judged::NotLookedAt => {
            let untold = examined.iter().filter(|it| judged_account(patients, it) == Judged::NotLookedAt);
            let mut why: Vec<String> =
                untold.flat_map(|it| &it.steps).filter_map(Step::gap).map(Reason::to_string).collect();
            why.sort_unstable();
            why.dedup();
            Err(anyhow::anyhow!("nothing could be looked at: {}", why.join("; ")).into())
        }
    }
}

/// Prints everything.
pub(super) fn print(patients: &Patients, examined: &[Examined<'_>], options: &Doctor) -> Result<(), Failure> {
    for (at, of_account) in examined.iter().enumerate() {
        let mask = mask(patients, Some(&of_account.patient.account), options);
        match options.json {
            true => output::json_line(&as_json(of_account, examined, patients, &mask, options.client))?,
            false => {
                if at > 0 {
                    output::line("")?;
                }
                text(of_account, patients, &mask, options.client)?;
            }
        }
    }
    let first = patients.accounts.first().map(|patient| &patient.account);
    let mask = mask(patients, first, options);
    if options.json && examined.is_empty() {
        output::json_line(&json!({ "findings": findings(patients, examined, &mask) }))?;
    }
    if !options.json {
        for (file, finding) in untold(patients, examined) {
            output::line(mask.words(complaints::text(file, finding).trim_end()).as_str())?;
        }
        if examined.is_empty() && patients.troubles().next().is_none() {
            output::line("nothing is wrong with the files; no server was asked")?;
        }
    }
    Ok(())
}

/// What hides the account, and where the files are, if the report is to be shown.
fn mask(patients: &Patients, account: Option<&Account>, options: &Doctor) -> Mask {
    let files = options.files().chain(patients.findings.iter().map(|(file, _)| file.as_path()));
    match options.share {
        true => Mask::of(
            account,
            files.chain(patients.accounts.iter().map(|it| Path::new(&it.source)).filter(|it| it.is_file())),
        ),
        false => Mask::off(),
    }
}

/// What is told of an account first.
fn headline(of_account: &Examined<'_>, patients: &Patients) -> String {
    let Examined { patient, steps, works: _ } = of_account;
    let (causes, problems) = (
        diagnoses(steps).len(),
        untold(patients, std::slice::from_ref(of_account)).filter(|it| is_of(it, patient)).count(),
    );
    let mut gaps = steps.iter().filter_map(Step::gap);
    let found = match judged_account(patients, of_account) {
        Judged::Wrong if causes > 0 => input::count(causes, "cause"),
        Judged::Wrong => format!("{} with the file, told below", input::count(problems, "problem")),
        Judged::NotLookedAt => "nothing could be looked at".to_owned(),
        Judged::Good if gaps.next().is_some() => "nothing is wrong with what was looked at".to_owned(),
        Judged::Good => "nothing is wrong".to_owned(),
    };
    let mut without: Vec<&str> = Vec::new();
    for step in steps.iter().filter(|step| step.gap() == Some(&Reason::NoPassword)) {
        if !without.contains(&step.check.name) {
            without.push(step.check.name);
        }
    }
    match (without.is_empty(), patients.is_password_given) {
        (true, _) => found,
        (false, true) => format!("{found}; not without a password: {}", without.join(", ")),
        (false, false) => format!("{found}; not without a password: {} ({HOW_TO_GIVE_IT})", without.join(", ")),
    }
}

fn text(examined: &Examined<'_>, patients: &Patients, mask: &Mask, client: Option<&str>) -> Result<(), Failure> {
    let Examined { patient, steps, works: _ } = examined;
    let (found, verdict) = (diagnoses(steps), headline(examined, patients));
    let (address, source) = (mask.text(patient.account.address.as_str()), source(patient, mask));
    output::line(&format!("{address} ({source}): {verdict}"))?;
    for diagnosis in &found {
        output::line("")?;
        cause(diagnosis, examined, patients, mask, client)?;
    }
    output::line("")?;
    for (place, steps) in groups(steps.iter().map(|step| (place(step), step))) {
        server(&place, &steps, mask)?;
    }
    for step in steps.iter().filter(|step| step.check.name == "arrive" && step.outcome() == Outcome::Passed) {
        output::line(&format!("  the test message arrived after {:.1} s", step.elapsed.as_secs_f32()))?;
    }
    if let Some(told) = message_left(steps) {
        output::line(&format!("  {told}"))?;
    }
    Ok(())
}

fn cause(
    diagnosis: &Diagnosis<'_>,
    Examined { patient, steps, works }: &Examined<'_>,
    patients: &Patients,
    mask: &Mask,
    client: Option<&str>,
) -> Result<(), Failure> {
    let Diagnosis { row, steps: failed, otherwise } = diagnosis;
    let line = |what: &str, text: &str| output::line(&format!("  {what}: {text}"));
    output::line(&format!("{}: {}", row.name, row.what))?;
    line("whose fault", &whose(row))?;
    let (mut whys, mut fixes): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for step in failed {
        let Words { found, cause, fix, .. } = words(step, steps);
        line("found", &mask.words(&format!("{} at {}: {found}", step.check.name, place(step))))?;
        whys.extend(cause.filter(|why| !whys.contains(why)));
        let fix = fix.unwrap_or_else(|| row.fix.to_owned());
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
        for elsewhere in works_elsewhere(step, steps, works) {
            line("works", &mask.words(&elsewhere))?;
        }
    }
    for contradiction in otherwise {
        line("published", &mask.words(&published(contradiction)))?;
    }
    for (file, finding) in patients.troubles().filter(|it| is_told_by(it, patient, row)) {
        line("where", &mask.text(&at(file, finding)))?;
    }
    let is_of = |it: &&Works| failed.iter().any(|step| step.shuts_out() == Some(it.protocol));
    if let Some(kind) = works.iter().filter(is_of).find_map(|it| it.accept) {
        fixes.push(format!(
            "`provost init {} --accept {}` makes settings of what works",
            patient.account.address,
            kind.name()
        ));
    }
    for why in whys {
        line("because", &mask.text(&why))?;
    }
    for fix in fixes {
        line("fix", &mask.text(&fix))?;
    }
    for record in shows(row, client) {
        let said = record.telling_line().unwrap_or("").trim();
        output::line(&format!("  {} shows: {said}", record.version))?;
    }
    line("source", row.source)?;
    Ok(())
}

fn server(place: &str, steps: &[&Step], mask: &Mask) -> Result<(), Failure> {
    let names = |wanted: Outcome| {
        let steps = steps.iter().filter(move |step| step.outcome() == wanted);
        steps.map(|step| step.check.name).collect::<Vec<_>>()
    };
    let took: std::time::Duration = steps.iter().map(|step| step.elapsed).sum();
    let passed = input::count(names(Outcome::Passed).len(), "check");
    let mut line = format!("  {}: {passed} passed in {:.1} s", mask.text(place), took.as_secs_f32());
    for (outcome, what) in [(Outcome::Failed, "failed"), (Outcome::NotReached, "not reached")] {
        if !names(outcome).is_empty() {
            line.push_str(&format!("; {what}: {}", names(outcome).join(", ")));
        }
    }
    output::line(&line)?;
    // What is not asked for the same reason is told once; so is a login without a password, which is nobody's plan.
    let untold = steps.iter().filter_map(|step| Some((step.gap()?.to_string(), step.check.name)));
    for (reason, checks) in groups(untold) {
        output::line(&format!("    not tried: {}: {reason}", checks.join(", ")))?;
    }
    Ok(())
}

/// Where the test message is, if it was sent and not seen again.
fn message_left(steps: &[Step]) -> Option<String> {
    let passed = |name: &str| steps.iter().any(|step| step.check.name == name && step.outcome() == Outcome::Passed);
    let was_seen =
        passed("arrive") || steps.iter().any(|step| matches!(step.cause(), Some(Cause::ArrivedInJunk { .. })));
    let is_left = passed("submit") && !was_seen;
    is_left.then(|| {
        format!("the test message was accepted and not seen: it has the subject {:?}", provost_verify::SUBJECT)
    })
}

fn as_json(
    of_account: &Examined<'_>,
    examined: &[Examined<'_>],
    patients: &Patients,
    mask: &Mask,
    client: Option<&str>,
) -> Value {
    let Examined { patient, steps, .. } = of_account;
    let causes: Vec<Value> =
        diagnoses(steps).iter().map(|it| cause_json(it, of_account, patients, mask, client)).collect();
    let checks = steps.iter().map(|step| {
        let (server, protocol, domain) = place_json(step, mask);
        json!({
            "server": server, "protocol": protocol, "domain": domain, "check": step.check.name,
            "outcome": step.outcome().name(), "found": mask.words(&step.words().found), "ms": milliseconds(step),
        })
    });
    json!({
        "address": mask.text(patient.account.address.as_str()),
        "source": source(patient, mask),
        "good": judged_account(patients, of_account).as_json(),
        "causes": causes,
        "checks": checks.collect::<Vec<_>>(),
        "message_left": message_left(steps),
        "findings": findings(patients, examined, mask),
    })
}

fn cause_json(
    diagnosis: &Diagnosis<'_>,
    Examined { patient, steps, works }: &Examined<'_>,
    patients: &Patients,
    mask: &Mask,
    client: Option<&str>,
) -> Value {
    let Diagnosis { row, steps: failed, otherwise } = diagnosis;
    let places = failed.iter().map(|step| {
        let words = words(step, steps);
        let (server, protocol, domain) = place_json(step, mask);
        json!({
            "server": server, "protocol": protocol, "domain": domain, "check": step.check.name,
            "found": mask.words(&words.found), "expected": mask.text(&words.expected),
            "why": words.cause.map(|it| mask.text(&it)), "fix": mask.text(words.fix.as_deref().unwrap_or(row.fix)),
            "works": works_elsewhere(step, steps, works).first().map(|it| mask.words(it)),
        })
    });
    let wheres = patients.troubles().filter(|it| is_told_by(it, patient, row));
    let wheres: Vec<String> = wheres.map(|(file, finding)| mask.text(&at(file, finding))).collect();
    let said: Vec<String> = otherwise.iter().map(|it| mask.words(&published(it))).collect();
    let shows = shows(row, client).map(|record| json!({"client": record.version, "shows": record.lines}));
    json!({
        "name": row.name, "whose": row.whose.iter().map(|it| it.name()).collect::<Vec<_>>(), "what": row.what,
        "fix": row.fix, "source": row.source, "places": places.collect::<Vec<_>>(), "published": said, "where": wheres,
        "clients": shows.collect::<Vec<_>>(),
    })
}

/// What is wrong with the files, but for what a cause tells too.
fn untold<'a>(patients: &'a Patients, examined: &'a [Examined<'a>]) -> impl Iterator<Item = &'a (PathBuf, Finding)> {
    let told: Vec<(&Patient, &CauseRow)> = examined
        .iter()
        .flat_map(|it| diagnoses(&it.steps).into_iter().map(move |diagnosis| (it.patient, diagnosis.row)))
        .collect();
    patients.troubles().filter(move |finding| !told.iter().any(|(patient, row)| is_told_by(finding, patient, row)))
}

/// Whether a cause of an account is what a finding says of the file that the account comes from.
fn is_told_by(found: &(PathBuf, Finding), patient: &Patient, row: &CauseRow) -> bool {
    let is_its = found.1.code == codes::HOST_CONTRADICTS_PROVIDER && row.name == codes::HOST_CONTRADICTS_PROVIDER.name;
    is_its && is_of(found, patient)
}

/// Whether a finding is about the file that an account comes from.
fn is_of((file, _): &(PathBuf, Finding), patient: &Patient) -> bool {
    file.display().to_string() == patient.source
}

/// The place of a finding.
fn at(file: &Path, finding: &Finding) -> String {
    let place = finding.place.map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
    format!("{}{place}", file.display())
}

/// What somebody says otherwise of the servers of a protocol.
fn published(contradiction: &Contradiction) -> String {
    format!("{contradiction}, for {}", contradiction.protocol.title())
}

fn findings(patients: &Patients, examined: &[Examined<'_>], mask: &Mask) -> Vec<Value> {
    let findings = untold(patients, examined).map(|(file, finding)| {
        let mut finding = complaints::json(file, finding);
        finding["file"] = json!(mask.words(&file.display().to_string()));
        for key in ["message", "fix", "source"] {
            let masked = finding[key].as_str().map(|text| mask.words(text));
            finding[key] = json!(masked);
        }
        finding
    });
    findings.collect()
}

/// A failure in words, without the advice that another check has tried in vain.
fn words(failed: &Step, steps: &[Step]) -> Words {
    let at_the_same = |step: &&Step| step.place == failed.place;
    let is_vain = |step: &Step| matches!(step.verdict, Found::DoesNotApply(Reason::NoOtherForm));
    let words = failed.words();
    match failed.check.name == "login" && steps.iter().filter(at_the_same).any(is_vain) {
        true => Words { cause: None, fix: None, ..words },
        false => words,
    }
}

/// What a client shows with a cause.
pub(super) fn shows(row: &'static CauseRow, client: Option<&str>) -> impl Iterator<Item = &'static Recorded> {
    recorded().iter().filter(move |it| Some(it.client) == client && row.troubles.contains(&it.trouble))
}

/// What works instead: another port, where a check looked, and another server, where the account was let in.
fn works_elsewhere(failed: &Step, steps: &[Step], works: &[Works]) -> Vec<String> {
    let at_the_same = |step: &&Step| step.place == failed.place;
    let ports = steps.iter().filter(at_the_same).filter_map(|step| match &step.verdict {
        Found::Passed(evidence @ Evidence::WorksElsewhere { .. }) => Some(evidence.to_string()),
        Found::Passed(_) | Found::Failed(_) | Found::NotReached(_) | Found::DoesNotApply(_) | Found::NotTried(_) => {
            None
        }
    });
    let servers = works.iter().filter(|it| failed.shuts_out() == Some(it.protocol)).map(|it| {
        let (at, security) = (it.endpoint.authority(), it.endpoint.security.name());
        format!("{at} with {security}, as {} says", it.kind.title())
    });
    ports.chain(servers).collect()
}

/// `you, or settings`.
pub(super) fn whose(row: &CauseRow) -> String {
    row.whose.iter().map(|it| it.name()).collect::<Vec<_>>().join(", or ")
}

/// Where the account comes from: a file, or a page of somebody's.
fn source(patient: &Patient, mask: &Mask) -> String {
    match patient.source.contains("://") {
        true => mask.words(&patient.source),
        false => mask.text(&patient.source),
    }
}

/// A server, or the domain, as the report calls it.
fn place(step: &Step) -> String {
    let what = step.place.server().map_or("domain", |(protocol, _)| protocol.title());
    format!("{} ({what})", step.place.name())
}

/// The server and its protocol, or the domain.
fn place_json(step: &Step, mask: &Mask) -> (Option<String>, Option<&'static str>, Option<String>) {
    let name = mask.text(&step.place.name());
    match step.place {
        Place::Server(protocol, _) => (Some(name), Some(protocol.name()), None),
        Place::Domain(_) => (None, None, Some(name)),
    }
}

fn milliseconds(step: &Step) -> u64 {
    u64::try_from(step.elapsed.as_millis()).expect("a step ends within its time limit")
}

const HOW_TO_GIVE_IT: &str = "give it with --password-file or PROVOST_PASSWORD";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use provost_account::{Account, DomainName, EmailAddress, LeftOpen, Severity};
    use provost_verify::checks;

    use super::*;

    /// What is judged where the checks end so: the first one's headline, and the exit status; `None`: 2.
    fn told(verdicts: &[(&str, Found)], finding: Option<Severity>) -> (String, Option<Verdict>) {
        let patient = Patient {
            source: "mail.yaml".to_owned(),
            account: Account::of(EmailAddress::try_from("jane@example.org").expect("an address")),
            left_open: LeftOpen::default(),
            password: None,
            records: None,
            alternatives: Vec::new(),
        };
        let finding = finding.map(|severity| Finding {
            severity,
            code: codes::HOST_CONTRADICTS_PROVIDER,
            place: None,
            message: "another host".to_owned(),
            fix: String::new(),
            source: "",
            lack: None,
        });
        let findings = finding.into_iter().map(|it| ("mail.yaml".into(), it)).collect();
        let patients = Patients { accounts: Vec::new(), findings, published: None, is_password_given: false };
        let steps = verdicts.iter().map(|(name, verdict)| Step {
            check: checks().iter().find(|check| check.name == *name).expect("a check of the table"),
            place: Place::Domain(DomainName::try_from("example.org").expect("a name")),
            verdict: verdict.clone(),
            elapsed: Duration::ZERO,
        });
        let examined = Examined { patient: &patient, steps: steps.collect(), works: Vec::new() };
        let said = headline(&examined, &patients);
        (said, verdict(&patients, &[examined]).ok())
    }

    #[test]
    fn headline_and_exit_status_agree() {
        let passed = ("connect", Found::Passed(Evidence::Connected));
        let silent = ("published", Found::DoesNotApply(Reason::NameServerSilent));
        let without = ("login", Found::NotTried(Reason::NoPassword));
        let failed = ("tls", Found::Failed(Cause::NoTls));
        let wrong = Some(Severity::Warning);
        for (verdicts, finding, said, verdict) in [
            (vec![passed.clone()], None, "nothing is wrong", Some(Verdict::Good)),
            (vec![passed.clone()], Some(Severity::Note), "nothing is wrong", Some(Verdict::Good)),
            (vec![passed.clone()], wrong, "1 problem with the file, told below", Some(Verdict::NotGood)),
            (vec![silent.clone()], wrong, "1 problem with the file, told below", Some(Verdict::NotGood)),
            (vec![failed, silent.clone()], None, "1 cause", Some(Verdict::NotGood)),
            (vec![silent.clone()], None, "nothing could be looked at", None),
            (
                vec![("published", Found::DoesNotApply(Reason::NothingPublished))],
                None,
                "nothing is wrong",
                Some(Verdict::Good),
            ),
            (vec![passed.clone(), silent], None, "nothing is wrong with what was looked at", Some(Verdict::Good)),
            (
                vec![passed, without],
                None,
                "nothing is wrong with what was looked at; not without a password: login (give it with \
                 --password-file or PROVOST_PASSWORD)",
                Some(Verdict::Good),
            ),
        ] {
            assert_eq!(told(&verdicts, finding), (said.to_owned(), verdict), "{verdicts:?}");
        }
    }
}
