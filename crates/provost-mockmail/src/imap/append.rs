//! APPEND (RFC 3501 §6.3.11) of one or more messages (RFC 3502), and REPLACE (RFC 8508).

use time::OffsetDateTime;

use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Session, done, no, quota, sets};
use crate::account::{AccountId, Store};
use crate::capabilities::Capability;
use crate::session::Output;

/// A message that a client brings.
struct Brought {
    flags: Vec<String>,
    date: Option<OffsetDateTime>,
    bytes: Vec<u8>,
}

pub(super) fn append(command: &mut Command<'_>, store: &mut Store) -> Answer {
    command.cursor.space()?;
    let name = command.cursor.mailbox()?;
    let mut brought = Vec::new();
    loop {
        command.cursor.space()?;
        brought.push(message(&mut command.cursor)?);
        if command.cursor.is_at_end() || !store.capabilities.has(Capability::MultiAppend) {
            break;
        }
    }
    command.cursor.end()?;
    let (uid_validity, uids) = put(brought, &name, command.account, store)?;
    match store.capabilities.has(Capability::UidPlus) {
        true => done(&format!("[APPENDUID {uid_validity} {}] appended", sets::written(&uids))),
        false => done("appended"),
    }
}

impl Session {
    /// RFC 8508 §3.3: the new message is there before the old one goes.
    pub(super) fn replace(&mut self, command: &mut Command<'_>, store: &mut Store, output: &mut Output) -> Answer {
        command.cursor.space()?;
        let number = command.cursor.sequence_set()?;
        command.cursor.space()?;
        let name = command.cursor.mailbox()?;
        command.cursor.space()?;
        let brought = message(&mut command.cursor)?;
        command.cursor.end()?;
        let selected = self.selected()?;
        selected.to_write()?;
        let [(_, old)] = selected.chosen(&number, command.by_uid)[..] else {
            return Err(no("[NONEXISTENT] not one message"));
        };
        let (uid_validity, uids) = put(vec![brought], &name, command.account, store)?;
        // RFC 8508 §3.4 shows APPENDUID in an untagged OK.
        output.line(&format!("* OK [APPENDUID {uid_validity} {}] the replacement", sets::written(&uids)));
        selected.folder_mut(store.folders_mut(command.account))?.remove(&[old]);
        self.announce(true, store, output);
        done("replaced")
    }
}

/// ```abnf
/// append-message = [SP flag-list] [SP date-time] SP literal      ; RFC 4466 §3
/// ```
fn message(cursor: &mut Cursor<'_>) -> Parsed<Brought> {
    let mut flags = Vec::new();
    if cursor.peek() == Some(b'(') {
        flags = cursor.list(Cursor::flag)?;
        // RFC 3501 §2.3.2: \Recent "can not be altered by the client".
        flags.retain(|flag| !flag.eq_ignore_ascii_case("\\Recent"));
        cursor.space()?;
    }
    let mut date = None;
    if cursor.peek() == Some(b'"') {
        date = Some(cursor.date_time()?);
        cursor.space()?;
    }
    if !matches!(cursor.peek(), Some(b'{' | b'~')) {
        return Err(Malformed("the message is no literal"));
    }
    Ok(Brought { flags, date, bytes: cursor.string()? })
}

/// RFC 3502 §3: all of them or none.
fn put(
    brought: Vec<Brought>,
    name: &str,
    account: AccountId,
    store: &mut Store,
) -> Result<(u32, Vec<u32>), super::Refusal> {
    let now = store.now;
    let more = brought.iter().map(|it| it.bytes.len()).sum();
    if !quota::leaves_room(store.folders(account), more) {
        return Err(no("[OVERQUOTA] the mailbox is full"));
    }
    if brought.iter().any(|it| it.bytes.is_empty()) {
        return Err(no("a message without octets"));
    }
    let folders = store.folders_mut(account);
    // RFC 3501 §6.3.11: a client learns from TRYCREATE that it may make the folder.
    if folders.named(name).is_none() {
        return Err(no("[TRYCREATE] no such folder"));
    }
    let mut uids = Vec::new();
    let mut uid_validity = 0;
    for it in brought {
        let email_id = folders.new_email_id();
        if let Some(folder) = folders.named_mut(name) {
            uid_validity = folder.uid_validity;
            uids.push(folder.append(it.bytes.into(), it.date.unwrap_or(now), it.flags, email_id, now));
        }
    }
    Ok((uid_validity, uids))
}
