//! What a run of `generate` reports: refusals and losses, as text or as JSON lines. What is the same for many people is
//! reported once; the manifest has it for each.

use std::collections::{BTreeMap, BTreeSet};

use provost_profile::Refusal;
use provost_settings::User;
use serde_json::json;

use super::{Fate, Left, Run, Sum};
use crate::arguments::Generate;
use crate::dist::manifest::Loss;
use crate::dist::strangers::Stranger;
use crate::failure::Failure;
use crate::{input, output};

impl Run {
    /// Says it.
    pub(super) fn report(
        &self,
        options: &Generate,
        users: &[User],
        left: &Left,
        replaced: &[(String, Stranger)],
    ) -> Result<(), Failure> {
        for (path, stranger) in replaced {
            eprintln!("note: {path} was replaced: {}", stranger.what());
        }
        if options.json {
            return self.report_json(users, left);
        }
        for (row, fate) in &left.stale {
            let whose = row.address.as_deref().or(row.domain.as_deref()).unwrap_or("the organization");
            eprintln!("note: {} of {whose} is no longer asked for: {}", row.path, fate.what());
        }
        if left.unsure > 0 {
            let files = input::count(left.unsure, "file");
            eprintln!("note: {files} kept, of people whose rows cannot be read, or may be among those that cannot");
        }
        for (format, refusals) in self.refusals_alike() {
            match refusals.as_slice() {
                [first, _, _, ..] if refusals.len() > SHOWN => {
                    let (count, reason) = (refusals.len(), first.1.reason);
                    eprintln!("refused: {} and {} others in {format}: {reason}", first.0, count - 1);
                }
                some => some.iter().for_each(|(name, refusal)| eprintln!("refused: {name} in {format}: {refusal}")),
            }
        }
        for alike in self.losses_alike() {
            alike.lines().iter().for_each(|line| eprintln!("{line}"));
        }
        let mut table = vec![["format", "new", "changed", "unchanged"].map(str::to_owned).to_vec()];
        for (place, sum) in &self.sums {
            table.push(vec![place.clone(), sum.new.to_string(), sum.changed.to_string(), sum.unchanged.to_string()]);
        }
        output::table(&table)?;
        output::line(&format!("{} in {}", input::count(users.len(), "user"), options.output.display()))?;
        if self.sums.values().all(Sum::is_zero) && !self.refusals.is_empty() {
            eprintln!("error: nothing was written: every format that was asked for is refused for everybody");
        }
        Ok(())
    }

    fn report_json(&self, users: &[User], left: &Left) -> Result<(), Failure> {
        for (address, format, refusal) in &self.refusals {
            output::json_line(&json!({"address": address, "format": format, "refused": refusal.to_string()}))?;
        }
        for alike in self.losses_alike() {
            for (loss, files) in alike.losses {
                output::json_line(&json!({
                    "format": alike.format, "loss": loss.setting, "asked": loss.asked, "written": loss.written,
                    "reason": loss.reason, "files": files,
                }))?;
            }
        }
        for (row, _) in &left.stale {
            output::json_line(&json!({"address": row.address, "format": row.format, "stale": row.path}))?;
        }
        let total = |pick: fn(&Sum) -> usize| self.sums.values().map(pick).sum::<usize>();
        output::json_line(&json!({"provost": 1, "summary": {
            "users": users.len(), "new": total(|sum| sum.new), "changed": total(|sum| sum.changed),
            "unchanged": total(|sum| sum.unchanged), "refused": self.refusals.len(), "stale": left.stale.len(),
            "unsure": left.unsure,
        }}))?;
        Ok(())
    }

    /// The refusals of a format for the same reason, together.
    fn refusals_alike(&self) -> Vec<(&'static str, Vec<(&str, &Refusal)>)> {
        let mut alike: Vec<(&'static str, Vec<(&str, &Refusal)>)> = Vec::new();
        let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut seen: BTreeSet<(&str, &str, &str, &str)> = BTreeSet::new();
        for (name, format, refusal) in &self.refusals {
            if !seen.insert((format, refusal.reason, name, &refusal.found)) {
                continue;
            }
            let at = *places.entry((format, refusal.reason)).or_insert_with(|| {
                alike.push((format, Vec::new()));
                alike.len() - 1
            });
            alike[at].1.push((name, refusal));
        }
        alike
    }

    /// The losses of a format in the same setting and for the same reason, together.
    fn losses_alike(&self) -> Vec<LossesAlike<'_>> {
        let mut alike: Vec<LossesAlike<'_>> = Vec::new();
        let mut places: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
        let mut within: BTreeMap<(usize, &str, Option<&str>), usize> = BTreeMap::new();
        for (number, row) in self.rows.iter().enumerate() {
            for loss in &row.losses {
                let at = *places.entry((&row.format, &loss.setting, &loss.reason)).or_insert_with(|| {
                    alike.push(LossesAlike { format: &row.format, losses: Vec::new(), files: 0, last: None });
                    alike.len() - 1
                });
                if alike[at].last.replace(number) != Some(number) {
                    alike[at].files += 1;
                }
                let losses = &mut alike[at].losses;
                let known = *within.entry((at, &loss.asked, loss.written.as_deref())).or_insert_with(|| {
                    losses.push((loss, 0));
                    losses.len() - 1
                });
                losses[known].1 += 1;
            }
        }
        alike
    }
}

/// What a format cannot say of a setting for one reason: each loss, and how many files have it.
struct LossesAlike<'a> {
    format: &'a str,
    losses: Vec<(&'a Loss, usize)>,
    /// How many files have one of them or several.
    files: usize,
    /// The last of these.
    last: Option<usize>,
}

impl LossesAlike<'_> {
    /// A line for each, or one for all where they are personal: names, aliases, login names.
    fn lines(&self) -> Vec<String> {
        match self.losses.as_slice() {
            [(first, _), ..] if self.losses.len() > SHOWN => {
                vec![self.line(first, &format!(" and {} others", self.losses.len() - 1), self.files)]
            }
            some => some.iter().map(|(loss, files)| self.line(loss, "", *files)).collect(),
        }
    }

    fn line(&self, loss: &Loss, others: &str, files: usize) -> String {
        let Loss { setting, asked, written, reason } = loss;
        let instead = written.as_ref().map(|written| format!(", writes {written}"));
        format!(
            "loss: {setting} {asked}{others} cannot be said by {} ({}){}: {reason}",
            self.format,
            input::count(files, "file"),
            instead.as_deref().unwrap_or(""),
        )
    }
}

impl Fate {
    fn what(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Kept => "kept, remove it with --prune",
            Self::KeptChanged => "kept, since it was changed; remove it with --prune --force",
            Self::KeptNothingWritten => "kept, since nothing was written",
        }
    }
}

/// More people than this whom a format refuses, or loses something of, for one reason are told of in one line.
const SHOWN: usize = 3;
