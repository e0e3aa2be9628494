//! The words of a report, and the only place with any: what was found and expected, as a help desk reads them side by
//! side, why, and what to do. A new cause does not compile before it has all of them.

use std::fmt;
use std::net::IpAddr;

use provost_account::{Endpoint, Host, Protocol, Security, answer_of_product};
use provost_network::Tried;

use crate::cause::{Cause, CertificateFlaw, Contradiction, DomainFlaw, LoginForm, RecordFlaw, Said};
use crate::checks::SUBJECT;
use crate::clients::mechanisms;
use crate::domain::RecordSays;
use crate::facts::{Counted, Limit, Quota, Removed, SpecialUse};
use crate::report::{Evidence, Reason, Step, Verdict};

/// A step in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What was found.
    pub found: String,
    /// What a working account gives.
    pub expected: String,
    /// Why, where that is known.
    pub cause: Option<String>,
    /// What to change, where that is known.
    pub fix: Option<String>,
}

impl Words {
    fn new(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { found: found.into(), expected: expected.into(), cause: None, fix: None }
    }

    fn because(self, cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

impl Step {
    /// The step in words.
    #[must_use]
    pub fn words(&self) -> Words {
        let found = match &self.verdict {
            Verdict::Failed(cause) => return cause.words(),
            Verdict::Passed(evidence) => evidence.to_string(),
            Verdict::NotReached(check) => format!("{} did not pass", check.name),
            Verdict::DoesNotApply(reason) | Verdict::NotTried(reason) => reason.to_string(),
        };
        Words::new(found, self.check.expected)
    }
}

impl Cause {
    /// The cause in words. What a provider means by the words of a product stands beside what is known of them here.
    #[must_use]
    pub fn words(&self) -> Words {
        let words = self.own_words();
        let Some((product, answer)) = self.refusal().and_then(|said| answer_of_product(&said.0)) else { return words };
        let hint = format!(
            "the words are those of {product}: at {} they mean: {}",
            answer.provider,
            answer.causes.join("; or ")
        );
        let known = words.cause.clone();
        words.because(known.into_iter().chain([hint]).collect::<Vec<_>>().join("; "))
    }

    #[expect(clippy::too_many_lines, reason = "a table, an arm for each cause")]
    fn own_words(&self) -> Words {
        match self {
            Self::NameDoesNotResolve { host, detail } => {
                Words::new(format!("no address for {host}: {detail}"), format!("an address for {host}"))
                    .because("the name is misspelled, or has no A or AAAA record")
                    .fix("compare the host name with the provider's guide")
            }
            Self::NameServerFails { host, detail } => {
                Words::new(format!("no answer about {host}: {detail}"), format!("an address for {host}"))
                    .because("a name server does not answer, or gives no answer because the domain's signatures do not hold")
            }
            Self::PortClosed { port } => Words::new(format!("port {port} closed"), format!("port {port} open"))
                .because("nothing listens there: the port is wrong, the service is down, or a firewall refuses")
                .fix("compare the port with the provider's guide"),
            Self::WrongPort { own, port, security } => Words::new(
                format!("nothing answers on port {own}, and port {port} works with {}", security.name()),
                format!("port {own} open"),
            )
            .because("the service is on another port")
            .fix(format!("write `port: {port}` and `socket_type: {}`", security.name())),
            Self::HostUnreachable { detail } => Words::new(format!("no connection: {detail}"), "a connection")
                .because("the host cannot be reached on this port"),
            Self::AddressDead { dead, works } => address_dead(dead, works),
            Self::AtAddress { address, cause } => {
                let words = cause.words();
                Words { found: format!("at {address}: {}", words.found), ..words }
            }
            Self::NoAnswer { within } => {
                Words::new(format!("no answer within {within:?}"), format!("an answer within {within:?}"))
                    .because("the server, or a firewall on the way, stays silent")
                    .fix("check that the port is open and the service behind it is running")
            }
            Self::HungUp => Words::new("connection closed too early", "connection kept open")
                .because("the server, or something on the way, hung up"),
            Self::ConnectionBroken { detail } => Words::new(detail, "a working connection"),
            Self::LineWithoutEnd => Words::new("a line without end", "lines that end"),
            Self::ReplyWithoutEnd => Words::new("a reply without end", "replies that end"),
            Self::WrongSecurity { protocol, account, server, said } => {
                wrong_security(*protocol, *account, *server, said.as_ref())
            }
            Self::WrongProtocol { account, server, said } => wrong_protocol(*account, *server, said.as_ref()),
            Self::NoGreeting { protocol, said } => Words::new(
                format!("no {} greeting: {said}", protocol.title()),
                format!("{} greeting", protocol.title()),
            ),
            Self::ServiceUnavailable { protocol, said } => {
                Words::new(format!("no service: {said}"), format!("{} service", protocol.title()))
                    .because("the server says goodbye: it is overloaded, in maintenance, or refuses this network")
                    .fix("wait and try again; if it lasts, try another network")
            }
            Self::NoTls => Words::new("an answer that is not TLS", "an answer in TLS")
                .because("the server speaks cleartext on this port")
                .fix("the port may want STARTTLS instead of TLS from the first byte"),
            Self::StartTlsNotOffered { command } => {
                Words::new(format!("{command} not offered"), format!("{command} offered"))
                    .because(
                        "the server, or something on the way, hides it: a login would cross the network in cleartext",
                    )
                    .fix("enable it on the server, or use the port with TLS from the first byte")
            }
            Self::InjectedBeforeTls { command } => Words::new(
                format!("more bytes in cleartext after the answer to {command}"),
                format!("no bytes in cleartext after the answer to {command}"),
            )
            .because("answers are injected on the way, or the server does not wait for TLS"),
            Self::LoggedInBeforeTls { said } => {
                Words::new(format!("greeting that rules out STARTTLS: {said}"), "greeting that allows STARTTLS")
            }
            Self::TlsTooOld { detail } => Words::new(detail, "TLS 1.2 or 1.3")
                .because("the server has no TLS version, or no cipher, that is tried here: TLS 1.2 and 1.3")
                .fix("enable TLS 1.2 or later on the server; older versions are forbidden (RFC 8996)"),
            Self::NameUnknownToServer { host, detail } => Words::new(detail, format!("a certificate for {host}"))
                .because(format!("the server has no certificate for {host}"))
                .fix("use a name that the server knows, or give it a certificate for this one"),
            Self::HandshakeRefused { detail } => Words::new(detail, HANDSHAKE)
                .because("the server ends the handshake: it has no certificate, or no TLS version that is tried here"),
            Self::HandshakeFailed { detail } => Words::new(detail, HANDSHAKE),
            Self::ClientCertificateWanted => {
                Words::new("client certificate required", "no client certificate required")
                    .because("the server admits no client without one")
            }
            Self::Certificate { host, flaw } => flaw.words(host),
            Self::CertificateNeedsServerName { cause } => Words::new(
                format!("without the host's name in the handshake: {}", cause.words().found),
                "the same certificate with and without the host's name in the handshake",
            )
            .because("the server chooses its certificate by that name (SNI), and Delta Chat sends none with STARTTLS")
            .fix("make the host's certificate the one that the server shows by itself, or use TLS from the first byte"),
            Self::OfDomain(flaw) => flaw.words(),
            Self::PasswordReadBeforeTls { said } => {
                Words::new(format!("password checked before TLS: {said}"), "password refused before TLS")
                    .because("a client that is tricked into leaving TLS out would send the password in cleartext")
                    .fix("make the server refuse logins before TLS (RFC 8314 section 4.1)")
            }
            Self::LoginMethodNotOffered { wanted, offered } => Words::new(
                format!("offered: {}", or_nothing(offered.as_ref())),
                format!("offered: {}", mechanisms(*wanted).join(" or ")),
            )
            .because(format!("the account logs in with {}, the server with something else", wanted.name()))
            .fix("set `authentication` in the settings to what the server offers"),
            Self::LoginFormRefused { login, form, said } => {
                form.advice(login.as_str(), Words::new(format!("login refused for {login}: {said}"), LOGIN))
            }
            Self::LoginDelayed { within } => Words::new(
                format!("no answer to the login within {within:?}"),
                format!("an answer to the login within {within:?}"),
            )
            .because(
                "the server spoke before, so it is no firewall: it delays logins after a wrong password from here, as \
                 Dovecot does, or cannot ask who knows the passwords",
            )
            .fix("wait a few minutes and try again, with a longer --timeout"),
            Self::LoginRefusedLater { said } => Words::new(format!("login refused: {said}"), LOGIN),
            Self::WrongLoginForm { login, works } => {
                Words::new(format!("login refused for {login}, and accepted for {works}"), LOGIN)
                    .because("the password is right, and the server wants another form of the name")
                    .fix(match works.as_str().contains('@') {
                        true => "write `username: \"%EMAILADDRESS%\"` in the settings",
                        false => "write `username: \"%EMAILLOCALPART%\"` in the settings",
                    })
            }
            Self::LoginNotAllowed { said } => Words::new(format!("login not allowed: {said}"), LOGIN)
                .because("name and password are right, and the account may not log in")
                .fix("ask the provider: the account is closed, or has no right to this service"),
            Self::ServerError { said } => Words::new(format!("error of the server: {said}"), "no error of the server")
                .because("the server says that the error is its own")
                .fix("ask whoever runs the server to look into its log"),
            Self::CertificateEndsSoon { on, days } => {
                Words::new(format!("certificate ends on {on}, in {days} days"), "a certificate with more days left")
                    .because("it should have been renewed by now")
                    .fix("find out why it was not renewed automatically")
            }
            Self::LoginUnavailable { said } => Words::new(format!("login not judged: {said}"), LOGIN)
                .because("nobody can log in just now: that says nothing of the password")
                .fix("wait and try again; do not change the password"),
            Self::LimitReached { said } => Words::new(format!("login not judged: {said}"), LOGIN)
                .because("the server allows no more logins or connections for now: that says nothing of the password")
                .fix("wait, and close other programs that use the account"),
            Self::LoginNotDone { said } => Words::new(format!("login neither accepted nor refused: {said}"), LOGIN),
            Self::ChallengeUnreadable { said } => {
                Words::new(format!("challenge not in base64: {said}"), "challenge in base64")
            }
            Self::WrongPasswordAccepted => Words::new("wrong password accepted", "wrong password refused")
                .because("the server does not check passwords, so anyone can read this mail")
                .fix("find out why before anything else"),
            Self::Refused { what, said } => Words::new(format!("{what} refused: {said}"), format!("{what} accepted")),
            Self::AliasRefused { alias, said } => {
                Words::new(format!("sender {alias} refused: {said}"), format!("sender {alias} accepted"))
                    .because("the server does not let this login send mail from this alias")
                    .fix("have the alias added to the account on the server, or leave it out of the user list")
            }
            Self::Deferred { what, said } => {
                Words::new(format!("{what} put off: {said}"), format!("{what} accepted"))
                    .because("the server takes the mail later, if at all: it waits for a second try, or has a trouble of its own")
                    .fix("wait: mail programs try again by themselves")
            }
            Self::MailboxFull { said } => Words::new(format!("no room: {said}"), "message accepted")
                .because("the mailbox is full; the login was correct")
                .fix("delete mail, or ask for more room"),
            Self::QuotaReached { quota } => Words::new(format!("no room: {quota}"), "room in the mailbox")
                .because("the mailbox is full, and mail to it is sent back; the login was correct")
                .fix("delete mail, or ask for more room"),
            Self::QuotaNearlyReached { quota } => Words::new(format!("little room: {quota}"), "room in the mailbox")
                .because("the mailbox is nearly full, and a large message may be sent back")
                .fix("delete mail, or ask for more room"),
            Self::SizeLimited { limit, octets } => Words::new(
                format!("announced: no message of more than {limit} bytes"),
                format!("a message of {octets} bytes allowed"),
            )
            .because("the server announces a limit that hardly any message keeps")
            .fix("ask whoever runs the server for its limit"),
            Self::MailNotKept => Words::new("announced: mail does not stay once it was read", "mail stays until deleted")
                .because("what one program has read is gone for all others")
                .fix("use IMAP, or read the mail with one program alone"),
            Self::SpecialFolderRefused { folder, special_use, said } => Words::new(
                format!("folder {folder} refused: {said}"),
                format!("folder {folder} opens, which the server names for {}", special_use.holds()),
            )
            .because(format!("clients save and move {} there, and cannot", special_use.holds())),
            Self::MessageTooLarge { said } => Words::new(format!("message too large: {said}"), "message accepted")
                .because("the server takes no message of this size")
                .fix("ask whoever runs the server for its limit"),
            Self::Known { answer, cause } => {
                let Words { found, expected, .. } = cause.own_words();
                Words::new(found, expected).because(answer.causes.join("; or ")).fix(answer.fix)
            }
            Self::NoInbox { folders } => {
                Words::new(format!("no INBOX in the folder list: {folders}"), "INBOX in the folder list")
            }
            Self::SearchDiffers { since, inside, missed, outside, surplus } => Words::new(
                format!(
                    "search misses {missed} of {inside} messages since {since}, finds {surplus} of {outside} older"
                ),
                format!("search finds {inside} of {inside} messages since {since}, finds 0 of {outside} older"),
            )
            .because("the server searches by other dates than it announces, or ignores SINCE"),
            Self::SizeDiffers { octets, announced } => Words::new(
                format!("message of {octets} bytes announced as {announced}"),
                format!("message of {octets} bytes announced as {octets}"),
            ),
            Self::PartsDiffer { octets } => Words::new(
                format!("message of {octets} bytes differs from its own header and text"),
                format!("message of {octets} bytes equals its own header and text"),
            )
            .because("the server, or something on the way, changes messages"),
            Self::NotArrived { within } => {
                Words::new(format!("message not in INBOX {within:?} after it was accepted"), "message in INBOX")
                    .because("mail is delivered elsewhere, late, or not at all")
                    .fix(format!(
                        "look for the subject {SUBJECT:?} in the spam folder, and in the queue of the submission server"
                    ))
            }
            Self::ArrivedInJunk { folder, removed } => {
                let rest = match removed {
                    Removed::Gone => ", and removed again",
                    Removed::Marked => ", and marked as deleted: the server lacks UIDPLUS",
                };
                Words::new(format!("message in the folder {folder}{rest}"), "message in INBOX")
                    .because("a filter, of the server or of the account, takes it for spam")
                    .fix("look at the filters of the account, and mark such mail as no spam")
            }
        }
    }
}

fn address_dead(dead: &[Tried], works: &[IpAddr]) -> Words {
    let family = |address: IpAddr| if address.is_ipv4() { "IPv4" } else { "IPv6" };
    let dead: Vec<String> = dead.iter().map(|it| format!("{it} ({})", family(it.address.ip()))).collect();
    let works: Vec<String> = works.iter().map(|it| format!("{it} ({})", family(*it))).collect();
    Words::new(format!("{}, and {} answers", dead.join(", "), works.join(", ")), "an answer at every address")
        .because("clients and servers that take that address first wait, or give up: nothing answers there, or the way is cut")
        .fix("have the service answer there, or that address taken out of the name's records; try another network")
}

fn wrong_security(protocol: Protocol, account: Security, server: Security, said: Option<&Said>) -> Words {
    let other_port = protocol.registered(account).port;
    let words = match said {
        Some(said) => Words::new(format!("cleartext: {said}"), "TLS from the first byte"),
        None => Words::new("silence until the client starts TLS", "a greeting in cleartext"),
    };
    match (server, account) {
        (Security::StartTls | Security::Cleartext, _) => {
            words.because("the server speaks cleartext on this port").fix(format!(
                "the port may want STARTTLS instead of TLS from the first byte: write `socket_type: STARTTLS`, or port {other_port}"
            ))
        }
        (Security::ImplicitTls, Security::Cleartext) => words
            .because("the port wants TLS from the first byte, and the account wants no TLS")
            .fix("write `socket_type: SSL`"),
        (Security::ImplicitTls, Security::StartTls | Security::ImplicitTls) => words
            .because("the port wants TLS from the first byte, and the account starts in cleartext, for STARTTLS")
            .fix(format!("write `socket_type: SSL`, or the port of STARTTLS: {other_port}")),
    }
}

fn wrong_protocol(account: Protocol, server: Protocol, said: Option<&Said>) -> Words {
    let (own, other) = (account.title(), server.title());
    let [implicit, starttls] = account.services().map(|it| it.port);
    let said = said.map_or_else(|| ", inside TLS".to_owned(), |said| format!(": {said}"));
    Words::new(format!("{other} greeting{said}"), format!("{own} greeting"))
        .because(format!("the port belongs to another service: the account expects {own}, the server speaks {other}"))
        .fix(format!(
            "write a port of {own}: {implicit} for TLS from the first byte, {starttls} for STARTTLS; or set the protocol that \
             the port has"
        ))
}

impl LoginForm {
    fn advice(&self, login: &str, words: Words) -> Words {
        let either = "the password is wrong, or the server wants";
        match self {
            Self::Address => words
                .because(format!("{either} another form of the name"))
                .fix("try the part before the @ as the user name; see `username` in the settings"),
            Self::Other { address } => words
                .because(format!("{either} the full address {address} as name"))
                .fix("try `username: \"%EMAILADDRESS%\"` in the settings"),
            Self::All { besides } => {
                let besides: Vec<&str> = besides.iter().map(|login| login.as_str()).collect();
                let tried = format!("another name than those that the client tries: {login}, {}", besides.join(", "));
                words.because(format!("{either} {tried}"))
            }
        }
    }
}

impl CertificateFlaw {
    fn words(&self, host: &Host) -> Words {
        let anew = "have the certificate reissued";
        match self {
            Self::Expired { on } => Words::new(
                on.map_or("certificate expired".to_owned(), |on| format!("certificate expired on {on}")),
                "certificate not expired",
            )
            .because("it was not renewed in time")
            .fix("renew the server's certificate, and find out why it was not renewed automatically"),
            Self::NotYetValid { from } => Words::new(
                from.map_or("certificate not valid yet".to_owned(), |from| format!("certificate valid from {from}")),
                "certificate valid now",
            )
            .because("its validity has not begun, or a clock is wrong")
            .fix(format!("correct the clock, or {anew}")),
            Self::OtherName { named } => Words::new(format!("certificate for {named}"), format!("certificate for {host}"))
                .because(format!("the certificate does not name {host}"))
                .fix(format!("use a name that the certificate has, or get one that has {host}")),
            // RFC 9525 section 6.3: the common name no longer counts.
            Self::NoName => Words::new("certificate without subjectAltName", format!("certificate for {host}"))
                .because("clients look at subjectAltName alone, no longer at the common name (RFC 9525)")
                .fix(format!("get a certificate whose subjectAltName has {host}")),
            Self::UnknownIssuer => Words::new("certificate from an unknown issuer", "certificate from a trusted issuer")
                .because("no trusted authority vouches for the certificate, or the server leaves out the chain")
                .fix("send the whole chain; for a private authority, put its certificate into `trust`"),
            Self::NotForServers => Words::new("certificate not for servers", "certificate for servers")
                .because("its extended key usage leaves out serverAuth (RFC 5280 section 4.2.1.12)")
                .fix(format!("{anew} with extendedKeyUsage serverAuth, or without the extension")),
            Self::WrongSignature => Words::new("wrong signature in the certificate chain", "valid signatures")
                .because(
                    "the server sends a chain that does not belong to its certificate, or an authority in `trust` has the \
                     issuer's name and another key",
                )
                .fix("send the chain that came with the certificate, and compare the authority in `trust` with it"),
            Self::Revoked => Words::new("certificate revoked", "certificate not revoked")
                .because("its authority withdrew it")
                .fix("find out why, and have another one issued with a new key"),
            Self::Unreadable => Words::new("certificate unreadable", "certificate readable")
                .because("it is damaged, or of a kind that current clients no longer take, such as version 1")
                .fix(format!("{anew} as X.509 version 3")),
            Self::UnknownExtension => {
                Words::new("certificate with an unknown critical extension", "certificate without one")
                    .because("a client must refuse what it does not understand (RFC 5280 section 4.2)")
                    .fix(format!("{anew} without that extension, or with it marked as not critical"))
            }
            Self::AuthorityItself { trusted, detail } => {
                let trusted = if *trusted { "; that `trust` has it changes nothing" } else { "" };
                let kind = if matches!(host, Host::Name(_)) { "DNS" } else { "IP" };
                Words::new("certificate of an authority (CA:TRUE)", "certificate of a server (CA:FALSE)")
                    .because(format!(
                        "it is self-signed as `openssl req -x509` makes one{trusted}: clients on OpenSSL, such as curl, accept \
                         it, and clients on rustls, such as Delta Chat, refuse it ({detail})"
                    ))
                    .fix(format!(
                        "make one with `-addext basicConstraints=critical,CA:FALSE -addext subjectAltName={kind}:{host}`, or \
                         one that an authority signs, and put that into `trust`"
                    ))
            }
            Self::OldSignature { detail } => {
                Words::new("certificate with an unsupported signature", "certificate with a current signature")
                    .because(format!("current clients refuse old or rare signatures, such as those with SHA-1 ({detail})"))
                    .fix(format!("{anew}, signed with SHA-256 by an RSA key of 2048 bits or more, or by ECDSA"))
            }
            Self::Other { detail } => Words::new(format!("certificate refused: {detail}"), "certificate accepted")
                .fix(format!("look at it with `openssl x509 -noout -text`, and {anew}")),
        }
    }
}

impl DomainFlaw {
    fn words(&self) -> Words {
        match self {
            Self::HostContradictsProvider { contradictions } => {
                Words::new(both(contradictions), "the servers that the provider publishes")
                    .because("the account was set up from something else, or the provider has new servers")
            }
            Self::PublishedDiffers { contradictions } => {
                Words::new(both(contradictions), "the servers that the domain publishes").because(
                    "one of them is old: mail programs that set themselves up take what is published, the others keep theirs",
                )
            }
            Self::RecordsDiffer { flaws } => {
                let flaws: Vec<String> = flaws.iter().map(flawed).collect();
                Words::new(flaws.join("; "), "records that lead to the account's servers")
                    .because("mail programs that look for the servers by these records end up elsewhere, or nowhere")
            }
            Self::DnssecBogus { names } => Words::new(
                format!("signatures that do not hold: {}", names.join(", ")),
                "signatures that hold, or none",
            )
            .because(
                "who validates gets no answer: the signatures have expired, the DS records are of other keys, or somebody \
                 forges answers",
            ),
        }
    }
}

/// `mail.example.org:993 with SSL (https://…)`: what the source says instead.
impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", servers(&self.theirs), self.source)
    }
}

impl fmt::Display for RecordSays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Srv(Some((target, port))) => write!(f, "{target}:{port}"),
            Self::Srv(None) => f.write_str("nowhere: the service is said not to be offered"),
            Self::Txt(text) => write!(f, "{:?}", text.chars().take(RECORD_CHARACTERS_MAX).collect::<String>()),
            Self::Cname(target) => f.write_str(target),
        }
    }
}

fn servers(all: &[Endpoint]) -> String {
    let all: Vec<String> = all.iter().map(|it| format!("{} with {}", it.authority(), it.security.name())).collect();
    all.join(" or ")
}

/// Both values of each.
fn both(contradictions: &[Contradiction]) -> String {
    let both = |it: &Contradiction| format!("{} {}, but {it}", it.protocol.title(), servers(&it.ours));
    contradictions.iter().map(both).collect::<Vec<_>>().join("; ")
}

fn flawed(flaw: &RecordFlaw) -> String {
    match flaw {
        RecordFlaw::Other { name, wanted, is, protocol: _ } => {
            format!("{} {name} leads to {is}, and the settings to {wanted}", wanted.kind())
        }
        RecordFlaw::Missing { name, protocol } => {
            let (this, other) = match protocol.incoming() {
                Some(_) => ("receive", "send"),
                None => ("send", "receive"),
            };
            format!("no record such as {name} says where to {this}, and some say where to {other}")
        }
    }
}

impl fmt::Display for Evidence {
    #[expect(clippy::too_many_lines, reason = "a table, an arm for each evidence")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameKnown => f.write_str("the name is known"),
            Self::Addresses(addresses) => {
                let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                f.write_str(&addresses.join(", "))
            }
            Self::Connected => f.write_str("connected"),
            Self::ConnectedBut { dead } => {
                let dead: Vec<String> = dead.iter().map(ToString::to_string).collect();
                write!(f, "connected, but {}: clients that try it first wait or fail", dead.join(", "))
            }
            Self::CertificateHolds { found_out } => {
                f.write_str("the certificate is valid for the host and trusted")?;
                match found_out {
                    Some(starts) => write!(f, "; TLS starts by {}, which the file leaves to the client", starts.name()),
                    None => Ok(()),
                }
            }
            Self::NoLoginBeforeTls => f.write_str("no login is offered before TLS"),
            Self::RefusedBeforeTls(said) => write!(f, "refused before TLS: {said}"),
            Self::Mechanisms(said) => write!(f, "{said}"),
            Self::LoginCommand => f.write_str("a command for names and passwords"),
            Self::LoggedIn { login, after: None } => write!(f, "logged in as {login}"),
            Self::LoggedIn { login, after: Some(first) } => {
                write!(f, "logged in as {login}, which the client tries after {first}")
            }
            Self::WrongPasswordRefused(said) => write!(f, "refused: {said}"),
            Self::Folders(count) => write!(f, "{count} folders"),
            Self::Messages(count) => write!(f, "{count} messages"),
            Self::Window { inside, since, outside } => {
                write!(f, "{inside} messages since {since}, and none of {outside} older ones")
            }
            Self::Octets(octets) => write!(f, "{octets} bytes"),
            Self::Accepted => f.write_str("accepted"),
            Self::DaysLeft(days) => write!(f, "{days} days left"),
            Self::Senders(count) => write!(f, "{count} aliases accepted as senders"),
            Self::EachAddress { answers, out_of_reach } => {
                write!(f, "{answers} addresses answer, each with a valid certificate where TLS is wanted")?;
                match out_of_reach.is_empty() {
                    true => Ok(()),
                    false => {
                        let rest: Vec<String> = out_of_reach.iter().map(ToString::to_string).collect();
                        write!(f, "; this machine has no way to {}", rest.join(", "))
                    }
                }
            }
            Self::SameWithoutServerName => {
                f.write_str("the certificate is valid without the host's name in the handshake")
            }
            Self::Limits(limits) => f.write_str(&joined(limits)),
            Self::SpecialUses(uses) if uses.is_empty() => f.write_str("no folder is named for anything"),
            Self::SpecialUses(uses) => {
                let uses: Vec<&str> = uses.iter().map(|it| it.holds()).collect();
                write!(f, "folders for {} open", uses.join(", "))
            }
            Self::Quotas(quotas) => f.write_str(&joined(quotas)),
            Self::WorksElsewhere { port, security } => write!(f, "port {port} works, with {}", security.name()),
            Self::AsProviderSays { provider, other_login: None } => write!(f, "as {provider} publishes"),
            Self::AsProviderSays { provider, other_login: Some(login) } => {
                write!(f, "as {provider} publishes, but for the login name, which would be {login}")
            }
            Self::AsPublished { by, otherwise } => {
                let agree = by.iter().map(|source| format!("as in {source}"));
                let others = otherwise.iter().map(|it| format!("{}, without proof: {it}", it.protocol.title()));
                f.write_str(&agree.chain(others).collect::<Vec<_>>().join("; "))
            }
            Self::RecordsFound { found, missing } if missing.is_empty() => write!(f, "{found} as they should be"),
            Self::RecordsFound { found, missing } => {
                write!(f, "{found} as they should be; not there: {}", missing.join(", "))
            }
            Self::Signed(count) => write!(f, "signed: {count} names"),
            Self::NotSigned { names } => write!(f, "not signed: {}", names.join(", ")),
            Self::Arrived => f.write_str("arrived, and removed again"),
            Self::ArrivedAndMarked => write!(
                f,
                "arrived; it stays in INBOX with the subject {SUBJECT:?}, marked as deleted: the server lacks UIDPLUS"
            ),
        }
    }
}

fn joined(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MessageOctets(octets) => write!(f, "messages of up to {octets} bytes"),
            Self::KeptDays(days) => write!(f, "mail stays for {days} days"),
            Self::KeptForEver => f.write_str("mail stays until it is deleted"),
            Self::LoginDelay(delay) => write!(f, "one login in {} s", delay.as_secs()),
        }
    }
}

/// `31457 of 1048576 KB used (3 %)`.
impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.counts {
            Counted::Kibibytes => "KB",
            Counted::Messages => "messages",
        };
        write!(f, "{} of {} {unit} used ({} %)", self.used, self.limit, self.per_mille() / 10)
    }
}

impl SpecialUse {
    /// What is there.
    fn holds(self) -> &'static str {
        match self {
            Self::Sent => "sent mail",
            Self::Drafts => "drafts",
            Self::Trash => "deleted mail",
            Self::Junk => "junk",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HostIsAddress => "the host is an address, not a name",
            Self::NothingInClear => "TLS from the first byte: nothing is sent in cleartext",
            Self::NoTlsWanted => "the account asks for no TLS",
            Self::OneAddress => {
                "both ends of the connection have the same address, which a server may treat as secure: verify from \
                 another machine"
            }
            Self::LogsInNowhere => "the account needs no login",
            Self::NoLoginWanted => "the server wants no login",
            Self::ClientCertificate => "the account logs in with a client certificate, and there is none at hand",
            Self::UntriedLogin => "the account's login method is not tried here",
            Self::PasswordWithLineBreak => "the password contains a line break",
            Self::NoLoginName => "the account has no login name: the client asks for it",
            Self::NoPassword => "there is no password at hand",
            Self::NoTriedMethodOffered(offered) => {
                let before =
                    "the file leaves the way to log in to the client, and the server offers none that is tried here";
                return write!(f, "{before}: {}", or_nothing(offered.as_ref()));
            }
            Self::LoginWantedNoneOffered => "the server wants a login, and offers none that is tried here",
            Self::NoFolders => "POP3 has no folders",
            Self::NoSearch => "POP3 has no search",
            Self::NoWindow => "the account keeps mail of any age",
            Self::AllInside { inside, days } => {
                return write!(f, "all {inside} messages are of the last {days} days: nothing to leave out");
            }
            Self::NoMessage => "there is no message",
            Self::NothingToReceive => "nothing is received from a submission server",
            Self::UncommonAddress => "most servers do not accept the address: it needs SMTPUTF8, or is quoted",
            Self::NothingSubmitted => "nothing was submitted that could arrive",
            Self::NothingToExplain => "the server answers where the account says",
            Self::NothingElsewhere => "no other port of the service works either",
            Self::NoOtherForm => "no other form of the name logs in either",
            Self::CertificateUnread => "the certificate's dates cannot be read",
            Self::SingleAddress => "the host has one address",
            Self::NameIsSaid => "TLS from the first byte: every client names the host in the handshake",
            Self::NoLimitAnnounced => "the server announces no limit",
            Self::NoSpecialUse => "the server names no folders for anything: clients go by common names",
            Self::NoQuota => "the server says nothing of the mailbox's room",
            Self::ReadIsDeleted => "the server may delete a message that is read, so none is",
            Self::OwnAddressRefused => "mail from the account's own address is refused as well",
            Self::NoAlias => "the account has no alias",
            Self::ProviderUnknown => "the provider is in no table",
            Self::NothingPublished => "the domain publishes no servers",
            Self::NoRecords => "the domain publishes no such record",
            Self::NoSettings => "there are no settings that say which records there should be",
            Self::NameServerSilent => "no name server answered",
            Self::NoSignatures => "the name server gives no signatures",
            Self::CheckNotTried(check) => return write!(f, "{} is not tried", check.name),
        })
    }
}

fn or_nothing(offered: Option<&Said>) -> &str {
    offered.map_or("nothing", |said| &said.0)
}

/// As much of a text as tells it from another.
const RECORD_CHARACTERS_MAX: usize = 100;
const HANDSHAKE: &str = "a complete TLS handshake";
const LOGIN: &str = "login accepted";

#[cfg(test)]
mod tests;
