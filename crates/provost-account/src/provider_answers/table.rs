//! Reads `table.txt`, the rows of [`super::provider_answers`]; the head of that file describes the format. No other file is
//! read.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;

use super::{AnswerMeaning, AnswerProtocol, AnswerStep, ProviderAnswer};
use crate::blocks::Key::{Once, Repeatable};
use crate::blocks::{Block, Key, TableError, blocks, named};

pub(super) static ANSWERS: LazyLock<Vec<ProviderAnswer>> =
    LazyLock::new(|| read(include_str!("table.txt")).expect("the tests read the same text"));

/// The hosts of each provider.
type Providers = BTreeMap<&'static str, Vec<&'static str>>;

fn read(text: &'static str) -> Result<Vec<ProviderAnswer>, TableError> {
    let (mut providers, mut answers) = (Providers::new(), Vec::new());
    for lines in blocks(text) {
        if lines[0].1.starts_with("provider: ") {
            let block = Block::read(&lines, PROVIDER_KEYS)?;
            providers.insert(block.one("provider")?, block.some("host")?);
        } else {
            answers.push(answer(&Block::read(&lines, ANSWER_KEYS)?, &providers)?);
        }
    }
    Ok(answers)
}

fn answer(block: &Block, providers: &Providers) -> Result<ProviderAnswer, TableError> {
    let (provider, hosts) = block.known("provider", |name| match name.strip_suffix(ANY_HOST) {
        Some(server) => Some((server, vec!["*"])),
        None => Some((name, providers.get(name)?.clone())),
    })?;
    let says = block.some("says")?.into_iter().map(|line| percent_decode_str(line).collect::<Vec<u8>>());
    Ok(ProviderAnswer {
        name: block.one("name")?,
        provider,
        product: block.optional("product"),
        hosts,
        protocol: block.known("protocol", |name| named(&PROTOCOLS, name))?,
        step: block.known("step", |name| named(&STEPS, name))?,
        says: says.collect::<Vec<_>>().join(&b"\r\n"[..]),
        varies: block.values("varies"),
        pattern: block.one("pattern")?,
        means: block.known("means", |name| AnswerMeaning::ALL.into_iter().find(|it| it.name() == name))?,
        causes: block.some("cause")?,
        fix: block.one("fix")?,
        source: block.one("source")?,
        seen: block.optional("seen"),
        unsure: block.optional("unsure"),
    })
}

const PROVIDER_KEYS: &[Key] = &[Once("provider"), Repeatable("host")];
const ANSWER_KEYS: &[Key] = &[
    Once("name"),
    Once("provider"),
    Once("product"),
    Once("protocol"),
    Once("step"),
    Repeatable("says"),
    Repeatable("varies"),
    Once("pattern"),
    Once("means"),
    Repeatable("cause"),
    Once("fix"),
    Once("source"),
    Once("seen"),
    Once("unsure"),
];
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
