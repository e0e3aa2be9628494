//! The tokens of a script (ECMA-262, chapter 12), without comments.

use provost_account::{Findings, Place, codes::profile as codes, place, shown};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    /// `None`: no whole number.
    Number(Option<i64>),
    Mark(&'static str),
    /// A regular expression, or a template with something in it to be computed.
    Opaque,
    End,
}

#[derive(Debug)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) place: Place,
}

impl Token {
    /// In the words of a message.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(word) => shown(word),
            Self::Text(_) => "a text".to_owned(),
            Self::Number(_) => "a number".to_owned(),
            Self::Mark(mark) => format!("{mark:?}"),
            Self::Opaque => "an expression".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// The lexemes of a script, the end last; or a finding that says why there are none.
pub(super) fn lexemes(text: &str, findings: &mut Findings) -> Option<Vec<Lexeme>> {
    let mut lexemes: Vec<Lexeme> = Vec::new();
    let mut places = Places::of(text);
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let offset = text.len() - rest.len();
        let after_value = matches!(
            lexemes.last().map(|lexeme| &lexeme.token),
            Some(Token::Word(_) | Token::Text(_) | Token::Number(_) | Token::Opaque | Token::Mark(")" | "]" | "}"))
        );
        let (token, after) = match rest.chars().next() {
            None => {
                lexemes.push(Lexeme { token: Token::End, place: places.at(offset) });
                return Some(lexemes);
            }
            Some('/') if rest.starts_with("//") => {
                rest = rest.split_once('\n').map_or("", |(_, after)| after);
                continue;
            }
            Some('/') if rest.starts_with("/*") => match rest[2..].split_once("*/") {
                Some((_, after)) => {
                    rest = after;
                    continue;
                }
                None => return refuse(text, offset, "a comment is not closed", findings),
            },
            Some('/') if !after_value => match regular_expression(rest) {
                Some(after) => (Token::Opaque, after),
                None => return refuse(text, offset, "a regular expression is not closed", findings),
            },
            Some(quote @ ('"' | '\'' | '`')) => match literal(&rest[1..], quote) {
                Some(found) => found,
                None => return refuse(text, offset, "a text is not closed, or ends in a line break", findings),
            },
            Some(first) if first.is_alphanumeric() || first == '_' || first == '$' => {
                let within = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
                let dots = first.is_ascii_digit();
                let end = rest.find(|c: char| !(within(c) || dots && c == '.')).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (if dots { Token::Number(word.parse().ok()) } else { Token::Word(word.to_owned()) }, after)
            }
            Some(_) => match MARKS.iter().find(|mark| rest.starts_with(**mark)) {
                Some(mark) => (Token::Mark(mark), &rest[mark.len()..]),
                None => return refuse(text, offset, "a character that JavaScript does not allow", findings),
            },
        };
        lexemes.push(Lexeme { token, place: places.at(offset) });
        rest = after;
    }
}

fn refuse<T>(text: &str, offset: usize, message: &str, findings: &mut Findings) -> Option<T> {
    let message = format!("{message}: Thunderbird cannot read the script");
    findings.refuse(codes::CONFIG_SYNTAX, Some(place(text, offset)), message, "correct the script there")
}

/// A text after its first quotation mark, and what follows the last one.
fn literal(text: &str, quote: char) -> Option<(Token, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    let mut is_opaque = false;
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character == quote => {
                let token = if is_opaque { Token::Opaque } else { Token::Text(value) };
                return Some((token, &text[at + quote.len_utf8()..]));
            }
            '\n' if quote != '`' => return None,
            '$' if quote == '`' && text[at..].starts_with("${") => is_opaque = true,
            '\\' => {
                let (_, escaped) = characters.next()?;
                let digits = match escaped {
                    'x' => 2,
                    'u' => 4,
                    _ => 0,
                };
                match escaped {
                    'n' => value.push('\n'),
                    'r' => value.push('\r'),
                    't' => value.push('\t'),
                    'b' => value.push('\u{8}'),
                    'f' => value.push('\u{c}'),
                    'v' => value.push('\u{b}'),
                    '0' => value.push('\0'),
                    '\n' => {}
                    'x' | 'u' => {
                        let after = &text[at + 2..];
                        let unit = |text: &str| u32::from_str_radix(text.get(..digits)?, 16).ok();
                        let first = unit(after)?;
                        characters.nth(digits - 1);
                        // A pair of surrogates is one character.
                        let low = after.get(digits..).and_then(|rest| unit(rest.strip_prefix("\\u")?));
                        match (char::from_u32(first), low) {
                            (Some(character), _) => value.push(character),
                            (None, Some(low @ 0xDC00..=0xDFFF)) if first < 0xDC00 => {
                                let code = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
                                value.push(char::from_u32(code)?);
                                characters.nth(digits + 1);
                            }
                            (None, _) => value.push(char::REPLACEMENT_CHARACTER),
                        }
                    }
                    other => value.push(other),
                }
            }
            other => value.push(other),
        }
    }
    None
}

/// What follows a regular expression.
fn regular_expression(text: &str) -> Option<&str> {
    let mut is_escaped = false;
    let mut in_class = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\n' => return None,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return Some(text[at + 1..].trim_start_matches(|c: char| c.is_ascii_alphabetic())),
            _ => {}
        }
    }
    None
}

/// Places of offsets that only grow.
struct Places<'a> {
    text: &'a str,
    offset: usize,
    place: Place,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, offset: 0, place: Place { line: 1, column: 1 } }
    }

    fn at(&mut self, offset: usize) -> Place {
        for character in self.text[self.offset..offset].chars() {
            match character {
                '\n' => self.place = Place { line: self.place.line + 1, column: 1 },
                _ => self.place.column += 1,
            }
        }
        self.offset = offset;
        self.place
    }
}

/// Longer ones first.
const MARKS: &[&str] = &[
    "===", "!==", "...", "**=", ">>>", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=",
    "*=", "/=", "%=", "|=", "&=", "**", "<<", ">>", "(", ")", "[", "]", "{", "}", ";", ",", ".", "<", ">", "+", "-",
    "*", "/", "%", "!", "~", "?", ":", "=", "&", "|", "^", "#", "@",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// As Node.js 18 evaluates them.
    #[test]
    fn texts_are_what_javascript_makes_of_them() {
        let value = |script: &str| lexemes(script, &mut Findings::default()).map(|it| it[0].token.clone());
        let text = |text: &str| Some(Token::Text(text.to_owned()));
        assert_eq!(value(r#""a\"b\\c\n""#), text("a\"b\\c\n"));
        assert_eq!(value(r"'\x41\u00e9\ud83d\ude00\q'"), text("Aé😀q"));
        assert_eq!(value("`a b`"), text("a b"));
        assert_eq!(value("`a${b}`"), Some(Token::Opaque));
        assert_eq!(value("/a[/]\"/g"), Some(Token::Opaque));
        assert_eq!(value("\"a\nb\""), None);
        assert_eq!(value("\"a"), None);
        assert_eq!(value("/* a"), None);
    }
}
