//! `cargo xtask e2e --init`: what each fixture publishes, by a real Knot, Unbound and nginx, and what the built
//! `provost init` makes of it: the servers, the user name, the calendar and the address book of the fixture. The servers
//! write down what they are asked, and docs/init.md lists all of that. `provost dns --check` finds each record there.
//!
//! The zones are loaded as `provost dns` prints them, and the files are those that `provost generate` writes.

mod found;
mod listed;
mod names;
mod published;
mod web;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use xtask::workspace::built;

use self::found::{Found, jane, meaning, same, unpublished};
use self::listed::Listed;
use self::names::{KNOT, Names, RESOLVER, Signing};
use self::published::Published;
use self::web::{WEB, Web};
use crate::namespaces::{self, quietly};

/// The chore that `run` starts in namespaces of its own.
pub(crate) const INSIDE: &str = "e2e-init-inside";

/// `e2e --init`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    ensure!(arguments.len() == 1, "e2e --init takes nothing more");
    let is_required = std::env::var_os(REQUIRED).is_some();
    let missing: Vec<&str> = PROGRAMS.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, it)| *it).collect();
    let words = match (missing.is_empty(), namespaces::is_root()) {
        (false, _) => format!("not installed: {} (Debian's names)", missing.join(", ")),
        (true, false) => "not root, and the servers need low ports and mounts".to_owned(),
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
pub(crate) fn run_inside() -> anyhow::Result<()> {
    let begin = Instant::now();
    let lab = Lab::set(built("provost")?)?;
    let published = Published::all(&lab.program, &lab.path("fixtures"))?;
    let worlds = worlds(&published);
    let domains: Vec<&str> = published.iter().flat_map(|it| &it.domains).map(String::as_str).collect();
    let distinct: BTreeSet<&str> = domains.iter().copied().collect();
    let listed = Listed::read()?;
    let web = Web::start(Path::new(FOLDER), &distinct.iter().copied().collect::<Vec<_>>())?;
    println!("{} domains after {:.1} s", domains.len(), begin.elapsed().as_secs_f32());
    for (at, world) in worlds.iter().enumerate() {
        let domains: Vec<&str> = world.iter().flat_map(|it| &it.domains).map(String::as_str).collect();
        for (signing, rounds) in ROUNDS {
            let names = Names::start(lab.path(&format!("names-{at}-{signing:?}")), world, *signing)?;
            for round in *rounds {
                web.publish(if round.has_web { world } else { &[] })?;
                let begin = Instant::now();
                let count = all(&lab, world, &names, round).with_context(|| round.title.to_owned())?;
                println!("{}: {count} domains ({:.1} s)", round.title, begin.elapsed().as_secs_f32());
            }
            for published in world.iter().filter(|it| it.has_records()) {
                compared(&lab, published, &names, *signing)
                    .with_context(|| format!("dns --check: {}", published.name))?;
            }
            listed.check_questions(&names.seen()?, &domains)?;
            // The doctor asks for the addresses of hosts too: what it asks is not on that page.
            for published in world {
                diagnosed(&lab, published, &names, *signing).with_context(|| published.name.clone())?;
            }
        }
    }
    listed.check_requests(&web.end()?, &distinct.into_iter().collect::<Vec<_>>())?;
    let took = begin.elapsed();
    println!("everything found, and nothing asked but what docs/init.md lists, in {} s", took.as_secs());
    ensure!(took <= TOGETHER_MAX, "it took {took:?}; {TOGETHER_MAX:?} is the limit");
    Ok(())
}

/// The place of everything.
struct Lab {
    program: PathBuf,
}

impl Lab {
    /// The addresses of the servers, and what `/etc` says of names.
    fn set(program: PathBuf) -> anyhow::Result<Self> {
        quietly("mount", &["-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", FOLDER])?;
        let lab = Self { program };
        let path = |name: &str| lab.path(name).display().to_string();
        fs::write(path("hosts"), "127.0.0.1 localhost\n")?;
        fs::write(path("resolv.conf"), format!("nameserver {RESOLVER}\nsearch .\noptions timeout:2 attempts:1\n"))?;
        for (file, place) in [("hosts", "/etc/hosts"), ("resolv.conf", "/etc/resolv.conf")] {
            quietly("mount", &["--bind", &path(file), place])?;
        }
        quietly("ip", &["link", "set", "lo", "up"])?;
        for address in [KNOT, RESOLVER, WEB] {
            quietly("ip", &["addr", "add", &format!("{address}/32"), "dev", "lo"])?;
        }
        Ok(lab)
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(FOLDER).join(name)
    }
}

/// What is published at once, and what `init` does with it.
struct Round {
    title: &'static str,
    /// Whether the web server has what is written for it.
    has_web: bool,
    /// What is expected of a domain.
    check: fn(&Trial<'_>) -> anyhow::Result<()>,
}

/// A domain in a round.
struct Trial<'a> {
    lab: &'a Lab,
    published: &'a Published,
    domain: &'a str,
    /// Whether the table of providers has it: that counts before records and web servers, unless one of them is accepted.
    is_known: bool,
    anchor: &'a str,
    folder: PathBuf,
}

/// The rounds for each way to sign.
const ROUNDS: &[(Signing, &[Round])] = &[
    (
        Signing::Off,
        &[
            Round { title: "zones that are not signed, and web servers", has_web: true, check: all_is_found },
            Round { title: "zones that are not signed", has_web: false, check: a_person_confirms },
        ],
    ),
    (Signing::On, &[Round { title: "signed zones", has_web: false, check: signatures_do }]),
    (Signing::Broken, &[Round { title: "zones with wrong signatures", has_web: false, check: nothing_is_taken }]),
];

/// Everything that the fixture says is found on its own web servers, and what is not there is listed.
fn all_is_found(trial: &Trial<'_>) -> anyhow::Result<()> {
    let options: &[&str] = if trial.is_known { &["--json", "--accept", "own-domain"] } else { &["--json"] };
    let found = trial.run("found", options)?;
    trial.agrees(&found, "own-domain", true)?;
    let settings = &trial.published.settings;
    same("settings", &found.written(&trial.lab.program, trial.domain)?, &meaning(settings, trial.domain))
}

/// Records that nobody proves are written when a person has confirmed them, and not before.
fn a_person_confirms(trial: &Trial<'_>) -> anyhow::Result<()> {
    if !trial.published.has_records() {
        let found = trial.run("nothing", &[])?;
        same("exit status", &found.status, &2)?;
        let words = format!("error: nothing is known about the mail servers of {}\n", trial.domain);
        ensure!(found.said.contains(&words) && !found.file.exists(), "{}", found.said);
        return Ok(());
    }
    if !trial.is_known {
        trial.waits_for_a_person("unconfirmed", &[])?;
    }
    let found = trial.run("confirmed", &["--json", "--accept", "srv"])?;
    trial.agrees(&found, "srv", false)?;
    trial.has_the_servers(&found)
}

/// Signed records need nobody, where the root's key is trusted.
fn signatures_do(trial: &Trial<'_>) -> anyhow::Result<()> {
    if !trial.published.has_records() {
        return Ok(());
    }
    let anchor = ["--json", "--trust-anchor", trial.anchor];
    let accepted = [&anchor[..], &["--accept", "signed-srv"]].concat();
    let found = trial.run("signed", if trial.is_known { &accepted } else { &anchor })?;
    trial.agrees(&found, "signed-srv", false)?;
    trial.has_the_servers(&found)?;
    if !trial.is_known {
        // By the keys of the Internet, this root is nobody's.
        trial.waits_for_a_person("strange", &[])?;
    }
    Ok(())
}

/// Records whose signatures do not hold are not taken, not even if somebody accepts records.
fn nothing_is_taken(trial: &Trial<'_>) -> anyhow::Result<()> {
    if !trial.published.has_records() {
        return Ok(());
    }
    let rounds = [("forged-accepted", &["--accept", "srv"][..]), ("forged", &[])];
    // What the table of providers says is not forged.
    for (name, more) in rounds.into_iter().take(if trial.is_known { 1 } else { 2 }) {
        let found = trial.run(name, &[&["--trust-anchor", trial.anchor], more].concat())?;
        same("exit status", &found.status, &2)?;
        ensure!(!found.file.exists(), "it wrote settings");
        if more.is_empty() {
            let words = "its DNSSEC signatures do not hold, so it is not taken";
            ensure!(found.said.contains(words), "{}", found.said);
        }
    }
    Ok(())
}

impl Trial<'_> {
    fn run(&self, name: &str, options: &[&str]) -> anyhow::Result<Found> {
        Found::of(&self.lab.program, &self.folder.join(name), self.domain, options)
    }

    /// Everything comes from sources of a kind, no source contradicts another but the table of providers, and what is listed
    /// as missing is what the fixture does not have.
    fn agrees(&self, found: &Found, kind: &str, logins: bool) -> anyhow::Result<()> {
        ensure!(found.status == 0 || self.is_known, "exit status {}: {}", found.status, found.said);
        same("sources", &found.kinds(), &vec![kind])?;
        let contradictions = found.found["contradictions"].as_array().context("no contradictions")?;
        let is_of_the_table =
            |it: &&Value| ["provider", "database"].contains(&it["higher"]["sources"][0]["kind"].as_str().unwrap_or(""));
        let others = contradictions.iter().filter(|it| !is_of_the_table(it)).count();
        ensure!(others == 0 && (self.is_known || contradictions.is_empty()), "{contradictions:?}");
        // The table of providers has login names, and so nobody misses them.
        let expected = unpublished(&self.published.settings, logins || self.is_known);
        same("what nobody publishes", &found.unpublished(), &expected)
    }

    /// The servers are the fixture's, and those of calendar and address book, whose path no record has for one person.
    fn has_the_servers(&self, found: &Found) -> anyhow::Result<()> {
        let written = found.written(&self.lab.program, self.domain)?;
        let expected = meaning(&self.published.settings, self.domain);
        for key in ["incoming", "outgoing", "username"] {
            same(key, &written[key], &expected[key])?;
        }
        let authority = |value: &Value| value[0].as_str().map(|url| url.split('/').nth(2).unwrap_or("").to_owned());
        for key in ["calendar", "contacts"] {
            same(key, &authority(&written[key]), &authority(&expected[key]))?;
        }
        Ok(())
    }

    /// It writes nothing, and says how to confirm.
    fn waits_for_a_person(&self, name: &str, options: &[&str]) -> anyhow::Result<()> {
        let found = self.run(name, options)?;
        same("exit status", &found.status, &2)?;
        let hint = "error: nobody has confirmed the values of SRV records without DNSSEC\n\n\
                    hint: look at the servers above, then say --accept srv\n";
        ensure!(found.said.ends_with(hint) && !found.file.exists(), "{}", found.said);
        Ok(())
    }
}

/// What is published is what was printed, and `dns --check` says so, and whether it is signed.
fn compared(lab: &Lab, published: &Published, names: &Names, signing: Signing) -> anyhow::Result<()> {
    let mut check = Command::new(&lab.program);
    check.args(["dns", "--check", "--json", "--trust-anchor"]).arg(&names.anchor).arg("-c").arg(&published.file);
    let output = check.output()?;
    let (dnssec, status) = match signing {
        Signing::Off => ("insecure", 0),
        Signing::On => ("secure", 0),
        Signing::Broken => ("bogus", 1),
    };
    let said = String::from_utf8(output.stdout)?;
    for line in said.lines() {
        let row: Value = serde_json::from_str(line)?;
        ensure!(row["status"] == "found" && row["dnssec"] == dnssec, "{line}");
    }
    same("records", &said.lines().count(), &published.records_count())?;
    same("exit status", &output.status.code(), &Some(status))
}

/// The doctor tells wrong signatures, and finds nothing wrong with right ones, or with none.
fn diagnosed(lab: &Lab, published: &Published, names: &Names, signing: Signing) -> anyhow::Result<()> {
    for domain in &published.domains {
        let mut doctor = Command::new(&lab.program);
        doctor.args(["doctor", &jane(domain), "--only", "dnssec", "--json", "--trust-anchor"]).arg(&names.anchor);
        let output = doctor.arg("-c").arg(&published.file).output()?;
        let said = String::from_utf8(output.stdout)?;
        let found: Value = serde_json::from_str(&said).with_context(|| said.clone())?;
        let causes = found["causes"].as_array().context("no causes")?;
        let causes: Vec<&str> = causes.iter().filter_map(|it| it["name"].as_str()).collect();
        let is_told = signing == Signing::Broken && published.has_records();
        same("causes", &causes, &if is_told { vec!["dnssec-bogus"] } else { Vec::new() })?;
    }
    Ok(())
}

/// Every domain at once, most of whose time is spent waiting; gives how many there are.
fn all(lab: &Lab, world: &[&Published], names: &Names, round: &Round) -> anyhow::Result<usize> {
    let anchor = names.anchor.display().to_string();
    let outcomes: Vec<anyhow::Result<()>> = std::thread::scope(|scope| {
        let domains =
            world.iter().flat_map(|published| published.domains.iter().map(move |domain| (*published, domain)));
        let trials = domains.map(|(published, domain)| {
            let anchor = &anchor;
            scope.spawn(move || {
                let name = format!("{} {domain}", published.name);
                let folder = lab.path(&format!("user/{}/{}/{domain}", round.title.replace(' ', "-"), published.name));
                let is_known = is_known(&lab.program, domain)?;
                let trial = Trial { lab, published, domain, is_known, anchor, folder };
                (round.check)(&trial).context(name)
            })
        });
        let trials: Vec<_> = trials.collect();
        trials.into_iter().map(|trial| trial.join().expect("no trial panics")).collect()
    });
    let count = outcomes.len();
    outcomes.into_iter().collect::<anyhow::Result<Vec<()>>>()?;
    Ok(count)
}

/// Whether the table of providers has a domain.
fn is_known(program: &Path, domain: &str) -> anyhow::Result<bool> {
    let offline = Command::new(program).args(["init", "--offline", &format!("jane@{domain}")]).output()?;
    Ok(matches!(offline.status.code(), Some(0 | 1)))
}

/// Fixtures of which no two have the same domain.
fn worlds(published: &[Published]) -> Vec<Vec<&Published>> {
    let mut worlds: Vec<Vec<&Published>> = Vec::new();
    for one in published {
        let is_apart = |world: &&mut Vec<&Published>| {
            let mut others = world.iter().flat_map(|it| &it.domains);
            !others.any(|domain| one.domains.contains(domain))
        };
        match worlds.iter_mut().find(is_apart) {
            Some(world) => world.push(one),
            None => worlds.push(vec![one]),
        }
    }
    worlds
}

/// What is needed, and the packages that have it.
const PROGRAMS: &[(&str, &str)] = &[
    ("/usr/sbin/knotd", "knot"),
    ("/usr/sbin/unbound", "unbound"),
    ("/usr/sbin/nginx", "nginx"),
    ("/usr/sbin/ip", "iproute2"),
];

/// Where a program that is not installed is a failure.
const REQUIRED: &str = "PROVOST_REQUIRE_PROGRAMS";
/// In memory, and in this program's own mounts: it is gone with them.
const FOLDER: &str = "/mnt";
/// All of it.
const TOGETHER_MAX: Duration = Duration::from_secs(60);
