//! Servers as URLs, as configuration files write them: `imaps://user@host:993/folder`. What a scheme means for TLS is
//! not known here.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A URL in its parts, each as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServerUrl<'a> {
    pub(crate) scheme: &'a str,
    user: Option<&'a str>,
    password: Option<&'a str>,
    pub(crate) host: &'a str,
    pub(crate) port: Option<&'a str>,
}

impl<'a> ServerUrl<'a> {
    /// The parts of a text that has a scheme. What is before the last `@` of the authority is the user: names that are
    /// addresses often stand there as they are.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let (user, server) = match authority.rsplit_once('@') {
            Some((user, server)) => (Some(user), server),
            None => (None, authority),
        };
        let (user, password) = match user.and_then(|user| user.split_once(':')) {
            Some((user, password)) => (Some(user), Some(password)),
            None => (user, None),
        };
        let after_address = server.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = match server[after_address..].rfind(':') {
            Some(at) => (&server[..after_address + at], Some(&server[after_address + at + 1..])),
            None => (server, None),
        };
        Some(Self { scheme, user, password, host, port: port.filter(|port| !port.is_empty()) })
    }

    /// The name before the `@`, decoded.
    pub(crate) fn user(&self) -> Option<Cow<'a, str>> {
        Some(percent_decode_str(self.user?).decode_utf8_lossy())
    }

    /// A character of the user's name or the password that a URL has only percent-encoded (RFC 3986 §3.2.1; an `@` too is
    /// taken by programs in Go).
    pub(crate) fn odd_user(&self) -> Option<char> {
        let is_odd = |c: &char| !c.is_ascii_alphanumeric() && !"-._~!$&'()*+,;=:@%".contains(*c);
        [self.user, self.password].into_iter().flatten().flat_map(str::chars).find(is_odd)
    }

    /// What is between `:` and `@`, decoded.
    pub(crate) fn password(&self) -> Option<Cow<'a, str>> {
        Some(percent_decode_str(self.password?).decode_utf8_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_where_they_stand() {
        let parts = |text: &'static str| {
            let url = ServerUrl::of(text)?;
            let decoded = |part: Option<Cow<'static, str>>| part.map_or_else(String::new, Cow::into_owned);
            let (user, password) = (decoded(url.user()), decoded(url.password()));
            Some(format!("{} {user} {password} {} {}", url.scheme, url.host, url.port.unwrap_or("none")))
        };
        let check = |text, expected: &str| assert_eq!(parts(text).as_deref(), Some(expected), "{text}");
        check("imaps://jane%40x.example:p%3Aw@mail.x.example:993/INBOX", "imaps jane@x.example p:w mail.x.example 993");
        check("smtp://jane@x.example@mail.x.example", "smtp jane@x.example  mail.x.example none");
        check("imap://[2001:db8::1]:143", "imap   [2001:db8::1] 143");
        check("imap://[2001:db8::1]", "imap   [2001:db8::1] none");
        assert_eq!(parts("+INBOX"), None);
    }
}
