//! What is proven: every account that a device understood from a file, and every server of the settings directly.

use std::time::Duration;

use provost_account::{Account, EmailAddress, Finding, Severity};
use provost_device::Person;
use provost_verify::{Outcome, Row};

use super::against::Against;
use crate::failure::Failure;
use crate::profiles::ProfileFiles;

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
    pub(crate) account: Result<Account, Refused>,
}

/// The device refuses the file.
#[derive(Debug)]
pub(crate) struct Refused {
    found: String,
    fix: Option<String>,
}

impl Refused {
    /// The row of the report.
    pub(crate) fn row(&self) -> Row {
        Row {
            check: "read",
            server: String::new(),
            outcome: Outcome::Failed,
            found: self.found.clone(),
            expected: "a file that the device accepts".to_owned(),
            cause: None,
            fix: self.fix.clone(),
            elapsed: Duration::ZERO,
        }
    }
}

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

/// Everything to prove: the servers of the settings first, then the files in their order.
pub(crate) fn all(
    files: &[ProfileFiles],
    against: &Against,
    address: Option<&EmailAddress>,
) -> Result<Vec<Proven>, Failure> {
    let mut subjects = against.servers();
    for file in files {
        let whose = match &file.row {
            Some(row) if row.address.is_none() => {
                let path = file.path().display();
                eprintln!("note: {path} is not proven: nobody in the list has the login name that it gives");
                continue;
            }
            Some(row) => row.address()?,
            None => address.cloned().or_else(|| against.holder_of(file.path())),
        };
        subjects.extend(of_profile(file, whose)?);
    }
    Ok(subjects)
}

fn of_profile(profile: &ProfileFiles, whose: Option<EmailAddress>) -> Result<Vec<Proven>, Failure> {
    let loaded = profile.load()?;
    let format = loaded.format;
    let named = |device: &str, address: Option<&EmailAddress>, account: Result<Account, Refused>| Proven {
        files: loaded.paths(),
        format: format.map_or("unknown", |format| format.name).to_owned(),
        device: device.to_owned(),
        address: address.map_or_else(|| "unknown".to_owned(), ToString::to_string),
        account,
    };
    let Some(format) = format else {
        let found = "a file in no format that is known here".to_owned();
        return Ok(vec![named("none", whose.as_ref(), Err(Refused { found, fix: None }))]);
    };
    let person = Person { address: whose, full_name: None };
    let refused = |findings: &[Finding]| {
        let error = findings.iter().find(|finding| finding.severity == Severity::Error);
        let finding = error.or_else(|| findings.iter().find(|finding| finding.code == "no-address"));
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
        Err(findings) => vec![named(format.device, person.address.as_ref(), Err(refused(&findings)))],
        Ok(reading) if reading.profiles.is_empty() => {
            vec![named(format.device, person.address.as_ref(), Err(refused(&reading.findings)))]
        }
        Ok(reading) => reading
            .profiles
            .into_iter()
            .map(|it| match it.address().cloned() {
                Some(address) => named(it.device, Some(&address), Ok(it.account)),
                None if it.account.incoming.is_empty() && it.account.outgoing.is_empty() => {
                    named(it.device, None, Ok(it.account))
                }
                None => named(it.device, None, Err(refused(&reading.findings))),
            })
            .collect(),
    })
}
