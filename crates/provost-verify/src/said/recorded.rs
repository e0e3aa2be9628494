//! Reads `clients.txt`: what recorded clients showed with each trouble. The file is made; nobody edits it.

use std::sync::LazyLock;

/// What a client showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The client, as `fixtures/clients` calls it.
    pub client: &'static str,
    /// What was wrong: a fault of the mock server, or a wrong setting.
    pub trouble: &'static str,
    /// What the client did not reach.
    pub outcome: &'static str,
    /// The client's name and version, and the day.
    pub version: &'static str,
    /// The lines that it showed.
    pub lines: Vec<&'static str>,
}

impl Recorded {
    /// What it showed, in parts that somebody would quote. What the observer says of it is no word of the client.
    pub(super) fn sentences(&self) -> impl Iterator<Item = &'static str> {
        let lines = self.lines.iter().filter(|line| !is_observers(line));
        lines.flat_map(|line| line.split("; ")).filter(|part| !part.is_empty())
    }

    /// The line that a person would read first. The first one is often the observer's: how the program ended.
    #[must_use]
    pub fn telling_line(&self) -> Option<&'static str> {
        self.lines.iter().find(|line| !is_observers(line)).or(self.lines.first()).copied()
    }
}

/// Every record, by client and trouble.
#[must_use]
pub fn recorded() -> &'static [Recorded] {
    static RECORDED: LazyLock<Vec<Recorded>> = LazyLock::new(|| read(include_str!("clients.txt")));
    &RECORDED
}

/// A record is a line with four fields, then the client's lines, indented.
fn read(text: &'static str) -> Vec<Recorded> {
    let mut records: Vec<Recorded> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        match (line.strip_prefix("    "), records.last_mut()) {
            (Some(words), Some(record)) => record.lines.push(words),
            (Some(_), None) => {}
            (None, _) => {
                let mut fields = line.split(" | ");
                if let (Some(client), Some(trouble), Some(outcome), Some(version)) =
                    (fields.next(), fields.next(), fields.next(), fields.next())
                {
                    records.push(Recorded { client, trouble, outcome, version, lines: Vec::new() });
                }
            }
        }
    }
    records
}

/// Whether a line is the observer's.
fn is_observers(line: &str) -> bool {
    OBSERVER.iter().any(|start| line.starts_with(start)) || line.contains(COUNTED)
}

/// What the observer says of the messages that a client showed: `7 of 8 messages came within 20s`.
const COUNTED: &str = " messages came";

/// How lines begin that say what the observer saw.
const OBSERVER: &[&str] = &["it ended with ", "it shows ", "it never shows ", "it does not end "];
