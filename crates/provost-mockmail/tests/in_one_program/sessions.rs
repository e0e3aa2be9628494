//! The connected clients, and sessions that the server ends.

use std::time::Duration;

use provost_account::Protocol;
use provost_mockmail::{Config, Farewell, HandleError, MockMail, NewMessage, Preloaded};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::example::{AUTH, LOGIN, Spoken, address, config, logged_in, mailbox, speak, start};

const USER: &str = "USER jane@example.org\r\nPASS correct horse\r\n";

/// A session of each protocol, logged in: IMAP waits in IDLE.
async fn everybody(mock: &MockMail) -> [Spoken; 3] {
    let mut imap = logged_in(mock, "jane").await;
    imap.say("b select Sent\r\nc idle\r\n", "+ ").await;
    let mut pop3 = speak(mock, Protocol::Pop3).await;
    pop3.say(USER, "+OK logged in\r\n").await;
    let mut smtp = speak(mock, Protocol::Submission).await;
    smtp.say(AUTH, "235 ").await;
    [imap, pop3, smtp]
}

/// Everything up to a proper end: rustls gives an error where TLS ends without `close_notify`.
async fn heard_to_the_end(spoken: &mut Spoken) -> String {
    let mut heard = String::new();
    let read = tokio::time::timeout(Duration::from_secs(20), spoken.0.read_to_string(&mut heard)).await;
    read.expect("the connection ends").expect("TLS is closed as it should be");
    heard.lines().last().unwrap_or("").to_owned()
}

async fn last_words(mut everybody: [Spoken; 3]) -> [String; 3] {
    let [imap, pop3, smtp] = &mut everybody;
    [heard_to_the_end(imap).await, heard_to_the_end(pop3).await, heard_to_the_end(smtp).await]
}

#[tokio::test]
async fn every_session_is_shown_as_it_stands() {
    let mock = start().await;
    let [mut imap, pop3, smtp] = everybody(&mock).await;
    let shown = mock.sessions();
    let seen: Vec<_> = shown.iter().map(|it| (it.number, it.protocol, it.commands, it.folder.as_deref())).collect();
    let expected =
        [(1, Protocol::Imap, 3, Some("Sent")), (2, Protocol::Pop3, 2, None), (3, Protocol::Submission, 2, None)];
    assert_eq!(seen, expected);
    for (session, spoken) in shown.iter().zip([&imap, &pop3, &smtp]) {
        assert_eq!((session.host.as_str(), session.is_tls), ("localhost", true));
        assert_eq!(session.account, Some(address("jane@example.org")));
        assert_eq!(session.peer, spoken.0.get_ref().0.local_addr().unwrap());
    }
    imap.say("done\r\nd unselect\r\ne unauthenticate\r\n", "e ").await;
    assert_eq!(
        (mock.sessions()[0].account.clone(), mock.sessions()[0].folder.clone()),
        (Some(address("jane@example.org")), None)
    );
}

#[tokio::test]
async fn a_reset_tells_everybody_and_nothing_of_theirs_is_done_behind_it() {
    let mock = start().await;
    let mut sessions = everybody(&mock).await;
    let mut late = logged_in(&mock, "jane").await;
    sessions[2].say("MAIL FROM:<jane@example.org>\r\nRCPT TO:<jane@example.org>\r\nDATA\r\n", "354 ").await;
    let first = mock.messages(&address("jane@example.org"), "INBOX").unwrap().len();
    mock.reset();
    assert_eq!(mock.sessions(), []);
    let said = late.say("b append INBOX {1+}\r\nx\r\n", "\r\n").await;
    assert_eq!(said, "* BYE the server was set back to its start\r\n");
    let words = [
        "* BYE the server was set back to its start",
        "-ERR [SYS/TEMP] the server was set back to its start",
        "421 4.3.2 the server was set back to its start",
    ];
    assert_eq!(last_words(sessions).await, words);
    assert_eq!(mock.messages(&address("jane@example.org"), "INBOX").unwrap().len(), first);
}

#[tokio::test]
async fn who_is_in_an_account_that_is_removed_is_told_and_nobody_else() {
    let mock = start().await;
    mock.add_account(mailbox("john@example.org")).unwrap();
    let mut john = logged_in(&mock, "john").await;
    // In a folder of the one who goes.
    let mut guest = logged_in(&mock, "john").await;
    let sessions = everybody(&mock).await;
    let mut owner = logged_in(&mock, "jane").await;
    owner.say("b setacl Sent john@example.org lr\r\n", "b ").await;
    let said = guest.say("b select \"Other Users/jane@example.org/Sent\"\r\nc idle\r\n", "+ ").await;
    // A message on its way to the one who goes.
    let mut sender = speak(&mock, Protocol::Submission).await;
    let envelope = "EHLO c\r\nAUTH PLAIN AGpvaG5AZXhhbXBsZS5vcmcAY29ycmVjdCBob3JzZQ==\r\nMAIL FROM:<john@example.org>\r\n\
                    RCPT TO:<jane@example.org>\r\nDATA\r\n";
    sender.say(envelope, "354 ").await;
    mock.remove_account(&address("jane@example.org")).unwrap();
    let words = [
        "* BYE the account was removed",
        "-ERR [SYS/TEMP] the account was removed",
        "421 4.3.2 the account was removed",
    ];
    assert_eq!(last_words(sessions).await, words);
    assert!(heard_to_the_end(&mut owner).await.starts_with("* BYE"));
    assert!(said.contains("b OK"), "{said}");
    assert_eq!(heard_to_the_end(&mut guest).await, "* BYE Selected mailbox was deleted, have to disconnect.");
    let said = sender.say("Subject: x\r\n\r\ny\r\n.\r\n", "\r\n").await;
    assert_eq!(said, "554 5.1.1 the mailbox is gone\r\n");
    assert!(john.say("b noop\r\n", "b ").await.starts_with("b OK"));
}

#[tokio::test]
async fn sessions_are_ended_by_number_by_account_and_all_of_them() {
    let mock = start().await;
    mock.add_account(mailbox("john@example.org")).unwrap();
    let [mut imap, mut pop3, mut smtp] = everybody(&mock).await;
    let mut john = logged_in(&mock, "john").await;
    mock.end_session(1, Farewell::Said).unwrap();
    assert_eq!(mock.end_session(1, Farewell::Said), Err(HandleError::NoSession(1)));
    assert_eq!(heard_to_the_end(&mut imap).await, "* BYE the session was ended by the server");
    assert_eq!(mock.end_sessions(Some(&address("jane@example.org")), Farewell::Silent), Ok(2));
    assert_eq!(heard_to_the_end(&mut pop3).await, "");
    assert_eq!(heard_to_the_end(&mut smtp).await, "");
    let nobody = address("nobody@example.org");
    assert_eq!(mock.end_sessions(Some(&nobody), Farewell::Said), Err(HandleError::NoAccount(nobody)));
    assert_eq!(mock.end_sessions(None, Farewell::Said), Ok(1));
    assert!(heard_to_the_end(&mut john).await.starts_with("* BYE"));
}

/// Inside DEFLATE, too.
#[tokio::test]
async fn the_last_words_are_compressed_where_everything_is() {
    let mock = start().await;
    let mut imap = speak(&mock, Protocol::Imap).await;
    imap.0.write_all(format!("{LOGIN}b compress deflate\r\n").as_bytes()).await.unwrap();
    while mock.sessions()[0].commands < 2 {
        tokio::task::yield_now().await;
    }
    mock.end_sessions(None, Farewell::Said).unwrap();
    let mut heard = Vec::new();
    imap.0.read_to_end(&mut heard).await.unwrap();
    let answer = b"b OK compressed from here on\r\n";
    let at = heard.windows(answer.len()).position(|octets| octets == answer).unwrap();
    let packed = &heard[at + answer.len()..];
    let mut plain = String::new();
    // The stream has no end of its own: the connection's is the end.
    std::io::Read::read_to_string(&mut flate2::read::DeflateDecoder::new(packed), &mut plain).ok();
    assert_eq!(plain, "* BYE the session was ended by the server\r\n");
}

#[tokio::test]
async fn the_end_of_the_server_is_told_on_every_connection() {
    let mock = start().await;
    let sessions = everybody(&mock).await;
    let stopped = tokio::spawn(mock.stop());
    let words = [
        "* BYE the server is shutting down",
        "-ERR [SYS/TEMP] the server is shutting down",
        "421 4.3.2 the server is shutting down",
    ];
    assert_eq!(last_words(sessions).await, words);
    stopped.await.unwrap();
}

/// Who takes nothing is cut off: the clock is tokio's, which goes on by itself while everybody waits.
#[tokio::test(start_paused = true)]
async fn nobody_keeps_the_server_from_its_end() {
    let mock = MockMail::start(Config { faults: vec![provost_mockmail::Fault::SilentServer.into()], ..config() })
        .await
        .unwrap();
    let socket = crate::example::socket(&mock, Protocol::Imap);
    let mut silent = tokio::net::TcpStream::connect(socket).await.unwrap();
    while mock.sessions().is_empty() {
        tokio::task::yield_now().await;
    }
    let started = tokio::time::Instant::now();
    mock.stop().await;
    assert!(started.elapsed() <= Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(matches!(silent.read(&mut [0; 1]).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn what_is_there_from_the_start_is_there_again_after_a_reset() {
    let jane = address("jane@example.org");
    let message = NewMessage { flags: vec!["\\Seen".to_owned()], ..NewMessage::from_file(b"Subject: one\n\nx\n") };
    let preloaded =
        |folder: &str| Preloaded { address: jane.clone(), folder: folder.to_owned(), message: message.clone() };
    let mock = MockMail::start(Config { preload: vec![preloaded("INBOX"), preloaded("Lists/Rust")], ..config() });
    let mock = mock.await.unwrap();
    let start = (mock.messages(&jane, "INBOX").unwrap(), mock.messages(&jane, "Lists/Rust").unwrap());
    assert_eq!((start.0.len(), start.1.len()), (8, 1));
    for folder in mock.folders(&jane).unwrap() {
        mock.clear(&jane, &folder).unwrap();
    }
    mock.reset();
    assert_eq!((mock.messages(&jane, "INBOX").unwrap(), mock.messages(&jane, "Lists/Rust").unwrap()), start);
    let nobody = Preloaded { address: address("nobody@example.org"), ..preloaded("INBOX") };
    let failed = MockMail::start(Config { preload: vec![nobody], ..config() }).await.unwrap_err();
    assert_eq!(failed.to_string(), "cannot put a message into \"INBOX\" of nobody@example.org");
}
