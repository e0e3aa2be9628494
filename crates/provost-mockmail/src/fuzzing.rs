//! One function for each parser that takes any bytes: nothing panics, nothing grows without end, and a server that met
//! them still answers the next client. `fuzz/` calls them with libFuzzer's input, `hostile_input.rs` with fixed damage.

use crate::Capabilities;
use crate::example::{LOGIN, imap as imap_session, pop3 as pop3_session, smtp as smtp_session, store};
use crate::session::{Next, Session};
use crate::store::Store;

/// Commands of a client that is logged in.
pub fn imap(input: &[u8]) {
    let mut store = everything();
    let mut session = imap_session();
    feed(&mut session, LOGIN.as_bytes(), &mut store);
    feed(&mut session, input, &mut store);
    still_serves(&mut store);
}

/// Commands of a client that is not logged in.
pub fn pop3(input: &[u8]) {
    let mut store = everything();
    feed(&mut pop3_session(), input, &mut store);
    still_serves(&mut store);
}

/// Commands and messages of a client that is not logged in.
pub fn smtp(input: &[u8]) {
    let mut store = everything();
    feed(&mut smtp_session(), input, &mut store);
    still_serves(&mut store);
}

/// A message, looked at in every way in which a client can ask for it.
pub fn message(input: &[u8]) {
    if input.is_empty() {
        return;
    }
    let mut store = everything();
    let mut session = imap_session();
    feed(&mut session, LOGIN.as_bytes(), &mut store);
    let mut append = format!("p append Sent {{{}+}}\r\n", input.len()).into_bytes();
    append.extend_from_slice(input);
    append.extend_from_slice(b"\r\n");
    feed(&mut session, b"e enable utf8=accept\r\n", &mut store);
    feed(&mut session, &append, &mut store);
    let said = feed(&mut session, LOOKS.as_bytes(), &mut store);
    assert!(String::from_utf8_lossy(&said).contains("\r\nf OK "), "{}", String::from_utf8_lossy(&said));
    // A client that knows no UTF-8 sees the same in other words.
    let mut session = imap_session();
    feed(&mut session, LOGIN.as_bytes(), &mut store);
    feed(&mut session, LOOKS.as_bytes(), &mut store);
}

/// An IMAP URL, where CATENATE and URLFETCH take one.
pub fn url(input: &[u8]) {
    let mut store = everything();
    let mut session = imap_session();
    feed(&mut session, LOGIN.as_bytes(), &mut store);
    let length = input.len();
    for command in ["a append Sent catenate (url {LENGTH+}", "b urlfetch {LENGTH+}", "c genurlauth {LENGTH+}"] {
        let mut whole = command.replace("LENGTH", &length.to_string()).into_bytes();
        whole.extend_from_slice(b"\r\n");
        whole.extend_from_slice(input);
        whole.extend_from_slice(if command.starts_with('a') { b")" } else { b" internal" });
        whole.extend_from_slice(b"\r\n");
        feed(&mut session, &whole, &mut store);
    }
    still_serves(&mut store);
}

fn everything() -> Store {
    let mut store = store(&[]);
    store.usual_capabilities = Capabilities::choose("all").expect("a choice of capabilities").capabilities;
    store
}

/// Hands everything over in pieces, as the shell would, and gives back what was answered.
fn feed(session: &mut Session, octets: &[u8], store: &mut Store) -> Vec<u8> {
    let mut said = Vec::new();
    for piece in octets.chunks(PIECE_OCTETS) {
        let mut output = session.receive(piece, store);
        let mut answers = 0;
        loop {
            said.extend_from_slice(&output.bytes);
            answers += 1;
            assert!(answers < 10_000, "an answer without end");
            match output.next {
                Next::Read => break,
                Next::GoOn | Next::Compress | Next::Decompress => output = session.receive(&[], store),
                Next::StartTls | Next::Close => return said,
            }
        }
    }
    said
}

/// Whatever was done to the mailboxes, a client that comes now is served.
fn still_serves(store: &mut Store) {
    let said = feed(&mut imap_session(), format!("{LOGIN}b select INBOX\r\nc noop\r\n").as_bytes(), store);
    assert!(said.ends_with(b"c OK still here\r\n"), "{}", String::from_utf8_lossy(&said));
}

const LOOKS: &str = "s select Sent\r\na fetch 1:* (envelope bodystructure preview body.peek[2.header] body.peek[1.mime] \
                     binary.peek[3] body.peek[header.fields (to)])\r\nb search or text inside or body p subject x\r\n\
                     c sort (subject from to cc date displayfrom displayto) utf-8 all\r\nd thread references utf-8 all\r\n\
                     e thread orderedsubject utf-8 all\r\nf search sentsince 1-Jan-2000 header from a\r\n";
/// Not a divisor of anything, so that commands are split at every place.
const PIECE_OCTETS: usize = 97;
