//! Old and new profiles: what the user of the device notices, and which value decides it.

use std::fs;
use std::path::Path;

use provost_tests::{Run, folder, provost};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn a_second_run_of_generate_changes_nothing() {
    let old = generated(SETTINGS, USERS, "apple-mobileconfig,k9s");
    let run = diff(old.path(), old.path());
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "10 unchanged\n", ""));
}

#[test]
fn a_port_is_updated_in_place_on_apple_devices_and_added_beside_in_k9() {
    let folder = folder();
    let settings = folder.path().join("mail.yaml");
    fs::write(
        &settings,
        fs::read_to_string(provost_tests::root().join(SETTINGS)).unwrap().replace("port: 465", "port: 466"),
    )
    .unwrap();
    let old = generated(SETTINGS, USERS, "k9s,thunderbird-autoconfig,apple-mobileconfig");
    let new = generated(text(&settings), USERS, "k9s,thunderbird-autoconfig,apple-mobileconfig");
    let run = diff(old.path(), new.path());
    assert_eq!(run.status, Some(1), "{}", run.output());
    let file = |name: &str| new.path().join(name).display().to_string();
    let expected = format!(
        "wick@lantern.example: updated in place (apple-mobileconfig)\n    file: {}\n    \
         outgoing[0].port: 465 -> 466\n    noticed: the account stays, with its mail, and uses the new values\n",
        file("apple-mobileconfig/ios/wick@lantern.example.mobileconfig")
    );
    assert!(run.stdout.contains(&expected), "{}", run.stdout);
    let expected = format!(
        "wick@lantern.example: added beside the old one (k9s)\n    file: {}\n    outgoing[0].port: 465 -> 466\n    \
         noticed: a second account appears; the old one keeps the old values until someone removes it\n",
        file("k9s/wick@lantern.example.k9s")
    );
    assert!(run.stdout.contains(&expected), "{}", run.stdout);
    assert!(
        run.stdout.contains("noticed: people who have the account already keep the old values\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.ends_with("\n8 updated in place, 2 added beside the old one, 4 for new accounts only\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn other_identifiers_of_the_payload_make_the_account_anew_and_other_ones_of_the_profile_add_one() {
    let old = "fixtures/wild/apple-mobileconfig/starttls-without-ssl.mobileconfig";
    let profile = fs::read_to_string(provost_tests::root().join(old)).unwrap();
    let folder = folder();
    let check = |from: &str, to: &str, expected: &str| {
        let new = folder.path().join("new.mobileconfig");
        assert!(profile.contains(from), "{from}");
        fs::write(&new, profile.replace(from, to)).unwrap();
        let run = provost(&["diff", old, text(&new)]);
        let expected = expected.replace("FILE", text(&new));
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), expected.as_str()), "{}", run.stderr);
    };
    check(
        "11111111-2222",
        "11111111-3333",
        "jane.doe@example.org: removed and created anew (apple-mobileconfig)\n    file: FILE\n    \
         mail PayloadUUID: 11111111-2222-4333-8444-555555555555 -> 11111111-3333-4333-8444-555555555555\n    \
         noticed: the account is removed and created again: its mail is downloaded again, and its password is asked for\n    \
         takeover: declarations cannot take over the profile: payload 1 (com.apple.mail.managed) has another \
         PayloadUUID: 11111111-2222-4333-8444-555555555555 -> 11111111-3333-4333-8444-555555555555\n\
         1 removed and created anew\n",
    );
    check(
        "<string>org.example</string>",
        "<string>org.example.2</string>",
        "jane.doe@example.org: added beside the old one (apple-mobileconfig)\n    file: FILE\n    \
         profile PayloadIdentifier: org.example -> org.example.2\n    \
         noticed: a second account appears; the old one keeps the old values until someone removes it\n    \
         takeover: declarations cannot take over the profile: the profile has another PayloadIdentifier: \
         org.example -> org.example.2\n1 added beside the old one\n",
    );
    check(
        "<string>Mail</string>",
        "<string>Post</string>",
        "jane.doe@example.org: updated in place (apple-mobileconfig)\n    file: FILE\n    \
         the files differ, but not in the account\n    \
         noticed: the account stays, with its mail, and uses the new values\n    \
         takeover: declarations can take over the profile if device management installed it\n1 updated in place\n",
    );
}

#[test]
fn people_who_come_and_go_are_added_and_removed() {
    let old = generated(SETTINGS, USERS, "k9s");
    let list = folder();
    let users = list.path().join("users.csv");
    fs::write(&users, "email,name\nwick@lantern.example,Wick\nnew@lantern.example,New\n").unwrap();
    let new = generated(SETTINGS, text(&users), "k9s");
    let run = provost(&["diff", "--json", text(old.path()), text(new.path())]);
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let change = |address: &str| {
        let line = lines.iter().find(|line| line["address"] == address);
        line.unwrap_or_else(|| panic!("{}", run.stdout))["change"].clone()
    };
    assert_eq!(change("new@lantern.example"), "added");
    let gone: Vec<&Value> = lines.iter().filter(|line| line["change"] == "removed").collect();
    assert_eq!(gone.len(), 1, "{}", run.stdout);
    assert_eq!(lines.last().unwrap()["summary"]["changes"]["added"], 1);
    assert_eq!(run.status, Some(1));
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let folder = folder();
    let broken = folder.path().join("a.mobileconfig");
    fs::write(&broken, "<?xml version=\"1.0\"?><plist><dict>").unwrap();
    let run = provost(&["diff", text(&broken), text(&broken)]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("error: a device would refuse "), "{}", run.stderr);
    let run = provost(&["diff", text(&broken), "/nowhere"]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("error: cannot open /nowhere"), "{}", run.stderr);
}

#[test]
fn a_password_that_changes_is_not_said() {
    let folder = folder();
    let (old, new) = (folder.path().join("old.k9s"), folder.path().join("new.k9s"));
    let out = generated(SETTINGS, USERS, "k9s");
    let profile = fs::read_to_string(out.path().join("k9s/wick@lantern.example.k9s")).unwrap();
    let with =
        |password: &str| profile.replacen("</username>", &format!("</username><password>{password}</password>"), 1);
    fs::write(&old, with("hunter2")).unwrap();
    fs::write(&new, with("hunter3")).unwrap();
    let run = diff(&old, &new);
    assert!(run.stdout.contains("\n    incoming[0].password: one -> another one\n"), "{}", run.stdout);
    assert!(!run.output().contains("hunter"), "{}", run.output());
}

fn diff(old: &Path, new: &Path) -> Run {
    provost(&["diff", text(old), text(new)])
}

fn generated(settings: &str, users: &str, only: &str) -> TempDir {
    let folder = folder();
    let run = provost(&["generate", "-c", settings, "--users", users, "-o", text(folder.path()), "--only", only]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const SETTINGS: &str = "fixtures/lantern/mail.yaml";
const USERS: &str = "fixtures/lantern/users.csv";
