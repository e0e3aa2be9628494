//! The network between: the servers are in this program's namespaces, the clients in another, at the other end of a cable.
//! Dovecot takes a client that has its own address for one that needs no TLS, so nobody here comes from a server's address.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

use super::host::Host;
use super::mistakes::{MISTAKES, Mistake, Planted};
use super::names::{self, RESOLVER, SILENT_RESOLVER};
use super::papers::Authorities;
use super::{dovecot, postfix, web};
use crate::clients::Running;
use crate::namespaces::quietly;

/// The servers, the hosts and the place of the clients.
pub(super) struct Lab {
    pub(super) hosts: Vec<Host>,
    _servers: Vec<Running>,
    clients: Running,
}

impl Lab {
    /// Plants every mistake; returns when the servers accept connections.
    pub(super) fn set(is_chosen: impl Fn(&Mistake) -> bool) -> anyhow::Result<Self> {
        quietly("mount", &["-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", FOLDER])?;
        let path = Path::new(FOLDER);
        let hosts: Vec<Host> = MISTAKES.iter().enumerate().map(|(place, mistake)| Host::new(place, mistake)).collect();
        let clients = network(path, &hosts)?;
        let authorities = Authorities::new(path)?;
        fs::create_dir(path.join("papers"))?;
        for host in &hosts {
            authorities.certify(host)?;
        }
        let mut servers = Vec::from(names::start(path, &hosts)?);
        servers.push(dovecot::start(path, &hosts)?);
        servers.push(postfix::start(path, &hosts)?);
        servers.extend(web::start(path, &hosts)?);
        let hosts = hosts.into_iter().filter(|host| is_chosen(host.mistake)).collect();
        Ok(Self { hosts, _servers: servers, clients })
    }

    /// A file of the lab.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        Path::new(FOLDER).join(name)
    }

    /// A program at a client's place.
    pub(super) fn at_client(&self, host: &Host, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let is_silent = host.mistake.planted.iter().any(|planted| matches!(planted, Planted::SilentResolver));
        let resolver = if is_silent { "resolv-silent.conf" } else { "resolv.conf" };
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.clients.0.id())).args(["unshare", "--mount", "sh", "-c"]);
        command.arg("mount --bind \"$1\" /etc/resolv.conf && shift && exec \"$@\"").arg("sh");
        command.arg(self.path(resolver)).arg(program);
        command
    }

    /// What the servers wrote.
    pub(super) fn logs(&self) -> String {
        let logs = ["dovecot.log", "postfix.log", "unbound.log", "knotd.log"].map(|name| {
            let text = fs::read_to_string(self.path(name)).unwrap_or_else(|error| error.to_string());
            text.lines().map(|line| format!("  {name}: {line}\n")).collect::<String>()
        });
        logs.concat()
    }
}

/// Both ends of the cable, the firewall between, and what `/etc` says of names. Gives what keeps the clients' end.
fn network(folder: &Path, hosts: &[Host]) -> anyhow::Result<Running> {
    let clients = Command::new("unshare")
        .args(["--net", "sh", "-c", "echo there && exec sleep infinity"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let mut clients = Running(clients.context("cannot start unshare")?);
    let process = clients.0.id();
    // Before it says so, it is still here, and so would its end of the cable be.
    BufReader::new(clients.0.stdout.take().context("it was piped")?).read_line(&mut String::new())?;
    let (mut here, mut there) = (String::new(), String::new());
    here.push_str("link set lo up\n");
    here.push_str(&format!("link add servers type veth peer name clients netns {process}\n"));
    here.push_str(
        "link set servers up\nroute add 198.51.100.0/24 dev servers\nroute add 2001:db8:1::/64 dev servers\n",
    );
    there.push_str("link set lo up\nlink set clients up\naddr add 2001:db8:1::1/64 dev clients nodad\n");
    there.push_str("route add 2001:db8::/64 dev clients\n");
    for resolver in [RESOLVER, SILENT_RESOLVER] {
        here.push_str(&format!("addr add {resolver}/32 dev servers\n"));
        there.push_str(&format!("route add {resolver} dev clients\n"));
    }
    for Host { address, address6, client, .. } in hosts {
        here.push_str(&format!("addr add {address}/32 dev servers\naddr add {address6}/128 dev servers nodad\n"));
        there.push_str(&format!("addr add {client}/32 dev clients\nroute add {address} dev clients src {client}\n"));
    }
    for (name, lines) in [("here", &here), ("there", &there)] {
        fs::write(folder.join(name), lines)?;
    }
    let at = |name: &str| folder.join(name).display().to_string();
    quietly("ip", &["-batch", &at("here")])?;
    quietly("nsenter", &[&format!("--net=/proc/{process}/ns/net"), "ip", "-batch", &at("there")])?;
    fs::write(folder.join("firewall"), firewall(hosts))?;
    quietly("nft", &["-f", &at("firewall")])?;
    fs::write(folder.join("hosts"), "127.0.0.1 localhost\n")?;
    for (name, resolver) in [("resolv.conf", RESOLVER), ("resolv-silent.conf", SILENT_RESOLVER)] {
        fs::write(folder.join(name), format!("nameserver {resolver}\noptions timeout:2 attempts:1\n"))?;
    }
    quietly("mount", &["--bind", &at("hosts"), "/etc/hosts"])?;
    quietly("mount", &["--bind", &at("resolv.conf"), "/etc/resolv.conf"])?;
    Ok(clients)
}

/// In the hook `output`, a dropped datagram is an error at once for whoever sends it.
fn firewall(hosts: &[Host]) -> String {
    let mut text = "table inet lab {\n chain input {\n  type filter hook input priority 0;\n".to_owned();
    text.push_str(&format!("  ip daddr {SILENT_RESOLVER} drop\n"));
    for host in hosts {
        for planted in host.mistake.planted {
            if let Planted::Firewall(rule) = planted {
                text.push_str(&format!("  {}\n", host.filled(rule)));
            }
        }
    }
    text + " }\n}\n"
}

/// In memory, and in this program's own mounts: it is gone with them.
pub(super) const FOLDER: &str = "/mnt";
