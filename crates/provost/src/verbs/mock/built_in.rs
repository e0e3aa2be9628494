//! The service of `provost mock` without settings: two people at example.test, with public passwords.

use anyhow::Context;
use provost_account::{Account, Secret};
use provost_settings::{ListOptions, read_settings, read_users};

use super::Served;
use crate::failure::Failure;
use crate::mailboxes::Mailboxes;

/// The service and its accounts.
pub(super) fn served() -> Result<Served, Failure> {
    let service = read_settings(SETTINGS.as_bytes(), &|_| Err(std::io::ErrorKind::NotFound.into()));
    let service = service.value.context("the built-in settings have a mistake")?;
    let users = read_users(USERS.as_bytes(), &ListOptions::named(None), &service);
    let mut mailboxes = Mailboxes::default();
    for user in users.good {
        let login = user.account.login().cloned();
        let Account { address, aliases, .. } = user.account;
        mailboxes.add(address, aliases, login, Secret::new(PASSWORD.to_owned()));
    }
    let mailboxes = mailboxes.into_all();
    Ok(Served { service, shown: vec![true; mailboxes.len()], mailboxes })
}

const SETTINGS: &str = include_str!("built_in.yaml");
const USERS: &str = "email,name\njane@example.test,Jane Doe\njohn@example.test,John Doe\n";
/// Nothing is kept behind it, and the server listens on loopback only.
const PASSWORD: &str = "open-sesame";
