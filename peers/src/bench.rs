//! `cargo xtask bench mock`: the mock server's speed and size, as ratios to the machine's limit and to real servers,
//! within one run. It judges nothing: a missed goal is only noted in the report.

mod certificates;
mod dovecot;
mod generate;
mod load;
mod mdm;
mod measures;
mod messages;
mod null_server;
mod postfix;
mod proofs;
mod report;
mod servers;
mod workloads;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use tokio::runtime::Runtime;

use self::Contender::{Dovecot, Mock, Null, Postfix};
use self::Goal::{AtLeast, AtLeastRow, AtMost, Below};
pub(crate) use certificates::{Identity, client_trusting};
pub(crate) use dovecot::listens;
pub(crate) use load::{Connection, Target, content};
pub(crate) use measures::pss_kb;
pub(crate) use servers::{Contender, FETCH, LOGIN, SUBMIT, SUBMIT_CREDENTIALS, Server};
use workloads::Readings;
use xtask::workspace::{cargo, must, root};

/// `bench mock [--rounds N] [--only WORKLOAD] [--date DATE]`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    if let Some((first, rest)) = arguments.split_first().filter(|(first, _)| *first == "generate") {
        return generate::run(rest).with_context(|| format!("bench {first}"));
    }
    if let Some((first, rest)) = arguments.split_first().filter(|(first, _)| *first == "mdm") {
        return mdm::run(rest).with_context(|| format!("bench {first}"));
    }
    let options = Options::parse(arguments)?;
    // Release builds measure and are measured: this program starts itself again as one.
    if cfg!(debug_assertions) {
        must(&mut cargo(&["build", "--release", "--package", "provost", "--package", "peers"]))?;
        return must(Command::new(root().join("target/release/peers")).arg("bench").args(arguments));
    }
    let runtime = Runtime::new()?;
    let machine = measures::machine(options.date.as_deref())?;
    let load = measures::load_average()?;
    let absent = [(Contender::Dovecot, dovecot::is_absent()), (Contender::Postfix, postfix::is_absent())];
    let absent: Vec<(Contender, &str)> =
        absent.into_iter().filter_map(|(contender, reason)| Some((contender, reason?))).collect();
    for (contender, reason) in &absent {
        eprintln!("NOT MEASURED: {reason}; every goal that compares with {contender:?} stays open");
    }
    let chosen: Vec<&Workload> =
        WORKLOADS.iter().filter(|it| options.only.as_ref().is_none_or(|only| only == it.name)).collect();
    let contenders: Vec<Contender> = [Contender::Null, Contender::Mock, Contender::Dovecot, Contender::Postfix]
        .into_iter()
        .filter(|contender| absent.iter().all(|(it, _)| it != contender))
        .collect();
    let mut servers = BTreeMap::new();
    for contender in &contenders {
        servers.insert(*contender, Server::start(*contender)?);
    }
    let mut read = Read::default();
    for workload in &chosen {
        let mut takes_part: Vec<Contender> =
            contenders.iter().copied().filter(|it| workload.contenders.contains(it)).collect();
        for contender in takes_part.iter().filter(|contender| **contender != Contender::Null) {
            (workload.prepare)(&runtime, &servers[contender])
                .with_context(|| format!("{}, filling {contender:?}", workload.name))?;
        }
        for round in 1..=options.rounds {
            for contender in &takes_part {
                eprintln!("{} {round}/{}: {contender:?}", workload.name, options.rounds);
                let readings = (workload.run)(&runtime, *contender, &servers[contender])
                    .with_context(|| format!("{}, {contender:?}", workload.name))?;
                read.add(*contender, readings);
            }
            // The first in a round finds other caches than the last, so the order rotates.
            takes_part.rotate_left(1);
        }
    }
    for _ in 0..options.rounds {
        read.add(Contender::Null, workloads::bare_cryptography()?);
    }
    let report = report::written(&report::Run {
        machine,
        load,
        rounds: options.rounds,
        absent: &absent,
        workloads: &chosen,
        read: &read,
    });
    println!("{report}");
    // A part of the table is only printed.
    if options.only.is_none() {
        std::fs::create_dir_all(root().join("benchmarks"))?;
        std::fs::write(root().join("benchmarks/mock.md"), report)?;
    }
    Ok(())
}

/// The hidden chore that the benchmark starts as a separate process.
pub(crate) fn null_server(arguments: &[String]) -> anyhow::Result<()> {
    null_server::run(Path::new(arguments.first().context("the file for the authority's certificate")?))
}

struct Options {
    rounds: u32,
    only: Option<String>,
    date: Option<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self { rounds: ROUNDS, only: None, date: None };
        let mut words = arguments.iter();
        ensure!(
            words.next().is_some_and(|word| word == "mock"),
            "bench what? `cargo xtask bench` with mock, generate or mdm"
        );
        while let Some(option) = words.next() {
            let value = words.next().with_context(|| format!("{option} needs a value"))?;
            match option.as_str() {
                "--rounds" => options.rounds = value.parse().context("--rounds is a number")?,
                "--only" => options.only = Some(value.clone()),
                "--date" => options.date = Some(value.clone()),
                _ => bail!("unknown option {option}: --rounds, --only, --date"),
            }
        }
        ensure!(options.rounds > 0, "--rounds is at least 1");
        if let Some(only) = &options.only {
            let names: Vec<&str> = WORKLOADS.iter().map(|workload| workload.name).collect();
            ensure!(names.contains(&only.as_str()), "no workload {only}: {}", names.join(", "));
        }
        Ok(options)
    }
}

/// All readings, by row and contender.
#[derive(Default)]
struct Read(BTreeMap<(&'static str, Contender), Vec<f64>>);

impl Read {
    fn add(&mut self, contender: Contender, readings: Readings) {
        for (key, value) in readings {
            self.0.entry((key, contender)).or_default().push(value);
        }
    }

    fn spread(&self, row: &str, contender: Contender) -> Option<measures::Spread> {
        let found = self.0.iter().find(|((key, whose), _)| *key == row && *whose == contender);
        found.and_then(|(_, readings)| measures::Spread::of(readings))
    }
}

/// A load on the servers, and the rows of the report that it fills.
struct Workload {
    name: &'static str,
    contenders: &'static [Contender],
    /// Not measured, and not done to the null server.
    prepare: fn(&Runtime, &Server) -> anyhow::Result<()>,
    run: fn(&Runtime, Contender, &Server) -> anyhow::Result<Readings>,
    rows: &'static [Row],
}

/// One line of the report.
struct Row {
    key: &'static str,
    says: &'static str,
    goals: &'static [Goal],
}

/// What the mock server's median is compared with.
#[derive(Debug, Clone, Copy)]
enum Goal {
    AtLeast(f64, Contender),
    AtMost(f64, Contender),
    /// In the row's own unit.
    Below(f64),
    /// Against the mock server's own median in another row.
    AtLeastRow(f64, &'static str, &'static str),
}

const ALL: &[Contender] = &[Null, Mock, Dovecot];

/// In the order of the report.
const WORKLOADS: &[Workload] = &[
    Workload {
        name: "logins",
        contenders: ALL,
        prepare: workloads::prepare_logins,
        run: workloads::logins,
        rows: &[
            row(
                "logins",
                "TLS logins/s: connect, LOGIN, SELECT, LOGOUT, 8 at once",
                &[AtLeast(0.8, Null), AtLeast(2.0, Dovecot)],
            ),
            row("login-cpu", "server CPU per TLS login, ms", &[AtMost(1.6, Null)]),
            row("login-load-cpu", "the load generator's own CPU per TLS login, ms", &[]),
        ],
    },
    Workload {
        name: "fetch",
        contenders: ALL,
        prepare: workloads::prepare_fetch,
        run: workloads::fetch,
        rows: &[
            row("fetch-1", "UID FETCH of 1,000 x 10 KB, MB/s, 1 client", FETCH_GOALS),
            row("fetch-4", "UID FETCH of 1,000 x 10 KB, MB/s, 4 clients", FETCH_GOALS),
        ],
    },
    Workload {
        name: "submissions",
        contenders: &[Null, Mock, Postfix],
        prepare: workloads::prepare_submissions,
        run: workloads::submissions,
        rows: &[
            row("submit-1k", "submissions/s of 1 KB, a connection each, 8 at once", &[AtLeast(0.8, Null)]),
            row("submit-10k", "submissions/s of 10 KB, a connection each, 8 at once", &[AtLeast(0.8, Null)]),
        ],
    },
    Workload {
        name: "pipelined",
        contenders: &[Null, Mock, Postfix],
        prepare: workloads::prepare_submissions,
        run: workloads::pipelined,
        rows: &[
            row("pipelined-1k", "submissions/s of 1 KB, pipelined on one connection", &[AtLeast(0.9, Null)]),
            row("pipelined-10k", "submissions/s of 10 KB, pipelined on one connection", &[AtLeast(0.9, Null)]),
        ],
    },
    Workload {
        name: "memory",
        contenders: ALL,
        prepare: nothing,
        run: workloads::memory,
        rows: &[
            row("idle-none", "memory before the load, MB", &[Below(8.0)]),
            row("idle-1000", "memory per idle TLS connection at 1,000, KB", IDLE_GOALS),
            row("idle-task", "of that its task and its session, KB", &[]),
            row("idle-tls", "of that TLS and its buffers, KB", &[]),
            row("idle-login", "of that what came with the login, KB", &[]),
            row("idle-10000", "memory per idle TLS connection at 9,990, KB", IDLE_GOALS),
        ],
    },
    Workload {
        name: "accounts",
        contenders: &[Mock],
        prepare: nothing,
        run: workloads::accounts,
        rows: &[
            row("start-10", "start to the ready line with 10 accounts, s", &[]),
            row("start-10k", "start to the ready line with 10,000 accounts, s", &[]),
            row("start-1m", "start to the ready line with 1,000,000 accounts, s", &[Below(5.0)]),
            row("logins-10", "TLS logins/s to 10 accounts in turn: connect, LOGIN, LOGOUT, 8 at once", &[]),
            row("logins-10k", "the same with 10,000 accounts", LOGINS_GOALS),
            row("logins-1m", "the same with 1,000,000 accounts", LOGINS_GOALS),
            row("recipients-10", "RCPT TO/s of 10 accounts in turn, pipelined", &[]),
            row("recipients-10k", "the same with 10,000 accounts", &[]),
            row("recipients-1m", "the same with 1,000,000 accounts", &[]),
            row("memory-10k", "memory per account above its names at 10,000, octets", &[]),
            row("memory-1m", "memory per account above its names at 1,000,000, octets", &[Below(300.0)]),
        ],
    },
    Workload {
        name: "start",
        contenders: ALL,
        prepare: nothing,
        run: workloads::start,
        rows: &[row("start", "start to TLS greeting, ms", &[Below(10.0)])],
    },
    Workload {
        name: "search",
        contenders: &[Mock, Dovecot],
        prepare: workloads::prepare_search,
        run: workloads::search,
        rows: &[
            row("search-since", "UID SEARCH SINCE over 100,000 x 2 KB, ms", SEARCH_GOALS),
            row("search-body", "UID SEARCH BODY over 100,000 x 2 KB, ms", SEARCH_GOALS),
            row("sort", "UID SORT (REVERSE DATE SUBJECT) of the same, ms", SEARCH_GOALS),
            row("thread", "UID THREAD REFERENCES of the same, ms", SEARCH_GOALS),
        ],
    },
];

/// Rows about the machine alone.
const MACHINE_ROWS: &[Row] = &[
    row("handshakes", "full TLS 1.3 handshakes/s, both ends on one core, no sockets", &[]),
    row("signatures", "P-256 signatures/s on one core", &[]),
];

const fn row(key: &'static str, says: &'static str, goals: &'static [Goal]) -> Row {
    Row { key, says, goals }
}

fn nothing(_: &Runtime, _: &Server) -> anyhow::Result<()> {
    Ok(())
}

const FETCH_GOALS: &[Goal] = &[AtLeast(0.6, Null), AtLeast(3.0, Dovecot)];
const SEARCH_GOALS: &[Goal] = &[AtMost(1.0, Dovecot)];
const IDLE_GOALS: &[Goal] = &[AtMost(1.15, Null)];
const LOGINS_GOALS: &[Goal] = &[AtLeastRow(0.95, "logins-10", "10 accounts")];
const ROUNDS: u32 = 5;
