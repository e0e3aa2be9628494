//! Marionette, the protocol that drives Mozilla's programs: `LENGTH:JSON` in both directions, one answer to each
//! command. <https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html>

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// A session in the program's own context, in which scripts may do what the program does.
pub(super) struct Session {
    stream: TcpStream,
    commands: u64,
}

impl Session {
    /// Begins one. A dialog blocks it: then it ends with an error.
    pub(super) fn begin(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("Marionette does not listen")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut session = Self { stream, commands: 0 };
        session.receive()?;
        session.command("WebDriver:NewSession", &json!({ "capabilities": { "alwaysMatch": {} } }))?;
        session.command("Marionette:SetContext", &json!({ "value": "chrome" }))?;
        session.command("WebDriver:SetTimeouts", &json!({ "script": PATIENCE.as_secs() * 1000 }))?;
        Ok(session)
    }

    /// Runs a script, which may wait, to its end, and gives what it returns.
    pub(super) fn run(&mut self, script: &str, arguments: &[Value]) -> anyhow::Result<Value> {
        let script = format!("return (async () => {{ {script} }})();");
        let parameters = json!({ "script": script, "args": arguments, "sandbox": "system", "newSandbox": false });
        Ok(self.command("WebDriver:ExecuteScript", &parameters)?["value"].take())
    }

    /// Ends the program.
    pub(super) fn quit(mut self) -> anyhow::Result<()> {
        self.command("Marionette:Quit", &json!({ "flags": ["eForceQuit"] }))?;
        Ok(())
    }

    /// The window as a picture, PNG.
    pub(super) fn picture(&mut self) -> anyhow::Result<Vec<u8>> {
        let picture = self.command("WebDriver:TakeScreenshot", &json!({ "full": false }))?;
        let base64 = picture["value"].as_str().context("no picture")?;
        Ok(BASE64_STANDARD.decode(base64)?)
    }

    fn command(&mut self, name: &str, parameters: &Value) -> anyhow::Result<Value> {
        self.commands += 1;
        let message = json!([0, self.commands, name, parameters]).to_string();
        write!(self.stream, "{}:{message}", message.len())?;
        let mut answer = self.receive().with_context(|| format!("no answer to {name}"))?;
        if !answer[2].is_null() {
            bail!("{name}: {}", answer[2]["message"].as_str().unwrap_or("an error without words"));
        }
        Ok(answer[3].take())
    }

    fn receive(&mut self) -> anyhow::Result<Value> {
        let mut length = 0_usize;
        let mut octet = [0];
        loop {
            self.stream.read_exact(&mut octet)?;
            match octet[0] {
                b':' => break,
                digit @ b'0'..=b'9' => length = length * 10 + usize::from(digit - b'0'),
                other => bail!("{other:#x} in a length"),
            }
        }
        let mut message = vec![0; length];
        self.stream.read_exact(&mut message)?;
        Ok(serde_json::from_slice(&message)?)
    }
}

/// Thunderbird takes most of a minute for some failures.
const PATIENCE: Duration = Duration::from_secs(90);
