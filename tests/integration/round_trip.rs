//! From settings to account to file to device: what the device understands is what the settings say, except for what
//! the writer declared as lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use provost_account::{Account, Groupware, IncomingProtocol, Security, Service, SyncWindow};
use provost_device::{Person, SourceFile, Understood};
use provost_profile::{
    DomainRequest, File, FileName, OrganizationRequest, Passwords, Profile, Refusal, Request, Write,
};
use provost_settings::User;
use provost_tests::root;

use crate::fixtures::{Fixture, fixtures};

/// What a device understands differs from the settings only in declared losses.
#[test]
fn nothing_is_lost_in_silence() {
    let mut problems = Vec::new();
    let mut read = 0;
    for fixture in fixtures() {
        for Written { whose, format, variant, account, profile } in written(&fixture) {
            let Ok(profile) = profile else { continue };
            for understood in devices(format, &profile, &account) {
                read += 1;
                for setting in differences(format, &account, &understood.account) {
                    // `incoming` covers all of them, `incoming[1]` and `incoming[1].authentication` cover that one.
                    let said = profile.losses.iter().any(|loss| {
                        loss.setting.starts_with(&setting)
                            || setting.strip_prefix(&loss.setting).is_some_and(|rest| rest.starts_with('['))
                    });
                    if !said {
                        problems.push(format!(
                            "{} {whose} in {format} {variant}: {setting} is lost without a word: {:#?}",
                            fixture.name, understood.account
                        ));
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(read > 200, "only {read} files");
}

/// The losses and refusals of every fixture and format are lists that a person has read; `cargo xtask bless` writes them.
#[test]
fn losses_and_refusals_are_the_committed_ones() {
    let mut lists: BTreeMap<PathBuf, BTreeMap<String, usize>> = BTreeMap::new();
    for fixture in fixtures() {
        for Written { whose, format, variant, profile, .. } in written(&fixture) {
            let name = if variant.is_empty() { format.to_owned() } else { format!("{format}.{variant}") };
            let list = lists.entry(root().join(format!("fixtures/losses/{}/{name}.txt", fixture.name))).or_default();
            match profile {
                Ok(profile) => {
                    for loss in profile.losses {
                        let written = loss.written.as_deref().unwrap_or("nothing");
                        let line = format!("{} {} -> {written}: {}", loss.setting, loss.asked, loss.reason);
                        *list.entry(line).or_default() += 1;
                    }
                }
                Err(refusal) => *list.entry(format!("refused {whose}: {refusal}")).or_default() += 1,
            }
        }
    }
    let mut differences = Vec::new();
    for (path, list) in &lists {
        let text: String = list.iter().map(|(line, count)| format!("{count} x {line}\n")).collect();
        if std::env::var_os("PROVOST_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        } else if fs::read_to_string(path).ok().as_deref() != Some(text.as_str()) {
            differences.push(path.display().to_string());
        }
    }
    let committed = fs::read_dir(root().join("fixtures/losses")).unwrap().flat_map(|folder| {
        fs::read_dir(folder.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    });
    differences.extend(committed.filter(|path| !lists.contains_key(path)).map(|path| path.display().to_string()));
    assert!(differences.is_empty(), "run `cargo xtask bless` and read the diff:\n{}", differences.join("\n"));
}

#[test]
fn k9_keeps_the_nearest_window_that_it_allows() {
    let written = written(&fixtures().remove(0)).into_iter().find(|it| it.format == "k9s").unwrap();
    let windows: Vec<SyncWindow> = devices("k9s", &written.profile.unwrap(), &written.account)
        .into_iter()
        .map(|understood| understood.account.sync)
        .collect();
    // K-9 offers 1, 2, 7, 14, 21, 28, 56 … days; 28 is the nearest to CenturyLink's 30.
    assert_eq!(windows, [SyncWindow::Days(28.try_into().unwrap())]);
}

/// Several accounts for one phone: three in a code at most, as its own export has it.
#[test]
fn several_accounts_make_several_codes_and_each_is_read() {
    let plain =
        fixtures().remove(0).users.into_iter().map(|user| user.account).filter(|it| it.address.is_ascii_dot_string());
    let accounts: Vec<Account> = plain.take(7).collect();
    let codes = provost_profile::thunderbird_qr_codes(&accounts, Passwords::LeaveOut).unwrap();
    let device = provost_device::formats().iter().find(|it| it.name == "thunderbird-qr").unwrap();
    for extension in ["png", "svg"] {
        let pictures = codes.files.iter().filter(|file| named(file).1 == extension);
        let mut understood = Vec::new();
        let mut parts = Vec::new();
        for picture in pictures {
            let reading = device.read(&[SourceFile::nameless(&picture.bytes)], &Person::default()).unwrap();
            assert!((1..=3).contains(&reading.profiles.len()), "{} accounts in a code", reading.profiles.len());
            parts.push((named(picture).0.unwrap(), reading.findings[0].message.clone()));
            understood.extend(reading.profiles.into_iter().map(|it| it.account));
        }
        let addresses = |accounts: &[Account]| accounts.iter().map(|it| it.address.clone()).collect::<Vec<_>>();
        assert_eq!(addresses(&understood), addresses(&accounts));
        assert!(parts.len() >= 3, "{parts:?}");
        for (at, (part, said)) in parts.iter().enumerate() {
            assert_eq!(*part, format!("{}-of-{}", at + 1, parts.len()));
            assert!(said.starts_with(&format!("this is code {} of {}", at + 1, parts.len())), "{said}");
        }
    }
}

/// Thunderbird replaces placeholders in incoming servers and in the first outgoing one only.
#[test]
fn a_file_for_a_whole_domain_fits_each_user_and_says_what_it_cannot() {
    let mut read = 0;
    for fixture in fixtures() {
        let Fixture { service, users, .. } = &fixture;
        for Written { whose, format, variant, profile, .. } in written(&fixture) {
            if format != "thunderbird-autoconfig" || variant.is_empty() {
                continue;
            }
            let profile = profile.unwrap();
            let url = format!("https://autoconfig.{whose}/mail/config-v1.1.xml");
            assert_eq!(profile.files[0].install.as_deref(), Some(url.as_str()));
            let lost = profile.losses.iter().any(|loss| loss.setting == "outgoing[1].username");
            assert_eq!(lost, service.outgoing.len() > 1, "{whose}");
            for user in users.iter().filter(|user| user.account.address.domain().as_str() == whose) {
                let own_name = service.account(user.account.address.clone(), None, None, None);
                let understood = devices("thunderbird-autoconfig", &profile, &user.account).remove(0).account;
                assert_eq!(understood.incoming[0].server, own_name.incoming[0].server);
                assert_eq!(understood.outgoing[0], own_name.outgoing[0]);
                for alternative in understood.outgoing.iter().skip(1) {
                    assert_eq!(alternative.login.as_ref().map(|it| it.as_str()), Some(service.login.as_str()));
                }
                match variant {
                    "draft-1.2" => assert_eq!(understood.groupware, Groupware { ldap: None, ..own_name.groupware }),
                    _ => assert_eq!(understood.groupware, Groupware::default()),
                }
                read += 1;
            }
        }
    }
    assert!(read > 60, "{read} users");
}

#[test]
fn the_fixtures_cover_what_they_are_there_for() {
    let services: Vec<Service> = fixtures().into_iter().map(|fixture| fixture.service).collect();
    let all_by_starttls = |service: &Service| service.servers().all(|(_, it)| it.security == Security::StartTls);
    assert!(services.iter().any(|it| all_by_starttls(it) && !it.trust.is_empty()));
    assert!(services.iter().any(|it| it.incoming.iter().all(|(protocol, _)| *protocol == IncomingProtocol::Pop3)));
    assert!(services.iter().any(|it| it.domains.len() == 2));
}

/// What a writer made of an account, or of a domain or an organization with that account in it.
pub(crate) struct Written {
    pub(crate) whose: String,
    pub(crate) format: &'static str,
    pub(crate) variant: &'static str,
    pub(crate) account: Account,
    pub(crate) profile: Result<Profile, Refusal>,
}

/// Everything that is written for a fixture.
pub(crate) fn written(fixture: &Fixture) -> Vec<Written> {
    let Fixture { service, users, .. } = fixture;
    let mut all = Vec::new();
    for format in provost_profile::formats() {
        for variant in format.variants {
            let mut add = |whose: &str, account: &Account, profile| {
                let (whose, account) = (whose.to_owned(), account.clone());
                all.push(Written { whose, format: format.name, variant: variant.name, account, profile });
            };
            match variant.write {
                Write::User(write) => {
                    for User { account, .. } in users {
                        let passwords = Passwords::LeaveOut;
                        let profile = write(&Request { service, account, variant, passwords });
                        add(account.address.as_str(), account, profile);
                    }
                }
                Write::Domain(write) => {
                    for domain in &service.domains {
                        let one = users.iter().find(|user| user.account.address.domain() == domain);
                        let one = one.unwrap_or_else(|| panic!("{}: nobody in {domain}", fixture.name));
                        let account = as_the_domain_has_it(service, &one.account);
                        add(domain.as_str(), &account, write(&DomainRequest { service, domain, variant }));
                    }
                }
                Write::Organization(write) => {
                    let account = as_the_domain_has_it(service, &users[0].account);
                    let profile = write(&OrganizationRequest { service, variant });
                    add(service.organization.id.as_str(), &account, profile);
                }
            }
        }
    }
    all
}

/// The account without what only a user list knows: its own login name, aliases, groups.
fn as_the_domain_has_it(service: &Service, account: &Account) -> Account {
    service.account(account.address.clone(), account.full_name.clone(), None, None)
}

/// What the device makes of a profile: of each of its files, or of all of them where they belong together.
pub(crate) fn devices(format: &str, profile: &Profile, account: &Account) -> Vec<Understood> {
    let device = provost_device::formats().iter().find(|it| it.name == format).unwrap();
    let person = Person { address: Some(account.address.clone()), full_name: account.full_name.clone() };
    let paths: Vec<String> = profile
        .files
        .iter()
        .map(|file| match (&file.install, &file.name) {
            (Some(install), _) => install.clone(),
            (None, FileName::Own { extension, .. }) => format!("{}.{extension}", account.address),
            (None, FileName::Below(path)) => path.clone(),
        })
        .collect();
    let files: Vec<SourceFile<'_>> =
        profile.files.iter().zip(&paths).map(|(file, path)| SourceFile { path, bytes: &file.bytes }).collect();
    let together: Vec<&[SourceFile<'_>]> = match device.is_of_several_files() {
        true if files.is_empty() => Vec::new(),
        true => vec![&files],
        false => files.chunks(1).collect(),
    };
    let read = |files: &[SourceFile<'_>]| {
        let recognized = provost_device::recognize(&files[0]).map(|found| found.name);
        assert_eq!(recognized, Some(format));
        let mut reading = device
            .read(files, &person)
            .unwrap_or_else(|findings| panic!("{} in {format}: {findings:?}", account.address));
        assert_eq!(reading.profiles.len(), 1, "{} in {format}", account.address);
        reading.profiles.remove(0)
    };
    together.into_iter().map(read).collect()
}

/// The settings in which two accounts differ, named as the losses name them. What only Apple has, only its formats say.
fn differences(format: &str, ours: &Account, theirs: &Account) -> Vec<String> {
    let mut settings = Vec::new();
    let mut differ = |setting: &str, differs: bool| {
        if differs {
            settings.push(setting.to_owned());
        }
    };
    differ("address", theirs.address.key() != ours.address.key());
    differ("name", theirs.full_name != ours.full_name);
    differ("aliases", theirs.aliases != ours.aliases);
    for (at, incoming) in ours.incoming.iter().enumerate() {
        differ(&format!("incoming[{at}]"), !theirs.incoming.contains(incoming));
    }
    for (at, outgoing) in ours.outgoing.iter().enumerate() {
        differ(&format!("outgoing[{at}]"), !theirs.outgoing.contains(outgoing));
    }
    differ("incoming", theirs.incoming.first().is_some_and(|it| Some(it) != ours.incoming.first()));
    differ("outgoing", theirs.outgoing.first().is_some_and(|it| Some(it) != ours.outgoing.first()));
    differ("sync", theirs.sync != ours.sync);
    differ("trust", theirs.trust != ours.trust);
    differ("calendar", theirs.groupware.calendar != ours.groupware.calendar);
    differ("contacts", theirs.groupware.contacts != ours.groupware.contacts);
    differ("ldap", theirs.groupware.ldap != ours.groupware.ldap);
    differ("smime", theirs.smime != ours.smime);
    let (our, their) = (&ours.apple, &theirs.apple);
    if format == "apple-mobileconfig" {
        differ("apple.prevent_move", our.prevent_move != their.prevent_move);
        differ("apple.prevent_app_sheet", our.prevent_app_sheet != their.prevent_app_sheet);
        differ("apple.mail_drop", our.mail_drop != their.mail_drop);
        differ("apple.recents_syncing", our.recents_syncing != their.recents_syncing);
        differ("apple.vpn_uuid", our.vpn != their.vpn);
        differ("apple.consent", our.consent != their.consent);
        differ("apple.expiration_date", our.expiration_date != their.expiration_date);
        differ("apple.removal_date", our.removal_date != their.removal_date);
        differ("apple.remove_after_days", our.remove_after_days != their.remove_after_days);
        differ("apple.removal_disallowed", our.removal_disallowed != their.removal_disallowed);
    }
    settings
}

fn named(file: &File) -> (Option<String>, &'static str) {
    match &file.name {
        FileName::Own { part, extension } => (part.clone(), extension),
        FileName::Below(path) => panic!("{path} is one of several"),
    }
}
