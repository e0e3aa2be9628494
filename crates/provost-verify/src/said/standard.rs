//! What the codes in an answer mean by their standard, whoever says them, and the words that servers commonly have for a
//! refused login. It knows no provider and no client.

/// The causes that a text has by a standard, each with where that stands.
pub(super) fn meanings(text: &str) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let upper = text.to_ascii_uppercase();
    let codes: Vec<String> = upper
        .split(|it: char| it.is_whitespace() || matches!(it, '-' | ',' | ':' | '#' | '(' | ')'))
        .map(ToOwned::to_owned)
        .collect();
    let is_said = move |(code, ..): &&(&str, &str, &str)| match code.contains(' ') {
        true => upper.contains(code),
        false => codes.iter().any(|it| it == code),
    };
    let mut causes: Vec<(&str, &str)> = Vec::new();
    for (_, cause, source) in STANDARD.iter().filter(is_said) {
        if !causes.iter().any(|(known, _)| known == cause) {
            causes.push((cause, source));
        }
    }
    causes.into_iter()
}

/// A code, or words with a blank; the cause; the source.
const STANDARD: &[(&str, &str, &str)] = &[
    ("535", "wrong-password-or-name", "RFC 4954 section 6"),
    ("5.7.8", "wrong-password-or-name", "RFC 4954 section 6"),
    ("[AUTHENTICATIONFAILED]", "wrong-password-or-name", "RFC 5530 section 3"),
    ("[AUTH]", "wrong-password-or-name", "RFC 3206 section 5"),
    ("AUTHENTICATION FAILED", "wrong-password-or-name", "Dovecot 2.3.19.1 and Postfix 3.7.11, observed 2026-11"),
    ("[AUTHORIZATIONFAILED]", "login-not-allowed", "RFC 5530 section 3"),
    ("[EXPIRED]", "login-not-allowed", "RFC 5530 section 3"),
    ("[CONTACTADMIN]", "login-not-allowed", "RFC 5530 section 3"),
    ("[UNAVAILABLE]", "login-unavailable", "RFC 5530 section 3"),
    ("[SYS/TEMP]", "login-unavailable", "RFC 3206 section 4"),
    ("[LOGIN-DELAY]", "limit-reached", "RFC 2449 section 8.1.1"),
    ("[LIMIT]", "limit-reached", "RFC 5530 section 3"),
    ("[OVERQUOTA]", "mailbox-full", "RFC 5530 section 3"),
    ("5.2.2", "mailbox-full", "RFC 3463 section 3.3"),
    ("4.2.2", "mailbox-full", "RFC 3463 section 3.3"),
    ("5.2.3", "message-too-large", "RFC 3463 section 3.3"),
    ("5.3.4", "message-too-large", "RFC 3463 section 3.4"),
    ("5.1.1", "recipient-refused", "RFC 3463 section 3.2"),
    ("5.1.7", "sender-refused", "RFC 3463 section 3.2"),
    ("5.1.8", "sender-refused", "RFC 3463 section 3.2"),
    ("[SERVERBUG]", "server-error", "RFC 5530 section 3"),
];
