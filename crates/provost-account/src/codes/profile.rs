//! What a device finds in one profile. Alphabetical.

use super::codes;

codes! {
    Profile;
    Warning ACCOUNT_DISABLED "account-disabled": "an account that the file switches off", fix: "switch the account on";
    Warning ACCOUNT_REJECTED "account-rejected":
        "one of several accounts is left out",
        fix: "mend what the app does not accept",
        source: "https://github.com/thunderbird/thunderbird-android, feature/settings/import";
    Warning ANY_CERTIFICATE "any-certificate":
        "the client takes any certificate, so that whoever is on the way reads mail and password",
        fix: "let the client check certificates, and name the authority",
        source: "RFC 8314 section 5.3";
    Error ASSET_CHANGED "asset-changed":
        "a published file is not the one that the declaration was made for",
        source: "https://github.com/apple/device-management, declarative/declarations";
    Warning AUTODISCOVER_ACCOUNTS "autodiscover-accounts":
        "an Autodiscover answer has several Account elements, and one is looked at",
        fix: "write one Account element",
        source: "MS-OXDSCLI section 2.2.4.1.1.2";
    Warning AUTODISCOVER_DOMAIN_REQUIRED "autodiscover-domain-required":
        "Outlook asks for a Windows domain, which mail servers do not have",
        source: POX;
    Warning AUTODISCOVER_ENCRYPTION "autodiscover-encryption":
        "Encryption does not fit the port, or is none of None, SSL, TLS (STARTTLS) and Auto",
        fix: "write SSL on the ports 465, 993 and 995, TLS where STARTTLS is spoken",
        source: "MS-OXDSCLI section 2.2.4.1.1.2.6.22";
    Error AUTODISCOVER_MISSING_FILE "autodiscover-missing-file":
        "the registry leads Outlook to a file that is not there",
        fix: "put the file where the registry says";
    Error AUTODISCOVER_NAMESPACE "autodiscover-namespace":
        "an element is in another XML namespace, so it is not the one that Outlook looks for",
        fix: "write the namespaces as MS-OXDSCLI has them",
        source: "MS-OXDSCLI section 2.2.4.1.1.2";
    Warning AUTODISCOVER_NO_SERVER "autodiscover-no-server":
        "a Protocol element does not say where the server is",
        fix: "write Server and Port into each Protocol",
        source: POX;
    Warning AUTODISCOVER_NOT_PREFERRED "autodiscover-not-preferred":
        "a local answer that Outlook looks at only when no web server has answered";
    Warning AUTODISCOVER_PLACEHOLDER "autodiscover-placeholder":
        "a placeholder is left in an answer that is for one person",
        fix: "write the values of the person who asks";
    Warning AUTODISCOVER_SPA "autodiscover-spa":
        "SPA is on, as it is wherever it is not said: Outlook logs in by NTLM alone",
        fix: "write <SPA>off</SPA>",
        source: POX;
    Warning AUTODISCOVER_STARTTLS_PORT "autodiscover-starttls-port":
        "SSL is on and Encryption is not said on a port where STARTTLS is spoken",
        fix: "write <Encryption>TLS</Encryption>",
        source: "MS-OXDSCLI section 2.2.4.1.1.2.6.22";
    Warning AUTODISCOVER_SWITCH "autodiscover-switch":
        "an element that is on or off is something else, such as yes or true",
        fix: "write on or off",
        source: POX;
    Warning AUTODISCOVER_TLS_ELEMENT "autodiscover-tls-element":
        "an element TLS, which Autodiscover does not have",
        fix: "write <Encryption>",
        source: POX;
    Warning AUTODISCOVER_TYPE "autodiscover-type":
        "a Protocol of a Type that Autodiscover does not have, such as POP",
        source: POX;
    Warning CLEARTEXT "cleartext":
        "mail and passwords cross the network readable by anyone",
        fix: "use SSL or STARTTLS",
        source: "RFC 8314 section 4.1";
    Error CMS_SYNTAX "cms-syntax": "a signature whose structure is damaged", source: "RFC 5652";
    Warning CODE_DISAGREES "code-disagrees": "a sheet's QR code and its tables say different things";
    Error CONFIG_SYNTAX "config-syntax": "a line that the client cannot make sense of";
    Error CONTROL_CHARACTER "control-character":
        "a character that XML does not have",
        fix: "remove the character",
        source: "XML 1.0 section 2.2";
    Warning DEPRECATED_KEY "deprecated-key":
        "a key that newer systems replace",
        fix: "use the key that replaces it",
        source: "https://developer.apple.com/documentation/devicemanagement/mail";
    Warning DESCRIPTION_NOT_UNIQUE "description-not-unique":
        "two accounts on one device have the same description, so one of them is left out",
        fix: "put the address into each description",
        source: "Apple Platform Deployment: payloads with the same account description are exclusive";
    Warning DNS_ALIAS "dns-alias": "the target of an SRV record is an alias", source: "RFC 2782";
    Warning DNS_CONTRADICTION "dns-contradiction":
        "a service is both offered and said not to be",
        source: "RFC 6186 section 3.4";
    Warning DNS_DIGEST "dns-digest":
        "the digest of the PACC document is none",
        source: "https://www.ietf.org/archive/id/draft-ietf-mailmaint-pacc-03";
    Warning DNS_OWNER_ALIAS "dns-owner-alias":
        "the name of a service is an alias, which some clients do not follow",
        source: "RFC 1034 section 3.6.2; hickory-resolver 0.26.3 does not follow it";
    Warning DNS_PORT "dns-port":
        "an SRV record leads to a port that is registered for something else",
        source: "RFC 8314 section 7";
    Warning DNS_RELATIVE_NAME "dns-relative-name":
        "a target without a dot at its end lies in the zone itself, where it seems not to be meant",
        source: "RFC 1035 section 5.1";
    Error DOCUMENT_TYPE "document-type":
        "a document type with declarations of its own",
        fix: "remove the declarations",
        source: "observed: no client needs one, 2026-11";
    Warning DUPLICATE_IDENTIFIER "duplicate-identifier":
        "two payloads have the same PayloadIdentifier",
        fix: "give each payload an identifier of its own",
        source: "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys";
    Error DUPLICATE_KEY "duplicate-key":
        "a dictionary has the same key twice",
        fix: "remove one of the keys",
        source: "https://developer.apple.com/documentation/devicemanagement";
    Error DUPLICATE_UUID "duplicate-uuid":
        "the same PayloadUUID is used twice",
        fix: "give each payload a UUID of its own",
        source: "reported: iOS says \"The PayloadUUID is used more than once in the profile\" (jawj/IKEv2-setup issue 62)";
    Warning EMAIL2_ENDED "email2-ended":
        "accounts for an app that there is no more",
        source: "https://www.neowin.net, 2024-11-09: Windows Mail and Calendar end on 2024-12-31";
    Warning EMAIL2_GUID "email2-guid":
        "an account's identifier is no GUID, or its braces are not spelt out",
        source: EMAIL2;
    Error EMAIL2_NOT_ATOMIC "email2-not-atomic": "a command for accounts that is outside of Atomic", source: EMAIL2;
    Warning EMAIL2_NOT_PER_USER "email2-not-per-user":
        "accounts for the device, where Windows has them for each user",
        source: EMAIL2;
    Error EMAIL2_SMTPALT "email2-smtpalt":
        "some of the outgoing server's credentials without the others",
        source: EMAIL2;
    Warning EMAIL2_TOO_LONG "email2-too-long": "a text that is longer than Windows allows", source: EMAIL2;
    Error ENCODING "encoding":
        "the file is in another encoding than it says, or says one that nobody knows",
        fix: "save the file as UTF-8, and write encoding=\"UTF-8\"",
        source: "observed: CoreFoundation of swift-corelibs-foundation 6.0.3, which refuses the file, 2026-11";
    Error ENCRYPTED "encrypted":
        "a profile that one device alone can read",
        source: "https://developer.apple.com/documentation/devicemanagement/toplevel";
    Warning EWS_ENDS "ews-ends":
        "Exchange Online ends Exchange Web Services, by which the account gets its mail",
        fix: "use the server's IMAP and SMTP, or Outlook",
        source: "Microsoft 365 message center MC1176266: blocked from 2026-10-01; the Exchange team's blog: ended on 2027-04-01";
    Warning EXPANDED_VALUE "expanded-value":
        "a value that the client replaces a part of, or runs",
        fix: "write it in single quotation marks";
    Warning FAILS_ELSEWHERE "fails-elsewhere":
        "another client that reads this format refuses or misreads the file",
        fix: "write it as the strictest client has it";
    Warning FIRST_LINE_IGNORED "first-line-ignored":
        "a setting in the first line, which the client passes over",
        source: "https://enterprise.thunderbird.net/deploy/mcd-thunderbird-autoconfig";
    Warning GROUPWARE_ADDRESS "groupware-address":
        "a calendar, an address book or a directory whose address no device can use",
        fix: "write the host name alone, and a path that begins with /",
        source: "https://github.com/apple/device-management, mdm/profiles: com.apple.caldav.account.yaml";
    Warning HIDDEN_SMTP_SERVERS "hidden-smtp-servers":
        "the list of outgoing servers is a default value, which the list of a profile in use hides",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning IDENTIFIER_TOO_LONG "identifier-too-long":
        "an Identifier or a ServerToken of more than 64 octets",
        source: "https://github.com/apple/device-management, declarationbase.yaml";
    Warning IDENTIFIER_WITH_BLANK "identifier-with-blank":
        "a PayloadIdentifier with a blank, which is no name as domains have them",
        fix: "write it as a domain is written, from its end: org.example.mail",
        source: "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys: \"reverse-DNS-style identifier\"";
    Warning IGNORED_KEY "ignored-key":
        "a key that no supported system looks at",
        fix: "remove the key",
        source: "https://developer.apple.com/documentation/devicemanagement/mail";
    Warning INCOMPLETE "incomplete":
        "the client accepts the file and does not finish by itself",
        fix: "say what the client cannot find out",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning INTERACTIVE_ONLY_KEY "interactive-only-key":
        "a key that works only where a person installs the profile by hand",
        fix: "remove the key",
        source: "https://developer.apple.com/documentation/devicemanagement/mail";
    Error INVALID_UTF_8 "invalid-utf-8": "the file is not UTF-8", fix: "save the file as UTF-8", source: "RFC 3629";
    Error JSON_SYNTAX "json-syntax": "the text is no JSON", fix: "mend the JSON at the place named", source: "RFC 8259";
    Warning LOCKED_ACCOUNTS "locked-accounts":
        "the list of accounts is locked, so that none can be added",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning MISDECLARED_ENCODING "misdeclared-encoding":
        "the file is UTF-8 and says that it is something else, so that names come out as other letters",
        fix: "write encoding=\"UTF-8\"",
        source: "observed: CoreFoundation of swift-corelibs-foundation 6.0.3, 2026-11";
    Warning MISSING_ASSET "missing-asset":
        "what a configuration refers to is not among the files",
        source: "https://github.com/apple/device-management, declarationbase.yaml";
    Warning MISSING_IDENTITY "missing-identity":
        "a certificate is named that is not in the profile",
        source: "https://developer.apple.com/documentation/devicemanagement/mail";
    Error MISSING_KEY "missing-key": "a value that must be there is not", fix: "add the key";
    Warning MISSING_PORT "missing-port":
        "the port is left out, and clients that guess it guess differently",
        fix: "write the port",
        source: "reported: without a port Apple Mail tries 25 first (mjl-/mox issue 328)";
    Warning MISSING_SEARCH "missing-search":
        "a directory without a place to look in finds nobody",
        fix: "add the base that people are below",
        source: "https://github.com/apple/device-management, account.ldap.yaml: \"at least one node\"";
    Warning MISSING_USERNAME "missing-username":
        "the login name is left out",
        fix: "write the login name",
        source: "https://developer.apple.com/documentation/devicemanagement/mail";
    Warning NEWER_SYSTEM "newer-system":
        "a declaration that systems before 27 refuse is given to them too",
        fix: "give the activation a predicate on the system's version",
        source: "https://developer.apple.com/documentation/devicemanagement/legacyprofile";
    Warning NO_ADDRESS "no-address":
        "the file does not say whose account it is",
        fix: "write the address, or say for whom the file is";
    Error NO_SERVER "no-server":
        "no server in the file is one that the client can use",
        fix: "offer a server that the client can use",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Error NO_SIGNED_CONTENT "no-signed-content": "a signature without a profile in it", source: "RFC 5652 section 5.2";
    Warning NO_SIGNER_CERTIFICATE "no-signer-certificate":
        "a signature that no device can check, so the profile is shown as not verified",
        source: "reported: without the certificates in the file verification always failed (9elements, automx)";
    Warning NO_XML_DECLARATION "no-xml-declaration":
        "the file does not begin with an XML declaration",
        fix: "begin with <?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        source: "reported: Fleet takes such a file for a signed one";
    Warning NOT_ACTIVATED "not-activated":
        "a configuration that no activation names does nothing",
        source: "https://github.com/apple/device-management, declarationbase.yaml";
    Warning NOT_EVALUATED "not-evaluated": "a part of a script that is not followed here";
    Error NOT_WELL_FORMED "not-well-formed":
        "the file is no XML",
        fix: "escape &, < and > in texts, and close every element",
        source: "XML 1.0";
    Error NOTHING_TO_SET_UP "nothing-to-set-up":
        "the file holds no mail account",
        fix: "check that this is the right file";
    Warning OLD_TLS_OPTION "old-tls-option":
        "an option about versions of TLS that the program no longer wants set",
        fix: "remove the line",
        source: "https://github.com/neomutt/neomutt, release of 2026-01-05";
    Warning ONE_PART_OF_SEVERAL "one-part-of-several":
        "the accounts are spread over several codes",
        fix: "read the other codes too",
        source: "https://github.com/thunderbird/thunderbird-android, qr-code-format.md";
    Warning OPEN_QUOTATION "open-quotation":
        "a quotation mark that nothing closes, so the value goes on to the end of the line",
        fix: "close it";
    Warning PACC_DRAFT_02 "pacc-draft-02": "a document of PACC's draft -02, which says smtp for submit", source: PACC;
    Warning PACC_NAME "pacc-name": "a provider's name of more than 60 characters", source: PACC;
    Warning PACC_URL "pacc-url": "a URL with a port, or none of https, is left out", source: PACC;
    Warning PASSWORD_IN_FILE "password-in-file":
        "whoever has the file has the password",
        fix: "leave the password out; the device asks for it",
        source: "https://developer.apple.com/documentation/devicemanagement/mail: \"only use in encrypted profiles\"";
    Error PAYLOAD_NOT_ALLOWED "payload-not-allowed":
        "a profile to which a declaration leads holds a payload that it must not",
        fix: "take the payload out",
        source: "https://developer.apple.com/documentation/devicemanagement/legacyprofile";
    Warning PAYLOAD_OF_ANOTHER_SYSTEM "payload-of-another-system":
        "a payload that the device of the profile does not have",
        fix: "write a profile for each system",
        source: "https://github.com/apple/device-management, mdm/profiles: supportedOS";
    Warning PAYLOAD_VERSION "payload-version":
        "PayloadVersion is not the integer 1",
        fix: "write <integer>1</integer>",
        source: "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys";
    Warning PEM_ARMOURED "pem-armoured":
        "a signed profile as PEM text; whether devices read that is not known",
        source: "https://developer.apple.com/documentation/devicemanagement: \"a DER-encoded, CMS Signed Data structure\"";
    Error PLIST_SYNTAX "plist-syntax":
        "a binary property list that is damaged",
        source: "CFBinaryPList.c of swift-corelibs-foundation";
    Warning PLUS_SIGN "plus-sign":
        "a plus sign is read as a space",
        fix: "write %2B",
        source: "https://url.spec.whatwg.org/#urlencoded-parsing";
    Warning POLICY_BOOLEAN "policy-boolean":
        "a policy makes a boolean of the number 0 or 1, and the client reads its default",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning PREFERENCE_TYPE "preference-type":
        "a preference of another type, which the client passes over",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning PRF_ENCODING "prf-encoding": "a profile file of Outlook that is not in Windows' code page";
    Warning PRF_MAPPING "prf-mapping": "an account without the section that says which property each of its keys sets";
    Warning PRF_OVERWRITES "prf-overwrites": "a profile of that name is replaced with every account in it";
    Warning PRF_REMOVES_MAIL "prf-removes-mail": "mail is removed from the server once it is received";
    Warning PRF_VARIABLE "prf-variable": "a value with percent signs around something, which Outlook may replace";
    Warning REMOVES_MAIL "removes-mail": "mail is removed from the server as soon as it is fetched";
    Warning SERVER_LOOKED_UP "server-looked-up":
        "the file does not name a server, so the client looks one up by the address",
        source: "https://github.com/chatmail/core, src/configure.rs";
    Warning SERVER_QUIRK "server-quirk":
        "a server that needs what the file does not say",
        fix: "write what the server needs",
        source: "https://github.com/pimalaya/himalaya, CHANGELOG.md 2.1.0; reported: imap.163.com answers \"Unsafe Login\" without ID (bichon issue 25)";
    Warning SERVER_SKIPPED "server-skipped":
        "a server that the client cannot use is passed over in silence",
        fix: "mend what the client cannot use, or remove the server",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning SEVERAL_ADDRESSES "several-addresses":
        "several addresses where one belongs; whether a device takes them apart is disputed",
        fix: "write the account's own address alone",
        source: "reported: iOS does not (openradar 35667841), it does at a comma and a blank (mailcow issue 4828)";
    Error TOO_DEEP "too-deep":
        "elements or lists nested deeper than in any honest file",
        fix: "check that this is the right file";
    Error TOO_LARGE "too-large": "the file is larger than any honest one", fix: "check that this is the right file";
    Warning UNEXPANDED_PLACEHOLDER "unexpanded-placeholder":
        "a variable that nobody has filled in, or may not: a device takes it as it is",
        source: "https://github.com/MicrosoftDocs/memdocs, custom-settings-ios.md: variables are case-sensitive and not validated";
    Warning UNKNOWN_KEY "unknown-key":
        "a key that the client does not know",
        fix: "correct the key's name, or remove the key";
    Warning UNLISTED_SMTP_SERVER "unlisted-smtp-server":
        "the outgoing server is in no list, so nothing is sent",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning UNPROVEN_MAPPING "unproven-mapping": "what the app makes of its keys is not known here";
    Error UNREADABLE_PICTURE "unreadable-picture":
        "no QR code can be read from the picture",
        fix: "draw the code larger, dark on light, with a margin";
    Error UNSUPPORTED_VERSION "unsupported-version":
        "a version of the format that the client does not read",
        fix: "write the version that the client reads";
    Warning USE_GLOBAL_PREFERRED_SERVER "use-global-preferred-server":
        "the outgoing servers are not used where another account exists",
        fix: "write false, or remove the element",
        source: "reported: Mailu/Mailu issue 3721, mail-in-a-box/mailinabox issue 1736";
    Warning VALUE_CUT "value-cut":
        "a character in a value that begins a comment, so the rest of it is not read",
        fix: "quote the value as the program has it";
    Warning WEAK_USERNAME "weak-username":
        "the login name is not what it seems to be",
        fix: "write a placeholder, or the login name itself",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning WRONG_SCOPE "wrong-scope":
        "a Mac has accounts in the user's scope alone, and other devices have no scopes",
        fix: "write User for a Mac, and nothing for others",
        source: "https://github.com/apple/device-management, com.apple.mail.managed: devicechannel false; reported: Fleet issue 34960, nanomdm issue 125";
    Warning WRONG_TARGET "wrong-target":
        "the profile is for a kind of device that sets up no mail account",
        fix: "write 1 for iPhone and iPad, 5 for Mac, 6 for Apple Vision Pro",
        source: "https://developer.apple.com/documentation/devicemanagement/toplevel";
    Error WRONG_TYPE "wrong-type":
        "a value of another kind belongs there",
        fix: "write a value of the kind that is named";
    Error WRONG_VALUE "wrong-value":
        "the value is none of those that are possible there",
        fix: "write one of the values that are possible";
}

/// Microsoft's description of the provider.
const EMAIL2: &str = "https://learn.microsoft.com/windows/client-management/mdm/email2-csp";

/// The draft.
const PACC: &str = "https://www.ietf.org/archive/id/draft-ietf-mailmaint-pacc-03";

/// Microsoft's description of the answer that Outlook takes.
const POX: &str = "https://learn.microsoft.com/exchange/client-developer/web-service-reference/protocol-pox";
