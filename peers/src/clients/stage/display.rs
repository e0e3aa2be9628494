//! An X server without a screen, for programs with a window.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use super::running::Running;

/// The server, which ends when it is dropped.
pub(crate) struct Display {
    /// What `DISPLAY` is for its programs.
    pub(crate) name: String,
    _server: Running,
}

impl Display {
    pub(crate) fn open() -> anyhow::Result<Self> {
        // It writes the number of a free display as soon as it listens.
        let arguments = ["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"];
        let server = Command::new("Xvfb").args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut server = Running(server.context("cannot start Xvfb (Debian: xvfb)")?);
        let mut number = String::new();
        BufReader::new(server.0.stdout.take().context("it was piped")?).read_line(&mut number)?;
        ensure!(!number.is_empty(), "Xvfb found no display");
        Ok(Self { name: format!(":{}", number.trim()), _server: server })
    }
}
