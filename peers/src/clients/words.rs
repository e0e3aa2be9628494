//! How a client's messages are recorded: with the date, and without what differs between runs or does not explain the
//! cause.

use std::process::Command;
use std::sync::LazyLock;

use anyhow::Context;
use regex::Regex;

use super::stage::Stage;

/// The words, each line once, without the stage's places and without numbers that somebody drew.
pub(super) fn normalized(words: &str, stage: &Stage) -> String {
    let place = stage.path("").display().to_string();
    let mut lines: Vec<String> = Vec::new();
    let mut is_traceback = false;
    for line in words.replace('\r', "\n").lines().map(str::trim_end) {
        // Python prints the same message again before or after it.
        is_traceback = line.starts_with("Traceback") || is_traceback && line.starts_with(' ');
        let is_noise = NOISE.iter().any(|noise| line.trim_start().starts_with(noise));
        if is_traceback || is_noise || line.is_empty() {
            continue;
        }
        let line = DRAWN
            .iter()
            .fold(line.replace(&place, "~"), |line, (drawn, instead)| drawn.replace_all(&line, *instead).into_owned());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// A text with today's date; the previous text if only the date differs.
pub(super) fn dated(before: &str, text: impl Fn(&str) -> String) -> anyhow::Result<String> {
    let day = Regex::new(r"\b\d{4}-\d\d-\d\d\b").expect("written here");
    if day.find(before).is_some_and(|day| text(day.as_str()) == before) {
        return Ok(before.to_owned());
    }
    let today = Command::new("date").args(["--utc", "+%Y-%m-%d"]).output().context("cannot start date")?;
    Ok(text(String::from_utf8(today.stdout)?.trim()))
}

/// Homes, days, times, counts of messages, and numbers that are no code and no year, as those of ports.
static DRAWN: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
    [
        (r"~[-0-9A-Za-z]+", "~"),
        (r"\b\d+/\d+/\d+\b", "N/N/N"),
        (r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d+:\d\d:\d\d \d{4}\b", "N"),
        (r"\b(\d+-\d\d-\d\dT)?\d+:\d\d:\d\dZ?\b", "N"),
        (r"(^|[^.\w])\d+/\d+\b", "${1}N/N"),
        (r"\b\d{5,}\b", "N"),
    ]
    .map(|(drawn, instead)| (Regex::new(drawn).expect("written here"), instead))
});

/// The beginnings of lines that are the same in every run.
const NOISE: &[&str] = &[
    "fetchmail: WARNING: Running as root",
    "getmail version",
    "Copyright (C)",
    "SimpleIMAPSSLRetriever:",
    "0 messages (0 bytes) retrieved",
    "Maildir notice: no UIDVALIDITY",
    "OfflineIMAP ",
    "Licensed under",
    "imaplib2 ",
    "*** ",
    "Establishing connection",
    "Creating ",
    "Syncing ",
    "Copy message ",
    "ERROR: Exceptions occurred during the run!",
    "Suggestions:",
    "- Run with --log-level",
];
