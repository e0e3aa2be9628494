//! Why files cannot be signed, in words, with the command that helps. No message has anything of a key or a password.

use std::path::Path;

use anyhow::Error;
use provost_sign::{CertificateError, KeyError, Refusal, Refused, SignerError};

use super::PASSWORD;
use crate::failure::Failure;

/// A file gives no key.
pub(super) fn no_key(error: KeyError, file: &Path) -> Failure {
    let hint = if let KeyError::PasswordNeeded = &error {
        format!("set the environment variable {PASSWORD} to the password of the key")
    } else if let KeyError::WrongPassword = &error {
        format!("{PASSWORD} is set to another password; correct it")
    } else if let KeyError::Refused(refused) | KeyError::Certificate(CertificateError::Refused(refused)) = &error {
        conversion(refused, file)
    } else if let KeyError::NoKey { .. } = &error {
        "give a file with the private key of the certificate; in PEM, the line before it says PRIVATE KEY".to_owned()
    } else if let KeyError::SeveralKeys { .. } = &error {
        "give a file with the private key of the certificate and no other".to_owned()
    } else {
        COPY_AGAIN.to_owned()
    };
    Failure::hinted(Error::new(error).context(format!("{} gives no key to sign with", file.display())), hint)
}

/// A file gives no certificates.
pub(super) fn no_certificate(error: CertificateError, file: &Path) -> Failure {
    let hint = if let CertificateError::Refused(refused) = &error {
        conversion(refused, file)
    } else if let CertificateError::NoCertificate { .. } = &error {
        "give a file with certificates; in PEM, the line before each says CERTIFICATE".to_owned()
    } else {
        COPY_AGAIN.to_owned()
    };
    Failure::hinted(Error::new(error).context(format!("{} gives no certificate", file.display())), hint)
}

/// A key and certificates do not belong together. The key may be in the certificate's file.
pub(super) fn no_signer(error: SignerError, certificate: &Path, key: Option<&Path>) -> Failure {
    let public_key = command("openssl x509 -noout -pubkey -in FILE", certificate);
    let hint = match key {
        Some(key) => {
            let of_key = command("openssl pkey -pubout -in FILE", key);
            format!("compare `{public_key}` with `{of_key}`: they print the same if they belong together")
        }
        None => {
            let pack = "openssl pkcs12 -export -inkey KEY -in CERTIFICATE -certfile CHAIN -out NEW";
            format!("make a file of the key, its certificate and the chain: {pack}")
        }
    };
    Failure::hinted(Error::new(error).context(cannot_sign(certificate)), hint)
}

/// The signer may not be used.
pub(super) fn refused(refusal: Refusal, file: &Path) -> Failure {
    let dates = command("openssl x509 -noout -subject -dates -in FILE", file);
    let hint = if let Refusal::Expired { .. } = &refusal {
        format!("get a new certificate for the key, or a newer chain; the dates: {dates}")
    } else if let Refusal::NotYetValid { .. } = &refusal {
        format!("wait, or correct this machine's clock; the dates: {dates}")
    } else if let Refusal::SelfSigned { .. } = &refusal {
        "sign with a certificate that an authority issued; for tests, --danger-self-signed".to_owned()
    } else if let Refusal::UnknownIssuer { .. } | Refusal::OtherIssuer { .. } = &refusal {
        let issuer = command("openssl x509 -noout -issuer -ext authorityInfoAccess -in FILE", file);
        format!(
            "give the authorities in between with --sign-chain, and name a root of your own under trust in the settings; \
             this may say where the issuer's certificate is: {issuer}"
        )
    } else {
        format!(
            "get the certificate from another authority; see it with {}",
            command("openssl x509 -noout -text -in FILE", file)
        )
    };
    Failure::hinted(Error::new(refusal).context(cannot_sign(file)), hint)
}

fn cannot_sign(file: &Path) -> String {
    format!("cannot sign with {}; nothing was written", file.display())
}

fn conversion(refused: &Refused, file: &Path) -> String {
    format!("this makes one that can be used: {}", command(refused.conversion(), file))
}

/// The command with the file's name, where a shell takes it as it is.
fn command(command: &str, file: &Path) -> String {
    let is_plain = |name: &&str| {
        !name.starts_with('-')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '@'))
    };
    match file.to_str().filter(is_plain) {
        Some(name) => command.replace("FILE", name),
        None => command.to_owned(),
    }
}

const COPY_AGAIN: &str = "the file is incomplete or damaged: copy or export it again";
