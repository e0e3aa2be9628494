//! `~/.config/himalaya/config.toml`, as himalaya 2.2.1 reads it (its sources, 2026-11; not run here): TOML, a table per
//! account. Unknown keys in `imap` and `smtp` stop it; others are ignored. What the versions before 2 read is in
//! `himalaya/older.rs`: most files that people publish are theirs.

mod older;

use provost_account::{
    Account, Authentication, Code, DisplayName, Endpoint, Findings, Incoming, IncomingProtocol, Login, Place, Protocol,
    Secret, Security, Server, codes::profile as codes, place, shown,
};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::as_version::AsVersion;
use crate::contradictions::{RELAY, usual_port};
use crate::pem;
use crate::person::Person;
use crate::reading::Reading;
use crate::server_url::ServerUrl;
use crate::source_file::SourceFile;
use crate::source_text::text;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Ignored, Understood};

/// By a table of accounts, or by the names that himalaya looks for.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    let accounts = text.lines().any(|line| line.trim_start().starts_with("[accounts"));
    let named = ["himalaya/config.toml", "himalaya.toml", ".himalayarc"].iter().any(|name| file.path.ends_with(name));
    named || accounts || text.lines().any(older::says)
}

/// Reads the configuration and the files of certificates that it names.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person, version: Option<AsVersion>) -> Reading {
    let mut findings = Findings::default();
    let profiles = files.first().and_then(|file| profiles(file.bytes, files, person, version, &mut findings));
    let profiles: Vec<Understood> = profiles.into_iter().flatten().collect();
    let fix = "add a table [accounts.NAME] with email, imap.server and smtp.server";
    Reading::of_some(profiles, findings, "no account with a mail server in the file", fix)
}

fn profiles(
    bytes: &[u8],
    files: &[SourceFile<'_>],
    person: &Person,
    version: Option<AsVersion>,
    findings: &mut Findings,
) -> Option<Vec<Understood>> {
    let text = text(bytes, findings)?;
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let at = error.span().map(|span| place(text, span.start));
            return findings.refuse(
                codes::CONFIG_SYNTAX,
                at,
                format!("invalid TOML: {}", error.message()),
                "correct the TOML there",
            );
        }
    };
    let global_name = string(&table, &["display-name"]).or(string(&table, &["from-name"]));
    let Some(accounts) = table.get("accounts").and_then(|accounts| accounts.get_ref().as_table()) else {
        return Some(older::at_the_top(text, &table, version, findings));
    };
    let mut profiles = Vec::new();
    let open = accounts.values().filter_map(|it| it.get_ref().as_table()).filter(|it| own_address(it).is_none());
    let logins = Logins::of(person, open.map(written_login));
    for (name, value) in accounts {
        let Some(account) = value.get_ref().as_table() else { continue };
        let at = place(text, name.span().start);
        if older::is_older(account) {
            profiles.extend(older::understood(text, (name.get_ref(), at), account, &table, version, findings));
            continue;
        }
        if version.is_some_and(|version| version.is_before("2")) {
            let message = format!("the account {} is as himalaya 2 reads it", shown(name.get_ref()));
            findings.add(codes::UNSUPPORTED_VERSION, Some(at), message, "write backend.host and the like");
            continue;
        }
        let mut reader =
            Reader { text, account, at, files, assumed: Vec::new(), ignored: Vec::new(), trust: Vec::new(), findings };
        let (incoming, outgoing) = (reader.server("imap"), reader.server("smtp"));
        let login = incoming.as_ref().or(outgoing.as_ref()).map(|server| server.login.clone());
        let Some(login) = login.or_else(|| reader.is_of_jmap().then_some(None)) else { continue };
        let address = match own_address(account) {
            Some((address, at)) => spelling::address("email", address, place(text, at), reader.findings),
            None => {
                reader.assumed.push(Assumption::of("email", "none: messages are written without From", SAMPLE));
                let host = written_login(account).1;
                Some(logins.whose(login.as_ref(), host, at, &mut reader.assumed, reader.findings))
            }
        };
        let full_name = reader.string(&["display-name"]).or(reader.string(&["from-name"])).map(|(text, _)| text);
        let full_name = full_name.or(global_name.map(|(text, _)| text));
        let Reader { assumed, ignored, trust, .. } = reader;
        let Some(address) = address else { continue };
        let account_of_person = Account {
            full_name: full_name.and_then(|text| DisplayName::try_from(text).ok()),
            incoming: incoming
                .map(|server| Incoming { protocol: IncomingProtocol::Imap, server })
                .into_iter()
                .collect(),
            outgoing: outgoing.into_iter().collect(),
            trust,
            ..Account::of(address)
        };
        let label = Some(name.get_ref().clone().into_owned());
        let mut understood = Understood { label, assumed, ignored, ..Understood::of("himalaya", account_of_person) };
        understood.asks(["imap", "smtp"].into_iter().filter_map(|protocol| command(account, protocol)));
        profiles.push(understood);
    }
    Some(profiles)
}

type Table<'a> = DeTable<'a>;

/// The value of a path of keys.
fn value<'a, 't>(table: &'t Table<'a>, path: &[&str]) -> Option<&'t Spanned<DeValue<'a>>> {
    let (last, first) = path.split_last()?;
    let mut table = table;
    for key in first {
        table = table.get(*key)?.get_ref().as_table()?;
    }
    table.get(*last)
}

fn string<'t>(table: &'t Table<'_>, path: &[&str]) -> Option<(&'t str, usize)> {
    let found = value(table, path)?;
    Some((found.get_ref().as_str()?, found.span().start))
}

fn own_address<'t>(account: &'t Table<'_>) -> Option<(&'t str, usize)> {
    string(account, &["email"]).or(string(account, &["from"]))
}

/// The login name and the host of an account, as they are written.
fn written_login<'t>(account: &'t Table<'_>) -> (&'t str, &'t str) {
    let block = ["imap", "smtp"].into_iter().find_map(|it| value(account, &[it])?.get_ref().as_table());
    let url = block.and_then(|block| string(block, &["server"])).map_or("", |(url, _)| url);
    let sasl = block.and_then(|block| value(block, &["sasl"])?.get_ref().as_table());
    let login = sasl.and_then(|sasl| sasl.values().find_map(|it| string(it.get_ref().as_table()?, &["username"])));
    let host = url.rsplit_once("://").map_or(url, |(_, host)| host);
    (login.map_or("", |(login, _)| login), host.split(':').next().unwrap_or(host))
}

/// The command that prints a password or a token: a text for a shell, or a program with its arguments.
fn command(account: &Table<'_>, protocol: &str) -> Option<String> {
    let (_, mechanism) = value(account, &[protocol, "sasl"])?.get_ref().as_table()?.iter().next()?;
    let mechanism = mechanism.get_ref().as_table()?;
    let found = ["password", "token"].iter().find_map(|secret| value(mechanism, &[*secret, "command"]))?.get_ref();
    match found.as_array() {
        None => found.as_str().map(str::to_owned),
        Some(words) => Some(words.iter().filter_map(|word| word.get_ref().as_str()).collect::<Vec<_>>().join(" ")),
    }
}

struct Reader<'a, 'f> {
    text: &'a str,
    account: &'a Table<'a>,
    at: Place,
    files: &'a [SourceFile<'a>],
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
    trust: Vec<provost_account::Certificate>,
    findings: &'f mut Findings,
}

impl<'a> Reader<'a, '_> {
    fn string(&self, path: &[&str]) -> Option<(&'a str, Place)> {
        let (found, at) = string(self.account, path)?;
        Some((found, place(self.text, at)))
    }

    fn error(&mut self, code: &'static Code, at: Place, message: String, fix: impl Into<String>) -> Option<Server> {
        self.findings.refuse(code, Some(at), message, fix)
    }

    /// Whether the account is one by JMAP, which is not followed.
    fn is_of_jmap(&mut self) -> bool {
        let at =
            ["server", "auth"].iter().find_map(|key| value(self.account, &["jmap", *key])).map(|it| it.span().start);
        if let Some(at) = at {
            let why = "JMAP is another protocol, whose server says the rest";
            spelling::not_followed("jmap", why, place(self.text, at), self.findings);
        }
        at.is_some()
    }

    fn server(&mut self, protocol: &str) -> Option<Server> {
        let block = value(self.account, &[protocol])?.get_ref().as_table()?;
        for (key, _) in block {
            let name: &str = key.get_ref();
            let known = if protocol == "imap" { KNOWN } else { &KNOWN[..SHARED] };
            if !known.contains(&name) {
                let fix = spelling::did_you_mean(name, known);
                let message = format!("{protocol} has no key {}: himalaya rejects the file", shown(name));
                return self.error(codes::CONFIG_SYNTAX, place(self.text, key.span().start), message, fix);
            }
        }
        let Some((written, at)) = self.string(&[protocol, "server"]) else {
            let message = format!("{protocol}.server is missing");
            return self.error(codes::MISSING_KEY, self.at, message, "write the server's URL");
        };
        let whole = if written.contains("://") { written.to_owned() } else { format!("{protocol}s://{written}") };
        let url = ServerUrl::of(&whole).filter(|url| url.scheme.strip_suffix('s').unwrap_or(url.scheme) == protocol);
        let Some(url) = url else {
            let message = format!("{protocol}.server is {}", shown(written));
            return self.error(codes::WRONG_VALUE, at, message, format!("write {protocol}s://HOST:PORT"));
        };
        let starttls = value(self.account, &[protocol, "starttls"]).and_then(|it| it.get_ref().as_bool());
        let security = match (url.scheme == protocol, starttls) {
            (false, _) => Security::ImplicitTls,
            (true, Some(true)) => Security::StartTls,
            (true, Some(false) | None) => {
                let message = format!("{protocol}:// without {protocol}.starttls has no TLS");
                let fix = format!("write {protocol}s://, or {protocol}.starttls = true");
                self.findings.add(codes::CLEARTEXT, Some(at), message, fix);
                Security::Cleartext
            }
        };
        let host = spelling::host("the host", url.host, at, self.findings);
        let port = match url.port {
            Some(text) => spelling::port("the port", text, at, self.findings),
            None => {
                let port = match (protocol, security) {
                    ("imap", _) => usual_port(Protocol::Imap, security),
                    (_, Security::ImplicitTls) => usual_port(Protocol::Submission, security),
                    (_, Security::StartTls | Security::Cleartext) => RELAY,
                };
                self.assumed.push(Assumption::of(format_args!("port of {protocol}.server"), port, SAMPLE));
                Some(port)
            }
        };
        if protocol == "imap" && is_netease(url.host) {
            self.netease(url.host, at);
        }
        let (trust, ignored) = pem::of_named_file("tls.cert", self.string(&[protocol, "tls", "cert"]), self.files);
        self.ignored.extend(ignored);
        self.trust.extend(trust.into_iter().filter(|one| !self.trust.contains(one)).collect::<Vec<_>>());
        let (authentication, login, password) = self.sasl(protocol, at)?;
        Some(Server { endpoint: Endpoint { host: host?, port: port?, security, authentication }, login, password })
    }

    /// NetEase's servers announce SASL-IR and answer it with `BAD Request not ending with`; without ID they open no folder.
    fn netease(&mut self, host: &str, at: Place) {
        let flag = |path: &[&str]| value(self.account, path).and_then(|it| it.get_ref().as_bool());
        let missing: Vec<&str> = [
            (flag(&["imap", "sasl-ir"]) != Some(false), "imap.sasl-ir = false"),
            (flag(&["imap", "id", "auto"]) != Some(true), "imap.id.auto = true"),
        ]
        .into_iter()
        .filter_map(|(is_missing, line)| is_missing.then_some(line))
        .collect();
        if !missing.is_empty() {
            let message =
                format!("{host} refuses himalaya's first commands: an initial response in the login, and no ID");
            let fix = format!("write {}", missing.join(" and "));
            self.findings.add(codes::SERVER_QUIRK, Some(at), message, fix);
        }
    }

    /// The one mechanism, the login name, and the password if the file holds it.
    fn sasl(&mut self, protocol: &str, at: Place) -> Option<(Authentication, Option<Login>, Option<Secret>)> {
        let sasl = value(self.account, &[protocol, "sasl"]).and_then(|it| it.get_ref().as_table());
        let Some((mechanism, _)) = sasl.and_then(|sasl| sasl.iter().next()) else {
            self.assumed.push(Assumption::of(format_args!("{protocol}.sasl"), "none: no login", SAMPLE));
            return Some((Authentication::None, None, None));
        };
        let mechanism: &str = mechanism.get_ref();
        let (authentication, secret) = match mechanism {
            "plain" | "login" => (Authentication::PasswordCleartext, "password"),
            "scram-sha-256" => (Authentication::PasswordEncrypted, "password"),
            "oauthbearer" | "xoauth2" => (Authentication::OAuth2, "token"),
            "anonymous" => return Some((Authentication::None, None, None)),
            _ => {
                let message = format!("{protocol}.sasl is {}", shown(mechanism));
                self.error(codes::WRONG_VALUE, at, message, "write plain");
                return None;
            }
        };
        let login = match self.string(&[protocol, "sasl", mechanism, "username"]) {
            Some((text, at)) => self.login(protocol, text, at),
            None => {
                let message = format!("{protocol}.sasl.{mechanism}.username is missing");
                self.error(codes::MISSING_KEY, at, message, "write the login name");
                return None;
            }
        };
        let raw = self.string(&[protocol, "sasl", mechanism, secret, "raw"]);
        if raw.is_none() && value(self.account, &[protocol, "sasl", mechanism, secret, "command"]).is_none() {
            let message = format!("{protocol}.sasl.{mechanism}.{secret} is missing: himalaya rejects the file");
            self.error(codes::MISSING_KEY, at, message, format!("write {secret}.command"));
            return None;
        }
        let password = raw.map(|(text, at)| {
            let fix = format!("write {secret}.command");
            spelling::password(text, at, fix, self.findings)
        });
        Some((authentication, login, password))
    }

    /// `$NAME` and a tilde at the start are replaced, `$$` is the sign itself.
    fn login(&mut self, protocol: &str, text: &str, at: Place) -> Option<Login> {
        let key = format!("{protocol}.sasl username");
        let alone = text.replace("$$", "");
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '{';
        let is_variable = alone.split('$').skip(1).any(|after| after.starts_with(is_name));
        if is_variable || text == "~" || text.starts_with("~/") {
            let message = format!("{key} is not literal: himalaya replaces $NAME and ~ in it");
            return self.findings.refuse(codes::EXPANDED_VALUE, Some(at), message, "write $$ for $");
        }
        spelling::login(&key, &text.replace("$$", "$"), at, self.findings)
    }
}

/// 163.com, 126.com and yeah.net, with the hosts below them.
fn is_netease(host: &str) -> bool {
    let host = host.to_lowercase();
    ["163.com", "126.com", "yeah.net"].iter().any(|domain| host == *domain || host.ends_with(&format!(".{domain}")))
}

const SAMPLE: &str = "https://github.com/pimalaya/himalaya, config.sample.toml and src/config.rs, 2.2.1";

/// The keys of `imap`; those of `smtp` come first.
const KNOWN: &[&str] = &["alpn", "proxy", "sasl", "server", "starttls", "tls", "id", "sasl-ir", "sort"];
const SHARED: usize = 6;
