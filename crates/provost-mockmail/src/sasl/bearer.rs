//! OAUTHBEARER (RFC 7628) and Google's XOAUTH2: a token. The mock's token is the mailbox's password; it never expires.
//! A refusal first sends its reason as JSON, and is final when the client has answered that.

use super::{Response, Verdict};
use crate::store::Proof;

/// `n,a=user,^Ahost=…^Aport=…^Aauth=Bearer TOKEN^A^A` (RFC 7628 §3.1).
pub(super) fn judge_oauthbearer(response: &mut Response<'_, '_>) -> Option<Verdict> {
    let (header, rest) = response.text(0)?.split_once('\x01')?;
    judge(response, header.strip_prefix("n,a=")?.strip_suffix(',')?, rest)
}

/// `user=USER^Aauth=Bearer TOKEN^A^A` (developers.google.com/workspace/gmail/imap/xoauth2-protocol).
pub(super) fn judge_xoauth2(response: &mut Response<'_, '_>) -> Option<Verdict> {
    let (user, rest) = response.text(0)?.split_once('\x01')?;
    judge(response, user.strip_prefix("user=")?, rest)
}

fn judge(response: &mut Response<'_, '_>, login: &str, rest: &str) -> Option<Verdict> {
    let token = rest.split('\x01').find_map(|part| part.strip_prefix("auth=Bearer "))?;
    // RFC 5801 §4: saslname writes "," as "=2C" and "=" as "=3D".
    let login = login.replace("=2C", ",").replace("=3D", "=");
    Some(match response.store.log_in(&login, Proof::Password(token)) {
        // RFC 7628 §3.2.2.
        None => Verdict::DecidedSaying(None, REFUSED.to_owned()),
        account => Verdict::Decided(account),
    })
}

const REFUSED: &str = "{\"status\":\"invalid_token\",\"schemes\":\"bearer\",\"scope\":\"mail\"}";
