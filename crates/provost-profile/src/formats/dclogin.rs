//! The link and QR code that set up Delta Chat, `dclogin:`: text, PNG and SVG of the same code. It always contains the
//! password, so it is written only when passwords are explicitly requested.
//!
//! No code gets `ic=2` or `ic=3`, with which the app would accept any certificate.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use provost_account::{Account, Security, Server};

use crate::losses::{aliases, besides_the_first_imap, groupware, name, no_sending, window};
use crate::picture::{Picture, TOO_LONG};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::servers::{first_imap, password_alone};
use crate::writer::{Passwords, Request};

/// The link's description.
pub(super) const SOURCE: &str = "https://github.com/deltachat/interface/blob/master/uri-schemes.md#DCLOGIN";

/// Writes the link of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let link = link(request.account, request.passwords)?;
    let picture = Picture::of(&link)
        .map_err(|too_long| Refusal::of("account", format_args!("{} bytes", too_long.octets), TOO_LONG, SOURCE))?;
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
        return Err(Refusal::of("address", account.address.as_str(), reason, OBSERVED));
    }
    let Some((_, incoming)) = first_imap(account) else {
        let found = account.incoming.first().map_or("no server", |it| it.protocol.name());
        return Err(Refusal::of("incoming", found, "the app receives by IMAP only", OBSERVED));
    };
    let Some(outgoing) = account.outgoing.first() else {
        return Err(Refusal::of("outgoing", "no server", "the app needs one server of each kind", SOURCE));
    };
    if !account.trust.is_empty() {
        let reason = "the app trusts only its built-in certificate authorities, unless it accepts any certificate";
        return Err(Refusal::of("trust", account.trust.len(), reason, OBSERVED));
    }
    let receives = ServerKeys::new(incoming, "incoming.authentication")?;
    let sends = ServerKeys::new(outgoing, "outgoing.authentication")?;
    let (Some(incoming), Some(outgoing)) = (passwords.carried(incoming), passwords.carried(outgoing)) else {
        let (found, reason) = match passwords {
            Passwords::LeaveOut => ("left out", "the link always contains it; add --danger-embed-passwords"),
            Passwords::Embed => ("none", "the link always contains it, and the user list has none"),
        };
        return Err(Refusal::of("password", found, reason, OBSERVED));
    };
    let mut link = format!("dclogin:{}?v=1&p={}", encoded(account.address.as_str()), encoded(incoming.expose()));
    receives.write(["ih", "ip", "iu", "is"], &mut link);
    sends.write(["sh", "sp", "su", "ss"], &mut link);
    if outgoing != incoming {
        link.push_str(&format!("&spw={}", encoded(outgoing.expose())));
    }
    // Certificates are checked whatever the app knows of the provider. Older versions look at `sc` for the outgoing side.
    link.push_str("&ic=1&sc=1");
    Ok(link)
}

/// A server's keys in the link.
struct ServerKeys<'a> {
    server: &'a Server,
    security: &'static str,
    login: &'a str,
}

impl<'a> ServerKeys<'a> {
    fn new(server: &'a Server, setting: &'static str) -> Result<Self, Refusal> {
        let endpoint = &server.endpoint;
        let reason = "the app logs in with LOGIN and PLAIN, and supports OAuth 2 at a few providers only";
        password_alone(endpoint, setting, reason, OBSERVED)?;
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

fn losses(account: &Account) -> Vec<Loss> {
    let reason = "the link has one server of each kind, and IMAP only";
    let mut losses = besides_the_first_imap(account, reason, SOURCE);
    losses.extend(no_sending(account, reason, SOURCE).into_iter().skip(1));
    losses.extend(name(account, "the link has no place for it; the app asks for it", SOURCE));
    losses.extend(aliases(account, "the link is for one address", SOURCE));
    losses.extend(window(account.sync, "the link has no place for it", SOURCE));
    losses.extend(groupware(account, "the app is for messages only", SOURCE));
    losses
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Everything but RFC 3986's unreserved characters and `@`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');
const OBSERVED: &str = "observed: deltachat-rpc-server 2.65.0, 2026-11";
