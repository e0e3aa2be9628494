//! `provost doctor` as a user runs it: over this machine's own network, at a mock server on loopback whose ports the settings
//! name. What it finds, what it leaves out with `--share`, and what it looks up without network.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_account::{EmailAddress, Login, Secret};
use provost_mockmail::{Armed, Config, Mailbox, MockMail};
use provost_settings::read_settings;
use provost_tests::{Run, command, folder, provost, provost_reading, root};
use provost_verify::{Check, Sends, checks};
use serde_json::Value;

#[test]
fn a_healthy_account_is_told_so_and_its_message_is_removed() {
    let run = examined(&[], PASSWORD, &["--json"]);
    assert_eq!(run.status, Some(0), "{}", run.output());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["causes"], serde_json::json!([]), "{report:#}");
    let arrive = report["checks"].as_array().unwrap().iter().find(|it| it["check"] == "arrive").unwrap();
    assert_eq!((&arrive["outcome"], &arrive["found"]), (&"pass".into(), &"arrived, and removed again".into()));
    // Dovecot delays the logins after a wrong password: nobody sends one unasked.
    assert!(!run.stdout.contains("wrong-password-refused"), "{}", run.stdout);
}

#[test]
fn the_text_says_how_long_the_test_message_was_on_its_way() {
    let run = examined(&[], PASSWORD, &[]);
    assert_eq!(run.status, Some(0), "{}", run.output());
    assert!(run.stdout.contains("\n  the test message arrived after 0."), "{}", run.stdout);
}

#[test]
fn what_is_wrong_is_told_once_for_all_servers_with_what_the_client_shows() {
    let run = examined(&["expired-certificate"], PASSWORD, &["--client", "thunderbird"]);
    assert_eq!(run.status, Some(1), "{}", run.output());
    assert!(run.stdout.contains("certificate-expired: the server's certificate has expired\n"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("whose fault: provider").count(), 1, "{}", run.stdout);
    assert_eq!(run.stdout.matches("  found: tls at localhost:").count(), 2, "{}", run.stdout);
    assert!(run.stdout.contains("thunderbird 153.7.0esr"), "{}", run.stdout);
}

#[test]
fn the_other_form_of_the_login_name_is_the_cause_where_it_logs_in() {
    let run = examined(&["local-part-only"], PASSWORD, &["--no-send", "--json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let names: Vec<&str> = report["causes"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["wrong-login-form"], "{report:#}");
    assert!(!run.stdout.contains("\"check\":\"submit\""), "{}", run.stdout);
}

#[test]
fn a_shared_report_names_nobody_and_no_output_has_the_password() {
    let run = examined(&["password-refused"], PASSWORD, &["--share"]);
    assert_eq!(run.status, Some(1), "{}", run.output());
    for word in ["jane", "doctor.example", "localhost", "127.0.0.1", PASSWORD] {
        assert!(!run.output().contains(word), "{word}: {}", run.output());
    }
    assert!(run.stdout.contains("wrong-password-or-name"), "{}", run.stdout);
}

#[test]
fn words_lead_to_causes_without_network() {
    let run = provost(&["doctor", "--said", "SEC_ERROR_EXPIRED_CERTIFICATE", "--json"]);
    assert_eq!(run.status, Some(0), "{}", run.output());
    let found: Value = serde_json::from_str(run.stdout.lines().next().unwrap()).unwrap();
    assert_eq!((&found["name"], &found["likeness"]), (&"certificate-expired".into(), &"same".into()));
    let run =
        provost_reading(&["doctor", "--said", "-"], b"a1 NO [ALERT] Too many simultaneous connections. (Failure)\r\n");
    assert!(run.stdout.starts_with("1. limit-reached: "), "{}", run.output());
    assert!(run.stdout.contains("at Gmail: close other programs"), "{}", run.output());
    let run = provost(&["doctor", "--said", "Zwei Kraniche"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
    for run in [provost(&["doctor", "--said", " "]), provost_reading(&["doctor", "--said", "-"], b"\n")] {
        assert_eq!(run.status, Some(2), "{}", run.output());
        assert!(run.stderr.starts_with("error: --said has no words\n"), "{}", run.stderr);
    }
}

#[test]
fn settings_alone_are_held_against_what_the_provider_publishes() {
    let settings = root().join("fixtures/centurylink/mail.yaml");
    let run = provost(&["doctor", "--offline", "-c", settings.to_str().unwrap()]);
    assert_eq!(run.status, Some(1), "{}", run.output());
    for contradiction in
        ["imap.centurylink.com for IMAP", "smtp.centurylink.com for SMTP", "port 465 with SSL for SMTP"]
    {
        assert!(run.stdout.contains(contradiction), "{contradiction}: {}", run.output());
    }
    let settings = root().join("fixtures/centurylink-provider/mail.yaml");
    let run = provost(&["doctor", "--offline", "-c", settings.to_str().unwrap()]);
    assert_eq!(run.status, Some(0), "{}", run.output());
}

#[test]
fn the_tables_are_listed_whole() {
    let run = provost(&["doctor", "--causes", "--json"]);
    assert_eq!(run.stdout.lines().count(), provost_verify::causes().len());
    let run = provost(&["doctor", "--providers", "--json"]);
    assert_eq!(run.stdout.lines().count(), provost_account::providers().len());
}

#[test]
fn an_address_alone_cannot_be_looked_at_offline() {
    let run = provost(&["doctor", "jane@doctor.example", "--offline"]);
    assert_eq!(run.status, Some(2), "{}", run.output());
    assert!(run.stderr.starts_with("error: of an address alone nothing can be looked at offline\n"), "{}", run.stderr);
}

/// A path in a test's folder.
type InFolder<'a> = &'a dyn Fn(&str) -> String;

#[test]
fn an_address_outside_the_settings_domains_gets_no_password() {
    let run = at_mock(&[], |path| {
        command(&["doctor", "jane@docter.example", "-c", &path("mail.yaml"), "--password-file", &path("password")])
    });
    assert_eq!(run.status, Some(2), "{}", run.output());
    let said = "error: jane@docter.example is outside the domains in ";
    assert!(run.stderr.starts_with(said) && run.stderr.contains("mail.yaml: doctor.example\n"), "{}", run.stderr);
}

/// An option counts before the user list, and the user list before the environment, as the help says.
#[test]
fn the_nearest_password_counts() {
    for (listed, environment, file, is_right) in [
        (Some(PASSWORD), Some("wrong"), None, true),
        (None, Some(PASSWORD), None, true),
        (None, Some("wrong"), None, false),
        (Some("wrong"), Some("wrong"), Some(PASSWORD), true),
        (Some(PASSWORD), None, Some("wrong"), false),
    ] {
        let run = at_mock(&[], |path| {
            let list = listed.map_or("email\njane@doctor.example\n".to_owned(), |password| {
                format!("email,password\njane@doctor.example,{password}\n")
            });
            write(&path("users.csv"), &list);
            let mut doctor = command(&["doctor", "-c", &path("mail.yaml"), "--users", &path("users.csv")]);
            doctor.args(["--only", "login"]).envs(environment.map(|it| ("PROVOST_PASSWORD", it)));
            if let Some(password) = file {
                // As an editor of Windows writes it.
                write(&path("given"), &format!("\u{feff}{password}\r\n"));
                doctor.arg("--password-file").arg(path("given"));
            }
            doctor
        });
        assert_eq!(run.status, Some(i32::from(!is_right)), "{listed:?} {environment:?} {file:?}: {}", run.output());
        assert_eq!(run.stdout.contains("wrong-password-or-name"), !is_right, "{}", run.output());
    }
}

#[test]
fn an_empty_password_is_a_mistake_and_no_wrong_password() {
    let run = at_mock(&[], |path| {
        let mut doctor = command(&["doctor", "jane@doctor.example", "-c", &path("mail.yaml")]);
        doctor.env("PROVOST_PASSWORD", "");
        doctor
    });
    assert_eq!(run.status, Some(2), "{}", run.output());
    assert!(run.stderr.starts_with("error: PROVOST_PASSWORD is empty\n"), "{}", run.stderr);
}

#[test]
fn what_is_not_looked_at_without_a_password_is_told_first() {
    let run = at_mock(&[], |path| {
        command(&["doctor", "jane@doctor.example", "-c", &path("mail.yaml"), "--only", "login,submit"])
    });
    assert_eq!(run.status, Some(0), "{}", run.output());
    let first = run.stdout.lines().next().unwrap();
    let end = "nothing is wrong with what was looked at; not without a password: login, submit (give it with --password-file or PROVOST_PASSWORD)";
    assert!(first.ends_with(end), "{first}");
}

/// What `doctor` says of an account at a mock server with these faults.
fn examined(faults: &[&str], password: &str, options: &[&str]) -> Run {
    at_mock(faults, |path| {
        write(&path("password"), &format!("{password}\n"));
        let (config, password) = (path("mail.yaml"), path("password"));
        let mut doctor = command(&["doctor", "jane@doctor.example", "-c", &config, "--password-file", &password]);
        doctor.args(["--timeout", "10", "--only", &of_servers()]).args(options);
        doctor
    })
}

/// What a command says while a mock server with these faults runs; its settings are in `mail.yaml`.
fn at_mock(faults: &[&str], command: impl FnOnce(InFolder<'_>) -> Command) -> Run {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address = EmailAddress::try_from("jane@doctor.example").unwrap();
    let (login, aliases) = (Login::try_from(address.as_str()).unwrap(), Vec::new());
    let mailbox = Mailbox { login, address, aliases, password: Secret::new(PASSWORD.to_owned()) };
    let read = read_settings(settings(993, 587, "").as_bytes(), &|_| Err(std::io::ErrorKind::NotFound.into()));
    let config = Config::of(read.value.expect("the settings are good"), vec![mailbox], SystemTime::now());
    let faults = faults.iter().map(|name| name.parse::<Armed>().unwrap()).collect();
    let mock = runtime.block_on(MockMail::start(Config { faults, ..config })).unwrap();
    let port = |registered: u16| {
        let listener = mock.listeners().iter().find(|it| it.named && it.port.get() == registered);
        listener.and_then(|it| it.socket).expect("it listens").port()
    };
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let trust = STANDARD.encode(mock.ca().der());
    write(&path("ca.pem"), &format!("-----BEGIN CERTIFICATE-----\n{trust}\n-----END CERTIFICATE-----\n"));
    write(&path("mail.yaml"), &settings(port(993), port(587), "trust: [ca.pem]\n"));
    write(&path("password"), &format!("{PASSWORD}\n"));
    let run = command(&path).output().unwrap().into();
    runtime.block_on(mock.stop());
    run
}

/// The checks that ask nobody but the account's servers: about the domain, the real network would be asked.
fn of_servers() -> String {
    let is_of_domain = |check: &&Check| match check.sends {
        Sends::Nothing | Sends::RecordNames | Sends::DomainName => true,
        Sends::Name | Sends::NothingOfAccount | Sends::InventedLogin => false,
        Sends::Login | Sends::Message | Sends::WrongPassword => false,
    };
    let names: Vec<&str> = checks().iter().filter(|it| !is_of_domain(it)).map(|it| it.name).collect();
    names.join(",")
}

fn write(path: &str, text: &str) {
    fs::write(Path::new(path), text).unwrap();
}

fn settings(imaps: u16, submission: u16, more: &str) -> String {
    format!(
        "provost: 1\norganization: {{ id: example.doctor, name: Doctor }}\ndomains: [doctor.example]\n\
         username: \"%EMAILADDRESS%\"\nincoming:\n\
         \x20 - {{ protocol: imap, host: localhost, port: {imaps}, socket_type: SSL, authentication: password-cleartext }}\n\
         outgoing:\n\
         \x20 - {{ host: localhost, port: {submission}, socket_type: STARTTLS, authentication: password-cleartext }}\n\
         sync: {{ days: 30 }}\n{more}"
    )
}

const PASSWORD: &str = "a-password-of-this-test";
