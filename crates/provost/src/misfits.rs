//! A file for a whole domain or organization gives everyone the same kind of login name. This finds the users whom it
//! does not fit, by reading the file for them as their device would.

use provost_account::{Account, EmailAddress, Finding, Login, LoginTemplate};
use provost_device::{Misfit, Person, Reading};

use provost_generate::manifest::Scope;

/// The people whom a file does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfits {
    /// How many.
    pub(crate) count: usize,
    /// Of how many whom the file is for.
    pub(crate) people: usize,
    /// The first of them.
    pub(crate) address: EmailAddress,
    /// What the file gives, and what would be right.
    pub(crate) misfit: Misfit,
}

/// Somebody whom a file is for, and their login name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    pub(crate) address: &'a EmailAddress,
    pub(crate) login: Option<&'a Login>,
}

impl<'a> Holder<'a> {
    /// The holder of an account.
    pub(crate) fn of(account: &'a Account) -> Self {
        Self { address: &account.address, login: account.login() }
    }
}

/// Whom of `holders` the file does not fit that `read` reads; those in the domain, if it is one domain's. A login name that
/// is the template's is what the file is made for, and one person's file fits them.
pub(crate) fn misfits<'a>(
    holders: impl Iterator<Item = Holder<'a>>,
    scope: &Scope,
    template: Option<&LoginTemplate>,
    read: impl Fn(&Person) -> Result<Reading, Vec<Finding>>,
) -> Option<Misfits> {
    let is_for = |address: &EmailAddress| match scope {
        Scope::User => false,
        Scope::Domain(domain) => address.domain() == domain,
        Scope::Organization => true,
    };
    let mut people = 0;
    // Names of one kind fit all or none, so one of a kind is read.
    let mut kinds: [Vec<(&EmailAddress, &Login)>; 3] = Default::default();
    for holder in holders.filter(|holder| is_for(holder.address)) {
        people += 1;
        let Some(login) = holder.login else { continue };
        match login.as_str() {
            _ if template.is_some_and(|template| template.expand(holder.address) == *login) => {}
            name if name == holder.address.as_str() => kinds[0].push((holder.address, login)),
            name if name == holder.address.local_part() => kinds[1].push((holder.address, login)),
            _ => kinds[2].push((holder.address, login)),
        }
    }
    let mut found: Option<Misfits> = None;
    for kind in kinds {
        let Some((address, login)) = kind.first().copied() else { continue };
        let reading = read(&Person { address: Some(address.clone()), full_name: None }).ok();
        let understood = reading.and_then(|reading| reading.profiles.into_iter().next());
        let Some(misfit) = understood.and_then(|it| provost_device::misfit(&it, login)) else { continue };
        match &mut found {
            Some(found) => found.count += kind.len(),
            None => found = Some(Misfits { count: kind.len(), people, address: address.clone(), misfit }),
        }
    }
    found
}
