//! TLS: versions, resumption, names, keys, and client certificates.

use std::sync::Arc;

use provost_account::{Host, Login, Protocol};
use provost_mockmail::{Config, KeyKind, MockMail, TlsOptions};
use rustls::HandshakeKind;

use crate::example::{Spoken, client, config, connect, speak, start};

fn kind(spoken: &Spoken) -> Option<HandshakeKind> {
    spoken.0.get_ref().1.handshake_kind()
}

#[tokio::test]
async fn sessions_are_resumed_unless_that_is_off() {
    for resumption in [true, false] {
        let tls = TlsOptions { resumption, ..TlsOptions::default() };
        let mock = MockMail::start(Config { tls, ..config() }).await.unwrap();
        let client = Arc::new(client(&mock, None));
        // The ticket comes with the first answer.
        let mut first = connect(&mock, Protocol::Imap, &client, "localhost").await;
        first.say("a noop\r\n", "a OK").await;
        assert_eq!(kind(&first), Some(HandshakeKind::Full));
        let second = connect(&mock, Protocol::Imap, &client, "localhost").await;
        let expected = if resumption { HandshakeKind::Resumed } else { HandshakeKind::Full };
        assert_eq!(kind(&second), Some(expected));
    }
}

/// RFC 7301: what is spoken is agreed on, and a client that offers something else is sent away.
#[tokio::test]
async fn the_protocol_is_agreed_on() {
    let mock = start().await;
    let mut offers = client(&mock, None);
    offers.alpn_protocols = vec![b"imap".to_vec()];
    let spoken = connect(&mock, Protocol::Imap, &Arc::new(offers.clone()), "localhost").await;
    assert_eq!(spoken.0.get_ref().1.alpn_protocol(), Some(&b"imap"[..]));
    // Submission has no name, so that nothing is agreed on and nobody sent away.
    let spoken = connect(&mock, Protocol::Submission, &Arc::new(offers), "localhost").await;
    assert_eq!(spoken.0.get_ref().1.alpn_protocol(), None);
}

#[tokio::test]
async fn a_client_is_shown_the_certificate_of_the_host_that_it_asks_for() {
    let mut config = config();
    config.service.outgoing[0].host = Host::try_from("smtp.example.org").unwrap();
    let mock = MockMail::start(config).await.unwrap();
    let client = Arc::new(client(&mock, None));
    // Each of these would fail with the other's certificate.
    for host in ["localhost", "127.0.0.1", "smtp.example.org"] {
        connect(&mock, Protocol::Imap, &client, host).await;
    }
}

/// RFC 5280 appendix A: the object identifiers of the two kinds of key, as they stand in a certificate.
#[tokio::test]
async fn the_kind_of_key_is_the_one_that_was_asked_for() {
    let rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let p256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    for (key, expected) in [(KeyKind::Rsa2048, &rsa[..]), (KeyKind::P256, &p256[..])] {
        let tls = TlsOptions { key, ..TlsOptions::default() };
        let mock = MockMail::start(Config { tls, ..config() }).await.unwrap();
        let spoken = speak(&mock, Protocol::Imap).await;
        let certificate = &spoken.0.get_ref().1.peer_certificates().unwrap()[0];
        assert!(certificate.windows(expected.len()).any(|it| it == expected), "{key:?}");
    }
}

/// RFC 4422 appendix A, with the identities of RFC 4422 §3.4.1.
#[tokio::test]
async fn a_certificate_opens_the_mailbox_of_the_one_whom_it_names() {
    let tls = TlsOptions { client_certificates: true, ..TlsOptions::default() };
    let mock = MockMail::start(Config { tls, ..config() }).await.unwrap();
    let jane = mock.client_certificate(&Login::try_from("jane@example.org").unwrap()).unwrap();
    let client_of_jane = Arc::new(client(&mock, Some(&jane)));
    let mut spoken = connect(&mock, Protocol::Imap, &client_of_jane, "localhost").await;
    let said = spoken.say("a capability\r\n", "a OK").await;
    assert!(said.contains(" AUTH=EXTERNAL"), "{said}");
    // For john, for whoever it is, and for jane by name.
    let said = spoken.say("b authenticate external am9obkBleGFtcGxlLm9yZw==\r\n", "\r\n").await;
    assert!(said.starts_with("b NO [AUTHENTICATIONFAILED]"), "{said}");
    let said = spoken.say("c authenticate external =\r\n", "\r\n").await;
    assert!(said.starts_with("c OK"), "{said}");
    let mut spoken = connect(&mock, Protocol::Submission, &client_of_jane, "localhost").await;
    let said = spoken.say("EHLO c\r\nAUTH EXTERNAL amFuZUBleGFtcGxlLm9yZw==\r\n", "235 ").await;
    assert!(said.contains("235 2.7.0"), "{said}");
    let mut spoken = connect(&mock, Protocol::Pop3, &client_of_jane, "localhost").await;
    let said = spoken.say("AUTH EXTERNAL =\r\n", "\r\n").await;
    assert!(said.starts_with("+OK"), "{said}");
    // Without one, nobody is named: no EXTERNAL, and the password opens as ever.
    let mut spoken = speak(&mock, Protocol::Imap).await;
    let said = spoken.say("a capability\r\n", "a OK").await;
    assert!(!said.contains("EXTERNAL"), "{said}");
    let said = spoken.say("b login jane@example.org \"correct horse\"\r\n", "b ").await;
    assert!(said.contains("b OK"), "{said}");
}
