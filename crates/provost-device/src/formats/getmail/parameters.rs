//! The parameters and options of getmail 6.18.11 (observed: `_confitems` of `getmailcore/retrievers.py`, 2026-11), and what
//! of Python's expressions is known here: numbers, texts and tuples of texts.

use provost_account::{IncomingProtocol, Security};

use crate::ini::python_text;

/// A parameter of a retriever, or an option.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Whether it affects the connection, or what stays on the server, and is not read otherwise.
    pub(super) is_shown: bool,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// The text itself.
    Text,
    /// `true`, `yes`, `on`, `1`, and their opposites.
    Switch,
    /// Digits.
    Integer,
    /// What Python makes of the text; what to write instead of something else.
    Evaluated(&'static str),
}

/// Whether Python makes of a text what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evaluated {
    Taken,
    Rejected,
    Unknown,
}

/// Judges the value of a parameter that is evaluated.
pub(super) fn evaluated(name: &str, text: &str) -> Evaluated {
    match name {
        "port" | "timeout" => integer(text),
        "mailboxes" if matches!(text, "ALL" | "\"ALL\"" | "'ALL'") => Evaluated::Taken,
        _ => tuple(text),
    }
}

/// A number that begins with 0 and is not 0 is none in Python.
fn integer(text: &str) -> Evaluated {
    let inside = python_text(text);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    match inside.as_deref() {
        Some(inside) if is_number(inside) => Evaluated::Taken,
        None if is_number(text) && (!text.starts_with('0') || text.bytes().all(|it| it == b'0')) => Evaluated::Taken,
        Some(_) => Evaluated::Rejected,
        None if is_number(text) || text.is_empty() || is_word(text) => Evaluated::Rejected,
        None => Evaluated::Unknown,
    }
}

/// Texts with commas between them, in parentheses or not. One text alone is no tuple.
fn tuple(text: &str) -> Evaluated {
    let text = text.trim();
    if text.is_empty() || text == "()" {
        return Evaluated::Taken;
    }
    let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text).trim();
    let mut rest = inside;
    let mut commas = 0;
    loop {
        let Some(mark) = rest.chars().next().filter(|mark| matches!(mark, '"' | '\'')) else {
            let is_end = rest.is_empty() && commas > 0;
            let starts_as_word =
                inside.split_whitespace().next().is_some_and(|first| is_word(first) || first.starts_with(['/', '~']));
            return match (is_end, starts_as_word) {
                (true, _) => Evaluated::Taken,
                (false, true) => Evaluated::Rejected,
                (false, false) => Evaluated::Unknown,
            };
        };
        let Some(end) = end_of_text(rest, mark) else { return Evaluated::Rejected };
        rest = rest[end..].trim_start();
        match rest.strip_prefix(',') {
            Some(more) => (rest, commas) = (more.trim_start(), commas + 1),
            None if rest.is_empty() && commas > 0 => return Evaluated::Taken,
            None if rest.is_empty() => return Evaluated::Rejected,
            // Texts that follow each other are one, and other operators exist.
            None => return Evaluated::Unknown,
        }
    }
}

/// Where a text in quotation marks ends, behind the mark.
fn end_of_text(text: &str, mark: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '\n' => return None,
            _ if character == mark => return Some(at + character.len_utf8()),
            _ => {}
        }
    }
    None
}

/// A name that Python does not know.
fn is_word(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// What a kind of retriever has besides the common ones.
pub(super) fn of_retriever(protocol: IncomingProtocol, security: Security) -> &'static [Parameter] {
    match (protocol, security) {
        (IncomingProtocol::Imap, Security::ImplicitTls) => IMAP,
        (IncomingProtocol::Imap, Security::StartTls | Security::Cleartext) => IMAP.split_at(IMAP.len() - TLS_COUNT).0,
        (IncomingProtocol::Pop3, Security::ImplicitTls) => POP3,
        (IncomingProtocol::Pop3, Security::StartTls | Security::Cleartext) => POP3.split_at(POP3.len() - TLS_COUNT).0,
    }
}

const fn of(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, is_shown: false }
}

const fn shown(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, is_shown: true }
}

/// What every retriever has.
pub(super) const COMMON: &[Parameter] = &[
    of("envelope_recipient", Kind::Text),
    of("password", Kind::Text),
    of("password_command", Kind::Evaluated("write a tuple of texts: (\"pass\", \"show\", \"mail\")")),
    of("port", Kind::Evaluated("write a number from 1 to 65535")),
    of("server", Kind::Text),
    of("timeout", Kind::Evaluated("write a number of seconds")),
    of("type", Kind::Text),
    of("username", Kind::Text),
];

/// Those with TLS are last, as many as there are in both.
const IMAP: &[Parameter] = &[
    of("imap_on_delete", Kind::Text),
    of("imap_search", Kind::Text),
    shown("mailboxes", Kind::Evaluated("write a tuple of texts, with a comma: (\"INBOX\",)")),
    shown("move_on_delete", Kind::Text),
    of("record_mailbox", Kind::Switch),
    of("use_cram_md5", Kind::Switch),
    of("use_kerberos", Kind::Switch),
    of("use_peek", Kind::Switch),
    of("use_xoauth2", Kind::Switch),
    of("ca_certs", Kind::Text),
    shown("certfile", Kind::Text),
    shown("keyfile", Kind::Text),
    shown("ssl_cert_hostname", Kind::Text),
    of("ssl_ciphers", Kind::Text),
    shown("ssl_fingerprints", Kind::Evaluated(FINGERPRINTS)),
    of("ssl_version", Kind::Text),
];

const POP3: &[Parameter] = &[
    of("delete_dup_msgids", Kind::Switch),
    of("use_apop", Kind::Switch),
    of("ca_certs", Kind::Text),
    shown("certfile", Kind::Text),
    shown("keyfile", Kind::Text),
    shown("ssl_cert_hostname", Kind::Text),
    of("ssl_ciphers", Kind::Text),
    shown("ssl_fingerprints", Kind::Evaluated(FINGERPRINTS)),
    of("ssl_version", Kind::Text),
];

const FINGERPRINTS: &str = "write a tuple of texts, with a comma: (\"01:23:45\",)";
const TLS_COUNT: usize = 7;

/// The options.
pub(super) const OPTIONS: &[Parameter] = &[
    shown("delete", Kind::Switch),
    shown("delete_after", Kind::Integer),
    shown("delete_bigger_than", Kind::Integer),
    of("delivered_to", Kind::Switch),
    of("fingerprint", Kind::Switch),
    // Of 6.19 and later.
    of("mark_read", Kind::Switch),
    of("max_bytes_per_session", Kind::Integer),
    of("max_message_size", Kind::Integer),
    of("max_messages_per_session", Kind::Integer),
    of("message_log", Kind::Text),
    of("message_log_syslog", Kind::Switch),
    of("message_log_verbose", Kind::Switch),
    of("netrc_file", Kind::Text),
    shown("read_all", Kind::Switch),
    of("received", Kind::Switch),
    of("skip_imap_fetch_size", Kind::Switch),
    of("to_oldmail_on_each_mail", Kind::Switch),
    of("use_netrc", Kind::Switch),
    of("verbose", Kind::Integer),
];

/// Where mail may go.
pub(super) const DESTINATIONS: &[&str] = &[
    "MDA_external",
    "MDA_lmtp",
    "MDA_qmaillocal",
    "Maildir",
    "Mboxrd",
    "MultiDestination",
    "MultiGuesser",
    "MultiSorter",
];
