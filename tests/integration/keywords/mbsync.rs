//! mbsync, asked to list a channel that is in no file: it reads its configuration, says that there is no such channel,
//! and connects to nobody. So it says whether a file is taken, and of its servers only how many there are.

use std::path::Path;
use std::process::Command;

use super::{Program, Values, Verdict};

#[test]
fn mbsync_and_our_reader_agree_about_every_keyword_of_its_manual() {
    Program { name: "mbsync", file: "mbsyncrc", files, excused: EXCUSED, ask }.agrees();
}

const EXCUSED: &[(&str, &str, &str)] = &[];

/// The keyword in each kind of section, before all of them, and after them.
fn files(keyword: &str, value: &str) -> Vec<(&'static str, String)> {
    let line = format!("{keyword} {value}\n");
    let account = "IMAPAccount a\nHost 127.0.0.1\n";
    let stores = "MaildirStore n\nPath ~/n/\nInbox ~/n/INBOX\n\nMaildirStore m\nPath ~/m/\nInbox ~/m/INBOX\n";
    vec![
        ("in an account", format!("{account}{line}")),
        ("twice in an account", format!("{account}{line}{line}")),
        ("in a store that has an account", format!("{account}\nIMAPStore s\nAccount a\n{line}")),
        ("in a store of its own", format!("IMAPStore s\nHost 127.0.0.1\n{line}")),
        ("in a Maildir", format!("{account}\nMaildirStore m\n{line}")),
        ("in a channel", format!("{account}\n{stores}\nChannel c\nFar :n:\nNear :m:\n{line}")),
        ("in a group", format!("{account}\nGroup g\n{line}")),
        ("before the sections", format!("{line}{account}")),
        ("after the sections", format!("{account}\n{line}")),
        ("after the sections, with a host", format!("{account}\n{line}Host 127.0.0.1\n")),
    ]
}

fn ask(program: &Path, file: &Path) -> Verdict {
    let mut asked = Command::new(program);
    asked.arg("-c").arg(file).args(["-l", "no-such-channel"]).env("HOME", file.parent().expect("a folder"));
    let output = asked.output().expect("mbsync runs");
    let said = String::from_utf8_lossy(&output.stderr);
    if !said.contains("No channel or group named 'no-such-channel'") && !said.contains("No channels defined") {
        return Verdict::Refused(said.lines().next().unwrap_or("").to_owned());
    }
    // A section of servers without a command as its connection.
    let text = std::fs::read_to_string(file).expect("a file");
    let hosts = text.split("\n\n").filter(|section| section.lines().any(|line| line.starts_with("Host ")));
    Verdict::Taken(hosts.map(|_| Values::default()).collect())
}
