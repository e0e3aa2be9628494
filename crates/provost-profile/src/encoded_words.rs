//! Names in message headers that plain characters cannot express (RFC 2047). Each format decides which names those are.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The text in UTF-8 and base64, in as many words as needed. `b` names the encoding, in the case that the program
/// itself writes.
pub(crate) fn encoded_words(text: &str, b: char) -> String {
    let mut words = vec![String::new()];
    for character in text.chars() {
        let word = words.last_mut().expect("there is a first word");
        match word.len() + character.len_utf8() > OCTETS_MAX {
            true => words.push(character.to_string()),
            false => word.push(character),
        }
    }
    let words = words.iter().map(|word| format!("=?utf-8?{b}?{}?=", BASE64_STANDARD.encode(word)));
    words.collect::<Vec<_>>().join(" ")
}

/// "An 'encoded-word' may not be more than 75 characters long" (§2): 45 octets are 60 characters in base64.
const OCTETS_MAX: usize = 45;
