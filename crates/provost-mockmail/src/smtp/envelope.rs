//! MAIL and RCPT: their grammar (RFC 5321 §4.1.2) and their parameters (RFC 1870, RFC 6152, RFC 3030, RFC 3461, RFC
//! 4954, RFC 6531). It does not decide who may send what.

/// What MAIL and RCPT have said so far.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    /// Empty: the null sender.
    pub(super) sender: String,
    pub(super) body: Body,
    /// RFC 6531: addresses and header may have UTF-8.
    pub(super) utf8: bool,
    /// RFC 3461 §4.4.
    pub(super) envelope_id: Option<String>,
    pub(super) recipients: Vec<Recipient>,
}

/// A recipient that was taken.
#[derive(Debug)]
pub(super) struct Recipient {
    pub(super) account: crate::store::AccountId,
    pub(super) address: String,
    pub(super) notify: Notify,
    pub(super) original: Option<String>,
}

/// RFC 6152, RFC 3030.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Body {
    #[default]
    SevenBit,
    EightBitMime,
    BinaryMime,
}

/// RFC 3461 §4.1, as far as a server that delivers at once needs it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Notify {
    pub(super) success: bool,
}

/// An address and the parameters behind it.
pub(super) struct Path<'a> {
    pub(super) address: &'a str,
    parameters: Vec<(String, &'a str)>,
}

/// The reply to a command that cannot be taken.
pub(super) type Refusal = &'static str;

/// Reads `FROM:<address> parameters`.
///
/// ```abnf
/// Reverse-path = Path / "<>"      ; source routes are gone, as RFC 5321 §4.1.1.3 wants it
/// ```
pub(super) fn path<'a>(argument: &'a str, keyword: &str) -> Option<Path<'a>> {
    let start = argument.get(..keyword.len())?;
    if !start.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let rest = argument[keyword.len()..].trim_start().strip_prefix('<')?;
    let end = closing(rest)?;
    let (address, parameters) = (&rest[..end], rest[end + 1..].trim());
    let parameters = parameters.split(' ').filter(|it| !it.is_empty());
    let parameters = parameters.map(|it| {
        let (name, value) = it.split_once('=').unwrap_or((it, ""));
        (name.to_ascii_uppercase(), value)
    });
    Some(Path { address, parameters: parameters.collect() })
}

/// Where the `>` is that closes a path: one in a quoted local part does not.
fn closing(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

impl Path<'_> {
    /// Takes the parameters of MAIL. `size_max` is what SIZE announces.
    pub(super) fn sender(&self, size_max: usize) -> Result<Envelope, Refusal> {
        self.no_duplicates()?;
        let mut envelope = Envelope { sender: self.address.to_owned(), ..Envelope::default() };
        for (name, value) in &self.parameters {
            match name.as_str() {
                "SIZE" => match value.parse::<usize>() {
                    Ok(octets) if octets <= size_max => {}
                    Ok(_) => return Err("552 5.3.4 larger than any message here"),
                    Err(_) => return Err("501 5.5.4 SIZE is a number"),
                },
                "BODY" => {
                    envelope.body = match value.to_ascii_uppercase().as_str() {
                        "7BIT" => Body::SevenBit,
                        "8BITMIME" => Body::EightBitMime,
                        "BINARYMIME" => Body::BinaryMime,
                        _ => return Err("501 5.5.4 unknown BODY"),
                    }
                }
                "SMTPUTF8" if value.is_empty() => envelope.utf8 = true,
                "AUTH" if xtext(value).is_some() => {}
                "RET" if value.eq_ignore_ascii_case("FULL") || value.eq_ignore_ascii_case("HDRS") => {}
                // RFC 3461 §4.4: at most 100 characters.
                "ENVID" if value.len() <= 100 => {
                    envelope.envelope_id = Some(xtext(value).ok_or("501 5.5.4 ENVID is xtext")?);
                }
                "SMTPUTF8" | "AUTH" | "RET" | "ENVID" => return Err("501 5.5.4 a parameter with a wrong value"),
                _ => return Err("555 5.5.4 unknown parameter"),
            }
        }
        Ok(envelope)
    }

    /// Takes the parameters of RCPT.
    pub(super) fn recipient(&self) -> Result<(Notify, Option<String>), Refusal> {
        self.no_duplicates()?;
        let (mut notify, mut original) = (Notify::default(), None);
        for (name, value) in &self.parameters {
            match name.as_str() {
                "NOTIFY" => {
                    let words: Vec<String> = value.split(',').map(str::to_ascii_uppercase).collect();
                    let known = words.iter().all(|word| matches!(word.as_str(), "SUCCESS" | "FAILURE" | "DELAY"));
                    // RFC 3461 §4.1: NEVER stands alone.
                    if !known && words != ["NEVER"] {
                        return Err("501 5.5.4 NOTIFY is NEVER, or some of SUCCESS, FAILURE, DELAY");
                    }
                    notify.success = words.iter().any(|word| word == "SUCCESS");
                }
                "ORCPT" => {
                    let parts = value.split_once(';').filter(|(kind, _)| !kind.is_empty());
                    let (kind, address) = parts.ok_or("501 5.5.4 ORCPT is a type and an address")?;
                    let address = xtext(address).ok_or("501 5.5.4 ORCPT is xtext")?;
                    original = Some(format!("{kind};{address}"));
                }
                _ => return Err("555 5.5.4 unknown parameter"),
            }
        }
        Ok((notify, original))
    }

    fn no_duplicates(&self) -> Result<(), Refusal> {
        let mut names: Vec<&str> = self.parameters.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).any(|pair| pair[0] == pair[1]) {
            true => Err("501 5.5.4 a parameter twice"),
            false => Ok(()),
        }
    }
}

/// ```abnf
/// xtext = *( xchar / hexchar )      ; RFC 3461 §4: "+" and two capital hexadecimal digits stand for an octet
/// ```
fn xtext(text: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => {
                let digits = [bytes.next()?, bytes.next()?];
                if digits.iter().any(u8::is_ascii_lowercase) {
                    return None;
                }
                octets.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
            }
            b'!'..=b'~' if byte != b'=' => octets.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xtext_is_decoded_and_checked() {
        assert_eq!(xtext("QQ314159"), Some("QQ314159".to_owned()));
        assert_eq!(xtext("a+2Bb+40c"), Some("a+b@c".to_owned()));
        for bad in ["a=b", "a+2", "a+2b", "a b", "a+GG"] {
            assert_eq!(xtext(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_bracket_in_quotes_closes_no_path() {
        let path = path("FROM:<\"a>b\\\"\"@c> SIZE=3", "FROM:").expect("a path");
        assert_eq!((path.address, path.parameters.len()), ("\"a>b\\\"\"@c", 1));
    }
}
