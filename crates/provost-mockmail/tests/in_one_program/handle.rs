//! Accounts, messages, faults and waiting, without a client.

use std::time::Duration;

use provost_mockmail::{Fault, HandleError, MockMail, NewMessage};

use crate::example::{address, config, mailbox};

#[tokio::test]
async fn messages_are_put_seen_waited_for_and_cleared() {
    let mock = MockMail::start(config()).await.unwrap();
    let jane = address("jane@example.org");
    let first = mock.messages(&jane, "inbox").unwrap().len();
    let new = NewMessage { bytes: b"Subject: a\r\n\r\n".to_vec(), flags: vec!["\\Seen".into()], internal_date: None };
    let limit = Duration::from_secs(20);
    let (waited, put) =
        tokio::join!(mock.wait_for(&jane, "INBOX", first + 1, limit), async { mock.put(&jane, "INBOX", new.clone()) });
    let last = waited.unwrap().pop().unwrap();
    assert_eq!((last.uid, last.flags, last.bytes), (put.unwrap(), new.flags.clone(), new.bytes.clone()));
    mock.put(&jane, "Lists/Rust", new).unwrap();
    assert!(mock.folders(&jane).unwrap().contains(&"Lists".to_owned()));
    mock.clear(&jane, "Lists/Rust").unwrap();
    assert_eq!(mock.messages(&jane, "Lists/Rust"), Ok(Vec::new()));
    assert_eq!(mock.messages(&jane, "Nowhere"), Err(HandleError::NoFolder("Nowhere".to_owned())));
    let nothing = mock.wait_for(&jane, "Lists/Rust", 1, Duration::from_millis(1)).await;
    let limit = Duration::from_millis(1);
    assert_eq!(nothing, Err(HandleError::TimedOut { found: 0, wanted: 1, limit }));
}

#[tokio::test]
async fn a_reset_takes_everything_back() {
    let mock = MockMail::start(config()).await.unwrap();
    let jane = address("jane@example.org");
    let start = mock.messages(&jane, "INBOX").unwrap();
    mock.add_account(mailbox("john@example.org")).unwrap();
    let taken = mock.add_account(mailbox("JANE@example.org"));
    assert_eq!(taken, Err(HandleError::Taken(address("JANE@example.org"))));
    mock.set_fault(Fault::PasswordRefused);
    mock.clear(&jane, "INBOX").unwrap();
    mock.reset();
    assert_eq!(mock.messages(&jane, "INBOX").unwrap(), start);
    assert_eq!((mock.accounts().len(), mock.faults()), (1, Vec::new()));
    mock.add_account(mailbox("john@example.org")).unwrap();
}

#[tokio::test]
async fn many_run_in_one_program_and_end_when_dropped() {
    let mut mocks = Vec::new();
    for _ in 0..8 {
        mocks.push(MockMail::start(config()).await.unwrap());
    }
    let sockets: Vec<_> = mocks.iter().flat_map(|mock| mock.listeners().iter().filter_map(|it| it.socket)).collect();
    let mut unique = sockets.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((unique.len(), sockets.len()), (48, 48));
    for mock in mocks {
        mock.stop().await;
    }
    for socket in sockets {
        assert!(tokio::net::TcpStream::connect(socket).await.is_err(), "{socket} still listens");
    }
}
