//! Each user's S/MIME identity: a file that a template in the settings names. The caller reads the files.

use provost_account::{Findings, Identity, LoginTemplate, Service, Smime, codes::settings as codes};

use crate::users::Users;

/// Gives each good user the identity that the settings ask for. `read` gives the bytes of a file, or says why it cannot.
/// A user without one becomes a bad row, with a finding that names the file.
pub fn add_identities(users: &mut Users, service: &Service, read: &dyn Fn(&str) -> Result<Vec<u8>, String>) {
    let Some(rules) = &service.smime else { return };
    let mut findings = Findings::counted();
    let mut good = Vec::new();
    for mut user in std::mem::take(&mut users.good) {
        match file(&rules.identities, &user.account.address).and_then(|name| identity(&name, read)) {
            Ok(identity) => {
                user.account.smime = Some(Smime { identity, sign: rules.sign, encryption: rules.encryption });
                good.push(user);
            }
            Err(message) => {
                let message = format!("{}: {message}", user.account.address);
                findings.add(codes::IDENTITY_FILE, Some(user.place), message, "put the person's PKCS #12 file there");
                users.bad_rows += 1;
                users.bad.push(user.account.address);
            }
        }
    }
    users.good = good;
    users.findings.extend(findings.finish());
}

/// The name of a person's file. What comes from the address stays in its folder.
fn file(template: &LoginTemplate, address: &provost_account::EmailAddress) -> Result<String, String> {
    match address.as_str().contains(['/', '\\']) {
        false => Ok(template.expand(address).to_string()),
        true => Err("the address has a slash, which cannot be in a file's name".to_owned()),
    }
}

fn identity(name: &str, read: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Result<Identity, String> {
    let bytes = read(name).map_err(|reason| format!("cannot read {name:?}: {reason}"))?;
    Identity::try_from(bytes).map_err(|error| format!("{name:?}: {error}"))
}
