//! The key `ldap`: the directory that everyone uses.

use provost_account::{DistinguishedName, Host, LdapSearch, LdapService, SearchScope, Security};

use super::at::{Entries, all};
use super::kinds;
use super::row::{Below, Keys, Kind, Row, documents, key, read, write};
use super::write::{Layout, Value};

impl Keys for LdapService {
    type Draft = (Option<Host>, Option<Security>, Option<Vec<LdapSearch>>);
    const LAYOUT: Layout = Layout::Lines;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        key!(required "host": kinds::HOST, host => 0, "the server, on the standard port"),
        key!(required "socket_type": kinds::LDAP_SOCKET_TYPE, security => 1, "whether the directory uses TLS"),
        key!(optional "username": kinds::LOGIN_TEMPLATE, login = Some(it),
            "the login name for the directory, often a distinguished name (RFC 4514), in which the address is \
             escaped; without it, clients search without logging in"),
        key!(required "searches": SEARCHES, searches => 2, "where to search, in order of preference"),
    ];

    fn finish(_: &Entries<'_, '_>, (host, security, searches): Self::Draft) -> Option<Self> {
        Some(Self { host: host?, security: security?, login: None, searches: searches? })
    }
}

const SEARCHES: Kind<Vec<LdapSearch>> = Kind {
    values: "list of groups of keys",
    read: |at| all(&at.list("a place to look in")?, read),
    write: |searches| Value::List(searches.iter().map(write).collect()),
    below: Below::Keys(documents::<LdapSearch>),
};

impl Keys for LdapSearch {
    type Draft = (Option<DistinguishedName>, Option<SearchScope>);
    const LAYOUT: Layout = Layout::Line;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        key!(required "base": kinds::DISTINGUISHED_NAME, base => 0, "the entry to search below"),
        key!(required "scope": kinds::SCOPE, scope => 1, "how deep to search (RFC 4516)"),
        key!(optional "description": kinds::TEXT, description = Some(it), "the name that people see"),
    ];

    fn finish(_: &Entries<'_, '_>, (base, scope): Self::Draft) -> Option<Self> {
        Some(Self { base: base?, scope: scope?, description: None })
    }
}
