//! Mail that outlives the server.

use std::fs;
use std::path::Path;

use provost_mockmail::{Config, MockMail, StartError};

use crate::example::{config, logged_in};

async fn start(folder: &Path) -> MockMail {
    MockMail::start(Config { state: Some(folder.to_owned()), ..config() }).await.unwrap()
}

/// Everything that IMAP promises to keep.
const LOOK: &str = "x list \"\" * return (status (uidvalidity uidnext highestmodseq messages))\r\n\
                    x examine Lists/Rust.d\r\nx fetch 1:* (uid flags internaldate modseq emailid body.peek[])\r\n\
                    x getmetadata Lists/Rust.d /private/comment\r\nx getacl Lists/Rust.d\r\nx examine INBOX\r\n\
                    x uid search all\r\ny noop\r\n";

#[tokio::test]
async fn what_was_there_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let (before, files);
    {
        let mock = start(folder.path()).await;
        let mut spoken = logged_in(&mock, "jane").await;
        let changes = "b create Lists/Rust.d\r\nc append Lists/Rust.d (\\Seen $Mine) \"24-Nov-2026 10:00:00 +0000\" \
                       {17+}\r\nSubject: one\r\n\r\n!\r\nd append Lists/Rust.d {3+}\r\ntwo\r\n\
                       e append Lists/Rust.d {5+}\r\nthree\r\nf select Lists/Rust.d\r\ng store 2 +flags \
                       (\\Deleted)\r\nh expunge\r\ni setmetadata Lists/Rust.d (/private/comment \"x\")\r\n\
                       j setacl Lists/Rust.d anyone lr\r\nk create Gone\r\nl append Gone {1+}\r\nx\r\nm noop\r\n";
        spoken.say(changes, "m OK").await;
        spoken.say("n delete Gone\r\n", "n OK").await;
        before = logged_in(&mock, "jane").await.say(LOOK, "y OK").await;
        mock.save().unwrap();
        let maildir = folder.path().join("jane@example.org/.Lists.Rust%2Ed");
        files = fs::read_dir(maildir.join("cur")).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
        assert!(!folder.path().join("jane@example.org/.Gone").exists(), "a folder that is gone is gone");
    }
    assert!(before.contains("MESSAGES 2"), "{before}");
    assert_eq!(files.len(), 2, "{files:?}");
    let seen: Vec<_> = files.iter().filter(|path| path.to_string_lossy().ends_with(":2,S")).collect();
    assert_eq!(fs::read(seen[0]).unwrap(), b"Subject: one\r\n\r\n!");
    let mock = start(folder.path()).await;
    assert_eq!(logged_in(&mock, "jane").await.say(LOOK, "y OK").await, before);
}

#[tokio::test]
async fn what_others_put_into_a_maildir_or_take_from_it_is_seen_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    {
        let mock = start(folder.path()).await;
        logged_in(&mock, "jane")
            .await
            .say("b append Sent {1+}\r\na\r\nc append Sent {1+}\r\nb\r\nd noop\r\n", "d OK")
            .await;
    }
    let sent = folder.path().join("jane@example.org/.Sent");
    let first = fs::read_dir(sent.join("cur")).unwrap().map(|entry| entry.unwrap().path());
    let first = first.min().unwrap();
    fs::remove_file(first).unwrap();
    fs::write(sent.join("new/1.elsewhere"), "Subject: new\n\nline\n").unwrap();
    fs::write(sent.join("cur/2.elsewhere:2,FS"), "x").unwrap();
    let mock = start(folder.path()).await;
    let said =
        logged_in(&mock, "jane").await.say("b select Sent\r\nc fetch 1:* (uid flags body.peek[])\r\n", "c OK").await;
    for line in [
        "* 3 EXISTS\r\n",
        "* 1 FETCH (UID 2 FLAGS (",
        "* 2 FETCH (UID 3 FLAGS (\\Recent) BODY[] {22}\r\nSubject: new\r\n\r\nline\r\n",
        "* 3 FETCH (UID 4 FLAGS (\\Flagged \\Seen",
    ] {
        assert!(said.contains(line), "no {line:?} in {said}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(start(folder.path()).await);
    let index = folder.path().join("jane@example.org/provost-index.json");
    fs::write(&index, "{\"provost\": 1").unwrap();
    let failed = MockMail::start(Config { state: Some(folder.path().to_owned()), ..config() }).await;
    let Err(StartError::State(error)) = failed else { panic!("it started") };
    assert_eq!((error.path, fs::read_to_string(&index).unwrap()), (index, "{\"provost\": 1".to_owned()));
}
