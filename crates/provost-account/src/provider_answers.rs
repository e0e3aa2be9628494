//! What real providers and servers answer when a login or a message fails, word for word, with cause and fix: one table
//! for the code that plays a provider and for the code that explains one. It looks nothing up: a host is compared by
//! name.
//!
//! The same words mean a wrong password at one provider and a switched-off feature at another, so a text never counts
//! without its host: [`recognized`] compares the text with the answers of that host's provider.

mod table;

use regex_lite::Regex;

use crate::host::Host;

/// An answer of a real server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderAnswer {
    /// The stable name. What one provider says about the same trouble in two protocols has the same one.
    pub name: &'static str,
    /// Who says it, as people call it.
    pub provider: &'static str,
    /// The software whose words they are, wherever it runs: nothing else says them.
    pub product: Option<&'static str>,
    /// The hosts on which it means this: `*.gmail.com` is the domain and all below it, `*` any host.
    pub hosts: Vec<&'static str>,
    /// What is spoken there.
    pub protocol: AnswerProtocol,
    /// When it is said.
    pub step: AnswerStep,
    /// The bytes, lines separated by CRLF. `{tag}`, `{command}` and `{recipient}` stand for what the client sent.
    pub says: Vec<u8>,
    /// Parts of it that are different each time, such as identifiers: here they are made up.
    pub varies: Vec<&'static str>,
    /// A regular expression (the syntax of the crate `regex-lite`) that the answer matches in any letter case, and that no
    /// answer with another meaning matches on the same hosts.
    pub pattern: &'static str,
    /// Which trouble it is.
    pub means: AnswerMeaning,
    /// What it really means, the likeliest first. Several where the words alone cannot tell.
    pub causes: Vec<&'static str>,
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
    /// A password in a command of its own: LOGIN, PASS.
    PlainPassword,
    /// AUTHENTICATE or AUTH with an initial response.
    InitialResponse,
    /// Any command that needs a login.
    AfterLogin,
    /// SELECT or EXAMINE of a client that has not sent ID.
    SelectWithoutId,
    /// FETCH.
    Fetch,
    /// A command that changes the selected folder.
    Change,
    /// APPEND.
    Append,
    /// MAIL.
    Mail,
    /// RCPT.
    Recipient,
    /// RCPT with a recipient that the message already has.
    RecipientAgain,
    /// The end of a message: the final dot, or the last chunk.
    Message,
    /// Not said by a mail server, but by the client itself or a token endpoint.
    NotByServer,
}

/// Which trouble an answer is, whoever says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerMeaning {
    /// The network address of the client is on a block list.
    ClientBlocked,
    /// A password of its own is needed, which the account's settings make.
    AppPasswordNeeded,
    /// The name in the client's EHLO is refused.
    ClientNameRefused,
    /// A clock is wrong.
    ClockWrong,
    /// The folder takes no changes.
    FolderReadOnly,
    /// The client has to say what it is first (RFC 2971).
    IdNeeded,
    /// The server announces SASL-IR (RFC 4959) and refuses it.
    InitialResponseRefused,
    /// So many connections, logins, messages or octets are not allowed, at once or in so short a time.
    LimitReached,
    /// The way to log in is not the server's.
    LoginMethodNotOffered,
    /// A mailbox has no room left.
    MailboxFull,
    /// The message is refused for what is in it.
    MessageRefused,
    /// Passwords no longer count, only OAuth 2.
    OAuthNeeded,
    /// The protocol is switched off for the account, the mailbox or the organization.
    ProtocolSwitchedOff,
    /// A recipient is refused.
    RecipientRefused,
    /// The server takes no mail to elsewhere from this client.
    RelayDenied,
    /// The sender's address is refused.
    SenderRefused,
    /// The token of OAuth 2 is refused, mostly because it has expired.
    TokenRefused,
    /// The provider wants to see its user in a browser first.
    WebLoginNeeded,
    /// The password is wrong, or the provider wants a switch or another kind of login first: the words are the same.
    WrongPasswordOrSwitchedOff,
    /// The port is another protocol's.
    WrongProtocol,
    /// TLS starts in another way on the port.
    WrongSecurity,
}

impl AnswerMeaning {
    /// Every meaning, alphabetical.
    pub const ALL: [Self; 21] = [
        Self::ClientBlocked,
        Self::AppPasswordNeeded,
        Self::ClientNameRefused,
        Self::ClockWrong,
        Self::FolderReadOnly,
        Self::IdNeeded,
        Self::InitialResponseRefused,
        Self::LimitReached,
        Self::LoginMethodNotOffered,
        Self::MailboxFull,
        Self::MessageRefused,
        Self::OAuthNeeded,
        Self::ProtocolSwitchedOff,
        Self::RecipientRefused,
        Self::RelayDenied,
        Self::SenderRefused,
        Self::TokenRefused,
        Self::WebLoginNeeded,
        Self::WrongPasswordOrSwitchedOff,
        Self::WrongProtocol,
        Self::WrongSecurity,
    ];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientBlocked => "client-blocked",
            Self::AppPasswordNeeded => "app-password-needed",
            Self::ClientNameRefused => "client-name-refused",
            Self::ClockWrong => "clock-wrong",
            Self::FolderReadOnly => "folder-read-only",
            Self::IdNeeded => "id-needed",
            Self::InitialResponseRefused => "initial-response-refused",
            Self::LimitReached => "limit-reached",
            Self::LoginMethodNotOffered => "login-method-not-offered",
            Self::MailboxFull => "mailbox-full",
            Self::MessageRefused => "message-refused",
            Self::OAuthNeeded => "oauth-needed",
            Self::ProtocolSwitchedOff => "protocol-switched-off",
            Self::RecipientRefused => "recipient-refused",
            Self::RelayDenied => "relay-denied",
            Self::SenderRefused => "sender-refused",
            Self::TokenRefused => "token-refused",
            Self::WebLoginNeeded => "web-login-needed",
            Self::WrongPasswordOrSwitchedOff => "wrong-password-or-switched-off",
            Self::WrongProtocol => "wrong-protocol",
            Self::WrongSecurity => "wrong-security",
        }
    }
}

/// Every answer: by provider, then those of any provider's servers.
#[must_use]
pub fn provider_answers() -> &'static [ProviderAnswer] {
    &table::ANSWERS
}

/// The answers that a text is, at that host: its provider's, or else those of any server. Several where the words alone
/// cannot tell.
#[must_use]
pub fn recognized(host: &Host, protocol: AnswerProtocol, text: &str) -> Vec<&'static ProviderAnswer> {
    let fits = |answer: &&ProviderAnswer| answer.protocol == protocol && answer.is_said_by(host) && answer.fits(text);
    let (of_any_host, of_provider): (Vec<_>, Vec<_>) =
        table::ANSWERS.iter().filter(fits).partition(|answer| answer.is_of_any_host());
    if of_provider.is_empty() { of_any_host } else { of_provider }
}

/// The answer that a text is by the product that says it, at whatever host: what it means is certain only at the
/// provider's.
#[must_use]
pub fn answer_of_product(text: &str) -> Option<(&'static str, &'static ProviderAnswer)> {
    table::ANSWERS.iter().find_map(|answer| Some((answer.product.filter(|_| answer.fits(text))?, answer)))
}

/// The answers that a text is like, at whatever host: for words of which nobody knows where they come from.
#[must_use]
pub fn answers_like(text: &str) -> Vec<&'static ProviderAnswer> {
    table::ANSWERS.iter().filter(|answer| answer.fits(text)).collect()
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
        let mut text = String::from_utf8_lossy(&answer.says).into_owned();
        for part in &answer.varies {
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
            for pattern in &answer.hosts {
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
        let providers: BTreeSet<&str> = provider_answers().iter().flat_map(|answer| &answer.hosts).copied().collect();
        for answer in provider_answers().iter().filter(|answer| !answer.is_of_any_host()) {
            let text = another_time(answer);
            let found = recognized(&host("mail.elsewhere.example"), answer.protocol, &text);
            assert!(found.is_empty(), "{}: {found:?}", answer.name);
            for elsewhere in providers.iter().filter(|pattern| !answer.hosts.contains(pattern) && **pattern != "*") {
                let found = recognized(&host_of(elsewhere), answer.protocol, &text);
                assert!(!found.contains(&answer), "{} at {elsewhere}", answer.name);
            }
        }
    }

    #[track_caller]
    fn check(name: &str, text: &str, expected: &[&str]) {
        let found = recognized(&host(name), AnswerProtocol::Imap, text);
        assert_eq!(found.iter().map(|answer| answer.name).collect::<Vec<_>>(), expected, "{name}: {text}");
    }

    #[test]
    fn the_same_words_are_told_apart_by_their_host_and_the_same_code_by_its_words() {
        // A wrong password at Google, a protocol that is off at Zoho.
        let credentials = "a1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)";
        check("imap.gmail.com", credentials, &["provider:gmail-invalid-credentials"]);
        check("imap.zoho.com", credentials, &["provider:zoho-invalid-credentials"]);
        for elsewhere in ["gmail.com.example", "notgmail.com", "192.0.2.1"] {
            check(elsewhere, credentials, &[]);
        }
        let bandwidth = "* BYE [OVERQUOTA] Account exceeded command or bandwidth limits.";
        check("imap.gmail.com", bandwidth, &["provider:gmail-bandwidth-limit"]);
        check("imap.elsewhere.example", bandwidth, &[]);
        let full = "a7 NO [OVERQUOTA] Quota exceeded (mailbox for user is full)";
        check("imap.elsewhere.example", full, &["provider:dovecot-over-quota"]);
        check("imap.gmail.com", "NO [OVERQUOTA]", &[]);
    }

    #[test]
    fn every_answer_is_there_once_and_only_mail_servers_speak_to_mail_clients() {
        let mut keys = BTreeSet::new();
        for answer in provider_answers() {
            let name = answer.name;
            let word = name.strip_prefix("provider:").unwrap_or_else(|| panic!("{name} has no prefix"));
            assert!(word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-'), "{name}");
            assert!(keys.insert((name, answer.protocol)), "{name} is there twice");
            assert!(answer.protocol != AnswerProtocol::OAuth2 || !answer.is_said_by_server(), "{name}");
        }
    }
}
