//! The configuration of msmtp, `~/.msmtprc`: an account for every outgoing server, the preferred one as the default. It
//! only sends.

use crate::losses::{authorities_alone, groupware, name_and_aliases, no_receiving, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::Request;
use crate::{authorities, msmtprc};

/// The manual, and what msmtp itself said of these files.
pub(super) const SOURCE: &str = "msmtp(1), version 1.8.23";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    if account.outgoing.is_empty() {
        let reason = "msmtp only sends, and there is no outgoing server";
        return Err(Refusal::of("outgoing", "no server", reason, SOURCE));
    }
    let mut text = String::new();
    for (at, server) in account.outgoing.iter().enumerate() {
        let own = [("from", msmtprc::quoted(account.address.as_str()))];
        let Some(block) = msmtprc::block(request, at, server, &own) else {
            let method = server.endpoint.authentication.name();
            return Err(Refusal::of("outgoing.authentication", method, msmtprc::NO_CERTIFICATE, SOURCE));
        };
        text.push_str(&block);
    }
    text.push_str("account default : mail\n");
    let files = authorities::beside(request, vec![File::own("msmtprc", text.into_bytes())]);
    Ok(Profile { files, losses: losses(request) })
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let mut losses = no_receiving(account, "msmtp only sends", SOURCE);
    losses.extend(name_and_aliases(account, "the mail program sets a message's From", SOURCE));
    losses.extend(window(account.sync, "msmtp only sends", SOURCE));
    losses.extend(groupware(account, "msmtp only sends", SOURCE));
    losses.extend(authorities_alone(account, SOURCE));
    losses
}
