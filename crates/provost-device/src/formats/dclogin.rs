//! Delta Chat's login link, from a text file or from the QR code in a picture, as `src/qr/dclogin_scheme.rs` of the
//! app's core reads it (2.65.0; facts marked so were tried with deltachat-rpc-server). What the link leaves open, the
//! app looks up by the address; that is not done here.

use percent_encoding::percent_decode_str;
use provost_account::{
    Account, Authentication, EmailAddress, Endpoint, Findings, Host, Incoming, IncomingProtocol, Login, Place, Port,
    Protocol, Secret, Security, Server, codes::profile as codes, nearest, place,
};

use crate::person::Person;
use crate::picture;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::source_text::{self};
use crate::understood::{Assumption, Ignored, Understood};

/// A text that begins with the scheme, or a picture with such a code.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    match picture::is_one(file.bytes) {
        true => picture::peek(file.bytes).is_some_and(|text| has_scheme(&text)),
        false => has_scheme(&file.start()),
    }
}

/// Reads a link, which says whom it is for.
pub(super) fn read(bytes: &[u8], _person: &Person) -> Reading {
    let mut findings = Findings::default();
    let understood = match picture::is_one(bytes) {
        true => picture::text(bytes, &mut findings).and_then(|text| link(&text, false, &mut findings)),
        false => source_text::text(bytes, &mut findings).and_then(|text| link(text, true, &mut findings)),
    };
    Reading::of(understood, findings)
}

/// The account of a link's text, for formats that have one in them.
pub(super) fn link(text: &str, has_places: bool, findings: &mut Findings) -> Option<Understood> {
    if !has_scheme(text) {
        let fix = provost_account::LOOK;
        return findings.refuse(codes::NOTHING_TO_SET_UP, None, "no link beginning with dclogin:", fix);
    }
    Reader { link: Link::of(text), has_places, findings, assumed: Vec::new() }.account()
}

fn has_scheme(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace()).get(..SCHEME.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
}

/// A link, taken apart.
struct Link {
    text: String,
    /// What stood before it.
    start: usize,
    /// Percent-encoded.
    address: String,
    pairs: Vec<Pair>,
}

/// A key with its value, decoded, and where it begins in the text.
struct Pair {
    key: String,
    value: String,
    /// Whether a plus sign became a space.
    has_plus: bool,
    offset: usize,
}

impl Link {
    /// The core removes the first `//` that follows a colon, wherever it is, and whatever follows `#`.
    fn of(text: &str) -> Self {
        let start = text.len() - text.trim_start().len();
        let link = text.trim();
        let slashes = link.find("://").map(|at| at + 1);
        let link = link.replacen("://", ":", 1);
        let in_text = |at: usize| start + at + if slashes.is_some_and(|slashes| at >= slashes) { 2 } else { 0 };
        let rest = &link[SCHEME.len()..];
        let address = rest.split(['?', '/']).next().unwrap_or("").to_owned();
        let mut pairs = Vec::new();
        let whole = link.split('#').next().unwrap_or("");
        if let Some((before, query)) = whole.split_once('?') {
            let mut at = before.len() + 1;
            for pair in query.split('&') {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                if !pair.is_empty() {
                    let (key, has_plus) = (form_decoded(key), value.contains('+'));
                    pairs.push(Pair { key, value: form_decoded(value), has_plus, offset: in_text(at) });
                }
                at += pair.len() + 1;
            }
        }
        Self { text: text.to_owned(), start, address, pairs }
    }

    /// If a key is repeated, the last value counts.
    fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs.iter().rfind(|pair| pair.key == key)
    }
}

/// `application/x-www-form-urlencoded`: a plus sign is a space.
fn form_decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

struct Reader<'a> {
    link: Link,
    has_places: bool,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
}

impl Reader<'_> {
    fn account(mut self) -> Option<Understood> {
        let address = self.address();
        self.version();
        self.certificates();
        let password = self.password();
        let incoming = self.server("incoming", ["ih", "ip", "iu", "is"], Protocol::Imap);
        let outgoing = self.server("outgoing", ["sh", "sp", "su", "ss"], Protocol::Submission);
        let ignored = self.ignored();
        if self.findings.has_error() {
            return None;
        }
        let (address, password) = (address?, password?);
        let fix = "destroy the file or the picture after the app is set up";
        self.findings.add(codes::PASSWORD_IN_FILE, self.of("p"), "the link contains the password, as it must", fix);
        let secret = |key: &str, otherwise: &str| {
            let value = self.link.pair(key).map(|pair| pair.value.as_str()).filter(|value| !value.is_empty());
            value.unwrap_or(otherwise).to_owned()
        };
        let password_in = secret("ipw", &password);
        let password_out = secret("spw", &password_in);
        let whose = |server: Open, password: String| server.of(&address, Secret::new(password));
        let incoming = incoming.map(|it| Incoming { protocol: IncomingProtocol::Imap, server: whose(it, password_in) });
        let outgoing = outgoing.map(|it| whose(it, password_out));
        let account = Account {
            incoming: incoming.into_iter().collect(),
            outgoing: outgoing.into_iter().collect(),
            ..Account::of(address)
        };
        Some(Understood { assumed: self.assumed, ignored, ..Understood::of("Delta Chat", account) })
    }

    /// Spaces and angle brackets are refused (tried).
    fn address(&mut self) -> Option<EmailAddress> {
        let place = self.place(self.link.start);
        let text = match percent_decode_str(&self.link.address).decode_utf8() {
            Ok(text) => text.into_owned(),
            Err(_not_utf8) => {
                return self.findings.refuse(codes::WRONG_VALUE, place, "the address is not UTF-8", ENCODE);
            }
        };
        // An address literal is a server without a domain, as a relay for a test has it (observed: the core's own tests).
        match EmailAddress::at_literal(&text) {
            Ok(address) if !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>')) => Some(address),
            Ok(_) => {
                let message = format!("the app rejects the address {text:?}: it contains a space or an angle bracket");
                self.findings.refuse(codes::WRONG_VALUE, place, message, "use another address")
            }
            Err(error) => {
                self.findings.refuse(codes::WRONG_VALUE, place, format!("the address {text:?}: {error}"), ENCODE)
            }
        }
    }

    /// Its digits may have zeros before them.
    fn version(&mut self) {
        let place = self.of("v");
        match self.value("v").map(|value| value.parse::<u32>()) {
            Some(Ok(1)) => {}
            Some(Ok(version)) => {
                let message = format!("version {version}; the app reads only 1");
                self.findings.add(codes::UNSUPPORTED_VERSION, place, message, "write v=1");
            }
            Some(Err(_no_number)) => {
                self.findings.add(codes::WRONG_VALUE, place, "the version is not a number", "write v=1");
            }
            None => self.findings.add(codes::MISSING_KEY, place, "no version", "add v=1"),
        }
    }

    /// An empty one is taken, and setting up fails (tried).
    fn password(&mut self) -> Option<String> {
        let place = self.of("p");
        match self.value("p") {
            Some(password) if !password.is_empty() => return Some(password),
            Some(_) => self.findings.add(codes::WRONG_VALUE, place, "the password is empty: the setup fails", "add it"),
            None => self.findings.add(codes::MISSING_KEY, place, "no password: the app rejects the link", "add p="),
        }
        None
    }

    fn certificates(&mut self) {
        let place = self.of("ic");
        match self.value("ic").as_deref() {
            None | Some("0" | "1") => {}
            Some(level @ ("2" | "3")) => {
                let message = format!("ic={level}: the app accepts any certificate, even an impostor's");
                self.findings.add(codes::ANY_CERTIFICATE, place, message, "write ic=1");
            }
            Some(level) => {
                let message = format!("ic is {level:?}; the app supports 0 to 3");
                self.findings.add(codes::WRONG_VALUE, place, message, "write ic=1");
            }
        }
    }

    /// The server that the link names. The ports are what the app takes where none is said: with TLS from
    /// the start, and otherwise.
    fn server(
        &mut self,
        kind: &str,
        [host_key, port_key, login_key, security_key]: [&'static str; 4],
        protocol: Protocol,
    ) -> Option<Open> {
        let security = match self.value(security_key).as_deref() {
            Some("ssl") => Some(Security::ImplicitTls),
            Some("starttls") => Some(Security::StartTls),
            Some("plain") => Some(Security::Cleartext),
            None | Some("default") => None,
            Some(other) => {
                let message = format!("{security_key} is {other:?}; the app supports ssl, starttls, plain and default");
                let fix = "write it in lower case";
                return self.findings.refuse(codes::WRONG_VALUE, self.of(security_key), message, fix);
            }
        };
        let port = match self.value(port_key).map(|port| port.parse::<u16>()) {
            None => None,
            Some(Ok(port)) => Port::new(port),
            Some(Err(error)) => {
                let message = format!("{port_key} is not a port: {error}");
                return self.findings.refuse(codes::WRONG_VALUE, self.of(port_key), message, "write 1 to 65535");
            }
        };
        let host = self.value(host_key).filter(|host| !host.is_empty());
        let Some(host) = host else {
            let message = format!("no {host_key}: the app looks the {kind} server up by the address");
            return self.findings.refuse(codes::SERVER_LOOKED_UP, self.of(host_key), message, "say the server");
        };
        let message = |error| format!("{host_key} is {host:?}: {error}");
        let (named, place) = (Host::try_from(host.as_str()), self.of(host_key));
        let host = self.findings.ok(named, codes::WRONG_VALUE, place, message, "write the server's name")?;
        if security == Some(Security::Cleartext) {
            let message = format!("{security_key}=plain");
            self.findings.add(codes::CLEARTEXT, self.of(security_key), message, "write ssl or starttls");
        }
        let security = security.unwrap_or_else(|| {
            self.assumed.push(Assumption::of(security_key, "ssl, then starttls if that fails", SOURCE));
            Security::ImplicitTls
        });
        let port = port.unwrap_or_else(|| {
            let port = protocol.registered(security).port;
            self.assumed.push(Assumption::of(port_key, port, SOURCE));
            port
        });
        let login = self.value(login_key).and_then(|login| Login::try_from(login.as_str()).ok());
        if login.is_none() {
            self.assumed.push(Assumption::of(login_key, "the address", SOURCE));
        }
        if self.link.pair(login_key).is_some_and(|pair| pair.has_plus) {
            let message = format!("the plus sign in {login_key} is read as a space");
            self.findings.add(codes::PLUS_SIGN, self.of(login_key), message, "write %2B");
        }
        Some(Open { endpoint: Endpoint { host, port, security, authentication: METHOD }, login })
    }

    /// An unknown key is never quoted: where an ampersand is not encoded, it is the rest of a password.
    fn ignored(&mut self) -> Vec<Ignored> {
        let mut ignored = Vec::new();
        for (at, pair) in self.link.pairs.iter().enumerate() {
            let place = self.place(pair.offset);
            let mut pass_over = |key: &str, reason: &str| {
                ignored.push(Ignored::of(key, place, reason));
            };
            if !KEYS.contains(&pair.key.as_str()) {
                let known = nearest(&pair.key, KEYS).map(|key| format!(", or {key} if you meant that"));
                let fix = format!("write %26 for an ampersand in a value{}", known.as_deref().unwrap_or(""));
                self.findings.add(codes::UNKNOWN_KEY, place, "a key that the app does not know", fix);
                pass_over("key without a name", "the app does not support it");
            } else if pair.key == "sc" {
                pass_over("sc", "the app uses ic for both servers");
            } else if self.link.pairs[at + 1..].iter().any(|later| later.key == pair.key) {
                pass_over(&pair.key, "the key is repeated, and the last one counts");
            }
        }
        ignored
    }

    fn value(&self, key: &str) -> Option<String> {
        self.link.pair(key).map(|pair| pair.value.clone())
    }

    /// Where a key is.
    fn of(&self, key: &str) -> Option<Place> {
        self.place(self.link.pair(key).map_or(self.link.start, |pair| pair.offset))
    }

    /// A picture has no lines.
    fn place(&self, offset: usize) -> Option<Place> {
        self.has_places.then(|| place(&self.link.text, offset))
    }
}

/// A server without what is open until the address is known.
struct Open {
    endpoint: Endpoint,
    login: Option<Login>,
}

impl Open {
    fn of(self, address: &EmailAddress, password: Secret) -> Server {
        let login = self.login.or_else(|| Login::try_from(address.as_str()).ok());
        Server { endpoint: self.endpoint, login, password: Some(password) }
    }
}

const SCHEME: &str = "dclogin:";
const KEYS: &[&str] = &["v", "p", "ih", "ip", "iu", "ipw", "is", "sh", "sp", "su", "spw", "ss", "ic", "sc"];
const METHOD: Authentication = Authentication::PasswordCleartext;
const ENCODE: &str = "write the address percent-encoded";
const SOURCE: &str = "https://github.com/chatmail/core, src/qr/dclogin_scheme.rs and src/configure/server_params.rs";
