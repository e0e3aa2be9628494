//! mpop, asked by `--pretend`, which prints every value of the account that it would use, and connects to nobody.

use std::path::Path;
use std::process::Command;

use super::msmtp::{self, EXCUSED, pretend};
use super::{Program, Verdict};

#[test]
fn mpop_and_our_reader_agree_about_every_command_of_its_manual() {
    Program { name: "mpop", file: "mpoprc", files, excused: EXCUSED, ask }.agrees();
}

/// Those of msmtp, with a place to deliver to.
fn files(keyword: &str, value: &str) -> Vec<(&'static str, String)> {
    let deliver =
        |text: String| text.replace("host mail.example.org", "delivery maildir ~/Mail\nhost mail.example.org");
    let mut files: Vec<_> =
        msmtp::files(keyword, value).into_iter().map(|(what, text)| (what, deliver(text))).collect();
    let nowhere = format!("account a\nhost mail.example.org\n{keyword} {value}\n");
    files.push(("without a place to deliver to", nowhere));
    files
}

fn ask(program: &Path, file: &Path) -> Verdict {
    pretend(Command::new(program).arg("--file").arg(file).args(["--pretend", "a"]), "pop3")
}
