//! offlineimap, asked by `--info`, which prints a repository's host, port and TLS before it connects; a closed port of
//! this machine ends it there. It prints neither login name nor method, and nothing of STARTTLS.

use std::path::Path;
use std::process::Command;

use provost_account::Security;

use super::{Program, Values, Verdict};

#[test]
fn offlineimap_and_our_reader_agree_about_every_key_of_a_repository() {
    Program { name: "offlineimap", file: ".offlineimaprc", files, ask, excused: &[] }.agrees();
}

/// The key in the repository, where it takes the place of another one, and in `[DEFAULT]`.
fn files(keyword: &str, value: &str) -> Vec<(&'static str, String)> {
    let account = "[general]\naccounts = a\n[Account a]\nlocalrepository = here\nremoterepository = there\n\
         [Repository here]\ntype = Maildir\nlocalfolders = ~/Maildir\n[Repository there]\n";
    let keys = ["type = IMAP", "remotehost = 127.0.0.1", "remoteport = 9", "remoteuser = joe", "remotepass = x"];
    let others: Vec<&str> = keys.into_iter().filter(|key| !key.starts_with(&format!("{keyword} ="))).collect();
    let others = others.join("\n");
    vec![
        ("of the repository", format!("{account}{others}\n{keyword} = {value}\n")),
        ("in [DEFAULT]", format!("[DEFAULT]\n{keyword}: {value}\n{account}{others}\n")),
    ]
}

fn ask(program: &Path, file: &Path) -> Verdict {
    let home = file.parent().expect("a file lies in a folder");
    let output = Command::new(program).arg("-c").arg(file).arg("--info").env("HOME", home).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let all = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
    let Some(line) = all.lines().find_map(|line| line.strip_prefix("Host: ")) else {
        return Verdict::Refused(all.lines().last().unwrap_or("no word").to_owned());
    };
    let words: Vec<&str> = line.split(' ').collect();
    let [host, "Port:", port, "SSL:", ssl] = words[..] else { panic!("offlineimap prints {line}") };
    Verdict::Taken(vec![Values {
        protocol: Some("imap"),
        host: Some(host.to_owned()),
        port: Some(port.to_owned()).filter(|port| port != "None"),
        security: (ssl == "True").then_some(Security::ImplicitTls),
        ..Values::default()
    }])
}
