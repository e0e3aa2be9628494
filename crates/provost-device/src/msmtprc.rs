//! The language of the configuration files of msmtp and mpop, which share it: commands in blocks of accounts, as msmtp
//! 1.8.23 and mpop 1.4.18 read them (observed, 2026-11). What the commands mean is not known here.
//!
//! ```abnf
//! line    = [ "#" text ] / command [ 1*WSP argument ]
//! argument = text / DQUOTE text DQUOTE      ; nothing is escaped inside
//! account = "account" name [ ":" name *( "," name ) ]
//! ```

use provost_account::{
    Account, Authentication, Endpoint, Findings, Place, Port, Security, Server, codes::profile as codes, shown,
};

use crate::pem;
use crate::source_file::SourceFile;
use crate::source_text::text;
use crate::spelling;
use crate::understood::{Assumption, Ignored, Said, Understood};

/// How the two programs differ.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) program: &'static str,
    /// Commands that only this program has and that affect the server or the login.
    pub(crate) own: &'static str,
    /// Commands that affect neither the server nor the login.
    pub(crate) elsewhere: &'static str,
    /// The default port without and with TLS from the first byte.
    pub(crate) ports: (u16, u16),
    /// The manual.
    pub(crate) manual: &'static str,
}

impl Dialect {
    /// Every command that the program has; it rejects a file with another one.
    fn commands(&self) -> Vec<&'static str> {
        let mut commands: Vec<&str> =
            [COMMANDS, self.own, self.elsewhere].iter().flat_map(|list| list.split(' ')).collect();
        commands.sort_unstable();
        commands
    }
}

/// An account: the commands of `defaults` and of the accounts that it inherits from, then its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) name: String,
    pub(crate) place: Place,
    commands: Vec<Command>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Command {
    name: String,
    argument: String,
    place: Place,
}

impl Block {
    /// The argument of a command and its place; a later one replaces an earlier one. Without an argument it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<(&str, Place)> {
        let command = self.commands.iter().rev().find(|command| command.name == name)?;
        Some((command.argument.as_str(), command.place))
    }

    /// The argument of a command; empty without one.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.get(name).map_or("", |(argument, _)| argument)
    }

    /// The place of a command, or the account's.
    pub(crate) fn place_of(&self, name: &str) -> Place {
        self.get(name).map_or(self.place, |(_, place)| place)
    }

    /// A command that is `on` or `off`; without an argument it is on.
    pub(crate) fn switch(&self, name: &str, absent: bool, findings: &mut Findings) -> bool {
        match self.get(name) {
            None => absent,
            Some(("on" | "", _)) => true,
            Some(("off", _)) => false,
            Some((other, place)) => spelling::wrong(name, other, place, "write on or off", findings).unwrap_or(absent),
        }
    }
}

/// The accounts of a file. The one that is used if none is named comes first: `default`, or the first in the file.
pub(crate) fn accounts(bytes: &[u8], dialect: &Dialect, findings: &mut Findings) -> Option<Vec<Block>> {
    let text = text(bytes, findings)?;
    let known = dialect.commands();
    let mut defaults: Vec<Command> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut in_defaults = false;
    for (at, line) in text.lines().enumerate() {
        let content = line.trim();
        let place = Place { line: at + 1, column: line.chars().take_while(|c| c.is_whitespace()).count() + 1 };
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (name, argument) = content.split_once([' ', '\t']).unwrap_or((content, ""));
        let argument = unquoted(argument.trim());
        match name {
            "defaults" => {
                in_defaults = true;
                defaults.clear();
            }
            "account" => {
                in_defaults = false;
                blocks.push(block(argument, place, &defaults, &blocks, findings)?);
            }
            name if !known.contains(&name) => {
                let fix = spelling::did_you_mean(name, &known);
                let message = format!("unknown command {}: the program rejects the file", shown(name));
                return findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, fix);
            }
            name => {
                let command = Command { name: name.to_owned(), argument: argument.to_owned(), place };
                match (in_defaults, blocks.last_mut()) {
                    (false, Some(block)) => block.commands.push(command),
                    // Commands before the first account make an account of their own, which is the default one.
                    (false, None) => {
                        blocks.push(Block { name: "default".to_owned(), place, commands: vec![command] });
                    }
                    (true, _) => defaults.push(command),
                }
            }
        }
    }
    if let Some(at) = blocks.iter().position(|block| block.name == "default") {
        let block = blocks.remove(at);
        blocks.insert(0, block);
    }
    Some(blocks)
}

/// The server of an account, and how the person logs in there.
pub(crate) fn server(
    block: &Block,
    dialect: &Dialect,
    assumed: &mut Vec<Assumption>,
    findings: &mut Findings,
) -> Option<Server> {
    let (host, at) = block.get("host").unwrap_or(("", block.place));
    let host = spelling::host("host", host, at, findings);
    let security = security(block, findings);
    let port = match block.get("port") {
        Some((text, at)) => spelling::port("port", text, at, findings),
        None => {
            let port = if security == Security::ImplicitTls { dialect.ports.1 } else { dialect.ports.0 };
            findings.add(codes::MISSING_PORT, Some(block.place), "no port", "write the port");
            assumed.push(Assumption::of("port", port, dialect.manual));
            Port::new(port)
        }
    };
    let authentication = authentication(block, findings)?;
    let login = match block.get("user") {
        Some((text, at)) => spelling::login("user", text, at, findings),
        None if authentication == Authentication::None => None,
        None => {
            assumed.push(Assumption::of("user", "asked of the person", dialect.manual));
            findings.refuse(codes::MISSING_USERNAME, Some(block.place), "no user", "write the login name")
        }
    };
    let password = block.get("password").map(|(text, at)| spelling::password(text, at, "use passwordeval", findings));
    if block.get("tls_trust_file").is_none() && security != Security::Cleartext {
        assumed.push(Assumption::of("tls_trust_file", "system", dialect.manual));
    }
    Some(Server { endpoint: Endpoint { host: host?, port: port?, security, authentication }, login, password })
}

fn security(block: &Block, findings: &mut Findings) -> Security {
    if !block.switch("tls", false, findings) {
        findings.add(codes::CLEARTEXT, Some(block.place_of("tls")), "tls is off", "write tls on");
        return Security::Cleartext;
    }
    if !block.switch("tls_certcheck", true, findings) {
        let message = "tls_certcheck is off: any certificate is accepted";
        findings.add(codes::ANY_CERTIFICATE, Some(block.place_of("tls_certcheck")), message, "remove the line");
    }
    match block.switch("tls_starttls", true, findings) {
        true => Security::StartTls,
        false => Security::ImplicitTls,
    }
}

fn authentication(block: &Block, findings: &mut Findings) -> Option<Authentication> {
    let (text, place) = block.get("auth").unwrap_or(("off", block.place));
    Some(match text {
        // The best one that the server offers, which inside TLS is PLAIN.
        "on" | "" | "plain" | "login" => Authentication::PasswordCleartext,
        "off" => Authentication::None,
        "cram-md5" => Authentication::PasswordEncrypted,
        "digest-md5" => Authentication::HttpMd5,
        "external" => Authentication::ClientCertificate,
        "gssapi" => Authentication::Gssapi,
        "ntlm" => Authentication::Ntlm,
        "oauthbearer" | "xoauth2" => Authentication::OAuth2,
        other => return spelling::wrong("auth", other, place, "write on, or the name of a method", findings),
    })
}

/// Adds a block's servers to the person's account, or an account with them; whether they are new.
pub(crate) fn gather(
    profiles: &mut Vec<Understood>,
    account: Account,
    assumed: Vec<Assumption>,
    block: &Block,
    dialect: &Dialect,
    files: &[SourceFile<'_>],
) -> bool {
    let command = block.get("passwordeval").map(|(command, _)| command.to_owned());
    if let Some(profile) = profiles.iter_mut().find(|it| it.is_for(&account.address, account.login())) {
        let known = &mut profile.account;
        let is_new = account.incoming.iter().any(|it| !known.incoming.contains(it))
            || account.outgoing.iter().any(|it| !known.outgoing.contains(it));
        if is_new {
            known.incoming.extend(account.incoming);
            known.outgoing.extend(account.outgoing);
            profile.asks(command);
        }
        return is_new;
    }
    // Its certificates take the place of the system's.
    let named = block.get("tls_trust_file").filter(|(path, _)| *path != "system");
    let (trust, mut ignored) = pem::of_named_file("tls_trust_file", named, files);
    let elsewhere = block.commands.iter().filter(|command| dialect.elsewhere.split(' ').any(|it| it == command.name));
    ignored.extend(elsewhere.map(|it| Ignored::of(&it.name, it.place, "it affects no server and no login")));
    let said = SAID.split(' ').filter_map(|name| Some(Said::new(name, block.get(name)?.0))).collect();
    let (label, account) = (Some(block.name.clone()), Account { trust, ..account });
    let mut own = Understood { label, assumed, ignored, said, ..Understood::of(dialect.program, account) };
    own.asks(command);
    profiles.push(own);
    true
}

/// Whether a line begins with a command.
pub(crate) fn says(file: &SourceFile<'_>, command: &str) -> bool {
    file.start().lines().any(|line| line.split_whitespace().next() == Some(command))
}

fn block(
    argument: &str,
    place: Place,
    defaults: &[Command],
    blocks: &[Block],
    findings: &mut Findings,
) -> Option<Block> {
    let (name, others) = argument.split_once(':').unwrap_or((argument, ""));
    let mut commands = defaults.to_vec();
    for other in others.split(',').map(str::trim).filter(|other| !other.is_empty()) {
        let Some(known) = blocks.iter().find(|block| block.name == other) else {
            let message = format!("the account {} is not defined above", shown(other));
            return findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, "define it before this line");
        };
        commands.extend(known.commands.iter().cloned());
    }
    if commands.len() > COMMANDS_MAX {
        let fix = "write them out";
        return findings.refuse(codes::TOO_LARGE, Some(place), "accounts that inherit from each other in a loop", fix);
    }
    Some(Block { name: name.trim().to_owned(), place, commands })
}

fn unquoted(argument: &str) -> &str {
    argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(argument)
}

/// Commands whose arguments change what the program does with a server.
const SAID: &str = "keep proxy_host proxy_port socket tls_cert_file tls_certcheck tls_crl_file tls_fingerprint \
     tls_host_override tls_key_file";

/// What both programs have.
const COMMANDS: &str = "auth host ntlmdomain password passwordeval port proxy_host proxy_port socket source_ip timeout tls \
     tls_cert_file tls_certcheck tls_crl_file tls_fingerprint tls_force_sslv3 tls_host_override tls_key_file \
     tls_min_dh_prime_bits tls_nocertcheck tls_nostarttls tls_priorities tls_starttls tls_trust_file user";

const COMMANDS_MAX: usize = 10_000;
