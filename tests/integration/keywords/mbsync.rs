//! mbsync, asked to list a channel that is in no file: it reads its configuration, says that there is no such channel,
//! and connects to nobody. So it says whether a file is taken, and how many servers there are. Where a file has a channel, it
//! is run too, in a network namespace with nothing in it, and says to which host and port it would connect.

use std::fs;
use std::path::Path;
use std::process::Command;

use provost_tests::installed;

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
        (
            "in an account with a channel",
            format!("{account}{line}\nIMAPStore s\nAccount a\n\n{stores}\nChannel c\nFar :s:\nNear :m:\n"),
        ),
        (
            "in a store with a channel",
            format!("IMAPStore s\nHost 127.0.0.1\n{line}\n{stores}\nChannel c\nFar :s:\nNear :m:\n"),
        ),
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
    let mut servers: Vec<Values> = hosts.map(|_| Values::default()).collect();
    if let [server] = &mut servers[..]
        && text.contains("Far :s:")
    {
        *server = connects_to(program, file);
    }
    Verdict::Taken(servers)
}

/// Where it would connect: `Resolving HOST...`, `Connecting to HOST (ADDRESS:PORT)...`.
fn connects_to(program: &Path, file: &Path) -> Values {
    let Some(unshare) = installed("unshare") else { return Values::default() };
    let folder = file.parent().expect("a folder");
    fs::create_dir_all(folder.join("m")).expect("a folder for mail");
    let mut run = Command::new(unshare);
    run.args(["--map-root-user", "--net"]).arg(program).args(["-V", "-D", "-c"]).arg(file).arg("c").env("HOME", folder);
    let output = run.output().expect("unshare runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let after = |words: &str| said.lines().find_map(|line| line.strip_prefix(words));
    let host = after("Resolving ").and_then(|rest| rest.split("...").next());
    let port = after("Connecting to ").and_then(|rest| rest.split_once(')')?.0.rsplit_once(':'));
    Values { host: host.map(ToOwned::to_owned), port: port.map(|(_, port)| port.to_owned()), ..Values::default() }
}
