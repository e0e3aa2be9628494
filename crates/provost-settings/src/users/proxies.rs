//! All addresses of a mailbox in one value, as Microsoft's directories write them: `SMTP:ann@b.example` is the primary
//! one, `smtp:a.lee@b.example` another, and `SIP:`, `X500:` and others are not mail addresses. The separator depends on
//! the export: a semicolon, a comma, a blank, in Microsoft 365 a plus.

/// The addresses of one value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Proxies<'a> {
    pub(crate) primary: Option<&'a str>,
    pub(crate) others: Vec<&'a str>,
}

/// Takes a value apart.
pub(crate) fn proxies(value: &str) -> Proxies<'_> {
    let value = value.trim().trim_start_matches('{').trim_end_matches('}');
    let mut found = Proxies::default();
    let starts: Vec<usize> = value.char_indices().map(|(at, _)| at).filter(|at| is_entry(value, *at)).collect();
    if starts.is_empty() {
        found.others = value.split(BETWEEN).filter(|part| !part.is_empty()).collect();
    }
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).copied().unwrap_or(value.len());
        let entry = value[*start..end].trim_matches(BETWEEN).trim_end_matches('+');
        match entry.split_once(':') {
            Some(("SMTP", address)) => found.primary = found.primary.or(Some(address)),
            Some((protocol, address)) if protocol.eq_ignore_ascii_case("smtp") => found.others.push(address),
            Some(_) | None => {}
        }
    }
    found
}

/// Whether a value says of some address that it is one of mail.
pub(crate) fn names_protocols(value: &str) -> bool {
    value.char_indices().any(|(at, _)| {
        is_entry(value, at) && value.get(at..at + 5).is_some_and(|word| word.eq_ignore_ascii_case("smtp:"))
    })
}

/// Whether PowerShell wrote the name of a list's type in the place of what is in it.
pub(crate) fn is_name_of_a_type(value: &str) -> bool {
    !value.contains('@') && ["System.", "Microsoft."].iter().any(|start| value.trim_start().starts_with(start))
}

fn is_entry(value: &str, at: usize) -> bool {
    let before = value[..at].chars().next_back();
    let word = value[at..].find(|c: char| !c.is_ascii_alphanumeric());
    before.is_none_or(|c| BETWEEN.contains(&c) || matches!(c, '+' | '{'))
        && word.is_some_and(|length| (2..=8).contains(&length) && value[at + length..].starts_with(':'))
}

const BETWEEN: &[char] = &[';', ',', ' ', '\t', '\r', '\n'];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, primary: Option<&str>, others: &[&str]) {
        assert_eq!(proxies(value), Proxies { primary, others: others.to_vec() });
    }

    #[test]
    fn each_separator_is_known() {
        check("SMTP:a@b.example+smtp:c+d@b.example", Some("a@b.example"), &["c+d@b.example"]);
        check("smtp:c@b.example SMTP:a@b.example", Some("a@b.example"), &["c@b.example"]);
        check("SMTP:a@b.example;smtp:c@b.example;SIP:a@b.example", Some("a@b.example"), &["c@b.example"]);
        check(
            "{X500:/o=One/ou=Two (F)/cn=A, smtp:c@b.example, SMTP:a@b.example}",
            Some("a@b.example"),
            &["c@b.example"],
        );
        check("a@b.example, c@b.example", None, &["a@b.example", "c@b.example"]);
        check("", None, &[]);
    }

    #[test]
    fn the_name_of_a_type_is_no_list() {
        assert!(is_name_of_a_type("Microsoft.ActiveDirectory.Management.ADPropertyValueCollection"));
        assert!(is_name_of_a_type("System.Collections.ArrayList"));
        assert!(!is_name_of_a_type("System.A@b.example"));
    }
}
