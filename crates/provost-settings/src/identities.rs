//! A person's S/MIME identity: a file that a template in the settings names. The caller reads the files.

use std::io;

use provost_account::{
    EmailAddress, Finding, Identity, IdentityError, LoginTemplate, Place, Service, Smime, codes::settings as codes,
};
use thiserror::Error;

use crate::settings::with_cause;

/// The identity that the settings ask for; `None`: they ask for none. `read` gives the bytes of a file, or says why it
/// cannot.
///
/// # Errors
///
/// A finding at `place`, the person's, that names the file.
pub fn identity_of(
    address: &EmailAddress,
    place: Place,
    service: &Service,
    read: &dyn Fn(&str) -> io::Result<Vec<u8>>,
) -> Result<Option<Smime>, Finding> {
    let Some(rules) = &service.smime else { return Ok(None) };
    match file(&rules.identities, address).and_then(|name| identity(name, read)) {
        Ok(identity) => Ok(Some(Smime { identity, sign: rules.sign, encryption: rules.encryption })),
        Err(error) => Err(Finding {
            code: codes::IDENTITY_FILE,
            severity: codes::IDENTITY_FILE.severity,
            place: Some(place),
            message: format!("{address}: {}", with_cause(&error)),
            fix: "put the person's PKCS #12 file there".to_owned(),
            source: codes::IDENTITY_FILE.source,
            lack: None,
        }),
    }
}

/// Why a person has no identity.
#[derive(Debug, Error)]
enum IdentityFileError {
    #[error("the address contains a slash, which a file name cannot contain")]
    Slash,
    #[error("cannot read {name:?}")]
    Unreadable { name: String, source: io::Error },
    #[error("{name:?}")]
    NoIdentity { name: String, source: IdentityError },
}

/// The name of a person's file. What comes from the address stays in its folder.
fn file(template: &LoginTemplate, address: &EmailAddress) -> Result<String, IdentityFileError> {
    match address.as_str().contains(['/', '\\']) {
        false => Ok(template.expand(address).to_string()),
        true => Err(IdentityFileError::Slash),
    }
}

fn identity(name: String, read: &dyn Fn(&str) -> io::Result<Vec<u8>>) -> Result<Identity, IdentityFileError> {
    match read(&name).map(Identity::try_from) {
        Ok(Ok(identity)) => Ok(identity),
        Ok(Err(source)) => Err(IdentityFileError::NoIdentity { name, source }),
        Err(source) => Err(IdentityFileError::Unreadable { name, source }),
    }
}
