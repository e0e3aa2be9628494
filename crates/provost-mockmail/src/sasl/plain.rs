//! PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login): the password itself.

use super::{Response, Verdict};
use crate::store::Proof;

pub(super) const USERNAME: &str = "Username:";
const PASSWORD: &str = "Password:";

/// `message = [authzid] UTF8NUL authcid UTF8NUL passwd` (RFC 4616 §2). Nobody may act for somebody else here.
pub(super) fn judge_plain(response: &mut Response<'_, '_>) -> Option<Verdict> {
    match response.text(0)?.split('\0').collect::<Vec<_>>()[..] {
        [as_whom, login, password] if as_whom.is_empty() || as_whom == login => log_in(response, login, password),
        [_, _, _] => Some(Verdict::Decided(None)),
        _ => None,
    }
}

pub(super) fn judge_login(response: &mut Response<'_, '_>) -> Option<Verdict> {
    let login = response.text(0)?;
    match response.answers.len() {
        1 => Some(Verdict::Ask(PASSWORD.to_owned())),
        _ => log_in(response, login, response.text(1)?),
    }
}

fn log_in(response: &mut Response<'_, '_>, login: &str, password: &str) -> Option<Verdict> {
    Some(Verdict::Decided(response.store.log_in(login, Proof::Password(password))))
}
