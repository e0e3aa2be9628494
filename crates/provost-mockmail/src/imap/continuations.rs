//! The continuation request comes first when a client waits for it, whatever other clients have done meanwhile.

use crate::Capabilities;
use crate::session::tests::{LOGIN, imap, says, store};
use crate::session::{Next, Session};
use crate::store::Store;

/// Every command with a continuation, in the parts that a client sends one after another; the tagged answer follows the
/// last.
const COMMANDS: &[&[&str]] = &[
    &["c idle\r\n", "DONE\r\n"],
    &["c append {7}\r\n", "Archive (\\Seen) {3}\r\n", "x\r\n {3}\r\n", "y\r\n\r\n"],
    &["c append inbox ~{3}\r\n", "x\r\n\r\n"],
    &["c append inbox UTF8 (~{3}\r\n", "x\r\n)\r\n"],
    &["c append inbox CATENATE (TEXT {3}\r\n", "x\r\n URL {7}\r\n", "/;uid=1 TEXT {1}\r\n", "y)\r\n"],
    &["c replace 1 inbox {3}\r\n", "x\r\n\r\n"],
    &["c uid replace 1 {5}\r\n", "inbox CATENATE (TEXT {3}\r\n", "x\r\n)\r\n"],
    &["c search charset {5}\r\n", "utf-8 subject {1}\r\n", "x\r\n"],
    &["c uid search return (save) from {1}\r\n", "x\r\n"],
    &["c sort (date) utf-8 text {1}\r\n", "x\r\n"],
    &["c thread references utf-8 body {1}\r\n", "x\r\n"],
    &["c fetch 1 body.peek[header.fields ({4}\r\n", "Date)]\r\n"],
    &["c setmetadata {5}\r\n", "INBOX (/private/comment {1}\r\n", "x)\r\n"],
    &["c getmetadata inbox {16}\r\n", "/private/comment\r\n"],
    &["c select {5}\r\n", "INBOX\r\n"],
    &["c examine {5}\r\n", "INBOX\r\n"],
    &["c status {5}\r\n", "INBOX (messages)\r\n"],
    &["c list {0}\r\n", " {1}\r\n", "*\r\n"],
    &["c lsub {0}\r\n", " {1}\r\n", "*\r\n"],
    &["c create {3}\r\n", "New\r\n"],
    &["c rename {7}\r\n", "Archive {3}\r\n", "Old\r\n"],
    &["c delete {7}\r\n", "Archive\r\n"],
    &["c subscribe {5}\r\n", "INBOX\r\n"],
    &["c unsubscribe {5}\r\n", "INBOX\r\n"],
    &["c copy 1 {7}\r\n", "Archive\r\n"],
    &["c uid move 1 {7}\r\n", "Archive\r\n"],
    &["c getquotaroot {5}\r\n", "INBOX\r\n"],
    &["c getquota {0}\r\n", "\r\n"],
    &["c setacl INBOX {4}\r\n", "fred {1}\r\n", "r\r\n"],
    &["c deleteacl INBOX {4}\r\n", "fred\r\n"],
    &["c listrights INBOX {4}\r\n", "fred\r\n"],
    &["c getacl {5}\r\n", "INBOX\r\n"],
    &["c myrights {5}\r\n", "INBOX\r\n"],
    &["c notify set (mailboxes {7}\r\n", "Archive (MessageNew MessageExpunge))\r\n"],
    &["c urlfetch {4}\r\n", "imap\r\n"],
    &["c resetkey {5}\r\n", "INBOX\r\n"],
    &["c cancelupdate {1}\r\n", "w\r\n"],
];

/// What the client listens to.
const LISTENING: &[&str] = &[
    "",
    "w uid search return (update) all\r\n",
    "v notify set (selected (MessageNew (uid) MessageExpunge FlagChange)) \
     (personal (MessageNew MessageExpunge MailboxName SubscriptionChange MailboxMetadataChange))\r\n",
    "w sort return (update) (date) utf-8 all\r\nv notify set (selected-delayed (MessageNew MessageExpunge FlagChange))\r\n",
];

/// A server and two clients of one mailbox; the first one has sent `listening`, the second one changes the folder.
fn two(listening: &str) -> (Store, Session, Session) {
    let mut store = store(&[]);
    store.usual_capabilities = Capabilities::choose("all").expect("a choice").capabilities;
    let (mut one, mut other) = (imap(), imap());
    says(&mut one, &format!("{LOGIN}b select inbox\r\n{listening}"), &mut store);
    says(&mut other, &format!("{LOGIN}b select inbox\r\n"), &mut store);
    (store, one, other)
}

/// Adds a message, removes one, marks one, creates a folder.
fn change(other: &mut Session, store: &mut Store) {
    let said = "p append INBOX {1+}\r\nx\r\nq store 2 +flags (\\Deleted)\r\nr expunge\r\ns store 2 +flags ($New)\r\n\
                t setmetadata INBOX (/private/comment \"x\")\r\nu create INBOX/New\r\n";
    assert!(says(other, said, store).contains("r OK"));
}

#[test]
fn the_continuation_comes_before_anything_that_others_have_done() {
    for listening in LISTENING {
        for parts in COMMANDS {
            let (mut store, mut one, mut other) = two(listening);
            for (at, part) in parts.iter().enumerate() {
                change(&mut other, &mut store);
                let heard = says(&mut one, part, &mut store);
                let first = heard.lines().next().unwrap_or("");
                match at + 1 < parts.len() {
                    true => assert!(first.starts_with("+ "), "{listening:?} {part:?}: {heard}"),
                    false => {
                        let answers = heard.lines().filter(|line| line.starts_with("c ")).count();
                        assert!(answers == 1 && !heard.contains("c BAD"), "{listening:?} {part:?}: {heard}");
                    }
                }
                // In the middle of a command, the client is told nothing.
                if at + 1 < parts.len() && !parts[0].starts_with("c idle") {
                    assert_eq!(one.listens_to(), None, "{listening:?} {part:?}");
                }
            }
        }
    }
}

/// RFC 3501 §6.2.1 and §6.2.2, RFC 4978 §3, RFC 8437 §3: what follows the tagged answer belongs to another channel.
#[test]
fn nothing_follows_the_answer_that_changes_the_channel() {
    for listening in LISTENING {
        for (command, next) in [("c compress deflate\r\n", Next::Compress), ("c logout\r\n", Next::Close)] {
            let (mut store, mut one, mut other) = two(listening);
            change(&mut other, &mut store);
            let output = one.receive(command.as_bytes(), &mut store);
            assert_eq!(output.next, next);
            let heard = String::from_utf8(output.bytes).expect("UTF-8");
            assert!(heard.lines().last().is_some_and(|line| line.starts_with("c OK")), "{command}: {heard}");
        }
        let (mut store, mut one, mut other) = two(listening);
        says(&mut one, "c compress deflate\r\n", &mut store);
        change(&mut other, &mut store);
        let output = one.receive(b"d unauthenticate\r\n", &mut store);
        assert_eq!((output.next, &output.bytes[..4]), (Next::Decompress, &b"d OK"[..]));
        change(&mut other, &mut store);
        let said = format!("e authenticate plain\r\nAHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n{LOGIN}");
        let heard = says(&mut one, &said, &mut store);
        assert!(heard.starts_with("+ \r\ne OK"), "{heard}");
    }
}
