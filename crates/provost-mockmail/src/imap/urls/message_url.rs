//! The URL of a message or a part of one (RFC 5092 §11), absolute or relative to the server, with the additions of RFC
//! 4467.

use std::num::ParseIntError;

use percent_encoding::percent_decode_str;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::imap::fetch::Section;

/// ```abnf
/// imessagepart = enc-mailbox [uidvalidity] "/;UID=" nz-number ["/;SECTION=" enc-section] ["/;PARTIAL=" partial-range]
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::imap) struct MessageUrl {
    /// Whether it names a server.
    pub(in crate::imap) is_absolute: bool,
    /// The owner of the folder.
    pub(in crate::imap) user: Option<String>,
    /// `None`: the selected folder.
    pub(in crate::imap) folder: Option<String>,
    pub(in crate::imap) uid_validity: Option<u32>,
    pub(in crate::imap) uid: u32,
    section: Option<String>,
    partial: Option<(usize, Option<usize>)>,
    pub(in crate::imap) expires: Option<OffsetDateTime>,
    /// Who may use it: `authuser`, `anonymous`, `user+` or `submit+` and a login name.
    pub(in crate::imap) access: Option<String>,
}

impl MessageUrl {
    pub(in crate::imap) fn parse(text: &str) -> Option<Self> {
        let (user, path) = match strip_prefix(text, "imap://") {
            Some(rest) => {
                let (authority, path) = rest.split_once('/')?;
                let user = authority.rsplit_once('@').map(|(user, _)| user);
                (user.map(|user| decoded(cut(user, ";auth=").0)), Some(path))
            }
            None => (None, text.strip_prefix('/')),
        };
        let (folder, message) = match path.and_then(|path| split(path, "/;uid=")) {
            Some((folder, message)) => (Some(folder), message),
            // Relative to the folder, it begins with the message.
            None => (None, strip_prefix(path.unwrap_or(text), ";uid=")?),
        };
        let (folder, uid_validity) = match folder.map(|folder| cut(folder, ";uidvalidity=")) {
            Some((folder, number)) => (Some(folder), number),
            None => (None, None),
        };
        let (message, access) = cut(message, ";urlauth=");
        let (message, expires) = cut(message, ";expire=");
        let (message, partial) = cut(message, "/;partial=");
        let (uid, section) = cut(message, "/;section=");
        let known = |access: &str| {
            let access = access.to_ascii_lowercase();
            matches!(access.as_str(), "authuser" | "anonymous")
                || ["user+", "submit+"].iter().any(|kind| access.strip_prefix(kind).is_some_and(|who| !who.is_empty()))
        };
        if access.is_some_and(|access| !known(access)) {
            return None;
        }
        Some(Self {
            is_absolute: strip_prefix(text, "imap://").is_some(),
            user,
            folder: folder.map(decoded),
            uid_validity: uid_validity.map(str::parse).transpose().ok()?,
            uid: uid.trim_end_matches('/').parse().ok()?,
            section: section.map(decoded),
            partial: partial.map(range).transpose().ok()?,
            // RFC 3339, as RFC 4467 §9 has it.
            expires: expires.map(|text| OffsetDateTime::parse(text, &Rfc3339)).transpose().ok()?,
            access: access.map(decoded),
        })
    }

    /// The part of the message that it names.
    pub(in crate::imap) fn section(&self) -> Option<Section> {
        Section::of_url(self.section.as_deref().unwrap_or(""), self.partial)
    }
}

/// ```abnf
/// partial-range = number ["." nz-number]
/// ```
fn range(text: &str) -> Result<(usize, Option<usize>), ParseIntError> {
    let (first, octets) = cut(text, ".");
    Ok((first.parse()?, octets.map(str::parse).transpose()?))
}

/// The text before the first `mark`, and the text after it if there is one.
fn cut<'a>(text: &'a str, mark: &str) -> (&'a str, Option<&'a str>) {
    split(text, mark).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

/// Splits at the first `mark`, in any letter case.
fn split<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let at = text.to_ascii_lowercase().find(mark)?;
    Some((&text[..at], &text[at + mark.len()..]))
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.get(..prefix.len())?.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The URLs of RFC 4469 appendix A and RFC 4467 §7.
    #[test]
    fn the_urls_of_the_rfcs_are_read() {
        let url = MessageUrl::parse("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.MIME").expect("a URL");
        assert_eq!((url.folder.as_deref(), url.uid_validity, url.uid), (Some("Drafts"), Some(385_759_045), 20));
        assert_eq!(url.section.as_deref(), Some("1.MIME"));
        let url = MessageUrl::parse("imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred");
        let url = url.expect("a URL");
        assert_eq!((url.user.as_deref(), url.folder.as_deref(), url.uid), (Some("joe"), Some("INBOX"), 20));
        assert_eq!((url.section.as_deref(), url.access.as_deref()), (Some("1.2"), Some("submit+fred")));
        let url = MessageUrl::parse("imap://joe%40example.com;AUTH=PLAIN@host:143/a%20b/c/;uid=1/;partial=5.6");
        let url = url.expect("a URL");
        assert_eq!((url.user.as_deref(), url.folder.as_deref()), (Some("joe@example.com"), Some("a b/c")));
        assert_eq!(url.partial, Some((5, Some(6))));
    }

    #[test]
    fn what_names_no_message_is_none() {
        for text in
            ["", "/", "/INBOX", "imap://joe@example.com", "/INBOX/;uid=", "/INBOX/;uid=1;urlauth=me", "http://a/;uid=1"]
        {
            assert_eq!(MessageUrl::parse(text), None, "{text}");
        }
    }
}
