//! What each client does when a setting is wrong or the server misbehaves: `fixtures/clients/CLIENT/TROUBLE.txt`, and
//! `docs/client-behaviour.md`, which is generated from them. Runs compare only the first line, the outcome; the others
//! are the client's own words, with its version and the date, for human readers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::stage::{JANE, Spoilt, Stage};
use super::words::{dated, normalized};
use super::{Client, Step};
use xtask::workspace::root;

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trouble {
    /// A file that says something wrong.
    Setting(Spoilt),
    /// A server that misbehaves.
    Fault(&'static str),
}

/// The faults of every run.
pub(super) fn six() -> Vec<Trouble> {
    SIX.map(Trouble::Fault).to_vec()
}

/// The wrong settings.
pub(super) fn settings() -> Vec<Trouble> {
    Spoilt::ALL.map(|(spoilt, _)| Trouble::Setting(spoilt)).to_vec()
}

/// The wrong settings, and the faults that a client can meet with a file that is right.
pub(super) fn all() -> Vec<Trouble> {
    settings().into_iter().chain(six()).chain(OTHERS.map(Trouble::Fault)).collect()
}

/// Runs each client with each trouble, and compares what happened, or records it.
pub(super) fn run(program: &Path, clients: &[&Client], troubles: &[Trouble], bless: bool) -> anyhow::Result<()> {
    let (mut here, mut others) = (Vec::new(), Vec::new());
    ensure!(clients.iter().any(|client| client.connects()), "none of these logs in with a file");
    for client in clients.iter().filter(|client| client.connects()) {
        match client.version() {
            Some(version) => here.push((client, version)),
            None => client.is_missing(&mut others)?,
        }
    }
    for trouble in troubles {
        let stage = trouble.stage(program)?;
        for (client, version) in &here {
            let path = folder().join(client.name).join(format!("{}.txt", trouble.name()));
            if !stage.has_files(JANE, client.format)? || trouble.passes_by(client, &stage)? {
                if path.exists() {
                    others.push(format!("{}: it does not meet this any more; remove the file if so", path.display()));
                }
                continue;
            }
            let met = Met::of(client, &stage);
            println!("{}: {} {} {}", trouble.name(), client.name, met.outcome, shown(&met.words));
            if met.outcome == WORKS && matches!(trouble, Trouble::Setting(_)) {
                others.push(format!("{}: {} works all the same", trouble.name(), client.name));
            }
            let before = fs::read_to_string(&path).unwrap_or_else(|_| "nothing".to_owned());
            if bless {
                fs::create_dir_all(path.parent().context("a file lies somewhere")?)?;
                fs::write(&path, met.recorded(&format!("{} {version}", client.name), &before)?)?;
                continue;
            }
            let outcome = before.lines().next().context("an empty file")?;
            if outcome != met.outcome {
                others.push(format!("{}: {outcome} before, {} now: {}", path.display(), met.outcome, met.words));
            }
        }
    }
    if bless {
        fs::write(root().join("docs/client-behaviour.md"), page()?)?;
    }
    ensure!(others.is_empty(), "another outcome (`--bless` if the new one is right):\n{}", others.join("\n"));
    Ok(())
}

impl Trouble {
    /// The one with a name.
    pub(super) fn called(name: &str) -> anyhow::Result<Self> {
        all().into_iter().find(|trouble| trouble.name() == name).with_context(|| {
            let names: Vec<String> = all().into_iter().map(Self::name).collect();
            format!("no fault or wrong setting is called {name:?}; there are {}", names.join(", "))
        })
    }

    fn name(self) -> String {
        match self {
            Self::Setting(spoilt) => format!("wrong-{}", spoilt.name()),
            Self::Fault(name) => name.to_owned(),
        }
    }

    fn stage(self, program: &Path) -> anyhow::Result<Stage> {
        match self {
            Self::Setting(spoilt) => Stage::set(program, None, Some(spoilt)),
            Self::Fault(name) => Stage::set(program, Some(name), None),
        }
    }

    /// Whether the client's file cannot hold the wrong value, or the client does not check it.
    fn passes_by(self, client: &Client, stage: &Stage) -> anyhow::Result<bool> {
        match self {
            Self::Setting(Spoilt::Authority) => {
                Ok(client.checks_no_certificate() || stage.loses_authorities(client.format)?)
            }
            Self::Setting(Spoilt::Port | Spoilt::SocketType | Spoilt::Username) => Ok(false),
            // Most are of certificates.
            Self::Fault(_) => Ok(client.checks_no_certificate()),
        }
    }
}

/// What happened.
struct Met {
    /// [`WORKS`], or the step that was not reached.
    outcome: String,
    words: String,
}

impl Met {
    fn of(client: &Client, stage: &Stage) -> Self {
        let watch = stage.reset();
        let (mut proof, ended) = client.work(stage, JANE);
        let Err(error) = ended else { return Self { outcome: WORKS.to_owned(), words: String::new() } };
        // A client that ends with an error has proven no login, but may have been let in.
        if watch.and_then(|watch| stage.has_let_in(&watch)).is_ok_and(|has| has) {
            proof.has(Step::Login);
        }
        // Some read their files only when they connect, so a bad file shows at the login.
        let steps = super::STEPS.iter().filter(|(step, _)| *step != Step::Provision);
        let is_in =
            |list: &[Step], step| list.contains(&step) || step == Step::Login && list.contains(&Step::LoginUnseen);
        let mut of_client = steps.filter(|(step, _)| is_in(client.steps, *step));
        let missing = of_client.find(|(step, _)| !is_in(&proof.0, *step));
        let outcome = missing.map_or("fails with another server".to_owned(), |(_, name)| format!("fails at {name}"));
        Self { outcome, words: normalized(&format!("{error:#}"), stage) }
    }

    /// The text to record: unchanged if only the date differs.
    fn recorded(&self, client: &str, before: &str) -> anyhow::Result<String> {
        let words = if self.words.is_empty() { String::new() } else { format!("\n{}\n", self.words) };
        dated(before, |day| format!("{}\n{client}, {day}\n{words}", self.outcome))
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
            let words: Vec<&str> = lines.collect();
            let trouble = path.file_stem().context("a file has a name")?.to_string_lossy().into_owned();
            let entry = (outcome.to_owned(), version.to_owned(), words.join("\n"));
            clients.entry(trouble).or_default().insert(name(&client), entry);
        }
    }
    let mut page = String::from(
        "# What clients do when something is wrong\n\n\
         Observed with each client set up with the generated files, against the mock server, with certificate checks on.\n\
         Written by `cargo xtask e2e --clients --faults all --bless`; the complete messages are in `fixtures/clients`.\n",
    );
    let (settings, faults): (Vec<_>, Vec<_>) =
        all().into_iter().partition(|trouble| matches!(trouble, Trouble::Setting(_)));
    let parts = [
        (
            "When a setting is wrong",
            "The files have one wrong value in every server; the mock behaves correctly.\n\
             Clients whose file has no place for the value, or that get no file with it, are not listed.",
            settings,
        ),
        (
            "When the server misbehaves",
            "The files are correct and the mock has one fault; `provost mock --help` describes each.\n\
             A client that works was not affected by the fault, or did not notice it.",
            faults,
        ),
    ];
    for (title, about, troubles) in parts {
        write!(page, "\n## {title}\n\n{about}\n")?;
        for trouble in troubles.into_iter().map(Trouble::name).filter(|trouble| clients.contains_key(trouble)) {
            write!(page, "\n### {trouble}\n\n| client, observed | does | says |\n|---|---|---|\n")?;
            for (outcome, version, words) in clients[&trouble].values() {
                writeln!(page, "| {version} | {outcome} | {} |", shown(words).replace('|', "\\|").replace('`', "'"))?;
            }
        }
    }
    Ok(page)
}

/// The words in one line, cut to what a table can show.
fn shown(words: &str) -> String {
    let lines: Vec<&str> = words.lines().map(str::trim_start).filter(|line| !line.is_empty()).collect();
    lines.join(" ").chars().take(WORDS_MAX).collect()
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

const SIX: [&str; 6] =
    ["unknown-ca", "expired-certificate", "wrong-host-name", "no-starttls", "password-refused", "local-part-only"];

const OTHERS: [&str; 18] = [
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

/// The outcome of a client that is not affected.
const WORKS: &str = "works";
/// The longest text in a row of a table, in characters.
const WORDS_MAX: usize = 400;
