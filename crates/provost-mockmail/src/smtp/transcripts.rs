//! The answers of a submission server, line by line, however the input is split.

use crate::session::Session;
use crate::session::tests::{check, smtp, store};

const LOGIN: &str = "EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n";

/// Checks what follows a login as tim@example.org.
#[track_caller]
fn submits(input: &str, expected: &[&str]) {
    check(smtp, &format!("{LOGIN}{input}"), &[&["235 2.7.0"], expected].concat());
}

/// What arrives in INBOX, the last message first.
fn delivered(input: &str) -> Vec<String> {
    let mut store = store(&[]);
    let mut session: Session = smtp();
    session.receive(format!("{LOGIN}{input}").as_bytes(), &mut store);
    let account = store.accounts.recipient("tim@example.org").expect("an account");
    let messages = store.folders(account).inbox().messages.iter().rev();
    messages.map(|message| String::from_utf8_lossy(&message.bytes).into_owned()).collect()
}

/// RFC 3030 §4.1 and §4.2.
#[test]
fn messages_come_in_chunks_of_any_octets() {
    let input = "MAIL FROM:<tim@example.org> BODY=BINARYMIME\r\nRCPT TO:<tim@example.org>\r\nDATA\r\n\
                 BDAT 37\r\nContent-Transfer-Encoding: binary\r\n\r\nDATA\r\nBDAT 7\r\n.\n\r\nX\0\rBDAT 0 LAST\r\n";
    submits(input, &["250 2.1.0", "250 2.1.5", "503 5.5.1", "250 2.0.0", "503 5.5.1", "250 2.0.0", "250 2.0.0"]);
    assert_eq!(
        delivered(input)[0],
        "Return-Path: <tim@example.org>\r\nContent-Transfer-Encoding: binary\r\n\r\n.\n\r\nX\0\r"
    );
    // What is text has lines, and they end as everybody else's do.
    let input = "MAIL FROM:<tim@example.org>\r\nRCPT TO:<tim@example.org>\r\nBDAT 13 LAST\r\nA: b\n\nc\r\nd\re\n";
    submits(input, &["250 2.1.0", "250 2.1.5", "250 2.0.0"]);
    assert_eq!(delivered(input)[0], "Return-Path: <tim@example.org>\r\nA: b\r\n\r\nc\r\nd\re\r\n");
    // Octets of a chunk that is not wanted are no commands.
    submits("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", &["503 5.5.1", "250 2.0.0 still here"]);
    submits("BDAT many\r\n", &["501 5.5.4"]);
}

/// The end of a message is CRLF "." CRLF (RFC 5321 §4.1.1.4). What follows a bare line feed is no command of the client's.
#[test]
fn nobody_smuggles_a_second_message_in() {
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n"] {
        let envelope = "MAIL FROM:<tim@example.org>\r\nRCPT TO:<tim@example.org>\r\nDATA\r\n";
        let input = format!("{envelope}Subject: one{end}{envelope}Subject: two\r\n.\r\nNOOP\r\n");
        submits(&input, &["354 ", "554 5.5.2", "250 2.0.0 still here"]);
        assert!(!delivered(&input)[0].contains("two"));
    }
}

/// A line of a message may be as long as the message; what is longer is refused when all of it is there.
#[test]
fn no_line_is_cut_off_in_the_middle_of_a_message() {
    let envelope = "MAIL FROM:<tim@example.org>\r\nRCPT TO:<tim@example.org>\r\n";
    let taken = |octets: usize, header: &str| {
        let line = "x".repeat(octets);
        let message = format!("{header}{line}\r\n\r\n..{line}\r\n..\r\n");
        let mut store = store(&[]);
        store.limits.message_octets = 1_000_000;
        let mut session: Session = smtp();
        let mut said = String::new();
        let input = format!("{LOGIN}{envelope}DATA\r\n{message}.\r\nNOOP\r\n");
        // As the shell hands it over: in pieces that end anywhere.
        for piece in input.as_bytes().chunks(8191) {
            said.push_str(&String::from_utf8_lossy(&session.receive(piece, &mut store).bytes));
        }
        let account = store.accounts.recipient("tim@example.org").expect("an account");
        let last = store.folders(account).inbox().messages.last().map(|it| it.bytes.len());
        // Each of the two dots that begin a line was doubled.
        (
            said.lines().skip_while(|line| !line.starts_with("354")).skip(1).map(|it| it[..9].to_owned()).collect(),
            last == Some("Return-Path: <tim@example.org>\r\n".len() + message.len() - 2),
        )
    };
    let answers = |codes: [&str; 2]| codes.map(str::to_owned).to_vec();
    for octets in [60_000, 65_535, 65_536, 65_537, 70_000, 400_000] {
        assert_eq!(taken(octets, "Subject: "), (answers(["250 2.0.0", "250 2.0.0"]), true), "{octets}");
    }
    assert_eq!(taken(600_000, "Subject: "), (answers(["552 5.3.4", "250 2.0.0"]), false));
}

/// Lines of the header that end in CR alone would be one line to everybody who reads the message.
#[test]
fn a_header_of_carriage_returns_is_refused() {
    let input =
        "MAIL FROM:<tim@example.org>\r\nRCPT TO:<tim@example.org>\r\nDATA\r\nSubject: a\rFrom: b\r\rc\r\n.\r\nNOOP\r\n";
    submits(input, &["354 ", "554 5.6.0", "250 2.0.0 still here"]);
}

/// RFC 6409 §6.1.
#[test]
fn only_the_one_who_is_logged_in_sends() {
    submits(
        "MAIL FROM:<other@example.org>\r\nMAIL FROM:<timothy@example.org>\r\nRSET\r\nMAIL FROM:<TIM+x@EXAMPLE.org>\r\n\
         RSET\r\nMAIL FROM:<>\r\nRSET\r\nMAIL FROM:<tim@example.org\r\nMAIL tim\r\n",
        &["550 5.7.1", "250 2.1.0", "250 2.0.0", "250 2.1.0", "250 2.0.0", "250 2.1.0", "250 2.0.0", "501 ", "501 "],
    );
}

/// RFC 6531 §3.5, RFC 3461 §4.
#[test]
fn parameters_are_taken_or_refused_as_their_rfcs_say() {
    submits(
        "MAIL FROM:<tím@example.org>\r\nMAIL FROM:<tim@example.org> SMTPUTF8 SIZE=10 BODY=8BITMIME AUTH=<> RET=HDRS ENVID=a+2Bb\r\n\
         RCPT TO:<tim+a@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;tim+2Ba@example.org\r\n\
         RCPT TO:<tim@example.org> NOTIFY=NEVER,SUCCESS\r\nRCPT TO:<tim@example.org> NOTIFY=NEVER NOTIFY=NEVER\r\n\
         RCPT TO:<tim@example.org> ORCPT=a\r\nRCPT TO:<tim@example.org> X=y\r\nRSET\r\n\
         MAIL FROM:<tim@example.org> SIZE=x\r\nMAIL FROM:<tim@example.org> BODY=9BIT\r\nMAIL FROM:<tim@example.org> RET=ALL\r\n\
         MAIL FROM:<tim@example.org> X\r\nMAIL FROM:<tim@example.org>\r\nRCPT TO:<tím@example.org>\r\n",
        &[
            "550 5.6.7",
            "250 2.1.0",
            "250 2.1.5",
            "501 5.5.4",
            "501 5.5.4",
            "501 5.5.4",
            "555 5.5.4",
            "250 2.0.0",
            "501 5.5.4",
            "501 5.5.4",
            "501 5.5.4",
            "555 5.5.4",
            "250 2.1.0",
            "553 5.6.7",
        ],
    );
}

/// RFC 3464 §2.
#[test]
fn a_sender_who_asks_is_told_of_the_delivery() {
    let messages = delivered(
        "MAIL FROM:<tim@example.org> ENVID=QQ314159\r\nRCPT TO:<timothy@example.org> NOTIFY=SUCCESS ORCPT=rfc822;t@x\r\n\
         DATA\r\nSubject: told\r\n\r\nbody\r\n.\r\n",
    );
    let [report, message, ..] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(message, "Return-Path: <tim@example.org>\r\nSubject: told\r\n\r\nbody\r\n");
    assert!(report.starts_with("Return-Path: <>\r\n"), "RFC 3464 §2: {report}");
    for line in [
        "Content-Type: multipart/report; report-type=delivery-status;",
        "Original-Envelope-Id: QQ314159\r\n\r\nOriginal-Recipient: rfc822;t@x\r\n",
        "Final-Recipient: rfc822; timothy@example.org\r\nAction: delivered\r\nStatus: 2.0.0\r\n",
        "Subject: told\r\n\r\n--",
    ] {
        assert!(report.contains(line), "no {line:?} in {report}");
    }
}

#[test]
fn commands_out_of_order_and_unknown_ones_are_told_apart() {
    submits(
        "RCPT TO:<tim@example.org>\r\nDATA\r\nEHLO\r\nHELP\r\nEXPN x\r\nVRFY x\r\nWHAT\r\nMAIL FROM:<tim@example.org>\r\n\
         MAIL FROM:<tim@example.org>\r\nDATA\r\nBDAT 0 LAST\r\nQUIT\r\n",
        &["503 ", "503 ", "501 ", "214 ", "502 ", "252 ", "500 ", "250 ", "503 ", "554 ", "503 ", "221 "],
    );
}
