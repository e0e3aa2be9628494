//! Every value that a device understood, under its name in the settings: two readings differ if one of these differs.
//! No structure is destructured with `..`: a new field of the model does not compile until it is listed here.

use std::collections::BTreeMap;

use provost_account::{
    Account, Apple, Certificate, Collection, EmailAddress, Endpoint, Exchange, Groupware, Identity, Incoming, Ldap,
    LdapSearch, OAuth2, Secret, Server, Smime, SyncWindow,
};
use sha2::{Digest as _, Sha256};

use crate::understood::{Assumption, Ignored, Provider, Understood};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// Only that it is one is ever said.
    Password(Secret),
    /// A certificate with its key: not for reading.
    Identity(Identity),
}

impl Value {
    /// The old value in a report.
    pub(super) fn before(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Password(_) | Self::Identity(_) => "one".to_owned(),
        }
    }

    /// The new value in a report.
    pub(super) fn after(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Password(_) | Self::Identity(_) => "another one".to_owned(),
        }
    }
}

/// What the name of an assumption begins with.
pub(super) const ASSUMED: &str = "assumed ";

/// The values, in the order in which they are reported.
pub(super) fn values(understood: &Understood) -> Vec<(String, Value)> {
    let Understood {
        device,
        label,
        account: own,
        assumed,
        ignored,
        // They decide what becomes of the account, and come first.
        identifiers: _,
        provider,
        password_commands,
        exchange,
        oauth2,
        said,
        // Whether a profile can be taken over is a question of its own.
        payloads: _,
        // It follows from the format and from the values that are compared.
        left_open: _,
    } = understood;
    let mut values = Values(Vec::new());
    values.text("device", (*device).to_owned());
    values.texts("account name", label);
    values.account(own);
    if !password_commands.is_empty() {
        values.text("password_command", password_commands.join("; "));
    }
    if let Some(Exchange { host }) = exchange {
        values.text("exchange.host", host.to_string());
    }
    if let Some(OAuth2 { issuer, scope, auth_url, token_url }) = oauth2 {
        for (key, value) in [("issuer", issuer), ("scope", scope), ("auth_url", auth_url), ("token_url", token_url)] {
            values.text(&format!("oauth2.{key}"), value.clone());
        }
    }
    values.grouped("", said.iter().map(|it| (it.key.as_str(), it.value.clone())));
    let Provider { name, domains } = provider;
    values.texts("organization.name", name);
    values.list("domains", domains);
    values.grouped(ASSUMED, assumed.iter().map(|Assumption { key, value, source: _ }| (key.as_str(), value.clone())));
    values.grouped("ignored ", ignored.iter().map(|Ignored { key, place: _, reason }| (key.as_str(), reason.clone())));
    values.0
}

struct Values(Vec<(String, Value)>);

impl Values {
    fn text(&mut self, what: &str, value: String) {
        self.0.push((what.to_owned(), Value::Text(value)));
    }

    /// A value that may be absent.
    fn texts(&mut self, what: &str, value: impl IntoIterator<Item = impl ToString>) {
        value.into_iter().for_each(|value| self.text(what, value.to_string()));
    }

    /// Values that belong together; none are no value.
    fn list(&mut self, what: &str, values: impl IntoIterator<Item = impl ToString>) {
        let texts: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
        if !texts.is_empty() {
            self.text(what, texts.join(", "));
        }
    }

    /// Values with keys of the file, of which one may come more than once.
    fn grouped<'a>(&mut self, prefix: &str, pairs: impl Iterator<Item = (&'a str, String)>) {
        let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        pairs.for_each(|(key, value)| groups.entry(key).or_default().push(value));
        for (key, values) in groups {
            let mut counts: Vec<(String, usize)> = Vec::new();
            for value in values {
                match counts.iter_mut().find(|(known, _)| *known == value) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((value, 1)),
                }
            }
            let texts = counts.into_iter().map(|(value, count)| match count {
                1 => value,
                count => format!("{value} ({count} times)"),
            });
            self.text(&format!("{prefix}{key}"), texts.collect::<Vec<_>>().join("; "));
        }
    }

    fn account(&mut self, account: &Account) {
        let Account { address, full_name, aliases, groups, incoming, outgoing, sync, trust, groupware, apple, smime } =
            account;
        self.text("address", address.to_string());
        self.texts("name", full_name);
        self.list("aliases", aliases.iter().map(EmailAddress::as_str));
        self.list("groups", groups);
        for (at, Incoming { protocol, server }) in incoming.iter().enumerate() {
            self.text(&format!("incoming[{at}].protocol"), protocol.name().to_owned());
            self.server(&format!("incoming[{at}]"), server);
        }
        for (at, server) in outgoing.iter().enumerate() {
            self.server(&format!("outgoing[{at}]"), server);
        }
        match sync {
            SyncWindow::Unlimited => {}
            SyncWindow::Days(days) => self.text("sync.days", days.to_string()),
        }
        self.trust(trust);
        self.groupware(groupware);
        self.apple(apple);
        if let Some(Smime { identity, sign, encryption }) = smime {
            self.0.push(("smime.identity".to_owned(), Value::Identity(identity.clone())));
            self.text("smime.sign", sign.to_string());
            self.text("smime.encrypt", encryption.name().to_owned());
        }
    }

    fn server(&mut self, place: &str, server: &Server) {
        let Server { endpoint: Endpoint { host, port, security, authentication }, login, password } = server;
        self.text(&format!("{place}.host"), host.to_string());
        self.text(&format!("{place}.port"), port.to_string());
        self.text(&format!("{place}.socket_type"), security.name().to_owned());
        self.text(&format!("{place}.authentication"), authentication.name().to_owned());
        self.texts(&format!("{place}.username"), login);
        let password = password.iter().map(|it| (format!("{place}.password"), Value::Password(it.clone())));
        self.0.extend(password);
    }

    /// A certificate is its fingerprint, as `openssl x509 -fingerprint -sha256` prints the beginning of it.
    fn trust(&mut self, trust: &[Certificate]) {
        let fingerprint = |certificate: &Certificate| {
            let octets = Sha256::digest(certificate.der());
            let octets: Vec<String> = octets.iter().take(SHOWN_OCTETS).map(|octet| format!("{octet:02X}")).collect();
            format!("SHA-256 {}...", octets.join(":"))
        };
        let mut fingerprints: Vec<String> = trust.iter().map(fingerprint).collect();
        fingerprints.sort();
        self.list("trust", fingerprints);
    }

    fn groupware(&mut self, groupware: &Groupware) {
        let Groupware { calendar, contacts, ldap } = groupware;
        for (what, collection) in [("calendar", calendar), ("contacts", contacts)] {
            let Some(Collection { url, login }) = collection else { continue };
            self.text(what, url.to_string());
            self.texts(&format!("{what}.username"), login);
        }
        let Some(Ldap { host, security, login, searches }) = ldap else { return };
        self.text("ldap.host", host.to_string());
        self.text("ldap.socket_type", security.name().to_owned());
        self.texts("ldap.username", login);
        for (at, LdapSearch { base, scope, description }) in searches.iter().enumerate() {
            self.text(&format!("ldap.searches[{at}].base"), base.as_str().to_owned());
            self.text(&format!("ldap.searches[{at}].scope"), scope.name().to_owned());
            self.texts(&format!("ldap.searches[{at}].description"), description);
        }
    }

    fn apple(&mut self, apple: &Apple) {
        let Apple {
            prevent_move,
            prevent_app_sheet,
            mail_drop,
            recents_syncing,
            vpn,
            consent,
            expiration_date,
            removal_date,
            remove_after_days,
            removal_disallowed,
        } = apple;
        self.texts("apple.prevent_move", prevent_move);
        self.texts("apple.prevent_app_sheet", prevent_app_sheet);
        self.texts("apple.mail_drop", mail_drop);
        self.texts("apple.recents_syncing", recents_syncing);
        self.texts("apple.removal_disallowed", removal_disallowed);
        self.texts("apple.vpn_uuid", vpn.as_ref().map(|it| it.as_str()));
        self.texts("apple.expiration_date", expiration_date);
        self.texts("apple.removal_date", removal_date);
        self.texts("apple.remove_after_days", remove_after_days);
        for (language, text) in consent {
            self.text(&format!("apple.consent.{}", language.as_str()), format!("{:?}", text.as_str()));
        }
    }
}

/// Of a fingerprint: enough to tell two certificates apart.
const SHOWN_OCTETS: usize = 8;
