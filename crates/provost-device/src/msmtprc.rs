//! The language of the configuration files of msmtp and mpop, which share it: commands in blocks of accounts, as msmtp
//! 1.8.23 and mpop 1.4.18 read them (observed, 2026-11; `fixtures/keywords`), and what later versions added. A line that a
//! command's output replaces (`eval`) is not followed.
//!
//! ```abnf
//! line    = [ "#" text ] / command [ 1*WSP argument ]
//! argument = text / DQUOTE text DQUOTE      ; nothing is escaped inside
//! account = "account" name [ ":" name *( "," name ) ]
//! ```

pub(crate) mod commands;

use provost_account::codes::Code;
use provost_account::{
    Account, Authentication, EmailAddress, Endpoint, Findings, Host, Login, Place, Port, Security, Server,
    codes::profile as codes, shown,
};

use crate::as_version::AsVersion;
use crate::msmtprc::commands::{Argument, Command, Concerns, OF_BOTH};
use crate::pem;
use crate::source_file::SourceFile;
use crate::source_text::text;
use crate::spelling;
use crate::understood::{Assumption, Ignored, Said, Understood};

/// How the two programs differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) program: &'static str,
    /// Commands that only this program has, or has with other arguments.
    pub(crate) own: &'static [Command],
    /// What `auth` is if it is left out.
    pub(crate) auth: &'static str,
    /// The command that every account needs, besides `host`.
    pub(crate) needs: Option<&'static str>,
    /// What commands before the first account are.
    pub(crate) before_accounts: BeforeAccounts,
    /// The default port without and with TLS from the first byte.
    pub(crate) ports: (u16, u16),
    /// The manual.
    pub(crate) manual: &'static str,
    /// As which version the file is read; `None`: the newest.
    pub(crate) version: Option<AsVersion>,
}

/// What commands before the first account are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BeforeAccounts {
    /// An account of their own, `default`.
    AnAccount,
    /// A mistake.
    Rejected,
}

impl Dialect {
    /// Every command that the program has; it rejects a file with another one.
    fn commands(&self) -> impl Iterator<Item = &'static Command> + use<> {
        self.own.iter().chain(OF_BOTH)
    }
}

/// An account: the commands of `defaults` and of the accounts that it inherits from, then its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) name: String,
    pub(crate) place: Place,
    lines: Vec<Line>,
}

/// A command, as a line has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    command: &'static str,
    argument: String,
    place: Place,
}

impl Block {
    /// The argument of a command and its place; a later one replaces an earlier one, and an empty one unsets it.
    pub(crate) fn get(&self, command: &str) -> Option<(&str, Place)> {
        let line = self.lines.iter().rev().find(|line| line.command == command)?;
        Some((line.argument.as_str(), line.place)).filter(|(argument, _)| !argument.is_empty())
    }

    /// The argument of a command; empty without one.
    pub(crate) fn value(&self, command: &str) -> &str {
        self.get(command).map_or("", |(argument, _)| argument)
    }

    /// The place of a command, or the account's.
    pub(crate) fn place_of(&self, command: &str) -> Place {
        self.get(command).map_or(self.place, |(_, place)| place)
    }

    /// Whether a command is `on`.
    pub(crate) fn is_on(&self, command: &str, absent: bool) -> bool {
        self.get(command).map_or(absent, |(argument, _)| argument == "on")
    }

    /// Whether a line of the account is what a command prints.
    pub(crate) fn is_computed(&self) -> bool {
        self.lines.iter().any(|line| line.command == "eval")
    }
}

/// An account that the program can use, and its server.
#[derive(Debug)]
pub(crate) struct Usable<'b> {
    pub(crate) block: &'b Block,
    pub(crate) server: Server,
    pub(crate) assumed: Vec<Assumption>,
}

/// Why the program does not use an account. It takes the file.
#[derive(Debug)]
struct Unusable {
    code: &'static Code,
    place: Place,
    message: String,
    fix: &'static str,
}

/// The accounts of a file. The one that is used if none is named comes first: `default`, or the first in the file.
pub(crate) fn accounts(bytes: &[u8], dialect: &Dialect, findings: &mut Findings) -> Option<Vec<Block>> {
    let text = text(bytes, findings)?;
    let mut defaults: Vec<Line> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut in_defaults = false;
    for (at, line) in text.lines().enumerate() {
        let content = line.trim();
        let place = Place { line: at + 1, column: line.chars().take_while(|c| c.is_whitespace()).count() + 1 };
        if line.len() > LINE_OCTETS_MAX {
            let message = format!("a line longer than {LINE_OCTETS_MAX} characters");
            findings.add(codes::CONFIG_SYNTAX, Some(place), message, "write a shorter one");
            continue;
        }
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (name, argument) = content.split_once([' ', '\t']).unwrap_or((content, ""));
        let argument = unquoted(argument.trim());
        match name {
            "defaults" if argument.is_empty() => in_defaults = true,
            "defaults" => {
                findings.add(codes::CONFIG_SYNTAX, Some(place), "defaults has an argument", "remove the argument");
            }
            "account" => {
                in_defaults = false;
                blocks.push(block(argument, place, &defaults, &blocks, findings)?);
            }
            name => {
                let Some(line) = command(name, argument, place, dialect, findings) else { continue };
                match (in_defaults, blocks.last_mut()) {
                    (false, Some(block)) => block.lines.push(line),
                    (false, None) if dialect.before_accounts == BeforeAccounts::Rejected => {
                        let message = "a command before the first account: the program rejects the file";
                        findings.add(codes::CONFIG_SYNTAX, Some(place), message, "write account, and a name, above it");
                    }
                    (false, None) => blocks.push(Block { name: DEFAULT.to_owned(), place, lines: vec![line] }),
                    (true, _) => defaults.push(line),
                }
            }
        }
    }
    if let Some(at) = blocks.iter().position(|block| block.name == DEFAULT) {
        let block = blocks.remove(at);
        blocks.insert(0, block);
    }
    Some(blocks).filter(|_| !findings.has_error())
}

/// The accounts that can be used, each with its server. One that cannot is an error only if none can: the program takes
/// the file, and refuses the account when it is used.
pub(crate) fn usable<'b>(blocks: &'b [Block], dialect: &Dialect, findings: &mut Findings) -> Vec<Usable<'b>> {
    let (mut usable, mut others) = (Vec::new(), Vec::new());
    for block in blocks {
        let mut assumed = Vec::new();
        match server(block, dialect, &mut assumed, findings) {
            Ok(server) => usable.push(Usable { block, server, assumed }),
            // What a command prints may make it usable, which is a finding already.
            Err(_) if block.is_computed() => {}
            Err(why) => others.push((block, why)),
        }
    }
    for (block, Unusable { code, place, message, fix }) in others {
        match usable.is_empty() {
            true => findings.add_once(code, Some(place), message, fix),
            false => {
                let message = format!("the account {} cannot be used: {message}", shown(&block.name));
                findings.add_once(codes::ACCOUNT_REJECTED, Some(block.place), message, fix);
            }
        }
    }
    usable
}

/// The server of an account, and how the person logs in there.
fn server(
    block: &Block,
    dialect: &Dialect,
    assumed: &mut Vec<Assumption>,
    findings: &mut Findings,
) -> Result<Server, Unusable> {
    let lacks =
        |what: &str, fix| Unusable { code: codes::MISSING_KEY, place: block.place, message: format!("no {what}"), fix };
    let (host, at) = block.get("host").ok_or_else(|| lacks("host", "write host, and the server's name"))?;
    // Observed: msmtp 1.8.23, "cannot locate host [::1]".
    let parsed = match Host::try_from(host) {
        _ if host.starts_with('[') => Err("an address in brackets, which is not found".to_owned()),
        Ok(host) => Ok(host),
        Err(error) => Err(error.to_string()),
    };
    let host = parsed.map_err(|error| Unusable {
        code: codes::WRONG_VALUE,
        place: at,
        message: format!("host is {}: {error}", shown(host)),
        fix: "write the server's bare host name",
    })?;
    if let Some(needed) = dialect.needs.filter(|needed| block.get(needed).is_none()) {
        return Err(lacks(needed, "write where mail goes: delivery maildir ~/Mail"));
    }
    let security = security(block, &host, findings)?;
    let port = match block.get("port").and_then(|(text, _)| commands::number(text)) {
        Some(port) => u16::try_from(port).ok().and_then(Port::new).expect("the command takes no other number"),
        None if block.value("protocol") == "lmtp" => {
            return Err(lacks("port", "write the port: LMTP has no usual one"));
        }
        None => {
            let port = if security == Security::ImplicitTls { dialect.ports.1 } else { dialect.ports.0 };
            assumed.push(Assumption::of("port", port, dialect.manual));
            Port::new(port).expect("no default is 0")
        }
    };
    let authentication = authentication(block.get("auth").map_or(dialect.auth, |(text, _)| text));
    let (login, password) = if authentication == Authentication::None {
        unused_login(block, findings);
        (None, None)
    } else {
        let password = block.get("password");
        let password = password.map(|(text, at)| spelling::password(text, at, "use passwordeval", findings));
        (login(block, authentication, dialect, findings)?, password)
    };
    if block.get("tls_trust_file").is_none() && security != Security::Cleartext {
        assumed.push(Assumption::of("tls_trust_file", "system", dialect.manual));
    }
    Ok(Server { endpoint: Endpoint { host, port, security, authentication }, login, password })
}

fn security(block: &Block, host: &Host, findings: &mut Findings) -> Result<Security, Unusable> {
    let problem = |code, command, message: &str, fix| {
        Err(Unusable { code, place: block.place_of(command), message: message.to_owned(), fix })
    };
    match (block.get("tls_key_file"), block.get("tls_cert_file")) {
        (Some(_), None) => {
            let message = "tls_key_file without tls_cert_file";
            return problem(codes::MISSING_KEY, "tls_key_file", message, "write both, or neither");
        }
        (None, Some(_)) => {
            let message = "tls_cert_file without tls_key_file";
            return problem(codes::MISSING_KEY, "tls_cert_file", message, "write both, or neither");
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    if !block.is_on("tls", false) {
        if !host.is_loopback() {
            findings.add_once(codes::CLEARTEXT, Some(block.place_of("tls")), "tls is off", "write tls on");
        }
        return Ok(Security::Cleartext);
    }
    if !block.is_on("tls_certcheck", true) {
        let message = "tls_certcheck is off: any certificate is accepted";
        if !host.is_loopback() {
            findings.add_once(
                codes::ANY_CERTIFICATE,
                Some(block.place_of("tls_certcheck")),
                message,
                "remove the line",
            );
        }
    } else if block.trusts_nobody() {
        let message = "tls_trust_file is empty, and there is no tls_fingerprint";
        return problem(codes::WRONG_VALUE, "tls_trust_file", message, "remove the line");
    }
    Ok(match block.is_on("tls_starttls", true) {
        true => Security::StartTls,
        false => Security::ImplicitTls,
    })
}

impl Block {
    /// Whether the file of authorities is set to nothing, and nothing takes its place.
    fn trusts_nobody(&self) -> bool {
        self.lines.iter().any(|line| line.command == "tls_trust_file")
            && self.get("tls_trust_file").is_none()
            && self.get("tls_fingerprint").is_none()
    }
}

fn authentication(method: &str) -> Authentication {
    match method {
        "off" => Authentication::None,
        // A challenge, so that the password itself is not sent (RFC 5802; RFC 1939 section 7).
        "cram-md5" | "apop" | "scram-sha-1" | "scram-sha-1-plus" | "scram-sha-256" | "scram-sha-256-plus" => {
            Authentication::PasswordEncrypted
        }
        "digest-md5" => Authentication::HttpMd5,
        "external" => Authentication::ClientCertificate,
        "gssapi" => Authentication::Gssapi,
        "ntlm" => Authentication::Ntlm,
        "oauthbearer" | "xoauth2" => Authentication::OAuth2,
        // `on`, `plain`, `login`, `user`. The best one that the server offers, which inside TLS is PLAIN.
        _ => Authentication::PasswordCleartext,
    }
}

/// The login name. `None`: there is none yet.
fn login(
    block: &Block,
    authentication: Authentication,
    dialect: &Dialect,
    findings: &mut Findings,
) -> Result<Option<Login>, Unusable> {
    let Some((text, place)) = block.get("user") else {
        // The certificate says who it is, or a command may.
        if authentication != Authentication::ClientCertificate && !block.is_computed() {
            let message = format!("no user: {} does not ask for it, and does not log in", dialect.program);
            findings.add_once(codes::MISSING_USERNAME, Some(block.place), message, "write the login name");
        }
        return Ok(None);
    };
    let message =
        |error| Unusable { code: codes::WRONG_VALUE, place, message: format!("user: {error}"), fix: "write it anew" };
    Login::try_from(text).map(Some).map_err(message)
}

/// Without `auth` the name and the password are not used. Where an account turns off what its defaults set, that is meant.
fn unused_login(block: &Block, findings: &mut Findings) {
    let is_meant = |place: Place| block.get("auth").is_some() && place.line < block.place.line;
    let unused =
        ["user", "password", "passwordeval"].into_iter().find_map(|command| Some((command, block.get(command)?.1)));
    if let Some((command, place)) = unused.filter(|(_, place)| !is_meant(*place)) {
        let message = format!("auth is off, so {command} is not used");
        findings.add_once(codes::UNUSED_LOGIN, Some(place), message, "write auth on, or remove it");
    }
}

/// Adds an account's servers to the person's account, or an account with them; whether they are new.
pub(crate) fn gather(
    profiles: &mut Vec<Understood>,
    account: Account,
    usable: Usable<'_>,
    dialect: &Dialect,
    files: &[SourceFile<'_>],
) -> bool {
    let Usable { block, assumed, .. } = usable;
    // Its certificates take the place of the system's.
    let named = block.get("tls_trust_file").filter(|(path, _)| *path != "system");
    let (trust, mut ignored) = pem::of_named_file("tls_trust_file", named, files);
    let mut said = Vec::new();
    for line in dialect.commands() {
        let Some((argument, place)) = block.get(line.name) else { continue };
        match line.concerns {
            Concerns::Connection => said.push(Said::new(line.name, argument)),
            Concerns::Nothing => ignored.push(Ignored::of(line.name, place, AFFECTS_NOTHING)),
            Concerns::NothingSince(version) => {
                let reason = format!("{AFFECTS_NOTHING}; {} before {version} refuses the file", dialect.program);
                ignored.push(Ignored::of(line.name, place, reason));
            }
            Concerns::Account if line.name == "auth" && !matches!(argument, "on" | "off") => {
                said.push(Said::new(line.name, argument));
            }
            Concerns::Account if line.name == "from" && EmailAddress::try_from(argument).is_err() => {
                said.push(Said::new(line.name, argument));
            }
            Concerns::Account => {}
        }
    }
    said.sort_by(|one, other| one.key.cmp(&other.key));
    let command = block.get("passwordeval").map(|(command, _)| command.to_owned());
    let command =
        command.filter(|_| account.servers().any(|(_, it)| it.endpoint.authentication != Authentication::None));
    if let Some(profile) = profiles.iter_mut().find(|it| it.is_for(&account.address, account.login())) {
        let known = &mut profile.account;
        let is_new = account.incoming.iter().any(|it| !known.incoming.contains(it))
            || account.outgoing.iter().any(|it| !known.outgoing.contains(it));
        if is_new {
            known.incoming.extend(account.incoming);
            known.outgoing.extend(account.outgoing);
            add_new(&mut profile.assumed, assumed);
            add_new(&mut profile.ignored, ignored);
            add_new(&mut profile.said, said);
            profile.asks(command);
        }
        return is_new;
    }
    let (label, account) = (Some(block.name.clone()), Account { trust, ..account });
    let mut own = Understood { label, assumed, ignored, said, ..Understood::of(dialect.program, account) };
    own.asks(command);
    profiles.push(own);
    true
}

fn add_new<T: PartialEq>(list: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
}

/// Whether a line begins with a command.
pub(crate) fn says(file: &SourceFile<'_>, command: &str) -> bool {
    file.start().lines().any(|line| line.split_whitespace().next() == Some(command))
}

/// A command of a line, if the program takes it.
fn command(name: &str, argument: &str, place: Place, dialect: &Dialect, findings: &mut Findings) -> Option<Line> {
    let Some(command) = dialect.commands().find(|command| command.name == name) else {
        let known: Vec<&str> = dialect.commands().map(|command| command.name).collect();
        let message = format!("unknown command {}: the program rejects the file", shown(name));
        return findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, spelling::did_you_mean(name, &known));
    };
    if let Concerns::NothingSince(since) = command.concerns
        && dialect.version.is_some_and(|asked| asked.is_before(since))
    {
        let message = format!("{name} is new in {} {since}: older versions reject the file", dialect.program);
        return findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, "remove the line");
    }
    if let Some(fix) = command.argument.instead_of(argument) {
        return spelling::wrong(name, argument, place, &fix, findings);
    }
    if name == "eval" {
        let what = format!("eval {}", shown(argument));
        spelling::not_followed(&what, "what the command prints takes the place of the line", place, findings);
    }
    let (command, argument) = match (command.name, argument) {
        // Obsolete names of others.
        ("tls_nocertcheck", _) => ("tls_certcheck", "off"),
        ("tls_nostarttls", _) => ("tls_starttls", "off"),
        (name, "") if name == "auth" || matches!(command.argument, Argument::Switch) => (name, "on"),
        (name, argument) => (name, argument),
    };
    Some(Line { command, argument: argument.to_owned(), place })
}

fn block(argument: &str, place: Place, defaults: &[Line], blocks: &[Block], findings: &mut Findings) -> Option<Block> {
    let (name, others) = argument.split_once(':').map_or((argument, None), |(name, others)| (name, Some(others)));
    let name = name.trim();
    let mut reject = |message: String, fix: &str| findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, fix);
    if name.is_empty() || others.is_some_and(|others| others.split(',').any(|other| other.trim().is_empty())) {
        return reject("an account without a name".to_owned(), "write a name");
    }
    if blocks.iter().any(|block| block.name == name) {
        let message = format!("the account {} is already defined: the program rejects the file", shown(name));
        return reject(message, "give it another name");
    }
    // An empty one in the defaults is the one of the system.
    let is_unset = |line: &&Line| line.command == "tls_trust_file" && line.argument.is_empty();
    let mut lines: Vec<Line> = defaults.iter().filter(|line| !is_unset(line)).cloned().collect();
    for other in others.into_iter().flat_map(|others| others.split(',')).map(str::trim) {
        let Some(known) = blocks.iter().find(|block| block.name == other) else {
            let message = format!("the account {} is not defined above", shown(other));
            return reject(message, "define it before this line");
        };
        lines.extend(known.lines.iter().cloned());
    }
    if lines.len() > LINES_MAX {
        let message = "accounts that inherit from each other too often";
        return findings.refuse(codes::TOO_LARGE, Some(place), message, "write them out");
    }
    Some(Block { name: name.to_owned(), place, lines })
}

fn unquoted(argument: &str) -> &str {
    argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(argument)
}

/// The account that is used if none is named.
const DEFAULT: &str = "default";
const AFFECTS_NOTHING: &str = "it affects no server and no login";
/// Observed: msmtp 1.8.23, "line longer than 500 characters".
const LINE_OCTETS_MAX: usize = 500;
const LINES_MAX: usize = 10_000;
