//! PACC's automatic-configuration document, `user-agent-configuration.json`, as in draft -03: one host per protocol and
//! nothing about ports, TLS or login names, because it allows one choice for each of those. Draft -04 was not
//! available, so its changes are unconfirmed.
//!
//! The DNS record next to it holds the digest of exactly these bytes: serve them unchanged.

use crate::losses::{authorities, ldap, server_loss, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::servers::numbered;
use crate::writer::DomainRequest;
use provost_account::{Authentication, Endpoint, Host, HttpsUrl, Protocol, Security, Service};
use serde_json::{Map, Value, json};

/// The draft.
pub(super) const SOURCE: &str = "https://www.ietf.org/archive/id/draft-ietf-mailmaint-pacc-03";

/// Writes the document of one domain.
pub(super) fn write(request: &DomainRequest<'_>) -> Result<Profile, Refusal> {
    let (bytes, losses) = document(request.service)?;
    Ok(Profile { files: vec![File::own("json", bytes)], losses })
}

/// The document, the same for every domain of a service, and what it cannot express.
pub(super) fn document(service: &Service) -> Result<(Vec<u8>, Vec<Loss>), Refusal> {
    let login = service.login.as_str();
    if !IS_THE_ADDRESS.contains(&login) {
        return Err(Refusal::of("username", login, ALWAYS_THE_ADDRESS, SOURCE));
    }
    let mut losses = Vec::new();
    let mut protocols = Map::new();
    let mut methods = Vec::new();
    for (side, at, protocol, endpoint) in numbered(service) {
        let name = if protocol == Protocol::Submission { "submit" } else { protocol.name() };
        // A client that knows both takes IMAP, whatever the order here is.
        let preferred = protocols.contains_key("pop3") && name == "imap";
        let taken = if preferred { Err(Unsaid("the document has no order of preference")) } else { Ok(()) };
        match taken.and_then(|()| server(&protocols, name, endpoint, protocol)) {
            Ok(host) => {
                protocols.insert(name.to_owned(), host);
                methods.push(endpoint.authentication);
            }
            Err(Unsaid(reason)) => {
                losses.push(server_loss(format!("{side}[{at}]"), protocol, endpoint, reason, SOURCE))
            }
        }
    }
    let is_said = |name: &&str| protocols.contains_key(*name);
    let missing = [("incoming", &["imap", "pop3"][..]), ("outgoing", &["submit"])];
    if let Some((setting, _)) = missing.into_iter().find(|(_, names)| !names.iter().any(is_said)) {
        let first = losses.iter().find(|loss| loss.setting.starts_with(setting));
        let (found, reason) =
            first.map_or(("no server".to_owned(), "a server is needed"), |loss| (loss.asked.clone(), loss.reason));
        return Err(Refusal::of(setting, found, reason, SOURCE));
    }
    let authentication = authentication(service, &methods)?;
    for (key, setting, found) in [("caldav", "calendar", &service.calendar), ("carddav", "contacts", &service.contacts)]
    {
        let Some(found) = found else { continue };
        match collection(found.url.as_str()) {
            Ok(url) => {
                protocols.insert(key.to_owned(), json!({ "url": url }));
                let login = found.login_of_everybody(&service.login);
                if !IS_THE_ADDRESS.contains(&login.as_str()) {
                    let loss = Loss::of(format_args!("{setting}.username"), login.as_str(), ALWAYS_THE_ADDRESS, SOURCE);
                    losses.push(loss.written(IS_THE_ADDRESS[0]));
                }
            }
            Err(Unsaid(reason)) => losses.push(Loss::of(setting, found.url.as_str(), reason, SOURCE)),
        }
    }
    losses.extend(unsaid(service));
    let provider = provider(service, &mut losses);
    protocols.sort_keys();
    let document = json!({
        "authentication": authentication,
        "info": { "provider": provider },
        "protocols": protocols,
    });
    let mut bytes = serde_json::to_vec(&document).expect("strings and flags are always JSON");
    bytes.push(b'\n');
    Ok((bytes, losses))
}

/// Why the document cannot express something.
struct Unsaid(&'static str);

/// The host of a server, if a client finds it there with TLS from the start and logs in as the document says.
fn server(written: &Map<String, Value>, name: &str, endpoint: &Endpoint, protocol: Protocol) -> Result<Value, Unsaid> {
    if endpoint.security != Security::ImplicitTls {
        return Err(Unsaid("TLS is always implicit"));
    }
    if endpoint.port != protocol.registered(Security::ImplicitTls).port {
        return Err(Unsaid("the port is always the registered one: 993, 995, 465"));
    }
    if written.contains_key(name) {
        return Err(Unsaid("the document has one server per protocol"));
    }
    match endpoint.authentication {
        Authentication::PasswordCleartext | Authentication::OAuth2 => {}
        Authentication::PasswordEncrypted
        | Authentication::ClientCertificate
        | Authentication::Gssapi
        | Authentication::Ntlm
        | Authentication::HttpMd5
        | Authentication::None => {
            return Err(Unsaid("the document supports passwords and OAuth, but no other mechanism"));
        }
    }
    match &endpoint.host {
        Host::Name(host) => Ok(json!({ "host": host.as_str() })),
        Host::Address(_) => Err(Unsaid("a host is a name")),
    }
}

/// How a client logs in, said once for all servers.
fn authentication(service: &Service, methods: &[Authentication]) -> Result<Value, Refusal> {
    let passwords = methods.iter().all(|method| *method == Authentication::PasswordCleartext);
    let tokens = methods.iter().all(|method| *method == Authentication::OAuth2);
    match (passwords, tokens, &service.oauth2) {
        (true, _, _) => Ok(json!({ "password": true })),
        (_, true, Some(oauth2)) if oauth2.issuer.starts_with("https://") => {
            Ok(json!({ "oauth-public": { "issuer": oauth2.issuer }, "password": false }))
        }
        (_, true, _) => {
            let found = service.oauth2.as_ref().map_or("nothing", |oauth2| oauth2.issuer.as_str());
            Err(Refusal::of("oauth2.issuer", found, "the issuer is an https URL (RFC 8414 section 2)", SOURCE))
        }
        (false, false, _) => {
            let reason = "the document has one value for all servers";
            Err(Refusal::of("authentication", "OAuth2 and passwords", reason, SOURCE))
        }
    }
}

/// A URL that is the same for everybody, on the port that https has, with a path.
fn collection(template: &str) -> Result<String, Unsaid> {
    if template.contains("%EMAIL") || template.contains("%USERNAME%") {
        return Err(Unsaid("the document is the same for everyone, and clients replace no placeholder"));
    }
    match HttpsUrl::try_from(template) {
        Ok(url) if url.port().get() != 443 => Err(Unsaid("a URL must not have a port")),
        Ok(url) => Ok(url.to_string()),
        Err(_) => Err(Unsaid("the template is no URL")),
    }
}

/// `name` has 60 characters at most, `shortName` 20.
fn provider(service: &Service, losses: &mut Vec<Loss>) -> Value {
    let name = service.organization.name.as_str();
    let short: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
    if short != name {
        let reason = "a name has at most 60 characters";
        losses.push(Loss::of("organization.name", name, reason, SOURCE).written(&short));
    }
    match short.chars().count() <= SHORT_NAME_CHARACTERS_MAX {
        true => json!({ "name": short, "shortName": short }),
        false => json!({ "name": short }),
    }
}

/// What the document has no member for.
fn unsaid(service: &Service) -> Vec<Loss> {
    let window = window(service.sync, "the document has no member for it", SOURCE);
    let ldap = ldap(service.ldap.as_ref().map(|ldap| &ldap.host), "the document has no member for it", SOURCE);
    let reason = "the document has no member for it; clients trust what the device trusts";
    window.into_iter().chain(ldap).chain(authorities(&service.trust, reason, SOURCE)).collect()
}

const IS_THE_ADDRESS: [&str; 2] = ["%EMAILADDRESS%", "%EMAILLOCALPART%@%EMAILDOMAIN%"];
const ALWAYS_THE_ADDRESS: &str = "the login name is always the address";
const NAME_CHARACTERS_MAX: usize = 60;
const SHORT_NAME_CHARACTERS_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, expected: Result<&str, &str>) {
        assert_eq!(collection(template).as_deref().map_err(|unsaid| unsaid.0), expected);
    }

    #[test]
    fn a_url_is_for_everybody_and_without_a_port() {
        check("https://dav.example/caldav/", Ok("https://dav.example/caldav/"));
        check("https://dav.example", Ok("https://dav.example/"));
        check("https://dav.example:8443/", Err("a URL must not have a port"));
        check(
            "https://dav.example/%EMAILADDRESS%/",
            Err("the document is the same for everyone, and clients replace no placeholder"),
        );
    }
}
