//! What accounts show about their service apart from servers and login names. Everything that a device understood is
//! destructured here, without `..`: it becomes a setting, or a finding says that it is left out.

use provost_account::{
    Account, Apple, DisplayName, EmailAddress, Exchange, Findings, Host, Login, OAuth2, PasswordCommand, Service,
    Smime, codes::import as codes,
};

use crate::person::{NOBODY, NOBODYS_DOMAIN, NOBODYS_NAME, is_nobody, is_nobodys};
use crate::understood::{Assumption, Ignored, Provider, Said, Understood};

/// Fills in what the settings have a place for, and names the rest.
pub(super) fn fill(service: &mut Service, profiles: &[Understood], findings: &mut Findings) {
    let mut people = People::default();
    for profile in profiles {
        let Understood {
            device,
            label,
            account,
            assumed,
            ignored,
            // They are made of organization.id, which is a guess already.
            identifiers: _,
            provider: Provider { name, domains: _ },
            password_commands,
            exchange,
            oauth2,
            said,
            // Only a comparison needs them.
            payloads: _,
            // What is tried is the client's; settings say what is.
            left_open: _,
        } = profile;
        let Account {
            address,
            full_name,
            aliases,
            groups,
            // The servers, the window, the authorities and what there is besides mail have been taken already.
            incoming: _,
            outgoing: _,
            sync: _,
            trust: _,
            groupware: _,
            apple,
            smime,
        } = account;
        people.add(address, full_name.as_ref(), aliases, groups, account);
        called(label.as_deref(), name.as_ref(), service, address, findings);
        agree("exchange.host", &mut service.exchange, exchange, |it| it.host.to_string(), findings);
        agree("oauth2", &mut service.oauth2, oauth2, tokens, findings);
        for command in password_commands {
            password_command(command, account, service, findings);
        }
        self::apple(&mut service.apple, apple, findings);
        if let Some(smime) = smime {
            left_out_identity(smime, address, findings);
        }
        assumptions(assumed, device, findings);
        left_out(said, ignored, oauth2.is_some(), device, findings);
    }
    people.say(findings);
}

/// Takes a value on which all files should agree; a file that does not is a finding.
fn agree<T: Clone + PartialEq>(
    setting: &str,
    taken: &mut Option<T>,
    found: &Option<T>,
    shown: impl Fn(&T) -> String,
    findings: &mut Findings,
) {
    match (&*taken, found) {
        (_, None) => {}
        (None, Some(_)) => taken.clone_from(found),
        (Some(taken), Some(found)) if taken == found => {}
        (Some(taken), Some(found)) => {
            let message = format!("{setting} is {} in one file, and {} in another", shown(taken), shown(found));
            findings.add_once(codes::IMPORT_GUESS, None, message, "write the right one");
        }
    }
}

fn apple(taken: &mut Apple, found: &Apple, findings: &mut Findings) {
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
    } = found;
    agree("apple.prevent_move", &mut taken.prevent_move, prevent_move, bool::to_string, findings);
    agree("apple.prevent_app_sheet", &mut taken.prevent_app_sheet, prevent_app_sheet, bool::to_string, findings);
    agree("apple.mail_drop", &mut taken.mail_drop, mail_drop, bool::to_string, findings);
    agree("apple.recents_syncing", &mut taken.recents_syncing, recents_syncing, bool::to_string, findings);
    agree("apple.removal_disallowed", &mut taken.removal_disallowed, removal_disallowed, bool::to_string, findings);
    agree("apple.vpn_uuid", &mut taken.vpn, vpn, |it| it.as_str().to_owned(), findings);
    agree("apple.expiration_date", &mut taken.expiration_date, expiration_date, ToString::to_string, findings);
    agree("apple.removal_date", &mut taken.removal_date, removal_date, ToString::to_string, findings);
    agree("apple.remove_after_days", &mut taken.remove_after_days, remove_after_days, ToString::to_string, findings);
    for (language, text) in consent {
        let mut own = taken.consent.get(language).cloned();
        let setting = format!("apple.consent.{}", language.as_str());
        agree(&setting, &mut own, &Some(text.clone()), |it| format!("{:?}", it.as_str()), findings);
        taken.consent.extend(own.map(|own| (language.clone(), own)));
    }
}

fn tokens(oauth2: &OAuth2) -> String {
    let OAuth2 { issuer, scope, auth_url, token_url } = oauth2;
    format!("{issuer} ({scope}, {auth_url}, {token_url})")
}

/// Findings about names of the account and of the organization that are in no setting.
fn called(
    label: Option<&str>,
    provider: Option<&DisplayName>,
    service: &Service,
    address: &EmailAddress,
    findings: &mut Findings,
) {
    let name = service.organization.name.as_str();
    if let Some(other) = provider.map(DisplayName::as_str).filter(|other| *other != name) {
        let message = match super::is_placeholder(other) {
            true => format!("the name {other:?} is left out: it is a placeholder"),
            false => format!("organization.name is {name:?} in one file, and {other:?} in another"),
        };
        findings.add_once(codes::IMPORT_GUESS, None, message, "write the name that people know");
    }
    let is_known = |label: &str| {
        label == name
            || label == address.as_str()
            || label == address.domain().as_str()
            || provider.is_some_and(|provider| provider.as_str() == label)
            || address.as_str().replace('@', "-") == label
    };
    if let Some(label) = label.filter(|label| !label.is_empty() && !is_known(label)) {
        let message = format!("the account's name {label:?} is left out: settings only name the organization");
        findings.add_once(codes::IMPORT_NO_KEY, None, message, "see what each format calls the account");
    }
}

/// Takes the template of a command, in which the person's values are quoted or plain.
fn password_command(command: &str, account: &Account, service: &mut Service, findings: &mut Findings) {
    let template = command_template(command, account);
    let why = match (&template, &service.password_command) {
        (Some(template), None) => {
            service.password_command = Some(template.clone());
            if template.as_str() == command {
                let message = format!("password_command {command} contains no part of the address");
                let fix = "check whether it prints each person's own password";
                findings.add_once(codes::IMPORT_GUESS, None, message, fix);
            }
            return;
        }
        (Some(template), Some(taken)) if template == taken => return,
        (Some(_), Some(taken)) => format!("the settings say {}", taken.as_str()),
        (None, _) => "it cannot become a template".to_owned(),
    };
    let message = format!("password_command {command} is left out: {why}");
    findings.add_once(codes::IMPORT_LEFT_OUT, None, message, "write password_command with placeholders");
}

fn command_template(command: &str, account: &Account) -> Option<PasswordCommand> {
    let address = &account.address;
    if is_nobody(address) {
        return PasswordCommand::try_from(command).ok();
    }
    let login = account.login().map(Login::as_str);
    let own = [
        (Some(address.as_str()), "%EMAILADDRESS%"),
        (login, "%USERNAME%"),
        (Some(address.local_part()), "%EMAILLOCALPART%"),
        (Some(address.domain().as_str()), "%EMAILDOMAIN%"),
    ];
    let own = || own.iter().filter_map(|(value, placeholder)| Some(((*value)?, *placeholder)));
    let quoted = own().fold(command.to_owned(), |text, (value, placeholder)| {
        text.replace(&format!("'{}'", value.replace('\'', "'\\''")), placeholder)
    });
    // Without quotation marks, only the whole address is surely the person's.
    let plain = [quoted.replace(address.as_str(), "%EMAILADDRESS%"), quoted];
    plain.iter().find_map(|text| PasswordCommand::try_from(text.as_str()).ok())
}

fn left_out_identity(smime: &Smime, address: &EmailAddress, findings: &mut Findings) {
    let Smime { identity, sign, encryption } = smime;
    let message = format!(
        "the S/MIME identity of {address} is left out ({} bytes; sign: {sign}, encrypt: {})",
        identity.pkcs12().len(),
        encryption.name()
    );
    let fix = "put the identities in files, and refer to them with smime: { identities, sign, encrypt }";
    findings.add_once(codes::IMPORT_LEFT_OUT, None, message, fix);
}

/// Findings about what readers filled in.
fn assumptions(assumed: &[Assumption], device: &str, findings: &mut Findings) {
    for Assumption { key, value, source } in assumed {
        if value.contains(NOBODYS_NAME) {
            continue;
        }
        let message = format!("{key} = {value}: {device} assumes it ({source})");
        findings.add_once(codes::IMPORT_ASSUMED, None, message, "check whether that is correct");
    }
}

/// Findings about what no setting covers.
fn left_out(said: &[Said], ignored: &[Ignored], has_tokens: bool, device: &str, findings: &mut Findings) {
    for Said { key, value } in said {
        let said = format!("{key} = {value}");
        let said = said.replace(NOBODY, "%EMAILADDRESS%").replace(NOBODYS_DOMAIN, "%EMAILDOMAIN%");
        let message = format!("{said} is left out: settings have no such key");
        findings.add_once(codes::IMPORT_NO_KEY, None, message, "check whether you need it");
    }
    for Ignored { key, place: _, reason } in ignored {
        // Taken, although the client does not look at it.
        if has_tokens && key == "oAuth2" {
            continue;
        }
        let message = format!("{key} is left out, as {device} leaves it out: {reason}");
        findings.add_once(codes::IMPORT_NO_KEY, None, message, "check whether you need it");
    }
}

/// What belongs in the user list: each kind once, with the first person as an example.
#[derive(Default)]
struct People {
    found: Vec<(&'static str, Vec<String>)>,
    aliases: Vec<String>,
}

impl People {
    fn add(
        &mut self,
        address: &EmailAddress,
        full_name: Option<&DisplayName>,
        aliases: &[EmailAddress],
        groups: &[String],
        account: &Account,
    ) {
        let whose = if is_nobody(address) { "no particular person".to_owned() } else { address.to_string() };
        if let Some(name) = full_name {
            self.put("name", format!("{whose} is called {name}"));
        }
        if !aliases.is_empty() {
            let aliases: Vec<&str> = aliases.iter().map(EmailAddress::as_str).collect();
            self.aliases.push(format!("{whose} has the aliases {}", aliases.join(", ")));
        }
        if !groups.is_empty() {
            self.put("groups", format!("{whose} is in {}", groups.join(", ")));
        }
        let mut servers = account.servers().map(|(_, server)| server);
        if servers.any(|server| server.password.is_some()) {
            self.put("password", format!("the file of {whose} has a password in it"));
        }
    }

    fn put(&mut self, column: &'static str, message: String) {
        match self.found.iter_mut().find(|(known, _)| *known == column) {
            Some((_, messages)) if messages.contains(&message) => {}
            Some((_, messages)) => messages.push(message),
            None => self.found.push((column, vec![message])),
        }
    }

    fn say(self, findings: &mut Findings) {
        for message in self.aliases {
            findings.add_once(codes::IMPORT_USER_LIST, None, message, "put them into the user list's column aliases");
        }
        for (column, messages) in self.found {
            let more = match messages.len() {
                1 => String::new(),
                count => format!(", and so on for {count} people"),
            };
            let fix = match column {
                "password" => "settings contain no passwords; distribute them another way".to_owned(),
                column => format!("put it into the user list's column {column}"),
            };
            findings.add_once(codes::IMPORT_USER_LIST, None, format!("{}{more}", messages[0]), &fix);
        }
    }
}

/// The hosts that a file derives from each address's domain.
pub(super) fn filled_in(own: &Understood, general: &Understood, findings: &mut Findings) {
    let hosts = |of: &Understood| -> Vec<Host> {
        let account = &of.account;
        let servers = account.servers().map(|(_, server)| server);
        let exchange = of.exchange.iter().map(|Exchange { host }| host.clone());
        servers.map(|server| server.endpoint.host.clone()).chain(exchange).collect()
    };
    for (host, made) in hosts(own).iter().zip(hosts(general)) {
        if is_nobodys(&made.to_string()) && *host != made {
            let made = made.to_string().replace(NOBODYS_DOMAIN, "%EMAILDOMAIN%");
            let message = format!("the host {host} is derived from each address's domain, as {made}");
            findings.add_once(codes::IMPORT_GUESS, None, message, "check whether everyone uses this host");
        }
    }
}
