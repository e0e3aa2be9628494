//! Which of an account's servers a client uses, and the refusal if there is none. What happens to the others is a loss,
//! and not decided here.

use provost_account::{Account, Authentication, Endpoint, Incoming, IncomingProtocol, Protocol, Server, Service};

use crate::profile::Refusal;

/// The first server of each kind, for a client that wants both.
pub(crate) fn one_of_each<'a>(
    account: &'a Account,
    reason: &'static str,
    source: &'static str,
) -> Result<(&'a Incoming, &'a Server), Refusal> {
    match (account.incoming.first(), account.outgoing.first()) {
        (Some(incoming), Some(outgoing)) => Ok((incoming, outgoing)),
        (None, _) | (_, None) => Err(Refusal::of("incoming, outgoing", "no server", reason, source)),
    }
}

/// The first IMAP server, for a client that receives by IMAP alone.
pub(crate) fn imap<'a>(
    account: &'a Account,
    reason: &'static str,
    source: &'static str,
) -> Result<&'a Server, Refusal> {
    match first_imap(account) {
        Some((_, server)) => Ok(server),
        None => Err(Refusal::of("incoming", "no IMAP server", reason, source)),
    }
}

/// The first IMAP server, and its place in the list.
pub(crate) fn first_imap(account: &Account) -> Option<(usize, &Server)> {
    let imap = |(_, incoming): &(usize, &Incoming)| incoming.protocol == IncomingProtocol::Imap;
    account.incoming.iter().enumerate().find(imap).map(|(at, incoming)| (at, &incoming.server))
}

/// Every server of a service: in which list, at which place from 0, and its protocol.
pub(crate) fn numbered(service: &Service) -> impl Iterator<Item = (&'static str, usize, Protocol, &Endpoint)> {
    let incoming = service.incoming.iter().enumerate();
    let outgoing = service.outgoing.iter().enumerate();
    incoming
        .map(|(at, (protocol, endpoint))| ("incoming", at, Protocol::from(*protocol), endpoint))
        .chain(outgoing.map(|(at, endpoint)| ("outgoing", at, Protocol::Submission, endpoint)))
}

/// For a client that sends a password as it is, and knows no other way to log in.
pub(crate) fn password_alone(
    endpoint: &Endpoint,
    setting: &'static str,
    reason: &'static str,
    source: &'static str,
) -> Result<(), Refusal> {
    match endpoint.authentication {
        Authentication::PasswordCleartext => Ok(()),
        Authentication::PasswordEncrypted
        | Authentication::OAuth2
        | Authentication::ClientCertificate
        | Authentication::Gssapi
        | Authentication::Ntlm
        | Authentication::HttpMd5
        | Authentication::None => Err(Refusal::of(setting, endpoint.authentication.name(), reason, source)),
    }
}
