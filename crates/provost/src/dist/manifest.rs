//! `manifest.jsonl`: which file is whose, and its losses. A contract with other programs: fields are only ever added.

use std::path::{Component, Path};

use anyhow::Context;
use provost_account::{DomainName, EmailAddress, Login, ProfileDate};
use serde::{Deserialize, Serialize};

/// What the manifest says of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Whose file it is. Of a domain's or an organization's file: the user with whose values it is proven, if there is one.
    pub(crate) address: Option<EmailAddress>,
    /// The login name of the account; absent where no server asks for one.
    pub(crate) username: Option<Login>,
    /// The format's name; perhaps one that only another version knows.
    pub(crate) format: String,
    /// The format's variant, if it has several.
    pub(crate) variant: Option<String>,
    pub(crate) scope: Scope,
    /// The file, relative to the folder, with `/` between its parts.
    pub(crate) path: String,
    /// Where a file of this format goes on the device, if there is one such place.
    pub(crate) install: Option<String>,
    /// SHA-256 of the file, hexadecimal.
    pub(crate) sha256: String,
    /// Who signed it, if it is signed.
    pub(crate) signature: Option<Signature>,
    /// What the format cannot express.
    pub(crate) losses: Vec<Loss>,
}

/// Who signed a file, and until when that is worth something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    /// SHA-256 of the signer's certificate, hexadecimal.
    pub(crate) signer: String,
    /// The last day, in UTC, on which its certificate and the authorities up to the root are all valid.
    pub(crate) signed_until: ProfileDate,
}

/// Whom a file is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    User,
    Domain(DomainName),
    Organization,
}

/// A setting that a format cannot express, or only approximately.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// The same for all files that belong together, and for no others: format, variant, whom they are for.
pub(crate) type Together<'a> = (&'a str, Option<&'a str>, &'a Scope, Option<&'a EmailAddress>);

impl Entry {
    /// Whether the file may need others to set an account up.
    pub(crate) fn is_one_of_several(&self) -> bool {
        let format = provost_device::formats().iter().find(|format| format.name == self.format);
        format.is_some_and(provost_device::Format::is_of_several_files)
    }

    /// With which files it belongs together.
    pub(crate) fn together(&self) -> Together<'_> {
        (&self.format, self.variant.as_deref(), &self.scope, self.user())
    }

    /// Whose file it is, if it is one person's alone.
    pub(crate) fn user(&self) -> Option<&EmailAddress> {
        self.address.as_ref().filter(|_| self.scope == Scope::User)
    }
}

/// Reads a manifest. A line that is none, or a path that leads out of the folder, is an error with its line.
pub(crate) fn read(text: &str) -> anyhow::Result<Vec<Entry>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| entry(line).map_err(|error| anyhow::anyhow!("line {}: {error:#}", at + 1))).collect()
}

/// The manifest as text, one JSON object a line.
pub(crate) fn write(entries: &[Entry]) -> String {
    let line = |entry| serde_json::to_string(&Line::from(entry)).expect("an entry is plain strings") + "\n";
    entries.iter().map(line).collect()
}

/// A line as it is written. An empty variant is none; manifests of old say neither variant nor scope.
#[derive(Serialize, Deserialize)]
struct Line {
    address: Option<String>,
    username: Option<String>,
    format: String,
    #[serde(default)]
    variant: String,
    #[serde(default)]
    scope: ScopeName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    path: String,
    install: Option<String>,
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signed_until: Option<String>,
    losses: Vec<Loss>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ScopeName {
    #[default]
    User,
    Domain,
    Organization,
}

fn entry(line: &str) -> anyhow::Result<Entry> {
    let line: Line = serde_json::from_str(line)?;
    let is_inside = Path::new(&line.path).components().all(|part| matches!(part, Component::Normal(_)));
    anyhow::ensure!(is_inside, "the path {:?} leads out of the folder", line.path);
    let scope = match line.scope {
        ScopeName::User => Scope::User,
        ScopeName::Domain => {
            Scope::Domain(line.domain.as_deref().context("a domain's file without domain")?.try_into()?)
        }
        ScopeName::Organization => Scope::Organization,
    };
    let signature = match (line.signer, line.signed_until) {
        (Some(signer), Some(until)) => {
            Some(Signature { signer, signed_until: ProfileDate::try_from(until.as_str()).context("signed_until")? })
        }
        (None, None) => None,
        (Some(_), None) => anyhow::bail!("a signer without signed_until"),
        (None, Some(_)) => anyhow::bail!("signed_until without a signer"),
    };
    Ok(Entry {
        address: line.address.as_deref().map(EmailAddress::try_from).transpose()?,
        username: line.username.as_deref().map(Login::try_from).transpose()?,
        format: line.format,
        variant: Some(line.variant).filter(|name| !name.is_empty()),
        scope,
        path: line.path,
        install: line.install,
        sha256: line.sha256,
        signature,
        losses: line.losses,
    })
}

impl From<&Entry> for Line {
    fn from(entry: &Entry) -> Self {
        let (scope, domain) = match &entry.scope {
            Scope::User => (ScopeName::User, None),
            Scope::Domain(domain) => (ScopeName::Domain, Some(domain.to_string())),
            Scope::Organization => (ScopeName::Organization, None),
        };
        Self {
            address: entry.address.as_ref().map(ToString::to_string),
            username: entry.username.as_ref().map(ToString::to_string),
            format: entry.format.clone(),
            variant: entry.variant.as_deref().unwrap_or("").to_owned(),
            scope,
            domain,
            path: entry.path.clone(),
            install: entry.install.clone(),
            sha256: entry.sha256.clone(),
            signer: entry.signature.as_ref().map(|it| it.signer.clone()),
            signed_until: entry.signature.as_ref().map(|it| it.signed_until.to_string()),
            losses: entry.losses.clone(),
        }
    }
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

    #[test]
    fn a_signer_is_named_together_with_the_day_on_which_it_ends() {
        let line = r#"{"address":null,"username":null,"format":"k9s","path":"x","install":null,"sha256":"","signer":"ab","signed_until":"2027-01-31","losses":[]}"#;
        let read_again = |line: &str| read(&write(&read(line).expect("a manifest"))).expect("a manifest");
        let signature = read_again(line).remove(0).signature.expect("a signature");
        assert_eq!((signature.signer.as_str(), signature.signed_until.to_string()), ("ab", "2027-01-31".to_owned()));
        let refused = |from: &str, to: &str| read(&line.replace(from, to)).expect_err("a refusal").to_string();
        assert_eq!(refused(r#""signer":"ab","#, ""), "line 1: signed_until without a signer");
        assert_eq!(refused(r#""signed_until":"2027-01-31","#, ""), "line 1: a signer without signed_until");
        assert!(refused("2027-01-31", "soon").starts_with("line 1: signed_until: "));
    }
}
