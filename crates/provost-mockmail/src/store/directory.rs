//! Login names and addresses to accounts, found in constant time. It stores no names: the caller compares those of the
//! accounts that it returns.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use hashbrown::HashTable;

use super::AccountId;

/// Accounts by one kind of name. Several may have the same one: settings that nobody checked are served, too.
#[derive(Debug, Default)]
pub(super) struct Directory(HashTable<Entry>);

#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u32,
    account: AccountId,
}

impl Directory {
    pub(super) fn with_room_for(count: usize) -> Self {
        Self(HashTable::with_capacity(count))
    }

    pub(super) fn add(&mut self, name: &str, account: AccountId) {
        let hash = hash(name);
        self.0.insert_unique(spread(hash), Entry { hash, account }, |entry| spread(entry.hash));
    }

    pub(super) fn remove(&mut self, name: &str, account: AccountId) {
        let hash = hash(name);
        if let Ok(entry) = self.0.find_entry(spread(hash), |entry| entry.hash == hash && entry.account == account) {
            entry.remove();
        }
    }

    /// Those who may have that name: all who do, and hardly anybody else.
    pub(super) fn candidates(&self, name: &str) -> impl Iterator<Item = AccountId> {
        let hash = hash(name);
        self.0.iter_hash(spread(hash)).filter(move |entry| entry.hash == hash).map(|entry| entry.account)
    }
}

/// The same in every run.
fn hash(name: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let hash = hasher.finish();
    u32::try_from(hash >> 32).expect("a half of 64 bits has 32")
}

/// A table takes its place from the lower bits, and what it compares first from the upper ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}
