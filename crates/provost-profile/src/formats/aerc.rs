//! The configuration of aerc, `~/.config/aerc/accounts.conf`, which must be readable by its user alone: the first IMAP
//! server and the preferred outgoing one, as URLs. Certificate authorities come from the environment, not from the
//! file.

use provost_account::{Authentication, EmailAddress, Security, Server};

use crate::encoded_words::encoded_words;
use crate::losses::{besides_the_first_imap, groupware, no_sending, trust, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::server_url::server_url;
use crate::writer::{Password, Request};
use crate::{authorities, servers};

/// The manual, and what aerc itself made of these files (2026-11).
pub(super) const SOURCE: &str = "aerc-accounts(5), aerc-imap(5), aerc-smtp(5), aerc 0.14";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let incoming = servers::imap(account, "aerc supports IMAP only", SOURCE)?;
    if is_quoted(&account.address) {
        let reason = "aerc omits the quotation marks of a local part, so the address becomes invalid";
        return Err(Refusal::of("address", account.address.as_str(), reason, SOURCE));
    }
    let mut text = "[mail]\n".to_owned();
    let mut line = |key: &str, value: &str| text.push_str(&format!("{key} = {}\n", quoted(value)));
    let name = account.full_name.as_ref().map_or_else(String::new, |name| format!("{} ", phrase(name.as_str())));
    line("from", &format!("{name}<{}>", account.address));
    let aliases: Vec<String> =
        account.aliases.iter().filter(|alias| !is_quoted(alias)).map(|alias| format!("<{alias}>")).collect();
    if !aliases.is_empty() {
        line("aliases", &aliases.join(", "));
    }
    for (server, key, setting) in [
        (Some(incoming), "source", "incoming.authentication"),
        (account.outgoing.first(), "outgoing", "outgoing.authentication"),
    ] {
        let Some(server) = server else { continue };
        let endpoint = &server.endpoint;
        if key == "outgoing" && endpoint.security == Security::Cleartext {
            let reason = "aerc 0.14 and later versions write sending without TLS differently";
            return Err(Refusal::of("outgoing.socket_type", endpoint.security.name(), reason, SOURCE));
        }
        let Some(scheme) = scheme(key, server) else {
            let reason = "aerc logs in with the plain password, or with a token inside TLS";
            return Err(Refusal::of(setting, endpoint.authentication.name(), reason, SOURCE));
        };
        let login = server.login.as_ref().filter(|_| endpoint.authentication != Authentication::None);
        let mut url = server_url(&scheme, login.map(|login| login.as_str()), endpoint);
        match request.password(server) {
            _ if login.is_none() => {}
            Password::Carried(password) => url = with_password(&url, password.expose()),
            Password::Printed(command) => {
                if command.contains("%(") {
                    let reason = "the file's syntax uses %(name)s for other values and has no escape for it";
                    return Err(Refusal::of("password_command", "%(", reason, SOURCE));
                }
                line(&format!("{key}-cred-cmd"), &command);
            }
            Password::Typed => {}
        }
        line(key, &url);
        if key == "outgoing" && endpoint.security == Security::StartTls {
            // 0.14 sends in clear without it; from 0.17 on it says what holds anyway.
            line("smtp-starttls", "yes");
        }
    }
    line("copy-to", "Sent");
    let files = authorities::beside(request, vec![File::own("conf", text.into_bytes())]);
    Ok(Profile { files, losses: losses(request) })
}

/// The URL's scheme for the kind of TLS and the login method. `None`: aerc has none.
fn scheme(key: &str, server: &Server) -> Option<String> {
    let protocol = if key == "source" { "imap" } else { "smtp" };
    let scheme = match server.endpoint.security {
        Security::ImplicitTls => format!("{protocol}s"),
        Security::StartTls => protocol.to_owned(),
        Security::Cleartext if key == "source" => "imap+insecure".to_owned(),
        Security::Cleartext => return None,
    };
    match server.endpoint.authentication {
        Authentication::PasswordCleartext => Some(scheme),
        Authentication::OAuth2 => {
            (server.endpoint.security == Security::ImplicitTls).then(|| format!("{scheme}+oauthbearer"))
        }
        Authentication::None => (key == "outgoing").then(|| format!("{scheme}+none")),
        Authentication::PasswordEncrypted
        | Authentication::ClientCertificate
        | Authentication::Gssapi
        | Authentication::Ntlm
        | Authentication::HttpMd5 => None,
    }
}

fn is_quoted(address: &EmailAddress) -> bool {
    address.local_part().starts_with('"')
}

fn with_password(url: &str, password: &str) -> String {
    let encoded = percent_encoding::utf8_percent_encode(password, percent_encoding::NON_ALPHANUMERIC);
    url.replacen('@', &format!(":{encoded}@"), 1)
}

/// A name as a phrase of RFC 5322: bare, in quotation marks, or as encoded words (RFC 2047 §2) where it has what the file's
/// language would take for its own.
fn phrase(name: &str) -> String {
    if name.chars().all(|c| c.is_alphanumeric() || c == ' ') {
        return name.to_owned();
    }
    if !name.contains(['"', '\\', '`', '%', '#', ';']) {
        return format!("\"{name}\"");
    }
    encoded_words(name, 'b')
}

/// Three quotation marks keep a value as it is up to the last three of the line. Without them `#` and `;` begin a comment,
/// marks around a value go, and a backslash at its end joins the next line.
fn quoted(value: &str) -> String {
    let is_between = |mark| value.starts_with(mark) && value.ends_with(mark);
    let is_quoted = is_between('"') || is_between('\'') || value.starts_with('`') || value.starts_with("\"\"\"");
    match is_quoted || value.contains(['#', ';']) || value.ends_with('\\') {
        true => format!("\"\"\"{value}\"\"\""),
        false => value.to_owned(),
    }
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let reason = "an account has one server of each kind and receives by IMAP";
    let mut losses = besides_the_first_imap(account, reason, SOURCE);
    losses.extend(no_sending(account, reason, SOURCE).into_iter().skip(1));
    losses.extend(window(account.sync, "aerc shows all mail in a folder", SOURCE));
    losses.extend(groupware(account, "the file is for mail only", SOURCE));
    if let Some(name) = account.full_name.as_ref().filter(|name| name.as_str().contains(['"', '\\'])) {
        let written = name.as_str().replace('\\', "").replace('"', "'");
        let reason = "in a name, aerc writes ' for a quotation mark and omits backslashes";
        losses.push(Loss::of("name", name, reason, SOURCE).written(written));
    }
    let reason = "aerc omits the quotation marks of a local part";
    let quoted = account.aliases.iter().filter(|alias| is_quoted(alias));
    losses.extend(quoted.map(|alias| Loss::of("aliases", alias, reason, SOURCE)));
    let embedded = account.incoming.iter().any(|it| request.passwords.carried(&it.server).is_some());
    if request.service.password_command.is_none() && !embedded {
        let reason = "aerc never asks for a password: without source-cred-cmd and outgoing-cred-cmd it logs in with an empty one";
        losses.push(Loss::of("password", "typed by the person", reason, SOURCE));
    }
    let reason = "aerc uses the system's authorities, or the file in the environment variable SSL_CERT_FILE; set it where aerc is started";
    losses.extend(trust(account, reason, SOURCE));
    losses
}
