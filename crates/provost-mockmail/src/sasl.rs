//! The table of SASL mechanisms, and an exchange of challenges and responses in the base64 lines that IMAP, POP3 and
//! SMTP share. Mechanisms that need more than a password have their own file.

mod bearer;
mod cram_md5;
mod external;
mod plain;
mod scram;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_account::Authentication;
use sha2::{Digest, Sha256};

use crate::store::{AccountId, Served};

pub(crate) use scram::Binding;
use scram::{SHA_1, SHA_256};

/// The mechanisms that the ways to log in stand for, the preferred one first; those that bind only where there is
/// something to bind to.
pub(crate) fn offered(authentications: &[Authentication], binding: Option<&Binding>) -> Vec<&'static Mechanism> {
    let offers = |mechanism: &&Mechanism| {
        // Who has shown a certificate is not asked whether the settings speak of one.
        let knows_client = binding.is_some_and(|binding| binding.client.is_some());
        match mechanism.name {
            external::NAME => knows_client,
            _ => {
                mechanism.families.iter().any(|family| authentications.contains(family))
                    && (binding.is_some() || !mechanism.binds)
            }
        }
    };
    MECHANISMS.iter().filter(offers).collect()
}

/// A SASL mechanism.
#[derive(Debug)]
pub(crate) struct Mechanism {
    pub(crate) name: &'static str,
    /// What settings call the families that it belongs to.
    families: &'static [Authentication],
    /// Whether it is bound to the TLS connection.
    binds: bool,
    /// What the server says first; `None` if the client speaks first.
    challenge: Option<fn(&Moment<'_>) -> String>,
    judge: Judge,
}

/// Judges the response to the last challenge; `None` if it is malformed.
type Judge = fn(&mut Response<'_, '_>) -> Option<Verdict>;

/// What makes one exchange differ from another.
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    pub(crate) host: &'a str,
    pub(crate) number: u64,
    pub(crate) timestamp: i64,
    pub(crate) binding: Option<&'a Binding>,
}

/// What the client answered.
struct Response<'a, 's> {
    /// All answers so far; LOGIN has two.
    answers: &'a [Vec<u8>],
    challenge: &'a str,
    /// The server's part of a nonce.
    nonce: &'a str,
    binding: Option<&'a Binding>,
    store: &'a mut Served<'s>,
}

impl<'a> Response<'a, '_> {
    fn text(&self, at: usize) -> Option<&'a str> {
        std::str::from_utf8(self.answers.get(at)?).ok()
    }
}

enum Verdict {
    /// Who is logged in; `None`: nobody, as the name or the proof is wrong.
    Decided(Option<AccountId>),
    /// The same, once the client has acknowledged the server's proof, or why it is refused.
    DecidedSaying(Option<AccountId>, String),
    /// Another question is needed.
    Ask(String),
}

/// An exchange that has begun.
#[derive(Debug)]
pub(crate) struct Exchange {
    mechanism: &'static Mechanism,
    challenge: String,
    nonce: String,
    binding: Option<Binding>,
    answers: Vec<Vec<u8>>,
    /// Whose name the client gave.
    named: Option<AccountId>,
    /// What is said as soon as the client has taken note of the last challenge.
    decided: Option<Option<AccountId>>,
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
        store: &mut Served<'_>,
    ) -> (Self, Step) {
        let challenge = mechanism.challenge.map_or_else(String::new, |challenge| challenge(moment));
        // What counts is that no two are alike; a test that is run again may meet them again.
        let nonce = Sha256::digest(format!("{} {} {}", moment.host, moment.number, moment.timestamp));
        let mut exchange = Self {
            mechanism,
            challenge,
            nonce: STANDARD.encode(&nonce[..18]),
            binding: moment.binding.cloned(),
            answers: Vec::new(),
            named: None,
            decided: None,
        };
        let step = match (initial, mechanism.challenge) {
            // RFC 4422 §5: a mechanism in which the server speaks first has no initial response.
            (Some(_), Some(_)) if mechanism.name == cram_md5::NAME => Step::Malformed,
            (Some("="), _) => exchange.answer(Vec::new(), store),
            (Some(text), _) => exchange.line(text, store),
            (None, _) => Step::Challenge(STANDARD.encode(&exchange.challenge)),
        };
        (exchange, step)
    }

    /// Whose name the client gave, right or wrong.
    pub(crate) fn named(&self) -> Option<AccountId> {
        self.named
    }

    /// Takes the client's next line.
    pub(crate) fn line(&mut self, line: &str, store: &mut Served<'_>) -> Step {
        if line == "*" {
            return Step::Cancelled;
        }
        match STANDARD.decode(line) {
            Ok(answer) => self.answer(answer, store),
            Err(_) => Step::Malformed,
        }
    }

    fn answer(&mut self, answer: Vec<u8>, store: &mut Served<'_>) -> Step {
        if let Some(decided) = self.decided {
            return decided.map_or(Step::Refused, Step::Accepted);
        }
        self.answers.push(answer);
        let mut response = Response {
            answers: &self.answers,
            challenge: &self.challenge,
            nonce: &self.nonce,
            binding: self.binding.as_ref(),
            store,
        };
        let verdict = (self.mechanism.judge)(&mut response);
        self.named = store.take_named().or(self.named);
        match verdict {
            None => Step::Malformed,
            Some(Verdict::Decided(account)) => account.map_or(Step::Refused, Step::Accepted),
            Some(Verdict::DecidedSaying(account, text)) => {
                self.decided = Some(account);
                Step::Challenge(STANDARD.encode(text))
            }
            Some(Verdict::Ask(question)) => Step::Challenge(STANDARD.encode(question)),
        }
    }
}

const fn row(
    name: &'static str,
    families: &'static [Authentication],
    challenge: Option<fn(&Moment<'_>) -> String>,
    judge: Judge,
) -> Mechanism {
    Mechanism { name, families, binds: false, challenge, judge }
}

const PASSWORDS: &[Authentication] = &[Authentication::PasswordEncrypted, Authentication::PasswordCleartext];

const MECHANISMS: &[Mechanism] = &[
    Mechanism { binds: true, ..row("SCRAM-SHA-256-PLUS", PASSWORDS, None, |it| scram::judge(it, &SHA_256, true)) },
    Mechanism { binds: true, ..row("SCRAM-SHA-1-PLUS", PASSWORDS, None, |it| scram::judge(it, &SHA_1, true)) },
    row("SCRAM-SHA-256", PASSWORDS, None, |it| scram::judge(it, &SHA_256, false)),
    row("SCRAM-SHA-1", PASSWORDS, None, |it| scram::judge(it, &SHA_1, false)),
    row(cram_md5::NAME, &[Authentication::PasswordEncrypted], Some(cram_md5::challenge), cram_md5::judge),
    row("PLAIN", &[Authentication::PasswordCleartext], None, plain::judge_plain),
    row("LOGIN", &[Authentication::PasswordCleartext], Some(|_| plain::USERNAME.to_owned()), plain::judge_login),
    row(external::NAME, &[Authentication::ClientCertificate], None, external::judge),
    row("OAUTHBEARER", &[Authentication::OAuth2], None, bearer::judge_oauthbearer),
    row("XOAUTH2", &[Authentication::OAuth2], None, bearer::judge_xoauth2),
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
