//! Accounts, messages, faults and waiting, without a client.

use std::time::Duration;

use provost_account::Protocol;
use provost_mockmail::{Armed, Capabilities, Fault, HandleError, Kept, NewMessage};

use crate::example::{address, mailbox, speak, start};

#[tokio::test]
async fn messages_are_put_seen_waited_for_and_cleared() {
    let mock = start().await;
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
    let mock = start().await;
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

/// What was there at the start, and what is in the place of it, differ in nothing but who may use it.
#[tokio::test]
async fn an_account_is_added_as_if_it_had_been_there_at_the_start() {
    let mock = start().await;
    let (jane, john) = (address("jane@example.org"), address("john@example.org"));
    mock.add_account(mailbox("john@example.org")).unwrap();
    assert_eq!(mock.messages(&john, "INBOX"), Ok(Vec::new()));
    mock.remove_account(&john).unwrap();
    mock.add_account_as_at_start(mailbox("john@example.org")).unwrap();
    let taken = mock.add_account_as_at_start(mailbox("john@example.org"));
    assert_eq!(taken, Err(HandleError::Taken(john.clone())));
    let of_john = |mut kept: Kept| {
        kept.bytes = String::from_utf8(kept.bytes).unwrap().replace("jane@", "john@").into_bytes();
        kept
    };
    let first = mock.messages(&jane, "INBOX").unwrap();
    assert!(!first.is_empty());
    assert_eq!(mock.messages(&john, "INBOX").unwrap(), first.into_iter().map(of_john).collect::<Vec<_>>());
    mock.reset();
    assert_eq!(mock.messages(&john, "INBOX"), Err(HandleError::NoAccount(john)));
}

#[tokio::test]
async fn many_run_in_one_program_and_end_when_dropped() {
    let mut mocks = Vec::new();
    for _ in 0..8 {
        mocks.push(start().await);
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

#[tokio::test]
async fn an_account_has_a_list_of_capabilities_of_its_own() {
    let mock = start().await;
    mock.add_account(mailbox("john@example.org")).unwrap();
    let jane = address("jane@example.org");
    let usual = mock.capabilities(&jane).unwrap();
    assert!(!usual.1);
    let own = Capabilities::choose("usual,-IDLE").unwrap().capabilities;
    mock.set_capabilities(&jane, Some(own)).unwrap();
    assert_eq!(mock.capabilities(&jane), Ok((own, true)));
    let mut spoken = speak(&mock, Protocol::Imap).await;
    let said = spoken.say("a capability\r\nb login jane@example.org \"correct horse\"\r\nc idle\r\n", "c ").await;
    let (before, after) = said.split_once("a OK").unwrap();
    assert!(before.contains(" IDLE") && !after.contains(" IDLE") && after.contains("c BAD unknown"), "{said}");
    let mut other = speak(&mock, Protocol::Imap).await;
    let said = other.say("b login john@example.org \"correct horse\"\r\nc idle\r\n", "+ ").await;
    assert!(said.contains(" IDLE"), "{said}");
    // With the next command, and gone with a reset.
    mock.set_capabilities(&jane, None).unwrap();
    assert!(spoken.say("d idle\r\n", "\r\n").await.starts_with("+ "));
    mock.set_capabilities(&jane, Some(Capabilities::choose("all").unwrap().capabilities)).unwrap();
    mock.reset();
    assert_eq!(mock.capabilities(&jane), Ok(usual));
}

#[tokio::test]
async fn a_fault_is_on_for_several_and_off_for_one() {
    let mock = start().await;
    for name in ["john@example.org", "kim@example.org"] {
        mock.add_account(mailbox(name)).unwrap();
    }
    let armed = |text: &str| text.parse::<Armed>().unwrap();
    let of_jane = "list-refused:account=jane@example.org,after=2";
    let (of_john, of_host) = ("list-refused:account=john@example.org", "list-refused:host=other.example");
    for text in ["list-refused:account=jane@example.org", of_john, of_host, of_jane] {
        mock.set_fault(armed(text));
    }
    let all: Vec<String> = mock.faults().iter().map(ToString::to_string).collect();
    assert_eq!(all, [of_john, of_host, of_jane]);
    let listed = async |name: &str| {
        let mut spoken = speak(&mock, Protocol::Imap).await;
        let said = format!("a login {name} \"correct horse\"\r\nb list \"\" INBOX\r\n");
        spoken.say(&said, "\r\nb ").await.contains("* LIST")
    };
    assert!(!listed("jane@example.org").await && !listed("john@example.org").await);
    assert!(listed("kim@example.org").await);
    mock.clear_one_fault(&armed("list-refused:account=JOHN@example.org"));
    assert!(!listed("jane@example.org").await && listed("john@example.org").await);
    // Where several fit, the one that is meant for the fewest counts.
    mock.set_fault(armed("lockout:amount=1"));
    mock.set_fault(armed("lockout:account=kim@example.org,amount=9"));
    let second_chance = async |name: &str| {
        let mut spoken = speak(&mock, Protocol::Imap).await;
        let said = format!("a login {name} wrong\r\nb login {name} \"correct horse\"\r\n");
        spoken.say(&said, "b ").await.contains("b OK")
    };
    assert!(second_chance("kim@example.org").await && !second_chance("john@example.org").await);
    mock.clear_fault(Fault::ListRefused);
    assert_eq!(mock.faults().len(), 2);
}
