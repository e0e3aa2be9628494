//! What a run of `generate` reports: what it left, refused and lost, as text or as JSON lines. What is the same for many
//! people is reported once, and the text fits a screen unless all of it is asked for; the manifest has every loss.

use std::collections::{BTreeMap, BTreeSet};

use provost_settings::User;
use serde_json::json;

use super::outcome::{Fate, Left, Outcome, Refused, Sum};
use super::plan::with_variant;
use crate::arguments::Generate;
use crate::dist::strangers::Stranger;
use crate::failure::Failure;
use crate::groups::groups;
use crate::{input, output};
use provost_generate::manifest::{Entry, Loss, Scope};

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
    let stale: Vec<String> = left.stale.iter().map(|(entry, fate)| stale(entry, *fate)).collect();
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

    /// How many files are new, changed and unchanged: of each kind, else of each format, else of all, whichever fits.
    fn table(&mut self, sums: &BTreeMap<(&'static str, Option<&'static str>), Sum>, notes: usize) -> Vec<Vec<String>> {
        let of_kinds = groups(sums.iter().map(|((format, variant), sum)| (with_variant(format, *variant), sum)));
        let of_formats = groups(sums.iter().map(|((format, _), sum)| ((*format).to_owned(), sum)));
        let of_all = vec![(format!("all {}", of_formats.len()), sums.values().collect())];
        let rows_max = self.lines_left.saturating_sub(notes + 1).max(ROWS_SHOWN);
        let (rows, hidden) = if self.whole || of_kinds.len() <= rows_max {
            (of_kinds, None)
        } else if of_formats.len() <= rows_max {
            (of_formats, Some("a row per variant"))
        } else {
            (of_all, Some("a row per format and variant"))
        };
        self.hidden.extend(hidden.map(str::to_owned));
        let heading = ["format", "new", "changed", "unchanged"].map(str::to_owned).to_vec();
        let row = |(name, sums): (String, Vec<&Sum>)| {
            std::iter::once(name).chain(total(sums).map(|count| count.to_string())).collect::<Vec<_>>()
        };
        let table: Vec<Vec<String>> = std::iter::once(heading).chain(rows.into_iter().map(row)).collect();
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

fn stale(entry: &Entry, fate: Fate) -> String {
    let whose = match (&entry.address, &entry.scope) {
        (Some(address), _) => address.to_string(),
        (None, Scope::Domain(domain)) => domain.to_string(),
        (None, Scope::User | Scope::Organization) => "the organization".to_owned(),
    };
    format!("note: {} of {whose} is no longer requested: {}", entry.path, fate.what())
}

impl Outcome<'_> {
    fn report_json(&self, users: &[User], left: &Left) -> Result<(), Failure> {
        for refused in &self.refusals {
            output::json_line(&json!({
                "address": refused.whom.to_string(), "format": refused.kind.format.name,
                "refused": refused.refusal.to_string(),
            }))?;
        }
        for ((format, ..), losses) in self.losses_alike() {
            for (Loss { setting, asked, written, reason }, files) in losses {
                output::json_line(&json!({
                    "format": format, "loss": setting, "asked": asked, "written": written, "reason": reason,
                    "files": files,
                }))?;
            }
        }
        for (entry, _) in &left.stale {
            let address = entry.address.as_ref().map(ToString::to_string);
            output::json_line(&json!({"address": address, "format": entry.format, "stale": entry.path}))?;
        }
        let [new, changed, unchanged] = total(self.sums.values());
        output::json_line(&json!({"provost": 1, "summary": {
            "users": users.len(), "new": new, "changed": changed, "unchanged": unchanged,
            "refused": self.refusals.len(), "stale": left.stale.len(), "unsure": left.unsure,
        }}))?;
        Ok(())
    }

    /// A line for each refusal, or one for many in a format for the same reason.
    fn refusals(&self) -> Vec<String> {
        let mut seen: BTreeSet<(&str, &str, &str, String)> = BTreeSet::new();
        let once = self.refusals.iter().filter(|Refused { whom, kind, refusal }| {
            seen.insert((kind.format.name, refusal.reason, &refusal.found, whom.to_string()))
        });
        let line = |((format, reason), refused): ((&str, &str), Vec<&Refused<'_>>)| match refused.as_slice() {
            [first, others @ ..] if others.len() >= ALIKE_SHOWN => {
                vec![format!("refused: {} and {} others in {format}: {reason}", first.whom, others.len())]
            }
            some => some.iter().map(|it| format!("refused: {} in {format}: {}", it.whom, it.refusal)).collect(),
        };
        groups(once.map(|it| ((it.kind.format.name, it.refusal.reason), it))).into_iter().flat_map(line).collect()
    }

    /// A line for each loss, or one for many that are alike and personal: names, aliases, login names.
    fn losses(&self) -> Vec<String> {
        let lines = |((format, setting, reason), losses): (Alike<'_>, Vec<(&Loss, usize)>)| {
            let line = |loss: &Loss, others: &str, files: usize| {
                let (asked, files) = (loss.asked.trim_end_matches(','), input::count(files, "file"));
                let instead = loss.written.as_ref().map(|written| format!("; it writes {written}"));
                let instead = instead.as_deref().unwrap_or("");
                format!("loss: {format} cannot express {setting} {asked}{others} ({files}){instead}: {reason}")
            };
            match losses.as_slice() {
                [(first, _), others @ ..] if others.len() >= ALIKE_SHOWN => {
                    let is = |loss: &Loss| loss.setting == setting && loss.reason == reason;
                    let has = |entry: &&Entry| entry.format == format && entry.losses.iter().any(is);
                    vec![line(first, &format!(" and {} others", others.len()), self.written().filter(has).count())]
                }
                some => some.iter().map(|(loss, files)| line(loss, "", *files)).collect(),
            }
        };
        self.losses_alike().into_iter().flat_map(lines).collect()
    }

    /// Each loss with the number of files that have it; those of a format in the same setting and for the same reason are
    /// together.
    fn losses_alike(&self) -> Vec<(Alike<'_>, Vec<(&Loss, usize)>)> {
        let all = self.written().flat_map(|entry| entry.losses.iter().map(|loss| ((entry.format.as_str(), loss), ())));
        let counted = groups(all).into_iter().map(|((format, loss), files)| {
            ((format, loss.setting.as_str(), loss.reason.as_str()), (loss, files.len()))
        });
        groups(counted)
    }

    /// The files of the kinds that this run writes. The losses of others were reported by the run that wrote them.
    fn written(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|it| self.sums.contains_key(&(it.format.as_str(), it.variant.as_deref())))
    }
}

/// A format, a setting that it cannot express, and why.
type Alike<'a> = (&'a str, &'a str, &'a str);

/// The sum of sums.
fn total<'a>(sums: impl IntoIterator<Item = &'a Sum>) -> Sum {
    sums.into_iter().fold([0; 3], |[a, b, c], [new, changed, unchanged]| [a + new, b + changed, c + unchanged])
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

/// More refusals or losses than this with the same reason take one line.
const ALIKE_SHOWN: usize = 3;
/// A screen.
const LINES: usize = 24;
const ROWS_SHOWN: usize = 5;
const REPLACED_SHOWN: usize = 2;
const STALE_SHOWN: usize = 2;
const REFUSALS_SHOWN: usize = 4;
