//! What the domains of a fixture publish: the records that the built program prints, and the files that it writes for web
//! servers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;
use xtask::e2e::{generate, services};

/// A fixture, and what is made of it.
pub(super) struct Published {
    pub(super) name: String,
    /// Its settings file.
    pub(super) file: PathBuf,
    /// In ASCII, as names are asked for.
    pub(super) domains: Vec<String>,
    /// The settings as the program keeps them beside what it writes.
    pub(super) settings: Value,
    /// The records of all its domains, as they are printed. Empty: a client that finds servers by records could not log in.
    records: String,
    /// Where the files are.
    folder: PathBuf,
    /// The rows of their manifest.
    manifest: Vec<Value>,
}

/// A document on a web server.
pub(super) struct Page {
    pub(super) host: String,
    pub(super) path: &'static str,
    pub(super) contents: Vec<u8>,
}

impl Published {
    /// Every fixture.
    pub(super) fn all(program: &Path, folder: &Path) -> anyhow::Result<Vec<Self>> {
        services()?.iter().map(|service| Self::of(program, service, folder)).collect()
    }

    fn of(program: &Path, service: &Path, folder: &Path) -> anyhow::Result<Self> {
        let name = service.file_name().context("a fixture has a name")?.to_string_lossy().into_owned();
        let folder = folder.join(&name);
        generate(program, service, &folder, &["--only", FORMATS])?;
        let settings = settings(&folder)?;
        let domains = settings["domains"].as_array().context("no domains")?;
        let domains = domains.iter().map(|it| Ok(it.as_str().context("no name")?.to_owned()));
        let domains = domains.collect::<anyhow::Result<Vec<_>>>()?;
        let manifest = fs::read_to_string(folder.join("manifest.jsonl"))?;
        let manifest = manifest.lines().map(serde_json::from_str).collect::<Result<Vec<_>, _>>()?;
        let printed = Command::new(program).args(["dns", "-c"]).arg(service.join("mail.yaml")).output()?;
        let said = String::from_utf8_lossy(&printed.stderr);
        ensure!(printed.status.success() || said.contains("error: no records lead to "), "provost dns: {said}");
        let records = String::from_utf8(printed.stdout)?;
        Ok(Self { name, file: service.join("mail.yaml"), domains, settings, records, folder, manifest })
    }

    /// Whether records lead to its servers.
    pub(super) fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    /// How many records are printed.
    pub(super) fn records_count(&self) -> usize {
        self.records.lines().count()
    }

    /// The lines that are about a domain, as they are printed.
    pub(super) fn records(&self, domain: &str) -> String {
        let end = format!(".{domain}.");
        let is_own = |line: &&str| line.split(' ').next().is_some_and(|owner| owner.ends_with(&end));
        self.records.lines().filter(is_own).map(|line| format!("{line}\n")).collect()
    }

    /// The documents of a domain, those that there are.
    pub(super) fn pages(&self, domain: &str) -> anyhow::Result<Vec<Page>> {
        let mut pages = Vec::new();
        for (format, label, path) in [
            ("thunderbird-autoconfig", "autoconfig", "mail/config-v1.1.xml"),
            ("pacc", "ua-auto-config", ".well-known/user-agent-configuration.json"),
            ("autodiscover-pox", "autodiscover", "autodiscover/autodiscover.xml"),
        ] {
            let end = format!("@{domain}");
            let is_own = |row: &&Value| {
                let is_for = |address: &str| row["scope"] == "user" && address.ends_with(&end);
                row["format"] == format && (row["domain"] == domain || row["address"].as_str().is_some_and(is_for))
            };
            let Some(row) = self.manifest.iter().find(is_own) else { continue };
            let mut text = fs::read_to_string(self.folder.join(row["path"].as_str().context("no path")?))?;
            if let Some(address) = row["address"].as_str().filter(|_| row["scope"] == "user") {
                // Such an answer is about the one for whom it was asked.
                text = text.replace(address, &stand_in(domain));
            }
            pages.push(Page { host: format!("{label}.{domain}"), path, contents: text.into_bytes() });
        }
        Ok(pages)
    }
}

/// `service.json`, the settings beside what is written.
pub(super) fn settings(folder: &Path) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(&fs::read(folder.join("service.json"))?)?)
}

/// For whom Autodiscover is asked in the place of a person (docs/init.md).
pub(super) fn stand_in(domain: &str) -> String {
    format!("provost-discovery@{domain}")
}

const FORMATS: &str = "thunderbird-autoconfig/draft-1.2,pacc,autodiscover-pox/server";
