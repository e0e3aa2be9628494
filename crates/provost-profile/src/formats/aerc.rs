//! The configuration of aerc, `~/.config/aerc/accounts.conf`, which aerc reads only if nobody else can: the first IMAP
//! server and the preferred outgoing one, as URLs. Authorities are for the environment to name, not for the file.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{Account, Authentication, EmailAddress, Incoming, IncomingProtocol, Security, Server};

use super::{File, Loss, Passwords, Profile, Refusal, Request};
use crate::authorities;
use crate::losses::{aliases, besides_the_first_imap, groupware, no_sending, trust, window};
use crate::server_url::server_url;

/// The manual, and what aerc itself made of these files (2026-11).
pub(super) const SOURCE: &str = "aerc-accounts(5), aerc-imap(5), aerc-smtp(5), aerc 0.14";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let (service, account) = (request.service, request.account);
    let refused =
        |setting, found: &str, reason| Err(Refusal { setting, found: found.to_owned(), reason, known_from: SOURCE });
    let spoken = |incoming: &&Incoming| incoming.protocol == IncomingProtocol::Imap;
    let Some(incoming) = account.incoming.iter().find(spoken).map(|incoming| &incoming.server) else {
        return refused("incoming", "no IMAP server", "aerc speaks IMAP alone");
    };
    if is_quoted(&account.address) {
        let reason = "aerc leaves the quotation marks of a local part out, which makes no address";
        return refused("address", account.address.as_str(), reason);
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
            return refused("outgoing.socket_type", endpoint.security.name(), reason);
        }
        let Some(scheme) = scheme(key, server) else {
            let reason = "aerc logs in with the password itself, or inside of TLS with a token";
            return refused(setting, endpoint.authentication.name(), reason);
        };
        let login = server.login.as_ref().filter(|_| endpoint.authentication != Authentication::None);
        let mut url = server_url(&scheme, login.map(|login| login.as_str()), endpoint);
        match (request.passwords, &server.password, &service.password_command) {
            _ if login.is_none() => {}
            (Passwords::Embed, Some(password), _) => url = with_password(&url, password.expose()),
            (Passwords::Embed | Passwords::LeaveOut, _, Some(command)) => {
                let command = command.expand(&account.address, login);
                if command.contains("%(") {
                    return refused(
                        "password_command",
                        "%(",
                        "the file's language has %(name)s for other values, and no way to write it",
                    );
                }
                line(&format!("{key}-cred-cmd"), &command);
            }
            (Passwords::Embed | Passwords::LeaveOut, _, None) => {}
        }
        line(key, &url);
        if key == "outgoing" && endpoint.security == Security::StartTls {
            // 0.14 sends in clear without it; from 0.17 on it says what holds anyway.
            line("smtp-starttls", "yes");
        }
    }
    line("copy-to", "Sent");
    let mut files = vec![File::own("conf", text.into_bytes())];
    files.extend(authorities::named_for_the_person(&service.organization.id, &account.trust));
    Ok(Profile { files, losses: losses(request) })
}

/// How the kind of TLS and the way to log in are said. `None`: aerc cannot.
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
    let mut words: Vec<String> = Vec::new();
    let mut part = String::new();
    for character in name.chars() {
        // "An 'encoded-word' may not be more than 75 characters long"; 45 octets are 60 of base64.
        if part.len() + character.len_utf8() > 45 {
            words.push(std::mem::take(&mut part));
        }
        part.push(character);
    }
    words.push(part);
    words.iter().map(|word| format!("=?utf-8?b?{}?=", BASE64_STANDARD.encode(word))).collect::<Vec<_>>().join(" ")
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
    let reason = "an account has one server of each kind, and receives by IMAP";
    let mut losses = besides_the_first_imap(account, reason, SOURCE);
    losses.extend(no_sending(account, reason, SOURCE).into_iter().skip(1));
    losses.extend(window(account.sync, "aerc shows all mail of a folder", SOURCE));
    losses.extend(groupware(account, "the file is for mail alone", SOURCE));
    if let Some(name) = account.full_name.as_ref().filter(|name| name.as_str().contains(['"', '\\'])) {
        let written = Some(name.as_str().replace('\\', "").replace('"', "'"));
        let reason = "aerc writes ' for a quotation mark in a name, and leaves a backslash out";
        losses.push(Loss { setting: "name".to_owned(), asked: name.to_string(), written, reason, source: SOURCE });
    }
    let quoted = account.aliases.iter().filter(|alias| is_quoted(alias)).cloned().collect();
    let quoted = Account { aliases: quoted, ..Account::of(account.address.clone()) };
    losses.extend(aliases(&quoted, "aerc leaves the quotation marks of a local part out", SOURCE));
    let embedded =
        request.passwords == Passwords::Embed && account.incoming.iter().any(|it| it.server.password.is_some());
    if request.service.password_command.is_none() && !embedded {
        let (setting, asked) = ("password".to_owned(), "typed by the person".to_owned());
        let reason =
            "aerc asks nobody: without source-cred-cmd and outgoing-cred-cmd it logs in with an empty password";
        losses.push(Loss { setting, asked, written: None, reason, source: SOURCE });
    }
    let reason = "aerc takes authorities from the system, or from the file that the variable SSL_CERT_FILE of its \
                  environment names: that is one for whoever starts it";
    losses.extend(trust(account, reason, SOURCE));
    losses
}
