//! APPEND (RFC 3501 §6.3.11) of one or more messages (RFC 3502), assembled from parts (RFC 4469), with UTF-8 in their
//! headers (RFC 6855), and REPLACE (RFC 8508).

use provost_account::AnswerStep;
use time::OffsetDateTime;

use super::acl;
use super::capabilities::{Capabilities, Capability};
use super::commands::{Answers, CommandRow};
use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Refusal, Session, bad, done, no, sets, urls};
use crate::faults::Fault;
use crate::message::mime::received_binary;
use crate::message::{self, CARRIAGE_RETURNS, header_octets};
use crate::session::Output;
use crate::store::{Served, Store};

/// A message that a client brings.
struct Brought {
    flags: Vec<String>,
    date: Option<OffsetDateTime>,
    pieces: Vec<Piece>,
}

/// A part of its content.
enum Piece {
    Octets(Vec<u8>),
    /// A literal8: in binary parts every octet is kept.
    Binary(Vec<u8>),
    Url(String),
}

/// A message with its content put together.
struct Whole {
    flags: Vec<String>,
    date: Option<OffsetDateTime>,
    bytes: Vec<u8>,
}

pub(super) const REPLACE: &[CommandRow] =
    &[CommandRow { step: AnswerStep::Change, ..CommandRow::of_messages("REPLACE", Answers::User(Session::replace)) }];

impl Session {
    pub(super) fn append(&mut self, command: &mut Command<'_>, store: &mut Served<'_>) -> Answer {
        command.cursor.space()?;
        command.cursor.skip_spaces();
        let name = command.cursor.mailbox()?;
        command.cursor.space()?;
        let mut brought = Vec::new();
        loop {
            // RFC 3501 §9 has one space here. imapclient 4.1 writes two before each message but the first, others write
            // one after the last; Dovecot 2.3.19 accepts all of it.
            command.cursor.skip_spaces();
            brought.push(message(&mut command.cursor, store.capabilities)?);
            command.cursor.skip_spaces();
            if command.cursor.is_at_end() || !store.capabilities.has(Capability::MultiAppend) {
                break;
            }
        }
        command.cursor.end()?;
        let (uid_validity, uids) = self.put(brought, &name, command, store)?;
        match store.capabilities.has(Capability::UidPlus) {
            true => done(&format!("[APPENDUID {uid_validity} {}] appended", sets::written(&uids))),
            false => done("appended"),
        }
    }

    /// RFC 8508 §3.3: the new message is added before the old one is removed.
    fn replace(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        command.cursor.space()?;
        let number = command.cursor.sequence_set()?;
        command.cursor.space()?;
        let name = command.cursor.mailbox()?;
        command.cursor.space()?;
        let brought = message(&mut command.cursor, store.capabilities)?;
        command.cursor.end()?;
        let selected = self.selected()?;
        selected.to_remove(command.account, store)?;
        let [(_, old)] = selected.chosen(&number, command.by_uid)?[..] else {
            return Err(no("[NONEXISTENT] not one message"));
        };
        let (uid_validity, uids) = self.put(vec![brought], &name, command, store)?;
        // RFC 8508 §3.4 shows APPENDUID in an untagged OK.
        output.line(&format!("* OK [APPENDUID {uid_validity} {}] the replacement", sets::written(&uids)));
        self.selected()?.folder_mut(store)?.remove(&[old]);
        self.announce_own(true, store, output);
        done("replaced")
    }

    /// RFC 3502 §3: all of them or none.
    fn put(
        &self,
        brought: Vec<Brought>,
        name: &str,
        command: &Command<'_>,
        store: &mut Served<'_>,
    ) -> Result<(u32, Vec<u32>), Refusal> {
        let now = store.now;
        let place = store.place(command.account, name);
        let rights = acl::to_insert(&place, command.account, store)?;
        let mut whole = Vec::new();
        for it in brought {
            let is_binary = it.pieces.iter().any(|piece| matches!(piece, Piece::Binary(_)));
            let bytes = self.put_together(it.pieces, command, store)?;
            let taken = if is_binary { received_binary(bytes) } else { message::received(bytes) };
            let bytes = taken.ok().ok_or_else(|| Refusal::No(format!("[CANNOT] {CARRIAGE_RETURNS}").into()))?;
            fits(&bytes, store)?;
            // RFC 6855 §4.
            let utf8 = store.capabilities.has(Capability::Utf8Accept) && !self.enabled.utf8_is_understood();
            if utf8 && !bytes[..header_octets(&bytes)].is_ascii() {
                return Err(no("[CANNOT] a header beyond ASCII, before ENABLE UTF8=ACCEPT"));
            }
            if bytes.is_empty() {
                return Err(no("a message without octets"));
            }
            whole.push(Whole { flags: it.flags, date: it.date, bytes });
        }
        let more = whole.iter().map(|it| it.bytes.len()).sum();
        if store.faults.has(Fault::OverQuota) || !store.leaves_room(place.owner, more) {
            return Err(no("[OVERQUOTA] the mailbox is full"));
        }
        let folders = store.folders_mut(place.owner);
        let mut uids = Vec::new();
        let mut uid_validity = 0;
        for mut it in whole {
            // RFC 4314 §4: a flag that the user has no right to set is left out, and the command succeeds.
            it.flags.retain(|flag| rights.allow_flag(flag));
            let email_id = folders.new_email_id();
            if let Some(folder) = folders.named_mut(&place.name) {
                uid_validity = folder.uid_validity;
                uids.push(folder.append(it.bytes.into(), it.date.unwrap_or(now), it.flags, email_id, now));
            }
        }
        Ok((uid_validity, uids))
    }

    /// RFC 4469 §3: the parts one after another, with nothing between them.
    fn put_together(&self, pieces: Vec<Piece>, command: &Command<'_>, store: &Store) -> Result<Vec<u8>, Refusal> {
        let selected = self.selected.as_ref().and_then(|selected| selected.folder(store).ok());
        let mut bytes = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Octets(octets) | Piece::Binary(octets) if bytes.is_empty() => bytes = octets,
                Piece::Octets(octets) | Piece::Binary(octets) => bytes.extend(octets),
                Piece::Url(url) => {
                    let octets = urls::octets(&url, selected, command.account, store);
                    // RFC 4469 §4.1: a "]" would end the response code.
                    let code = || if url.contains([']', '\r', '\n']) { String::new() } else { format!(" {url}") };
                    bytes
                        .extend(octets.ok_or_else(|| Refusal::No(format!("[BADURL{}] nothing there", code()).into()))?);
                }
            }
            fits(&bytes, store)?;
        }
        Ok(bytes)
    }
}

fn fits(bytes: &[u8], store: &Store) -> Result<(), Refusal> {
    let most = store.limits.message_octets;
    match bytes.len() > most {
        true => Err(Refusal::No(format!("[TOOBIG] at most {most} octets").into())),
        false => Ok(()),
    }
}

/// ```abnf
/// append-message = [SP flag-list] [SP date-time] SP append-data      ; RFC 4466 §3
/// append-data    = literal / literal8
/// append-data    =/ "CATENATE" SP "(" cat-part *(SP cat-part) ")"    ; RFC 4469 §5
/// append-data    =/ "UTF8" SP "(" literal8 ")"                       ; RFC 6855 §4
/// ```
fn message(cursor: &mut Cursor<'_>, capabilities: Capabilities) -> Result<Brought, Refusal> {
    let mut flags = Vec::new();
    if cursor.peek() == Some(b'(') {
        flags = cursor.list(Cursor::flag)?;
        cursor.skip_spaces();
    }
    let mut date = None;
    if cursor.peek() == Some(b'"') {
        date = Some(cursor.date_time()?);
        cursor.skip_spaces();
    }
    if matches!(cursor.peek(), Some(b'{' | b'~')) {
        return Ok(Brought { flags, date, pieces: vec![octets(cursor)?] });
    }
    let pieces = match cursor.atom()?.to_ascii_uppercase().as_str() {
        "CATENATE" if capabilities.has(Capability::Catenate) => {
            cursor.space()?;
            cursor.list(piece)?
        }
        "UTF8" if capabilities.has(Capability::Utf8Accept) => {
            cursor.space()?;
            cursor.list(octets)?
        }
        _ => return Err(bad("the message is no literal")),
    };
    match pieces.is_empty() {
        true => Err(bad("a message of no parts")),
        false => Ok(Brought { flags, date, pieces }),
    }
}

/// ```abnf
/// cat-part = "TEXT" SP literal / "URL" SP astring / utf8-literal
/// ```
fn piece(cursor: &mut Cursor<'_>) -> Parsed<Piece> {
    let kind = cursor.atom()?.to_ascii_uppercase();
    cursor.space()?;
    match kind.as_str() {
        "TEXT" => octets(cursor),
        "URL" => cursor.text().map(Piece::Url),
        "UTF8" => {
            cursor.expect(b'(', "UTF8 without its literal")?;
            let piece = octets(cursor)?;
            cursor.expect(b')', "UTF8 without end")?;
            Ok(piece)
        }
        _ => Err(Malformed("TEXT, URL or UTF8")),
    }
}

fn octets(cursor: &mut Cursor<'_>) -> Parsed<Piece> {
    match cursor.peek() {
        Some(b'{') => cursor.string().map(Piece::Octets),
        Some(b'~') => cursor.string().map(Piece::Binary),
        Some(_) | None => Err(Malformed("a literal is missing")),
    }
}
