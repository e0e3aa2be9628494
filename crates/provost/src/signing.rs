//! What files are signed with: the key and the certificates that the options name, judged before anything is written, with
//! the day from the program's clock. How files are signed is `provost-sign`'s business.

pub(crate) mod in_place;
mod words;

use std::path::Path;

use provost_account::{Certificate as Authority, ProfileDate};
use provost_generate::Signing;
use provost_sign::{Certificate, Key, Password, Pkcs12, Roots, SelfSigned, Signer};

use crate::arguments::SigningOptions;
use crate::failure::Failure;
use crate::{authorities, complaints, input, today};

/// Reads and judges what the options name; `None` if they name nothing. `trust` are the authorities that count besides the
/// system's. Warnings go to standard error.
pub(crate) fn open(options: &SigningOptions, trust: &[Authority]) -> Result<Option<Signing>, Failure> {
    let password = || {
        let password = input::password_from_environment(PASSWORD)?;
        Ok::<_, Failure>(password.map(|password| Password::new(password.expose().to_owned())))
    };
    match (&options.sign_cert, &options.sign_key, &options.sign_p12) {
        (Some(cert), Some(key), _) => {
            let mut certificates = certificates_of(cert)?;
            if let Some(chain) = &options.sign_chain {
                certificates.extend(certificates_of(chain)?);
            }
            let octets = input::read(key, KEY_OCTETS_MAX)?;
            let key_read = Key::read(&octets, password()?.as_ref()).map_err(|error| words::no_key(error, key))?;
            judged(options, cert, &key_read, certificates, trust).map(Some)
        }
        (_, _, Some(file)) => {
            let octets = input::read(file, KEY_OCTETS_MAX)?;
            let Pkcs12 { key, certificates } =
                Pkcs12::read(&octets, password()?.as_ref()).map_err(|error| words::no_key(error, file))?;
            judged(options, file, &key, certificates, trust).map(Some)
        }
        (_, _, None) => Ok(None),
    }
}

fn judged(
    options: &SigningOptions,
    named: &Path,
    key: &Key,
    certificates: Vec<Certificate>,
    trust: &[Authority],
) -> Result<Signing, Failure> {
    let signer =
        Signer::new(key, certificates).map_err(|error| words::no_signer(error, named, options.sign_key.as_deref()))?;
    let self_signed = match options.danger_self_signed {
        true => SelfSigned::DangerAllowed,
        false => SelfSigned::Refused,
    };
    let judgement =
        signer.judge(today::now(), &roots(trust), self_signed).map_err(|refusal| words::refused(refusal, named))?;
    let signed_until = ProfileDate::from(judgement.signed_until.date());
    for unrelated in signer.unrelated() {
        eprintln!("note: the certificate of {} is not above the signer's; it is left out", unrelated.subject());
    }
    if judgement.ends_soon() {
        let days = input::count(u64::try_from(judgement.days_left).unwrap_or(0), "day");
        eprintln!(
            "warning: what is signed is valid for {days} only, until {signed_until}; then devices show it as not verified"
        );
    }
    if options.danger_self_signed {
        eprintln!(
            "warning: the signer may be self-signed; devices that do not trust it show what it signs as not verified"
        );
    }
    Ok(Signing::new(signer, signed_until))
}

/// Says how many files had the signature of another certificate, and how many lost theirs: devices know the difference.
pub(crate) fn warn_of_other_signers([others, unsigned]: [u64; 2]) {
    let warn = |count: u64, [one, several]: [&str; 2]| {
        let (files, what) = (input::count(count, "file"), if count == 1 { one } else { several });
        eprintln!(
            "warning: {files} {what}; a profile that was installed by hand can only be replaced by one of the same signer"
        );
    };
    if others > 0 {
        warn(others, ["was signed by another certificate before", "were signed by another certificate before"]);
    }
    if unsigned > 0 {
        warn(unsigned, ["was signed, and is not any more", "were signed, and are not any more"]);
    }
}

fn certificates_of(file: &Path) -> Result<Vec<Certificate>, Failure> {
    let octets = input::read(file, KEY_OCTETS_MAX)?;
    Certificate::read(&octets).map_err(|error| words::no_certificate(error, file))
}

/// The authorities of the system, and these.
fn roots(trust: &[Authority]) -> Roots {
    Roots::new(authorities::certificates().iter().map(Vec::as_slice).chain(trust.iter().map(Authority::der)))
}

/// The content of a signed file; `None` if it is not signed.
pub(crate) fn content_of(path: &Path, bytes: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    match provost_device::without_signature(bytes) {
        None => Ok(None),
        Some(Ok(content)) => Ok(Some(content)),
        Some(Err(findings)) => {
            complaints::print(path, &findings);
            Err(Failure::found_above(anyhow::anyhow!("the signature of {} cannot be taken off", path.display())))
        }
    }
}

/// The variable that holds the password of the key.
const PASSWORD: &str = "PROVOST_SIGN_PASSWORD";
/// Far more than a key and a chain need.
const KEY_OCTETS_MAX: u64 = 1 << 20;
