//! What is proven of a file: every account that a device understood from it.

use provost_account::{Account, EmailAddress, Endpoint, Finding, LeftOpen, Security, Severity, TlsLeftOpen, codes};
use provost_device::Person;

use super::against::{Against, Known};
use super::proven::{Origin, Proven, Unproven, same_place};
use crate::declared::loss_behind;

use crate::complaints;
use crate::failure::Failure;
use crate::misfits::Misfits;
use crate::road::profile::Profile;
use provost_generate::manifest::Scope;

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
pub(crate) fn of(profile: &Profile, against: &Against, given: Option<&EmailAddress>) -> Result<Vec<Proven>, Failure> {
    let whose = match profile.entry().map(|entry| &entry.address) {
        Some(None) => {
            let path = profile.named().display();
            eprintln!("note: {path} is not proven: no listed user has the login name that it gives");
            return Ok(of_a_misfit(profile, against)?.into_iter().collect());
        }
        Some(address) => address.clone(),
        None => given.cloned().or_else(|| against.holder_of(profile.named())),
    };
    let trust = against.known().map_or(&[][..], |known| &known.service.trust);
    complaints::print(profile.path(), &profile.signers(trust).1);
    let mut subjects = of_profile(profile, whose);
    subjects.extend(of_a_misfit(profile, against)?);
    subjects.iter_mut().enumerate().for_each(|(place, subject)| subject.place = place);
    Ok(subjects)
}

/// The losses that `generate` declared, if they are all that is wrong.
fn declared(profile: &Profile, findings: &[Finding]) -> Option<Unproven> {
    let entry = profile.entry_as_written()?;
    let mut reasons = Vec::new();
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
        let loss = loss_behind(entry, finding)?;
        let reason =
            format!("{}, as the losses say: {} {}: {}", finding.message, loss.setting, loss.asked, loss.reason);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    (!reasons.is_empty()).then(|| Unproven::Declared(reasons.join("; ")))
}

/// The first person whom a file for several gives a login name that is not theirs.
fn of_a_misfit(profile: &Profile, against: &Against) -> Result<Option<Proven>, Failure> {
    let (Some(entry), Some(known), Some(format)) = (profile.entry(), against.known(), profile.format) else {
        return Ok(None);
    };
    if entry.scope == Scope::User {
        return Ok(None);
    }
    let misfits = known.misfits(&entry.scope, |person| profile.read(format, person))?;
    let Some(Misfits { count, people, address, misfit }) = misfits else { return Ok(None) };
    let found = format!(
        "it gives them the login name {}, and theirs is {}; so for {count} of {people} people",
        misfit.given, misfit.own
    );
    let origin = Origin::Profile { format, device: format.device };
    Ok(Some(Proven::of(profile, origin, Some(address), Err(Unproven::DoesNotFit(found)))))
}

/// Why the device refuses the file, by its first error.
fn refused(findings: &[Finding]) -> Unproven {
    let error = findings.iter().find(|finding| finding.severity == Severity::Error);
    let finding = error.or_else(|| findings.iter().find(|finding| finding.code == codes::profile::NO_ADDRESS));
    let found = match finding {
        None => "no account in the file".to_owned(),
        Some(Finding { place: Some(place), message, .. }) => format!("line {}: {message}", place.line),
        Some(finding) => finding.message.clone(),
    };
    Unproven::Refused { found, fix: finding.map(|finding| finding.fix.clone()) }
}

fn of_profile(profile: &Profile, whose: Option<EmailAddress>) -> Vec<Proven> {
    let Some(format) = profile.format else {
        let refused = Unproven::Refused { found: "a file in no known format".to_owned(), fix: None };
        return vec![Proven::of(profile, Origin::UnknownFormat, whose, Err(refused))];
    };
    let person = Person { address: whose, full_name: None };
    let of = |device| Origin::Profile { format, device };
    let reading = match profile.read(format, &person) {
        Ok(reading) if !reading.profiles.is_empty() => reading,
        Ok(reading) => {
            return vec![Proven::of(profile, of(format.device), person.address, Err(refused(&reading.findings)))];
        }
        Err(findings) => {
            let unproven = declared(profile, &findings).unwrap_or_else(|| refused(&findings));
            return vec![Proven::of(profile, of(format.device), person.address, Err(unproven))];
        }
    };
    let understood = reading.profiles.into_iter().map(|it| {
        let address = it.address().cloned();
        match address.is_some() || it.account.incoming.is_empty() && it.account.outgoing.is_empty() {
            true => Proven { left_open: it.left_open, ..Proven::of(profile, of(it.device), address, Ok(it.account)) },
            false => Proven::of(profile, of(it.device), None, Err(refused(&reading.findings))),
        }
    });
    understood.collect()
}
