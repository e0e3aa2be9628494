//! The table of finding codes: what each means and how bad it is. Alphabetical.

mod fixes;

use provost_account::Severity;

use crate::{dates, fit, fleet, sense, service};

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The stable name.
    pub name: &'static str,
    /// Whether the device uses the file all the same.
    pub severity: Severity,
    /// What it says about a file.
    pub meaning: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
}

impl Code {
    /// What mends it, whatever its place; empty where only the finding can say it.
    #[must_use]
    pub fn fix(&self) -> &'static str {
        fixes::fix(self.name)
    }
}

/// Every code of what a device finds in a profile.
#[must_use]
pub fn codes() -> &'static [Code] {
    CODES
}

/// Every code of what no format's reader finds: what accounts say, alone and beside each other.
pub fn comparing_codes() -> impl Iterator<Item = &'static Code> {
    [sense::CODES, dates::CODES, fit::CODES, fleet::CODES].into_iter().flatten()
}

/// Every code of the way back from profiles to settings.
#[must_use]
pub fn import_codes() -> &'static [Code] {
    service::CODES
}

/// The row of a code.
pub(crate) fn code(name: &str) -> &'static Code {
    [CODES, sense::CODES, dates::CODES, fit::CODES, fleet::CODES, service::CODES]
        .into_iter()
        .flatten()
        .find(|code| code.name == name)
        .unwrap_or_else(|| panic!("the code {name} has no row"))
}

pub(crate) const fn error(name: &'static str, meaning: &'static str, source: &'static str) -> Code {
    Code { name, severity: Severity::Error, meaning, source }
}

pub(crate) const fn warning(name: &'static str, meaning: &'static str, source: &'static str) -> Code {
    Code { name, severity: Severity::Warning, meaning, source }
}

const CODES: &[Code] = &[
    warning("account-disabled", "an account that the file switches off", ""),
    warning(
        "account-rejected",
        "one of several accounts is left out",
        "https://github.com/thunderbird/thunderbird-android, feature/settings/import",
    ),
    warning(
        "any-certificate",
        "the client takes any certificate, so that whoever is on the way reads mail and password",
        "RFC 8314 section 5.3",
    ),
    error(
        "asset-changed",
        "a published file is not the one that the declaration was made for",
        "https://github.com/apple/device-management, declarative/declarations",
    ),
    warning(
        "autodiscover-accounts",
        "an Autodiscover answer has several Account elements, and one is looked at",
        "MS-OXDSCLI section 2.2.4.1.1.2",
    ),
    warning("autodiscover-domain-required", "Outlook asks for a Windows domain, which mail servers do not have", POX),
    warning(
        "autodiscover-encryption",
        "Encryption does not fit the port, or is none of None, SSL, TLS (STARTTLS) and Auto",
        "MS-OXDSCLI section 2.2.4.1.1.2.6.22",
    ),
    error("autodiscover-missing-file", "the registry leads Outlook to a file that is not there", ""),
    error(
        "autodiscover-namespace",
        "an element is in another XML namespace, so it is not the one that Outlook looks for",
        "MS-OXDSCLI section 2.2.4.1.1.2",
    ),
    warning("autodiscover-no-server", "a Protocol element does not say where the server is", POX),
    warning(
        "autodiscover-not-preferred",
        "a local answer that Outlook looks at only when no web server has answered",
        "",
    ),
    warning("autodiscover-placeholder", "a placeholder is left in an answer that is for one person", ""),
    warning("autodiscover-spa", "SPA is on, as it is wherever it is not said: Outlook logs in by NTLM alone", POX),
    warning(
        "autodiscover-starttls-port",
        "SSL is on and Encryption is not said on a port where STARTTLS is spoken",
        "MS-OXDSCLI section 2.2.4.1.1.2.6.22",
    ),
    warning("autodiscover-switch", "an element that is on or off is something else, such as yes or true", POX),
    warning("autodiscover-tls-element", "an element TLS, which Autodiscover does not have", POX),
    warning("autodiscover-type", "a Protocol of a Type that Autodiscover does not have, such as POP", POX),
    warning("cleartext", "mail and passwords cross the network readable by anyone", "RFC 8314 section 4.1"),
    error("cms-syntax", "a signature whose structure is damaged", "RFC 5652"),
    warning("code-disagrees", "a sheet's QR code and its tables say different things", ""),
    error("config-syntax", "a line that the client cannot make sense of", ""),
    error("control-character", "a character that XML does not have", "XML 1.0 section 2.2"),
    warning(
        "deprecated-key",
        "a key that newer systems replace",
        "https://developer.apple.com/documentation/devicemanagement/mail",
    ),
    warning(
        "description-not-unique",
        "two accounts on one device have the same description, so one of them is left out",
        "Apple Platform Deployment: payloads with the same account description are exclusive",
    ),
    warning("dns-alias", "the target of an SRV record is an alias", "RFC 2782"),
    warning("dns-contradiction", "a service is both offered and said not to be", "RFC 6186 section 3.4"),
    warning(
        "dns-digest",
        "the digest of the PACC document is none",
        "https://www.ietf.org/archive/id/draft-ietf-mailmaint-pacc-03",
    ),
    warning(
        "dns-owner-alias",
        "the name of a service is an alias, which some clients do not follow",
        "RFC 1034 section 3.6.2; hickory-resolver 0.26.3 does not follow it",
    ),
    warning("dns-port", "an SRV record leads to a port that is registered for something else", "RFC 8314 section 7"),
    warning(
        "dns-relative-name",
        "a target without a dot at its end lies in the zone itself, where it seems not to be meant",
        "RFC 1035 section 5.1",
    ),
    error("document-type", "a document type with declarations of its own", "observed: no client needs one, 2026-11"),
    warning(
        "duplicate-identifier",
        "two payloads have the same PayloadIdentifier",
        "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys",
    ),
    error(
        "duplicate-key",
        "a dictionary has the same key twice",
        "https://developer.apple.com/documentation/devicemanagement",
    ),
    error(
        "duplicate-uuid",
        "the same PayloadUUID is used twice",
        "reported: iOS says \"The PayloadUUID is used more than once in the profile\" (jawj/IKEv2-setup issue 62)",
    ),
    warning(
        "email2-ended",
        "accounts for an app that there is no more",
        "https://www.neowin.net, 2024-11-09: Windows Mail and Calendar end on 2024-12-31",
    ),
    warning("email2-guid", "an account's identifier is no GUID, or its braces are not spelt out", EMAIL2),
    error("email2-not-atomic", "a command for accounts that is outside of Atomic", EMAIL2),
    warning("email2-not-per-user", "accounts for the device, where Windows has them for each user", EMAIL2),
    error("email2-smtpalt", "some of the outgoing server's credentials without the others", EMAIL2),
    warning("email2-too-long", "a text that is longer than Windows allows", EMAIL2),
    error(
        "encoding",
        "the file is in another encoding than it says, or says one that nobody knows",
        "observed: CoreFoundation of swift-corelibs-foundation 6.0.3, which refuses the file, 2026-11",
    ),
    error(
        "encrypted",
        "a profile that one device alone can read",
        "https://developer.apple.com/documentation/devicemanagement/toplevel",
    ),
    warning(
        "ews-ends",
        "Exchange Online ends Exchange Web Services, by which the account gets its mail",
        "Microsoft 365 message center MC1176266: blocked from 2026-10-01; the Exchange team's blog: ended on 2027-04-01",
    ),
    warning("expanded-value", "a value that the client replaces a part of, or runs", ""),
    warning("fails-elsewhere", "another client that reads this format refuses or misreads the file", ""),
    warning(
        "first-line-ignored",
        "a setting in the first line, which the client passes over",
        "https://enterprise.thunderbird.net/deploy/mcd-thunderbird-autoconfig",
    ),
    warning(
        "groupware-address",
        "a calendar, an address book or a directory whose address no device can use",
        "https://github.com/apple/device-management, mdm/profiles: com.apple.caldav.account.yaml",
    ),
    warning(
        "hidden-smtp-servers",
        "the list of outgoing servers is a default value, which the list of a profile in use hides",
        "observed: Thunderbird 153.7.0esr, 2026-11",
    ),
    warning(
        "identifier-too-long",
        "an Identifier or a ServerToken of more than 64 octets",
        "https://github.com/apple/device-management, declarationbase.yaml",
    ),
    warning(
        "identifier-with-blank",
        "a PayloadIdentifier with a blank, which is no name as domains have them",
        "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys: \"reverse-DNS-style identifier\"",
    ),
    warning(
        "ignored-key",
        "a key that no supported system looks at",
        "https://developer.apple.com/documentation/devicemanagement/mail",
    ),
    warning(
        "incomplete",
        "the client accepts the file and does not finish by itself",
        "observed: Thunderbird 153.7.0esr, 2026-11",
    ),
    warning(
        "interactive-only-key",
        "a key that works only where a person installs the profile by hand",
        "https://developer.apple.com/documentation/devicemanagement/mail",
    ),
    error("invalid-utf-8", "the file is not UTF-8", "RFC 3629"),
    error("json-syntax", "the text is no JSON", "RFC 8259"),
    warning(
        "locked-accounts",
        "the list of accounts is locked, so that none can be added",
        "observed: Thunderbird 153.7.0esr, 2026-11",
    ),
    warning(
        "misdeclared-encoding",
        "the file is UTF-8 and says that it is something else, so that names come out as other letters",
        "observed: CoreFoundation of swift-corelibs-foundation 6.0.3, 2026-11",
    ),
    warning(
        "missing-asset",
        "what a configuration refers to is not among the files",
        "https://github.com/apple/device-management, declarationbase.yaml",
    ),
    warning(
        "missing-identity",
        "a certificate is named that is not in the profile",
        "https://developer.apple.com/documentation/devicemanagement/mail",
    ),
    error("missing-key", "a value that must be there is not", ""),
    warning(
        "missing-port",
        "the port is left out, and clients that guess it guess differently",
        "reported: without a port Apple Mail tries 25 first (mjl-/mox issue 328)",
    ),
    warning(
        "missing-search",
        "a directory without a place to look in finds nobody",
        "https://github.com/apple/device-management, account.ldap.yaml: \"at least one node\"",
    ),
    warning(
        "missing-username",
        "the login name is left out",
        "https://developer.apple.com/documentation/devicemanagement/mail",
    ),
    warning(
        "newer-system",
        "a declaration that systems before 27 refuse is given to them too",
        "https://developer.apple.com/documentation/devicemanagement/legacyprofile",
    ),
    warning("no-address", "the file does not say whose account it is", ""),
    error(
        "no-server",
        "no server in the file is one that the client can use",
        "observed: Thunderbird 153.7.0esr, 2026-11",
    ),
    error("no-signed-content", "a signature without a profile in it", "RFC 5652 section 5.2"),
    warning(
        "no-signer-certificate",
        "a signature that no device can check, so the profile is shown as not verified",
        "reported: without the certificates in the file verification always failed (9elements, automx)",
    ),
    warning(
        "no-xml-declaration",
        "the file does not begin with an XML declaration",
        "reported: Fleet takes such a file for a signed one",
    ),
    warning(
        "not-activated",
        "a configuration that no activation names does nothing",
        "https://github.com/apple/device-management, declarationbase.yaml",
    ),
    warning("not-evaluated", "a part of a script that is not followed here", ""),
    error("not-well-formed", "the file is no XML", "XML 1.0"),
    error("nothing-to-set-up", "the file holds no mail account", ""),
    warning(
        "old-tls-option",
        "an option about versions of TLS that the program no longer wants set",
        "https://github.com/neomutt/neomutt, release of 2026-01-05",
    ),
    warning(
        "one-part-of-several",
        "the accounts are spread over several codes",
        "https://github.com/thunderbird/thunderbird-android, qr-code-format.md",
    ),
    warning("open-quotation", "a quotation mark that nothing closes, so the value goes on to the end of the line", ""),
    warning("pacc-draft-02", "a document of PACC's draft -02, which says smtp for submit", PACC),
    warning("pacc-name", "a provider's name of more than 60 characters", PACC),
    warning("pacc-url", "a URL with a port, or none of https, is left out", PACC),
    warning(
        "password-in-file",
        "whoever has the file has the password",
        "https://developer.apple.com/documentation/devicemanagement/mail: \"only use in encrypted profiles\"",
    ),
    error(
        "payload-not-allowed",
        "a profile to which a declaration leads holds a payload that it must not",
        "https://developer.apple.com/documentation/devicemanagement/legacyprofile",
    ),
    warning(
        "payload-of-another-system",
        "a payload that the device of the profile does not have",
        "https://github.com/apple/device-management, mdm/profiles: supportedOS",
    ),
    warning(
        "payload-version",
        "PayloadVersion is not the integer 1",
        "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys",
    ),
    warning(
        "pem-armoured",
        "a signed profile as PEM text; whether devices read that is not known",
        "https://developer.apple.com/documentation/devicemanagement: \"a DER-encoded, CMS Signed Data structure\"",
    ),
    error("plist-syntax", "a binary property list that is damaged", "CFBinaryPList.c of swift-corelibs-foundation"),
    warning("plus-sign", "a plus sign is read as a space", "https://url.spec.whatwg.org/#urlencoded-parsing"),
    warning(
        "policy-boolean",
        "a policy makes a boolean of the number 0 or 1, and the client reads its default",
        "observed: Thunderbird 153.7.0esr, 2026-11",
    ),
    warning(
        "preference-type",
        "a preference of another type, which the client passes over",
        "observed: Thunderbird 153.7.0esr, 2026-11",
    ),
    warning("prf-encoding", "a profile file of Outlook that is not in Windows' code page", ""),
    warning("prf-mapping", "an account without the section that says which property each of its keys sets", ""),
    warning("prf-overwrites", "a profile of that name is replaced with every account in it", ""),
    warning("prf-removes-mail", "mail is removed from the server once it is received", ""),
    warning("prf-variable", "a value with percent signs around something, which Outlook may replace", ""),
    warning("removes-mail", "mail is removed from the server as soon as it is fetched", ""),
    warning(
        "server-looked-up",
        "the file does not name a server, so the client looks one up by the address",
        "https://github.com/chatmail/core, src/configure.rs",
    ),
    warning(
        "server-quirk",
        "a server that needs what the file does not say",
        "https://github.com/pimalaya/himalaya, CHANGELOG.md 2.1.0; reported: imap.163.com answers \"Unsafe Login\" without ID (bichon issue 25)",
    ),
    warning(
        "server-skipped",
        "a server that the client cannot use is passed over in silence",
        "observed: Thunderbird 153.7.0esr, 2026-11",
    ),
    warning(
        "several-addresses",
        "several addresses where one belongs; whether a device takes them apart is disputed",
        "reported: iOS does not (openradar 35667841), it does at a comma and a blank (mailcow issue 4828)",
    ),
    error("too-deep", "elements or lists nested deeper than in any honest file", ""),
    error("too-large", "the file is larger than any honest one", ""),
    warning(
        "unexpanded-placeholder",
        "a variable that nobody has filled in, or may not: a device takes it as it is",
        "https://github.com/MicrosoftDocs/memdocs, custom-settings-ios.md: variables are case-sensitive and not validated",
    ),
    warning("unknown-key", "a key that the client does not know", ""),
    warning(
        "unlisted-smtp-server",
        "the outgoing server is in no list, so nothing is sent",
        "observed: Thunderbird 153.7.0esr, 2026-11",
    ),
    warning("unproven-mapping", "what the app makes of its keys is not known here", ""),
    error("unreadable-picture", "no QR code can be read from the picture", ""),
    error("unsupported-version", "a version of the format that the client does not read", ""),
    warning(
        "use-global-preferred-server",
        "the outgoing servers are not used where another account exists",
        "reported: Mailu/Mailu issue 3721, mail-in-a-box/mailinabox issue 1736",
    ),
    warning("value-cut", "a character in a value that begins a comment, so the rest of it is not read", ""),
    warning("weak-username", "the login name is not what it seems to be", "observed: Thunderbird 153.7.0esr, 2026-11"),
    warning(
        "wrong-scope",
        "a Mac has accounts in the user's scope alone, and other devices have no scopes",
        "https://github.com/apple/device-management, com.apple.mail.managed: devicechannel false; reported: Fleet issue 34960, nanomdm issue 125",
    ),
    warning(
        "wrong-target",
        "the profile is for a kind of device that sets up no mail account",
        "https://developer.apple.com/documentation/devicemanagement/toplevel",
    ),
    error("wrong-type", "a value of another kind belongs there", ""),
    error("wrong-value", "the value is none of those that are possible there", ""),
];

/// Microsoft's description of the provider.
const EMAIL2: &str = "https://learn.microsoft.com/windows/client-management/mdm/email2-csp";

/// The draft.
const PACC: &str = "https://www.ietf.org/archive/id/draft-ietf-mailmaint-pacc-03";

/// Microsoft's description of the answer that Outlook takes.
const POX: &str = "https://learn.microsoft.com/exchange/client-developer/web-service-reference/protocol-pox";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_alphabetical_order() {
        for table in [CODES, sense::CODES, dates::CODES, fit::CODES, fleet::CODES, service::CODES] {
            assert!(table.is_sorted_by_key(|code| code.name));
        }
    }
}
