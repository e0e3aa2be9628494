//! `manifest.jsonl`: which file is whose, and its losses. A contract with other programs: fields are only ever added.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::path::{Component, Path};

use provost_account::{AddressError, AppleError, DomainName, EmailAddress, HostError, Login, ProfileDate, TextError};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use thiserror::Error;

/// What the manifest says of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose file it is. Of a domain's or an organization's file: the user with whose values it is proven, if there is one.
    pub address: Option<EmailAddress>,
    /// The login name of the account; absent where no server asks for one.
    pub username: Option<Login>,
    /// The format's name; perhaps one that only another version knows.
    pub format: String,
    /// The format's variant, if it has several.
    pub variant: Option<String>,
    /// Whom the file is for.
    pub scope: Scope,
    /// The file, relative to the folder, with `/` between its parts.
    pub path: String,
    /// Where a file of this format goes on the device, if there is one such place.
    pub install: Option<String>,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// The file's length; manifests of old do not say it.
    pub octets: Option<u64>,
    /// A digest of all that the file was made of, as 16 hexadecimal digits; files for several people have none, nor files
    /// with passwords, which a digest would give a guesser something to check against.
    pub input: Option<Input>,
    /// Who signed it, if it is signed.
    pub signature: Option<Signature>,
    /// What the format cannot express.
    pub losses: Vec<Loss>,
}

/// Who signed a file, and until when that is worth something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// SHA-256 of the signer's certificate, hexadecimal.
    pub signer: String,
    /// The last day, in UTC, on which its certificate and the authorities up to the root are all valid.
    pub signed_until: ProfileDate,
}

/// Whom a file is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One person.
    User,
    /// Everybody in a domain.
    Domain(DomainName),
    /// Everybody in the organization.
    Organization,
}

/// A setting that a format cannot express, or only approximately.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Loss {
    /// The setting's key.
    pub setting: String,
    /// What the settings ask for.
    pub asked: String,
    /// What the file says instead; absent if it says nothing.
    pub written: Option<String>,
    /// Why.
    pub reason: String,
}

/// The same for all files that belong together, and for no others: format, variant, whom they are for.
pub type Together<'a> = (&'a str, Option<&'a str>, &'a Scope, Option<&'a EmailAddress>);

impl Entry {
    /// With which files it belongs together.
    #[must_use]
    pub fn together(&self) -> Together<'_> {
        (&self.format, self.variant.as_deref(), &self.scope, self.user())
    }

    /// Whose file it is, if it is one person's alone.
    #[must_use]
    pub fn user(&self) -> Option<&EmailAddress> {
        self.address.as_ref().filter(|_| self.scope == Scope::User)
    }
}

/// A digest of all that a file is made of: the program, the settings, the variant, the signer and the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input(pub u64);

/// Why a manifest cannot be read on.
#[derive(Debug, Error)]
#[error("line {line}: {why}")]
pub struct ManifestError {
    /// Which line.
    pub line: usize,
    /// Why.
    pub why: LineError,
}

/// What is wrong with a line of a manifest.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LineError {
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
    #[error("the path {0:?} leads out of the folder")]
    LeadsOut(String),
    #[error("a domain's file without domain")]
    NoDomain,
    #[error("domain: {0}")]
    Domain(#[from] HostError),
    #[error("address: {0}")]
    Address(#[from] AddressError),
    #[error("username: {0}")]
    Username(#[from] TextError),
    #[error("signed_until: {0}")]
    SignedUntil(#[from] AppleError),
    #[error("a signer without signed_until")]
    NoSignedUntil,
    #[error("signed_until without a signer")]
    NoSigner,
    #[error("input {0:?} is not 16 hexadecimal digits")]
    Input(String),
}

/// Reads a manifest, entry by entry. A line that is none, or a path that leads out of the folder, is an error.
pub fn entries(source: impl BufRead) -> impl Iterator<Item = Result<Entry, ManifestError>> {
    let lines = source.lines().enumerate();
    let lines = lines.filter(|(_, line)| line.as_ref().map_or(true, |line| !line.trim().is_empty()));
    lines.map(|(at, line)| {
        let entry = line.map_err(LineError::from).and_then(|line| Entry::read(&line));
        entry.map_err(|why| ManifestError { line: at + 1, why })
    })
}

/// The manifest of these entries.
#[must_use]
pub fn write(entries: &[Entry]) -> Vec<u8> {
    let mut manifest = Vec::new();
    entries.iter().for_each(|entry| entry.write(&mut manifest));
    manifest
}

impl Entry {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(line: &str) -> Result<Self, LineError> {
        let line: Line<'_> = serde_json::from_str(line)?;
        line.entry()
    }

    /// Appends the line.
    pub fn write(&self, to: &mut Vec<u8>) {
        let (scope, domain) = match &self.scope {
            Scope::User => (ScopeName::User, None),
            Scope::Domain(domain) => (ScopeName::Domain, Some(domain.as_str())),
            Scope::Organization => (ScopeName::Organization, None),
        };
        let signed_until = self.signature.as_ref().map(|it| it.signed_until.to_string());
        let row = Row {
            address: self.address.as_ref().map(EmailAddress::as_str),
            username: self.username.as_ref().map(Login::as_str),
            format: &self.format,
            variant: self.variant.as_deref().unwrap_or(""),
            scope,
            domain,
            path: &self.path,
            install: self.install.as_deref(),
            sha256: &self.sha256,
            octets: self.octets,
            input: self.input,
            signer: self.signature.as_ref().map(|it| it.signer.as_str()),
            signed_until: signed_until.as_deref(),
            losses: &losses_json(&self.losses),
        };
        row.write(to);
    }
}

/// A line as it is read. An empty variant is none; manifests of old say neither variant nor scope.
#[derive(Deserialize)]
struct Line<'a> {
    address: Option<Cow<'a, str>>,
    username: Option<Cow<'a, str>>,
    #[serde(borrow)]
    format: Cow<'a, str>,
    #[serde(borrow, default)]
    variant: Cow<'a, str>,
    #[serde(default)]
    scope: ScopeName,
    #[serde(default)]
    domain: Option<Cow<'a, str>>,
    #[serde(borrow)]
    path: Cow<'a, str>,
    install: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sha256: Cow<'a, str>,
    #[serde(default)]
    octets: Option<u64>,
    #[serde(default)]
    input: Option<Cow<'a, str>>,
    #[serde(default)]
    signer: Option<Cow<'a, str>>,
    #[serde(default)]
    signed_until: Option<Cow<'a, str>>,
    losses: Vec<Loss>,
}

/// A line as it is written.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Row<'a> {
    pub(crate) address: Option<&'a str>,
    pub(crate) username: Option<&'a str>,
    pub(crate) format: &'a str,
    pub(crate) variant: &'a str,
    pub(crate) scope: ScopeName,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<&'a str>,
    pub(crate) path: &'a str,
    pub(crate) install: Option<&'a str>,
    pub(crate) sha256: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) octets: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "Input::digits")]
    pub(crate) input: Option<Input>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signed_until: Option<&'a str>,
    /// As JSON.
    pub(crate) losses: &'a RawValue,
}

impl Row<'_> {
    /// Appends the line.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        serde_json::to_writer(&mut *to, self).expect("a row is plain strings");
        to.push(b'\n');
    }
}

/// The losses of a row, as JSON.
pub(crate) fn losses_json(losses: &[Loss]) -> Box<RawValue> {
    serde_json::value::to_raw_value(losses).expect("losses are plain strings")
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ScopeName {
    #[default]
    User,
    Domain,
    Organization,
}

impl Line<'_> {
    fn entry(self) -> Result<Entry, LineError> {
        check_inside(&self.path)?;
        let scope = match self.scope {
            ScopeName::User => Scope::User,
            ScopeName::Domain => Scope::Domain(self.domain.as_deref().ok_or(LineError::NoDomain)?.try_into()?),
            ScopeName::Organization => Scope::Organization,
        };
        let signature = match (self.signer, self.signed_until) {
            (Some(signer), Some(until)) => {
                Some(Signature { signer: signer.into_owned(), signed_until: ProfileDate::try_from(&*until)? })
            }
            (None, None) => None,
            (Some(_), None) => return Err(LineError::NoSignedUntil),
            (None, Some(_)) => return Err(LineError::NoSigner),
        };
        Ok(Entry {
            address: self.address.as_deref().map(EmailAddress::try_from).transpose()?,
            username: self.username.as_deref().map(Login::try_from).transpose()?,
            format: self.format.into_owned(),
            variant: Some(self.variant.into_owned()).filter(|name| !name.is_empty()),
            scope,
            path: self.path.into_owned(),
            install: self.install.map(Cow::into_owned),
            sha256: self.sha256.into_owned(),
            octets: self.octets,
            input: self.input.as_deref().map(Input::read).transpose()?,
            signature,
            losses: self.losses,
        })
    }
}

/// Refuses a path that leads out of the folder.
pub(crate) fn check_inside(path: &str) -> Result<(), LineError> {
    match Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
        true => Ok(()),
        false => Err(LineError::LeadsOut(path.to_owned())),
    }
}

impl Input {
    fn digits<S: Serializer>(input: &Option<Self>, serializer: S) -> Result<S::Ok, S::Error> {
        match input {
            Some(Self(digest)) => serializer.collect_str(&format_args!("{digest:016x}")),
            None => serializer.serialize_none(),
        }
    }

    fn read(digits: &str) -> Result<Self, LineError> {
        let digest = u64::from_str_radix(digits, 16).ok().filter(|_| digits.len() == INPUT_DIGITS);
        digest.map(Self).ok_or_else(|| LineError::Input(digits.to_owned()))
    }
}

const INPUT_DIGITS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Entry, LineError> {
        Entry::read(line)
    }

    #[test]
    fn a_path_that_leads_out_of_the_folder_is_refused() {
        let line = r#"{"address":"a@b.example","username":null,"format":"k9s","path":"../x","install":null,"sha256":"","losses":[]}"#;
        let error = entries(line.as_bytes()).next().expect("a line").expect_err("a refusal");
        assert_eq!((error.line, error.why.to_string().as_str()), (1, "the path \"../x\" leads out of the folder"));
        read(&line.replace("../x", "/etc/passwd")).expect_err("a refusal");
    }

    #[test]
    fn a_signer_is_named_together_with_the_day_on_which_it_ends() {
        let line = r#"{"address":null,"username":null,"format":"k9s","path":"x","install":null,"sha256":"","signer":"ab","signed_until":"2027-01-31","losses":[]}"#;
        let mut written = Vec::new();
        read(line).expect("a line").write(&mut written);
        let entry = entries(written.as_slice()).next().expect("a line").expect("an entry");
        let signature = entry.signature.expect("a signature");
        assert_eq!((signature.signer.as_str(), signature.signed_until.to_string()), ("ab", "2027-01-31".to_owned()));
        let refused = |from: &str, to: &str| read(&line.replace(from, to)).expect_err("a refusal").to_string();
        assert_eq!(refused(r#""signer":"ab","#, ""), "signed_until without a signer");
        assert_eq!(refused(r#""signed_until":"2027-01-31","#, ""), "a signer without signed_until");
        assert!(refused("2027-01-31", "soon").starts_with("signed_until: "));
    }
}
