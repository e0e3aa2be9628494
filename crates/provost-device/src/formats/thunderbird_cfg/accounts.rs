//! The accounts that Thunderbird makes from its preferences when it starts.

use std::collections::BTreeMap;

use provost_account::{
    Account, Authentication, Collection, DisplayName, EmailAddress, Endpoint, Findings, Groupware, HttpsUrl, Incoming,
    IncomingProtocol, Place, Port, Security, Server, SyncWindow, codes::profile as codes, shown,
};

use super::values::{Preference, Preferences, Value};
use crate::contradictions::usual_port;
use crate::person::Person;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Ignored, Understood};

/// The accounts that receive mail, in their order.
pub(super) fn understood(preferences: &Preferences, person: &Person, findings: &mut Findings) -> Vec<Understood> {
    let logins = Logins::only(person);
    let mut reader = Reader { preferences, logins, findings, assumed: Vec::new(), ignored: Vec::new() };
    reader.lists();
    let keys: Vec<(String, Place)> =
        ["mail.accountmanager.accounts", APPENDED].into_iter().flat_map(|list| reader.list(list)).collect();
    let written: Vec<(String, String)> = keys.iter().map(|(key, _)| reader.written_login(key)).collect();
    reader.logins = Logins::of(person, written.iter().map(|(login, host)| (login.as_str(), host.as_str())));
    let mut profiles: Vec<Understood> = keys.iter().filter_map(|(key, place)| reader.account(key, *place)).collect();
    if let Some(first) = profiles.first_mut() {
        first.account.groupware = reader.groupware();
        first.ignored.append(&mut reader.ignored);
    }
    profiles
}

struct Reader<'a> {
    preferences: &'a Preferences,
    logins: Logins<'a>,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
}

impl Reader<'_> {
    /// Findings about the lists themselves.
    fn lists(&mut self) {
        if let Some(Preference { place, is_locked: true, .. }) = self.preferences.get("mail.accountmanager.accounts") {
            let message =
                "the list of accounts is locked: Thunderbird can add neither its local folders nor another account";
            self.findings.add(codes::LOCKED_ACCOUNTS, Some(*place), message, "use defaultPref");
        }
        let appends = self.preferences.get(APPENDED).is_some();
        if let (true, Some(Preference { place, is_default: true, .. })) = (appends, self.preferences.get(SMTP_SERVERS))
        {
            let message = "mail.smtpservers is a default value: a profile with its own servers ignores it";
            let fix = "append to getPref(\"mail.smtpservers\"), and set that with pref()";
            self.findings.add(codes::HIDDEN_SMTP_SERVERS, Some(*place), message, fix);
        }
    }

    /// The keys of a list, separated by commas.
    fn list(&mut self, name: &str) -> Vec<(String, Place)> {
        let Some((text, place)) = self.text(name) else { return Vec::new() };
        text.split(',').map(str::trim).filter(|key| !key.is_empty()).map(|key| (key.to_owned(), place)).collect()
    }

    /// A text. Thunderbird ignores a preference of another type.
    fn text(&mut self, name: &str) -> Option<(String, Place)> {
        let Preference { value, place, .. } = self.preferences.get(name)?;
        match value {
            Value::Text(text) => Some((text.clone(), *place)),
            Value::Unknown | Value::Nothing => None,
            Value::Flag(_) | Value::Number(_) => {
                self.wrong_type(name, *place, "a text");
                None
            }
        }
    }

    /// A number.
    fn number(&mut self, name: &str) -> Option<(i64, Place)> {
        let Preference { value, place, .. } = self.preferences.get(name)?;
        match value {
            Value::Number(number) => Some((*number, *place)),
            Value::Unknown | Value::Nothing => None,
            Value::Flag(_) | Value::Text(_) => {
                self.wrong_type(name, *place, "a number");
                None
            }
        }
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match self.preferences.get(name)?.value {
            Value::Flag(flag) => Some(flag),
            Value::Nothing | Value::Number(_) | Value::Text(_) | Value::Unknown => None,
        }
    }

    fn wrong_type(&mut self, name: &str, place: Place, wanted: &str) {
        let message = format!("{} is not {wanted}, so Thunderbird uses its default", shown(name));
        self.findings.add_once(codes::PREFERENCE_TYPE, Some(place), message, format!("write {wanted}"));
    }

    fn skip<T>(&mut self, key: &str, place: Place, why: &str) -> Option<T> {
        let message = format!("the account {} {why}: Thunderbird skips it", shown(key));
        self.findings.refuse(codes::SERVER_SKIPPED, Some(place), message, "set what is missing")
    }

    /// The login name and the host of an account as written; empty if missing, which is reported when the account is
    /// read.
    fn written_login(&self, key: &str) -> (String, String) {
        let text = |name: String| match self.preferences.get(&name).map(|it| &it.value) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Flag(_) | Value::Nothing | Value::Number(_) | Value::Unknown) | None => String::new(),
        };
        let server = text(format!("mail.account.{key}.server"));
        let of_server = |name: &str| text(format!("mail.server.{server}.{name}"));
        (of_server("userName"), of_server("hostname"))
    }

    fn account(&mut self, key: &str, place: Place) -> Option<Understood> {
        let Some((server, _)) = self.text(&format!("mail.account.{key}.server")) else {
            return self.skip(key, place, "names no server");
        };
        let of_server = |name: &str| format!("mail.server.{server}.{name}");
        let protocol = match self.text(&of_server("type")) {
            Some((kind, _)) if kind == "imap" => IncomingProtocol::Imap,
            Some((kind, _)) if kind == "pop3" => IncomingProtocol::Pop3,
            Some((kind, at)) => {
                let reason = format!("an account of the type {}, which receives no mail", shown(&kind));
                self.ignored.push(Ignored::of(of_server("type"), at, reason));
                return None;
            }
            None => return self.skip(key, place, "has a server without type"),
        };
        let prefix = of_server("");
        let security = self.security(&of_server("socketType"), place)?;
        let port = self.port(&of_server("port"), usual_port(protocol.into(), security), place)?;
        let incoming = self.server(key, &prefix, "userName", security, port, place)?;
        let label = self.text(&of_server("name")).map(|(name, _)| name);
        let sync = match protocol {
            IncomingProtocol::Imap => self.window(&of_server("autosync_max_age_days")),
            IncomingProtocol::Pop3 => {
                self.keeps_mail(&of_server("leave_on_server"), place);
                SyncWindow::Unlimited
            }
        };
        let identities: Vec<String> =
            self.list(&format!("mail.account.{key}.identities")).into_iter().map(|(key, _)| key).collect();
        let holds = |it: &&String| self.flag(&format!("mail.identity.{it}.valid")) != Some(false);
        let valid: Vec<&String> = identities.iter().filter(holds).collect();
        let mut addresses: Vec<EmailAddress> = Vec::new();
        for identity in &valid {
            let name = format!("mail.identity.{identity}.useremail");
            if let Some((text, at)) = self.text(&name) {
                addresses.push(spelling::address(&name, &text, at, self.findings)?);
            }
        }
        let address = match addresses.is_empty() {
            false => addresses.remove(0),
            true => {
                let login = incoming.login.as_ref();
                let host = incoming.endpoint.host.to_string();
                self.logins.whose(login, &host, place, &mut self.assumed, self.findings)
            }
        };
        let full_name = valid.first().and_then(|it| self.text(&format!("mail.identity.{it}.fullName")));
        let full_name = full_name.and_then(|(name, _)| DisplayName::try_from(name.as_str()).ok());
        let outgoing = self.outgoing(valid.first().map(|it| it.as_str()), place);
        let account = Account {
            full_name,
            aliases: addresses,
            incoming: vec![Incoming { protocol, server: incoming }],
            outgoing: outgoing.into_iter().collect(),
            sync,
            ..Account::of(address)
        };
        let assumed = std::mem::take(&mut self.assumed);
        Some(Understood { label, assumed, ..Understood::of("Thunderbird", account) })
    }

    /// The server that the identity sends through. Thunderbird looks for it in its list only.
    fn outgoing(&mut self, identity: Option<&str>, place: Place) -> Option<Server> {
        let listed: Vec<String> = self.list(SMTP_SERVERS).into_iter().map(|(key, _)| key).collect();
        let own = identity.and_then(|identity| self.text(&format!("mail.identity.{identity}.smtpServer")));
        let chosen = own.or_else(|| self.text("mail.smtp.defaultserver"));
        let (key, at) = chosen.or_else(|| Some((listed.first()?.clone(), place)))?;
        if !listed.contains(&key) {
            let message = format!("the outgoing server {} is not in mail.smtpservers, so nothing is sent", shown(&key));
            return self.findings.refuse(codes::UNLISTED_SMTP_SERVER, Some(at), message, "add it to mail.smtpservers");
        }
        let prefix = format!("mail.smtpserver.{key}.");
        let security = self.security(&format!("{prefix}try_ssl"), at)?;
        let usual = Port::new(if security == Security::ImplicitTls { 465 } else { 587 }).expect("not 0");
        let port = self.port(&format!("{prefix}port"), usual, at)?;
        self.server(&key, &prefix, "username", security, port, at)
    }

    fn server(
        &mut self,
        key: &str,
        prefix: &str,
        login: &str,
        security: Security,
        port: Port,
        place: Place,
    ) -> Option<Server> {
        let hostname = format!("{prefix}hostname");
        let Some((host, at)) = self.text(&hostname) else {
            return self.skip(key, place, "has a server without a host name");
        };
        let host = spelling::host(&hostname, &host, at, self.findings)?;
        let authentication = self.authentication(&format!("{prefix}authMethod"))?;
        let name = format!("{prefix}{login}");
        let login = match self.text(&name) {
            Some((login, at)) if !login.is_empty() => Some(spelling::login(&name, &login, at, self.findings)?),
            Some(_) | None => {
                if authentication != Authentication::None {
                    let message = format!("no {name}");
                    self.findings.add(codes::MISSING_USERNAME, Some(place), message, "write the login name");
                }
                None
            }
        };
        Some(Server { endpoint: Endpoint { host, port, security, authentication }, login, password: None })
    }

    fn security(&mut self, name: &str, place: Place) -> Option<Security> {
        let found = self.number(name);
        if found.is_none() {
            self.assumed.push(Assumption::of(name, "0, no TLS", DEFAULTS));
        }
        match found.unwrap_or((0, place)) {
            (0, at) => {
                let message = format!("{name} is 0, no TLS");
                self.findings.add(codes::CLEARTEXT, Some(at), message, "write 3 for SSL, 2 for STARTTLS");
                Some(Security::Cleartext)
            }
            (2, _) => Some(Security::StartTls),
            (3, _) => Some(Security::ImplicitTls),
            (other, at) => {
                let message = format!("{name} is {other}");
                self.findings.refuse(codes::WRONG_VALUE, Some(at), message, "write 3 for SSL, 2 for STARTTLS")
            }
        }
    }

    fn port(&mut self, name: &str, usual: Port, place: Place) -> Option<Port> {
        match self.number(name) {
            Some((number, at)) if number > 0 => spelling::port(name, &number.to_string(), at, self.findings),
            Some(_) | None => {
                self.findings.add(codes::MISSING_PORT, Some(place), format!("no {name}"), "write the port");
                self.assumed.push(Assumption::of(name, usual, DEFAULTS));
                Some(usual)
            }
        }
    }

    fn authentication(&mut self, name: &str) -> Option<Authentication> {
        let found = self.number(name);
        if found.is_none() {
            self.assumed.push(Assumption::of(name, "3, plain password", DEFAULTS));
        }
        Some(match found.map_or(3, |(number, _)| number) {
            1 => Authentication::None,
            2 | 3 => Authentication::PasswordCleartext,
            4 | 8 => Authentication::PasswordEncrypted,
            5 => Authentication::Gssapi,
            6 => Authentication::Ntlm,
            7 => Authentication::ClientCertificate,
            9 => {
                self.assumed.push(Assumption::of(name, "9, any mechanism that the server offers", DEFAULTS));
                Authentication::PasswordCleartext
            }
            10 => Authentication::OAuth2,
            other => {
                let message = format!("{name} is {other}");
                let fix = "write 3 for a password, 10 for OAuth 2";
                return self.findings.refuse(codes::WRONG_VALUE, found.map(|(_, at)| at), message, fix);
            }
        })
    }

    fn window(&mut self, name: &str) -> SyncWindow {
        match self.number(name) {
            Some((days, _)) => match u16::try_from(days).ok().and_then(std::num::NonZeroU16::new) {
                Some(days) => SyncWindow::Days(days),
                None => SyncWindow::Unlimited,
            },
            None => {
                self.assumed.push(Assumption::of(name, "-1, all mail", DEFAULTS));
                SyncWindow::Unlimited
            }
        }
    }

    fn keeps_mail(&mut self, name: &str, place: Place) {
        if self.flag(name) != Some(true) {
            let at = self.preferences.get(name).map_or(place, |preference| preference.place);
            let message = format!("{name} is not true");
            self.findings.add(codes::REMOVES_MAIL, Some(at), message, "write true");
        }
    }

    /// The first calendar and the first address book on the network.
    fn groupware(&mut self) -> Groupware {
        let names = |prefix: &str| -> Vec<String> {
            let keys = self.preferences.0.keys().filter_map(|name| name.strip_prefix(prefix)?.split_once('.'));
            // Each once, in their order.
            keys.map(|(key, _)| (key.to_owned(), ())).collect::<BTreeMap<_, _>>().into_keys().collect()
        };
        let (calendars, books) = (names("calendar.registry."), names("ldap_2.servers."));
        let is_caldav = |reader: &mut Self, key: &String| {
            reader.text(&format!("calendar.registry.{key}.type")).is_some_and(|(kind, _)| kind == "caldav")
        };
        let is_carddav = |reader: &mut Self, key: &String| {
            reader.number(&format!("ldap_2.servers.{key}.dirType")).is_some_and(|(kind, _)| kind == 102)
        };
        let calendar = calendars.iter().find(|key| is_caldav(self, key));
        let calendar = calendar.map(|key| format!("calendar.registry.{key}."));
        let contacts = books.iter().find(|key| is_carddav(self, key));
        let contacts = contacts.map(|key| format!("ldap_2.servers.{key}.carddav."));
        Groupware {
            ldap: None,
            calendar: calendar
                .and_then(|prefix| self.collection(&format!("{prefix}uri"), &format!("{prefix}username"))),
            contacts: contacts
                .and_then(|prefix| self.collection(&format!("{prefix}url"), &format!("{prefix}username"))),
        }
    }

    fn collection(&mut self, url: &str, login: &str) -> Option<Collection> {
        let (text, at) = self.text(url)?;
        let login = match self.text(login) {
            Some((name, at)) => Some(spelling::login(login, &name, at, self.findings)?),
            None => None,
        };
        match HttpsUrl::try_from(text.as_str()) {
            Ok(url) => Some(Collection { url, login }),
            Err(error) => {
                let reason = format!("{}: {error}", shown(&text));
                self.ignored.push(Ignored::of(url, at, reason));
                None
            }
        }
    }
}

const APPENDED: &str = "mail.accountmanager.appendaccounts";
const SMTP_SERVERS: &str = "mail.smtpservers";
/// What Thunderbird itself says.
const DEFAULTS: &str = "Thunderbird 153.7.0esr, defaults/pref/mailnews.js";
