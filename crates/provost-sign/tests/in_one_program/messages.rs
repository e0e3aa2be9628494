//! What errors say, and what nothing says: a key or a password.

use provost_sign::{Certificate, CertificateError, Key, KeyError, Password, Pkcs12, Refusal, Refused, SignerError};
use time::macros::datetime;

use crate::workshop::{AUTHORITY, P256, PASSWORD, Workshop, password};

#[test]
fn messages_name_what_was_found() {
    let damaged = der::Error::from(der::ErrorKind::Failed);
    let name = || "brainpoolP256r1".to_owned();
    let subject = || "CN=a".to_owned();
    let issuer = || "CN=b".to_owned();
    let date = datetime!(2026-11-28 12:00 UTC);
    let said = [
        KeyError::NoKey { found: vec!["CERTIFICATE".to_owned(), "EC PARAMETERS".to_owned()] }.to_string(),
        KeyError::NoKey { found: Vec::new() }.to_string(),
        KeyError::SeveralKeys { count: 2 }.to_string(),
        KeyError::PasswordNeeded.to_string(),
        KeyError::WrongPassword.to_string(),
        KeyError::DamagedPem.to_string(),
        KeyError::Damaged { what: "SEC1 key", source: damaged }.to_string(),
        KeyError::Refused(Refused::Curve { name: name() }).to_string(),
        CertificateError::NoCertificate { found: vec!["PRIVATE KEY".to_owned()] }.to_string(),
        CertificateError::Damaged { number: 2, source: damaged }.to_string(),
        Refused::Algorithm { name: "id-Ed25519".to_owned() }.to_string(),
        Refused::RsaLength { bits: 1024 }.to_string(),
        Refused::KeyEncryption { name: "pbeWithMD5AndDES-CBC".to_owned() }.to_string(),
        Refused::ProcType.to_string(),
        SignerError::OtherKey { subjects: vec![subject(), issuer()] }.to_string(),
        SignerError::SeveralCertificates { subjects: vec![subject(), issuer()] }.to_string(),
        SignerError::CompressedPoint { subject: subject() }.to_string(),
        Refusal::Expired { subject: subject(), not_after: date }.to_string(),
        Refusal::NotYetValid { subject: subject(), not_before: date }.to_string(),
        Refusal::SelfSigned { subject: subject() }.to_string(),
        Refusal::UnknownIssuer { subject: subject(), issuer: issuer() }.to_string(),
        Refusal::OtherIssuer { subject: subject(), issuer: issuer() }.to_string(),
        Refusal::NoAuthority { subject: subject(), issuer: issuer() }.to_string(),
        Refusal::PathTooLong { issuer: issuer(), allowed: 0, found: 1 }.to_string(),
    ];
    assert_eq!(said.join("\n"), SAID.trim());
}

#[test]
fn neither_key_nor_password_is_ever_shown() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.key("p256", P256);
    workshop.certificate("p256", None, AUTHORITY);
    let file = String::from_utf8(workshop.file("p256.key")).unwrap();
    let secret = file.lines().nth(1).unwrap();
    let key = Key::read(file.as_bytes(), None).unwrap();
    let mut shown = format!("{key:?} {:?} {:?}", password(), workshop.signer("p256", &["p256"]));
    workshop.openssl("pkcs12 -export -in p256.pem -inkey p256.key -passout env:P -out c");
    let pkcs12 = Pkcs12::read(&workshop.file("c"), Some(&password())).unwrap();
    shown += &format!("{pkcs12:?}");
    // The library that splits PEM quotes what it takes for a header.
    for damage in [
        file.replacen(secret, &format!("{secret}\n"), 1),
        file.replacen(secret, &format!("{secret}!"), 1),
        file.replacen("END PRIVATE", "END", 1),
        file.replacen("-----END", "", 1),
    ] {
        let error = Key::read(damage.as_bytes(), None).unwrap_err();
        assert_eq!(error, KeyError::DamagedPem);
        shown += &format!("{error} {error:?}");
        let error = Certificate::read(damage.as_bytes()).unwrap_err();
        shown += &format!("{error} {error:?}");
    }
    let wrong = Pkcs12::read(&workshop.file("c"), Some(&Password::new(PASSWORD.to_lowercase() + "x"))).unwrap_err();
    shown += &format!("{wrong} {wrong:?}");
    for part in [&secret[..16], &secret[secret.len() - 16..], PASSWORD, "wörd"] {
        assert!(!shown.contains(part), "{part}: {shown}");
    }
}

const SAID: &str = "
the file holds no private key, but: CERTIFICATE, EC PARAMETERS
the file holds no private key
the file holds 2 private keys; one is expected
the key is encrypted, and no password is given
the password does not open the key
the PEM text is damaged
the SEC1 key is damaged
a key on the curve brainpoolP256r1; signed with are P-256 and P-384
the file holds no certificate, but: PRIVATE KEY
certificate 2 of the file is damaged
a key for id-Ed25519; signed with are RSA of 2048, 3072 or 4096 bits, P-256 and P-384
an RSA key of 1024 bits; signed with are 2048, 3072 and 4096
a key encrypted with pbeWithMD5AndDES-CBC
a key encrypted as OpenSSL did before PKCS#8 (Proc-Type: 4,ENCRYPTED)
the key belongs to none of the certificates: CN=a; CN=b
the key belongs to 2 certificates: CN=a; CN=b
whether the key belongs to the certificate of CN=a cannot be told: its public key is compressed
the certificate of CN=a expired at 2026-11-28 12:00:00.0 +00:00:00
the certificate of CN=a is not valid before 2026-11-28 12:00:00.0 +00:00:00
the certificate of CN=a is self-signed: it names itself as its issuer
the certificate of CN=a was issued by CN=b, which is neither trusted nor in the chain
the signature in the certificate of CN=a is not by the CN=b that is trusted or in the chain
the certificate of CN=a was issued by CN=b, which is no certificate authority
CN=b allows 0 authorities below itself, and the chain has 1
";
