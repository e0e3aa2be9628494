//! The signed file, as OpenSSL and as a DER library see it.

use cms::cert::CertificateChoices;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString, SetOfVec};
use der::{Any, Decode, Encode, Tag};
use provost_sign::{Key, Signer, SignerError};

use crate::workshop::{AUTHORITY, KINDS, LEAF, P256, Workshop, contents};

#[test]
fn openssl_gives_back_what_was_signed_and_refuses_what_was_changed() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    for (kind, how) in KINDS {
        workshop.key(kind, how);
        workshop.certificate(kind, Some("middle"), LEAF);
        let signer = workshop.signer(kind, &[kind, "middle"]);
        for content in contents() {
            let signed = signer.sign(&content).unwrap();
            assert_eq!(workshop.verified(&signed), Some(content.clone()), "{kind}, {} octets", content.len());
        }
        let content = b"<plist/>";
        let mut signed = signer.sign(content).unwrap();
        let at = signed.windows(content.len()).position(|it| it == content).unwrap();
        signed[at] ^= 1;
        assert_eq!(workshop.verified(&signed), None, "{kind}: the content is another");
        signed[at] ^= 1;
        *signed.last_mut().unwrap() ^= 1;
        assert_eq!(workshop.verified(&signed), None, "{kind}: the signature is another");
        *signed.last_mut().unwrap() ^= 1;
        assert!(workshop.verified(&signed).is_some(), "{kind}: nothing is changed");
    }
}

#[test]
fn a_signer_knows_what_it_signed_though_no_two_signatures_are_alike() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    for (kind, how) in KINDS {
        for name in [kind.to_owned(), format!("{kind}-other")] {
            workshop.key(&name, how);
            workshop.certificate(&name, Some("middle"), LEAF);
        }
        let signer = workshop.signer(kind, &[kind, "middle"]);
        let other = format!("{kind}-other");
        for content in contents() {
            let signed = signer.sign(&content).unwrap();
            assert!(signer.has_signed(&content, &signed), "{kind}");
            assert!(!signer.has_signed(b"other", &signed), "{kind}: the content is another");
            let by_other = workshop.signer(&other, &[&other, "middle"]);
            assert!(!by_other.has_signed(&content, &signed), "{kind}: the signer is another");
            let alone = workshop.signer(kind, &[kind]);
            assert!(!alone.has_signed(&content, &signed), "{kind}: the chain is another");
            let mut changed = signed.clone();
            *changed.last_mut().unwrap() ^= 1;
            assert!(!signer.has_signed(&content, &changed), "{kind}: the signature is another");
        }
        assert!(!signer.has_signed(b"", b""), "{kind}");
    }
}

/// ECDSA signatures have 70 to 72 octets, at times fewer: with each, all lengths fit.
#[test]
fn every_length_of_a_signature_fits() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    let signer = workshop.signer("middle", &["middle"]);
    let mut lengths = std::collections::BTreeSet::new();
    for number in 0..2_000_u32 {
        let signed = signer.sign(&number.to_be_bytes()).unwrap();
        let data = decoded(&signed);
        assert_eq!(encoded(&data), signed, "der reads and writes the same");
        let signature = data.signer_infos.0.get(0).unwrap().signature.as_bytes().len();
        if lengths.insert(signature) {
            assert_eq!(workshop.verified(&signed), Some(number.to_be_bytes().to_vec()), "{signature} octets");
        }
    }
    assert!(lengths.len() > 2, "{lengths:?}");
}

/// The reference is put together by the `cms` crate's types from OpenSSL's certificates, digest and signature. RSA
/// signatures have no randomness, so nothing is left out.
#[test]
fn the_file_is_what_a_der_library_makes_of_openssls_parts() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    workshop.key("rsa", KINDS[0].1);
    workshop.certificate("rsa", Some("middle"), LEAF);
    let signer = workshop.signer("rsa", &["rsa", "middle", "root"]);
    for content in contents() {
        workshop.write("content", &content);
        workshop.openssl("dgst -sha256 -binary -out digest content");
        let attributes = SetOfVec::try_from(vec![
            attribute("1.2.840.113549.1.9.3", Any::encode_from(&DATA).unwrap()),
            attribute("1.2.840.113549.1.9.4", Any::new(Tag::OctetString, workshop.file("digest")).unwrap()),
        ])
        .unwrap();
        workshop.write("attributes", attributes.to_der().unwrap());
        workshop.openssl("dgst -sha256 -sign rsa.key -out signature attributes");
        assert_eq!(signer.sign(&content).unwrap(), reference(&workshop, &content, attributes));
    }
}

#[test]
fn a_file_holds_what_openssl_writes_and_nothing_more() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    for (kind, how) in [KINDS[0], KINDS[3], KINDS[4]] {
        workshop.key(kind, how);
        workshop.certificate(kind, Some("middle"), LEAF);
        workshop.write("content", "<plist/>");
        let digest = if kind == "p384" { "sha384" } else { "sha256" };
        workshop.openssl(&format!(
            "cms -sign -binary -nodetach -nosmimecap -md {digest} -in content -signer {kind}.pem -inkey {kind}.key \
             -certfile middle.pem -outform DER -out theirs"
        ));
        let mut theirs = decoded(&workshop.file("theirs"));
        let mut ours = decoded(&workshop.signer(kind, &["middle", kind]).sign(b"<plist/>").unwrap());
        // What differs: the time, and with it the signature.
        for data in [&mut theirs, &mut ours] {
            let mut signer = data.signer_infos.0.get(0).unwrap().clone();
            signer.signature = OctetString::new(Vec::new()).unwrap();
            let kept = signer.signed_attrs.unwrap().into_vec().into_iter().filter(|it| it.oid != SIGNING_TIME);
            signer.signed_attrs = Some(SetOfVec::try_from(kept.collect::<Vec<_>>()).unwrap());
            data.signer_infos = SetOfVec::try_from(vec![signer]).unwrap().into();
        }
        assert_eq!(ours, theirs, "{kind}");
    }
}

#[test]
fn a_chain_is_put_in_order_and_strangers_are_left_out() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    for (name, issuer, extensions) in [
        ("lower", Some("middle"), AUTHORITY),
        ("leaf", Some("lower"), LEAF),
        ("stranger", None, AUTHORITY),
        ("sister", Some("lower"), LEAF),
    ] {
        workshop.key(name, P256);
        workshop.certificate(name, issuer, extensions);
    }
    // One of the same name as an authority of the chain, with another key.
    workshop.key("impostor", P256);
    workshop.certificate_of("/O=Example, Inc./CN=middle", "impostor", Some("stranger"), AUTHORITY, 365);
    let names = ["root", "stranger", "lower", "impostor", "leaf", "sister", "middle", "leaf", "lower"];
    let signer = workshop.signer("leaf", &names);
    assert_eq!(signer.certificate(), &workshop.certificates(&["leaf"])[0]);
    assert_eq!(signer.intermediates(), workshop.certificates(&["lower", "middle"]));
    assert_eq!(signer.root(), workshop.certificates(&["root"]).first());
    assert_eq!(signer.unrelated(), workshop.certificates(&["stranger", "impostor", "sister"]));
    let signed = signer.sign(b"x").unwrap();
    assert_eq!(workshop.verified(&signed), Some(b"x".to_vec()));
    let inside = decoded(&signed).certificates.unwrap().0.into_vec();
    assert_eq!(inside.len(), 3);

    let mut reversed = names;
    reversed.reverse();
    let key = Key::read(&workshop.file("leaf.key"), None).unwrap();
    let again = Signer::new(&key, workshop.certificates(&reversed)).unwrap();
    assert_eq!(again.intermediates(), signer.intermediates());
}

#[test]
fn a_key_and_certificates_that_do_not_belong_together_make_no_signer() {
    let Some(workshop) = Workshop::open() else { return };
    for (kind, how) in KINDS {
        workshop.key(kind, how);
        workshop.certificate(kind, None, LEAF);
    }
    workshop.key("other", P256);
    workshop.key("rsa-other", KINDS[0].1);
    let names = KINDS.map(|(kind, _)| kind);
    let subjects = names.map(|name| format!("CN={name},O=Example\\, Inc.")).to_vec();
    for name in ["other", "rsa-other"] {
        let key = Key::read(&workshop.file(&format!("{name}.key")), None).unwrap();
        let error = Signer::new(&key, workshop.certificates(&names)).unwrap_err();
        assert_eq!(error, SignerError::OtherKey { subjects: subjects.clone() });
        assert_eq!(Signer::new(&key, Vec::new()).unwrap_err(), SignerError::OtherKey { subjects: Vec::new() });
    }
    // Renewed with the same key.
    let before = workshop.certificates(&["p256"]);
    workshop.certificate("p256", None, LEAF);
    let both = [before, workshop.certificates(&["p256"])].concat();
    let key = Key::read(&workshop.file("p256.key"), None).unwrap();
    let error = Signer::new(&key, both).unwrap_err();
    assert!(matches!(&error, SignerError::SeveralCertificates { subjects } if subjects.len() == 2), "{error:?}");
}

/// RFC 5480 §2.2 allows both forms of a point, and ring reads one. An authority of the other form is no obstacle.
#[test]
fn a_compressed_public_key_is_told_from_a_foreign_one() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.key("plain", P256);
    workshop.openssl("ec -in plain.key -conv_form compressed -out root.key");
    workshop.certificate("root", None, AUTHORITY);
    let key = Key::read(&workshop.file("root.key"), None).unwrap();
    let error = Signer::new(&key, workshop.certificates(&["root"])).unwrap_err();
    assert!(matches!(error, SignerError::CompressedPoint { .. }), "{error:?}");
    workshop.key("leaf", P256);
    workshop.certificate("leaf", Some("root"), LEAF);
    assert!(
        Signer::new(&Key::read(&workshop.file("leaf.key"), None).unwrap(), workshop.certificates(&["root", "leaf"]))
            .is_ok()
    );
}

fn reference(workshop: &Workshop, content: &[u8], attributes: SetOfVec<x509_cert::attr::Attribute>) -> Vec<u8> {
    let [leaf, middle] = ["rsa", "middle"].map(|name| {
        let der = workshop.certificates(&[name])[0].der().to_vec();
        x509_cert::Certificate::from_der(&der).unwrap()
    });
    let sha256 = x509_cert::spki::AlgorithmIdentifierOwned {
        oid: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"),
        parameters: None,
    };
    let rsa = x509_cert::spki::AlgorithmIdentifierOwned {
        oid: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"),
        parameters: Some(Any::null()),
    };
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(cms::cert::IssuerAndSerialNumber {
            issuer: leaf.tbs_certificate().issuer().clone(),
            serial_number: leaf.tbs_certificate().serial_number().clone(),
        }),
        digest_alg: sha256.clone(),
        signed_attrs: Some(attributes),
        signature_algorithm: rsa,
        signature: OctetString::new(workshop.file("signature")).unwrap(),
        unsigned_attrs: None,
    };
    let certificates = [leaf, middle].map(CertificateChoices::Certificate).to_vec();
    encoded(&SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![sha256]).unwrap(),
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: DATA,
            econtent: Some(Any::new(Tag::OctetString, content).unwrap()),
        },
        certificates: Some(SetOfVec::try_from(certificates).unwrap().into()),
        crls: None,
        signer_infos: SetOfVec::try_from(vec![signer]).unwrap().into(),
    })
}

fn attribute(oid: &str, value: Any) -> x509_cert::attr::Attribute {
    let values = SetOfVec::try_from(vec![value]).unwrap();
    x509_cert::attr::Attribute { oid: ObjectIdentifier::new_unwrap(oid), values }
}

fn decoded(file: &[u8]) -> SignedData {
    ContentInfo::from_der(file).unwrap().content.decode_as().unwrap()
}

fn encoded(data: &SignedData) -> Vec<u8> {
    let content = Any::encode_from(data).unwrap();
    ContentInfo { content_type: ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2"), content }.to_der().unwrap()
}

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
