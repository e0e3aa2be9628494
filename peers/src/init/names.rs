//! Names: Knot has a root of its own and a zone for each domain, with the records as they are printed; Unbound asks it for
//! the client, validates nothing itself, and writes down every question.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::published::Published;
use super::web::WEB;
use crate::clients::Running;
use crate::daemon::started;

/// What becomes of the zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signing {
    /// None of the domains is signed: the root says so.
    Off,
    /// All are, from the root down.
    On,
    /// All are, and the root vouches for other keys than those of the domains.
    Broken,
}

/// The name servers of some domains.
pub(super) struct Names {
    /// The root's key, as a file of trust anchors.
    pub(super) anchor: PathBuf,
    folder: PathBuf,
    _servers: [Running; 2],
}

impl Names {
    /// Starts both; returns when they accept connections.
    pub(super) fn start(folder: PathBuf, published: &[&Published], signing: Signing) -> anyhow::Result<Self> {
        fs::create_dir_all(folder.join("keys"))?;
        let domains: Vec<&str> = published.iter().flat_map(|it| &it.domains).map(String::as_str).collect();
        for it in published {
            for domain in &it.domains {
                fs::write(folder.join(format!("{domain}.zone")), zone(domain, &it.records(domain)))?;
            }
        }
        fs::write(folder.join("knot.conf"), knot(&folder, &domains, signing))?;
        let server = format!("{SERVER} 60 A {KNOT}\n");
        fs::write(folder.join("root.hints"), format!(". 60 NS {SERVER}\n{server}"))?;
        let mut root = start(".") + &server;
        for domain in &domains {
            root.push_str(&format!("{domain}. 60 NS {SERVER}\n"));
        }
        let anchor = folder.join("root.key");
        let keymgr = |arguments: &[&str]| keymgr(&folder.join("knot.conf"), arguments);
        let generate = |zone: &str| keymgr(&[zone, "generate", "algorithm=13", "ksk=yes", "zsk=yes"]);
        for domain in domains.iter().filter(|_| signing != Signing::Off) {
            generate(domain)?;
            let vouched = keymgr(&[domain, "ds"])?;
            root.push_str(&if signing == Signing::Broken { other_digests(&vouched) } else { vouched });
        }
        generate(".")?;
        // `keymgr` leaves the class out.
        fs::write(&anchor, keymgr(&[".", "dnskey"])?.replace(" DNSKEY ", " IN DNSKEY "))?;
        fs::write(folder.join("root.zone"), root)?;
        fs::write(folder.join("unbound.conf"), unbound(&folder))?;
        let servers = [
            started(&folder, "knotd", &["-c"], "knot.conf", (KNOT, 53))?,
            started(&folder, "unbound", &["-d", "-c"], "unbound.conf", (RESOLVER, 53))?,
        ];
        Ok(Self { anchor, folder, _servers: servers })
    }

    /// What the client asked, each once: a name without the last dot, and a type.
    pub(super) fn seen(&self) -> anyhow::Result<BTreeSet<(String, String)>> {
        let log = fs::read_to_string(self.folder.join("unbound.log"))?;
        let mut seen = BTreeSet::new();
        for (_, said) in log.lines().filter_map(|line| line.split_once(" info: ")) {
            let words: Vec<&str> = said.split(' ').collect();
            if words[0].parse::<IpAddr>().is_ok() {
                let [_, name, kind, "IN"] = words[..] else { anyhow::bail!("no question: {said}") };
                seen.insert((name.trim_end_matches('.').to_lowercase(), kind.to_owned()));
            }
        }
        ensure!(!seen.is_empty(), "Unbound wrote down nothing: {log}");
        Ok(seen)
    }
}

/// A zone: what every zone has, where its web server is, and its records as they are printed.
fn zone(domain: &str, printed: &str) -> String {
    let hosts = ["", "autoconfig.", "autodiscover.", "ua-auto-config."];
    let hosts = hosts.map(|label| format!("{label}{domain}. 60 A {WEB}\n")).concat();
    format!("$TTL 60\n{}{hosts}{printed}", start(&format!("{domain}.")))
}

/// Its SOA record with a short time for what is not there, and who serves it.
fn start(zone: &str) -> String {
    format!("{zone} 60 SOA {SERVER} hostmaster.{SERVER} 1 3600 600 86400 60\n{zone} 60 NS {SERVER}\n")
}

fn knot(folder: &Path, domains: &[&str], signing: Signing) -> String {
    let place = folder.display();
    let signed = "    dnssec-signing: on\n    dnssec-policy: own\n";
    let policy = if signing == Signing::Off { "" } else { signed };
    let zone =
        |domain: &str, file: &str, policy: &str| format!("  - domain: {domain}\n    file: {file}.zone\n{policy}");
    let zones: String = domains.iter().map(|domain| zone(domain, domain, policy)).collect();
    format!(
        "server:\n  rundir: {place}\n  listen: {KNOT}@53\ndatabase:\n  storage: {place}/keys\n\
         policy:\n  - id: own\n    manual: on\n    single-type-signing: on\n    algorithm: ecdsap256sha256\n\
         template:\n  - id: default\n    storage: {place}\n    zonefile-sync: -1\n\
         log:\n  - target: stderr\n    any: info\n\
         zone:\n{}{zones}",
        zone(".", "root", signed),
    )
}

fn unbound(folder: &Path) -> String {
    let place = folder.display();
    format!(
        "server:\n  interface: {RESOLVER}\n  access-control: 0.0.0.0/0 allow\n  do-daemonize: no\n  use-syslog: no\n  \
         username: \"\"\n  chroot: \"\"\n  directory: \"{place}\"\n  pidfile: \"\"\n  do-ip6: no\n  log-queries: yes\n  \
         module-config: \"validator iterator\"\n  root-hints: \"{place}/root.hints\"\n\
         remote-control:\n  control-enable: no\n"
    )
}

/// What `keymgr` prints.
fn keymgr(configuration: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let made = Command::new("keymgr").arg("-c").arg(configuration).args(arguments).output();
    let made = made.context("cannot start keymgr")?;
    ensure!(made.status.success(), "keymgr: {}", String::from_utf8_lossy(&made.stderr));
    Ok(String::from_utf8(made.stdout)?)
}

/// DS records of keys that nobody has: each digest ends in another figure.
fn other_digests(records: &str) -> String {
    let other = |line: &str| {
        let last = if line.ends_with('0') { '1' } else { '0' };
        format!("{}{last}\n", &line[..line.len() - 1])
    };
    records.lines().map(other).collect()
}

/// Where clients ask.
pub(super) const RESOLVER: Ipv4Addr = Ipv4Addr::new(192, 0, 3, 53);
/// Who serves the root and every domain.
pub(super) const KNOT: Ipv4Addr = Ipv4Addr::new(192, 0, 3, 1);
const SERVER: &str = "ns.lab.";
