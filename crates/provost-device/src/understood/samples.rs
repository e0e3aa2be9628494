//! Two of everything that a device can understand: one value is changed at a time, and each change must be seen.
//! Nothing is destructured with `..`, so a new field of the model is compared, or this does not compile.

use std::collections::BTreeMap;

use provost_account::{
    Account, Apple, Authentication, Certificate, Collection, ConsentText, DisplayName, DistinguishedName, DomainName,
    EmailAddress, Encryption, Endpoint, Exchange, Groupware, Host, HttpsUrl, Identity, Incoming, IncomingProtocol,
    Language, Ldap, LdapSearch, LeftOpen, Login, OAuth2, Port, ProfileDate, SearchScope, Secret, Security, Server,
    Smime, SyncWindow, VpnUuid,
};

use super::{Assumption, Identifier, Ignored, Payload, Provider, Said, Understood};

/// Of the two sides: one, or the other.
pub(crate) type Side = bool;

fn pick<T>(side: Side, one: T, other: T) -> T {
    if side { other } else { one }
}

fn text<'a, T: TryFrom<&'a str, Error: std::fmt::Debug>>(side: Side, one: &'a str, other: &'a str) -> T {
    T::try_from(pick(side, one, other)).expect("a value")
}

fn server(side: Side) -> Server {
    Server {
        endpoint: Endpoint {
            host: text::<Host>(side, "one.example", "two.example"),
            port: Port::new(pick(side, 993, 143)).expect("a port"),
            security: pick(side, Security::ImplicitTls, Security::StartTls),
            authentication: pick(side, Authentication::PasswordCleartext, Authentication::OAuth2),
        },
        login: Some(text::<Login>(side, "one", "two")),
        password: Some(Secret::new(pick(side, "hunter1", "hunter2").to_owned())),
    }
}

fn collection(side: Side) -> Collection {
    Collection {
        url: text::<HttpsUrl>(side, "https://one.example/", "https://two.example/"),
        login: Some(text::<Login>(side, "one", "two")),
    }
}

fn search(side: Side) -> LdapSearch {
    LdapSearch {
        base: text::<DistinguishedName>(side, "dc=one", "dc=two"),
        scope: pick(side, SearchScope::Base, SearchScope::Sub),
        description: Some(text::<DisplayName>(side, "one", "two")),
    }
}

fn ldap(side: Side) -> Ldap {
    Ldap {
        host: text::<Host>(side, "one.example", "two.example"),
        security: pick(side, Security::ImplicitTls, Security::Cleartext),
        login: Some(text::<Login>(side, "one", "two")),
        searches: vec![search(side)],
    }
}

fn apple(side: Side) -> Apple {
    let language = Language::try_from("default").expect("a language");
    Apple {
        prevent_move: Some(side),
        prevent_app_sheet: Some(side),
        mail_drop: Some(side),
        recents_syncing: Some(side),
        vpn: Some(text::<VpnUuid>(
            side,
            "00000000-0000-0000-0000-000000000001",
            "00000000-0000-0000-0000-000000000002",
        )),
        consent: BTreeMap::from([(language, text::<ConsentText>(side, "one", "two"))]),
        expiration_date: Some(text::<ProfileDate>(side, "2027-01-01", "2027-01-02")),
        removal_date: Some(text::<ProfileDate>(side, "2027-01-01", "2027-01-02")),
        remove_after_days: Some(pick(side, 1, 2).try_into().expect("no zero")),
        removal_disallowed: Some(side),
    }
}

fn smime(side: Side) -> Smime {
    Smime {
        identity: Identity::try_from(vec![0x30, 0x80, 2, 1, 3, side.into()]).expect("an identity"),
        sign: side,
        encryption: pick(side, Encryption::Never, Encryption::ByDefault),
    }
}

pub(crate) fn account(side: Side) -> Account {
    Account {
        address: text::<EmailAddress>(side, "one@a.example", "two@a.example"),
        full_name: Some(text::<DisplayName>(side, "one", "two")),
        aliases: vec![text::<EmailAddress>(side, "alias@a.example", "other@a.example")],
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
        smime: Some(smime(side)),
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
            name: Some(text::<DisplayName>(side, "one", "two")),
            domains: vec![text::<DomainName>(side, "one.example", "two.example")],
        },
        password_commands: vec![name.clone()],
        exchange: Some(Exchange { host: text::<Host>(side, "one.example", "two.example") }),
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

/// One account with one value of the other, and the name by which the difference has to be reported.
pub(crate) type Variant<T> = (&'static str, T);

/// The variants of a part, put into the whole.
fn within<T, W>(parts: Vec<Variant<T>>, put: impl Fn(T) -> W) -> Vec<Variant<W>> {
    parts.into_iter().map(|(what, part)| (what, put(part))).collect()
}

/// The same names below another one, which live as long as the tests.
fn below<T>(place: &str, parts: Vec<Variant<T>>) -> Vec<Variant<T>> {
    let name = |what: &str| -> &'static str { Box::leak(format!("{place}{what}").into_boxed_str()) };
    parts.into_iter().map(|(what, part)| (name(what), part)).collect()
}

fn servers() -> Vec<Variant<Server>> {
    let one = server(false);
    let Server { endpoint: Endpoint { host, port, security, authentication }, login, password } = server(true);
    let with = |endpoint: Endpoint| Server { endpoint, ..one.clone() };
    vec![
        (".host", with(Endpoint { host, ..one.endpoint.clone() })),
        (".port", with(Endpoint { port, ..one.endpoint.clone() })),
        (".socket_type", with(Endpoint { security, ..one.endpoint.clone() })),
        (".authentication", with(Endpoint { authentication, ..one.endpoint.clone() })),
        (".username", Server { login, ..one.clone() }),
        (".password", Server { password, ..one.clone() }),
    ]
}

fn groupwares() -> Vec<Variant<Groupware>> {
    let one = account(false).groupware;
    let Groupware { calendar, contacts, ldap: directory } = account(true).groupware;
    let Collection { url, login } = collection(true);
    let with = |calendar: Collection| Groupware { calendar: Some(calendar), ..one.clone() };
    let Ldap { host, security, login: own, searches } = ldap(true);
    let LdapSearch { base, scope, description } = search(true);
    let directory_with = |ldap: Ldap| Groupware { ldap: Some(ldap), ..one.clone() };
    let search_with = |search: LdapSearch| directory_with(Ldap { searches: vec![search], ..ldap(false) });
    vec![
        ("calendar", Groupware { calendar, ..one.clone() }),
        ("contacts", Groupware { contacts, ..one.clone() }),
        ("ldap.host", Groupware { ldap: directory, ..one.clone() }),
        ("calendar", with(Collection { url, ..collection(false) })),
        ("calendar.username", with(Collection { login, ..collection(false) })),
        ("ldap.host", directory_with(Ldap { host, ..ldap(false) })),
        ("ldap.socket_type", directory_with(Ldap { security, ..ldap(false) })),
        ("ldap.username", directory_with(Ldap { login: own, ..ldap(false) })),
        ("ldap.searches[0].base", directory_with(Ldap { searches, ..ldap(false) })),
        ("ldap.searches[0].base", search_with(LdapSearch { base, ..search(false) })),
        ("ldap.searches[0].scope", search_with(LdapSearch { scope, ..search(false) })),
        ("ldap.searches[0].description", search_with(LdapSearch { description, ..search(false) })),
    ]
}

fn apples() -> Vec<Variant<Apple>> {
    let one = || apple(false);
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
    } = apple(true);
    vec![
        ("apple.prevent_move", Apple { prevent_move, ..one() }),
        ("apple.prevent_app_sheet", Apple { prevent_app_sheet, ..one() }),
        ("apple.mail_drop", Apple { mail_drop, ..one() }),
        ("apple.recents_syncing", Apple { recents_syncing, ..one() }),
        ("apple.vpn_uuid", Apple { vpn, ..one() }),
        ("apple.consent.default", Apple { consent, ..one() }),
        ("apple.expiration_date", Apple { expiration_date, ..one() }),
        ("apple.removal_date", Apple { removal_date, ..one() }),
        ("apple.remove_after_days", Apple { remove_after_days, ..one() }),
        ("apple.removal_disallowed", Apple { removal_disallowed, ..one() }),
    ]
}

fn accounts() -> Vec<Variant<Account>> {
    let one = || account(false);
    let Account { address, full_name, aliases, groups, incoming, outgoing, sync, trust, groupware, apple, smime } =
        account(true);
    let [Incoming { protocol, server: receiving }] = incoming.as_slice() else { panic!("one server") };
    let with = |protocol, server| Account { incoming: vec![Incoming { protocol, server }], ..one() };
    let Smime { identity, sign, encryption } = smime.clone().expect("one");
    let smime_with = |smime: Smime| Account { smime: Some(smime), ..one() };
    let own = || self::smime(false);
    let mut variants = vec![
        ("address", Account { address, ..one() }),
        ("name", Account { full_name, ..one() }),
        ("aliases", Account { aliases, ..one() }),
        ("groups", Account { groups, ..one() }),
        ("incoming[0].protocol", with(*protocol, server(false))),
        ("incoming[0].host", with(IncomingProtocol::Imap, receiving.clone())),
        ("outgoing[0].host", Account { outgoing, ..one() }),
        ("sync.days", Account { sync, ..one() }),
        ("trust", Account { trust, ..one() }),
        ("calendar", Account { groupware, ..one() }),
        ("apple.prevent_move", Account { apple, ..one() }),
        ("smime.identity", Account { smime, ..one() }),
        ("smime.identity", smime_with(Smime { identity, ..own() })),
        ("smime.sign", smime_with(Smime { sign, ..own() })),
        ("smime.encrypt", smime_with(Smime { encryption, ..own() })),
    ];
    let incoming = below("incoming[0]", servers());
    variants.extend(within(incoming, |server| with(IncomingProtocol::Imap, server)));
    let outgoing = below("outgoing[0]", servers());
    variants.extend(within(outgoing, |server| Account { outgoing: vec![server], ..one() }));
    variants.extend(within(groupwares(), |groupware| Account { groupware, ..one() }));
    variants.extend(within(apples(), |apple| Account { apple, ..one() }));
    variants
}

pub(crate) fn variants() -> Vec<Variant<Understood>> {
    let one = || understood(false);
    let Understood {
        device,
        label,
        account,
        assumed,
        ignored,
        identifiers,
        provider,
        password_commands,
        exchange,
        oauth2,
        said,
        // Not a value: see below.
        payloads: _,
        // No value either: it follows from the others.
        left_open: _,
    } = understood(true);
    let Provider { name, domains } = provider;
    let OAuth2 { issuer, scope, auth_url, token_url } = oauth2.expect("one");
    let tokens = |oauth2: OAuth2| Understood { oauth2: Some(oauth2), ..one() };
    let own = || one().oauth2.expect("one");
    let mut variants = vec![
        ("device", Understood { device, ..one() }),
        ("account name", Understood { label, ..one() }),
        ("address", Understood { account, ..one() }),
        ("assumed Port", Understood { assumed, ..one() }),
        ("ignored Header", Understood { ignored, ..one() }),
        ("mail PayloadUUID", Understood { identifiers, ..one() }),
        ("organization.name", Understood { provider: Provider { name, ..one().provider }, ..one() }),
        ("domains", Understood { provider: Provider { domains, ..one().provider }, ..one() }),
        ("password_command", Understood { password_commands, ..one() }),
        ("exchange.host", Understood { exchange, ..one() }),
        ("oauth2.issuer", tokens(OAuth2 { issuer, ..own() })),
        ("oauth2.scope", tokens(OAuth2 { scope, ..own() })),
        ("oauth2.auth_url", tokens(OAuth2 { auth_url, ..own() })),
        ("oauth2.token_url", tokens(OAuth2 { token_url, ..own() })),
        ("IMAPPathPrefix", Understood { said, ..one() }),
    ];
    variants.extend(within(accounts(), |account| Understood { account, ..one() }));
    variants
}
