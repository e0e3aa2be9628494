//! What a run of `generate` has come to: the files that were written, what was refused, and what earlier runs left. It
//! reports nothing.

use std::collections::{BTreeMap, BTreeSet};

use provost_account::EmailAddress;
use provost_profile::Refusal;
use provost_settings::Extent;

use super::plan::{Kind, Made, Plan, Whom};
use crate::dist::folder::{Folder, Written, sha256};
use crate::dist::manifest::{Loss, Row, Scope};
use crate::dist::strangers::Strangers;
use crate::failure::Failure;

/// One run of `generate`, as far as it has come.
pub(super) struct Outcome<'a> {
    pub(super) folder: Folder,
    pub(super) rows: Vec<Row>,
    /// Per format and variant: how many files came out how.
    pub(super) sums: BTreeMap<(&'static str, Option<&'static str>), Sum>,
    pub(super) refusals: Vec<Refused<'a>>,
}

/// That somebody gets no file of a kind, and why.
pub(super) struct Refused<'a> {
    pub(super) whom: Whom<'a>,
    pub(super) kind: Kind,
    pub(super) refusal: Refusal,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) new: usize,
    pub(super) changed: usize,
    pub(super) unchanged: usize,
}

impl Sum {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            new: self.new + other.new,
            changed: self.changed + other.changed,
            unchanged: self.unchanged + other.unchanged,
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.new + self.changed + self.unchanged == 0
    }
}

/// What earlier runs wrote and this one did not.
#[derive(Default)]
pub(super) struct Left {
    /// Files that are no longer asked for, and what became of each.
    pub(super) stale: Vec<(Row, Fate)>,
    /// How many files are of people who may be in the part of the list that cannot be read.
    pub(super) unsure: usize,
}

/// What became of a file that is no longer asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Removed,
    Kept,
    /// Somebody changed it, and nobody said that it may go all the same.
    KeptChanged,
    /// Nothing was written in the place of anything.
    KeptNothingWritten,
}

impl<'a> Outcome<'a> {
    /// Nothing yet.
    pub(super) fn of(folder: Folder) -> Self {
        Self { folder, rows: Vec::new(), sums: BTreeMap::new(), refusals: Vec::new() }
    }

    /// Whether every profile that was asked for is refused.
    pub(super) fn is_all_refused(&self) -> bool {
        self.sums.values().all(Sum::is_zero) && !self.refusals.is_empty()
    }

    /// Saves what was written, or notes why nothing was. `more` is a loss that shows only beside the user list.
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
            match self.folder.write(&path, &file.bytes)? {
                Written::New => sum.new += 1,
                Written::Changed => sum.changed += 1,
                Written::Unchanged => sum.unchanged += 1,
            }
            self.rows.push(Row {
                address: whom.account().map(|account| account.address.clone()),
                username: whom.account().and_then(|account| account.login()).cloned(),
                format: kind.format.name.to_owned(),
                variant: kind.variant().map(str::to_owned),
                scope: whom.scope(),
                path,
                install: file.install.clone().or_else(|| kind.format.install.map(str::to_owned)),
                sha256: sha256(&file.bytes),
                losses: losses.clone(),
            });
        }
        Ok(())
    }

    /// Keeps the rows of formats that this run was not asked for, and of people whose rows cannot be read; and finds the
    /// files that an earlier run wrote and this one would not: removed with `--prune`, otherwise kept and named.
    pub(super) fn carry_over(
        &mut self,
        earlier: Vec<Row>,
        plan: &Plan<'_>,
        strangers: &Strangers,
    ) -> Result<Left, Failure> {
        let options = plan.options;
        let good: BTreeSet<String> = plan.users.good.iter().map(|user| user.account.address.key()).collect();
        let bad: BTreeSet<String> = plan.users.bad.iter().map(|address| address.key()).collect();
        let written: BTreeSet<String> = self.rows.iter().map(|row| row.path.clone()).collect();
        let mut left = Left::default();
        for row in earlier.into_iter().filter(|row| !written.contains(&row.path)) {
            let is_gone = |scope: &Scope| match scope {
                Scope::Domain(domain) => !plan.service.domains.contains(domain),
                Scope::User | Scope::Organization => false,
            };
            let known = match (row.user().map(EmailAddress::key), plan.users.extent) {
                (Some(key), _) if bad.contains(&key) => Listed::Unreadable,
                (Some(key), _) if good.contains(&key) => Listed::Good,
                (Some(_), Extent::InPart) => Listed::Unreadable,
                (Some(_), Extent::Whole) => Listed::Gone,
                (None, _) if is_gone(&row.scope) => Listed::Gone,
                (None, _) => Listed::Good,
            };
            match known {
                Listed::Unreadable => left.unsure += 1,
                Listed::Good if !plan.asks_for(&row.format, row.variant.as_deref()) => {}
                Listed::Good | Listed::Gone => {
                    let fate = match options.prune {
                        false => Fate::Kept,
                        true if written.is_empty() => Fate::KeptNothingWritten,
                        true if strangers.is_changed(&row.path) && !options.force => Fate::KeptChanged,
                        true => Fate::Removed,
                    };
                    left.stale.push((row.clone(), fate));
                    if fate == Fate::Removed {
                        self.folder.remove(&row.path)?;
                        continue;
                    }
                }
            }
            self.rows.push(row);
        }
        self.rows.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(left)
    }
}

/// What the user list says of somebody.
enum Listed {
    Good,
    /// The row is bad, or may be.
    Unreadable,
    Gone,
}
