//! The program under test: what it is given for a host, and what it tells.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::host::Host;
use super::lab::Lab;
use super::mistakes::{Given, Server};

/// What it told of a host.
pub(super) struct Told {
    pub(super) causes: Vec<Cause>,
    pub(super) took: Duration,
}

/// A cause that it told.
pub(super) struct Cause {
    /// The stable name.
    pub(super) name: String,
    /// Whose fault it is.
    pub(super) whose: String,
    /// The checks that found it.
    pub(super) checks: Vec<String>,
    /// What they found, in words.
    pub(super) found: String,
    /// Whether it names what works instead.
    pub(super) works: bool,
}

/// Asks about a host as its user would.
pub(super) fn tell(program: &Path, lab: &Lab, host: &Host) -> anyhow::Result<Told> {
    let folder = lab.path(&format!("user/{}", host.mistake.name));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("mail.yaml"), settings(host))?;
    fs::copy(lab.path("ca.pem"), folder.join("ca.pem"))?;
    let row = json!([{ "email": host.person(), "name": "Jane Doe", "password": host.mistake.password }]);
    fs::write(folder.join("users.json"), row.to_string())?;
    fs::write(folder.join("password"), host.mistake.password)?;
    let mut command = lab.at_client(host, program);
    command.args(["doctor", "--json", "--timeout", TIMEOUT_SECONDS]).args(host.mistake.options);
    match host.mistake.given {
        Given::Settings => {
            command.arg("-c").arg(folder.join("mail.yaml")).arg("--users").arg(folder.join("users.json"));
        }
        Given::Address => {
            // The authority is the system's: an address brings none.
            command.arg(host.person()).arg("--password-file").arg(folder.join("password"));
            command.env("SSL_CERT_FILE", folder.join("ca.pem"));
        }
    }
    let started = Instant::now();
    let output = command.output().context("cannot start nsenter")?;
    let took = started.elapsed();
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(matches!(output.status.code(), Some(0 | 1)), "it ended with {}: {}", output.status, said.trim());
    let row: Value = serde_json::from_slice(&output.stdout).context("no JSON")?;
    let list = |row: &Value, key: &str| row[key].as_array().cloned().with_context(|| format!("no {key} in {row}"));
    let text =
        |row: &Value, key: &str| row[key].as_str().map(str::to_owned).with_context(|| format!("no {key} in {row}"));
    let mut causes = Vec::new();
    for cause in list(&row, "causes")? {
        let whose: Vec<String> =
            list(&cause, "whose")?.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect();
        let places = list(&cause, "places")?;
        let of_places = |key: &str| places.iter().map(|it| text(it, key)).collect::<anyhow::Result<Vec<_>>>();
        let (checks, found) = (of_places("check")?, of_places("found")?.join("; "));
        let works = places.iter().all(|it| !it["works"].is_null());
        causes.push(Cause { name: text(&cause, "name")?, whose: whose.join(" or "), checks, found, works });
    }
    ensure!(!list(&row, "checks")?.is_empty(), "it asked nothing");
    ensure!(causes.is_empty() == (output.status.code() == Some(0)), "it ended with {}: {row}", output.status);
    Ok(Told { causes, took })
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
        "provost: 1\norganization: {{ id: example.lab, name: Lab }}\ndomains: [{}]\nusername: \"{}\"\n{}{}sync: {{ days: 30 }}\ntrust: [ca.pem]\n",
        host.domain(),
        mistake.username,
        server(mistake.incoming, "incoming"),
        server(mistake.outgoing, "outgoing"),
    )
}

/// How long a step may take.
const TIMEOUT_SECONDS: &str = "10";
