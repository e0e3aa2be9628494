//! What is found in settings and user lists. Alphabetical.

use super::codes;

codes! {
    Settings;
    Error ADDRESS_OUTSIDE_DOMAINS "address-outside-domains":
        "an address is in none of the domains of the settings",
        fix: "correct the address, or add its domain to the settings";
    Warning ALIAS_LEFT_OUT "alias-left-out":
        "an address of a mailbox is in none of the domains of the settings",
        fix: "add the domain to the settings, if mail is sent from there";
    Warning ASSUMED "assumed":
        "a value that the file does not say, and that its own program fills in",
        fix: "look whether the value is right",
        source: "https://github.com/rseichter/automx2, automx2/database.py";
    Warning BLANK_AT_AN_END "blank-at-an-end":
        "a text begins or ends with a blank, which becomes a part of the value",
        fix: "remove the blank";
    Warning CERTIFICATE_OVER "certificate-over":
        "a certificate that is handed out is no longer valid, so nothing that it signed is trusted",
        fix: "name the certificate that came after it",
        source: "RFC 5280 section 4.1.2.5";
    Warning CLEARTEXT "cleartext":
        "mail and passwords cross the network readable by anyone",
        fix: "use SSL or STARTTLS",
        source: "RFC 8314 section 4.1";
    Error COMPLIANCE "compliance":
        "a key says the opposite of what the rule set asks for",
        fix: "write what the rule set demands, or leave compliance out",
        source: "https://github.com/usnistgov/macos_security, rules/os";
    Warning CONSENT_WITHOUT_DEFAULT "consent-without-default":
        "who speaks another language is shown whichever text comes first",
        fix: "add default: with the text for everybody else",
        source: "https://developer.apple.com/documentation/devicemanagement/toplevel: \"Provide a default value, if possible\"";
    Error CONTROL_CHARACTER "control-character":
        "a character that no file of this kind has",
        fix: "remove the character";
    Warning DATE_OVER "date-over":
        "a day on which a profile expires or is removed has passed",
        fix: "write a later day, or leave it out",
        source: APPLE_TERMS;
    Error DUPLICATE_ADDRESS "duplicate-address":
        "two rows, or a row and an alias, name the same address",
        fix: "remove one of the rows";
    Error DUPLICATE_COLUMN "duplicate-column": "two columns mean the same", fix: "remove one of the columns";
    Error DUPLICATE_KEY "duplicate-key": "a key is there twice", fix: "remove one of the keys";
    Error EMPTY_LIST "empty-list":
        "a list that must have something in it has nothing",
        fix: "write at least one element";
    Error EXTRA_FIELD "extra-field":
        "a row has more fields than the header",
        fix: "quote the field that has a comma in it";
    Warning FOREIGN_PLACEHOLDER "foreign-placeholder":
        "what looks like another program's placeholder, which stays as it is",
        fix: "write %EMAILADDRESS%, %EMAILLOCALPART% or %EMAILDOMAIN%";
    Error IDENTITY_FILE "identity-file":
        "a person's S/MIME identity cannot be read or is none",
        fix: "put the person's PKCS #12 file where smime.identities says",
        source: "RFC 7292";
    Warning INACTIVE_ACCOUNT "inactive-account":
        "the program that made the list says that an account is not in use",
        fix: "remove the rows of those who are to have no profile";
    Error INVALID_ADDRESS "invalid-address":
        "a text is no e-mail address",
        fix: "correct the address",
        source: "RFC 5321 section 4.1.2";
    Error INVALID_UTF_8 "invalid-utf-8": "the file is not UTF-8", fix: "save the file as UTF-8", source: "RFC 3629";
    Error JSON_SYNTAX "json-syntax": "the file is no JSON", fix: "mend the JSON at the place named", source: "RFC 8259";
    Warning LOST_LETTERS "lost-letters":
        "a name has question marks in the place of letters",
        fix: "export the list again as UTF-8, or correct the name";
    Error MERGE_KEY "merge-key": "YAML's merge key <<, which settings do not have", fix: "write the keys out";
    Error MISSING_COLUMN "missing-column": "the user list has no column of addresses", fix: "add a column email";
    Error MISSING_KEY "missing-key": "a key that must be there is not", fix: "add the key";
    Warning NO_PLACEHOLDER "no-placeholder":
        "everybody has the same login name",
        fix: "write \"%EMAILADDRESS%\", if each person has a login name of their own";
    Error NOT_A_LIST "not-a-list":
        "the file is no list of users that is read here",
        fix: "give a list of users as CSV or JSON";
    Warning OAUTH2_MISSING "oauth2-missing":
        "a server wants OAuth 2, and where tokens come from is not said",
        fix: "add oauth2: { issuer, scope, auth_url, token_url }";
    Warning POP3_BEFORE_IMAP "pop3-before-imap":
        "POP3 is preferred to IMAP, so devices do not stay in step",
        fix: "list the IMAP server first";
    Warning PORT_CONTRADICTS_SOCKET_TYPE "port-contradicts-socket-type":
        "the port is registered for the other kind of TLS",
        fix: "use the socket type that the port is registered for, or the other port",
        source: "RFC 8314 section 7";
    Error PRIVATE_KEY "private-key":
        "a file that is to be given to everyone holds a private key",
        fix: "keep the key elsewhere, and leave only the certificate in the file";
    Warning REMOVAL_BEFORE_EXPIRATION "removal-before-expiration":
        "a profile is removed before it expires",
        fix: "write the day of the removal after that of the expiration",
        source: APPLE_TERMS;
    Error SEMICOLON_HEADER "semicolon-header":
        "the columns are separated by semicolons",
        fix: "separate the columns with commas",
        source: "RFC 4180 section 2";
    Warning SEPARATOR_LINE "separator-line": "the line \"sep=,\", which Excel reads", fix: "remove the line";
    Warning SERVER_TO_SERVER_PORT "server-to-server-port":
        "port 25 is for servers, and most networks block it",
        fix: "use 465 with SSL, or 587 with STARTTLS",
        source: "RFC 6409 section 3.1";
    Error TOO_LARGE "too-large":
        "the file, or a field of it, is larger than any honest one",
        fix: "check that this is the right file";
    Warning TOO_MANY_FINDINGS "too-many-findings":
        "more findings than anyone reads at once; the rest is left out",
        fix: "mend the first ones and look again";
    Error TRUST_FILE "trust-file":
        "a certificate file cannot be read or holds no certificate",
        fix: "name a PEM file, relative to the settings file",
        source: "RFC 7468 section 5";
    Error UNCLOSED_QUOTE "unclosed-quote":
        "a quotation mark is opened and never closed",
        fix: "close the quotation mark",
        source: "RFC 4180 section 2";
    Warning UNEXPANDED_LIST "unexpanded-list":
        "PowerShell wrote the name of a list's type, and not the list",
        fix: "join the values when the list is exported";
    Warning UNKNOWN_COLUMN "unknown-column":
        "a column that is not known here, and is not used",
        fix: "correct the column's name, or remove the column";
    Error UNKNOWN_KEY "unknown-key": "a key that is not known here", fix: "correct the key's name, or remove the key";
    Error UNQUOTED_PLACEHOLDER "unquoted-placeholder":
        "a text starts with % or [ and needs quotation marks in YAML",
        fix: "put the value into quotation marks",
        source: "YAML 1.2 section 5.3";
    Warning UNUSED_COLUMN "unused-column":
        "a column about something that the settings do not have",
        fix: "add what it is about to the settings, or remove the column";
    Error UTF_16 "utf-16": "the file is UTF-16", fix: "save the file as UTF-8";
    Error WRONG_SEPARATOR "wrong-separator":
        "the columns are not separated by commas",
        fix: "separate the columns with commas",
        source: "RFC 4180 section 2";
    Error WRONG_TYPE "wrong-type":
        "a value of another kind belongs there",
        fix: "write a value of the kind that is named";
    Error WRONG_VALUE "wrong-value": "the value is none of those that are possible there", fix: "correct the value";
    Error YAML_SYNTAX "yaml-syntax":
        "the file is no YAML",
        fix: "check quotation marks, brackets and indentation at this place",
        source: "YAML 1.2";
}

/// What the two days of a profile mean.
const APPLE_TERMS: &str = "https://developer.apple.com/documentation/devicemanagement/toplevel";
