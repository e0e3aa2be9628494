//! The mail libraries of Rust programs, each used as its users do.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt as _;
use imap::extensions::idle::SetReadTimeout;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport as _};
use provost_account::Protocol;
use provost_mockmail::{MockMail, NewMessage};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use crate::example::{address, client, config, socket, speak, start};

const LOGIN: (&str, &str) = ("jane@example.org", "correct horse");

/// lettre sends, the `imap` crate waits for the message with IDLE, reads, flags and moves it.
#[test]
fn lettre_sends_what_the_imap_crate_reads() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mock = runtime.block_on(MockMail::start(config())).unwrap();
    let mut reader = reader_of(&mock);
    let before = reader.select("INBOX").unwrap().exists;

    let trust = Certificate::from_pem(mock.ca_pem().as_bytes()).unwrap();
    let tls = TlsParameters::builder("localhost".to_owned()).add_root_certificate(trust).build_rustls().unwrap();
    let sender = SmtpTransport::builder_dangerous("localhost")
        .port(socket(&mock, Protocol::Submission).port())
        .tls(Tls::Wrapper(tls))
        .credentials(Credentials::new(LOGIN.0.to_owned(), LOGIN.1.to_owned()))
        .build();
    let message = Message::builder()
        .from("Jane <jane@example.org>".parse().unwrap())
        .to("jane@example.org".parse().unwrap())
        .subject("Grüße")
        .header(ContentType::TEXT_PLAIN)
        // lettre ends a message with a CRLF of its own.
        .body(".a line with a dot".to_owned())
        .unwrap();
    assert!(sender.test_connection().unwrap());
    sender.send(&message).unwrap();

    reader.noop().unwrap();
    let uids = reader.uid_search("SUBJECT \"Gr\" UNSEEN").unwrap();
    let uid = *uids.iter().max().unwrap();
    let fetched = reader.uid_fetch(uid.to_string(), "(UID FLAGS ENVELOPE BODYSTRUCTURE BODY[])").unwrap();
    let fetched = fetched.iter().find(|it| it.uid == Some(uid)).unwrap();
    assert_eq!(fetched.message, before + 1);
    let body = String::from_utf8_lossy(fetched.body().unwrap());
    assert!(body.ends_with("\r\n\r\n.a line with a dot\r\n"), "{body:?}");
    let subject = fetched.envelope().unwrap().subject.clone().unwrap();
    assert_eq!(subject.as_ref(), b"=?utf-8?b?R3LDvMOfZQ==?=");
    assert!(fetched.bodystructure().is_some());
    reader.uid_store(uid.to_string(), "+FLAGS (\\Flagged)").unwrap();
    reader.uid_mv(uid.to_string(), "Archive").unwrap();
    assert_eq!(reader.select("Archive").unwrap().exists, 1);
    let names = reader.list(Some(""), Some("*")).unwrap();
    assert!(names.iter().any(|name| name.name() == "Archive"));
    reader.append("Drafts", b"Subject: draft\r\n\r\n").finish().unwrap();
    reader.create("New").unwrap();
    reader.delete("New").unwrap();
    reader.logout().unwrap();
}

/// The crate takes the first line that it hears for IDLE's continuation, and waits for ever if it is another one.
#[test]
fn the_imap_crate_idles_when_a_message_came_before() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mock = runtime.block_on(MockMail::start(config())).unwrap();
    let mut reader = reader_of(&mock);
    assert_eq!(reader.select("INBOX").unwrap().exists, 7);
    let new = NewMessage { bytes: b"Subject: new\r\n\r\n".to_vec(), flags: Vec::new(), internal_date: None };
    mock.put(&address(LOGIN.0), "INBOX", new).unwrap();
    let mut heard = None;
    reader
        .idle()
        .timeout(Duration::from_secs(30))
        .wait_while(|response| {
            heard = Some(format!("{response:?}"));
            false
        })
        .unwrap();
    assert_eq!(heard.as_deref(), Some("Exists(8)"));
    reader.noop().unwrap();
    reader.logout().unwrap();
}

/// What the `imap` crate needs of a stream to idle on it.
struct Timed(StreamOwned<ClientConnection, TcpStream>);

impl Read for Timed {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        self.0.read(octets)
    }
}

impl Write for Timed {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl SetReadTimeout for Timed {
    fn set_read_timeout(&mut self, limit: Option<Duration>) -> imap::Result<()> {
        Ok(self.0.sock.set_read_timeout(limit)?)
    }
}

/// Somebody who is logged in with the `imap` crate.
fn reader_of(mock: &MockMail) -> imap::Session<Timed> {
    let tls = ClientConnection::new(Arc::new(client(mock, None)), ServerName::try_from("localhost").unwrap()).unwrap();
    let tcp = TcpStream::connect(socket(mock, Protocol::Imap)).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut reader = imap::Client::new(Timed(StreamOwned::new(tls, tcp)));
    reader.read_greeting().unwrap();
    reader.login(LOGIN.0, LOGIN.1).map_err(|(error, _)| error).unwrap()
}

#[tokio::test]
async fn async_imap_hears_of_new_mail_while_it_idles() {
    let mock = start().await;
    // The greeting is read by the client.
    let spoken = speak(&mock, Protocol::Imap).await;
    let reader = async_imap::Client::new(spoken.0);
    let mut reader = reader.login(LOGIN.0, LOGIN.1).await.map_err(|(error, _)| error).unwrap();
    assert!(reader.capabilities().await.unwrap().has_str("IDLE"));
    let mailbox = reader.select("INBOX").await.unwrap();
    assert_eq!((mailbox.exists, mailbox.uid_next), (7, Some(8)));
    let fetched = reader.uid_fetch("1:*", "(UID FLAGS RFC822.SIZE)").await.unwrap();
    assert_eq!(fetched.try_collect::<Vec<_>>().await.unwrap().len(), 7);
    let mut idle = reader.idle();
    idle.init().await.unwrap();
    let (heard, _stop) = idle.wait_with_timeout(Duration::from_secs(30));
    let new = NewMessage { bytes: b"Subject: new\r\n\r\n".to_vec(), flags: Vec::new(), internal_date: None };
    let put = async { mock.put(&address(LOGIN.0), "INBOX", new).unwrap() };
    let (heard, uid) = tokio::join!(heard, put);
    assert!(format!("{:?}", heard.unwrap()).contains("NewData"));
    let mut reader = idle.done().await.unwrap();
    let fetched = reader.uid_fetch(uid.to_string(), "BODY.PEEK[HEADER]").await.unwrap();
    let fetched = fetched.try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(fetched[0].header(), Some(&b"Subject: new\r\n\r\n"[..]));
    reader.logout().await.unwrap();
}
