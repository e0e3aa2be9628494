//! Limits on messages, connections and patience.

use provost_account::{Protocol, Security};
use provost_mockmail::{Config, Limits, MockMail};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::example::{AUTH, LOGIN, config, socket, speak, start};

async fn with(limits: Limits) -> MockMail {
    MockMail::start(Config { limits, ..config() }).await.unwrap()
}

#[tokio::test]
async fn a_message_too_long_is_refused_wherever_it_comes_in() {
    let mock = with(Limits { message_octets: 1000, ..Limits::default() }).await;
    let mut spoken = speak(&mock, Protocol::Imap).await;
    let said = spoken.say(&format!("{LOGIN}b append Sent {{1001}}\r\n"), "b ").await;
    assert!(said.contains("APPENDLIMIT=1000") && said.contains("b NO [TOOBIG]"), "{said}");
    let half = format!("text {{600+}}\r\n{}", "x".repeat(600));
    let said = spoken.say(&format!("c append Sent catenate ({half} {half})\r\n"), "c ").await;
    assert!(said.contains("c NO [TOOBIG]"), "put together: {said}");
    // Each is short enough, and all of them are held until the command is whole.
    let many = format!("d append Sent {}\r\n", format!("{{1000+}}\r\n{} ", "x".repeat(1000)).repeat(5));
    assert_eq!(spoken.say(&many, "d OK").await, "* BYE [TOOBIG] a line or a literal longer than any here\r\n");

    let mut spoken = speak(&mock, Protocol::Submission).await;
    let envelope = "MAIL FROM:<jane@example.org> SIZE=1001\r\nMAIL FROM:<jane@example.org>\r\n\
                    RCPT TO:<jane@example.org>\r\nDATA\r\n";
    let said = spoken.say(&format!("{AUTH}{envelope}"), "354 ").await;
    assert!(said.contains("SIZE 1000") && said.contains("552 5.3.4"), "{said}");
    let said = spoken.say(&format!("{}\r\n.\r\n", "x".repeat(1001)), "\r\n").await;
    assert!(said.starts_with("552 5.3.4"), "{said}");
}

#[tokio::test]
async fn a_mailbox_is_full_where_its_limit_is() {
    let first = start().await;
    let inbox = first.messages(&"jane@example.org".try_into().unwrap(), "INBOX").unwrap();
    let octets: usize = inbox.iter().map(|message| message.bytes.len()).sum();
    for limits in [
        Limits { mailbox_octets: octets + 10, ..Limits::default() },
        Limits { mailbox_messages: inbox.len() + 1, ..Limits::default() },
    ] {
        let mock = with(limits).await;
        let mut spoken = speak(&mock, Protocol::Imap).await;
        let fills = format!("{LOGIN}b append Sent {{10+}}\r\n0123456789\r\nc append Sent {{1+}}\r\nx\r\n");
        let said = spoken.say(&fills, "c ").await;
        assert!(said.contains("b OK") && said.contains("c NO [OVERQUOTA]"), "{limits:?}: {said}");
        let said = spoken.say("d select Sent\r\ne copy 1 Trash\r\nf move 1 Trash\r\n", "f ").await;
        assert!(said.contains("e NO [OVERQUOTA]") && said.contains("f OK"), "{limits:?}: {said}");
    }
    let mock = with(Limits { mailbox_messages: inbox.len(), ..Limits::default() }).await;
    let mut spoken = speak(&mock, Protocol::Submission).await;
    let envelope = format!("{AUTH}MAIL FROM:<jane@example.org>\r\nRCPT TO:<jane@example.org>\r\n");
    let said = spoken.say(&envelope, "552 5.2.2").await;
    assert!(said.ends_with("552 5.2.2 mailbox full\r\n"), "{said}");
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_those_before_stay() {
    let mock = with(Limits { connections: 1, ..Limits::default() }).await;
    let mut spoken = speak(&mock, Protocol::Imap).await;
    let mut second = TcpStream::connect(socket(&mock, Protocol::Imap)).await.unwrap();
    assert!(matches!(second.read(&mut [0; 1]).await, Ok(0) | Err(_)));
    assert!(spoken.say("a noop\r\n", "\r\n").await.starts_with("a OK"));
}

/// Whoever has not logged in has nothing to say that is long.
#[tokio::test]
async fn nobody_sends_much_before_the_login() {
    let mock = start().await;
    let mut spoken = speak(&mock, Protocol::Imap).await;
    let said = spoken.say("a login {16385}\r\n", "\r\n").await;
    assert!(said.starts_with("a NO [TOOBIG]"), "{said}");
    let said = spoken.say("a login {16385+}\r\n", "\r\n").await;
    assert!(said.starts_with("* BYE"), "{said}");
}

/// The clock is tokio's, which goes on by itself while everybody waits: a client that says nothing, in clear and where a
/// handshake is expected, is sent away.
#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_without_end() {
    let mock = start().await;
    for listener in mock.listeners() {
        let started = tokio::time::Instant::now();
        let mut tcp = TcpStream::connect(listener.socket.unwrap()).await.unwrap();
        let mut heard = Vec::new();
        tcp.read_to_end(&mut heard).await.ok();
        let limit = if listener.security == Security::ImplicitTls { 60 } else { 300 };
        let waited = started.elapsed().as_secs();
        assert!((limit - 1..limit + 30).contains(&waited), "{:?}: {waited} s", listener.protocol);
    }
}
