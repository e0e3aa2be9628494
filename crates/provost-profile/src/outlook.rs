//! What the two formats for classic Outlook share: the login methods that its files can express. It writes no file.

use provost_account::Authentication;

use crate::profile::Refusal;

/// Whether Outlook asks for a password.
pub(crate) fn asks_for_a_password(
    setting: &'static str,
    method: Authentication,
    source: &'static str,
) -> Result<bool, Refusal> {
    match method {
        Authentication::PasswordCleartext => Ok(true),
        Authentication::None => Ok(false),
        Authentication::PasswordEncrypted
        | Authentication::OAuth2
        | Authentication::ClientCertificate
        | Authentication::Gssapi
        | Authentication::Ntlm
        | Authentication::HttpMd5 => {
            let reason = "the file can only ask for a password, or for Microsoft's SPA";
            Err(Refusal::of(setting, method.name(), reason, source))
        }
    }
}
