//! The files that `generate` wrote, and the homes that hold them where the manifest says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{PASSWORD, Stage};

impl Stage {
    /// Every file, with its row in the manifest; Delta Chat's links, which need the password, at the end.
    pub(crate) fn rows(&self) -> anyhow::Result<Vec<(PathBuf, Value)>> {
        Ok([manifest(&self.generated)?, manifest(&self.path("links"))?].concat())
    }

    /// Whether a format has files for a person; it may refuse some people.
    pub(crate) fn has_files(&self, person: &str, format: &str) -> anyhow::Result<bool> {
        Ok(self.rows()?.iter().any(|(_, row)| row["format"] == format && row["address"] == person))
    }

    /// The files of a format for every fixture, each with an address that it is for.
    pub(crate) fn of_every_fixture(&self, format: &str) -> anyhow::Result<Vec<(PathBuf, String)>> {
        Ok(with_addresses(self.rows_of_every_fixture(format)?))
    }

    /// The same with all that the manifest says; formats are separated by commas.
    fn rows_of_every_fixture(&self, formats: &str) -> anyhow::Result<Vec<(PathBuf, Value)>> {
        let mut rows = Vec::new();
        for service in xtask::e2e::services()? {
            let name = service.file_name().context("a fixture has a name")?;
            let output = self.path("fixtures").join(formats).join(name);
            // An earlier row may have changed its files in place.
            xtask::e2e::generate(&self.program, &service, &output, &["--only", formats, "--force"])?;
            rows.extend(manifest(&output)?);
        }
        Ok(rows)
    }

    /// Delta Chat's links for every fixture, in text and pictures. A link needs a password, so everybody gets the
    /// stage's.
    pub(crate) fn links_of_every_fixture(&self) -> anyhow::Result<Vec<(PathBuf, String)>> {
        let mut files = Vec::new();
        for service in xtask::e2e::services()? {
            let name = service.file_name().context("a fixture has a name")?;
            let at = |what: &str| self.path("fixtures").join(what).join(name);
            // The one format that everybody has.
            xtask::e2e::generate(&self.program, &service, &at("settings-sheet"), &["--only", "settings-sheet"])?;
            let sheets = manifest(&at("settings-sheet"))?;
            let logins: BTreeMap<&str, &Value> =
                sheets.iter().filter_map(|(_, row)| Some((row["address"].as_str()?, &row["username"]))).collect();
            let user = |(address, login)| json!({ "email": address, "username": login, "password": PASSWORD });
            let users = self.path("users-of-a-fixture.json");
            fs::write(&users, serde_json::to_vec(&logins.into_iter().map(user).collect::<Vec<_>>())?)?;
            let more = ["--only", "dclogin", "--danger-embed-passwords"];
            xtask::e2e::generate_for(&self.program, &service, &users, &at("dclogin"), &more)?;
            files.extend(manifest(&at("dclogin"))?);
        }
        Ok(with_addresses(files))
    }

    /// Whether a format has no place for certificate authorities.
    pub(crate) fn loses_authorities(&self, format: &str) -> anyhow::Result<bool> {
        let is_loss = |loss: &Value| loss["setting"] == "trust" && loss["written"].is_null();
        let loses = |row: &Value| row["losses"].as_array().is_some_and(|losses| losses.iter().any(is_loss));
        Ok(self.rows()?.iter().any(|(_, row)| row["format"] == format && loses(row)))
    }

    /// What `provost explain --json` says of a file.
    pub(crate) fn explained(&self, file: &Path, person: &str) -> anyhow::Result<Value> {
        let mut explain = Command::new(&self.program);
        let output = explain.args(["explain", "--json", "--address", person]).arg(file).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().next().with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        Ok(serde_json::from_str(line)?)
    }

    /// A home with all files of a person in place, and the password where the command finds it.
    pub(crate) fn home_of(&self, person: &str) -> anyhow::Result<TempDir> {
        let rows = self.rows()?;
        self.home_with(rows.iter().filter(|(_, row)| row["address"] == person))
    }

    /// A home for each file of a format in the fixtures and on the stage, with that file and its address.
    pub(crate) fn homes(&self, format: &str) -> anyhow::Result<Vec<(TempDir, PathBuf, String)>> {
        let mut rows = self.rows_of_every_fixture(format)?;
        rows.extend(self.rows()?.into_iter().filter(|(_, row)| row["format"] == format));
        let mut homes = Vec::new();
        for (file, row) in &rows {
            // Files that belong to it: authorities, and Python for offlineimap.
            if ends_with(file, "pem") || ends_with(file, "py") {
                continue;
            }
            let address = row["address"].as_str().with_context(|| format!("{} is nobody's", file.display()))?;
            let is_beside = |(path, other): &&(PathBuf, Value)| {
                path.parent() == file.parent() && other["address"] == row["address"]
            };
            homes.push((self.home_with(rows.iter().filter(is_beside))?, file.clone(), address.to_owned()));
        }
        Ok(homes)
    }

    fn home_with<'a>(&self, rows: impl Iterator<Item = &'a (PathBuf, Value)>) -> anyhow::Result<TempDir> {
        let home = tempfile::Builder::new().prefix("home-").tempdir_in(self.folder.path())?;
        for (path, row) in rows {
            let Some(install) = row["install"].as_str().and_then(|install| install.strip_prefix("~/")) else {
                continue;
            };
            let to = home.path().join(install);
            fs::create_dir_all(to.parent().context("a file lies somewhere")?)?;
            fs::copy(path, to)?;
        }
        fs::write(home.path().join("pass word"), PASSWORD)?;
        Ok(home)
    }
}

/// Whether a file is of a kind, by the end of its name.
pub(crate) fn ends_with(file: &Path, end: &str) -> bool {
    file.extension().is_some_and(|it| it == end)
}

/// The files that are for an address, with it.
fn with_addresses(rows: Vec<(PathBuf, Value)>) -> Vec<(PathBuf, String)> {
    rows.into_iter().filter_map(|(path, row)| Some((path, row["address"].as_str()?.to_owned()))).collect()
}

/// What `generate` wrote into a folder: every file, with its row.
fn manifest(folder: &Path) -> anyhow::Result<Vec<(PathBuf, Value)>> {
    let manifest = fs::read_to_string(folder.join("manifest.jsonl"))?;
    let row = |line: &str| -> anyhow::Result<(PathBuf, Value)> {
        let row: Value = serde_json::from_str(line)?;
        Ok((folder.join(row["path"].as_str().context("a row without a path")?), row))
    };
    manifest.lines().map(row).collect()
}
