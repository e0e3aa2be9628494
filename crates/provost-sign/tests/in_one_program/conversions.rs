//! Each command that a refusal names is followed, in the situation in which it is named.

use std::path::Path;

use provost_sign::{Certificate, CertificateError, Key, KeyError, Password, Pkcs12, Refused};

use crate::workshop::{AUTHORITY, P256, Workshop, installed, password};

#[test]
fn keys_are_converted_as_their_refusal_says() {
    let Some(workshop) = Workshop::open() else { return };
    for (how, passwords) in [
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit -out odd", ""),
        ("rsa -traditional -in rsa.key -aes128 -passout env:P -out odd", "-passin env:P -passout env:P"),
        ("rsa -traditional -in rsa.key -des3 -passout env:P -out odd", "-passin env:P -passout env:P"),
        ("ec -in p256.key -aes256 -passout env:P -out odd", "-passin env:P -passout env:P"),
        ("pkcs8 -topk8 -in p256.key -v2 camellia-256-cbc -passout env:P -out odd", "-passin env:P -passout env:P"),
        (
            "pkcs8 -provider legacy -provider default -topk8 -in p256.key -v1 PBE-MD5-DES -passout env:P -out odd",
            "-passin env:P -passout env:P",
        ),
        (
            "pkcs8 -topk8 -outform DER -in p256.key -v1 PBE-SHA1-RC2-128 -provider legacy -provider default \
             -passout env:P -out odd",
            "-passin env:P -passout env:P",
        ),
        ("genpkey -algorithm ED25519 -out odd", "-passout env:P"),
        ("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out odd", "-passout env:P"),
    ] {
        workshop.key("p256", P256);
        workshop.openssl("genpkey -algorithm RSA -out rsa.key");
        workshop.openssl(how);
        let KeyError::Refused(refused) = Key::read(&workshop.file("odd"), Some(&password())).unwrap_err() else {
            panic!("{how}")
        };
        let new = follow(&workshop, &refused, passwords);
        Key::read(&new, Some(&password())).unwrap_or_else(|error| panic!("{how}: {refused:?}: {error}"));
    }
}

#[test]
fn openssh_keys_are_converted_as_their_refusal_says() {
    let (Some(workshop), Some(ssh_keygen)) = (Workshop::open(), installed("ssh-keygen")) else { return };
    workshop.run(&ssh_keygen, "-q -t ecdsa -N long-enough -f odd");
    let KeyError::Refused(refused) = Key::read(&workshop.file("odd"), None).unwrap_err() else { panic!() };
    assert_eq!(refused, Refused::OpenSsh);
    let line = refused.conversion().replace("FILE", "odd");
    let arguments = line.strip_prefix("ssh-keygen ").unwrap();
    workshop.run(&ssh_keygen, &format!("{arguments} -P long-enough -N other-words"));
    assert!(Key::read(&workshop.file("odd"), Some(&Password::new("other-words".to_owned()))).is_ok());
}

#[test]
fn pkcs12_files_are_converted_as_their_refusal_says() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.key("p256", P256);
    workshop.certificate("p256", None, AUTHORITY);
    for how in ["-keypbe camellia-128-cbc", "-legacy -certpbe PBE-SHA1-RC2-128", "-macalg sha512-256"] {
        workshop.openssl(&format!("pkcs12 -export -in p256.pem -inkey p256.key -passout env:P {how} -out odd"));
        let file = workshop.file("odd");
        let KeyError::Refused(refused) = Pkcs12::read(&file, Some(&password())).unwrap_err() else { panic!("{how}") };
        let new = follow(&workshop, &refused, "-passin env:P -passout env:P");
        assert!(Key::read(&new, Some(&password())).is_ok(), "{how}");
        assert_eq!(Certificate::read(&new).unwrap(), workshop.certificates(&["p256"]), "{how}");
        assert_eq!(Certificate::read(&file).unwrap_err(), CertificateError::Refused(Refused::Pkcs12));
    }
}

#[test]
fn bundles_of_certificates_are_converted_as_their_refusal_says() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    for (form, more) in [("PEM", ""), ("DER", "-inform DER")] {
        workshop.openssl(&format!("crl2pkcs7 -nocrl -certfile middle.pem -certfile root.pem -outform {form} -out odd"));
        let refused = Certificate::read(&workshop.file("odd")).unwrap_err();
        assert_eq!(refused, CertificateError::Refused(Refused::Pkcs7));
        let new = follow(&workshop, &Refused::Pkcs7, more);
        assert_eq!(Certificate::read(&new).unwrap(), workshop.certificates(&["middle", "root"]));
    }
}

#[test]
fn java_key_stores_are_converted_as_their_refusal_says() {
    let (Some(workshop), Some(keytool)) = (Workshop::open(), installed("keytool")) else { return };
    for kind in ["jks", "jceks"] {
        workshop.run(
            &keytool,
            &format!(
                "-genkeypair -keystore {kind} -storetype {kind} -storepass:env A -keypass:env A -alias a -dname CN=a \
                 -keyalg EC -groupname secp384r1"
            ),
        );
        let KeyError::Refused(refused) = Pkcs12::read(&workshop.file(kind), None).unwrap_err() else { panic!() };
        assert_eq!(refused, Refused::JavaKeystore);
        let new = format!("{kind}.p12");
        let line = refused.conversion().replace("FILE", kind).replace("NEW", &new);
        let arguments = line.strip_prefix("keytool ").unwrap();
        workshop.run(&keytool, &format!("{arguments} -srcstorepass:env A -deststorepass:env A"));
        let password = Password::new("ascii only".to_owned());
        assert_eq!(Pkcs12::read(&workshop.file(&new), Some(&password)).unwrap().certificates.len(), 1);
    }
}

/// Runs the command for the file `odd`, with passwords where it would ask, and gives what it wrote.
#[track_caller]
fn follow(workshop: &Workshop, refused: &Refused, passwords: &str) -> Vec<u8> {
    let line = refused.conversion().replace("FILE", "odd").replace("NEW", "new");
    let arguments = line.strip_prefix("openssl ").unwrap();
    workshop.openssl(&format!("{arguments} {passwords}"));
    let written = if Path::new(&workshop.folder().join("new.key")).exists() { "new.key" } else { "new" };
    workshop.file(written)
}
