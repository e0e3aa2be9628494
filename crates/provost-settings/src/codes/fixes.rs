//! What mends each kind of mistake in settings and user lists, whatever its place. A finding says more, for its own.
//! Alphabetical.

/// The fix for a code; empty where only the finding can say it.
pub(super) fn fix(code: &str) -> &'static str {
    FIXES.iter().find(|(name, _)| *name == code).map_or("", |(_, fix)| fix)
}

const FIXES: &[(&str, &str)] = &[
    ("address-outside-domains", "correct the address, or add its domain to the settings"),
    ("alias-left-out", "add the domain to the settings, if mail is sent from there"),
    ("assumed", "look whether the value is right"),
    ("blank-at-an-end", "remove the blank"),
    ("certificate-over", "name the certificate that came after it"),
    ("cleartext", "use SSL or STARTTLS"),
    ("compliance", "write what the rule set demands, or leave compliance out"),
    ("consent-without-default", "add default: with the text for everybody else"),
    ("control-character", "remove the character"),
    ("date-over", "write a later day, or leave it out"),
    ("duplicate-address", "remove one of the rows"),
    ("duplicate-column", "remove one of the columns"),
    ("duplicate-key", "remove one of the keys"),
    ("empty-list", "write at least one element"),
    ("extra-field", "quote the field that has a comma in it"),
    ("foreign-placeholder", "write %EMAILADDRESS%, %EMAILLOCALPART% or %EMAILDOMAIN%"),
    ("identity-file", "put the person's PKCS #12 file where smime.identities says"),
    ("inactive-account", "remove the rows of those who are to have no profile"),
    ("invalid-address", "correct the address"),
    ("invalid-utf-8", "save the file as UTF-8"),
    ("json-syntax", "mend the JSON at the place named"),
    ("lost-letters", "export the list again as UTF-8, or correct the name"),
    ("merge-key", "write the keys out"),
    ("missing-column", "add a column email"),
    ("missing-key", "add the key"),
    ("no-placeholder", "write \"%EMAILADDRESS%\", if each person has a login name of their own"),
    ("not-a-list", "give a list of users as CSV or JSON"),
    ("oauth2-missing", "add oauth2: { issuer, scope, auth_url, token_url }"),
    ("pop3-before-imap", "list the IMAP server first"),
    ("port-contradicts-socket-type", "use the socket type that the port is registered for, or the other port"),
    ("private-key", "keep the key elsewhere, and leave only the certificate in the file"),
    ("removal-before-expiration", "write the day of the removal after that of the expiration"),
    ("semicolon-header", "separate the columns with commas"),
    ("separator-line", "remove the line"),
    ("server-to-server-port", "use 465 with SSL, or 587 with STARTTLS"),
    ("too-large", "check that this is the right file"),
    ("too-many-findings", "mend the first ones and look again"),
    ("trust-file", "name a PEM file, relative to the settings file"),
    ("unclosed-quote", "close the quotation mark"),
    ("unexpanded-list", "join the values when the list is exported"),
    ("unknown-column", "correct the column's name, or remove the column"),
    ("unknown-key", "correct the key's name, or remove the key"),
    ("unquoted-placeholder", "put the value into quotation marks"),
    ("unused-column", "add what it is about to the settings, or remove the column"),
    ("utf-16", "save the file as UTF-8"),
    ("wrong-separator", "separate the columns with commas"),
    ("wrong-type", "write a value of the kind that is named"),
    ("wrong-value", "correct the value"),
    ("yaml-syntax", "check quotation marks, brackets and indentation at this place"),
];

#[cfg(test)]
mod tests {
    use super::super::CODES;
    use super::*;

    #[test]
    fn every_code_has_a_fix_and_every_fix_a_code() {
        let fixes: Vec<&str> = FIXES.iter().map(|(name, _)| *name).collect();
        assert_eq!(fixes, CODES.iter().map(|code| code.name).collect::<Vec<_>>());
    }
}
