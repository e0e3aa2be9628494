//! PACC's `user-agent-configuration.json` as a client of draft -03 reads it: hosts, each on its protocol's standard
//! port with implicit TLS, and the person's address as the login name. The document of draft -02, which says `smtp` for
//! `submit`, is accepted too. No client ships yet, so nothing here was observed.

use provost_account::{
    Account, Authentication, Collection, DisplayName, Endpoint, Findings, Host, HttpsUrl, Incoming, IncomingProtocol,
    Login, Place, Protocol, Security, Server, codes::profile as codes, place,
};
use serde_json::Value;

use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::source_text;
use crate::understood::{Ignored, Provider, Understood};

pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let value = (file.bytes.len() <= DOCUMENT_OCTETS_MAX).then(|| serde_json::from_slice::<Value>(file.bytes));
    value.and_then(Result::ok).is_some_and(|value| value.get("protocols").is_some_and(Value::is_object))
}

/// Reads a document for a person.
pub(super) fn read(bytes: &[u8], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let understood = document(bytes, person, &mut findings);
    Reading::of(understood, findings)
}

fn document(bytes: &[u8], person: &Person, findings: &mut Findings) -> Option<Understood> {
    let text = source_text::text(bytes, findings)?;
    let root = source_text::json(text, findings)?;
    let Some(protocols) = root.get("protocols").and_then(Value::as_object) else {
        let fix = "add one, with a member for each protocol";
        return findings.refuse(codes::MISSING_KEY, None, "no object \"protocols\"", fix);
    };
    let mut reader = Reader { text, root: &root, findings, ignored: Vec::new() };
    reader.extras();
    let Some(address) = &person.address else {
        let fix = crate::spelling::SAY_FOR_WHOM;
        return reader.findings.refuse(codes::NO_ADDRESS, None, "the document is for everyone in a domain", fix);
    };
    let authentication = reader.authentication()?;
    let login = Login::try_from(address.as_str()).ok();
    let server = |host: Host, protocol: Protocol| Server {
        endpoint: Endpoint {
            host,
            port: protocol.registered(Security::ImplicitTls).port,
            security: Security::ImplicitTls,
            authentication,
        },
        login: login.clone(),
        password: None,
    };
    let mut account = Account { full_name: person.full_name.clone(), ..Account::of(address.clone()) };
    for protocol in [IncomingProtocol::Imap, IncomingProtocol::Pop3] {
        let name = protocol.name();
        if protocols.contains_key(name) {
            account.incoming.push(Incoming { protocol, server: server(reader.host(name)?, protocol.into()) });
        }
    }
    if let Some(name) = reader.submission() {
        account.outgoing.push(server(reader.host(name)?, Protocol::Submission));
    }
    let collection = |url| Collection { url, login: login.clone() };
    account.groupware.calendar = reader.url("caldav").map(collection);
    account.groupware.contacts = reader.url("carddav").map(collection);
    if account.incoming.is_empty() || account.outgoing.is_empty() {
        let message = "no incoming or no outgoing server";
        let place = reader.place("protocols");
        return reader.findings.refuse(codes::NOTHING_TO_SET_UP, place, message, "add imap and submit");
    }
    let provider = Provider { name: reader.name(), domains: vec![address.domain().clone()] };
    Some(Understood {
        label: provider.name.as_ref().map(ToString::to_string),
        ignored: std::mem::take(&mut reader.ignored),
        provider,
        ..Understood::of("a client of PACC draft -03", account)
    })
}

struct Reader<'a> {
    text: &'a str,
    root: &'a Value,
    findings: &'a mut Findings,
    ignored: Vec<Ignored>,
}

impl Reader<'_> {
    /// How the client logs in everywhere.
    fn authentication(&mut self) -> Option<Authentication> {
        let said = &self.root["authentication"];
        let password = said["password"].as_bool();
        let issuer = said["oauth-public"]["issuer"].as_str();
        match (password, issuer) {
            (Some(true), _) => Some(Authentication::PasswordCleartext),
            (_, Some(_)) => Some(Authentication::OAuth2),
            (Some(false) | None, None) => {
                let place = self.place("authentication");
                let message = "authentication offers neither a password nor OAuth";
                let fix = "write \"authentication\": { \"password\": true }";
                self.findings.refuse(codes::MISSING_KEY, place, message, fix)
            }
        }
    }

    /// The name of the member with the server to send through.
    fn submission(&mut self) -> Option<&'static str> {
        let protocols = &self.root["protocols"];
        if let Some(submit) = protocols.get("submit") {
            if let Some(smtp) = protocols.get("smtp").filter(|smtp| smtp["host"] != submit["host"]) {
                let place = self.place("smtp");
                let message = format!(
                    "smtp names {}, but submit names {}: clients of draft -02 read smtp",
                    smtp["host"], submit["host"]
                );
                self.findings.add(codes::PACC_DRAFT_02, place, message, "name the same host in both");
            }
            return Some("submit");
        }
        protocols.get("smtp")?;
        let place = self.place("smtp");
        let message = "smtp is what draft -02 called submit: a client of -03 finds no outgoing server";
        self.findings.add(codes::PACC_DRAFT_02, place, message, "write submit, and publish the new digest");
        Some("smtp")
    }

    fn host(&mut self, name: &str) -> Option<Host> {
        let found = &self.root["protocols"][name]["host"];
        let host = found.as_str().and_then(|text| Host::try_from(text).ok());
        if host.is_none() {
            let place = self.place(name);
            self.findings.add(codes::WRONG_VALUE, place, format!("the host of {name} is {found}"), "name the host");
        }
        host
    }

    /// A collection's URL, if clients can use it.
    fn url(&mut self, name: &str) -> Option<HttpsUrl> {
        let found = self.root["protocols"].get(name)?.get("url").cloned().unwrap_or(Value::Null);
        let url = found.as_str().and_then(|text| HttpsUrl::try_from(text).ok());
        match url.filter(|url| url.port().get() == 443) {
            Some(url) => Some(url),
            None => {
                let message = format!("{name} has the URL {found}, which is not an https URL without a port");
                let place = self.place(name);
                self.findings.refuse(codes::PACC_URL, place, message, "write an https URL without a port")
            }
        }
    }

    /// Members that no client reads.
    fn extras(&mut self) {
        let protocols = self.root["protocols"].as_object().into_iter().flatten();
        for (name, protocol) in protocols {
            let used: &[&str] = match name.as_str() {
                "imap" | "pop3" | "submit" | "smtp" => &["host"],
                "caldav" | "carddav" => &["url"],
                _ => {
                    let place = self.place(name);
                    let reason = "it sets up neither mail nor calendar nor address book".to_owned();
                    self.ignored.push(Ignored::of(name, place, reason));
                    continue;
                }
            };
            let extra = protocol.as_object().into_iter().flatten().map(|(key, _)| key);
            for key in extra.filter(|key| !used.contains(&key.as_str())) {
                let place = self.place(key);
                let message = format!(
                    "{name} has {key}: the document has no ports, TLS or login names, they are always the same"
                );
                self.findings.add(codes::UNKNOWN_KEY, place, message, format!("remove {key}"));
            }
        }
    }

    fn name(&mut self) -> Option<DisplayName> {
        let name = self.root["info"]["provider"]["name"].as_str()?;
        if name.chars().count() > NAME_CHARACTERS_MAX {
            let place = self.place("name");
            let message =
                format!("a name of {} characters; at most {NAME_CHARACTERS_MAX} are allowed", name.chars().count());
            self.findings.add(codes::PACC_NAME, place, message, "shorten it");
        }
        DisplayName::try_from(name).ok()
    }

    /// Where a member's name stands first: the parser keeps no places.
    fn place(&self, name: &str) -> Option<Place> {
        self.text.find(&format!("\"{name}\"")).map(|at| place(self.text, at))
    }
}

/// More than any real document has.
const DOCUMENT_OCTETS_MAX: usize = 256 * 1024;
const NAME_CHARACTERS_MAX: usize = 60;
