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

use crate::attempt::{Attempt, Verdict};

/// A check.
#[derive(Debug)]
pub struct Check {
    /// The stable name.
    pub name: &'static str,
    /// What a working account gives.
    pub expected: &'static str,
    /// The checks that must not have failed before this one is tried.
    pub depends_on: &'static [&'static str],
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

type Running<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// Every check.
#[must_use]
pub fn checks() -> &'static [Check] {
    CHECKS
}

const CHECKS: &[Check] = &[
    Check {
        name: "resolve",
        expected: "the host has an address",
        depends_on: &[],
        scope: Scope::EachServer,
        run: |attempt| Box::pin(resolve::run(attempt)),
    },
    Check {
        name: "connect",
        expected: "something listens on the port",
        depends_on: &["resolve"],
        scope: Scope::EachServer,
        run: |attempt| Box::pin(connect::run(attempt)),
    },
    Check {
        name: "tls",
        expected: "TLS with a certificate for the host, in its time, from a trusted authority",
        depends_on: &["connect"],
        scope: Scope::EachServer,
        run: |attempt| Box::pin(tls::run(attempt)),
    },
    Check {
        name: "cleartext-refused",
        expected: "passwords are refused before TLS",
        depends_on: &["tls"],
        scope: Scope::EachServer,
        run: |attempt| Box::pin(cleartext_refused::run(attempt)),
    },
    Check {
        name: "mechanisms",
        expected: "the account's way to log in is offered",
        depends_on: &["tls"],
        scope: Scope::EachServer,
        run: |attempt| Box::pin(mechanisms::run(attempt)),
    },
    Check {
        name: "login",
        expected: "the login name and the password are accepted",
        depends_on: &["mechanisms"],
        scope: Scope::EachServer,
        run: |attempt| Box::pin(login::run(attempt)),
    },
    Check {
        name: "wrong-password-refused",
        expected: "another password is refused",
        depends_on: &["login"],
        scope: Scope::EachServer,
        run: |attempt| Box::pin(wrong_password_refused::run(attempt)),
    },
    Check {
        name: "list",
        expected: "the list of folders has INBOX",
        depends_on: &["login"],
        scope: Scope::Incoming,
        run: |attempt| Box::pin(list::run(attempt)),
    },
    Check {
        name: "select",
        expected: "INBOX opens",
        depends_on: &["login"],
        scope: Scope::Incoming,
        run: |attempt| Box::pin(select::run(attempt)),
    },
    Check {
        name: "search-since",
        expected: "UID SEARCH SINCE finds the messages of the window and no others",
        depends_on: &["select"],
        scope: Scope::Incoming,
        run: |attempt| Box::pin(search_since::run(attempt)),
    },
    Check {
        name: "fetch",
        expected: "a message has the size that is announced, and its parts make the whole",
        depends_on: &["select"],
        scope: Scope::Incoming,
        run: |attempt| Box::pin(fetch::run(attempt)),
    },
    Check {
        name: "submit",
        expected: "a message to oneself is accepted",
        depends_on: &["login"],
        scope: Scope::Outgoing,
        run: |attempt| Box::pin(submit::run(attempt)),
    },
    Check {
        name: "arrive",
        expected: "the message is in INBOX",
        depends_on: &["submit", "select"],
        scope: Scope::BothServers,
        run: |attempt| Box::pin(arrive::run(attempt)),
    },
];
