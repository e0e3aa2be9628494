//! aerc, started without a terminal and in a network namespace with nothing in it: it reads its configuration, says what is
//! wrong with it, and ends because there is no terminal. So it says whether a file is taken, and nothing of its servers.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use provost_tests::installed;

use super::{Program, Verdict};

#[test]
fn aerc_and_our_reader_agree_about_every_key_of_its_manuals() {
    Program { name: "aerc", file: "accounts.conf", files, excused: EXCUSED, ask }.agrees();
}

const EXCUSED: &[(&str, &str, &str)] = &[
    ("from", "jane", FOLLOWS_0_22),
    ("from", "Jane <jane@>", FOLLOWS_0_22),
    ("aliases", "x", FOLLOWS_0_22),
    ("source", "imaps://jane@mail.example.org:x", "noticed when it connects"),
    ("source-cred-cmd", "false", "no command is executed here"),
    ("subject-re-pattern", "(", "regular expressions of Go are not judged"),
];
const FOLLOWS_0_22: &str = "0.14 takes what is no address, and our reader follows 0.22";

/// The key in the account, before it, in one of several, and in other ways to write it.
fn files(keyword: &str, value: &str) -> Vec<(&'static str, String)> {
    let has = |key: &str| if keyword == key { "" } else { "=" };
    let lines = [
        ("source", "imaps://jane@mail.example.org:993"),
        ("outgoing", "smtps://jane@mail.example.org:465"),
        ("from", "Jane <jane@example.org>"),
    ];
    let others: String =
        lines.iter().filter(|(key, _)| !has(key).is_empty()).map(|(key, text)| format!("{key} = {text}\n")).collect();
    let line = format!("{keyword} = {value}\n");
    vec![
        ("in the account", format!("[Work]\n{others}{line}")),
        ("alone", format!("[Work]\n{line}")),
        ("without blanks", format!("[Work]\n{others}{keyword}={value}\n")),
        ("with a colon", format!("[Work]\n{others}{keyword}: {value}\n")),
        ("twice", format!("[Work]\n{line}{others}{line}")),
        ("before the accounts", format!("{line}[Work]\n{others}")),
        ("in the second account", format!("[Home]\nsource = maildir://~/m\n\n[Work]\n{others}{line}")),
        ("in capitals", format!("[Work]\n{others}{} = {value}\n", keyword.to_uppercase())),
        ("in a comment", format!("[Work]\n{others}# {line}; {line}")),
    ]
}

fn ask(program: &Path, file: &Path) -> Verdict {
    let Some(unshare) = installed("unshare") else { return Verdict::Read };
    let home = file.parent().expect("a folder");
    let folder = home.join("aerc");
    fs::create_dir_all(&folder).expect("a folder for the configuration");
    fs::copy(file, folder.join("accounts.conf")).expect("a copy");
    let mut asked = Command::new(unshare);
    asked.args(["--map-root-user", "--net"]).arg(program).env_clear().env("HOME", home).env("XDG_CONFIG_HOME", home);
    asked.env("PATH", std::env::var_os("PATH").expect("a search path")).stdin(Stdio::null());
    let output = asked.output().expect("aerc runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    match said.lines().find(|line| line.contains("Failed to load config")) {
        Some(why) => Verdict::Refused(why.to_owned()),
        None => {
            assert!(said.contains("Parsing accounts configuration"), "{said}");
            Verdict::Read
        }
    }
}
