//! Names: Knot has the zone of the hosts, Unbound asks it for the clients and validates. Nothing else exists.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use super::host::{Host, ZONE};
use super::mistakes::Planted;
use crate::clients::Running;
use crate::daemon::started;

/// Where clients ask.
pub(super) const RESOLVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
/// A resolver that gives no answer.
pub(super) const SILENT_RESOLVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 3);

/// Starts both; returns when they accept connections.
pub(super) fn start(folder: &Path, hosts: &[Host]) -> anyhow::Result<[Running; 2]> {
    let place = folder.display();
    fs::create_dir(folder.join("knot"))?;
    fs::write(folder.join("knot/zone"), zone(hosts))?;
    let knot = format!(
        "server:\n  rundir: {place}/knot\n  listen: 127.0.0.1@5300\n\
         database:\n  storage: {place}/knot\n\
         log:\n  - target: stderr\n    any: info\n\
         zone:\n  - domain: {ZONE}\n    storage: {place}/knot\n    file: zone\n"
    );
    fs::write(folder.join("knot.conf"), knot)?;
    let mut unbound = format!(
        "server:\n  interface: {RESOLVER}\n  access-control: 0.0.0.0/0 allow\n  do-daemonize: no\n  use-syslog: no\n  \
         username: \"\"\n  chroot: \"\"\n  directory: \"{place}\"\n  pidfile: \"\"\n  do-ip6: no\n  log-queries: yes\n  do-not-query-localhost: no\n  \
         module-config: \"validator iterator\"\n  local-zone: \".\" static\n  local-zone: \"{ZONE}.\" transparent\n"
    );
    for host in hosts {
        for planted in host.mistake.planted {
            if let Planted::Unbound(line) = planted {
                unbound.push_str(&format!("  {}\n", host.filled(line)));
            }
        }
    }
    unbound.push_str(&format!(
        "remote-control:\n  control-enable: no\nstub-zone:\n  name: \"{ZONE}.\"\n  stub-addr: 127.0.0.1@5300\n"
    ));
    fs::write(folder.join("unbound.conf"), unbound)?;
    let knot = started(folder, "knotd", &["-c"], "knot.conf", (Ipv4Addr::LOCALHOST, 5300))?;
    let unbound = started(folder, "unbound", &["-d", "-c"], "unbound.conf", (RESOLVER, 53))?;
    Ok([knot, unbound])
}

/// The records of every host, those that a provider publishes, or what is planted in their place.
fn zone(hosts: &[Host]) -> String {
    let mut text =
        format!("$ORIGIN {ZONE}.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n");
    for host in hosts {
        let mut planted = host.mistake.planted.iter().filter_map(|planted| match planted {
            Planted::Records(records) => Some(*records),
            Planted::Certificate(_) | Planted::Dovecot(_) | Planted::Account(_) | Planted::Folder(_) => None,
            Planted::Postfix(_) | Planted::Table(..) | Planted::Firewall(_) | Planted::Unbound(_) => None,
            Planted::SilentResolver | Planted::Before(_) => None,
            Planted::Autoconfig(_) | Planted::Pacc(_) => None,
        });
        text.push_str(&host.filled(planted.next().unwrap_or(RECORDS)));
    }
    text
}

const RECORDS: &str = "mail.{name} A {v4}
{name} MX 10 mail.{name}
_imaps._tcp.{name} SRV 0 1 993 mail.{name}
_submission._tcp.{name} SRV 0 1 587 mail.{name}
";
