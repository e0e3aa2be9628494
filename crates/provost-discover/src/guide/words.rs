//! What the words of guides mean, in English and German: protocols, hosts, ports, ways to start TLS, login names. It takes a
//! text apart, and does not know which server a word belongs to.

use std::sync::LazyLock;

use provost_account::{Authentication, DomainName, Host, Port, Protocol, Security};
use regex_lite::{Captures, Regex};

/// What a piece of text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fact {
    /// A protocol's name.
    Protocol(Protocol),
    /// Whether mail is received or sent there.
    Way(Way),
    /// A host's name.
    Host(Host),
    /// A name that stands for the reader's own.
    Placeholder(String),
    /// A port's number.
    Port(Port),
    /// How TLS starts.
    Tls(Tls),
    /// The domain of an address that stands for the reader's own.
    Domain(DomainName),
}

/// Where mail goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

/// What is said about TLS. Guides call both ways to start it "TLS".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tls {
    /// "SSL", "SSL/TLS".
    FromTheStart,
    /// "STARTTLS".
    Started,
    /// "TLS", "TLS if available".
    Either,
    /// "none", "Non-SSL".
    Never,
}

impl Tls {
    /// How it starts on a port. On 587 it is STARTTLS whatever stands beside it: RFC 8314 §3.3 has implicit TLS on 465. `None`:
    /// it does not, or nobody knows.
    pub(super) fn on(said: Option<Self>, port: Port) -> Option<Security> {
        let registered = provost_account::RegisteredService::of_port(port).map(|it| it.security);
        match (said, port.get(), registered) {
            (Some(Self::Never), ..) => None,
            (Some(_), 25 | 587, _) | (None, 587, _) | (Some(Self::Started), ..) => Some(Security::StartTls),
            (Some(Self::FromTheStart | Self::Either), _, Some(registered)) => Some(registered),
            (Some(Self::FromTheStart), _, None) => Some(Security::ImplicitTls),
            (None, _, Some(Security::ImplicitTls)) => Some(Security::ImplicitTls),
            (Some(Self::Either), _, None) | (None, ..) => None,
        }
    }
}

/// The facts in a text, in the order in which they stand there.
pub(super) fn facts(text: &str) -> Vec<Fact> {
    let mut found: Vec<(usize, usize, Option<Fact>)> = Vec::new();
    for (pattern, read) in PATTERNS.iter() {
        for captures in pattern.captures_iter(text) {
            let whole = captures.get(0).expect("a match has a text");
            let (start, end) = (whole.start(), whole.end());
            // The patterns stand in the order in which they count: an address is no host, a page's URL no protocol.
            if found.iter().any(|(from, to, _)| start < *to && *from < end) {
                continue;
            }
            found.push((start, end, read(&captures, text)));
        }
    }
    found.sort_by_key(|(start, ..)| *start);
    let facts: Vec<Fact> = found.into_iter().filter_map(|(.., fact)| fact).collect();
    if REFUSED.is_match(text) { facts.into_iter().filter(|it| *it != Fact::Tls(Tls::Never)).collect() } else { facts }
}

/// Whether a label asks for an answer that says whether TLS is used: "Use SSL: yes".
pub(super) fn asks_for_tls(label: &str) -> bool {
    ASKS_FOR_TLS.is_match(label)
}

/// What a label's answer says about TLS: "yes", "none".
pub(super) fn answer(label: &str, text: &str) -> Option<Tls> {
    let said = facts(label).into_iter().find_map(|fact| match fact {
        Fact::Tls(tls) => Some(tls),
        Fact::Protocol(_) | Fact::Way(_) | Fact::Host(_) | Fact::Placeholder(_) | Fact::Port(_) | Fact::Domain(_) => {
            None
        }
    });
    match text.trim_end_matches('.').to_lowercase().as_str() {
        "yes" | "on" | "required" | "ja" | "an" | "ein" | "erforderlich" | "✓" => said.or(Some(Tls::Either)),
        "no" | "none" | "off" | "nein" | "aus" | "keine" | "kein" | "-" | "–" => Some(Tls::Never),
        _ => None,
    }
}

/// The user name that a text describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoginForm {
    WholeAddress,
    LocalPart,
}

/// The user name that a sentence describes, if it is about one.
pub(super) fn login(text: &str) -> Option<LoginForm> {
    if LOCAL_PART.is_match(text) {
        return Some(LoginForm::LocalPart);
    }
    WHOLE_ADDRESS.is_match(text).then_some(LoginForm::WholeAddress)
}

/// Whether a text is about a user name.
pub(super) fn is_about_a_login(text: &str) -> bool {
    LOGIN.is_match(text)
}

/// Whether a text is an address.
pub(super) fn is_an_address(text: &str) -> bool {
    AN_ADDRESS.is_match(text)
}

/// Whether a text gives a user name, whatever it is: "Username: your customer number".
pub(super) fn gives_a_login(text: &str) -> bool {
    GIVES_A_LOGIN.captures(text).is_some_and(|it| !NO_LOGIN.is_match(text_of(&it, 1)))
}

/// How many days of mail a sentence says that a device keeps.
pub(super) fn days(text: &str) -> Option<u16> {
    let sentence = sentences(text)
        .into_iter()
        .find(|it| DAYS.is_match(it) && KEPT_ON_A_DEVICE.is_match(it) && !KEPT_ELSEWHERE.is_match(it))?;
    let captures = DAYS.captures(sentence)?;
    text_of(&captures, 1).parse().ok().filter(|days| *days > 0)
}

/// How a text says that mail programs log in. Where a password will do, it is the password.
pub(super) fn authentication(text: &str) -> Option<Authentication> {
    let parts: Vec<&str> = PART_END.split(text).filter(|part| !REFUSED.is_match(part)).collect();
    let (tokens, password) = (parts.iter().any(|it| OAUTH.is_match(it)), parts.iter().any(|it| PASSWORD.is_match(it)));
    match (tokens, password) {
        (true, false) => Some(Authentication::OAuth2),
        (true, true) => Some(Authentication::PasswordCleartext),
        (false, true) if ASKS_FOR_AUTHENTICATION.is_match(text) => Some(Authentication::PasswordCleartext),
        (false, true | false) => None,
    }
}

/// Whether a text is about how all servers above it are logged in to.
pub(super) fn asks_for_authentication(text: &str) -> bool {
    ASKS_FOR_AUTHENTICATION.is_match(text) || WANTED.is_match(text)
}

/// The sentences of a text, and the parts of one that a semicolon separates.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    SENTENCE_END.split(text).collect()
}

/// Whether a sentence says of a server that it is of the past.
pub(super) fn is_old(text: &str) -> bool {
    OLD.is_match(text)
}

/// Whether a sentence says that of what was named just before: "do not use it any more".
pub(super) fn was_old(text: &str) -> bool {
    OLD.is_match(text) && IT.is_match(text)
}

/// The protocol that a host's own name says.
pub(super) fn protocol_of_host(host: &Host) -> Option<Protocol> {
    let Host::Name(name) = host else { return None };
    let label = name.as_str().split('.').next()?.trim_start_matches("secure");
    [("imap", Protocol::Imap), ("pop", Protocol::Pop3), ("smtp", Protocol::Submission)]
        .into_iter()
        .find(|(start, _)| label.starts_with(start))
        .map(|(_, protocol)| protocol)
}

type Read = fn(&Captures<'_>, &str) -> Option<Fact>;

fn text_of<'a>(captures: &Captures<'a>, group: usize) -> &'a str {
    captures.get(group).map_or("", |it| it.as_str())
}

fn address(captures: &Captures<'_>, _: &str) -> Option<Fact> {
    let domain = text_of(captures, 1).trim_end_matches('.');
    if is_placeholder(domain) {
        return None;
    }
    DomainName::try_from(domain).ok().map(Fact::Domain)
}

fn host(captures: &Captures<'_>, text: &str) -> Option<Fact> {
    let whole = captures.get(0)?;
    let name = whole.as_str();
    let before = text[..whole.start()].chars().next_back();
    let after = text[whole.end()..].chars().next();
    let top = name.rsplit('.').next()?;
    let is_page = name.starts_with("www.") || PAGE_ENDS.contains(&top) || before == Some('/') || before == Some('@');
    if is_page || after == Some('/') || after == Some('@') || after == Some('_') {
        return None;
    }
    // A name with one dot is a domain, or what people call a service: "Outlook.com".
    if name.matches('.').count() < 2 {
        return None;
    }
    if is_placeholder(name) {
        return Some(Fact::Placeholder(name.to_owned()));
    }
    Host::try_from(name).ok().map(Fact::Host)
}

/// Whether a name stands for the reader's own: RFC 2606 names, "yourdomain", "ihre-domain".
fn is_placeholder(name: &str) -> bool {
    let name = name.to_lowercase();
    let reserved = [".example", ".invalid", ".test", "example.com", "example.net", "example.org"];
    reserved.iter().any(|it| name.ends_with(it)) || PLACEHOLDER.is_match(&name)
}

/// An address of a server: other addresses of a guide are those of name servers, or no addresses but versions.
fn literal(captures: &Captures<'_>, text: &str) -> Option<Fact> {
    let whole = captures.get(0)?;
    let is_mailbox_or_network = text[..whole.start()].ends_with('@') || text[whole.end()..].starts_with(['/', '.']);
    if is_mailbox_or_network || !SERVER.is_match(text) || OTHER_SERVER.is_match(text) {
        return None;
    }
    let name = whole.as_str();
    name.trim_matches(['[', ']']).parse().ok().map(|address| Fact::Host(Host::Address(address)))
}

/// A pattern in which words in capitals stand for parts of names.
fn pattern(text: &str) -> Regex {
    let parts = [("LOCAL", LOCAL), ("LABEL", LABEL), ("TOP", TOP_LABEL), ("LETTER", LETTER), ("SIGN", SIGN)];
    let text = parts.iter().fold(text.to_owned(), |text, (word, part)| text.replace(word, part));
    Regex::new(&format!("(?i){text}")).expect("the tests compile every pattern")
}

/// What stands before the @.
const LOCAL: &str = r"[\w.+<>\[\]LETTER-]+";
/// A label of a name; which letters it may have, IDNA decides (RFC 5892). In scripts that have no blanks it is of signs alone,
/// so that it ends where Latin letters begin.
const LABEL: &str = "(?:[a-z0-9LETTER](?:[a-z0-9LETTER-]*[a-z0-9LETTER])?|[SIGN]+)";
const TOP_LABEL: &str = "(?:[a-zLETTER][a-z0-9LETTER-]*[a-zLETTER]|[SIGN]+)";
/// Letters of Latin to Armenian with their marks, Hebrew to Sinhala, Georgian, extended Latin and Greek.
const LETTER: &str = r"\u{c0}-\u{d6}\u{d8}-\u{f6}\u{f8}-\u{587}\u{5d0}-\u{dff}\u{10a0}-\u{10ff}\u{1e00}-\u{1fff}";
/// Thai to Tibetan, kana, Chinese, Hangul.
const SIGN: &str = r"\u{e00}-\u{fff}\u{3041}-\u{30ff}\u{3400}-\u{9fff}\u{ac00}-\u{d7a3}";

/// What is looked for, and what a match says.
static PATTERNS: LazyLock<Vec<(Regex, Read)>> = LazyLock::new(|| {
    let patterns: [(&str, Read); 17] = [
        (r"LOCAL@(LABEL(?:\.LABEL)+)", address),
        (r"https?://\S+", |_, _| None),
        (r"\[[0-9a-f:.]+\]", literal),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", literal),
        (r"LABEL(?:\.LABEL)*\.TOP", host),
        (r"\bports?\b\s*(?:no\.?|numbers?|nummer)?\s*[:=]?\s*(\d{1,5})\b", |it, _| port(text_of(it, 1))),
        (r"\b(110|143|465|587|993|995)\b", |it, _| port(text_of(it, 1))),
        (
            r"\b(?:non-?SSL|unencrypted|unsecured|insecure|no encryption|without (?:SSL|TLS|encryption)|unverschlüsselt\w*|ohne (?:SSL|TLS|Verschlüsselung)|keine Verschlüsselung)\b",
            |_, _| Some(Fact::Tls(Tls::Never)),
        ),
        (r"\b(?:(?:SSL|TLS)\s*[/(]\s*)?START[\s-]?TLS\b", |_, _| Some(Fact::Tls(Tls::Started))),
        (r"\b(?:SSL\s*(?:/|or|oder|,)\s*TLS|TLS\s*(?:/|or|oder)\s*SSL|SSL)\b", |_, _| {
            Some(Fact::Tls(Tls::FromTheStart))
        }),
        (r"\bTLS\b", |_, _| Some(Fact::Tls(Tls::Either))),
        (r"\bIMAP4?S?\b", |_, _| Some(Fact::Protocol(Protocol::Imap))),
        (r"\bPOP-?3?S?\b", |_, _| Some(Fact::Protocol(Protocol::Pop3))),
        (r"\bE?SMTPS?\b|\bSMTP-", |_, _| Some(Fact::Protocol(Protocol::Submission))),
        (
            r"\b(?:incoming|inbound|receiv\w+|eingehend\w*|eingangs\w*|posteingang\w*|mail-?eingang\w*|empfang\w*|abruf\w*)\b",
            |_, _| Some(Fact::Way(Way::In)),
        ),
        (
            r"\b(?:outgoing|outbound|sending|ausgehend\w*|ausgangs\w*|postausgang\w*|mail-?ausgang\w*|versand\w*)\b",
            |_, _| Some(Fact::Way(Way::Out)),
        ),
        (r"\bsubmission\b", |_, _| Some(Fact::Protocol(Protocol::Submission))),
    ];
    patterns.map(|(text, read)| (pattern(text), read)).into()
});

fn port(digits: &str) -> Option<Fact> {
    digits.parse().ok().map(Fact::Port)
}

static REFUSED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:reject\w*|refus\w*|not (?:allowed|supported|accepted|possible|work)|never|do not|don't|no longer|abgelehnt|abgewiesen|nicht|nie)\b",
    )
});
static ASKS_FOR_TLS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"encrypt|security|SSL|TLS|verschlüsselung|sicherheit|secure connection|connection type"));
static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"user\s?-?names?|user\s?-?ids?\b|\blog-?\s?in\b|account name|benutzer(?:name|kennung)?|nutzername|anmeldename|kontoname|melden sie sich",
    )
});
static WHOLE_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:full|complete|entire|whole|your|vollständige\w*|komplette\w*|ganze\w*|gesamte\w*|ihre?|deine?)\s+(?:\w+\s+)?e-?mail-?\s?(?:address\w*|adresse)|^e-?mail-?\s?(?:address|adresse)$|including the domain|domain included|mit domain",
    )
});
static LOCAL_PART: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:part|everything|portion|name)\s+(?:of (?:your|the) (?:\S+ )?(?:address )?)?before the (?:@|at)|without the (?:@|domain)|(?:teil|name|alles)\s+(?:(?:ihrer|deiner|der) (?:\S+ )?)?vor dem (?:@|at)|ohne (?:@|die domain|domain)|not (?:your|the) (?:full|whole) e-?mail",
    )
});
static AN_ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"LOCAL@LABEL(?:\.LABEL)+"));
static SERVER: LazyLock<Regex> = LazyLock::new(|| pattern(r"server|host|IMAP|POP3|SMTP|incoming|outgoing"));
static OTHER_SERVER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:DNS|name-?\s?servers?|gateway|router|proxy|version)\b"));
static GIVES_A_LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:user\s?-?names?|user\s?-?ids?|log-?\s?in(?:[ -]?name|[ -]?id)?|account name|benutzer(?:name|kennung)|nutzername|anmeldename|kontoname)\s*(?:\([^)]*\)\s*)?(?::|\||=|\bis\b|\bist\b|\blautet\b)[\s|]*(\S.*)",
    )
});
/// What stands beside "login" without being a name.
static NO_LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:yes|no|on|off|required|needed|optional|not|none|possible|wrong|https?|ja|nein|an|aus|erforderlich|notwendig|nicht|falsch)\b",
    )
});
static DAYS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d{1,4})\s+(?:days|tagen?)\b"));
static KEPT_ON_A_DEVICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"sync|\bkeep|download|\bfetch|\bshow|offline|abgleich|abgeglichen|behalten|\bladen\b|herunter|abruf")
});
static KEPT_ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"delet|remov|older|trash|\bbin\b|junk|spam|quota|backup|on (?:the|our) server|\b(?:we|servers?) keeps?\b|expir|\bwithin\b|\bevery\b|lösch|älter|papierkorb|entfern|sicherung|auf dem server|\bwir behalten|innerhalb|binnen|\balle \d",
    )
});
static OAUTH: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bX?OAUTH|modern auth|moderne authenti"));
static PASSWORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"passwor[dt]|kennwort"));
static ASKS_FOR_AUTHENTICATION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\bauthenti|\bauth\b|log-?\s?in method|anmelde(?:methode|verfahren|art)"));
static WANTED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\brequire|\bonly\b|\bmust\b|\bneed|\bnur\b|erforder|verlang|\bmüssen\b"));
static OLD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\W*(?:previous(?:ly)?|formerly|früher\w*|bisher\w*|ehemal\w*)\b|\bold (?:\w+ )?(?:server|host|address)|\balte[rns]? (?:\w+-?)?server|no longer (?:use|in use|valid|work|available|supported|exist)|(?:\bnot|n't)\b.*\bany\s?more|do not use|don't use|must not be used|discontinued|decommissioned|deprecated|obsolete|switched off|retired|nicht mehr|abgeschaltet|veraltet|außer betrieb|stillgelegt",
    )
});
static IT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:it|them|this|these|that|diese[rsnm]?|ihn|sie)\b"));
static SENTENCE_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.!?;]\s+"));
static PART_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.!?;,]\s+"));
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"your-?(?:domain|isp|provider|company|website|hostname)|(?:ihre?|deine?|meine?)-?(?:domain|firma)|my-?domain|(?:^|\.)domain\.[a-z]+$|domainname|\.tld$|mustermann|musterfirma",
    )
});
/// Top labels of names that are files.
const PAGE_ENDS: &[&str] = &["html", "htm", "php", "pdf", "txt", "png", "jpg", "exe", "aspx", "js"];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[Fact]) {
        assert_eq!(facts(text), expected, "{text}");
    }

    fn host(name: &str) -> Fact {
        Fact::Host(Host::try_from(name).expect("a host"))
    }

    fn port(number: u16) -> Fact {
        Fact::Port(Port::new(number).expect("a port"))
    }

    #[test]
    fn a_text_says_what_stands_in_it() {
        use Fact::{Domain, Placeholder, Protocol as Of};
        check(
            "Incoming server (IMAP): imap.acme.net, port 993 (SSL/TLS)",
            &[Fact::Way(Way::In), Of(Protocol::Imap), host("imap.acme.net"), port(993), Fact::Tls(Tls::FromTheStart)],
        );
        check(
            "SMTP-Server smtp.acme.de:587 mit STARTTLS",
            &[Of(Protocol::Submission), host("smtp.acme.de"), port(587), Fact::Tls(Tls::Started)],
        );
        check("465 or 587, TLS if available", &[port(465), port(587), Fact::Tls(Tls::Either)]);
        check("mail.yourdomain.com", &[Placeholder("mail.yourdomain.com".to_owned())]);
        check("imap.example.com", &[Placeholder("imap.example.com".to_owned())]);
        check(
            "see https://help.acme.net/imap or guide.html, write to you@acme.net",
            &[Domain(DomainName::try_from("acme.net").expect("a name"))],
        );
        check("Unencrypted logins are rejected", &[]);
        check("Port 2525", &[port(2525)]);
    }

    #[test]
    fn hosts_are_named_in_any_script_and_by_address() {
        for (text, names) in [
            (
                "IMAP imap.köln-mail.de, SMTP smtp.ko\u{308}ln-mail.de",
                ["imap.xn--kln-mail-n4a.de", "smtp.xn--kln-mail-n4a.de"],
            ),
            ("imap.почта.рф oder smtp.例え.jp", ["imap.xn--80a1acny.xn--p1ai", "smtp.xn--r8jz45g.jp"]),
            ("服务器imap.acme.cn端口, smtp.acme.cn。", ["imap.acme.cn", "smtp.acme.cn"]),
            ("IMAP server 192.0.2.5 or [2001:db8::5]", ["192.0.2.5", "[2001:db8::5]"]),
        ] {
            let hosts = facts(text).into_iter().filter(|it| matches!(it, Fact::Host(_)));
            assert_eq!(hosts.collect::<Vec<_>>(), names.map(host), "{text}");
        }
        for text in
            ["DNS server 192.0.2.53", "server version 1.2.3.4", "servers in 192.0.2.0/24", "IMAP server 192.0.2.500"]
        {
            check_hosts_absent(text);
        }
    }

    #[track_caller]
    fn check_hosts_absent(text: &str) {
        assert!(!facts(text).iter().any(|it| matches!(it, Fact::Host(_))), "{text}");
    }

    #[test]
    fn tls_on_587_is_starttls_whatever_is_said() {
        let on = |said, number| Tls::on(said, Port::new(number).expect("a port"));
        assert_eq!(on(Some(Tls::FromTheStart), 587), Some(Security::StartTls));
        assert_eq!(on(Some(Tls::FromTheStart), 993), Some(Security::ImplicitTls));
        assert_eq!(on(Some(Tls::Either), 465), Some(Security::ImplicitTls));
        assert_eq!(on(Some(Tls::Either), 143), Some(Security::StartTls));
        assert_eq!(on(None, 993), Some(Security::ImplicitTls));
        assert_eq!(on(None, 143), None);
        assert_eq!(on(Some(Tls::Never), 993), None);
    }

    #[test]
    fn login_names_and_days_are_recognized_in_two_languages() {
        for text in
            ["Full email address", "your full e-mail address, domain included", "Ihre vollständige E-Mail-Adresse"]
        {
            assert_eq!(login(text), Some(LoginForm::WholeAddress), "{text}");
        }
        for text in [
            "the part before the @",
            "the part of the address before the @ sign",
            "Teil vor dem @",
            "Teil Ihrer Adresse vor dem @",
            "without the domain",
        ] {
            assert_eq!(login(text), Some(LoginForm::LocalPart), "{text}");
        }
        assert_eq!(login("Password"), None);
        for text in [
            "Sync only the last 30 days of mail",
            "Mails der letzten 30 Tage synchronisieren",
            "Days of mail to sync: 30 days",
        ] {
            assert_eq!(days(text), Some(30), "{text}");
        }
        for text in [
            "Support answers within 30 days",
            "Mail older than 30 days in Trash is deleted.",
            "Download a backup: we keep it for 30 days",
            "Messages in Spam are removed after 30 days. Sync is fast.",
            "Mails im Papierkorb werden nach 30 Tagen gelöscht",
            "Set the app to sync every 30 days",
        ] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn a_login_that_is_not_made_of_an_address_is_seen() {
        for text in [
            r"Username: DOMAIN\yourname",
            "Your user name is your student ID.",
            "Ihr Benutzername ist Ihre Kundennummer.",
            "User ID | your customer number",
        ] {
            assert!(gives_a_login(text), "{text}");
        }
        for text in ["Login: required", "Enter user name and password", "Log in: https://webmail.acme.de"] {
            assert!(!gives_a_login(text), "{text}");
        }
    }

    #[test]
    fn tokens_are_wanted_where_no_password_will_do() {
        for text in [
            "Authentication: OAuth2",
            "Passwords are not accepted, use OAuth 2.0",
            "Basic authentication is no longer supported; use modern authentication",
            "Authentifizierung | XOAUTH2",
        ] {
            assert_eq!(authentication(text), Some(Authentication::OAuth2), "{text}");
        }
        for text in ["Authentication: OAuth2 or app password", "Authentifizierung: Passwort, normal"] {
            assert_eq!(authentication(text), Some(Authentication::PasswordCleartext), "{text}");
        }
        for text in ["OAuth2 is not supported", "Password: that of the web mail", "Port 993"] {
            assert_eq!(authentication(text), None, "{text}");
        }
    }
}
