//! Signed profiles, from the key in a file to OpenSSL as the judge. Keys are made here, in a temporary folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use provost_tests::{Run, command, folder, installed};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn generated_profiles_are_signed_and_openssl_gives_back_the_unsigned_octets() {
    let Some(workshop) = Workshop::open() else { return };
    let only = ["--only", "apple-mobileconfig,apple-ddm,apple-mdm-template,k9s"];
    workshop.good(&workshop.generate("plain", &only));
    workshop.good(&workshop.generate("signed", &[&only[..], LEAF].concat()));
    let (plain, signed) = (workshop.files("plain"), workshop.files("signed"));
    let rows = workshop.manifest("signed");
    assert_eq!(plain.keys().collect::<Vec<_>>(), signed.keys().collect::<Vec<_>>());
    let mut by_format: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, row) in &rows {
        let is_signed = path.starts_with("apple-mobileconfig/") || path.ends_with("/mail.mobileconfig");
        match is_signed {
            true => assert_eq!(workshop.verified(&signed[path]), plain[path], "{path}"),
            false => assert_eq!(signed[path], plain[path], "{path}"),
        }
        assert_eq!(row["signer"].as_str(), is_signed.then_some(workshop.fingerprint("leaf.pem").as_str()), "{path}");
        assert_eq!(row["signed_until"].as_str(), is_signed.then_some(workshop.last_day("leaf.pem").as_str()), "{path}");
        *by_format.entry(row["format"].as_str().unwrap()).or_default() += usize::from(is_signed);
    }
    assert_eq!(by_format["apple-mobileconfig"], rows.keys().filter(|it| it.starts_with("apple-mobileconfig/")).count());
    assert_eq!(by_format["apple-ddm"], 1);
    assert!(!fs::read_to_string(workshop.path("plain/manifest.jsonl")).unwrap().contains("signed_until"));

    // ECDSA signatures differ each time, and nothing is written all the same.
    let again = workshop.generate("signed", &[&only[..], LEAF, &["--json"]].concat());
    let summary: Value = serde_json::from_str(again.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(summary["summary"]["changed"], 0, "{}", again.output());
    assert_eq!(workshop.files("signed"), signed);
    // Even where the manifest is lost, as after a run that was ended before it wrote one.
    fs::remove_file(workshop.path("signed/manifest.jsonl")).unwrap();
    workshop.good(&workshop.generate("signed", &[&only[..], LEAF].concat()));
    assert_eq!(workshop.files("signed"), signed);

    workshop.good(&workshop.provost(&["verify", "signed"]));
    let lines = workshop.generate("signed", &only).stderr;
    let warning = "; a profile that was installed by hand can only be replaced by one of the same signer\n";
    let count = by_format["apple-mobileconfig"] + 1;
    assert!(lines.contains(&format!("warning: {count} files were signed, and are not any more{warning}")), "{lines}");
    assert_eq!(workshop.files("signed"), plain);
}

#[test]
fn a_signer_that_may_not_be_used_is_refused_before_anything_is_written() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.dated("late", (2020, 1, 1), (2021, 1, 1));
    workshop.dated("early", (2090, 1, 1), (2091, 1, 1));
    workshop.openssl("genpkey -algorithm ed25519 -out ed25519.key");
    fs::write(workshop.path("broken.pem"), "-----BEGIN CERTIFICATE-----\nMIIB\n").unwrap();
    for (arguments, expected) in REFUSED {
        let options: Vec<&str> = ["--only", "apple-mobileconfig"].into_iter().chain(arguments.split(' ')).collect();
        let run = workshop.generate("refused", &options);
        assert_eq!((run.stderr.as_str(), run.status), (*expected, Some(2)), "{arguments}");
    }
    let run = workshop.generate("refused", &[&["--only", "k9s,apple-ddm/mdm"][..], LEAF].concat());
    assert_eq!(
        run.stderr,
        "error: nothing of what is asked for is signed; nothing was written\n\nhint: signed are apple-mobileconfig and \
         apple-ddm/manual: add one to --only\n"
    );
    let mut with_password = workshop.command(&["sign", "foreign.mobileconfig", "--sign-p12", "identity.p12"]);
    let run = Run::from(with_password.env("PROVOST_SIGN_PASSWORD", "another").output().unwrap());
    assert_eq!(
        run.stderr,
        "error: identity.p12 gives no key to sign with\n  because: the password does not open the key\n\nhint: \
         PROVOST_SIGN_PASSWORD is set to another password; correct it\n"
    );
    assert!(!Path::new(&workshop.path("refused")).exists());
}

#[test]
fn what_ends_soon_is_warned_of_and_signed_again() {
    let Some(workshop) = Workshop::open() else { return };
    let only = ["--only", "apple-mobileconfig/ios"];
    workshop.issue("soon", "middle", 3, "basicConstraints=CA:FALSE");
    let soon = ["--sign-cert", "soon.pem", "--sign-key", "soon.key", "--sign-chain", "chain.pem"];
    let run = workshop.generate("out", &[&only[..], &soon].concat());
    let until = workshop.last_day("soon.pem");
    let warning = format!(
        "warning: what is signed is valid for 2 days only, until {until}; then devices show it as not verified\n"
    );
    assert!(run.stderr.contains(&warning), "{}", run.output());
    let path = "apple-mobileconfig/ios/jane@example.com.mobileconfig";
    let first = workshop.files("out");

    let resign =
        |days: &str, options: &[&str]| workshop.provost(&[&["resign", "out", "--before", days], options].concat());
    let early = resign("1", LEAF);
    assert_eq!(
        early.stdout,
        format!("0 files signed again, valid until {}; 1 left as they are\n", workshop.last_day("leaf.pem"))
    );
    assert_eq!(workshop.files("out"), first);
    // By the same signer it would be valid no longer.
    resign("30", &soon);
    assert_eq!(workshop.files("out"), first);

    let run = resign("30", LEAF);
    let until = workshop.last_day("leaf.pem");
    assert_eq!(run.stdout, format!("1 file signed again, valid until {until}; 0 left as they are\n"));
    assert_eq!(
        run.stderr,
        "warning: 1 file was signed by another certificate before; a profile that was installed by hand can only be \
         replaced by one of the same signer\n"
    );
    let rows = workshop.manifest("out");
    assert_eq!(rows[path]["signer"], workshop.fingerprint("leaf.pem").as_str());
    assert_eq!(rows[path]["signed_until"], until.as_str());
    assert_eq!(workshop.verified(&workshop.files("out")[path]), workshop.verified(&first[path]));
    // The manifest knows the file: nobody changed it.
    let again = workshop.generate("out", &[&only[..], LEAF, &["--json"]].concat());
    let summary: Value = serde_json::from_str(again.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(summary["summary"]["changed"], 0, "{}", again.output());

    let run = workshop.provost(&[&["resign", ".", "--before", "1"], LEAF].concat());
    assert!(run.stderr.starts_with("error: . is not a folder that `provost generate` wrote\n"), "{}", run.stderr);
    workshop.good(&workshop.generate("plain", &only));
    let run = workshop.provost(&[&["resign", "plain", "--before", "1"], LEAF].concat());
    assert!(run.stderr.starts_with("error: no file in plain is signed, its manifest says\n"), "{}", run.stderr);
}

#[test]
fn a_signature_is_put_on_and_taken_off_and_the_manifest_follows() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.good(&workshop.generate("out", &["--only", "apple-mobileconfig/ios,apple-mdm-template,k9s"]));
    let (before, rows) = (workshop.files("out"), workshop.manifest("out"));
    let foreign = fs::read(workshop.path("foreign.mobileconfig")).unwrap();
    let profile = "out/apple-mobileconfig/ios/jane@example.com.mobileconfig";

    let run = workshop.provost(&[&["sign", "out", "foreign.mobileconfig", profile], LEAF].concat());
    let until = workshop.last_day("leaf.pem");
    assert_eq!(run.stdout, format!("2 files signed, valid until {until}\n"), "{}", run.stderr);
    let templates = rows.keys().filter(|it| it.ends_with(".mobileconfig") && it.starts_with("apple-mdm-t")).count();
    let note = "profiles not signed: for several people, or installed by a management server";
    assert_eq!(run.stderr, format!("note: {templates} {note}\n"));
    assert_eq!(workshop.verified(&fs::read(workshop.path("foreign.mobileconfig")).unwrap()), foreign);
    let signed = workshop.manifest("out");
    let row = &signed["apple-mobileconfig/ios/jane@example.com.mobileconfig"];
    assert_eq!(row["signer"], workshop.fingerprint("leaf.pem").as_str());
    assert_eq!(row["sha256"], workshop.sha256(profile).as_str());
    assert_eq!(signed.values().filter(|row| row["signer"].is_string()).count(), 1);

    for (arguments, error) in [
        (["sign", profile], format!("error: {profile} is signed already; nothing was written\n")),
        (["sign", "out"], format!("error: {profile} is signed already; nothing was written\n")),
        (["sign", "leaf.pem"], "error: leaf.pem is not a .mobileconfig file\n".to_owned()),
        (["sign", "out/k9s"], "error: nothing to sign in out/k9s\n".to_owned()),
        (
            ["sign", "out/apple-mdm-template/apple-profile-manager/com.example.macos.mobileconfig"],
            "error: out/apple-mdm-template/apple-profile-manager/com.example.macos.mobileconfig is not signed: for several people, or \
             installed by a management server\n"
                .to_owned(),
        ),
    ] {
        let run = workshop.provost(&[&arguments[..], LEAF].concat());
        assert!(run.stderr.contains(&error), "{arguments:?}: {}", run.stderr);
        assert_eq!(run.status, Some(2), "{arguments:?}");
    }

    let run = workshop.provost(&["unsign", profile, "foreign.mobileconfig"]);
    assert_eq!(run.stdout, "2 files without a signature now\n", "{}", run.stderr);
    assert_eq!(workshop.files("out"), before);
    // What the file was made of is not known any more: the next run compares it.
    let mut expected = rows;
    expected.get_mut("apple-mobileconfig/ios/jane@example.com.mobileconfig").unwrap()["input"].take();
    let mut found = workshop.manifest("out");
    for row in found.values_mut().chain(expected.values_mut()) {
        row.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    assert_eq!(found, expected);
    assert_eq!(fs::read(workshop.path("foreign.mobileconfig")).unwrap(), foreign);
    let run = workshop.provost(&["unsign", profile]);
    assert_eq!(run.stderr, format!("error: {profile} is not signed; nothing was written\n"));

    // A change that the manifest does not know would become ours.
    fs::write(
        workshop.path(profile),
        [&before["apple-mobileconfig/ios/jane@example.com.mobileconfig"][..], b"\n"].concat(),
    )
    .unwrap();
    let run = workshop.provost(&[&["sign", "foreign.mobileconfig", profile], LEAF].concat());
    assert!(
        run.stderr.contains(&format!("error: {profile} was changed after its manifest was written\n")),
        "{}",
        run.stderr
    );
    assert_eq!(fs::read(workshop.path("foreign.mobileconfig")).unwrap(), foreign);
}

#[test]
fn neither_the_key_nor_its_password_is_ever_said_or_written() {
    let Some(workshop) = Workshop::open() else { return };
    let key = workshop.secrets();
    let encrypted = ["--sign-cert", "leaf.pem", "--sign-key", "encrypted.key", "--sign-chain", "chain.pem"];
    let generate = ["generate", "-c", "mail.yaml", "--users", "users.csv", "--only", "apple-mobileconfig", "-o"];
    for arguments in [
        [&generate[..], &["a"], &encrypted].concat(),
        [&generate[..], &["b", "--json", "--sign-p12", "identity.p12"]].concat(),
        [&generate[..], &["c", "--sign-cert", "root.pem", "--sign-key", "encrypted.key"]].concat(),
        [&generate[..], &["d", "--sign-cert", "encrypted.key", "--sign-key", "leaf.pem"]].concat(),
        vec!["sign", "foreign.mobileconfig", "--sign-p12", "identity.p12"],
        vec!["resign", "a", "--before", "999", "--sign-p12", "identity.p12"],
        vec!["explain", "a"],
        vec!["unsign", "foreign.mobileconfig"],
    ] {
        let run = workshop.command(&arguments).env("PROVOST_SIGN_PASSWORD", PASSWORD).env("RUST_LOG", "trace").output();
        let run = Run::from(run.unwrap());
        assert!(!run.output().is_empty(), "{arguments:?}");
        for secret in &key {
            let found = run.output().as_bytes().windows(secret.len()).any(|it| it == secret);
            assert!(!found, "{arguments:?}: {}", run.output());
        }
    }
    for folder in ["a", "b"] {
        for (path, bytes) in workshop.files(folder) {
            let found = key.iter().any(|secret| bytes.windows(secret.len()).any(|it| it == secret));
            assert!(!found, "{folder}/{path}");
        }
        assert!(workshop.files(folder).len() > 4);
    }
    // The search finds the key where it is.
    let bytes = fs::read(workshop.path("leaf.key")).unwrap();
    assert!(key.iter().any(|secret| bytes.windows(secret.len()).any(|it| it == secret)));
}

/// A folder with settings that trust `root.pem`, a list, a profile of somebody else, and OpenSSL.
pub(crate) struct Workshop {
    folder: TempDir,
    openssl: PathBuf,
}

impl Workshop {
    /// Says aloud when there is no OpenSSL.
    pub(crate) fn open() -> Option<Self> {
        let workshop = Self { openssl: installed("openssl")?, folder: folder() };
        let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign";
        workshop.issue("root", "root", 400, authority);
        workshop.issue("middle", "root", 400, authority);
        workshop.issue("leaf", "middle", 365, "basicConstraints=CA:FALSE");
        fs::copy(workshop.path("middle.pem"), workshop.path("chain.pem")).unwrap();
        workshop.openssl(&format!("pkey -in leaf.key -aes256 -passout pass:{PASSWORD} -out encrypted.key"));
        workshop.openssl(&format!(
            "pkcs12 -export -inkey leaf.key -in leaf.pem -certfile chain.pem -passout pass:{PASSWORD} -out identity.p12"
        ));
        for (name, text) in [("mail.yaml", SETTINGS), ("users.csv", "email,name\njane@example.com,Jane Doe\n")] {
            fs::write(workshop.path(name), text).unwrap();
        }
        let foreign = provost_tests::root().join("fixtures/golden/apple-mobileconfig/ios/awkward.mobileconfig");
        fs::copy(foreign, workshop.path("foreign.mobileconfig")).unwrap();
        Some(workshop)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// The program, for which `root.pem` is the system's only authority.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.current_dir(self.folder.path()).env_remove("PROVOST_SIGN_PASSWORD");
        command.env("SSL_CERT_FILE", self.path("root.pem")).env_remove("SSL_CERT_DIR");
        command
    }

    fn provost(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    fn generate(&self, output: &str, options: &[&str]) -> Run {
        let arguments = [&["generate", "-c", "mail.yaml", "--users", "users.csv", "-o", output], options].concat();
        // The settings alone say what is trusted.
        Run::from(self.command(&arguments).env("SSL_CERT_FILE", self.path("users.csv")).output().unwrap())
    }

    #[track_caller]
    fn good(&self, run: &Run) {
        assert_eq!(run.status, Some(0), "{}: {}", self.folder.path().display(), run.output());
    }

    /// Words are separated by spaces.
    #[track_caller]
    fn openssl(&self, arguments: &str) -> Vec<u8> {
        let mut command = Command::new(&self.openssl);
        let run = command.args(arguments.split(' ')).current_dir(self.folder.path()).output().unwrap();
        assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
        run.stdout
    }

    #[track_caller]
    fn issue(&self, name: &str, issuer: &str, days: u32, extensions: &str) {
        fs::write(self.path("extensions"), extensions).unwrap();
        self.openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"));
        self.openssl(&format!("req -new -key {name}.key -subj /CN={name} -out {name}.csr"));
        let by = match name == issuer {
            true => format!("-signkey {name}.key"),
            false => format!("-CA {issuer}.pem -CAkey {issuer}.key"),
        };
        self.openssl(&format!("x509 -req -in {name}.csr {by} -extfile extensions -days {days} -out {name}.pem"));
    }

    /// Self-signed, from one midnight to another.
    fn dated(&self, name: &str, from: (i32, u8, u8), to: (i32, u8, u8)) {
        let mut parameters = rcgen::CertificateParams::default();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        parameters.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
        parameters.not_after = rcgen::date_time_ymd(to.0, to.1, to.2);
        let key = rcgen::KeyPair::generate().unwrap();
        fs::write(self.path(&format!("{name}.pem")), parameters.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    /// What OpenSSL finds signed, with a chain up to `root.pem`.
    #[track_caller]
    fn verified(&self, signed: &[u8]) -> Vec<u8> {
        fs::write(self.path("signed.der"), signed).unwrap();
        self.openssl("cms -verify -binary -inform DER -purpose any -CAfile root.pem -in signed.der -out content");
        fs::read(self.path("content")).unwrap()
    }

    fn fingerprint(&self, certificate: &str) -> String {
        self.openssl(&format!("x509 -in {certificate} -outform DER -out certificate.der"));
        self.sha256("certificate.der")
    }

    fn sha256(&self, file: &str) -> String {
        let line = String::from_utf8(self.openssl(&format!("dgst -sha256 -r {file}"))).unwrap();
        line[..64].to_owned()
    }

    /// The day of the certificate's last second.
    fn last_day(&self, certificate: &str) -> String {
        let line = self.openssl(&format!("x509 -noout -enddate -dateopt iso_8601 -in {certificate}"));
        String::from_utf8(line).unwrap().trim_start_matches("notAfter=")[..10].to_owned()
    }

    /// Password and key in the forms in which they may leak: as they stand, in base64 and in hexadecimal.
    fn secrets(&self) -> Vec<Vec<u8>> {
        let der = self.openssl("pkey -in leaf.key -outform DER");
        // ECPrivateKey's private number follows its version and its tag (RFC 5915 §3).
        let at = der.windows(5).position(|it| it == b"\x02\x01\x01\x04\x20").unwrap() + 5;
        let number = &der[at..at + 32];
        let pem = fs::read_to_string(self.path("leaf.key")).unwrap();
        let mut secrets: Vec<Vec<u8>> =
            pem.lines().filter(|line| !line.starts_with('-')).take(2).map(|line| line.as_bytes().to_vec()).collect();
        secrets.push(number.to_vec());
        secrets.push(number.iter().map(|octet| format!("{octet:02x}")).collect::<String>().into_bytes());
        secrets.push(PASSWORD.as_bytes().to_vec());
        secrets.push(BASE64_STANDARD.encode(PASSWORD).into_bytes());
        secrets
    }

    /// The rows of a folder's manifest, by their paths.
    fn manifest(&self, folder: &str) -> BTreeMap<String, Value> {
        let text = fs::read_to_string(self.path(&format!("{folder}/manifest.jsonl"))).unwrap();
        let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.map(|row| (row["path"].as_str().unwrap().to_owned(), row)).collect()
    }

    /// The files of a folder but for its manifest, by their paths in it.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.folder.path().join(folder);
        let (mut folders, mut found) = (vec![root.clone()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => {
                        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                        found.insert(name, fs::read(&path).unwrap());
                    }
                }
            }
        }
        found.remove("manifest.jsonl");
        found
    }
}

const LEAF: &[&str] = &["--sign-cert", "leaf.pem", "--sign-key", "leaf.key", "--sign-chain", "chain.pem"];
pub(crate) const PASSWORD: &str = "tr0ub4dor&3";
const SETTINGS: &str = r#"provost: 1
organization: { id: com.example, name: Example }
domains: [example.com]
username: "%EMAILADDRESS%"
incoming:
  - { protocol: imap, host: imap.example.com, port: 993, socket_type: SSL, authentication: password-cleartext }
outgoing:
  - { host: smtp.example.com, port: 465, socket_type: SSL, authentication: password-cleartext }
assets: { url: "https://example.com/published" }
trust: [root.pem]
"#;
/// What is given, and what is said of it.
const REFUSED: &[(&str, &str)] = &[
    (
        "--sign-cert leaf.pem --sign-key root.key",
        "error: cannot sign with leaf.pem; nothing was written\n\
         \x20\x20because: the key belongs to none of the certificates: CN=leaf\n\n\
         hint: compare `openssl x509 -noout -pubkey -in leaf.pem` with `openssl pkey -pubout -in root.key`: \
         they print the same if they belong together\n",
    ),
    (
        "--sign-cert late.pem --sign-key late.key",
        "error: cannot sign with late.pem; nothing was written\n\
         \x20\x20because: the certificate of CN=late expired at 2021-01-01 0:00:00.0 +00:00:00\n\n\
         hint: get a new certificate for the key, or a newer chain; the dates: openssl x509 -noout -subject \
         -dates -in late.pem\n",
    ),
    (
        "--sign-cert early.pem --sign-key early.key",
        "error: cannot sign with early.pem; nothing was written\n\
         \x20\x20because: the certificate of CN=early is not valid before 2090-01-01 0:00:00.0 +00:00:00\n\n\
         hint: wait, or correct this machine's clock; the dates: openssl x509 -noout -subject -dates -in \
         early.pem\n",
    ),
    (
        "--sign-cert root.pem --sign-key root.key",
        "error: cannot sign with root.pem; nothing was written\n\
         \x20\x20because: the certificate of CN=root is self-signed: it names itself as its issuer\n\n\
         hint: sign with a certificate that an authority issued; for tests, --danger-self-signed\n",
    ),
    (
        "--sign-cert leaf.pem --sign-key leaf.key",
        "error: cannot sign with leaf.pem; nothing was written\n\
         \x20\x20because: the certificate of CN=leaf was issued by CN=middle, which is neither trusted nor in the chain\n\n\
         hint: give the authorities in between with --sign-chain, and name a root of your own under trust in \
         the settings; this may say where the issuer's certificate is: openssl x509 -noout -issuer -ext \
         authorityInfoAccess -in leaf.pem\n",
    ),
    (
        "--sign-cert leaf.pem --sign-key encrypted.key",
        "error: encrypted.key gives no key to sign with\n\
         \x20\x20because: the key is encrypted, and no password is given\n\n\
         hint: set the environment variable PROVOST_SIGN_PASSWORD to the password of the key\n",
    ),
    (
        "--sign-cert leaf.pem --sign-key ed25519.key",
        "error: ed25519.key gives no key to sign with\n\
         \x20\x20because: a key for id-Ed25519; signed with are RSA of 2048, 3072 or 4096 bits, P-256 and P-384\n\n\
         hint: this makes one that can be used: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
         -subj /CN=NAME -keyout NEW.key -out NEW.csr\n",
    ),
    (
        "--sign-cert leaf.pem --sign-key leaf.pem",
        "error: leaf.pem gives no key to sign with\n\
         \x20\x20because: the file holds no private key, but: CERTIFICATE\n\n\
         hint: give a file with the private key of the certificate; in PEM, the line before it says PRIVATE \
         KEY\n",
    ),
    (
        "--sign-cert leaf.key --sign-key leaf.key",
        "error: leaf.key gives no certificate\n\
         \x20\x20because: the file holds no certificate, but: PRIVATE KEY\n\n\
         hint: give a file with certificates; in PEM, the line before each says CERTIFICATE\n",
    ),
    (
        "--sign-cert broken.pem --sign-key leaf.key",
        "error: broken.pem gives no certificate\n\
         \x20\x20because: the PEM text is damaged\n\n\
         hint: the file is incomplete or damaged: copy or export it again\n",
    ),
];
