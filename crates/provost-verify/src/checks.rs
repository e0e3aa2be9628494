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

use crate::attempt::Attempt;
use crate::report::Verdict;

/// A check. Two are the same if they have one name.
#[derive(Debug)]
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
    pub(crate) run: for<'a> fn(&'a Attempt<'a>) -> Running<'a>,
}

/// What a check is asked of.
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

type Running<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// Every check.
#[must_use]
pub fn checks() -> &'static [Check] {
    CHECKS
}

const CHECKS: &[Check] = &[
    Check {
        name: "resolve",
        expected: "an address for the host",
        depends_on: &[],
        finds_server: true,
        scope: Scope::EachServer,
        run: |attempt| Box::pin(resolve::run(attempt)),
    },
    Check {
        name: "connect",
        expected: "port open",
        depends_on: &["resolve"],
        finds_server: true,
        scope: Scope::EachServer,
        run: |attempt| Box::pin(connect::run(attempt)),
    },
    Check {
        name: "tls",
        expected: "TLS with a valid certificate for the host from a trusted authority",
        depends_on: &["connect"],
        finds_server: true,
        scope: Scope::EachServer,
        run: |attempt| Box::pin(tls::run(attempt)),
    },
    Check {
        name: "cleartext-refused",
        expected: "password refused before TLS",
        depends_on: &["tls"],
        finds_server: false,
        scope: Scope::EachServer,
        run: |attempt| Box::pin(cleartext_refused::run(attempt)),
    },
    Check {
        name: "mechanisms",
        expected: "the account's login method offered",
        depends_on: &["tls"],
        finds_server: false,
        scope: Scope::EachServer,
        run: |attempt| Box::pin(mechanisms::run(attempt)),
    },
    Check {
        name: "login",
        expected: "login accepted",
        depends_on: &["mechanisms"],
        finds_server: false,
        scope: Scope::EachServer,
        run: |attempt| Box::pin(login::run(attempt)),
    },
    Check {
        name: "wrong-password-refused",
        expected: "wrong password refused",
        depends_on: &["login"],
        finds_server: false,
        scope: Scope::EachServer,
        run: |attempt| Box::pin(wrong_password_refused::run(attempt)),
    },
    Check {
        name: "list",
        expected: "INBOX in the folder list",
        depends_on: &["login"],
        finds_server: false,
        scope: Scope::Incoming,
        run: |attempt| Box::pin(list::run(attempt)),
    },
    Check {
        name: "select",
        expected: "INBOX opens",
        depends_on: &["login"],
        finds_server: false,
        scope: Scope::Incoming,
        run: |attempt| Box::pin(select::run(attempt)),
    },
    Check {
        name: "search-since",
        expected: "search finds the messages of the window and no others",
        depends_on: &["select"],
        finds_server: false,
        scope: Scope::Incoming,
        run: |attempt| Box::pin(search_since::run(attempt)),
    },
    Check {
        name: "fetch",
        expected: "message as announced, its parts equal to the whole",
        depends_on: &["select"],
        finds_server: false,
        scope: Scope::Incoming,
        run: |attempt| Box::pin(fetch::run(attempt)),
    },
    Check {
        name: "submit",
        expected: "message to oneself accepted",
        depends_on: &["login"],
        finds_server: false,
        scope: Scope::Outgoing,
        run: |attempt| Box::pin(submit::run(attempt)),
    },
    Check {
        name: "arrive",
        expected: "message in INBOX",
        depends_on: &["submit", "select"],
        finds_server: false,
        scope: Scope::BothServers,
        run: |attempt| Box::pin(arrive::run(attempt)),
    },
];
