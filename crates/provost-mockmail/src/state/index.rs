//! The index: everything that IMAP promises to keep and a maildir cannot express. It does not contain messages.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::maildir::{self, Found};
use crate::mailbox::{Annotations, Folder, Folders, Parts, Removals, special_use};
use crate::message::{Envelope, Message, with_crlf};
use crate::rights::{AccessList, Rights};
use crate::uid_validity::UidValidities;

pub(super) const FILE: &str = "provost-index.json";

/// An account's mail as it was at one moment.
pub(crate) struct Snapshot {
    index: Index,
    messages: Vec<Vec<Message>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    provost: u32,
    next_uid_validity: u32,
    next_email_id: u64,
    subscribed: BTreeSet<String>,
    annotations: BTreeMap<String, String>,
    folders: Vec<FolderRow>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FolderRow {
    name: String,
    special_use: Option<String>,
    uid_validity: u32,
    next_uid: u32,
    highest_modseq: u64,
    recent_from: u32,
    keywords: Vec<String>,
    removed: Vec<(u64, u32)>,
    removals: u64,
    removals_forgotten: u64,
    owner_rights: String,
    other_rights: Vec<(String, String)>,
    annotations: BTreeMap<String, String>,
    url_key: u64,
    messages: Vec<MessageRow>,
}

/// Times are seconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageRow {
    uid: u32,
    flags: Vec<String>,
    internal_date: i64,
    modseq: u64,
    email_id: u64,
    saved: i64,
    /// Missing before it was kept, and for what came otherwise than by SMTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    envelope: Option<EnvelopeRow>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeRow {
    mail_from: String,
    rcpt_to: String,
    recipients: Vec<String>,
    username: Option<String>,
    ehlo: String,
}

impl Snapshot {
    pub(crate) fn of(folders: &Folders) -> Self {
        let parts = folders.parts();
        Self {
            index: Index {
                provost: VERSION,
                next_uid_validity: parts.next_uid_validity,
                next_email_id: parts.next_email_id,
                subscribed: parts.subscribed,
                annotations: encoded(&parts.annotations),
                folders: folders.all().iter().map(row).collect(),
            },
            messages: folders.all().iter().map(|folder| folder.messages.clone()).collect(),
        }
    }
}

/// Reads an account.
pub(super) fn read(account: &Path, uid_validities: &UidValidities) -> io::Result<Folders> {
    let text = fs::read_to_string(account.join(FILE))?;
    let index: Index =
        serde_json::from_str(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    if index.provost != VERSION {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("version {} is not {VERSION}", index.provost)));
    }
    let parts = Parts {
        subscribed: index.subscribed,
        next_uid_validity: index.next_uid_validity,
        next_email_id: index.next_email_id,
        annotations: decoded(index.annotations),
    };
    let mut brought = Vec::new();
    let mut all = Vec::new();
    for row in index.folders {
        let mut there = maildir::read(&maildir::path(account, &row.name))?;
        let mut folder = folder(&row);
        for message in row.messages {
            match there.remove(&maildir::name(row.uid_validity, message.uid)) {
                Some(found) => folder.put_back(message_of(message, found.bytes)),
                None => folder.lose(message.uid),
            }
        }
        brought.push((row.name, there));
        all.push(folder);
    }
    if all.first().is_none_or(|folder: &Folder| folder.name != "INBOX") {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the first folder is not INBOX"));
    }
    let mut folders = Folders::of(all, parts, uid_validities.clone());
    // What somebody else has put there since.
    for (name, there) in brought {
        for found in there.into_values() {
            take_in(&name, found, &mut folders);
        }
    }
    Ok(folders)
}

fn take_in(name: &str, found: Found, folders: &mut Folders) {
    let email_id = folders.new_email_id();
    let arrived = OffsetDateTime::from(found.arrived);
    if let Some(folder) = folders.named_mut(name) {
        folder.append(with_crlf(&found.bytes).into(), arrived, found.flags, email_id, arrived);
    }
}

/// Keeps an account: first the messages, then the index that names them.
pub(super) fn write(account: &Path, kept: &Snapshot) -> io::Result<()> {
    fs::create_dir_all(account)?;
    let mut maildirs = BTreeSet::new();
    for (row, messages) in kept.index.folders.iter().zip(&kept.messages) {
        let path = maildir::path(account, &row.name);
        maildir::write(&path, row.uid_validity, messages)?;
        maildirs.insert(path);
    }
    let part = account.join(format!("{FILE}.part"));
    fs::write(&part, serde_json::to_vec_pretty(&kept.index)?)?;
    fs::rename(part, account.join(FILE))?;
    for entry in fs::read_dir(account)? {
        let path = entry?.path();
        let is_folder = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('.'));
        if is_folder && path.join("cur").is_dir() && !maildirs.contains(&path) {
            maildir::remove(&path)?;
        }
    }
    Ok(())
}

fn row(folder: &Folder) -> FolderRow {
    let others = folder.access.others.iter().map(|(who, rights)| (who.clone(), rights.to_string()));
    FolderRow {
        name: folder.name.clone(),
        special_use: folder.special_use.map(str::to_owned),
        uid_validity: folder.uid_validity,
        next_uid: folder.next_uid,
        highest_modseq: folder.highest_modseq,
        recent_from: folder.recent_from,
        keywords: folder.keywords.clone(),
        removed: folder.removals.log.iter().copied().collect(),
        removals: folder.removals.count,
        removals_forgotten: folder.removals.forgotten,
        owner_rights: folder.access.owner.to_string(),
        other_rights: others.collect(),
        annotations: encoded(&folder.annotations),
        url_key: folder.url_key,
        messages: folder
            .messages
            .iter()
            .map(|message| MessageRow {
                uid: message.uid,
                flags: message.flags.clone(),
                internal_date: message.internal_date.unix_timestamp(),
                modseq: message.modseq,
                email_id: message.email_id,
                saved: message.saved.unix_timestamp(),
                envelope: message.envelope.as_deref().map(envelope_row),
            })
            .collect(),
    }
}

fn folder(row: &FolderRow) -> Folder {
    let rights = |letters: &str| Rights::parse(letters).unwrap_or(Rights::NONE);
    let mut folder = Folder::new(row.name.clone(), row.special_use.as_deref().and_then(special_use), row.uid_validity);
    folder.next_uid = row.next_uid;
    folder.starts_here();
    folder.highest_modseq = row.highest_modseq;
    folder.recent_from = row.recent_from;
    folder.keywords.clone_from(&row.keywords);
    folder.removals =
        Removals { count: row.removals, log: row.removed.iter().copied().collect(), forgotten: row.removals_forgotten };
    folder.access = AccessList {
        owner: rights(&row.owner_rights),
        others: row.other_rights.iter().map(|(who, letters)| (who.clone(), rights(letters))).collect(),
    };
    folder.annotations = decoded(row.annotations.clone());
    folder.url_key = row.url_key;
    folder
}

fn message_of(row: MessageRow, bytes: Vec<u8>) -> Message {
    let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let envelope = row.envelope.map(|EnvelopeRow { mail_from, rcpt_to, recipients, username, ehlo }| {
        Arc::new(Envelope { mail_from, rcpt_to, recipients: recipients.into(), username, ehlo })
    });
    let (internal_date, saved) = (at(row.internal_date), at(row.saved));
    let mut message = Message::new(row.uid, row.flags, internal_date, bytes.into(), row.modseq, row.email_id, saved);
    message.envelope = envelope;
    message
}

fn envelope_row(envelope: &Envelope) -> EnvelopeRow {
    let Envelope { mail_from, rcpt_to, recipients, username, ehlo } = envelope.clone();
    EnvelopeRow { mail_from, rcpt_to, recipients: recipients.to_vec(), username, ehlo }
}

/// Values may be any octets.
fn encoded(annotations: &Annotations) -> BTreeMap<String, String> {
    annotations.iter().map(|(entry, value)| (entry.clone(), STANDARD.encode(value))).collect()
}

fn decoded(annotations: BTreeMap<String, String>) -> Annotations {
    let value = |text: String| STANDARD.decode(text).ok().map(Arc::from);
    annotations.into_iter().filter_map(|(entry, text)| Some((entry, value(text)?))).collect()
}

const VERSION: u32 = 1;
