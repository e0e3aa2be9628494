//! The table of SASL mechanisms, and an exchange of challenges and responses in the base64 lines that IMAP, POP3 and SMTP
//! share. A file for each mechanism that has more to it than a password.

mod bearer;
mod cram_md5;
mod plain;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_account::Authentication;

use crate::account::{AccountId, Store};

/// The mechanisms that the ways to log in stand for, the preferred one first.
pub(crate) fn offered(authentications: &[Authentication]) -> Vec<&'static Mechanism> {
    MECHANISMS.iter().filter(|mechanism| authentications.contains(&mechanism.authentication)).collect()
}

/// A SASL mechanism.
#[derive(Debug)]
pub(crate) struct Mechanism {
    pub(crate) name: &'static str,
    /// What settings call the family that it belongs to.
    authentication: Authentication,
    /// What the server says first; `None` if the client speaks first.
    challenge: Option<fn(&Moment<'_>) -> String>,
    /// Judges the response to the first challenge.
    judge: fn(&Response<'_>) -> Verdict,
}

/// What makes one exchange differ from another.
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    pub(crate) host: &'a str,
    pub(crate) number: u64,
    pub(crate) timestamp: i64,
}

/// What the client answered.
struct Response<'a> {
    /// All answers so far; LOGIN has two.
    answers: &'a [Vec<u8>],
    challenge: &'a str,
    store: &'a Store,
}

enum Verdict {
    Accepted(AccountId),
    Refused,
    Malformed,
    /// Another question is needed.
    Ask(&'static str),
}

/// An exchange that has begun.
#[derive(Debug)]
pub(crate) struct Exchange {
    mechanism: &'static Mechanism,
    challenge: String,
    answers: Vec<Vec<u8>>,
}

/// Where an exchange stands after a line of the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The server's next challenge, base64.
    Challenge(String),
    Accepted(AccountId),
    /// Wrong name, password, digest or token.
    Refused,
    /// No base64, or not what the mechanism says.
    Malformed,
    /// The client gave up.
    Cancelled,
}

impl Exchange {
    /// Begins; `initial` is the response that came with the command. RFC 4954 §4: "=" is an empty one.
    pub(crate) fn start(
        mechanism: &'static Mechanism,
        initial: Option<&str>,
        moment: &Moment<'_>,
        store: &Store,
    ) -> (Self, Step) {
        let challenge = mechanism.challenge.map_or_else(String::new, |challenge| challenge(moment));
        let mut exchange = Self { mechanism, challenge, answers: Vec::new() };
        let step = match (initial, mechanism.challenge) {
            // RFC 4422 §5: a mechanism in which the server speaks first has no initial response.
            (Some(_), Some(_)) if mechanism.name == cram_md5::NAME => Step::Malformed,
            (Some("="), _) => exchange.answer(Vec::new(), store),
            (Some(text), _) => exchange.line(text, store),
            (None, _) => Step::Challenge(STANDARD.encode(&exchange.challenge)),
        };
        (exchange, step)
    }

    /// Takes the client's next line.
    pub(crate) fn line(&mut self, line: &str, store: &Store) -> Step {
        if line == "*" {
            return Step::Cancelled;
        }
        match STANDARD.decode(line) {
            Ok(answer) => self.answer(answer, store),
            Err(_) => Step::Malformed,
        }
    }

    fn answer(&mut self, answer: Vec<u8>, store: &Store) -> Step {
        self.answers.push(answer);
        let response = Response { answers: &self.answers, challenge: &self.challenge, store };
        match (self.mechanism.judge)(&response) {
            Verdict::Accepted(account) => Step::Accepted(account),
            Verdict::Refused => Step::Refused,
            Verdict::Malformed => Step::Malformed,
            Verdict::Ask(question) => Step::Challenge(STANDARD.encode(question)),
        }
    }
}

const MECHANISMS: &[Mechanism] = &[
    Mechanism {
        name: cram_md5::NAME,
        authentication: Authentication::PasswordEncrypted,
        challenge: Some(cram_md5::challenge),
        judge: cram_md5::judge,
    },
    Mechanism {
        name: "PLAIN",
        authentication: Authentication::PasswordCleartext,
        challenge: None,
        judge: plain::judge_plain,
    },
    Mechanism {
        name: "LOGIN",
        authentication: Authentication::PasswordCleartext,
        challenge: Some(|_| plain::USERNAME.to_owned()),
        judge: plain::judge_login,
    },
    Mechanism {
        name: "OAUTHBEARER",
        authentication: Authentication::OAuth2,
        challenge: None,
        judge: bearer::judge_oauthbearer,
    },
    Mechanism {
        name: "XOAUTH2",
        authentication: Authentication::OAuth2,
        challenge: None,
        judge: bearer::judge_xoauth2,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2195 §2: the digest of "tim" with the secret "tanstaaftanstaaf".
    #[test]
    fn the_digest_is_that_of_rfc_2195() {
        assert_eq!(
            cram_md5::digest("<1896.697170952@postoffice.reston.mci.net>", "tanstaaftanstaaf"),
            "b913a602c7eda7a495b4e6e7334d3890",
        );
    }
}
