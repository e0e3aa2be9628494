//! What is found in settings and user lists. Alphabetical.

use super::codes;

codes! {
    Settings;
    Error ADDRESS_OUTSIDE_DOMAINS "address-outside-domains":
        "an address is outside the domains in the settings",
        fix: "correct the address, or add its domain to the settings";
    Warning ALIAS_LEFT_OUT "alias-left-out":
        "an alias is outside the domains in the settings",
        fix: "add the domain to the settings if people send mail from it";
    Warning ASSUMED "assumed":
        "a value that the file leaves out and its own program fills in", fix: "check the value",
        source: "https://github.com/rseichter/automx2, automx2/database.py";
    Warning BLANK_AT_AN_END "blank-at-an-end": "a value begins or ends with a blank", fix: "remove the blank";
    Warning CERTIFICATE_OVER "certificate-over":
        "a certificate in the profiles has expired, so nothing that it signed is trusted",
        fix: "configure its successor", source: "RFC 5280 section 4.1.2.5";
    Warning CLEARTEXT "cleartext":
        "mail and passwords cross the network unencrypted", fix: "use SSL or STARTTLS", source: "RFC 8314 section 4.1";
    Error COMPLIANCE "compliance":
        "a key contradicts the rule set", fix: "write what the rule set requires, or remove compliance",
        source: "https://github.com/usnistgov/macos_security, rules/os";
    Warning CONSENT_WITHOUT_DEFAULT "consent-without-default":
        "speakers of other languages see whichever text comes first",
        fix: "add default: with the text for everyone else",
        source: "https://developer.apple.com/documentation/devicemanagement/toplevel: \"Provide a default value, if possible\"";
    Error CONTROL_CHARACTER "control-character":
        "a character that this kind of file does not allow", fix: "remove the character";
    Warning DATE_OVER "date-over":
        "the day on which a profile expires or is removed has passed", fix: "write a later date, or remove the key",
        source: APPLE_TERMS;
    Error DUPLICATE_ADDRESS "duplicate-address":
        "two rows, or a row and an alias, name the same address", fix: "remove one of the rows";
    Error DUPLICATE_COLUMN "duplicate-column":
        "two columns have the same meaning", fix: "say which one it is with --columns, or remove the other";
    Error DUPLICATE_KEY "duplicate-key": "a key occurs twice", fix: "remove one of the keys";
    Error EMPTY_LIST "empty-list": "a required list is empty", fix: "add at least one element";
    Error EXTRA_FIELD "extra-field":
        "a row has more fields than the header", fix: "quote the field that contains a separator";
    Warning FOREIGN_PLACEHOLDER "foreign-placeholder":
        "text that looks like another program's placeholder and is used as it is",
        fix: "write %EMAILADDRESS%, %EMAILLOCALPART% or %EMAILDOMAIN%";
    Warning HOST_CONTRADICTS_PROVIDER "host-contradicts-provider":
        "a server's host, or its port with its way to start TLS, is none that the provider of the domain publishes",
        fix: "use what the provider publishes, unless you know that yours works",
        source: "the provider's page or the provider database, as each finding says";
    Error IDENTITY_FILE "identity-file":
        "a person's S/MIME identity is unreadable or invalid",
        fix: "put the person's PKCS #12 file where smime.identities says", source: "RFC 7292";
    Warning INACTIVE_ACCOUNT "inactive-account":
        "the exporting program marks an account as not in use, and its row is left out",
        fix: "enable the account and export the list again if the person should get a profile";
    Error INVALID_ADDRESS "invalid-address":
        "a value is not an e-mail address", fix: "correct the address", source: "RFC 5321 section 4.1.2";
    Error INVALID_UTF_8 "invalid-utf-8": "the file is not UTF-8", fix: "save the file as UTF-8", source: "RFC 3629";
    Error JSON_SYNTAX "json-syntax": "the file is not JSON", fix: "correct the JSON at this place", source: "RFC 8259";
    Error LDIF_SYNTAX "ldif-syntax":
        "a user list in LDIF contains something that is no entry",
        fix: "export the entries: ldapsearch -LLL -x -H ldaps://HOST -b BASE '(mail=*)' mail displayName", source: "RFC 2849";
    Warning LOST_LETTERS "lost-letters":
        "a name contains question marks instead of letters", fix: "export the list again as UTF-8, or correct the name";
    Error MERGE_KEY "merge-key": "YAML's merge key <<, which settings do not support", fix: "write the keys out";
    Error MISSING_COLUMN "missing-column": "the user list has no address column", fix: "add a column email";
    Error MISSING_FIELD "missing-field":
        "a row has fewer fields than the header", fix: "write every field, empty ones too", source: "RFC 4180 section 2";
    Error MISSING_KEY "missing-key": "a required key is missing", fix: "add the key";
    Warning NO_PLACEHOLDER "no-placeholder":
        "everyone has the same login name", fix: "write \"%EMAILADDRESS%\" if each person has their own login name";
    Error NOT_A_LIST "not-a-list": "the file is not a supported user list", fix: "provide a user list as CSV, JSON or LDIF";
    Warning OAUTH2_MISSING "oauth2-missing":
        "a server requires OAuth 2, and the settings do not say where to get tokens",
        fix: "add oauth2: { issuer, scope, auth_url, token_url }";
    Warning POP3_BEFORE_IMAP "pop3-before-imap":
        "POP3 is preferred over IMAP, so devices do not stay in sync", fix: "list the IMAP server first";
    Warning PORT_CONTRADICTS_SOCKET_TYPE "port-contradicts-socket-type":
        "the port is registered for the other kind of TLS",
        fix: "use the socket type that the port is registered for, or the other port", source: "RFC 8314 section 7";
    Error PRIVATE_KEY "private-key":
        "a file that everyone gets contains a private key",
        fix: "store the key elsewhere, and keep only the certificate in the file";
    Warning REMOVAL_BEFORE_EXPIRATION "removal-before-expiration":
        "a profile is removed before it expires", fix: "set the removal date after the expiration date",
        source: APPLE_TERMS;
    Warning SERVER_TO_SERVER_PORT "server-to-server-port":
        "port 25 is for servers, and most networks block it", fix: "use 465 with SSL, or 587 with STARTTLS",
        source: "RFC 6409 section 3.1";
    Error TOO_LARGE "too-large":
        "the file, or one of its fields, is too large", fix: "check that this is the right file";
    Warning TOO_MANY_FINDINGS "too-many-findings":
        "too many findings; the rest is left out", fix: "fix the first ones and run it again";
    Error TRUST_FILE "trust-file":
        "a certificate file is unreadable or contains no certificate",
        fix: "name a PEM file, relative to the settings file", source: "RFC 7468 section 5";
    Error UNCLOSED_QUOTE "unclosed-quote":
        "a quotation mark is never closed", fix: "close the quotation mark", source: "RFC 4180 section 2";
    Warning UNEXPANDED_LIST "unexpanded-list":
        "PowerShell wrote the type name of a list instead of the list", fix: "join the values in the export";
    Warning UNKNOWN_COLUMN "unknown-column":
        "an unknown column, which is not used", fix: "correct the column's name, or remove the column";
    Error UNKNOWN_KEY "unknown-key": "an unknown key", fix: "correct the key's name, or remove the key";
    Error UNQUOTED_PLACEHOLDER "unquoted-placeholder":
        "a value starts with % or [ and needs quotation marks in YAML", fix: "quote the value",
        source: "YAML 1.2 section 5.3";
    Warning UNUSED_COLUMN "unused-column":
        "a column for something that the settings do not have", fix: "add it to the settings, or remove the column";
    Error UTF_16 "utf-16":
        "the file is UTF-16, without the mark that a user list needs to be read", fix: "save the file as UTF-8";
    Error WRONG_SEPARATOR "wrong-separator":
        "what separates the columns of a user list is unclear", fix: "write a line such as sep=; before the header";
    Error WRONG_TYPE "wrong-type": "the value has the wrong type", fix: "write a value of the expected type";
    Error WRONG_VALUE "wrong-value": "the value is not allowed here", fix: "correct the value";
    Error YAML_SYNTAX "yaml-syntax":
        "the file is not valid YAML", fix: "check quotation marks, brackets and indentation at this place",
        source: "YAML 1.2";
}

/// What the two days of a profile mean.
const APPLE_TERMS: &str = "https://developer.apple.com/documentation/devicemanagement/toplevel";
