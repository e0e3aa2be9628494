//! Web: OpenSSL's `s_server -WWW` hands out one document of each domain that has one, its autoconfig, by HTTPS alone.

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
            if let Planted::Autoconfig(label) = planted {
                servers.push(serve(&folder.join("web").join(host.mistake.name), host, label)?);
            }
        }
    }
    Ok(servers)
}

fn serve(folder: &Path, host: &Host, label: &str) -> anyhow::Result<Running> {
    fs::create_dir_all(folder.join("mail"))?;
    let document = DOCUMENT.replace("{domain}", &host.domain()).replace("{label}", label);
    fs::write(folder.join("mail/config-v1.1.xml"), document)?;
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
const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
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
