//! One `Protocol` element of an Autodiscover answer: a server and how Outlook logs in there, with the defaults for
//! missing elements (cc511507: `SPA`, `SSL` and `AuthRequired` are `on`, `DomainRequired` is `off`).

use provost_account::{
    Authentication, EmailAddress, Endpoint, Findings, Host, Login, Port, Protocol, Security, Server,
    codes::profile as codes,
};

use crate::understood::Assumption;
use crate::xml::Element;

/// A `Protocol` element of a mail server.
pub(super) struct ProtocolElement<'a> {
    pub(super) kind: Protocol,
    pub(super) element: &'a Element,
}

/// Whether the element names a server, without which Outlook has nowhere to go.
pub(super) fn has_server(element: &Element, findings: &mut Findings) -> bool {
    let found = text(element, "Server").unwrap_or("");
    if found.is_empty() {
        let fix = "add Server with the host's name";
        findings.add(codes::AUTODISCOVER_NO_SERVER, Some(element.place), "a Protocol without Server", fix);
        return false;
    }
    if found.contains('%') {
        let message = format!("Server is {found:?}: Outlook replaces no placeholder");
        findings.add(codes::AUTODISCOVER_PLACEHOLDER, Some(element.place), message, "write the host's name");
        return false;
    }
    true
}

impl ProtocolElement<'_> {
    /// The login name as it is written, if it is.
    pub(super) fn login_as_written(&self) -> Option<&str> {
        text(self.element, "LoginName").filter(|login| !login.is_empty())
    }

    /// `UsePOPAuth`: the incoming server's login holds here too.
    pub(super) fn logs_in_as_incoming(&self) -> bool {
        text(self.element, "UsePOPAuth") == Some("on")
    }

    /// The server. `None`: Outlook cannot make one of it.
    pub(super) fn server(
        &self,
        address: &EmailAddress,
        findings: &mut Findings,
        assumed: &mut Vec<Assumption>,
    ) -> Option<Server> {
        let found = text(self.element, "Server").unwrap_or("");
        let message = |_error| format!("Server is {found:?}, which is not a host");
        let (host, place) = (Host::try_from(found), Some(self.element.place));
        let host = findings.ok(host, codes::WRONG_VALUE, place, message, "write the host's name");
        let port = self.port(findings, assumed);
        let security = port.map(|port| self.security(port, findings, assumed));
        let authentication = match self.switch("AuthRequired", findings, assumed) {
            Switch::Off => Authentication::None,
            Switch::On => self.spa(findings, assumed),
        };
        let login = match authentication == Authentication::None {
            true => None,
            false => Some(self.login(address, findings, assumed)?),
        };
        // What is wrong with the rest is said before a server is given up.
        let (host, port, security) = (host?, port?, security?);
        Some(Server { endpoint: Endpoint { host, port, security, authentication }, login, password: None })
    }

    fn port(&self, findings: &mut Findings, assumed: &mut Vec<Assumption>) -> Option<Port> {
        let Some(found) = text(self.element, "Port").filter(|found| !found.is_empty()) else {
            let starts = if self.encryption() == Some("TLS") { Security::StartTls } else { Security::ImplicitTls };
            let port = self.kind.registered(starts).port;
            let message = format!("no Port: {port} is assumed");
            findings.add(codes::MISSING_PORT, Some(self.element.place), message, format!("add <Port>{port}</Port>"));
            assumed.push(Assumption::of(self.key("Port"), port, UNOBSERVED));
            return Some(port);
        };
        let port = found.parse::<Port>().ok();
        if port.is_none() {
            let message = format!("Port is {found:?}");
            findings.add(codes::WRONG_VALUE, Some(self.element.place), message, "write a number from 1 to 65535");
        }
        port
    }

    /// `Encryption` wins over `SSL` (MS-OXDSCLI §2.2.4.1.1.2.6.22).
    fn security(&self, port: Port, findings: &mut Findings, assumed: &mut Vec<Assumption>) -> Security {
        let [implicit, starttls] = self.kind.services().map(|it| it.port);
        let place = self.place_of("Encryption");
        if let Some(element) = self.element.child("TLS") {
            let message = "TLS is not an element of the answer: Outlook does not see it";
            findings.add(codes::AUTODISCOVER_TLS_ELEMENT, Some(element.place), message, "write Encryption");
        }
        let security = match self.encryption() {
            Some("SSL") => Security::ImplicitTls,
            Some("TLS") => Security::StartTls,
            Some("None") => Security::Cleartext,
            Some("Auto") => {
                let (security, value) = match port == implicit {
                    true => (Security::ImplicitTls, "SSL, by the port"),
                    false => (Security::StartTls, "TLS, by the port"),
                };
                assumed.push(Assumption::of(self.key("Encryption"), value, UNOBSERVED));
                return security;
            }
            found => {
                if let Some(found) = found {
                    let message = format!("Encryption is {found:?}, so SSL decides");
                    findings.add(codes::AUTODISCOVER_ENCRYPTION, place, message, "write None, SSL, TLS or Auto");
                }
                let security = match self.switch("SSL", findings, assumed) {
                    Switch::On => Security::ImplicitTls,
                    Switch::Off => Security::Cleartext,
                };
                if security == Security::ImplicitTls && port == starttls {
                    let message = format!("SSL without Encryption on port {port}: Outlook uses implicit TLS there");
                    let fix = "add <Encryption>TLS</Encryption>";
                    findings.add(codes::AUTODISCOVER_STARTTLS_PORT, self.place_of("SSL"), message, fix);
                }
                security
            }
        };
        if security == Security::StartTls && port == implicit {
            let message = format!("Encryption is TLS, which is STARTTLS, on port {port}: Outlook waits for a greeting");
            findings.add(codes::AUTODISCOVER_ENCRYPTION, place, message, "write SSL");
        }
        if security == Security::StartTls && text(self.element, "SSL") == Some("off") {
            let message = "SSL is off although Encryption is set: Delta Chat reads only SSL, and continues without TLS";
            findings.add(codes::FAILS_ELSEWHERE, self.place_of("SSL"), message, "write <SSL>on</SSL>");
        }
        if security == Security::Cleartext {
            findings.add(codes::CLEARTEXT, Some(self.element.place), "no TLS", "write <Encryption>SSL</Encryption>");
        }
        security
    }

    fn spa(&self, findings: &mut Findings, assumed: &mut Vec<Assumption>) -> Authentication {
        let found = text(self.element, "SPA");
        match self.switch("SPA", findings, assumed) {
            Switch::Off => Authentication::PasswordCleartext,
            Switch::On => {
                let how = if found.is_none() { "not said, which means on" } else { "on" };
                let message = format!("SPA is {how}: Outlook logs in with NTLM only");
                findings.add(codes::AUTODISCOVER_SPA, self.place_of("SPA"), message, "write <SPA>off</SPA>");
                Authentication::Ntlm
            }
        }
    }

    fn login(&self, address: &EmailAddress, findings: &mut Findings, assumed: &mut Vec<Assumption>) -> Option<Login> {
        let has_domain = self.login_as_written().is_some_and(|login| login.contains(['@', '\\']));
        if text(self.element, "DomainRequired") == Some("on") && !has_domain {
            let message = "DomainRequired is on: Outlook asks for a Windows domain before it logs in";
            let fix = "write <DomainRequired>off</DomainRequired>";
            findings.add(codes::AUTODISCOVER_DOMAIN_REQUIRED, self.place_of("DomainRequired"), message, fix);
        }
        let Some(found) = self.login_as_written() else {
            let value = address.local_part().to_owned();
            let message = format!("no LoginName: Outlook logs in as {value:?}");
            findings.add(codes::MISSING_USERNAME, Some(self.element.place), message, "add LoginName");
            let login = Login::try_from(value.as_str()).ok();
            assumed.push(Assumption::of(self.key("LoginName"), value, DEFAULTS));
            return login;
        };
        if found.contains("%EMAIL") {
            let message = format!("LoginName is {found:?}: Outlook replaces no placeholder");
            let fix = "write the login name itself";
            findings.add(codes::AUTODISCOVER_PLACEHOLDER, self.place_of("LoginName"), message, fix);
        }
        let login = Login::try_from(found).ok();
        if login.is_none() {
            let message = "LoginName has a control character";
            findings.add(codes::WRONG_VALUE, self.place_of("LoginName"), message, "write the login name itself");
        }
        login
    }

    /// An element that is `on` or `off`, and `on` where it is missing.
    fn switch(&self, name: &str, findings: &mut Findings, assumed: &mut Vec<Assumption>) -> Switch {
        match text(self.element, name) {
            Some("on") => Switch::On,
            Some("off") => Switch::Off,
            Some(found) => {
                let message = format!("{name} is {found:?}; expected on or off");
                findings.add(codes::AUTODISCOVER_SWITCH, self.place_of(name), message, "write on or off");
                assumed.push(Assumption::of(self.key(name), "on", UNOBSERVED));
                Switch::On
            }
            None => {
                assumed.push(Assumption::of(self.key(name), "on", DEFAULTS));
                Switch::On
            }
        }
    }

    fn encryption(&self) -> Option<&str> {
        text(self.element, "Encryption").filter(|found| !found.is_empty())
    }

    fn key(&self, name: &str) -> String {
        format!("{} {name}", self.kind.title())
    }

    fn place_of(&self, name: &str) -> Option<provost_account::Place> {
        Some(self.element.child(name).map_or(self.element.place, |child| child.place))
    }
}

/// What an element that is `on` or `off` comes to.
enum Switch {
    On,
    Off,
}

fn text<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.child(name).map(|child| child.text.trim())
}

const DEFAULTS: &str = "https://learn.microsoft.com/previous-versions/office/office-2010/cc511507(v=office.14)";
const UNOBSERVED: &str = "assumed here; what Outlook does was not observed";
