//! The report as one HTML page that needs neither network nor scripts: how each format did at each step, and what failed, by
//! cause. It never becomes larger than 5 MB, and says what it leaves out. It holds no passwords, as no report does.

use std::collections::BTreeMap;
use std::io;
use std::mem::Discriminant;
use std::path::Path;

use provost_verify::{Cause, Outcome, checks};

use super::markup::{Draft, Markup};
use super::proof::{Line, Proof, Word};
use super::{Sums, input, sum};
use crate::failure::Failure;
use crate::today;

/// The page. Of the failures, only those are kept that it has room for.
pub(super) struct Page {
    draft: Draft,
    /// The steps that were taken with each format, and how often they ended how.
    formats: BTreeMap<&'static str, BTreeMap<&'static str, BTreeMap<Outcome, usize>>>,
    groups: Vec<Group>,
    /// Octets that failures may still take, and that the first ones of further causes may still take.
    room: usize,
    reserve: usize,
    failures: usize,
    left_out: usize,
}

/// Failures of one cause.
struct Group {
    check: &'static str,
    which: Option<Discriminant<Cause>>,
    cause: Option<String>,
    fix: Option<String>,
    count: usize,
    rows: Vec<u8>,
    shown: usize,
}

impl Page {
    pub(super) fn begin(path: &Path) -> Result<Self, Failure> {
        let draft = Draft::begin(path)?;
        let (formats, groups) = (BTreeMap::new(), Vec::new());
        Ok(Self {
            draft,
            formats,
            groups,
            room: FAILURES_OCTETS_MAX,
            reserve: RESERVE_OCTETS,
            failures: 0,
            left_out: 0,
        })
    }

    pub(super) fn add(&mut self, proof: &Proof<'_>) {
        let steps = self.formats.entry(proof.format).or_default();
        for line in &proof.lines {
            *steps.entry(line.check).or_default().entry(line.outcome).or_default() += 1;
        }
        for line in proof.failures() {
            self.failures += 1;
            if !self.keep(proof, line) {
                self.left_out += 1;
            }
        }
    }

    /// Keeps a failure, if there is room.
    fn keep(&mut self, proof: &Proof<'_>, line: &Line) -> bool {
        let Self { groups, room, reserve, .. } = self;
        let is_its = |it: &Group| (it.check, it.which, &it.fix) == (line.check, line.cause, &line.words.fix);
        let at = groups.iter().position(is_its);
        let group = at.map(|at| &mut groups[at]);
        let is_known = group.as_ref().is_some_and(|group| group.cause == line.words.cause);
        let row = row(proof, line, !is_known).expect("writing to memory");
        let octets = row.len() + if group.is_some() { 0 } else { GROUP_OCTETS + 2 * words_octets(line) };
        let shown = group.as_ref().map_or(0, |group| group.shown);
        let has_room = match octets {
            _ if octets <= *room => {
                *room -= octets;
                true
            }
            _ if shown < FIRST && octets <= *reserve => {
                *reserve -= octets;
                true
            }
            _ => false,
        };
        match group {
            Some(group) => {
                group.count += 1;
                if has_room {
                    group.rows.extend(row);
                    group.shown += 1;
                }
            }
            None if has_room => groups.push(Group {
                check: line.check,
                which: line.cause,
                cause: line.words.cause.clone(),
                fix: line.words.fix.clone(),
                count: 1,
                rows: self::row(proof, line, false).expect("writing to memory"),
                shown: 1,
            }),
            None => {}
        }
        has_room
    }

    pub(super) fn finish(mut self, sums: &Sums) -> Result<(), Failure> {
        self.groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        let mut page = Markup::new(Vec::new());
        self.write(&mut page, sums).expect("writing to memory");
        let page = page.into_inner();
        Ok(self.draft.finish(|file| io::Write::write_all(file, &page))?)
    }

    fn write(&self, page: &mut Markup<Vec<u8>>, sums: &Sums) -> io::Result<()> {
        let verdict = verdict(sums);
        page.raw("<!DOCTYPE html>\n")?;
        page.open("html", &[("lang", "en"), ("xmlns", "http://www.w3.org/1999/xhtml")])?;
        page.open("head", &[])?;
        page.empty("meta", &[("charset", "utf-8")])?;
        page.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")])?;
        page.empty("meta", &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)])?;
        page.element("title", &[], &format!("{verdict} – provost verify"))?;
        page.raw("<style>")?;
        page.raw(include_str!("page/style.css"))?;
        page.raw("</style>\n")?;
        page.close("head")?;
        page.open("body", &[])?;
        page.open("main", &[])?;
        let (mark, class) = if sums.are_good() { ("✓ ", "good") } else { ("✗ ", "bad") };
        page.open("h1", &[("class", class)])?;
        page.element("span", &[("aria-hidden", "true")], mark)?;
        page.text(&verdict)?;
        page.close("h1")?;
        page.element("p", &[], &format!("{}, {}.", sums.text(), today::today()))?;
        if let Some(sample) = sums.sample {
            page.element("p", &[("class", "note")], &format!("{sample}."))?;
        }
        self.steps(page)?;
        if self.failures > 0 {
            self.causes(page)?;
        }
        page.close("main")?;
        if self.failures > 0 {
            page.raw("<script>")?;
            page.raw(include_str!("page/search.js"))?;
            page.raw("</script>\n")?;
        }
        page.close("body")?;
        page.close("html")
    }

    /// Formats × steps.
    fn steps(&self, page: &mut Markup<Vec<u8>>) -> io::Result<()> {
        let own = ["read", "declared", "fits"].into_iter();
        let columns = own.chain(checks().iter().map(|check| check.name));
        let was_taken = |name: &&str| self.formats.values().any(|steps| steps.contains_key(name));
        let columns: Vec<&str> = columns.filter(was_taken).collect();
        page.element("h2", &[("id", "steps")], "Formats and steps")?;
        page.open("div", &[("class", "wide"), ("role", "region"), ("aria-labelledby", "steps"), ("tabindex", "0")])?;
        page.open("table", &[("class", "steps")])?;
        page.open("thead", &[])?;
        page.open("tr", &[])?;
        page.element("th", &[("scope", "col")], "Format")?;
        for column in &columns {
            page.open("th", &[("scope", "col")])?;
            page.element("span", &[], column)?;
            page.close("th")?;
        }
        page.close("tr")?;
        page.close("thead")?;
        page.open("tbody", &[])?;
        for (format, steps) in &self.formats {
            page.open("tr", &[])?;
            page.element("th", &[("scope", "row")], format)?;
            for column in &columns {
                cell(page, steps.get(column))?;
            }
            page.close("tr")?;
        }
        page.close("tbody")?;
        page.close("table")?;
        page.close("div")?;
        page.element("p", &[("class", "note")], LEGEND)
    }

    fn causes(&self, page: &mut Markup<Vec<u8>>) -> io::Result<()> {
        page.element("h2", &[], "Failures, by cause")?;
        if self.left_out > 0 {
            let not_here = input::count(self.left_out, "failure");
            let text = format!("{not_here} of {} are not in this page, which is as large as it may be.", self.failures);
            page.element("p", &[("class", "note"), ("data-left-out", &self.left_out.to_string())], &text)?;
        }
        page.open("form", &[("hidden", "hidden"), ("role", "search")])?;
        page.element("label", &[("for", "search")], "Search")?;
        page.empty("input", &[("id", "search"), ("type", "search"), ("autocomplete", "off")])?;
        page.element("output", &[("for", "search")], "")?;
        page.close("form")?;
        self.groups.iter().try_for_each(|group| group.write(page))
    }
}

impl Group {
    fn write(&self, page: &mut Markup<Vec<u8>>) -> io::Result<()> {
        page.open("section", &[])?;
        page.open("h3", &[])?;
        page.element("b", &[], self.check)?;
        page.text(self.cause.as_deref().unwrap_or("the cause is not known"))?;
        page.close("h3")?;
        if let Some(fix) = &self.fix {
            page.open("p", &[("class", "fix")])?;
            page.element("b", &[], "Fix:")?;
            page.text(fix)?;
            page.close("p")?;
        }
        let open = [("open", "open")];
        page.open("details", if self.shown <= OPEN_MAX { &open } else { &[] })?;
        let count = match self.count - self.shown {
            0 => input::count(self.count, "failure"),
            _ => format!("{} of {}", self.shown, input::count(self.count, "failure")),
        };
        page.element("summary", &[], &count)?;
        page.open("table", &[("class", "failures")])?;
        page.open("thead", &[])?;
        page.open("tr", &[])?;
        ["Whose", "Format", "Server", "Found", "File"]
            .iter()
            .try_for_each(|head| page.element("th", &[("scope", "col")], head))?;
        page.close("tr")?;
        page.close("thead")?;
        page.open("tbody", &[])?;
        page.raw(std::str::from_utf8(&self.rows).expect("rows are made of text"))?;
        page.close("tbody")?;
        page.close("table")?;
        page.close("details")?;
        page.close("section")
    }
}

fn verdict(sums: &Sums) -> String {
    let proofs: usize = sums.subjects.values().sum();
    match sum(&sums.subjects, Word::Failed) {
        0 => format!("Passed: {}", input::count(proofs, "proof")),
        failed => format!("Failed: {failed} of {}", input::count(proofs, "proof")),
    }
}

fn cell(page: &mut Markup<Vec<u8>>, outcomes: Option<&BTreeMap<Outcome, usize>>) -> io::Result<()> {
    let Some(outcomes) = outcomes else { return page.element("td", &[], "") };
    let of = |outcome| sum(outcomes, outcome);
    let (passed, failed) = (of(Outcome::Passed), of(Outcome::Failed));
    let class = match (failed, passed) {
        (0, 0) => "none",
        (0, _) => "good",
        (_, _) => "bad",
    };
    page.open("td", &[("class", class)])?;
    let others = of(Outcome::NotReached) + of(Outcome::DoesNotApply) + of(Outcome::NotTried);
    for (mark, count, name) in [("✗", failed, "failed"), ("✓", passed, "passed"), ("–", others, "not judged")] {
        if count > 0 {
            let title = format!("{count} {name}");
            page.element("span", &[("title", &title)], &format!("{mark} {count}"))?;
        }
    }
    page.close("td")
}

/// A failure; with its cause, where that is told in other words than its group's.
fn row(proof: &Proof<'_>, line: &Line, with_cause: bool) -> io::Result<Vec<u8>> {
    let mut row = Markup::new(Vec::new());
    row.open("tr", &[])?;
    let file = match proof.what == line.server {
        true => "",
        false => proof.what.as_str(),
    };
    for (head, text) in [("Whose", proof.address.as_str()), ("Format", proof.format), ("Server", &line.server)] {
        row.element("td", &[("data-head", head)], text)?;
    }
    row.open("td", &[("data-head", "Found")])?;
    row.text(&line.words.found)?;
    row.element("small", &[], &format!("expected: {}", line.words.expected))?;
    if let Some(cause) = line.words.cause.as_ref().filter(|_| with_cause) {
        row.element("small", &[], &format!("cause: {cause}"))?;
    }
    row.close("td")?;
    row.element("td", &[("data-head", "File")], file)?;
    row.close("tr")?;
    Ok(row.into_inner())
}

fn words_octets(line: &Line) -> usize {
    [&line.words.cause, &line.words.fix].into_iter().flatten().map(String::len).sum()
}

/// Nothing comes from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
const LEGEND: &str = "✓ passed, ✗ failed, – not reached because an earlier step failed, not applicable, or not tried";
/// With the table, the head and the words of the causes, the page stays below 5 MB.
const FAILURES_OCTETS_MAX: usize = 4_000_000;
/// For the first failures of causes that come when the rest is full.
const RESERVE_OCTETS: usize = 700_000;
const FIRST: usize = 10;
/// What a group takes besides its words and rows.
const GROUP_OCTETS: usize = 600;
/// A longer list of failures is opened by a click.
const OPEN_MAX: usize = 50;
