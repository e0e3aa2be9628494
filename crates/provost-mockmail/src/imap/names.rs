//! Mailbox names on the wire: modified UTF-7 (RFC 3501 §5.1.3), or UTF-8 for clients that understand it.

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

use super::{Enabled, envelope};
use crate::message::addresses::quoted;

const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// A name from the wire. What is not modified UTF-7 is left as it is: clients also send UTF-8.
pub(super) fn decoded(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((inside, after)) = after.split_once('-') else { return name.to_owned() };
        if inside.is_empty() {
            out.push('&');
        } else {
            let Ok(bytes) = BASE64.decode(inside) else { return name.to_owned() };
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            let Ok(text) = String::from_utf16(&units) else { return name.to_owned() };
            out.push_str(&text);
        }
        rest = after;
    }
    out + rest
}

/// A name as a string: in UTF-8 for a client that understands it (RFC 6855 §3), else in modified UTF-7.
pub(super) fn written(name: &str, enabled: Enabled) -> String {
    let written = match enabled.utf8_is_understood() {
        true if !name.is_ascii() && !name.chars().any(char::is_control) => quoted(name.as_bytes()),
        true => envelope::nstring(Some(name.as_bytes())),
        false => envelope::nstring(Some(encoded(name).as_bytes())),
    };
    String::from_utf8_lossy(&written).into_owned()
}

/// In modified UTF-7.
fn encoded(name: &str) -> String {
    let mut out = String::new();
    let mut shifted: Vec<u8> = Vec::new();
    for character in name.chars() {
        if (' '..='~').contains(&character) {
            leave(&mut shifted, &mut out);
            out.push(character);
            if character == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            shifted.extend(character.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    leave(&mut shifted, &mut out);
    out
}

fn leave(shifted: &mut Vec<u8>, out: &mut String) {
    if !shifted.is_empty() {
        out.push_str(&format!("&{}-", BASE64.encode(&shifted)));
        shifted.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3501 §5.1.3: "here is a mailbox name which mixes English, Chinese, and Japanese text".
    #[test]
    fn the_example_of_rfc_3501_goes_both_ways() {
        let (wire, name) = ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語");
        assert_eq!(decoded(wire), name);
        assert_eq!(encoded(name), wire);
    }

    #[test]
    fn an_ampersand_and_what_is_no_utf_7_survive() {
        assert_eq!(encoded("a & b 😀"), "a &- b &2D3eAA-");
        assert_eq!(decoded("a &- b &2D3eAA-"), "a & b 😀");
        assert_eq!(decoded("Entwürfe & more"), "Entwürfe & more");
    }
}
