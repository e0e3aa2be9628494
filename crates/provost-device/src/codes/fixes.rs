//! What mends each kind of mistake in profiles, whatever its place. A finding says more, for its own. Alphabetical.

/// The fix for a code; empty where only the finding can say it.
pub(super) fn fix(code: &str) -> &'static str {
    FIXES.iter().find(|(name, _)| *name == code).map_or("", |(_, fix)| fix)
}

const FIXES: &[(&str, &str)] = &[
    ("account-disabled", "switch the account on"),
    ("account-rejected", "mend what the app does not accept"),
    ("any-certificate", "let the client check certificates, and name the authority"),
    ("autodiscover-accounts", "write one Account element"),
    ("autodiscover-encryption", "write SSL on the ports 465, 993 and 995, TLS where STARTTLS is spoken"),
    ("autodiscover-missing-file", "put the file where the registry says"),
    ("autodiscover-namespace", "write the namespaces as MS-OXDSCLI has them"),
    ("autodiscover-no-server", "write Server and Port into each Protocol"),
    ("autodiscover-placeholder", "write the values of the person who asks"),
    ("autodiscover-spa", "write <SPA>off</SPA>"),
    ("autodiscover-starttls-port", "write <Encryption>TLS</Encryption>"),
    ("autodiscover-switch", "write on or off"),
    ("autodiscover-tls-element", "write <Encryption>"),
    ("certificate-over", "put the certificate in that came after it"),
    ("cleartext", "use SSL or STARTTLS"),
    ("control-character", "remove the character"),
    ("date-over", "write a later day, or leave it out"),
    ("deprecated-key", "use the key that replaces it"),
    ("description-not-unique", "put the address into each description"),
    ("document-type", "remove the declarations"),
    ("duplicate-identifier", "give each payload an identifier of its own"),
    ("duplicate-key", "remove one of the keys"),
    ("duplicate-uuid", "give each payload a UUID of its own"),
    ("encoding", "save the file as UTF-8, and write encoding=\"UTF-8\""),
    ("ews-ends", "use the server's IMAP and SMTP, or Outlook"),
    ("expanded-value", "write it in single quotation marks"),
    ("fails-elsewhere", "write it as the strictest client has it"),
    ("formats-disagree", "find out which file is right, and mend the other"),
    ("groupware-address", "write the host name alone, and a path that begins with /"),
    ("identifier-changes", "derive identifiers from the organization and the address"),
    ("identifier-with-blank", "write it as a domain is written, from its end: org.example.mail"),
    ("ignored-key", "remove the key"),
    ("import-assumed", "look whether the value is right"),
    ("import-guess", "write the right value"),
    ("import-left-out", "add to the settings what people can use instead"),
    ("import-login", "put the login names into the user list's column username"),
    ("import-no-domain", "say whose file it is with --address"),
    ("import-no-server", "add the server to the settings"),
    ("import-oauth2", "add oauth2: { issuer, scope, auth_url, token_url }"),
    ("import-user-list", "put it into the user list"),
    ("incomplete", "say what the client cannot find out"),
    ("interactive-only-key", "remove the key"),
    ("invalid-utf-8", "save the file as UTF-8"),
    ("json-syntax", "mend the JSON at the place named"),
    ("misdeclared-encoding", "write encoding=\"UTF-8\""),
    ("missing-key", "add the key"),
    ("missing-port", "write the port"),
    ("missing-search", "add the base that people are below"),
    ("missing-username", "write the login name"),
    ("newer-system", "give the activation a predicate on the system's version"),
    ("no-address", "write the address, or say for whom the file is"),
    ("no-server", "offer a server that the client can use"),
    ("no-xml-declaration", "begin with <?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
    ("not-well-formed", "escape &, < and > in texts, and close every element"),
    ("nothing-to-set-up", "check that this is the right file"),
    ("old-tls-option", "remove the line"),
    ("one-part-of-several", "read the other codes too"),
    ("open-quotation", "close it"),
    ("password-in-file", "leave the password out; the device asks for it"),
    ("password-of-another-login", "leave passwords out, or write the outgoing server's own"),
    ("payload-not-allowed", "take the payload out"),
    ("payload-of-another-system", "write a profile for each system"),
    ("payload-version", "write <integer>1</integer>"),
    ("payloads-reordered", "write the payloads in the same order each time"),
    ("plus-sign", "write %2B"),
    ("port-contradicts-socket-type", "use the kind of TLS that the port is registered for, or the other port"),
    ("port-of-another-service", "use the port of the protocol"),
    ("random-identifier", "derive identifiers from the organization and the address"),
    ("removal-before-expiration", "write the day of the removal after that of the expiration"),
    ("replaces-another", "give each person's profile an identifier of its own"),
    ("server-quirk", "write what the server needs"),
    ("server-skipped", "mend what the client cannot use, or remove the server"),
    ("server-to-server-port", "use 465 with SSL, or 587 with STARTTLS"),
    ("several-addresses", "write the account's own address alone"),
    ("shared-uuid", "derive UUIDs from the organization and the address"),
    ("too-deep", "check that this is the right file"),
    ("too-large", "check that this is the right file"),
    ("unknown-key", "correct the key's name, or remove the key"),
    ("unreadable-picture", "draw the code larger, dark on light, with a margin"),
    ("unsupported-version", "write the version that the client reads"),
    ("use-global-preferred-server", "write false, or remove the element"),
    ("value-cut", "quote the value as the program has it"),
    ("weak-username", "write a placeholder, or the login name itself"),
    ("wrong-scope", "write User for a Mac, and nothing for others"),
    ("wrong-target", "write 1 for iPhone and iPad, 5 for Mac, 6 for Apple Vision Pro"),
    ("wrong-type", "write a value of the kind that is named"),
    ("wrong-value", "write one of the values that are possible"),
];

#[cfg(test)]
mod tests {
    use super::super::{codes, comparing_codes, import_codes};
    use super::*;

    #[test]
    fn every_fix_is_for_a_code() {
        let known: Vec<&str> =
            codes().iter().chain(comparing_codes()).chain(import_codes()).map(|code| code.name).collect();
        let unknown: Vec<&str> = FIXES.iter().map(|(name, _)| *name).filter(|name| !known.contains(name)).collect();
        assert_eq!(unknown, Vec::<&str>::new());
        assert!(FIXES.is_sorted_by_key(|(name, _)| *name));
    }
}
