//! Random damage to real sessions and messages, the same in every run: nothing panics, nothing grows without end, and a
//! server that was hurt still answers the next client.

use crate::account::Store;
use crate::session::tests::{LOGIN, imap, pop3, smtp, store};
use crate::session::{Next, Session};

/// Octets whose damage is most likely to matter.
const DICTIONARY: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\0",
    "{",
    "}",
    "{5+}\r\n",
    "{99999999999}",
    "~{3}",
    "(",
    ")",
    "((((((((",
    "\"",
    "\\",
    "*",
    "%",
    "$",
    "&",
    "&-",
    "&AAA-",
    "1:*",
    "4294967295",
    "4294967296",
    "0",
    "-1",
    "<0.4294967295>",
    "[",
    "]",
    "UID ",
    "NOT ",
    "OR ",
    "RETURN (",
    "SAVE",
    "CHANGEDSINCE 0",
    "QRESYNC",
    "BODY[",
    "BINARY[1]",
    "\u{fc}",
    "\u{ff}",
    "=?utf-8?Q?=C3?=",
    "BDAT 5 LAST\r\n",
    ".\r\n",
    "DONE\r\n",
    "* ",
    "boundary=",
    "--b",
    "Content-Type: multipart/mixed; boundary=b\r\n",
];

const IMAP: &str = "s select inbox\r\na search return (all save) or since 1-Jan-2026 not seen\r\nb fetch $ (flags modseq \
                    body.peek[1.2.mime]<0.10> preview)\r\nc uid store 1:3,5 (unchangedsince 5) +flags.silent (\\Seen x)\r\n\
                    d sort (reverse date subject) utf-8 all\r\ne thread references utf-8 text gr\r\n\
                    f append Sent (\\Seen) \"01-Jan-2020 00:00:00 +0100\" {4+}\r\na\r\n\r\ng list (subscribed) \"\" (\"*\" \"%\") \
                    return (status (messages))\r\nh copy 1:2 Trash\r\ni uid move 3 Archive\r\nj idle\r\nDONE\r\n\
                    k enable qresync\r\nl select inbox (qresync (1 3 1:7 (1:2 1:2)))\r\nm uid fetch 1:* (uid) (changedsince 1 \
                    vanished)\r\nn create &ZeVnLIqe- (use (\\Archive))\r\no rename Trash a/b/c\r\np close\r\nq noop\r\n";
const POP3: &str = "USER tim@example.org\r\nPASS tanstaaftanstaaf\r\nSTAT\r\nLIST\r\nUIDL 2\r\nTOP 1 3\r\nRETR 7\r\nDELE 1\r\n\
                    RSET\r\nNOOP\r\nQUIT\r\n";
const SMTP: &str = "EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\nMAIL FROM:<tim@example.org> \
                    SIZE=5 BODY=8BITMIME ENVID=a+2B\r\nRCPT TO:<timothy@example.org> NOTIFY=SUCCESS ORCPT=rfc822;a\r\n\
                    DATA\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b--\r\n.\r\n\
                    MAIL FROM:<>\r\nRCPT TO:<tim+x@example.org>\r\nBDAT 3\r\nabcBDAT 2 LAST\r\nabQUIT\r\n";

/// A generator of which only the sequence counts (xorshift, Marsaglia 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).expect("a small number")).expect("a small number")
    }

    /// One to four places cut out, doubled, replaced, or filled.
    fn damaged(&mut self, text: &str) -> Vec<u8> {
        let mut octets = text.as_bytes().to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(octets.len() + 1);
            let end = (at + self.below(12)).min(octets.len());
            match self.below(4) {
                0 => drop(octets.drain(at..end)),
                1 => {
                    let piece = octets[at..end].to_vec();
                    octets.splice(at..at, piece);
                }
                2 if at < octets.len() => octets[at] = u8::try_from(self.below(256)).expect("an octet"),
                _ => drop(octets.splice(at..at, DICTIONARY[self.below(DICTIONARY.len())].bytes())),
            }
        }
        octets
    }
}

/// Takes everything, in pieces, as the shell would hand it over.
fn feed(session: &mut Session, octets: &[u8], random: &mut Random, store: &mut Store) {
    let mut rest = octets;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at((1 + random.below(200)).min(rest.len()));
        rest = after;
        let mut output = session.receive(piece, store);
        let mut answers = 0;
        while output.next == Next::GoOn {
            answers += 1;
            assert!(answers < 10_000, "an answer without end");
            output = session.receive(&[], store);
        }
        match output.next {
            Next::Read | Next::GoOn | Next::Compress | Next::Decompress => {}
            Next::StartTls | Next::Close => return,
        }
    }
}

#[test]
fn damaged_sessions_hurt_nobody() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut mailboxes = store(&[]);
    for round in 0..ROUNDS {
        // Rounds leave messages behind, and full mailboxes would make the last rounds slower than the first.
        if round % 50 == 0 {
            mailboxes = store(&[]);
        }
        let (mut session, text) = match round % 4 {
            0 | 1 => (imap(), format!("{LOGIN}{IMAP}")),
            2 => (pop3(), POP3.to_owned()),
            _ => (smtp(), SMTP.to_owned()),
        };
        let octets = random.damaged(&text);
        feed(&mut session, &octets, &mut random, &mut mailboxes);
    }
    // Whatever was done to the mailboxes, a client that comes now is served.
    let said = imap().receive(format!("{LOGIN}b select INBOX\r\nc noop\r\n").as_bytes(), &mut mailboxes);
    let said = String::from_utf8_lossy(&said.bytes).into_owned();
    assert!(said.ends_with("c OK still here\r\n"), "{said}");
}

/// Every way in which a message is looked at, on messages that are none.
#[test]
fn damaged_messages_can_be_looked_at() {
    let message = "Date: Tue, 24 Nov 2026 12:00:00 +0000 (UTC)\r\nFrom: \"A, B\" <a@b>, c (d) <e@f>\r\nTo: group: x@y, z@w;\r\n\
                   Subject: Re: [x] =?utf-8?B?w7w=?= =?iso-8859-1?Q?=FC?=\r\nMessage-ID: <1@x>\r\nReferences: <2@x> <3@x>\r\n\
                   Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/html; charset=iso-2022-jp\r\n\
                   Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>=1B$B=</p>\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
                   Subject: inner\r\n\r\ninside\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n";
    let looks = "s select Sent\r\na fetch 1:* (envelope bodystructure preview body.peek[2.header] body.peek[1.mime] binary.peek[3] \
                 body.peek[header.fields (to)])\r\nb search or text inside or body p subject x\r\n\
                 c sort (subject from to cc date displayfrom displayto) utf-8 all\r\nd thread references utf-8 all\r\n\
                 e thread orderedsubject utf-8 all\r\nf search sentsince 1-Jan-2000 header from a\r\n";
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut store = store(&[]);
    for _ in 0..ROUNDS / 4 {
        let mut session = imap();
        feed(&mut session, LOGIN.as_bytes(), &mut random, &mut store);
        let octets = random.damaged(message);
        let mut append = format!("p append Sent {{{}+}}\r\n", octets.len()).into_bytes();
        append.extend(octets);
        append.extend(b"\r\n");
        feed(&mut session, &append, &mut random, &mut store);
        let said = session.receive(looks.as_bytes(), &mut store);
        let said = String::from_utf8_lossy(&said.bytes).into_owned();
        assert!(said.contains("\r\nf OK "), "{said}");
        feed(&mut session, b"g store 1:* +flags (\\Deleted)\r\nh expunge\r\n", &mut random, &mut store);
    }
}

/// A second or two in a build without optimization.
const ROUNDS: usize = 4_000;
