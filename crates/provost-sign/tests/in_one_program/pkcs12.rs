//! PKCS#12 files of OpenSSL 3, of its `-legacy`, of Java's keytool, and of programs that leave lengths open.

use provost_sign::{Key, KeyError, Password, Pkcs12, Refused, Signer};

use crate::workshop::{KINDS, LEAF, P256, PASSWORD, Workshop, installed, password};

#[test]
fn every_kind_of_key_signs_from_every_pkcs12_file() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    let keytool = installed("keytool");
    for (kind, how) in KINDS {
        workshop.key(kind, how);
        workshop.certificate(kind, Some("middle"), LEAF);
        let export = format!("pkcs12 -export -in {kind}.pem -inkey {kind}.key -certfile middle.pem -out c");
        for more in [
            "",
            "-legacy",
            "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
            "-keypbe AES-128-CBC -certpbe AES-192-CBC -macalg sha384",
            "-keypbe NONE -certpbe NONE -macalg sha512",
            "-nomac",
        ] {
            let export = format!("{export} -passout env:P {more}");
            workshop.openssl(&export);
            signs_as(&workshop, &password(), &export);
        }
        let Some(keytool) = &keytool else { continue };
        workshop.openssl(&format!("{export} -passout env:A -name mine"));
        for legacy in ["false", "true"] {
            let import = format!(
                "-J-Dkeystore.pkcs12.legacy={legacy} -importkeystore -srckeystore c -srcstorepass:env A \
                 -destkeystore {kind}.{legacy} -deststoretype pkcs12 -deststorepass:env A"
            );
            // The property counts by being there.
            let import =
                if legacy == "false" { import.replacen("-J-Dkeystore.pkcs12.legacy=false ", "", 1) } else { import };
            workshop.run(keytool, &import);
            workshop.write("java", workshop.file(&format!("{kind}.{legacy}")));
            let file = workshop.file("java");
            signs(&workshop, &file, &Password::new("ascii only".to_owned()), &import);
        }
    }
}

/// Bouncy Castle writes lengths that are open. OpenSSL reads the same rewritten file, so it is one.
#[test]
fn open_lengths_are_read() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    workshop.key("p256", P256);
    workshop.certificate("p256", Some("middle"), LEAF);
    for more in ["", "-legacy", "-keypbe NONE -certpbe NONE"] {
        workshop.openssl(&format!(
            "pkcs12 -export -in p256.pem -inkey p256.key -certfile middle.pem -passout env:P {more} -out c"
        ));
        let open = opened(&workshop.file("c"));
        workshop.write("open", &open);
        workshop
            .openssl(&format!("pkcs12 -in open -passin env:P -noout {}", more.split_once(" ").map_or(more, |_| "")));
        signs(&workshop, &open, &password(), more);
    }
}

#[test]
fn a_password_is_needed_and_must_be_the_right_one() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    for more in ["", "-legacy", "-nomac", "-nomac -legacy"] {
        let export = "pkcs12 -export -in root.pem -inkey root.key";
        workshop.openssl(&format!("{export} -passout env:P {more} -out c"));
        let file = workshop.file("c");
        assert_eq!(Pkcs12::read(&file, None).unwrap_err(), KeyError::PasswordNeeded, "{more}");
        let wrong = Password::new(PASSWORD.to_uppercase());
        let refused = Pkcs12::read(&file, Some(&wrong)).unwrap_err();
        // Without a MAC, one wrong password in 256 opens something, which is damaged.
        assert!(refused == KeyError::WrongPassword || more.contains("nomac"), "{more}: {refused:?}");
        workshop.openssl(&format!("{export} -passout pass: {more} -out c"));
        assert!(Pkcs12::read(&workshop.file("c"), None).is_ok(), "{more}");
    }
}

/// Where nothing is encrypted, the MAC alone tells.
#[test]
fn a_changed_file_is_refused_by_its_mac() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    for digest in ["sha1", "sha256", "sha384", "sha512"] {
        workshop.openssl(&format!(
            "pkcs12 -export -in root.pem -inkey root.key -keypbe NONE -certpbe NONE -macalg {digest} -passout env:P -out c"
        ));
        let mut file = workshop.file("c");
        assert!(Pkcs12::read(&file, Some(&password())).is_ok());
        let at = file.windows(4).position(|it| it == b"root").unwrap();
        file[at] = b'b';
        assert_eq!(Pkcs12::read(&file, Some(&password())).unwrap_err(), KeyError::WrongPassword, "{digest}");
    }
}

#[test]
fn other_pkcs12_files_are_refused() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    let read = |how: &str| {
        workshop.openssl(&format!("pkcs12 -export -passout env:P {how} -out c"));
        Pkcs12::read(&workshop.file("c"), Some(&password())).unwrap_err()
    };
    let camellia = "-in root.pem -inkey root.key -keypbe camellia-128-cbc";
    let encryption = |name: &str| KeyError::Refused(Refused::Pkcs12Encryption { name: name.to_owned() });
    assert_eq!(read(camellia), encryption("camellia-128-cbc"));
    let rc2 = "-legacy -in root.pem -inkey root.key -certpbe PBE-SHA1-RC2-128";
    assert_eq!(read(rc2), encryption("pbeWithSHAAnd128BitRC2-CBC"));
    let mac = "-in root.pem -inkey root.key -macalg sha512-256";
    assert_eq!(read(mac), KeyError::Refused(Refused::Pkcs12Mac { name: "2.16.840.1.101.3.4.2.6".to_owned() }));
    assert_eq!(read("-nokeys -in root.pem"), KeyError::NoKey { found: vec!["CERTIFICATE".to_owned()] });
    workshop.key("ed", "-algorithm ED25519");
    workshop.certificate("ed", Some("root"), LEAF);
    let ed25519 = Refused::Algorithm { name: "id-Ed25519".to_owned() };
    assert_eq!(read("-in ed.pem -inkey ed.key"), KeyError::Refused(ed25519));
    assert_eq!(Key::read(&workshop.file("c"), None).unwrap_err(), KeyError::Refused(Refused::Pkcs12));
    let damaged = |file: &[u8]| Pkcs12::read(file, None).unwrap_err();
    for file in [b"".as_slice(), &workshop.file("root.pem"), &workshop.file("c")[..300]] {
        assert!(matches!(damaged(file), KeyError::Damaged { what: "PKCS#12 file", .. }), "{file:?}");
    }
}

#[test]
fn a_key_store_with_two_keys_is_refused() {
    let (Some(workshop), Some(keytool)) = (Workshop::open(), installed("keytool")) else { return };
    for alias in ["one", "two"] {
        let make = "-genkeypair -keystore s -storetype pkcs12 -storepass:env A -keyalg EC -groupname secp256r1";
        workshop.run(&keytool, &format!("{make} -alias {alias} -dname CN={alias}"));
    }
    let password = Password::new("ascii only".to_owned());
    let refused = Pkcs12::read(&workshop.file("s"), Some(&password)).unwrap_err();
    assert_eq!(refused, KeyError::SeveralKeys { count: 2 });
}

#[track_caller]
fn signs_as(workshop: &Workshop, password: &Password, how: &str) {
    signs(workshop, &workshop.file("c"), password, how);
}

#[track_caller]
fn signs(workshop: &Workshop, file: &[u8], password: &Password, how: &str) {
    let read = Pkcs12::read(file, Some(password)).unwrap_or_else(|error| panic!("{how}: {error}"));
    let signer = Signer::new(&read.key, read.certificates).unwrap();
    assert_eq!(signer.intermediates().len(), 1, "{how}");
    let signed = signer.sign(how.as_bytes()).unwrap();
    assert_eq!(workshop.verified(&signed).as_deref(), Some(how.as_bytes()), "{how}");
}

/// The same file with every length open that may be, and octet strings in pieces of 100 octets.
fn opened(der: &[u8]) -> Vec<u8> {
    let mut rest = der;
    let mut ber = Vec::new();
    while let [tag, first, after @ ..] = rest {
        let more = if *first < 0x80 { 0 } else { usize::from(first & 0x7f) };
        let length = after[..more]
            .iter()
            .fold(usize::from(*first) * usize::from(more == 0), |sum, it| sum << 8 | usize::from(*it));
        let value = &after[more..more + length];
        rest = &after[more + length..];
        let pieces = || -> Vec<u8> {
            let piece = |it: &[u8]| [&[0x04, u8::try_from(it.len()).unwrap()], it].concat();
            value.chunks(100).flat_map(piece).collect()
        };
        let (tag, inside) = match tag {
            0x04 if length > 100 => (0x24, pieces()),
            0x80 => (0xa0, pieces()),
            tag if tag & 0x20 != 0 => (*tag, opened(value)),
            tag => {
                ber.extend_from_slice(&[*tag, *first]);
                ber.extend_from_slice(&after[..more + length]);
                continue;
            }
        };
        ber.extend_from_slice(&[tag, 0x80]);
        ber.extend_from_slice(&inside);
        ber.extend_from_slice(&[0, 0]);
    }
    ber
}
