//! Each cause once: name and whose fault | found | expected | cause | fix, a line each in `causes.txt`.

use std::time::Duration;

use provost_account::{Authentication, EmailAddress, Endpoint, Login, Port};
use provost_network::Unreached;
use time::Date;

use super::*;
use crate::cause::Refusal;

#[test]
fn each_cause_has_words() {
    let causes = causes();
    let lines: Vec<String> = causes.iter().map(line).collect();
    for (line, expected) in lines.iter().zip(include_str!("causes.txt").lines()) {
        assert_eq!(line, expected);
    }
    assert_eq!(lines.len(), include_str!("causes.txt").lines().count());

    let tested = format!("{causes:?}");
    let enums = include_str!("../cause.rs")
        .split("pub enum Cause {")
        .nth(1)
        .and_then(|it| it.split("impl Cause {").next())
        .expect("the enums of causes");
    let variants = enums.lines().filter_map(|line| line.strip_prefix("    "));
    let names = variants.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let names: Vec<&str> = names.filter_map(|line| line.split([' ', ',', '(']).next()).collect();
    assert!(names.len() >= 50, "{names:?}");
    for name in names {
        assert!(tested.contains(name), "no test of the words of {name}");
    }
}

fn line(cause: &Cause) -> String {
    let Words { found, expected, cause: why, fix } = cause.words();
    let (why, fix) = (why.as_deref().unwrap_or(""), fix.as_deref().unwrap_or(""));
    let row = cause.row();
    format!("{} {:?} | {found} | {expected} | {why} | {fix}", row.name, row.whose)
}

#[expect(clippy::too_many_lines, reason = "a list, a line for each cause")]
fn causes() -> Vec<Cause> {
    use Security::{Cleartext, ImplicitTls, StartTls};
    let host = || Host::try_from("imap.example.org").expect("a host");
    let day = Date::from_calendar_date(2026, time::Month::March, 1).expect("a date");
    let said = || Said("(said)".to_owned());
    let detail = || "(detail)".to_owned();
    let login = |name: &str| Login::try_from(name).expect("a login name");
    let address = EmailAddress::try_from("jane@example.org").expect("an address");
    let security = |account, server, said| Cause::WrongSecurity { protocol: Protocol::Imap, account, server, said };
    let protocol = |said| Cause::WrongProtocol { account: Protocol::Imap, server: Protocol::Submission, said };
    let certificate = |flaw| Cause::Certificate { host: host(), flaw };
    let at_address =
        |cause| Cause::AtAddress { address: "2001:db8::7".parse().expect("an address"), cause: Box::new(cause) };
    let offered = |offered| Cause::LoginMethodNotOffered { wanted: Authentication::PasswordCleartext, offered };
    let refused = |form| Cause::LoginFormRefused { login: login("jane"), form, said: said() };
    let port = |port: u16| Port::try_from(port).expect("a port");
    let refusal = |what| Cause::Refused { what, said: said() };
    let server = |host: &str, port: u16, security| Endpoint {
        host: Host::try_from(host).expect("a host"),
        port: Port::try_from(port).expect("a port"),
        security,
        authentication: Authentication::PasswordCleartext,
    };
    let contradictions = || {
        vec![Contradiction {
            protocol: Protocol::Submission,
            ours: vec![server("smtp.example.org", 465, ImplicitTls)],
            theirs: vec![server("mail.example.org", 465, ImplicitTls), server("mail.example.org", 587, StartTls)],
            source: "(source)".to_owned(),
        }]
    };
    let other = |wanted, is| RecordFlaw::Other { name: "(name)".to_owned(), wanted, is, protocol: None };
    let srv = |host: &str| RecordSays::Srv(Some((host.to_owned(), 993)));
    let flaws = vec![
        other(srv("mail.example.org"), srv("old.example.org")),
        other(srv("mail.example.org"), RecordSays::Srv(None)),
        other(RecordSays::Txt("path=/dav/".to_owned()), RecordSays::Txt("path=/".to_owned())),
        other(RecordSays::Cname("www.example.org".to_owned()), RecordSays::Cname("www.example.net".to_owned())),
        RecordFlaw::Missing { name: "_submission._tcp.example.org".to_owned(), protocol: Protocol::Submission },
        RecordFlaw::Missing { name: "_imaps._tcp.example.org".to_owned(), protocol: Protocol::Imap },
    ];
    let command = |name: &str| refusal(Refusal::Command(name.to_owned()));
    let answer = provost_account::provider_answers().iter().find(|it| it.name == "provider:gmail-app-password");
    let answer = answer.expect("an answer of the table");
    vec![
        Cause::NameDoesNotResolve { host: host(), detail: detail() },
        Cause::NameServerFails { host: host(), detail: detail() },
        Cause::PortClosed { port: port(993) },
        Cause::WrongPort { own: port(9930), port: port(993), security: ImplicitTls },
        Cause::HostUnreachable { detail: detail() },
        Cause::AddressDead {
            dead: vec![Tried { address: "[2001:db8::7]:993".parse().expect("an address"), why: Unreached::Silent }],
            works: vec!["192.0.2.7".parse().expect("an address")],
        },
        at_address(certificate(CertificateFlaw::Expired { on: Some(day) })),
        Cause::NoAnswer { within: Duration::from_secs(5) },
        Cause::HungUp,
        Cause::ConnectionBroken { detail: detail() },
        Cause::LineWithoutEnd,
        Cause::ReplyWithoutEnd,
        security(ImplicitTls, StartTls, Some(said())),
        security(StartTls, ImplicitTls, None),
        security(Cleartext, ImplicitTls, None),
        protocol(Some(said())),
        protocol(None),
        Cause::NoGreeting { protocol: Protocol::Pop3, said: said() },
        Cause::ServiceUnavailable { protocol: Protocol::Pop3, said: said() },
        Cause::NoTls,
        Cause::StartTlsNotOffered { command: "STLS" },
        Cause::InjectedBeforeTls { command: "STLS" },
        Cause::LoggedInBeforeTls { said: said() },
        Cause::TlsTooOld { detail: detail() },
        Cause::NameUnknownToServer { host: host(), detail: detail() },
        Cause::HandshakeRefused { detail: detail() },
        Cause::HandshakeFailed { detail: detail() },
        Cause::ClientCertificateWanted,
        certificate(CertificateFlaw::Expired { on: Some(day) }),
        certificate(CertificateFlaw::Expired { on: None }),
        certificate(CertificateFlaw::NotYetValid { from: Some(day) }),
        certificate(CertificateFlaw::NotYetValid { from: None }),
        certificate(CertificateFlaw::OtherName { named: said() }),
        certificate(CertificateFlaw::NoName),
        certificate(CertificateFlaw::UnknownIssuer),
        certificate(CertificateFlaw::NotForServers),
        certificate(CertificateFlaw::WrongSignature),
        certificate(CertificateFlaw::Revoked),
        certificate(CertificateFlaw::Unreadable),
        certificate(CertificateFlaw::UnknownExtension),
        certificate(CertificateFlaw::AuthorityItself { trusted: true, detail: detail() }),
        certificate(CertificateFlaw::AuthorityItself { trusted: false, detail: detail() }),
        certificate(CertificateFlaw::OldSignature { detail: detail() }),
        certificate(CertificateFlaw::Other { detail: detail() }),
        Cause::CertificateNeedsServerName {
            cause: Box::new(certificate(CertificateFlaw::OtherName { named: said() })),
        },
        Cause::PasswordReadBeforeTls { said: said() },
        offered(Some(said())),
        offered(None),
        refused(LoginForm::Address),
        refused(LoginForm::Other { address: address.clone() }),
        refused(LoginForm::All { besides: vec![login("jane@example.org")] }),
        Cause::LoginDelayed { within: Duration::from_secs(5) },
        Cause::LoginRefusedLater { said: said() },
        Cause::WrongLoginForm { login: login("jane"), works: login("jane@example.org") },
        Cause::WrongLoginForm { login: login("jane@example.org"), works: login("jane") },
        Cause::LoginNotAllowed { said: said() },
        Cause::ServerError { said: said() },
        Cause::CertificateEndsSoon { on: day, days: 3 },
        Cause::LoginUnavailable { said: said() },
        Cause::LimitReached { said: said() },
        Cause::LoginNotDone { said: said() },
        Cause::ChallengeUnreadable { said: said() },
        Cause::WrongPasswordAccepted,
        command("CAPABILITY"),
        refusal(Refusal::StartTls("STLS")),
        refusal(Refusal::List),
        refusal(Refusal::Select),
        refusal(Refusal::Search),
        refusal(Refusal::Fetch),
        refusal(Refusal::Sender),
        refusal(Refusal::Recipient),
        refusal(Refusal::Data),
        refusal(Refusal::Message),
        Cause::AliasRefused { alias: address, said: said() },
        Cause::Deferred { what: Refusal::Message, said: said() },
        Cause::MailboxFull { said: said() },
        Cause::QuotaReached { quota: Quota { counts: Counted::Kibibytes, used: 4, limit: 1 } },
        Cause::QuotaNearlyReached { quota: Quota { counts: Counted::Messages, used: 997, limit: 1000 } },
        Cause::MessageTooLarge { said: said() },
        Cause::SizeLimited { limit: 200, octets: 484 },
        Cause::MailNotKept,
        Cause::SpecialFolderRefused { folder: Said("Sent".to_owned()), special_use: SpecialUse::Sent, said: said() },
        Cause::NoInbox { folders: said() },
        Cause::SearchDiffers { since: day, inside: 3, missed: 1, outside: 2, surplus: 2 },
        Cause::SizeDiffers { octets: 12, announced: 13 },
        Cause::PartsDiffer { octets: 12 },
        Cause::NotArrived { within: Duration::from_secs(8) },
        Cause::ArrivedInJunk { folder: Said("Junk".to_owned()), removed: Removed::Gone },
        Cause::ArrivedInJunk { folder: Said("Junk".to_owned()), removed: Removed::Marked },
        Cause::OfDomain(DomainFlaw::HostContradictsProvider { contradictions: contradictions() }),
        Cause::OfDomain(DomainFlaw::PublishedDiffers { contradictions: contradictions() }),
        Cause::OfDomain(DomainFlaw::RecordsDiffer { flaws }),
        Cause::OfDomain(DomainFlaw::DnssecBogus { names: vec!["(name)".to_owned()] }),
        Cause::Known { answer, cause: Box::new(refused(LoginForm::Address)) },
    ]
}
