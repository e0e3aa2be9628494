//! What a document says, as the client of its format understands it. The readers are those of `provost-device`.

use provost_account::{Collection, CollectionService, EmailAddress, Login, LoginTemplate, PersonTemplate, UrlTemplate};
use provost_device::{Person, Reading, SourceFile, Understood};

use super::{Nothing, source};
use crate::opinion::{Opinion, Said};
use crate::source::SourceKind;

/// Reads a document for a person, and says whose it is for everybody.
pub(super) fn opinion(
    format: &str,
    kind: SourceKind,
    at: &str,
    bytes: &[u8],
    address: &EmailAddress,
) -> Result<Opinion, Nothing> {
    let format = provost_device::formats().iter().find(|it| it.name == format).expect("a format that devices read");
    let person = Person { address: Some(address.clone()), full_name: None };
    let Reading { profiles, findings, .. } = format.look(&[SourceFile { path: "", bytes }], &person);
    let understood = profiles.into_iter().next();
    understood.and_then(|it| of_understood(it, kind, at, address)).ok_or(Nothing::Unusable(findings))
}

/// `None`: nothing is in it.
fn of_understood(understood: Understood, kind: SourceKind, at: &str, address: &EmailAddress) -> Option<Opinion> {
    let Understood { account, left_open, provider, oauth2, .. } = understood;
    // What a client tries because nothing is said is nobody's opinion.
    let says_logins = left_open.logins.is_empty();
    let login = account.login().filter(|_| says_logins).and_then(|login| template(login, address));
    let collection = |found: &Collection| {
        let own = found.login.as_ref().filter(|_| says_logins).and_then(|login| template(login, address));
        Some(CollectionService {
            url: UrlTemplate::of(&found.url, address, found.login.as_ref().filter(|_| says_logins))?,
            login: own.filter(|own| Some(own) != login.as_ref()).map(PersonTemplate::from),
        })
    };
    let calendar = account.groupware.calendar.as_ref().and_then(collection);
    let contacts = account.groupware.contacts.as_ref().and_then(collection);
    let servers: Vec<_> =
        account.servers().map(|(protocol, server)| said((protocol, server.endpoint.clone()))).collect();
    let domains =
        if provider.domains.contains(address.domain()) { provider.domains } else { vec![address.domain().clone()] };
    let is_empty = servers.is_empty() && calendar.is_none() && contacts.is_none();
    (!is_empty).then(|| Opinion {
        name: provider.name,
        domains: domains.into_iter().map(said).collect(),
        login: login.map(said),
        servers,
        calendar: calendar.map(said),
        contacts: contacts.map(said),
        oauth2: oauth2.map(said),
        ..Opinion::of(source(kind, at))
    })
}

/// How a login name is made from an address. Some files have the rule itself.
fn template(login: &Login, address: &EmailAddress) -> Option<LoginTemplate> {
    match login.as_str().contains("%EMAIL") {
        true => LoginTemplate::try_from(login.as_str()).ok(),
        false => LoginTemplate::of(login, address),
    }
}

/// A value that the source as a whole says.
pub(super) fn said<T>(value: T) -> Said<T> {
    Said { value, by: String::new(), line: None }
}
