//! The mailboxes that the mock server has for the accounts, and passwords for those that have none.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use provost_account::{EmailAddress, Login, Secret};
use provost_mockmail::Mailbox;
use provost_settings::fingerprint;
use sha2::{Digest, Sha256};

/// The mailboxes that the mock serves to the holders of accounts. People with the same login name share one: it has the
/// first one's address and password, and the others' addresses as aliases.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes {
    all: Vec<Mailbox>,
    /// Their places, with the hashes of their logins: a table that grows would look at every login again.
    by_login: HashTable<(u64, usize)>,
}

impl Mailboxes {
    /// Adds an account, whose login is its address where no server asks for one; the place of its mailbox.
    pub(crate) fn add(
        &mut self,
        address: EmailAddress,
        aliases: Vec<EmailAddress>,
        login: Option<Login>,
        password: Secret,
    ) -> usize {
        let Self { all, by_login } = self;
        let login = login_or_address(login, &address);
        let hash = fingerprint(login.as_str());
        let entry = by_login.entry(hash, |(its, at)| *its == hash && all[*at].login == login, |(its, _)| *its);
        match entry {
            Entry::Occupied(entry) => {
                let at = entry.get().1;
                all[at].aliases.extend(std::iter::once(address).chain(aliases));
                at
            }
            Entry::Vacant(entry) => {
                let at = all.len();
                entry.insert((hash, at));
                all.push(Mailbox { address, aliases, login, password });
                at
            }
        }
    }

    /// All of them, in the order of the accounts.
    pub(crate) fn into_all(self) -> Vec<Mailbox> {
        self.all
    }
}

/// The password of a mock account that was given none: its own, and the same in every run.
pub(crate) fn made_up_password(address: &EmailAddress) -> Secret {
    let digest = Sha256::digest(format!("provost mock password of {}", address.key()));
    Secret::new(digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect())
}

/// A login name, or the address where no server asks for one.
pub(crate) fn login_or_address(login: Option<Login>, address: &EmailAddress) -> Login {
    login.unwrap_or_else(|| Login::try_from(address.as_str()).expect("an address is a text without controls"))
}
