//! Settings files with one mistake, or one change, each.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io;
use std::path::Path;

use provost_account::{
    Code, DisplayName, Endpoint, Host, IncomingProtocol, LoginTemplate, PasswordCommand, Place, Security, Severity,
    codes::settings as codes,
};
use provost_settings::{
    ListOptions, Read, read_service, read_settings, read_users, write_certificates, write_service, write_settings,
};

/// Replaces `from` in good settings and expects one finding.
#[track_caller]
fn check(from: &str, to: &str, code: &'static Code, line: usize, column: usize) -> String {
    assert!(GOOD.contains(from), "{from:?}");
    let read = read(&GOOD.replacen(from, to, 1));
    let found: Vec<_> = read.findings.iter().map(|it| (it.code, it.place.map(|at| (at.line, at.column)))).collect();
    assert_eq!(found, [(code, Some((line, column)))], "{:#?}", read.findings);
    assert_eq!(read.value.is_none(), read.findings[0].severity == Severity::Error);
    format!("{}; {}", read.findings[0].message, read.findings[0].fix)
}

fn read(text: &str) -> Read<provost_account::Service> {
    read_settings(text.as_bytes(), &|name| match name {
        "key.pem" => Ok(b"-----BEGIN PRIVATE KEY-----\n".to_vec()),
        "empty.pem" => Ok(Vec::new()),
        _ => Err(io::ErrorKind::NotFound.into()),
    })
}

#[test]
fn good_settings_have_no_findings() {
    let read = read(GOOD);
    assert_eq!(read.findings, []);
    assert!(read.value.is_some());
}

#[test]
fn an_unknown_key_has_the_place_of_the_key_and_the_nearest_name() {
    let message = check("sync:", "snyc:", codes::UNKNOWN_KEY, 10, 1);
    assert_eq!(message, "unknown key \"snyc\"; did you mean \"sync\"?");
}

#[test]
fn a_key_that_is_near_no_other_one_is_not_guessed_at() {
    let message = check("sync:", "retention:", codes::UNKNOWN_KEY, 10, 1);
    assert!(message.starts_with("unknown key \"retention\"; known: provost, "), "{message}");
}

/// Thunderbird's autoconfig writes SSL and STARTTLS, other programs' files ssl and Starttls.
#[test]
fn words_count_in_any_letter_case() {
    let plain = read(GOOD).value.unwrap();
    for (from, to) in [
        ("socket_type: SSL", "socket_type: ssl"),
        ("socket_type: SSL", "socket_type: Ssl/Tls"),
        ("protocol: imap", "protocol: IMAP"),
        ("authentication: password-cleartext", "authentication: Password-Cleartext"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let read = read(&GOOD.replace(from, to));
        assert_eq!((read.findings.as_slice(), read.value.as_ref()), (&[][..], Some(&plain)), "{to}");
    }
}

#[test]
fn mistakes_in_values_have_the_place_of_the_value() {
    check("provost: 1", "provost: 2", codes::WRONG_VALUE, 1, 10);
    check("id: org.example", "id: example", codes::WRONG_VALUE, 2, 21);
    check("[one.example, two.example]", "[]", codes::EMPTY_LIST, 3, 10);
    check("[one.example, two.example]", "[one.example, ONE.example]", codes::DUPLICATE_KEY, 3, 24);
    check("\"%EMAILADDRESS%\"", "\"%EMAILADRESS%\"", codes::WRONG_VALUE, 4, 11);
    check("\"%EMAILADDRESS%\"", "\"%NAME%\"", codes::WRONG_VALUE, 4, 11);
    check("host: smtp.example", "host: smtp_1.example", codes::WRONG_VALUE, 9, 13);
    check("port: 465", "port: 0", codes::WRONG_VALUE, 9, 33);
    check("port: 465", "port: many", codes::WRONG_TYPE, 9, 33);
    check("days: 30", "days: 0", codes::WRONG_VALUE, 10, 15);
    check("sync: { days: 30 }", "sync: { days: 30, days: 31 }", codes::DUPLICATE_KEY, 10, 19);
    check("sync: { days: 30 }", "trust: [gone.pem]", codes::TRUST_FILE, 10, 9);
    check("sync: { days: 30 }", "trust: [empty.pem]", codes::TRUST_FILE, 10, 9);
    check("sync: { days: 30 }", "trust: [key.pem]", codes::PRIVATE_KEY, 10, 9);
    check("sync: { days: 30 }", "<<: { days: 30 }", codes::MERGE_KEY, 10, 1);
    check("sync: { days: 30 }", "calendar: { url: \"http://dav.example/\" }", codes::WRONG_VALUE, 10, 18);
    check("sync: { days: 30 }", "calendar: { url: \"https://a/\", username: \"%USER%\" }", codes::WRONG_VALUE, 10, 42);
    check("sync: { days: 30 }", "contacts: { url: \"https://a/\", login: a }", codes::UNKNOWN_KEY, 10, 32);
    check("sync: { days: 30 }", "password_command: \"pass '%USERNAME%'\"", codes::WRONG_VALUE, 10, 19);
    check("sync: { days: 30 }", "web: { host: 192.0.2.1:80 }", codes::WRONG_VALUE, 10, 14);
    check("sync: { days: 30 }", "dns: { ttl: 0 }", codes::WRONG_VALUE, 10, 13);
    check("sync: { days: 30 }", "dns: { ttl: 1h }", codes::WRONG_TYPE, 10, 13);
    check("sync: { days: 30 }", "apple: { vpn_uuid: here }", codes::WRONG_VALUE, 10, 20);
    check("sync: { days: 30 }", "apple: { removal_date: 2027-02-30 }", codes::WRONG_VALUE, 10, 24);
    check("sync: { days: 30 }", "apple: { remove_after_days: 0 }", codes::WRONG_VALUE, 10, 29);
    check("sync: { days: 30 }", "apple: { mail_drop: 0 }", codes::WRONG_TYPE, 10, 21);
    check("sync: { days: 30 }", "apple: { compliance: cis }", codes::WRONG_VALUE, 10, 22);
    check("sync: { days: 30 }", "apple: { consent: { de_DE: Ja } }", codes::WRONG_VALUE, 10, 21);
    check("sync: { days: 30 }", "apple: { consent: { de: Ja } }", codes::CONSENT_WITHOUT_DEFAULT, 10, 19);
    check("sync: { days: 30 }", "apple: { consent: {} }", codes::EMPTY_LIST, 10, 19);
    check("sync: { days: 30 }", "mdm: { Acme: { address: $MAIL } }", codes::WRONG_VALUE, 10, 8);
    check("sync: { days: 30 }", "mdm: { acme: { address: mail } }", codes::WRONG_VALUE, 10, 25);
    check("sync: { days: 30 }", "mdm: { acme: { name: $NAME } }", codes::MISSING_KEY, 10, 14);
    check("sync: { days: 30 }", "mdm: { a: { address: $M }, a: { address: $N } }", codes::DUPLICATE_KEY, 10, 28);
    check("sync: { days: 30 }", "mdm: {}", codes::EMPTY_LIST, 10, 6);
    check("sync: { days: 30 }", "assets: { url: \"http://files.example/\" }", codes::WRONG_VALUE, 10, 16);
    let smime = "smime: { identities: \"all.p12\", sign: true, encrypt: never }";
    check("sync: { days: 30 }", smime, codes::WRONG_VALUE, 10, 22);
    let encrypt = smime.replace("all", "%EMAILADDRESS%").replace("never", "no");
    check("sync: { days: 30 }", &encrypt, codes::WRONG_VALUE, 10, 65);
    check("sync: { days: 30 }", "exchange: { host: eas_1.example }", codes::WRONG_VALUE, 10, 19);
    check("sync: { days: 30 }", "android: { package: mail, keys: { a: b } }", codes::WRONG_VALUE, 10, 21);
    check("sync: { days: 30 }", "android: { package: a.b, keys: { a: 2147483648 } }", codes::WRONG_VALUE, 10, 37);
    check("sync: { days: 30 }", "android: { package: a.b, keys: { a: [b] } }", codes::WRONG_TYPE, 10, 37);
    check("sync: { days: 30 }", "android: { package: a.b, keys: { a: \"%NAME%\" } }", codes::WRONG_VALUE, 10, 37);
    check("id: org.example, ", "", codes::MISSING_KEY, 2, 15);
}

#[test]
fn combinations_that_nobody_means_are_named() {
    let starttls = "port: 993, socket_type: STARTTLS";
    check("port: 993, socket_type: SSL", starttls, codes::PORT_CONTRADICTS_SOCKET_TYPE, 7, 49);
    check("port: 465, socket_type: SSL", "port: 587, socket_type: SSL", codes::PORT_CONTRADICTS_SOCKET_TYPE, 9, 33);
    check("port: 465, socket_type: SSL", "port: 25, socket_type: STARTTLS", codes::SERVER_TO_SERVER_PORT, 9, 33);
    check("port: 465, socket_type: SSL", "port: 465, socket_type: plain", codes::WRONG_VALUE, 9, 51);
    check("password-cleartext }\nsync", "OAuth2 }\nsync", codes::OAUTH2_MISSING, 1, 1);
}

#[test]
fn pop3_before_imap_is_a_warning() {
    let pop3 =
        "  - { protocol: pop3, host: pop.example, port: 995, socket_type: SSL, authentication: password-cleartext }\n";
    let read = read(&GOOD.replace("incoming:\n", &format!("incoming:\n{pop3}")));
    assert_eq!(read.findings.iter().map(|it| it.code).collect::<Vec<_>>(), [codes::POP3_BEFORE_IMAP]);
    assert_eq!(read.value.unwrap().incoming[0].0, IncomingProtocol::Pop3);
}

#[test]
fn cleartext_needs_permission_and_stays_a_warning() {
    let plain = GOOD.replace("port: 465, socket_type: SSL", "port: 587, socket_type: plain");
    let read = read(&format!("{plain}danger_allow_cleartext: true\n"));
    assert_eq!(read.findings.iter().map(|it| it.code).collect::<Vec<_>>(), [codes::CLEARTEXT]);
    assert_eq!(read.value.unwrap().outgoing[0].security, Security::Cleartext);
}

#[test]
fn what_yaml_cannot_read_has_a_fix() {
    let message = check("\"%EMAILADDRESS%\"", "%EMAILADDRESS%", codes::UNQUOTED_PLACEHOLDER, 4, 11);
    let expected = "%EMAILADDRESS% without quotation marks means something else in YAML; write \"%EMAILADDRESS%\"";
    assert_eq!(message, expected);
    check("host: smtp.example", "host: [2001:db8::1]", codes::WRONG_TYPE, 9, 13);
    let tabs = read("provost: 1\norganization:\n\tid: a.b\n");
    assert_eq!(tabs.findings[0].code, codes::YAML_SYNTAX);
    assert_eq!(tabs.findings[0].place.map(|at| at.line), Some(3));
}

#[test]
fn a_file_without_settings_is_told_so() {
    for text in ["", "\n", "# settings of example.org\n\n  # to be written\n"] {
        let read = read(text);
        let found: Vec<_> = read.findings.iter().map(|it| (it.code, it.message.as_str())).collect();
        assert_eq!(found, [(codes::YAML_SYNTAX, "there is nothing in it")], "{text:?}");
    }
}

#[test]
fn every_mistake_is_reported_at_once_in_the_order_of_the_lines() {
    let text = GOOD.replace("provost: 1", "provost: 9").replace("port: 465", "port: 0").replace("days: 30", "day: 30");
    let codes: Vec<_> = read(&text).findings.iter().map(|it| (it.code, it.place.unwrap().line)).collect();
    assert_eq!(
        codes,
        [(codes::WRONG_VALUE, 1), (codes::WRONG_VALUE, 9), (codes::MISSING_KEY, 10), (codes::UNKNOWN_KEY, 10)]
    );
}

#[test]
fn more_findings_than_anyone_reads_are_cut_off() {
    let unknown: String = (0..150).map(|number| format!("unknown{number}: 1\n")).collect();
    let read = read(&format!("{GOOD}{unknown}"));
    assert_eq!(read.value, None);
    let lines: Vec<Option<usize>> = read.findings.iter().map(|it| it.place.map(|at| at.line)).collect();
    assert_eq!(lines, (11..=111).map(Some).collect::<Vec<_>>());
    let last = read.findings.last().unwrap();
    assert_eq!((last.code, last.message.as_str()), (codes::TOO_MANY_FINDINGS, "50 more findings"));
    assert_eq!(last.severity, Severity::Error);
}

#[test]
fn internationalized_names_and_ipv6_are_hosts() {
    let text = GOOD.replace("host: smtp.example", "host: \"[2001:db8::1]\"").replace("imap.example", "bücher.example");
    let service = read(&text).value.unwrap();
    assert_eq!(service.outgoing[0].host, Host::try_from("2001:db8::1").unwrap());
    assert_eq!(service.incoming[0].1.host.to_string(), "xn--bcher-kva.example");
}

#[test]
fn every_key_changes_the_service() {
    let service = read(GOOD).value.unwrap();
    for (from, to) in [
        ("org.example", "org.other"),
        ("name: One", "name: Other"),
        (", two.example", ""),
        ("%EMAILADDRESS%", "%EMAILLOCALPART%"),
        ("protocol: imap", "protocol: pop3"),
        ("imap.example", "other.example"),
        ("smtp.example", "other.example"),
        ("993", "994"),
        ("465", "466"),
        ("993, socket_type: SSL", "993, socket_type: STARTTLS"),
        ("465, socket_type: SSL", "465, socket_type: STARTTLS"),
        ("authentication: password-cleartext", "authentication: password-encrypted"),
        ("days: 30", "days: 31"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        assert_ne!(read(&GOOD.replacen(from, to, 1)).value.unwrap(), service, "{from}");
    }
    for added in [
        "oauth2: { issuer: a, scope: b, auth_url: \"https://a\", token_url: \"https://b\" }",
        "password_command: \"pass %USERNAME%\"",
        "calendar: { url: \"https://dav.example/%EMAILADDRESS%\" }",
        "calendar: { url: \"https://dav.example/%USERNAME%\", username: \"dav-%USERNAME%\" }",
        "contacts: { url: \"https://dav.example/\", username: reader }",
        "contacts: { url: \"https://dav.example/%EMAILADDRESS%\" }",
        "web: { host: www.example }",
        "dns: { ttl: 3600 }",
        LDAP,
        "apple: { compliance: stig }",
        "apple: { prevent_move: true }",
        "apple: { prevent_app_sheet: true }",
        "apple: { mail_drop: false }",
        "apple: { recents_syncing: false }",
        "apple: { vpn_uuid: 5B1B5E0A-6C0D-4F3E-9C4B-0A55D5B7A001 }",
        "apple: { consent: { default: Agree } }",
        "apple: { expiration_date: 2027-01-31 }",
        "apple: { removal_date: 2027-01-31 }",
        "apple: { remove_after_days: 90 }",
        "apple: { removal_disallowed: true }",
        "mdm: { acme: { address: $MAIL } }",
        "assets: { url: \"https://files.example/mail\" }",
        "smime: { identities: \"%EMAILADDRESS%\", sign: true, encrypt: offered }",
        "exchange: { host: eas.example }",
        "android: { package: com.example.mail, keys: { user: \"%EMAILADDRESS%\" } }",
    ] {
        assert_ne!(read(&format!("{GOOD}{added}\n")).value.unwrap(), service, "{added}");
    }
}

#[test]
fn every_key_of_a_directory_changes_it_and_mistakes_are_named() {
    let with = GOOD.replace("sync: { days: 30 }", LDAP);
    let service = read(&with).value.unwrap();
    for (from, to) in [
        ("ldap.example", "other.example"),
        ("username: \"uid=%EMAILLOCALPART%,dc=one\", ", ""),
        ("base: \"dc=one\"", "base: \"dc=other\""),
        ("scope: sub", "scope: base"),
        (", description: \"People\"", ""),
        ("socket_type: SSL, username", "socket_type: plain, username"),
    ] {
        assert!(with.contains(from), "{from}");
        let changed = format!("{}danger_allow_cleartext: true\n", with.replacen(from, to, 1));
        assert_ne!(read(&changed).value.unwrap(), service, "{from}");
        assert_eq!(read(&write_settings(&read(&changed).value.unwrap(), None)).value, read(&changed).value);
    }
    assert_eq!(read_service(&write_service(&service)).value, Some(service));
    let wrong = |part: &str, instead: &str| {
        assert!(LDAP.contains(part), "{part}");
        let (changed, column) = (LDAP.replacen(part, instead, 1), LDAP.find(part).unwrap() + 1);
        check("sync: { days: 30 }", &changed, codes::WRONG_VALUE, 10, column)
    };
    assert_eq!(
        wrong("\"dc=one\"", "people"),
        "\"people\": \"people\" is not attribute=value, as in \"ou=people,dc=example,dc=org\"; correct the value"
    );
    assert_eq!(
        wrong("SSL", "plain"),
        "socket_type plain sends mail and passwords unencrypted; use SSL or STARTTLS, or add \
         danger_allow_cleartext: true at the top"
    );
    assert_eq!(wrong("SSL", "STARTTLS"), "\"STARTTLS\" is not allowed here; known: SSL, plain");
    assert_eq!(wrong("sub", "subtree"), "\"subtree\" is not allowed here; did you mean \"sub\"?");
}

/// What the rule sets demand: NIST's macos_security, rules/os, as its iOS baselines list them.
#[test]
fn a_rule_set_sets_its_switches_and_bears_no_contradiction() {
    for (name, prevent_move, mail_drop) in
        [("stig", Some(true), Some(false)), ("cis-level-1", Some(true), None), ("cis-level-2", Some(true), Some(false))]
    {
        let apple = read(&format!("{GOOD}apple: {{ compliance: {name} }}\n")).value.unwrap().apple;
        assert_eq!((apple.prevent_move, apple.mail_drop), (prevent_move, mail_drop), "{name}");
        let said = read(&format!("{GOOD}apple: {{ compliance: {name}, prevent_move: true }}\n"));
        assert_eq!((said.findings, said.value.unwrap().apple), (Vec::new(), apple), "{name}");
    }
    let message =
        check("sync: { days: 30 }", "apple: { compliance: stig, mail_drop: true }", codes::COMPLIANCE, 10, 39);
    let expected = "mail_drop is true, but the rule set requires false; write mail_drop: false, or remove compliance";
    assert_eq!(message, expected);
    check("sync: { days: 30 }", "apple: { compliance: cis-level-1, prevent_move: false }", codes::COMPLIANCE, 10, 49);
}

#[test]
fn every_key_of_what_manages_devices_changes_the_service() {
    let managed = GOOD.replace("sync: { days: 30 }", MANAGED);
    let service = read(&managed).value.unwrap();
    for (from, to) in [
        ("acme", "other"),
        ("$MAIL", "$OTHER"),
        (", local_part: $LOCAL", ""),
        (", domain: $DOMAIN", ""),
        (", name: $NAME", ""),
        ("files.example/mail", "files.example/"),
        ("eas.example", "other.example"),
        ("package: a.b", "package: a.c"),
        ("tls: true", "tls: false"),
        ("port: 993", "port: 994"),
        ("user: ", "login: "),
        ("%EMAILADDRESS%\" } }", "%EMAILLOCALPART%\" } }"),
    ] {
        assert!(managed.contains(from), "{from}");
        assert_ne!(read(&managed.replacen(from, to, 1)).value.unwrap(), service, "{from}");
    }
}

#[test]
fn the_resolved_service_survives_as_json() {
    for folder in FIXTURES {
        let service = fixture(folder);
        let json = write_service(&service);
        assert_eq!(read_service(&json).value, Some(service));
        assert_eq!(json, write_service(&read_service(&json).value.unwrap()));
    }
    let published = read(&format!("{GOOD}web: {{ host: www.example }}\ndns: {{ ttl: 60 }}\n")).value.unwrap();
    assert_eq!(published.publication.dns_ttl.map(|ttl| ttl.seconds()), Some(60));
    assert_eq!(read_service(&write_service(&published)).value, Some(published));
    let managed = GOOD.replace("sync: { days: 30 }", MANAGED);
    let service = read(&managed).value.unwrap();
    assert_eq!(read_service(&write_service(&service)).value, Some(service));
    let broken = read_service(b"{\n  \"provost\": 1,\n}");
    assert_eq!(broken.findings[0].code, codes::JSON_SYNTAX);
    assert_eq!(broken.findings[0].place, Some(Place { line: 3, column: 1 }));
}

/// As older folders have it: `service-version-1` is what Provost wrote of the fixtures, and of settings with every other key.
#[test]
fn version_1_of_the_resolved_service_is_still_read() {
    let folder = fixtures().join("service-version-1");
    let everything = read_settings(&fs::read(folder.join("everything.yaml")).unwrap(), &nothing).value.unwrap();
    let of_fixtures = FIXTURES.iter().map(|name| (*name, fixture(name)));
    for (name, service) in of_fixtures.chain([("everything", everything)]) {
        let read = read_service(&fs::read(folder.join(format!("{name}.json"))).unwrap());
        assert_eq!((read.findings, read.value), (vec![], Some(service.clone())), "{name}");
        assert_eq!(read_service(&write_service(&service)).value, Some(service), "{name}");
    }
    let broken = fs::read_to_string(folder.join("harbour.json")).unwrap().replace("\"days\": 14", "\"days\": 0");
    assert!(read_service(broken.replace("_days\": 14", "_days\": 0").as_bytes()).value.is_none());
}

#[test]
fn a_mistake_in_the_resolved_service_has_its_place_and_the_fix_is_to_generate_again() {
    let json = String::from_utf8(write_service(&fixture("harbour"))).unwrap();
    let read = read_service(json.replace("\"days\": 14", "\"day\": \"é\", \"days\": 0").as_bytes());
    let line = json.lines().position(|line| line.contains("\"days\"")).unwrap() + 1;
    let found: Vec<_> = read.findings.iter().map(|it| (it.code, it.place.unwrap(), it.fix.as_str())).collect();
    let (key, value) = (Place { line, column: 5 }, Place { line, column: 25 });
    let again = "run `provost generate` again";
    assert_eq!(found, [(codes::UNKNOWN_KEY, key, again), (codes::WRONG_VALUE, value, again)]);
    let newer = read_service(json.replace("\"provost\": 2", "\"provost\": 3").as_bytes());
    assert_eq!(newer.findings[0].message, "version 3 of the format; only version 2 is supported");
}

#[test]
fn written_settings_are_read_as_the_same_service() {
    for folder in FIXTURES {
        let service = fixture(folder);
        let text = write_settings(&service, Some("own-ca.pem"));
        let read = read_settings(text.as_bytes(), &|name| match name {
            "own-ca.pem" => Ok(write_certificates(&service.trust).into_bytes()),
            _ => Err(io::ErrorKind::NotFound.into()),
        });
        assert_eq!((read.value.as_ref(), read.findings), (Some(&service), vec![]), "{text}");
    }
}

/// Without its comment, the file is what a person wrote.
#[test]
fn written_settings_look_as_people_write_them() {
    let committed = fs::read_to_string(fixtures().join("centurylink/mail.yaml")).unwrap();
    let (_, without_comment) = committed.split_once('\n').unwrap();
    assert_eq!(write_settings(&fixture("centurylink"), None), without_comment);
}

#[test]
fn texts_that_yaml_takes_for_something_else_are_written_so_that_they_come_back() {
    let good = read(GOOD).value.unwrap();
    let words = "yes No NULL ~ true on y 1 0x1F 1e3 1_000 12:30:45 2026-11-25 .inf - a:b #a [a] {a} a] a} &a *a !a | > 'a' \
                 \"a\" a\\b %a @a `a` Söhne 山田 a\u{200b}b \u{feff}a \u{202e}abc << = --- ... 100% a\u{a0}b";
    let with_blanks = ["- a", "a: b", "a #b", "a, b", "? a", " a", "a ", "👩‍🔬 Ada"];
    for text in words.split(' ').chain(with_blanks) {
        let mut service = good.clone();
        service.organization.name = DisplayName::try_from(text).unwrap();
        service.login = LoginTemplate::try_from(text).unwrap();
        service.password_command = PasswordCommand::try_from(text).ok();
        let written = write_settings(&service, None);
        assert_eq!(read(&written).value, Some(service), "{written}");
        assert!(!written.contains(['\u{200b}', '\u{feff}', '\u{202e}']), "{written:?} hides something");
    }
}

#[test]
fn every_key_of_a_service_is_written() {
    let text = GOOD.replace(
        "sync: { days: 30 }",
        "oauth2: { issuer: a, scope: \"b c\", auth_url: \"https://a/?x=1#y\", token_url: \"https://b\" }\n\
         password_command: \"pass show %USERNAME% | head -n 1\"\ncalendar: { url: \"https://dav.example/%EMAILADDRESS%\" }\n\
         contacts: { url: \"https://dav.example:8443/%USERNAME%/\", username: \"dav-%USERNAME%\" }\nweb: { host: www.example }\ndns: { ttl: 60 }\n\
         danger_allow_cleartext: true",
    );
    let mut service = read(&text).value.unwrap();
    service.incoming[0].1.security = Security::Cleartext;
    service.outgoing.push(Endpoint { host: Host::try_from("2001:db8::1").unwrap(), ..service.outgoing[0].clone() });
    let written = write_settings(&service, None);
    assert_eq!(read(&written).value, Some(service), "{written}");
}

#[test]
fn what_manages_devices_is_written() {
    let service = read(&GOOD.replace("sync: { days: 30 }", MANAGED)).value.unwrap();
    assert!(!service.mdm.is_empty() && service.assets.is_some());
    assert!(service.exchange.is_some() && service.android.is_some());
    let written = write_settings(&service, None);
    assert_eq!(read(&written).value, Some(service), "{written}");
}

#[test]
fn the_fixtures_users_are_all_good() {
    for (folder, list, expected) in [
        ("centurylink", "users.csv", 25),
        ("centurylink-provider", "users.csv", 17),
        ("harbour", "users.jsonl", 3),
        ("lantern", "users.csv", 2),
        ("orchard", "users.csv", 2),
        ("twin", "users.json", 3),
    ] {
        let bytes = fs::read(fixtures().join(folder).join(list)).unwrap();
        let users = read_users(&bytes, &ListOptions::named(Some(list)), &fixture(folder));
        assert_eq!(users.findings, [], "{folder}");
        assert_eq!((users.good.len(), users.bad_rows), (expected, 0), "{folder}");
    }
}

fn fixture(folder: &str) -> provost_account::Service {
    let folder = fixtures().join(folder);
    let trust = |name: &str| fs::read(folder.join(name));
    let read = read_settings(&fs::read(folder.join("mail.yaml")).unwrap(), &trust);
    assert_eq!(read.findings, [], "{}", folder.display());
    read.value.unwrap()
}

const FIXTURES: [&str; 6] = ["centurylink", "centurylink-provider", "harbour", "lantern", "orchard", "twin"];

fn nothing(_: &str) -> io::Result<Vec<u8>> {
    Err(io::ErrorKind::NotFound.into())
}

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

const GOOD: &str = "provost: 1
organization: { id: org.example, name: One }
domains: [one.example, two.example]
username: \"%EMAILADDRESS%\"

incoming:
  - { protocol: imap, host: imap.example, port: 993, socket_type: SSL, authentication: password-cleartext }
outgoing:
  - { host: smtp.example, port: 465, socket_type: SSL, authentication: password-cleartext }
sync: { days: 30 }
";

/// Every key of a directory.
const LDAP: &str = "ldap: { host: ldap.example, socket_type: SSL, username: \"uid=%EMAILLOCALPART%,dc=one\", \
     searches: [{ base: \"dc=one\", scope: sub, description: \"People\" }] }";

/// Every key of what manages devices.
const MANAGED: &str = "exchange: { host: eas.example }
android: { package: a.b, keys: { tls: true, port: 993, user: \"%EMAILADDRESS%\" } }
assets: { url: \"https://files.example/mail\" }
mdm: { acme: { address: $MAIL, local_part: $LOCAL, domain: $DOMAIN, name: $NAME } }";
