//! From what a client showed, or a server said, to the causes that it can be. Words are compared with those of recorded
//! clients (`said/clients.txt`, which `cargo xtask bless` writes from `fixtures/clients`) and with the answers of real
//! providers. No network.

mod recorded;
mod standard;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use provost_account::{AnswerStep, ProviderAnswer, answers_like};

use crate::cause::{CauseRow, causes};
pub use recorded::{Recorded, recorded};

/// A cause that words can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The cause.
    pub row: &'static CauseRow,
    /// How near the nearest of the known words are.
    pub likeness: Likeness,
    /// Who said them, the nearest first.
    pub heard: Vec<Heard>,
}

/// Words that are known, and who says them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The client with its version, or the provider.
    pub who: String,
    /// The words.
    pub words: String,
    /// How near they are.
    pub likeness: Likeness,
    /// The provider's answer, if it is one.
    pub answer: Option<&'static ProviderAnswer>,
}

/// How near words are to those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// They are the same, but for blanks.
    Same,
    /// They are the same, but for letter case, punctuation, hosts, addresses and numbers.
    Alike,
    /// Most of the words are.
    Partly,
}

impl Likeness {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Alike => "alike",
            Self::Partly => "partly",
        }
    }
}

/// The causes that a client's or a server's words can mean: the likeliest first, by how near the known words are, then by
/// whether they are there to the letter, then by how many say them. A fragment that any message may have leads nowhere.
#[must_use]
pub fn said(text: &str) -> Vec<Candidate> {
    let text = Words::of(text);
    if text.normal.is_empty() {
        return Vec::new();
    }
    let mut heard: BTreeMap<&'static str, Vec<Heard>> = BTreeMap::new();
    for answer in answers_like(&text.plain) {
        let likeness = if answer.step == AnswerStep::NotByServer { Likeness::Alike } else { Likeness::Same };
        let words = String::from_utf8_lossy(&answer.says).replace("\r\n", " ");
        let answer = Heard { who: answer.provider.to_owned(), words, likeness, answer: Some(answer) };
        heard.entry(answer.answer.map_or("", |it| it.means.name())).or_default().push(answer);
    }
    // The same words of several providers, with several meanings, are everybody's words.
    let is_common = heard.len() > 1;
    for (cause, by) in standard::meanings(&text.plain) {
        let words = text.plain.clone();
        let heard_by = Heard { who: by.to_owned(), words, likeness: Likeness::Same, answer: None };
        heard.entry(cause).or_default().insert(0, heard_by);
    }
    let by_standard: Vec<&str> = standard::meanings(&text.plain).map(|(cause, _)| cause).collect();
    for (record, sentences) in known() {
        let found = sentences.iter().filter_map(|words| Some((text.likeness(words)?, words.plain.as_str())));
        let Some((likeness, words)) = found.min_by_key(|(likeness, _)| *likeness) else { continue };
        for row in causes().iter().filter(|row| row.troubles.contains(&record.trouble)) {
            let who = record.version.to_owned();
            heard.entry(row.name).or_default().push(Heard { who, words: words.to_owned(), likeness, answer: None });
        }
    }
    let mut candidates: Vec<Candidate> = causes()
        .iter()
        .filter_map(|row| {
            let mut heard = heard.remove(row.name)?;
            heard.sort_by_key(|it| (it.likeness, !text.is_held_by(it)));
            heard.dedup_by(|one, other| (&one.who, &one.words) == (&other.who, &other.words));
            Some(Candidate { row, likeness: heard.first()?.likeness, heard })
        })
        .collect();
    let nearest = candidates.iter().map(|it| it.likeness).min();
    // Where the words themselves are known, those that merely resemble them say nothing.
    candidates.retain(|it| it.likeness != Likeness::Partly || nearest == Some(Likeness::Partly));
    let of_likeness = |it: &Candidate| it.heard.iter().filter(|heard| heard.likeness == it.likeness).count();
    let is_standard = |it: &Candidate| by_standard.contains(&it.row.name);
    let is_held = |it: &Candidate| it.heard.iter().any(|heard| text.is_held_by(heard));
    candidates.sort_by_key(|it| (it.likeness, is_standard(it) != is_common, !is_held(it), Reverse(of_likeness(it))));
    candidates
}

/// The words of recorded clients, ready to be compared.
fn known() -> &'static [(&'static Recorded, Vec<Words>)] {
    static KNOWN: LazyLock<Vec<(&Recorded, Vec<Words>)>> = LazyLock::new(|| {
        recorded().iter().map(|record| (record, record.sentences().map(Words::of).collect())).collect()
    });
    &KNOWN
}

/// Words, ready to be compared.
struct Words {
    /// With single blanks.
    plain: String,
    /// Lower case, without punctuation; what differs each time has one form.
    normal: Vec<String>,
}

impl Words {
    fn of(text: &str) -> Self {
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let normal = plain.split(' ').filter_map(normal).collect();
        Self { plain, normal }
    }

    /// How near these words, which somebody heard, are to known ones.
    fn likeness(&self, known: &Self) -> Option<Likeness> {
        if !self.is_message() || !known.is_message() {
            return (self.normal == known.normal && self.telling().count() > 1).then_some(Likeness::Same);
        }
        if known.plain.contains(&self.plain) || self.plain.contains(&known.plain) {
            return Some(Likeness::Same);
        }
        if contains(&known.normal, &self.normal) || contains(&self.normal, &known.normal) {
            return Some(Likeness::Alike);
        }
        let mine: Vec<&String> = self.normal.iter().filter(|word| word.len() > 2).collect();
        let shared = mine.iter().filter(|word| known.normal.contains(word)).count();
        let is_most = shared >= WORDS_MIN && shared * 3 >= mine.len() * 2 && shared * 2 >= known.normal.len();
        is_most.then_some(Likeness::Partly)
    }

    /// Whether they tell more than a fragment that many messages have: a code, or enough words.
    fn is_message(&self) -> bool {
        self.telling().count() >= WORDS_MIN || self.plain.split(' ').any(is_code)
    }

    /// The words that do not stand for a host, an address or a number.
    fn telling(&self) -> impl Iterator<Item = &String> {
        self.normal.iter().filter(|word| !["@", "0", "host"].contains(&word.as_str()))
    }

    /// Whether they are, to the letter, in what somebody said, or that is in them.
    fn is_held_by(&self, heard: &Heard) -> bool {
        let known = heard.words.trim_start_matches("{tag} ");
        known.contains(&self.plain) || self.plain.contains(known)
    }
}

/// Whether a word is a symbol of a program or protocol: `SEC_ERROR_UNKNOWN_ISSUER`, `[UNAVAILABLE]`. What numbers mean, the
/// standards say.
fn is_code(word: &str) -> bool {
    let inner = word.strip_prefix('[').and_then(|word| word.strip_suffix(']'));
    let is_response =
        inner.is_some_and(|it| it.contains(|it: char| it.is_ascii_uppercase()) && it == it.to_uppercase());
    is_response || word.contains('_') && word.contains(|it: char| it.is_ascii_alphabetic())
}

/// A word in the form in which it is compared; `None`: it is punctuation.
fn normal(word: &str) -> Option<String> {
    let word = word.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase();
    if word.is_empty() {
        return None;
    }
    let inner = |it: char| word.contains(it);
    Some(match () {
        () if inner('@') => "@".to_owned(),
        // The records have N in the place of what differs in each run.
        () if word.chars().all(|it| it.is_ascii_digit() || it == 'n' || !it.is_alphanumeric()) => "0".to_owned(),
        () if inner('.') && !inner('_') => "host".to_owned(),
        () => word,
    })
}

/// Whether the words of one are in the other, in a row.
fn contains(all: &[String], some: &[String]) -> bool {
    !some.is_empty() && all.windows(some.len()).any(|words| words == some)
}

/// Fewer words than these are in too many messages.
const WORDS_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, likeness: Likeness, expected: &[&str]) {
        let found = said(text);
        assert_eq!(found.iter().map(|it| it.row.name).collect::<Vec<_>>(), expected, "{text}: {found:#?}");
        assert_eq!(found[0].likeness, likeness, "{text}");
    }

    #[test]
    fn the_words_of_a_client_lead_to_their_cause_whatever_host_port_or_letter_case_they_have() {
        let expired = ["certificate-expired"];
        check("SEC_ERROR_EXPIRED_CERTIFICATE", Likeness::Same, &expired);
        let closed = ["port-closed", "wrong-port"];
        check("msmtp: cannot connect to smtp.example.org, port 587:  Connection refused", Likeness::Same, &closed);
        check("SSL_ERROR_BAD_CERT_DOMAIN at mail.example.org", Likeness::Alike, &["certificate-for-another-name"]);
        check("the certificate for mail.example.net EXPIRED on 3/1/2026", Likeness::Alike, &expired);
        check("The certificate chain uses an expired certificate", Likeness::Partly, &expired);
    }

    #[test]
    fn the_same_words_of_two_providers_are_two_causes() {
        let text = "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)";
        let found = said(text);
        let whose: Vec<_> = found.iter().map(|it| (it.row.name, it.heard[0].who.as_str())).collect();
        let standard = ("wrong-password-or-name", "RFC 5530 section 3");
        // Zoho has no blank before the parenthesis.
        let of_providers = [("wrong-password-or-switched-off", "Gmail"), ("protocol-switched-off", "Zoho")];
        assert_eq!(whose, [&[standard][..], &of_providers].concat());
    }

    #[test]
    fn what_a_standard_means_comes_before_what_single_providers_mean_by_common_words_and_after_their_own_words() {
        let first = |text: &str| said(text).first().map(|it| it.row.name);
        assert_eq!(first("535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6"), Some("wrong-password-or-name"));
        assert_eq!(first("Authentication failed."), Some("wrong-password-or-name"));
        let gmail = "535-5.7.8 Username and Password not accepted. For more information, go to";
        assert_eq!(first(gmail), Some("wrong-password-or-switched-off"));
        assert_eq!(first("452 4.2.2 Mailbox full"), Some("mailbox-full"));
        assert_eq!(first("NO [LIMIT] too many"), Some("limit-reached"));
    }

    #[test]
    fn the_numbers_that_outlook_shows_lead_to_their_causes() {
        let text = "Task 'jane@example.org - Receiving' reported error (0x800CCC0E): 'Cannot connect to the server.'";
        check(text, Likeness::Same, &["port-closed", "host-unreachable", "no-answer"]);
        check("0x800ccc92", Likeness::Same, &["wrong-password-or-name"]);
    }

    #[test]
    fn what_systems_and_servers_commonly_say_leads_to_its_cause() {
        for (text, cause) in [
            ("Connection timed out", "no-answer"),
            ("Connection to server imap.example.org timed out.", "no-answer"),
            ("Connection refused", "port-closed"),
            ("getaddrinfo: Name or service not known", "name-does-not-resolve"),
            ("self-signed certificate", "certificate-issuer-unknown"),
            ("450 4.7.1 Greylisted, try again later", "mail-deferred"),
            ("530 5.7.0 Must issue a STARTTLS command first", "wrong-security"),
            ("530 5.7.0 Authentication Required", "login-method-not-offered"),
            ("530 5.7.57 Client not authenticated to send mail", "login-method-not-offered"),
            (
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
                "recipient-refused",
            ),
            ("550 5.1.10 RecipientNotFound", "recipient-refused"),
            ("Client host [192.0.2.1] blocked using Spamhaus", "client-blocked"),
        ] {
            assert_eq!(said(text).first().map(|it| it.row.name), Some(cause), "{text}");
        }
    }

    #[test]
    fn words_that_nobody_says_lead_nowhere() {
        for text in ["", "   ", "…!", "zwei Dutzend Kraniche ziehen nach Süden"] {
            assert_eq!(said(text), [], "{text:?}");
        }
    }

    /// Observers wrote of aerc: it shows "Disconnected" and not "days before".
    #[test]
    fn fragments_and_the_remarks_of_observers_lead_nowhere() {
        for text in ["e", "mail", "ERROR", "the server", "550", "993", "port 993", "Password:", "imap.centurylink.com"]
        {
            assert_eq!(said(text), [], "{text:?}");
        }
        for text in ["days before", "and not \"days before\"", "it ended with exit status: 2", "7 of 8 messages came"] {
            assert_eq!(said(text), [], "{text:?}");
        }
        check("message refused", Likeness::Same, &["message-refused"]);
    }

    /// What a client that was recorded shows leads to the causes of that trouble.
    #[test]
    fn every_recorded_message_leads_to_its_own_cause() {
        for record in recorded().iter().filter(|it| it.sentences().next().is_some()) {
            let words = record.sentences().collect::<Vec<_>>().join("\n");
            let found = said(&words);
            let has = |trouble: &str| {
                let is_known = causes().iter().any(|row| row.troubles.contains(&trouble));
                !is_known || found.iter().any(|it| it.row.troubles.contains(&trouble))
            };
            assert!(has(record.trouble), "{record:?}: {found:#?}");
        }
    }
}
