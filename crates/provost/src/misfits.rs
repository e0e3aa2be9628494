//! A file for a whole domain or organization gives everyone the same kind of login name. This finds the users whom it
//! does not fit, by reading the file for them as their device would.

use provost_account::{EmailAddress, Finding, Login, LoginTemplate};
use provost_device::{Misfit, Person, Reading};
use provost_settings::People;

use crate::failure::Failure;
use crate::road::generated::Generated;
use provost_generate::manifest::Scope;

/// The people whom a file does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfits {
    /// How many.
    pub(crate) count: u64,
    /// Of how many whom the file is for.
    pub(crate) people: u64,
    /// The first of them.
    pub(crate) address: EmailAddress,
    /// What the file gives, and what would be right.
    pub(crate) misfit: Misfit,
}

/// Everybody whom a manifest names, counted. Login names of one kind fit a file all or none, so one of a kind is kept,
/// however many there are. Whoever has the template's is whom files for several people are made for.
pub(crate) fn people_of(generated: &Generated, template: Option<&LoginTemplate>) -> Result<People, Failure> {
    let mut people = People::default();
    for person in generated.people()? {
        let (address, login) = person?;
        let is_own = |login: &&Login| template.is_none_or(|template| template.expand(&address) != **login);
        people.add_login(&address, login.as_ref().filter(is_own));
    }
    Ok(people)
}

/// Whom of these people a file does not fit that is for several, by what `read` reads in it.
pub(crate) fn misfits(
    people: &People,
    scope: &Scope,
    read: impl Fn(&Person) -> Result<Reading, Vec<Finding>>,
) -> Option<Misfits> {
    let group = match scope {
        Scope::User => return None,
        Scope::Domain(domain) => people.domains.get(domain)?,
        Scope::Organization => &people.all,
    };
    let mut found: Option<Misfits> = None;
    for kind in [&group.address, &group.local_part, &group.other] {
        let Some((address, login)) = &kind.first else { continue };
        let reading = read(&Person { address: Some(address.clone()), full_name: None }).ok();
        let understood = reading.and_then(|reading| reading.profiles.into_iter().next());
        let Some(misfit) = understood.and_then(|it| provost_device::misfit(&it, login)) else { continue };
        match &mut found {
            Some(found) => found.count += kind.count,
            None => {
                let (count, people) = (kind.count, group.count);
                found = Some(Misfits { count, people, address: address.clone(), misfit });
            }
        }
    }
    found
}
