//! The hosts for which Thunderbird has built-in OAuth 2 (observed: Thunderbird 153.7.0esr, 2026-11-23), without those
//! that serve no mail. An add-on can add more.

/// Whether Thunderbird knows the host, or a domain above it.
pub(super) fn knows(host: &str) -> bool {
    HOSTS.split(' ').any(|known| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

const HOSTS: &str = "aol.com att.net gmail.com googlemail.com hotmail.com imap.comcast.net imap.fastmail.com \
     imap.mail.ru imap.yandex.com office365.com outlook.com pop.comcast.net pop.fastmail.com smtp.comcast.net \
     smtp.fastmail.com smtp.mail.ru smtp.yandex.com stage-thundermail.com thundermail.com yahoo.com";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_below_a_known_one_is_known() {
        assert!(knows("imap.gmail.com") && knows("outlook.office365.com"));
        assert!(!knows("notgmail.com") && !knows("com") && !knows("imap.example.org"));
    }
}
