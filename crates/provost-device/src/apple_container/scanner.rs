//! XML property lists by the rules of CoreFoundation, Apple's own parser, which are not XML's: it accepts what is not
//! XML (text after the end, attributes without quotation marks), and rejects what is (a comment inside a value, a blank
//! after a number). `fixtures/property-lists/forms.jsonl` records what it does with each form, and a test asks the
//! parser again.
//!
//! It reads no other property lists: binary ones have their own file, and OpenStep ones have no numbers, so no profile
//! can be one.

use provost_account::{Code, Findings, LOOK, Place, codes::profile as codes, shown};

use super::elsewhere::{self, Form};
use super::plist::{Kind, Value};
use crate::source_text::Lines;
use crate::xml::is_xml;

/// The value of a file without its byte-order mark, and the forms in it that other readers reject or misread.
pub(super) fn value(octets: &[u8], findings: &mut Findings) -> Option<(Value, Vec<(Form, Place)>)> {
    let mut scanner = Scanner {
        octets,
        at: 0,
        lines: Lines::of(octets),
        forms: Vec::new(),
        repeated: Vec::new(),
        elements: 0,
        has_document_type: false,
    };
    let read = scanner.document();
    for (key, place) in std::mem::take(&mut scanner.repeated) {
        let message = format!("the key {} occurs twice; the last one counts", shown(&key));
        findings.add(codes::DUPLICATE_KEY, Some(place), message, "remove the others");
    }
    match read {
        Ok(value) => Some((value, scanner.forms)),
        Err(refusal) => {
            let place = scanner.place(refusal.at);
            findings.add(refusal.code, Some(place), refusal.message, refusal.fix);
            None
        }
    }
}

/// Why the whole file is refused.
struct Refusal {
    code: &'static Code,
    at: usize,
    message: String,
    fix: &'static str,
}

fn refused<T>(code: &'static Code, at: usize, message: impl Into<String>, fix: &'static str) -> Result<T, Refusal> {
    let message = format!("{}: a device rejects the whole file", message.into());
    Err(Refusal { code, at, message, fix })
}

/// An element that has begun.
struct Tag<'a> {
    name: &'a str,
    /// Where its `<` is.
    at: usize,
    is_empty: bool,
}

struct Scanner<'a> {
    octets: &'a [u8],
    at: usize,
    lines: Lines,
    forms: Vec<(Form, Place)>,
    repeated: Vec<(String, Place)>,
    elements: usize,
    has_document_type: bool,
}

impl<'a> Scanner<'a> {
    fn document(&mut self) -> Result<Value, Refusal> {
        loop {
            self.blanks();
            match self.rest() {
                [] | [_] => return refused(codes::NOT_WELL_FORMED, self.at, "no element", LOOK),
                rest if rest.starts_with(b"<!--") => {
                    // One byte further than elsewhere, as the parser does it: `<!---->` is not closed here.
                    self.skip_to("-->", "<!--".len() + 1, "a comment")?;
                }
                rest if rest.starts_with(b"<!") => self.document_type()?,
                rest if rest.starts_with(b"<?") => self.instruction()?,
                rest if rest.starts_with(b"<") => break,
                _ => return refused(codes::NOT_WELL_FORMED, self.at, "text before the first element", "remove it"),
            }
        }
        let tag = self.tag()?;
        if tag.name != "plist" {
            self.note(elsewhere::NO_PLIST, tag.at);
        }
        let value = self.element(&tag, 0)?;
        self.blanks();
        if !self.rest().is_empty() {
            self.after_the_end();
        }
        Ok(value)
    }

    /// A device ignores what follows; parsers of XML do not.
    fn after_the_end(&mut self) {
        let end = self.at;
        while self.rest().starts_with(b"<!--") && self.skip_to("-->", 4, "a comment").is_ok() {
            self.blanks();
        }
        if !self.rest().is_empty() {
            self.note(elsewhere::AFTER_THE_END, end);
        }
    }

    fn instruction(&mut self) -> Result<(), Refusal> {
        if self.at > 0 && self.rest().starts_with(b"<?xml ") {
            self.note(elsewhere::BEFORE_DECLARATION, self.at);
        }
        let at = self.at;
        self.skip_to("?>", 2, "an instruction")?;
        let inside = &self.octets[at + 2..self.at - 2];
        let is_declaration = inside.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"xml "));
        let versions: &[&[u8]] = &[b"xml version=\"1.0\"", b"xml version='1.0'"];
        let names = attributes(inside.get(4..).unwrap_or(&[]));
        let is_of_xml = versions.iter().any(|version| inside.starts_with(version))
            && names.is_some_and(|names| {
                names.iter().all(|it| ["version", "encoding", "standalone"].contains(&it.as_str()))
            });
        if is_declaration && !is_of_xml {
            self.note(elsewhere::DECLARATION, at);
        }
        Ok(())
    }

    fn document_type(&mut self) -> Result<(), Refusal> {
        let at = self.at;
        if !self.rest().starts_with(b"<!DOCTYPE") {
            let message = "neither a document type nor a comment";
            return refused(codes::DOCUMENT_TYPE, at, message, "write <!DOCTYPE plist …>");
        }
        match self.rest().iter().position(|octet| matches!(octet, b'[' | b'>')) {
            Some(end) if self.rest()[end] == b'>' => {
                if self.has_document_type {
                    self.note(elsewhere::DECLARATION, at);
                }
                self.has_document_type = true;
                self.at += end + 1;
                Ok(())
            }
            Some(_) => {
                let message = "a document type with its own declarations";
                refused(codes::DOCUMENT_TYPE, at, message, "remove the declarations")
            }
            None => refused(codes::DOCUMENT_TYPE, at, "a document type that is not closed", "close it with >"),
        }
    }

    /// Skips what begins here and ends with `end`, which is searched for after some bytes.
    fn skip_to(&mut self, end: &str, after: usize, what: &str) -> Result<(), Refusal> {
        let rest = self.rest().get(after..).unwrap_or(&[]);
        match rest.windows(end.len()).position(|window| window == end.as_bytes()) {
            Some(found) => {
                if end == "-->" && rest[..=found].windows(2).any(|two| two == b"--") {
                    self.note(elsewhere::COMMENT_DASHES, self.at);
                }
                self.at += after + found + end.len();
                Ok(())
            }
            None => refused(codes::NOT_WELL_FORMED, self.at, format!("{what} that is not closed"), "close it"),
        }
    }

    /// The next element inside of a container, or `None` at its end.
    fn next(&mut self) -> Result<Option<Tag<'a>>, Refusal> {
        loop {
            self.blanks();
            match self.rest() {
                [] => {
                    return refused(codes::NOT_WELL_FORMED, self.at, "the file ends inside an element", "close it");
                }
                rest if rest.starts_with(b"<!--") => self.skip_to("-->", 4, "a comment")?,
                rest if rest.starts_with(b"<?") => {
                    self.note(elsewhere::INSTRUCTION, self.at);
                    self.skip_to("?>", 2, "an instruction")?;
                }
                rest if rest.starts_with(b"<!") => {
                    return refused(codes::WRONG_TYPE, self.at, "CDATA where an element belongs", "remove it");
                }
                rest if rest.starts_with(b"</") => return Ok(None),
                rest if rest.starts_with(b"<") => return self.tag().map(Some),
                _ => {
                    let fix = "remove it: values stand in elements of their own";
                    return refused(codes::WRONG_TYPE, self.at, "text; expected an element", fix);
                }
            }
        }
    }

    /// A tag. It ends at the first `>`, even inside of quotation marks.
    fn tag(&mut self) -> Result<Tag<'a>, Refusal> {
        let at = self.at;
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            let message = format!("more than {ELEMENTS_MAX} elements");
            return Err(Refusal { code: codes::TOO_DEEP, at, message, fix: LOOK });
        }
        let Some(length) = self.rest().iter().position(|octet| *octet == b'>') else {
            return refused(codes::NOT_WELL_FORMED, at, "a tag that is not closed", "close it with >");
        };
        let inside = &self.rest()[1..length.max(1)];
        let is_empty = inside.last() == Some(&b'/');
        let name = inside.split(|octet| is_blank(*octet)).next().expect("a split has a first part");
        let name = if name.len() == inside.len() && is_empty { &name[..name.len() - 1] } else { name };
        self.at += length + 1;
        let name = std::str::from_utf8(name).unwrap_or("");
        if attributes(&inside[name.len()..inside.len() - usize::from(is_empty)]).is_none() {
            self.note(elsewhere::ATTRIBUTE, at);
        }
        Ok(Tag { name, at, is_empty })
    }

    fn element(&mut self, tag: &Tag<'a>, depth: usize) -> Result<Value, Refusal> {
        if depth > DEPTH_MAX {
            let message = format!("more than {DEPTH_MAX} levels");
            return Err(Refusal { code: codes::TOO_DEEP, at: tag.at, message, fix: LOOK });
        }
        let empty = |what: &str| {
            let message = format!("<{}> without {what}", tag.name);
            refused(codes::WRONG_TYPE, tag.at, message, "write the value into it, or remove it")
        };
        let kind = match (tag.name, tag.is_empty) {
            ("plist", true) => return empty("a value"),
            ("plist", false) => {
                let Some(inner) = self.next()? else { return empty("a value") };
                let value = self.element(&inner, depth)?;
                if let Some(second) = self.next()? {
                    return refused(codes::WRONG_TYPE, second.at, "a plist holds one value", "put one dict into it");
                }
                self.close(tag)?;
                return Ok(value);
            }
            ("array", true) => Kind::Array(Vec::new()),
            ("array", false) => {
                let mut items = Vec::new();
                while let Some(item) = self.next()? {
                    if item.name == "key" {
                        self.note(elsewhere::KEY_AS_VALUE, item.at);
                    }
                    items.push(self.element(&item, depth + 1)?);
                }
                self.close(tag)?;
                Kind::Array(items)
            }
            ("dict", true) => Kind::Dictionary(Vec::new()),
            ("dict", false) => Kind::Dictionary(self.dictionary(tag, depth)?),
            ("string" | "key", _) => Kind::String(self.string(tag)?),
            ("true" | "false", is_empty) => {
                if !is_empty && !self.rest().starts_with(b"</") {
                    let message = format!("something inside of <{}>", tag.name);
                    return refused(codes::WRONG_TYPE, self.at, message, "write <true/> or <false/>");
                }
                if !is_empty {
                    self.close(tag)?;
                }
                Kind::Boolean(tag.name == "true")
            }
            ("data" | "date" | "integer" | "real", true) => return empty("a value"),
            ("data", false) => Kind::Data(self.data(tag)?),
            ("date", false) => Kind::Date(self.date(tag)?),
            ("integer", false) => Kind::Integer(self.integer(tag)?),
            ("real", false) => Kind::Real(self.real(tag)?),
            (name, _) => {
                let message = format!("<{}> is not an element of property lists", shown(name).trim_matches('"'));
                let fix = "see Apple's property list format; letter case counts";
                return refused(codes::WRONG_TYPE, tag.at, message, fix);
            }
        };
        Ok(Value { kind, place: Some(self.place(tag.at)) })
    }

    /// If a key is repeated, its last value counts, at the position of the first.
    fn dictionary(&mut self, tag: &Tag<'a>, depth: usize) -> Result<Vec<(String, Value)>, Refusal> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        while let Some(key) = self.next()? {
            if key.name != "key" {
                let message = format!("<{}>; expected a <key>", shown(key.name).trim_matches('"'));
                return refused(codes::WRONG_TYPE, key.at, message, "keys and values take turns in a dict");
            }
            if key.is_empty {
                self.note(elsewhere::EMPTY_KEY, key.at);
            }
            let place = self.place(key.at);
            let name = self.string(&key)?;
            let Some(of_key) = self.next()? else {
                return refused(codes::WRONG_TYPE, key.at, "a key without a value", "give it one, or remove it");
            };
            if of_key.name == "key" {
                self.note(elsewhere::KEY_AS_VALUE, of_key.at);
            }
            let value = Value { place: Some(place), ..self.element(&of_key, depth + 1)? };
            match entries.iter_mut().find(|(other, _)| *other == name) {
                Some((_, earlier)) => {
                    *earlier = value;
                    self.repeated.push((name, place));
                }
                None => entries.push((name, value)),
            }
        }
        self.close(tag)?;
        Ok(entries)
    }

    /// Text with references and CDATA. Line ends stay as they are.
    fn string(&mut self, tag: &Tag<'a>) -> Result<String, Refusal> {
        if tag.is_empty {
            return Ok(String::new());
        }
        let start = self.at;
        let mut text = Vec::new();
        loop {
            match self.rest() {
                [] => {
                    let message = format!("<{}> that is not closed", tag.name);
                    return refused(codes::NOT_WELL_FORMED, start, message, "close it");
                }
                rest if rest.starts_with(b"<![CDATA[") => {
                    if !rest.starts_with(b"<![CDATA[]]>") {
                        self.note(elsewhere::CDATA, self.at);
                    }
                    let from = self.at + b"<![CDATA[".len();
                    self.skip_to("]]>", b"<![CDATA[".len(), "CDATA")?;
                    text.extend_from_slice(&self.octets[from..self.at - 3]);
                }
                rest if rest.starts_with(b"<!--") => return self.comment_inside(tag),
                [b'<', ..] => break,
                [b'&', ..] => {
                    let character = self.reference()?;
                    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                [octet, ..] => {
                    if self.rest().starts_with(b"]]>") {
                        self.note(elsewhere::CDATA_END, self.at);
                    }
                    text.push(*octet);
                    self.at += 1;
                }
            }
        }
        self.close(tag)?;
        match String::from_utf8(text) {
            Ok(text) => {
                if text.chars().any(|c| !is_xml(c)) {
                    self.note(elsewhere::CONTROL_CHARACTER, start);
                }
                Ok(text)
            }
            Err(_) => {
                let wrong = &self.octets[start..];
                let at = start + std::str::from_utf8(wrong).map_or_else(|error| error.valid_up_to(), |_| 0);
                let found = self.octets.get(at).copied().unwrap_or(0);
                let message = format!("the byte 0x{found:02X} is not UTF-8");
                refused(codes::INVALID_UTF_8, at, message, "save the file as UTF-8")
            }
        }
    }

    fn comment_inside<T>(&self, tag: &Tag<'a>) -> Result<T, Refusal> {
        let message = format!("a comment inside <{}>", tag.name);
        refused(codes::WRONG_TYPE, self.at, message, "put it before the element")
    }

    /// At most eight digits, and what Unicode has; names are XML's five.
    fn reference(&mut self) -> Result<char, Refusal> {
        let at = self.at;
        let rest = &self.rest()[1..];
        let end = rest.iter().take(REFERENCE_OCTETS_MAX).position(|octet| *octet == b';');
        let name = end.and_then(|end| std::str::from_utf8(&rest[..end]).ok());
        let found = name.and_then(|name| match name.strip_prefix('#') {
            Some("") => Some('\0'),
            Some(number) => {
                let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
                let is_number = digits.len() <= 8 && digits.chars().all(|c| c.is_digit(radix));
                let code = if digits.is_empty() { Some(0) } else { u32::from_str_radix(digits, radix).ok() };
                code.filter(|_| is_number).and_then(char::from_u32)
            }
            None => quick_xml::escape::resolve_xml_entity(name)?.chars().next(),
        });
        match (found, end) {
            (Some(character), Some(end)) => {
                if end > REFERENCE_OCTETS_USUAL {
                    self.note(elsewhere::LONG_REFERENCE, at);
                }
                self.at += 1 + end + 1;
                Ok(character)
            }
            (_, _) => {
                let message = match name {
                    Some(name) => format!("the undeclared entity &{};", shown(name).trim_matches('"')),
                    None => "an & that begins no entity".to_owned(),
                };
                refused(codes::NOT_WELL_FORMED, at, message, "write &amp; for &")
            }
        }
    }

    /// Letters of base64; others are ignored, and so are those at the end that do not fill a group of four.
    fn data(&mut self, tag: &Tag<'a>) -> Result<Vec<u8>, Refusal> {
        let start = self.at;
        let mut data = Vec::new();
        let (mut bits, mut letters, mut equals, mut is_odd) = (0_u32, 0_usize, 0_usize, false);
        while let Some(octet) = self.rest().first().copied().filter(|octet| *octet != b'<') {
            if !octet.is_ascii() {
                return refused(codes::WRONG_TYPE, self.at, "data that is not base64", "write it in base64");
            }
            match octet {
                b'=' => equals += 1,
                // As C's isspace.
                b' ' | b'\t'..=b'\r' => {}
                _ => {
                    is_odd |= equals > 0;
                    equals = 0;
                }
            }
            self.at += 1;
            let Some(six) = base64_value(octet) else {
                is_odd |= !octet.is_ascii_whitespace() && octet != 0x0b;
                continue;
            };
            letters += 1;
            bits = (bits << 6) | six;
            if letters % 4 == 0 {
                let [_, one, two, three] = bits.to_be_bytes();
                data.push(one);
                data.extend((equals < 2).then_some(two));
                data.extend((equals < 1).then_some(three));
            }
        }
        if self.rest().starts_with(b"<!--") {
            return self.comment_inside(tag);
        }
        if letters % 4 != 0 {
            self.note(elsewhere::DATA_CUT, start);
        } else if is_odd || equals > 2 {
            self.note(elsewhere::DATA_ODD, start);
        }
        self.close(tag)?;
        Ok(data)
    }

    /// `YYYY-MM-DDThh:mm:ssZ` and nothing else; days and hours that are too large lead into the next month or day.
    fn date(&mut self, tag: &Tag<'a>) -> Result<String, Refusal> {
        let start = self.at;
        let length = self.rest().iter().position(|octet| *octet == b'<').unwrap_or(self.rest().len());
        let text = String::from_utf8_lossy(&self.rest()[..length]).into_owned();
        let Some(seconds) = seconds(&text) else {
            if self.octets[start + length..].starts_with(b"<!--") {
                self.at += length;
                return self.comment_inside(tag);
            }
            let message = format!("{} is not a property-list date", shown(&text));
            return refused(codes::WRONG_VALUE, start, message, "write it as 2030-12-31T23:59:59Z, without blanks");
        };
        self.at += length;
        if self.rest().starts_with(b"<!--") {
            return self.comment_inside(tag);
        }
        self.close(tag)?;
        let time = time::OffsetDateTime::from_unix_timestamp(seconds).ok();
        let date = time
            .and_then(|time| time.format(&time::format_description::well_known::Rfc3339).ok())
            .unwrap_or_else(|| text.clone());
        if date != text {
            self.note(elsewhere::NO_SUCH_DATE, start);
        }
        Ok(date)
    }

    /// ```abnf
    /// integer = *blank [("+" / "-") *blank] (1*DIGIT / "0" ("x" / "X") 1*HEXDIG)
    /// ```
    fn integer(&mut self, tag: &Tag<'a>) -> Result<i128, Refusal> {
        let start = self.at;
        let before = self.wide_blanks();
        let sign = self.rest().first().copied().filter(|octet| matches!(octet, b'+' | b'-'));
        let mut between = 0;
        if sign.is_some() {
            self.at += 1;
            between = self.wide_blanks();
        }
        let is_hex = self.rest().starts_with(b"0x") || self.rest().starts_with(b"0X");
        self.at += if is_hex { 2 } else { 0 };
        let radix = if is_hex { 16 } else { 10 };
        let length = self.rest().iter().position(|octet| *octet == b'<').unwrap_or(self.rest().len());
        let digits = String::from_utf8_lossy(&self.rest()[..length]).into_owned();
        let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        let magnitude = if is_number { u64::from_str_radix(&digits, radix).ok() } else { None };
        let limit = if sign == Some(b'-') { 1 << 63 } else { u64::MAX };
        let Some(magnitude) = magnitude.filter(|it| *it <= limit) else {
            return self.no_number(tag, start, start..self.at + length, &digits);
        };
        self.at += length;
        if self.rest().starts_with(b"<!") {
            return self.no_number(tag, start, start..self.at, &digits);
        }
        self.close(tag)?;
        let all = [
            (elsewhere::HEX_INTEGER, is_hex),
            (elsewhere::BLANK_BEFORE_NUMBER, before > 0),
            (elsewhere::BLANK_AFTER_SIGN, between > 0),
            (elsewhere::PLUS_SIGN, sign == Some(b'+')),
            (elsewhere::LEADING_ZERO, !is_hex && digits.len() > 1 && digits.starts_with('0')),
        ];
        for (form, _) in all.into_iter().filter(|(_, is)| *is) {
            self.note(form, start);
        }
        let value = i128::from(magnitude);
        Ok(if sign == Some(b'-') { -value } else { value })
    }

    /// Text with references and CDATA, as of a string.
    fn real(&mut self, tag: &Tag<'a>) -> Result<f64, Refusal> {
        let start = self.at;
        let text = self.string(tag)?;
        let word = text.to_ascii_lowercase();
        let number = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{200b}');
        let value = match word.as_str() {
            "nan" => Some(f64::NAN),
            "inf" | "+inf" | "infinity" | "+infinity" => Some(f64::INFINITY),
            "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
            _ => Some(number)
                .filter(|it| it.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c)))
                .and_then(|it| it.parse().ok()),
        };
        let Some(value) = value else {
            let octets = start..self.at - "</real>".len().min(self.at);
            return self.no_number(tag, start, octets, &text);
        };
        if number.len() < text.len() {
            self.note(elsewhere::BLANK_BEFORE_NUMBER, start);
        }
        if self.octets[start..self.at].contains(&b'&') {
            self.note(elsewhere::REFERENCE_IN_NUMBER, start);
        }
        if value.is_infinite() && text.trim_start_matches('-') != "Infinity" {
            self.note(elsewhere::NOT_FINITE, start);
        }
        Ok(value)
    }

    /// Refuses what is not a number, and says why.
    fn no_number<T>(
        &mut self,
        tag: &Tag<'a>,
        start: usize,
        octets: std::ops::Range<usize>,
        digits: &str,
    ) -> Result<T, Refusal> {
        let rest = self.octets.get(octets.end..).unwrap_or(&[]);
        if rest.starts_with(b"<!--") {
            self.at = octets.end;
            return self.comment_inside(tag);
        }
        let name = tag.name;
        if rest.starts_with(b"<![CDATA[") {
            let message = format!("CDATA inside of <{name}>");
            return refused(codes::WRONG_TYPE, octets.end, message, "write the digits alone");
        }
        let text = String::from_utf8_lossy(&self.octets[octets.start..octets.end.max(octets.start)]).into_owned();
        let trimmed = digits.trim_end();
        if trimmed.len() < digits.len() && !trimmed.is_empty() && !trimmed.contains(char::is_whitespace) {
            let message = format!("a blank or line break after the digits in <{name}>, {}", shown(&text));
            return refused(codes::WRONG_TYPE, start, message, "close the element right after the last digit");
        }
        let what = if name == "real" { "a number" } else { "an integer" };
        let fix = "write the digits alone, with nothing around them";
        refused(codes::WRONG_TYPE, start, format!("{} is not {what}", shown(&text)), fix)
    }

    /// The end tag, in which blanks may follow the name.
    fn close(&mut self, tag: &Tag<'a>) -> Result<(), Refusal> {
        let at = self.at;
        let end = self.rest().strip_prefix(b"</").and_then(|rest| rest.strip_prefix(tag.name.as_bytes()));
        let closed = end.map(|rest| rest.iter().take_while(|octet| is_blank(**octet)).count());
        match (end, closed) {
            (Some(rest), Some(blanks)) if rest.get(blanks) == Some(&b'>') => {
                self.at += 2 + tag.name.len() + blanks + 1;
                Ok(())
            }
            (_, _) => {
                let line = self.place(tag.at).line;
                let found = match self.rest() {
                    [] => "the file ends".to_owned(),
                    [b'<', b'/', ..] => "another end tag stands".to_owned(),
                    [b'<', b'?', ..] => "an instruction stands".to_owned(),
                    [b'<', ..] => "an element stands".to_owned(),
                    _ => "text stands".to_owned(),
                };
                let message = format!("{found}; expected the end tag of <{}> in line {line}", tag.name);
                refused(codes::NOT_WELL_FORMED, at, message, "close the element, and put nothing else in it")
            }
        }
    }

    fn note(&mut self, form: Form, at: usize) {
        if !self.forms.iter().any(|(other, _)| *other == form) {
            let place = self.place(at);
            self.forms.push((form, place));
        }
    }

    fn blanks(&mut self) {
        self.at += self.rest().iter().take_while(|octet| is_blank(**octet)).count();
    }

    /// Skips blanks before a number, of which there are more kinds than elsewhere, byte by byte.
    fn wide_blanks(&mut self) -> usize {
        let start = self.at;
        loop {
            match self.rest() {
                [0..=0x20 | 0x7f..=0xa0, ..]
                | [0xe2, 0x80, 0x50..=0x8b | 0xaf, ..]
                | [0xe2, 0x81, 0x9f, ..]
                | [0xe3, 0x80, 0x80, ..] => self.at += 1,
                _ => return self.at - start,
            }
        }
    }

    fn rest(&self) -> &'a [u8] {
        &self.octets[self.at..]
    }

    fn place(&self, at: usize) -> Place {
        self.lines.place(self.octets, at)
    }
}

fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

/// ```abnf
/// attributes = *(1*blank Name [blank] "=" [blank] (DQUOTE *any DQUOTE / "'" *any "'")) *blank   ; XML 1.0 section 3.1
/// ```
fn attributes(octets: &[u8]) -> Option<Vec<String>> {
    let text = String::from_utf8_lossy(octets);
    let mut names = Vec::new();
    let mut rest = text.trim();
    while let Some((name, value)) = rest.split_once('=') {
        let value = value.trim_start();
        let (_, after) = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.split_once(*quote))?;
        let name = name.trim();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return None;
        }
        names.push(name.to_owned());
        rest = after.trim();
    }
    rest.is_empty().then_some(names)
}

fn base64_value(octet: u8) -> Option<u32> {
    let at = BASE64.iter().position(|letter| *letter == octet).or((octet == b'=').then_some(0))?;
    u32::try_from(at).ok()
}

/// Seconds since 1970 of `YYYY-MM-DDThh:mm:ssZ`. A year may have fewer digits; a month of 0 is January, one of 13 the January
/// after.
fn seconds(text: &str) -> Option<i64> {
    let (year, rest) = text.split_once('-')?;
    let rest = rest.strip_suffix('Z')?;
    let layout = b"..-..T..:..:..";
    let fits = rest.len() == layout.len()
        && rest
            .bytes()
            .zip(layout)
            .all(|(octet, wanted)| if *wanted == b'.' { octet.is_ascii_digit() } else { octet == *wanted });
    if !fits || year.is_empty() || year.len() > 4 || !year.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let number = |text: &str| text.parse::<i64>().ok();
    let (year, month) = (year.parse::<i32>().ok()?, number(&rest[..2])?);
    let (year, month) = if month == 13 { (year + 1, 1) } else { (year, month.max(1)) };
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let first = time::Date::from_calendar_date(year, month, 1).ok()?;
    let days = i64::from(first.to_julian_day()) - JULIAN_DAY_OF_1970 + number(&rest[3..5])? - 1;
    Some(((days * 24 + number(&rest[6..8])?) * 60 + number(&rest[9..11])?) * 60 + number(&rest[12..14])?)
}

/// Deeper than any real file. CoreFoundation goes down 512 levels (`_CFPropertyListMaxRecursionDepth`).
const DEPTH_MAX: usize = 128;
const ELEMENTS_MAX: usize = 200_000;
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Of the last character of Unicode. The longest that is followed is `#x` with eight digits.
const REFERENCE_OCTETS_USUAL: usize = "#1114111".len();
const REFERENCE_OCTETS_MAX: usize = 11;
const JULIAN_DAY_OF_1970: i64 = 2_440_588;
