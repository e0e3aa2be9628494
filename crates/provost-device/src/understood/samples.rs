//! Two of everything that a device can understand: one value is changed at a time, and each change must be seen.
//! Nothing is made with `..`, and the two differ in everything: a new field of the model must be in the table here.

use std::collections::BTreeMap;
use std::mem::swap;

use provost_account::{
    Account, Apple, Authentication, Certificate, Collection, Encryption, Endpoint, Exchange, Groupware, Identity,
    Incoming, IncomingProtocol, Language, Ldap, LdapSearch, LeftOpen, OAuth2, Port, SearchScope, Secret, Security,
    Server, Smime, SyncWindow,
};

use super::{Assumption, Identifier, Ignored, Payload, Provider, Said, Understood};

/// Of the two sides: one, or the other.
pub(crate) type Side = bool;

/// The one, with each value of the other in turn, by the name under which the difference has to be reported.
pub(crate) fn variants() -> impl Iterator<Item = (&'static str, Understood)> {
    VALUES.iter().map(|(what, exchange)| {
        let mut one = understood(false);
        exchange(&mut one, &mut understood(true));
        (*what, one)
    })
}

fn pick<T>(side: Side, one: T, other: T) -> T {
    if side { other } else { one }
}

fn text<'a, T: TryFrom<&'a str, Error: std::fmt::Debug>>(side: Side, one: &'a str, other: &'a str) -> T {
    T::try_from(pick(side, one, other)).expect("a value")
}

fn server(side: Side) -> Server {
    Server {
        endpoint: Endpoint {
            host: text(side, "one.example", "two.example"),
            port: Port::new(pick(side, 993, 143)).expect("a port"),
            security: pick(side, Security::ImplicitTls, Security::StartTls),
            authentication: pick(side, Authentication::PasswordCleartext, Authentication::OAuth2),
        },
        login: Some(text(side, "one", "two")),
        password: Some(Secret::new(pick(side, "hunter1", "hunter2").to_owned())),
    }
}

fn collection(side: Side) -> Collection {
    Collection {
        url: text(side, "https://one.example/", "https://two.example/"),
        login: Some(text(side, "one", "two")),
    }
}

fn ldap(side: Side) -> Ldap {
    Ldap {
        host: text(side, "one.example", "two.example"),
        security: pick(side, Security::ImplicitTls, Security::Cleartext),
        login: Some(text(side, "one", "two")),
        searches: vec![LdapSearch {
            base: text(side, "dc=one", "dc=two"),
            scope: pick(side, SearchScope::Base, SearchScope::Sub),
            description: Some(text(side, "one", "two")),
        }],
    }
}

fn apple(side: Side) -> Apple {
    let language = Language::try_from("default").expect("a language");
    Apple {
        prevent_move: Some(side),
        prevent_app_sheet: Some(side),
        mail_drop: Some(side),
        recents_syncing: Some(side),
        vpn: Some(text(side, "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002")),
        consent: BTreeMap::from([(language, text(side, "one", "two"))]),
        expiration_date: Some(text(side, "2027-01-01", "2027-01-02")),
        removal_date: Some(text(side, "2027-01-01", "2027-01-02")),
        remove_after_days: Some(pick(side, 1, 2).try_into().expect("no zero")),
        removal_disallowed: Some(side),
    }
}

pub(crate) fn account(side: Side) -> Account {
    Account {
        address: text(side, "one@a.example", "two@a.example"),
        full_name: Some(text(side, "one", "two")),
        aliases: vec![text(side, "alias@a.example", "other@a.example")],
        groups: vec![pick(side, "one", "two").to_owned()],
        incoming: vec![Incoming {
            protocol: pick(side, IncomingProtocol::Imap, IncomingProtocol::Pop3),
            server: server(side),
        }],
        outgoing: vec![server(side)],
        sync: SyncWindow::Days(pick(side, 7, 14).try_into().expect("no zero")),
        trust: vec![Certificate::try_from([vec![0x30, 0x81, 0x80], vec![side.into(); 128]].concat()).expect("DER")],
        groupware: Groupware {
            calendar: Some(collection(side)),
            contacts: Some(collection(side)),
            ldap: Some(ldap(side)),
        },
        apple: apple(side),
        smime: Some(Smime {
            identity: Identity::try_from(vec![0x30, 0x80, 2, 1, 3, side.into()]).expect("an identity"),
            sign: side,
            encryption: pick(side, Encryption::Never, Encryption::ByDefault),
        }),
    }
}

pub(crate) fn understood(side: Side) -> Understood {
    let name = pick(side, "one", "two").to_owned();
    Understood {
        device: pick(side, "iOS", "macOS"),
        label: Some(name.clone()),
        account: account(side),
        // What repeats another value is no difference of its own.
        assumed: vec![Assumption { key: "Port".to_owned(), value: format!("port {name}"), source: "" }],
        ignored: vec![Ignored { key: "Header".to_owned(), place: None, reason: name.clone() }],
        identifiers: vec![Identifier { key: "mail PayloadUUID", value: name.clone() }],
        provider: Provider {
            name: Some(text(side, "one", "two")),
            domains: vec![text(side, "one.example", "two.example")],
        },
        password_commands: vec![name.clone()],
        exchange: Some(Exchange { host: text(side, "one.example", "two.example") }),
        oauth2: Some(OAuth2 {
            issuer: name.clone(),
            scope: name.clone(),
            auth_url: name.clone(),
            token_url: name.clone(),
        }),
        said: vec![Said::new("IMAPPathPrefix", name.clone())],
        left_open: LeftOpen::default(),
        payloads: vec![Payload { kind: "Configuration".to_owned(), identifier: name.clone(), uuid: name }],
    }
}

fn receiving(it: &mut Understood) -> &mut Server {
    &mut it.account.incoming[0].server
}

fn sending(it: &mut Understood) -> &mut Server {
    &mut it.account.outgoing[0]
}

fn calendar(it: &mut Understood) -> &mut Collection {
    it.account.groupware.calendar.as_mut().expect("one")
}

fn contacts(it: &mut Understood) -> &mut Collection {
    it.account.groupware.contacts.as_mut().expect("one")
}

fn directory(it: &mut Understood) -> &mut Ldap {
    it.account.groupware.ldap.as_mut().expect("one")
}

fn identity(it: &mut Understood) -> &mut Smime {
    it.account.smime.as_mut().expect("one")
}

fn tokens(it: &mut Understood) -> &mut OAuth2 {
    it.oauth2.as_mut().expect("one")
}

/// A value's name in reports, and its exchange between two readings.
type Value = (&'static str, fn(&mut Understood, &mut Understood));

const VALUES: &[Value] = &[
    ("device", |a, b| swap(&mut a.device, &mut b.device)),
    ("account name", |a, b| swap(&mut a.label, &mut b.label)),
    ("address", |a, b| swap(&mut a.account.address, &mut b.account.address)),
    ("name", |a, b| swap(&mut a.account.full_name, &mut b.account.full_name)),
    ("aliases", |a, b| swap(&mut a.account.aliases, &mut b.account.aliases)),
    ("groups", |a, b| swap(&mut a.account.groups, &mut b.account.groups)),
    ("incoming[0].protocol", |a, b| swap(&mut a.account.incoming[0].protocol, &mut b.account.incoming[0].protocol)),
    ("incoming[0].host", |a, b| swap(&mut receiving(a).endpoint.host, &mut receiving(b).endpoint.host)),
    ("incoming[0].port", |a, b| swap(&mut receiving(a).endpoint.port, &mut receiving(b).endpoint.port)),
    ("incoming[0].socket_type", |a, b| swap(&mut receiving(a).endpoint.security, &mut receiving(b).endpoint.security)),
    ("incoming[0].authentication", |a, b| {
        swap(&mut receiving(a).endpoint.authentication, &mut receiving(b).endpoint.authentication)
    }),
    ("incoming[0].username", |a, b| swap(&mut receiving(a).login, &mut receiving(b).login)),
    ("incoming[0].password", |a, b| swap(&mut receiving(a).password, &mut receiving(b).password)),
    ("outgoing[0].host", |a, b| swap(&mut sending(a).endpoint.host, &mut sending(b).endpoint.host)),
    ("outgoing[0].port", |a, b| swap(&mut sending(a).endpoint.port, &mut sending(b).endpoint.port)),
    ("outgoing[0].socket_type", |a, b| swap(&mut sending(a).endpoint.security, &mut sending(b).endpoint.security)),
    ("outgoing[0].authentication", |a, b| {
        swap(&mut sending(a).endpoint.authentication, &mut sending(b).endpoint.authentication)
    }),
    ("outgoing[0].username", |a, b| swap(&mut sending(a).login, &mut sending(b).login)),
    ("outgoing[0].password", |a, b| swap(&mut sending(a).password, &mut sending(b).password)),
    ("sync.days", |a, b| swap(&mut a.account.sync, &mut b.account.sync)),
    ("trust", |a, b| swap(&mut a.account.trust, &mut b.account.trust)),
    ("calendar", |a, b| swap(&mut calendar(a).url, &mut calendar(b).url)),
    ("calendar.username", |a, b| swap(&mut calendar(a).login, &mut calendar(b).login)),
    ("contacts", |a, b| swap(&mut contacts(a).url, &mut contacts(b).url)),
    ("contacts.username", |a, b| swap(&mut contacts(a).login, &mut contacts(b).login)),
    ("ldap.host", |a, b| swap(&mut directory(a).host, &mut directory(b).host)),
    ("ldap.socket_type", |a, b| swap(&mut directory(a).security, &mut directory(b).security)),
    ("ldap.username", |a, b| swap(&mut directory(a).login, &mut directory(b).login)),
    ("ldap.searches[0].base", |a, b| swap(&mut directory(a).searches[0].base, &mut directory(b).searches[0].base)),
    ("ldap.searches[0].scope", |a, b| swap(&mut directory(a).searches[0].scope, &mut directory(b).searches[0].scope)),
    ("ldap.searches[0].description", |a, b| {
        swap(&mut directory(a).searches[0].description, &mut directory(b).searches[0].description)
    }),
    ("apple.prevent_move", |a, b| swap(&mut a.account.apple.prevent_move, &mut b.account.apple.prevent_move)),
    ("apple.prevent_app_sheet", |a, b| {
        swap(&mut a.account.apple.prevent_app_sheet, &mut b.account.apple.prevent_app_sheet)
    }),
    ("apple.mail_drop", |a, b| swap(&mut a.account.apple.mail_drop, &mut b.account.apple.mail_drop)),
    ("apple.recents_syncing", |a, b| swap(&mut a.account.apple.recents_syncing, &mut b.account.apple.recents_syncing)),
    ("apple.vpn_uuid", |a, b| swap(&mut a.account.apple.vpn, &mut b.account.apple.vpn)),
    ("apple.consent.default", |a, b| swap(&mut a.account.apple.consent, &mut b.account.apple.consent)),
    ("apple.expiration_date", |a, b| swap(&mut a.account.apple.expiration_date, &mut b.account.apple.expiration_date)),
    ("apple.removal_date", |a, b| swap(&mut a.account.apple.removal_date, &mut b.account.apple.removal_date)),
    ("apple.remove_after_days", |a, b| {
        swap(&mut a.account.apple.remove_after_days, &mut b.account.apple.remove_after_days)
    }),
    ("apple.removal_disallowed", |a, b| {
        swap(&mut a.account.apple.removal_disallowed, &mut b.account.apple.removal_disallowed)
    }),
    ("smime.identity", |a, b| swap(&mut identity(a).identity, &mut identity(b).identity)),
    ("smime.sign", |a, b| swap(&mut identity(a).sign, &mut identity(b).sign)),
    ("smime.encrypt", |a, b| swap(&mut identity(a).encryption, &mut identity(b).encryption)),
    ("assumed Port", |a, b| swap(&mut a.assumed, &mut b.assumed)),
    ("ignored Header", |a, b| swap(&mut a.ignored, &mut b.ignored)),
    ("mail PayloadUUID", |a, b| swap(&mut a.identifiers, &mut b.identifiers)),
    ("organization.name", |a, b| swap(&mut a.provider.name, &mut b.provider.name)),
    ("domains", |a, b| swap(&mut a.provider.domains, &mut b.provider.domains)),
    ("password_command", |a, b| swap(&mut a.password_commands, &mut b.password_commands)),
    ("exchange.host", |a, b| swap(&mut a.exchange, &mut b.exchange)),
    ("oauth2.issuer", |a, b| swap(&mut tokens(a).issuer, &mut tokens(b).issuer)),
    ("oauth2.scope", |a, b| swap(&mut tokens(a).scope, &mut tokens(b).scope)),
    ("oauth2.auth_url", |a, b| swap(&mut tokens(a).auth_url, &mut tokens(b).auth_url)),
    ("oauth2.token_url", |a, b| swap(&mut tokens(a).token_url, &mut tokens(b).token_url)),
    ("IMAPPathPrefix", |a, b| swap(&mut a.said, &mut b.said)),
];

#[test]
fn every_value_of_the_model_is_in_the_table() {
    let (mut one, mut other) = (understood(false), understood(true));
    VALUES.iter().for_each(|(_, exchange)| exchange(&mut one, &mut other));
    // No value is reported for it: it decides whether a profile can be taken over.
    swap(&mut one.payloads, &mut other.payloads);
    assert_eq!((one, other), (understood(true), understood(false)));
}
