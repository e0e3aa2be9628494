//! Did the one who is named sign this content? One SignerInfo (RFC 5652 §5.3) at a time.

use std::fmt::Write;

use cms::signed_data::SignerInfo;
use der::Encode;
use der::asn1::{ObjectIdentifier, OctetStringRef};
use provost_account::{Findings, codes::profile as codes};

use super::certificate::Certificate;
use super::proof::{self, Hash, Proof};

/// Who signed, and whether the signature is theirs and over this content.
pub(super) fn judged(
    signer: &SignerInfo,
    certificate: &Certificate,
    content: &[u8],
    which: &str,
    findings: &mut Findings,
) -> String {
    let name = certificate.subject();
    let verdict = match verdict(signer, certificate, content) {
        Verdict::Verified => "the signature matches".to_owned(),
        Verdict::Changed { hash, signed, found } => {
            let message = format!(
                "{which}the content has the {} {}, and {} was signed: it was changed afterwards",
                hash.name(),
                hexadecimal(&found),
                hexadecimal(&signed)
            );
            findings.add(codes::SIGNED_CONTENT_CHANGED, None, message, SIGN_AGAIN);
            "its content was changed afterwards".to_owned()
        }
        Verdict::NotTheirs(what) => {
            findings.add(codes::SIGNATURE_MISMATCH, None, format!("{which}{}", what.message(&name)), SIGN_AGAIN);
            "the signature does not match".to_owned()
        }
        Verdict::NotChecked(algorithm) => {
            let message = format!("{which}the signature by {name} is not checked: {algorithm} is not known here");
            let fix = "sign with an RSA key of 2048 bits or more, or P-256, and SHA-256";
            findings.add(codes::SIGNATURE_NOT_CHECKED, None, message, fix);
            "the signature is not checked".to_owned()
        }
    };
    format!("{which}by {name}, valid until {}; {verdict}", certificate.not_after())
}

/// A signer of whom nothing can be said.
pub(super) fn unknown(which: &str, findings: &mut Findings) -> String {
    let message = format!("{which}the signer's certificate is not in the file, so no device can verify the signature");
    let fix = "sign with the certificate and its chain included";
    findings.add(codes::NO_SIGNER_CERTIFICATE, None, message, fix);
    format!("{which}by a signer whose certificate is not in the file")
}

enum Verdict {
    Verified,
    /// "the message digest value calculated by the recipient MUST be the same as the value of the messageDigest attribute"
    /// (RFC 5652 §5.6).
    Changed {
        hash: Hash,
        signed: Vec<u8>,
        found: Vec<u8>,
    },
    NotTheirs(NotTheirs),
    /// What is not known, in words.
    NotChecked(String),
}

enum NotTheirs {
    /// Another key signed, or something else.
    Signature,
    /// The signed attributes lack one, or it is about something else: its name.
    Attribute(&'static str),
}

impl NotTheirs {
    fn message(&self, name: &str) -> String {
        match self {
            Self::Signature => format!("the signature is not by the key in the certificate of {name}"),
            Self::Attribute(attribute) => {
                format!("the signature by {name} lacks the {attribute} of the content in what it signs")
            }
        }
    }
}

fn verdict(signer: &SignerInfo, certificate: &Certificate, content: &[u8]) -> Verdict {
    let Some(hash) = Hash::of(&signer.digest_alg) else {
        return Verdict::NotChecked(format!("the digest algorithm {}", signer.digest_alg.oid));
    };
    let attributes = match signer.signed_attrs {
        None => None,
        Some(_) => match over_attributes(signer, hash, content) {
            Ok(attributes) => Some(attributes),
            Err(verdict) => return verdict,
        },
    };
    let message = attributes.as_deref().unwrap_or(content);
    let signature = signer.signature.as_bytes();
    match proof::prove(certificate.key(), &signer.signature_algorithm, Some(hash), message, signature) {
        Proof::Matches => Verdict::Verified,
        Proof::Differs => Verdict::NotTheirs(NotTheirs::Signature),
        Proof::NotChecked => Verdict::NotChecked(format!(
            "the signature algorithm {} with {} and this key",
            signer.signature_algorithm.oid,
            hash.name()
        )),
    }
}

/// The octets that are signed in place of the content: "a separate encoding of the signedAttrs field" with "an EXPLICIT SET
/// OF tag" (RFC 5652 §5.4).
fn over_attributes(signer: &SignerInfo, hash: Hash, content: &[u8]) -> Result<Vec<u8>, Verdict> {
    let lack = |attribute| Verdict::NotTheirs(NotTheirs::Attribute(attribute));
    let attributes = signer.signed_attrs.as_ref().ok_or(lack("signed attributes"))?;
    // "MUST contain a single instance of AttributeValue" (RFC 5652 §11.1, §11.2).
    let value = |oid| {
        let mut of_it = attributes.iter().filter(|it| it.oid == oid);
        let (attribute, None) = (of_it.next()?, of_it.next()) else { return None };
        match attribute.values.as_ref() {
            [value] => Some(value),
            _ => None,
        }
    };
    let content_type = value(CONTENT_TYPE).and_then(|it| it.decode_as::<ObjectIdentifier>().ok());
    if content_type != Some(super::DATA) {
        return Err(lack("contentType"));
    }
    let signed = value(MESSAGE_DIGEST).and_then(|it| it.decode_as::<&OctetStringRef>().ok());
    let signed = signed.ok_or(lack("messageDigest"))?.as_bytes().to_vec();
    let found = hash.over(content);
    if signed != found {
        return Err(Verdict::Changed { hash, signed, found });
    }
    attributes.to_der().ok().ok_or(lack("signed attributes"))
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().take(SHOWN_OCTETS).fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").expect("a String takes everything");
        text
    }) + if octets.len() > SHOWN_OCTETS { "…" } else { "" }
}

const SIGN_AGAIN: &str = "sign the profile again, and publish the signed file as it is";
/// RFC 5652 §11.1 and §11.2.
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// Enough to tell two apart.
const SHOWN_OCTETS: usize = 8;
