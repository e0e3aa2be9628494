//! A client that others wrote uses everything that the mock server announces by default: IMAP's capabilities, SMTP's
//! extensions and POP3's, each with the client and the command that was seen.

use std::collections::BTreeSet;
use std::process::Command;

use provost_tests::{installed, root};
use serde_json::Value;

use crate::mock::{mock, port};
use crate::node_clients::installed_imapflow;
use crate::python_imapclient::python_with;

/// An announcement, the client that uses it, and a part of the command that it sends (go-imap puts its options in any
/// order); empty if the announcement needs no command.
type Row = (&'static str, &'static str, &'static str);

const IMAP: &[Row] = &[
    ("ACL", "imapclient", "SETACL \"Plans\" john@example.test lr"),
    ("APPENDLIMIT", "imapclient", "STATUS \"Drafts\" (MESSAGES APPENDLIMIT)"),
    ("BINARY", "go-imap", "BINARY.PEEK[1]"),
    ("CATENATE", "imaplib", "APPEND INBOX CATENATE (URL"),
    ("CHILDREN", "imapclient", "LIST \"\" \"*\""),
    ("COMPRESS=DEFLATE", "imapflow", "COMPRESS DEFLATE"),
    ("CONDSTORE", "imapclient", "(CHANGEDSINCE "),
    ("CREATE-SPECIAL-USE", "go-imap", "(USE (\\Archive))"),
    ("ENABLE", "imaplib", "ENABLE UTF8=ACCEPT"),
    ("ESEARCH", "go-imap", "SEARCH RETURN ("),
    ("ESORT", "imaplib", "UID SORT RETURN (MAX COUNT)"),
    ("ID", "imapclient", "ID (\"name\" \"test\""),
    ("IDLE", "imapclient", "IDLE"),
    ("IMAP4REV1", "imaplib", "SELECT INBOX"),
    ("LIST-EXTENDED", "go-imap", "LIST (SUBSCRIBED RECURSIVEMATCH)"),
    ("LIST-MYRIGHTS", "imaplib", "RETURN (MYRIGHTS)"),
    ("LIST-STATUS", "go-imap", "STATUS ("),
    ("LITERAL+", "imapclient", "SUBJECT {8+}"),
    ("METADATA", "go-imap", "SETMETADATA"),
    ("MOVE", "imapclient", "UID MOVE"),
    ("MULTIAPPEND", "imapclient", "APPEND \"Drafts\" (\\Draft)"),
    ("NAMESPACE", "imapclient", "NAMESPACE"),
    ("OBJECTID", "imapflow", "THREADID"),
    ("PARTIAL", "imaplib", "RETURN (PARTIAL 1:2 COUNT)"),
    ("PREVIEW", "imapclient", "PREVIEW"),
    ("QRESYNC", "imapflow", "(QRESYNC ("),
    ("QUOTA", "imapclient", "GETQUOTAROOT INBOX"),
    ("QUOTA=RES-MESSAGE", "imapclient", "GETQUOTAROOT INBOX"),
    ("QUOTA=RES-STORAGE", "imapclient", "GETQUOTAROOT INBOX"),
    ("REPLACE", "imaplib", "REPLACE 1 INBOX (\\Seen)"),
    ("RIGHTS=TEXK", "imapclient", "GETACL \"Plans\""),
    ("SASL-IR", "go-imap", "AUTHENTICATE PLAIN (hidden)"),
    ("SAVEDATE", "imapclient", "SAVEDATE"),
    ("SEARCHRES", "imaplib", "FETCH $ (UID)"),
    ("SORT", "imapclient", "SORT (REVERSE ARRIVAL)"),
    ("SORT=DISPLAY", "imapclient", "SORT (DISPLAYFROM)"),
    ("SPECIAL-USE", "go-imap", "SPECIAL-USE"),
    ("STATUS=SIZE", "go-imap", "SIZE"),
    ("THREAD=ORDEREDSUBJECT", "imapclient", "THREAD ORDEREDSUBJECT"),
    ("THREAD=REFERENCES", "imapclient", "THREAD REFERENCES"),
    ("UIDPLUS", "imapclient", "UID EXPUNGE"),
    ("UNSELECT", "imapclient", "UNSELECT"),
    ("UTF8=ACCEPT", "imaplib", "UTF8 ("),
    ("WITHIN", "imapclient", "YOUNGER 3600"),
];

const SMTP: &[Row] = &[
    ("8bitmime", "smtplib", "BODY=8BITMIME"),
    ("auth", "smtplib", "AUTH PLAIN"),
    ("binarymime", "smtplib", "BODY=BINARYMIME"),
    ("chunking", "smtplib", "BDAT "),
    ("dsn", "smtplib", "NOTIFY=SUCCESS"),
    ("enhancedstatuscodes", "smtplib", ""),
    ("limits", "smtplib", ""),
    ("pipelining", "smtplib", "RSET"),
    ("size", "smtplib", "size="),
    ("smtputf8", "smtplib", "SMTPUTF8"),
    ("starttls", "smtplib", "STARTTLS"),
];

const POP3: &[Row] = &[
    ("AUTH-RESP-CODE", "poplib", ""),
    ("EXPIRE", "poplib", ""),
    ("PIPELINING", "poplib", "STAT"),
    ("RESP-CODES", "poplib", ""),
    ("SASL", "curl", "AUTH PLAIN"),
    ("STLS", "poplib", "STLS"),
    ("TOP", "poplib", "TOP "),
    ("UIDL", "poplib", "UIDL"),
    ("USER", "poplib", "USER "),
    ("UTF8", "poplib", "UTF8"),
];

#[test]
fn a_foreign_client_uses_whatever_is_announced() {
    let (running, ready) = mock(&["--control", "0"]);
    let Some(clients) = clients(&ready) else { return };
    let mut last = String::new();
    for mut client in clients {
        let output = client.output().unwrap();
        assert!(output.status.success(), "{client:?}: {}", String::from_utf8_lossy(&output.stderr));
        last = String::from_utf8(output.stdout).unwrap();
    }
    let heard: Value = serde_json::from_str(&last).unwrap();
    for (protocol, key, rows) in [("IMAP", "imap", IMAP), ("SMTP", "smtp", SMTP), ("POP3", "pop3", POP3)] {
        let said = words(&heard["said"][key]);
        let announced: BTreeSet<&str> = words(&heard[protocol]).into_iter().map(name).collect();
        let used: BTreeSet<&str> = rows.iter().map(|(name, _, _)| *name).collect();
        assert_eq!(announced, used, "what {protocol} announces, and what the table has");
        for (name, client, words) in rows {
            assert!(said.iter().any(|line| line.contains(words)), "{protocol} {name}: {client} never said {words:?}");
        }
    }
    drop(running);
}

/// The clients, ready to start; `None` if one is missing. The last one asks what was announced, and what the server
/// received from all of them.
fn clients(ready: &Value) -> Option<Vec<Command>> {
    let folder = root().join("tests/clients");
    let mut go_imap = Command::new(installed("go")?);
    go_imap.args(["run", "./capabilities"]).arg(ready.to_string()).current_dir(folder.join("go-imap"));
    let mut imapflow = Command::new(installed_imapflow()?);
    imapflow.arg(folder.join("capabilities.mjs")).arg(ready.to_string());
    let mut curl = Command::new(installed("curl")?);
    curl.args(["--silent", "--show-error", "--user", "jane@example.test:open-sesame"])
        .arg("--cacert")
        .arg(ready["ca"].as_str().unwrap())
        .arg(format!("pop3s://localhost:{}/", port(ready, "pop3s")));
    let mut python = Command::new(python_with("imapclient")?);
    python.arg(root().join("tests/integration/every_capability.py")).arg(ready.to_string());
    Some(vec![go_imap, imapflow, curl, python])
}

/// A capability without the value that is the server's own.
fn name(announced: &str) -> &str {
    if announced.starts_with("APPENDLIMIT=") { "APPENDLIMIT" } else { announced }
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}
