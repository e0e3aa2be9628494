//! What is proven of a file: every account that a device understood from it.

use provost_account::{Account, EmailAddress, Endpoint, Finding, LeftOpen, Security, Severity, TlsLeftOpen, codes};
use provost_device::Person;

use super::against::{Against, Known};
use super::proven::{Origin, Proven, Refused, Unproven, same_place};
use crate::dist::declared::loss_behind;
use crate::dist::manifest::Scope;
use crate::misfits::{Holder, Misfits, misfits};
use crate::road::profile::Profile;

/// The account without the servers of which the file says nothing about TLS and the settings say that there is none, and
/// those servers: whether a device goes on without TLS there is unconfirmed, and no password is sent in clear to find out.
pub(crate) fn without_tls(account: &Account, left_open: &LeftOpen, known: Option<&Known>) -> (Account, Vec<Endpoint>) {
    let mut account = account.clone();
    let mut untried = Vec::new();
    let Some(known) = known.filter(|_| left_open.tls == TlsLeftOpen::Everything) else { return (account, untried) };
    let settings = known.service.servers().map(|(_, endpoint)| endpoint);
    let in_clear: Vec<&Endpoint> = settings.filter(|it| it.security == Security::Cleartext).collect();
    let mut is_tried = |endpoint: &Endpoint| {
        let is_tried = !in_clear.iter().any(|it| same_place(it, endpoint));
        if !is_tried {
            untried.push(endpoint.clone());
        }
        is_tried
    };
    account.incoming.retain(|it| is_tried(&it.server.endpoint));
    account.outgoing.retain(|it| is_tried(&it.endpoint));
    (account, untried)
}

/// What a profile gives to prove. `given` is whose a file is that does not say so.
pub(crate) fn of(profile: &Profile, against: &Against, given: Option<&EmailAddress>) -> Vec<Proven> {
    let whose = match profile.row().map(|row| &row.address) {
        Some(None) => {
            let path = profile.named().display();
            eprintln!("note: {path} is not proven: no listed user has the login name that it gives");
            return of_a_misfit(profile, against).into_iter().collect();
        }
        Some(address) => address.clone(),
        None => given.cloned().or_else(|| against.holder_of(profile.named())),
    };
    let mut subjects = of_profile(profile, whose);
    subjects.extend(of_a_misfit(profile, against));
    subjects
}

/// The losses that `generate` declared, if they are all that is wrong.
fn declared(profile: &Profile, findings: &[Finding]) -> Option<String> {
    let row = profile.row_as_written()?;
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
fn of_a_misfit(profile: &Profile, against: &Against) -> Option<Proven> {
    let (row, known, format) = (profile.row()?, against.known()?, profile.format?);
    let domain = match &row.scope {
        Scope::User => return None,
        Scope::Domain(domain) => Some(domain),
        Scope::Organization => None,
    };
    let read = |person: &Person| profile.read(format, person).ok()?.profiles.into_iter().next();
    let holders = known.accounts.iter().map(Holder::of);
    let Misfits { count, people, address, misfit } = misfits(holders, domain, Some(&known.service.login), read)?;
    let found = format!(
        "it gives them the login name {}, and theirs is {}; so for {count} of {people} people",
        misfit.given, misfit.own
    );
    Some(Proven {
        files: profile.paths(),
        origin: Origin::Profile { format, device: format.device },
        address: Some(address),
        account: Err(Unproven::DoesNotFit(found)),
        left_open: LeftOpen::default(),
    })
}

fn of_profile(profile: &Profile, whose: Option<EmailAddress>) -> Vec<Proven> {
    let named = |origin: Origin, address: Option<EmailAddress>, account: Result<Account, Refused>| Proven {
        left_open: LeftOpen::default(),
        files: profile.paths(),
        origin,
        address,
        account: account.map_err(Unproven::Refused),
    };
    let Some(format) = profile.format else {
        let found = "a file in no known format".to_owned();
        return vec![named(Origin::UnknownFormat, whose, Err(Refused { found, fix: None }))];
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
    let of = |device| Origin::Profile { format, device };
    match profile.read(format, &person) {
        Err(findings) => {
            let found = named(of(format.device), person.address, Err(refused(&findings)));
            vec![match declared(profile, &findings) {
                Some(before) => Proven { account: Err(Unproven::Declared(before)), ..found },
                None => found,
            }]
        }
        Ok(reading) if reading.profiles.is_empty() => {
            vec![named(of(format.device), person.address, Err(refused(&reading.findings)))]
        }
        Ok(reading) => reading
            .profiles
            .into_iter()
            .map(|it| match it.address().cloned() {
                Some(address) => {
                    Proven { left_open: it.left_open, ..named(of(it.device), Some(address), Ok(it.account)) }
                }
                None if it.account.incoming.is_empty() && it.account.outgoing.is_empty() => {
                    named(of(it.device), None, Ok(it.account))
                }
                None => named(of(it.device), None, Err(refused(&reading.findings))),
            })
            .collect(),
    }
}
