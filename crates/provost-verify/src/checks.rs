//! The table of checks in the order of a client's steps, with what each depends on. One file each.

mod arrive;
mod certificate_days;
mod cleartext_refused;
mod connect;
mod dnssec;
mod each_address;
mod fetch;
mod limits;
mod list;
mod login;
mod login_form;
mod mechanisms;
mod port_elsewhere;
mod provider;
mod published;
mod quota;
mod records;
mod resolve;
mod search_since;
mod select;
mod sender;
mod special_use;
mod submit;
mod tls;
mod tls_without_sni;
mod wrong_password_refused;

use std::pin::Pin;

use Which::{BothServers, EachServer, Incoming, Outgoing};
use provost_account::Protocol;

use crate::attempt::{Attempt, Stop};
use crate::domain::Domain;
use crate::report::Evidence;
pub use submit::SUBJECT;

/// A check. Two are the same if they have one name.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// The stable name.
    pub name: &'static str,
    /// What a working account gives.
    pub expected: &'static str,
    /// The checks that must not have failed before this one is tried.
    pub depends_on: &'static [&'static str],
    /// Whether a failure may mean that the account leads to the wrong server.
    pub finds_server: bool,
    /// What it sends.
    pub sends: Sends,
    pub(crate) when: When,
    /// The checks whose failure it explains, and without which it is not made.
    pub(crate) explains: &'static [&'static str],
    verbs: Verbs,
    scope: Scope,
}

/// What a check looks at, and what it does there.
#[derive(Debug, Clone, Copy)]
enum Scope {
    /// The domain of the account's address.
    Domain(OfDomain),
    /// Servers.
    Servers(Which, AtServer),
}

/// Which servers a check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    EachServer,
    Incoming,
    Outgoing,
    /// The incoming server, after the outgoing one.
    BothServers,
}

/// What a check sends that somebody may not want to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// Nothing.
    Nothing,
    /// The host's name to the resolver.
    Name,
    /// The domain's name, in the names of records, and those of the hosts to the name server.
    RecordNames,
    /// The domain's name, to the name server and in requests to web servers of the domain; no address.
    DomainName,
    /// Nothing of the account: connections, TLS, and commands before the login.
    NothingOfAccount,
    /// A login with an invented name, before TLS.
    InventedLogin,
    /// The login and the password, and commands that change nothing.
    Login,
    /// A message to oneself. `arrive` removes it.
    Message,
    /// The login with a wrong password, after which some servers delay logins.
    WrongPassword,
}

/// When a check is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// In the order of the table.
    InOrder,
    /// When everything else is done, at every server.
    AtLast,
}

/// Who makes a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verbs {
    VerifyAndDoctor,
    Doctor,
}

/// Some of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen(u64);

impl Chosen {
    /// Those of `verify`.
    #[must_use]
    pub fn of_verify() -> Self {
        Self::those(|check| check.verbs == Verbs::VerifyAndDoctor)
    }

    /// Those of `doctor`: all of them.
    #[must_use]
    pub fn of_doctor() -> Self {
        Self::those(|check| match check.verbs {
            Verbs::VerifyAndDoctor | Verbs::Doctor => true,
        })
    }

    /// These without those that send such a thing, and without those that depend on them.
    #[must_use]
    pub fn without(self, sends: Sends) -> Self {
        let goes = |check: &Check| check.sends == sends;
        let depends = |check: &Check| CHECKS.iter().any(|it| goes(it) && check.depends_on.contains(&it.name));
        Self::those(|check| self.has(check) && !goes(check) && !depends(check))
    }

    /// Of these, the ones with these names, and those on which they depend.
    #[must_use]
    pub fn only(self, names: &[&str]) -> Self {
        let wanted = |check: &Check| names.iter().any(|name| *name == check.name || depends_on(name, check.name));
        Self::those(|check| self.has(check) && wanted(check))
    }

    /// Whether a check is one of them.
    #[must_use]
    pub fn has(self, check: &Check) -> bool {
        CHECKS.iter().position(|it| it == check).is_some_and(|at| self.0 & (1 << at) != 0)
    }

    /// Whether the check of a name is one of them.
    pub(crate) fn has_named(self, name: &str) -> bool {
        CHECKS.iter().any(|check| check.name == name && self.has(check))
    }

    fn those(is_one: impl Fn(&Check) -> bool) -> Self {
        let bits = CHECKS.iter().enumerate().filter(|(_, check)| is_one(check)).map(|(at, _)| 1 << at);
        Self(bits.fold(0, |all, bit: u64| all | bit))
    }
}

/// Whether the check of a name needs another one, by itself or through others.
fn depends_on(name: &str, other: &str) -> bool {
    let own = CHECKS.iter().find(|check| check.name == name).map_or(&[][..], |check| check.depends_on);
    own.iter().any(|needed| *needed == other || depends_on(needed, other))
}

impl Check {
    /// What it does at a server of this protocol, if it asks that by itself.
    pub(crate) fn at(&self, protocol: Protocol) -> Option<AtServer> {
        match self.scope {
            Scope::Servers(EachServer, run) => Some(run),
            Scope::Servers(Incoming, run) => Some(run).filter(|_| protocol != Protocol::Submission),
            Scope::Servers(Outgoing, run) => Some(run).filter(|_| protocol == Protocol::Submission),
            Scope::Servers(BothServers, _) | Scope::Domain(_) => None,
        }
    }

    /// What it does at an incoming server, after the outgoing one.
    pub(crate) fn between(&self) -> Option<AtServer> {
        match self.scope {
            Scope::Servers(BothServers, run) => Some(run),
            Scope::Servers(EachServer | Incoming | Outgoing, _) | Scope::Domain(_) => None,
        }
    }

    /// What it does with a domain.
    pub(crate) fn of_domain(&self) -> Option<OfDomain> {
        match self.scope {
            Scope::Domain(run) => Some(run),
            Scope::Servers(..) => None,
        }
    }

    /// Whether it is the login, or the login depends on it.
    pub(crate) fn is_on_the_way_in(&self) -> bool {
        self.name == LOGIN || depends_on(LOGIN, self.name)
    }
}

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Check {}

type Found<'a> = Pin<Box<dyn Future<Output = Result<Evidence, Stop>> + Send + 'a>>;
pub(crate) type AtServer = for<'a> fn(&'a Attempt<'a>) -> Found<'a>;
pub(crate) type OfDomain = for<'a> fn(&'a Domain<'a>) -> Found<'a>;

/// Every check.
#[must_use]
pub fn checks() -> &'static [Check] {
    CHECKS
}

const fn check(
    name: &'static str,
    (which, sends): (Which, Sends),
    depends_on: &'static [&'static str],
    expected: &'static str,
    run: AtServer,
) -> Check {
    let (when, verbs, scope) = (When::InOrder, Verbs::VerifyAndDoctor, Scope::Servers(which, run));
    Check { name, expected, depends_on, finds_server: false, sends, when, explains: &[], verbs, scope }
}

/// A check of the domain, which `doctor` alone makes.
const fn of_domain(name: &'static str, sends: Sends, expected: &'static str, run: OfDomain) -> Check {
    let (when, verbs, scope) = (When::InOrder, Verbs::Doctor, Scope::Domain(run));
    Check { name, expected, depends_on: &[], finds_server: false, sends, when, explains: &[], verbs, scope }
}

/// A check that `doctor` alone makes.
const fn of_doctor(check: Check) -> Check {
    Check { verbs: Verbs::Doctor, ..check }
}

/// A check that is made where others have failed, and says more of it.
const fn explains(explains: &'static [&'static str], check: Check) -> Check {
    Check { explains, ..check }
}

/// A check that comes when everything else is done.
const fn at_last(check: Check) -> Check {
    Check { when: When::AtLast, ..check }
}

/// A check whose failure may mean that the account leads to the wrong server.
const fn finds_server(check: Check) -> Check {
    Check { finds_server: true, ..check }
}

const CHECKS: &[Check] = &[
    of_domain("provider", Sends::Nothing, "the servers that the provider publishes", |it| Box::pin(provider::run(it))),
    of_domain("published", Sends::DomainName, "the servers that the domain publishes", |it| {
        Box::pin(published::run(it))
    }),
    of_domain("records", Sends::RecordNames, "records that lead to the account's servers", |it| {
        Box::pin(records::run(it))
    }),
    of_domain("dnssec", Sends::RecordNames, "signatures that hold, or none", |it| Box::pin(dnssec::run(it))),
    finds_server(check("resolve", (EachServer, Sends::Name), &[], "an address for the host", |it| {
        Box::pin(resolve::run(it))
    })),
    finds_server(check("connect", (EachServer, Sends::NothingOfAccount), &["resolve"], "port open", |it| {
        Box::pin(connect::run(it))
    })),
    finds_server(check("tls", (EachServer, Sends::NothingOfAccount), &["connect"], CERTIFICATE, |it| {
        Box::pin(tls::run(it))
    })),
    of_doctor(explains(
        &["connect", "tls"],
        check("port-elsewhere", (EachServer, Sends::NothingOfAccount), &[], "no other port works", |it| {
            Box::pin(port_elsewhere::run(it))
        }),
    )),
    of_doctor(check("each-address", (EachServer, Sends::NothingOfAccount), &["tls"], EACH_ADDRESS, |it| {
        Box::pin(each_address::run(it))
    })),
    of_doctor(check("tls-without-sni", (EachServer, Sends::NothingOfAccount), &["tls"], WITHOUT_SNI, |it| {
        Box::pin(tls_without_sni::run(it))
    })),
    of_doctor(check("certificate-days", (EachServer, Sends::NothingOfAccount), &["tls"], DAYS, |it| {
        Box::pin(certificate_days::run(it))
    })),
    check("cleartext-refused", (EachServer, Sends::InventedLogin), &["tls"], "password refused before TLS", |it| {
        Box::pin(cleartext_refused::run(it))
    }),
    check("mechanisms", (EachServer, Sends::NothingOfAccount), &["tls"], "the account's login method offered", |it| {
        Box::pin(mechanisms::run(it))
    }),
    of_doctor(check("limits", (EachServer, Sends::NothingOfAccount), &["mechanisms"], LIMITS, |it| {
        Box::pin(limits::run(it))
    })),
    check("login", (EachServer, Sends::Login), &["mechanisms"], "login accepted", |it| Box::pin(login::run(it))),
    of_doctor(explains(
        &["login"],
        check("login-form", (EachServer, Sends::Login), &[], "no other form of the name logs in", |it| {
            Box::pin(login_form::run(it))
        }),
    )),
    check("list", (Incoming, Sends::Login), &["login"], "INBOX in the folder list", |it| Box::pin(list::run(it))),
    check("select", (Incoming, Sends::Login), &["login"], "INBOX opens", |it| Box::pin(select::run(it))),
    check("search-since", (Incoming, Sends::Login), &["select"], WINDOW, |it| Box::pin(search_since::run(it))),
    check("fetch", (Incoming, Sends::Login), &["select"], "message as announced, its parts equal to the whole", |it| {
        Box::pin(fetch::run(it))
    }),
    of_doctor(check("special-use", (Incoming, Sends::Login), &["list", "select"], SPECIAL_USE, |it| {
        Box::pin(special_use::run(it))
    })),
    of_doctor(check("quota", (Incoming, Sends::Login), &["list"], "room in the mailbox", |it| {
        Box::pin(quota::run(it))
    })),
    check("submit", (Outgoing, Sends::Message), &["login"], "message to oneself accepted", |it| {
        Box::pin(submit::run(it))
    }),
    of_doctor(check("sender", (Outgoing, Sends::Login), &["login"], "mail from each alias accepted", |it| {
        Box::pin(sender::run(it))
    })),
    check("arrive", (BothServers, Sends::Login), &["submit", "select"], "message in INBOX", |it| {
        Box::pin(arrive::run(it))
    }),
    at_last(check("wrong-password-refused", (EachServer, Sends::WrongPassword), &["login"], REFUSED, |it| {
        Box::pin(wrong_password_refused::run(it))
    })),
];

const LOGIN: &str = "login";
const CERTIFICATE: &str = "TLS with a valid certificate for the host from a trusted authority";
const DAYS: &str = "a certificate with some days left";
const EACH_ADDRESS: &str = "the service at every address of the host";
const LIMITS: &str = "limits that leave room for a message";
const REFUSED: &str = "wrong password refused";
const SPECIAL_USE: &str = "the folders open that the server names for sent mail, drafts, trash and junk";
const WITHOUT_SNI: &str = "the same certificate for clients that do not name the host";
const WINDOW: &str = "search finds the messages of the window and no others";
