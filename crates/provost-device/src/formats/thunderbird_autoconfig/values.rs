//! What Thunderbird makes of an element's text: a number if it looks like one, and for an element with an attribute, or
//! an empty one, a text that nobody wrote (JXON.sys.mjs; each observed in 153.8.0esr, 2026-11).

use provost_account::{Host, Port};

use crate::xml::Element;

/// The value of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// What looks like a number became one, and the text is that number's.
    Number(String),
    /// What a truth value, or nothing, became: `true`, `false`; `NaN` for blanks.
    Made(&'static str),
    /// The element has an attribute, or elements in it.
    Object,
}

impl Value {
    pub(super) fn of(element: &Element) -> Self {
        if !element.attributes.is_empty() || !element.children.is_empty() {
            return Self::Object;
        }
        let text = element.text.trim();
        match text.to_ascii_lowercase().as_str() {
            "" if element.text.is_empty() => return Self::Made("true"),
            "" => return Self::Made("NaN"),
            "true" => return Self::Made("true"),
            "false" => return Self::Made("false"),
            // A number in JavaScript, of which `parseFloat` then reads the 0 alone.
            hexadecimal if is_hexadecimal(hexadecimal) => return Self::Number("0".to_owned()),
            _ => {}
        }
        match text.parse::<f64>() {
            Ok(number)
                if number.is_finite()
                    && text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-')) =>
            {
                Self::Number(number.to_string())
            }
            Ok(_) | Err(_) => Self::Text(element.text.clone()),
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
            Self::Made(text) => text,
            Self::Object => "[object Object]",
        }
    }
}

fn is_hexadecimal(text: &str) -> bool {
    let digits =
        [("0x", 16), ("0o", 8), ("0b", 2)].iter().find_map(|(mark, base)| Some((text.strip_prefix(mark)?, *base)));
    digits.is_some_and(|(digits, base)| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base)))
}

/// `parseInt`: the digits at the start count, the rest does not.
pub(super) fn port(text: &str) -> Option<Port> {
    let digits: String = text.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Letters, digits, hyphens and dots, an IP address, or a placeholder in the place of any of these.
pub(super) fn is_host_or_placeholder(text: &str) -> bool {
    let placeholder = ["%EMAILDOMAIN%", "%EMAILADDRESS%", "%EMAILLOCALPART%"].iter().any(|name| text.contains(name));
    let rest = text.replace("%EMAILDOMAIN%", "a").replace("%EMAILADDRESS%", "a").replace("%EMAILLOCALPART%", "a");
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    !rest.is_empty()
        && (rest.chars().all(letters) || !placeholder && matches!(Host::try_from(text), Ok(Host::Address(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a login name of Thunderbird 153.8.0esr's account setup shows it.
    #[test]
    fn texts_become_what_thunderbird_makes_of_them() {
        let of = |xml: &str| {
            let root =
                crate::xml::parse(xml.as_bytes(), &mut provost_account::Findings::default()).expect("an element");
            Value::of(&root).text().to_owned()
        };
        for (xml, expected) in [
            ("<u/>", "true"),
            ("<u></u>", "true"),
            ("<u> </u>", "NaN"),
            ("<u>True</u>", "true"),
            ("<u>false</u>", "false"),
            ("<u>00123</u>", "123"),
            ("<u>0x1F</u>", "0"),
            ("<u>12e3</u>", "12000"),
            ("<u>Infinity</u>", "Infinity"),
            ("<u>2024-01-01</u>", "2024-01-01"),
            ("<u>may 5</u>", "may 5"),
            ("<u> jane </u>", " jane "),
            ("<u>ja<!-- x -->ne</u>", "jane"),
            ("<u><b/></u>", "[object Object]"),
            ("<u a='b'>jane</u>", "[object Object]"),
        ] {
            assert_eq!(of(xml), expected, "{xml}");
        }
    }

    #[test]
    fn ports_are_read_as_parse_int_reads_them() {
        for (text, expected) in [
            ("993", Some(993)),
            ("993abc", Some(993)),
            (" 25", Some(25)),
            ("0", None),
            ("65536", None),
            ("x1", None),
            ("-1", None),
        ] {
            assert_eq!(port(text).map(Port::get), expected, "{text}");
        }
    }

    #[test]
    fn host_names_are_what_thunderbird_takes_for_them() {
        for (text, expected) in [
            ("imap.example.org", true),
            ("192.0.2.1", true),
            ("2001:db8::1", true),
            ("mail.%EMAILDOMAIN%", true),
            ("a_b.example.org", false),
            ("bücher.example", false),
            ("imap.example.org:993", false),
            ("", false),
            ("[object Object]", false),
        ] {
            assert_eq!(is_host_or_placeholder(text), expected, "{text}");
        }
    }
}
