//! Settings that differ in one key from the usual ones: whatever `generate` writes for them is proven, and `lint`
//! accepts it. What a format cannot express is a loss or a refusal, never a failed proof or a finding.

use std::collections::BTreeSet;
use std::fs;

use provost_tests::{folder, provost};
use serde_json::Value;

#[test]
fn what_generate_makes_of_settings_that_differ_in_one_key_is_proven_and_clean() {
    let mut wrong = Vec::new();
    for (name, changes) in VARIANTS {
        let mut settings = USUAL.to_owned();
        for (from, to) in *changes {
            assert!(settings.contains(from), "{name}: {from}");
            settings = settings.replacen(from, to, 1);
        }
        wrong.extend(try_variant(name, &settings));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), VARIANTS.len(), wrong.join("\n"));
}

/// Writes every format, verifies and lints it, and returns what is wrong.
fn try_variant(name: &str, settings: &str) -> Vec<String> {
    let folder = folder();
    let path = |file: &str| folder.path().join(file).display().to_string();
    let (config, users, output) = (path("mail.yaml"), path("users.csv"), path("out"));
    fs::write(&config, settings).unwrap();
    fs::write(&users, USERS).unwrap();
    let written = provost(&["generate", "-c", &config, "--users", &users, "-o", &output]);
    assert_eq!(written.status, Some(0), "{name}: {}", written.output());
    let mut wrong = Vec::new();
    let proven = provost(&["verify", &output]);
    let failed: Vec<&str> = proven.stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
    if proven.status != Some(0) || !failed.is_empty() {
        wrong.push(format!("{name}: verify exits with {:?}: {}", proven.status, failed.join("\n")));
    }
    let lint = provost(&["lint", "--json", &output]);
    let findings = lint.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let codes: BTreeSet<String> = findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    let expected: BTreeSet<String> =
        EXPECTED.iter().filter(|(variant, _, _)| *variant == name).map(|(_, code, _)| (*code).to_owned()).collect();
    if codes != expected {
        wrong.push(format!("{name}: lint says {codes:?}, expected {expected:?}"));
    }
    wrong
}

const USERS: &str = "email,name\nann@acme.example,Ann Ash\nbo.berg@acme.example,Bo Berg\n";

pub(crate) const USUAL: &str = r#"provost: 1
organization: { id: example.acme, name: Acme }
domains: [acme.example]
username: "%EMAILADDRESS%"
incoming:
  - { protocol: imap, host: imap.acme.example, port: 993, socket_type: SSL, authentication: password-cleartext }
outgoing:
  - { host: smtp.acme.example, port: 465, socket_type: SSL, authentication: password-cleartext }
"#;

const INCOMING: &str =
    "{ protocol: imap, host: imap.acme.example, port: 993, socket_type: SSL, authentication: password-cleartext }";
const OUTGOING: &str = "{ host: smtp.acme.example, port: 465, socket_type: SSL, authentication: password-cleartext }";
const IMAP: &str = "993, socket_type: SSL, authentication: password-cleartext";
const SMTP: &str = "465, socket_type: SSL, authentication: password-cleartext";
const TOKENS: (&str, &str) = (
    "outgoing:\n",
    "oauth2: { issuer: id.acme.example, scope: mail, auth_url: \"https://id.acme.example/a\", token_url: \
     \"https://id.acme.example/t\" }\noutgoing:\n",
);

type Change = (&'static str, &'static str);

/// A name, and what is replaced by what.
const VARIANTS: &[(&str, &[Change])] = &[
    ("usual", &[]),
    // How users log in.
    ("incoming password-encrypted", &[(IMAP, "993, socket_type: SSL, authentication: password-encrypted")]),
    ("outgoing password-encrypted", &[(SMTP, "465, socket_type: SSL, authentication: password-encrypted")]),
    ("incoming OAuth2", &[(IMAP, "993, socket_type: SSL, authentication: OAuth2"), TOKENS]),
    ("outgoing OAuth2", &[(SMTP, "465, socket_type: SSL, authentication: OAuth2"), TOKENS]),
    ("incoming certificate", &[(IMAP, "993, socket_type: SSL, authentication: TLS-client-cert")]),
    ("outgoing certificate", &[(SMTP, "465, socket_type: SSL, authentication: TLS-client-cert")]),
    ("incoming none", &[(IMAP, "993, socket_type: SSL, authentication: none")]),
    ("outgoing none", &[(SMTP, "465, socket_type: SSL, authentication: none")]),
    // Where TLS begins, and on which port.
    ("incoming STARTTLS", &[(IMAP, "143, socket_type: STARTTLS, authentication: password-cleartext")]),
    ("outgoing STARTTLS", &[(SMTP, "587, socket_type: STARTTLS, authentication: password-cleartext")]),
    ("incoming SSL on a port of its own", &[("port: 993", "port: 10993")]),
    ("outgoing SSL on a port of its own", &[("port: 465", "port: 10465")]),
    (
        "incoming STARTTLS on a port of its own",
        &[("port: 993, socket_type: SSL", "port: 10143, socket_type: STARTTLS")],
    ),
    (
        "outgoing STARTTLS on a port of its own",
        &[("port: 465, socket_type: SSL", "port: 10587, socket_type: STARTTLS")],
    ),
    ("outgoing STARTTLS on 2525", &[("port: 465, socket_type: SSL", "port: 2525, socket_type: STARTTLS")]),
    // Which servers there are.
    (
        "POP3",
        &[("protocol: imap, host: imap.acme.example, port: 993", "protocol: pop3, host: pop.acme.example, port: 995")],
    ),
    (
        "POP3 with STARTTLS",
        &[(
            "protocol: imap, host: imap.acme.example, port: 993, socket_type: SSL",
            "protocol: pop3, host: pop.acme.example, port: 110, socket_type: STARTTLS",
        )],
    ),
    (
        "IMAP and POP3",
        &[(
            INCOMING,
            "{ protocol: imap, host: imap.acme.example, port: 993, socket_type: SSL, authentication: password-cleartext }\n  - { protocol: pop3, host: pop.acme.example, port: 995, socket_type: SSL, authentication: password-cleartext }",
        )],
    ),
    (
        "two outgoing servers",
        &[(
            OUTGOING,
            "{ host: smtp.acme.example, port: 465, socket_type: SSL, authentication: password-cleartext }\n  - { host: smtp.acme.example, port: 587, socket_type: STARTTLS, authentication: password-cleartext }",
        )],
    ),
    (
        "two ways to log in",
        &[(
            INCOMING,
            "{ protocol: imap, host: imap.acme.example, port: 993, socket_type: SSL, authentication: password-cleartext }\n  - { protocol: imap, host: imap.acme.example, port: 993, socket_type: SSL, authentication: password-encrypted }",
        )],
    ),
    (
        "one host for all",
        &[("host: imap.acme.example", "host: acme.example"), ("host: smtp.acme.example", "host: acme.example")],
    ),
    ("a host beyond ASCII", &[("host: imap.acme.example", "host: imap.bücher.example")]),
    ("an IPv4 address", &[("host: imap.acme.example", "host: 192.0.2.1")]),
    ("an IPv6 address", &[("host: imap.acme.example", "host: \"2001:db8::1\"")]),
    // What a login name is made of.
    ("the local part", &[("%EMAILADDRESS%", "%EMAILLOCALPART%")]),
    ("a domain before the local part", &[("%EMAILADDRESS%", "ACME\\\\%EMAILLOCALPART%")]),
    ("another domain behind the local part", &[("%EMAILADDRESS%", "%EMAILLOCALPART%@login.acme.example")]),
    // What else there is.
    ("three days", &[("outgoing:\n", "sync: { days: 3 }\noutgoing:\n")]),
    ("a hundred days", &[("outgoing:\n", "sync: { days: 100 }\noutgoing:\n")]),
    ("a command for the password", &[("outgoing:\n", "password_command: pass show %USERNAME%\noutgoing:\n")]),
    ("a calendar", &[("outgoing:\n", "calendar: { url: \"https://dav.acme.example/%EMAILADDRESS%/\" }\noutgoing:\n")]),
    (
        "a calendar with a login of its own",
        &[(
            "outgoing:\n",
            "calendar: { url: \"https://dav.acme.example/%EMAILADDRESS%/\", username: \"%EMAILLOCALPART%\" }\noutgoing:\n",
        )],
    ),
    ("an address book", &[("outgoing:\n", "contacts: { url: \"https://dav.acme.example/%USERNAME%/\" }\noutgoing:\n")]),
    ("an Exchange server", &[("outgoing:\n", "exchange: { host: eas.acme.example }\noutgoing:\n")]),
    ("published files", &[("outgoing:\n", "assets: { url: \"https://files.acme.example/mail\" }\noutgoing:\n")]),
    ("a web host", &[("outgoing:\n", "web: { host: www.acme.example }\noutgoing:\n")]),
    ("nothing to be moved", &[("outgoing:\n", "apple: { prevent_move: true, removal_disallowed: true }\noutgoing:\n")]),
];

/// What lint says all the same: the variant, the code, and why it is right.
const EXPECTED: &[(&str, &str, &str)] = &[(
    "two outgoing servers",
    "weak-username",
    "Thunderbird does not replace placeholders in alternative servers: a loss, and worth a look in a file for a domain",
)];
