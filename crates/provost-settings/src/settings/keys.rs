//! The table of settings keys, one row each. Decoding, writing, the manual (`docs/settings.md`) and "did you mean" use it. A
//! group of keys is a type with its own rows; `kinds.rs` has the kinds of values.

use std::cell::RefCell;
use std::num::NonZeroU16;

use provost_account::{
    Authentication, CollectionService, DisplayName, DomainName, Endpoint, Exchange, Findings, IncomingProtocol,
    LoginTemplate, OAuth2, Organization, OrganizationId, Protocol, Security, Service, SyncWindow, UrlTemplate,
    codes::settings as codes,
};

use super::apple::APPLE;
use super::at::{At, Cleartext, Entries, ReadFile, Report, Version};
use super::kinds;
use super::management::MDM;
use super::row::Set::{Optional, Required};
use super::row::{Key, Keys, Row, SettingsKey, documents, group, key, read};
use super::servers::{INCOMING, OUTGOING};
use super::tree::{Aim, Node};
use super::trust::TrustFile;
use super::write::Layout;

/// The service that a tree of keys describes. `text` is that of the tree, for the places.
pub(crate) fn service(
    tree: &Node,
    text: Option<&str>,
    version: Version,
    read_file: ReadFile<'_>,
    findings: &mut Findings,
) -> Option<Service> {
    let entries: &[(String, Node)] = if let Node::Map(entries) = tree { entries } else { &[] };
    let cleartext = match entries.iter().find(|(key, _)| key == "danger_allow_cleartext") {
        Some((_, Node::Bool(true))) => Cleartext::Allowed,
        Some(_) | None => Cleartext::Refused,
    };
    let report = Report { text, version, read_file, cleartext, findings: RefCell::new(findings) };
    let root = At::root(&report, tree);
    let service = read::<Document>(&root)?.service;
    let wants_tokens = |(_, it): (Protocol, &Endpoint)| it.authentication == Authentication::OAuth2;
    if service.oauth2.is_none() && service.servers().any(wants_tokens) {
        let fix = "add oauth2: { issuer, scope, auth_url, token_url }";
        root.add(codes::OAUTH2_MISSING, Aim::Value, "a server requires OAuth2, but the key oauth2 is missing", fix);
    }
    Some(service)
}

/// A settings file, or `service.json`: the service, and what each has of its own.
pub(crate) struct Document {
    pub(crate) version: Version,
    pub(crate) service: Service,
    /// The certificates of the service by the files that they are in.
    pub(crate) trust: Vec<TrustFile>,
}

/// What every file has.
#[derive(Default)]
pub(crate) struct Essentials {
    version: Option<Version>,
    organization: Option<Organization>,
    domains: Option<Vec<DomainName>>,
    login: Option<LoginTemplate>,
    incoming: Option<Vec<(IncomingProtocol, Endpoint)>>,
    outgoing: Option<Vec<Endpoint>>,
}

impl Keys for Document {
    type Draft = Essentials;
    const LAYOUT: Layout = Layout::Lines;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        key!(required "provost": kinds::VERSION, version => version, "the version of this format"),
        key!(required "organization": group(), service.organization => organization,
            "the organization that the service belongs to"),
        key!(required "domains": kinds::DOMAINS, service.domains => domains,
            "the domains of the addresses; non-ASCII names are stored as A-labels"),
        key!(required "username": kinds::LOGIN, service.login => login,
            "makes the login name from the address; the column `username` of the user list overrides it for one \
             person; lint warns about other programs' placeholders, leading or trailing blanks, and a template \
             without a placeholder"),
        key!(required "incoming": INCOMING, service.incoming => incoming,
            "servers to receive from, in order of preference; a client that takes one server uses the first"),
        key!(required "outgoing": OUTGOING, service.outgoing => outgoing,
            "servers to send through, in order of preference"),
        &Key {
            name: "sync.days",
            kind: kinds::DAYS,
            meaning: "days of mail that a device keeps; default: the client's own",
            get: |it: &Self| match it.service.sync {
                SyncWindow::Unlimited => None,
                SyncWindow::Days(days) => Some(days),
            },
            set: Optional(|it, days: NonZeroU16| it.service.sync = SyncWindow::Days(days)),
        },
        &Key {
            name: "trust",
            kind: kinds::TRUST,
            meaning: "certificate authorities to trust in addition to the device's own; a file that contains a \
                      private key is rejected",
            get: |it: &Self| Some(it.trust.clone()),
            set: Optional(|it, files| {
                it.service.trust = files.into_iter().flat_map(|file| file.certificates).collect()
            }),
        },
        key!(optional "oauth2": group(), service.oauth2 = Some(it),
            "where to get tokens (RFC 6749), for servers with `OAuth2`"),
        key!(optional "password_command": kinds::COMMAND, service.password_command = Some(it),
            "a command that prints a person's password, for clients that can run one; it may also contain \
             `%USERNAME%`, the login name"),
        key!(optional "calendar": group(), service.calendar = Some(it), "each person's calendar (CalDAV, RFC 4791)"),
        key!(optional "contacts": group(), service.contacts = Some(it),
            "each person's address book (CardDAV, RFC 6352)"),
        key!(optional "ldap": group(), service.ldap = Some(it),
            "the directory where clients look people up (LDAP, RFC 4511)"),
        key!(optional "web.host": kinds::DOMAIN, service.publication.web_host = Some(it),
            "the web host that publishes the settings (autoconfig, Autodiscover), for the formats that web servers \
             and DNS publish"),
        key!(optional "dns.ttl": kinds::TTL, service.publication.dns_ttl = Some(it),
            "TTL of the DNS records; default: that of the zone"),
        key!(optional "apple": APPLE, service.apple = it,
            "what Mail may do on Apple devices, and the terms of a profile"),
        key!(optional "mdm": MDM, service.mdm = it,
            "the variables of device management systems (MDM), for `apple-mdm-template`, in addition to the systems \
             that Provost knows"),
        key!(optional "assets.url": kinds::HTTPS_URL, service.assets = Some(it),
            "the folder where you publish the files that Apple declarations refer to"),
        key!(optional "smime": group(), service.smime = Some(it), "each person's S/MIME identity"),
        &Key {
            name: "exchange.host",
            kind: kinds::HOST,
            meaning: "the Exchange server (ActiveSync; Web Services on a Mac), for apps that support nothing else, \
                      and for Apple's Exchange profiles",
            get: |it: &Self| it.service.exchange.as_ref().map(|exchange| exchange.host.clone()),
            set: Optional(|it, host| it.service.exchange = Some(Exchange { host })),
        },
        key!(optional "android": group(), service.android = Some(it),
            "an Android app and its managed configuration; how the app uses it is not proven"),
        &Key {
            name: "danger_allow_cleartext",
            kind: kinds::PERMISSION,
            meaning: "allows `socket_type: plain`, with a warning for each server",
            get: |it: &Self| is_in_clear(&it.service).then_some(true),
            // The report says it to the servers, wherever the key is.
            set: Optional(|_, _| ()),
        },
    ];

    fn finish(_: &Entries<'_, '_>, it: Essentials) -> Option<Self> {
        let service = Service::of(it.organization?, it.domains?, it.login?, it.incoming?, it.outgoing?);
        Some(Self { version: it.version?, service, trust: Vec::new() })
    }
}

/// Whether every file has a key, or the group that it is in.
pub(crate) fn is_essential(key: &SettingsKey) -> bool {
    let group = key.path.split('.').next();
    documents::<Document>("").iter().any(|it| it.is_required && Some(it.path.as_str()) == group)
}

fn is_in_clear(service: &Service) -> bool {
    let mut securities = service.servers().map(|(_, it)| it.security).chain(service.ldap.iter().map(|it| it.security));
    securities.any(|it| it == Security::Cleartext)
}

impl Keys for Organization {
    type Draft = (Option<OrganizationId>, Option<DisplayName>);
    const LAYOUT: Layout = Layout::Lines;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        key!(required "id": kinds::ORGANIZATION_ID, id => 0,
            "the prefix of every profile identifier; if you change it, every device gets new accounts"),
        key!(required "name": kinds::TEXT, name => 1, "the name that people see"),
    ];

    fn finish(_: &Entries<'_, '_>, (id, name): Self::Draft) -> Option<Self> {
        Some(Self { id: id?, name: name? })
    }
}

impl Keys for OAuth2 {
    type Draft = (Option<String>, Option<String>, Option<String>, Option<String>);
    const LAYOUT: Layout = Layout::Lines;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        key!(required "issuer": kinds::OAUTH2_TEXT, issuer => 0, "the name of the provider, usually its host"),
        key!(required "scope": kinds::OAUTH2_TEXT, scope => 1, "the scopes to request, separated by spaces"),
        key!(required "auth_url": kinds::OAUTH2_URL, auth_url => 2, "the authorization endpoint"),
        key!(required "token_url": kinds::OAUTH2_URL, token_url => 3, "the token endpoint"),
    ];

    fn finish(_: &Entries<'_, '_>, (issuer, scope, auth_url, token_url): Self::Draft) -> Option<Self> {
        Some(Self { issuer: issuer?, scope: scope?, auth_url: auth_url?, token_url: token_url? })
    }
}

impl Keys for CollectionService {
    type Draft = Option<UrlTemplate>;
    const LAYOUT: Layout = Layout::Line;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        &Key {
            name: "url",
            kind: kinds::URL_TEMPLATE,
            meaning: "its address",
            get: |it: &Self| Some(it.url.clone()),
            set: Required(|it: &mut Self::Draft, url| *it = Some(url)),
        },
        key!(optional "username": kinds::PERSON_TEMPLATE, login = Some(it),
            "the login name for it; default: that of the mail account"),
    ];

    fn finish(_: &Entries<'_, '_>, url: Self::Draft) -> Option<Self> {
        Some(Self { url: url?, login: None })
    }
}
