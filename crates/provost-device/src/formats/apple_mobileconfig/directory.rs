//! The payloads for directories of addresses (LDAP). Nothing is looked up.

use provost_account::{
    DisplayName, DistinguishedName, Findings, Ldap, LdapSearch, Login, SearchScope, Security, codes::profile as codes,
};

use super::dictionary::Dictionary;

use crate::understood::{Assumption, Ignored};

/// A directory, with what belongs to whoever gets it.
#[derive(Debug)]
pub(super) struct Directory {
    ldap: Ldap,
    assumed: Vec<Assumption>,
    /// For whoever gets another one.
    passed_over: Ignored,
}

/// The directory of the account with this login name: the one that names it. The first account takes what is left.
pub(super) fn take(
    directories: &mut Vec<Directory>,
    login: Option<&Login>,
    is_first: bool,
    assumed: &mut Vec<Assumption>,
    ignored: &mut Vec<Ignored>,
) -> Option<Ldap> {
    let names = |directory: &Directory| match (&directory.ldap.login, login) {
        (Some(name), Some(login)) => name.as_str().contains(login.as_str()),
        (None, _) | (_, None) => false,
    };
    let (own, others): (Vec<Directory>, Vec<Directory>) =
        std::mem::take(directories).into_iter().partition(|directory| is_first || names(directory));
    *directories = others;
    let mut own = own.into_iter();
    let first = own.next()?;
    ignored.extend(own.map(|directory| directory.passed_over));
    assumed.extend(first.assumed);
    Some(first.ldap)
}

/// Reads a payload.
pub(super) fn read(payload: &Dictionary<'_>, findings: &mut Findings) -> Option<Directory> {
    let mut assumed = Vec::new();
    let host = payload.host(HOST, codes::GROUPWARE_ADDRESS, findings)?;
    let ssl = payload.boolean(SSL, findings);
    if ssl.is_none() {
        assumed.push(assumption(SSL, "true"));
    }
    let security = match ssl {
        Some(false) => {
            findings.add(codes::CLEARTEXT, payload.place_of(SSL), format!("{SSL} is off"), "write true");
            Security::Cleartext
        }
        Some(true) | None => Security::ImplicitTls,
    };
    payload.password(PASSWORD, findings);
    let login = payload.string("LDAPAccountUserName", findings).and_then(|name| Login::try_from(name).ok());
    let searches = searches(payload, &mut assumed, findings);
    let passed_over =
        Ignored::of(LDAP, payload.place, "the device sets it up; here one of each kind is shown for an account");
    Some(Directory { ldap: Ldap { host, security, login, searches }, assumed, passed_over })
}

fn searches(payload: &Dictionary<'_>, assumed: &mut Vec<Assumption>, findings: &mut Findings) -> Vec<LdapSearch> {
    let items = payload.list(SEARCHES);
    if items.is_empty() {
        // Apple says so of declarations: "There must be at least one node for this account to be useful".
        let fix = "add the search base, such as ou=people,dc=example,dc=org";
        findings.add(codes::MISSING_SEARCH, payload.place_of(SEARCHES), format!("{SEARCHES} has no search base"), fix);
    }
    let mut searches = Vec::new();
    for item in items {
        let Some(keys) = Dictionary::of(item) else {
            let message = format!("an entry of {SEARCHES} is a {}; expected dict", item.kind.name());
            findings.add(codes::WRONG_TYPE, item.place, message, "write it as <dict>");
            continue;
        };
        searches.extend(search(&keys, assumed, findings));
    }
    searches
}

fn search(keys: &Dictionary<'_>, assumed: &mut Vec<Assumption>, findings: &mut Findings) -> Option<LdapSearch> {
    for (name, value) in keys.entries {
        if ![BASE, SCOPE, DESCRIPTION].contains(&name.as_str()) {
            findings.add(codes::UNKNOWN_KEY, value.place, format!("Apple lists no key {name} there"), "remove it");
        }
    }
    let scope = match keys.string(SCOPE, findings) {
        Some("LDAPSearchSettingScopeBase") => SearchScope::Base,
        Some("LDAPSearchSettingScopeOneLevel") => SearchScope::One,
        Some("LDAPSearchSettingScopeSubtree") => SearchScope::Sub,
        Some(other) => {
            let fix = "write LDAPSearchSettingScopeBase, …OneLevel or …Subtree";
            return findings.refuse(codes::WRONG_VALUE, keys.place_of(SCOPE), format!("{SCOPE} is {other:?}"), fix);
        }
        None => {
            assumed.push(assumption(SCOPE, "LDAPSearchSettingScopeSubtree"));
            SearchScope::Sub
        }
    };
    let text = keys.required(BASE, findings)?;
    let message = |error| format!("{BASE} is {text:?}: {error}");
    let (base, fix) = (DistinguishedName::try_from(text), "write a distinguished name");
    let base = findings.ok(base, codes::WRONG_VALUE, keys.place_of(BASE), message, fix)?;
    let description = keys.string(DESCRIPTION, findings).and_then(|text| DisplayName::try_from(text).ok());
    Some(LdapSearch { base, scope, description })
}

fn assumption(key: &str, value: &str) -> Assumption {
    Assumption::of(key, value, PAGE)
}

pub(super) const LDAP: &str = "com.apple.ldap.account";
const HOST: &str = "LDAPAccountHostName";
const SSL: &str = "LDAPAccountUseSSL";
const PASSWORD: &str = "LDAPAccountPassword";
const SEARCHES: &str = "LDAPSearchSettings";
const BASE: &str = "LDAPSearchSettingSearchBase";
const SCOPE: &str = "LDAPSearchSettingScope";
const DESCRIPTION: &str = "LDAPSearchSettingDescription";
const PAGE: &str = "https://developer.apple.com/documentation/devicemanagement/ldap: true and subtree by default";
