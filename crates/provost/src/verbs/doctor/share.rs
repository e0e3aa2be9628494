//! A report that can be shown to others: without addresses, login names and hosts. What a server says may name further
//! ones, so whatever looks like one goes too. Judges nothing.

use std::path::Path;

use provost_account::{Account, Host, provider_of};

/// What takes names out of texts, or leaves them as they are.
pub(super) struct Mask(Option<Names>);

struct Names {
    /// What is hidden, the longest first, and what stands for it.
    hidden: Vec<(String, String)>,
    /// Names of files that hold nothing of the account.
    files: Vec<String>,
}

impl Mask {
    /// A mask that hides nothing.
    pub(super) fn off() -> Self {
        Self(None)
    }

    /// A mask that hides what belongs to an account, and where these files are.
    pub(super) fn of<'a>(account: Option<&Account>, files: impl IntoIterator<Item = &'a Path>) -> Self {
        let hidden = account.map_or_else(Vec::new, Self::hidden);
        let mut names = Names { hidden: hidden.clone(), files: Vec::new() };
        let local = account.map(|it| it.address.as_str().split('@').next().unwrap_or("").to_lowercase());
        for path in files {
            let name = path.file_name().map_or_else(String::new, |it| it.to_string_lossy().into_owned());
            let is_telling = local.as_ref().is_some_and(|local| name.to_lowercase().contains(local))
                || name.contains('@')
                || hidden.iter().any(|(hidden, _)| replaced(&name, hidden, "") != name);
            let shown = if is_telling || name.is_empty() { FILE.to_owned() } else { name };
            names.files.push(shown.clone());
            names.hidden.push((path.display().to_string(), shown));
        }
        // An address before its domain, a host before the domain that it is in, a file before its folder.
        names.hidden.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self(Some(names))
    }

    fn hidden(account: &Account) -> Vec<(String, String)> {
        let addresses = std::iter::once(&account.address).chain(&account.aliases);
        let mut hidden: Vec<(String, &'static str)> =
            addresses.clone().map(|address| (address.to_string(), ADDRESS)).collect();
        hidden.extend(addresses.map(|address| (address.domain().to_string(), DOMAIN)));
        for (_, server) in account.servers() {
            hidden.extend(server.login.as_ref().map(|login| (login.to_string(), LOGIN)));
            let name = match &server.endpoint.host {
                Host::Name(name) => name.to_string(),
                Host::Address(address) => address.to_string(),
            };
            hidden.push((name, HOST));
        }
        hidden.extend(provider_of(account.address.domain()).map(|it| (it.title.to_owned(), PROVIDER)));
        hidden.retain(|(text, _)| !text.is_empty());
        hidden.into_iter().map(|(text, stands_for)| (text, stands_for.to_owned())).collect()
    }

    /// A text of ours.
    pub(super) fn text(&self, text: &str) -> String {
        let Some(Names { hidden, .. }) = &self.0 else { return text.to_owned() };
        let mut text = text.to_owned();
        for (name, stands_for) in hidden {
            text = replaced(&text, name, stands_for);
        }
        text
    }

    /// A text with words of a server: it may name hosts and addresses that are not the account's.
    pub(super) fn words(&self, text: &str) -> String {
        let text = self.text(text);
        match &self.0 {
            None => text,
            Some(Names { files, .. }) => text.split_inclusive(' ').map(|it| word(it, files)).collect(),
        }
    }
}

/// The text with every place of a name replaced, in any letter case, where it is not a part of a longer word.
fn replaced(text: &str, name: &str, stands_for: &str) -> String {
    let (lower, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    let (mut masked, mut from) = (String::new(), 0);
    for (at, _) in lower.match_indices(&name) {
        let before = lower[..at].chars().next_back();
        let after = lower[at + name.len()..].chars().next();
        let is_part = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
        if at < from || is_part(before) || is_part(after) {
            continue;
        }
        masked.push_str(&text[from..at]);
        masked.push_str(stands_for);
        from = at + name.len();
    }
    masked + &text[from..]
}

/// A word, or what stands for it if it looks like an address or a host.
fn word(word: &str, files: &[String]) -> String {
    let start = word.find(char::is_alphanumeric).unwrap_or(word.len());
    let end =
        word.rfind(char::is_alphanumeric).map_or(start, |at| at + word[at..].chars().next().map_or(0, char::len_utf8));
    let (before, inner, after) = (&word[..start], &word[start..end], &word[end..]);
    // A file may have its line and column.
    if files.iter().any(|file| inner.split(':').next() == Some(file)) {
        return word.to_owned();
    }
    let stands_for = if inner.contains('@') {
        ADDRESS
    } else if is_host(inner) {
        HOST
    } else {
        return word.to_owned();
    };
    format!("{before}{stands_for}{after}")
}

/// Whether a word is a host name, an address of the network, a URL, or begins with one. Numbers with dots such as `5.7.8` are not.
fn is_host(word: &str) -> bool {
    if word.contains("://") || word.parse::<std::net::IpAddr>().is_ok() {
        return true;
    }
    let host = word.split([':', '/']).next().unwrap_or("");
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_alphanumeric() || it == '-' || it == '_');
    let last_is_name = labels.last().is_some_and(|it| it.len() > 1 && it.chars().all(char::is_alphabetic));
    labels.len() > 1 && labels.iter().all(|label| is_label(label)) && last_is_name
        || host.parse::<std::net::IpAddr>().is_ok()
}

const ADDRESS: &str = "(address)";
const DOMAIN: &str = "(domain)";
const FILE: &str = "(file)";
const HOST: &str = "(host)";
const LOGIN: &str = "(login)";
const PROVIDER: &str = "(provider)";

#[cfg(test)]
mod tests {
    use super::*;
    use provost_account::EmailAddress;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let account = Account::of(EmailAddress::try_from("jane@example.org").expect("an address"));
        let files = ["c.yaml", "c.yaml", "/home/jane/mail.yaml", "home/jane/Jane.yaml", "out/jane@example.org.k9s"]
            .map(Path::new);
        assert_eq!(Mask::of(Some(&account), files).words(text), expected, "{text}");
    }

    #[test]
    fn a_file_keeps_its_name_where_that_says_nothing() {
        check("c.yaml:9:29: another host", "c.yaml:9:29: another host");
        check("in /home/jane/mail.yaml:9:29", "in mail.yaml:9:29");
        check("(home/jane/Jane.yaml): good", "((file)): good");
        check("jane@example.org is not in out/jane@example.org.k9s", "(address) is not in (file)");
    }

    #[test]
    fn a_provider_is_not_named() {
        let account = Account::of(EmailAddress::try_from("jane@centurylink.net").expect("an address"));
        let masked = Mask::of(Some(&account), []).words("for centurylink.net CenturyLink has mail.centurylink.net:993");
        assert_eq!(masked, "for (domain) (provider) has mail.(domain):993");
    }

    #[test]
    fn what_belongs_to_somebody_is_hidden_and_the_rest_is_left() {
        check("login refused for Jane@Example.org: 535 5.7.8 no", "login refused for (address): 535 5.7.8 no");
        check("<other@elsewhere.example>: Relay access denied", "<(address)>: Relay access denied");
        check("421 mx1.example.net: too many from [192.0.2.7]", "421 (host): too many from [(host)]");
        check("see https://example.net/help?user=jane, please.", "see (host), please.");
        check("port 993 works, with SSL (RFC 8314 section 3.3).", "port 993 works, with SSL (RFC 8314 section 3.3).");
        check("no address for example.org: failed", "no address for (domain): failed");
        check("certificate for 2001:db8::7", "certificate for (host)");
    }

    #[test]
    fn without_a_mask_nothing_changes() {
        let text = "login refused for jane@example.org at mail.example.org";
        assert_eq!(Mask::off().words(text), text);
    }
}
