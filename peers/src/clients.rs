//! `cargo xtask e2e --clients`: real mail programs, set up only with the generated files, log in, fetch, send and
//! receive at the mock server, under the names and ports in the settings, with certificate checks on.
//!
//! One row per client: its Debian package, the format that sets it up, and how its work is proven. A program that is
//! not installed is named and skipped, unless `PROVOST_REQUIRE_CLIENTS` lists it.

mod faults;
mod options;
mod page;
mod programs;
mod stage;
mod table;
mod words;

use std::process::Command;

use anyhow::ensure;
use xtask::workspace::{built, root};

use self::options::Options;
pub(crate) use self::stage::INSIDE;
use self::stage::Stage;
pub(crate) use self::stage::running::Running;

/// A client.
struct Client {
    /// What `PROVOST_REQUIRE_CLIENTS` and `--only` call it.
    name: &'static str,
    /// The format that sets it up; empty for a program that judges the mock itself.
    format: &'static str,
    /// How it is set up, as the table shows it: in most rows the format.
    set_up_by: &'static str,
    /// What the table adds to that.
    how: &'static str,
    /// The program, and the arguments with which it prints its version.
    program: &'static str,
    version: &'static [&'static str],
    /// The Debian package, or where else to get it.
    package: &'static str,
    /// What it can do.
    steps: &'static [Step],
    /// The people for whom it works; readers of all fixtures run once.
    people: &'static [&'static str],
    prove: Prove,
}

/// Runs a client for a person.
type Prove = fn(&Stage, &str, &mut Proof) -> anyhow::Result<()>;

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It accepts the files unchanged.
    Provision,
    /// The mock lets it in.
    Login,
    /// The same, without checking the certificate.
    LoginUnseen,
    /// It has the messages that were there.
    Sync,
    /// What it sends arrives.
    Send,
    /// It has a message that arrived later.
    Receive,
}

const STEPS: [(Step, &str); 5] = [
    (Step::Provision, "provision"),
    (Step::Login, "login"),
    (Step::Sync, "sync"),
    (Step::Send, "send"),
    (Step::Receive, "receive"),
];

/// The steps that a client has completed.
#[derive(Default)]
struct Proof(Vec<Step>);

impl Proof {
    fn has(&mut self, step: Step) {
        self.0.push(step);
    }
}

/// `e2e --clients`: starts itself again in a network namespace.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    Options::parse(arguments)?;
    stage::enter(arguments)
}

/// The same, inside the namespace.
pub(crate) fn run_inside(arguments: &[String]) -> anyhow::Result<()> {
    let options = Options::parse(arguments)?;
    stage::network()?;
    let program = built("provost")?;
    if let Some(troubles) = options.troubles {
        return faults::run(&program, &options.clients, &troubles, options.bless);
    }
    let stage = Stage::set(&program, None, None)?;
    let table = prove(&stage, &options.clients)?;
    if options.bless {
        page::write(&table)?;
        std::fs::write(root().join("docs/thunderbird.png"), programs::thunderbird::picture(&stage)?)?;
    }
    Ok(())
}

/// Runs every client for every person, and prints the table.
fn prove(stage: &Stage, clients: &[&Client]) -> anyhow::Result<String> {
    let (mut lines, mut failed) = (Vec::new(), Vec::new());
    for client in clients {
        let Some(version) = client.version() else {
            client.is_missing(&mut failed)?;
            continue;
        };
        let mut proven: Vec<Step> = client.steps.to_vec();
        let mut has_worked = false;
        for person in client.people {
            if !client.format.is_empty() && !stage.has_files(person, client.format)? {
                println!("{}: no file for {person}, as generate says", client.name);
                continue;
            }
            has_worked = true;
            let (proof, ended) = client.work(stage, person);
            if let Err(error) = ended {
                failed.push(format!("{} for {person}: {error:#}", client.name));
            }
            proven.retain(|step| proof.0.contains(step));
        }
        if !has_worked {
            proven.clear();
            failed.push(format!("{}: nobody has a file", client.name));
        }
        lines.push(client.line(&version, &proven));
    }
    let table = [heading(), lines].concat().join("\n");
    println!("{table}");
    ensure!(failed.is_empty(), "not proven:\n{}", failed.join("\n"));
    Ok(table)
}

impl Client {
    /// The version that it prints; `None` if it is not installed.
    fn version(&self) -> Option<String> {
        let output = Command::new(self.program).args(self.version).output().ok()?;
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).join("\n");
        // Dots, or a date.
        let is_version = |word: &&str| {
            word.starts_with(|c: char| c.is_ascii_digit()) && (word.contains('.') || word.len() == "20220429".len())
        };
        let words = said.split(|c: char| c.is_whitespace() || c == '+' || c == '(' || c == ',');
        let mut words = words.map(|word| word.strip_prefix('v').unwrap_or(word));
        words.find(is_version).map(str::to_owned).or(Some(String::new()))
    }

    /// Whether it logs in with a generated file; the others cannot notice a fault.
    fn connects(&self) -> bool {
        !self.format.is_empty() && (self.steps.contains(&Step::Login) || self.checks_no_certificate())
    }

    /// Whether it logs in without checking the server's certificate.
    fn checks_no_certificate(&self) -> bool {
        self.steps.contains(&Step::LoginUnseen)
    }

    /// Runs it for a person: the completed steps, and the error that ended it.
    fn work(&self, stage: &Stage, person: &str) -> (Proof, anyhow::Result<()>) {
        let mut proof = Proof::default();
        let ended = (self.prove)(stage, person, &mut proof).and_then(|()| {
            let left_out = self.steps.iter().find(|step| !proof.0.contains(step));
            ensure!(left_out.is_none(), "{left_out:?} was never reached");
            Ok(())
        });
        (proof, ended)
    }

    /// Reports that it is not installed, which is a failure if it is required.
    fn is_missing(&self, failed: &mut Vec<String>) -> anyhow::Result<()> {
        let words = format!("{} is not installed (Debian: {})", self.name, self.package);
        match options::required()?.iter().any(|client| client.name == self.name) {
            true => failed.push(words),
            false => println!("skipped: {words}"),
        }
        Ok(())
    }

    fn line(&self, version: &str, proven: &[Step]) -> String {
        let mark = |(step, _): &(Step, &str)| match (self.steps.contains(step), proven.contains(step)) {
            (false, _) if *step == Step::Login && proven.contains(&Step::LoginUnseen) => "certificate not proven",
            (false, _) if *step == Step::Login && self.checks_no_certificate() => "NO",
            (false, _) => "",
            (true, true) => "yes",
            (true, false) => "NO",
        };
        let marks: Vec<&str> = STEPS.iter().map(mark).collect();
        let name = format!("{} {version}", self.name);
        format!("| {} | {}{} | {} |", name.trim_end(), self.set_up_by, self.how, marks.join(" | "))
    }
}

fn heading() -> Vec<String> {
    let steps: Vec<&str> = STEPS.iter().map(|(_, name)| *name).collect();
    vec![format!("| client | set up by | {} |", steps.join(" | ")), format!("|---|---|{}", "---|".repeat(steps.len()))]
}
