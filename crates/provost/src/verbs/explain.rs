//! `provost explain`: what the device will do with a profile.

use std::path::Path;

use provost_account::{Apple, Collection, Ldap, LdapSearch, Login, OAuth2, Protocol, Server, Smime, SyncWindow};
use provost_device::{Signer, Understood, Verdict as Reads, with_placeholders};
use serde_json::{Value, json};

use crate::arguments::Explain;
use crate::failure::Failure;
use crate::road::find::profiles;
use crate::road::profile::{ReadAs, refused};
use crate::verdict::Verdict;
use crate::{complaints, input, output, today};

/// Explains every file. A file that its device would refuse makes the verdict, after the others were explained.
pub(crate) fn run(options: &Explain) -> Result<Verdict, Failure> {
    let given = input::address(options.address.as_deref())?;
    let mut refused_files = Vec::new();
    let mut explained = 0;
    let mut read_as = ReadAs::of(options.version);
    for profile in profiles(&options.files)? {
        let profile = read_as.this(profile?);
        let (file, format) = (profile.path(), profile.format()?);
        let mut reading = profile.look(format, &profile.whose(given.as_ref()));
        let (signers, of_signers) = profile.signers(&[]);
        if reading.verdict == Reads::Refused {
            refused_files.push((file.display().to_string(), format));
            reading.profiles.retain(|it| !it.sets_up_nothing());
        }
        for understood in &reading.profiles {
            if options.json {
                output::json_line(&as_json(file, format.name, understood, reading.verdict))?;
                continue;
            }
            if explained > 0 {
                output::line("")?;
            }
            explained += 1;
            print(file, format.name, understood, reading.verdict, &signers)?;
        }
        let mut findings = reading.findings;
        let sense = reading.profiles.iter().flat_map(provost_device::contradictions);
        findings.extend(sense.map(provost_device::for_nobody));
        reading.profiles.iter().for_each(|it| today::add_of_account(&mut findings, it));
        findings.extend(of_signers);
        complaints::print(file, &findings);
    }
    read_as.finish();
    match refused_files.is_empty() {
        true => Ok(Verdict::Good),
        false => Err(refused(&refused_files)),
    }
}

fn print(
    file: &Path,
    format: &str,
    understood: &Understood,
    verdict: Reads,
    signers: &[Signer],
) -> Result<(), Failure> {
    let account = &understood.account;
    let reads = match verdict {
        Reads::Taken => "reads it",
        Reads::Refused => "would read it without the errors below",
    };
    output::line(&format!("{} ({format}), as {} {reads}", file.display(), understood.device))?;
    let mut rows = match understood.address() {
        _ if understood.sets_up_nothing() => vec![row("no mail account in it", "", "")],
        Some(address) => vec![row("address", address.as_str(), "")],
        // A calendar alone is nobody's mail account.
        None if !has_mail(understood) => Vec::new(),
        None => vec![row("address", "unknown", "the file does not name it; give --address")],
    };
    rows.extend(account.full_name.iter().map(|name| row("name", name.as_str(), "")));
    rows.extend(understood.label.iter().map(|label| row("account", label, "")));
    rows.extend(account.aliases.iter().map(|alias| row("alias", alias.as_str(), "")));
    for (at, incoming) in account.incoming.iter().enumerate() {
        rows.push(row("receives from", &server(&incoming.server, incoming.protocol.into()), preference(at)));
    }
    for (at, outgoing) in account.outgoing.iter().enumerate() {
        rows.push(row("sends through", &server(outgoing, Protocol::Submission), preference(at)));
    }
    rows.extend(account.groupware.calendar.iter().map(|it| row("calendar", &collection(it), "")));
    rows.extend(account.groupware.contacts.iter().map(|it| row("contacts", &collection(it), "")));
    rows.extend(account.groupware.ldap.iter().map(|it| row("directory", &directory(it), "")));
    rows.extend(account.smime.iter().map(|it| row("S/MIME", &smime(it), "")));
    rows.extend(apple(&account.apple).into_iter().map(|(what, value)| row(what, &value, "")));
    rows.extend(understood.password_commands.iter().map(|command| row("password by", command, "")));
    rows.extend(understood.oauth2.iter().map(|it| row("tokens from", &tokens(it), "")));
    rows.extend(understood.said.iter().map(|it| row("says", &format!("{} = {}", it.key, it.value), "")));
    rows.extend(has_mail(understood).then(|| match account.sync {
        SyncWindow::Unlimited => row("keeps", "the client's default amount of mail", ""),
        SyncWindow::Days(days) => row("keeps", &format!("mail of the last {days} days"), ""),
    }));
    if !account.trust.is_empty() {
        rows.push(row("trusts", &input::count(account.trust.len(), "further certificate"), ""));
    }
    rows.extend(signers.iter().map(signed_by));
    let remark = |it: provost_device::Unusual| match it.source {
        "" => row("unusual", &it.what, it.meaning),
        source => row("unusual", &it.what, &format!("{} ({source})", it.meaning)),
    };
    rows.extend(provost_device::unusual(understood).into_iter().map(remark));
    rows.extend(understood.assumed.iter().map(|it| row("assumes", &format!("{} = {}", it.key, it.value), it.source)));
    rows.extend(understood.ignored.iter().map(|it| {
        let line = it.place.map(|place| format!(" (line {})", place.line));
        row("ignores", &format!("{}{}", it.key, line.as_deref().unwrap_or("")), &it.reason)
    }));
    if understood.address().is_none() {
        rows.iter_mut().flatten().for_each(|cell| *cell = with_placeholders(cell));
    }
    Ok(output::table(&rows)?)
}

/// Whether it is a mail account, of whatever kind: Exchange has its own servers.
fn has_mail(understood: &Understood) -> bool {
    let account = &understood.account;
    let is_exchange = understood.assumed.iter().any(|it| it.key.starts_with("Exchange "));
    !account.incoming.is_empty() || !account.outgoing.is_empty() || is_exchange
}

fn as_json(file: &Path, format: &str, understood: &Understood, verdict: Reads) -> Value {
    let account = &understood.account;
    let (calendar, contacts) = (account.groupware.calendar.as_ref(), account.groupware.contacts.as_ref());
    let url = |it: &Collection| it.url.to_string();
    let username = |it: &Collection| it.login.as_ref().map(ToString::to_string);
    let value = json!({
        "provost": 1,
        "file": file.display().to_string(),
        "format": format,
        "device": understood.device,
        "refused": verdict == Reads::Refused,
        "address": understood.address().map(ToString::to_string),
        "name": account.full_name.as_ref().map(ToString::to_string),
        "aliases": list(&account.aliases, |it| json!(it.to_string())),
        "incoming": list(&account.incoming, |it| server_json(&it.server, it.protocol.into())),
        "outgoing": list(&account.outgoing, |it| server_json(it, Protocol::Submission)),
        "sync_days": match account.sync {
            SyncWindow::Unlimited => None,
            SyncWindow::Days(days) => Some(days.get()),
        },
        "trust": account.trust.len(),
        "calendar": calendar.map(url),
        "calendar_username": calendar.and_then(username),
        "contacts": contacts.map(url),
        "contacts_username": contacts.and_then(username),
        "ldap": account.groupware.ldap.as_ref().map(|it| json!({
            "host": it.host.to_string(),
            "socket_type": it.security.name(),
            "username": it.login.as_ref().map(ToString::to_string),
            "searches": list(&it.searches, |search| json!({
                "base": search.base.as_str(),
                "scope": search.scope.name(),
                "description": search.description.as_ref().map(ToString::to_string),
            })),
        })),
        "smime": account.smime.as_ref()
            .map(|it| json!({"sign": it.sign, "encrypt": it.encryption.name(), "octets": it.identity.pkcs12().len()})),
        "apple": list(&apple(&account.apple), |(what, value)| json!({"what": what, "value": value})),
        "password_commands": understood.password_commands,
        "exchange": understood.exchange.as_ref().map(|it| it.host.to_string()),
        "oauth2": understood.oauth2.as_ref().map(|it| json!({
            "issuer": it.issuer, "scope": it.scope, "auth_url": it.auth_url, "token_url": it.token_url,
        })),
        "said": list(&understood.said, |it| json!({"key": it.key, "value": it.value})),
        "identifiers": list(&understood.identifiers, |it| json!({"key": it.key, "value": it.value})),
        "unusual": list(&provost_device::unusual(understood), |it| {
            json!({"what": it.what, "meaning": it.meaning, "source": it.source})
        }),
        "assumed": list(&understood.assumed, |it| json!({"key": it.key, "value": it.value, "source": it.source})),
        "ignored": list(&understood.ignored, |it| {
            json!({"key": it.key, "line": it.place.map(|place| place.line), "reason": it.reason})
        }),
    });
    if understood.address().is_none() { of_nobody(value) } else { value }
}

/// The same with placeholders for what depends on an address that is not known.
fn of_nobody(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(with_placeholders(&text)),
        Value::Array(items) => items.into_iter().map(of_nobody).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, of_nobody(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn list<T>(items: &[T], as_json: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(as_json).collect()
}

fn server(server: &Server, protocol: Protocol) -> String {
    let (endpoint, login) = (&server.endpoint, by_name(server.login.as_ref()));
    let (at, security, way) = (endpoint.authority(), endpoint.security.name(), endpoint.authentication.name());
    let password = server.password.as_ref().map_or("", |_| ", password in the file");
    format!("{} {at} {security}, {way}{login}{password}", protocol.name())
}

fn by_name(login: Option<&Login>) -> String {
    login.map_or_else(String::new, |login| format!(" as {login}"))
}

fn signed_by(signer: &Signer) -> Vec<String> {
    let until = signer.valid_until.map(|day| format!(", until {day}"));
    let remark = match &signer.authority {
        Some(authority) => format!("{authority} vouches for it"),
        None => "nobody who is trusted here vouches for it".to_owned(),
    };
    row("signed by", &format!("{}{}", signer.name, until.as_deref().unwrap_or("")), &remark)
}

fn tokens(oauth2: &OAuth2) -> String {
    format!("{} for {}, at {} and {}", oauth2.issuer, oauth2.scope, oauth2.auth_url, oauth2.token_url)
}

fn collection(collection: &Collection) -> String {
    format!("{}{}", collection.url, by_name(collection.login.as_ref()))
}

fn directory(ldap: &Ldap) -> String {
    let place = |it: &LdapSearch| format!("{} ({})", it.base.as_str(), it.scope.name());
    let places: Vec<String> = ldap.searches.iter().map(place).collect();
    let (host, login) = (ldap.host.bracketed(), by_name(ldap.login.as_ref()));
    format!("ldap {host} {}, in {}{login}", ldap.security.name(), places.join(" and "))
}

fn smime(smime: &Smime) -> String {
    let sign = if smime.sign { "signs" } else { "does not sign" };
    format!("{sign}, encrypts {}; the device asks for the password of the identity", smime.encryption.name())
}

/// What Apple's Mail is asked to do, in the words of a help desk.
fn apple(apple: &Apple) -> Vec<(&'static str, String)> {
    let switches = [
        ("moving mail", apple.prevent_move.map(|prevented| !prevented)),
        ("other apps", apple.prevent_app_sheet.map(|prevented| !prevented)),
        ("Mail Drop", apple.mail_drop),
        ("recents", apple.recents_syncing),
        ("removal", apple.removal_disallowed.map(|disallowed| !disallowed)),
    ];
    let switches = switches.map(|(what, allowed)| {
        (what, allowed.map(|allowed| if allowed { "allowed" } else { "not allowed" }.to_owned()))
    });
    let languages = apple.consent.keys().map(|language| language.as_str()).collect::<Vec<_>>().join(", ");
    let texts = [
        ("VPN", apple.vpn.as_ref().map(|vpn| vpn.as_str().to_owned())),
        ("asks to agree", (!languages.is_empty()).then_some(languages)),
        ("expires on", apple.expiration_date.map(|day| day.to_string())),
        ("removed on", apple.removal_date.map(|day| day.to_string())),
        ("removed after", apple.remove_after_days.map(|days| format!("{days} days"))),
    ];
    switches.into_iter().chain(texts).filter_map(|(what, text)| Some((what, text?))).collect()
}

fn server_json(server: &Server, protocol: Protocol) -> Value {
    let endpoint = &server.endpoint;
    json!({
        "protocol": protocol.name(),
        "host": endpoint.host.to_string(),
        "port": endpoint.port.get(),
        "socket_type": endpoint.security.name(),
        "authentication": endpoint.authentication.name(),
        "username": server.login.as_ref().map(ToString::to_string),
        "password_in_file": server.password.is_some(),
    })
}

fn preference(at: usize) -> &'static str {
    if at == 0 { "" } else { "(alternative)" }
}

fn row(what: &str, value: &str, remark: &str) -> Vec<String> {
    vec![format!("  {what}"), value.to_owned(), remark.to_owned()]
}
