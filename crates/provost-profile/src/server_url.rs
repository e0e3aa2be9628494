//! Servers as URLs, for clients that configure them so: `imaps://user@host:993`. Each format decides what a scheme
//! means for TLS.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use provost_account::Endpoint;

/// The URL of a server; in the user's name everything that is not unreserved is percent-encoded (RFC 3986 §2.3), so an
/// address is `jane%40example.org`.
pub(crate) fn server_url(scheme: &str, user: Option<&str>, endpoint: &Endpoint) -> String {
    let user = user.map_or_else(String::new, |user| format!("{}@", utf8_percent_encode(user, NOT_UNRESERVED)));
    format!("{scheme}://{user}{}", endpoint.authority())
}

const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
