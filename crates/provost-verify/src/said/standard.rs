//! What the codes in an answer mean by their standard, whoever says them, the words that servers and systems commonly have,
//! and the numbers that Outlook shows. It knows no provider, and no words of clients.

/// The causes that a text has by a standard, each with where that stands.
pub(super) fn meanings(text: &str) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let upper = text.to_ascii_uppercase();
    let codes: Vec<String> = upper
        .split(|it: char| it.is_whitespace() || matches!(it, '-' | ',' | ':' | '#' | '(' | ')'))
        .map(ToOwned::to_owned)
        .collect();
    let is_said = move |(code, ..): &&(&str, &str, &str)| match code.contains(' ') {
        true => upper.contains(code),
        false => codes.iter().any(|it| it == code),
    };
    let mut causes: Vec<(&str, &str)> = Vec::new();
    for (_, cause, source) in STANDARD.iter().chain(SYSTEM).chain(OUTLOOK).filter(is_said) {
        if !causes.iter().any(|(known, _)| known == cause) {
            causes.push((cause, source));
        }
    }
    causes.into_iter()
}

/// A code, or words with a blank; the cause; the source.
const STANDARD: &[(&str, &str, &str)] = &[
    ("535", "wrong-password-or-name", "RFC 4954 section 6"),
    ("5.7.8", "wrong-password-or-name", "RFC 4954 section 6"),
    ("[AUTHENTICATIONFAILED]", "wrong-password-or-name", "RFC 5530 section 3"),
    ("[AUTH]", "wrong-password-or-name", "RFC 3206 section 5"),
    ("AUTHENTICATION FAILED", "wrong-password-or-name", "Dovecot 2.3.19.1 and Postfix 3.7.11, observed 2026-11"),
    ("[AUTHORIZATIONFAILED]", "login-not-allowed", "RFC 5530 section 3"),
    ("[EXPIRED]", "login-not-allowed", "RFC 5530 section 3"),
    ("[CONTACTADMIN]", "login-not-allowed", "RFC 5530 section 3"),
    ("[UNAVAILABLE]", "login-unavailable", "RFC 5530 section 3"),
    ("[SYS/TEMP]", "login-unavailable", "RFC 3206 section 4"),
    ("[LOGIN-DELAY]", "limit-reached", "RFC 2449 section 8.1.1"),
    ("[LIMIT]", "limit-reached", "RFC 5530 section 3"),
    ("[OVERQUOTA]", "mailbox-full", "RFC 5530 section 3"),
    ("5.2.2", "mailbox-full", "RFC 3463 section 3.3"),
    ("4.2.2", "mailbox-full", "RFC 3463 section 3.3"),
    ("5.2.3", "message-too-large", "RFC 3463 section 3.3"),
    ("5.3.4", "message-too-large", "RFC 3463 section 3.4"),
    ("5.1.1", "recipient-refused", "RFC 3463 section 3.2"),
    ("5.1.7", "sender-refused", "RFC 3463 section 3.2"),
    ("5.1.8", "sender-refused", "RFC 3463 section 3.2"),
    ("[SERVERBUG]", "server-error", "RFC 5530 section 3"),
    ("GREYLISTED", "mail-deferred", "RFC 6647"),
    ("GREYLISTING", "mail-deferred", "RFC 6647"),
    ("MUST ISSUE A STARTTLS COMMAND FIRST", "wrong-security", "RFC 3207 section 4"),
    ("[PRIVACYREQUIRED]", "wrong-security", "RFC 5530 section 3"),
    ("AUTHENTICATION REQUIRED", "login-method-not-offered", "RFC 4954 section 6"),
    ("5.7.57", "login-method-not-offered", "Exchange Online, reported 2023-12: Client not authenticated to send mail"),
    ("CLIENT NOT AUTHENTICATED", "login-method-not-offered", "Exchange Online, reported 2023-12"),
    ("5.1.10", "recipient-refused", "RFC 7505 section 4.2; Exchange, reported 2017-11: RecipientNotFound"),
    ("BLOCKED USING", "client-blocked", "Postfix: default_rbl_reply"),
];

/// What a client hands on from its system, from the resolver or from OpenSSL.
const SYSTEM: &[(&str, &str, &str)] = &[
    ("CONNECTION REFUSED", "port-closed", "POSIX: ECONNREFUSED"),
    ("CONNECTION REFUSED", "wrong-port", "POSIX: ECONNREFUSED"),
    ("TIMED OUT", "no-answer", "POSIX: ETIMEDOUT"),
    ("NO ROUTE TO HOST", "host-unreachable", "POSIX: EHOSTUNREACH"),
    ("NETWORK IS UNREACHABLE", "host-unreachable", "POSIX: ENETUNREACH"),
    ("CONNECTION RESET BY PEER", "connection-lost", "POSIX: ECONNRESET"),
    ("NAME OR SERVICE NOT KNOWN", "name-does-not-resolve", "glibc: EAI_NONAME"),
    ("TEMPORARY FAILURE IN NAME RESOLUTION", "name-server-fails", "glibc: EAI_AGAIN"),
    ("SELF-SIGNED CERTIFICATE", "certificate-issuer-unknown", "OpenSSL 3: X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT"),
    ("SELF SIGNED CERTIFICATE", "certificate-issuer-unknown", "OpenSSL 1.1: X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT"),
    ("HOSTNAME MISMATCH", "certificate-for-another-name", "OpenSSL: X509_V_ERR_HOSTNAME_MISMATCH"),
];

/// Errors of Microsoft's mail transport (`imnxport.h`), which classic Outlook shows in hexadecimal.
const OUTLOOK: &[(&str, &str, &str)] = &[
    ("0X800CCC01", "certificate-for-another-name", "Outlook: IXP_E_INVALID_CERT_CN"),
    ("0X800CCC02", "certificate-expired", "Outlook: IXP_E_INVALID_CERT_DATE"),
    ("0X800CCC0B", "service-unavailable", "Outlook: IXP_E_BUSY"),
    ("0X800CCC0D", "name-does-not-resolve", "Outlook: IXP_E_CANT_FIND_HOST"),
    ("0X800CCC0E", "port-closed", "Outlook: IXP_E_FAILED_TO_CONNECT"),
    ("0X800CCC0E", "no-answer", "Outlook: IXP_E_FAILED_TO_CONNECT"),
    ("0X800CCC0E", "host-unreachable", "Outlook: IXP_E_FAILED_TO_CONNECT"),
    ("0X800CCC0F", "connection-lost", "Outlook: IXP_E_CONNECTION_DROPPED"),
    ("0X800CCC18", "login-method-not-offered", "Outlook: IXP_E_SICILY_LOGON_FAILED"),
    ("0X800CCC18", "wrong-password-or-name", "Outlook: IXP_E_SICILY_LOGON_FAILED"),
    ("0X800CCC19", "no-answer", "Outlook: IXP_E_TIMEOUT"),
    ("0X800CCC1A", "wrong-security", "Outlook: IXP_E_SECURE_CONNECT_FAILED"),
    ("0X800CCC1A", "tls-too-old", "Outlook: IXP_E_SECURE_CONNECT_FAILED"),
    ("0X800CCC78", "sender-refused", "Outlook: IXP_E_SMTP_REJECTED_SENDER"),
    ("0X800CCC79", "recipient-refused", "Outlook: IXP_E_SMTP_REJECTED_RECIPIENTS"),
    ("0X800CCC79", "relay-denied", "Outlook: IXP_E_SMTP_REJECTED_RECIPIENTS"),
    ("0X800CCC7D", "starttls-not-offered", "Outlook: IXP_E_SMTP_NO_STARTTLS_SUPPORT"),
    ("0X800CCC7F", "starttls-fails", "Outlook: IXP_E_SMTP_454_STARTTLS_FAILED"),
    ("0X800CCC91", "wrong-password-or-name", "Outlook: IXP_E_POP3_INVALID_USER_NAME"),
    ("0X800CCC92", "wrong-password-or-name", "Outlook: IXP_E_POP3_INVALID_PASSWORD"),
    ("0X800CCCD1", "wrong-password-or-name", "Outlook: IXP_E_IMAP_LOGINFAILURE"),
    ("0X800CCCD5", "wrong-protocol", "Outlook: IXP_E_IMAP_NOTIMAPSERVER"),
    ("0X800CCCD9", "service-unavailable", "Outlook: IXP_E_IMAP_CONNECTION_REFUSED"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::causes;

    #[test]
    fn each_row_leads_to_a_cause_of_the_table() {
        for (code, cause, _) in STANDARD.iter().chain(SYSTEM).chain(OUTLOOK) {
            assert!(causes().iter().any(|row| row.name == *cause), "{code}: there is no cause {cause}");
            assert_eq!(*code, code.to_ascii_uppercase(), "texts are compared in upper case");
        }
    }
}
