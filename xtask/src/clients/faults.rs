//! What each client does when the server misbehaves: `fixtures/clients/CLIENT/FAULT.txt`, and `docs/client-behaviour.md`,
//! which is made of them. The first line is the outcome, and the only one that runs compare; the others are the client's
//! own words, with its version and the day, for whoever has to understand them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::stage::{JANE, Stage};
use super::{Client, Step};
use crate::workspace::root;

/// The faults of every run.
pub(super) const SIX: &[&str] =
    &["unknown-ca", "expired-certificate", "wrong-host-name", "no-starttls", "password-refused", "local-part-only"];

/// Those that a client can meet with a file that is right.
pub(super) const ALL: &[&str] = &[
    "unknown-ca",
    "expired-certificate",
    "wrong-host-name",
    "no-starttls",
    "password-refused",
    "local-part-only",
    "closed-port",
    "old-tls-only",
    "not-yet-valid-certificate",
    "self-signed-certificate",
    "missing-intermediate",
    "starttls-fails",
    "greeting-refused",
    "auth-not-offered",
    "wrong-mechanisms",
    "login-unavailable",
    "select-refused",
    "connection-dropped",
    "sender-refused",
    "submission-refused",
    "mailbox-full",
    "mail-never-delivered",
    "over-quota",
    "slow",
];

/// Lets each client meet each fault, and compares, or writes what happened.
pub(super) fn run(program: &Path, clients: &[&Client], faults: &[&str], bless: bool) -> anyhow::Result<()> {
    let mut others = Vec::new();
    for fault in faults {
        let stage = Stage::set(program, Some(fault), None)?;
        for client in clients.iter().filter(|client| !client.format.is_empty()) {
            let Some(version) = client.version() else {
                client.is_missing(&mut others);
                continue;
            };
            if !stage.has_files(JANE, client.format)? {
                continue;
            }
            let met = Met::of(client, &stage);
            println!("{fault}: {} {}", client.name, met.outcome);
            let path = folder().join(client.name).join(format!("{fault}.txt"));
            if bless {
                fs::create_dir_all(path.parent().context("a file lies somewhere")?)?;
                fs::write(
                    &path,
                    format!("{}\n{} {version}, {}\n\n{}\n", met.outcome, client.name, today()?, met.words),
                )?;
                continue;
            }
            let before = fs::read_to_string(&path);
            let before = before.as_deref().ok().and_then(|text| text.lines().next());
            if before != Some(met.outcome.as_str()) {
                let before = before.unwrap_or("nothing");
                others.push(format!("{}: {before} before, {} now: {}", path.display(), met.outcome, met.words));
            }
        }
    }
    if bless {
        fs::write(root().join("docs/client-behaviour.md"), page()?)?;
    }
    ensure!(others.is_empty(), "another outcome (`--bless` if the new one is right):\n{}", others.join("\n"));
    Ok(())
}

/// What happened.
struct Met {
    /// `works`, or the step that was not reached.
    outcome: String,
    words: String,
}

impl Met {
    fn of(client: &Client, stage: &Stage) -> Self {
        let (proof, ended) = client.work(stage, JANE);
        let Err(error) = ended else { return Self { outcome: "works".to_owned(), words: String::new() } };
        // Some read their files only when they connect, so that what they take comes to light with the login.
        let steps = super::STEPS.iter().filter(|(step, _)| *step != Step::Provision);
        let missing = steps.filter(|(step, _)| client.steps.contains(step)).find(|(step, _)| !proof.0.contains(step));
        let outcome = missing.map_or("fails with another server".to_owned(), |(_, name)| format!("fails at {name}"));
        Self { outcome, words: normalized(&format!("{error:#}"), stage) }
    }
}

/// The words without what is another time another one: places, and numbers that somebody drew.
fn normalized(words: &str, stage: &Stage) -> String {
    let mut text = String::new();
    for line in words.replace('\r', "").lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let mut rest = line;
        let folder = stage.path("").display().to_string();
        while let Some((before, after)) = rest.split_once(&folder) {
            text.push_str(before);
            text.push('~');
            // The home's own name.
            rest = after.trim_start_matches(|c: char| c == '-' || c.is_ascii_alphanumeric());
        }
        text.push_str(rest);
        text.push('\n');
    }
    let mut normal = String::new();
    let mut digits = String::new();
    for character in text.chars() {
        if character.is_ascii_digit() || (character == ':' && !digits.is_empty()) {
            digits.push(character);
            continue;
        }
        normal.push_str(&shortened(&digits));
        digits.clear();
        normal.push(character);
    }
    normal.trim().to_owned()
}

/// Codes and years stay; times and long numbers do not.
fn shortened(digits: &str) -> String {
    let is_time = digits.matches(':').count() == 2;
    match is_time || digits.len() > 4 && !digits.contains(':') {
        true => "N".to_owned(),
        false => digits.to_owned(),
    }
}

/// The page that is made of the files.
fn page() -> anyhow::Result<String> {
    let mut clients: BTreeMap<String, BTreeMap<String, (String, String, String)>> = BTreeMap::new();
    for client in entries(&folder())? {
        for path in entries(&client)? {
            let text = fs::read_to_string(&path)?;
            let mut lines = text.lines();
            let (outcome, version) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
            let words: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
            let fault = path.file_stem().context("a file has a name")?.to_string_lossy().into_owned();
            let entry = (outcome.to_owned(), version.to_owned(), words.join(" "));
            clients.entry(fault).or_default().insert(name(&client), entry);
        }
    }
    let mut page = String::from(
        "# What clients do when the server misbehaves\n\n\
         Observed: each client set up with the generated files, against the mock server with one fault, certificate checks on.\n\
         Written by `cargo xtask e2e --clients --faults all --bless`; the whole words are in `fixtures/clients`.\n\
         `provost mock --help` says what each fault is. A client that works was not touched by the fault, or did not notice.\n",
    );
    for fault in ALL.iter().filter(|fault| clients.contains_key(**fault)) {
        write!(page, "\n## {fault}\n\n| client, observed | does | says |\n|---|---|---|\n")?;
        for (outcome, version, words) in clients[*fault].values() {
            let words: String = words.chars().take(WORDS_MAX).collect();
            writeln!(page, "| {version} | {outcome} | {} |", words.replace('|', "\\|").replace('`', "'"))?;
        }
    }
    Ok(page)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut entries = list.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn folder() -> PathBuf {
    root().join("fixtures/clients")
}

/// The day of an observation.
fn today() -> anyhow::Result<String> {
    let output = Command::new("date").args(["--utc", "+%Y-%m-%d"]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// As much as a table bears.
const WORDS_MAX: usize = 400;
