//! Losses that several formats report in the same words. Each format gives its own reason.

use provost_account::{
    Account, Authentication, Certificate, EmailAddress, Endpoint, Host, Incoming, Protocol, Server, SyncWindow,
};

use crate::profile::Loss;
use crate::servers::first_imap;
use crate::writer::Passwords;

/// The losses of a format that holds one incoming and one outgoing server: the further ones.
pub(crate) fn further_servers(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let incoming = no_receiving(account, reason, source).into_iter().skip(1);
    incoming.chain(no_sending(account, reason, source).into_iter().skip(1)).collect()
}

/// The losses of a client that receives from the first IMAP server alone: the other ones.
pub(crate) fn besides_the_first_imap(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let mut losses = no_receiving(account, reason, source);
    if let Some((used, _)) = first_imap(account) {
        losses.remove(used);
    }
    losses
}

/// The losses of a format that names no mail server.
pub(crate) fn no_mail(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    no_receiving(account, reason, source).into_iter().chain(no_sending(account, reason, source)).collect()
}

/// The losses of a client that only sends.
pub(crate) fn no_receiving(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let loss = |(at, it): (usize, &Incoming)| {
        server_loss(format!("incoming[{at}]"), it.protocol.into(), &it.server.endpoint, reason, source)
    };
    account.incoming.iter().enumerate().map(loss).collect()
}

/// The losses of a client that only receives.
pub(crate) fn no_sending(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let loss = |(at, it): (usize, &Server)| {
        server_loss(format!("outgoing[{at}]"), Protocol::Submission, &it.endpoint, reason, source)
    };
    account.outgoing.iter().enumerate().map(loss).collect()
}

pub(crate) fn server_loss(
    setting: String,
    protocol: Protocol,
    endpoint: &Endpoint,
    reason: &'static str,
    source: &'static str,
) -> Loss {
    let asked = format_args!("{} {} {}", protocol.name(), endpoint.authority(), endpoint.security.name());
    Loss::of(setting, asked, reason, source)
}

/// The losses of a format without calendars, address books, directories and identities.
pub(crate) fn groupware(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let groupware = &account.groupware;
    [("calendar", &groupware.calendar), ("contacts", &groupware.contacts)]
        .into_iter()
        .filter_map(|(setting, collection)| Some(Loss::of(setting, &collection.as_ref()?.url, reason, source)))
        .chain(ldap(groupware.ldap.as_ref().map(|ldap| &ldap.host), reason, source))
        .chain(identity(account, source))
        .collect()
}

/// The loss of a format without directories.
pub(crate) fn ldap(host: Option<&Host>, reason: &'static str, source: &'static str) -> Option<Loss> {
    host.map(|host| Loss::of("ldap", host, reason, source))
}

/// The loss of a format without S/MIME identities.
pub(crate) fn identity(account: &Account, source: &'static str) -> Option<Loss> {
    unsaid_identity(account, "the format cannot contain identities", source)
}

/// The same with the format's own reason.
pub(crate) fn unsaid_identity(account: &Account, reason: &'static str, source: &'static str) -> Option<Loss> {
    let smime = account.smime.as_ref()?;
    let asked = format_args!("sign {}, encrypt {}", smime.sign, smime.encryption.name());
    Some(Loss::of("smime", asked, reason, source))
}

/// The loss of a format that cannot limit how much mail is kept.
pub(crate) fn window(sync: SyncWindow, reason: &'static str, source: &'static str) -> Option<Loss> {
    match sync {
        SyncWindow::Unlimited => None,
        SyncWindow::Days(days) => Some(Loss::of("sync.days", days, reason, source)),
    }
}

/// The nearest number of days that a client offers, and the loss where another one was asked for.
pub(crate) fn nearest_window(
    sync: SyncWindow,
    offered: &[u16],
    reason: &'static str,
    source: &'static str,
) -> Option<(u16, Option<Loss>)> {
    let SyncWindow::Days(days) = sync else { return None };
    let asked = days.get();
    let nearest = *offered.iter().min_by_key(|days| days.abs_diff(asked)).expect("the list is not empty");
    Some((nearest, (nearest != asked).then(|| Loss::of("sync.days", asked, reason, source).written(nearest))))
}

/// The losses of a format with neither a person's name nor aliases.
pub(crate) fn name_and_aliases(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    name(account, reason, source).into_iter().chain(aliases(account, reason, source)).collect()
}

/// The loss of a format without a person's name.
pub(crate) fn name(account: &Account, reason: &'static str, source: &'static str) -> Option<Loss> {
    account.full_name.as_ref().map(|name| Loss::of("name", name, reason, source))
}

/// The losses of a format that holds one address.
pub(crate) fn aliases(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    account.aliases.iter().map(|alias| Loss::of("aliases", alias, reason, source)).collect()
}

/// The aliases with an unquoted ASCII local part.
pub(crate) fn plain_aliases(account: &Account) -> impl Iterator<Item = &EmailAddress> {
    account.aliases.iter().filter(|alias| alias.is_ascii_dot_string())
}

/// The losses of a client that takes addresses with an unquoted ASCII local part only.
pub(crate) fn aliases_with_odd_local_parts(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let odd = account.aliases.iter().filter(|alias| !alias.is_ascii_dot_string());
    odd.map(|alias| Loss::of("aliases", alias, reason, source)).collect()
}

/// The loss of a format that has no place for a password, where one is asked for.
pub(crate) fn embedded_password(
    account: &Account,
    passwords: Passwords,
    reason: &'static str,
    source: &'static str,
) -> Option<Loss> {
    let asked = account.incoming.iter().any(|it| passwords.carried(&it.server).is_some());
    asked.then(|| Loss::of("password", "in the file", reason, source))
}

/// The loss of a client that gets tokens only for built-in hosts.
pub(crate) fn oauth2(account: &Account, written: &str, reason: &'static str, source: &'static str) -> Option<Loss> {
    let asked = account.first_servers().any(|(_, server)| server.endpoint.authentication == Authentication::OAuth2);
    asked.then(|| Loss::of("oauth2", "a provider of one's own", reason, source).written(written))
}

/// The loss of a client that takes authorities from a file in place of the system's.
pub(crate) fn authorities_alone(account: &Account, source: &'static str) -> Option<Loss> {
    let reason = "the client trusts either the file's authorities or the system's";
    let loss = trust(account, reason, source)?;
    let written = format!("{}, in place of the system's", loss.asked);
    Some(loss.written(written))
}

/// The loss of a format without certificate authorities.
pub(crate) fn trust(account: &Account, reason: &'static str, source: &'static str) -> Option<Loss> {
    authorities(&account.trust, reason, source)
}

/// The same for the authorities of a service.
pub(crate) fn authorities(trust: &[Certificate], reason: &'static str, source: &'static str) -> Option<Loss> {
    let (count, plural) = (trust.len(), if trust.len() == 1 { "" } else { "s" });
    (count > 0).then(|| Loss::of("trust", format_args!("{count} certificate{plural}"), reason, source))
}
