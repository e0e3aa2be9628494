//! The table of checks in the order of a client's steps, with what each depends on. One file each.

mod arrive;
mod cleartext_refused;
mod connect;
mod fetch;
mod list;
mod login;
mod mechanisms;
mod resolve;
mod search_since;
mod select;
mod submit;
mod tls;
mod wrong_password_refused;

use std::pin::Pin;

use Scope::{BothServers, EachServer, Incoming, Outgoing};

use crate::attempt::{Attempt, Stop};
use crate::report::Evidence;

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
    pub(crate) scope: Scope,
    pub(crate) run: Run,
}

/// Which servers a check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    EachServer,
    Incoming,
    Outgoing,
    /// The incoming server, after the outgoing one.
    BothServers,
}

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Check {}

type Run = for<'a> fn(&'a Attempt<'a>) -> Pin<Box<dyn Future<Output = Result<Evidence, Stop>> + Send + 'a>>;

/// Every check.
#[must_use]
pub fn checks() -> &'static [Check] {
    CHECKS
}

const fn check(
    name: &'static str,
    scope: Scope,
    depends_on: &'static [&'static str],
    expected: &'static str,
    run: Run,
) -> Check {
    Check { name, expected, depends_on, finds_server: false, scope, run }
}

/// A check whose failure may mean that the account leads to the wrong server.
const fn finds_server(check: Check) -> Check {
    Check { finds_server: true, ..check }
}

const CHECKS: &[Check] = &[
    finds_server(check("resolve", EachServer, &[], "an address for the host", |it| Box::pin(resolve::run(it)))),
    finds_server(check("connect", EachServer, &["resolve"], "port open", |it| Box::pin(connect::run(it)))),
    finds_server(check("tls", EachServer, &["connect"], CERTIFICATE, |it| Box::pin(tls::run(it)))),
    check("cleartext-refused", EachServer, &["tls"], "password refused before TLS", |it| {
        Box::pin(cleartext_refused::run(it))
    }),
    check("mechanisms", EachServer, &["tls"], "the account's login method offered", |it| Box::pin(mechanisms::run(it))),
    check("login", EachServer, &["mechanisms"], "login accepted", |it| Box::pin(login::run(it))),
    check("wrong-password-refused", EachServer, &["login"], "wrong password refused", |it| {
        Box::pin(wrong_password_refused::run(it))
    }),
    check("list", Incoming, &["login"], "INBOX in the folder list", |it| Box::pin(list::run(it))),
    check("select", Incoming, &["login"], "INBOX opens", |it| Box::pin(select::run(it))),
    check("search-since", Incoming, &["select"], "search finds the messages of the window and no others", |it| {
        Box::pin(search_since::run(it))
    }),
    check("fetch", Incoming, &["select"], "message as announced, its parts equal to the whole", |it| {
        Box::pin(fetch::run(it))
    }),
    check("submit", Outgoing, &["login"], "message to oneself accepted", |it| Box::pin(submit::run(it))),
    check("arrive", BothServers, &["submit", "select"], "message in INBOX", |it| Box::pin(arrive::run(it))),
];

const CERTIFICATE: &str = "TLS with a valid certificate for the host from a trusted authority";
