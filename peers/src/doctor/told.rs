//! The program under test: what it is given for a host, and what it tells.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::host::Host;
use super::lab::Lab;
use super::mistakes::Server;

/// What it told of a host.
pub(super) struct Told {
    /// The checks that failed, each with its server and its cause.
    pub(super) failed: Vec<Failed>,
    /// What it asked: the checks that it could try.
    pub(super) asked: Vec<String>,
    pub(super) took: Duration,
}

/// A check that failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) check: String,
    pub(super) server: String,
    /// The stable name of the cause.
    pub(super) cause: String,
    /// Whose fault it is.
    pub(super) whose: String,
    /// What was found, in words.
    pub(super) found: String,
}

impl Told {
    /// The names of the causes.
    pub(super) fn causes(&self) -> BTreeSet<&str> {
        self.failed.iter().map(|failed| failed.cause.as_str()).collect()
    }
}

/// Asks about a host as its user would.
pub(super) fn tell(program: &Path, lab: &Lab, host: &Host) -> anyhow::Result<Told> {
    let folder = lab.path(&format!("user/{}", host.mistake.name));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("mail.yaml"), settings(host))?;
    let row = json!([{ "email": host.person(), "name": "Jane Doe", "password": host.mistake.password }]);
    fs::write(folder.join("users.json"), row.to_string())?;
    let profiles = folder.join("profiles");
    xtask::e2e::generate_for(program, &folder, &folder.join("users.json"), &profiles, &["--only", FORMAT])?;
    let started = Instant::now();
    let mut command = lab.at_client(host, program);
    command.env("SSL_CERT_FILE", lab.path("ca.pem"));
    command
        .args(["verify", "--live", "--json", "--timeout", TIMEOUT_SECONDS, "--users"])
        .arg(folder.join("users.json"));
    command.arg("-c").arg(folder.join("mail.yaml")).arg(&profiles);
    let output = command.output().context("cannot start nsenter")?;
    let took = started.elapsed();
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(matches!(output.status.code(), Some(0 | 1)), "it ended with {}: {}", output.status, said.trim());
    let (mut failed, mut asked) = (Vec::new(), Vec::new());
    for line in std::str::from_utf8(&output.stdout)?.lines() {
        let row: Value = serde_json::from_str(line).with_context(|| format!("no JSON: {line}"))?;
        let text = |key: &str| row[key].as_str().unwrap_or("").to_owned();
        if matches!(row["outcome"].as_str(), Some("pass" | "fail")) && !asked.contains(&text("check")) {
            asked.push(text("check"));
        }
        if row["outcome"] == "fail" && row["format"] == "service" {
            failed.push(Failed {
                check: text("check"),
                server: text("server"),
                cause: text("name"),
                whose: text("whose"),
                found: text("found"),
            });
        }
    }
    ensure!(!asked.is_empty(), "it asked nothing");
    Ok(Told { failed, asked, took })
}

/// The settings of a host.
fn settings(host: &Host) -> String {
    let server = |Server { protocol, host: label, port, socket_type, authentication }: Server, kind: &str| {
        let protocol = if kind == "incoming" { format!("protocol: {protocol}, ") } else { String::new() };
        format!(
            "{kind}:\n  - {{ {protocol}host: {label}.{}, port: {port}, socket_type: {socket_type}, authentication: \
             {authentication} }}\n",
            host.domain()
        )
    };
    let mistake = host.mistake;
    format!(
        "provost: 1\norganization: {{ id: example.lab, name: Lab }}\ndomains: [{}]\nusername: \"{}\"\n{}{}sync: {{ days: 30 }}\n",
        host.domain(),
        mistake.username,
        server(mistake.incoming, "incoming"),
        server(mistake.outgoing, "outgoing"),
    )
}

const FORMAT: &str = "k9s";
/// How long a step may take.
const TIMEOUT_SECONDS: &str = "4";
