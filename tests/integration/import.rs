//! From profiles to settings: what was generated comes back, what the real Thunderbird chose stays, and what settings
//! cannot express is reported.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use provost_account::{CollectionService, Login, LoginTemplate, Security, Service};
use provost_device::{Cleartext, Person, Reading, SourceFile, Understood, nobody, service};
use provost_profile::{Passwords, Request, Write};
use provost_settings::{read_settings, write_certificates, write_settings};
use provost_tests::{folder, provost, root, shared};
use serde_json::{Value, json};

use crate::fixtures::fixtures;
use crate::ispdb::{jane, row};
use crate::round_trip::{devices, written};

/// Whatever differs is among the losses that the writer declared, which are committed lists.
#[test]
fn what_is_generated_comes_back_as_the_settings_it_was_made_from() {
    let mut problems = Vec::new();
    let mut compared = 0;
    for fixture in fixtures() {
        let mut profiles: BTreeMap<_, (Vec<Understood>, Vec<String>)> = BTreeMap::new();
        for one in written(&fixture) {
            let (understood, losses) = profiles.entry((one.format, one.variant)).or_default();
            // An organization's file is read for one of its people, who is in one of its domains.
            if one.whose == fixture.service.organization.id.as_str() {
                losses.push("domains".to_owned());
            }
            match one.profile {
                Ok(profile) => {
                    understood.extend(devices(one.format, &profile, &one.account));
                    losses.extend(profile.losses.into_iter().map(|loss| loss.setting));
                }
                // A user without a file may be the only one of a domain.
                Err(_) => losses.push("domains".to_owned()),
            }
        }
        for ((format, variant), (understood, losses)) in profiles {
            if understood.is_empty() {
                continue;
            }
            compared += 1;
            let shown = service(&understood, Cleartext::Taken);
            let found = shown.service.unwrap_or_else(|| panic!("{format} {variant}: {:?}", shown.findings));
            for setting in differences(&fixture.service, &found) {
                let guessed = shown.findings.iter().any(|finding| finding.message.starts_with(setting));
                let lost = losses.iter().any(|loss| loss.starts_with(setting));
                if !guessed && !lost && !NEVER_IN_A_PROFILE.contains(&setting) {
                    problems.push(format!("{} {format} {variant}: {setting}: {found:#?}", fixture.name));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(compared >= 4 * 6, "only {compared} formats");
}

fn differences(ours: &Service, theirs: &Service) -> Vec<&'static str> {
    [
        ("organization.id", ours.organization.id == theirs.organization.id),
        ("organization.name", ours.organization.name == theirs.organization.name),
        (
            "domains",
            theirs.domains.len() == ours.domains.len() && ours.domains.iter().all(|it| theirs.domains.contains(it)),
        ),
        ("username", ours.login == theirs.login),
        ("incoming", ours.incoming == theirs.incoming),
        ("outgoing", ours.outgoing == theirs.outgoing),
        ("sync", ours.sync == theirs.sync),
        ("trust", ours.trust == theirs.trust),
        ("oauth2", ours.oauth2 == theirs.oauth2),
        ("password_command", ours.password_command == theirs.password_command),
        ("calendar", collection(ours, &ours.calendar) == collection(theirs, &theirs.calendar)),
        ("contacts", collection(ours, &ours.contacts) == collection(theirs, &theirs.contacts)),
        ("ldap", ours.ldap == theirs.ldap),
    ]
    .into_iter()
    .filter(|(_, same)| !same)
    .map(|(setting, _)| setting)
    .collect()
}

/// What everybody's calendar or address book is, however the settings spell it.
fn collection(service: &Service, collection: &Option<CollectionService>) -> Option<[LoginTemplate; 2]> {
    let collection = collection.as_ref()?;
    Some([collection.url_of_everybody(&service.login), collection.login_of_everybody(&service.login)])
}

const NEVER_IN_A_PROFILE: &[&str] = &["oauth2", "password_command"];

/// The provider database: for `jane.doe@example.com` the real Thunderbird said which servers it takes. Imported to
/// settings, generated again and read again they are the same, but for a committed list.
#[test]
fn the_provider_files_keep_their_servers_on_the_way_through_settings() {
    let Some(data) = shared("data/ispdb-thunderbird-153.json") else { return };
    let observed: Value = serde_json::from_slice(&fs::read(&data).unwrap()).unwrap();
    let observed = observed.as_object().unwrap();
    assert_eq!(observed.len(), 109, "the data is that of 109 files");
    let mut changed = String::new();
    for (name, expected) in observed {
        let bytes = fs::read(data.with_file_name("ispdb").join(name)).unwrap();
        let shown = service(&autoconfig(&bytes, &nobody()).profiles, Cleartext::Taken);
        let said = |codes: &[&str]| {
            let findings = shown.findings.iter().filter(|finding| codes.contains(&finding.code.name));
            findings.map(|finding| finding.message.clone()).collect::<Vec<_>>().join("; ")
        };
        let written = shown.service.as_ref().map(|service| write_settings(service, None));
        let read =
            written.map(|text| read_settings(text.as_bytes(), &|_| Err(std::io::ErrorKind::NotFound.into())).value);
        match read.flatten().map(|service| again(&service)) {
            None => changed
                .push_str(&format!("{name}: {}\n", said(&["import-no-server", "import-no-domain", "import-left-out"]))),
            Some(Err(refusal)) => changed.push_str(&format!("{name}: no file is written: {refusal}\n")),
            Some(Ok(found)) if found != choice(expected) => {
                let guessed =
                    said(&["import-guess"]).split("; ").filter(|it| it.contains("each address")).collect::<String>();
                let reasons = [said(&["import-left-out", "import-login"]), guessed]
                    .into_iter()
                    .filter(|it| !it.is_empty())
                    .collect::<Vec<_>>()
                    .join("; ");
                assert!(!reasons.is_empty(), "{name} changes in silence: {} {found}", choice(expected));
                changed.push_str(&format!("{name}: {reasons}\n"));
            }
            Some(Ok(_)) => {}
        }
    }
    let list = root().join("fixtures/import/provider-files.txt");
    if std::env::var_os("PROVOST_BLESS").is_some() {
        fs::create_dir_all(list.parent().unwrap()).unwrap();
        fs::write(&list, &changed).unwrap();
    }
    assert_eq!(fs::read_to_string(&list).unwrap_or_else(|_| String::new()), changed);
    println!("{} of 109 provider files come through unchanged", 109 - changed.lines().count());
}

/// The file for Jane, written from settings, as Thunderbird reads it.
fn again(service: &Service) -> Result<Value, String> {
    let jane = jane();
    let account = service.account(jane.address.clone().unwrap(), jane.full_name.clone(), None, None);
    let format = provost_profile::formats().iter().find(|it| it.name == "thunderbird-autoconfig").unwrap();
    let variant = &format.variants[0];
    let Write::User(write) = variant.write else { panic!("the file is for one person") };
    let request = Request { service, account: &account, variant, passwords: Passwords::LeaveOut };
    let profile = write(&request).map_err(|refusal| refusal.to_string())?;
    let account = autoconfig(&profile.files[0].bytes, &jane).profiles.remove(0).account;
    let first = &account.incoming[0];
    Ok(json!({"inc": row(first.protocol.name(), &first.server), "out": row("smtp", &account.outgoing[0])}))
}

/// What Thunderbird sets up; the alternatives are offered to the person only.
fn choice(observed: &Value) -> Value {
    json!({"inc": observed["inc"], "out": observed["out"]})
}

fn autoconfig(bytes: &[u8], person: &Person) -> Reading {
    let format = provost_device::formats().iter().find(|it| it.name == "thunderbird-autoconfig").unwrap();
    format.read(&[SourceFile::nameless(bytes)], person).unwrap_or_else(|findings| panic!("{findings:?}"))
}

#[test]
fn a_file_for_several_domains_keeps_them_all_and_its_rule_for_login_names() {
    let settings = import(
        "config-v1.1.xml",
        &autoconfig_file(
            "<domain>one.example</domain><domain>two.example</domain>",
            "%EMAILLOCALPART%@one.example",
            "SSL",
            "password-cleartext",
        ),
        &[],
        0,
    );
    assert!(settings.stdout.contains("\ndomains: [one.example, two.example]\n"), "{}", settings.stdout);
    // The domain of the login name is a part of the rule, and not the person's.
    assert!(settings.stdout.contains("\nusername: \"%EMAILLOCALPART%@one.example\"\n"), "{}", settings.stdout);
}

#[test]
fn a_login_name_that_has_nothing_of_the_address_goes_to_the_user_list() {
    let run = import("config-v1.1.xml", &autoconfig_file(ONE, "u0042", "SSL", "password-cleartext"), &[], 0);
    assert!(
        run.stderr.contains(
            "warning[import-login]: the login name \"u0042\" contains no part of the address\n    \
             fix: put it in the user list's column username\n"
        ),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("\nusername: \"%EMAILADDRESS%\"\n"), "{}", run.stdout);
    assert!(
        run.stdout.contains("# username %EMAILADDRESS%: no login name contains a part of its address; write the rule"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_settings_cannot_say_is_said() {
    let run = import("config-v1.1.xml", &autoconfig_file(ONE, "%EMAILADDRESS%", "SSL", "NTLM"), &[], 1);
    for message in [
        "warning[import-left-out]: imap mail.one.example:993 is left out: settings do not support the authentication NTLM",
        "error[import-no-server]: no incoming server that settings can express",
        "warning[import-guess]: organization.id example.one is derived from the domain one.example",
    ] {
        assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
    }
    assert!(!run.stdout.contains("incoming:"), "{}", run.stdout);
    assert!(run.stdout.contains("\noutgoing:\n"), "{}", run.stdout);
}

#[test]
fn servers_without_tls_are_taken_only_when_asked_for() {
    let file = autoconfig_file(ONE, "%EMAILADDRESS%", "plain", "password-cleartext");
    let run = import("config-v1.1.xml", &file, &[], 1);
    let message = "imap mail.one.example:993 is left out: it is used without TLS, which settings accept only with danger_allow_cleartext\n    fix: if you need it, import with --danger-allow-cleartext";
    assert!(run.stderr.contains(message), "{}", run.stderr);
    let run = import("config-v1.1.xml", &file, &["--danger-allow-cleartext"], 0);
    assert!(run.stdout.ends_with("\ndanger_allow_cleartext: true\n"), "{}", run.stdout);
    let read = read_settings(run.stdout.as_bytes(), &|_| Err(std::io::ErrorKind::NotFound.into())).value.unwrap();
    assert_eq!(read.incoming[0].1.security, Security::Cleartext);
}

#[test]
fn the_same_users_profiles_are_generated_from_imported_settings() {
    let folder = folder();
    let (out, again) = (folder.path().join("out"), folder.path().join("again"));
    let generate = |settings: &str, out: &Path| {
        let list = "fixtures/harbour/users.jsonl";
        provost(&["generate", "-c", settings, "--users", list, "-o", text(out), "--only", "apple-mobileconfig"])
    };
    assert_eq!(generate("fixtures/harbour/mail.yaml", &out).status, Some(0));
    let settings = folder.path().join("new/mail.yaml");
    let run = provost(&["import", text(&out), "-o", text(&settings)]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    assert!(run.stderr.ends_with("note: wrote mail.yaml and mail-ca.pem\n"), "{}", run.stderr);
    let run = generate(text(&settings), &again);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    for file in ["ios/anna@harbour.example.mobileconfig", "macos/bert@harbour.example.mobileconfig"] {
        let profile = |out: &Path| fs::read_to_string(out.join("apple-mobileconfig").join(file)).unwrap();
        assert_eq!(profile(&again), profile(&out), "{file}");
    }
    let run = provost(&["import", text(&out), "-o", text(&settings)]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.ends_with(&format!(
        "error: {} already exists\n\nhint: give another file with -o, or move that one away\n",
        settings.display()
    )));
}

#[test]
fn a_seed_of_automx2_becomes_settings() {
    let seed = r#"{"provider": "Seed & Co", "domains": ["seed.example", "other.example"], "servers": [
        {"type": "imap", "name": "imap.seed.example"}, {"type": "pop", "name": "pop.seed.example", "port": 110},
        {"type": "smtp", "name": "smtp.seed.example", "port": 587},
        {"type": "carddav", "url": "https://dav.seed.example/%EMAILADDRESS%/"}]}"#;
    let run = import("seed.json", seed, &[], 0);
    let settings = run.stdout.split_once("provost: 1\n").unwrap().1;
    assert_eq!(
        settings,
        "organization:\n  id: example.seed\n  name: \"Seed & Co\"\ndomains: [seed.example, other.example]\n\
         username: \"%EMAILADDRESS%\"\nincoming:\n  \
         - { protocol: imap, host: imap.seed.example, port: 993, socket_type: SSL, authentication: password-cleartext }\n  \
         - { protocol: pop3, host: pop.seed.example, port: 110, socket_type: STARTTLS, authentication: password-cleartext }\n\
         outgoing:\n  - { host: smtp.seed.example, port: 587, socket_type: STARTTLS, authentication: password-cleartext }\n\
         contacts: { url: \"https://dav.seed.example/%EMAILADDRESS%/\" }\n"
    );
    assert!(
        run.stderr.contains("warning[assumed]: imap.seed.example has no port: automx2 uses 993\n"),
        "{}",
        run.stderr
    );
    let broken = import("seed.json", &seed.replace("\"imap\"", "\"jmap\""), &[], 2);
    assert!(
        broken.stderr.contains("error[wrong-value]: a server of the type \"jmap\"\n    fix: imap, pop, smtp, caldav and carddav are known\n"),
        "{}",
        broken.stderr
    );
}

#[test]
fn certificates_are_written_as_openssl_reads_them() {
    let harbour = fixtures().into_iter().find(|it| it.name == "harbour").unwrap();
    let ours = write_certificates(&harbour.service.trust);
    assert_eq!(ours, fs::read_to_string(root().join("fixtures/harbour/harbour-ca.pem")).unwrap());
}

#[test]
fn nobody_has_no_part_in_a_rule() {
    let address = nobody().address.unwrap();
    for name in ["nobody", "user", "invalid"] {
        assert_eq!(LoginTemplate::of(&Login::try_from(name).unwrap(), &address), None);
    }
}

#[track_caller]
fn import(name: &str, file: &str, more: &[&str], status: i32) -> provost_tests::Run {
    let folder = folder();
    let path = folder.path().join(name);
    fs::write(&path, file).unwrap();
    let run = provost(&[&["import", text(&path)], more].concat());
    assert_eq!(run.status, Some(status), "{}", run.output());
    run
}

/// One server of each kind; the incoming one as asked for.
fn autoconfig_file(domains: &str, username: &str, socket_type: &str, authentication: &str) -> String {
    let server = |element: &str, kind: &str, port: u16, socket_type: &str, authentication: &str| {
        format!(
            "<{element} type=\"{kind}\"><hostname>mail.one.example</hostname><port>{port}</port>\
             <socketType>{socket_type}</socketType><authentication>{authentication}</authentication>\
             <username>{username}</username></{element}>"
        )
    };
    format!(
        "<clientConfig version=\"1.1\"><emailProvider id=\"one.example\">{domains}{}{}</emailProvider></clientConfig>",
        server("incomingServer", "imap", 993, socket_type, authentication),
        server("outgoingServer", "smtp", 465, "SSL", "password-cleartext"),
    )
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const ONE: &str = "<domain>one.example</domain>";
