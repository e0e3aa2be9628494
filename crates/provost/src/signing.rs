//! What files are signed with: the key and the certificates that the options name, judged before anything is written, with
//! the day from the program's clock. How files are signed is `provost-sign`'s business.

pub(crate) mod in_place;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use provost_account::{Certificate as Authority, ProfileDate};
use provost_sign::{Certificate, Key, Password, Pkcs12, Roots, SelfSigned, Signer};

use crate::arguments::SigningOptions;
use crate::failure::Failure;
use crate::{authorities, complaints, input, today};
use provost_generate::manifest::{Entry, Signature};
use provost_generate::sha256;

/// A signer that may be used now.
#[derive(Debug)]
pub(crate) struct Signing {
    signer: Signer,
    signature: Signature,
}

impl Signing {
    /// Reads and judges what the options name; `None` if they name nothing. `trust` are the authorities that count besides
    /// the system's. Warnings go to standard error.
    pub(crate) fn open(options: &SigningOptions, trust: &[Authority]) -> Result<Option<Self>, Failure> {
        let password = || {
            let password = input::password_from_environment(PASSWORD)?;
            Ok::<_, Failure>(password.map(|password| Password::new(password.expose().to_owned())))
        };
        match (&options.sign_cert, &options.sign_key, &options.sign_p12) {
            (Some(cert), Some(key), _) => {
                let mut certificates = certificates(cert)?;
                if let Some(chain) = &options.sign_chain {
                    certificates.extend(self::certificates(chain)?);
                }
                let octets = input::read(key, KEY_OCTETS_MAX)?;
                let key_read = Key::read(&octets, password()?.as_ref()).map_err(|error| words::no_key(error, key))?;
                Self::judged(options, cert, &key_read, certificates, trust).map(Some)
            }
            (_, _, Some(file)) => {
                let octets = input::read(file, KEY_OCTETS_MAX)?;
                let Pkcs12 { key, certificates } =
                    Pkcs12::read(&octets, password()?.as_ref()).map_err(|error| words::no_key(error, file))?;
                Self::judged(options, file, &key, certificates, trust).map(Some)
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
    ) -> Result<Self, Failure> {
        let signer = Signer::new(key, certificates)
            .map_err(|error| words::no_signer(error, named, options.sign_key.as_deref()))?;
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
            let days = input::count(usize::try_from(judgement.days_left).unwrap_or(0), "day");
            eprintln!(
                "warning: what is signed is valid for {days} only, until {signed_until}; then devices show it as not verified"
            );
        }
        if options.danger_self_signed {
            eprintln!(
                "warning: the signer may be self-signed; devices that do not trust it show what it signs as not verified"
            );
        }
        let signature = Signature { signer: sha256(signer.certificate().der()), signed_until };
        Ok(Self { signer, signature })
    }

    /// The signed file around this content: the one that is present, if this signer made it, for no two ECDSA signatures are
    /// alike.
    pub(crate) fn around(&self, content: &[u8], present: Option<Vec<u8>>) -> anyhow::Result<Vec<u8>> {
        match present.filter(|present| self.has_signed(content, present)) {
            Some(present) => Ok(present),
            None => Ok(self.signer.sign(content)?),
        }
    }

    /// Whether a file is this content with this signer's signature.
    pub(crate) fn has_signed(&self, content: &[u8], file: &[u8]) -> bool {
        self.signer.has_signed(content, file)
    }

    /// What the manifest says of a file that it signed.
    pub(crate) fn signature(&self) -> Signature {
        self.signature.clone()
    }
}

/// Whether that file of a format and variant is signed, if it is one person's: what a person installs by hand. What a
/// management server fills in would not fit its signature any more, and what it installs needs none.
pub(crate) fn is_signed(format: &str, variant: Option<&str>, path: &str) -> bool {
    let is_by_hand = SIGNED.iter().any(|(its, only)| *its == format && (only.is_none() || *only == variant));
    is_by_hand && is_a_profiles_name(Path::new(path))
}

/// Whether a format has variants that are signed.
pub(crate) fn is_of_a_signed_format(format: &str) -> bool {
    SIGNED.iter().any(|(its, _)| *its == format)
}

/// Whether a device takes a file of this name for a profile.
pub(crate) fn is_a_profiles_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "mobileconfig")
}

/// Says how many files had the signature of another certificate, and how many lost theirs: devices know the difference.
pub(crate) fn warn_of_other_signers(earlier: &[Entry], entries: &[Entry]) {
    let signature_of = |entry: &Entry| entry.signature.as_ref().map(|it| it.signer.clone());
    let now: BTreeMap<&str, Option<String>> =
        entries.iter().map(|entry| (entry.path.as_str(), signature_of(entry))).collect();
    let (mut others, mut unsigned) = (0, 0);
    for entry in earlier {
        match (signature_of(entry), now.get(entry.path.as_str())) {
            (Some(before), Some(Some(now))) if before != *now => others += 1,
            (Some(_), Some(None)) => unsigned += 1,
            (_, _) => {}
        }
    }
    let warn = |count: usize, [one, several]: [&str; 2]| {
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

fn certificates(file: &Path) -> Result<Vec<Certificate>, Failure> {
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
/// The formats of which files are signed; all variants, or one.
const SIGNED: &[(&str, Option<&str>)] = &[("apple-ddm", Some("manual")), ("apple-mobileconfig", None)];
/// Far more than a key and a chain need.
const KEY_OCTETS_MAX: u64 = 1 << 20;
