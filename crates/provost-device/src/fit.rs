//! Does a file for several people give one of them the right login name?

use provost_account::{EmailAddress, Finding, Findings, Login, codes::fleet as codes};

use crate::understood::Understood;

/// A login name that is not the person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What the file gives them.
    pub given: Login,
    /// What they have.
    pub own: Login,
}

/// What is wrong with the file for a person with the login name `own`; `None`: it fits, or asks for the name.
#[must_use]
pub fn misfit(understood: &Understood, own: &Login) -> Option<Misfit> {
    let given = understood.account.login()?;
    let fits = given == own || understood.left_open.logins.contains(own);
    (!fits).then(|| Misfit { given: given.clone(), own: own.clone() })
}

/// The finding about a file that does not fit `count` of `people`, with the first of them.
#[must_use]
pub fn misfit_finding(misfit: &Misfit, address: &EmailAddress, count: u64, people: u64) -> Finding {
    let Misfit { given, own } = misfit;
    let mut findings = Findings::default();
    findings.add(
        codes::LOGIN_OF_THE_TEMPLATE,
        None,
        format!("the login name is wrong for {count} of {people} people: {address} gets {given}, but logs in as {own}"),
        "give these people separate files, or a login name that the template produces",
    );
    findings.finish().remove(0)
}
