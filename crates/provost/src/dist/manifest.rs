//! `manifest.jsonl`: which file is whose, and its losses. A contract with other programs: fields are only ever added.

use std::path::{Component, Path};

use provost_account::{DomainName, EmailAddress, Login};
use serde::{Deserialize, Serialize};

/// One line of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Whose file it is. Of a domain's or an organization's file: the user with whose values it is proven, if there is one.
    pub(crate) address: Option<String>,
    /// The login name of the account; absent where no server asks for one.
    pub(crate) username: Option<String>,
    /// The format's name.
    pub(crate) format: String,
    /// The format's variant; empty if it has only one.
    #[serde(default)]
    pub(crate) variant: String,
    /// Whom the file is for: `user`, `domain` or `organization`.
    #[serde(default = "user")]
    pub(crate) scope: String,
    /// The domain of a domain's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
    /// The file, relative to the folder, with `/` between its parts.
    pub(crate) path: String,
    /// Where a file of this format goes on the device, if there is one such place.
    pub(crate) install: Option<String>,
    /// SHA-256 of the file, hexadecimal.
    pub(crate) sha256: String,
    /// What the format could not say.
    pub(crate) losses: Vec<Loss>,
}

/// A setting that a format could not say, or only nearly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Loss {
    /// The setting's key.
    pub(crate) setting: String,
    /// What the settings ask for.
    pub(crate) asked: String,
    /// What the file says instead; absent if it says nothing.
    pub(crate) written: Option<String>,
    /// Why.
    pub(crate) reason: String,
}

impl Row {
    /// The address, checked.
    pub(crate) fn address(&self) -> anyhow::Result<Option<EmailAddress>> {
        Ok(self.address.as_deref().map(EmailAddress::try_from).transpose()?)
    }

    /// The domain, checked.
    pub(crate) fn domain(&self) -> anyhow::Result<Option<DomainName>> {
        Ok(self.domain.as_deref().map(DomainName::try_from).transpose()?)
    }

    /// Whether the file may need others to set an account up.
    pub(crate) fn is_one_of_several(&self) -> bool {
        let format = provost_device::formats().iter().find(|format| format.name == self.format);
        format.is_some_and(provost_device::Format::is_of_several_files)
    }

    /// The same text for the files that belong together, and no others.
    pub(crate) fn whose(&self) -> String {
        let whom = match self.scope.as_str() {
            "user" => self.address.as_deref().unwrap_or(""),
            _ => self.domain.as_deref().unwrap_or(""),
        };
        format!("{}\n{}\n{whom}", self.format, self.variant)
    }

    /// The login name, checked.
    pub(crate) fn login(&self) -> anyhow::Result<Option<Login>> {
        Ok(self.username.as_deref().map(Login::try_from).transpose()?)
    }
}

/// Reads a manifest. A line that is none, or a path that leads out of the folder, is an error with its line.
pub(crate) fn read(text: &str) -> anyhow::Result<Vec<Row>> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            let row: Row = serde_json::from_str(line).map_err(|error| anyhow::anyhow!("line {}: {error}", at + 1))?;
            let inside = Path::new(&row.path).components().all(|part| matches!(part, Component::Normal(_)));
            anyhow::ensure!(inside, "line {}: the path {:?} leads out of the folder", at + 1, row.path);
            Ok(row)
        })
        .collect()
}

/// The scope of the rows of manifests that say none.
fn user() -> String {
    "user".to_owned()
}

/// The manifest as text, one JSON object a line.
pub(crate) fn write(rows: &[Row]) -> String {
    rows.iter().map(|row| serde_json::to_string(row).expect("a row is plain strings") + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_of_the_folder_is_refused() {
        let line = r#"{"address":"a@b.example","username":null,"format":"k9s","path":"../x","install":null,"sha256":"","losses":[]}"#;
        let error = read(line).expect_err("a refusal");
        assert_eq!(error.to_string(), "line 1: the path \"../x\" leads out of the folder");
        read(&line.replace("../x", "/etc/passwd")).expect_err("a refusal");
    }
}
