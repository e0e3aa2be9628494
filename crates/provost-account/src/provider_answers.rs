//! What real providers and servers answer when a login or a message fails, word for word, with cause and fix: one table
//! for the code that plays a provider and for the code that explains one. It looks nothing up: a host is compared by
//! name.
//!
//! The same words mean a wrong password at one provider and a switched-off feature at another, so a text never counts
//! without its host: [`answers_of`] takes the host first, and [`recognized`] compares the text with that provider's
//! answers.

mod table;

use regex_lite::Regex;

use crate::host::Host;

/// An answer of a real server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProviderAnswer {
    /// The stable name. What one provider says about the same trouble in two protocols has the same one.
    pub name: &'static str,
    /// Who says it, as people call it.
    pub provider: &'static str,
    /// The hosts on which it means this: `*.gmail.com` is the domain and all below it, `*` any host.
    pub hosts: &'static [&'static str],
    /// What is spoken there.
    pub protocol: AnswerProtocol,
    /// When it is said.
    pub step: AnswerStep,
    /// The octets, lines separated by CRLF. `{tag}`, `{command}` and `{recipient}` stand for what the client sent.
    pub says: &'static [u8],
    /// Parts of it that are another time another one, such as identifiers: here they are made up.
    pub varies: &'static [&'static str],
    /// A regular expression (the syntax of the crate `regex-lite`) that is found in the answer, whatever its case, and in
    /// no answer on the same hosts that means something else.
    pub pattern: &'static str,
    /// What it really means, the likeliest first. Several where the words alone cannot tell.
    pub causes: &'static [&'static str],
    /// What to do.
    pub fix: &'static str,
    /// Who reported it, and where.
    pub source: &'static str,
    /// The day, month or year of the newest report; `None`: undated, and read in November 2026.
    pub seen: Option<&'static str>,
    /// What is not certain about it.
    pub unsure: Option<&'static str>,
}

/// What is spoken where an answer is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerProtocol {
    /// RFC 3501.
    Imap,
    /// RFC 1939.
    Pop3,
    /// RFC 5321, RFC 6409.
    Smtp,
    /// The token endpoint of OAuth 2 (RFC 6749).
    OAuth2,
}

/// When an answer is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerStep {
    /// The server's first words.
    Greeting,
    /// EHLO or HELO.
    Hello,
    /// The end of a login, in whatever way.
    Login,
    /// A password that comes by a command of its own: LOGIN, PASS.
    PlainPassword,
    /// AUTHENTICATE or AUTH with an initial response.
    InitialResponse,
    /// Any command that needs a login.
    AfterLogin,
    /// SELECT or EXAMINE of a client that has not sent ID.
    SelectWithoutId,
    /// FETCH.
    Fetch,
    /// A command that changes the folder that is selected.
    Change,
    /// APPEND.
    Append,
    /// MAIL.
    Mail,
    /// RCPT.
    Recipient,
    /// RCPT with a recipient that the message has already.
    RecipientAgain,
    /// The end of a message: the final dot, or the last chunk.
    Message,
    /// No mail server says it: a client's own words, or a token endpoint's.
    NotByServer,
}

/// Every answer, by provider, then by protocol.
#[must_use]
pub fn provider_answers() -> &'static [ProviderAnswer] {
    table::ANSWERS
}

/// The answers that are known of a host in a protocol: those of its provider first, then those of any server.
pub fn answers_of(host: &Host, protocol: AnswerProtocol) -> impl Iterator<Item = &'static ProviderAnswer> + use<'_> {
    let spoken = move |answer: &&ProviderAnswer| answer.protocol == protocol;
    let of_provider = table::ANSWERS.iter().filter(move |answer| !answer.is_of_any_host() && answer.is_said_by(host));
    of_provider.chain(table::ANSWERS.iter().filter(|answer| answer.is_of_any_host())).filter(spoken)
}

/// The answers that a text is, at that host: its provider's, or else those of any server. Several where the words alone
/// cannot tell.
#[must_use]
pub fn recognized(host: &Host, protocol: AnswerProtocol, text: &str) -> Vec<&'static ProviderAnswer> {
    let mut found: Vec<_> = answers_of(host, protocol).filter(|answer| answer.fits(text)).collect();
    if found.iter().any(|answer| !answer.is_of_any_host()) {
        found.retain(|answer| !answer.is_of_any_host());
    }
    found
}

impl ProviderAnswer {
    /// Whether a mail server says it, and not a client or a token endpoint.
    #[must_use]
    pub fn is_said_by_server(&self) -> bool {
        self.step != AnswerStep::NotByServer
    }

    /// Whether it is the software's, wherever that runs.
    fn is_of_any_host(&self) -> bool {
        self.hosts == ["*"]
    }

    fn is_said_by(&self, host: &Host) -> bool {
        let Host::Name(name) = host else { return self.is_of_any_host() };
        self.hosts.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(domain) => {
                let below = name.as_str().strip_suffix(domain);
                below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
            }
            None => *pattern == "*",
        })
    }

    /// Whether a text is this answer. The host has to be asked first.
    fn fits(&self, text: &str) -> bool {
        Regex::new(&format!("(?i){}", self.pattern)).is_ok_and(|pattern| pattern.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn host(name: &str) -> Host {
        Host::try_from(name).expect("a host")
    }

    /// A host for which a pattern of hosts is meant.
    fn host_of(pattern: &str) -> Host {
        host(&pattern.replace("*.", "mail.").replace('*', "mail.elsewhere.example"))
    }

    /// The answer with something else in the place of what varies.
    fn another_time(answer: &ProviderAnswer) -> String {
        let mut text = String::from_utf8_lossy(answer.says).into_owned();
        for part in answer.varies {
            assert!(text.contains(part), "{}: {part:?} is not in {text:?}", answer.name);
            text = text.replace(part, "another");
        }
        text.replace("{tag}", "a1").replace("{command}", "LOGIN").replace("{recipient}", "jane@example.org")
    }

    #[test]
    fn each_answer_is_recognized_at_its_hosts_and_as_nothing_else() {
        for answer in provider_answers() {
            Regex::new(answer.pattern).unwrap_or_else(|error| panic!("{}: {error}", answer.name));
            let text = another_time(answer);
            for pattern in answer.hosts {
                let found = recognized(&host_of(pattern), answer.protocol, &text);
                assert!(found.contains(&answer), "{} is not recognized: {text}", answer.name);
                let all: BTreeSet<&str> = answer.causes.iter().copied().collect();
                for other in found {
                    let of_other: BTreeSet<&str> = other.causes.iter().copied().collect();
                    assert_eq!(of_other, all, "{} is taken for {}", answer.name, other.name);
                }
            }
        }
    }

    #[test]
    fn the_words_of_a_provider_mean_nothing_at_another_host() {
        let providers: BTreeSet<&str> = provider_answers().iter().flat_map(|answer| answer.hosts).copied().collect();
        for answer in provider_answers().iter().filter(|answer| !answer.is_of_any_host()) {
            let text = another_time(answer);
            let found = recognized(&host("mail.elsewhere.example"), answer.protocol, &text);
            assert!(found.is_empty(), "{}: {found:?}", answer.name);
            for elsewhere in providers.iter().filter(|pattern| !answer.hosts.contains(pattern) && **pattern != "*") {
                let found = recognized(&host_of(elsewhere), answer.protocol, &text);
                assert!(!found.contains(&answer), "{} at {elsewhere}", answer.name);
            }
        }
        // The same words: a wrong password at Google, a protocol that is off at Zoho.
        let text = "a1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)";
        let names = |name: &str| {
            let found = recognized(&host(name), AnswerProtocol::Imap, text);
            found.iter().map(|answer| answer.name).collect::<Vec<_>>()
        };
        assert_eq!(names("imap.gmail.com"), ["provider:gmail-invalid-credentials"]);
        assert_eq!(names("gmail.com.example"), Vec::<&str>::new());
        assert_eq!(names("notgmail.com"), Vec::<&str>::new());
        assert_eq!(names("192.0.2.1"), Vec::<&str>::new());
    }

    #[test]
    fn the_same_code_is_told_apart_by_its_words() {
        let names = |name: &str, text: &str| {
            let found = recognized(&host(name), AnswerProtocol::Imap, text);
            found.iter().map(|answer| answer.name).collect::<Vec<_>>()
        };
        let bandwidth = "* BYE [OVERQUOTA] Account exceeded command or bandwidth limits.";
        let full = "a7 NO [OVERQUOTA] Quota exceeded (mailbox for user is full)";
        assert_eq!(names("imap.gmail.com", bandwidth), ["provider:gmail-bandwidth-limit"]);
        assert_eq!(names("imap.elsewhere.example", bandwidth), Vec::<&str>::new());
        assert_eq!(names("imap.elsewhere.example", full), ["provider:dovecot-over-quota"]);
        assert_eq!(names("imap.gmail.com", "NO [OVERQUOTA]"), Vec::<&str>::new());
    }

    #[test]
    fn every_row_is_whole() {
        let mut keys = BTreeSet::new();
        for answer in provider_answers() {
            let name = answer.name;
            let word = name.strip_prefix("provider:").unwrap_or_else(|| panic!("{name} has no prefix"));
            assert!(word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-'), "{name}");
            assert!(keys.insert((name, answer.protocol)), "{name} is there twice");
            assert!(!answer.hosts.is_empty() && !answer.causes.is_empty() && !answer.says.is_empty(), "{name}");
            assert!(!answer.fix.is_empty() && !answer.source.is_empty(), "{name}");
            assert!(!answer.says.ends_with(b"\n"), "{name}: the last line's end is added");
            let by_protocol = match answer.protocol {
                AnswerProtocol::OAuth2 => !answer.is_said_by_server(),
                AnswerProtocol::Imap | AnswerProtocol::Pop3 | AnswerProtocol::Smtp => true,
            };
            assert!(by_protocol, "{name}");
        }
    }
}
