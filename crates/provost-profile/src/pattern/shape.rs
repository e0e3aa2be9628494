//! Which people are plain, and of which shape each is: people of one shape have values of the same kinds, so a writer that
//! treats one of them in a special way treats all of them so. What is not plain may need an escape somewhere.

use provost_account::Service;

use super::PlainPerson;

/// The shape of a plain person: a bit for everything below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape(u8);

impl Shape {
    /// How many there can be.
    pub(super) const COUNT: usize = 1 << u8::BITS;

    /// Everything that one byte can say.
    #[cfg(test)]
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self)
    }

    /// `None`: the person is not plain.
    pub(super) fn of(person: &PlainPerson<'_>, service: &Service) -> Option<Self> {
        let name = person.full_name.map_or(Some(0), |name| of_name(name.as_str()));
        let own = person.login.filter(|login| **login != service.login.expand(person.address));
        let login = own.map_or(Some(0), |login| of_login(login.as_str()));
        Some(Self(of_local_part(person.address.local_part())? | name? | login?))
    }

    pub(super) fn has_local_part(self, text: &str) -> bool {
        of_local_part(text) == Some(self.0 & LOCAL_PART)
    }

    pub(super) fn has_name(self, text: Option<&str>) -> bool {
        text.map_or(Some(0), of_name) == Some(self.0 & NAME)
    }

    /// Whether one of its own is this.
    pub(super) fn has_login(self, text: Option<&str>) -> bool {
        text.map_or(Some(0), of_login) == Some(self.0 & LOGIN)
    }

    /// From 0.
    pub(super) fn number(self) -> usize {
        self.0.into()
    }
}

fn of_local_part(text: &str) -> Option<u8> {
    let is_plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"._-+".contains(octet);
    let has_plus = if text.contains('+') { LOCAL_PART_HAS_PLUS } else { 0 };
    text.as_bytes().iter().all(is_plain).then_some(has_plus | beginning(text, LOCAL_PART_BEGINS_WITHOUT_LETTER))
}

/// Words with one space between them.
fn of_name(text: &str) -> Option<u8> {
    let mut bits = HAS_NAME;
    let mut before = ' ';
    for character in text.chars() {
        match character {
            ' ' if before == ' ' => return None,
            ' ' => {}
            '.' | ',' | '-' | '_' | '/' | '@' | '(' | ')' => bits |= NAME_HAS_MARKS,
            '’' => bits |= NAME_HAS_MARKS | NAME_IS_NOT_ASCII,
            _ if character.is_ascii_alphanumeric() => {}
            _ if character.is_alphabetic() => bits |= NAME_IS_NOT_ASCII,
            _ => return None,
        }
        before = character;
    }
    let begins_with_letter = text.starts_with(char::is_alphabetic);
    (begins_with_letter && before != ' ' && text.len() <= OCTETS_MAX).then_some(bits)
}

fn of_login(text: &str) -> Option<u8> {
    let is_plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"._-@".contains(octet);
    let has_at = if text.contains('@') { LOGIN_HAS_AT } else { 0 };
    let is_plain = text.as_bytes().iter().all(is_plain) && text.len() <= OCTETS_MAX;
    is_plain.then_some(HAS_LOGIN | has_at | beginning(text, LOGIN_BEGINS_WITHOUT_LETTER))
}

/// What begins otherwise may look like a number, or like an option.
fn beginning(text: &str, bit: u8) -> u8 {
    if text.starts_with(|first: char| first.is_ascii_alphabetic()) { 0 } else { bit }
}

const LOCAL_PART_HAS_PLUS: u8 = 1;
const LOCAL_PART_BEGINS_WITHOUT_LETTER: u8 = 1 << 1;
const HAS_NAME: u8 = 1 << 2;
const NAME_HAS_MARKS: u8 = 1 << 3;
const NAME_IS_NOT_ASCII: u8 = 1 << 4;
/// One that the template does not make.
const HAS_LOGIN: u8 = 1 << 5;
const LOGIN_HAS_AT: u8 = 1 << 6;
const LOGIN_BEGINS_WITHOUT_LETTER: u8 = 1 << 7;
const LOCAL_PART: u8 = LOCAL_PART_HAS_PLUS | LOCAL_PART_BEGINS_WITHOUT_LETTER;
const NAME: u8 = HAS_NAME | NAME_HAS_MARKS | NAME_IS_NOT_ASCII;
const LOGIN: u8 = HAS_LOGIN | LOGIN_HAS_AT | LOGIN_BEGINS_WITHOUT_LETTER;
/// As long as the probes' longest.
const OCTETS_MAX: usize = 128;
