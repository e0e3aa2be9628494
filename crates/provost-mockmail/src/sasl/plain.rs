//! PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login): the password itself.

use super::{Response, Verdict};
use crate::store::Proof;

pub(super) const USERNAME: &str = "Username:";
const PASSWORD: &str = "Password:";

/// `message = [authzid] UTF8NUL authcid UTF8NUL passwd` (RFC 4616 §2). Nobody may act for somebody else here.
pub(super) fn judge_plain(response: &mut Response<'_, '_>) -> Verdict {
    let Some(Ok(text)) = response.answers.first().map(|answer| std::str::from_utf8(answer)) else {
        return Verdict::Malformed;
    };
    match text.split('\0').collect::<Vec<_>>().as_slice() {
        [as_whom, login, password] if as_whom.is_empty() || as_whom == login => log_in(response, login, password),
        [_, _, _] => Verdict::Refused,
        _ => Verdict::Malformed,
    }
}

pub(super) fn judge_login(response: &mut Response<'_, '_>) -> Verdict {
    let text = |at: usize| response.answers.get(at).and_then(|answer| std::str::from_utf8(answer).ok());
    match (response.answers.len(), text(0), text(1)) {
        (1, Some(_), None) => Verdict::Ask(PASSWORD.to_owned()),
        (2, Some(login), Some(password)) => log_in(response, login, password),
        _ => Verdict::Malformed,
    }
}

fn log_in(response: &mut Response<'_, '_>, login: &str, password: &str) -> Verdict {
    response.store.log_in(login, Proof::Password(password)).map_or(Verdict::Refused, Verdict::Accepted)
}
