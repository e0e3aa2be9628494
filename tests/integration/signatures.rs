//! Is a signed profile judged rightly? OpenSSL signs with keys that are made for the test and thrown away, and OpenSSL
//! verifies what is judged here.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use provost_account::{Certificate, Finding, ProfileDate};
use provost_device::{Authorities, Person, Reading, Signer, SourceFile};
use provost_tests::{command, folder, installed, provost, root};
use tempfile::TempDir;
use time::{Date, Duration, OffsetDateTime};

/// Every kind of key and digest that is known here, with and without signed attributes: what OpenSSL made matches, and with
/// one octet changed it does not, for OpenSSL neither.
#[test]
fn digests_and_signatures_are_judged_as_openssl_judges_them() {
    let Some(bench) = Bench::new() else { return };
    for (name, key) in [
        ("rsa1024", "rsa:1024"),
        ("rsa3072", "rsa:3072"),
        ("p256", "ec -pkeyopt ec_paramgen_curve:P-256"),
        ("p384", "ec -pkeyopt ec_paramgen_curve:P-384"),
    ] {
        bench.openssl(&format!("req -x509 -newkey {key} -nodes -keyout {name}.key -out {name}.pem -subj /CN={name}"));
        for hash in ["sha1", "sha256", "sha384", "sha512"] {
            let is_known = match name {
                "rsa1024" => hash != "sha384",
                "rsa3072" => true,
                _ => ["sha256", "sha384"].contains(&hash),
            };
            for attributes in ["", " -noattr"] {
                let what = format!("{name} {hash}{attributes}");
                bench.openssl(&format!(
                    "cms -sign -binary -nodetach -nosmimecap -md {hash}{attributes} -in plain -signer {name}.pem -inkey \
                     {name}.key -outform DER -out signed"
                ));
                let signed = bench.bytes("signed");
                let verdict = if is_known { "the signature matches" } else { "the signature is not checked" };
                let reading = read(&signed).unwrap();
                let by = &reading.profiles[0].assumed[0];
                assert!(by.value.ends_with(&format!("; {verdict}")), "{what}: {}", by.value);
                let expected: &[&str] = if is_known { &[] } else { &["signature-not-checked"] };
                assert_eq!(names(&reading.findings), expected, "{what}");
                let (changed, damaged) = match (is_known, attributes) {
                    (true, "") => (&["signed-content-changed"][..], &["signature-mismatch"][..]),
                    (true, _) => (&["signature-mismatch"][..], &["signature-mismatch"][..]),
                    (false, "") => (&["signed-content-changed"][..], expected),
                    (false, _) => (expected, expected),
                };
                bench.check(&with_another_port(&signed), changed, &what);
                let mut last = signed;
                *last.last_mut().unwrap() ^= 1;
                bench.check(&last, damaged, &what);
            }
        }
    }
}

#[test]
fn a_chain_is_followed_to_an_authority_that_is_trusted() {
    let Some(bench) = Bench::with_chain() else { return };
    let (root, today) = (bench.authority("root"), today());
    let judged = |name: &str, trust: &[Certificate]| bench.signers(name, today, trust);
    let (signers, findings) = judged("signed", std::slice::from_ref(&root));
    let (name, authority) = ("CN=leaf".to_owned(), Some("CN=root".to_owned()));
    assert_eq!(signers, [Signer { name, valid_until: Some(today_and(300)), authority }]);
    assert_eq!(findings, []);
    let (signers, findings) = judged("signed", &[bench.authority("mid")]);
    assert_eq!((signers[0].authority.as_deref(), findings), (Some("CN=mid"), Vec::new()), "trusted by itself");
    let (signers, findings) = judged("self-signed", std::slice::from_ref(&root));
    assert_eq!((signers[0].authority.as_deref(), findings), (Some("CN=root"), Vec::new()), "an authority itself");
    bench.openssl("req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -subj /CN=root -days 3000");
    let (root, other) = ([root], [bench.authority("other")]);
    let issuer = |issuer: &str, of: &str| {
        format!("{issuer} issued the certificate of {of}, and is neither in the file nor trusted here")
    };
    let its_own = "CN=root signed the profile with a certificate of its own making".to_owned();
    for (file, trust, message) in [
        ("signed", &[][..], issuer("CN=root", "CN=mid")),
        ("signed", &other, issuer("CN=root", "CN=mid")),
        ("without-chain", &root, issuer("CN=mid", "CN=leaf")),
        ("by-no-authority", &root, issuer("CN=leaf", "CN=below")),
        ("with-root", &[], "the signer's authorities end at CN=root, which is not trusted here".to_owned()),
        ("self-signed", &[], its_own),
    ] {
        let (signers, findings) = judged(file, trust);
        assert_eq!(signers[0].authority, None, "{file}");
        let unknown: Vec<(&str, &str)> = findings.iter().map(|it| (it.code.name, it.message.as_str())).collect();
        assert_eq!(unknown, [("signer-unknown", message.as_str())], "{file}");
    }
}

#[test]
fn the_dates_of_the_whole_chain_are_judged_on_the_given_day() {
    let Some(bench) = Bench::with_chain() else { return };
    let trust = [bench.authority("root")];
    let judged = |days: i64| {
        let (_, findings) = bench.signers("signed", today_and(days), &trust);
        findings.into_iter().map(|it| format!("{}: {}", it.code.name, it.message)).collect::<Vec<_>>()
    };
    let (today, leaf, mid) = (today(), today_and(300), today_and(1000));
    let signer = "the certificate of CN=leaf, which signed the profile,";
    let above = "the certificate of CN=mid, above that of CN=leaf, which signed the profile,";
    assert_eq!(judged(0), Vec::<String>::new());
    assert_eq!(judged(270), Vec::<String>::new());
    assert_eq!(judged(271), [format!("signer-ends-soon: {signer} is valid until {leaf}, 29 more days")]);
    assert_eq!(judged(299), [format!("signer-ends-soon: {signer} is valid until {leaf}, one more day")]);
    assert_eq!(judged(300), [format!("signer-ends-soon: {signer} is valid until {leaf}, which is today")]);
    assert_eq!(judged(301), [format!("signer-expired: {signer} was valid until {leaf}")]);
    assert_eq!(
        judged(1001),
        [
            format!("signer-expired: {signer} was valid until {leaf}"),
            format!("signer-expired: {above} was valid until {mid}")
        ]
    );
    assert_eq!(
        judged(-1),
        [
            format!("signer-not-yet-valid: {signer} is valid from {today}"),
            format!("signer-not-yet-valid: {above} is valid from {today}")
        ]
    );
}

#[test]
fn explain_and_lint_know_the_authorities_of_the_system() {
    let Some(bench) = Bench::with_chain() else { return };
    let (file, store) = (bench.path("signed"), bench.path("root.pem"));
    let with_store = |verb: &str, more: &[&str]| {
        let mut run = command(&[&[verb, file.to_str().unwrap()], more].concat());
        let output: Output = run.env("SSL_CERT_FILE", &store).env_remove("SSL_CERT_DIR").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, explained, complaints) = with_store("explain", &[]);
    assert_eq!((status, complaints.as_str()), (Some(0), ""));
    let row: Vec<&str> = explained.lines().filter(|line| line.trim_start().starts_with("signed by")).collect();
    let [row] = row.as_slice() else { panic!("{explained}") };
    let words: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(words.join(" "), format!("signed by CN=leaf, until {} CN=root vouches for it", today_and(300)));
    let (status, linted, _) = with_store("lint", &[]);
    assert_eq!(status, Some(0), "{linted}");
    assert!(linted.ends_with(": no problems found\n"), "{linted}");
    let changed = "fixtures/wild/apple-mobileconfig/signed-content-changed.mobileconfig";
    assert_eq!(provost(&["lint", changed]).status, Some(1));
}

#[test]
fn verify_proves_what_is_signed_and_says_what_is_wrong_with_it() {
    let folder = folder();
    let (settings, users) = (folder.path().join("mail.yaml"), folder.path().join("users.csv"));
    fs::write(&settings, SETTINGS).unwrap();
    fs::write(&users, "email\njane.doe@example.org\n").unwrap();
    let verify = |name: &str| {
        let file = format!("fixtures/wild/apple-mobileconfig/{name}.mobileconfig");
        provost(&["verify", "-c", settings.to_str().unwrap(), "--users", users.to_str().unwrap(), &file])
    };
    let expired = verify("signer-expired");
    assert_eq!(expired.status, Some(0), "{}", expired.output());
    let said = expired.stderr.lines().filter_map(|line| line.split_once("warning[")).map(|(_, said)| said);
    let said: Vec<&str> = said.filter_map(|said| said.split_once(']')).map(|(code, _)| code).collect();
    assert_eq!(said, ["signer-expired", "signer-unknown"]);
    let mismatch = verify("signature-mismatch");
    assert_eq!(mismatch.status, Some(1), "{}", mismatch.output());
    let found = "found: the signature is not by the key in the certificate of O=Example Org,CN=mail.example.org;";
    assert!(mismatch.stdout.contains(found), "{}", mismatch.stdout);
}

/// A folder with the plain profile, in which OpenSSL works.
struct Bench {
    folder: TempDir,
    openssl: PathBuf,
}

impl Bench {
    fn new() -> Option<Self> {
        let bench = Self { folder: folder(), openssl: installed("openssl")? };
        fs::copy(root().join("fixtures/golden/apple-mobileconfig/ios/awkward.mobileconfig"), bench.path("plain"))
            .unwrap();
        Some(bench)
    }

    /// Profiles signed below a root and another authority: the leaf has 300 days, the authorities have 1000 and 3000.
    fn with_chain() -> Option<Self> {
        let bench = Self::new()?;
        fs::write(bench.path("ca.ext"), "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n").unwrap();
        fs::write(bench.path("leaf.ext"), "basicConstraints=critical,CA:FALSE\n").unwrap();
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        bench.openssl(&format!("req -x509 {key} -keyout root.key -out root.pem -subj /CN=root -days 3000"));
        for (name, above, ext, days) in
            [("mid", "root", "ca", 1000), ("leaf", "mid", "leaf", 300), ("below", "leaf", "leaf", 300)]
        {
            bench.openssl(&format!("req {key} -keyout {name}.key -out {name}.csr -subj /CN={name}"));
            bench.openssl(&format!(
                "x509 -req -in {name}.csr -CA {above}.pem -CAkey {above}.key -CAcreateserial -days {days} -extfile {ext}.ext \
                 -out {name}.pem"
            ));
        }
        for (out, signer, chain) in [
            ("signed", "leaf", &["mid"][..]),
            ("without-chain", "leaf", &[]),
            ("by-no-authority", "below", &["leaf", "mid"]),
            ("with-root", "leaf", &["root", "mid"]),
            ("self-signed", "root", &[]),
        ] {
            let chain: Vec<u8> = chain.iter().flat_map(|name| bench.bytes(&format!("{name}.pem"))).collect();
            let with = if chain.is_empty() { "" } else { "-certfile chain.pem " };
            fs::write(bench.path("chain.pem"), chain).unwrap();
            bench.openssl(&format!(
                "cms -sign -binary -nodetach -nosmimecap -in plain -signer {signer}.pem -inkey {signer}.key {with}-outform DER \
                 -out {out}"
            ));
        }
        Some(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &str) -> Output {
        Command::new(&self.openssl).args(arguments.split(' ')).current_dir(self.folder.path()).output().unwrap()
    }

    fn openssl(&self, arguments: &str) {
        let run = self.run(arguments);
        assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
    }

    /// OpenSSL refuses these octets, and so do we, or we say why we cannot tell.
    #[track_caller]
    fn check(&self, damaged: &[u8], expected: &[&str], what: &str) {
        fs::write(self.path("damaged"), damaged).unwrap();
        let openssl = self.run("cms -verify -noverify -binary -inform DER -in damaged -out content");
        assert!(!openssl.status.success(), "{what}: openssl accepts it");
        let findings = match read(damaged) {
            Ok(reading) => reading.findings,
            Err(findings) => findings,
        };
        assert_eq!(names(&findings), expected, "{what}");
    }

    fn authority(&self, name: &str) -> Certificate {
        self.openssl(&format!("x509 -in {name}.pem -outform DER -out {name}.der"));
        Certificate::try_from(self.bytes(&format!("{name}.der"))).unwrap()
    }

    fn signers(&self, name: &str, today: ProfileDate, trust: &[Certificate]) -> (Vec<Signer>, Vec<Finding>) {
        let bytes = self.bytes(name);
        let nobody = || &*Box::leak(Box::new(Authorities::default()));
        provost_device::signers(&[SourceFile::nameless(&bytes)], today, nobody, trust)
    }
}

fn read(bytes: &[u8]) -> Result<Reading, Vec<Finding>> {
    let file = SourceFile::nameless(bytes);
    provost_device::recognize(&file).unwrap().read(&[file], &Person::default())
}

fn names(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code.name).collect()
}

fn with_another_port(signed: &[u8]) -> Vec<u8> {
    let (old, new) = (b"<integer>993</integer>", b"<integer>995</integer>");
    let at = signed.windows(old.len()).position(|it| it == old).expect("the port of IMAP");
    [&signed[..at], new, &signed[at + old.len()..]].concat()
}

/// OpenSSL counts days from now, in UTC.
fn today() -> ProfileDate {
    ProfileDate::from(date())
}

fn today_and(days: i64) -> ProfileDate {
    ProfileDate::from(date() + Duration::days(days))
}

fn date() -> Date {
    OffsetDateTime::now_utc().date()
}

/// What the specimens set up.
const SETTINGS: &str = "\
provost: 1
organization: { id: org.example, name: Example }
domains: [example.org]
username: \"%EMAILLOCALPART%\"
incoming:
  - { protocol: imap, host: imap.example.org, port: 993, socket_type: SSL, authentication: password-cleartext }
outgoing:
  - { host: smtp.example.org, port: 587, socket_type: STARTTLS, authentication: password-cleartext }
";
