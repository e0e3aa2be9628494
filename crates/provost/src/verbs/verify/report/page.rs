//! The report as one HTML page that needs neither network nor scripts: how each format did at each step, and what failed, by
//! cause. It never becomes larger than 5 MB, and says what it leaves out. It holds no passwords, as no report does.

use std::collections::BTreeMap;
use std::io;
use std::mem::Discriminant;
use std::path::Path;

use provost_verify::{Cause, Outcome, checks};

use super::markup::Markup;
use super::proof::{Line, Proof, Word};
use super::{Sums, input, sum};
use crate::failure::Failure;
use crate::named_file::{Draft, Readers};
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
        let draft = Draft::begin(path, Readers::Others)?;
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
        let (group, is_full) = (at.map(|at| &groups[at]), groups.len() == GROUPS_MAX);
        let is_told_otherwise = group.is_some_and(|group| group.cause != line.words.cause);
        let row = row(proof, line, is_told_otherwise).expect("writing to memory");
        let octets = row.len() + group.map_or(GROUP_OCTETS + 2 * words_octets(line), |_| 0);
        let is_early = group.is_none_or(|group| group.shown < FIRST);
        let has_room = match group {
            None if is_full => false,
            None | Some(_) if octets <= *room => {
                *room -= octets;
                true
            }
            None | Some(_) if is_early && octets <= *reserve => {
                *reserve -= octets;
                true
            }
            None | Some(_) => false,
        };
        let group = match at {
            Some(at) => &mut groups[at],
            None if !has_room => return false,
            None => {
                groups.push(Group::of(line));
                groups.last_mut().expect("it was just added")
            }
        };
        group.count += 1;
        if has_room {
            group.rows.extend(row);
            group.shown += 1;
        }
        has_room
    }

    pub(super) fn finish(mut self, sums: &Sums) -> Result<(), Failure> {
        self.groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        let mut page = Markup::new(Vec::new());
        self.write(&mut page, sums).expect("writing to memory");
        let page = page.into_inner();
        Ok(self.draft.finish(|file| file.write_all(&page))?)
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
    fn of(line: &Line) -> Self {
        let (cause, fix) = (line.words.cause.clone(), line.words.fix.clone());
        Self { check: line.check, which: line.cause, cause, fix, count: 0, rows: Vec::new(), shown: 0 }
    }

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
    page.open("td", if failed > 0 { &[("class", "bad")] } else { &[] })?;
    let others = of(Outcome::NotReached) + of(Outcome::DoesNotApply) + of(Outcome::NotTried);
    let kinds = [("✗", failed, "failed"), ("✓", passed, "passed"), ("–", others, "others")];
    for (mark, count, name) in kinds.into_iter().filter(|(_, count, _)| *count > 0) {
        page.element("span", &[("class", name)], &format!("{mark} {count}"))?;
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
/// More causes than anybody reads.
const GROUPS_MAX: usize = 500;
/// What a group takes besides its words and rows.
const GROUP_OCTETS: usize = 600;
/// A longer list of failures is opened by a click.
const OPEN_MAX: usize = 50;

#[cfg(test)]
mod tests {
    use provost_account::{EmailAddress, LeftOpen};

    use super::super::super::proven::{Origin, Proven, Told, Unproven};
    use super::*;

    /// The page of so many files that their devices refuse, each for one of `reasons`.
    fn page_of(files: usize, reasons: &[&str]) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("page.html");
        let mut sums =
            Sums { against: "mock server", sample: None, subjects: BTreeMap::new(), checks: BTreeMap::new() };
        let mut page = Page::begin(&path).expect("a folder that can be written");
        for at in 0..files {
            let address = EmailAddress::try_from(format!("person.number.{at}@example.org").as_str()).ok();
            let reason = reasons[(at * reasons.len()) / files];
            let refused = Unproven::Refused { found: reason.repeat(3), fix: Some(reason.to_owned()) };
            let files = vec![format!("profiles/{at}/<&>")];
            let (account, left_open) = (Err(refused.clone()), LeftOpen::default());
            let subject = Proven { files, place: 0, origin: Origin::UnknownFormat, address, account, left_open };
            let told = [Told::Unproven(refused)];
            let proof = Proof::of(&subject, &told);
            sums.add(&proof);
            page.add(&proof);
        }
        page.finish(&sums).expect("a folder that can be written");
        std::fs::read_to_string(path).expect("the page")
    }

    fn rows(page: &str) -> usize {
        page.matches("<td data-head=\"Whose\">").count()
    }

    #[test]
    fn a_page_with_room_has_every_failure() {
        let page = page_of(1000, &["a bad key", "no server"]);
        assert_eq!((rows(&page), page.matches("<section>").count()), (1000, 2));
        assert!(!page.contains("data-left-out"));
        assert!(page.contains("<title>Failed: 1000 of 1000 proofs – provost verify</title>"));
        assert!(page.contains("<summary>500 failures</summary>"));
    }

    #[test]
    fn a_page_of_a_hundred_thousand_failures_says_how_many_are_not_in_it() {
        let page = page_of(100_000, &["a bad key", "no server", "no name"]);
        assert!(page.len() > 4_000_000 && page.len() < 5_000_000, "{} octets", page.len());
        assert!(page.contains(&format!("data-left-out=\"{}\"", 100_000 - rows(&page))));
        assert!(page.contains(&format!("<summary>{} of 33334 failures</summary>", rows(&page) - 20)));
        // The causes that come last have room for some.
        assert_eq!(page.matches("<summary>10 of 33333 failures</summary>").count(), 2);
    }

    #[test]
    fn a_page_of_as_many_causes_as_failures_ends_too() {
        let reasons: Vec<String> = (0..20_000).map(|at| format!("reason {at}")).collect();
        let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
        let page = page_of(20_000, &reasons);
        assert_eq!(rows(&page), GROUPS_MAX);
        assert!(page.contains(&format!("data-left-out=\"{}\"", 20_000 - rows(&page))));
    }
}
