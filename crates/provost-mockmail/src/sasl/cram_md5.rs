//! CRAM-MD5, RFC 2195. The server speaks first.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

use super::{Moment, Response, Verdict};
use crate::store::Proof;

pub(super) const NAME: &str = "CRAM-MD5";

/// RFC 2195 §2: "The challenge … contains … a presumptively arbitrary string of random digits, a timestamp, and the
/// fully-qualified primary host name of the server." The number of the connection stands for the random digits: what
/// counts is that no two challenges are alike.
pub(super) fn challenge(moment: &Moment<'_>) -> String {
    format!("<{}.{}@{}>", moment.number, moment.timestamp, moment.host)
}

pub(super) fn judge(response: &mut Response<'_, '_>) -> Option<Verdict> {
    let (login, found) = response.text(0)?.rsplit_once(' ')?;
    let proof = Proof::Digest { found, expected: digest, challenge: response.challenge };
    Some(Verdict::Decided(response.store.log_in(login, proof)))
}

/// HMAC-MD5 of the challenge, lower-case hexadecimal.
pub(super) fn digest(challenge: &str, password: &str) -> String {
    let mut mac = Hmac::<Md5>::new_from_slice(password.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(challenge.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
