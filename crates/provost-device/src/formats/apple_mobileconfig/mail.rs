//! A `com.apple.mail.managed` payload: the account that a device makes of it. Certificates and identifiers are read
//! elsewhere.

use std::num::NonZeroU16;

use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Host, Incoming, IncomingProtocol, LeftOpen,
    Login, Port, Protocol, Secret, Security, Server, TlsLeftOpen, codes::profile as codes,
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
        let protocol = match self.mail.string("EmailAccountType", self.findings) {
            Some("EmailTypeIMAP") => Some(IncomingProtocol::Imap),
            Some("EmailTypePOP") => Some(IncomingProtocol::Pop3),
            Some(other) => {
                let message = format!("EmailAccountType is {other:?}");
                let fix = "write EmailTypeIMAP or EmailTypePOP";
                self.findings.add(codes::WRONG_VALUE, self.mail.place_of("EmailAccountType"), message, fix);
                None
            }
            None => {
                self.mail.missing("EmailAccountType", self.findings);
                None
            }
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
        if !first.is_empty() {
            return match EmailAddress::try_from(first) {
                Ok(address) => Some(address),
                Err(error) => {
                    self.findings.add(codes::WRONG_VALUE, place, format!("{first:?}: {error}"), "write one address");
                    None
                }
            };
        }
        let fix = "add EmailAddress, or say whose file it is";
        self.findings.add(codes::NO_ADDRESS, place, "EmailAddress is empty: the device asks for it", fix);
        let Some(address) = person.address.clone() else { return Some(nobodys_address()) };
        self.assumed.push(Assumption::of("EmailAddress", address.as_str(), MAIL_PAGE));
        Some(address)
    }

    fn servers(&mut self, side: &'static str, protocol: Option<Protocol>) -> Option<Vec<Server>> {
        let key = |name: &str| format!("{side}{name}");
        let host = self.host(&key("MailServerHostName"));
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
        let password = self.mail.string(&key("Password"), self.findings).filter(|password| !password.is_empty());
        if password.is_some() {
            let message = format!("{} is in the file", key("Password"));
            let fix = "remove it; the device asks for it";
            self.findings.add(codes::PASSWORD_IN_FILE, self.mail.place_of(&key("Password")), message, fix);
        }
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

    fn host(&mut self, key: &str) -> Option<Host> {
        let Some(text) = self.mail.string(key, self.findings) else {
            self.mail.missing(key, self.findings);
            return None;
        };
        match Host::try_from(text) {
            Ok(host) => Some(host),
            Err(error) => {
                let message = format!("{key} is {text:?}: {error}");
                self.findings.add(
                    codes::WRONG_VALUE,
                    self.mail.place_of(key),
                    message,
                    "write the server's bare host name",
                );
                None
            }
        }
    }

    fn authentication(&mut self, key: &str) -> Option<Authentication> {
        let Some(text) = self.mail.string(key, self.findings) else {
            self.mail.missing(key, self.findings);
            return None;
        };
        let found = match text {
            "EmailAuthNone" => Authentication::None,
            "EmailAuthPassword" => Authentication::PasswordCleartext,
            "EmailAuthCRAMMD5" => Authentication::PasswordEncrypted,
            "EmailAuthNTLM" => Authentication::Ntlm,
            "EmailAuthHTTPMD5" => Authentication::HttpMd5,
            _ => {
                let message = format!("{key} is {text:?}");
                let fix = "write EmailAuthPassword, or another of the five values that Apple lists";
                self.findings.add(codes::WRONG_VALUE, self.mail.place_of(key), message, fix);
                return None;
            }
        };
        Some(found)
    }

    fn login(&mut self, key: &str, authentication: Option<Authentication>) -> Option<Login> {
        let text = self.mail.string(key, self.findings).unwrap_or("");
        if text.is_empty() {
            if authentication != Some(Authentication::None) {
                let fix = "add it; an unattended installation cannot ask";
                self.findings.add(codes::MISSING_USERNAME, self.mail.place_of(key), format!("{key} is missing"), fix);
                self.assumed.push(Assumption::of(key, "asked of the person", MAIL_PAGE));
            }
            return None;
        }
        match Login::try_from(text) {
            Ok(login) => Some(login),
            Err(error) => {
                self.findings.add(
                    codes::WRONG_VALUE,
                    self.mail.place_of(key),
                    format!("{key}: {error}"),
                    "write it anew",
                );
                None
            }
        }
    }

    /// The ports that the device tries, in their order.
    fn ports(&mut self, side: &str, protocol: Option<Protocol>, ssl: bool) -> Option<Vec<Port>> {
        let key = format!("{side}MailServerPortNumber");
        if let Some(number) = self.mail.integer(&key, self.findings) {
            let port = u16::try_from(number).ok().and_then(NonZeroU16::new);
            if port.is_none() {
                let message = format!("{key} is {number}");
                self.findings.add(
                    codes::WRONG_VALUE,
                    self.mail.place_of(&key),
                    message,
                    "write a number from 1 to 65535",
                );
            }
            return port.map(|port| vec![port]);
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

/// What `UseSSL` means on a port. On the ports of implicit TLS it is that; elsewhere it covers STARTTLS, as Apple's own
/// example has it (587 with true). No device was tried.
fn security(ssl: bool, port: Port) -> Security {
    if ssl { usual_security(port) } else { Security::Cleartext }
}

pub(in crate::formats) const MAIL: &str = "com.apple.mail.managed";
const MAIL_PAGE: &str = "https://developer.apple.com/documentation/devicemanagement/mail";
const PORTS: &str =
    "https://developer.apple.com/documentation/devicemanagement/mail: \"the default port for the protocol\"";
