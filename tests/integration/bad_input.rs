//! Bad input: an error with its place, exit status 2, and no partial output.

use std::fs;
use std::path::Path;

use provost_tests::{Run, folder, provost};

#[test]
fn an_address_that_is_a_path_is_no_address() {
    check_users(
        b"email,name\n../../etc/passwd@centurylink.net,Mallory\n",
        ":2:1: error[",
        "a dot before the \"@\" must be between two other characters",
    );
}

#[test]
fn nul_bytes_in_a_user_list_are_refused() {
    check_users(b"email,name\njane@centurylink.net,Ja\0ne\n", ":2:", "error[");
}

#[test]
fn ten_megabytes_in_one_field_are_refused() {
    let list = [b"email,name\njane@centurylink.net,".to_vec(), vec![b'x'; 10 << 20], b"\n".to_vec()].concat();
    check_users(&list, ":2:22: error[", "error[");
}

#[test]
fn invalid_utf_8_in_a_user_list_is_refused() {
    check_users(b"email,name\njane@centurylink.net,J\xfcrgen\n", ":2:23: error[invalid-utf-8]", "UTF-8");
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let alias = format!("*a{}, ", level - 1).repeat(9);
        yaml.push_str(&format!("a{level}: &a{level} [{}]\n", alias.trim_end_matches(", ")));
    }
    check_settings(yaml.as_bytes(), "error[");
}

#[test]
fn invalid_utf_8_in_settings_is_refused() {
    check_settings(b"provost: 1\norganization: {id: net.example, name: \"\xff\"}\n", ":2:40: error[invalid-utf-8]");
}

#[test]
fn two_hundred_thousand_brackets_in_settings_are_refused() {
    check_settings("[".repeat(200_000).as_bytes(), "error[");
}

#[test]
fn two_hundred_thousand_nested_arrays_in_a_profile_are_refused() {
    let profile =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">{}", "<array>".repeat(200_000));
    check_profile("deep.mobileconfig", profile.as_bytes());
}

#[test]
fn nested_elements_in_every_other_format_are_refused() {
    check_profile("deep.xml", format!("<clientConfig version=\"1.1\">{}", "<a>".repeat(200_000)).as_bytes());
    check_profile("deep.k9s", format!("<k9settings version=\"99\" format=\"1\">{}", "<a>".repeat(200_000)).as_bytes());
    check_profile("brackets.png", "[".repeat(200_000).as_bytes());
    check_profile("invalid.mobileconfig", b"<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict>\xff</dict></plist>");
}

/// Two lists whose bytes are checked differ in nothing else: the good one is written.
#[test]
fn a_good_list_is_written_where_the_bad_ones_were_refused() {
    let (run, written) =
        generate(Path::new("fixtures/centurylink/mail.yaml"), b"email,name\njane@centurylink.net,Jane\n");
    assert_eq!((run.status, written), (Some(0), true), "{}", run.stderr);
}

#[track_caller]
fn check_users(list: &[u8], place: &str, message: &str) {
    let (run, written) = generate(Path::new("fixtures/centurylink/mail.yaml"), list);
    assert_eq!((run.status, written), (Some(2), false), "{}", run.stderr);
    assert!(run.stderr.contains(place) && run.stderr.contains(message), "{}", run.stderr);
    assert!(run.stderr.len() < 4096, "a complaint of {} octets", run.stderr.len());
}

#[track_caller]
fn check_settings(yaml: &[u8], place: &str) {
    let folder = folder();
    let settings = folder.path().join("mail.yaml");
    fs::write(&settings, yaml).unwrap();
    let (run, written) = generate(&settings, b"email,name\njane@centurylink.net,Jane\n");
    assert_eq!((run.status, written), (Some(2), false), "{}", run.stderr);
    assert!(run.stderr.contains(place), "{}", run.stderr);
}

#[track_caller]
fn check_profile(name: &str, bytes: &[u8]) {
    let folder = folder();
    let file = folder.path().join(name);
    fs::write(&file, bytes).unwrap();
    let run = provost(&["explain", file.to_str().unwrap()]);
    assert_eq!(run.status, Some(2), "{}", run.output());
    assert!(run.stderr.contains("error"), "{}", run.stderr);
    assert!(run.stderr.len() < 4096, "a complaint of {} octets", run.stderr.len());
}

/// Runs `generate`, and whether anything lies in the folder, or beside it, afterwards.
fn generate(settings: &Path, list: &[u8]) -> (Run, bool) {
    let folder = folder();
    let users = folder.path().join("users.csv");
    fs::write(&users, list).unwrap();
    let out = folder.path().join("out");
    let arguments = ["generate", "-c", settings.to_str().unwrap(), "--users", users.to_str().unwrap()];
    let run = provost(&[&arguments[..], &["-o", out.to_str().unwrap()]].concat());
    let beside = fs::read_dir(folder.path()).unwrap().count();
    (run, out.exists() || beside > 1)
}
