//! Findings about accounts, alone or compared with each other, that no reader of a single format reports: values that
//! the author can hardly have meant, dates in the past, people whom a template does not fit, conflicts between files.

use super::codes;

codes! {
    Fleet;
    Warning PASSWORD_OF_ANOTHER_LOGIN "password-of-another-login":
        "a password is written for a login name that it does not belong to",
        fix: "leave passwords out, or write the outgoing server's own",
        source: "https://github.com/zone-eu/mobileconfig: until 2.4.2 OutgoingPassword was the incoming server's";
    Warning PORT_CONTRADICTS_SOCKET_TYPE "port-contradicts-socket-type":
        "the port is registered for the other kind of TLS",
        fix: "use the kind of TLS that the port is registered for, or the other port", source: "RFC 8314 section 7";
    Warning PORT_OF_ANOTHER_SERVICE "port-of-another-service":
        "the port is registered for another protocol", fix: "use the port of the protocol",
        source: "RFC 8314 section 7";
    Warning SERVER_TO_SERVER_PORT "server-to-server-port":
        "port 25 is for servers, and most networks block it", fix: "use 465 with SSL, or 587 with STARTTLS",
        source: "RFC 6409 section 3.1";

    Warning CERTIFICATE_OVER "certificate-over":
        "a certificate in the file has expired, so nothing that it signed is trusted",
        fix: "replace it with its successor", source: "RFC 5280 section 4.1.2.5";
    Warning DATE_OVER "date-over":
        "the day on which the profile expires or is removed has passed", fix: "write a later date, or remove the key",
        source: TOP_LEVEL;
    Warning REMOVAL_BEFORE_EXPIRATION "removal-before-expiration":
        "the profile is removed before it expires", fix: "set the removal date after the expiration date",
        source: TOP_LEVEL;
    Warning SIGNER_ENDS_SOON "signer-ends-soon":
        "the certificate that signed the profile ends within 30 days; afterwards devices treat the profile as unsigned",
        fix: "sign the profile with the certificate's successor", source: SIGNER;
    Warning SIGNER_EXPIRED "signer-expired":
        "the certificate that signed the profile has expired, so devices treat the profile as unsigned",
        fix: "sign the profile with the certificate's successor", source: SIGNER;
    Warning SIGNER_NOT_YET_VALID "signer-not-yet-valid":
        "the certificate that signed the profile is not valid yet; what a device shows then is unconfirmed",
        fix: "publish the profile from that day", source: "RFC 5280 section 4.1.2.5";
    Warning SIGNER_UNKNOWN "signer-unknown":
        "no authority that is trusted here vouches for the signer, so devices that do not trust it either show the profile as not verified",
        fix: "sign with a certificate of an authority that the devices know",
        source: "https://help.ivanti.com/ld/help/en_US/LDMS/10.0/Mobility/mobl-ios-signing.htm: \"warns them that it is not trusted\"";

    Warning LOGIN_OF_THE_TEMPLATE "login-of-the-template":
        "a file for a domain or an organization gives everyone the same form of login name, and someone has another one";

    Warning FORMATS_DISAGREE "formats-disagree":
        "two files of one person have different servers or login names",
        fix: "find out which file is right, and fix the other";
    Warning IDENTIFIER_CHANGES "identifier-changes":
        "two files of one person have different identifiers, so each installation adds or recreates the account",
        fix: "derive identifiers from the organization and the address", source: APPLE;
    Warning PAYLOADS_REORDERED "payloads-reordered":
        "two files of one person have the same payloads in different order, so a declaration cannot take over the profile",
        fix: "write the payloads in the same order each time",
        source: "https://developer.apple.com/documentation/devicemanagement/legacyprofile";
    Warning RANDOM_IDENTIFIER "random-identifier":
        "an identifier looks random: if it changes with each download, each download adds an account",
        fix: "derive identifiers from the organization and the address", source: APPLE;
    Error REPLACES_ANOTHER "replaces-another":
        "profiles of two people have the same identifier: the second replaces the first",
        fix: "give each person's profile its own identifier", source: APPLE;
    Warning SHARED_UUID "shared-uuid":
        "payloads of two people have the same UUID, which must be unique",
        fix: "derive UUIDs from the organization and the address", source: APPLE;
}

/// What the two days mean.
const TOP_LEVEL: &str = "https://developer.apple.com/documentation/devicemanagement/toplevel";

/// What becomes of a profile whose signer's certificate has ended.
const SIGNER: &str =
    "http://dns.notjakob.com/finalize.html: \"iOS/macOS will treat it the same as an unsigned profile\"";

/// What a profile is known by.
const APPLE: &str = "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys";
