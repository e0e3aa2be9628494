//! What a run of `generate` reports: what it left, refused and lost, as text or as JSON lines. What is the same for many
//! people is reported once, and the text fits a screen unless all of it is asked for; the manifest has every loss.

use std::collections::BTreeMap;
use std::io::{self, Write};

use provost_generate::manifest::{Entry, Scope};
use provost_generate::{Alike, Clashes, Event, Fate, Lost, Refused, Report, Sum, Tally, with_variant};
use serde_json::{Value, json};

use crate::arguments::generate::Generate;
use crate::failure::Failure;
use crate::groups::groups;
use crate::{input, output};

/// What is shown while the run goes on, and what is kept for its end.
pub(super) struct Shown<'a> {
    /// Where lines of JSON go, if that is what is asked for.
    json: Option<&'a mut dyn Write>,
    /// The first files that are no longer asked for, in words.
    stale: Vec<String>,
    stale_max: usize,
}

impl<'a> Shown<'a> {
    pub(super) fn new(options: &Generate, out: &'a mut dyn Write) -> Self {
        let stale_max = if options.verbose { usize::MAX } else { STALE_SHOWN };
        Self { json: options.json.then_some(out), stale: Vec::new(), stale_max }
    }

    /// The lines for the end.
    pub(super) fn into_stale(self) -> Vec<String> {
        self.stale
    }

    /// Shows what happens.
    pub(super) fn show(&mut self, event: &Event<'_>) -> io::Result<()> {
        match (event, &mut self.json) {
            (Event::Refused { kind, whom, refusal }, Some(out)) => output::json_line_to(
                *out,
                &json!({"address": whom, "format": kind.format.name, "refused": refusal.to_string()}),
            ),
            (Event::Stale(entry, _), Some(out)) => {
                let address = entry.address.as_ref().map(ToString::to_string);
                output::json_line_to(*out, &json!({"address": address, "format": entry.format, "stale": entry.path}))
            }
            (Event::Stale(entry, fate), None) => {
                if self.stale.len() < self.stale_max {
                    self.stale.push(stale(entry, *fate));
                }
                Ok(())
            }
            (Event::Edited(path), _) => {
                eprintln!("kept: {path}: it was changed after `provost generate` wrote it");
                Ok(())
            }
            (Event::People(_) | Event::Refused { .. }, _) => Ok(()),
        }
    }
}

/// Reports a run, whose list has so many users.
pub(super) fn report(
    report: &Report,
    stale_lines: Vec<String>,
    options: &Generate,
    users: u64,
    replaced: &Clashes,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let replaced_lines: Vec<String> = replaced
        .first
        .iter()
        .map(|(path, stranger)| format!("note: {path} was replaced: {}", stranger.what()))
        .collect();
    if options.json {
        replaced_lines.iter().for_each(|line| eprintln!("{line}"));
        return Ok(report_json(report, users, out)?);
    }
    let tally = &report.tally;
    let (refusals, losses) = (refusals(tally), losses(tally));
    let unsure = (report.unsure > 0).then(|| input::count(report.unsure, "file"));
    let unsure = unsure.map(|files| format!("note: kept {files} of users whose rows are invalid, or may be"));
    let failed =
        report.is_all_refused().then_some("error: nothing was written: every requested format refuses everybody");
    // The line of users, the one that says what is hidden, and the warning of passwords in files.
    let always = 3 + unsure.iter().count() + failed.iter().count();
    let mut screen = Screen { lines_left: LINES - always, whole: options.verbose, hidden: Vec::new() };
    let stale = usize::try_from(report.stale).unwrap_or(usize::MAX).min(LINES);
    let table = screen.table(&tally.sums, replaced_lines.len() + stale + refusals.len() + losses.len());
    let mut notes = screen.fit(replaced_lines, replaced.count, REPLACED_SHOWN, ["replaced file", "replaced files"]);
    notes.extend(screen.fit(stale_lines, report.stale, STALE_SHOWN, ["file to prune", "files to prune"]));
    notes.extend(unsure);
    notes.extend(screen.fit_all(refusals, REFUSALS_SHOWN, ["refusal", "refusals"]));
    notes.extend(screen.fit_all(losses, LINES, ["loss", "losses"]));
    notes.iter().for_each(|line| eprintln!("{line}"));
    output::table_to(out, &table)?;
    let users = input::count(users, "user");
    match options.output.to_str() {
        Some("-") => writeln!(out, "{users}")?,
        _ if options.check => {
            let found = match differences(report) {
                0 => "no difference".to_owned(),
                some => input::count(some, "difference"),
            };
            writeln!(out, "{users}, {found} in {}", options.output.display())?;
        }
        _ => writeln!(out, "{users} in {}", options.output.display())?,
    }
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
    /// The lines that fit: at most `shown`. They are the first of `count`.
    fn fit(&mut self, mut lines: Vec<String>, count: u64, shown: usize, [one, many]: [&str; 2]) -> Vec<String> {
        if !self.whole {
            lines.truncate(shown.min(self.lines_left));
        }
        match count - lines.len() as u64 {
            0 => {}
            hidden => self.hidden.push(format!("{hidden} more {}", if hidden == 1 { one } else { many })),
        }
        self.lines_left = self.lines_left.saturating_sub(lines.len());
        lines
    }

    /// The same, of lines that are all there are.
    fn fit_all(&mut self, lines: Vec<String>, shown: usize, what: [&str; 2]) -> Vec<String> {
        let count = lines.len() as u64;
        self.fit(lines, count, shown, what)
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
            let Sum { new, changed, unchanged } = total(sums);
            std::iter::once(name).chain([new, changed, unchanged].map(|count| count.to_string())).collect::<Vec<_>>()
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
    format!("note: {} of {whose} is no longer requested: {}", entry.path, what(fate))
}

fn report_json(report: &Report, users: u64, out: &mut dyn Write) -> io::Result<()> {
    for ((format, setting, reason), Alike { count, examples }) in by_format(&report.tally) {
        let examples: Vec<Value> = examples
            .iter()
            .take(EXAMPLES_SHOWN)
            .map(|(Lost { asked, written }, files)| json!({"asked": asked, "written": written, "files": files}))
            .collect();
        output::json_line_to(
            out,
            &json!({"format": format, "loss": setting, "reason": reason, "files": count, "examples": examples}),
        )?;
    }
    let Sum { new, changed, unchanged } = total(report.tally.sums.values());
    output::json_line_to(
        out,
        &json!({"provost": 1, "summary": {
            "users": users, "new": new, "changed": changed, "unchanged": unchanged, "refused": report.tally.refused,
            "stale": report.stale, "unsure": report.unsure, "edited": report.edited,
        }}),
    )
}

/// A line for each refusal, or one for many in a format for the same reason.
fn refusals(tally: &Tally) -> Vec<String> {
    let lines = |((format, reason), alike): (&(&str, &str), &Alike<Refused>)| match alike.few() {
        Some(few) => {
            few.iter().map(|(Refused { whom, refusal }, _)| format!("refused: {whom} in {format}: {refusal}")).collect()
        }
        None => {
            let (first, others) = (&alike.examples[0].0.whom, alike.count - 1);
            vec![format!("refused: {first} and {others} others in {format}: {reason}")]
        }
    };
    let mut refusals: Vec<_> = tally.refusals.iter().collect();
    refusals.sort_by_key(|((format, _), _)| *format);
    refusals.into_iter().flat_map(lines).collect()
}

/// A line for each loss, or one for many that are alike and personal: names, aliases, login names.
fn losses(tally: &Tally) -> Vec<String> {
    let lines = |((format, setting, reason), alike): LostAlike<'_>| {
        let line = |Lost { asked, written }: &Lost, others: &str, files: u64| {
            let (asked, files) = (asked.trim_end_matches(','), input::count(files, "file"));
            let instead = written.as_ref().map(|written| format!("; it writes {written}"));
            let instead = instead.as_deref().unwrap_or("");
            format!("loss: {format} cannot express {setting} {asked}{others} ({files}){instead}: {reason}")
        };
        match alike.few() {
            Some(few) => few.iter().map(|(lost, files)| line(lost, "", *files)).collect(),
            None => vec![line(&alike.examples[0].0, " and others", alike.count)],
        }
    };
    by_format(tally).into_iter().flat_map(lines).collect()
}

/// A format, a setting and a reason; and what is lost for it.
type LostAlike<'a> = (&'a (&'static str, String, String), &'a Alike<Lost>);

/// The losses of each format together, in the order in which they came.
fn by_format(tally: &Tally) -> Vec<LostAlike<'_>> {
    let mut losses: Vec<_> = tally.losses.iter().collect();
    losses.sort_by_key(|((format, ..), _)| *format);
    losses
}

/// How many files of a folder differ from what would be written.
pub(super) fn differences(report: &Report) -> u64 {
    let Sum { new, changed, .. } = total(report.tally.sums.values());
    new + changed + report.stale + u64::from(report.is_service_different)
}

/// The sum of sums.
fn total<'a>(sums: impl IntoIterator<Item = &'a Sum>) -> Sum {
    sums.into_iter().fold(Sum::default(), |mut all, sum| {
        all.add(*sum);
        all
    })
}

/// What became of a file that is no longer asked for, as the end of a sentence.
fn what(fate: Fate) -> &'static str {
    match fate {
        Fate::Removed => "removed",
        Fate::Kept => "kept; --prune removes it",
        Fate::KeptChanged => "kept, because it was changed; --prune --force removes it",
        Fate::KeptNothingWritten => "kept, because nothing was written",
    }
}

/// Of losses that are alike, in JSON.
const EXAMPLES_SHOWN: usize = 3;
/// A screen.
const LINES: usize = 24;
const ROWS_SHOWN: usize = 5;
const REPLACED_SHOWN: usize = 2;
const STALE_SHOWN: usize = 2;
const REFUSALS_SHOWN: usize = 4;
