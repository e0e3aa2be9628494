//! The settings file of K-9 Mail and Thunderbird for Android, as the app's importer reads it (thunderbird-android
//! a59bd679). Global settings and folders are ignored: they set up no account.

use std::num::{NonZeroU16, NonZeroU32};

use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Host, Incoming, IncomingProtocol, Login,
    Place, Port, Protocol, Secret, Security, Server, SyncWindow, codes::profile as codes,
};

use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::understood::{Assumption, Identifier, Ignored, Understood};
use crate::xml::{self, Element};

pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    xml::has_root(file.bytes, "k9settings")
}

/// Reads a file, which says whom it is for.
pub(super) fn read(bytes: &[u8], _person: &Person) -> Reading {
    let mut findings = Findings::default();
    let profiles: Vec<Understood> = file(bytes, &mut findings).into_iter().flatten().collect();
    Reading::of_some(profiles, findings, "the app would not set up an account", "see the other findings")
}

fn file(bytes: &[u8], findings: &mut Findings) -> Option<Vec<Understood>> {
    let root = xml::parse(bytes, findings)?;
    let number = |name: &str| root.attribute(name).and_then(|text| text.parse::<u32>().ok());
    if number("format") != Some(1) {
        let message = format!("format is {:?}; the app reads only \"1\"", root.attribute("format").unwrap_or(""));
        findings.add(codes::UNSUPPORTED_VERSION, Some(root.place), message, "write format=\"1\"");
    }
    let version = number("version").and_then(NonZeroU32::new).map(NonZeroU32::get);
    if version.is_none() {
        let message = "version is not a number above 0";
        findings.add(codes::UNSUPPORTED_VERSION, Some(root.place), message, "write version=\"99\"");
    }
    let version = version?;
    let Some(accounts) = root.child("accounts") else {
        if root.child("global").is_none() {
            let message = "neither <accounts> nor <global>: the app rejects the file";
            findings.add(codes::NOTHING_TO_SET_UP, Some(root.place), message, "add <accounts>");
        }
        return None;
    };
    let mut uuids: Vec<&str> = Vec::new();
    let mut understood = Vec::new();
    for account in accounts.all("account") {
        let Some(uuid) = account.attribute("uuid") else {
            let message = "an account without uuid: the whole import fails";
            return findings.refuse(codes::MISSING_KEY, Some(account.place), message, "give the account a uuid");
        };
        // `java.util.UUID.fromString` is lenient; the app compares what it gives with what was there.
        if !spelling::is_uuid(uuid) || uuids.contains(&uuid) {
            let message = format!("the uuid {uuid:?} is invalid or repeated: the app skips the account");
            findings.add(codes::ACCOUNT_REJECTED, Some(account.place), message, "give each account its own uuid");
            continue;
        }
        uuids.push(uuid);
        let mut reader =
            AccountReader { element: account, version, findings, assumed: Vec::new(), ignored: Vec::new() };
        understood.extend(reader.read());
    }
    Some(understood)
}

struct AccountReader<'a> {
    element: &'a Element,
    version: u32,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
}

impl AccountReader<'_> {
    fn read(&mut self) -> Option<Understood> {
        let element = self.element;
        let incoming = element.child("incoming-server");
        let outgoing = element.child("outgoing-server");
        let (Some(incoming), Some(outgoing)) = (incoming, outgoing) else {
            return self.reject(element.place, "a server of each kind is needed");
        };
        if incoming.place > outgoing.place {
            let message = "outgoing-server before incoming-server: FairEmail confuses the two";
            self.findings.add(codes::FAILS_ELSEWHERE, Some(outgoing.place), message, "put incoming-server first");
        }
        let kind = |server: &Element| server.attribute("type").unwrap_or("").to_owned();
        for (server, capitals) in [(incoming, ["IMAP", "POP3"].as_slice()), (outgoing, &["SMTP"])] {
            let kind = kind(server);
            if capitals.contains(&kind.to_uppercase().as_str()) && !capitals.contains(&kind.as_str()) {
                let message = format!("type {kind:?}: FairEmail accepts it only in capitals");
                self.findings.add(codes::FAILS_ELSEWHERE, Some(server.place), message, "write it in capitals");
            }
        }
        let protocol = match kind(incoming).to_lowercase().as_str() {
            "imap" => IncomingProtocol::Imap,
            "pop3" => IncomingProtocol::Pop3,
            other => return self.reject(incoming.place, &format!("type {other:?} is neither IMAP nor POP3")),
        };
        if kind(outgoing).to_lowercase() != "smtp" {
            return self.reject(outgoing.place, "type is not SMTP");
        }
        let incoming = Incoming { protocol, server: self.server(incoming, protocol.into())? };
        let outgoing = self.server(outgoing, Protocol::Submission)?;
        let identities: Vec<&Element> =
            element.child("identities").into_iter().flat_map(|identities| identities.all("identity")).collect();
        let Some((first, others)) = identities.split_first() else {
            return self.reject(element.place, "no identity");
        };
        let address = self.email(first)?;
        let aliases = others.iter().map(|identity| self.email(identity)).collect::<Option<Vec<_>>>()?;
        let name = first.child("name").and_then(|name| DisplayName::try_from(name.text.as_str()).ok());
        let sync = self.sync();
        let account = Account {
            full_name: name,
            aliases,
            incoming: vec![incoming],
            outgoing: vec![outgoing],
            sync,
            ..Account::of(address)
        };
        let uuid = element.attribute("uuid").unwrap_or("").to_owned();
        Some(Understood {
            label: element.child("name").map(|name| name.text.clone()),
            assumed: std::mem::take(&mut self.assumed),
            ignored: std::mem::take(&mut self.ignored),
            identifiers: vec![Identifier { key: "account uuid", value: uuid }],
            ..Understood::of("K-9 Mail and Thunderbird for Android", account)
        })
    }

    fn server(&mut self, element: &Element, protocol: Protocol) -> Option<Server> {
        let text = |name: &str| element.child(name).map(|child| child.text.as_str());
        let host = match Host::try_from(text("host").unwrap_or("")) {
            Ok(host) => host,
            Err(error) => return self.reject(element.place, &format!("host: {error}")),
        };
        let found = text("connection-security");
        let security = match (found, self.version) {
            (Some("NONE"), _) => Security::Cleartext,
            (Some("STARTTLS_REQUIRED"), _) => Security::StartTls,
            (Some("SSL_TLS_REQUIRED"), _) => Security::ImplicitTls,
            (Some("STARTTLS_OPTIONAL"), ..92) => Security::StartTls,
            (Some(_), ..92) => {
                self.assumed.push(Assumption::of("connection-security", "SSL_TLS_REQUIRED", SOURCE));
                Security::ImplicitTls
            }
            (found, _) => {
                let found = found.unwrap_or("nothing");
                return self.reject(element.place, &format!("connection-security is {found:?}"));
            }
        };
        let port = text("port").and_then(|text| text.parse::<NonZeroU16>().ok());
        let port = port.unwrap_or_else(|| self.no_port(element, protocol, security));
        if security == Security::Cleartext {
            let fix = "write SSL_TLS_REQUIRED or STARTTLS_REQUIRED";
            self.findings.add(codes::CLEARTEXT, Some(element.place), "connection-security is NONE", fix);
        }
        let found = text("authentication-type");
        let authentication = match (found, self.version) {
            (Some("PLAIN"), _) | (Some("AUTOMATIC" | "LOGIN"), ..94) => Authentication::PasswordCleartext,
            (Some("CRAM_MD5"), _) => Authentication::PasswordEncrypted,
            (Some("EXTERNAL"), _) => Authentication::ClientCertificate,
            (Some("XOAUTH2"), _) => Authentication::OAuth2,
            (Some("NONE"), 95..) => Authentication::None,
            (found, _) => {
                let found = found.unwrap_or("nothing");
                return self.reject(element.place, &format!("authentication-type is {found:?}"));
            }
        };
        let login = match text("username").unwrap_or("") {
            "" => None,
            name => match Login::try_from(name) {
                Ok(login) => Some(login),
                Err(error) => return self.reject(element.place, &format!("username: {error}")),
            },
        };
        let password = text("password").filter(|password| !password.is_empty());
        if password.is_some() {
            let fix = "remove it; the app asks for it";
            self.findings.add(codes::PASSWORD_IN_FILE, element.child("password").map(|it| it.place), "a password", fix);
        }
        let password = password.filter(|_| authentication != Authentication::OAuth2);
        let password = password.map(|password| Secret::new(password.to_owned()));
        Some(Server { endpoint: Endpoint { host, port, security, authentication }, login, password })
    }

    /// The app takes -1 where there is no number from 1 to 65535, imports the account, and reaches no server until somebody
    /// enters a port (`ServerSettingsDescriptions`: `IntegerRangeSetting(1, 65535, -1)`). The registered one is shown.
    fn no_port(&mut self, element: &Element, protocol: Protocol, security: Security) -> Port {
        let port = protocol.registered(security).port;
        let what = element.child("port").map_or("no port".to_owned(), |it| format!("port is {:?}", it.text));
        let message = format!("{what}: the app imports the account, and connects when somebody has entered one");
        let place = element.child("port").unwrap_or(element).place;
        self.findings.add(codes::MISSING_PORT, Some(place), message, format!("write <port>{port}</port>"));
        let key = format!("{} port", protocol.name());
        self.assumed.push(Assumption::of(key, format_args!("{port}, shown here; the app takes -1"), SOURCE));
        port
    }

    fn email(&mut self, identity: &Element) -> Option<EmailAddress> {
        let text = identity.child("email").map_or("", |email| email.text.as_str());
        match EmailAddress::try_from(text) {
            Ok(address) if address.is_ascii_dot_string() => Some(address),
            Ok(_) => {
                self.reject(identity.place, &format!("email {text:?} has a local part that the app does not accept"))
            }
            Err(error) => self.reject(identity.place, &format!("email {text:?}: {error}")),
        }
    }

    /// Invalid values become the app's default, which is no limit.
    fn sync(&mut self) -> SyncWindow {
        let Some(settings) = self.element.child("settings") else { return SyncWindow::Unlimited };
        let mut window = SyncWindow::Unlimited;
        for value in settings.all("value") {
            match (value.attribute("key"), value.text.trim()) {
                (Some("maximumPolledMessageAge"), "-1") => {}
                (Some(key @ "maximumPolledMessageAge"), text) => match text.parse::<u16>() {
                    Ok(0) => {
                        self.assumed.push(Assumption::of(key, "today's mail", SOURCE));
                        window = SyncWindow::Days(NonZeroU16::MIN);
                    }
                    Ok(days) if DAYS.contains(&days) => {
                        window = SyncWindow::Days(NonZeroU16::new(days).expect("0 is not in the list"));
                    }
                    Ok(_) | Err(_) => {
                        let message = format!(
                            "maximumPolledMessageAge {text:?} is not one of the app's values: no limit applies"
                        );
                        self.findings.add(codes::IGNORED_KEY, Some(value.place), message, "write 28 for a month");
                        self.assumed.push(Assumption::of(key, "-1, no limit", SOURCE));
                    }
                },
                (key, _) => self.ignored.push(Ignored::of(
                    key.unwrap_or("value without key"),
                    value.place,
                    "it affects the app's appearance or behaviour, not the connection",
                )),
            }
        }
        window
    }

    fn reject<T>(&mut self, place: Place, why: &str) -> Option<T> {
        let message = format!("the app skips the account: {why}");
        self.findings.refuse(codes::ACCOUNT_REJECTED, Some(place), message, "correct it there")
    }
}

const SOURCE: &str = "https://github.com/thunderbird/thunderbird-android, feature/settings/import";
const DAYS: [u16; 10] = [1, 2, 7, 14, 21, 28, 56, 84, 168, 365];
