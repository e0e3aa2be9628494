//! What is proven: every account that a device understood from a file, and every server of the settings directly.

use std::time::Duration;

use provost_account::{Account, EmailAddress, Finding, LeftOpen, Security, Severity, TlsLeftOpen, codes};
use provost_device::Person;
use provost_verify::{Outcome, Row};

use super::against::{Against, Known};
use crate::dist::declared::loss_behind;
use crate::failure::Failure;
use crate::misfits::{Holder, Misfits, misfits};
use crate::profiles::{Loaded, ProfileFiles};

/// What the report calls the format of a proof that comes from the settings and not from a file.
pub(crate) const SERVICE: &str = "service";

/// One account to prove, and what the report calls it.
#[derive(Debug)]
pub(crate) struct Proven {
    /// The file that the device opens first, then those that it leads to.
    pub(crate) files: Vec<String>,
    pub(crate) format: String,
    pub(crate) device: String,
    pub(crate) address: String,
    /// The account as the device understood it, or why it understood none.
    pub(crate) account: Result<Account, Unproven>,
    /// What the file leaves to the device.
    pub(crate) left_open: LeftOpen,
}

/// Why nothing of a file is proven.
#[derive(Debug)]
pub(crate) enum Unproven {
    /// The device refuses it.
    Refused(Refused),
    /// It is for several people, and this one has another login name than it gives.
    DoesNotFit(String),
    /// The device refuses it, and `generate` has said so.
    Declared(String),
}

/// The device refuses the file.
#[derive(Debug)]
pub(crate) struct Refused {
    found: String,
    fix: Option<String>,
}

impl Unproven {
    /// The row of the report.
    pub(crate) fn row(&self) -> Row {
        let row = Row {
            check: "read",
            server: String::new(),
            outcome: Outcome::Failed,
            found: String::new(),
            expected: String::new(),
            cause: None,
            fix: None,
            elapsed: Duration::ZERO,
        };
        match self {
            Self::Refused(refused) => Row {
                found: refused.found.clone(),
                expected: "a file that the device accepts".to_owned(),
                fix: refused.fix.clone(),
                ..row
            },
            Self::Declared(found) => Row {
                check: DECLARED,
                outcome: Outcome::DoesNotApply,
                found: found.clone(),
                expected: "a file that the device accepts".to_owned(),
                ..row
            },
            Self::DoesNotFit(found) => Row {
                check: FITS,
                outcome: Outcome::NotTried,
                found: found.clone(),
                expected: "a file that gives everybody their own login name".to_owned(),
                ..row
            },
        }
    }
}

/// What the report calls the check whether what a device refuses was told of when the file was written.
pub(crate) const DECLARED: &str = "declared";
/// What the report calls the check whether a file for several people fits one of them.
pub(crate) const FITS: &str = "fits";

/// The row of an account that has no server which is proven here, such as one of Exchange.
pub(crate) fn nothing_to_prove() -> Row {
    Row {
        check: "read",
        server: String::new(),
        outcome: Outcome::DoesNotApply,
        found: "an account without a server over IMAP, POP3 or SMTP, so nothing of it is proven".to_owned(),
        expected: "a server to prove".to_owned(),
        cause: None,
        fix: None,
        elapsed: Duration::ZERO,
    }
}

/// The account without the servers of which the file says nothing about TLS and the settings say that there is none, and a
/// row for each: whether a device goes on without TLS there is unconfirmed, and no password is sent in clear to find out.
pub(crate) fn without_tls(account: &Account, left_open: &LeftOpen, known: Option<&Known>) -> (Account, Vec<Row>) {
    let mut account = account.clone();
    let mut rows = Vec::new();
    let Some(known) = known.filter(|_| left_open.tls == TlsLeftOpen::Everything) else { return (account, rows) };
    let settings = known.service.servers().map(|(_, endpoint)| endpoint);
    let in_clear: Vec<String> =
        settings.filter(|it| it.security == Security::Cleartext).map(provost_account::Endpoint::authority).collect();
    let mut is_tried = |endpoint: &provost_account::Endpoint| {
        let place = endpoint.authority();
        let is_tried = !in_clear.contains(&place);
        if !is_tried {
            rows.push(Row {
                check: "tls",
                server: place,
                outcome: Outcome::NotTried,
                found: "the settings want no TLS there, and the file says nothing of it: whether the device goes on without \
                        is unconfirmed"
                    .to_owned(),
                expected: "a file that says whether there is TLS".to_owned(),
                cause: None,
                fix: None,
                elapsed: Duration::ZERO,
            });
        }
        is_tried
    };
    account.incoming.retain(|it| is_tried(&it.server.endpoint));
    account.outgoing.retain(|it| is_tried(&it.endpoint));
    (account, rows)
}

/// Everything to prove: the servers of the settings first, then the files in their order.
pub(crate) fn all(
    files: &[ProfileFiles],
    against: &Against,
    address: Option<&EmailAddress>,
) -> Result<Vec<Proven>, Failure> {
    let mut subjects = against.servers();
    for file in files {
        let misfit = of_a_misfit(file, against)?;
        let whose = match &file.row {
            Some(row) if row.address.is_none() => {
                let path = file.path().display();
                eprintln!("note: {path} is not proven: nobody in the list has the login name that it gives");
                subjects.extend(misfit);
                continue;
            }
            Some(row) => row.address()?,
            None => address.cloned().or_else(|| against.holder_of(file.path())),
        };
        subjects.extend(of_profile(file, whose)?);
        subjects.extend(misfit);
    }
    Ok(subjects)
}

/// The losses that `generate` declared, if they are all that is wrong.
fn declared(profile: &ProfileFiles, loaded: &Loaded, findings: &[Finding]) -> Option<String> {
    let row = loaded.as_written(profile.row.as_ref())?;
    let mut reasons = Vec::new();
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
        let loss = loss_behind(row, finding)?;
        let reason =
            format!("{}, as the losses say: {} {}: {}", finding.message, loss.setting, loss.asked, loss.reason);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// The first person whom a file for several gives a login name that is not theirs.
fn of_a_misfit(file: &ProfileFiles, against: &Against) -> Result<Option<Proven>, Failure> {
    let Some((row, known)) = file.row.as_ref().filter(|row| row.scope != "user").zip(against.known()) else {
        return Ok(None);
    };
    let loaded = file.load()?;
    let Some(format) = loaded.format else { return Ok(None) };
    let read = |person: &Person| loaded.read(format, person).ok()?.profiles.into_iter().next();
    let domain = row.domain()?;
    let holders = known.accounts.iter().map(Holder::of);
    let Some(found) = misfits(holders, domain.as_ref(), Some(&known.service.login), read) else { return Ok(None) };
    let Misfits { count, people, address, misfit } = found;
    let found = format!(
        "it gives them the login name {}, and theirs is {}; so for {count} of {people} people",
        misfit.given, misfit.own
    );
    Ok(Some(Proven {
        files: loaded.paths(),
        format: format.name.to_owned(),
        device: format.device.to_owned(),
        address: address.to_string(),
        account: Err(Unproven::DoesNotFit(found)),
        left_open: LeftOpen::default(),
    }))
}

fn of_profile(profile: &ProfileFiles, whose: Option<EmailAddress>) -> Result<Vec<Proven>, Failure> {
    let loaded = profile.load()?;
    let format = loaded.format;
    let named = |device: &str, address: Option<&EmailAddress>, account: Result<Account, Refused>| Proven {
        left_open: LeftOpen::default(),
        files: loaded.paths(),
        format: format.map_or("unknown", |format| format.name).to_owned(),
        device: device.to_owned(),
        address: address.map_or_else(|| "unknown".to_owned(), ToString::to_string),
        account: account.map_err(Unproven::Refused),
    };
    let Some(format) = format else {
        let found = "a file in no format that is known here".to_owned();
        return Ok(vec![named("none", whose.as_ref(), Err(Refused { found, fix: None }))]);
    };
    let person = Person { address: whose, full_name: None };
    let refused = |findings: &[Finding]| {
        let error = findings.iter().find(|finding| finding.severity == Severity::Error);
        let finding = error.or_else(|| findings.iter().find(|finding| finding.code == codes::profile::NO_ADDRESS));
        let place = finding.and_then(|it| it.place).map(|place| format!("line {}: ", place.line));
        Refused {
            found: format!(
                "{}{}",
                place.as_deref().unwrap_or(""),
                finding.map_or("no account in the file", |finding| finding.message.as_str())
            ),
            fix: finding.map(|finding| finding.fix.clone()),
        }
    };
    Ok(match loaded.read(format, &person) {
        Err(findings) => {
            let found = named(format.device, person.address.as_ref(), Err(refused(&findings)));
            vec![match declared(profile, &loaded, &findings) {
                Some(before) => Proven { account: Err(Unproven::Declared(before)), ..found },
                None => found,
            }]
        }
        Ok(reading) if reading.profiles.is_empty() => {
            vec![named(format.device, person.address.as_ref(), Err(refused(&reading.findings)))]
        }
        Ok(reading) => reading
            .profiles
            .into_iter()
            .map(|it| match it.address().cloned() {
                Some(address) => Proven { left_open: it.left_open, ..named(it.device, Some(&address), Ok(it.account)) },
                None if it.account.incoming.is_empty() && it.account.outgoing.is_empty() => {
                    named(it.device, None, Ok(it.account))
                }
                None => named(it.device, None, Err(refused(&reading.findings))),
            })
            .collect(),
    })
}
