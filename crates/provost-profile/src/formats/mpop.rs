//! The configuration of mpop, `~/.mpoprc`: an account for every POP3 server, the preferred one as the default. It only
//! receives, supports only POP3, and leaves the mail on the server. The syntax is msmtp's.

use crate::losses::{authorities_alone, groupware, name_and_aliases, no_receiving, no_sending, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::Request;
use crate::{authorities, msmtprc};
use provost_account::{Authentication, Incoming, IncomingProtocol, Server};

/// The manual, and what mpop itself said of these files.
pub(super) const SOURCE: &str = "mpop(1), version 1.4.18";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let spoken = |incoming: &&Incoming| incoming.protocol == IncomingProtocol::Pop3;
    let servers: Vec<&Server> = account.incoming.iter().filter(spoken).map(|incoming| &incoming.server).collect();
    if servers.is_empty() {
        return Err(Refusal::of("incoming", "no POP3 server", "mpop supports POP3 only", SOURCE));
    }
    // mpop removes what it has fetched unless it is told to keep it.
    let own = [("keep", "on".to_owned()), ("delivery", "maildir ~/Maildir".to_owned())];
    let mut text = String::new();
    for (at, server) in servers.iter().enumerate() {
        let setting = "incoming.authentication";
        let method = server.endpoint.authentication;
        if method == Authentication::None {
            return Err(Refusal::of(setting, method.name(), "POP3 has no mailbox without a login", SOURCE));
        }
        let Some(block) = msmtprc::block(request, at, server, &own) else {
            return Err(Refusal::of(setting, method.name(), msmtprc::NO_CERTIFICATE, SOURCE));
        };
        text.push_str(&block);
    }
    text.push_str("account default : mail\n");
    let files = authorities::beside(request, vec![File::own("mpoprc", text.into_bytes())]);
    Ok(Profile { files, losses: losses(request) })
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let mut losses = no_receiving(account, "mpop supports POP3 only", SOURCE);
    losses.retain(|loss| !loss.asked.starts_with(IncomingProtocol::Pop3.name()));
    losses.extend(no_sending(account, "mpop only receives", SOURCE));
    losses.extend(name_and_aliases(account, "mpop has a login name, but no name or address", SOURCE));
    losses.extend(window(account.sync, "mpop cannot limit days", SOURCE));
    losses.extend(groupware(account, "mpop is for mail only", SOURCE));
    losses.extend(authorities_alone(account, SOURCE));
    losses
}
