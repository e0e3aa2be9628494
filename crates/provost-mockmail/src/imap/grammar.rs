//! The grammar of commands (RFC 3501 §9): a cursor over one whole command. It knows the syntax, not the meaning.

use std::ops::RangeInclusive;
use std::str::FromStr;

use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

use super::names;
use crate::flags;

/// A cursor over a command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    /// Whether mailbox names are UTF-8 instead of modified UTF-7 (RFC 6855 §3, RFC 9051 §5.1).
    utf8_names: bool,
}

/// The command does not follow the grammar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

pub(super) type Parsed<T> = Result<T, Malformed>;

impl<'a> Cursor<'a> {
    pub(super) fn new(command: &'a [u8]) -> Self {
        Self { rest: command, utf8_names: false }
    }

    pub(super) fn with_utf8_names(self, utf8_names: bool) -> Self {
        Self { utf8_names, ..self }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Takes `byte` if it is next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    pub(super) fn expect(&mut self, byte: u8, what: &'static str) -> Parsed<()> {
        if self.take(byte) { Ok(()) } else { Err(Malformed(what)) }
    }

    pub(super) fn space(&mut self) -> Parsed<()> {
        self.expect(b' ', "a space is missing")
    }

    /// Skips spaces where clients write any number of them.
    pub(super) fn skip_spaces(&mut self) {
        while self.take(b' ') {}
    }

    pub(super) fn end(&self) -> Parsed<()> {
        if self.is_at_end() { Ok(()) } else { Err(Malformed("more than the command takes")) }
    }

    /// The text before the next octet of `stops`; at least one octet.
    pub(super) fn word(&mut self, stops: &[u8]) -> Parsed<&'a str> {
        let end = self.rest.iter().position(|byte| stops.contains(byte) || byte.is_ascii_control());
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let word = std::str::from_utf8(word).ok().ok_or(Malformed("no ASCII"))?;
        if word.is_empty() {
            return Err(Malformed("a word is missing"));
        }
        self.rest = rest;
        Ok(word)
    }

    /// ```abnf
    /// atom = 1*ATOM-CHAR      ; not "(" ")" "{" SP CTL "%" "*" DQUOTE "\" and here not "]"
    /// ```
    pub(super) fn atom(&mut self) -> Parsed<&'a str> {
        self.word(b"(){ %*\"\\]")
    }

    /// ```abnf
    /// astring = 1*(ATOM-CHAR / "]") / string
    /// ```
    pub(super) fn astring(&mut self) -> Parsed<Vec<u8>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string(),
            _ => Ok(self.word(b"(){ %*\"\\")?.as_bytes().to_vec()),
        }
    }

    /// An astring that must be UTF-8.
    pub(super) fn text(&mut self) -> Parsed<String> {
        String::from_utf8(self.astring()?).ok().ok_or(Malformed("a name that is not UTF-8"))
    }

    /// A mailbox's name, in modified UTF-7 or in UTF-8.
    pub(super) fn mailbox(&mut self) -> Parsed<String> {
        let name = self.text()?;
        let name = if self.utf8_names { name } else { names::decoded(&name) };
        match name.chars().any(char::is_control) {
            true => Err(Malformed("a name with control characters")),
            // RFC 3501 §5.1: INBOX in any letter case is INBOX.
            false if name.eq_ignore_ascii_case("INBOX") => Ok("INBOX".to_owned()),
            false => Ok(name),
        }
    }

    /// ```abnf
    /// list-mailbox = 1*(ATOM-CHAR / list-wildcards / "]") / string
    /// ```
    pub(super) fn pattern(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(b'"' | b'{') => self.text(),
            _ => Ok(self.word(b"(){ \"\\")?.to_owned()),
        }
    }

    /// ```abnf
    /// string = quoted / literal
    /// ```
    pub(super) fn string(&mut self) -> Parsed<Vec<u8>> {
        if self.take(b'"') {
            let mut next = || {
                let (byte, rest) = self.rest.split_first().ok_or(Malformed("a quoted string without end"))?;
                self.rest = rest;
                Ok(*byte)
            };
            let mut text = Vec::new();
            loop {
                match next()? {
                    b'"' => return Ok(text),
                    b'\\' => text.push(next()?),
                    byte => text.push(byte),
                }
            }
        }
        // RFC 3516 §4.4: a literal8 may contain NUL; here, any literal may.
        self.take(b'~');
        self.expect(b'{', "a string is missing")?;
        let octets = self.number()?;
        self.take(b'+');
        self.expect(b'}', "a literal without }")?;
        self.take(b'\r');
        self.expect(b'\n', "a literal without its line end")?;
        let octets = usize::try_from(octets).ok().ok_or(Malformed("a literal of that size"))?;
        if octets > self.rest.len() {
            return Err(Malformed("a literal without its octets"));
        }
        let (text, rest) = self.rest.split_at(octets);
        self.rest = rest;
        Ok(text.to_vec())
    }

    pub(super) fn number(&mut self) -> Parsed<u32> {
        self.digits().parse().ok().ok_or(Malformed("a number is missing, or has more than 32 bits"))
    }

    /// ```abnf
    /// mod-sequence-value = 1*DIGIT      ; RFC 7162 §7: "Positive unsigned 63-bit integer", 0 where valzer is allowed
    /// ```
    pub(super) fn number64(&mut self) -> Parsed<u64> {
        let number = self.digits().parse::<i64>().ok();
        number.and_then(|it| u64::try_from(it).ok()).ok_or(Malformed("no number of 63 bits"))
    }

    fn digits(&mut self) -> &'a str {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(digits);
        self.rest = rest;
        std::str::from_utf8(digits).expect("digits are ASCII")
    }

    /// ```abnf
    /// sequence-set = (seq-number / seq-range) *("," sequence-set)
    /// sequence-set =/ "$"      ; RFC 5182 §3
    /// ```
    pub(super) fn sequence_set(&mut self) -> Parsed<SequenceSet> {
        if self.take(b'$') {
            return Ok(SequenceSet(Vec::new()));
        }
        let mut ranges = Vec::new();
        loop {
            let first = self.sequence_number()?;
            let last = if self.take(b':') { self.sequence_number()? } else { first };
            ranges.push((first, last));
            if !self.take(b',') {
                return Ok(SequenceSet(ranges));
            }
        }
    }

    fn sequence_number(&mut self) -> Parsed<Option<u32>> {
        if self.take(b'*') {
            return Ok(None);
        }
        match self.number()? {
            0 => Err(Malformed("messages are counted from 1")),
            number => Ok(Some(number)),
        }
    }

    /// The items between parentheses.
    pub(super) fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect(b'(', "a list is missing")?;
        let mut items = Vec::new();
        while !self.take(b')') {
            if !items.is_empty() {
                self.space()?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// ```abnf
    /// flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword / flag-extension
    /// ```
    ///
    /// No server has a `flag-extension`; Dovecot refuses it too.
    pub(super) fn flag(&mut self) -> Parsed<String> {
        flags::of_client(&self.attribute()?).ok().ok_or(Malformed(NO_SYSTEM_FLAG))
    }

    /// ```abnf
    /// use-attr = "\" atom      ; RFC 6154 §6
    /// ```
    pub(super) fn attribute(&mut self) -> Parsed<String> {
        let backslash = if self.take(b'\\') { "\\" } else { "" };
        Ok(format!("{backslash}{}", self.atom()?))
    }

    /// ```abnf
    /// date      = date-text / DQUOTE date-text DQUOTE
    /// date-text = date-day "-" date-month "-" date-year      ; 1*2DIGIT, a name of three letters, 4DIGIT
    /// ```
    pub(super) fn date(&mut self) -> Parsed<Date> {
        let text = self.astring()?;
        let text = std::str::from_utf8(&text).ok().ok_or(Malformed("no date"))?;
        date(text).ok_or(Malformed("no date; one looks like 24-Nov-2026"))
    }

    /// ```abnf
    /// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
    /// ```
    pub(super) fn date_time(&mut self) -> Parsed<OffsetDateTime> {
        let text = self.string()?;
        let text = std::str::from_utf8(&text).ok().ok_or(Malformed("no date and time"))?;
        date_time(text).ok_or(Malformed("no date and time; one looks like \"24-Nov-2026 10:00:00 +0000\""))
    }
}

/// Messages by number. `None` is `*`, the last one. No ranges: `$`, the saved result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SequenceSet(Vec<(Option<u32>, Option<u32>)>);

impl SequenceSet {
    /// Whether it is `$`, the saved result.
    pub(super) fn is_saved(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it names nothing beyond the last message; `*` needs a message.
    pub(super) fn reaches_no_further(&self, last: u32) -> bool {
        self.0.iter().flat_map(|(one, other)| [one, other]).all(|end| end.map_or(last > 0, |number| number <= last))
    }

    /// How many numbers it names; `None` with `*` or `$`.
    pub(super) fn count(&self) -> Option<u64> {
        let counts = self.0.iter().map(|(one, other)| Some(u64::from((*one)?.abs_diff((*other)?)) + 1));
        if self.is_saved() { None } else { counts.sum() }
    }

    /// Whether `number` is in it when the last one is `last`.
    pub(super) fn contains(&self, number: u32, last: u32) -> bool {
        self.0.iter().any(|(one, other)| {
            let (one, other) = (one.unwrap_or(last), other.unwrap_or(last));
            (one.min(other)..=one.max(other)).contains(&number)
        })
    }
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    // The space in `date-day-fixed` stands for a zero.
    let day = digits(day.strip_prefix(' ').unwrap_or(day), 1..=2)?;
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))?;
    let month = Month::try_from(u8::try_from(month + 1).ok()?).ok()?;
    Date::from_calendar_date(digits(year, 4..=4)?, month, day).ok()
}

fn date_time(text: &str) -> Option<OffsetDateTime> {
    // The day may begin with a space.
    let (zone_at, clock_at) = (text.rfind(' ')?, text.rfind(' ').and_then(|at| text[..at].rfind(' '))?);
    let day = date(&text[..clock_at])?;
    let mut clock = text[clock_at + 1..zone_at].splitn(3, ':').map(|part| digits(part, 2..=2));
    let time = Time::from_hms(clock.next()??, clock.next()??, clock.next()??).ok()?;
    let zone = &text[zone_at + 1..];
    let (sign, zone) = match (zone.strip_prefix('-'), zone.strip_prefix('+')) {
        (Some(zone), _) => (-1, zone),
        (None, zone) => (1, zone?),
    };
    let zone = digits::<i16>(zone, 4..=4)?;
    let (hours, minutes) = (i8::try_from(zone / 100).ok()?, i8::try_from(zone % 100).ok()?);
    let offset = UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()?;
    Some(OffsetDateTime::new_in_offset(day, time, offset))
}

/// A number of that many digits, and nothing else.
fn digits<T: FromStr>(text: &str, how_many: RangeInclusive<usize>) -> Option<T> {
    let are_digits = how_many.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| are_digits)
}

const NO_SYSTEM_FLAG: &str = "no system flag that a client sets: those are \\Answered \\Flagged \\Deleted \\Seen \\Draft; a \
                              keyword has no backslash";

/// The names of RFC 3501's `date-month`.
pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    /// Dates for which Dovecot 2.3.19 answers "Invalid search date parameter", and days that no month has.
    #[test]
    fn dates_have_a_day_a_month_by_name_and_four_digits_of_a_year() {
        let day = Date::from_calendar_date(2026, Month::November, 4).ok();
        for text in ["4-Nov-2026", "04-Nov-2026", "\"4-Nov-2026\"", "\"04-NOV-2026\"", "\" 4-nov-2026\""] {
            assert_eq!(Cursor::new(text.as_bytes()).date().ok(), day, "{text}");
        }
        let wrong = "4-Nov-26|4-Nov-126|4-Nov-02026|4-Nov-+026|4-Nov--026|004-Nov-2026|+4-Nov-2026|-Nov-2026|4-11-2026|\
                     4-November-2026|4-No-2026|2026-Nov-04|4-Nov-2026x|4-Nov|\"4 Nov 2026\"|\"  4-Nov-2026\"|\
                     0-Nov-2026|00-Nov-2026|31-Nov-2026|29-Feb-2025|\"\"";
        for text in wrong.split('|') {
            assert!(Cursor::new(text.as_bytes()).date().is_err(), "{text}");
        }
    }

    #[test]
    fn times_of_arrival_have_all_their_digits_and_a_zone() {
        let at = |text: &str| {
            Cursor::new(format!("\"{text}\"").as_bytes()).date_time().ok().map(OffsetDateTime::unix_timestamp)
        };
        for text in [
            "04-Nov-2026 10:00:00 +0000",
            " 4-Nov-2026 10:00:00 +0000",
            "4-Nov-2026 09:00:00 -0100",
            "04-Nov-2026 11:30:00 +0130",
        ] {
            assert_eq!(at(text), Some(1_793_786_400), "{text}");
        }
        let wrong = "04-Nov-26 10:00:00 +0000|04-Nov-2026 1:00:00 +0000|04-Nov-2026 10:00 +0000|04-Nov-2026 10:00:00|\
                     04-Nov-2026 10:00:00 +000|04-Nov-2026 10:00:00 0000|04-Nov-2026 10:00:00 +00000|\
                     04-Nov-2026 10:00:00 GMT|04-Nov-2026 10:00:00 +9999|04-Nov-2026 10:00:00 +0000 x|\
                     04-Nov-2026 24:00:00 +0000|04-Nov-2026 +1:00:00 +0000|04-Nov-2026 10:00:00:00 +0000|\
                     00-Nov-2026 10:00:00 +0000|04-Nov-2026  10:00:00 +0000";
        for text in wrong.split('|') {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
