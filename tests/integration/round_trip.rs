//! Settings to account to file to device: what the device understands is what the settings say, apart from what the
//! writer itself declared as lost.

use provost_account::{Account, EmailAddress, IncomingProtocol, Security, Service, SyncWindow};
use provost_device::{Person, Understood};
use provost_profile::{Passwords, Request};

use crate::fixtures::fixtures;

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

/// Several accounts for one phone: three in a code at most, as its own export has it.
#[test]
fn several_accounts_make_several_codes_and_each_is_read() {
    let (_, users) = fixtures().remove(0);
    let plain = users.into_iter().map(|user| user.account).filter(|it| it.address.is_ascii_dot_string());
    let accounts: Vec<Account> = plain.take(7).collect();
    let codes = provost_profile::thunderbird_qr_codes(&accounts, Passwords::LeaveOut).unwrap();
    let device = provost_device::formats().iter().find(|it| it.name == "thunderbird-qr").unwrap();
    for extension in ["png", "svg"] {
        let pictures = codes.files.iter().filter(|file| file.extension == extension);
        let mut understood = Vec::new();
        let mut parts = Vec::new();
        for picture in pictures {
            let reading = (device.read)(&picture.bytes, &Person { address: None, full_name: None }).unwrap();
            assert!((1..=3).contains(&reading.profiles.len()), "{} accounts in a code", reading.profiles.len());
            parts.push((picture.part.clone().unwrap(), reading.findings[0].message.clone()));
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
    for (service, users) in fixtures() {
        let profile = provost_profile::thunderbird_autoconfig_for_domain(&service).unwrap();
        let lost = profile.losses.iter().any(|loss| loss.setting == "username");
        assert_eq!(lost, service.outgoing.len() > 1, "{}", service.organization.id.as_str());
        for user in &users {
            let own_name = service.account(user.account.address.clone(), None, None, None);
            let understood = read("thunderbird-autoconfig", &profile.files[0].bytes, &user.account.address).account;
            assert_eq!(understood.incoming[0].server, own_name.incoming[0].server);
            assert_eq!(understood.outgoing[0], own_name.outgoing[0]);
            for alternative in understood.outgoing.iter().skip(1) {
                assert_eq!(alternative.login.as_ref().map(|it| it.as_str()), Some(service.login.as_str()));
            }
        }
    }
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
