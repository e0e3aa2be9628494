//! The commands of msmtp and mpop: what each takes after it, and what it is for. Tried one by one with msmtp 1.8.23 and
//! mpop 1.4.18 (observed, 2026-11; `fixtures/keywords`). What they do to an account is not known here.

/// A command.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) argument: Argument,
    pub(crate) concerns: Concerns,
}

/// What stands after a command. The programs reject a file with anything else.
#[derive(Debug)]
pub(crate) enum Argument {
    /// Any text, or none.
    Open,
    /// Some text.
    Text,
    /// `on`, `off`, or nothing, which is on.
    Switch,
    /// Nothing.
    Nothing,
    /// One of these words; an empty one is nothing at all.
    Word(&'static [&'static str]),
    /// A number from the first to the last, as C writes one, or one of these words.
    Number(i64, i64, &'static [&'static str]),
    /// What a function takes, in words.
    Is(fn(&str) -> bool, &'static str),
}

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concerns {
    /// The account: it is read.
    Account,
    /// What the program does with a server: it is shown.
    Connection,
    /// Neither the server nor the login.
    Nothing,
    /// The same, in a version since this one; earlier ones reject the file.
    NothingSince(&'static str),
}

impl Argument {
    /// What to write instead of an argument that the programs do not take. `None`: they take it.
    pub(crate) fn instead_of(&self, text: &str) -> Option<String> {
        let or = |words: &[&str]| words.iter().filter(|it| !it.is_empty()).copied().collect::<Vec<_>>().join(", ");
        let (fits, instead) = match self {
            Self::Open => return None,
            Self::Text => (!text.is_empty(), "write something after it".to_owned()),
            Self::Switch => (matches!(text, "on" | "off" | ""), "write on or off".to_owned()),
            Self::Nothing => (text.is_empty(), "write nothing after it".to_owned()),
            Self::Word(words) => (words.contains(&text), format!("write one of {}", or(words))),
            Self::Number(first, last, words) => {
                let fits = words.contains(&text) || number(text).is_some_and(|it| (*first..=*last).contains(&it));
                let words = if or(words).is_empty() { String::new() } else { format!(", or {}", or(words)) };
                (fits, format!("write a number from {first} to {last}{words}"))
            }
            Self::Is(fits, instead) => (fits(text), format!("write {instead}")),
        };
        (!fits).then_some(instead)
    }
}

/// A number as `strtol` with base 0 reads all of a text: `0x1d1` is hexadecimal, and what begins with 0 octal.
pub(crate) fn number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (digits, base) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
        None => (digits, 10),
    };
    let starts_with_digit = digits.starts_with(|it: char| it.is_digit(base));
    i64::from_str_radix(digits, base).ok().filter(|_| starts_with_digit).map(|it| sign * it)
}

/// An MD5, SHA-1 or SHA-256 digest in hexadecimal digits, with a colon between octets; or nothing.
fn is_fingerprint(text: &str) -> bool {
    let octets: Vec<&str> = text.split(':').collect();
    let is_octet = |it: &&str| it.len() == 2 && it.bytes().all(|digit| digit.is_ascii_hexdigit());
    text.is_empty() || matches!(octets.len(), 16 | 20 | 32) && octets.iter().all(is_octet)
}

pub(crate) const fn of(name: &'static str, argument: Argument, concerns: Concerns) -> Command {
    Command { name, argument, concerns }
}

/// What both programs have. Alphabetical.
pub(super) const OF_BOTH: &[Command] = &[
    of("eval", Argument::Text, Concerns::Account),
    of("host", Argument::Text, Concerns::Account),
    of("ntlmdomain", Argument::Open, Concerns::Account),
    of("password", Argument::Open, Concerns::Account),
    of("passwordeval", Argument::Open, Concerns::Account),
    of("port", Argument::Number(1, PORT_MAX, &[]), Concerns::Account),
    of("proxy_host", Argument::Open, Concerns::Connection),
    of("proxy_port", Argument::Number(1, PORT_MAX, &[""]), Concerns::Connection),
    of("socket", Argument::Open, Concerns::Connection),
    of("source_ip", Argument::Open, Concerns::Nothing),
    of("timeout", TIMEOUT, Concerns::Nothing),
    of("tls", Argument::Switch, Concerns::Account),
    of("tls_cert_file", Argument::Open, Concerns::Connection),
    of("tls_certcheck", Argument::Switch, Concerns::Connection),
    of("tls_crl_file", Argument::Open, Concerns::Connection),
    of("tls_fingerprint", Argument::Is(is_fingerprint, "a digest such as 01:23:45, of SHA-256"), Concerns::Connection),
    of("tls_force_sslv3", Argument::Open, Concerns::Nothing),
    of("tls_host_override", Argument::Open, Concerns::Connection),
    of("tls_key_file", Argument::Open, Concerns::Connection),
    of("tls_min_dh_prime_bits", Argument::Number(1, INT_MAX, &[""]), Concerns::Nothing),
    of("tls_priorities", Argument::Open, Concerns::Nothing),
    of("tls_starttls", Argument::Switch, Concerns::Account),
    of("tls_trust_file", Argument::Open, Concerns::Account),
    of("user", Argument::Open, Concerns::Account),
];

pub(crate) const TIMEOUT: Argument = Argument::Number(1, INT_MAX, &["off"]);
const PORT_MAX: i64 = 65_535;
pub(crate) const INT_MAX: i64 = 2_147_483_647;
