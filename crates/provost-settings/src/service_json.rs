//! `service.json`: the resolved service as `generate` leaves it beside the profiles, so that they can be proven without
//! the settings file. No secrets are in it. A contract with other programs: keys are only ever added.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use provost_account::{
    Apple, AppleError, Authentication, Certificate, CollectionService, ConsentText, DisplayName, DistinguishedName,
    DomainName, Encryption, Endpoint, Exchange, Findings, Host, HttpsUrl, IncomingProtocol, Language, LdapSearch,
    LdapService, LoginTemplate, ManagedApp, ManagedValue, Mdm, MdmName, MdmVariable, OAuth2, Organization,
    OrganizationId, PackageName, PasswordCommand, PersonTemplate, Place, Port, ProfileDate, Publication, SearchScope,
    Security, Service, SmimeRules, SyncWindow, Ttl, UrlTemplate, VpnUuid, codes::settings as codes,
};
use serde::{Deserialize, Serialize};

use crate::Read;

/// The service as JSON, indented, with a final newline; the same bytes for the same service.
#[must_use]
pub fn write_service(service: &Service) -> Vec<u8> {
    let url = |it: &CollectionService| it.url.as_str().to_owned();
    let login = |it: &CollectionService| it.login.as_ref().map(|login| login.as_str().to_owned());
    let wire = Wire {
        provost: 1,
        organization: WireOrganization {
            id: service.organization.id.to_string(),
            name: service.organization.name.to_string(),
        },
        domains: service.domains.iter().map(ToString::to_string).collect(),
        username: service.login.as_str().to_owned(),
        incoming: service
            .incoming
            .iter()
            .map(|(protocol, endpoint)| WireServer { protocol: Some(protocol.name().to_owned()), ..server(endpoint) })
            .collect(),
        outgoing: service.outgoing.iter().map(server).collect(),
        sync_days: match service.sync {
            SyncWindow::Unlimited => None,
            SyncWindow::Days(days) => Some(days),
        },
        trust: service.trust.iter().map(|certificate| BASE64_STANDARD.encode(certificate.der())).collect(),
        oauth2: service.oauth2.as_ref().map(|it| WireOAuth2 {
            issuer: it.issuer.clone(),
            scope: it.scope.clone(),
            auth_url: it.auth_url.clone(),
            token_url: it.token_url.clone(),
        }),
        password_command: service.password_command.as_ref().map(ToString::to_string),
        calendar: service.calendar.as_ref().map(url),
        calendar_username: service.calendar.as_ref().and_then(login),
        contacts: service.contacts.as_ref().map(url),
        contacts_username: service.contacts.as_ref().and_then(login),
        ldap: service.ldap.as_ref().map(wire_ldap),
        web_host: service.publication.web_host.as_ref().map(ToString::to_string),
        dns_ttl: service.publication.dns_ttl.map(|ttl| ttl.seconds().into()),
        apple: WireApple::of(&service.apple),
        mdm: service.mdm.iter().map(wire_mdm).collect(),
        assets: service.assets.as_ref().map(ToString::to_string),
        smime: service.smime.as_ref().map(|it| WireSmime {
            identities: it.identities.as_str().to_owned(),
            sign: it.sign,
            encrypt: it.encryption.name().to_owned(),
        }),
        exchange: service.exchange.as_ref().map(|it| WireExchange { host: it.host.to_string() }),
        android: service.android.as_ref().map(wire_app),
    };
    let mut json = serde_json::to_vec_pretty(&wire).expect("strings and numbers are always JSON");
    json.push(b'\n');
    json
}

/// Reads what [`write_service`] wrote.
#[must_use]
pub fn read_service(bytes: &[u8]) -> Read<Service> {
    let mut findings = Findings::counted();
    let value = match serde_json::from_slice::<Wire>(bytes) {
        Err(error) => {
            let place = Place { line: error.line().max(1), column: error.column().max(1) };
            findings.add(codes::JSON_SYNTAX, Some(place), error.to_string(), GENERATE_AGAIN);
            None
        }
        Ok(wire) => match service(wire) {
            Ok(service) => Some(service),
            Err(message) => {
                findings.add(codes::WRONG_VALUE, None, message, GENERATE_AGAIN);
                None
            }
        },
    };
    Read { value, findings: findings.finish() }
}

fn service(wire: Wire) -> Result<Service, String> {
    if wire.provost != 1 {
        return Err(format!("version {} of the format, only version 1 is known here", wire.provost));
    }
    let trust = |text: &String| {
        let der = BASE64_STANDARD.decode(text).map_err(|error| format!("trust: {error}"))?;
        Certificate::try_from(der).map_err(|error| format!("trust: {error}"))
    };
    let incoming = |it: &WireServer| {
        let protocol = match it.protocol.as_deref() {
            Some("imap") => IncomingProtocol::Imap,
            Some("pop3") => IncomingProtocol::Pop3,
            other => return Err(format!("incoming: the protocol {other:?}")),
        };
        Ok((protocol, endpoint(it)?))
    };
    let collection = |url: &Option<String>, login: &Option<String>| {
        let Some(url) = url else { return Ok(None) };
        let wrong = |text: &str, error: &dyn std::error::Error| format!("{text:?}: {error}");
        let login = login.as_ref().map(|it| PersonTemplate::try_from(it.as_str()).map_err(|error| wrong(it, &error)));
        let url = UrlTemplate::try_from(url.as_str()).map_err(|error| wrong(url, &error))?;
        Ok::<_, String>(Some(CollectionService { url, login: login.transpose()? }))
    };
    let organization = Organization {
        id: OrganizationId::try_from(wire.organization.id.as_str()).map_err(|error| error.to_string())?,
        name: DisplayName::try_from(wire.organization.name.as_str()).map_err(|error| error.to_string())?,
    };
    let domain = |it: &String| DomainName::try_from(it.as_str()).map_err(|error| format!("{it:?}: {error}"));
    let assets = |it: &String| HttpsUrl::try_from(it.as_str()).map_err(|error| format!("{it:?}: {error}"));
    let exchange = |it: &WireExchange| match Host::try_from(it.host.as_str()) {
        Ok(host) => Ok(Exchange { host }),
        Err(error) => Err(format!("{:?}: {error}", it.host)),
    };
    let command = |it: &String| PasswordCommand::try_from(it.as_str()).map_err(|error| error.to_string());
    Ok(Service {
        sync: wire.sync_days.map_or(SyncWindow::Unlimited, SyncWindow::Days),
        trust: wire.trust.iter().map(trust).collect::<Result<_, _>>()?,
        oauth2: wire.oauth2.map(|it| OAuth2 {
            issuer: it.issuer,
            scope: it.scope,
            auth_url: it.auth_url,
            token_url: it.token_url,
        }),
        password_command: wire.password_command.as_ref().map(command).transpose()?,
        calendar: collection(&wire.calendar, &wire.calendar_username)?,
        contacts: collection(&wire.contacts, &wire.contacts_username)?,
        ldap: wire.ldap.as_ref().map(ldap).transpose()?,
        publication: Publication {
            web_host: wire.web_host.as_ref().map(domain).transpose()?,
            dns_ttl: wire
                .dns_ttl
                .map(|it| Ttl::try_from(i128::from(it)).map_err(|error| error.to_string()))
                .transpose()?,
        },
        apple: wire.apple.read()?,
        mdm: wire.mdm.iter().map(mdm).collect::<Result<_, _>>()?,
        assets: wire.assets.as_ref().map(assets).transpose()?,
        smime: wire.smime.as_ref().map(smime).transpose()?,
        exchange: wire.exchange.as_ref().map(exchange).transpose()?,
        android: wire.android.as_ref().map(app).transpose()?,
        ..Service::of(
            organization,
            wire.domains.iter().map(domain).collect::<Result<_, _>>()?,
            LoginTemplate::try_from(wire.username.as_str()).map_err(|error| error.to_string())?,
            wire.incoming.iter().map(incoming).collect::<Result<_, _>>()?,
            wire.outgoing.iter().map(endpoint).collect::<Result<_, _>>()?,
        )
    })
}

fn wire_mdm(mdm: &Mdm) -> WireMdm {
    let text = |variable: &Option<MdmVariable>| variable.as_ref().map(ToString::to_string);
    WireMdm {
        system: mdm.name.as_str().to_owned(),
        address: mdm.address.to_string(),
        local_part: text(&mdm.local_part),
        domain: text(&mdm.domain),
        name: text(&mdm.full_name),
    }
}

fn mdm(wire: &WireMdm) -> Result<Mdm, String> {
    let variable = |text: &String| MdmVariable::try_from(text.as_str()).map_err(|error| format!("mdm: {error}"));
    Ok(Mdm {
        name: MdmName::try_from(wire.system.as_str()).map_err(|error| format!("mdm: {error}"))?,
        address: variable(&wire.address)?,
        local_part: wire.local_part.as_ref().map(variable).transpose()?,
        domain: wire.domain.as_ref().map(variable).transpose()?,
        full_name: wire.name.as_ref().map(variable).transpose()?,
    })
}

fn wire_ldap(ldap: &LdapService) -> WireLdap {
    let search = |it: &LdapSearch| WireSearch {
        base: it.base.to_string(),
        scope: it.scope.name().to_owned(),
        description: it.description.as_ref().map(ToString::to_string),
    };
    WireLdap {
        host: ldap.host.to_string(),
        socket_type: ldap.security.name().to_owned(),
        username: ldap.login.as_ref().map(|login| login.as_str().to_owned()),
        searches: ldap.searches.iter().map(search).collect(),
    }
}

fn ldap(wire: &WireLdap) -> Result<LdapService, String> {
    let search = |it: &WireSearch| {
        let scope = SearchScope::ALL.into_iter().find(|scope| scope.name() == it.scope);
        let description = it.description.as_ref().map(|text| DisplayName::try_from(text.as_str())).transpose();
        Ok(LdapSearch {
            base: DistinguishedName::try_from(it.base.as_str()).map_err(|error| format!("ldap: {error}"))?,
            scope: scope.ok_or_else(|| format!("ldap: the scope {:?}", it.scope))?,
            description: description.map_err(|error| format!("ldap: {error}"))?,
        })
    };
    let securities = [Security::ImplicitTls, Security::Cleartext];
    let security = securities.into_iter().find(|it| it.name() == wire.socket_type);
    let login = wire.username.as_ref().map(|text| LoginTemplate::try_from(text.as_str())).transpose();
    Ok(LdapService {
        host: Host::try_from(wire.host.as_str()).map_err(|error| format!("{:?}: {error}", wire.host))?,
        security: security.ok_or_else(|| format!("ldap: the socket type {:?}", wire.socket_type))?,
        login: login.map_err(|error| format!("ldap: {error}"))?,
        searches: wire.searches.iter().map(search).collect::<Result<_, String>>()?,
    })
}

fn smime(wire: &WireSmime) -> Result<SmimeRules, String> {
    let all = [Encryption::Never, Encryption::Offered, Encryption::ByDefault];
    let encryption = all.into_iter().find(|it| it.name() == wire.encrypt);
    Ok(SmimeRules {
        identities: LoginTemplate::try_from(wire.identities.as_str()).map_err(|error| error.to_string())?,
        sign: wire.sign,
        encryption: encryption.ok_or_else(|| format!("smime: encrypt {:?}", wire.encrypt))?,
    })
}

fn wire_app(app: &ManagedApp) -> WireApp {
    let value = |value: &ManagedValue| match value {
        ManagedValue::Flag(flag) => WireValue::Flag(*flag),
        ManagedValue::Number(number) => WireValue::Number(*number),
        ManagedValue::Text(text) => WireValue::Text(text.as_str().to_owned()),
    };
    let keys = app.keys.iter().map(|(key, it)| (key.clone(), value(it))).collect();
    WireApp { package: app.package.to_string(), keys }
}

fn app(wire: &WireApp) -> Result<ManagedApp, String> {
    let value = |value: &WireValue| match value {
        WireValue::Flag(flag) => Ok(ManagedValue::Flag(*flag)),
        WireValue::Number(number) => Ok(ManagedValue::Number(*number)),
        WireValue::Text(text) => match LoginTemplate::try_from(text.as_str()) {
            Ok(text) => Ok(ManagedValue::Text(text)),
            Err(error) => Err(format!("{text:?}: {error}")),
        },
    };
    let package = PackageName::try_from(wire.package.as_str()).map_err(|error| error.to_string())?;
    let keys = wire.keys.iter().map(|(key, it)| Ok((key.clone(), value(it)?))).collect::<Result<_, String>>()?;
    Ok(ManagedApp { package, keys })
}

fn server(endpoint: &Endpoint) -> WireServer {
    WireServer {
        protocol: None,
        host: endpoint.host.to_string(),
        port: endpoint.port,
        socket_type: endpoint.security.name().to_owned(),
        authentication: endpoint.authentication.name().to_owned(),
    }
}

fn endpoint(wire: &WireServer) -> Result<Endpoint, String> {
    let securities = [Security::ImplicitTls, Security::StartTls, Security::Cleartext];
    let authentications = [
        Authentication::PasswordCleartext,
        Authentication::PasswordEncrypted,
        Authentication::OAuth2,
        Authentication::ClientCertificate,
        Authentication::None,
    ];
    Ok(Endpoint {
        host: Host::try_from(wire.host.as_str()).map_err(|error| format!("{:?}: {error}", wire.host))?,
        port: wire.port,
        security: securities
            .into_iter()
            .find(|it| it.name() == wire.socket_type)
            .ok_or_else(|| format!("the socket type {:?}", wire.socket_type))?,
        authentication: authentications
            .into_iter()
            .find(|it| it.name() == wire.authentication)
            .ok_or_else(|| format!("the authentication {:?}", wire.authentication))?,
    })
}

#[derive(Serialize, Deserialize)]
struct Wire {
    provost: u32,
    organization: WireOrganization,
    domains: Vec<String>,
    username: String,
    incoming: Vec<WireServer>,
    outgoing: Vec<WireServer>,
    sync_days: Option<NonZeroU16>,
    trust: Vec<String>,
    oauth2: Option<WireOAuth2>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ldap: Option<WireLdap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dns_ttl: Option<i64>,
    #[serde(skip_serializing_if = "WireApple::is_default", default = "WireApple::nothing")]
    apple: WireApple,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mdm: Vec<WireMdm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assets: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    smime: Option<WireSmime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange: Option<WireExchange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    android: Option<WireApp>,
}

#[derive(Serialize, Deserialize)]
struct WireExchange {
    host: String,
}

#[derive(Serialize, Deserialize)]
struct WireLdap {
    host: String,
    socket_type: String,
    username: Option<String>,
    searches: Vec<WireSearch>,
}

#[derive(Serialize, Deserialize)]
struct WireSearch {
    base: String,
    scope: String,
    description: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct WireApp {
    package: String,
    keys: Vec<(String, WireValue)>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WireValue {
    Flag(bool),
    Number(i32),
    Text(String),
}

#[derive(Serialize, Deserialize)]
struct WireMdm {
    system: String,
    address: String,
    local_part: Option<String>,
    domain: Option<String>,
    name: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct WireSmime {
    identities: String,
    sign: bool,
    encrypt: String,
}

#[derive(Serialize, Deserialize)]
struct WireOrganization {
    id: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
struct WireServer {
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    host: String,
    port: Port,
    socket_type: String,
    authentication: String,
}

#[derive(Serialize, Deserialize)]
struct WireOAuth2 {
    issuer: String,
    scope: String,
    auth_url: String,
    token_url: String,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct WireApple {
    prevent_move: Option<bool>,
    prevent_app_sheet: Option<bool>,
    mail_drop: Option<bool>,
    recents_syncing: Option<bool>,
    vpn_uuid: Option<String>,
    consent: BTreeMap<String, String>,
    expiration_date: Option<String>,
    removal_date: Option<String>,
    remove_after_days: Option<NonZeroU16>,
    removal_disallowed: Option<bool>,
}

impl WireApple {
    fn nothing() -> Self {
        Self::of(&Apple::default())
    }

    fn is_default(&self) -> bool {
        *self == Self::nothing()
    }

    fn of(apple: &Apple) -> Self {
        let consent = apple.consent.iter().map(|(language, text)| (language.as_str().into(), text.as_str().into()));
        Self {
            prevent_move: apple.prevent_move,
            prevent_app_sheet: apple.prevent_app_sheet,
            mail_drop: apple.mail_drop,
            recents_syncing: apple.recents_syncing,
            vpn_uuid: apple.vpn.as_ref().map(|it| it.as_str().to_owned()),
            consent: consent.collect(),
            expiration_date: apple.expiration_date.map(|it| it.to_string()),
            removal_date: apple.removal_date.map(|it| it.to_string()),
            remove_after_days: apple.remove_after_days,
            removal_disallowed: apple.removal_disallowed,
        }
    }

    fn read(&self) -> Result<Apple, String> {
        let wrong = |error: AppleError| format!("apple: {error}");
        let mut consent = BTreeMap::new();
        for (language, text) in &self.consent {
            let language = Language::try_from(language.as_str()).map_err(wrong)?;
            consent.insert(language, ConsentText::try_from(text.as_str()).map_err(wrong)?);
        }
        let vpn = |it: &String| VpnUuid::try_from(it.as_str());
        let date = |it: &String| ProfileDate::try_from(it.as_str());
        Ok(Apple {
            prevent_move: self.prevent_move,
            prevent_app_sheet: self.prevent_app_sheet,
            mail_drop: self.mail_drop,
            recents_syncing: self.recents_syncing,
            vpn: self.vpn_uuid.as_ref().map(vpn).transpose().map_err(wrong)?,
            consent,
            expiration_date: self.expiration_date.as_ref().map(date).transpose().map_err(wrong)?,
            removal_date: self.removal_date.as_ref().map(date).transpose().map_err(wrong)?,
            remove_after_days: self.remove_after_days,
            removal_disallowed: self.removal_disallowed,
        })
    }
}

const GENERATE_AGAIN: &str = "run `provost generate` again";
