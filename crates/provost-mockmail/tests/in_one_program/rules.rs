//! Rules of a mail server that a test can switch off.

use provost_account::{Protocol, Security};
use provost_mockmail::{Config, MockMail, Rules};
use tokio::net::TcpStream;

use crate::example::{AUTH, Spoken, address, config, speak};

async fn with(rules: Rules) -> MockMail {
    MockMail::start(Config { rules, ..config() }).await.unwrap()
}

/// What a server says in clear, up to its last word.
async fn in_clear(mock: &MockMail, protocol: Protocol, said: &str, end: &str) -> String {
    let listener = mock.listeners().iter().find(|it| it.protocol == protocol && it.security == Security::StartTls);
    let mut spoken = Spoken(TcpStream::connect(listener.unwrap().socket.unwrap()).await.unwrap());
    spoken.say(said, end).await
}

#[tokio::test]
async fn whoever_logs_in_gets_a_mailbox_and_keeps_its_password() {
    let mock = with(Rules { create_accounts: true, ..Rules::default() }).await;
    let mut spoken = speak(&mock, Protocol::Imap).await;
    let said = spoken.say("a login kim first\r\nb append INBOX {1+}\r\nx\r\nc logout\r\n", "c OK").await;
    assert!(said.contains("a OK") && said.contains("b OK"), "{said}");
    let accounts = mock.accounts();
    let kim = accounts.iter().find(|it| it.login.as_str() == "kim").unwrap();
    assert_eq!(kim.address.as_str(), "kim@example.org");
    let mut spoken = speak(&mock, Protocol::Imap).await;
    let said = spoken
        .say("a login kim second\r\nb login kim@example.org first\r\nc status INBOX (messages)\r\n", "c OK")
        .await;
    assert!(said.starts_with("a NO") && said.contains("b OK") && said.contains("MESSAGES 1"), "{said}");
    let mut spoken = speak(&mock, Protocol::Imap).await;
    let said = spoken.say("a login x@elsewhere.example y\r\n", "a ").await;
    assert!(said.contains("a OK"), "any domain: {said}");
    // A digest of an unknown password opens nothing.
    let mut spoken = speak(&mock, Protocol::Imap).await;
    let said = spoken.say("a authenticate cram-md5\r\nbm9ib2R5IDA=\r\n", "a ").await;
    assert!(said.contains("a NO"), "{said}");
}

#[tokio::test]
async fn without_the_rules_being_lifted_none_of_it_works() {
    let mock = with(Rules::default()).await;
    let said = in_clear(&mock, Protocol::Imap, "a login kim first\r\n", "a ").await;
    assert!(said.contains("a NO [PRIVACYREQUIRED]"), "{said}");
    let said = in_clear(&mock, Protocol::Submission, "EHLO c\r\nMAIL FROM:<any@body.example>\r\n", "530").await;
    assert!(said.contains("530 5.7.0"), "{said}");
}

#[tokio::test]
async fn strangers_send_to_anybody_who_then_comes_with_a_password() {
    let rules = Rules { cleartext: true, any_sender: true, any_recipient: true, ..Rules::default() };
    let mock = with(rules).await;
    let message = "EHLO c\r\nMAIL FROM:<any@body.example>\r\nRCPT TO:<new@place.example>\r\nDATA\r\nSubject: a\r\n\r\n\
                   b\r\n.\r\nQUIT\r\n";
    let said = in_clear(&mock, Protocol::Submission, message, "221").await;
    assert!(said.contains("250 2.0.0 message taken"), "{said}");
    let inbox = mock.messages(&"new@place.example".try_into().unwrap(), "INBOX").unwrap();
    assert_eq!(inbox[0].bytes, b"Return-Path: <any@body.example>\r\nSubject: a\r\n\r\nb\r\n");
    let user = "USER new@place.example\r\nPASS first\r\nSTAT\r\nQUIT\r\n";
    let said = in_clear(&mock, Protocol::Pop3, user, "goodbye").await;
    assert!(said.contains("+OK 1 "), "{said}");
    let said = in_clear(&mock, Protocol::Pop3, &user.replace("first", "second"), "goodbye").await;
    assert!(said.contains("-ERR [AUTH]"), "the first password counts: {said}");
}

const FROM_ANYBODY: &str = "EHLO c\r\nMAIL FROM:<any@body.example>\r\n";

#[tokio::test]
async fn anybody_may_send_inside_tls_and_only_to_who_is_known() {
    let mock = with(Rules { any_sender: true, ..Rules::default() }).await;
    let said = in_clear(&mock, Protocol::Submission, FROM_ANYBODY, "530").await;
    assert!(said.ends_with("530 5.7.0 must issue a STARTTLS command first\r\n"), "{said}");
    let mut spoken = speak(&mock, Protocol::Submission).await;
    spoken.say(FROM_ANYBODY, "250 2.1.0").await;
    let said = spoken.say("RCPT TO:<new@place.example>\r\nRCPT TO:<jane@example.org>\r\n", "250 2.1.5").await;
    assert!(said.contains("550 5.1.1") && said.contains("250 2.1.5"), "{said}");
    // Whoever is logged in may name any sender, too.
    let said = spoken.say(&format!("RSET\r\n{AUTH}MAIL FROM:<any@body.example>\r\n"), "250 2.1.0").await;
    assert!(said.contains("235 2.7.0") && said.contains("250 2.1.0"), "{said}");
}

#[tokio::test]
async fn unknown_recipients_get_a_mailbox_from_those_who_are_logged_in() {
    let mock = with(Rules { any_recipient: true, ..Rules::default() }).await;
    let mut spoken = speak(&mock, Protocol::Submission).await;
    let said = spoken.say(FROM_ANYBODY, "530 5.7.0 authentication required\r\n").await;
    assert!(said.contains("530 5.7.0 authentication required"), "{said}");
    let message = "AUTH PLAIN AGphbmVAZXhhbXBsZS5vcmcAY29ycmVjdCBob3JzZQ==\r\nMAIL FROM:<jane@example.org>\r\n\
                   RCPT TO:<new@place.example>\r\nDATA\r\nSubject: a\r\n\r\nb\r\n.\r\n";
    let said = spoken.say(message, "250 2.0.0 message").await;
    assert!(said.contains("250 2.0.0 message taken"), "{said}");
    assert_eq!(mock.messages(&address("new@place.example"), "INBOX").unwrap().len(), 1);
}
