//! A terminal for programs that want one, by `script`.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail, ensure};

use super::running::Running;

/// A program in a terminal of its own: tests wait for what it draws and press keys. It ends after 20 seconds, which
/// is more than it needs, and when it is dropped.
pub(crate) struct Screen {
    /// Without its terminal the program ends too, and does not disturb the next client.
    program: Running,
    keys: ChildStdin,
    drawn: ChildStdout,
    /// What was drawn since keys were pressed.
    seen: Vec<u8>,
}

impl Screen {
    /// Starts a command in the home; `authority` is the only one that OpenSSL and Go trust.
    pub(crate) fn start(home: &Path, command: &str, authority: &Path) -> anyhow::Result<Self> {
        let command = format!("stty rows 40 cols 200; exec timeout --signal KILL 20 {command}");
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).current_dir(home).env("HOME", home);
        // This terminal has colours and can do little else, so that a line is drawn in one piece.
        script.env("TERM", "pcansi").env("EDITOR", "true").env("LC_ALL", "C.UTF-8").env("SSL_CERT_FILE", authority);
        let program = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut program = Running(program.context("cannot start script")?);
        let keys = program.0.stdin.take().context("it was piped")?;
        let drawn = program.0.stdout.take().context("it was piped")?;
        Ok(Self { program, keys, drawn, seen: Vec::new() })
    }

    /// Waits until a text is drawn after the last keys; one of the texts `instead` is an error.
    pub(crate) fn wait_for(&mut self, text: &str, instead: &[&str]) -> anyhow::Result<()> {
        let mut octets = [0; 4096];
        loop {
            let has = |text: &str| self.seen.windows(text.len()).any(|window| window == text.as_bytes());
            if has(text) {
                return Ok(());
            }
            if let Some(other) = instead.iter().find(|other| has(other)) {
                bail!("it shows {other:?} and not {text:?}");
            }
            let count = self.drawn.read(&mut octets).unwrap_or(0);
            if count == 0 {
                bail!("it never shows {text:?}, last {:?}", self.lines().last().map_or("", String::as_str));
            }
            self.seen.extend_from_slice(&octets[..count]);
        }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) -> anyhow::Result<()> {
        self.seen.clear();
        self.keys.write_all(keys.as_bytes())?;
        Ok(self.keys.flush()?)
    }

    /// Waits until the program has ended by itself.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        std::io::copy(&mut self.drawn, &mut std::io::sink())?;
        let ended = self.program.0.wait()?;
        ensure!(ended.success(), "it ended with {ended}");
        Ok(())
    }

    /// The pieces of text drawn since the last keys, without control sequences (ECMA-48).
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.seen);
        let mut plain = String::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '\u{1b}' => {
                    match characters.next() {
                        Some('[') => _ = characters.find(|c| ('@'..='~').contains(c)),
                        // It ends with BEL, or with an escape and a backslash.
                        Some(']') => _ = characters.find(|c| matches!(c, '\u{7}' | '\u{1b}')),
                        Some('(' | ')') => _ = characters.next(),
                        Some(_) | None => {}
                    }
                    plain.push('\n');
                }
                control if control.is_control() => plain.push('\n'),
                other => plain.push(other),
            }
        }
        let is_word = |line: &&str| line.chars().filter(|c| c.is_alphanumeric()).count() > 1;
        plain.lines().map(str::trim).filter(is_word).map(str::to_owned).collect()
    }
}
