//! A file for a whole domain or organization gives everyone the same kind of login name. This finds the users whom it
//! does not fit, by reading the file for them as their device would.

use std::collections::BTreeMap;

use provost_account::{DomainName, EmailAddress, Finding, Login, LoginTemplate};
use provost_device::{Misfit, Person, Reading};

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

/// The login names of everybody. Names of one kind fit all or none, so one of a kind is kept, however many there are.
#[derive(Debug, Default)]
pub(crate) struct LoginKinds {
    everybody: Kinds,
    by_domain: BTreeMap<DomainName, Kinds>,
}

#[derive(Debug, Default)]
struct Kinds {
    people: u64,
    /// Addresses, their local parts, and other names.
    kinds: [Option<Kind>; 3],
}

#[derive(Debug)]
struct Kind {
    address: EmailAddress,
    login: Login,
    count: u64,
}

impl LoginKinds {
    /// Of everybody whom a manifest names.
    pub(crate) fn of_manifest(generated: &Generated, template: Option<&LoginTemplate>) -> Result<Self, Failure> {
        let mut logins = Self::default();
        for person in generated.people()? {
            let (address, login) = person?;
            logins.add(&address, login.as_ref(), template);
        }
        Ok(logins)
    }

    /// Adds somebody. A login name that is the template's is what files for several people are made for, and one person's
    /// file fits them.
    pub(crate) fn add(&mut self, address: &EmailAddress, login: Option<&Login>, template: Option<&LoginTemplate>) {
        let other = login.filter(|login| template.is_none_or(|template| template.expand(address) != **login));
        self.everybody.add(address, other);
        match self.by_domain.get_mut(address.domain()) {
            Some(kinds) => kinds.add(address, other),
            None => self.by_domain.entry(address.domain().clone()).or_default().add(address, other),
        }
    }

    /// Whom the file does not fit that `read` reads.
    pub(crate) fn misfits(
        &self,
        scope: &Scope,
        read: impl Fn(&Person) -> Result<Reading, Vec<Finding>>,
    ) -> Option<Misfits> {
        let kinds = match scope {
            Scope::User => return None,
            Scope::Domain(domain) => self.by_domain.get(domain)?,
            Scope::Organization => &self.everybody,
        };
        let each = kinds.kinds.iter().flatten().map(|kind| (&kind.address, &kind.login, kind.count));
        misfits(each, kinds.people, read)
    }
}

/// Of how many `people` a file does not fit those with login names of these kinds, the first of each with how many there
/// are.
pub(crate) fn misfits<'a>(
    kinds: impl Iterator<Item = (&'a EmailAddress, &'a Login, u64)>,
    people: u64,
    read: impl Fn(&Person) -> Result<Reading, Vec<Finding>>,
) -> Option<Misfits> {
    let mut found: Option<Misfits> = None;
    for (address, login, count) in kinds {
        let reading = read(&Person { address: Some(address.clone()), full_name: None }).ok();
        let understood = reading.and_then(|reading| reading.profiles.into_iter().next());
        let Some(misfit) = understood.and_then(|it| provost_device::misfit(&it, login)) else { continue };
        match &mut found {
            Some(found) => found.count += count,
            None => found = Some(Misfits { count, people, address: address.clone(), misfit }),
        }
    }
    found
}

impl Kinds {
    fn add(&mut self, address: &EmailAddress, other: Option<&Login>) {
        self.people += 1;
        let Some(login) = other else { return };
        let kind = match login.as_str() {
            name if name == address.as_str() => 0,
            name if name == address.local_part() => 1,
            _ => 2,
        };
        match &mut self.kinds[kind] {
            Some(kind) => kind.count += 1,
            none => *none = Some(Kind { address: address.clone(), login: login.clone(), count: 1 }),
        }
    }
}
