//! The QR code from which Thunderbird for Android imports accounts, as a PNG and an SVG picture of the same code. The
//! payload is JSON without names, and pure ASCII: some scanners take UTF-8 for Shift-JIS.

use crate::losses::{aliases, aliases_with_odd_local_parts, further_servers, groupware, plain_aliases, trust, window};
use crate::picture::{Picture, TOO_LONG, TooLong};
use crate::profile::{File, FileName, Loss, Profile, Refusal};
use crate::servers;
use crate::writer::{Passwords, Request};
use provost_account::{Account, Authentication, IncomingProtocol, Security, Server};

/// The payload's description.
pub(super) const SOURCE: &str =
    "https://github.com/thunderbird/thunderbird-android, feature/migration/qrcode/qr-code-format.md";

/// Writes the code of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    codes(std::slice::from_ref(request.account), request.passwords)
}

/// Writes the codes of several accounts for one device: one to three accounts in each, as many codes as that takes. They
/// may be scanned in any order.
///
/// # Errors
///
/// An account that the format cannot say, or no account at all.
pub fn codes(accounts: &[Account], passwords: Passwords) -> Result<Profile, Refusal> {
    let mut written = Vec::new();
    let mut losses = Vec::new();
    for account in accounts {
        let fitting = fitting(account, passwords)?;
        written.push(fitting.entry);
        losses.extend(self::losses(account).into_iter().chain(fitting.losses));
    }
    let mut payloads: Vec<Vec<String>> = Vec::new();
    for entry in written {
        match payloads.last_mut() {
            Some(last) if last.len() < ACCOUNTS_MAX && octets(last) + entry.len() < PAYLOAD_OCTETS_GOOD => {
                last.push(entry)
            }
            Some(_) | None => payloads.push(vec![entry]),
        }
    }
    if payloads.is_empty() {
        return Err(Refusal::of("accounts", "none", "a code contains at least one account", SOURCE));
    }
    let count = payloads.len();
    let mut files = Vec::new();
    for (at, entries) in payloads.iter().enumerate() {
        let part = (count > 1).then(|| format!("{}-of-{count}", at + 1));
        let payload = format!("[1,[{},{count}],{}]", at + 1, entries.join(","));
        let picture = Picture::of(&payload).map_err(too_long)?;
        let file =
            |extension, bytes| File { name: FileName::Own { part: part.clone(), extension }, install: None, bytes };
        files.push(file("png", picture.png()));
        files.push(file("svg", picture.svg()));
    }
    Ok(Profile { files, losses })
}

/// The code of one account, and what it could not hold of it.
pub(super) fn picture(account: &Account, passwords: Passwords) -> Result<(Picture, Vec<Loss>), Refusal> {
    let fitting = fitting(account, passwords)?;
    let picture = Picture::of(&format!("[1,[1,1],{}]", fitting.entry)).map_err(too_long)?;
    Ok((picture, fitting.losses))
}

/// An account as it fits into a code.
struct Fitting {
    entry: String,
    losses: Vec<Loss>,
}

/// The account, without its aliases if there are more than a code holds.
fn fitting(account: &Account, passwords: Passwords) -> Result<Fitting, Refusal> {
    let whole = entry(account, passwords)?;
    // As in the longest of a series of codes.
    if account.aliases.is_empty() || Picture::of(&format!("[1,[99,99],{whole}]")).is_ok() {
        return Ok(Fitting { entry: whole, losses: Vec::new() });
    }
    let plain = Account { aliases: plain_aliases(account).cloned().collect(), ..account.clone() };
    let alone = Account { aliases: Vec::new(), ..account.clone() };
    Ok(Fitting { entry: entry(&alone, passwords)?, losses: aliases(&plain, TOO_MANY_ALIASES, SOURCE) })
}

/// Incoming server, and outgoing servers with the identities that use them.
fn entry(account: &Account, passwords: Passwords) -> Result<String, Refusal> {
    let (incoming, outgoing) = servers::one_of_each(account, "an account needs one server of each kind", SOURCE)?;
    if !account.address.is_ascii_dot_string() {
        let reason = "the app accepts only addresses with an unquoted ASCII local part, and rejects the whole code";
        return Err(Refusal::of("address", account.address.as_str(), reason, SOURCE));
    }
    let protocol = match incoming.protocol {
        IncomingProtocol::Imap => 0,
        IncomingProtocol::Pop3 => 1,
    };
    let name = account.full_name.as_ref().map_or("", |name| name.as_str());
    let addresses = std::iter::once(&account.address).chain(plain_aliases(account));
    let identities: Vec<String> =
        addresses.map(|address| format!("[{},{}]", quoted(address.as_str()), quoted(name))).collect();
    let password = |server: &Server| quoted(passwords.carried(server).map_or("", |password| password.expose()));
    Ok(format!(
        "[{protocol},{},{},{}],[[[0,{},{}],{}]]",
        server(&incoming.server, "incoming.authentication")?,
        quoted(account.address.as_str()),
        password(&incoming.server),
        server(outgoing, "outgoing.authentication")?,
        password(outgoing),
        identities.join(","),
    ))
}

/// Host, port, protection, authentication and login name.
fn server(server: &Server, setting: &'static str) -> Result<String, Refusal> {
    let endpoint = &server.endpoint;
    let security = match endpoint.security {
        Security::Cleartext => 0,
        Security::StartTls => 2,
        Security::ImplicitTls => 3,
    };
    let authentication = match endpoint.authentication {
        Authentication::None => 0,
        Authentication::PasswordCleartext => 1,
        Authentication::PasswordEncrypted => 2,
        Authentication::OAuth2 => 6,
        Authentication::ClientCertificate | Authentication::Gssapi | Authentication::Ntlm | Authentication::HttpMd5 => {
            let reason = "the app rejects the whole code because of it";
            return Err(Refusal::of(setting, endpoint.authentication.name(), reason, SOURCE));
        }
    };
    let login = server.login.as_ref().map_or("", |login| login.as_str());
    let (host, port) = (quoted(&endpoint.host.to_string()), endpoint.port);
    Ok(format!("{host},{port},{security},{authentication},{}", quoted(login)))
}

/// A JSON string in ASCII.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for character in serde_json::Value::from(text).to_string().chars() {
        match character.is_ascii() {
            true => out.push(character),
            false => {
                let mut units = [0; 2];
                out.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
            }
        }
    }
    out
}

fn octets(entries: &[String]) -> usize {
    entries.iter().map(|entry| entry.len() + 1).sum::<usize>()
}

fn losses(account: &Account) -> Vec<Loss> {
    let mut losses = further_servers(account, "the app uses one server of each kind", SOURCE);
    losses.extend(window(account.sync, "the code has no place for it", SOURCE));
    let reason = "the code has no place for it; the app trusts what the device trusts, install it there";
    losses.extend(trust(account, reason, SOURCE));
    losses.extend(groupware(account, "the code is for mail only", SOURCE));
    let reason = "the app accepts only addresses with an unquoted ASCII local part";
    losses.extend(aliases_with_odd_local_parts(account, reason, SOURCE));
    losses
}

fn too_long(too_long: TooLong) -> Refusal {
    Refusal::of("account", format_args!("{} bytes", too_long.octets), TOO_LONG, SOURCE)
}

/// Why a code contains none of them: leaving out some would be an arbitrary choice.
const TOO_MANY_ALIASES: &str = "they exceed the 2953 bytes of a QR code, so the code contains none of them";
/// As Thunderbird's own export has it (QRExport.sys.mjs).
const ACCOUNTS_MAX: usize = 3;
/// Beyond this, cameras have a hard time (the same).
const PAYLOAD_OCTETS_GOOD: usize = 800;
