//! What a run of `generate` reports: what it left, refused and lost, as text or as JSON lines. What is the same for many
//! people is reported once, and the text fits a screen unless all of it is asked for; the manifest has every loss.

use std::collections::{BTreeMap, BTreeSet};

use provost_profile::Refusal;
use provost_settings::User;
use serde_json::json;

use super::outcome::{Fate, Left, Outcome, Sum};
use super::plan::Whom;
use crate::arguments::Generate;
use crate::dist::manifest::{Loss, Row, Scope};
use crate::dist::strangers::Stranger;
use crate::failure::Failure;
use crate::{input, output};

/// Reports a run.
pub(super) fn report(
    outcome: &Outcome<'_>,
    options: &Generate,
    users: &[User],
    left: &Left,
    replaced: &[(String, Stranger)],
) -> Result<(), Failure> {
    let replaced: Vec<String> =
        replaced.iter().map(|(path, stranger)| format!("note: {path} was replaced: {}", stranger.what())).collect();
    if options.json {
        replaced.iter().for_each(|line| eprintln!("{line}"));
        return outcome.report_json(users, left);
    }
    let stale: Vec<String> = left.stale.iter().map(|(row, fate)| stale(row, *fate)).collect();
    let (refusals, losses) = (outcome.refusals(), outcome.losses());
    let unsure = (left.unsure > 0).then(|| input::count(left.unsure, "file"));
    let unsure = unsure.map(|files| format!("note: kept {files} of users whose rows are invalid, or may be"));
    let failed =
        outcome.is_all_refused().then_some("error: nothing was written: every requested format refuses everybody");
    // The line of users, the one that says what is hidden, and the warning of passwords in files.
    let always = 3 + unsure.iter().count() + failed.iter().count();
    let mut screen = Screen { lines_left: LINES - always, whole: options.verbose, hidden: Vec::new() };
    let table = screen.table(&outcome.sums, replaced.len() + stale.len() + refusals.len() + losses.len());
    let mut notes = screen.fit(replaced, REPLACED_SHOWN, ["replaced file", "replaced files"]);
    notes.extend(screen.fit(stale, STALE_SHOWN, ["file to prune", "files to prune"]));
    notes.extend(unsure);
    notes.extend(screen.fit(refusals, REFUSALS_SHOWN, ["refusal", "refusals"]));
    notes.extend(screen.fit(losses, LINES, ["loss", "losses"]));
    notes.iter().for_each(|line| eprintln!("{line}"));
    output::table(&table)?;
    output::line(&format!("{} in {}", input::count(users.len(), "user"), options.output.display()))?;
    screen.hint().into_iter().chain(failed.map(str::to_owned)).for_each(|line| eprintln!("{line}"));
    Ok(())
}

/// The lines of text that are still free, and what there was no place for.
struct Screen {
    lines_left: usize,
    /// Whether everything is shown all the same.
    whole: bool,
    hidden: Vec<String>,
}

impl Screen {
    /// The lines that fit: at most `shown`.
    fn fit(&mut self, mut lines: Vec<String>, shown: usize, [one, many]: [&str; 2]) -> Vec<String> {
        let shown = shown.min(self.lines_left);
        if let Some(hidden) = lines.len().checked_sub(shown).filter(|hidden| *hidden > 0 && !self.whole) {
            lines.truncate(shown);
            self.hidden.push(format!("{hidden} more {}", if hidden == 1 { one } else { many }));
        }
        self.lines_left = self.lines_left.saturating_sub(lines.len());
        lines
    }

    /// How many files came out how: of each kind, else of each format, else of all, whichever fits beside the notes.
    fn table(&mut self, sums: &BTreeMap<(&'static str, Option<&'static str>), Sum>, notes: usize) -> Vec<Vec<String>> {
        let together = |name: &dyn Fn(&'static str, Option<&'static str>) -> String| {
            let mut table: BTreeMap<String, Sum> = BTreeMap::new();
            for ((format, variant), sum) in sums {
                let row = table.entry(name(format, *variant)).or_default();
                *row = row.and(*sum);
            }
            table
        };
        let rows_max = self.lines_left.saturating_sub(notes + 1).max(ROWS_SHOWN);
        let fits = |table: &BTreeMap<String, Sum>| self.whole || table.len() <= rows_max;
        let kinds = together(&|format, variant| variant.map_or(format.to_owned(), |it| format!("{format}/{it}")));
        let formats = together(&|format, _| format.to_owned());
        let all = format!("all {}", formats.len());
        let (table, hidden) = match (fits(&kinds), fits(&formats)) {
            (true, _) => (kinds, None),
            (false, true) => (formats, Some("a row per variant")),
            (false, false) => (together(&|_, _| all.clone()), Some("a row per format and variant")),
        };
        self.hidden.extend(hidden.map(str::to_owned));
        let heading = ["format", "new", "changed", "unchanged"].map(str::to_owned).to_vec();
        let rows = table
            .into_iter()
            .map(|(name, sum)| vec![name, sum.new.to_string(), sum.changed.to_string(), sum.unchanged.to_string()]);
        let table: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
        self.lines_left = self.lines_left.saturating_sub(table.len());
        table
    }

    /// How to see what there was no place for.
    fn hint(self) -> Option<String> {
        let (last, others) = self.hidden.split_last()?;
        let what = match others {
            [] => last.clone(),
            others => format!("{} and {last}", others.join(", ")),
        };
        Some(format!("note: --verbose shows {what}; manifest.jsonl lists every file and loss"))
    }
}

fn stale(row: &Row, fate: Fate) -> String {
    let whose = match (&row.address, &row.scope) {
        (Some(address), _) => address.to_string(),
        (None, Scope::Domain(domain)) => domain.to_string(),
        (None, Scope::User | Scope::Organization) => "the organization".to_owned(),
    };
    format!("note: {} of {whose} is no longer requested: {}", row.path, fate.what())
}

impl Outcome<'_> {
    fn report_json(&self, users: &[User], left: &Left) -> Result<(), Failure> {
        for refused in &self.refusals {
            output::json_line(&json!({
                "address": refused.whom.to_string(), "format": refused.kind.format.name,
                "refused": refused.refusal.to_string(),
            }))?;
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
            let address = row.address.as_ref().map(ToString::to_string);
            output::json_line(&json!({"address": address, "format": row.format, "stale": row.path}))?;
        }
        let total = |pick: fn(&Sum) -> usize| self.sums.values().map(pick).sum::<usize>();
        output::json_line(&json!({"provost": 1, "summary": {
            "users": users.len(), "new": total(|sum| sum.new), "changed": total(|sum| sum.changed),
            "unchanged": total(|sum| sum.unchanged), "refused": self.refusals.len(), "stale": left.stale.len(),
            "unsure": left.unsure,
        }}))?;
        Ok(())
    }

    /// A line for each refusal, or one for many for the same reason.
    fn refusals(&self) -> Vec<String> {
        let line = |(format, refusals): (&'static str, Vec<(Whom<'_>, &Refusal)>)| match refusals.as_slice() {
            [(whom, refusal), others @ ..] if others.len() >= ALIKE_SHOWN => {
                vec![format!("refused: {whom} and {} others in {format}: {}", others.len(), refusal.reason)]
            }
            some => some.iter().map(|(whom, refusal)| format!("refused: {whom} in {format}: {refusal}")).collect(),
        };
        self.refusals_alike().into_iter().flat_map(line).collect()
    }

    /// A line for each loss, or one for many that are alike.
    fn losses(&self) -> Vec<String> {
        self.losses_alike().iter().flat_map(LossesAlike::lines).collect()
    }

    /// The refusals of a format for the same reason, together.
    fn refusals_alike(&self) -> Vec<(&'static str, Vec<(Whom<'_>, &Refusal)>)> {
        let mut alike: Vec<(&'static str, Vec<(Whom<'_>, &Refusal)>)> = Vec::new();
        let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut seen: BTreeSet<(&str, &str, String, &str)> = BTreeSet::new();
        for it in &self.refusals {
            let (format, refusal) = (it.kind.format.name, &it.refusal);
            if !seen.insert((format, refusal.reason, it.whom.to_string(), &refusal.found)) {
                continue;
            }
            let at = *places.entry((format, refusal.reason)).or_insert_with(|| {
                alike.push((format, Vec::new()));
                alike.len() - 1
            });
            alike[at].1.push((it.whom, refusal));
        }
        alike
    }

    /// The losses of a format in the same setting and for the same reason, together. Files of earlier runs, in kinds that
    /// this run does not write, are not reported again.
    fn losses_alike(&self) -> Vec<LossesAlike<'_>> {
        let mut alike: Vec<LossesAlike<'_>> = Vec::new();
        let mut places: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
        let mut within: BTreeMap<(usize, &str, Option<&str>), usize> = BTreeMap::new();
        let written = |row: &&Row| self.sums.contains_key(&(row.format.as_str(), row.variant.as_deref()));
        for (number, row) in self.rows.iter().filter(written).enumerate() {
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
            [(first, _), others @ ..] if others.len() >= ALIKE_SHOWN => {
                vec![self.line(first, &format!(" and {} others", others.len()), self.files)]
            }
            some => some.iter().map(|(loss, files)| self.line(loss, "", *files)).collect(),
        }
    }

    fn line(&self, loss: &Loss, others: &str, files: usize) -> String {
        let Loss { setting, asked, written, reason } = loss;
        let (format, asked, files) = (self.format, asked.trim_end_matches(','), input::count(files, "file"));
        let instead = written.as_ref().map(|written| format!("; it writes {written}"));
        let instead = instead.as_deref().unwrap_or("");
        format!("loss: {format} cannot express {setting} {asked}{others} ({files}){instead}: {reason}")
    }
}

impl Fate {
    fn what(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Kept => "kept; --prune removes it",
            Self::KeptChanged => "kept, because it was changed; --prune --force removes it",
            Self::KeptNothingWritten => "kept, because nothing was written",
        }
    }
}

/// More refusals or losses than this for one reason take one line.
const ALIKE_SHOWN: usize = 3;
/// A screen.
const LINES: usize = 24;
const ROWS_SHOWN: usize = 5;
const REPLACED_SHOWN: usize = 2;
const STALE_SHOWN: usize = 2;
const REFUSALS_SHOWN: usize = 4;
