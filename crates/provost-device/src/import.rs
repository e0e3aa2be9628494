//! The service that accounts were made from, as far as the accounts show it: the way back from profiles to settings.
//!
//! Nothing is guessed silently: guesses, the reader's assumptions, and what settings cannot express are findings.

mod apart;
mod besides;

use std::collections::BTreeMap;

use provost_account::{
    Account, Authentication, Collection, CollectionService, DisplayName, DomainName, EmailAddress, Endpoint, Finding,
    Findings, Groupware, Host, IncomingProtocol, LdapService, Login, LoginTemplate, Organization, OrganizationId,
    PersonTemplate, Protocol, Security, Server, Service, SyncWindow, UrlTemplate, codes::import as codes,
};

pub use apart::of_service;

use crate::mdm;
use crate::person::{ADDRESS, NOBODYS_DOMAIN, is_nobody, is_nobodys};
use crate::understood::Understood;

/// What accounts tell about their service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The service; `None` where not even a domain is known. A list of servers may be empty.
    pub service: Option<Service>,
    /// Guesses, assumptions, and what settings cannot say.
    pub findings: Vec<Finding>,
}

/// Whether servers without TLS are imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleartext {
    /// They are.
    Taken,
    /// They are left out, and a finding says so.
    LeftOut,
}

/// The service of these accounts, all of one organization.
#[must_use]
pub fn service(profiles: &[Understood], cleartext: Cleartext) -> Shown {
    let mut findings = Findings::default();
    let said = profiles.iter().flat_map(|profile| match profile.provider.domains.as_slice() {
        [] => std::slice::from_ref(profile.account.address.domain()),
        said => said,
    });
    let domains = each_once(said.filter(|domain| !is_nobodys(domain.as_str())).cloned());
    let Some((first, _)) = domains.split_first() else {
        let fix = "give the address with --address";
        findings.add(codes::IMPORT_NO_DOMAIN, None, "no file says which domain it is for", fix);
        return Shown { service: None, findings: findings.finish() };
    };
    let apart = apart::first_domains(profiles);
    if apart.len() > 1 {
        let names: Vec<&str> = apart.iter().map(DomainName::as_str).collect();
        let (last, others) = names.split_last().expect("more than one");
        let count = if apart.len() == 2 { "two".to_owned() } else { apart.len().to_string() };
        let message = format!("{count} services: {} and {last}: import them apart", others.join(", "));
        let fix = "give the files of one of them, or an address of one with --address";
        findings.add(codes::IMPORT_SEVERAL_SERVICES, None, message, fix);
        return Shown { service: None, findings: findings.finish() };
    }
    let Some(organization) = organization(first, profiles, &mut findings) else {
        return Shown { service: None, findings: findings.finish() };
    };
    let mut offered = Offered { domains: &domains, cleartext, incoming: Vec::new(), outgoing: Vec::new() };
    for profile in profiles {
        for incoming in &profile.account.incoming {
            offered.add(incoming.protocol.into(), &incoming.server, &mut findings);
        }
        for outgoing in &profile.account.outgoing {
            offered.add(Protocol::Submission, outgoing, &mut findings);
        }
    }
    let (incoming, outgoing) = (offered.incoming, offered.outgoing);
    let mut used = incoming.iter().map(|(_, endpoint)| endpoint).chain(&outgoing);
    let wants_tokens = used.any(|endpoint| endpoint.authentication == Authentication::OAuth2);
    for (what, none) in [("incoming", incoming.is_empty()), ("outgoing", outgoing.is_empty())] {
        if none {
            let message = format!("no {what} server that settings can express");
            findings.add(codes::IMPORT_NO_SERVER, None, message, "add it to the settings");
        }
    }
    let login = login(profiles, &mut findings);
    let calendar = collection("calendar", |it| it.calendar.as_ref(), &login, profiles, &mut findings);
    let contacts = collection("contacts", |it| it.contacts.as_ref(), &login, profiles, &mut findings);
    let ldap = ldap(profiles, &mut findings);
    let trust = each_once(profiles.iter().flat_map(|profile| profile.account.trust.iter().cloned()));
    let mut service = Service {
        sync: window(profiles, &mut findings),
        trust,
        calendar,
        contacts,
        ldap,
        ..Service::of(organization, domains.clone(), login, incoming, outgoing)
    };
    besides::fill(&mut service, profiles, &mut findings);
    if service.oauth2.is_none() && wants_tokens {
        let message = "a server requires OAuth2, and the files do not say where to get tokens";
        findings.add(codes::IMPORT_OAUTH2, None, message, "add oauth2: { issuer, scope, auth_url, token_url }");
    }
    Shown { service: Some(service), findings: findings.finish() }
}

fn each_once<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.fold(Vec::new(), |mut known, value| {
        known.extend((!known.contains(&value)).then_some(value));
        known
    })
}

fn organization(first: &DomainName, profiles: &[Understood], findings: &mut Findings) -> Option<Organization> {
    let Some(id) = OrganizationId::reversed(first) else {
        let message = format!("the domain {first} has one label, so it cannot become an identifier");
        findings.add(codes::IMPORT_NO_DOMAIN, None, message, "give the address with --address");
        return None;
    };
    let message = format!("organization.id {id} is derived from the domain {first}");
    findings.add(codes::IMPORT_GUESS, None, message, "if you distributed profiles before, write their prefix");
    let mut names = profiles.iter().filter_map(|profile| profile.provider.name.clone());
    let name = match names.find(|name| !is_placeholder(name.as_str())) {
        Some(name) => name,
        None => {
            let message = format!("organization.name is the domain {first}: no file has a name");
            findings.add(codes::IMPORT_GUESS, None, message, "write the name that people know");
            DisplayName::try_from(first.as_str()).ok()?
        }
    };
    Some(Organization { id, name })
}

/// The servers that settings can express.
struct Offered<'a> {
    domains: &'a [DomainName],
    cleartext: Cleartext,
    incoming: Vec<(IncomingProtocol, Endpoint)>,
    outgoing: Vec<Endpoint>,
}

impl Offered<'_> {
    fn add(&mut self, protocol: Protocol, server: &Server, findings: &mut Findings) {
        let endpoint = match self.sayable(&server.endpoint) {
            Ok(endpoint) => {
                if endpoint.host != server.endpoint.host {
                    let message = format!("the host {} is derived from each address's domain", endpoint.host);
                    findings.add_once(codes::IMPORT_GUESS, None, message, "check whether everyone uses this host");
                }
                endpoint
            }
            Err((why, fix)) => {
                let host = server.endpoint.host.to_string().replace(NOBODYS_DOMAIN, "%EMAILDOMAIN%");
                let port = server.endpoint.port;
                let message = format!("{} {host}:{port} is left out: {why}", protocol.name());
                return findings.add_once(codes::IMPORT_LEFT_OUT, None, message, fix);
            }
        };
        match protocol.incoming().map(|protocol| (protocol, endpoint.clone())) {
            Some(server) if !self.incoming.contains(&server) => self.incoming.push(server),
            None if !self.outgoing.contains(&endpoint) => self.outgoing.push(endpoint),
            Some(_) | None => {}
        }
    }

    /// The endpoint as settings express it, or why they cannot, and a fix.
    fn sayable(&self, endpoint: &Endpoint) -> Result<Endpoint, (String, &'static str)> {
        let none = "add a server to the settings that people can use instead";
        match endpoint.authentication {
            Authentication::Gssapi | Authentication::Ntlm | Authentication::HttpMd5 => {
                let why = format!("settings do not support the authentication {}", endpoint.authentication.name());
                return Err((why, none));
            }
            Authentication::PasswordCleartext
            | Authentication::PasswordEncrypted
            | Authentication::OAuth2
            | Authentication::ClientCertificate
            | Authentication::None => {}
        }
        if endpoint.security == Security::Cleartext && self.cleartext == Cleartext::LeftOut {
            let why = "it is used without TLS, which settings accept only with danger_allow_cleartext";
            return Err((why.to_owned(), "if you need it, import with --danger-allow-cleartext"));
        }
        let host = match (&endpoint.host, self.domains) {
            (Host::Name(name), [domain]) if is_nobodys(name.as_str()) => {
                let own = name.as_str().replace(NOBODYS_DOMAIN, domain.as_str());
                Host::try_from(own.as_str()).map_err(|error| (error.to_string(), none))?
            }
            (Host::Name(name), _) if is_nobodys(name.as_str()) => {
                return Err(("its name is made of each address's domain".to_owned(), "write settings per domain"));
            }
            (host, _) => host.clone(),
        };
        Ok(Endpoint { host, ..endpoint.clone() })
    }
}

/// The template of most login names; the others are findings.
fn login(profiles: &[Understood], findings: &mut Findings) -> LoginTemplate {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut order: Vec<LoginTemplate> = Vec::new();
    for account in profiles.iter().map(|profile| &profile.account) {
        for template in logins(account).filter_map(|login| template(login, &account.address)) {
            *counts.entry(template.as_str().to_owned()).or_default() += 1;
            if !order.contains(&template) {
                order.push(template);
            }
        }
    }
    let most = counts.values().max().copied().unwrap_or(0);
    let chosen = order.iter().find(|template| counts.get(template.as_str()) == Some(&most)).cloned();
    let any = profiles.iter().any(|profile| logins(&profile.account).next().is_some());
    let chosen = chosen.unwrap_or_else(|| {
        let why = if any { "no login name contains a part of its address" } else { "no file has a login name" };
        let fix = "write the rule, or give the user list a column username";
        findings.add(codes::IMPORT_GUESS, None, format!("username {ADDRESS}: {why}"), fix);
        LoginTemplate::try_from(ADDRESS).expect("it is a template")
    });
    for account in profiles.iter().map(|profile| &profile.account) {
        for login in logins(account) {
            let whose = of_whom(account);
            let (message, fix) = match template(login, &account.address) {
                Some(template) if template == chosen => continue,
                Some(other) => {
                    let (own, rule) = (other.as_str(), chosen.as_str());
                    (
                        format!("a login name{whose} follows the template {own}, but the settings have {rule}"),
                        "settings have one template for all servers; put exceptions in the user list's column username",
                    )
                }
                None => (
                    format!("the login name {:?}{whose} contains no part of the address", login.as_str()),
                    "put it in the user list's column username",
                ),
            };
            findings.add_once(codes::IMPORT_LOGIN, None, message, fix);
        }
    }
    chosen
}

/// Whose it is, in a message; nothing of no particular person.
fn of_whom(account: &Account) -> String {
    if is_nobody(&account.address) { String::new() } else { format!(" of {}", account.address) }
}

fn logins(account: &Account) -> impl Iterator<Item = &Login> {
    let servers = account.servers().map(|(_, server)| server);
    servers.filter_map(|server| server.login.as_ref())
}

/// The template of a login name. A file for a whole domain may contain the template itself.
fn template(login: &Login, address: &EmailAddress) -> Option<LoginTemplate> {
    match login.as_str().contains("%EMAIL") {
        true => LoginTemplate::try_from(login.as_str()).ok(),
        false => LoginTemplate::of(login, address),
    }
}

fn window(profiles: &[Understood], findings: &mut Findings) -> SyncWindow {
    let mut windows = profiles.iter().map(|profile| profile.account.sync).filter(|it| *it != SyncWindow::Unlimited);
    let Some(first) = windows.next() else { return SyncWindow::Unlimited };
    if let (SyncWindow::Days(taken), Some(SyncWindow::Days(other))) = (first, windows.find(|it| *it != first)) {
        let message = format!("one file keeps mail for {taken} days, another for {other}");
        findings.add(codes::IMPORT_GUESS, None, message, "write the right number of days");
    }
    first
}

/// Everybody's calendar or address book: the URL and the login name that fit most people; the others are findings.
fn collection(
    setting: &str,
    of: fn(&Groupware) -> Option<&Collection>,
    accounts_login: &LoginTemplate,
    profiles: &[Understood],
    findings: &mut Findings,
) -> Option<CollectionService> {
    let accounts = profiles.iter().map(|profile| &profile.account);
    let all: Vec<(&Account, &Collection)> =
        accounts.filter_map(|account| Some((account, of(&account.groupware)?))).collect();
    let mut urls: Vec<UrlTemplate> = Vec::new();
    for (account, own) in &all {
        let found = UrlTemplate::of(&own.url, &account.address, own.login.as_ref());
        urls.extend(found.filter(|url| urls.len() < RULES_MAX && !urls.contains(url)));
    }
    let gives = |url: &UrlTemplate, (account, own): &(&Account, &Collection)| {
        let login = own.login.clone().or_else(|| Login::try_from(account.address.as_str()).ok());
        login.is_some_and(|login| url.expand(&account.address, &login) == own.url)
    };
    let url = fitting_most(urls, |url| all.iter().filter(|it| gives(url, it)).count());
    for it in &all {
        let why = match &url {
            Some(url) if gives(url, it) => continue,
            Some(_) => "another file has another one",
            None => "it cannot become a template",
        };
        let message = format!("{setting} {} is left out: {why}", it.1.url);
        findings.add_once(codes::IMPORT_LEFT_OUT, None, message, "add it to the settings");
    }
    Some(CollectionService { url: url?, login: collection_login(setting, &all, accounts_login, findings) })
}

/// The rule behind the login names of a calendar or an address book; `None`: they are those of the accounts.
fn collection_login(
    setting: &str,
    all: &[(&Account, &Collection)],
    accounts_login: &LoginTemplate,
    findings: &mut Findings,
) -> Option<PersonTemplate> {
    let mut rules: Vec<Option<PersonTemplate>> = Vec::new();
    // A file without a server to log in to, as one for Exchange, says no login name of the account.
    let own_login =
        |account: &Account| account.login().cloned().unwrap_or_else(|| accounts_login.expand(&account.address));
    for (account, collection) in all {
        let Some(login) = &collection.login else { continue };
        let own = own_login(account);
        let of_the_address = template(login, &account.address).map(PersonTemplate::from);
        let of_the_account = around(&own, login);
        let found = match own == *login {
            true => vec![None],
            false => of_the_address.into_iter().chain(of_the_account).map(Some).collect(),
        };
        for rule in found {
            rules.extend((rules.len() < RULES_MAX && !rules.contains(&rule)).then_some(rule));
        }
    }
    let gives = |rule: &Option<PersonTemplate>, account: &Account, login: &Login| match rule {
        None => own_login(account) == *login,
        Some(rule) => rule.as_str() == login.as_str() || rule.expand(&account.address, &own_login(account)) == *login,
    };
    let logins = all.iter().filter_map(|(account, own)| Some((*account, own.login.as_ref()?)));
    let rule =
        fitting_most(rules, |rule| logins.clone().filter(|(account, login)| gives(rule, account, login)).count());
    let rule = rule.flatten();
    for (account, login) in logins.filter(|(account, login)| !gives(&rule, account, login)) {
        let whose = of_whom(account);
        let says = rule.as_ref().map_or_else(
            || "the settings take the account's own".to_owned(),
            |rule| format!("the rule is {}", rule.as_str()),
        );
        let message = format!("{setting}.username{whose} is {:?}, and {says}", login.as_str());
        let fix = format!("put it into the user list's column {setting} username");
        findings.add_once(codes::IMPORT_LOGIN, None, message, &fix);
    }
    rule
}

/// The rule that puts something around the account's own login name.
fn around(own: &Login, login: &Login) -> Option<PersonTemplate> {
    let (before, after) = login.as_str().split_once(own.as_str())?;
    if before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric) {
        return None;
    }
    PersonTemplate::try_from(format!("{before}%USERNAME%{after}").as_str()).ok()
}

/// The first of those with the most votes.
fn fitting_most<T>(candidates: Vec<T>, votes: impl Fn(&T) -> usize) -> Option<T> {
    candidates.into_iter().rev().max_by_key(votes)
}

fn ldap(profiles: &[Understood], findings: &mut Findings) -> Option<LdapService> {
    let ways = profiles.iter().filter_map(|profile| {
        let ldap = profile.account.groupware.ldap.as_ref()?;
        Some(LdapService::of(ldap, &profile.account.address))
    });
    let mut taken: Option<LdapService> = None;
    for found in ways {
        let taken = taken.get_or_insert_with(|| found.clone());
        if *taken != found {
            let message = format!("ldap {} is left out: another file says it otherwise", found.host);
            findings.add_once(codes::IMPORT_LEFT_OUT, None, message, "add it to the settings");
        }
    }
    taken
}

/// Findings about hosts that a file for several people derives from a person's domain. `general` is the same file read for
/// [`nobody`](crate::nobody).
#[must_use]
pub fn filled_in(own: &[Understood], general: &[Understood]) -> Vec<Finding> {
    let mut findings = Findings::default();
    for (own, general) in own.iter().zip(general) {
        besides::filled_in(own, general, &mut findings);
    }
    findings.finish()
}

/// Whether a text is a placeholder instead of a name.
fn is_placeholder(text: &str) -> bool {
    ["%EMAILADDRESS%", "%EMAILLOCALPART%", "%EMAILDOMAIN%", "%REALNAME%"].iter().any(|it| text.contains(it))
        || mdm::variable_in(text).is_some()
}

/// The most rules that are compared; files of one service have one or two.
const RULES_MAX: usize = 8;

#[cfg(test)]
mod tests;
