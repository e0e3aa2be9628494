//! What an autoconfig file says apart from the servers that Thunderbird uses: where to get tokens, an Exchange server,
//! further login methods, what stays on a POP3 server. Thunderbird ignores the first two; other clients do not.

use provost_account::{Exchange, Host, OAuth2};

use crate::understood::Said;
use crate::xml::Element;

/// The section `oAuth2`, if it is whole.
pub(super) fn oauth2(root: &Element, replaced: &dyn Fn(&str) -> String) -> Option<OAuth2> {
    let section = root.child("oAuth2").or_else(|| root.child("emailProvider")?.child("oAuth2"))?;
    let text = |name: &str| {
        let text = replaced(section.child(name)?.text.trim());
        (!text.is_empty()).then_some(text)
    };
    Some(OAuth2 {
        issuer: text("issuer")?,
        scope: text("scope")?,
        auth_url: text("authURL")?,
        token_url: text("tokenURL")?,
    })
}

/// The first Exchange server: by its host name, or by the one in the address of its web services.
pub(super) fn exchange(provider: &Element, replaced: &dyn Fn(&str) -> String) -> Option<Exchange> {
    let mut servers = provider.all("incomingServer").filter(|it| is_exchange(it));
    servers.find_map(|server| {
        let text = |name: &str| server.child(name).map(|it| replaced(it.text.trim()));
        let of_url = |url: String| Some(url.strip_prefix("https://")?.split(['/', ':']).next()?.to_owned());
        let host = text("hostname").or_else(|| of_url(text("ewsURL")?)).or_else(|| of_url(text("owaURL")?))?;
        Host::try_from(host.as_str()).ok().map(|host| Exchange { host })
    })
}

/// What else the servers hold, each value with its server.
pub(super) fn said(provider: &Element, replaced: &dyn Fn(&str) -> String) -> Vec<Said> {
    let mut said = Vec::new();
    for server in provider.children.iter().filter(|it| ["incomingServer", "outgoingServer"].contains(&it.name.as_str()))
    {
        let texts = |parent: &Element, name: &str| -> Vec<String> {
            parent.all(name).map(|it| replaced(it.text.trim())).filter(|text| !text.is_empty()).collect()
        };
        let kind = server.attribute("type").unwrap_or("");
        let of = format!("of {kind} {}", texts(server, "hostname").first().map_or("", String::as_str));
        let mut say = |key: &str, values: Vec<String>| {
            if !values.is_empty() {
                said.push(Said::new(format!("{key} {of}"), values.join(", ")));
            }
        };
        let methods = texts(server, "authentication");
        if methods.len() > 1 || is_exchange(server) {
            say("authentication", methods);
        }
        for key in SAID {
            say(key, texts(server, key));
        }
        if let Some(pop3) = server.child("pop3") {
            POP3.iter().for_each(|key| say(key, texts(pop3, key)));
        }
        if is_exchange(server) {
            ["username", "ewsURL", "owaURL", "easURL"].iter().for_each(|key| say(key, texts(server, key)));
        }
    }
    said
}

fn is_exchange(server: &Element) -> bool {
    server.attribute("type").is_some_and(|kind| ["exchange", "ews", "owa", "activesync", "eas"].contains(&kind))
}

/// Keys of outgoing servers.
const SAID: &[&str] = &["addThisServer", "restriction", "useGlobalPreferredServer"];
/// What stays on the server.
const POP3: &[&str] = &["daysToLeaveMessagesOnServer", "downloadOnBiff", "leaveMessagesOnServer"];
