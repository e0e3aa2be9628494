//! A `com.apple.mail.managed` payload: the account that a device makes of it. Certificates and identifiers are read
//! elsewhere.

use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Incoming, IncomingProtocol, LeftOpen,
    Login, Place, Port, Protocol, Secret, Security, Server, TlsLeftOpen, codes::profile as codes,
};

use super::device::Device;
use super::dictionary::Dictionary;
use crate::contradictions::{RELAY, usual_security};
use crate::person::{Person, nobodys_address};
use crate::understood::{Assumption, Ignored, Understood};

/// A `com.apple.mail.managed` payload on its way to an account.
pub(super) struct MailPayload<'a> {
    pub(super) mail: &'a Dictionary<'a>,
    pub(super) device: Device,
    pub(super) findings: &'a mut Findings,
    pub(super) assumed: Vec<Assumption>,
    pub(super) ignored: Vec<Ignored>,
}

impl MailPayload<'_> {
    pub(super) fn read(mut self, person: &Person) -> Option<Understood> {
        let protocol = match self.mail.required("EmailAccountType", self.findings) {
            Some("EmailTypeIMAP") => Some(IncomingProtocol::Imap),
            Some("EmailTypePOP") => Some(IncomingProtocol::Pop3),
            Some(other) => self.wrong("EmailAccountType", other, "write EmailTypeIMAP or EmailTypePOP"),
            None => None,
        };
        let incoming = self.servers("Incoming", protocol.map(Protocol::from));
        let outgoing = self.servers("Outgoing", Some(Protocol::Submission));
        let address = self.address(person)?;
        let (protocol, incoming, outgoing) = (protocol?, incoming?, outgoing?);
        let full_name = match self.mail.string("EmailAccountName", self.findings).filter(|name| !name.is_empty()) {
            Some(name) => DisplayName::try_from(name).ok(),
            None => person.full_name.clone(),
        };
        let account = Account {
            full_name,
            incoming: incoming.into_iter().map(|server| Incoming { protocol, server }).collect(),
            outgoing,
            ..Account::of(address)
        };
        let label = self.mail.string("EmailAccountDescription", self.findings).map(str::to_owned);
        Some(Understood {
            label,
            // UseSSL says that there is TLS, or that there is none.
            left_open: LeftOpen { tls: TlsLeftOpen::Start, ..LeftOpen::default() },
            assumed: self.assumed,
            ignored: self.ignored,
            ..Understood::of(self.device.name(), account)
        })
    }

    /// Generators write several addresses into one string, with a comma between them; the first is the account's.
    fn address(&mut self, person: &Person) -> Option<EmailAddress> {
        let place = self.mail.place_of("EmailAddress");
        let text = self.mail.string("EmailAddress", self.findings).unwrap_or("");
        let several = EmailAddress::try_from(text).is_err() && text.split(',').all(|part| part.contains('@'));
        let first = if several { text.split(',').next().unwrap_or("") } else { text }.trim();
        if several && text.contains(',') {
            let fix = "write only the account's own address; the person adds the others on the device";
            let message = "EmailAddress contains several addresses, which a device may read as one";
            self.findings.add(codes::SEVERAL_ADDRESSES, place, message, fix);
        }
        address(first, place, person, MAIL_PAGE, &mut self.assumed, self.findings)
    }

    fn servers(&mut self, side: &'static str, protocol: Option<Protocol>) -> Option<Vec<Server>> {
        let key = |name: &str| format!("{side}{name}");
        let host = self.mail.host(&key("MailServerHostName"), codes::WRONG_VALUE, self.findings);
        let authentication = self.authentication(&key("MailServerAuthentication"));
        let use_ssl = self.mail.boolean(&key("MailServerUseSSL"), self.findings);
        let ssl = use_ssl.unwrap_or(false);
        if use_ssl.is_none() {
            self.assumed.push(Assumption::of(key("MailServerUseSSL"), "false", MAIL_PAGE));
        }
        if !ssl {
            let message = format!("{} is off", key("MailServerUseSSL"));
            let fix = "write true; it covers STARTTLS as well";
            self.findings.add(codes::CLEARTEXT, self.mail.place_of(&key("MailServerUseSSL")), message, fix);
        }
        let login = self.login(&key("MailServerUsername"), authentication);
        let password = self.mail.password(&key("Password"), self.findings);
        let ports = self.ports(side, protocol, ssl);
        let (host, authentication) = (host?, authentication?);
        let password = password.map(|password| Secret::new(password.to_owned()));
        let server = |port: Port| Server {
            endpoint: Endpoint { host: host.clone(), port, security: security(ssl, port), authentication },
            login: login.clone(),
            password: password.clone(),
        };
        Some(ports?.into_iter().map(server).collect())
    }

    fn authentication(&mut self, key: &str) -> Option<Authentication> {
        match self.mail.required(key, self.findings)? {
            "EmailAuthNone" => Some(Authentication::None),
            "EmailAuthPassword" => Some(Authentication::PasswordCleartext),
            "EmailAuthCRAMMD5" => Some(Authentication::PasswordEncrypted),
            "EmailAuthNTLM" => Some(Authentication::Ntlm),
            "EmailAuthHTTPMD5" => Some(Authentication::HttpMd5),
            other => self.wrong(key, other, "write EmailAuthPassword, or another of the five values that Apple lists"),
        }
    }

    fn wrong<T>(&mut self, key: &str, found: &str, fix: &str) -> Option<T> {
        self.findings.refuse(codes::WRONG_VALUE, self.mail.place_of(key), format!("{key} is {found:?}"), fix)
    }

    fn login(&mut self, key: &str, authentication: Option<Authentication>) -> Option<Login> {
        let text = if authentication == Some(Authentication::None) {
            self.mail.string(key, self.findings).filter(|text| !text.is_empty())?
        } else {
            self.mail.login(key, self.findings).or_else(|| {
                self.assumed.push(Assumption::of(key, "asked of the person", MAIL_PAGE));
                None
            })?
        };
        let (login, place) = (Login::try_from(text), self.mail.place_of(key));
        self.findings.ok(login, codes::WRONG_VALUE, place, |error| format!("{key}: {error}"), "write it anew")
    }

    /// The ports that the device tries, in their order.
    fn ports(&mut self, side: &str, protocol: Option<Protocol>, ssl: bool) -> Option<Vec<Port>> {
        let key = format!("{side}MailServerPortNumber");
        if let Some(number) = self.mail.integer(&key, self.findings) {
            let port = self.mail.port(&key, number, codes::WRONG_VALUE, self.findings)?;
            return Some(vec![port]);
        }
        if self.mail.get(&key).is_some() {
            return None;
        }
        self.findings.add(codes::MISSING_PORT, self.mail.place, format!("{key} is missing"), "write the port");
        let registered = |protocol: Protocol, security| protocol.registered(security).port;
        let (ports, source) = match protocol? {
            sent @ Protocol::Submission => {
                (vec![RELAY, registered(sent, Security::StartTls), registered(sent, Security::ImplicitTls)], MAIL_PAGE)
            }
            received @ (Protocol::Imap | Protocol::Pop3) => {
                let security = if ssl { Security::ImplicitTls } else { Security::Cleartext };
                (vec![registered(received, security)], PORTS)
            }
        };
        let said: Vec<String> = ports.iter().map(ToString::to_string).collect();
        self.assumed.push(Assumption::of(&key, said.join(", then "), source));
        Some(ports)
    }
}

/// The address of a payload; without one the device asks for it.
pub(super) fn address(
    text: &str,
    place: Option<Place>,
    person: &Person,
    page: &'static str,
    assumed: &mut Vec<Assumption>,
    findings: &mut Findings,
) -> Option<EmailAddress> {
    if !text.is_empty() {
        let (address, message) = (EmailAddress::try_from(text), |error| format!("{text:?}: {error}"));
        return findings.ok(address, codes::WRONG_VALUE, place, message, "write one address");
    }
    let fix = "add EmailAddress, or say whose file it is";
    findings.add(codes::NO_ADDRESS, place, "EmailAddress is empty: the device asks for it", fix);
    let Some(address) = person.address.clone() else { return Some(nobodys_address()) };
    assumed.push(Assumption::of("EmailAddress", &address, page));
    Some(address)
}

/// What `UseSSL` means on a port. On the ports of implicit TLS it is that; elsewhere it covers STARTTLS, as Apple's own
/// example has it (587 with true). No device was tried.
fn security(ssl: bool, port: Port) -> Security {
    if ssl { usual_security(port) } else { Security::Cleartext }
}

pub(in crate::formats) const MAIL: &str = "com.apple.mail.managed";
const MAIL_PAGE: &str = "https://developer.apple.com/documentation/devicemanagement/mail";
const PORTS: &str =
    "https://developer.apple.com/documentation/devicemanagement/mail: \"the default port for the protocol\"";
