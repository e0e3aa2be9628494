//! The table of finding codes: what each means and how bad it is. Alphabetical.

mod fixes;

use provost_account::Severity;

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The stable name.
    pub name: &'static str,
    /// Whether the file can be used all the same.
    pub severity: Severity,
    /// What it says about a file.
    pub meaning: &'static str,
    /// Where the rule comes from; empty where the format is our own.
    pub source: &'static str,
}

impl Code {
    /// What mends it, whatever its place; empty where only the finding can say it.
    #[must_use]
    pub fn fix(&self) -> &'static str {
        fixes::fix(self.name)
    }
}

/// Every code of settings and user lists.
#[must_use]
pub fn codes() -> &'static [Code] {
    CODES
}

/// The row of a code.
pub(crate) fn code(name: &str) -> &'static Code {
    CODES.iter().find(|code| code.name == name).expect("every code that is used has a row")
}

const fn error(name: &'static str, meaning: &'static str, source: &'static str) -> Code {
    Code { name, severity: Severity::Error, meaning, source }
}

const fn warning(name: &'static str, meaning: &'static str, source: &'static str) -> Code {
    Code { name, severity: Severity::Warning, meaning, source }
}

const CODES: &[Code] = &[
    error("address-outside-domains", "an address is in none of the domains of the settings", ""),
    warning("alias-left-out", "an address of a mailbox is in none of the domains of the settings", ""),
    warning(
        "assumed",
        "a value that the file does not say, and that its own program fills in",
        "https://github.com/rseichter/automx2, automx2/database.py",
    ),
    warning("blank-at-an-end", "a text begins or ends with a blank, which becomes a part of the value", ""),
    warning(
        "certificate-over",
        "a certificate that is handed out is no longer valid, so nothing that it signed is trusted",
        "RFC 5280 section 4.1.2.5",
    ),
    warning("cleartext", "mail and passwords cross the network readable by anyone", "RFC 8314 section 4.1"),
    error(
        "compliance",
        "a key says the opposite of what the rule set asks for",
        "https://github.com/usnistgov/macos_security, rules/os",
    ),
    warning(
        "consent-without-default",
        "who speaks another language is shown whichever text comes first",
        "https://developer.apple.com/documentation/devicemanagement/toplevel: \"Provide a default value, if possible\"",
    ),
    error("control-character", "a character that no file of this kind has", ""),
    warning("date-over", "a day on which a profile expires or is removed has passed", APPLE_TERMS),
    error("duplicate-address", "two rows, or a row and an alias, name the same address", ""),
    error("duplicate-column", "two columns mean the same", ""),
    error("duplicate-key", "a key is there twice", ""),
    error("empty-list", "a list that must have something in it has nothing", ""),
    error("extra-field", "a row has more fields than the header", ""),
    warning("foreign-placeholder", "what looks like another program's placeholder, which stays as it is", ""),
    error("identity-file", "a person's S/MIME identity cannot be read or is none", "RFC 7292"),
    warning("inactive-account", "the program that made the list says that an account is not in use", ""),
    error("invalid-address", "a text is no e-mail address", "RFC 5321 section 4.1.2"),
    error("invalid-utf-8", "the file is not UTF-8", "RFC 3629"),
    error("json-syntax", "the file is no JSON", "RFC 8259"),
    warning("lost-letters", "a name has question marks in the place of letters", ""),
    error("merge-key", "YAML's merge key <<, which settings do not have", ""),
    error("missing-column", "the user list has no column of addresses", ""),
    error("missing-key", "a key that must be there is not", ""),
    warning("no-placeholder", "everybody has the same login name", ""),
    error("not-a-list", "the file is no list of users that is read here", ""),
    warning("oauth2-missing", "a server wants OAuth 2, and where tokens come from is not said", ""),
    warning("pop3-before-imap", "POP3 is preferred to IMAP, so devices do not stay in step", ""),
    warning("port-contradicts-socket-type", "the port is registered for the other kind of TLS", "RFC 8314 section 7"),
    error("private-key", "a file that is to be given to everyone holds a private key", ""),
    warning("removal-before-expiration", "a profile is removed before it expires", APPLE_TERMS),
    error("semicolon-header", "the columns are separated by semicolons", "RFC 4180 section 2"),
    warning("separator-line", "the line \"sep=,\", which Excel reads", ""),
    warning("server-to-server-port", "port 25 is for servers, and most networks block it", "RFC 6409 section 3.1"),
    error("too-large", "the file, or a field of it, is larger than any honest one", ""),
    warning("too-many-findings", "more findings than anyone reads at once; the rest is left out", ""),
    error("trust-file", "a certificate file cannot be read or holds no certificate", "RFC 7468 section 5"),
    error("unclosed-quote", "a quotation mark is opened and never closed", "RFC 4180 section 2"),
    warning("unexpanded-list", "PowerShell wrote the name of a list's type, and not the list", ""),
    warning("unknown-column", "a column that is not known here, and is not used", ""),
    error("unknown-key", "a key that is not known here", ""),
    error(
        "unquoted-placeholder",
        "a text starts with % or [ and needs quotation marks in YAML",
        "YAML 1.2 section 5.3",
    ),
    warning("unused-column", "a column about something that the settings do not have", ""),
    error("utf-16", "the file is UTF-16", ""),
    error("wrong-separator", "the columns are not separated by commas", "RFC 4180 section 2"),
    error("wrong-type", "a value of another kind belongs there", ""),
    error("wrong-value", "the value is none of those that are possible there", ""),
    error("yaml-syntax", "the file is no YAML", "YAML 1.2"),
];

/// What the two days of a profile mean.
const APPLE_TERMS: &str = "https://developer.apple.com/documentation/devicemanagement/toplevel";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_alphabetical_order() {
        assert!(CODES.is_sorted_by_key(|code| code.name));
    }
}
