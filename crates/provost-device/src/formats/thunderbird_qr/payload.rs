//! The payload: JSON without names. The app is stricter than its own description: `null` anywhere, or one bad value in
//! one account, rejects the whole code (thunderbird-android a59bd679, tried with its own classes).

use provost_account::{
    Account, Authentication, Code, DisplayName, EmailAddress, Endpoint, Findings, Host, Incoming, IncomingProtocol,
    Login, Port, Secret, Security, Server, codes::profile as codes, place,
};
use serde_json::Value;

use crate::understood::Understood;

/// The accounts of a payload.
pub(super) fn accounts(text: &str, findings: &mut Findings) -> Option<Vec<Understood>> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
            let at = (line_start + error.column().saturating_sub(1)).min(text.len());
            let message = format!("the code's text is not JSON: {error}");
            let fix = "create the code with another program";
            return findings.refuse(codes::JSON_SYNTAX, Some(place(text, at)), message, fix);
        }
    };
    match understand(&value) {
        Ok(payload) => {
            if payload.count > 1 {
                let message =
                    format!("this is code {} of {}: the others contain more accounts", payload.number, payload.count);
                findings.add(codes::ONE_PART_OF_SEVERAL, None, message, "read the others too");
            }
            if payload.accounts.iter().any(|it| it.account.incoming.iter().any(|it| it.server.password.is_some())) {
                let fix = "remove it; the app asks for it";
                findings.add(codes::PASSWORD_IN_FILE, None, "a password is in the code", fix);
            }
            if payload
                .accounts
                .iter()
                .any(|it| it.account.outgoing.iter().any(|it| it.endpoint.security == Security::Cleartext))
            {
                findings.add(codes::CLEARTEXT, None, "mail is sent without TLS", "write 3 for TLS or 2 for STARTTLS");
            }
            Some(payload.accounts)
        }
        Err(Rejected { code, message }) => findings.refuse(
            code,
            None,
            format!("the app rejects the code: {message}"),
            "create the code with another program",
        ),
    }
}

struct Payload {
    number: u64,
    count: u64,
    accounts: Vec<Understood>,
}

struct Rejected {
    code: &'static Code,
    message: String,
}

fn wrong(message: impl Into<String>) -> Rejected {
    Rejected { code: codes::WRONG_VALUE, message: message.into() }
}

fn understand(value: &Value) -> Result<Payload, Rejected> {
    let [version, part, rest @ ..] = list(value, "the payload")? else {
        return Err(wrong("it has neither version nor part"));
    };
    if version.as_u64() != Some(1) {
        return Err(Rejected {
            code: codes::UNSUPPORTED_VERSION,
            message: format!("version {version}; the app reads only 1"),
        });
    }
    let (number, count) = match list(part, "the part")? {
        [number, count] => (number.as_u64().unwrap_or(0), count.as_u64().unwrap_or(0)),
        _ => (0, 0),
    };
    if number == 0 || number > count {
        return Err(wrong(format!("part {part}")));
    }
    if rest.is_empty() || rest.len() % 2 != 0 {
        return Err(wrong("accounts are pairs of an incoming server and its outgoing ones"));
    }
    let accounts = rest.chunks(2).map(|pair| account(&pair[0], &pair[1])).collect::<Result<_, _>>()?;
    Ok(Payload { number, count, accounts })
}

fn account(incoming: &Value, groups: &Value) -> Result<Understood, Rejected> {
    let (protocol, label, server_in) = match list(incoming, "an incoming server")? {
        [protocol, fields @ ..] if (5..=7).contains(&fields.len()) => {
            let protocol = match protocol.as_u64() {
                Some(0) => IncomingProtocol::Imap,
                Some(1) => IncomingProtocol::Pop3,
                _ => return Err(wrong(format!("incoming protocol {protocol}"))),
            };
            let label = fields.get(5).map(|label| text(label, "the account's name")).transpose()?;
            (protocol, label, server(&fields[..5], fields.get(6))?)
        }
        _ => return Err(wrong("an incoming server has six to eight values")),
    };
    // Only the first group is used.
    let [group, ..] = list(groups, "the outgoing servers")? else {
        return Err(wrong("no outgoing server"));
    };
    let [outgoing, identities @ ..] = list(group, "an outgoing server with identities")? else {
        return Err(wrong("no outgoing server"));
    };
    let server_out = match list(outgoing, "an outgoing server")? {
        [protocol, fields @ ..] if protocol.as_u64() == Some(0) && (5..=6).contains(&fields.len()) => {
            server(&fields[..5], fields.get(5))?
        }
        _ => return Err(wrong("an outgoing server has six or seven values, 0 first")),
    };
    let mut people = Vec::new();
    for identity in identities {
        match list(identity, "an identity")? {
            [email, name] => people.push((address(email)?, text(name, "a name")?)),
            _ => return Err(wrong("an identity has an address and a name")),
        }
    }
    let mut people = people.into_iter();
    let Some((address, name)) = people.next() else { return Err(wrong("no identity")) };
    let full_name = match name {
        "" => None,
        name => Some(DisplayName::try_from(name).map_err(|error| wrong(format!("a name: {error}")))?),
    };
    let account = Account {
        full_name,
        aliases: people.map(|(address, _)| address).collect(),
        incoming: vec![Incoming { protocol, server: server_in }],
        outgoing: vec![server_out],
        ..Account::of(address)
    };
    let label = label.filter(|label| !label.is_empty()).map(str::to_owned);
    Ok(Understood { label, ..Understood::of("Thunderbird for Android", account) })
}

/// Host, port, protection, authentication, login name; and the password, if there is one.
fn server(fields: &[Value], password: Option<&Value>) -> Result<Server, Rejected> {
    let [host, port, security, authentication, login] = fields else { return Err(wrong("a server's values")) };
    let host = text(host, "a host")?;
    let host = match host.is_ascii() {
        true => Host::try_from(host).map_err(|error| wrong(format!("host {host:?}: {error}")))?,
        false => return Err(wrong(format!("host {host:?} is not ASCII"))),
    };
    let port = port.as_u64().and_then(|port| u16::try_from(port).ok()).and_then(Port::new);
    let port = port.ok_or_else(|| wrong("a port is a number from 1 to 65535"))?;
    let security = match security.as_u64() {
        Some(0) => Security::Cleartext,
        // 1 was "STARTTLS if there is one", and is read as 2.
        Some(1 | 2) => Security::StartTls,
        Some(3) => Security::ImplicitTls,
        _ => return Err(wrong(format!("protection {security}"))),
    };
    let authentication = match authentication.as_u64() {
        Some(0) => Authentication::None,
        Some(1) => Authentication::PasswordCleartext,
        Some(2) => Authentication::PasswordEncrypted,
        Some(5) => Authentication::ClientCertificate,
        Some(6) => Authentication::OAuth2,
        _ => return Err(wrong(format!("authentication {authentication}"))),
    };
    let login = match text(login, "a login name")? {
        "" => None,
        name => Some(Login::try_from(name).map_err(|error| wrong(format!("a login name: {error}")))?),
    };
    let password = password.map(|password| text(password, "a password")).transpose()?;
    let password = password.filter(|password| !password.is_empty()).map(|password| Secret::new(password.to_owned()));
    Ok(Server { endpoint: Endpoint { host, port, security, authentication }, login, password })
}

fn address(value: &Value) -> Result<EmailAddress, Rejected> {
    let text = text(value, "an address")?;
    match EmailAddress::try_from(text) {
        Ok(address) if address.is_ascii_dot_string() => Ok(address),
        Ok(_) => Err(wrong(format!("address {text:?} has a local part that the app does not accept"))),
        Err(error) => Err(wrong(format!("address {text:?}: {error}"))),
    }
}

fn list<'a>(value: &'a Value, what: &str) -> Result<&'a [Value], Rejected> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| wrong(format!("{what} is not a list")))
}

/// Never quotes the value: it may be a password.
fn text<'a>(value: &'a Value, what: &str) -> Result<&'a str, Rejected> {
    match value.as_str() {
        Some(text) if text.contains(['\r', '\n']) => Err(wrong(format!("{what} contains a line break"))),
        Some(text) => Ok(text),
        None => Err(wrong(format!("{what} is no text"))),
    }
}
