//! The files that ship, compared with files that a person has reviewed: every format and variant, for accounts that are
//! plain, awkward, STARTTLS with a private authority, and POP3. `cargo xtask bless` rewrites them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{
    Account, Apple, Authentication, Certificate, CollectionService, Encryption, Endpoint, Exchange, Identity, Incoming,
    IncomingProtocol, LdapSearch, LdapService, ManagedApp, ManagedValue, Mdm, Organization, Publication, SearchScope,
    Secret, Security, Server, Service, Smime, SyncWindow, Ttl,
};
use provost_profile::{
    DomainRequest, File, FileName, Format, Loss, OrganizationRequest, Passwords, Profile, Refusal, Request, Variant,
    Write, formats,
};

#[test]
fn golden() {
    let mut differences = Vec::new();
    for (_, variant, folder) in variants() {
        for (name, written) in all(variant) {
            compare_written(&folder, &name, &written, &mut differences);
        }
    }
    none(&differences);
}

/// The formats that are for an account with its password: the same accounts, with one that was made up to be read.
#[test]
fn golden_with_passwords() {
    let mut differences = Vec::new();
    for (_, variant, folder) in variants().filter(|(format, ..)| WITH_PASSWORDS.contains(&format.name)) {
        for (name, account) in accounts() {
            let account = with_password(account, "50% \"made up\" & +/?#=ü");
            let written = written(variant, &service(), &account, Passwords::Embed).expect("a format for a person");
            compare_written(&folder.join("with-passwords"), name, &written, &mut differences);
        }
    }
    none(&differences);
}

/// Apple's profiles also have what a service offers besides mail: one account with all of it.
#[test]
fn golden_profiles_of_everything() {
    let mut differences = Vec::new();
    let (_, service) = services().pop().unwrap();
    let text = |language: &str, text: &str| (of(language), of(text));
    let apple = Apple {
        prevent_move: Some(true),
        prevent_app_sheet: Some(true),
        mail_drop: Some(false),
        recents_syncing: Some(false),
        vpn: Some(of("5B1B5E0A-6C0D-4F3E-9C4B-0A55D5B7A001")),
        consent: [text("default", "You & we agree.\n\n<All> of it."), text("de", "Einverstanden.")].into(),
        expiration_date: Some(of("2026-12-31")),
        removal_date: Some(of("2027-01-31")),
        remove_after_days: Some(90.try_into().unwrap()),
        removal_disallowed: Some(true),
    };
    let service = Service { apple, ..service };
    let pkcs12 = fs::read(workspace().join("fixtures/orchard/smime/pip@orchard.example.p12")).unwrap();
    let smime = Smime { identity: Identity::try_from(pkcs12).unwrap(), sign: true, encryption: Encryption::Offered };
    let account =
        Account { smime: Some(smime), ..service.account(of("ada+tag@harbour.example"), Some(of("Ada")), None, None) };
    for (_, variant, folder) in variants().filter(|(format, ..)| format.name == "apple-mobileconfig") {
        let written = written(variant, &service, &account, Passwords::LeaveOut).expect("a format for a person");
        compare_written(&folder, "everything", &written, &mut differences);
    }
    none(&differences);
}

#[track_caller]
fn none(differences: &[String]) {
    assert!(differences.is_empty(), "run `cargo xtask bless` and read the diff:\n{}", differences.join("\n"));
}

#[test]
fn no_password_is_in_a_file_unless_it_was_asked_for() {
    for (format, variant, _) in variants() {
        for (name, account) in accounts() {
            let account = with_password(account, "correct horse battery");
            let Some(Ok(profile)) = written(variant, &service(), &account, Passwords::LeaveOut) else { continue };
            let holds = |bytes: &[u8]| bytes.windows(13).any(|it| it == b"correct horse");
            assert!(profile.files.iter().all(|file| !holds(&file.bytes)), "{} {name}", format.name);
        }
    }
}

#[test]
fn the_same_account_gives_the_same_bytes() {
    for (format, variant, _) in variants() {
        assert_eq!(all(variant), all(variant), "{}", format.name);
    }
}

/// Names of two accounts in a folder that ignores letter case must differ, and no path leads out of it.
#[test]
fn every_file_stays_in_its_folder() {
    for (format, variant, _) in variants() {
        for (name, written) in all(variant) {
            for file in written.into_iter().flat_map(|profile| profile.files) {
                let path = path(&name, &file);
                let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
                assert!(inside, "{}: {}", format.name, path.display());
                let end = path.extension().and_then(|end| end.to_str()).unwrap_or("");
                let known = matches!(file.name, FileName::Below(_)) || format.extensions.contains(&end);
                assert!(known, "{}: {end} is not among its extensions", format.name);
            }
        }
    }
}

/// Every variant of every format, and the folder of its files.
fn variants() -> impl Iterator<Item = (&'static Format, &'static Variant, PathBuf)> {
    let golden = workspace().join("fixtures/golden");
    let variants = formats().iter().flat_map(|format| format.variants.iter().map(move |variant| (format, variant)));
    variants.map(move |(format, variant)| (format, variant, golden.join(format.name).join(variant.name)))
}

/// What a variant writes for one person; `None` if it is for several.
fn written(
    variant: &'static Variant,
    service: &Service,
    account: &Account,
    passwords: Passwords,
) -> Option<Result<Profile, Refusal>> {
    match variant.write {
        Write::User(write) => Some(write(&Request { service, account, variant, passwords })),
        Write::Domain(_) | Write::Organization(_) => None,
    }
}

/// Everything that a variant writes for the accounts below, the service's own domain, and the organization.
fn all(variant: &'static Variant) -> Vec<(String, Result<Profile, Refusal>)> {
    let mut service = service();
    if variant.name.ends_with("-exchange") {
        service.exchange = Some(Exchange { host: of("eas.centurylink.net") });
    }
    let of_services = |write: &dyn Fn(&Service) -> Result<Profile, Refusal>| {
        services().iter().map(|(name, service)| ((*name).to_owned(), write(service))).collect()
    };
    match variant.write {
        Write::User(write) => accounts()
            .iter()
            .map(|(name, account)| {
                let request = Request { service: &service, account, variant, passwords: Passwords::LeaveOut };
                ((*name).to_owned(), write(&request))
            })
            .collect(),
        Write::Domain(write) => {
            of_services(&|service| write(&DomainRequest { service, domain: &service.domains[0], variant }))
        }
        Write::Organization(write) => of_services(&|service| write(&OrganizationRequest { service, variant })),
    }
}

fn with_password(mut account: Account, password: &str) -> Account {
    let secret = Secret::new(password.to_owned());
    account.incoming.iter_mut().for_each(|it| it.server.password = Some(secret.clone()));
    account.outgoing.iter_mut().for_each(|it| it.password = Some(secret.clone()));
    account
}

fn path(name: &str, file: &File) -> PathBuf {
    match &file.name {
        FileName::Own { part: Some(part), extension } => PathBuf::from(format!("{name}.{part}.{extension}")),
        FileName::Own { part: None, extension } => PathBuf::from(format!("{name}.{extension}")),
        FileName::Below(path) => Path::new(name).join(path),
    }
}

/// The files of one account, domain or organization and what they lack, or why there are none; and nothing else of theirs.
fn compare_written(folder: &Path, name: &str, written: &Result<Profile, Refusal>, differences: &mut Vec<String>) {
    let mut expected = Vec::new();
    match written {
        Ok(profile) => {
            expected.extend(profile.files.iter().map(|file| (path(name, file), file.bytes.clone())));
            let losses: String = profile.losses.iter().map(loss).collect();
            expected.push((PathBuf::from(format!("{name}.losses.txt")), losses.into_bytes()));
        }
        Err(refusal) => {
            expected.push((PathBuf::from(format!("{name}.refused.txt")), format!("{refusal}\n").into_bytes()));
        }
    }
    for (path, bytes) in &expected {
        compare(&folder.join(path), bytes, differences);
    }
    let is_of_theirs = |entry: &str| entry == name || entry.strip_prefix(name).is_some_and(|it| it.starts_with('.'));
    for entry in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap()) {
        let file = entry.file_name().into_string().unwrap();
        if is_of_theirs(&file) && !expected.iter().any(|(path, _)| path.starts_with(&file)) {
            no_longer_written(&entry.path(), differences);
        }
    }
}

fn no_longer_written(path: &Path, differences: &mut Vec<String>) {
    if std::env::var_os("PROVOST_BLESS").is_none() {
        return differences.push(format!("{}: nothing writes it", path.display()));
    }
    match path.is_dir() {
        true => fs::remove_dir_all(path).unwrap(),
        false => fs::remove_file(path).unwrap(),
    }
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
    let account = |address: &str, name: &str| service.account(of(address), Some(of(name)), None, None);
    let plain = account("jane.doe@centurylink.net", "Jane Doe");
    let awkward = Account {
        aliases: vec![of("o.brien@centurylink.net")],
        ..account("o'brien+tag@centurylink.net", "Zoë \"Zo\" O'Brien & <Söhne> ]]> 山田 👩‍🔬 שרה")
    };
    // What a shell, an expanding quotation mark and a format string would run, open or replace.
    let hostile =
        account("`id`$HOME|{x}'%s%h@centurylink.net", "$(id) `id` \\\"'; id #%s %(id)s {x} \\x22 ${HOME} !! <&>");
    let non_ascii = account("jürgen@centurylink.net", "Jürgen");
    let server = |port: u16, authentication| Server {
        endpoint: Endpoint {
            host: of("mail.harbour.example"),
            port: port.try_into().unwrap(),
            security: Security::StartTls,
            authentication,
        },
        login: Some(of("hb-0042")),
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
    vec![
        ("plain", plain),
        ("awkward", awkward),
        ("hostile", hostile),
        ("non-ascii", non_ascii),
        ("starttls", starttls),
        ("pop3", pop3),
    ]
}

/// The services whose files for everybody were read by a person: the guide that the project started from, and one with
/// STARTTLS, a private authority, and all that a service can have.
fn services() -> Vec<(&'static str, Service)> {
    let collection = |url: &str, login: Option<&str>| Some(CollectionService { url: of(url), login: login.map(of) });
    let endpoint = |port: u16| Endpoint {
        host: of("mail.harbour.example"),
        port: port.try_into().unwrap(),
        security: Security::StartTls,
        authentication: Authentication::PasswordCleartext,
    };
    let everything = Service {
        trust: vec![certificate()],
        password_command: Some(of("pass show mail/%EMAILADDRESS%")),
        calendar: collection("https://dav.harbour.example/calendars/%EMAILADDRESS%/", None),
        contacts: collection("https://dav.harbour.example/contacts/%USERNAME%/", Some("harbour\\%USERNAME%")),
        ldap: Some(LdapService {
            host: of("ldap.harbour.example"),
            security: Security::ImplicitTls,
            login: Some(of("uid=%EMAILLOCALPART%,ou=people,dc=harbour,dc=example")),
            searches: vec![
                search("ou=people,dc=harbour,dc=example", SearchScope::Sub, Some("Harbour & Söhne")),
                search("ou=rooms,dc=harbour,dc=example", SearchScope::One, None),
            ],
        }),
        publication: Publication {
            web_host: Some(of("www.harbour.example")),
            dns_ttl: Some(Ttl::try_from(3600).unwrap()),
        },
        exchange: Some(Exchange { host: of("eas.harbour.example") }),
        android: Some(app()),
        mdm: vec![mdm("intune", "{{mail}}", "{{partialupn}}"), mdm("quay", "@[mail 'primary']", "@[login]")],
        ..Service::of(
            Organization { id: of("example.harbour"), name: of("Harbour & Söhne") },
            vec![of("harbour.example")],
            of("%EMAILLOCALPART%"),
            vec![(IncomingProtocol::Imap, endpoint(143))],
            vec![endpoint(587)],
        )
    };
    vec![("plain", service()), ("everything", everything)]
}

fn search(base: &str, scope: SearchScope, description: Option<&str>) -> LdapSearch {
    LdapSearch { base: of(base), scope, description: description.map(of) }
}

/// An app with a key of each kind.
fn app() -> ManagedApp {
    let text = |text: &str| ManagedValue::Text(of(text));
    ManagedApp {
        package: of("com.example.courier"),
        keys: vec![
            ("mail.user".to_owned(), text("%EMAILADDRESS%")),
            ("mail.host".to_owned(), text("imap.centurylink.com")),
            ("mail.port".to_owned(), ManagedValue::Number(993)),
            ("mail.tls".to_owned(), ManagedValue::Flag(true)),
        ],
    }
}

/// A system as settings describe one.
fn mdm(name: &str, address: &str, local_part: &str) -> Mdm {
    Mdm { name: of(name), address: of(address), local_part: Some(of(local_part)), domain: None, full_name: None }
}

/// The guide that the project started from.
fn service() -> Service {
    let endpoint = |host: &str, port: u16, security| Endpoint {
        host: of(host),
        port: port.try_into().unwrap(),
        security,
        authentication: Authentication::PasswordCleartext,
    };
    Service {
        android: Some(app()),
        assets: Some(of("https://files.centurylink.net/mail")),
        sync: SyncWindow::Days(30.try_into().unwrap()),
        password_command: Some(of("pass show mail/%EMAILADDRESS%")),
        ..Service::of(
            Organization { id: of("net.centurylink"), name: of("CenturyLink") },
            vec![of("centurylink.net")],
            of("%EMAILADDRESS%"),
            vec![(IncomingProtocol::Imap, endpoint("imap.centurylink.com", 993, Security::ImplicitTls))],
            vec![
                endpoint("smtp.centurylink.com", 465, Security::ImplicitTls),
                endpoint("smtp.centurylink.com", 587, Security::StartTls),
            ],
        )
    }
}

/// The certificate authority of `fixtures/harbour`.
fn certificate() -> Certificate {
    let pem = fs::read_to_string(workspace().join("fixtures/harbour/harbour-ca.pem")).unwrap();
    let inside: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    Certificate::try_from(BASE64_STANDARD.decode(inside).unwrap()).unwrap()
}

/// A value of the model by its text.
fn of<'a, T: TryFrom<&'a str, Error: std::fmt::Debug>>(text: &'a str) -> T {
    T::try_from(text).unwrap()
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

const WITH_PASSWORDS: &[&str] = &["dclogin", "settings-sheet"];
