//! Thunderbird's AutoConfig: `thunderbird.cfg`, a script of preferences that runs at every start; `autoconfig.js`,
//! which refers to it; and `policies.json` with the certificate authorities, each of which has its own file. All of it
//! is in Thunderbird's installation folder, so it applies to everyone who starts that Thunderbird.
//!
//! Accounts are preferences with default values, which people can change. The list of accounts is never locked:
//! Thunderbird could then add neither its local folders nor another account.

use crate::identifiers::{self, Kind};
use crate::losses::{embedded_password, further_servers, identity, ldap, oauth2, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::{OrganizationRequest, Request, Variant, Write};
use crate::{authorities, json, servers};
use provost_account::{
    Account, Authentication, Collection, CollectionService, Endpoint, Incoming, IncomingProtocol, Login, LoginPart,
    OrganizationId, Security, Server, Service, SyncWindow,
};
use serde_json::json;

/// Where the preferences' names and values come from.
pub(super) const SOURCE: &str = "observed: Thunderbird 153.7.0esr, 2026-11";

/// By whether a profile exists, and by whose computer it is.
pub(super) const VARIANTS: &[Variant] = &[
    Variant {
        name: "existing-profile",
        devices: "one person's computer, where Thunderbird may have accounts",
        write: Write::User(for_an_existing_profile),
    },
    Variant {
        name: "new-profile",
        devices: "one person's computer, where Thunderbird has not been started",
        write: Write::User(for_a_new_profile),
    },
    Variant {
        name: "organization",
        devices: "computers where people's user names are the local parts of their addresses",
        write: Write::Organization(for_the_organization),
    },
];

fn for_an_existing_profile(request: &Request<'_>) -> Result<Profile, Refusal> {
    for_one_person(request, Script::append)
}

fn for_a_new_profile(request: &Request<'_>) -> Result<Profile, Refusal> {
    for_one_person(request, Script::begin)
}

fn for_one_person(request: &Request<'_>, accounts: fn(&mut Script)) -> Result<Profile, Refusal> {
    let (service, account) = (request.service, request.account);
    let name = account.full_name.as_ref().map(|name| text(name.as_str()));
    let collection = |kind: Kind, of: &Option<Collection>| {
        let Collection { url, login } = of.as_ref()?;
        let key = identifiers::of_account(&service.organization.id, &account.address, kind).to_string();
        Some(Remote { key, url: text(&url.to_string()), login: login.as_ref().map(of_login) })
    };
    let holder = Holder {
        addresses: std::iter::once(&account.address).chain(&account.aliases).map(|it| text(it.as_str())).collect(),
        name,
        calendar: collection(Kind::THUNDERBIRD_CALENDAR, &account.groupware.calendar),
        contacts: collection(Kind::THUNDERBIRD_ADDRESS_BOOK, &account.groupware.contacts),
    };
    let mut script = Script::of(&service.organization.id);
    accounts(&mut script);
    script.account(account, &holder, &|login| of_login(login))?;
    let mut losses = losses(account);
    let reason = "passwords are in Thunderbird's own store; no preference holds one";
    losses.extend(embedded_password(account, request.passwords, reason, SOURCE));
    Ok(Profile { files: script.files(service), losses })
}

/// One script for everyone: the environment names the person when Thunderbird starts.
fn for_the_organization(request: &OrganizationRequest<'_>) -> Result<Profile, Refusal> {
    let service = request.service;
    let Some((domain, others)) = service.domains.split_first() else {
        return Err(Refusal::of("domains", "none", "an address needs a domain", SOURCE));
    };
    let filled_in = |parts: &[LoginPart<'_>], local_part: &str| {
        let part = |part: &LoginPart<'_>| match part {
            LoginPart::Text(literal) => text(literal),
            LoginPart::LocalPart => local_part.to_owned(),
            LoginPart::Domain => text(domain.as_str()),
            LoginPart::Address => format!("{local_part} + {}", text(&format!("@{domain}"))),
        };
        parts.iter().map(part).collect::<Vec<_>>().join(" + ")
    };
    let login = filled_in(&service.login.parts(), USER);
    let collection = |kind: &'static str, of: &Option<CollectionService>| {
        let of = of.as_ref()?;
        let key = identifiers::of_organization(&service.organization.id, kind).to_string();
        let url = of.url_of_everybody(&service.login);
        let url = filled_in(&url.parts(), &format!("encodeURIComponent({USER})"));
        let login = filled_in(&of.login_of_everybody(&service.login).parts(), USER);
        Some(Remote { key, url, login: Some(login) })
    };
    let holder = Holder {
        addresses: vec![filled_in(&[LoginPart::Address], USER)],
        name: None,
        calendar: collection("thunderbird calendar", &service.calendar),
        contacts: collection("thunderbird address book", &service.contacts),
    };
    // A stand-in's account: the script replaces the person's values by those of the environment.
    let nobody = provost_account::EmailAddress::try_from(format!("nobody@{domain}").as_str()).expect("an address");
    let account = service.account(nobody, None, None, None);
    let mut script = Script::of(&service.organization.id);
    script.line(&format!("var {USER} = getenv(\"USER\") || getenv(\"USERNAME\");"));
    script.line(&format!("if ({USER}) {{"));
    script.append();
    script.account(&account, &holder, &|_| login.clone())?;
    script.line("}");
    let mut losses = losses(&account);
    losses.extend(others.iter().map(|other| {
        let reason = "the environment has a user name but no domain, so everyone gets the first domain";
        Loss::of("domains", other, reason, SOURCE)
    }));
    let of_a_person = |setting: &str| {
        let reason = "the environment has a user name and nothing else about the person";
        Loss::of(setting, "each person's own", reason, SOURCE)
    };
    losses.extend(["name", "aliases"].map(of_a_person));
    losses.extend(service.smime.iter().map(|_| of_a_person("smime")));
    Ok(Profile { files: script.files(service), losses })
}

/// A person in the script; each value is an expression of JavaScript.
struct Holder {
    /// Their own first.
    addresses: Vec<String>,
    name: Option<String>,
    calendar: Option<Remote>,
    contacts: Option<Remote>,
}

/// A calendar or an address book.
struct Remote {
    /// Thunderbird's name for it.
    key: String,
    url: String,
    login: Option<String>,
}

/// A script of preferences as it grows.
struct Script {
    lines: String,
    /// What distinguishes this organization's keys from those that Thunderbird numbers.
    key: String,
}

impl Script {
    fn of(organization: &OrganizationId) -> Self {
        // Thunderbird takes a preference's name apart at its dots.
        Self { lines: FIRST_LINE.to_owned(), key: organization.as_str().replace('.', "_") }
    }

    fn line(&mut self, line: &str) {
        self.lines.push_str(line);
        self.lines.push('\n');
    }

    fn set(&mut self, name: &str, value: &str) {
        self.line(&format!("defaultPref({}, {value});", text(name)));
    }

    /// The lists of a profile that has none yet.
    fn begin(&mut self) {
        let (account, smtp) = (format!("account_{}", self.key), format!("smtp_{}", self.key));
        self.set("mail.accountmanager.accounts", &text(&account));
        self.set("mail.accountmanager.defaultaccount", &text(&account));
        self.set("mail.smtpservers", &text(&smtp));
        self.set("mail.smtp.defaultserver", &text(&smtp));
    }

    /// The lists of a profile that may have some. Thunderbird appends the account itself, once; the outgoing servers'
    /// list has no such preference, so the script appends to it.
    fn append(&mut self) {
        let smtp = format!("smtp_{}", self.key);
        self.set("mail.accountmanager.appendaccounts", &text(&format!("account_{}", self.key)));
        let (list, own, after) = (text("mail.smtpservers"), text(&smtp), text(&format!(",{smtp}")));
        self.line(&format!("var servers = getPref({list});"));
        self.line("if (!servers) {");
        self.line(&format!("  pref({list}, {own});"));
        self.line(&format!("}} else if (servers.split(\",\").indexOf({own}) < 0) {{"));
        self.line(&format!("  pref({list}, servers + {after});"));
        self.line("}");
    }

    /// The account, its servers and identities, calendar and address book.
    fn account(&mut self, account: &Account, holder: &Holder, login: &dyn Fn(&Login) -> String) -> Result<(), Refusal> {
        let (incoming, outgoing) =
            servers::one_of_each(account, "an account needs an incoming and an outgoing server", SOURCE)?;
        let key = self.key.clone();
        let identities: Vec<String> = (1..=holder.addresses.len()).map(|number| format!("id_{key}_{number}")).collect();
        self.set(&format!("mail.account.account_{key}.server"), &text(&format!("server_{key}")));
        self.set(&format!("mail.account.account_{key}.identities"), &text(&identities.join(",")));
        self.incoming(incoming, account.sync, &holder.addresses[0], login)?;
        for (identity, address) in identities.iter().zip(&holder.addresses) {
            let mut set = |name: &str, value: &str| self.set(&format!("mail.identity.{identity}.{name}"), value);
            if let Some(name) = &holder.name {
                set("fullName", name);
            }
            set("useremail", address);
            set("smtpServer", &text(&format!("smtp_{key}")));
            set("valid", "true");
        }
        self.outgoing(outgoing, login)?;
        if let Some(Remote { key, url, login }) = &holder.calendar {
            let mut set = |name: &str, value: &str| self.set(&format!("calendar.registry.{key}.{name}"), value);
            set("type", &text("caldav"));
            set("uri", url);
            set("name", &holder.addresses[0]);
            login.iter().for_each(|login| set("username", login));
            set("cache.enabled", "true");
        }
        if let Some(Remote { key, url, login }) = &holder.contacts {
            let mut set = |name: &str, value: &str| self.set(&format!("ldap_2.servers.{key}.{name}"), value);
            set("dirType", "102");
            set("filename", &text(&format!("{key}.sqlite")));
            set("description", &holder.addresses[0]);
            set("carddav.url", url);
            login.iter().for_each(|login| set("carddav.username", login));
        }
        Ok(())
    }

    fn incoming(
        &mut self,
        Incoming { protocol, server }: &Incoming,
        sync: SyncWindow,
        label: &str,
        login: &dyn Fn(&Login) -> String,
    ) -> Result<(), Refusal> {
        let Server { endpoint, login: name, .. } = server;
        let method = method("incoming.authentication", endpoint)?;
        let key = self.key.clone();
        let mut set = |name: &str, value: &str| self.set(&format!("mail.server.server_{key}.{name}"), value);
        set("type", &text(protocol.name()));
        set("hostname", &text(&endpoint.host.to_string()));
        set("port", &endpoint.port.to_string());
        set("socketType", socket_type(endpoint.security));
        set("authMethod", method);
        name.iter().for_each(|name| set("userName", &login(name)));
        set("name", label);
        set("check_new_mail", "true");
        set("check_time", "10");
        set("login_at_startup", "true");
        match protocol {
            IncomingProtocol::Imap => {
                let days = match sync {
                    SyncWindow::Days(days) => days.to_string(),
                    SyncWindow::Unlimited => "-1".to_owned(),
                };
                set("autosync_max_age_days", &days);
            }
            IncomingProtocol::Pop3 => {
                set("leave_on_server", "true");
                set("delete_by_age_from_server", "false");
                set("delete_mail_left_on_server", "false");
            }
        }
        Ok(())
    }

    fn outgoing(&mut self, server: &Server, login: &dyn Fn(&Login) -> String) -> Result<(), Refusal> {
        let Server { endpoint, login: name, .. } = server;
        let method = method("outgoing.authentication", endpoint)?;
        let key = self.key.clone();
        let mut set = |name: &str, value: &str| self.set(&format!("mail.smtpserver.smtp_{key}.{name}"), value);
        set("hostname", &text(&endpoint.host.to_string()));
        set("port", &endpoint.port.to_string());
        set("try_ssl", socket_type(endpoint.security));
        set("authMethod", method);
        name.iter().for_each(|name| set("username", &login(name)));
        Ok(())
    }

    /// The script, and the files that it needs beside it.
    fn files(self, service: &Service) -> Vec<File> {
        let file = |path: &str, bytes: Vec<u8>| File::below(path, Some(format!("{INSTALLED}/{path}")), bytes);
        let mut files =
            vec![file(SCRIPT, self.lines.into_bytes()), file("defaults/pref/autoconfig.js", AUTOCONFIG.into())];
        // One certificate a file: Thunderbird reads the first one of a PEM text only.
        let certificates: Vec<(String, Vec<u8>)> = service
            .trust
            .iter()
            .enumerate()
            .map(|(at, certificate)| {
                (format!("{}-{}.pem", self.key, at + 1), authorities::pem(std::slice::from_ref(certificate)).into())
            })
            .collect();
        if !certificates.is_empty() {
            let names: Vec<&str> = certificates.iter().map(|(name, _)| name.as_str()).collect();
            let policies = json!({ "policies": { "Certificates": { "Install": names } } });
            files.push(file("distribution/policies.json", json::file(&policies)));
        }
        let certificate = |(name, bytes)| file(&format!("distribution/certificates/{name}"), bytes);
        files.extend(certificates.into_iter().map(certificate));
        files
    }
}

/// A text as JavaScript spells it. JSON's strings are JavaScript's (ECMA-262 since 2019).
fn text(literal: &str) -> String {
    serde_json::to_string(literal).expect("a text is JSON")
}

fn of_login(login: &Login) -> String {
    text(login.as_str())
}

/// `nsMsgSocketType`.
fn socket_type(security: Security) -> &'static str {
    match security {
        Security::Cleartext => "0",
        Security::StartTls => "2",
        Security::ImplicitTls => "3",
    }
}

/// `nsMsgAuthMethod`.
fn method(setting: &'static str, endpoint: &Endpoint) -> Result<&'static str, Refusal> {
    let reason = match (endpoint.authentication, setting) {
        (Authentication::PasswordCleartext, _) => return Ok("3"),
        (Authentication::PasswordEncrypted, _) => return Ok("4"),
        (Authentication::Gssapi, _) => return Ok("5"),
        (Authentication::Ntlm, _) => return Ok("6"),
        (Authentication::ClientCertificate, _) => return Ok("7"),
        (Authentication::OAuth2, _) => return Ok("10"),
        (Authentication::None, "outgoing.authentication") => return Ok("1"),
        (Authentication::None, _) => "Thunderbird requires a login to receive",
        (Authentication::HttpMd5, _) => "Thunderbird does not support it",
    };
    Err(Refusal::of(setting, endpoint.authentication.name(), reason, SOURCE))
}

fn losses(account: &Account) -> Vec<Loss> {
    let mut losses = further_servers(account, "an account has one server of each kind", SOURCE);
    if account.incoming.first().is_some_and(|it| it.protocol == IncomingProtocol::Pop3) {
        losses.extend(window(account.sync, "POP3 fetches all mail", SOURCE));
    }
    losses.extend(identity(account, SOURCE));
    let directory = account.groupware.ldap.as_ref().map(|ldap| &ldap.host);
    losses.extend(ldap(directory, "directories are not written for Thunderbird", SOURCE));
    let reason = "Thunderbird gets tokens only for hosts that it has built in";
    losses.extend(oauth2(account, "authMethod 10", reason, SOURCE));
    losses
}

/// The variable with the user's name.
const USER: &str = "user";
/// The name that `autoconfig.js` gives.
const SCRIPT: &str = "thunderbird.cfg";
/// `/usr/lib/thunderbird`, `C:\Program Files\Mozilla Thunderbird`, `Thunderbird.app/Contents/Resources`.
const INSTALLED: &str = "THUNDERBIRD";
/// Thunderbird passes over the first line, whatever it is.
const FIRST_LINE: &str = "// Thunderbird passes over this line.\n";
const AUTOCONFIG: &str = "// Leads to thunderbird.cfg, in the folder that Thunderbird was installed into.
pref(\"general.config.filename\", \"thunderbird.cfg\");
pref(\"general.config.obscure_value\", 0);
";
