//! One Postfix for all hosts: what is planted is an option of its services at one address, or a line of a table.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use super::dovecot::{AUTH, LMTP};
use super::host::Host;
use super::mistakes::{Planted, Table};
use crate::bench::listens;
use crate::clients::Running;
use crate::namespaces::quietly;

/// Starts it; returns when it accepts connections.
pub(super) fn start(folder: &Path, hosts: &[Host]) -> anyhow::Result<Running> {
    let place = folder.display().to_string();
    let config = folder.join("postfix");
    for name in ["postfix", "queue", "data"] {
        fs::create_dir(folder.join(name))?;
    }
    quietly("chown", &["postfix", &format!("{place}/data")])?;
    tables(&config, hosts)?;
    fs::write(config.join("main.cf"), main_cf(&place))?;
    fs::write(config.join("master.cf"), master_cf(hosts))?;
    let mut command = Command::new("postfix");
    command.arg("-c").arg(&config).arg("start-fg").stdout(Stdio::null());
    command.stderr(fs::File::create(folder.join("postfix.start"))?);
    let mut process = Running(command.spawn()?);
    listens(&mut process.0, (hosts[0].address, 587).into()).with_context(|| {
        format!("postfix: {}", fs::read_to_string(folder.join("postfix.start")).unwrap_or_else(|it| it.to_string()))
    })?;
    Ok(process)
}

/// Domains, mailboxes, aliases and ways.
fn tables(config: &Path, hosts: &[Host]) -> anyhow::Result<()> {
    let (mut domains, mut mailboxes, mut aliases, mut transport) =
        (String::new(), String::new(), String::new(), String::new());
    for host in hosts {
        let (mut is_here, mut is_known) = (true, true);
        for planted in host.mistake.planted {
            let Planted::Table(table, line) = planted else { continue };
            match table {
                Table::NoDomain => is_here = false,
                Table::NoMailbox => is_known = false,
                Table::Aliases => writeln!(aliases, "{}", host.filled(line))?,
                Table::Transport => writeln!(transport, "{}", host.filled(line))?,
            }
        }
        if is_here {
            writeln!(domains, "{} here", host.domain())?;
        }
        if is_known {
            writeln!(mailboxes, "{} here", host.person())?;
        }
    }
    for (name, text) in [("domains", domains), ("mailboxes", mailboxes), ("aliases", aliases), ("transport", transport)]
    {
        fs::write(config.join(name), text)?;
    }
    Ok(())
}

fn main_cf(folder: &str) -> String {
    format!(
        "compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_protocols = all
myhostname = mx.lab.example
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = texthash:{folder}/postfix/domains
virtual_mailbox_maps = texthash:{folder}/postfix/mailboxes
virtual_alias_maps = texthash:{folder}/postfix/aliases
transport_maps = texthash:{folder}/postfix/transport
virtual_transport = lmtp:unix:{folder}/{LMTP}
recipient_delimiter = +
propagate_unmatched_extensions =
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/{AUTH}
smtpd_sasl_auth_enable = yes
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_peername_lookup = no
"
    )
}

fn master_cf(hosts: &[Host]) -> String {
    let mut text = MASTER_CF.to_owned();
    for host in hosts {
        let options: String = host
            .mistake
            .planted
            .iter()
            .flat_map(|planted| match planted {
                Planted::Postfix(options) => *options,
                Planted::Certificate(_) | Planted::Dovecot(_) | Planted::Account(_) | Planted::Folder(_) => &[],
                Planted::Table(..) | Planted::Firewall(_) | Planted::Records(_) | Planted::Unbound(_) => &[],
                Planted::SilentResolver | Planted::Before(_) | Planted::Autoconfig(_) | Planted::Pacc(_) => &[],
            })
            .map(|option| {
                let (name, value) = option.split_once('=').expect("an option has a value");
                format!("  -o {{ {name} = {} }}\n", host.filled(value))
            })
            .collect();
        let (certificate, key) = (host.file("pem"), host.file("key"));
        for (port, own) in SERVICES {
            for address in host.listens_on() {
                write!(
                    text,
                    "{} inet n - n - - smtpd\n  -o smtpd_tls_cert_file={}\n  -o smtpd_tls_key_file={}\n{own}{options}",
                    SocketAddr::new(address, port),
                    certificate.display(),
                    key.display(),
                )
                .expect("writing to a string never fails");
            }
        }
    }
    text
}

/// Ports, and what is said of each.
const SERVICES: [(u16, &str); 3] = [
    (25, "  -o smtpd_sasl_auth_enable=no\n  -o smtpd_tls_security_level=may\n"),
    (465, "  -o smtpd_tls_wrappermode=yes\n  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n"),
    (587, "  -o smtpd_tls_security_level=encrypt\n"),
];

const MASTER_CF: &str = "cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";
