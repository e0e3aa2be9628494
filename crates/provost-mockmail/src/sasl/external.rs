//! EXTERNAL (RFC 4422 appendix A): the client's TLS certificate says who it is.

use super::{Response, Verdict};

pub(super) const NAME: &str = "EXTERNAL";

/// ```abnf
/// initial-response = *( UTF8-char-no-null )      ; whom to act for; empty: whoever the certificate says
/// ```
pub(super) fn judge(response: &mut Response<'_, '_>) -> Option<Verdict> {
    let as_whom = response.text(0)?;
    let client = response.binding.and_then(|binding| binding.client.as_deref());
    let login = client.filter(|client| as_whom.is_empty() || as_whom == *client);
    Some(Verdict::Decided(login.and_then(|login| response.store.accounts.of_login(login))))
}
