//! Which flags a message can have, set by IMAP, by HTTP or by a program that runs the server (RFC 3501 §2.3.2). It does
//! not know who may set them.

use thiserror::Error;

/// RFC 3501 §2.3.2, those that a client may set.
pub(crate) const SYSTEM_FLAGS: [&str; 5] = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"];

/// Why a word is no flag that a message can be given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FlagError {
    /// It has letters that no flag has, or none at all.
    #[error("{0:?} is no flag: one is an atom, as in \\Seen or $Forwarded")]
    NotAnAtom(String),
    /// RFC 3501 §2.3.2: it "can not be altered by the client".
    #[error("\\Recent belongs to the server: nobody sets or clears it")]
    Recent,
    /// RFC 3501 §9, `flag-extension`: no server has any other than the five.
    #[error(
        "{0} is no system flag: those are \\Answered, \\Flagged, \\Deleted, \\Seen and \\Draft; a keyword has no backslash"
    )]
    Unknown(String),
    /// A keyword that would be taken for the system flag by whoever reads the test, and by no client.
    #[error("{0:?} would be a keyword: write {1} for the system flag")]
    WithoutBackslash(String, &'static str),
}

/// A flag as a client writes it, in the spelling of RFC 3501 if it is the system's.
pub(crate) fn of_client(word: &str) -> Result<String, FlagError> {
    let name = word.strip_prefix('\\').unwrap_or(word);
    if name.is_empty() || !name.bytes().all(|it| it.is_ascii_graphic() && !b"(){%*\"\\]".contains(&it)) {
        return Err(FlagError::NotAnAtom(word.to_owned()));
    }
    match (name.len() == word.len(), system_flag(name)) {
        (true, _) => Ok(word.to_owned()),
        (false, Some(flag)) => Ok(flag.to_owned()),
        (false, None) if name.eq_ignore_ascii_case("Recent") => Err(FlagError::Recent),
        (false, None) => Err(FlagError::Unknown(word.to_owned())),
    }
}

/// A flag as a person writes it, who hardly means the keyword `Seen` beside the system flag `\Seen`.
///
/// # Errors
///
/// It is no atom, a system flag that cannot be set, or one without its backslash.
pub fn flag(word: &str) -> Result<String, FlagError> {
    match system_flag(word) {
        Some(flag) => Err(FlagError::WithoutBackslash(word.to_owned(), flag)),
        None if word.eq_ignore_ascii_case("Recent") => Err(FlagError::Recent),
        None => of_client(word),
    }
}

/// Each flag once, and a keyword in the spelling by which the folder knows it: flags have no letter case.
pub(crate) fn spelled(flags: Vec<String>, keywords: &[String]) -> Vec<String> {
    let mut spelled: Vec<String> = Vec::new();
    for flag in flags {
        let known = keywords.iter().find(|known| known.eq_ignore_ascii_case(&flag)).cloned().unwrap_or(flag);
        if !spelled.iter().any(|it| it.eq_ignore_ascii_case(&known)) {
            spelled.push(known);
        }
    }
    spelled
}

fn system_flag(name: &str) -> Option<&'static str> {
    SYSTEM_FLAGS.into_iter().find(|flag| flag[1..].eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Dovecot 2.3.19 answers to STORE: it says "Invalid system flag" of the refused ones.
    #[test]
    fn clients_set_the_five_system_flags_and_any_keyword() {
        for (word, expected) in [
            ("\\Seen", Some("\\Seen")),
            ("\\ANSWERED", Some("\\Answered")),
            ("Seen", Some("Seen")),
            ("$Forwarded", Some("$Forwarded")),
            ("NonJunk", Some("NonJunk")),
            ("\\Recent", None),
            ("\\NotJunk", None),
            ("\\Important", None),
            ("\\", None),
            ("", None),
            ("\\*", None),
            ("a b", None),
            ("a]b", None),
            ("ü", None),
        ] {
            assert_eq!(of_client(word).ok().as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn every_refusal_says_what_to_write() {
        for (word, expected) in [
            ("a b", "\"a b\" is no flag: one is an atom, as in \\Seen or $Forwarded"),
            ("recent", "\\Recent belongs to the server: nobody sets or clears it"),
            (
                "\\NotJunk",
                "\\NotJunk is no system flag: those are \\Answered, \\Flagged, \\Deleted, \\Seen and \\Draft; a keyword has \
                 no backslash",
            ),
            ("seen", "\"seen\" would be a keyword: write \\Seen for the system flag"),
        ] {
            assert_eq!(flag(word).expect_err(word).to_string(), expected);
        }
        assert_eq!(flag("\\draft"), Ok("\\Draft".to_owned()));
    }
}
