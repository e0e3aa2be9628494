//! From profiles to settings: what was generated comes back, what the real Thunderbird chose stays, and what settings
//! cannot express is reported.

use std::collections::BTreeMap;
use std::fs;

use provost_account::{CollectionService, Login, LoginTemplate, Service};
use provost_device::{Cleartext, Person, Reading, SourceFile, Understood, nobody, service};
use provost_profile::{Passwords, Request, Write};
use provost_settings::{read_settings, write_certificates, write_settings};
use provost_tests::{root, shared};
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
            // An organization's file is read for one person, who is in one of its domains.
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

/// The rules for a calendar's or address book's URL and login, however the settings spell them.
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

/// What Thunderbird sets up, without the alternatives that it offers.
fn choice(observed: &Value) -> Value {
    json!({"inc": observed["inc"], "out": observed["out"]})
}

fn autoconfig(bytes: &[u8], person: &Person) -> Reading {
    let format = provost_device::formats().iter().find(|it| it.name == "thunderbird-autoconfig").unwrap();
    format.read(&[SourceFile::nameless(bytes)], person).unwrap_or_else(|findings| panic!("{findings:?}"))
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
