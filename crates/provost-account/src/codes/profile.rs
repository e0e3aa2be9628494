//! What a device finds in one profile. Alphabetical.

use super::codes;

codes! {
    Profile;
    Warning ACCOUNT_DISABLED "account-disabled": "the file disables an account",
        for: "evolution geary", fix: "enable the account";
    Warning ACCOUNT_REJECTED "account-rejected":
        "one of several accounts is left out",
        for: "k9s mpop msmtp offlineimap", fix: "correct what the app rejects",
        source: "https://github.com/thunderbird/thunderbird-android, feature/settings/import",
        of: {
            "msmtp" => "observed: msmtp 1.8.23, 2026-11: the account is refused when it is used",
            "mpop" => "observed: mpop 1.4.18, 2026-11: the account is refused when it is used",
            "offlineimap" => "observed: offlineimap 8.0.0 goes on with the other accounts, 2026-11",
        };
    Warning ANY_CERTIFICATE "any-certificate":
        "the client accepts any certificate, so anyone on the network path can read mail and password",
        for: "android-managed-config dclogin fetchmail msmtp neomutt offlineimap",
        fix: "enable certificate checks, and configure the authority", source: "RFC 8314 section 5.3",
        of: {
            "fetchmail" => "fetchmail(1), sslcertck: \"a discouraged option\"; version 6.4.37",
            "offlineimap" => "observed: offlineimap 8.0.0 with a server whose certificate nobody signed, 2026-11",
            "msmtp" => "msmtp(1), version 1.8.23: \"When the checks are disabled, TLS sessions will not be secure!\"",
            "mpop" => "mpop(1), version 1.4.18: \"When the checks are disabled, TLS sessions will not be secure!\"",
        };
    Error ASSET_CHANGED "asset-changed":
        "a published file does not match the declaration",
        for: "apple-ddm",
        source: "https://github.com/apple/device-management, declarative/declarations";
    Warning AUTODISCOVER_ACCOUNTS "autodiscover-accounts":
        "an Autodiscover answer has several Account elements, of which one is used",
        for: "autodiscover-pox", fix: "write one Account element",
        source: "MS-OXDSCLI section 2.2.4.1.1.2";
    Warning AUTODISCOVER_DOMAIN_REQUIRED "autodiscover-domain-required":
        "Outlook asks for a Windows domain, which mail servers do not have",
        for: "autodiscover-pox", source: POX;
    Warning AUTODISCOVER_ENCRYPTION "autodiscover-encryption":
        "Encryption does not match the port, or is not None, SSL, TLS (STARTTLS) or Auto",
        for: "autodiscover-pox",
        fix: "write SSL for ports 465, 993 and 995, TLS for STARTTLS", source: "MS-OXDSCLI section 2.2.4.1.1.2.6.22";
    Error AUTODISCOVER_MISSING_FILE "autodiscover-missing-file":
        "the registry refers Outlook to a file that does not exist",
        for: "autodiscover-pox", fix: "put the file where the registry says";
    Error AUTODISCOVER_NAMESPACE "autodiscover-namespace":
        "an element is in the wrong XML namespace, so Outlook does not find it",
        for: "autodiscover-pox",
        fix: "use the namespaces of MS-OXDSCLI", source: "MS-OXDSCLI section 2.2.4.1.1.2";
    Warning AUTODISCOVER_NO_SERVER "autodiscover-no-server":
        "a Protocol element does not name the server",
        for: "autodiscover-pox", fix: "add Server and Port to each Protocol", source: POX;
    Warning AUTODISCOVER_NOT_PREFERRED "autodiscover-not-preferred":
        "a local answer that Outlook reads only if no web server answers",
        for: "autodiscover-pox";
    Warning AUTODISCOVER_PLACEHOLDER "autodiscover-placeholder":
        "an answer for one person contains a placeholder",
        for: "autodiscover-pox", fix: "write the person's values";
    Warning AUTODISCOVER_SPA "autodiscover-spa":
        "SPA is on (also if it is missing): Outlook logs in with NTLM only",
        for: "autodiscover-pox", fix: "write <SPA>off</SPA>", source: POX;
    Warning AUTODISCOVER_STARTTLS_PORT "autodiscover-starttls-port":
        "SSL is on without Encryption on a STARTTLS port",
        for: "autodiscover-pox", fix: "write <Encryption>TLS</Encryption>",
        source: "MS-OXDSCLI section 2.2.4.1.1.2.6.22";
    Warning AUTODISCOVER_SWITCH "autodiscover-switch":
        "an on/off element has another value, such as yes or true",
        for: "autodiscover-pox", fix: "write on or off", source: POX;
    Warning AUTODISCOVER_TLS_ELEMENT "autodiscover-tls-element":
        "the element TLS does not exist in Autodiscover",
        for: "autodiscover-pox", fix: "write <Encryption>", source: POX;
    Warning AUTODISCOVER_TYPE "autodiscover-type":
        "a Protocol has a Type that does not exist in Autodiscover, such as POP",
        for: "autodiscover-pox", source: POX;
    Warning CLEARTEXT "cleartext":
        "mail and passwords cross the network unencrypted",
        for: "aerc android-managed-config apple-mobileconfig autodiscover-pox dclogin evolution fetchmail geary getmail himalaya k9s mbsync mpop msmtp neomutt offlineimap outlook-prf settings-sheet thunderbird-autoconfig thunderbird-cfg thunderbird-qr windows-email2", fix: "use SSL or STARTTLS", source: "RFC 8314 section 4.1",
        of: {
            "fetchmail" => "observed: fetchmail 6.4.37 with a server that offers no STARTTLS, 2026-11",
            "offlineimap" => "observed: offlineimap 8.0.0 with a server that offers no STARTTLS, 2026-11",
        };
    Error CMS_SYNTAX "cms-syntax": "a signature whose structure is damaged",
        for: "apple-mobileconfig", source: "RFC 5652";
    Warning CODE_DISAGREES "code-disagrees": "a sheet's QR code and its tables disagree",
        for: "settings-sheet";
    Error CONFIG_SYNTAX "config-syntax": "a line that the client cannot parse",
        for: "aerc autodiscover-pox dns-zone evolution fetchmail geary getmail himalaya mbsync mpop msmtp neomutt offlineimap outlook-prf thunderbird-cfg";
    Error CONTROL_CHARACTER "control-character":
        "a character that XML does not allow",
        for: "thunderbird-autoconfig", fix: "remove the character", source: "XML 1.0 section 2.2";
    Warning DEPRECATED_KEY "deprecated-key":
        "a key that newer systems replace",
        for: "apple-mobileconfig", fix: "use the key that replaces it",
        source: "https://developer.apple.com/documentation/devicemanagement/mail";
    Warning DESCRIPTION_NOT_UNIQUE "description-not-unique":
        "two accounts on one device have the same description, so one of them is left out",
        for: "apple-mobileconfig",
        fix: "put the address into each description",
        source: "Apple Platform Deployment: payloads with the same account description are exclusive";
    Warning DNS_ALIAS "dns-alias": "the target of an SRV record is an alias",
        for: "dns-zone", source: "RFC 2782";
    Warning DNS_CONTRADICTION "dns-contradiction":
        "a service is declared both available and unavailable",
        for: "dns-zone", source: "RFC 6186 section 3.4";
    Warning DNS_DIGEST "dns-digest":
        "the digest of the PACC document is invalid",
        for: "dns-zone",
        source: "https://www.ietf.org/archive/id/draft-ietf-mailmaint-pacc-03";
    Warning DNS_OWNER_ALIAS "dns-owner-alias":
        "the name of a service is an alias, which some clients do not follow",
        for: "dns-zone",
        source: "RFC 1034 section 3.6.2; hickory-resolver 0.26.3 does not follow it";
    Warning DNS_PORT "dns-port":
        "an SRV record has a port that is registered for another service",
        for: "dns-zone", source: "RFC 8314 section 7";
    Warning DNS_RELATIVE_NAME "dns-relative-name":
        "a target without a final dot is relative to the zone, which seems unintended",
        for: "dns-zone", source: "RFC 1035 section 5.1";
    Error DOCUMENT_TYPE "document-type":
        "a document type with its own declarations",
        for: "apple-mobileconfig", fix: "remove the declarations",
        source: "observed: no client needs one, 2026-11";
    Warning DUPLICATE_IDENTIFIER "duplicate-identifier":
        "two payloads have the same PayloadIdentifier",
        for: "apple-ddm apple-mobileconfig", fix: "give each payload its own identifier",
        source: "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys";
    Error DUPLICATE_KEY "duplicate-key":
        "a dictionary has the same key twice",
        for: "apple-mobileconfig", fix: "remove one of the keys",
        source: "https://developer.apple.com/documentation/devicemanagement";
    Error DUPLICATE_UUID "duplicate-uuid":
        "the same PayloadUUID is used twice",
        for: "apple-mobileconfig", fix: "give each payload its own UUID",
        source: "reported: iOS says \"The PayloadUUID is used more than once in the profile\" (jawj/IKEv2-setup issue 62)";
    Warning EMAIL2_ENDED "email2-ended":
        "accounts for an app that no longer exists",
        for: "windows-email2",
        source: "https://www.neowin.net, 2024-11-09: Windows Mail and Calendar end on 2024-12-31";
    Warning EMAIL2_GUID "email2-guid":
        "an account's identifier is not a GUID, or its braces are not written as 0x7B and 0x7D",
        for: "windows-email2", source: EMAIL2;
    Error EMAIL2_NOT_ATOMIC "email2-not-atomic": "an account command outside Atomic",
        for: "windows-email2", source: EMAIL2;
    Warning EMAIL2_NOT_PER_USER "email2-not-per-user":
        "accounts for the device, although Windows has them per user",
        for: "windows-email2", source: EMAIL2;
    Error EMAIL2_SMTPALT "email2-smtpalt": "the outgoing server's credentials are incomplete",
        for: "windows-email2", source: EMAIL2;
    Warning EMAIL2_TOO_LONG "email2-too-long": "a text is longer than Windows allows",
        for: "windows-email2", source: EMAIL2;
    Error ENCODING "encoding":
        "the file is not in the encoding that it declares, or declares an unknown one",
        for: "apple-mobileconfig",
        fix: "save the file as UTF-8, and write encoding=\"UTF-8\"",
        source: "observed: CoreFoundation of swift-corelibs-foundation 6.0.3, which refuses the file, 2026-11";
    Error ENCRYPTED "encrypted":
        "a profile that only one device can read",
        for: "apple-mobileconfig",
        source: "https://developer.apple.com/documentation/devicemanagement/toplevel";
    Warning EWS_ENDS "ews-ends":
        "Exchange Online ends Exchange Web Services, which the account uses for mail",
        for: "apple-mobileconfig",
        fix: "use the server's IMAP and SMTP, or Outlook",
        source: "Microsoft 365 message center MC1176266: blocked from 2026-10-01; the Exchange team's blog: ended on 2027-04-01";
    Warning EXPANDED_VALUE "expanded-value":
        "a value that the client expands or executes",
        for: "himalaya neomutt", fix: "write it in single quotation marks";
    Warning FAILS_ELSEWHERE "fails-elsewhere":
        "another client of this format rejects or misreads the file",
        for: "apple-mobileconfig autodiscover-pox k9s mbsync neomutt thunderbird-autoconfig", fix: "write it as the strictest client requires",
        of: {
            "mbsync" => "observed: isync 1.4.4 and 1.5.1, 2026-11",
            "neomutt" => "observed: NeoMutt 20220429 of Debian, 2026-11",
        };
    Warning FIRST_LINE_IGNORED "first-line-ignored":
        "a setting in the first line, which the client ignores",
        for: "thunderbird-cfg",
        source: "https://enterprise.thunderbird.net/deploy/mcd-thunderbird-autoconfig";
    Warning GROUPWARE_ADDRESS "groupware-address":
        "a calendar, address book or directory with an unusable address",
        for: "apple-mobileconfig",
        fix: "write the bare host name, and a path that begins with /",
        source: "https://github.com/apple/device-management, mdm/profiles: com.apple.caldav.account.yaml";
    Warning HIDDEN_SMTP_SERVERS "hidden-smtp-servers":
        "the list of outgoing servers is a default value, which an existing profile's list overrides",
        for: "thunderbird-cfg",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning IDENTIFIER_TOO_LONG "identifier-too-long":
        "an Identifier or ServerToken is longer than 64 bytes",
        for: "apple-ddm",
        source: "https://github.com/apple/device-management, declarationbase.yaml";
    Warning IDENTIFIER_WITH_BLANK "identifier-with-blank":
        "a PayloadIdentifier contains a blank and is not a reverse-DNS name",
        for: "apple-mobileconfig",
        fix: "write a reverse-DNS name: org.example.mail",
        source: "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys: \"reverse-DNS-style identifier\"";
    Warning IGNORED_KEY "ignored-key":
        "a key that no supported system reads",
        for: "apple-mobileconfig k9s thunderbird-cfg", fix: "remove the key",
        of: {
            "apple-mobileconfig" => "https://developer.apple.com/documentation/devicemanagement/mail",
            "k9s" => "https://github.com/thunderbird/thunderbird-android, feature/settings/import",
            "thunderbird-cfg" => "observed: Thunderbird 153.7.0esr, 2026-11",
        };
    Warning INCOMPLETE "incomplete":
        "the client accepts the file but cannot finish the setup from it",
        for: "evolution geary neomutt offlineimap thunderbird-autoconfig", fix: "add what the client cannot find out",
        source: "observed: Thunderbird 153.7.0esr, 2026-11",
        of: {
            "offlineimap" => "observed: offlineimap 8.0.0, \"No CA certificates and no server fingerprints configured\", 2026-11",
            "evolution" => "https://gitlab.gnome.org/GNOME/evolution-data-server, src/libedataserver/e-source-mail-*.c",
            "geary" => "https://gitlab.gnome.org/GNOME/geary, src/client/accounts/accounts-manager.vala",
            "neomutt" => "neomuttrc(5), spool_file",
        };
    Note INTERACTIVE_ONLY_KEY "interactive-only-key":
        "a key that works only in a manual installation",
        for: "apple-mobileconfig", fix: "remove the key",
        source: "https://developer.apple.com/documentation/devicemanagement/mail";
    Error INVALID_UTF_8 "invalid-utf-8": "the file is not UTF-8",
        for: "aerc apple-ddm apple-mobileconfig autodiscover-pox evolution k9s", fix: "save the file as UTF-8", source: "RFC 3629";
    Error JSON_SYNTAX "json-syntax": "the text is not JSON",
        for: "android-managed-config apple-ddm dns-zone pacc thunderbird-cfg thunderbird-qr", fix: "correct the JSON at this place", source: "RFC 8259";
    Warning LOCKED_ACCOUNTS "locked-accounts":
        "the list of accounts is locked, so no account can be added",
        for: "thunderbird-cfg",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning MISDECLARED_ENCODING "misdeclared-encoding":
        "the file is UTF-8 but declares another encoding, so names are garbled",
        for: "apple-mobileconfig", fix: "write encoding=\"UTF-8\"",
        source: "observed: CoreFoundation of swift-corelibs-foundation 6.0.3, 2026-11";
    Note MISSING_ASSET "missing-asset":
        "a configuration refers to something that is not among the files",
        for: "apple-ddm",
        source: "https://github.com/apple/device-management, declarationbase.yaml";
    Warning MISSING_IDENTITY "missing-identity":
        "the profile refers to a certificate that it does not contain",
        for: "apple-mobileconfig",
        source: "https://developer.apple.com/documentation/devicemanagement/mail";
    Error MISSING_KEY "missing-key": "a required value is missing",
        for: "aerc android-managed-config apple-ddm apple-mobileconfig dclogin evolution geary getmail himalaya k9s mpop msmtp offlineimap pacc settings-sheet thunderbird-autoconfig windows-email2", fix: "add the key";
    Warning MISSING_PORT "missing-port":
        "the port is missing, and clients guess different defaults",
        for: "apple-ddm apple-mobileconfig autodiscover-pox k9s outlook-prf thunderbird-cfg", fix: "write the port",
        of: {
            "apple-ddm apple-mobileconfig" => "reported: without a port Apple Mail tries 25 first (mjl-/mox issue 328)",
            "autodiscover-pox" => POX,
            "k9s" => "https://github.com/thunderbird/thunderbird-android, feature/settings/import: ServerSettingsDescriptions",
        };
    Warning MISSING_SEARCH "missing-search":
        "a directory without a search base finds nobody",
        for: "apple-ddm apple-mobileconfig", fix: "add the search base",
        source: "https://github.com/apple/device-management, account.ldap.yaml: \"at least one node\"";
    Note MISSING_USERNAME "missing-username":
        "the login name is missing",
        for: "aerc apple-mobileconfig autodiscover-pox evolution fetchmail geary mpop msmtp neomutt offlineimap outlook-prf thunderbird-cfg", fix: "write the login name",
        of: {
            "apple-mobileconfig" => "https://developer.apple.com/documentation/devicemanagement/mail",
            "autodiscover-pox" => "https://learn.microsoft.com/previous-versions/office/office-2010/cc511507(v=office.14): LoginName",
            "fetchmail" => "fetchmail(1), user: the default is the login name on this machine; version 6.4.37",
            "offlineimap" => "offlineimap.conf of offlineimap 8.0.0, remoteuser: the login name may stand in ~/.netrc",
            "mpop" => "observed: mpop 1.4.18, 2026-11: \"authentication method USER needs a user name\"",
            "msmtp" => "observed: msmtp 1.8.23, 2026-11: \"authentication method PLAIN needs a user name\"",
            "aerc" => "aerc-imap(5), aerc-smtp(5)",
            "evolution" => "https://gitlab.gnome.org/GNOME/evolution-data-server, src/libedataserver/e-source-authentication.c",
            "geary" => "https://gitlab.gnome.org/GNOME/geary, src/client/accounts/accounts-manager.vala",
            "neomutt" => "neomuttrc(5), imap_user: it defaults to the name on this machine",
        };
    Warning NEWER_SYSTEM "newer-system":
        "a declaration also goes to systems before 27, which reject it",
        for: "apple-ddm",
        fix: "add a predicate on the system version to the activation",
        source: "https://developer.apple.com/documentation/devicemanagement/legacyprofile";
    Note NO_ADDRESS "no-address":
        "the file does not say whose account it is",
        for: "android-managed-config apple-ddm apple-mobileconfig autodiscover-pox dns-zone evolution fetchmail getmail mbsync mpop msmtp neomutt offlineimap outlook-prf pacc thunderbird-autoconfig thunderbird-cfg", fix: "add the address, or say whose file it is";
    Error NO_SERVER "no-server":
        "the file has no server that the client can use",
        for: "thunderbird-autoconfig", fix: "add a server that the client can use",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Error NO_SIGNED_CONTENT "no-signed-content": "a signature without a profile",
        for: "apple-mobileconfig", source: "RFC 5652 section 5.2";
    Warning NO_SIGNER_CERTIFICATE "no-signer-certificate":
        "no device can check the signature, so the profile is shown as not verified",
        for: "apple-mobileconfig",
        source: "reported: without the certificates in the file verification always failed (9elements, automx)";
    Warning NO_XML_DECLARATION "no-xml-declaration":
        "the file has no XML declaration",
        for: "apple-mobileconfig", fix: "begin the file with <?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        source: "reported: Fleet takes such a file for a signed one";
    Note NOT_ACTIVATED "not-activated":
        "a configuration without an activation does nothing",
        for: "apple-ddm fetchmail",
        source: "https://github.com/apple/device-management, declarationbase.yaml",
        of: {
            "fetchmail" => "fetchmail(1), skip: \"not to poll this host unless it is explicitly named on the command line\"; version 6.4.37",
        };
    Note NOT_FOLLOWED "not-followed": "a part that the client follows, and that is not followed here",
        for: "*";
    Error NOT_WELL_FORMED "not-well-formed":
        "the file is not well-formed XML",
        for: "apple-ddm apple-mdm-template apple-mobileconfig autodiscover-pox k9s settings-sheet thunderbird-autoconfig thunderbird-qr windows-email2", fix: "escape &, < and > in text, and close every element", source: "XML 1.0";
    Error NOTHING_TO_SET_UP "nothing-to-set-up":
        "the file contains no mail account",
        for: "aerc apple-ddm apple-mdm-template autodiscover-pox dclogin dns-zone evolution fetchmail getmail himalaya k9s mbsync mpop msmtp neomutt offlineimap outlook-prf pacc settings-sheet thunderbird-cfg", fix: "check that this is the right file";
    Warning OLD_TLS_OPTION "old-tls-option":
        "an option for TLS versions that the program has deprecated",
        for: "neomutt", fix: "remove the line",
        source: "https://github.com/neomutt/neomutt, release of 2026-01-05";
    Note OLDER_VERSION "older-version":
        "a file for a version of the program that newer ones do not read",
        for: "himalaya",
        of: {
            "himalaya" => "https://github.com/pimalaya/himalaya, config.sample.toml of 1.1.0 and of 2.2.1",
        };
    Warning ONE_PART_OF_SEVERAL "one-part-of-several":
        "the accounts are split over several codes",
        for: "thunderbird-qr", fix: "read the other codes too",
        source: "https://github.com/thunderbird/thunderbird-android, qr-code-format.md";
    Warning OPEN_QUOTATION "open-quotation":
        "an unclosed quotation mark: the value extends to the end of the line",
        for: "neomutt", fix: "close it";
    Warning PACC_DRAFT_02 "pacc-draft-02": "a document of PACC draft -02, which says smtp instead of submit",
        for: "pacc", source: PACC;

    Warning PACC_NAME "pacc-name": "a provider name is longer than 60 characters",
        for: "pacc", source: PACC;
    Warning PACC_URL "pacc-url": "a URL with a port, or without https, is ignored",
        for: "pacc", source: PACC;
    Warning PASSWORD_IN_FILE "password-in-file":
        "anyone who has the file has the password",
        for: "aerc apple-ddm apple-mobileconfig dclogin fetchmail getmail himalaya k9s mbsync mpop msmtp neomutt offlineimap settings-sheet thunderbird-autoconfig thunderbird-qr windows-email2", fix: "remove the password; the device asks for it",
        of: {
            "apple-ddm apple-mobileconfig" =>
                "https://developer.apple.com/documentation/devicemanagement/mail: \"only use in encrypted profiles\"",
            "aerc" => "aerc-accounts(5), source-cred-cmd; aerc 0.22 refuses a file that others may read",
            "himalaya" => "https://github.com/pimalaya/himalaya, config.sample.toml: password.command",
            "dclogin" => "https://github.com/chatmail/core, src/qr/dclogin_scheme.rs: p is required",
            "k9s thunderbird-qr" => "https://github.com/thunderbird/thunderbird-android, feature/settings/export: passwords are left out unless asked for",
            "mbsync" => "mbsync(1): PassCmd takes the place of Pass",
            "fetchmail" => "fetchmail(1): \"To protect the security of your passwords, your ~/.fetchmailrc may not normally have more than 0700\"; version 6.4.37",
            "offlineimap" => "offlineimap.conf of offlineimap 8.0.0, remotepass: \"The remote password stored in this file\"",
            "getmail" => "getmail 6.18.11, documentation of configuration: password_command",
            "mpop" => "mpop(1), version 1.4.18: \"Consider using the passwordeval command or a key ring\"",
            "msmtp" => "msmtp(1), version 1.8.23: \"Consider using the passwordeval command or a key ring\"",
            "neomutt" => "neomuttrc(5), imap_pass: \"the superuser can read your neomuttrc\"",
        };
    Error PAYLOAD_NOT_ALLOWED "payload-not-allowed":
        "a profile that a declaration refers to contains a forbidden payload",
        for: "apple-ddm", fix: "remove the payload",
        source: "https://developer.apple.com/documentation/devicemanagement/legacyprofile";
    Warning PAYLOAD_OF_ANOTHER_SYSTEM "payload-of-another-system":
        "a payload that the profile's device does not support",
        for: "apple-mobileconfig", fix: "write a profile for each system",
        source: "https://github.com/apple/device-management, mdm/profiles: supportedOS";
    Warning PAYLOAD_VERSION "payload-version":
        "PayloadVersion is not the integer 1",
        for: "apple-mobileconfig", fix: "write <integer>1</integer>",
        source: "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys";
    Warning PEM_ARMOURED "pem-armoured":
        "a signed profile in PEM; whether devices accept that is unconfirmed",
        for: "apple-mobileconfig",
        source: "https://developer.apple.com/documentation/devicemanagement: \"a DER-encoded, CMS Signed Data structure\"";
    Error PLIST_SYNTAX "plist-syntax":
        "the binary property list is damaged",
        for: "apple-mobileconfig", source: "CFBinaryPList.c of swift-corelibs-foundation";
    Warning PLUS_SIGN "plus-sign":
        "a plus sign is read as a space",
        for: "dclogin", fix: "write %2B", source: "https://url.spec.whatwg.org/#urlencoded-parsing";
    Warning POLICY_BOOLEAN "policy-boolean":
        "a policy turns the number 0 or 1 into a boolean, so the client uses its default",
        for: "thunderbird-cfg",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning PREFERENCE_TYPE "preference-type":
        "a preference has the wrong type, and the client ignores it",
        for: "thunderbird-cfg",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning PRF_ENCODING "prf-encoding": "an Outlook profile file that is not in the Windows code page",
        for: "outlook-prf";
    Warning PRF_MAPPING "prf-mapping": "an account lacks the section that maps its keys to properties",
        for: "outlook-prf";
    Warning PRF_OVERWRITES "prf-overwrites": "an existing profile of that name is replaced, including all its accounts",
        for: "outlook-prf";
    Warning PRF_REMOVES_MAIL "prf-removes-mail": "mail is removed from the server after it is received",
        for: "outlook-prf";
    Warning PRF_VARIABLE "prf-variable": "a value contains text between percent signs, which Outlook may replace",
        for: "outlook-prf";
    Note REMOVES_MAIL "removes-mail":
        "mail is removed from the server as soon as it is fetched",
        for: "evolution fetchmail getmail mpop thunderbird-cfg",
        of: {
            "getmail" => "getmail 6.18.11, documentation of configuration: delete",
            "mpop" => "mpop(1), version 1.4.18, command keep",
        };
    Warning SERVER_LOOKED_UP "server-looked-up":
        "the file names no server, so the client looks one up by the address",
        for: "dclogin",
        source: "https://github.com/chatmail/core, src/configure.rs";
    Warning SERVER_QUIRK "server-quirk":
        "a server needs a setting that the file does not have",
        for: "himalaya", fix: "add the setting",
        source: "https://github.com/pimalaya/himalaya, CHANGELOG.md 2.1.0; reported: imap.163.com answers \"Unsafe Login\" without ID (bichon issue 25)";
    Warning SERVER_SKIPPED "server-skipped":
        "the client silently skips a server that it cannot use",
        for: "thunderbird-autoconfig thunderbird-cfg",
        fix: "correct what the client cannot use, or remove the server",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning SEVERAL_ADDRESSES "several-addresses":
        "several addresses instead of one; reports differ on whether devices split them",
        for: "apple-mobileconfig",
        fix: "write only the account's own address",
        source: "reported: iOS does not (openradar 35667841), it does at a comma and a blank (mailcow issue 4828)";
    Error SIGNATURE_MISMATCH "signature-mismatch":
        "the signature is not by the key in the signer's certificate, so nothing that verifies signatures accepts it",
        for: "apple-mobileconfig",
        fix: "sign the profile again",
        source: "RFC 5652 section 5.6; what a device shows then is unconfirmed";
    Warning SIGNATURE_NOT_CHECKED "signature-not-checked":
        "a signature by an algorithm that is not known here; whether devices know it is unconfirmed",
        for: "apple-mobileconfig",
        fix: "sign with RSA or P-256, and SHA-256";
    Error SIGNED_CONTENT_CHANGED "signed-content-changed":
        "the content is not what was signed, so nothing that verifies signatures accepts it",
        for: "apple-mobileconfig",
        fix: "sign the profile again, and publish the signed file as it is",
        source: "RFC 5652 section 5.6; what a device shows then is unconfirmed";
    Error TOO_DEEP "too-deep": "elements or lists are nested too deeply",
        for: "k9s", fix: "check that this is the right file";
    Error TOO_LARGE "too-large": "the file is too large",
        for: "*", fix: "check that this is the right file";
    Warning UNEXPANDED_PLACEHOLDER "unexpanded-placeholder":
        "a variable that was not, or may not be, replaced: a device uses it as it is",
        for: "android-managed-config apple-mdm-template apple-mobileconfig",
        source: "https://github.com/MicrosoftDocs/memdocs, custom-settings-ios.md: variables are case-sensitive and not validated";
    Warning UNKNOWN_KEY "unknown-key":
        "a key that the client does not support",
        for: "android-managed-config apple-ddm apple-mobileconfig dclogin getmail neomutt offlineimap pacc windows-email2", fix: "correct the key's name, or remove the key",
        of: { "getmail" => "observed: getmail 6.18.11, 2026-11: \"Warning: ignoring unknown parameter\"" };
    Warning UNLISTED_SMTP_SERVER "unlisted-smtp-server":
        "the outgoing server is in no list, so nothing is sent",
        for: "thunderbird-cfg", source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning UNPROVEN_MAPPING "unproven-mapping": "how the app uses its keys is unknown",
        for: "android-managed-config";
    Error UNREADABLE_PICTURE "unreadable-picture":
        "no QR code can be read from the picture",
        for: "settings-sheet thunderbird-qr", fix: "make the code larger, dark on light, with a margin";
    Error UNSUPPORTED_VERSION "unsupported-version":
        "a version of the format that the client does not read",
        for: "dclogin geary k9s thunderbird-qr", fix: "write the version that the client reads";
    Warning UNUSED_LOGIN "unused-login":
        "a login name or a password that is not used, because authentication is off",
        for: "msmtp",
        fix: "turn authentication on, or remove them",
        source: "msmtp(1), version 1.8.23; its NEWS of 1.4.0: \"Authentication is not enabled automatically anymore!\"";
    Warning USE_GLOBAL_PREFERRED_SERVER "use-global-preferred-server":
        "the outgoing servers are not used if another account exists",
        for: "thunderbird-autoconfig", fix: "write false, or remove the element",
        source: "reported: Mailu/Mailu issue 3721, mail-in-a-box/mailinabox issue 1736";
    Warning VALUE_CUT "value-cut":
        "a character in a value begins a comment, so the rest is not read",
        for: "aerc",
        fix: "quote the value in the program's syntax";
    Warning WEAK_USERNAME "weak-username":
        "the login name is not what it seems to be",
        for: "thunderbird-autoconfig", fix: "write a placeholder, or the login name itself",
        source: "observed: Thunderbird 153.7.0esr, 2026-11";
    Warning WRONG_SCOPE "wrong-scope":
        "a Mac has accounts only in the user scope, and other devices have no scopes",
        for: "apple-mobileconfig",
        fix: "write User for a Mac, and no scope for other devices",
        source: "https://github.com/apple/device-management, com.apple.mail.managed: devicechannel false; reported: Fleet issue 34960, nanomdm issue 125";
    Warning WRONG_TARGET "wrong-target":
        "the profile is for a kind of device without mail accounts",
        for: "apple-mobileconfig",
        fix: "write 1 for iPhone and iPad, 5 for Mac, 6 for Apple Vision Pro",
        source: "https://developer.apple.com/documentation/devicemanagement/toplevel";
    Error WRONG_TYPE "wrong-type": "the value has the wrong type",
        for: "android-managed-config apple-mobileconfig", fix: "write a value of the expected type";
    Error WRONG_VALUE "wrong-value": "the value is not allowed here",
        for: "*", fix: "write one of the allowed values";
}

/// Microsoft's description of the provider.
const EMAIL2: &str = "https://learn.microsoft.com/windows/client-management/mdm/email2-csp";

/// The draft.
const PACC: &str = "https://www.ietf.org/archive/id/draft-ietf-mailmaint-pacc-03";

/// Microsoft's description of the answer that Outlook takes.
const POX: &str = "https://learn.microsoft.com/exchange/client-developer/web-service-reference/protocol-pox";
