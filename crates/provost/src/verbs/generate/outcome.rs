//! The outcome of a run of `generate`: the files that were written, what was refused, and what earlier runs left. It
//! reports nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use provost_account::EmailAddress;
use provost_profile::Refusal;
use provost_settings::Extent;

use super::plan::{Kind, Made, Plan, Whom};
use crate::dist::folder::Folder;
use crate::dist::strangers::Strangers;
use crate::failure::Failure;
use crate::signing::Signing;
use provost_generate::manifest::{Entry, Loss, Scope};
use provost_generate::{Written, sha256};

/// One run of `generate`, so far.
pub(super) struct Outcome<'a> {
    pub(super) folder: Folder,
    signing: Option<Signing>,
    pub(super) entries: Vec<Entry>,
    pub(super) sums: BTreeMap<(&'static str, Option<&'static str>), Sum>,
    pub(super) refusals: Vec<Refused<'a>>,
}

/// How many files of a format and variant are new, changed and unchanged.
pub(super) type Sum = [usize; 3];

/// That somebody gets no file of a kind, and why.
pub(super) struct Refused<'a> {
    pub(super) whom: Whom<'a>,
    pub(super) kind: Kind,
    pub(super) refusal: Refusal,
}

/// What earlier runs wrote and this one did not.
#[derive(Default)]
pub(super) struct Left {
    /// Files that are no longer asked for, and what became of each.
    pub(super) stale: Vec<(Entry, Fate)>,
    /// How many files belong to people who may be in an invalid part of the list.
    pub(super) unsure: usize,
}

/// What became of such a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Removed,
    Kept,
    /// It was changed, and there is no `--force`.
    KeptChanged,
    /// Nothing was written that could take its place.
    KeptNothingWritten,
}

impl<'a> Outcome<'a> {
    /// Nothing yet.
    pub(super) fn of(folder: Folder, signing: Option<Signing>) -> Self {
        Self { folder, signing, entries: Vec::new(), sums: BTreeMap::new(), refusals: Vec::new() }
    }

    /// Whether every profile that was asked for is refused.
    pub(super) fn is_all_refused(&self) -> bool {
        self.sums.values().all(|sum| *sum == [0; 3]) && !self.refusals.is_empty()
    }

    /// Saves what was written, or notes why nothing was. `more` is a loss that depends on the user list.
    pub(super) fn keep(&mut self, made: &Made<'a>, more: Option<Loss>) -> Result<(), Failure> {
        let (kind, whom) = (made.kind, made.whom);
        let sum = self.sums.entry((kind.format.name, kind.variant())).or_default();
        let profile = match &made.written {
            Ok(profile) => profile,
            Err(refusal) => {
                self.refusals.push(Refused { whom, kind, refusal: refusal.clone() });
                return Ok(());
            }
        };
        let losses = profile.losses.iter().map(|loss| Loss {
            setting: loss.setting.clone(),
            asked: loss.asked.clone(),
            written: loss.written.clone(),
            reason: loss.reason.to_owned(),
        });
        let losses: Vec<Loss> = losses.chain(more).collect();
        for file in &profile.files {
            let path = made.path(file);
            let signing = self.signing.as_ref().filter(|_| kind.is_signed(&path));
            let bytes = match signing {
                None => Cow::Borrowed(&file.bytes),
                Some(signing) => Cow::Owned(signing.around(&file.bytes, self.folder.bytes(&path)?)?),
            };
            match self.folder.write(&path, &bytes)? {
                Written::New => sum[0] += 1,
                Written::Changed => sum[1] += 1,
                Written::Unchanged => sum[2] += 1,
            }
            self.entries.push(Entry {
                address: whom.account().map(|account| account.address.clone()),
                username: whom.account().and_then(|account| account.login()).cloned(),
                format: kind.format.name.to_owned(),
                variant: kind.variant().map(str::to_owned),
                scope: whom.scope(),
                path,
                install: file.install.clone().or_else(|| kind.format.install.map(str::to_owned)),
                sha256: sha256(&bytes),
                octets: Some(bytes.len() as u64),
                input: None,
                signature: signing.map(Signing::signature),
                losses: losses.clone(),
            });
        }
        Ok(())
    }

    /// Keeps the entries of formats that this run was not asked for, and of people whose rows are invalid; and finds the
    /// files that an earlier run wrote and this one would not: removed with `--prune`, otherwise kept and named.
    pub(super) fn carry_over(
        &mut self,
        earlier: Vec<Entry>,
        plan: &Plan<'_>,
        strangers: &Strangers,
    ) -> Result<Left, Failure> {
        let Plan { users, service, options, .. } = plan;
        let good: BTreeSet<String> = users.good.iter().map(|user| user.account.address.key()).collect();
        let bad: BTreeSet<String> = users.bad.iter().map(EmailAddress::key).collect();
        let written: BTreeSet<String> = self.entries.iter().map(|entry| entry.path.clone()).collect();
        let mut left = Left::default();
        for entry in earlier.into_iter().filter(|entry| !written.contains(&entry.path)) {
            let key = entry.user().map(EmailAddress::key);
            let is_good = key.as_ref().is_none_or(|key| good.contains(key));
            let is_gone = match &entry.scope {
                Scope::Domain(domain) => !service.domains.contains(domain),
                Scope::User | Scope::Organization => !is_good,
            };
            if key.is_some_and(|key| bad.contains(&key)) || !is_good && users.extent == Extent::InPart {
                left.unsure += 1;
            } else if is_gone || plan.asks_for(&entry.format, entry.variant.as_deref()) {
                let fate = match options.prune {
                    false => Fate::Kept,
                    true if written.is_empty() => Fate::KeptNothingWritten,
                    true if strangers.is_changed(&entry.path) && !options.force => Fate::KeptChanged,
                    true => Fate::Removed,
                };
                left.stale.push((entry.clone(), fate));
                if fate == Fate::Removed {
                    self.folder.remove(&entry.path)?;
                    continue;
                }
            }
            self.entries.push(entry);
        }
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(left)
    }
}
