//! Web: OpenSSL's `s_server -WWW` hands out what each domain publishes, by HTTPS alone.
//! It takes one request at a time, and knows no POST.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use super::host::Host;
use super::mistakes::Planted;
use crate::bench::listens;
use crate::clients::Running;

/// Starts one for each host that has a document; returns when they accept connections.
pub(super) fn start(folder: &Path, hosts: &[Host]) -> anyhow::Result<Vec<Running>> {
    let mut servers = Vec::new();
    for host in hosts {
        for planted in host.mistake.planted {
            let (path, document, label) = match planted {
                Planted::Autoconfig(label) => ("mail/config-v1.1.xml", AUTOCONFIG, label),
                Planted::Pacc(label) => (".well-known/user-agent-configuration.json", PACC, label),
                Planted::Certificate(_) | Planted::Dovecot(_) | Planted::Account(_) | Planted::Folder(_) => continue,
                Planted::Postfix(_) | Planted::Table(..) | Planted::Firewall(_) | Planted::Records(_) => continue,
                Planted::Unbound(_) | Planted::SilentResolver | Planted::Before(_) => continue,
            };
            let path = folder.join("web").join(host.mistake.name).join(path);
            fs::create_dir_all(path.parent().context("it is in a folder")?)?;
            fs::write(path, document.replace("{domain}", &host.domain()).replace("{label}", label))?;
        }
        let place = folder.join("web").join(host.mistake.name);
        if place.exists() {
            servers.push(serve(&place, host)?);
        }
    }
    Ok(servers)
}

fn serve(folder: &Path, host: &Host) -> anyhow::Result<Running> {
    let at = SocketAddr::new(host.address.into(), 443);
    let mut openssl = Command::new("openssl");
    openssl.args(["s_server", "-WWW", "-quiet", "-accept", &at.to_string()]);
    openssl.arg("-cert").arg(host.file("pem")).arg("-key").arg(host.file("key")).current_dir(folder);
    openssl.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = Running(openssl.spawn().context("cannot start openssl")?);
    listens(&mut process.0, at).context("openssl s_server")?;
    Ok(process)
}

/// As Thunderbird reads it (draft-ietf-mailmaint-autoconfig-06).
const AUTOCONFIG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="{domain}">
    <domain>{domain}</domain>
    <displayName>Lab</displayName>
    <incomingServer type="imap">
      <hostname>{label}.{domain}</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>{label}.{domain}</hostname>
      <port>587</port>
      <socketType>STARTTLS</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </outgoingServer>
  </emailProvider>
</clientConfig>
"#;

/// As draft-ietf-mailmaint-pacc-03 has it: the registered ports of TLS from the first byte.
const PACC: &str = r#"{
  "protocols": { "imap": { "host": "{label}.{domain}" }, "submit": { "host": "{label}.{domain}" } },
  "authentication": { "password": true },
  "info": { "provider": { "name": "Lab" } }
}
"#;
