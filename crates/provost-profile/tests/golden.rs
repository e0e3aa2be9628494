//! The files that ship, compared with ones that a person has read: every format and variant, for accounts that are plain,
//! awkward, STARTTLS behind a private authority, and POP3. `cargo xtask bless` writes them anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use provost_account::{
    Account, Authentication, Certificate, DisplayName, DomainName, EmailAddress, Endpoint, Host, Incoming,
    IncomingProtocol, Login, LoginTemplate, Organization, OrganizationId, Secret, Security, Server, Service,
    SyncWindow,
};
use provost_profile::{Format, Loss, Passwords, Profile, Request, Variant, formats};

#[test]
fn golden() {
    let mut differences = Vec::new();
    for format in formats() {
        for variant in format.variants {
            for (name, account) in accounts() {
                let text = format.name;
                let stem = if variant.name.is_empty() { name.to_owned() } else { format!("{}/{name}", variant.name) };
                let folder = workspace().join("fixtures/golden").join(text);
                match write(format, variant, &account, Passwords::LeaveOut) {
                    Ok(profile) => {
                        for file in &profile.files {
                            compare(&folder.join(format!("{stem}.{}", file.extension)), &file.bytes, &mut differences);
                        }
                        let losses: String = profile.losses.iter().map(loss).collect();
                        compare(&folder.join(format!("{stem}.losses.txt")), losses.as_bytes(), &mut differences);
                    }
                    Err(refusal) => {
                        compare(
                            &folder.join(format!("{stem}.refused.txt")),
                            format!("{refusal}\n").as_bytes(),
                            &mut differences,
                        );
                    }
                }
            }
        }
    }
    assert!(differences.is_empty(), "run `cargo xtask bless` and read the diff:\n{}", differences.join("\n"));
}

#[test]
fn no_password_is_in_a_file_that_nobody_asked_to_have_it_in() {
    for format in formats() {
        for variant in format.variants {
            for (name, mut account) in accounts() {
                let secret = Secret::new("correct horse battery".to_owned());
                account.incoming.iter_mut().for_each(|it| it.server.password = Some(secret.clone()));
                account.outgoing.iter_mut().for_each(|it| it.password = Some(secret.clone()));
                let Ok(profile) = write(format, variant, &account, Passwords::LeaveOut) else { continue };
                let holds = |bytes: &[u8]| bytes.windows(13).any(|it| it == b"correct horse");
                assert!(profile.files.iter().all(|file| !holds(&file.bytes)), "{} {name}", format.name);
            }
        }
    }
}

#[test]
fn the_same_account_gives_the_same_bytes_and_another_one_gives_others() {
    for format in formats() {
        for variant in format.variants {
            let plain = &accounts()[0].1;
            let once = write(format, variant, plain, Passwords::LeaveOut).unwrap();
            assert_eq!(once, write(format, variant, plain, Passwords::LeaveOut).unwrap());
        }
    }
}

fn write(
    format: &Format,
    variant: &'static Variant,
    account: &Account,
    passwords: Passwords,
) -> Result<Profile, provost_profile::Refusal> {
    let organization = &service().organization;
    (format.write)(&Request { organization, account, oauth2: None, variant, passwords })
}

fn compare(path: &Path, bytes: &[u8], differences: &mut Vec<String>) {
    if std::env::var_os("PROVOST_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        return;
    }
    if fs::read(path).ok().as_deref() != Some(bytes) {
        differences.push(path.display().to_string());
    }
}

fn loss(loss: &Loss) -> String {
    let written = loss.written.as_deref().unwrap_or("nothing");
    format!("{} {} -> {written}: {}\n", loss.setting, loss.asked, loss.reason)
}

/// The accounts whose files were read by a person.
fn accounts() -> Vec<(&'static str, Account)> {
    let service = service();
    let account = |address: &str, name: &str| {
        let address = EmailAddress::try_from(address).unwrap();
        service.account(address, Some(DisplayName::try_from(name).unwrap()), None, None)
    };
    let plain = account("jane.doe@centurylink.net", "Jane Doe");
    let awkward = Account {
        aliases: vec![EmailAddress::try_from("o.brien@centurylink.net").unwrap()],
        ..account("o'brien+tag@centurylink.net", "Zoë \"Zo\" O'Brien & <Söhne> ]]> 山田 👩‍🔬 שרה")
    };
    let non_ascii = account("jürgen@centurylink.net", "Jürgen");
    let server = |port: u16, authentication| Server {
        endpoint: Endpoint {
            host: Host::try_from("mail.harbour.example").unwrap(),
            port: port.try_into().unwrap(),
            security: Security::StartTls,
            authentication,
        },
        login: Some(Login::try_from("hb-0042").unwrap()),
        password: None,
    };
    let starttls = Account {
        incoming: vec![Incoming {
            protocol: IncomingProtocol::Imap,
            server: server(143, Authentication::PasswordEncrypted),
        }],
        outgoing: vec![server(587, Authentication::PasswordEncrypted)],
        sync: SyncWindow::Unlimited,
        trust: vec![certificate()],
        ..account("ada@harbour.example", "Ada")
    };
    let mut pop3 = plain.clone();
    for incoming in &mut pop3.incoming {
        incoming.protocol = IncomingProtocol::Pop3;
        incoming.server.endpoint.port = 995.try_into().unwrap();
    }
    vec![("plain", plain), ("awkward", awkward), ("non-ascii", non_ascii), ("starttls", starttls), ("pop3", pop3)]
}

/// The guide that the project started from.
fn service() -> Service {
    let endpoint = |host: &str, port: u16, security| Endpoint {
        host: Host::try_from(host).unwrap(),
        port: port.try_into().unwrap(),
        security,
        authentication: Authentication::PasswordCleartext,
    };
    Service {
        organization: Organization {
            id: OrganizationId::try_from("net.centurylink").unwrap(),
            name: DisplayName::try_from("CenturyLink").unwrap(),
        },
        domains: vec![DomainName::try_from("centurylink.net").unwrap()],
        login: LoginTemplate::try_from("%EMAILADDRESS%").unwrap(),
        incoming: vec![(IncomingProtocol::Imap, endpoint("imap.centurylink.com", 993, Security::ImplicitTls))],
        outgoing: vec![
            endpoint("smtp.centurylink.com", 465, Security::ImplicitTls),
            endpoint("smtp.centurylink.com", 587, Security::StartTls),
        ],
        sync: SyncWindow::Days(30.try_into().unwrap()),
        trust: Vec::new(),
        oauth2: None,
    }
}

/// The certificate authority of `fixtures/harbour`.
fn certificate() -> Certificate {
    let pem = fs::read_to_string(workspace().join("fixtures/harbour/harbour-ca.pem")).unwrap();
    let inside: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    Certificate::try_from(base64(&inside)).unwrap()
}

/// Decoded by hand: a test need not bring a library in for one file.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text.chars().filter_map(|c| DIGITS.find(c)) {
        bits = bits << 6 | u32::try_from(digit).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff).try_into().unwrap());
        }
    }
    bytes
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
