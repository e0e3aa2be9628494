//! What counts as settings, with a comment above each part that says where it comes from.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use provost_account::{DisplayName, DomainName, LoginTemplate, Organization, OrganizationId, Service, SyncWindow};
use provost_discover::{Choice, Opinion};
use provost_settings::{SettingsPart, write_with_comments};

use super::report::{INCOMING_EXAMPLE, OUTGOING_EXAMPLE, other_login, voice, what_would_help};
use crate::failure::Failure;
use crate::named_file::{self, Readers};

/// The service that counts. Without a user name nobody says how to log in.
pub(super) fn service(domain: &DomainName, choice: &Choice, opinions: &[Opinion]) -> Result<Service, Failure> {
    let id = OrganizationId::reversed(domain)
        .with_context(|| format!("{domain} has one label, so it cannot become an identifier"))?;
    let named = choice.name.as_ref().map(|it| Ok(it.value.clone()));
    let name = named.unwrap_or_else(|| DisplayName::try_from(domain.as_str()))?;
    let login = match &choice.login {
        Some(login) => login.value.clone(),
        None => LoginTemplate::try_from(ASSUMED_LOGIN)?,
    };
    let incoming = choice.servers.iter().filter_map(|it| Some((it.value.0.incoming()?, it.value.1.clone())));
    let outgoing = choice.servers.iter().filter(|it| it.value.0.incoming().is_none()).map(|it| it.value.1.clone());
    let service =
        Service::of(Organization { id, name }, vec![domain.clone()], login, incoming.collect(), outgoing.collect());
    for (what, none, example) in [
        ("receive from", service.incoming.is_empty(), INCOMING_EXAMPLE),
        ("send through", service.outgoing.is_empty(), OUTGOING_EXAMPLE),
    ] {
        if none {
            let error = anyhow::anyhow!("no source names a server to {what} for {domain}");
            return Err(Failure::hinted(error, what_would_help(opinions, example)));
        }
    }
    Ok(Service {
        sync: choice.sync_days.as_ref().map_or(SyncWindow::Unlimited, |it| SyncWindow::Days(it.value)),
        calendar: choice.calendar.as_ref().map(|it| it.value.clone()),
        contacts: choice.contacts.as_ref().map(|it| it.value.clone()),
        oauth2: choice.oauth2.as_ref().map(|it| it.value.clone()),
        ..service
    })
}

/// The settings with their comments. `domain_source` says where the domain comes from.
pub(super) fn text(service: &Service, choice: &Choice, opinions: &[Opinion], domain_source: &str) -> String {
    let name = match &choice.name {
        Some(name) => format!("the name: {}; the identifier is made of the domain", voice(&name.voice)),
        None => "made of the domain: no source has a name".to_owned(),
    };
    let login = match &choice.login {
        Some(login) => voice(&login.voice),
        None => match other_login(opinions) {
            Some(other) => format!("assumed, and wrong if this is right: {}", voice(&other)),
            None => "assumed: no source says a user name".to_owned(),
        },
    };
    let mut comments = BTreeMap::from([
        (SettingsPart::Organization, name),
        (SettingsPart::Domains, domain_source.to_owned()),
        (SettingsPart::Username, login),
    ]);
    let (mut incoming, mut outgoing) = (0.., 0..);
    for server in &choice.servers {
        let part = match server.value.0.incoming() {
            Some(_) => SettingsPart::Incoming(incoming.next().expect("a count has no end")),
            None => SettingsPart::Outgoing(outgoing.next().expect("a count has no end")),
        };
        comments.insert(part, voice(&server.voice));
    }
    for (part, source) in [
        (SettingsPart::Sync, choice.sync_days.as_ref().map(|it| &it.voice)),
        (SettingsPart::Calendar, choice.calendar.as_ref().map(|it| &it.voice)),
        (SettingsPart::Contacts, choice.contacts.as_ref().map(|it| &it.voice)),
    ] {
        comments.extend(source.map(|source| (part, voice(source))));
    }
    write_with_comments(service, None, &comments)
}

/// Writes the settings where no file is.
pub(super) fn save(path: &Path, text: &str) -> Result<(), Failure> {
    if named_file::is_taken(path) {
        return Err(exists(path));
    }
    named_file::write_new(path, Readers::Owner, text.as_bytes())?;
    eprintln!("note: wrote {}", path.display());
    Ok(())
}

pub(super) fn exists(path: &Path) -> Failure {
    Failure::hinted(
        anyhow::anyhow!("{} already exists", path.display()),
        "give another file with -o, or move that one away",
    )
}

/// What all but a few rows of the table of providers have.
const ASSUMED_LOGIN: &str = "%EMAILADDRESS%";
