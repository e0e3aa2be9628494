//! `cargo xtask e2e --doctor`: a real Dovecot, Postfix, Knot and Unbound, with one mistake planted in each of their mail
//! hosts, and what the built `provost` tells of each: that cause, and no other.
//!
//! No server is faked, and nothing is planted in the program: only configuration, tables, records and packets.

mod before;
mod dovecot;
mod host;
mod lab;
mod mistakes;
mod names;
mod page;
mod papers;
mod postfix;
mod told;
mod web;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use xtask::workspace::built;

use self::host::Host;
use self::lab::Lab;
use self::mistakes::{Given, MISTAKES, Mistake, Planted};
pub(crate) use self::papers::authority;
use self::told::Told;
use crate::namespaces;

/// The chore that `run` starts in namespaces of its own.
pub(crate) const INSIDE: &str = "e2e-doctor-inside";

/// `e2e --doctor`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    Options::parse(arguments)?;
    let is_required = std::env::var_os(REQUIRED).is_some();
    let missing: Vec<&str> = PROGRAMS.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, it)| *it).collect();
    let words = match (missing.is_empty(), namespaces::is_root()) {
        (false, _) => format!("not installed: {} (Debian's names)", missing.join(", ")),
        (true, false) => "not root, and the servers change their user".to_owned(),
        (true, true) => {
            let processes = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
            return namespaces::enter(&processes, INSIDE, arguments, is_required);
        }
    };
    ensure!(!is_required, "{words}; {REQUIRED} is set");
    eprintln!("SKIPPED, ALL OF IT: {words}");
    Ok(())
}

/// The same, inside the namespaces.
pub(crate) fn run_inside(arguments: &[String]) -> anyhow::Result<()> {
    let options = Options::parse(arguments)?;
    let begin = Instant::now();
    let program = built("provost")?;
    let lab = Lab::set(|mistake| options.only.as_ref().is_none_or(|only| only.iter().any(|it| it == mistake.name)))?;
    println!("{} hosts after {:.1} s", lab.hosts.len(), begin.elapsed().as_secs_f32());
    let told = all(&program, &lab);
    let mut wrong = Vec::new();
    let mut rows = String::new();
    for (host, told) in lab.hosts.iter().zip(told) {
        let name = host.mistake.name;
        match told.and_then(|told| judged(host, &told).map(|()| told)) {
            Ok(told) => {
                println!("{name}: {} ({:.1} s)", shown(&told), told.took.as_secs_f32());
                rows.push_str(&page::row(host, &told));
            }
            Err(error) => {
                println!("{name}: WRONG: {error:#}");
                wrong.push(name);
            }
        }
    }
    let took = begin.elapsed();
    if options.shows_logs {
        print!("{}", lab.logs());
    }
    println!(
        "{} of {} told by their cause and no other, in {} s",
        lab.hosts.len() - wrong.len(),
        lab.hosts.len(),
        took.as_secs()
    );
    ensure!(wrong.is_empty(), "not told: {}", wrong.join(", "));
    ensure!(took <= TOGETHER_MAX, "it took {took:?}; {TOGETHER_MAX:?} is the limit");
    match (options.only.is_some(), options.bless) {
        (true, true) => anyhow::bail!("the page has all hosts: no --only with --bless"),
        (true, false) => Ok(()),
        (false, true) => page::write(&rows),
        (false, false) => page::compare(&rows),
    }
}

/// What is told of each host, some at once: most of the time is spent waiting.
fn all(program: &Path, lab: &Lab) -> Vec<anyhow::Result<Told>> {
    let next = AtomicUsize::new(0);
    let told: Mutex<Vec<(usize, anyhow::Result<Told>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((place, host)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|place| Some((place, lab.hosts.get(place)?)))
                {
                    let one = one(program, lab, host);
                    told.lock().expect("nobody panics with it").push((place, one));
                }
            });
        }
    });
    let mut told = told.into_inner().expect("nobody panics with it");
    told.sort_by_key(|(place, _)| *place);
    told.into_iter().map(|(_, told)| told).collect()
}

fn one(program: &Path, lab: &Lab, host: &Host) -> anyhow::Result<Told> {
    let mut open = Vec::new();
    for planted in host.mistake.planted {
        if let Planted::Before(before) = planted {
            open.extend(before::act(*before, lab, host).context("before")?);
        }
    }
    told::tell(program, lab, host)
}

/// Whether the right cause was told and no other, in time.
fn judged(host: &Host, told: &Told) -> anyhow::Result<()> {
    let Mistake { cause, .. } = host.mistake;
    let expected = if cause.is_empty() { Vec::new() } else { vec![*cause] };
    let causes = told.causes.iter().map(|it| it.name.as_str());
    ensure!(causes.eq(expected), "{}; expected: {}", shown(told), if cause.is_empty() { "nothing" } else { cause });
    // Of an address alone there is always something else to try here.
    let is_helpful = host.mistake.given == Given::Settings || told.causes.iter().all(|it| it.works);
    ensure!(is_helpful, "{}; it does not say what works", shown(told));
    let limit = if host.mistake.planted.is_empty() && cause.is_empty() { HEALTHY_MAX } else { Duration::MAX };
    ensure!(told.took <= limit, "it took {:?}; {limit:?} is the limit", told.took);
    Ok(())
}

fn shown(told: &Told) -> String {
    let causes = told.causes.iter().map(|it| format!("{} ({}): {}", it.name, it.whose, it.found));
    if told.causes.is_empty() { "nothing".to_owned() } else { causes.collect::<Vec<_>>().join("; ") }
}

/// What the arguments ask for.
struct Options {
    only: Option<Vec<String>>,
    shows_logs: bool,
    bless: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self { only: None, shows_logs: false, bless: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--doctor" => {}
                "--only" => {
                    let names: Vec<String> =
                        arguments.next().context("--only takes names")?.split(',').map(str::to_owned).collect();
                    let unknown = names.iter().find(|name| MISTAKES.iter().all(|mistake| mistake.name != *name));
                    ensure!(unknown.is_none(), "no mistake is called {unknown:?}");
                    options.only = Some(names);
                }
                "--logs" => options.shows_logs = true,
                "--bless" => options.bless = true,
                other => anyhow::bail!("e2e --doctor takes --only NAME,…, --logs and --bless, and not {other}"),
            }
        }
        Ok(options)
    }
}

/// What is needed, and the packages that have it.
const PROGRAMS: &[(&str, &str)] = &[
    ("/usr/lib/dovecot/imap", "dovecot-imapd"),
    ("/usr/lib/dovecot/pop3", "dovecot-pop3d"),
    ("/usr/lib/dovecot/lmtp", "dovecot-lmtpd"),
    ("/usr/lib/postfix/sbin/smtpd", "postfix"),
    ("/usr/sbin/knotd", "knot"),
    ("/usr/sbin/unbound", "unbound"),
    ("/usr/sbin/nft", "nftables"),
    ("/usr/bin/openssl", "openssl"),
    ("/usr/bin/nsenter", "util-linux"),
];

/// Where a program that is not installed is a failure.
const REQUIRED: &str = "PROVOST_REQUIRE_PROGRAMS";
/// A healthy account, with Dovecot's delays.
const HEALTHY_MAX: Duration = Duration::from_secs(3);
/// All of it.
const TOGETHER_MAX: Duration = Duration::from_secs(90);
const AT_ONCE: usize = 6;
