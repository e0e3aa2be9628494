//! The profile file of classic Outlook (`outlook.exe /importprf`), a legacy format: one account, added to the existing
//! profile. New Outlook does not read it.
//!
//! No file says STARTTLS for an incoming server: no value for it is confirmed, and 0 would mean no TLS.

use crate::losses::{aliases, embedded_password, further_servers, groupware, trust, window};
use crate::outlook::asks_for_a_password;
use crate::profile::{File, Loss, Profile, Refusal};
use crate::servers;
use crate::writer::{Passwords, Request};
use provost_account::{Account, IncomingProtocol, Security, Server};

/// What is known of the format: Microsoft's properties, and files that other generators write.
pub(super) const SOURCE: &str =
    "https://learn.microsoft.com/office/client-developer/outlook/auxiliary/prop_smtp_secure_connection";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let (incoming, outgoing) = servers::one_of_each(account, "an account needs one server of each kind", SOURCE)?;
    let mut losses = losses(account, request.passwords);
    let mut own = vec![("UniqueService".to_owned(), "No".to_owned())];
    own.push(("AccountName".to_owned(), sayable("address", account.address.as_str())?));
    if let Some(name) = &account.full_name {
        match sayable("name", name.as_str()) {
            Ok(name) => own.push(("DisplayName".to_owned(), name)),
            Err(refusal) => losses.push(Loss::of("name", name, refusal.reason, SOURCE)),
        }
    }
    own.push(("EmailAddress".to_owned(), sayable("address", account.address.as_str())?));
    own.extend(receiving(incoming.protocol, &incoming.server)?);
    own.extend(sending(outgoing, &incoming.server)?);
    own.push(("ConnectionType".to_owned(), "0".to_owned()));

    let address = account.address.as_str();
    let general = [
        ("Custom", "1"),
        ("ProfileName", address),
        ("DefaultProfile", "Yes"),
        // Yes would remove the accounts that are there.
        ("OverwriteProfile", "Append"),
        ("ModifyDefaultProfileIfPresent", "True"),
    ];
    let mut text = format!("{HEAD}\r\n");
    section(&mut text, "General", general);
    section(&mut text, "Service List", []);
    let (kind, token) = named(incoming.protocol);
    section(&mut text, "Internet Account List", [("Account1", token)]);
    section(&mut text, "Account1", own.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    let receiving: Vec<_> = RECEIVING.iter().map(|(key, property)| (format!("{kind}{key}"), *property)).collect();
    let receiving = receiving.iter().map(|(key, property)| (key.as_str(), *property));
    let leave = (incoming.protocol == IncomingProtocol::Pop3).then_some(LEAVE_ON_SERVER);
    let mapping = ACCOUNT.iter().copied().chain(receiving).chain(leave).chain(SENDING.iter().copied());
    section(&mut text, token, [("AccountType", kind)].into_iter().chain(mapping));
    let bytes = text.chars().map(cp1252).collect::<Option<Vec<u8>>>().expect("every value is sayable");
    Ok(Profile { files: vec![File::own("prf", bytes)], losses })
}

/// The kind of account, with which its keys begin too, and the section that maps them to properties.
fn named(protocol: IncomingProtocol) -> (&'static str, &'static str) {
    match protocol {
        IncomingProtocol::Imap => ("IMAP", "IMAP_I_Mail"),
        IncomingProtocol::Pop3 => ("POP3", "I_Mail"),
    }
}

fn receiving(protocol: IncomingProtocol, server: &Server) -> Result<Vec<(String, String)>, Refusal> {
    let endpoint = &server.endpoint;
    let ssl = match endpoint.security {
        Security::ImplicitTls => "1",
        Security::Cleartext => "0",
        Security::StartTls => {
            let reason =
                "no value for STARTTLS at an incoming server is confirmed; 0 means no TLS, 1 means implicit TLS";
            return Err(Refusal::of("incoming.socket_type", endpoint.security.name(), reason, SOURCE));
        }
    };
    let login = match (&server.login, asks_for_a_password("incoming.authentication", endpoint.authentication, SOURCE)?)
    {
        (Some(login), true) => sayable("username", login.as_str())?,
        (_, _) => {
            let reason = "Outlook logs in to every incoming server";
            return Err(Refusal::of("incoming.authentication", "none", reason, SOURCE));
        }
    };
    let values = [
        ("Server", endpoint.host.to_string()),
        ("UserName", login),
        ("Port", endpoint.port.to_string()),
        ("UseSSL", ssl.to_owned()),
        ("UseSPA", "0".to_owned()),
    ];
    let mut values: Vec<_> =
        values.into_iter().map(|(key, value)| (format!("{}{key}", named(protocol).0), value)).collect();
    if protocol == IncomingProtocol::Pop3 {
        // As other generators have it; that the lowest bit leaves the mail where it is is unconfirmed.
        values.push(("LeaveOnServer".to_owned(), "0x50001".to_owned()));
    }
    Ok(values)
}

fn sending(server: &Server, incoming: &Server) -> Result<Vec<(String, String)>, Refusal> {
    let endpoint = &server.endpoint;
    // ENCRYPT_CONN_*: Microsoft documents the names, and generators agree on the numbers.
    let connection = match endpoint.security {
        Security::Cleartext => "0",
        Security::ImplicitTls => "1",
        Security::StartTls => "2",
    };
    let authenticates = asks_for_a_password("outgoing.authentication", endpoint.authentication, SOURCE)?;
    if authenticates && server.login != incoming.login {
        let found = server.login.as_ref().map_or("", |login| login.as_str());
        return Err(Refusal::of("username", found, "only the incoming server's login is confirmed", SOURCE));
    }
    let values = [
        ("SMTPServer", endpoint.host.to_string()),
        ("SMTPPort", endpoint.port.to_string()),
        ("SMTPUseAuth", if authenticates { "1" } else { "0" }.to_owned()),
        // As at the incoming server.
        ("SMTPAuthMethod", "0".to_owned()),
        ("SMTPUseSPA", "0".to_owned()),
        ("SMTPSecureConnection", connection.to_owned()),
    ];
    Ok(values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A value that Outlook reads as it is written. Windows removes spaces and quotation marks around one, and files in use
/// have `%UserName%` replaced; which keys that holds for is unconfirmed.
fn sayable(setting: &'static str, value: &str) -> Result<String, Refusal> {
    let quoted =
        ['"', '\''].into_iter().any(|mark| value.len() > 1 && value.starts_with(mark) && value.ends_with(mark));
    let problem = match () {
        () if value.chars().any(|character| cp1252(character).is_none()) => {
            Some("the file uses Windows code page 1252, which does not have this character")
        }
        () if value.trim() != value || quoted => Some("Windows removes spaces and quotation marks around a value"),
        () if value.matches('%').count() > 1 => Some("Outlook may replace text between percent signs"),
        () => None,
    };
    match problem {
        Some(reason) => Err(Refusal::of(setting, value, reason, SOURCE)),
        None => Ok(value.to_owned()),
    }
}

fn section<'a>(text: &mut String, name: &str, entries: impl IntoIterator<Item = (&'a str, &'a str)>) {
    text.push_str(&format!("\r\n[{name}]\r\n"));
    for (key, value) in entries {
        text.push_str(&format!("{key}={value}\r\n"));
    }
}

/// The octet of a character in code page 1252.
fn cp1252(character: char) -> Option<u8> {
    match u8::try_from(character) {
        Ok(octet @ (..0x80 | 0xa0..)) => Some(octet),
        Ok(_) => None,
        Err(_) => FROM_0X80
            .chars()
            .position(|it| it == character)
            .and_then(|at| u8::try_from(at + 0x80).ok())
            .filter(|_| character != UNUSED),
    }
}

fn losses(account: &Account, passwords: Passwords) -> Vec<Loss> {
    let mut losses = further_servers(account, "an account in the file has one server of each kind", SOURCE);
    losses.extend(window(account.sync, "the file has no key for it", SOURCE));
    let reason = "an account in the file has one address";
    losses.extend(aliases(account, reason, SOURCE));
    losses.extend(trust(account, "Outlook trusts what Windows trusts; install it there", SOURCE));
    losses.extend(groupware(account, "the file has no key for it", SOURCE));
    losses.extend(embedded_password(account, passwords, "the file has no key for it", SOURCE));
    losses
}

const HEAD: &str =
    "; Legacy: for classic Outlook on Windows (outlook.exe /importprf FILE). New Outlook does not read it.";

/// Which property a key of the account sets, and its type.
const ACCOUNT: &[(&str, &str)] = &[
    ("AccountName", "PT_UNICODE,0x0002"),
    ("DisplayName", "PT_UNICODE,0x000B"),
    ("EmailAddress", "PT_UNICODE,0x000C"),
    ("ConnectionType", "PT_LONG,0x000F"),
];

/// The properties of receiving, without the protocol's name in front of each.
const RECEIVING: &[(&str, &str)] = &[
    ("Server", "PT_UNICODE,0x0100"),
    ("UserName", "PT_UNICODE,0x0101"),
    ("Port", "PT_LONG,0x0104"),
    ("UseSSL", "PT_LONG,0x0105"),
    ("UseSPA", "PT_LONG,0x0108"),
];

/// Of POP3 alone.
const LEAVE_ON_SERVER: (&str, &str) = ("LeaveOnServer", "PT_LONG,0x1000");

/// The properties of sending, the same for both.
const SENDING: &[(&str, &str)] = &[
    ("SMTPServer", "PT_UNICODE,0x0200"),
    ("SMTPPort", "PT_LONG,0x0201"),
    ("SMTPUseAuth", "PT_LONG,0x0203"),
    ("SMTPUseSPA", "PT_LONG,0x0207"),
    ("SMTPAuthMethod", "PT_LONG,0x0208"),
    ("SMTPSecureConnection", "PT_LONG,0x020A"),
];

/// Code page 1252 from 0x80 to 0x9F.
const FROM_0X80: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ";
const UNUSED: char = '\u{fffd}';

#[cfg(test)]
mod tests {
    use provost_account::Authentication;

    use super::*;

    /// `python3 -c "print('é€Ÿ'.encode('cp1252'))"`
    #[test]
    fn code_page_1252_is_pythons() {
        assert_eq!("é€Ÿ".chars().filter_map(cp1252).collect::<Vec<_>>(), [0xe9, 0x80, 0x9f]);
        assert_eq!("山\u{81}\u{fffd}".chars().filter_map(cp1252).count(), 0);
    }

    fn server(security: Security) -> Server {
        let host = provost_account::Host::try_from("mail.example.org").expect("a host");
        let port = provost_account::Port::new(587).expect("a port");
        let authentication = Authentication::PasswordCleartext;
        let login = provost_account::Login::try_from("jane").ok();
        let endpoint = provost_account::Endpoint { host, port, security, authentication };
        Server { endpoint, login, password: None }
    }

    /// `ENCRYPT_CONN_SSL` is 1 and `ENCRYPT_CONN_TLS` is 2 in what generators write.
    #[test]
    fn sending_knows_starttls_and_receiving_does_not() {
        for (security, number) in [(Security::Cleartext, "0"), (Security::ImplicitTls, "1"), (Security::StartTls, "2")]
        {
            let server = server(security);
            let values = sending(&server, &server).expect("values");
            assert!(values.contains(&("SMTPSecureConnection".to_owned(), number.to_owned())), "{values:?}");
        }
        let refused = receiving(IncomingProtocol::Imap, &server(Security::StartTls)).expect_err("a refusal");
        assert_eq!((refused.setting, refused.found.as_str()), ("incoming.socket_type", "STARTTLS"));
    }

    #[test]
    fn what_windows_would_change_is_refused() {
        for text in ["%USERNAME%", " jane", "\"jane\"", "山田"] {
            assert!(sayable("username", text).is_err(), "{text}");
        }
        assert!(sayable("username", "100% \"j\"ane").is_ok());
    }
}
