//! Reads `table.txt`, the rows of [`super::provider_answers`]; the head of that file describes the format. A key that is
//! unknown, repeated, missing or out of order is an error with its line. No other file is read.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use thiserror::Error;

use super::{AnswerProtocol, AnswerStep, ProviderAnswer};

pub(super) static ANSWERS: LazyLock<Vec<ProviderAnswer>> =
    LazyLock::new(|| read(include_str!("table.txt")).expect("the tests read the same text"));

/// What is wrong with the table, and where.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("line {line}: {mistake}")]
struct TableError {
    line: usize,
    mistake: Mistake,
}

#[derive(Debug, PartialEq, Eq, Error)]
enum Mistake {
    #[error("expected \"key: value\", without spaces at the end")]
    NoField,
    #[error("{0:?} is unknown, repeated or out of order here; the keys are {keys}", keys = .1.join(", "))]
    Key(&'static str, &'static [&'static str]),
    #[error("the block has no {0:?}")]
    Missing(&'static str),
    #[error("{value:?} is not a known {key}")]
    Value { key: &'static str, value: &'static str },
}

/// The hosts of each provider.
type Providers = BTreeMap<&'static str, Vec<&'static str>>;

fn read(text: &'static str) -> Result<Vec<ProviderAnswer>, TableError> {
    let (mut providers, mut answers) = (Providers::new(), Vec::new());
    let lines: Vec<_> = (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#')).collect();
    for lines in lines.split(|(_, line)| line.is_empty()).filter(|lines| !lines.is_empty()) {
        if lines[0].1.starts_with(PROVIDER_KEYS[0]) {
            let block = Block::read(lines, PROVIDER_KEYS)?;
            providers.insert(block.one("provider")?, block.some("host")?);
        } else {
            answers.push(Block::read(lines, ANSWER_KEYS)?.answer(&providers)?);
        }
    }
    Ok(answers)
}

/// The lines up to an empty one: the number of each, its key and its value.
struct Block(Vec<(usize, &'static str, &'static str)>);

impl Block {
    fn read(lines: &[(usize, &'static str)], keys: &'static [&'static str]) -> Result<Self, TableError> {
        let mut fields = Vec::new();
        let mut allowed = keys;
        for &(line, text) in lines {
            let wrong = |mistake| TableError { line, mistake };
            let field = text.split_once(": ").filter(|(_, value)| value.trim_end() == *value && !value.is_empty());
            let (key, value) = field.ok_or(wrong(Mistake::NoField))?;
            let at = allowed.iter().position(|allowed| *allowed == key).ok_or(wrong(Mistake::Key(key, keys)))?;
            allowed = &allowed[at + usize::from(!REPEATABLE.contains(&key))..];
            fields.push((line, key, value));
        }
        Ok(Self(fields))
    }

    fn answer(&self, providers: &Providers) -> Result<ProviderAnswer, TableError> {
        let (provider, hosts) = self.known("provider", |name| match name.strip_suffix(ANY_HOST) {
            Some(server) => Some((server, vec!["*"])),
            None => Some((name, providers.get(name)?.clone())),
        })?;
        let says = self.some("says")?.into_iter().map(|line| percent_decode_str(line).collect::<Vec<u8>>());
        Ok(ProviderAnswer {
            name: self.one("name")?,
            provider,
            hosts,
            protocol: self.known("protocol", |name| named(&PROTOCOLS, name))?,
            step: self.known("step", |name| named(&STEPS, name))?,
            says: says.collect::<Vec<_>>().join(&b"\r\n"[..]),
            varies: self.values("varies"),
            pattern: self.one("pattern")?,
            causes: self.some("cause")?,
            fix: self.one("fix")?,
            source: self.one("source")?,
            seen: self.optional("seen"),
            unsure: self.optional("unsure"),
        })
    }

    fn all(&self, wanted: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
        self.0.iter().filter(move |(_, key, _)| *key == wanted).map(|(line, _, value)| (*line, *value))
    }

    fn values(&self, key: &'static str) -> Vec<&'static str> {
        self.all(key).map(|(_, value)| value).collect()
    }

    fn optional(&self, key: &'static str) -> Option<&'static str> {
        self.all(key).next().map(|(_, value)| value)
    }

    fn one(&self, key: &'static str) -> Result<&'static str, TableError> {
        self.known(key, Some)
    }

    fn some(&self, key: &'static str) -> Result<Vec<&'static str>, TableError> {
        self.one(key).map(|_| self.values(key))
    }

    /// A value that has to be known.
    fn known<T>(&self, key: &'static str, find: impl Fn(&'static str) -> Option<T>) -> Result<T, TableError> {
        let missing = TableError { line: self.0[0].0, mistake: Mistake::Missing(key) };
        let (line, value) = self.all(key).next().ok_or(missing)?;
        find(value).ok_or(TableError { line, mistake: Mistake::Value { key, value } })
    }
}

fn named<T: Copy>(known: &[(&str, T)], name: &str) -> Option<T> {
    known.iter().find(|(known, _)| *known == name).map(|(_, it)| *it)
}

const PROVIDER_KEYS: &[&str] = &["provider", "host"];
const ANSWER_KEYS: &[&str] =
    &["name", "provider", "protocol", "step", "says", "varies", "pattern", "cause", "fix", "source", "seen", "unsure"];
const REPEATABLE: [&str; 4] = ["host", "says", "varies", "cause"];
const ANY_HOST: &str = " (any host)";

const PROTOCOLS: [(&str, AnswerProtocol); 4] = [
    ("imap", AnswerProtocol::Imap),
    ("oauth2", AnswerProtocol::OAuth2),
    ("pop3", AnswerProtocol::Pop3),
    ("smtp", AnswerProtocol::Smtp),
];

const STEPS: [(&str, AnswerStep); 15] = [
    ("after-login", AnswerStep::AfterLogin),
    ("append", AnswerStep::Append),
    ("change", AnswerStep::Change),
    ("fetch", AnswerStep::Fetch),
    ("greeting", AnswerStep::Greeting),
    ("hello", AnswerStep::Hello),
    ("initial-response", AnswerStep::InitialResponse),
    ("login", AnswerStep::Login),
    ("mail", AnswerStep::Mail),
    ("message", AnswerStep::Message),
    ("not-by-server", AnswerStep::NotByServer),
    ("plain-password", AnswerStep::PlainPassword),
    ("recipient", AnswerStep::Recipient),
    ("recipient-again", AnswerStep::RecipientAgain),
    ("select-without-id", AnswerStep::SelectWithoutId),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_a_mistake_in_it_is_named_with_its_line() {
        assert_eq!(read(include_str!("table.txt")).err(), None);
        let keys = "unknown, repeated or out of order here; the keys are provider, host";
        for (text, mistake) in [
            ("# a\n\nname: a\nfix b", "line 4: expected \"key: value\", without spaces at the end".to_owned()),
            ("name: a ", "line 1: expected \"key: value\", without spaces at the end".to_owned()),
            ("provider: a\nhost: b\nhots: c", format!("line 3: \"hots\" is {keys}")),
            ("provider: a\nprovider: b", format!("line 2: \"provider\" is {keys}")),
            ("provider: a\nhost: b\n\nprovider: c\n\n", "line 4: the block has no \"host\"".to_owned()),
            ("name: a\nprovider: b", "line 2: \"b\" is not a known provider".to_owned()),
            (
                "name: a\nprovider: b (any host)\nprotocol: imap\nstep: soon\nsays: c",
                "line 4: \"soon\" is not a known step".to_owned(),
            ),
        ] {
            assert_eq!(read(text).map_err(|error| error.to_string()), Err(mistake), "{text}");
        }
    }
}
