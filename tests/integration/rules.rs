//! `docs/rules.md`: every rule with an example, which the program itself makes of a fixture. `cargo xtask bless` writes
//! the page anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use provost_account::codes::{self, fleet, profile, settings};
use provost_account::{About, Code, Severity};
use provost_tests::{folder, provost, root};

/// What no example can show, and why.
const NOT_SHOWN: &[(&Code, &str)] = &[
    (settings::TOO_LARGE, "No example: a row of more than 1 MiB, or a field of more than 64 KiB, is too long to show."),
    (fleet::SIGNER_ENDS_SOON, "No example: it depends on the day."),
    (profile::TOO_LARGE, "No example: a file of more than 8 MiB is too long to show."),
];

#[test]
fn the_page_of_rules_shows_every_rule() {
    let (examples, mut wrong) = (examples(), Vec::new());
    let mut page = HEAD.to_owned();
    for (about, heading) in PARTS {
        write!(page, "\n## {heading}\n").unwrap();
        for code in codes::all().filter(|code| code.about == *about) {
            let reason = NOT_SHOWN.iter().find(|(other, _)| *other == code).map(|(_, reason)| format!("\n{reason}\n"));
            let example = examples.get(&(about.name(), code.name)).map(Example::section);
            if example.is_some() == reason.is_some() {
                wrong.push(format!("{} ({})", code.name, about.name()));
            }
            page.push_str(&heading_of(code));
            page.extend(example.or(reason));
        }
    }
    assert!(wrong.is_empty(), "neither an example nor a reason why there is none, or both: {wrong:?}");
    let path = root().join("docs/rules.md");
    if std::env::var_os("PROVOST_BLESS").is_some() {
        fs::write(path, page).unwrap();
    } else {
        assert!(
            fs::read_to_string(path).unwrap() == page,
            "run `cargo xtask bless` and read the diff of docs/rules.md"
        );
    }
}

const HEAD: &str = "\
# Rules

What `provost lint`, `generate` and `import` find, with an example each.
The fixtures are in the repository, so each example can be run.
`provost lint --rules` prints the same list without examples, and with `--json` for programs.

An error means that the file cannot be used or that a device refuses it; a warning, that it works otherwise than its author expects, or not safely; a note, what its reader should know, and it never fails a run.

This page is generated: `cargo xtask bless` writes it.
";

const PARTS: &[(About, &str)] = &[
    (About::Settings, "Settings and user lists"),
    (About::Profile, "Profiles"),
    (About::Fleet, "Accounts, alone and beside each other"),
    (About::Import, "Import"),
];

fn heading_of(code: &Code) -> String {
    let severity = match code.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Note => "Note",
    };
    let mut text = format!("\n### {} ({})\n\n{severity}: {}.\n", code.name, code.about.name(), code.title);
    match code.formats {
        "" => {}
        "*" => text.push_str("For: every format.\n"),
        some => writeln!(text, "For: {}.", some.replace(' ', ", ")).unwrap(),
    }
    if !code.fix.is_empty() {
        writeln!(text, "Fix: {}.", code.fix).unwrap();
    }
    if !code.source.is_empty() {
        writeln!(text, "Source: {}.", code.source).unwrap();
    }
    for of in code.of {
        writeln!(text, "Source for {}: {}.", of.formats.replace(' ', ", "), of.source).unwrap();
    }
    text
}

/// A finding as it is printed, and where it is.
struct Example {
    command: String,
    file: String,
    place: Option<(usize, usize)>,
    printed: String,
}

/// Whether it was made for another rule, whether it has no place, the number of findings in its file, and the file:
/// the least is best.
type Rank = (bool, bool, usize, String);

/// The best example of each rule: a fixture that was made for it, one with a place, one with little else in it.
fn examples() -> BTreeMap<(&'static str, &'static str), Example> {
    let mut best: BTreeMap<(&str, &str), (Rank, Example)> = BTreeMap::new();
    for (abouts, command, output) in runs() {
        let findings = findings(&output);
        for (name, file, place, printed) in &findings {
            let Some(code) = codes::all().find(|code| code.name == name && abouts.contains(&code.about)) else {
                continue;
            };
            let others = findings.iter().filter(|(_, other, ..)| other == file).count();
            let rank = (!file.contains(&format!("/{name}.")), place.is_none(), others, file.clone());
            let key = (code.about.name(), code.name);
            if best.get(&key).is_none_or(|(other, _)| rank < *other) {
                let command = command.clone().unwrap_or_else(|| format!("lint {file}"));
                let example = Example { command, file: file.clone(), place: *place, printed: printed.clone() };
                best.insert(key, (rank, example));
            }
        }
    }
    best.into_iter().map(|(key, (_, example))| (key, example)).collect()
}

/// Runs over all fixtures that have findings: what they are about, the command where it is not lint of one file, and the
/// output.
fn runs() -> Vec<(&'static [About], Option<String>, String)> {
    let mut runs: Vec<(&[About], Option<String>, String)> = Vec::new();
    for (about, folder) in
        [(&[About::Settings][..], "fixtures/rules/settings"), (&[About::Profile, About::Fleet], "fixtures/wild")]
    {
        runs.push((about, None, provost(&["lint", folder]).output()));
    }
    // In a folder, lint skips files that are not lists.
    let lists = fs::read_dir(root().join("fixtures/rules/users")).unwrap().map(|it| it.unwrap().file_name());
    let mut lists: Vec<_> = lists.map(|name| format!("fixtures/rules/users/{}", name.to_str().unwrap())).collect();
    lists.sort();
    let output = provost(&[&["lint".to_owned()], &lists[..]].concat()).output();
    runs.push((&[About::Settings], None, output));
    let identity =
        ["generate", "-c", "fixtures/rules/identity/mail.yaml", "--users", "fixtures/rules/identity/users.csv"];
    let out = folder();
    let output = provost(&[&identity[..], &["-o", out.path().to_str().unwrap()]].concat()).output();
    runs.push((&[About::Settings], Some(identity.join(" ")), output));
    for entry in fs::read_dir(root().join("fixtures/fleet")).unwrap() {
        let folder = format!("fixtures/fleet/{}", entry.unwrap().file_name().to_str().unwrap());
        let output = provost(&["lint", &folder]).output();
        runs.push((&[About::Fleet], Some(format!("lint {folder}")), output));
    }
    for name in SEVERAL_FILES {
        // The server has the files of such a specimen next to it.
        let (specimen, together) = (format!("fixtures/wild/apple-ddm/{name}"), folder());
        fs::copy(root().join(&specimen), together.path().join(name)).unwrap();
        for other in fs::read_dir(root().join(format!("{specimen}.with"))).unwrap().map(Result::unwrap) {
            fs::copy(other.path(), together.path().join(other.file_name())).unwrap();
        }
        let together = together.path().to_str().unwrap();
        let output = provost(&["lint", together]).output().replace(together, "fixtures/wild/apple-ddm");
        runs.push((&[About::Profile], Some(format!("lint {specimen}` and the files of `{specimen}.with")), output));
    }
    for file in IMPORTED {
        let file = format!("fixtures/wild/{file}");
        runs.push((&[About::Import], Some(format!("import {file}")), provost(&["import", &file]).output()));
    }
    runs
}

/// Declarations whose mistake is in other files of the set.
const SEVERAL_FILES: &[&str] =
    &["changed-login.json", "legacy-asset-for-all-systems.json", "legacy-asset-with-enrollment.json"];

/// Profiles that settings cannot fully express.
const IMPORTED: &[&str] = &[
    "android-managed-config/intune-modern.json",
    "android-managed-config/play-emm.json",
    "apple-mobileconfig/dates-that-are-over.mobileconfig",
    "apple-mobileconfig/identity-with-password.mobileconfig",
    "dns-zone/weights.zone",
    "msmtp/no-auth.msmtprc",
    "thunderbird-autoconfig/numeric-username.xml",
    "thunderbird-autoconfig/oauth2-at-a-known-host.xml",
];

type Printed = (String, String, Option<(usize, usize)>, String);

/// The findings of an output: code, file, place, text with its indented lines.
fn findings(output: &str) -> Vec<Printed> {
    let mut findings: Vec<Printed> = Vec::new();
    for line in output.lines() {
        let head = [": error[", ": warning[", ": note["].iter().find_map(|mark| line.split_once(mark));
        if let Some((at, rest)) = head.filter(|_| line.starts_with("fixtures/")) {
            let mut parts = at.rsplitn(3, ':');
            let (column, row) = (parts.next().unwrap().parse(), parts.next().unwrap_or("").parse());
            let place = row.ok().zip(column.ok());
            let file = if place.is_some() { parts.next().unwrap() } else { at };
            let (code, _) = rest.split_once(']').unwrap();
            findings.push((code.to_owned(), file.to_owned(), place, format!("{line}\n")));
        } else if let Some((.., printed)) = findings.last_mut().filter(|_| line.starts_with("    ")) {
            writeln!(printed, "{line}").unwrap();
        }
    }
    findings
}

impl Example {
    fn section(&self) -> String {
        let Self { command, printed, .. } = self;
        let excerpt =
            self.excerpt().map_or("\nThe file is binary.\n".to_owned(), |text| format!("\n```text\n{text}```\n"));
        format!("\n`provost {command}`\n{excerpt}\n```text\n{printed}```\n")
    }

    /// The lines about the place, or about what the finding names; nothing of a file that is no text.
    fn excerpt(&self) -> Option<String> {
        let bytes = fs::read(root().join(&self.file)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        if text.contains('\0') || bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\x30") {
            return None;
        }
        let lines: Vec<&str> = text.lines().collect();
        let middle = self.place.map_or_else(|| self.likeliest(&lines), |(line, _)| line - 1);
        let numbered = lines.iter().enumerate().skip(middle.saturating_sub(2)).take(5);
        Some(numbered.map(|(at, line)| format!("{:>4} | {}", at + 1, cut(line)).trim_end().to_owned() + "\n").collect())
    }

    /// The line that shares most with what was printed.
    fn likeliest(&self, lines: &[&str]) -> usize {
        let words: Vec<&str> = self.printed.lines().next().unwrap().split(['"', ' ', ',', ';']).skip(2).collect();
        let shared = |line: &str| words.iter().filter(|word| word.len() > 3 && line.contains(**word)).count();
        (0..lines.len()).rev().max_by_key(|at| shared(lines[*at])).unwrap_or(0)
    }
}

/// A line as a page can show it.
fn cut(line: &str) -> String {
    let visible = |c: char| if c.is_control() && c != '\t' { c.escape_default().to_string() } else { c.to_string() };
    let shown: String = line.chars().take(110).map(visible).collect();
    if line.chars().count() > 110 { format!("{shown}…") } else { shown }
}
