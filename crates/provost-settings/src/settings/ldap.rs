//! The key `ldap`: the directory that everyone uses.

use provost_account::{
    DisplayName, DistinguishedName, Host, LdapSearch, LdapService, LoginTemplate, SearchScope, Security,
};

use super::decode::{At, whole};
use super::servers::{Cleartext, choice, permitted};

/// The whole key.
pub(crate) fn ldap(at: &At<'_, '_>, cleartext: Cleartext) -> Option<LdapService> {
    let map = at.map(&["host", "socket_type", "username", "searches"])?;
    let host = map.required("host").and_then(|it| it.parsed(|text| Host::try_from(text)));
    let security = map.required("socket_type").and_then(|it| {
        let security = choice(it, SOCKET_TYPES)?;
        permitted(it, security, cleartext).then_some(security)
    });
    let login = map.optional("username").map(|it| it.template(|text| LoginTemplate::try_from(text)));
    let searches = map.required("searches").and_then(|it| {
        let items = it.list("a place to look in")?;
        items.iter().map(search).collect::<Vec<_>>().into_iter().collect()
    });
    Some(LdapService { host: host?, security: security?, login: whole(login)?, searches: searches? })
}

fn search(at: &At<'_, '_>) -> Option<LdapSearch> {
    let map = at.map(&["base", "scope", "description"])?;
    let base = map.required("base").and_then(|it| it.parsed(|text| DistinguishedName::try_from(text)));
    let scope = map.required("scope").and_then(|it| choice(it, SCOPES));
    let description = map.optional("description").map(|it| it.parsed(|text| DisplayName::try_from(text)));
    Some(LdapSearch { base: base?, scope: scope?, description: whole(description)? })
}

/// RFC 4516 §2.
const SCOPES: &[(&str, SearchScope)] =
    &[("base", SearchScope::Base), ("one", SearchScope::One), ("sub", SearchScope::Sub)];

/// A client is told that there is TLS, and not how it begins.
const SOCKET_TYPES: &[(&str, Security)] = &[("SSL", Security::ImplicitTls), ("plain", Security::Cleartext)];
