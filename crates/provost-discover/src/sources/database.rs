//! A provider database, laid out as Thunderbird's (<https://github.com/thunderbird/autoconfig>): a folder of files, or a URL
//! under which there is one for each domain.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use provost_account::{DomainName, EmailAddress};
use provost_network::Network;
use thiserror::Error;

use super::{Asking, Nothing, Tried, autoconfig, read};
use crate::source::SourceKind;

/// Where a provider database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In a folder: `DOMAIN`, `DOMAIN.xml`, or any file that names the domain.
    Folder(PathBuf),
    /// Under a URL, which ends in `/`.
    Url(String),
}

impl TryFrom<&str> for Database {
    type Error = DatabaseError;

    fn try_from(text: &str) -> Result<Self, DatabaseError> {
        if text.starts_with("https://") {
            let url = url::Url::parse(text).map_err(DatabaseError::Url)?;
            let text = url.to_string();
            return Ok(Self::Url(if text.ends_with('/') { text } else { text + "/" }));
        }
        match text.split_once("://") {
            Some((scheme, _)) => Err(DatabaseError::Scheme(scheme.to_owned())),
            None => match Path::new(text).is_dir() {
                true => Ok(Self::Folder(text.into())),
                false => Err(DatabaseError::Folder(text.into())),
            },
        }
    }
}

/// Why a text names no database.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// A URL that is none.
    #[error("no URL")]
    Url(#[source] url::ParseError),
    /// A URL without TLS, or of another kind.
    #[error("the scheme is {0:?}; \"https\" is required")]
    Scheme(String),
    /// No folder.
    #[error("{} is neither a folder nor a URL", .0.display())]
    Folder(PathBuf),
}

/// The database's file for a domain.
pub(super) async fn ask(
    network: &Network,
    asking: &Asking<'_>,
    person: &EmailAddress,
    domain: &DomainName,
    kind: SourceKind,
) -> Vec<Tried> {
    match asking.database {
        None => Vec::new(),
        Some(Database::Url(url)) => {
            vec![autoconfig::fetch(network, person, format!("{url}{domain}"), kind).await]
        }
        Some(Database::Folder(folder)) => vec![in_folder(folder, person, domain, kind)],
    }
}

/// The file of a folder for a domain.
pub(super) fn in_folder(folder: &Path, person: &EmailAddress, domain: &DomainName, kind: SourceKind) -> Tried {
    let (place, bytes) = match of_domain(folder, domain) {
        Ok(Some((path, bytes))) => (path, Ok(bytes)),
        Ok(None) => (folder.join(domain.as_str()), Err(Nothing::NotThere)),
        Err(error) => (folder.to_owned(), Err(Nothing::Unasked { detail: error.to_string() })),
    };
    let at = place.display().to_string();
    let outcome = bytes.and_then(|bytes: Vec<u8>| read::opinion(autoconfig::FORMAT, kind, &at, &bytes, person));
    Tried { kind, at, outcome }
}

/// The file of a domain's name; otherwise the first, by name, that lists the domain: in the database's repository one file
/// serves all domains of a provider.
fn of_domain(folder: &Path, domain: &DomainName) -> std::io::Result<Option<(PathBuf, Vec<u8>)>> {
    for name in [domain.to_string(), format!("{domain}.xml")] {
        let path = folder.join(name);
        if path.is_file() {
            return Ok(Some((path.clone(), contents(&path)?)));
        }
    }
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    for path in paths {
        let bytes = contents(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        let lists = text.split("<domain>").skip(1).filter_map(|rest| rest.split_once("</domain>"));
        if lists.into_iter().any(|(own, _)| own.trim().eq_ignore_ascii_case(domain.as_str())) {
            return Ok(Some((path, bytes)));
        }
    }
    Ok(None)
}

/// As much of a file as a web server would be asked for.
fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(FILE_OCTETS_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// More than any real file has.
const FILE_OCTETS_MAX: u64 = 256 * 1024;
