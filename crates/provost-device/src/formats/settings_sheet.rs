//! The settings sheet, as a person reads it: the words in its tables, in English or German, and the code on it, as
//! Thunderbird for Android scans it. If the two disagree, that is a finding, and the tables count.

use std::num::NonZeroU16;

use provost_account::{
    Account, Authentication, Collection, DisplayName, EmailAddress, Endpoint, Findings, Host, HttpsUrl, Incoming,
    IncomingProtocol, Login, Port, Security, Server, SyncWindow, codes::profile as codes,
};

use super::{dclogin, thunderbird_qr};
use crate::person::Person;
use crate::picture;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::understood::Understood;
use crate::xml::{self, Element};

/// HTML that says that it is such a sheet.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let start = String::from_utf8_lossy(&file.bytes[..file.bytes.len().min(START_OCTETS)]);
    xml::has_root(file.bytes, "html") && start.contains("data-sheet=\"provost-1\"")
}

/// Reads a sheet, which says whom it is for.
pub(super) fn read(bytes: &[u8], _person: &Person) -> Reading {
    let mut findings = Findings::default();
    let understood = xml::parse(bytes, &mut findings).and_then(|root| Sheet { findings: &mut findings }.read(&root));
    Reading::of(understood, findings)
}

struct Sheet<'a> {
    findings: &'a mut Findings,
}

impl Sheet<'_> {
    fn read(&mut self, root: &Element) -> Option<Understood> {
        let mut marked = Marked::default();
        marked.collect(root);
        let Some(table) = marked.tables.iter().find(|it| it.attribute("data-table") == Some("account")) else {
            let fix = "print the sheet again";
            return self.findings.refuse(codes::MISSING_KEY, Some(root.place), "no table of the account", fix);
        };
        let rows = Rows::of(table);
        let address = self.value(&rows, "address", |text| EmailAddress::try_from(text))?;
        let full_name =
            rows.has("name").then(|| self.value(&rows, "name", |text| DisplayName::try_from(text))).flatten();
        let mut account = Account { full_name, ..Account::of(address) };
        for (_, text) in rows.all("alias") {
            match EmailAddress::try_from(text.as_str()) {
                Ok(alias) => account.aliases.push(alias),
                Err(error) => self.wrong(rows.table, &format!("the address {text:?}: {error}")),
            }
        }
        let days = rows.all("days").next().and_then(|(_, text)| number(text));
        account.sync = days.and_then(NonZeroU16::new).map_or(SyncWindow::Unlimited, SyncWindow::Days);
        for table in &marked.tables {
            let rows = Rows::of(table);
            match table.attribute("data-table") {
                Some("incoming") => {
                    let protocol = self.value(&rows, "protocol", protocol);
                    let server = self.server(&rows);
                    let both = protocol.zip(server);
                    account.incoming.extend(both.map(|(protocol, server)| Incoming { protocol, server }));
                }
                Some("outgoing") => account.outgoing.extend(self.server(&rows)),
                Some("calendar") => account.groupware.calendar = self.collection(&rows),
                Some("contacts") => account.groupware.contacts = self.collection(&rows),
                Some(_) | None => {}
            }
        }
        if account.incoming.is_empty() && account.outgoing.is_empty() && !self.findings.has_error() {
            let fix = "print the sheet again";
            self.findings.add(codes::NOTHING_TO_SET_UP, Some(root.place), "no server on the sheet", fix);
        }
        for svg in &marked.codes {
            self.code(svg, &account);
        }
        Some(Understood::of("a person", account))
    }

    fn server(&mut self, rows: &Rows<'_>) -> Option<Server> {
        let host = self.value(rows, "host", |text| Host::try_from(text));
        let port = self.value(rows, "port", str::parse::<Port>);
        let security = self.value(rows, "security", security);
        let authentication = self.value(rows, "authentication", authentication);
        let login = rows.has("login").then(|| self.login(rows)).flatten();
        let endpoint = Endpoint { host: host?, port: port?, security: security?, authentication: authentication? };
        if endpoint.security == Security::Cleartext {
            self.findings.add(codes::CLEARTEXT, Some(rows.table.place), "no encryption", "offer SSL/TLS or STARTTLS");
        }
        Some(Server { endpoint, login, password: None })
    }

    fn collection(&mut self, rows: &Rows<'_>) -> Option<Collection> {
        let url = self.value(rows, "url", |text| HttpsUrl::try_from(text))?;
        let login = rows.has("login").then(|| self.login(rows)).flatten();
        Some(Collection { url, login })
    }

    fn login(&mut self, rows: &Rows<'_>) -> Option<Login> {
        self.value(rows, "login", |text| Login::try_from(text))
    }

    /// The value of a row, read by `parse`. A row that must be there and is not, or says something else, is an error.
    fn value<T, E: std::fmt::Display>(
        &mut self,
        rows: &Rows<'_>,
        setting: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let Some((row, text)) = rows.all(setting).next() else {
            let message = format!("no row for {setting}");
            return self.findings.refuse(codes::MISSING_KEY, Some(rows.table.place), message, "print the sheet again");
        };
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(row, &format!("{setting} {text:?}: {error}"));
                None
            }
        }
    }

    fn wrong(&mut self, element: &Element, message: &str) {
        self.findings.add(codes::WRONG_VALUE, Some(element.place), message, "print the sheet again");
    }

    /// What a code says must be what the tables say first.
    fn code(&mut self, svg: &Element, account: &Account) {
        let Some(text) = picture::text_of(svg, self.findings) else { return };
        let understood = match svg.attribute("data-code") {
            Some("dclogin") => dclogin::link(&text, false, self.findings),
            Some(_) | None => thunderbird_qr::account_of(&text, self.findings),
        };
        let Some(code) = understood.map(|it| it.account) else { return };
        let receives = |account: &Account| account.incoming.iter().map(|it| (it.protocol, plain(&it.server))).next();
        let sends = |account: &Account| account.outgoing.first().map(plain);
        let differs = [
            ("address", code.address != account.address),
            ("receiving", receives(&code) != receives(account)),
            ("sending", sends(&code) != sends(account)),
        ];
        for (what, _) in differs.iter().filter(|(_, differs)| *differs) {
            let message = format!("the code and the tables disagree: {what}");
            self.findings.add(codes::CODE_DISAGREES, Some(svg.place), message, "print the sheet again");
        }
    }
}

/// A server without its password, which the tables do not have.
fn plain(server: &Server) -> (Endpoint, Option<Login>) {
    (server.endpoint.clone(), server.login.clone())
}

/// The tables and the codes of a page.
#[derive(Default)]
struct Marked<'a> {
    tables: Vec<&'a Element>,
    codes: Vec<&'a Element>,
}

impl<'a> Marked<'a> {
    fn collect(&mut self, element: &'a Element) {
        if element.attribute("data-table").is_some() {
            self.tables.push(element);
        }
        if element.name == "svg" && element.attribute("data-code").is_some() {
            self.codes.push(element);
        }
        element.children.iter().for_each(|child| self.collect(child));
    }
}

/// The rows of a table: what each is about, and the text of its cell.
struct Rows<'a> {
    table: &'a Element,
    rows: Vec<(&'a str, &'a Element, String)>,
}

impl<'a> Rows<'a> {
    fn of(table: &'a Element) -> Self {
        let mut rows = Self { table, rows: Vec::new() };
        rows.collect(table);
        rows
    }

    fn collect(&mut self, element: &'a Element) {
        match (element.attribute("data-setting"), element.child("td")) {
            (Some(setting), Some(cell)) => self.rows.push((setting, element, text(cell).trim().to_owned())),
            (_, _) => element.children.iter().for_each(|child| self.collect(child)),
        }
    }

    fn has(&self, setting: &str) -> bool {
        self.all(setting).next().is_some()
    }

    fn all(&self, setting: &str) -> impl Iterator<Item = (&'a Element, &String)> {
        self.rows.iter().filter(move |(it, _, _)| *it == setting).map(|(_, row, text)| (*row, text))
    }
}

/// The text of an element and of those in it.
fn text(element: &Element) -> String {
    element.children.iter().map(text).fold(element.text.clone(), |all, text| all + &text)
}

fn number(text: &str) -> Option<u16> {
    text.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}

/// A word that no sheet has.
#[derive(Debug, thiserror::Error)]
enum UnknownWord {
    #[error("neither IMAP nor POP3")]
    Protocol,
    #[error("neither SSL/TLS nor STARTTLS")]
    Encryption,
    #[error("no login method that Thunderbird has a name for")]
    Authentication,
}

fn protocol(text: &str) -> Result<IncomingProtocol, UnknownWord> {
    match text {
        "IMAP" => Ok(IncomingProtocol::Imap),
        "POP3" => Ok(IncomingProtocol::Pop3),
        _ => Err(UnknownWord::Protocol),
    }
}

fn security(text: &str) -> Result<Security, UnknownWord> {
    match text {
        "SSL/TLS" => Ok(Security::ImplicitTls),
        "STARTTLS" => Ok(Security::StartTls),
        "None" | "Keine" => Ok(Security::Cleartext),
        _ => Err(UnknownWord::Encryption),
    }
}

fn authentication(text: &str) -> Result<Authentication, UnknownWord> {
    match text {
        "Normal password" | "Passwort, normal" => Ok(Authentication::PasswordCleartext),
        "Encrypted password" | "Verschlüsseltes Passwort" => Ok(Authentication::PasswordEncrypted),
        "OAuth2" => Ok(Authentication::OAuth2),
        "TLS certificate" | "TLS-Zertifikat" => Ok(Authentication::ClientCertificate),
        "None" | "Keine" => Ok(Authentication::None),
        _ => Err(UnknownWord::Authentication),
    }
}

const START_OCTETS: usize = 1024;
