//! Settings to account to file to device: what the device understands is what the settings say, apart from what the
//! writer itself declared as lost.

use std::fs;

use provost_account::{Account, EmailAddress, IncomingProtocol, Security, Service, SyncWindow};
use provost_device::{Person, Understood};
use provost_profile::{Passwords, Request};
use provost_settings::{User, UserFormat, read_settings, read_users};
use provost_tests::root;

#[test]
fn every_device_understands_the_first_servers_as_the_settings_say_them() {
    let mut read = 0;
    for (service, users) in fixtures() {
        for user in &users {
            for (format, understood) in devices(&service, &user.account) {
                let (ours, theirs) = (&user.account, &understood.account);
                let context = format!("{} in {format}", ours.address);
                assert_eq!(theirs.address.key(), ours.address.key(), "{context}");
                assert_eq!(theirs.incoming[0].protocol, ours.incoming[0].protocol, "{context}");
                assert_eq!(theirs.incoming[0].server, ours.incoming[0].server, "{context}");
                assert_eq!(theirs.outgoing[0], ours.outgoing[0], "{context}");
                read += 1;
            }
        }
    }
    assert!(read > 200, "only {read} files");
}

#[test]
fn names_survive_in_every_format_that_has_them() {
    for (service, users) in fixtures() {
        for user in &users {
            for (format, understood) in devices(&service, &user.account) {
                if format != "thunderbird-autoconfig" {
                    assert_eq!(
                        understood.account.full_name, user.account.full_name,
                        "{} in {format}",
                        user.account.address
                    );
                }
            }
        }
    }
}

#[test]
fn k9_keeps_the_nearest_window_that_it_allows() {
    let (service, users) = fixtures().remove(0);
    let windows: Vec<SyncWindow> = devices(&service, &users[0].account)
        .into_iter()
        .filter(|(format, _)| *format == "k9s")
        .map(|(_, understood)| understood.account.sync)
        .collect();
    // K-9 offers 1, 2, 7, 14, 21, 28, 56 … days; 28 is the nearest to CenturyLink's 30.
    assert_eq!(windows, [SyncWindow::Days(28.try_into().unwrap())]);
}

#[test]
fn the_fixtures_cover_what_they_are_there_for() {
    let services: Vec<Service> = fixtures().into_iter().map(|(service, _)| service).collect();
    let endpoints = |service: &Service| -> Vec<(Option<IncomingProtocol>, Security)> {
        let incoming = service.incoming.iter().map(|(protocol, endpoint)| (Some(*protocol), endpoint.security));
        incoming.chain(service.outgoing.iter().map(|endpoint| (None, endpoint.security))).collect()
    };
    assert!(services.iter().any(|it| endpoints(it).iter().all(|(_, security)| *security == Security::StartTls) && !it.trust.is_empty()));
    assert!(services.iter().any(|it| it.incoming.iter().all(|(protocol, _)| *protocol == IncomingProtocol::Pop3)));
    assert!(services.iter().any(|it| it.domains.len() == 2));
}

/// What each device makes of what each writer writes; formats that refuse the account are left out.
fn devices(service: &Service, account: &Account) -> Vec<(&'static str, Understood)> {
    let mut all = Vec::new();
    for format in provost_profile::formats() {
        for variant in format.variants {
            let request = Request {
                organization: &service.organization,
                account,
                oauth2: service.oauth2.as_ref(),
                variant,
                passwords: Passwords::LeaveOut,
            };
            let Ok(profile) = (format.write)(&request) else { continue };
            for file in profile.files {
                all.push((format.name, read(format.name, &file.bytes, &account.address)));
            }
        }
    }
    all
}

fn read(format: &str, bytes: &[u8], address: &EmailAddress) -> Understood {
    let recognized = provost_device::recognize(bytes).map(|found| found.name);
    assert_eq!(recognized, Some(format));
    let device = provost_device::formats().iter().find(|it| it.name == format).unwrap();
    let person = Person { address: Some(address.clone()), full_name: None };
    let mut reading =
        (device.read)(bytes, &person).unwrap_or_else(|findings| panic!("{address} in {format}: {findings:?}"));
    assert_eq!(reading.profiles.len(), 1, "{address} in {format}");
    reading.profiles.remove(0)
}

fn fixtures() -> Vec<(Service, Vec<User>)> {
    let mut folders: Vec<_> =
        fs::read_dir(root().join("fixtures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let services = folders.into_iter().filter(|folder| folder.join("mail.yaml").exists());
    services
        .map(|folder| {
            let trust = |name: &str| fs::read(folder.join(name)).map_err(|error| error.to_string());
            let settings = read_settings(&fs::read(folder.join("mail.yaml")).unwrap(), &trust);
            let service = settings.value.unwrap_or_else(|| panic!("{:?}", settings.findings));
            let list =
                ["users.csv", "users.json", "users.jsonl"].iter().map(|name| folder.join(name)).find(|it| it.exists());
            let list = list.unwrap();
            let bytes = fs::read(&list).unwrap();
            let users = read_users(&bytes, UserFormat::detect(list.to_str(), &bytes), &service);
            assert_eq!(users.bad_rows, 0, "{:?}", users.findings);
            (service, users.good)
        })
        .collect()
}
