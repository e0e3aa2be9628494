//! OAUTHBEARER (RFC 7628) and Google's XOAUTH2: a token. The mock's token is the mailbox's password; it never expires.
//! A refusal first sends its reason as JSON, and is final when the client has answered that.

use super::{Response, Verdict};
use crate::store::Proof;

/// `n,a=user,^Ahost=…^Aport=…^Aauth=Bearer TOKEN^A^A` (RFC 7628 §3.1).
pub(super) fn judge_oauthbearer(response: &mut Response<'_, '_>) -> Verdict {
    let Some(text) = text(response) else { return Verdict::Malformed };
    let mut parts = text.split('\x01');
    let login = parts.next().and_then(|header| header.strip_prefix("n,a=")).and_then(|rest| rest.strip_suffix(','));
    judge(response, login, token(parts))
}

/// `user=USER^Aauth=Bearer TOKEN^A^A` (developers.google.com/workspace/gmail/imap/xoauth2-protocol).
pub(super) fn judge_xoauth2(response: &mut Response<'_, '_>) -> Verdict {
    let Some(text) = text(response) else { return Verdict::Malformed };
    let mut parts = text.split('\x01');
    let login = parts.next().and_then(|part| part.strip_prefix("user="));
    judge(response, login, token(parts))
}

fn judge(response: &mut Response<'_, '_>, login: Option<&str>, token: Option<&str>) -> Verdict {
    match (login, token) {
        (Some(login), Some(token)) => {
            // RFC 5801 §4: saslname writes "," as "=2C" and "=" as "=3D".
            let login = login.replace("=2C", ",").replace("=3D", "=");
            response.store.log_in(&login, Proof::Password(token)).map_or_else(refused, Verdict::Accepted)
        }
        (None, _) | (_, None) => Verdict::Malformed,
    }
}

/// RFC 7628 §3.2.2.
fn refused() -> Verdict {
    Verdict::RefusedSaying("{\"status\":\"invalid_token\",\"schemes\":\"bearer\",\"scope\":\"mail\"}".to_owned())
}

fn text<'a>(response: &Response<'a, '_>) -> Option<&'a str> {
    response.answers.first().and_then(|answer| std::str::from_utf8(answer).ok())
}

fn token<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    parts.find_map(|part| part.strip_prefix("auth=Bearer "))
}
