//! The settings sheet: one page of HTML to read or print, with every server in a table and the QR codes, in English and
//! German. It is well-formed XML too, so that programs can read the tables.
//!
//! Nothing is loaded from outside the file, and there is no script. A password is never printed: only the codes contain
//! one, when passwords are explicitly requested.

mod page;
mod words;

use provost_account::{Account, Authentication, Collection, Endpoint, Security, Server, SyncWindow};

use super::{dclogin, thunderbird_qr};
use crate::losses::{authorities, identity, ldap};
use crate::picture::Picture;
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::{Passwords, Request, Variant, Write};
use page::Page;
use words::{ENGLISH, GERMAN, Words};

/// The format is the project's own.
pub(super) const SOURCE: &str = "crates/provost-profile/src/formats/settings_sheet.rs";

/// One for each language.
pub(super) const VARIANTS: &[Variant] = &[
    Variant { name: "de", devices: "people who read German", write: Write::User(write_german) },
    Variant { name: "en", devices: "people who read English", write: Write::User(write_english) },
];

fn write_english(request: &Request<'_>) -> Result<Profile, Refusal> {
    write(request, &ENGLISH)
}

fn write_german(request: &Request<'_>) -> Result<Profile, Refusal> {
    write(request, &GERMAN)
}

fn write(request: &Request<'_>, words: &Words) -> Result<Profile, Refusal> {
    let account = request.account;
    for server in incoming_and_outgoing(account) {
        authentication(&server.endpoint, words)?;
    }
    let mut losses: Vec<Loss> =
        authorities(&account.trust, "a sheet contains no certificate; install it another way", SOURCE)
            .into_iter()
            .collect();
    losses.extend(identity(account, SOURCE));
    let directory = account.groupware.ldap.as_ref().map(|ldap| &ldap.host);
    losses.extend(ldap(directory, "the sheet has no table for a directory", SOURCE));
    let thunderbird = match thunderbird_qr::picture(account, request.passwords) {
        Ok((picture, lost)) => {
            let of_code = |loss: Loss| Loss { setting: format!("code of thunderbird-qr: {}", loss.setting), ..loss };
            losses.extend(lost.into_iter().map(of_code));
            Some(picture)
        }
        Err(refusal) => {
            losses.push(Loss::of("code of thunderbird-qr", refusal.setting, refusal.reason, refusal.known_from));
            None
        }
    };
    let delta_chat = match request.passwords {
        Passwords::Embed => dclogin::link(account, request.passwords).ok().and_then(|link| Picture::of(&link).ok()),
        Passwords::LeaveOut => None,
    };
    let mut page = Page::new();
    page.open("html", &[("lang", words.language), ("data-sheet", "provost-1")]);
    head(&mut page, request, words);
    page.open("body", &[]);
    page.open("main", &[]);
    person(&mut page, request, words);
    page.open("div", &[("class", "columns")]);
    for (at, incoming) in account.incoming.iter().enumerate() {
        let protocol = incoming.protocol.name().to_uppercase();
        server(&mut page, &incoming.server, [words.receiving, "incoming", &protocol], at, words)?;
    }
    for (at, outgoing) in account.outgoing.iter().enumerate() {
        server(&mut page, outgoing, [words.sending, "outgoing", "SMTP"], at, words)?;
    }
    page.close("div");
    let groupware = &account.groupware;
    for (title, table, found) in
        [(words.calendar, "calendar", &groupware.calendar), (words.contacts, "contacts", &groupware.contacts)]
    {
        found.iter().for_each(|found| collection(&mut page, found, [title, table], words));
    }
    codes(&mut page, thunderbird.as_ref(), delta_chat.as_ref(), words);
    hints(&mut page, account, request.passwords, words);
    page.close("main");
    page.close("body");
    page.close("html");
    Ok(Profile { files: vec![File::own("html", page.finish())], losses })
}

fn head(page: &mut Page, request: &Request<'_>, words: &Words) {
    page.open("head", &[]);
    page.void("meta", &[("charset", "utf-8")]);
    page.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    page.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    // Search engines must not list it.
    page.void("meta", &[("name", "robots"), ("content", "noindex")]);
    page.element("title", &[], &format!("{}: {}", words.title, request.account.address));
    page.element("style", &[], STYLE);
    page.close("head");
}

/// The organization, the person, and what applies to every program.
fn person(page: &mut Page, request: &Request<'_>, words: &Words) {
    let account = request.account;
    page.open("header", &[]);
    page.element("p", &[("class", "organization"), ("dir", "auto")], request.service.organization.name.as_str());
    page.element("h1", &[], words.title);
    page.element("p", &[("class", "address")], account.address.as_str());
    page.close("header");
    page.open("table", &[("class", "wide"), ("data-table", "account")]);
    page.element("caption", &[], words.account);
    page.open("tbody", &[]);
    if let Some(name) = &account.full_name {
        page.row("name", words.name, name.as_str());
    }
    page.row("address", words.address, account.address.as_str());
    for alias in &account.aliases {
        page.row("alias", words.alias, alias.as_str());
    }
    if let SyncWindow::Days(days) = account.sync {
        page.row("days", words.keep, &words.days.replace("{}", &days.to_string()));
    }
    if incoming_and_outgoing(account).any(|server| wants_password(server.endpoint.authentication)) {
        page.row("password", words.password, words.password_is);
    }
    page.close("tbody");
    page.close("table");
}

fn server(
    page: &mut Page,
    server: &Server,
    [title, table, protocol]: [&str; 3],
    at: usize,
    words: &Words,
) -> Result<(), Refusal> {
    let endpoint = &server.endpoint;
    let class = if at == 0 { "server" } else { "server second" };
    page.open("table", &[("class", class), ("data-table", table)]);
    page.open("caption", &[]);
    page.text(title);
    if at > 0 {
        page.element("small", &[], words.otherwise);
    }
    page.close("caption");
    page.open("tbody", &[]);
    page.row("protocol", words.kind, protocol);
    page.row("host", words.server, &endpoint.host.to_string());
    page.row("port", words.port, &endpoint.port.to_string());
    page.row("security", words.encryption, security(endpoint.security, words));
    page.row("authentication", words.authentication, authentication(endpoint, words)?);
    if let Some(login) = &server.login {
        page.row("login", words.login, login.as_str());
    }
    page.close("tbody");
    page.close("table");
    Ok(())
}

fn collection(page: &mut Page, collection: &Collection, [title, table]: [&str; 2], words: &Words) {
    page.open("table", &[("class", "wide"), ("data-table", table)]);
    page.element("caption", &[], title);
    page.open("tbody", &[]);
    page.row("url", words.url, &collection.url.to_string());
    if let Some(login) = &collection.login {
        page.row("login", words.login, login.as_str());
    }
    page.close("tbody");
    page.close("table");
}

fn codes(page: &mut Page, thunderbird: Option<&Picture>, delta_chat: Option<&Picture>, words: &Words) {
    if thunderbird.is_none() && delta_chat.is_none() {
        return;
    }
    page.open("section", &[("class", "codes")]);
    let codes = [
        ("thunderbird-qr", thunderbird, "Thunderbird (Android)", words.scan_thunderbird),
        ("dclogin", delta_chat, "Delta Chat", words.scan_delta_chat),
    ];
    for (name, picture, title, steps) in codes {
        let Some(picture) = picture else { continue };
        page.open("figure", &[]);
        page.code(name, picture, &words.code.replace("{}", title));
        page.open("figcaption", &[]);
        page.element("h2", &[], title);
        page.element("p", &[], steps);
        page.close("figcaption");
        page.close("figure");
    }
    page.close("section");
}

fn hints(page: &mut Page, account: &Account, passwords: Passwords, words: &Words) {
    page.open("footer", &[]);
    page.element("h2", &[], words.hints);
    page.open("ul", &[]);
    words.hint.iter().for_each(|hint| page.element("li", &[], hint));
    if account.outgoing.first().is_some_and(|server| wants_password(server.endpoint.authentication)) {
        page.element("li", &[], words.both);
    }
    if !account.trust.is_empty() {
        page.element("li", &[], words.trust);
    }
    page.close("ul");
    if passwords == Passwords::Embed {
        page.element("p", &[("class", "secret")], words.secret);
    }
    page.close("footer");
}

fn incoming_and_outgoing(account: &Account) -> impl Iterator<Item = &Server> {
    account.servers().map(|(_, server)| server)
}

fn wants_password(authentication: Authentication) -> bool {
    match authentication {
        Authentication::PasswordCleartext
        | Authentication::PasswordEncrypted
        | Authentication::Ntlm
        | Authentication::HttpMd5 => true,
        Authentication::OAuth2 | Authentication::ClientCertificate | Authentication::Gssapi | Authentication::None => {
            false
        }
    }
}

fn security(security: Security, words: &Words) -> &'static str {
    match security {
        Security::ImplicitTls => "SSL/TLS",
        Security::StartTls => "STARTTLS",
        Security::Cleartext => words.none,
    }
}

fn authentication(endpoint: &Endpoint, words: &Words) -> Result<&'static str, Refusal> {
    match endpoint.authentication {
        Authentication::PasswordCleartext => Ok(words.password_cleartext),
        Authentication::PasswordEncrypted => Ok(words.password_encrypted),
        Authentication::OAuth2 => Ok("OAuth2"),
        Authentication::ClientCertificate => Ok(words.certificate),
        Authentication::None => Ok(words.none),
        Authentication::Gssapi | Authentication::Ntlm | Authentication::HttpMd5 => Err(Refusal::of(
            "authentication",
            endpoint.authentication.name(),
            "settings do not have it, and the sheet has no word for it",
            SOURCE,
        )),
    }
}

const STYLE: &str = include_str!("settings_sheet/style.css");
