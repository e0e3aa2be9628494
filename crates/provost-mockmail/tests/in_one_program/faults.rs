//! Faults in the course of a connection, not in what is said on it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use provost_account::Protocol;
use provost_mockmail::{Config, Fault, MockMail, NewMessage, Rules, Speaker};
use rustls::CertificateError;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::example::{LOGIN, Spoken, address, client, config, logged_in, socket, speak};

async fn with(faults: &[&str]) -> MockMail {
    let faults = faults.iter().map(|text| text.parse().unwrap()).collect();
    MockMail::start(Config { faults, ..config() }).await.unwrap()
}

/// Observed: an authority with the known one's name is no unknown one; NSS and webpki say that the signature is wrong.
#[tokio::test]
async fn who_cannot_know_the_authority_is_told_nothing_else() {
    for fault in ["unknown-ca", "self-signed-certificate", "missing-intermediate"] {
        let mock = with(&[fault]).await;
        let tcp = TcpStream::connect(socket(&mock, Protocol::Imap)).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let error = TlsConnector::from(Arc::new(client(&mock, None))).connect(name, tcp).await.unwrap_err();
        let error = error.get_ref().unwrap().downcast_ref::<rustls::Error>();
        let expected = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(error, Some(&expected), "{fault}");
    }
}

#[tokio::test]
async fn answers_come_octet_by_octet_and_late() {
    let faults = vec![Fault::OneByteAtATime.into(), Fault::Slow.into()];
    let mock = MockMail::start(Config { faults, ..config() }).await.unwrap();
    let imap = mock.listeners().iter().find(|it| it.port.get() == 143).unwrap();
    let started = Instant::now();
    let mut tcp = tokio::net::TcpStream::connect(imap.socket.unwrap()).await.unwrap();
    // The greeting is longer than this, and a server that writes it at once fills it with the first read.
    let mut octets = [0; 200];
    let read = tcp.read(&mut octets).await.unwrap();
    assert!(read < octets.len(), "{read} octets at once");
    assert!(started.elapsed() >= Duration::from_millis(50), "{:?}", started.elapsed());
}

/// How long is waited is the least that a fault may take, never the most.
#[tokio::test]
async fn the_first_words_and_all_others_come_as_slowly_as_is_asked() {
    let mock = with(&["banner-delayed:amount=300", "bandwidth:amount=2000"]).await;
    let started = Instant::now();
    let mut spoken = speak(&mock, Protocol::Imap).await;
    assert!(started.elapsed() >= Duration::from_millis(300), "{:?}", started.elapsed());
    let started = Instant::now();
    let said = spoken.say("a capability\r\n", "a OK that is all\r\n").await;
    // 100 octets every 50 ms, and no wait is heard of behind the last.
    let least = Duration::from_millis(50) * u32::try_from(said.len() / 100 - 1).unwrap();
    assert!(said.len() > 300 && started.elapsed() >= least, "{} octets in {:?}", said.len(), started.elapsed());
}

#[tokio::test]
async fn a_connection_too_many_is_told_so_and_ends() {
    let mock = with(&["connection-limit:amount=1"]).await;
    let mut first = speak(&mock, Protocol::Submission).await;
    let mut second = speak(&mock, Protocol::Submission).await;
    assert_eq!(second.say("NOOP\r\n", "250").await, "", "it is closed");
    assert!(first.say("NOOP\r\n", "250").await.starts_with("250"));
    // The other listeners count for themselves.
    speak(&mock, Protocol::Imap).await;
}

#[tokio::test]
async fn a_connection_ends_in_the_middle_of_a_line_where_it_is_to() {
    let mock = with(&["connection-cut:amount=20"]).await;
    let mut spoken = speak(&mock, Protocol::Pop3).await;
    assert_eq!(spoken.until("ready").await, "", "the greeting is longer");
    assert!(mock.transcript(0).iter().any(|line| line.text.contains("cut off by a fault")));
}

/// fetchmail asks for `RFC822.HEADER` and `BODY[TEXT]`, and never for a message as a whole.
#[tokio::test]
async fn a_connection_ends_in_the_middle_of_a_message_that_is_fetched_in_pieces() {
    let mock = with(&["connection-dropped"]).await;
    for (item, ends) in [("RFC822.HEADER", false), ("BODY.PEEK[TEXT]", true), ("BODY[1]", true), ("RFC822", true)] {
        let mut spoken = logged_in(&mock, "jane").await;
        spoken.say("b select inbox\r\n", "b OK").await;
        let said = spoken.say(&format!("c fetch 1 {item}\r\n"), "c OK").await;
        assert_eq!(!said.contains("c OK"), ends, "{item}: {said}");
    }
}

/// A message that comes now is dated with what the server takes for now.
#[tokio::test]
async fn a_clock_that_is_wrong_dates_mail_wrongly() {
    let mock = with(&["clock-skew:amount=7200"]).await;
    let mut spoken = logged_in(&mock, "jane").await;
    spoken.say("b append Sent {1+}\r\nx\r\n", "b OK").await;
    let message = mock.messages(&address("jane@example.org"), "Sent").unwrap().pop().unwrap();
    let behind = config().now.duration_since(message.internal_date).unwrap();
    assert!(behind > Duration::from_secs(7000) && behind <= Duration::from_secs(7200), "{behind:?}");
    mock.clear_fault(Fault::ClockSkew);
    spoken.say("c append Sent {1+}\r\nx\r\n", "c OK").await;
    let message = mock.messages(&address("jane@example.org"), "Sent").unwrap().pop().unwrap();
    assert!(message.internal_date >= config().now);
}

/// Delta Chat since 2.30 sends no SNI with STARTTLS, and a server of several domains then shows the certificate of another.
#[tokio::test]
async fn who_names_no_server_gets_the_certificate_of_another() {
    let ports = [(993, ""), (465, ""), (143, "a starttls\r\n"), (587, "EHLO c\r\nSTARTTLS\r\n"), (110, "STLS\r\n")];
    for (fault, port, begin) in ports.into_iter().flat_map(|(port, begin)| [(false, port, begin), (true, port, begin)])
    {
        let mock = with(if fault { &["certificate-by-sni"] } else { &[] }).await;
        let listener = mock.listeners().iter().find(|it| it.port.get() == port).unwrap();
        for names_server in [false, true] {
            let mut tcp = TcpStream::connect(listener.socket.unwrap()).await.unwrap();
            if !begin.is_empty() {
                let mut spoken = Spoken(&mut tcp);
                spoken.until("\r\n").await;
                spoken.say(begin, "begin TLS\r\n").await;
            }
            let mut config = client(&mock, None);
            config.enable_sni = names_server;
            let host = ServerName::try_from(listener.host.to_string()).unwrap();
            let tls = TlsConnector::from(Arc::new(config)).connect(host, tcp).await;
            assert_eq!(tls.is_ok(), names_server || !fault, "port {port}, SNI {names_server}, fault {fault}");
            if let Err(error) = tls {
                let error = error.get_ref().unwrap().downcast_ref::<rustls::Error>();
                let wrong_name = matches!(
                    error,
                    Some(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. }))
                );
                assert!(wrong_name, "{error:?}");
            }
        }
    }
}

/// What a fault leaves of the answers is what the transcript has, and the fault's name is there too.
#[tokio::test]
async fn a_transcript_shows_what_was_sent_and_names_the_fault() {
    let fetch = format!("{LOGIN}b select INBOX\r\nc fetch 1 body[]\r\nd noop\r\n");
    for (fault, said) in [
        ("connection-cut:amount=40", ""),
        ("connection-cut:amount=900,after=1", LOGIN),
        ("one-byte-at-a-time", LOGIN),
        ("bandwidth:amount=20000", LOGIN),
        ("huge-literal", fetch.as_str()),
        ("connection-dropped", fetch.as_str()),
        ("session-ended:account=jane@example.org", fetch.as_str()),
        ("provider:outlook-basic-auth-off:account=jane@example.org", LOGIN),
        ("password-refused", LOGIN),
    ] {
        let mock = in_clear(fault).await;
        let mut tcp = TcpStream::connect(starttls_socket(&mock)).await.unwrap();
        if said.is_empty() {
            let mut greeting = Vec::new();
            tcp.read_to_end(&mut greeting).await.unwrap();
            assert_eq!(greeting.len(), 40, "{fault}");
            assert_eq!(sent(&mock), [String::from_utf8(greeting).unwrap()], "{fault}");
        } else {
            tcp.write_all(said.as_bytes()).await.unwrap();
            tcp.shutdown().await.unwrap();
            let mut heard = Vec::new();
            tcp.read_to_end(&mut heard).await.unwrap();
            let heard = String::from_utf8(heard).unwrap();
            let lines: Vec<String> = heard.split_terminator("\r\n").map(cut_as_transcripts_do).collect();
            assert_eq!(sent(&mock), lines, "{fault}");
        }
        let events = events(&mock);
        let name =
            fault.rsplit_once(':').map_or(fault, |(name, option)| if option.contains('=') { name } else { fault });
        let named = events.iter().filter(|text| **text == format!("fault: {name}")).count();
        assert_eq!(named, 1, "{fault}: {events:?}");
        assert!(!mock.transcript(0).iter().any(|line| line.text.contains("correct horse")), "{fault}");
    }
}

#[tokio::test]
async fn a_transcript_shows_what_a_client_that_went_away_was_sent() {
    let mock = in_clear("alert:account=nobody@example.org").await;
    let lines = 1_000_000;
    let bytes = [b"Subject: long\r\n\r\n".to_vec(), b"0123456789abcdef\r\n".repeat(lines)].concat();
    let message = NewMessage { bytes, flags: Vec::new(), internal_date: None };
    mock.put(&address("jane@example.org"), "long", message).unwrap();
    let mut spoken = Spoken(TcpStream::connect(starttls_socket(&mock)).await.unwrap());
    spoken.say(&format!("{LOGIN}b select long\r\nc fetch 1 body[]\r\n"), "Subject: long").await;
    drop(spoken);
    let ended = async {
        while !events(&mock).iter().any(|text| text.starts_with("ended: ")) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("the connection ends");
    let more = events(&mock).into_iter().find_map(|text| text.strip_suffix(" more lines of the server")?.parse().ok());
    assert!(more.is_some_and(|more: usize| more < lines), "{more:?} lines were sent to nobody");
    assert!(!sent(&mock).iter().any(|line| line.starts_with("c OK")), "it was never sent");
}

#[tokio::test]
async fn a_transcript_shows_compressed_answers_as_the_client_reads_them() {
    let mock = in_clear("alert").await;
    let mut spoken = Spoken(TcpStream::connect(starttls_socket(&mock)).await.unwrap());
    spoken.say(&format!("{LOGIN}b compress deflate\r\n"), "b OK").await;
    let mut packs = flate2::Compress::new(flate2::Compression::fast(), false);
    let mut packed = Vec::with_capacity(1000);
    packs.compress_vec(b"c noop\r\nd logout\r\n", &mut packed, flate2::FlushCompress::Sync).unwrap();
    spoken.0.write_all(&packed).await.unwrap();
    spoken.0.read_to_end(&mut Vec::new()).await.unwrap();
    let sent = sent(&mock);
    let end: Vec<&str> = sent.iter().rev().take(4).rev().map(String::as_str).collect();
    assert_eq!(end, ["b OK compressed from here on", "c OK still here", "* BYE goodbye", "d OK logged out"]);
}

/// A server with a fault that takes passwords in clear, so that what goes over the wire can be seen.
async fn in_clear(fault: &str) -> MockMail {
    let rules = Rules { cleartext: true, ..Rules::default() };
    let faults = vec![fault.parse().unwrap()];
    MockMail::start(Config { rules, faults, ..config() }).await.unwrap()
}

fn starttls_socket(mock: &MockMail) -> std::net::SocketAddr {
    mock.listeners().iter().find(|it| it.port.get() == 143).unwrap().socket.unwrap()
}

fn sent(mock: &MockMail) -> Vec<String> {
    let lines = mock.transcript(0).into_iter().filter(|line| line.speaker == Speaker::Server);
    lines.map(|line| line.text).collect()
}

fn events(mock: &MockMail) -> Vec<String> {
    let lines = mock.transcript(0).into_iter().filter(|line| line.speaker == Speaker::Event);
    lines.map(|line| line.text).collect()
}

/// Transcripts keep 500 octets of a line.
fn cut_as_transcripts_do(line: &str) -> String {
    if line.len() > 500 { format!("{}…", &line[..500]) } else { line.to_owned() }
}
