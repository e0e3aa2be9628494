//! `cargo xtask e2e --clients`: real mail programs, set up with the generated files and nothing else, log in, fetch, send
//! and receive at the mock server, under the settings' own names and ports, with their certificate checks on.
//!
//! One row a client: what it is called in Debian, which format sets it up, and how its work is proven. A program that is
//! not here is said so and passed over, unless `PROVOST_REQUIRE_CLIENTS` names it.

mod apple;
mod command_line;
mod delta_chat;
mod faults;
mod judges;
mod pictures;
mod readers;
mod screen;
mod stage;
mod thunderbird;
mod web;

use std::process::Command;

use anyhow::{Context, ensure};

use self::faults::Trouble;
pub(crate) use self::stage::INSIDE;
use self::stage::{PEOPLE, Spoilt, Stage};
use crate::workspace::root;

/// A client.
struct Client {
    /// What `PROVOST_REQUIRE_CLIENTS` and `--only` call it.
    name: &'static str,
    /// The format that sets it up; empty for a judge of the mock itself.
    format: &'static str,
    /// The program, and the arguments that make it say its version.
    program: &'static str,
    version: &'static [&'static str],
    /// Debian's package, or another place where there is none.
    package: &'static str,
    /// What it can do.
    steps: &'static [Step],
    prove: fn(&Stage, &str, &mut Proof) -> anyhow::Result<()>,
}

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It takes the files as they are.
    Provision,
    /// The mock lets it in.
    Login,
    /// The same, and it takes the mock's certificate unseen.
    LoginUnseen,
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
    fn whole(&mut self) {
        self.0.extend(STEPS.iter().map(|(step, _)| *step));
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
        name: "swaks",
        format: "",
        program: "swaks",
        version: &["--version"],
        package: "swaks and libnet-ssleay-perl",
        steps: &[Step::Login, Step::Send],
        prove: judges::swaks,
    },
    Client {
        name: "openssl",
        format: "",
        program: "openssl",
        version: &["version"],
        package: "openssl",
        steps: &[Step::Login],
        prove: judges::openssl,
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
        name: "aerc",
        format: "aerc",
        program: "aerc",
        version: &["-v"],
        package: "aerc",
        steps: &[Step::Provision, Step::Login, Step::Sync, Step::Send, Step::Receive],
        prove: command_line::aerc,
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
        name: "mbsync-reader",
        format: "mbsync",
        program: "mbsync",
        version: &["--version"],
        package: "isync",
        steps: &[Step::Provision],
        prove: readers::mbsync,
    },
    Client {
        name: "msmtp-reader",
        format: "msmtp",
        program: "msmtp",
        version: &["--version"],
        package: "msmtp",
        steps: &[Step::Provision],
        prove: readers::msmtp,
    },
    Client {
        name: "mpop-reader",
        format: "mpop",
        program: "mpop",
        version: &["--version"],
        package: "mpop",
        steps: &[Step::Provision],
        prove: readers::mpop,
    },
    Client {
        name: "fetchmail-reader",
        format: "fetchmail",
        program: "fetchmail",
        version: &["--version"],
        package: "fetchmail",
        steps: &[Step::Provision],
        prove: readers::fetchmail,
    },
    Client {
        name: "getmail-reader",
        format: "getmail",
        program: "getmail",
        version: &["--version"],
        package: "getmail6",
        steps: &[Step::Provision],
        prove: readers::getmail,
    },
    Client {
        name: "neomutt-reader",
        format: "neomutt",
        program: "neomutt",
        version: &["-v"],
        package: "neomutt",
        steps: &[Step::Provision],
        prove: readers::neomutt,
    },
    Client {
        name: "offlineimap-reader",
        format: "offlineimap",
        program: "offlineimap",
        version: &["--version"],
        package: "offlineimap3",
        steps: &[Step::Provision],
        prove: readers::offlineimap,
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
    Client {
        name: "deltachat",
        format: "dclogin",
        program: "deltachat-rpc-server",
        version: &["--version"],
        package: "none; PyPI: deltachat-rpc-server",
        steps: &[Step::Provision, Step::LoginUnseen],
        prove: delta_chat::deltachat,
    },
    Client {
        name: "zxing",
        format: "thunderbird-qr",
        program: "ZXingReader",
        version: &[],
        package: "zxing-cpp-tools",
        steps: &[Step::Provision],
        prove: pictures::zxing,
    },
    Client {
        name: "plistutil",
        format: "apple-mobileconfig",
        program: "plistutil",
        version: &["-v"],
        package: "libplist-utils",
        steps: &[Step::Provision],
        prove: apple::plistutil,
    },
    Client {
        name: "openssl-cms",
        format: "apple-mobileconfig",
        program: "openssl",
        version: &["version"],
        package: "openssl",
        steps: &[Step::Provision],
        prove: apple::openssl_cms,
    },
];

/// `e2e --clients [--only NAME,…] [--spoil WHAT]`, outside: builds the program and enters a network of its own.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    Options::parse(arguments)?;
    // Before the build, which may put another file there.
    let myself = std::env::current_exe()?;
    crate::e2e::build()?;
    stage::enter(&myself, arguments)
}

/// The same, inside.
pub(crate) fn run_inside(arguments: &[String]) -> anyhow::Result<()> {
    let options = Options::parse(arguments)?;
    stage::network()?;
    let program = crate::e2e::program()?;
    if let Some(troubles) = options.troubles {
        let connecting: Vec<&Client> = options.clients.into_iter().filter(|client| client.connects()).collect();
        return faults::run(&program, &connecting, &troubles, options.bless);
    }
    let stage = Stage::set(&program, None, options.spoilt)?;
    if options.bless {
        std::fs::write(root().join("docs/thunderbird.png"), thunderbird::picture(&stage)?)?;
    }
    match options.spoilt {
        None => prove(&stage, &options.clients),
        Some(spoilt) => notice(&stage, &options.clients, spoilt),
    }
}

/// Every client for everybody, and the table.
fn prove(stage: &Stage, clients: &[&Client]) -> anyhow::Result<()> {
    let (mut lines, mut failed) = (Vec::new(), Vec::new());
    for client in clients {
        let Some(version) = client.version() else {
            client.is_missing(&mut failed);
            continue;
        };
        let mut proven: Vec<Step> = client.steps.to_vec();
        let mut has_worked = false;
        for person in PEOPLE {
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
    println!("{}\n{}", heading(), lines.join("\n"));
    ensure!(failed.is_empty(), "not proven:\n{}", failed.join("\n"));
    Ok(())
}

/// With spoilt files no client may do its work, and each says why.
fn notice(stage: &Stage, clients: &[&Client], spoilt: Spoilt) -> anyhow::Result<()> {
    let mut unnoticed = Vec::new();
    for client in clients.iter().filter(|client| client.connects() && client.version().is_some()) {
        let person = PEOPLE[0];
        if !stage.has_files(person, client.format)? {
            println!("{}: no file, as generate says", client.name);
            continue;
        }
        if spoilt == Spoilt::Authority && stage.loses_authorities(client.format)? {
            println!("{}: the file holds no authority, as generate says", client.name);
            continue;
        }
        match client.work(stage, person).1 {
            Ok(()) => unnoticed.push(client.name),
            Err(error) => println!("{}: {}", client.name, format!("{error:#}").replace('\n', " ")),
        }
    }
    ensure!(unnoticed.is_empty(), "worked all the same: {}", unnoticed.join(", "));
    Ok(())
}

struct Options {
    clients: Vec<&'static Client>,
    spoilt: Option<Spoilt>,
    troubles: Option<Vec<Trouble>>,
    bless: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self { clients: CLIENTS.iter().collect(), spoilt: None, troubles: None, bless: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--clients" => {}
                "--only" => {
                    let names: Vec<&str> = arguments.next().context("--only takes names")?.split(',').collect();
                    for name in &names {
                        ensure!(CLIENTS.iter().any(|client| client.name == *name), "no client is called {name}");
                    }
                    options.clients.retain(|client| names.contains(&client.name));
                }
                "--spoil" => {
                    let what = arguments.next().context("--spoil takes a word")?;
                    let found = Spoilt::ALL.iter().find(|(_, name)| name == what);
                    let names = Spoilt::ALL.map(|(_, name)| name).join(", ");
                    options.spoilt = Some(found.with_context(|| format!("--spoil takes one of {names}"))?.0);
                }
                "--faults" => {
                    options.troubles = Some(match arguments.next().map(String::as_str) {
                        Some("six") => faults::six(),
                        Some("all") => faults::all(),
                        Some(_) | None => anyhow::bail!("--faults takes six or all"),
                    });
                }
                "--bless" => options.bless = true,
                other => anyhow::bail!(
                    "e2e --clients takes --only NAME,…, --spoil WHAT, --faults six or all, and --bless, and not {other}"
                ),
            }
        }
        Ok(options)
    }
}

impl Client {
    /// What it says of itself; `None`: it is not here.
    fn version(&self) -> Option<String> {
        let output = Command::new(self.program).args(self.version).output().ok()?;
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).join("\n");
        // Dots, or a date.
        let is_version = |word: &&str| {
            word.starts_with(|c: char| c.is_ascii_digit()) && (word.contains('.') || word.len() == "20220429".len())
        };
        let mut words = said.split(|c: char| c.is_whitespace() || c == '+' || c == '(' || c == ',');
        words.find(is_version).map(str::to_owned).or(Some(String::new()))
    }

    /// Whether it logs in with a file of ours and a certificate that it checks: others notice nothing that is wrong.
    fn connects(&self) -> bool {
        !self.format.is_empty() && self.steps.contains(&Step::Login)
    }

    /// Lets it work for a person: the steps that it went through, and what ended it before the last one.
    fn work(&self, stage: &Stage, person: &str) -> (Proof, anyhow::Result<()>) {
        let mut proof = Proof::default();
        let ended = (self.prove)(stage, person, &mut proof).and_then(|()| {
            let left_out = self.steps.iter().find(|step| !proof.0.contains(step));
            ensure!(left_out.is_none(), "{left_out:?} was never reached");
            Ok(())
        });
        (proof, ended)
    }

    /// Says aloud that it is not here, which is a failure where it is required.
    fn is_missing(&self, failed: &mut Vec<String>) {
        let words = format!("{} is not installed (Debian: {})", self.name, self.package);
        let required = std::env::var("PROVOST_REQUIRE_CLIENTS");
        match required.is_ok_and(|names| names.split(',').any(|name| name == self.name)) {
            true => failed.push(words),
            false => println!("skipped: {words}"),
        }
    }

    fn line(&self, version: &str, proven: &[Step]) -> String {
        let mark = |(step, _): &(Step, &str)| match (self.steps.contains(step), proven.contains(step)) {
            (false, _) if *step == Step::Login && proven.contains(&Step::LoginUnseen) => "certificate not proven",
            (false, _) if *step == Step::Login && self.steps.contains(&Step::LoginUnseen) => "NO",
            (false, _) => "",
            (true, true) => "yes",
            (true, false) => "NO",
        };
        let marks: Vec<&str> = STEPS.iter().map(mark).collect();
        let name = format!("{} {version}", self.name);
        format!("| {} | {} | {} |", name.trim_end(), self.format, marks.join(" | "))
    }
}

fn heading() -> String {
    let steps: Vec<&str> = STEPS.iter().map(|(_, name)| *name).collect();
    format!("| client | set up by | {} |\n|---|---|{}", steps.join(" | "), "---|".repeat(steps.len()))
}
