//! A screen for programs that want one: `script` pretends to be a terminal.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, ensure};

/// A program on a screen of its own: what it draws is waited for, and keys are pressed. It ends after 20 seconds, which is more than it needs.
pub(super) struct Screen {
    program: Child,
    keys: ChildStdin,
    drawn: ChildStdout,
}

impl Screen {
    /// Starts it at home; `authority` is the only one that OpenSSL and Go know.
    pub(super) fn start(home: &Path, program: &str, authority: &Path) -> anyhow::Result<Self> {
        let command = format!("stty rows 40 cols 200; exec timeout 20 {program}");
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).current_dir(home).env("HOME", home);
        script.env("TERM", "xterm").env("EDITOR", "true").env("LC_ALL", "C.UTF-8").env("SSL_CERT_FILE", authority);
        let mut program = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start script")?;
        let keys = program.stdin.take().context("it was piped")?;
        let drawn = program.stdout.take().context("it was piped")?;
        Ok(Self { program, keys, drawn })
    }

    /// Until a text has been drawn.
    pub(super) fn wait_for(&mut self, text: &str) -> anyhow::Result<()> {
        let mut seen = Vec::new();
        let mut octets = [0; 4096];
        while !seen.windows(text.len()).any(|window| window == text.as_bytes()) {
            let count = self.drawn.read(&mut octets).unwrap_or(0);
            ensure!(count != 0, "{text:?} never came: {}", readable(&seen));
            seen.extend_from_slice(&octets[..count]);
        }
        Ok(())
    }

    /// Presses keys.
    pub(super) fn press(&mut self, keys: &str) -> anyhow::Result<()> {
        self.keys.write_all(keys.as_bytes())?;
        Ok(self.keys.flush()?)
    }

    /// Until the program has ended by itself.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        std::io::copy(&mut self.drawn, &mut std::io::sink())?;
        let ended = self.program.wait()?;
        ensure!(ended.success(), "it ended with {ended}");
        Ok(())
    }
}

/// The words that were drawn, each once, without what a terminal obeys (ECMA-48) and without what only turns.
fn readable(drawn: &[u8]) -> String {
    let text = String::from_utf8_lossy(drawn);
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => {
                match characters.next() {
                    Some('[') => _ = characters.find(|c| ('@'..='~').contains(c)),
                    // It ends with BEL, or with an escape and a backslash, which is no word.
                    Some(']') => _ = characters.find(|c| matches!(c, '\u{7}' | '\u{1b}')),
                    Some('(' | ')') => _ = characters.next(),
                    Some(_) | None => {}
                }
                plain.push(' ');
            }
            control if control.is_control() => plain.push(' '),
            other => plain.push(other),
        }
    }
    let mut words: Vec<&str> = Vec::new();
    for word in plain.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphanumeric()).count() > 1) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" ")
}
