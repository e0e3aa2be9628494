//! Every settings key changes some output: a key that no format reads would be useless.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use provost_account::{Account, Service};
use provost_profile::{DomainRequest, OrganizationRequest, Passwords, Profile, Refusal, Request, Write};
use provost_settings::{ListOptions, identity_of, read_settings, read_users, settings_keys};
use provost_tests::root;

#[test]
fn every_key_changes_some_output() {
    let before = output(EVERYTHING);
    let changes = CHANGES.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
    // Each optional top-level key, removed with the lines that belong to it.
    let removals = EVERYTHING.split("\n\n").skip(1).map(|group| (format!("\n{}\n", group.trim_end()), "\n".to_owned()));
    let mut idle = Vec::new();
    let mut tried = 0;
    for (from, to) in changes.chain(removals) {
        assert!(EVERYTHING.contains(&from), "{from}");
        tried += 1;
        if output(&EVERYTHING.replacen(&from, &to, 1)) == before {
            idle.push(format!("{from:?} -> {to:?}"));
        }
    }
    assert!(idle.is_empty(), "no output changes with\n{}", idle.join("\n"));
    assert!(tried > 50, "only {tried} changes");
}

#[test]
fn a_rule_set_acts_through_the_switches_that_it_demands() {
    let unsaid = EVERYTHING.replace("  prevent_move: true\n", "");
    assert_ne!(unsaid, EVERYTHING);
    assert_eq!(output(&unsaid), output(EVERYTHING));
    assert_ne!(output(&unsaid.replace("  compliance: cis-level-1\n", "")), output(EVERYTHING));
}

#[test]
fn every_key_is_tried() {
    let keys = settings_keys().into_iter().flatten().map(|key| key.path);
    for key in keys.filter(|key| *key != "danger_allow_cleartext") {
        // Parts in capitals stand for names that users choose.
        let named = key.rsplit('.').find(|part| !part.chars().any(char::is_uppercase)).unwrap();
        assert!(EVERYTHING.contains(&format!("{named}:")), "{key} is not in the settings of this test");
    }
}

/// Every file, loss and refusal of one user.
fn output(text: &str) -> BTreeMap<String, Result<Profile, Refusal>> {
    let service = service(text);
    let list = br#"[{"email": "pip@orchard.example", "name": "Pip"}]"#;
    let users = read_users(list, &ListOptions::named(None), &service);
    assert_eq!(users.findings, [], "{text}");
    let user = &users.good[0];
    let smime = identity_of(&user.account.address, user.place, &service, &read).unwrap();
    let account = &Account { smime, ..user.account.clone() };
    let mut all = BTreeMap::new();
    for format in provost_profile::formats() {
        for variant in format.variants {
            let (service, passwords) = (&service, Passwords::LeaveOut);
            let mut add = |whom: &str, written| {
                all.insert(format!("{} {} {whom}", format.name, variant.name), written);
            };
            match variant.write {
                Write::User(write) => add("user", write(&Request { service, account, variant, passwords })),
                Write::Organization(write) => add("organization", write(&OrganizationRequest { service, variant })),
                Write::Domain(write) => {
                    for domain in &service.domains {
                        add(domain.as_str(), write(&DomainRequest { service, domain, variant }));
                    }
                }
            }
        }
    }
    all
}

fn service(text: &str) -> Service {
    let settings = read_settings(text.as_bytes(), &read);
    settings.value.unwrap_or_else(|| panic!("{:#?}\n{text}", settings.findings))
}

fn read(name: &str) -> io::Result<Vec<u8>> {
    let folder = if name.ends_with(".p12") { "fixtures/orchard" } else { "fixtures/harbour" };
    fs::read(root().join(folder).join(name))
}

/// Settings with every key; the optional ones in groups with a blank line before each.
const EVERYTHING: &str = r#"provost: 1
organization:
  id: example.orchard
  name: Orchard
domains: [orchard.example]
username: "%EMAILADDRESS%"
incoming:
  - { protocol: imap, host: imap.orchard.example, port: 993, socket_type: SSL, authentication: password-cleartext }
outgoing:
  - { host: smtp.orchard.example, port: 465, socket_type: SSL, authentication: password-cleartext }

sync:
  days: 30

trust: [harbour-ca.pem]

oauth2:
  issuer: id.example
  scope: mail
  auth_url: "https://id.example/auth"
  token_url: "https://id.example/token"

password_command: pass show %USERNAME%

calendar:
  url: "https://dav.orchard.example/%USERNAME%/calendar"
  username: "cal-%USERNAME%"

contacts:
  url: "https://dav.orchard.example/%EMAILADDRESS%/contacts"
  username: "%EMAILLOCALPART%"

ldap:
  host: ldap.orchard.example
  socket_type: SSL
  username: "uid=%EMAILLOCALPART%,dc=orchard"
  searches:
    - { base: "ou=people,dc=orchard", scope: sub, description: People }

web:
  host: www.orchard.example

dns:
  ttl: 3600

apple:
  compliance: cis-level-1
  prevent_move: true
  prevent_app_sheet: true
  mail_drop: false
  recents_syncing: false
  vpn_uuid: 5B1B5E0A-6C0D-4F3E-9C4B-0A55D5B7A001
  consent:
    default: Agree.
  expiration_date: 2030-12-31
  removal_date: 2031-01-31
  remove_after_days: 365
  removal_disallowed: true

smime:
  identities: smime/%EMAILADDRESS%.p12
  sign: true
  encrypt: by-default

mdm:
  acme: { address: $MAIL, local_part: $LOCAL, domain: $DOMAIN, name: $NAME }

assets:
  url: "https://files.orchard.example/mail"

exchange:
  host: eas.orchard.example

android:
  package: com.example.courier
  keys:
    mail.host: imap.orchard.example
"#;

/// Another value for each key that has one.
const CHANGES: &[(&str, &str)] = &[
    ("id: example.orchard", "id: example.other"),
    ("name: Orchard", "name: Other"),
    ("domains: [orchard.example]", "domains: [orchard.example, other.example]"),
    ("username: \"%EMAILADDRESS%\"", "username: \"%EMAILLOCALPART%\""),
    ("protocol: imap", "protocol: pop3"),
    ("host: imap.", "host: other."),
    ("port: 993", "port: 994"),
    ("993, socket_type: SSL", "993, socket_type: STARTTLS"),
    ("SSL, authentication: password-cleartext }\noutgoing", "SSL, authentication: password-encrypted }\noutgoing"),
    ("host: smtp.", "host: other."),
    ("port: 465", "port: 466"),
    ("465, socket_type: SSL", "465, socket_type: STARTTLS"),
    ("465, socket_type: SSL, authentication: password-cleartext", "465, socket_type: SSL, authentication: none"),
    ("days: 30", "days: 31"),
    ("issuer: id.", "issuer: other."),
    ("scope: mail", "scope: other"),
    ("example/auth", "example/other"),
    ("example/token", "example/other"),
    ("pass show", "pass other"),
    ("/calendar", "/other"),
    ("  username: \"cal-%USERNAME%\"", "  username: \"other-%USERNAME%\""),
    ("/contacts", "/other"),
    ("contacts\"\n  username: \"%EMAILLOCALPART%\"", "contacts\"\n  username: other"),
    ("host: ldap.", "host: other."),
    ("ldap:\n  host: ldap.orchard.example\n  socket_type: SSL", PLAIN_DIRECTORY),
    ("uid=%EMAILLOCALPART%", "uid=%EMAILADDRESS%"),
    ("ou=people", "ou=other"),
    ("scope: sub", "scope: one"),
    ("description: People", "description: Other"),
    ("host: www.", "host: other."),
    ("ttl: 3600", "ttl: 60"),
    ("  compliance: cis-level-1\n  prevent_move: true", "  prevent_move: false"),
    ("prevent_app_sheet: true", "prevent_app_sheet: false"),
    ("mail_drop: false", "mail_drop: true"),
    ("recents_syncing: false", "recents_syncing: true"),
    ("5B1B5E0A", "5B1B5E0B"),
    ("default: Agree.", "default: Other."),
    ("2030-12-31", "2030-11-30"),
    ("2031-01-31", "2031-02-28"),
    ("remove_after_days: 365", "remove_after_days: 366"),
    ("removal_disallowed: true", "removal_disallowed: false"),
    ("sign: true", "sign: false"),
    ("encrypt: by-default", "encrypt: never"),
    ("acme:", "other:"),
    ("$MAIL", "$OTHER"),
    ("files.orchard.example/mail", "files.orchard.example/other"),
    ("host: eas.", "host: other."),
    ("com.example.courier", "com.example.other"),
    ("mail.host: imap", "mail.host: other"),
];

const PLAIN_DIRECTORY: &str = "danger_allow_cleartext: true\nldap:\n  host: ldap.orchard.example\n  socket_type: plain";
