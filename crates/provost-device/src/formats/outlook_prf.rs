//! The profile file of classic Outlook: the file itself says which property a key sets, in the section that an
//! account's entry names, and Outlook sets what is mapped there. Known from Microsoft's list of account properties and
//! from files that others write; no Outlook was tried. Exchange services are ignored.

use std::borrow::Cow;
use std::collections::BTreeMap;

use encoding_rs::WINDOWS_1252;
use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Host, Incoming, IncomingProtocol, Login,
    Place, Port, Protocol, Security, Server, codes::profile as codes,
};

use crate::contradictions::RELAY;
use crate::ini::{self, Dialect, Entry, Indented, Section};
use crate::person::{Person, nobodys_address};
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::source_text;
use crate::understood::{Assumption, Ignored, Understood};

pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let start = decoded(&file.bytes[..file.bytes.len().min(START_OCTETS)]).to_lowercase();
    start.contains("[internet account list]") && start.contains("[general]")
}

/// Reads a file, which says whom it is for.
pub(super) fn read(bytes: &[u8], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let profiles: Vec<Understood> = file(bytes, person, &mut findings).into_iter().flatten().collect();
    Reading::of_some(profiles, findings, "Outlook would not set up a mail account", "see the other findings")
}

fn file(bytes: &[u8], person: &Person, findings: &mut Findings) -> Option<Vec<Understood>> {
    source_text::within_limit(bytes, findings)?;
    if !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        let message = "the file is UTF-8: Outlook reads it in the Windows code page and shows two characters for one";
        findings.add(codes::PRF_ENCODING, None, message, "save it in code page 1252 (ANSI)");
    }
    let dialect = Dialect { comments: &[';'], separators: &['='], indented: Indented::Line };
    let sections = ini::parse(decoded(bytes).as_bytes(), dialect, findings)?;
    let section = |name: &str| sections.iter().find(|section| section.name.eq_ignore_ascii_case(name));
    let overwrite = section("General").and_then(|general| general.get("OverwriteProfile"));
    if let Some(overwrite) = overwrite.filter(|it| it.value.eq_ignore_ascii_case("Yes")) {
        let message = "OverwriteProfile is Yes: a profile of that name is replaced, including all its accounts";
        findings.add(codes::PRF_OVERWRITES, Some(overwrite.place), message, "write Append");
    }
    let list = section("Internet Account List")?;
    let mut understood = Vec::new();
    for entry in &list.entries {
        let (Some(own), Some(mapping)) = (section(&entry.key), section(&entry.value)) else {
            let message = format!("no section [{}] or [{}]: Outlook sets none of its values", entry.key, entry.value);
            findings.add(codes::PRF_MAPPING, Some(entry.place), message, "add both sections");
            continue;
        };
        let mut reader = AccountReader::new(own, mapping, findings);
        understood.extend(reader.read(person));
    }
    Some(understood)
}

/// An account: the values of the properties that its keys are mapped to.
struct AccountReader<'a> {
    own: &'a Section,
    kind: &'a str,
    properties: BTreeMap<u32, &'a Entry>,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
}

impl<'a> AccountReader<'a> {
    fn new(own: &'a Section, mapping: &'a Section, findings: &'a mut Findings) -> Self {
        let mut properties = BTreeMap::new();
        let mut ignored = Vec::new();
        for entry in &own.entries {
            match mapping.value(&entry.key).and_then(property) {
                Some(number) => {
                    properties.insert(number, entry);
                }
                None => ignored.push(Ignored::of(
                    &entry.key,
                    entry.place,
                    format_args!("[{}] maps it to no property", mapping.name),
                )),
            }
        }
        let kind = mapping.value("AccountType").unwrap_or("");
        Self { own, kind, properties, findings, assumed: Vec::new(), ignored }
    }

    fn read(&mut self, person: &Person) -> Option<Understood> {
        let protocol = match self.kind.to_uppercase().as_str() {
            "IMAP" => IncomingProtocol::Imap,
            "POP3" => IncomingProtocol::Pop3,
            other => {
                let message = format!("AccountType is {other:?}: no mail is received");
                return self.findings.refuse(codes::PRF_MAPPING, Some(self.own.place), message, "write IMAP or POP3");
            }
        };
        for entry in self.properties.values().filter(|entry| entry.value.matches('%').count() > 1) {
            let message = format!("{} is {:?}: Outlook may replace it with a Windows variable", entry.key, entry.value);
            self.findings.add(codes::PRF_VARIABLE, Some(entry.place), message, "write the value itself");
        }
        let said = self.text(EMAIL).and_then(|text| EmailAddress::try_from(text).ok());
        let address = said.or(person.address.clone()).unwrap_or_else(|| {
            let message = "no valid address";
            self.findings.add(codes::NO_ADDRESS, Some(self.own.place), message, "write EmailAddress");
            nobodys_address()
        });
        let incoming = self.receiving(protocol)?;
        let outgoing = self.sending(incoming.login.as_ref())?;
        let label = self.text(ACCOUNT_NAME).map(str::to_owned);
        let full_name = self.text(DISPLAY_NAME).and_then(|name| DisplayName::try_from(name).ok());
        if protocol == IncomingProtocol::Pop3 && self.number(LEAVE_ON_SERVER)?.unwrap_or(0) & 1 == 0 {
            let message = "LeaveOnServer is missing, or its lowest bit is not set: mail is removed from the server";
            let fix = "write LeaveOnServer=0x50001";
            self.findings.add(codes::PRF_REMOVES_MAIL, self.place(LEAVE_ON_SERVER), message, fix);
        }
        let account = Account {
            full_name,
            incoming: vec![Incoming { protocol, server: incoming }],
            outgoing: vec![outgoing],
            ..Account::of(address)
        };
        Some(Understood {
            label,
            assumed: std::mem::take(&mut self.assumed),
            ignored: std::mem::take(&mut self.ignored),
            ..Understood::of("classic Outlook", account)
        })
    }

    fn receiving(&mut self, protocol: IncomingProtocol) -> Option<Server> {
        let host = self.host(SERVER)?;
        let security = match self.number(USE_SSL)? {
            Some(0) => Security::Cleartext,
            Some(_) => Security::ImplicitTls,
            None => {
                self.assumed.push(Assumption::of("UseSSL", "0", UNOBSERVED));
                Security::Cleartext
            }
        };
        let port = self.port(PORT, Protocol::from(protocol).registered(security).port)?;
        self.complain_of_cleartext(security, USE_SSL);
        let authentication = self.password_or_spa(USE_SPA)?;
        let login = self.text(USER_NAME).and_then(|login| Login::try_from(login).ok());
        if login.is_none() {
            self.findings.add(codes::MISSING_USERNAME, Some(self.own.place), "no login name", "add the user name");
        }
        Some(Server { endpoint: Endpoint { host, port, security, authentication }, login, password: None })
    }

    fn sending(&mut self, incoming: Option<&Login>) -> Option<Server> {
        let host = self.host(SMTP_SERVER)?;
        let security = match (self.number(SMTP_SECURE_CONNECTION)?, self.number(SMTP_USE_SSL)?) {
            (Some(0), _) => Security::Cleartext,
            (Some(1), _) => Security::ImplicitTls,
            (Some(2), _) => Security::StartTls,
            (Some(_), _) => {
                let value = "3, Outlook detects it: read as STARTTLS";
                self.assumed.push(Assumption::of("SMTPSecureConnection", value, UNOBSERVED));
                Security::StartTls
            }
            (None, Some(0)) => Security::Cleartext,
            (None, Some(_)) => Security::ImplicitTls,
            (None, None) => {
                self.assumed.push(Assumption::of("SMTPSecureConnection", "0", UNOBSERVED));
                Security::Cleartext
            }
        };
        let port = self.port(SMTP_PORT, RELAY)?;
        self.complain_of_cleartext(security, SMTP_SECURE_CONNECTION);
        let (authentication, login) = match self.number(SMTP_USE_AUTH)?.unwrap_or(0) {
            0 => (Authentication::None, None),
            _ => {
                let own = self.text(SMTP_USER_NAME).and_then(|login| Login::try_from(login).ok());
                let as_incoming = self.number(SMTP_AUTH_METHOD)?.unwrap_or(0) == 0;
                let login = if as_incoming { incoming.cloned() } else { own };
                (self.password_or_spa(SMTP_USE_SPA)?, login)
            }
        };
        Some(Server { endpoint: Endpoint { host, port, security, authentication }, login, password: None })
    }

    fn password_or_spa(&mut self, spa: u32) -> Option<Authentication> {
        Some(match self.number(spa)?.unwrap_or(0) {
            0 => Authentication::PasswordCleartext,
            _ => Authentication::Ntlm,
        })
    }

    fn complain_of_cleartext(&mut self, security: Security, property: u32) {
        if security == Security::Cleartext {
            let place = self.place(property);
            self.findings.add(codes::CLEARTEXT, place, "no TLS", "set UseSSL or SMTPSecureConnection to 1");
        }
    }

    fn host(&mut self, property: u32) -> Option<Host> {
        let found = self.text(property).unwrap_or("").to_owned();
        let message = |error| format!("the server is {found:?}: {error}");
        let (host, place) = (Host::try_from(found.as_str()), self.place(property));
        self.findings.ok(host, codes::WRONG_VALUE, place, message, "name the host")
    }

    fn port(&mut self, property: u32, usual: Port) -> Option<Port> {
        let Some(found) = self.number(property)? else {
            let message = format!("no port: {usual} is assumed");
            self.findings.add(codes::MISSING_PORT, Some(self.own.place), message, "write the port");
            self.assumed.push(Assumption::of("port", usual, UNOBSERVED));
            return Some(usual);
        };
        let port = u16::try_from(found).ok().and_then(Port::new);
        if port.is_none() {
            let place = self.place(property);
            let fix = "write a number from 1 to 65535";
            self.findings.add(codes::WRONG_VALUE, place, format!("the port is {found}"), fix);
        }
        port
    }

    /// A number, decimal or hexadecimal. The outer `None`: it is none.
    #[expect(
        clippy::option_option,
        reason = "the outer one is whether the value is good, the inner one whether it is there"
    )]
    fn number(&mut self, property: u32) -> Option<Option<u32>> {
        let Some(entry) = self.properties.get(&property) else { return Some(None) };
        let found = match entry.value.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => entry.value.parse().ok(),
        };
        if found.is_none() {
            let message = format!("{} is {:?}", entry.key, entry.value);
            self.findings.add(codes::WRONG_VALUE, Some(entry.place), message, "write a number");
        }
        found.map(Some)
    }

    fn text(&self, property: u32) -> Option<&'a str> {
        self.properties.get(&property).map(|entry| unquoted(&entry.value)).filter(|text| !text.is_empty())
    }

    fn place(&self, property: u32) -> Option<Place> {
        Some(self.properties.get(&property).map_or(self.own.place, |entry| entry.place))
    }
}

/// The number of the property in a mapping: `PT_UNICODE,0x0100`.
fn property(mapping: &str) -> Option<u32> {
    let (_, number) = mapping.split_once(',')?;
    u32::from_str_radix(number.trim().trim_start_matches("0x"), 16).ok()
}

/// `GetPrivateProfileString` removes quotation marks around a value.
fn unquoted(text: &str) -> &str {
    let inside = |mark| text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

/// The text as Windows' code page 1252 has it.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    WINDOWS_1252.decode_without_bom_handling(bytes).0
}

const UNOBSERVED: &str = "assumed here; what Outlook does was not observed";
const ACCOUNT_NAME: u32 = 0x0002;
const DISPLAY_NAME: u32 = 0x000b;
const EMAIL: u32 = 0x000c;
const SERVER: u32 = 0x0100;
const USER_NAME: u32 = 0x0101;
const PORT: u32 = 0x0104;
const USE_SSL: u32 = 0x0105;
const USE_SPA: u32 = 0x0108;
const SMTP_SERVER: u32 = 0x0200;
const SMTP_PORT: u32 = 0x0201;
const SMTP_USE_SSL: u32 = 0x0202;
const SMTP_USE_AUTH: u32 = 0x0203;
const SMTP_USER_NAME: u32 = 0x0204;
const SMTP_USE_SPA: u32 = 0x0207;
const SMTP_AUTH_METHOD: u32 = 0x0208;
const SMTP_SECURE_CONNECTION: u32 = 0x020a;
const LEAVE_ON_SERVER: u32 = 0x1000;
const START_OCTETS: usize = 64 * 1024;
