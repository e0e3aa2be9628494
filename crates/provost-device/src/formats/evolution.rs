//! GNOME Evolution's data sources, as evolution-data-server reads them: the account, the identity that it refers to,
//! and the transport that the identity refers to, each a key file named after its identifier. An invalid value is
//! silently ignored, TLS included. Mail on the same machine and search folders are no accounts; what is neither IMAP, POP3
//! nor SMTP (Exchange) is named and not followed.

use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Incoming, IncomingProtocol, Port, Protocol,
    Security, Server, codes::profile as codes, shown,
};

use crate::contradictions::usual_port;
use crate::key_file::{Group, KeyFile};
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Identifier, Ignored, Said, Understood};

/// A source with a mail account on a server: Evolution also has one for mail on this computer and one for search folders.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    let holds = |group: &str| text.lines().any(|line| line.trim() == group);
    let is_local = |line: &str| line.trim().strip_prefix("BackendName=").is_some_and(|it| LOCAL.contains(&it));
    holds("[Data Source]") && holds("[Mail Account]") && !text.lines().any(is_local)
}

/// Reads the account and the sources that it leads to.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let account = files.first().and_then(|file| KeyFile::parse(file.bytes, &mut findings));
    let mut reader = Reader { files, findings: &mut findings, assumed: Vec::new(), ignored: Vec::new() };
    let understood = account.and_then(|account| reader.account(&account, person));
    let fix = "add [Mail Account] with BackendName, [Authentication] and [Security]";
    Reading::of_some(understood, findings, "Evolution would not fetch mail", fix)
}

struct Reader<'a> {
    files: &'a [SourceFile<'a>],
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
}

impl Reader<'_> {
    fn account(&mut self, file: &KeyFile, person: &Person) -> Option<Understood> {
        let source = file.group("Data Source")?;
        if source.switch("Enabled") == Some(false) {
            let message = "Enabled is false: Evolution ignores the account";
            self.findings.add(codes::ACCOUNT_DISABLED, Some(source.place_of("Enabled")), message, "write Enabled=true");
        }
        let mail = file.group("Mail Account")?;
        let protocol = match self.text(mail, "BackendName").as_deref() {
            Some("imapx") => Some(IncomingProtocol::Imap),
            Some("pop") => Some(IncomingProtocol::Pop3),
            Some(backend) if LOCAL.contains(&backend) => return None,
            backend => {
                let what = format!("BackendName {}", shown(backend.unwrap_or("")));
                let why = "only IMAP and POP3 are read";
                spelling::not_followed(&what, why, mail.place_of("BackendName"), self.findings);
                None
            }
        };
        let incoming = match protocol {
            Some(protocol) => Some(Incoming { protocol, server: self.server(file, protocol.into())? }),
            None => None,
        };
        let pop = file.group("Pop Backend").filter(|_| protocol == Some(IncomingProtocol::Pop3));
        if let Some(pop) = pop {
            self.removals(pop);
        }
        let keys = POP.iter().filter_map(|key| Some(Said::new(*key, pop?.text(key, self.findings)?)));
        let said = keys.collect();
        let identity = self.beside(mail, "IdentityUid");
        let (address, full_name, aliases) =
            identity.as_ref().map_or((None, None, Vec::new()), |identity| self.person(identity));
        let submission = identity.as_ref().and_then(|identity| identity.group("Mail Submission"));
        let transport = submission.and_then(|submission| self.beside(submission, "TransportUid"));
        let outgoing = match &transport {
            Some(transport) => self.outgoing(transport)?,
            None => {
                let message = "no identity, or none with a transport: Evolution cannot send";
                let place = Some(mail.place_of("IdentityUid"));
                let fix = "add IdentityUid, and put both other sources next to it";
                self.findings.add(codes::INCOMPLETE, place, message, fix);
                Vec::new()
            }
        };
        let login = incoming.as_ref().and_then(|it| it.server.login.as_ref());
        let address = match address {
            Some(address) => address,
            None => Logins::only(person).whose(login, "", mail.place, &mut self.assumed, self.findings),
        };
        let label = self.text(source, "DisplayName");
        let incoming = incoming.into_iter().collect();
        let account = Account { full_name, aliases, incoming, outgoing, ..Account::of(address) };
        let (assumed, ignored) = (std::mem::take(&mut self.assumed), std::mem::take(&mut self.ignored));
        let identifiers = self.uid().into_iter().collect();
        Some(Understood { label, assumed, ignored, identifiers, said, ..Understood::of("Evolution", account) })
    }

    /// The server to send through; `sendmail` and Exchange are no servers of SMTP.
    fn outgoing(&mut self, transport: &KeyFile) -> Option<Vec<Server>> {
        let group = transport.group("Mail Transport");
        let backend = group.and_then(|group| Some((self.text(group, "BackendName")?, group.place_of("BackendName"))));
        match backend {
            Some((backend, place)) if backend != "smtp" => {
                let what = format!("BackendName {} of the transport", shown(&backend));
                spelling::not_followed(&what, "only SMTP is read", place, self.findings);
                Some(Vec::new())
            }
            Some(_) | None => Some(vec![self.server(transport, Protocol::Submission)?]),
        }
    }

    /// The account's identifier: the name of its file.
    fn uid(&self) -> Option<Identifier> {
        let name = self.files.first()?.path.rsplit('/').next()?;
        Some(Identifier { key: "file name", value: name.strip_suffix(".source")?.to_owned() })
    }

    fn person(&mut self, identity: &KeyFile) -> (Option<EmailAddress>, Option<DisplayName>, Vec<EmailAddress>) {
        let Some(group) = identity.group("Mail Identity") else { return (None, None, Vec::new()) };
        let address = self
            .text(group, "Address")
            .and_then(|text| spelling::address("Address", &text, group.place_of("Address"), self.findings));
        let name = self.text(group, "Name").and_then(|name| DisplayName::try_from(name.as_str()).ok());
        let mut aliases = Vec::new();
        let written = self.text(group, "Aliases");
        let written = written.iter().flat_map(|text| text.split(',')).map(str::trim);
        // Evolution itself writes the key without a value.
        for alias in written.filter(|alias| !alias.is_empty()) {
            // As in a message's header, an address may come with a name.
            let inside = alias.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(alias);
            aliases.extend(spelling::address("Aliases", inside, group.place_of("Aliases"), self.findings));
        }
        (address, name, aliases)
    }

    /// The source that a key names, if it is available.
    fn beside(&mut self, group: &Group, key: &str) -> Option<KeyFile> {
        let uid = self.text(group, key)?;
        let named = format!("{uid}.source");
        let found = self.files.iter().find(|file| file.path.rsplit('/').next() == Some(named.as_str()));
        found.and_then(|file| KeyFile::parse(file.bytes, self.findings))
    }

    /// What `[Authentication]` and `[Security]` say.
    fn server(&mut self, file: &KeyFile, protocol: Protocol) -> Option<Server> {
        let Some(group) = file.group("Authentication") else {
            let fix = "write the group with Host, Port, User and Method";
            return self.findings.refuse(codes::MISSING_KEY, None, "no group [Authentication]", fix);
        };
        let security = self.security(file, group);
        let Some(host) = self.text(group, "Host") else {
            let fix = "write the server's host name";
            return self.findings.refuse(codes::MISSING_KEY, Some(group.place), "no Host", fix);
        };
        let host = spelling::host("Host", &host, group.place_of("Host"), self.findings)?;
        let written = group.number("Port").and_then(|port| u16::try_from(port).ok()).and_then(Port::new);
        let port = written.unwrap_or_else(|| {
            let port = usual_port(protocol, security);
            self.assumed.push(Assumption::of("Port", port, PORT));
            port
        });
        let method = self.text(group, "Method").unwrap_or_else(|| {
            let (key, value) = ("Method of [Authentication]".to_owned(), "none".to_owned());
            self.assumed.push(Assumption::of(key, value, SOURCE));
            "none".to_owned()
        });
        let authentication = match (method.as_str(), protocol) {
            // LOGIN of IMAP, USER and PASS of POP3.
            ("" | "none", Protocol::Submission) => Authentication::None,
            ("" | "none" | "PLAIN" | "LOGIN", _) => Authentication::PasswordCleartext,
            ("CRAM-MD5" | "+APOP", _) => Authentication::PasswordEncrypted,
            ("DIGEST-MD5", _) => Authentication::HttpMd5,
            ("GSSAPI", _) => Authentication::Gssapi,
            ("NTLM", _) => Authentication::Ntlm,
            ("XOAUTH2" | "OAuth2" | "Google" | "Outlook" | "Yahoo!", _) => Authentication::OAuth2,
            (other, _) => {
                return spelling::wrong("Method", other, group.place_of("Method"), "write PLAIN", self.findings);
            }
        };
        let login = match self.text(group, "User").filter(|user| !user.is_empty()) {
            Some(user) => spelling::login("User", &user, group.place_of("User"), self.findings),
            None => {
                if authentication != Authentication::None {
                    self.findings.add(codes::MISSING_USERNAME, Some(group.place), "no User", "write the login name");
                }
                None
            }
        };
        Some(Server { endpoint: Endpoint { host, port, security, authentication }, login, password: None })
    }

    /// Evolution treats an unknown method as none.
    fn security(&mut self, file: &KeyFile, authentication: &Group) -> Security {
        let group = file.group("Security");
        let method = group.and_then(|group| self.text(group, "Method"));
        match method.as_deref() {
            Some("ssl-on-alternate-port") => return Security::ImplicitTls,
            Some("starttls-on-standard-port") => return Security::StartTls,
            Some(_) | None => {}
        }
        let message = match method {
            Some(method) => format!("the Method of [Security] is {}: no TLS", shown(&method)),
            None => {
                let (key, value) = ("Method of [Security]".to_owned(), "none".to_owned());
                self.assumed.push(Assumption::of(key, value, SOURCE));
                "no Method in [Security]: no TLS".to_owned()
            }
        };
        let place = group.unwrap_or(authentication).place_of("Method");
        let fix = "write ssl-on-alternate-port or starttls-on-standard-port";
        self.findings.add(codes::CLEARTEXT, Some(place), message, fix);
        Security::Cleartext
    }

    fn removals(&mut self, pop: &Group) {
        let days = pop.number("DeleteAfterDays").filter(|days| *days > 0);
        let (key, message) = match (pop.switch("KeepOnServer"), days) {
            (Some(false), _) => {
                let message =
                    "KeepOnServer is false: mail is removed from the server as soon as it is fetched".to_owned();
                ("KeepOnServer", message)
            }
            (Some(true) | None, Some(days)) => {
                ("DeleteAfterDays", format!("mail is removed from the server after {days} days"))
            }
            (Some(true) | None, None) => return,
        };
        let fix = "write KeepOnServer=true, and DeleteAfterDays=0";
        self.findings.add(codes::REMOVES_MAIL, Some(pop.place_of(key)), message, fix);
    }

    /// A text without surrounding spaces, which Evolution trims.
    fn text(&mut self, group: &Group, key: &str) -> Option<String> {
        group.text(key, self.findings).map(|text| text.trim().to_owned())
    }
}

/// Backends of mail that lies on the same machine: Camel's local providers and the folders of searches.
const LOCAL: &[&str] = &["maildir", "vfolder", "mbox", "mh", "spool", "spooldir"];
/// What stays on the server.
const POP: &[&str] = &["KeepOnServer", "DeleteAfterDays", "DeleteExpunged"];
const SOURCE: &str = "https://gitlab.gnome.org/GNOME/evolution-data-server, src/libedataserver/e-source-*.c";
const PORT: &str = "assumed here: the registered port; which one Evolution uses is unconfirmed";
