//! Every kind of key in every container signs what OpenSSL verifies.

use provost_sign::{Key, KeyError, Password, Refused, Signer};

use crate::workshop::{KINDS, LEAF, P256, Workshop, password};

#[test]
fn every_kind_of_key_signs_from_every_container() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    for (kind, how) in KINDS {
        workshop.key(kind, how);
        workshop.certificate(kind, Some("middle"), LEAF);
        let mut containers = vec![
            format!("pkey -in {kind}.key -out c"),
            format!("pkey -in {kind}.key -outform DER -out c"),
            format!("pkcs8 -topk8 -in {kind}.key -passout env:P -out c"),
            format!("pkcs8 -topk8 -in {kind}.key -passout env:P -outform DER -out c"),
            format!("pkcs8 -topk8 -in {kind}.key -passout env:P -scrypt -out c"),
        ];
        let own = if kind.starts_with("rsa") { "rsa -traditional" } else { "ec" };
        containers.push(format!("{own} -in {kind}.key -out c"));
        containers.push(format!("{own} -in {kind}.key -outform DER -out c"));
        if own == "ec" {
            containers.push(format!("ec -no_public -in {kind}.key -out c"));
            containers.push(format!("ec -no_public -in {kind}.key -outform DER -out c"));
        }
        for container in &containers {
            workshop.openssl(container);
            signs_as(&workshop, kind, container);
        }
    }
}

#[test]
fn every_cipher_and_hash_of_encrypted_keys_is_opened() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    workshop.key("p256", P256);
    workshop.certificate("p256", Some("middle"), LEAF);
    for cipher in ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des-ede3-cbc"] {
        for hash in ["hmacWithSHA1", "hmacWithSHA256", "hmacWithSHA384", "hmacWithSHA512"] {
            let container = format!("pkcs8 -topk8 -in p256.key -passout env:P -v2 {cipher} -v2prf {hash} -out c");
            workshop.openssl(&container);
            signs_as(&workshop, "p256", &container);
        }
    }
    workshop.openssl("pkcs8 -topk8 -in p256.key -passout env:P -v1 PBE-SHA1-3DES -out c");
    signs_as(&workshop, "p256", "PBE-SHA1-3DES");
}

/// `openssl ecparam -genkey` writes the curve's parameters before the key, `openssl pkcs12` names and attributes; a web
/// server's file has the certificate beside the key.
#[test]
fn what_stands_beside_a_key_does_not_matter() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    workshop.openssl("ecparam -name prime256v1 -genkey -out p256.key");
    workshop.certificate("p256", Some("middle"), LEAF);
    let [key, leaf] = ["p256.key", "p256.pem"].map(|name| workshop.file(name));
    let together = [b"Bag Attributes\n    friendlyName: \xff\n", leaf.as_slice(), &key].concat();
    for (what, file) in [("parameters", key.clone()), ("certificate", together), ("CRLF", crlf(&key))] {
        workshop.write("c", file);
        signs_as(&workshop, "p256", what);
    }
}

/// Private numbers that begin with zeros (one in 256): RFC 5915 §3 keeps them, and not every program does.
#[test]
fn a_key_without_its_leading_zeros_is_the_same_key() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    // 1, the shortest of all private keys.
    let sec1 = b"\x30\x12\x02\x01\x01\x04\x01\x01\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07".as_slice();
    let whole = [b"\x30\x31\x02\x01\x01\x04\x20".as_slice(), &[0; 31], &sec1[7..]].concat();
    workshop.write("short.der", sec1);
    workshop.write("whole.der", whole);
    workshop.openssl("ec -inform DER -in whole.der -out one.key");
    workshop.certificate("one", Some("middle"), LEAF);
    for name in ["short.der", "whole.der"] {
        workshop.write("c", workshop.file(name));
        signs_as(&workshop, "one", name);
    }
}

#[test]
fn a_password_is_needed_and_must_be_the_right_one() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.key("p256", P256);
    for how in ["-iter 1", "-scrypt", "-v1 PBE-SHA1-3DES -iter 1"] {
        workshop.openssl(&format!("pkcs8 -topk8 -in p256.key -passout env:P {how} -out c"));
        let file = workshop.file("c");
        assert_eq!(Key::read(&file, None).unwrap_err(), KeyError::PasswordNeeded);
        // More than 256, for one in 256 leaves what looks like padding.
        for wrong in 0..if how == "-scrypt" { 2 } else { 600 } {
            let wrong = Password::new(format!("{wrong}"));
            assert_eq!(Key::read(&file, Some(&wrong)).unwrap_err(), KeyError::WrongPassword);
        }
        assert!(Key::read(&file, Some(&password())).is_ok());
    }
}

#[test]
fn keys_of_other_kinds_are_refused_by_name() {
    let Some(workshop) = Workshop::open() else { return };
    let length = |bits| Refused::RsaLength { bits };
    let algorithm = |name: &str| Refused::Algorithm { name: name.to_owned() };
    let curve = |name: &str| Refused::Curve { name: name.to_owned() };
    for (how, expected) in [
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:1024", length(1024)),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:2560", length(2560)),
        ("-algorithm RSA -pkeyopt rsa_keygen_bits:4352", length(4352)),
        ("-algorithm RSA -pkeyopt rsa_keygen_pubexp:3", Refused::RsaExponent),
        ("-algorithm RSA -pkeyopt rsa_keygen_primes:3", Refused::RsaPrimes),
        ("-algorithm RSA-PSS", algorithm("id-RSASSA-PSS")),
        ("-algorithm ED25519", algorithm("id-Ed25519")),
        ("-algorithm ED448", algorithm("id-Ed448")),
        ("-algorithm X25519", algorithm("id-X25519")),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:P-521", curve("secp521r1")),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:P-224", curve("secp224r1")),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", curve("secp256k1")),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1", curve("brainpoolP256r1")),
        ("-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit", Refused::ExplicitCurve),
    ] {
        workshop.key("odd", how);
        workshop.openssl("pkcs8 -topk8 -nocrypt -in odd.key -outform DER -out odd.der");
        for file in ["odd.key", "odd.der"] {
            assert_eq!(
                Key::read(&workshop.file(file), None).unwrap_err(),
                KeyError::Refused(expected.clone()),
                "{how}"
            );
        }
    }
    workshop.openssl("dsaparam -genkey -noout -out dsa.key 1024");
    workshop.openssl("dsa -in dsa.key -out dsa.pem");
    workshop.openssl("dsa -in dsa.key -outform DER -out dsa.der");
    for (file, name) in [("dsa.key", "id-dsa"), ("dsa.pem", "DSA"), ("dsa.der", "DSA")] {
        let refused = Key::read(&workshop.file(file), None).unwrap_err();
        assert_eq!(refused, KeyError::Refused(algorithm(name)), "{file}");
    }
}

#[test]
fn files_without_one_whole_key_say_so() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    let [key, certificate] = ["root.key", "root.pem"].map(|name| workshop.file(name));
    workshop.openssl("x509 -in root.pem -outform DER -out root.der");
    let nothing = |found: &[&str]| KeyError::NoKey { found: found.iter().map(|&it| it.to_owned()).collect() };
    let read = |file: &[u8]| Key::read(file, None).unwrap_err();
    assert_eq!(read(&certificate), nothing(&["CERTIFICATE"]));
    assert_eq!(read(&workshop.file("root.der")), nothing(&[]));
    assert_eq!(read(&[key.as_slice(), &key].concat()), KeyError::SeveralKeys { count: 2 });
    assert_eq!(read(&key[..key.len() - 30]), KeyError::DamagedPem);
    assert_eq!(read(&[certificate.as_slice(), &key[..60]].concat()), KeyError::DamagedPem);
    for damaged in [b"".as_slice(), b"\x30", b"\x30\x80\x00\x00", b"a key", &workshop.file("root.der")[..99]] {
        assert!(matches!(read(damaged), KeyError::Damaged { what: "private key", .. }), "{damaged:?}");
    }
}

/// Each octet of a key in its turn is wrong: the key is refused, or is another one, and is never a panic.
#[test]
fn damaged_keys_end_in_an_error() {
    let Some(workshop) = Workshop::open() else { return };
    for (name, how) in [KINDS[0], KINDS[3]] {
        workshop.key(name, how);
        workshop.certificate(name, None, LEAF);
        let own = if name == "p256" { "ec" } else { "rsa -traditional" };
        for container in ["pkcs8 -topk8 -nocrypt", own, "pkcs8 -topk8 -passout env:P -iter 1"] {
            workshop.openssl(&format!("{container} -in {name}.key -outform DER -out c"));
            let whole = workshop.file("c");
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] ^= 0x41;
                if let Ok(key) = Key::read(&damaged, Some(&password())) {
                    drop(Signer::new(&key, workshop.certificates(&[name])));
                }
                drop(Key::read(&whole[..at], Some(&password())).unwrap_err());
            }
        }
    }
}

/// The key in the file `c` signs with the certificate of `kind`, and OpenSSL verifies it.
#[track_caller]
fn signs_as(workshop: &Workshop, kind: &str, container: &str) {
    let key = Key::read(&workshop.file("c"), Some(&password())).unwrap_or_else(|error| panic!("{container}: {error}"));
    let signer = Signer::new(&key, workshop.certificates(&[kind, "middle"])).unwrap();
    let content = container.as_bytes();
    assert_eq!(workshop.verified(&signer.sign(content).unwrap()).as_deref(), Some(content), "{container}");
}

fn crlf(text: &[u8]) -> Vec<u8> {
    String::from_utf8(text.to_vec()).unwrap().replace('\n', "\r\n").into_bytes()
}
