//! The link and QR code that set Delta Chat up, `dclogin:`: text, PNG and SVG of the same code. It always carries the
//! password, so it is written only where passwords are asked for by name.
//!
//! What no code gets: `ic=2` and `ic=3`, with which the app would take any certificate.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use provost_account::{Account, Authentication, Incoming, IncomingProtocol, Security, Server};

use super::{File, Loss, Passwords, Profile, Refusal, Request};
use crate::losses::{aliases, groupware, server_loss, window};
use crate::picture::{Picture, TOO_LONG};

/// The link's description.
pub(super) const SOURCE: &str = "https://github.com/deltachat/interface/blob/master/uri-schemes.md#DCLOGIN";

/// Writes the link of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let link = link(request.account, request.passwords)?;
    let picture = Picture::of(&link)
        .map_err(|too_long| refusal("account", &format!("{} octets", too_long.octets), TOO_LONG, SOURCE))?;
    let files = vec![
        File::own("txt", format!("{link}\n").into_bytes()),
        File::own("png", picture.png()),
        File::own("svg", picture.svg()),
    ];
    Ok(Profile { files, losses: losses(request.account) })
}

/// The link of one account.
///
/// ```abnf
/// dclogin = "dclogin:" address "?v=1" *("&" key "=" value)   ; SOURCE; all percent-encoded, since "+" is a space there
/// ```
pub(super) fn link(account: &Account, passwords: Passwords) -> Result<String, Refusal> {
    if account.address.local_part().starts_with('"') {
        let reason = "the app takes no address with a quoted local part";
        return Err(refusal("address", account.address.as_str(), reason, OBSERVED));
    }
    let Some((_, incoming)) = receives_from(account) else {
        let found = account.incoming.first().map_or("no server", |it| it.protocol.name());
        return Err(refusal("incoming", found, "the app receives by IMAP only", OBSERVED));
    };
    let Some(outgoing) = account.outgoing.first() else {
        return Err(refusal("outgoing", "no server", "the app wants one server of each kind", SOURCE));
    };
    if !account.trust.is_empty() {
        let reason =
            "the app brings its certificate authorities along and takes no other, unless it takes any certificate";
        return Err(refusal("trust", &account.trust.len().to_string(), reason, OBSERVED));
    }
    let receives = ServerKeys::new(&incoming.server, "incoming.authentication")?;
    let sends = ServerKeys::new(outgoing, "outgoing.authentication")?;
    let password = |server: &Server| match passwords {
        Passwords::Embed => server.password.as_ref().map(|password| password.expose().to_owned()),
        Passwords::LeaveOut => None,
    };
    let (Some(incoming), Some(outgoing)) = (password(&incoming.server), password(outgoing)) else {
        let (found, reason) = match passwords {
            Passwords::LeaveOut => ("left out", "the link always carries it; ask for it with --danger-embed-passwords"),
            Passwords::Embed => ("none", "the link always carries it, and the user list has none"),
        };
        return Err(refusal("password", found, reason, OBSERVED));
    };
    let mut link = format!("dclogin:{}?v=1&p={}", encoded(account.address.as_str()), encoded(&incoming));
    receives.write(["ih", "ip", "iu", "is"], &mut link);
    sends.write(["sh", "sp", "su", "ss"], &mut link);
    if outgoing != incoming {
        link.push_str(&format!("&spw={}", encoded(&outgoing)));
    }
    // Certificates are checked whatever the app knows of the provider. Older versions look at `sc` for the outgoing side.
    link.push_str("&ic=1&sc=1");
    Ok(link)
}

/// A server as the link says it.
struct ServerKeys<'a> {
    server: &'a Server,
    security: &'static str,
    login: &'a str,
}

impl<'a> ServerKeys<'a> {
    fn new(server: &'a Server, setting: &'static str) -> Result<Self, Refusal> {
        let endpoint = &server.endpoint;
        match endpoint.authentication {
            Authentication::PasswordCleartext => {}
            Authentication::PasswordEncrypted
            | Authentication::OAuth2
            | Authentication::ClientCertificate
            | Authentication::Gssapi
            | Authentication::Ntlm
            | Authentication::HttpMd5
            | Authentication::None => {
                let reason = "the app logs in with LOGIN and PLAIN, and knows OAuth 2 at few providers only";
                return Err(refusal(setting, endpoint.authentication.name(), reason, OBSERVED));
            }
        }
        let security = match endpoint.security {
            Security::ImplicitTls => "ssl",
            Security::StartTls => "starttls",
            Security::Cleartext => "plain",
        };
        Ok(Self { server, security, login: server.login.as_ref().map_or("", |login| login.as_str()) })
    }

    fn write(&self, [host, port, login, security]: [&str; 4], link: &mut String) {
        let endpoint = &self.server.endpoint;
        let values = [
            (host, endpoint.host.to_string()),
            (port, endpoint.port.to_string()),
            (login, self.login.to_owned()),
            (security, self.security.to_owned()),
        ];
        for (key, value) in values {
            link.push_str(&format!("&{key}={}", encoded(&value)));
        }
    }
}

/// The first IMAP server, and its place in the list.
fn receives_from(account: &Account) -> Option<(usize, &Incoming)> {
    account.incoming.iter().enumerate().find(|(_, it)| it.protocol == IncomingProtocol::Imap)
}

fn losses(account: &Account) -> Vec<Loss> {
    let reason = "the link holds one server of each kind, and IMAP only";
    let used = receives_from(account).map(|(at, _)| at);
    let incoming = account.incoming.iter().enumerate().filter(|(at, _)| Some(*at) != used).map(|(at, it)| {
        server_loss(format!("incoming[{at}]"), it.protocol.name(), &it.server.endpoint, reason, SOURCE)
    });
    let outgoing = account.outgoing.iter().enumerate().skip(1);
    let outgoing =
        outgoing.map(|(at, it)| server_loss(format!("outgoing[{at}]"), "smtp", &it.endpoint, reason, SOURCE));
    let mut losses: Vec<Loss> = incoming.chain(outgoing).collect();
    losses.extend(account.full_name.as_ref().map(|name| Loss {
        setting: "name".to_owned(),
        asked: name.to_string(),
        written: None,
        reason: "the link has no place for it; the app asks for it",
        source: SOURCE,
    }));
    losses.extend(aliases(account, "the link is for one address", SOURCE));
    losses.extend(window(account.sync, "the link has no place for it", SOURCE));
    losses.extend(groupware(account, "the app is for messages alone", SOURCE));
    losses
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

fn refusal(setting: &'static str, found: &str, reason: &'static str, known_from: &'static str) -> Refusal {
    Refusal { setting, found: found.to_owned(), reason, known_from }
}

/// Everything but RFC 3986's unreserved characters and `@`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');
const OBSERVED: &str = "observed: deltachat-rpc-server 2.65.0, 2026-11";
