//! What other clients of an account have done before it is looked at, with `openssl s_client`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Stdio};

use anyhow::{Context as _, bail};

use super::host::Host;
use super::lab::Lab;
use super::mistakes::{Before, PASSWORD};
use crate::clients::Running;

/// Does it; what stays open ends when the result is dropped.
pub(super) fn act(before: Before, lab: &Lab, host: &Host) -> anyhow::Result<Option<Conversation>> {
    let login = |password: &str| format!("a LOGIN {} {password}", host.person());
    match before {
        Before::WrongPasswords => {
            let mut imap = Conversation::begin(lab, host, &["-connect", &format!("{}:993", host.address)])?;
            for password in ["wrong-1", "wrong-2", "wrong-3"] {
                imap.ask(&login(password), "a NO")?;
            }
            Ok(None)
        }
        Before::ImapSession => {
            let mut imap = Conversation::begin(lab, host, &["-connect", &format!("{}:993", host.address)])?;
            imap.ask(&login(PASSWORD), "a OK")?;
            Ok(Some(imap))
        }
        Before::SmtpSession => {
            let mut smtp =
                Conversation::begin(lab, host, &["-starttls", "smtp", "-connect", &format!("{}:587", host.address)])?;
            smtp.ask("NOOP", "250")?;
            Ok(Some(smtp))
        }
    }
}

/// A connection of another client.
pub(super) struct Conversation {
    _program: Running,
    sends: ChildStdin,
    reads: BufReader<ChildStdout>,
}

impl Conversation {
    fn begin(lab: &Lab, host: &Host, to: &[&str]) -> anyhow::Result<Self> {
        let mut openssl = lab.at_client(host, "openssl");
        openssl.args(["s_client", "-quiet", "-verify_return_error", "-verify_hostname", &host.name(), "-CAfile"]);
        openssl.arg(lab.path("ca.pem")).args(["-servername", &host.name()]).args(to);
        openssl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut program = Running(openssl.spawn().context("cannot start nsenter")?);
        let sends = program.0.stdin.take().context("it was piped")?;
        let reads = BufReader::new(program.0.stdout.take().context("it was piped")?);
        Ok(Self { _program: program, sends, reads })
    }

    /// Sends a line, and reads until the answer begins so.
    fn ask(&mut self, line: &str, answer: &str) -> anyhow::Result<()> {
        self.sends.write_all(format!("{line}\r\n").as_bytes())?;
        let mut said = String::new();
        loop {
            let from = said.len();
            if self.reads.read_line(&mut said)? == 0 {
                bail!("no {answer:?} in {said:?}");
            }
            if said[from..].starts_with(answer) {
                return Ok(());
            }
        }
    }
}
