//! A folder with OpenSSL: certificates are issued there, and signatures verified.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use provost_sign::{Certificate, Key, Password, Signer};
use tempfile::TempDir;

/// How OpenSSL makes a key of each kind that is signed with.
pub const KINDS: [(&str, &str); 5] = [
    ("rsa2048", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
    ("rsa3072", "-algorithm RSA -pkeyopt rsa_keygen_bits:3072"),
    ("rsa4096", "-algorithm RSA -pkeyopt rsa_keygen_bits:4096"),
    ("p256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
    ("p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384"),
];
pub const P256: &str = KINDS[3].1;
pub const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign";
pub const LEAF: &str = "basicConstraints=CA:FALSE";
const SPACE: &str = "\u{a0}";
/// With a quotation mark, a character of three octets and one outside of the BMP.
pub const PASSWORD: &str = "pa$s \"wörd\" €𝄞";

pub struct Workshop {
    folder: TempDir,
    openssl: PathBuf,
}

impl Workshop {
    /// Says aloud when there is no OpenSSL.
    pub fn open() -> Option<Self> {
        Some(Self { openssl: installed("openssl")?, folder: TempDir::new().unwrap() })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder().join(name)).unwrap()
    }

    pub fn write(&self, name: &str, octets: impl AsRef<[u8]>) {
        fs::write(self.folder().join(name), octets).unwrap();
    }

    /// Words are separated by spaces, and [`SPACE`] is one within a word. The password is in the environment, as `P`.
    #[track_caller]
    pub fn openssl(&self, arguments: &str) {
        self.run(&self.openssl, arguments);
    }

    #[track_caller]
    pub fn run(&self, program: &Path, arguments: &str) {
        let run = self.output(program, arguments);
        assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
    }

    pub fn output(&self, program: &Path, arguments: &str) -> Output {
        let mut command = Command::new(program);
        let words = arguments.split(' ').filter(|word| !word.is_empty());
        command
            .args(words.map(|word| word.replace(SPACE, " ")))
            .current_dir(self.folder())
            .env("P", PASSWORD)
            .env("A", "ascii only");
        command.output().unwrap()
    }

    #[track_caller]
    pub fn key(&self, name: &str, kind: &str) {
        self.openssl(&format!("genpkey {kind} -out {name}.key"));
    }

    /// `NAME.key` exists. Without an issuer, it is self-signed.
    #[track_caller]
    pub fn certificate(&self, name: &str, issuer: Option<&str>, extensions: &str) {
        self.certificate_of(&format!("/O=Example, Inc./CN={name}"), name, issuer, extensions, 365);
    }

    #[track_caller]
    pub fn certificate_of(&self, subject: &str, name: &str, issuer: Option<&str>, extensions: &str, days: u32) {
        self.write("extensions", extensions);
        let subject = subject.replace(' ', SPACE);
        self.openssl(&format!("req -new -utf8 -key {name}.key -subj {subject} -out {name}.csr"));
        let by = match issuer {
            Some(issuer) => format!("-CA {issuer}.pem -CAkey {issuer}.key"),
            None => format!("-signkey {name}.key"),
        };
        self.openssl(&format!("x509 -req -in {name}.csr {by} -extfile extensions -days {days} -out {name}.pem"));
    }

    /// `root` and `middle`, an authority below it.
    #[track_caller]
    pub fn authorities(&self) {
        for (name, issuer) in [("root", None), ("middle", Some("root"))] {
            self.key(name, P256);
            self.certificate(name, issuer, AUTHORITY);
        }
    }

    /// The certificates of these files, one after the other.
    #[track_caller]
    pub fn certificates(&self, names: &[&str]) -> Vec<Certificate> {
        names.iter().flat_map(|name| Certificate::read(&self.file(&format!("{name}.pem"))).unwrap()).collect()
    }

    /// A signer of `NAME.key` and the certificates of `names`.
    #[track_caller]
    pub fn signer(&self, name: &str, names: &[&str]) -> Signer {
        let key = Key::read(&self.file(&format!("{name}.key")), None).unwrap();
        Signer::new(&key, self.certificates(names)).unwrap()
    }

    /// What OpenSSL finds signed, if it accepts the signature and the chain up to `root.pem`.
    pub fn verified(&self, signed: &[u8]) -> Option<Vec<u8>> {
        self.write("signed", signed);
        let verify = "cms -verify -binary -inform DER -purpose any -CAfile root.pem -in signed -out content";
        self.output(&self.openssl, verify).status.success().then(|| self.file("content"))
    }
}

pub fn password() -> Password {
    Password::new(PASSWORD.to_owned())
}

/// Where somebody else's program is. Says aloud when it is missing, which fails where `PROVOST_REQUIRE_PROGRAMS` is set.
pub fn installed(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        assert!(
            std::env::var_os("PROVOST_REQUIRE_PROGRAMS").is_none(),
            "{name} is not installed, and it is required here"
        );
        eprintln!("skipped: no {name}");
    }
    found
}

/// Content that a signer could spoil: line ends of both kinds, no end of the last line, every octet, and more than 64 KiB.
pub fn contents() -> Vec<Vec<u8>> {
    let every: Vec<u8> = (0..=255).collect();
    let line_ends = b"<?xml?>\r\n<plist>\n\r</plist>".to_vec();
    let lengths = [0, 1, 60, 70, 90, 127, 128, 200, 255, 256, 65_400, 65_535, 65_536, 70_000];
    let mut contents = vec![every, line_ends];
    contents.extend(lengths.map(|length| vec![b'x'; length]));
    contents
}
