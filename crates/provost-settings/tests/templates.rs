//! Keys that take a template: what other programs would replace, blanks at an end, and a name for everybody.

use provost_account::{Code, codes::settings as codes};
use provost_settings::read_settings;

/// Every key that takes a template, with `TEMPLATE` in its place.
const TEMPLATES: &[(&str, &str)] = &[
    ("username", "TEMPLATE"),
    ("password_command", "pass show TEMPLATE"),
    ("calendar", "{ url: 'https://dav.reef.example/TEMPLATE/' }"),
    ("calendar", "{ url: 'https://dav.reef.example/', username: 'TEMPLATE' }"),
    ("contacts", "{ url: 'https://dav.reef.example/TEMPLATE/' }"),
    ("contacts", "{ url: 'https://dav.reef.example/', username: 'TEMPLATE' }"),
    ("ldap", "{ host: h.example, socket_type: SSL, username: 'TEMPLATE', searches: [{ base: 'o=a', scope: sub }] }"),
    ("smime", "{ identities: 'TEMPLATE/%EMAILADDRESS%.p12', sign: true, encrypt: never }"),
    ("android", "{ package: com.example.app, keys: { user: 'TEMPLATE' } }"),
];

/// The settings' findings with this in a key.
fn codes_of(key: &str, value: &str) -> Vec<&'static Code> {
    let username = if key == "username" { "" } else { "username: '%EMAILADDRESS%'\n" };
    let value = if value.starts_with("{ ") { value.to_owned() } else { format!("'{value}'") };
    let text = format!(
        "provost: 1\norganization: {{ id: example.reef, name: Reef }}\ndomains: [reef.example]\n{username}incoming: [{{ \
         protocol: imap, host: i.reef.example, port: 993, socket_type: SSL, authentication: password-cleartext }}]\n\
         outgoing: [{{ host: s.reef.example, port: 465, socket_type: SSL, authentication: password-cleartext }}]\n\
         {key}: {value}\n"
    );
    let read = read_settings(text.as_bytes(), &|_| Err(std::io::ErrorKind::NotFound.into()));
    read.findings.iter().map(|finding| finding.code).collect()
}

/// Spellings of the manuals of device management systems, Dovecot, Python, Jinja, and of this program's own placeholders as
/// people misremember them.
#[test]
fn other_programs_placeholders_are_findings_in_every_key_that_takes_a_template() {
    for (key, value) in TEMPLATES {
        let spellings = "{{email}} ${displayName} $EMAIL {EmailAddress} %u %n %u@%d %(user)s [[email]] %emailaddress% %email% \
                         EMAILADDRESS x-${displayName} ${displayName}@reef.example";
        for spelling in spellings.split(' ') {
            let found = codes_of(key, &value.replace("TEMPLATE", spelling));
            // A URL or a file name refuses some of the signs altogether.
            let is_found = found == [codes::FOREIGN_PLACEHOLDER] || found == [codes::WRONG_VALUE];
            assert!(is_found, "{key}: {value} with {spelling}: {found:?}");
        }
        for own in ["%EMAILADDRESS%", "%EMAILLOCALPART%", "x-%EMAILLOCALPART%.%EMAILDOMAIN%"] {
            let found = codes_of(key, &value.replace("TEMPLATE", own));
            assert!(found.is_empty(), "{key}: {value} with {own}: {found:?}");
        }
    }
}

#[test]
fn blanks_at_an_end_and_a_name_for_everybody_are_findings() {
    for (key, value) in TEMPLATES.iter().filter(|(_, value)| value.contains("'TEMPLATE'") || *value == "TEMPLATE") {
        for spelling in [" %EMAILADDRESS%", "%EMAILADDRESS% ", "\u{a0}%EMAILADDRESS%"] {
            let found = codes_of(key, &value.replace("TEMPLATE", spelling));
            assert_eq!(found, [codes::BLANK_AT_AN_END], "{key}: {spelling:?}");
        }
    }
    assert_eq!(codes_of("username", "mailbox"), [codes::NO_PLACEHOLDER]);
    assert_eq!(codes_of("username", "EMAILLOCALPART@reef.example"), [codes::FOREIGN_PLACEHOLDER]);
}
