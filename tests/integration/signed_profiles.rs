//! Profiles that OpenSSL signs and Python converts to binary during the test: each reads like the plain one. The keys
//! are made for the test and thrown away.

use std::fs;
use std::path::Path;
use std::process::Command;

use provost_account::codes;
use provost_device::{Person, Reading, SourceFile};
use provost_tests::{folder, installed, provost, root};

#[test]
fn what_openssl_signs_is_read_as_what_was_signed() {
    let Some(openssl) = installed("openssl") else { return };
    let folder = folder();
    let plain = golden();
    fs::write(folder.path().join("plain"), &plain).unwrap();
    let openssl = |arguments: &str| {
        let run = Command::new(&openssl).args(arguments.split(' ')).current_dir(folder.path()).output().unwrap();
        assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
    };
    for (name, key) in [("rsa", "rsa:2048"), ("p256", "ec -pkeyopt ec_paramgen_curve:P-256")] {
        openssl(&format!(
            "req -x509 -newkey {key} -nodes -keyout {name}.key -out {name}.pem -days 30 -subj /CN={name}.example"
        ));
        let sign = format!("cms -sign -binary -nodetach -in plain -signer {name}.pem -inkey {name}.key");
        for (end, more) in [
            ("der", "-outform DER"),
            ("ber", "-stream -outform DER"),
            ("keyid", "-keyid -outform DER"),
            ("text", "-outform PEM"),
        ] {
            openssl(&format!("{sign} {more} -out {name}.{end}"));
            let reading = read(&fs::read(folder.path().join(format!("{name}.{end}"))).unwrap());
            let (found, expected) = (&reading.profiles[0], &read(&plain).profiles[0]);
            assert_eq!(found.account, expected.account, "{name}.{end}");
            assert_eq!(found.identifiers, expected.identifiers, "{name}.{end}");
            let [by] = found.assumed.as_slice() else { panic!("{:?}", found.assumed) };
            assert!(by.value.starts_with(&format!("by CN={name}.example, valid until ")), "{}", by.value);
            let codes: Vec<&str> = reading.findings.iter().map(|finding| finding.code.name).collect();
            assert_eq!(codes, if end == "text" { vec!["pem-armoured"] } else { vec![] });
        }
    }
    let signed = folder.path().join("rsa.der");
    let explained = provost(&["explain", signed.to_str().unwrap()]);
    assert_eq!(explained.status, Some(0), "{}", explained.stderr);
    assert!(explained.stdout.contains("assumes        signature = by CN=rsa.example"), "{}", explained.stdout);
}

#[test]
fn what_python_makes_binary_is_read_as_what_it_was() {
    let Some(python) = installed("python3") else { return };
    let folder = folder();
    let path = folder.path().join("binary");
    let run = Command::new(python).args(["-c", TO_BINARY]).arg(golden_path()).arg(&path).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let reading = read(&fs::read(path).unwrap());
    assert_eq!(reading.profiles, read(&golden()).profiles);
    assert_eq!(reading.findings, []);
}

/// Declarations for installing by hand, signed, binary, and both: the account is that of the plain profile.
#[test]
fn declarations_in_a_profile_are_read_whatever_is_around_it() {
    let (Some(openssl), Some(python)) = (installed("openssl"), installed("python3")) else { return };
    let folder = folder();
    let plain = root().join("fixtures/golden/apple-ddm/manual/awkward/mail.mobileconfig");
    let run = |program: &Path, arguments: &[&str]| {
        let run = Command::new(program).args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    };
    fs::copy(&plain, folder.path().join("plain")).unwrap();
    run(&python, &["-c", TO_BINARY, "plain", "binary"]);
    let request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "pem", "-subj", "/CN=x"];
    run(&openssl, &request);
    let sign = ["cms", "-sign", "-binary", "-nodetach", "-signer", "pem", "-inkey", "key"];
    for (from, to, more) in [
        ("plain", "signed", &["-outform", "DER"][..]),
        ("plain", "streamed", &["-stream", "-outform", "DER"]),
        ("plain", "armoured", &["-outform", "PEM"]),
        ("binary", "binary-and-signed", &["-outform", "DER"]),
    ] {
        run(&openssl, &[&sign[..], more, &["-in", from, "-out", to]].concat());
    }
    let read = |name: &str| {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        let file = SourceFile::nameless(&bytes);
        let format = provost_device::recognize(&file).unwrap();
        assert_eq!(format.name, "apple-ddm", "{name}");
        format.read(&[file], &Person::default()).unwrap()
    };
    let expected = read("plain");
    for (name, codes) in [
        ("binary", &[][..]),
        ("signed", &[]),
        ("streamed", &[]),
        ("armoured", &["pem-armoured"]),
        ("binary-and-signed", &[]),
    ] {
        let reading = read(name);
        let [found] = reading.profiles.as_slice() else { panic!("{name}: {} accounts", reading.profiles.len()) };
        assert_eq!(found.account, expected.profiles[0].account, "{name}");
        let signers: Vec<&str> =
            found.assumed.iter().map(|it| it.value.as_str()).filter(|it| it.starts_with("by ")).collect();
        assert_eq!(signers.len(), usize::from(name != "binary"), "{name}: {signers:?}");
        let more: Vec<&str> = reading
            .findings
            .iter()
            .map(|finding| finding.code.name)
            .filter(|code| !expected.findings.iter().any(|it| it.code.name == *code))
            .collect();
        assert_eq!(more, codes, "{name}");
    }
}

/// A signed file that is nothing but one text of eight megabytes, nested pieces, and lengths that lie.
#[test]
fn hostile_signatures_end_in_a_finding() {
    let start = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80";
    for inside in [
        b"\x30\x80".repeat(1 << 20),
        b"\x24\x80".repeat(1 << 20),
        b"\x30\x84\xff\xff\xff\xff".to_vec(),
        [&b"\x04\x83\x7f\xff\x00"[..], &vec![b' '; 8 << 20]].concat(),
    ] {
        let bytes = [start, inside.as_slice()].concat();
        let file = SourceFile::nameless(&bytes);
        let format = provost_device::recognize(&file).unwrap();
        let findings = format.read(&[file], &Person::default()).unwrap_err();
        assert!([codes::profile::CMS_SYNTAX, codes::profile::TOO_LARGE].contains(&findings[0].code), "{findings:?}");
    }
}

fn read(bytes: &[u8]) -> Reading {
    let file = SourceFile::nameless(bytes);
    let format = provost_device::recognize(&file).unwrap();
    assert_eq!(format.name, "apple-mobileconfig");
    format.read(&[file], &Person::default()).unwrap()
}

fn golden() -> Vec<u8> {
    fs::read(golden_path()).unwrap()
}

/// A profile with names that no encoding is used to.
fn golden_path() -> std::path::PathBuf {
    root().join(Path::new("fixtures/golden/apple-mobileconfig/ios/awkward.mobileconfig"))
}

/// Python that makes its first file binary, in its second.
const TO_BINARY: &str = "import plistlib, sys; p = plistlib.load(open(sys.argv[1], 'rb')); \
                         plistlib.dump(p, open(sys.argv[2], 'wb'), fmt=plistlib.FMT_BINARY)";
