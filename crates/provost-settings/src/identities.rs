//! Each user's S/MIME identity: a file that a template in the settings names. The caller reads the files.

use std::io;

use provost_account::{
    EmailAddress, Findings, Identity, IdentityError, LoginTemplate, Service, Smime, codes::settings as codes,
};
use thiserror::Error;

use crate::settings::with_cause;
use crate::users::Users;

/// Gives each good user the identity that the settings ask for. `read` gives the bytes of a file, or says why it cannot.
/// A user without one becomes a bad row, with a finding that names the file.
pub fn add_identities(users: &mut Users, service: &Service, read: &dyn Fn(&str) -> io::Result<Vec<u8>>) {
    let Some(rules) = &service.smime else { return };
    let mut findings = Findings::counted();
    let mut good = Vec::new();
    for mut user in std::mem::take(&mut users.good) {
        match file(&rules.identities, &user.account.address).and_then(|name| identity(name, read)) {
            Ok(identity) => {
                user.account.smime = Some(Smime { identity, sign: rules.sign, encryption: rules.encryption });
                good.push(user);
            }
            Err(error) => {
                let message = format!("{}: {}", user.account.address, with_cause(&error));
                findings.add(codes::IDENTITY_FILE, Some(user.place), message, "put the person's PKCS #12 file there");
                users.bad_rows += 1;
                users.bad.push(user.account.address);
            }
        }
    }
    users.good = good;
    users.findings.extend(findings.finish());
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
