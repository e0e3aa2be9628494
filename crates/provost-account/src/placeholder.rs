//! Text that looks like another program's placeholder: of device management systems, template languages, mail servers,
//! shells. It knows spellings, no values.

use crate::login::OF_A_PERSON;

/// The part of a text that another program would replace and nothing here does: `{{email}}`, `${displayName}`, `[[email]]`,
/// `%(user)s`, `%emailaddress%`, `%u@%d`, `$EMAIL`, `{EmailAddress}`, and autoconfig's names without their percent signs.
///
/// Addresses may hold most of these signs (RFC 5321 section 4.1.2), so those that are rare in addresses count wherever they
/// stand, and the others only where nothing else of a word is beside them: `%u` in `%u@%d`, and not in `100%user`.
#[must_use]
pub fn foreign_placeholder(text: &str) -> Option<&str> {
    enclosed(text).or_else(|| pieces(text).find(|piece| is_placeholder(piece))).or_else(|| bare_name(text))
}

/// Between signs that are a placeholder's wherever they stand.
fn enclosed(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let found = ENCLOSURES.iter().find_map(|(open, close, is_inside)| {
            let inside = rest.strip_prefix(open)?;
            let inside = &inside[..inside.find(close)?];
            is_inside(inside).then(|| &rest[..open.len() + inside.len() + close.len()])
        });
        match found {
            Some(own) if OF_A_PERSON.contains(&own) => rest = &rest[own.len()..],
            Some(_) => return found,
            None => rest = &rest[character.len_utf8()..],
        }
    }
    None
}

/// The words between what separates the parts of addresses, login names, URLs, distinguished names and commands.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let separates = |c: char| c.is_whitespace() || "@\\/:;,=+&?\"'|".contains(c);
    text.split(separates)
}

fn is_placeholder(piece: &str) -> bool {
    if let Some(name) = piece.strip_prefix('%') {
        return name.len() == 1 && name.contains(|c| "dehlmnuDLNU".contains(c))
            || ["Lu", "Ln", "Ld", "Lh"].contains(&name)
            || AUTOCONFIG.iter().any(|known| name.eq_ignore_ascii_case(known));
    }
    if let Some(name) = piece.strip_prefix('$') {
        let name = name.strip_suffix('$').unwrap_or(name);
        let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "._".contains(c);
        return is_personal(name) && name.chars().all(is_capital)
            || PERSONAL.contains(&name.to_ascii_lowercase().as_str());
    }
    let inside = piece.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inside.is_some_and(|name| name.len() > 1 && is_name(name))
        || piece
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .is_some_and(|name| PERSONAL.contains(&name.to_ascii_lowercase().as_str()))
}

/// `EMAILADDRESS` and the like as a word of its own, in capitals; in any case where it is all there is.
fn bare_name(text: &str) -> Option<&str> {
    if AUTOCONFIG.iter().any(|name| text.trim().eq_ignore_ascii_case(name)) {
        return Some(text.trim());
    }
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "%_$-".contains(c);
    AUTOCONFIG.iter().find_map(|name| {
        let at = text.find(name)?;
        let end = at + name.len();
        let is_word = !text[..at].ends_with(is_inside) && !text[end..].starts_with(is_inside);
        is_word.then(|| &text[at..end])
    })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// Whether a name says that it is of a person: shells and scripts have others.
fn is_personal(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["mail", "user", "name", "domain", "login", "upn"].iter().any(|word| name.contains(word))
}

/// A mark, what closes it, and what may stand between: anything in double braces, elsewhere a name.
type Enclosure = (&'static str, &'static str, fn(&str) -> bool);
const ENCLOSURES: &[Enclosure] = &[
    ("{{", "}}", |inside| !inside.trim().is_empty() && !inside.contains(['{', '@'])),
    // `${HOME}` is every shell's.
    ("${", "}", |inside| is_name(inside) && (is_personal(inside) || inside.contains(|c: char| c.is_ascii_lowercase()))),
    ("#{", "}", is_name),
    ("%{", "}", is_name),
    ("[[", "]]", |inside| is_name(inside.trim())),
    ("%(", ")s", |inside| is_name(inside) && is_personal(inside)),
    ("<%=", "%>", |inside| is_name(inside.trim())),
    ("%", "%", |inside| inside.len() > 2 && is_name(inside.trim()) && !inside.contains(|c: char| c.is_ascii_digit())),
];

/// The names of autoconfig's placeholders.
const AUTOCONFIG: &[&str] = &["EMAILADDRESS", "EMAILLOCALPART", "EMAILDOMAIN"];
/// What placeholders of a person are called.
const PERSONAL: &[&str] = &["address", "domain", "email", "emailaddress", "login", "mail", "user", "username"];

#[cfg(test)]
mod tests {
    use super::*;

    /// The spellings of the programs' manuals, alone and as a part of something longer.
    #[test]
    fn other_programs_placeholders_are_found() {
        for (text, found) in [
            ("{{email}}", "{{email}}"),
            ("{{ user.email }}", "{{ user.email }}"),
            ("{{.User \"emails_primary\"}}", "{{.User \"emails_primary\"}}"),
            ("https://dav.example/{{mail}}/", "{{mail}}"),
            ("${displayName}@reef.example", "${displayName}"),
            ("${user.mail}", "${user.mail}"),
            ("[[email]]", "[[email]]"),
            ("%(user)s@reef.example", "%(user)s"),
            ("#{mail}", "#{mail}"),
            ("%{user}", "%{user}"),
            ("<%= mail %>", "<%= mail %>"),
            ("%u@%d", "%u"),
            ("%n", "%n"),
            ("%Lu", "%Lu"),
            ("pass show mail/%u", "%u"),
            ("$EMAIL", "$EMAIL"),
            ("$EMAIL$", "$EMAIL$"),
            ("$REALM_USER.EMAIL", "$REALM_USER.EMAIL"),
            ("REEF\\$USERNAME", "$USERNAME"),
            ("uid=$user,ou=people", "$user"),
            ("{EmailAddress}", "{EmailAddress}"),
            ("{EmailUserName}@reef.example", "{EmailUserName}"),
            ("%email%", "%email%"),
            ("%emailaddress%", "%emailaddress%"),
            ("% EMAILADDRESS %", "% EMAILADDRESS %"),
            ("%emaillocalpart@reef.example", "%emaillocalpart"),
            ("EMAILADDRESS", "EMAILADDRESS"),
            ("emailaddress", "emailaddress"),
            ("EMAILLOCALPART@reef.example", "EMAILLOCALPART"),
            ("<email>", "<email>"),
        ] {
            assert_eq!(foreign_placeholder(text), Some(found), "{text}");
        }
    }

    #[test]
    fn addresses_names_and_our_own_placeholders_are_none() {
        for text in [
            "jane@example.org",
            "o{k}@example.org",
            "a%b@example.org",
            "100%user@example.org",
            "`id`$HOME|{x}'%s%h@example.org",
            "$cash@example.org",
            "user+%tag@example.org",
            "%EMAILADDRESS%",
            "%EMAILLOCALPART%.%EMAILDOMAIN%",
            "%EMAILLOCALPART%at%EMAILDOMAIN%",
            "uid=%EMAILLOCALPART%,ou=people,emailAddress=%EMAILADDRESS%",
            "secret-tool lookup user %USERNAME%",
            "pass show \"$HOME/x\"",
            "`id` $(id) %(id)s",
            "$1 a month",
            "of ${HOME}",
            "https://dav.example/caf%C3%A9/%20/",
            "50% of 60% of it",
            "{}",
            "{{}}",
            "%",
            "$",
            "",
        ] {
            assert_eq!(foreign_placeholder(text), None, "{text}");
        }
    }
}
