//! The messages that every server gets: the same number makes the same message. No clock, no randomness.

/// How many messages the measured FETCH reads.
pub(crate) const FETCHED: u32 = 1_000;
/// How long each of them is.
pub(crate) const FETCHED_OCTETS: usize = 10_240;
/// How many messages the measured SEARCH looks through.
pub(crate) const SEARCHED: u32 = 100_000;
/// How long each of them is.
pub(crate) const SEARCHED_OCTETS: usize = 2_048;
/// The word that one message in a hundred holds.
pub(crate) const WORD: &str = "Ornithorhynchus";
/// The first day of the second half of the messages' dates.
pub(crate) const HALF_TIME: &str = "01-Jul-2025";

/// Message `number` (from 1) in exactly that many octets, at least 512, lines ending in CRLF.
pub(crate) fn message(number: u32, octets: usize) -> Vec<u8> {
    let date = date(number);
    let conversation = number.saturating_sub(1) / 10 * 10 + 1;
    let references = match number == conversation {
        true => String::new(),
        false => format!("References: <{conversation}@bench.example>\r\n"),
    };
    let mut text = format!(
        "From: \"Bench\" <bench@centurylink.net>\r\nTo: <fetch@centurylink.net>\r\n\
         Subject: Of the matter {conversation}\r\nMessage-ID: <{number}@bench.example>\r\n{references}\
         Date: {day} {month} 2025 12:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n",
        day = date.day,
        month = date.month,
    );
    if number.is_multiple_of(100) {
        text.push_str(&format!("Here is an {WORD}.\r\n"));
    }
    let mut bytes = text.into_bytes();
    let end = b".\r\n";
    while bytes.len() + LINE.len() + end.len() <= octets {
        bytes.extend_from_slice(LINE);
    }
    bytes.resize(octets - end.len(), b'x');
    bytes.extend_from_slice(end);
    bytes
}

/// The INTERNALDATE of message `number`.
pub(crate) fn internal_date(number: u32) -> String {
    let date = date(number);
    format!("{:02}-{}-2025 12:00:00 +0000", date.day, date.month)
}

/// How many of the first `count` messages are dated `HALF_TIME` or later.
pub(crate) fn since_half_time(count: u32) -> u32 {
    let late = |number: &u32| (number / 28) % 12 >= 6;
    u32::try_from((1..=count).filter(late).count()).expect("no more than count")
}

struct Date {
    day: u32,
    month: &'static str,
}

fn date(number: u32) -> Date {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = usize::try_from((number / 28) % 12).expect("less than 12");
    Date { day: number % 28 + 1, month: MONTHS[month] }
}

const LINE: &[u8] = b"A line of plain words that says nothing much, as the lines of most mails do.\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_as_long_as_asked_and_ends_its_last_line() {
        for octets in [512, 1_024, SEARCHED_OCTETS, FETCHED_OCTETS] {
            let message = message(700, octets);
            assert_eq!(message.len(), octets);
            assert!(message.ends_with(b".\r\n"));
            assert!(String::from_utf8(message).expect("ASCII").contains(WORD));
        }
    }
}
