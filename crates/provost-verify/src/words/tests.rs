//! Each cause once, in words.

use provost_account::{Authentication, EmailAddress, Login};
use time::Date;

use super::*;
use crate::clients::refused;

#[track_caller]
fn check(cause: &Cause, found: &str, expected: &str, why: &str, fix: &str) {
    let words = cause.words();
    assert_eq!((words.found.as_str(), words.expected.as_str()), (found, expected), "{cause:?}");
    assert_eq!(words.cause.as_deref().unwrap_or(""), why, "{cause:?}");
    assert_eq!(words.fix.as_deref().unwrap_or(""), fix, "{cause:?}");
    assert!(!cause.suspects().is_empty());
    TESTED.with_borrow_mut(|tested| tested.push_str(&format!("{cause:?}\n")));
}

std::thread_local! {
    static TESTED: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

fn said() -> Said {
    Said("NO later".to_owned())
}

#[test]
fn each_cause_has_words() {
    network();
    start_of_tls();
    certificates();
    logins();
    mail();
    let tested = TESTED.take();
    let variants = include_str!("../cause.rs").lines().filter_map(|line| line.strip_prefix("    "));
    let names = variants.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let names: Vec<&str> = names.filter_map(|line| line.split([' ', ',', ':']).next()).collect();
    // LoginForm's are fields of a cause.
    assert!(names.len() > 50, "{names:?}");
    for name in names.into_iter().filter(|name| !SUSPECTS.contains(name)) {
        assert!(tested.contains(name), "no test of the words of {name}");
    }
}

const SUSPECTS: [&str; 6] = ["Settings", "Credentials", "Server", "Network", "Client", "Self"];

fn network() {
    let (host, detail) = (Host::try_from("imap.example.org").expect("a host"), "gone".to_owned());
    check(
        &Cause::NameDoesNotResolve { host, detail: detail.clone() },
        "no address for imap.example.org: gone",
        "an address for imap.example.org",
        "the name is misspelled, or has no A or AAAA record",
        "compare the host name with the provider's guide",
    );
    check(
        &Cause::PortClosed { port: Protocol::Imap.registered(Security::ImplicitTls).port },
        "port 993 closed",
        "port 993 open",
        "nothing listens there: the port is wrong, the service is down, or a firewall refuses",
        "compare the port with the provider's guide",
    );
    let why = "the host cannot be reached on this port";
    check(&Cause::HostUnreachable { detail: detail.clone() }, "no connection: gone", "a connection", why, "");
    check(
        &Cause::NoAnswer { within: std::time::Duration::from_secs(5) },
        "no answer within 5s",
        "an answer within 5s",
        "the server, or a firewall on the way, stays silent",
        "check that the port is open and the service behind it is running",
    );
    let why = "the server, or something on the way, hung up";
    check(&Cause::HungUp, "connection closed too early", "connection kept open", why, "");
    check(&Cause::ConnectionBroken { detail }, "gone", "a working connection", "", "");
    check(&Cause::LineWithoutEnd, "a line without end", "lines that end", "", "");
    check(&Cause::ReplyWithoutEnd, "a reply without end", "replies that end", "", "");
}

fn start_of_tls() {
    let wrong = |account, server, said| Cause::WrongSecurity { protocol: Protocol::Imap, account, server, said };
    check(
        &wrong(Security::ImplicitTls, Security::StartTls, Some(Said("* OK hello".to_owned()))),
        "cleartext: * OK hello",
        "TLS from the first byte",
        "the server speaks cleartext on this port",
        "the port may want STARTTLS instead of TLS from the first byte: write `socket_type: STARTTLS`, or port 993",
    );
    let (found, expected) = ("silence until the client starts TLS", "a greeting in cleartext");
    check(
        &wrong(Security::StartTls, Security::ImplicitTls, None),
        found,
        expected,
        "the port wants TLS from the first byte, and the account starts in cleartext, for STARTTLS",
        "write `socket_type: SSL`, or the port of STARTTLS: 143",
    );
    let why = "the port wants TLS from the first byte, and the account wants no TLS";
    check(&wrong(Security::Cleartext, Security::ImplicitTls, None), found, expected, why, "write `socket_type: SSL`");
    let wrong = |said| Cause::WrongProtocol { account: Protocol::Imap, server: Protocol::Submission, said };
    for (said, found) in
        [(Some(Said("220 hello".to_owned())), "SMTP greeting: 220 hello"), (None, "SMTP greeting, inside TLS")]
    {
        check(
            &wrong(said),
            found,
            "IMAP greeting",
            "the port belongs to another service: the account expects IMAP, the server speaks SMTP",
            "write a port of IMAP: 993 for TLS from the first byte, 143 for STARTTLS; or set the protocol that the port has",
        );
    }
    let greeting = Cause::NoGreeting { protocol: Protocol::Pop3, said: said() };
    check(&greeting, "no POP3 greeting: NO later", "POP3 greeting", "", "");
    check(
        &Cause::NoTls,
        "an answer that is not TLS",
        "an answer in TLS",
        "the server speaks cleartext on this port",
        "the port may want STARTTLS instead of TLS from the first byte",
    );
    check(
        &Cause::StartTlsNotOffered { command: "STLS" },
        "STLS not offered",
        "STLS offered",
        "the server, or something on the way, hides it: a login would cross the network readable",
        "enable it on the server, or use the port with TLS from the first byte",
    );
    check(
        &Cause::InjectedBeforeTls { command: "STLS" },
        "more bytes in cleartext after the answer to STLS",
        "no bytes in cleartext after the answer to STLS",
        "somebody on the way injects answers, or the server does not stop in time",
        "",
    );
    check(
        &Cause::LoggedInBeforeTls { said: Said("* PREAUTH".to_owned()) },
        "greeting that rules out STARTTLS: * PREAUTH",
        "greeting that allows STARTTLS",
        "",
        "",
    );
}

#[expect(clippy::too_many_lines, reason = "a table, a row for each flaw")]
fn certificates() {
    let (name, detail) = (Host::try_from("imap.example.org").expect("a host"), "alert".to_owned());
    check(
        &Cause::TlsTooOld { detail: detail.clone() },
        "alert",
        "TLS 1.2 or 1.3",
        "the server has no TLS version, or no cipher, that is tried here: TLS 1.2 and 1.3",
        "enable TLS 1.2 or later on the server; older versions are forbidden (RFC 8996)",
    );
    check(
        &Cause::NameUnknownToServer { host: name.clone(), detail: detail.clone() },
        "alert",
        "a certificate for imap.example.org",
        "the server has no certificate for imap.example.org",
        "use a name that the server knows, or give it a certificate for this one",
    );
    let why = "the server ends the handshake: it has no certificate, or no TLS version that is tried here";
    check(&Cause::HandshakeRefused { detail: detail.clone() }, "alert", "a TLS handshake that ends well", why, "");
    check(&Cause::HandshakeFailed { detail: detail.clone() }, "alert", "a TLS handshake that ends well", "", "");
    let (found, why) = ("client certificate required", "without one the server lets nobody in");
    check(&Cause::ClientCertificateWanted, found, "no client certificate required", why, "");
    let day = Date::from_calendar_date(2026, time::Month::March, 1).expect("a date");
    for (flaw, words) in [
        (
            CertificateFlaw::Expired { on: Some(day) },
            "certificate expired on 2026-03-01; certificate not expired; the certificate's time is over; renew the server's \
             certificate, and find out why it was not renewed automatically",
        ),
        (
            CertificateFlaw::NotYetValid { from: Some(day) },
            "certificate valid from 2026-03-01; certificate valid now; the certificate's time has not come, or a clock is \
             wrong; correct the clock, or have the certificate reissued",
        ),
        (
            CertificateFlaw::OtherName { named: Said("www.example.org".to_owned()) },
            "certificate for www.example.org; certificate for imap.example.org; the certificate does not name \
             imap.example.org; use a name that the certificate has, or get one that has imap.example.org",
        ),
        (
            CertificateFlaw::NoName,
            "certificate without subjectAltName; certificate for imap.example.org; clients look at subjectAltName alone, no \
             longer at the common name (RFC 9525); get a certificate whose subjectAltName has imap.example.org",
        ),
        (
            CertificateFlaw::UnknownIssuer,
            "certificate from an unknown issuer; certificate from a trusted issuer; no trusted authority vouches for the \
             certificate, or the server leaves out the chain; send the whole chain; for a private authority, put its \
             certificate into `trust`",
        ),
        (
            CertificateFlaw::NotForServers,
            "certificate not for servers; certificate for servers; its extended key usage leaves out serverAuth (RFC 5280 \
             section 4.2.1.12); have the certificate reissued with extendedKeyUsage serverAuth, or without the extension",
        ),
        (
            CertificateFlaw::WrongSignature,
            "wrong signature in the certificate chain; valid signatures; the server sends a chain that does not belong to \
             its certificate, or an authority in `trust` has the issuer's name and another key; send the chain that came \
             with the certificate, and compare the authority in `trust` with it",
        ),
        (
            CertificateFlaw::Revoked,
            "certificate revoked; certificate not revoked; its authority took it back; find out why, and have another one \
             issued with a new key",
        ),
        (
            CertificateFlaw::Unreadable,
            "certificate unreadable; certificate readable; it is damaged, or of a kind that current clients no longer take, \
             such as version 1; have the certificate reissued as X.509 version 3",
        ),
        (
            CertificateFlaw::UnknownExtension,
            "certificate with an unknown critical extension; certificate without one; a client must refuse what it does not \
             understand (RFC 5280 section 4.2); have the certificate reissued without that extension, or with it marked as \
             not critical",
        ),
        (
            CertificateFlaw::AuthorityItself { trusted: true, detail: detail.clone() },
            "certificate of an authority (CA:TRUE); certificate of a server (CA:FALSE); it is self-signed as `openssl req \
             -x509` makes one; that `trust` has it changes nothing: clients on OpenSSL, such as curl, accept it, and clients \
             on rustls, such as Delta Chat, refuse it (alert); make one with `-addext \
             basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:imap.example.org`, or one that an authority \
             signs, and put that into `trust`",
        ),
        (
            CertificateFlaw::OldSignature { detail: detail.clone() },
            "certificate with an unsupported signature; certificate with a current signature; current clients refuse old or \
             rare signatures, such as those with SHA-1 (alert); have the certificate reissued, signed with SHA-256 by an RSA \
             key of 2048 bits or more, or by ECDSA",
        ),
        (
            CertificateFlaw::Other { detail },
            "certificate refused: alert; certificate accepted; ; look at it with `openssl x509 -noout -text`, and have the \
             certificate reissued",
        ),
    ] {
        let cause = Cause::Certificate { host: name.clone(), flaw };
        let Words { found, expected, cause: why, fix } = cause.words();
        let (why, fix) = (why.as_deref().unwrap_or(""), fix.as_deref().unwrap_or(""));
        assert_eq!(format!("{found}; {expected}; {why}; {fix}"), words);
        check(&cause, &found, &expected, why, fix);
    }
}

fn logins() {
    check(
        &Cause::PasswordReadBeforeTls { said: said() },
        "password checked before TLS: NO later",
        "password refused before TLS",
        "a client that is tricked into leaving TLS out would send the password readable",
        "make the server refuse logins before TLS (RFC 8314 section 4.1)",
    );
    let (why, fix) = (
        "the account logs in with password-cleartext, the server with something else",
        "set `authentication` in the settings to what the server offers",
    );
    for (offered, found) in [(Some(Said("GSSAPI".to_owned())), "offered: GSSAPI"), (None, "offered: nothing")] {
        let cause = Cause::LoginMethodNotOffered { wanted: Authentication::PasswordCleartext, offered };
        check(&cause, found, "offered: PLAIN or LOGIN", why, fix);
    }
    let login = |name: &str| Login::try_from(name).expect("a login name");
    let refused = |form| Cause::LoginFormRefused { login: login("jane"), form, said: said() };
    let found = "login refused for jane: NO later";
    check(
        &refused(LoginForm::Address),
        found,
        "login accepted",
        "the password is wrong, or the server wants another form of the name",
        "try the part before the @ as the user name; see `username` in the settings",
    );
    check(
        &refused(LoginForm::Other { address: EmailAddress::try_from("jane@example.org").expect("an address") }),
        found,
        "login accepted",
        "the password is wrong, or the server wants the full address jane@example.org as name",
        "try `username: \"%EMAILADDRESS%\"` in the settings",
    );
    check(
        &refused(LoginForm::All { besides: vec![login("jane@example.org")] }),
        found,
        "login accepted",
        "the password is wrong, or the server wants another name than those that the client tries: jane, \
         jane@example.org",
        "",
    );
    check(&Cause::LoginRefusedLater { said: said() }, "login refused: NO later", "login accepted", "", "");
    let found = "login neither accepted nor refused: NO later";
    check(&Cause::LoginNotDone { said: said() }, found, "login accepted", "", "");
    let found = "challenge not in base64: NO later";
    check(&Cause::ChallengeUnreadable { said: said() }, found, "challenge in base64", "", "");
    check(
        &Cause::WrongPasswordAccepted,
        "wrong password accepted",
        "wrong password refused",
        "the server does not check passwords, so anyone can read this mail",
        "find out why before anything else",
    );
}

fn mail() {
    check(&refused("SELECT")(said()), "SELECT refused: NO later", "SELECT accepted", "", "");
    let found = "no INBOX in the folder list: NO later";
    check(&Cause::NoInbox { folders: said() }, found, "INBOX in the folder list", "", "");
    let since = Date::from_calendar_date(2026, time::Month::March, 1).expect("a date");
    check(
        &Cause::SearchDiffers { since, inside: 3, missed: 1, outside: 2, surplus: 2 },
        "search misses 1 of 3 messages since 2026-03-01, finds 2 of 2 older",
        "search finds 3 of 3 messages since 2026-03-01, finds 0 of 2 older",
        "the server searches by other dates than it announces, or ignores SINCE",
        "",
    );
    check(
        &Cause::SizeDiffers { octets: 12, announced: 13 },
        "message of 12 octets announced as 13",
        "message of 12 octets announced as 12",
        "",
        "",
    );
    check(
        &Cause::PartsDiffer { octets: 12 },
        "message of 12 octets differs from its own header and text",
        "message of 12 octets equals its own header and text",
        "the server, or something on the way, changes messages",
        "",
    );
    check(
        &Cause::NotArrived { within: std::time::Duration::from_secs(8) },
        "message not in INBOX 8s after it was accepted",
        "message in INBOX",
        "mail is delivered elsewhere, late, or not at all",
        "look in the spam folder, and in the queue of the submission server",
    );
}
