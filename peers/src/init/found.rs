//! The program under test: what it finds for an address, and what it writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use xtask::e2e::generate_for;

use super::published::settings;

/// A run of `provost init` for Jane in a domain. There is no terminal.
pub(super) struct Found {
    pub(super) status: i32,
    /// What it found; `Null`: it was not told to say so, or nothing.
    pub(super) found: Value,
    /// What it says to a person.
    pub(super) said: String,
    /// The settings, if it wrote some.
    pub(super) file: PathBuf,
}

impl Found {
    /// Runs it in a folder of its own.
    pub(super) fn of(program: &Path, folder: &Path, domain: &str, options: &[&str]) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let file = folder.join("mail.yaml");
        let output = Command::new(program).args(["init", &jane(domain), "-o"]).arg(&file).args(options).output()?;
        let text = String::from_utf8(output.stdout)?;
        let found = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).context("no JSON")? };
        let said = String::from_utf8(output.stderr)?;
        let status = output.status.code().context("it was killed")?;
        Ok(Self { status, found, said, file })
    }

    /// The kinds of the sources that its servers come from.
    pub(super) fn kinds(&self) -> Vec<&str> {
        let servers = self.found["servers"].as_array().into_iter().flatten();
        let mut kinds: Vec<&str> = servers.filter_map(|it| it["source"]["kind"].as_str()).collect();
        kinds.dedup();
        kinds
    }

    /// What it lists as published by nobody, in alphabetical order.
    pub(super) fn unpublished(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.found["unpublished"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        names.sort_unstable();
        names
    }

    /// What the settings that it wrote mean for Jane, as the program itself reads them for making files.
    pub(super) fn written(&self, program: &Path, domain: &str) -> anyhow::Result<Value> {
        let folder = self.file.parent().context("a file is in a folder")?;
        let (users, output) = (folder.join("users.json"), folder.join("generated"));
        fs::write(&users, json!([{ "email": jane(domain) }]).to_string())?;
        generate_for(program, folder, &users, &output, &["--only", "thunderbird-autoconfig"])?;
        Ok(meaning(&settings(&output)?, domain))
    }
}

/// What settings say about servers, the user name, the calendar and the address book, for Jane in a domain.
pub(super) fn meaning(settings: &Value, domain: &str) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let fill = |template: &str| {
        let template = template.replace("%EMAILADDRESS%", &jane(domain)).replace("%EMAILLOCALPART%", JANE);
        template.replace("%EMAILDOMAIN%", domain)
    };
    let username = fill(&text(&settings["username"]));
    let collection = |key: &str| {
        let collection = settings.get(key)?;
        let own = collection.get("username").map_or(username.clone(), |it| fill(&text(it)));
        // `%USERNAME%` in a URL is the login name that is used there.
        Some([fill(&text(&collection["url"]).replace("%USERNAME%", &own)), own])
    };
    json!({
        "incoming": settings["incoming"],
        "outgoing": settings["outgoing"],
        "username": username,
        "calendar": collection("calendar"),
        "contacts": collection("contacts"),
    })
}

/// What nobody can have published of these settings, in alphabetical order: a server of a protocol that they do not have, and
/// what no format of domains says. `logins`: whether the sources say login names.
pub(super) fn unpublished(settings: &Value, logins: bool) -> Vec<&'static str> {
    let has =
        |protocol: &str| settings["incoming"].as_array().into_iter().flatten().any(|it| it["protocol"] == protocol);
    let all = [
        ("calendar", settings["calendar"].is_null()),
        ("contacts", settings["contacts"].is_null()),
        ("imap", !has("imap")),
        ("pop3", !has("pop3")),
        ("sync", true),
        ("username", !logins),
    ];
    all.into_iter().filter(|(_, is_missing)| *is_missing).map(|(name, _)| name).collect()
}

/// Both are the same.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> anyhow::Result<()> {
    ensure!(found == expected, "{what}: {found:?}; expected: {expected:?}");
    Ok(())
}

pub(super) fn jane(domain: &str) -> String {
    format!("{JANE}@{domain}")
}

const JANE: &str = "jane";
