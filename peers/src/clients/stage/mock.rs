//! Requests to the mock's control interface.

use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail, ensure};
use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde_json::Value;

use super::settings::DAYS;
use super::{AT_THE_START, Stage};

/// The line of the transcript from which to look.
pub(crate) struct Watch {
    from: u64,
}

impl Stage {
    /// Resets the mock to its initial state, and watches its transcript from there.
    pub(crate) fn reset(&self) -> anyhow::Result<Watch> {
        self.ask("POST", "/v1/reset", None)?;
        Ok(Watch { from: self.said(0)?.last().and_then(|line| line["number"].as_u64()).map_or(0, |last| last + 1) })
    }

    /// The messages of a person's folder, once there are `wait` of them.
    pub(crate) fn messages(&self, person: &str, folder: &str, wait: usize) -> anyhow::Result<Vec<Value>> {
        let path = format!("/v1/accounts/{}/mailboxes/{folder}/messages?total={wait}&timeout=20000", segment(person));
        let messages = self.ask("GET", &path, None)?;
        Ok(messages.as_array().with_context(|| format!("{folder}: {messages}"))?.clone())
    }

    /// How many messages of a person's inbox came in the days for which the settings keep mail.
    pub(crate) fn recent(&self, person: &str) -> anyhow::Result<usize> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let since = now - u64::from(DAYS) * 24 * 60 * 60;
        let messages = self.messages(person, "INBOX", 0)?;
        let recent =
            messages.iter().filter_map(|it| it["internal_date"].as_u64()).filter(|date| *date >= since).count();
        ensure!((1..messages.len()).contains(&recent), "{recent} of {} messages prove no window", messages.len());
        Ok(recent)
    }

    /// Puts a message into a person's inbox.
    pub(crate) fn deliver(&self, person: &str, subject: &str) -> anyhow::Result<()> {
        let message = format!("From: judge@centurylink.net\r\nTo: you\r\nSubject: {subject}\r\n\r\nHello.\r\n");
        self.ask("POST", &format!("/v1/accounts/{}/mailboxes/INBOX/messages", segment(person)), Some(&message))?;
        Ok(())
    }

    /// A message with this subject has reached the person.
    pub(crate) fn has_come(&self, person: &str, subject: &str) -> anyhow::Result<()> {
        let messages = self.messages(person, "INBOX", AT_THE_START + 1)?;
        let line = format!("Subject: {subject}");
        let found = messages.iter().filter_map(|it| it["raw"].as_str()).any(|raw| raw.lines().any(|it| it == line));
        ensure!(found, "no message with {line:?} came to {person}");
        Ok(())
    }

    /// The transcript from a line on.
    fn said(&self, from: u64) -> anyhow::Result<Vec<Value>> {
        let lines = self.ask("GET", &format!("/v1/transcript?from={from}"), None)?;
        Ok(lines.as_array().with_context(|| format!("the transcript is {lines}"))?.clone())
    }

    /// Whether there was a login by a protocol since the watch began.
    pub(crate) fn has_logged_in(&self, watch: &Watch, protocol: &str) -> anyhow::Result<bool> {
        let is_it = |line: &Value| {
            line["protocol"] == protocol
                && line["speaker"] == "server"
                && line["text"].as_str().is_some_and(|text| text.ends_with("logged in"))
        };
        Ok(self.said(watch.from)?.iter().any(is_it))
    }

    /// Whether there was a login by any protocol since the watch began.
    pub(crate) fn has_let_in(&self, watch: &Watch) -> anyhow::Result<bool> {
        for protocol in ["imap", "pop3", "smtp"] {
            if self.has_logged_in(watch, protocol)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// There was a login by a protocol since the watch began.
    pub(crate) fn logged_in(&self, watch: &Watch, protocol: &str) -> anyhow::Result<()> {
        ensure!(self.has_logged_in(watch, protocol)?, "nobody has logged in by {protocol}");
        Ok(())
    }

    fn ask(&self, method: &str, path: &str, body: Option<&str>) -> anyhow::Result<Value> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail-with-body", "--noproxy", "*", "--request", method]);
        curl.arg(format!("{}{path}", self.control)).stdin(Stdio::piped());
        if body.is_some() {
            curl.args(["--header", "Content-Type: message/rfc822", "--data-binary", "@-"]);
        }
        let mut curl = curl.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("cannot start curl")?;
        let mut stdin = curl.stdin.take().context("it was piped")?;
        std::io::Write::write_all(&mut stdin, body.unwrap_or("").as_bytes())?;
        drop(stdin);
        let output = curl.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let said = serde_json::from_str::<Value>(&text).ok().and_then(|it| Some(it["error"].as_str()?.to_owned()));
            bail!(said.unwrap_or_else(|| format!("{method} {path}: {}", String::from_utf8_lossy(&output.stderr))));
        }
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }
}

/// A segment of a URL's path.
fn segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}
