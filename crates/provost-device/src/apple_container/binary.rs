//! Binary property lists as the same tree of values, without places: there are no lines. What profiles never contain
//! (null, UIDs, sets) is rejected, and so is what would grow without end: cycles, and an object that is referenced
//! again and again.
//!
//! The layout is that of Apple's `CFBinaryPList.c` (swift-corelibs-foundation), described in its first comment.

use super::plist::{Kind, Value};
use crate::source_text::OCTETS_MAX;
use provost_account::{Findings, codes::profile as codes};

/// The value at the top, unless findings say why there is none.
pub(super) fn value(bytes: &[u8], findings: &mut Findings) -> Option<Value> {
    let mut duplicates = Vec::new();
    let read = Reader::of(bytes).and_then(|mut reader| {
        let top = reader.top;
        reader.object(top, 0, &mut duplicates)
    });
    for key in duplicates {
        findings.add(codes::DUPLICATE_KEY, None, format!("the key {key} occurs twice"), "remove one of the two");
    }
    match read {
        Ok(value) => Some(value),
        Err(damage) => {
            let fix = "convert the original file again, or distribute it as XML";
            findings.add(codes::PLIST_SYNTAX, None, format!("the binary property list is damaged: {damage}"), fix);
            None
        }
    }
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
enum Damage {
    #[error("it is truncated")]
    CutShort,
    #[error("offsets of {offsets} and references of {references} bytes")]
    Sizes { offsets: usize, references: usize },
    #[error("its object table is outside the file")]
    TableOutside,
    #[error("an object is outside the file")]
    Outside,
    #[error("more than {DEPTH_MAX} levels, or an object inside itself")]
    TooDeep,
    #[error("an object is used too often")]
    ObjectTooOften,
    #[error("a text is used too often")]
    TextTooOften,
    #[error("object {reference} of {objects}")]
    NoSuchObject { reference: usize, objects: usize },
    #[error("an object of type 0x{marker:02X}, which profiles do not contain")]
    UnknownKind { marker: u8 },
    #[error("text that is declared ASCII but is not")]
    NotAscii,
    #[error(transparent)]
    NotUtf16(#[from] std::string::FromUtf16Error),
    #[error("a key that is not a text")]
    KeyIsNoText,
    #[error("a length that is not a number")]
    LengthIsNoNumber,
    #[error("an excessive length")]
    LengthBeyondReason,
    #[error(transparent)]
    NumberTooLarge(#[from] std::num::TryFromIntError),
    #[error("an integer beyond 64 bits")]
    IntegerTooLarge,
    #[error("a date {seconds} seconds after 2001")]
    DateOutside { seconds: f64 },
    #[error(transparent)]
    NoDate(#[from] time::error::ComponentRange),
    #[error(transparent)]
    DateUnsayable(#[from] time::error::Format),
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// The size of an offset in the table, and of a reference to an object, in bytes.
    offset_octets: usize,
    reference_octets: usize,
    objects: usize,
    top: usize,
    table: usize,
    /// How many more objects, and bytes of text and data, may be read.
    objects_left: usize,
    octets_left: usize,
}

impl<'a> Reader<'a> {
    /// Reads the trailer: the last 32 octets.
    fn of(bytes: &'a [u8]) -> Result<Self, Damage> {
        let trailer = bytes.len().checked_sub(TRAILER_OCTETS).filter(|at| *at >= MAGIC.len());
        let trailer = trailer.and_then(|at| bytes.get(at..)).ok_or(Damage::CutShort)?;
        let sizes = (usize::from(trailer[6]), usize::from(trailer[7]));
        if !(1..=8).contains(&sizes.0) || !(1..=8).contains(&sizes.1) {
            return Err(Damage::Sizes { offsets: sizes.0, references: sizes.1 });
        }
        let reader = Self {
            bytes,
            offset_octets: sizes.0,
            reference_octets: sizes.1,
            objects: number(&trailer[8..16])?,
            top: number(&trailer[16..24])?,
            table: number(&trailer[24..32])?,
            objects_left: OBJECTS_MAX,
            octets_left: OCTETS_MAX,
        };
        let table_octets = reader.objects.checked_mul(sizes.0).and_then(|octets| octets.checked_add(reader.table));
        match table_octets.is_some_and(|end| end <= bytes.len() - TRAILER_OCTETS) {
            true => Ok(reader),
            false => Err(Damage::TableOutside),
        }
    }

    fn object(&mut self, reference: usize, depth: usize, duplicates: &mut Vec<String>) -> Result<Value, Damage> {
        if depth > DEPTH_MAX {
            return Err(Damage::TooDeep);
        }
        self.objects_left = self.objects_left.checked_sub(1).ok_or(Damage::ObjectTooOften)?;
        if reference >= self.objects {
            return Err(Damage::NoSuchObject { reference, objects: self.objects });
        }
        let at = number(self.octets(self.table + reference * self.offset_octets, self.offset_octets)?)?;
        let marker = self.octets(at, 1)?[0];
        let (kind, low) = (marker >> 4, usize::from(marker & 0x0f));
        let kind = match (kind, low) {
            (0x0, 0x8) => Kind::Boolean(false),
            (0x0, 0x9) => Kind::Boolean(true),
            (0x1, 0..=4) => Kind::Integer(integer(self.octets(at + 1, 1 << low)?)?),
            (0x2, 2) => Kind::Real(f32::from_be_bytes(self.array(at + 1)?).into()),
            (0x2, 3) => Kind::Real(f64::from_be_bytes(self.array(at + 1)?)),
            (0x3, 3) => Kind::Date(date(f64::from_be_bytes(self.array(at + 1)?))?),
            (0x4, _) => {
                let (start, count) = self.count(at, low)?;
                Kind::Data(self.copied(start, count)?.to_vec())
            }
            (0x5, _) => {
                let (start, count) = self.count(at, low)?;
                let text = self.copied(start, count)?;
                if !text.is_ascii() {
                    return Err(Damage::NotAscii);
                }
                Kind::String(String::from_utf8_lossy(text).into_owned())
            }
            (0x6, _) => {
                let (start, count) = self.count(at, low)?;
                let octets = self.copied(start, count.checked_mul(2).ok_or(Damage::LengthBeyondReason)?)?;
                let units: Vec<u16> =
                    octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
                Kind::String(String::from_utf16(&units)?)
            }
            (0xa, _) => {
                let (start, count) = self.count(at, low)?;
                let mut items = Vec::new();
                for reference in self.references(start, count)? {
                    items.push(self.object(reference, depth + 1, duplicates)?);
                }
                Kind::Array(items)
            }
            (0xd, _) => {
                let (start, count) = self.count(at, low)?;
                Kind::Dictionary(self.entries(start, count, depth, duplicates)?)
            }
            (_, _) => return Err(Damage::UnknownKind { marker }),
        };
        Ok(Value { kind, place: None })
    }

    /// A dictionary: references to its keys, then to its values.
    fn entries(
        &mut self,
        start: usize,
        count: usize,
        depth: usize,
        duplicates: &mut Vec<String>,
    ) -> Result<Vec<(String, Value)>, Damage> {
        let both = self.references(start, count.checked_mul(2).ok_or(Damage::LengthBeyondReason)?)?;
        let mut entries: Vec<(String, Value)> = Vec::new();
        let (keys, values) = both.split_at(count);
        for (key, value) in keys.iter().zip(values) {
            let Kind::String(key) = self.object(*key, depth + 1, duplicates)?.kind else {
                return Err(Damage::KeyIsNoText);
            };
            if entries.iter().any(|(name, _)| *name == key) {
                duplicates.push(key.clone());
            }
            entries.push((key, self.object(*value, depth + 1, duplicates)?));
        }
        Ok(entries)
    }

    /// Where an object's contents start, and how many there are. 15 means that the number follows as an integer.
    fn count(&self, at: usize, low: usize) -> Result<(usize, usize), Damage> {
        if low < 0xf {
            return Ok((at + 1, low));
        }
        let marker = self.octets(at + 1, 1)?[0];
        let octets = match (marker >> 4, marker & 0x0f) {
            (0x1, exponent @ 0..=3) => 1 << exponent,
            (_, _) => return Err(Damage::LengthIsNoNumber),
        };
        Ok((at + 2 + octets, number(self.octets(at + 2, octets)?)?))
    }

    fn references(&self, start: usize, count: usize) -> Result<Vec<usize>, Damage> {
        let octets = count.checked_mul(self.reference_octets).ok_or(Damage::LengthBeyondReason)?;
        self.octets(start, octets)?.chunks_exact(self.reference_octets).map(number).collect()
    }

    fn octets(&self, at: usize, count: usize) -> Result<&'a [u8], Damage> {
        let end = at.checked_add(count).ok_or(Damage::LengthBeyondReason)?;
        self.bytes.get(at..end).ok_or(Damage::Outside)
    }

    /// The same, counted: one text may be used by many objects.
    fn copied(&mut self, at: usize, count: usize) -> Result<&'a [u8], Damage> {
        self.octets_left = self.octets_left.checked_sub(count).ok_or(Damage::TextTooOften)?;
        self.octets(at, count)
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Damage> {
        Ok(self.octets(at, N)?.try_into().expect("as many octets as were asked for"))
    }
}

/// An unsigned number of at most eight bytes.
fn number(octets: &[u8]) -> Result<usize, Damage> {
    let number = octets.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
    Ok(usize::try_from(number)?)
}

/// Integers of one, two and four bytes are unsigned, those of eight are signed; sixteen hold what exceeds `i64::MAX`.
fn integer(octets: &[u8]) -> Result<i128, Damage> {
    match octets {
        [_] | [_, _] | [_, _, _, _] => Ok(octets.iter().fold(0, |number, octet| number << 8 | i128::from(*octet))),
        _ => match <[u8; 8]>::try_from(octets) {
            Ok(octets) => Ok(i64::from_be_bytes(octets).into()),
            Err(_) => Err(Damage::IntegerTooLarge),
        },
    }
}

/// Seconds since 2001-01-01, as XML writes a date.
fn date(seconds: f64) -> Result<String, Damage> {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    let whole = (seconds.abs() < SECONDS_MAX).then_some(seconds as i64).ok_or(Damage::DateOutside { seconds })?;
    let time = time::OffsetDateTime::from_unix_timestamp(whole + REFERENCE_DATE)?;
    Ok(time.format(&time::format_description::well_known::Rfc3339)?)
}

const MAGIC: &[u8] = b"bplist00";
const TRAILER_OCTETS: usize = 32;
const DEPTH_MAX: usize = 64;
const OBJECTS_MAX: usize = 200_000;
/// 2001-01-01 in seconds since 1970.
const REFERENCE_DATE: i64 = 978_307_200;
/// No real date is beyond the year 5000.
const SECONDS_MAX: f64 = 1e11;

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of the given objects; offsets and references take one octet.
    fn file(objects: &[&[u8]]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let mut offsets = Vec::new();
        for object in objects {
            offsets.push(u8::try_from(bytes.len()).expect("a short file"));
            bytes.extend_from_slice(object);
        }
        let table = u8::try_from(bytes.len()).expect("a short file");
        bytes.extend(&offsets);
        bytes.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, u8::try_from(objects.len()).expect("few objects")]);
        bytes.extend([0; 8]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, table]);
        bytes
    }

    #[track_caller]
    fn check(objects: &[&[u8]], expected: Kind) {
        let mut findings = Findings::default();
        let value = value(&file(objects), &mut findings);
        assert_eq!(value.map(|value| value.kind), Some(expected), "{:?}", findings.finish());
    }

    #[track_caller]
    fn refused(bytes: &[u8], because: &str) {
        let mut findings = Findings::default();
        assert_eq!(value(bytes, &mut findings), None);
        let finding = findings.finish().remove(0);
        assert_eq!((finding.code, finding.place), (codes::PLIST_SYNTAX, None));
        assert_eq!(finding.message, format!("the binary property list is damaged: {because}"));
    }

    #[test]
    fn every_kind_of_object_is_read() {
        check(&[&[0x09]], Kind::Boolean(true));
        check(&[&[0x10, 0xff]], Kind::Integer(255));
        check(&[&[0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]], Kind::Integer(-2));
        check(&[&[0x22, 0x3f, 0x80, 0, 0]], Kind::Real(1.0));
        // 2001-01-02: a day of 86,400 seconds.
        check(&[&[0x33, 0x40, 0xf5, 0x18, 0, 0, 0, 0, 0]], Kind::Date("2001-01-02T00:00:00Z".to_owned()));
        check(&[&[0x42, 1, 2]], Kind::Data(vec![1, 2]));
        check(&[&[0x52, b'h', b'i']], Kind::String("hi".to_owned()));
        check(&[&[0x62, 0xd8, 0x3d, 0xde, 0x00]], Kind::String("😀".to_owned()));
        let inside = Value { kind: Kind::Boolean(false), place: None };
        check(&[&[0xa1, 1], &[0x08]], Kind::Array(vec![inside.clone()]));
        check(&[&[0xd1, 1, 2], &[0x51, b'a'], &[0x08]], Kind::Dictionary(vec![("a".to_owned(), inside)]));
    }

    #[test]
    fn damage_is_named() {
        refused(b"bplist00", "it is truncated");
        refused(&file(&[&[0x00]]), "an object of type 0x00, which profiles do not contain");
        refused(&file(&[&[0xa1, 7]]), "object 7 of 1");
        refused(&file(&[&[0x5f, 0x13, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]]), "a text is used too often");
        refused(&file(&[&[0xd1, 1, 1], &[0x08]]), "a key that is not a text");
        let mut other_table = file(&[&[0x09]]);
        *other_table.last_mut().expect("a file") = 0xff;
        refused(&other_table, "its object table is outside the file");
    }

    #[test]
    fn an_object_inside_itself_is_refused() {
        refused(&file(&[&[0xa1, 0]]), "more than 64 levels, or an object inside itself");
    }

    /// Ten arrays of twelve references each would be 12^10 objects.
    #[test]
    fn a_bomb_of_references_is_refused() {
        let arrays: Vec<Vec<u8>> = (1..=10).map(|next| [&[0xac][..], &[next; 12]].concat()).collect();
        let mut objects: Vec<&[u8]> = arrays.iter().map(Vec::as_slice).collect();
        objects.push(&[0x09]);
        refused(&file(&objects), "an object is used too often");
    }

    #[test]
    fn a_key_that_is_there_twice_is_a_finding() {
        let mut findings = Findings::default();
        let bytes = file(&[&[0xd2, 1, 1, 2, 2], &[0x51, b'a'], &[0x08]]);
        assert!(value(&bytes, &mut findings).is_some());
        assert_eq!(findings.finish()[0].code, codes::DUPLICATE_KEY);
    }
}
