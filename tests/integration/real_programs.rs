//! Other people's programs as judges: Python's plistlib, imaplib and smtplib, curl, xmllint. If one is missing the test
//! says so, and fails in continuous integration, which sets `PROVOST_REQUIRE_PROGRAMS`.

use std::path::Path;
use std::process::{Command, Stdio};

use provost_tests::{folder, has_program, installed, provost, root, shared};
use serde_json::Value;

use crate::command_line_clients::generated;
use crate::interactive_clients::explained;
use crate::mock::{mock, port};

#[test]
fn plistlib_reads_the_same_values_as_our_reader() {
    let Some(python) = installed("python3") else { return };
    let folder = folder();
    generate(folder.path(), "apple-mobileconfig");
    let profiles = said_of(&python, "plists.py", folder.path());
    assert!(profiles.len() >= 50, "{} profiles", profiles.len());
    profiles.iter().for_each(|theirs| _ = agree(theirs, &["address", "name"], &["host", "port", "username"]));
}

/// In every account of the fixtures GLib, whose reader Evolution and Geary use, finds the values that our readers
/// find.
#[test]
fn glib_finds_the_same_values_in_the_files_of_evolution_and_geary() {
    // The system's Python, since python3-gi is a package of the system.
    let python = Path::new("/usr/bin/python3");
    let has_gi = Command::new(python).args(["-c", "import gi"]).output().is_ok_and(|output| output.status.success());
    if !has_program(has_gi, "python3-gi is not installed") {
        return;
    }
    for (format, least) in [("evolution", 35), ("geary", 30)] {
        let folder = folder();
        // The golden files have the names that a shell would run.
        let mut found = said_of(python, "key_files.py", &root().join("fixtures/golden").join(format));
        generated(folder.path(), format);
        found.extend(said_of(python, "key_files.py", folder.path()));
        assert!(found.len() >= least, "{} accounts of {format}", found.len());
        for theirs in &found {
            let ours = agree(theirs, &["address", "name"], &["host", "port", "username", "socket_type"]);
            assert_eq!(ours["incoming"][0]["protocol"], theirs["protocol"], "{}", theirs["file"]);
        }
    }
}

/// The schema is that of the draft, which takes files of version 1.1 too.
#[test]
fn pythons_own_parsers_find_the_same_servers_in_outlooks_files() {
    let Some(python) = installed("python3") else { return };
    for format in ["autodiscover-pox", "outlook-prf"] {
        let folder = folder();
        generate(folder.path(), format);
        let files = said_of(&python, "outlook.py", &folder.path().join(format));
        assert!(files.len() >= 20, "{} files of {format}", files.len());
        files.iter().for_each(|theirs| _ = agree(theirs, &[], &["host", "port", "username"]));
    }
}

#[test]
fn xmllint_finds_every_autoconfig_file_valid() {
    let Some(schema) = shared("data/autoconfig.rng") else { return };
    let Some(xmllint) = installed("xmllint") else { return };
    let folder = folder();
    let out = folder.path().join("out");
    generate(&out, "thunderbird-autoconfig");
    let everything = folder.path().join("everything");
    let settings = folder.path().join("mail.yaml");
    std::fs::write(&settings, EVERYTHING).unwrap();
    let settings = settings.to_str().unwrap();
    let users = folder.path().join("users.csv");
    std::fs::write(&users, "email\nann@example.test\n").unwrap();
    let arguments =
        ["generate", "-c", settings, "--users", users.to_str().unwrap(), "-o", everything.to_str().unwrap()];
    let run = provost(&[&arguments[..], &["--only", "thunderbird-autoconfig"]].concat());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let mut files = Vec::new();
    for folder in [&out, &everything] {
        for below in ["thunderbird-autoconfig", "thunderbird-autoconfig/domain", "thunderbird-autoconfig/draft-1.2"] {
            let entries = std::fs::read_dir(folder.join(below)).unwrap().map(|it| it.unwrap().path());
            files.extend(entries.filter(|path| path.is_file()));
        }
    }
    assert!(files.len() >= 30, "{} files", files.len());
    let output = Command::new(&xmllint).args(["--noout", "--relaxng"]).arg(&schema).args(&files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let draft = everything.join("thunderbird-autoconfig/draft-1.2/example.test.xml");
    let draft = std::fs::read_to_string(draft).unwrap();
    for element in ["<calendar type=\"caldav\">", "<addressbook type=\"carddav\">", "<oAuth2>"] {
        assert_eq!(draft.matches(element).count(), 1, "{element} in {draft}");
    }
    for (right, wrong) in [
        ("<port>993</port>", "<port>many</port>"),
        ("<calendar type=\"caldav\">", "<calendar>"),
        ("<issuer>", "<hostname/><issuer>"),
    ] {
        let broken = folder.path().join("broken.xml");
        assert!(draft.contains(right), "{draft}");
        std::fs::write(&broken, draft.replacen(right, wrong, 1)).unwrap();
        let output = Command::new(&xmllint).args(["--noout", "--relaxng"]).arg(&schema).arg(&broken).output().unwrap();
        assert!(!output.status.success(), "the judge accepts {wrong}");
    }
}

#[test]
fn curl_reads_what_smtplib_sent() {
    let (Some(curl), Some(python)) = (installed("curl"), installed("python3")) else { return };
    let (mock, ready) = mock(&["-c", SETTINGS, "--users", USERS]);
    let output = Command::new(python)
        .arg(root().join("tests/integration/mail_clients.py"))
        .arg(ready.to_string())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let sent = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{sent}");

    let account = &ready["accounts"][0];
    let configuration = format!(
        "url = \"imaps://imap.centurylink.com:{port}/INBOX?SUBJECT%20Proven\"\n\
         resolve = \"imap.centurylink.com:{port}:127.0.0.1\"\n\
         cacert = \"{}\"\nuser = \"{}:{}\"\nsilent\nshow-error\n",
        ready["ca"].as_str().unwrap(),
        account["username"].as_str().unwrap(),
        account["password"].as_str().unwrap(),
        port = port(&ready, "imaps"),
    );
    let found = run_curl(&curl, &configuration);
    let number = found.trim().strip_prefix("* SEARCH ").unwrap_or_else(|| panic!("{found:?}")).to_owned();
    let message =
        run_curl(&curl, &configuration.replace("INBOX?SUBJECT%20Proven", &format!("INBOX;MAILINDEX={number}")));
    assert!(message.contains("Subject: Proven by smtplib"), "{message}");
    assert!(message.contains("Sent through the submission port."), "{message}");

    let stranger = configuration.replace(ready["ca"].as_str().unwrap(), "fixtures/centurylink/mail.yaml");
    let refused = curl_command(&curl, &stranger);
    assert!(!refused.status.success(), "curl does not check the certificate");
    drop(mock);
}

/// Asserts that our reader finds the same values of the account and its first servers, and returns what it finds.
#[track_caller]
fn agree(theirs: &Value, of_account: &[&str], of_servers: &[&str]) -> Value {
    let file = theirs["file"].as_str().unwrap();
    let ours = explained(Path::new(file), &[]);
    of_account.iter().for_each(|key| assert_eq!(ours[*key], theirs[*key], "{key} of {file}"));
    for side in ["incoming", "outgoing"] {
        of_servers.iter().for_each(|key| assert_eq!(ours[side][0][*key], theirs[side][*key], "{side} {key} of {file}"));
    }
    ours
}

/// What a script prints about the files below a folder, a line of JSON for each.
fn said_of(python: &Path, script: &str, folder: &Path) -> Vec<Value> {
    let script = root().join("tests/integration").join(script);
    let output = Command::new(python).arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

fn run_curl(curl: &Path, configuration: &str) -> String {
    let output = curl_command(curl, configuration);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// curl with its options, the password among them, from standard input.
fn curl_command(curl: &Path, configuration: &str) -> std::process::Output {
    use std::io::Write;
    let mut command = Command::new(curl);
    command.args(["--config", "-"]).current_dir(root());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(configuration.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn generate(out: &Path, format: &str) {
    let arguments = ["generate", "-c", SETTINGS, "--users", USERS, "--only", format, "-o", out.to_str().unwrap()];
    let run = provost(&arguments);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
}

const SETTINGS: &str = "fixtures/centurylink/mail.yaml";
const USERS: &str = "fixtures/centurylink/users.csv";
/// All that the format can say of a service.
const EVERYTHING: &str = "provost: 1
organization: { id: test.example, name: Example & Co }
domains: [example.test]
username: \"%EMAILADDRESS%\"
incoming:
  - { protocol: imap, host: imap.example.test, port: 993, socket_type: SSL, authentication: OAuth2 }
  - { protocol: pop3, host: pop.example.test, port: 995, socket_type: SSL, authentication: password-cleartext }
outgoing:
  - { host: smtp.example.test, port: 465, socket_type: SSL, authentication: OAuth2 }
  - { host: smtp.example.test, port: 587, socket_type: STARTTLS, authentication: password-cleartext }
oauth2:
  issuer: login.example.test
  scope: mail
  auth_url: https://login.example.test/authorize
  token_url: https://login.example.test/token
calendar: { url: \"https://dav.example.test/calendars/%EMAILADDRESS%/\" }
contacts: { url: \"https://dav.example.test/contacts/%EMAILADDRESS%/\" }
";
