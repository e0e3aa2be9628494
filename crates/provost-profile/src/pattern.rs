//! What a variant's writer makes of plain people, as an outline with gaps that a person's values fill. The writer itself
//! makes the outline, of a probe, and it counts only where it also gives what the writer makes of further probes, octet
//! for octet; so no format has a second writer.
//!
//! It knows no format. It has no passwords, and nobody with more than an address, a name and a login name.

mod outline;
mod probes;
mod shape;
mod text;

use std::sync::OnceLock;

use provost_account::{DisplayName, DomainName, EmailAddress, Login, Service};

use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::{Passwords, Request, Variant, Write};
use outline::Outline;
use probes::Probe;
use shape::Shape;
use text::Values;

/// A person of whom a list says no more than this.
#[derive(Debug, Clone, Copy)]
pub struct PlainPerson<'a> {
    /// The address.
    pub address: &'a EmailAddress,
    /// The name, if the list has one.
    pub full_name: Option<&'a DisplayName>,
    /// The login name, if the list has one. `None`: the service's template makes it.
    pub login: Option<&'a Login>,
}

/// What a variant makes of plain people, without passwords: the same as its writer makes of the accounts that
/// [`Service::account`] gives them. An outline is learned when the first person of its shape comes.
#[derive(Debug)]
pub struct Patterns<'a> {
    service: &'a Service,
    variant: &'static Variant,
    write: fn(&Request<'_>) -> Result<Profile, Refusal>,
    /// The service's, in alphabetical order.
    domains: Vec<&'a DomainName>,
    /// By the shape's number. `None`: the writer refuses such people, or writes of them what no gap can hold.
    learned: Vec<OnceLock<Option<Learned>>>,
}

#[derive(Debug)]
struct Learned {
    outline: Outline,
    /// Whether it holds in each of the domains.
    holds: Vec<OnceLock<bool>>,
}

/// One person's files, until the next person's take their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled<'a> {
    /// As in the writer's [`Profile`].
    pub files: &'a [File],
    /// As in the writer's [`Profile`].
    pub losses: &'a [Loss],
    /// Whose losses they are.
    pub losses_of: LossesOf,
}

/// Whose losses these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossesOf {
    /// They contain something of this person.
    ThePerson,
    /// The same for everybody for whom these patterns say this number.
    Everybody(usize),
}

/// Memory for one person's files after another's.
#[derive(Debug, Default)]
pub struct Buffers {
    files: Vec<File>,
    losses: Vec<Loss>,
}

impl<'a> Patterns<'a> {
    /// The patterns of a variant. `None`: its files are for several people.
    #[must_use]
    pub fn of(variant: &'static Variant, service: &'a Service) -> Option<Self> {
        let write = match variant.write {
            Write::User(write) => write,
            Write::Domain(_) | Write::Organization(_) => return None,
        };
        let mut domains: Vec<&DomainName> = service.domains.iter().collect();
        domains.sort();
        let learned = (0..Shape::COUNT).map(|_| OnceLock::new()).collect();
        Some(Self { service, variant, write, domains, learned })
    }

    /// The files of a person. `None`: no pattern is for such a person, who needs the writer.
    pub fn fill<'b>(&'b self, person: &PlainPerson<'_>, buffers: &'b mut Buffers) -> Option<Filled<'b>> {
        let shape = Shape::of(person, self.service)?;
        let domain = self.domains.binary_search(&person.address.domain()).ok()?;
        let Learned { outline, holds } = self.learned[shape.number()].get_or_init(|| self.learn(shape)).as_ref()?;
        let probe = || probes::first_in(self.domains[domain], shape, self.service);
        let is_reproduced = || probe().is_some_and(|probe| self.reproduces(outline, &probe));
        if !holds[domain].get_or_init(is_reproduced) {
            return None;
        }
        Some(outline.fill(self.values(person), shape.number(), buffers))
    }

    /// The outline of what the writer makes of people of a shape, if there is one.
    fn learn(&self, shape: Shape) -> Option<Learned> {
        let mut probes = probes::of(shape, self.service).into_iter();
        let first = probes.next()?;
        let outline = Outline::of(&self.written(&first)?, self.values(&first.person()));
        let holds = probes.all(|probe| self.reproduces(&outline, &probe));
        holds.then(|| Learned { outline, holds: self.domains.iter().map(|_| OnceLock::new()).collect() })
    }

    fn reproduces(&self, outline: &Outline, probe: &Probe) -> bool {
        let mut buffers = Buffers::default();
        let filled = outline.fill(self.values(&probe.person()), 0, &mut buffers);
        self.written(probe).is_some_and(|it| filled.files == it.files && filled.losses == it.losses)
    }

    fn values<'p>(&'p self, person: &PlainPerson<'p>) -> Values<'p> {
        Values::of(person, &self.service.organization.id)
    }

    fn written(&self, probe: &Probe) -> Option<Profile> {
        let Probe { address, full_name, login } = probe.clone();
        let account = self.service.account(address, full_name, login, None);
        let passwords = Passwords::LeaveOut;
        (self.write)(&Request { service: self.service, account: &account, variant: self.variant, passwords }).ok()
    }
}

#[cfg(test)]
mod tests {
    use provost_account::{LoginTemplate, Organization};

    use super::*;

    /// What a writer's patterns give Jane Doe in the two domains of a service, and in another one.
    #[track_caller]
    fn check(variant: &'static Variant, expected: [Option<&str>; 3]) {
        let organization = Organization {
            id: "example.one".try_into().expect("an identifier"),
            name: "One".try_into().expect("a name"),
        };
        let domains = ["one.example", "two.example"].map(|name| DomainName::try_from(name).expect("a domain"));
        let template = LoginTemplate::try_from("%EMAILADDRESS%").expect("a template");
        let service = Service::of(organization, domains.into(), template, Vec::new(), Vec::new());
        let patterns = Patterns::of(variant, &service).expect("a variant for one person");
        let full_name = DisplayName::try_from("Jane Doe").expect("a name");
        let filled = ["jane@one.example", "jane@two.example", "jane@three.example"].map(|address| {
            let address = EmailAddress::try_from(address).expect("an address");
            let person = PlainPerson { address: &address, full_name: Some(&full_name), login: None };
            let mut buffers = Buffers::default();
            let filled = patterns.fill(&person, &mut buffers)?;
            Some(String::from_utf8(filled.files[0].bytes.clone()).expect("a text"))
        });
        assert_eq!(filled.each_ref().map(Option::as_deref), expected);
    }

    /// A variant whose writer writes a text about the address and the name.
    macro_rules! writer {
        (|$address:ident, $name:ident| $text:expr) => {
            &Variant {
                name: "",
                devices: "",
                write: Write::User(|Request { account, .. }| {
                    let ($address, $name) = (&account.address, account.full_name.as_ref().map_or("", |it| it.as_str()));
                    Ok(Profile { files: vec![File::own("txt", Vec::from($text))], losses: Vec::new() })
                }),
            }
        };
    }

    #[test]
    fn a_text_with_the_values_has_a_pattern() {
        let writer = writer!(|address, name| format!("{name} <{address}>"));
        check(writer, [Some("Jane Doe <jane@one.example>"), Some("Jane Doe <jane@two.example>"), None]);
    }

    #[test]
    fn a_domain_for_which_something_else_is_written_has_none() {
        check(
            writer!(|address, name| if address.domain().as_str() == "two.example" { name } else { address.as_str() }),
            [Some("jane@one.example"), None, None],
        );
    }

    #[test]
    fn what_depends_on_a_value_in_another_way_has_none() {
        check(writer!(|address, _name| address.as_str().len().to_string()), [None; 3]);
        check(writer!(|address, name| if name == address.local_part() { "the same" } else { name }), [None; 3]);
    }
}
