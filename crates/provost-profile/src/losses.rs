//! What formats cannot say, as far as several of them cannot say it in the same words. Why, each format says itself.

use provost_account::{
    Account, Certificate, EmailAddress, Endpoint, Host, Incoming, IncomingProtocol, Server, SyncWindow,
};

use crate::formats::{Loss, Passwords};

/// The losses of a format that holds one incoming and one outgoing server: the further ones.
pub(crate) fn further_servers(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let incoming = no_receiving(account, reason, source).into_iter().skip(1);
    incoming.chain(no_sending(account, reason, source).into_iter().skip(1)).collect()
}

/// The losses of a client that receives from the first IMAP server alone: the other ones.
pub(crate) fn besides_the_first_imap(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let mut losses = no_receiving(account, reason, source);
    if let Some(used) = account.incoming.iter().position(|incoming| incoming.protocol == IncomingProtocol::Imap) {
        losses.remove(used);
    }
    losses
}

/// The losses of a client that only sends.
pub(crate) fn no_receiving(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let loss = |(at, it): (usize, &Incoming)| {
        server_loss(format!("incoming[{at}]"), it.protocol.name(), &it.server.endpoint, reason, source)
    };
    account.incoming.iter().enumerate().map(loss).collect()
}

/// The losses of a client that only receives.
pub(crate) fn no_sending(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let loss =
        |(at, it): (usize, &Server)| server_loss(format!("outgoing[{at}]"), "smtp", &it.endpoint, reason, source);
    account.outgoing.iter().enumerate().map(loss).collect()
}

pub(crate) fn server_loss(
    setting: String,
    protocol: &str,
    endpoint: &Endpoint,
    reason: &'static str,
    source: &'static str,
) -> Loss {
    let asked = format!("{protocol} {} {}", endpoint.place(), endpoint.security.name());
    Loss { setting, asked, written: None, reason, source }
}

/// The losses of a format that knows neither calendars nor address books nor directories, nor identities.
pub(crate) fn groupware(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let groupware = &account.groupware;
    [("calendar", &groupware.calendar), ("contacts", &groupware.contacts)]
        .into_iter()
        .filter_map(|(setting, collection)| {
            let asked = collection.as_ref()?.url.to_string();
            Some(Loss { setting: setting.to_owned(), asked, written: None, reason, source })
        })
        .chain(ldap(groupware.ldap.as_ref().map(|ldap| &ldap.host), reason, source))
        .chain(identity(account, source))
        .collect()
}

/// The loss of a format that says nothing of a directory.
pub(crate) fn ldap(host: Option<&Host>, reason: &'static str, source: &'static str) -> Option<Loss> {
    host.map(|host| Loss { setting: "ldap".to_owned(), asked: host.to_string(), written: None, reason, source })
}

/// The loss of a format that gives nobody an S/MIME identity.
pub(crate) fn identity(account: &Account, source: &'static str) -> Option<Loss> {
    account.smime.as_ref().map(|smime| Loss {
        setting: "smime".to_owned(),
        asked: format!("sign {}, encrypt {}", smime.sign, smime.encryption.name()),
        written: None,
        reason: "identities are not given by this format",
        source,
    })
}

/// The loss of a format that says nothing about how much mail is kept.
pub(crate) fn window(sync: SyncWindow, reason: &'static str, source: &'static str) -> Option<Loss> {
    match sync {
        SyncWindow::Unlimited => None,
        SyncWindow::Days(days) => {
            Some(Loss { setting: "sync.days".to_owned(), asked: days.to_string(), written: None, reason, source })
        }
    }
}

/// The losses of a format that says neither a person's name nor further addresses.
pub(crate) fn name_and_aliases(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let (setting, written) = ("name".to_owned(), None);
    let name =
        account.full_name.as_ref().map(|name| Loss { setting, asked: name.to_string(), written, reason, source });
    name.into_iter().chain(aliases(account, reason, source)).collect()
}

/// The losses of a format that holds one address.
pub(crate) fn aliases(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let loss = |alias: &EmailAddress| Loss {
        setting: "aliases".to_owned(),
        asked: alias.to_string(),
        written: None,
        reason,
        source,
    };
    account.aliases.iter().map(loss).collect()
}

/// The losses of a client that takes addresses with an unquoted ASCII local part only.
pub(crate) fn aliases_with_odd_local_parts(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let odd = account.aliases.iter().filter(|alias| !alias.is_ascii_dot_string()).cloned().collect();
    aliases(&Account { aliases: odd, ..Account::of(account.address.clone()) }, reason, source)
}

/// The loss of a format that has no place for a password, where one is asked for.
pub(crate) fn embedded_password(
    account: &Account,
    passwords: Passwords,
    reason: &'static str,
    source: &'static str,
) -> Option<Loss> {
    let asked = passwords == Passwords::Embed && account.incoming.iter().any(|it| it.server.password.is_some());
    let (setting, written) = ("password".to_owned(), None);
    asked.then(|| Loss { setting, asked: "in the file".to_owned(), written, reason, source })
}

/// The loss of a client that takes authorities from a file in place of the system's.
pub(crate) fn authorities_alone(account: &Account, source: &'static str) -> Option<Loss> {
    let reason = "the client trusts either the authorities of the file or the system's";
    let loss = trust(account, reason, source)?;
    Some(Loss { written: Some(format!("{}, in place of the system's", loss.asked)), ..loss })
}

/// The losses of a format that says nothing about certificate authorities.
pub(crate) fn trust(account: &Account, reason: &'static str, source: &'static str) -> Option<Loss> {
    authorities(&account.trust, reason, source)
}

/// The same for everybody's authorities.
pub(crate) fn authorities(trust: &[Certificate], reason: &'static str, source: &'static str) -> Option<Loss> {
    let count = trust.len();
    (count > 0).then(|| Loss {
        setting: "trust".to_owned(),
        asked: format!("{count} certificate{}", if count == 1 { "" } else { "s" }),
        written: None,
        reason,
        source,
    })
}
