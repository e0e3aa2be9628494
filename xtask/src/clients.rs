//! `cargo xtask e2e --clients`: real mail programs, set up with the generated files and nothing else, log in, fetch, send
//! and receive at the mock server, under the settings' own names and ports, with their certificate checks on.
//!
//! One row a client: what it is called in Debian, which format sets it up, and how its work is proven. A program that is
//! not here is said so and passed over, unless `PROVOST_REQUIRE_CLIENTS` names it.

mod command_line;
mod stage;
mod thunderbird;
mod web;

use std::process::Command;

use anyhow::{Context, ensure};

pub(crate) use self::stage::INSIDE;
use self::stage::{PEOPLE, Stage};

/// A client.
struct Client {
    /// What `PROVOST_REQUIRE_CLIENTS` and `--only` call it.
    name: &'static str,
    /// The format that sets it up; empty for a judge of the mock itself.
    format: &'static str,
    /// The program, and the arguments that make it say its version.
    program: &'static str,
    version: &'static [&'static str],
    /// Debian's package.
    package: &'static str,
    /// What it can do.
    steps: &'static [Step],
    prove: fn(&Stage, &str) -> anyhow::Result<Proof>,
}

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It takes the files as they are.
    Provision,
    /// The mock lets it in.
    Login,
    /// It has the messages that were there.
    Sync,
    /// What it sends comes to its recipient.
    Send,
    /// It has a message that came later.
    Receive,
}

const STEPS: [(Step, &str); 5] = [
    (Step::Provision, "provision"),
    (Step::Login, "login"),
    (Step::Sync, "sync"),
    (Step::Send, "send"),
    (Step::Receive, "receive"),
];

/// The steps that a client has been through.
#[derive(Default)]
struct Proof(Vec<Step>);

impl Proof {
    fn has(&mut self, step: Step) {
        self.0.push(step);
    }

    /// For somebody to whom the client does not apply.
    fn whole() -> Self {
        Self(STEPS.iter().map(|(step, _)| *step).collect())
    }
}

/// In the order in which they are shown.
const CLIENTS: &[Client] = &[
    Client {
        name: "curl",
        format: "",
        program: "curl",
        version: &["--version"],
        package: "curl",
        steps: &[Step::Login, Step::Send, Step::Receive],
        prove: command_line::curl,
    },
    Client {
        name: "mbsync",
        format: "mbsync",
        program: "mbsync",
        version: &["--version"],
        package: "isync",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Receive],
        prove: command_line::mbsync,
    },
    Client {
        name: "msmtp",
        format: "msmtp",
        program: "msmtp",
        version: &["--version"],
        package: "msmtp",
        steps: &[Step::Provision, Step::Login, Step::Send],
        prove: command_line::msmtp,
    },
    Client {
        name: "mpop",
        format: "mpop",
        program: "mpop",
        version: &["--version"],
        package: "mpop",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Receive],
        prove: command_line::mpop,
    },
    Client {
        name: "fetchmail",
        format: "fetchmail",
        program: "fetchmail",
        version: &["--version"],
        package: "fetchmail",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Receive],
        prove: command_line::fetchmail,
    },
    Client {
        name: "getmail",
        format: "getmail",
        program: "getmail",
        version: &["--version"],
        package: "getmail6",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Receive],
        prove: command_line::getmail,
    },
    Client {
        name: "neomutt",
        format: "neomutt",
        program: "neomutt",
        version: &["-v"],
        package: "neomutt",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Send, Step::Receive],
        prove: command_line::neomutt,
    },
    Client {
        name: "offlineimap",
        format: "offlineimap",
        program: "offlineimap",
        version: &["--version"],
        package: "offlineimap3",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Receive],
        prove: command_line::offlineimap,
    },
    Client {
        name: "thunderbird",
        format: "thunderbird-cfg",
        program: "thunderbird",
        version: &["--version"],
        package: "thunderbird",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Send, Step::Receive],
        prove: thunderbird::new_profile,
    },
    Client {
        name: "thunderbird-existing",
        format: "thunderbird-cfg",
        program: "thunderbird",
        version: &["--version"],
        package: "thunderbird",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Send, Step::Receive],
        prove: thunderbird::existing_profile,
    },
    Client {
        name: "thunderbird-organization",
        format: "thunderbird-cfg",
        program: "thunderbird",
        version: &["--version"],
        package: "thunderbird",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Send, Step::Receive],
        prove: thunderbird::organization,
    },
    Client {
        name: "thunderbird-autoconfig",
        format: "thunderbird-autoconfig",
        program: "thunderbird",
        version: &["--version"],
        package: "thunderbird",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Send, Step::Receive],
        prove: thunderbird::autoconfig,
    },
    Client {
        name: "thunderbird-reader",
        format: "thunderbird-autoconfig",
        program: "thunderbird",
        version: &["--version"],
        package: "thunderbird",
        steps: &[Step::Provision],
        prove: thunderbird::reads_autoconfig,
    },
];

/// `e2e --clients [--only NAME,…]`, outside: builds the program and enters a network of its own.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    options(arguments)?;
    crate::e2e::build()?;
    stage::enter(arguments)
}

/// The same, inside.
pub(crate) fn run_inside(arguments: &[String]) -> anyhow::Result<()> {
    let chosen = options(arguments)?;
    stage::network()?;
    let program = crate::e2e::program()?;
    let stage = Stage::set(&program, None)?;
    let required = std::env::var("PROVOST_REQUIRE_CLIENTS").unwrap_or_default();
    let (mut lines, mut failed) = (Vec::new(), Vec::new());
    for client in chosen {
        let Some(version) = client.version() else {
            let words = format!("{} is not installed (Debian: {})", client.name, client.package);
            if required.split(',').any(|name| name == client.name) {
                failed.push(words);
            } else {
                println!("skipped: {words}");
            }
            continue;
        };
        let mut proven: Vec<Step> = client.steps.to_vec();
        for person in PEOPLE {
            if !client.format.is_empty() && !stage.has_files(person, client.format)? {
                println!("{}: no file for {person}, as generate says", client.name);
                continue;
            }
            let proof = match (client.prove)(&stage, person) {
                Ok(proof) => proof,
                Err(error) => {
                    failed.push(format!("{} for {person}: {error:#}", client.name));
                    Proof::default()
                }
            };
            let left_out = client.steps.iter().filter(|step| !proof.0.contains(step));
            proven.retain(|step| proof.0.contains(step));
            if left_out.count() > 0 && !failed.iter().any(|it| it.starts_with(client.name)) {
                failed.push(format!("{} for {person}: not every step was reached", client.name));
            }
        }
        lines.push(client.line(&version, &proven));
    }
    println!("{}\n{}", heading(), lines.join("\n"));
    ensure!(failed.is_empty(), "not proven:\n{}", failed.join("\n"));
    Ok(())
}

fn options(arguments: &[String]) -> anyhow::Result<Vec<&'static Client>> {
    let mut chosen: Vec<&Client> = CLIENTS.iter().collect();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--clients" => {}
            "--only" => {
                let names: Vec<&str> = arguments.next().context("--only takes names")?.split(',').collect();
                for name in &names {
                    ensure!(CLIENTS.iter().any(|client| client.name == *name), "no client is called {name}");
                }
                chosen.retain(|client| names.contains(&client.name));
            }
            other => anyhow::bail!("e2e --clients takes --only NAME,…, and not {other}"),
        }
    }
    Ok(chosen)
}

impl Client {
    /// What it says of itself; `None`: it is not here.
    fn version(&self) -> Option<String> {
        let output = Command::new(self.program).args(self.version).output().ok()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        // Dots, or a date.
        let is_version = |word: &&str| {
            word.starts_with(|c: char| c.is_ascii_digit()) && (word.contains('.') || word.len() == "20220429".len())
        };
        let mut words = said.split(|c: char| c.is_whitespace() || c == '+' || c == '(' || c == ',');
        words.find(is_version).map(str::to_owned).or(Some(String::new()))
    }

    fn line(&self, version: &str, proven: &[Step]) -> String {
        let mark = |(step, _): &(Step, &str)| match (self.steps.contains(step), proven.contains(step)) {
            (false, _) => "",
            (true, true) => "yes",
            (true, false) => "NO",
        };
        let marks: Vec<&str> = STEPS.iter().map(mark).collect();
        format!("| {} {version} | {} | {} |", self.name, self.format, marks.join(" | "))
    }
}

fn heading() -> String {
    let steps: Vec<&str> = STEPS.iter().map(|(_, name)| *name).collect();
    format!("| client | set up by | {} |\n|---|---|{}", steps.join(" | "), "---|".repeat(steps.len()))
}
