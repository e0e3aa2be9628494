//! URLs with which others fetch messages: GENURLAUTH, RESETKEY and URLFETCH (RFC 4467 §7), with decoded parts and their
//! structure (RFC 5524).

mod message_url;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub(super) use message_url::MessageUrl;

use super::acl;
use super::capabilities::Capability;
use super::commands::Answers::User;
use super::commands::CommandRow;
use super::envelope::Revision;
use super::fetch::{Part, Section};
use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Refusal, bad, done, no};
use crate::mailbox::Folder;
use crate::message::Message;
use crate::message::addresses::quoted;
use crate::rights::Right;
use crate::session::Output;
use crate::store::{AccountId, Served, Store};

/// What is wanted of a URL (RFC 5524 §3.1).
#[derive(Debug, Default)]
struct Wanted {
    url: String,
    structure: bool,
    binary: bool,
    body: bool,
}

pub(super) const COMMANDS: &[CommandRow] = &[
    CommandRow::new("GENURLAUTH", User(|_, command, store, output| generate(command, store, output))),
    CommandRow::new("RESETKEY", User(|_, command, store, _| reset_key(command, store))),
    CommandRow::new("URLFETCH", User(|it, command, store, out| fetch(command, it.enabled.revision(), store, out))),
];

/// ```abnf
/// genurlauth = "GENURLAUTH" 1*(SP url-rump SP mechanism)
/// ```
fn generate(command: &mut Command<'_>, store: &Store, output: &mut Output) -> Answer {
    let mut urls = Vec::new();
    while command.cursor.take(b' ') {
        let rump = command.cursor.text()?;
        command.cursor.space()?;
        let mechanism = command.cursor.atom()?;
        if !mechanism.eq_ignore_ascii_case("INTERNAL") {
            return Err(bad("no mechanism but INTERNAL"));
        }
        let url = MessageUrl::parse(&rump).ok_or(bad("no URL of a message"))?;
        url.access.as_ref().ok_or(bad("the URL does not say who may use it"))?;
        let owner = url.user.as_deref().ok_or(bad("the URL does not say whose message it is"))?;
        if store.accounts.of_login(owner) != Some(command.account) {
            return Err(bad("that is another user's message"));
        }
        let folder = folder(&url, command.account, store).ok_or(bad("no such folder"))?;
        let url = format!("{rump}:internal:{}", token(&rump, command.account, folder, store));
        urls.push(quoted(url.as_bytes()));
    }
    command.cursor.end()?;
    if urls.is_empty() {
        return Err(bad("a URL is missing"));
    }
    output.bytes.extend(b"* GENURLAUTH ");
    output.bytes.extend(urls.join(&b' '));
    output.line("");
    done("made")
}

/// RFC 4467 §7: a new key for a folder, or for all; URLs that were made with the old one are void.
fn reset_key(command: &mut Command<'_>, store: &mut Store) -> Answer {
    if command.cursor.is_at_end() {
        let folders = store.folders_mut(command.account);
        folders.all_mut().for_each(|folder| folder.url_key += 1);
        return done("all keys are new");
    }
    command.cursor.space()?;
    let name = command.cursor.mailbox()?;
    while command.cursor.take(b' ') {
        if !command.cursor.atom()?.eq_ignore_ascii_case("INTERNAL") {
            return Err(no("[CANNOT] no mechanism but INTERNAL"));
        }
    }
    command.cursor.end()?;
    let folder = store.folders_mut(command.account).named_mut(&name).ok_or(no(acl::NO_SUCH_FOLDER))?;
    folder.url_key += 1;
    done("[URLMECH INTERNAL] the key is new")
}

/// ```abnf
/// urlfetch = "URLFETCH" 1*(SP url-fetch-arg)      ; RFC 5524 §5
/// ```
fn fetch(command: &mut Command<'_>, revision: Revision, store: &Served<'_>, output: &mut Output) -> Answer {
    let extended = store.capabilities.has(Capability::UrlAuthBinary);
    let mut all = Vec::new();
    while command.cursor.take(b' ') {
        all.push(wanted(&mut command.cursor, extended)?);
    }
    command.cursor.end()?;
    if all.is_empty() {
        return Err(bad("a URL is missing"));
    }
    for wanted in all {
        output.bytes.extend(b"* URLFETCH ");
        output.bytes.extend(quoted(wanted.url.as_bytes()));
        match opened(&wanted.url, command.account, store) {
            None => output.bytes.extend(b" NIL"),
            Some((message, section)) => wanted.write(&message, &section, revision, &mut output.bytes),
        }
        output.line("");
    }
    done("that is all")
}

fn wanted(cursor: &mut Cursor<'_>, extended: bool) -> Result<Wanted, Refusal> {
    if cursor.peek() != Some(b'(') || !extended {
        return Ok(Wanted { url: cursor.text()?, ..Wanted::default() });
    }
    let mut wanted = Wanted::default();
    cursor.list(|cursor| -> Parsed<()> {
        if wanted.url.is_empty() {
            wanted.url = cursor.text()?;
            return Ok(());
        }
        let word = cursor.atom()?.to_ascii_uppercase();
        let said = match word.as_str() {
            "BODYPARTSTRUCTURE" => &mut wanted.structure,
            "BINARY" => &mut wanted.binary,
            "BODY" => &mut wanted.body,
            _ => return Err(Malformed("unknown parameter")),
        };
        // RFC 5524 §3.1: "Metadata items MUST NOT appear more than once per URL requested".
        match std::mem::replace(said, true) {
            true => Err(Malformed("a parameter twice")),
            false => Ok(()),
        }
    })?;
    match wanted.binary && wanted.body {
        true => Err(bad("BINARY or BODY, not both")),
        false => Ok(wanted),
    }
}

impl Wanted {
    fn write(&self, message: &Message, section: &Section, revision: Revision, out: &mut Vec<u8>) {
        if self.structure {
            out.extend(b" (BODYPARTSTRUCTURE ");
            let part = if self.binary { Part::Decoded } else { Part::AsItIs };
            match section.structure(message, part, revision) {
                Some(structure) => out.extend(structure),
                None => out.extend(b"NIL"),
            }
            out.push(b')');
        }
        if self.binary {
            out.extend(b" (BINARY");
            section.write_value(message, Part::Decoded, out);
            out.push(b')');
        }
        if self.body {
            out.extend(b" (BODY");
            section.write_value(message, Part::AsItIs, out);
            out.push(b')');
        }
        if !self.structure && !self.binary && !self.body {
            section.write_value(message, Part::AsItIs, out);
        }
    }
}

/// The message that an authorized URL opens for a user, and the part of it.
fn opened(text: &str, account: AccountId, store: &Store) -> Option<(Message, Section)> {
    let (rump, shown) = text.rsplit_once(':')?;
    let (rump, mechanism) = rump.rsplit_once(':')?;
    if !mechanism.eq_ignore_ascii_case("internal") {
        return None;
    }
    let url = MessageUrl::parse(rump)?;
    let owner = store.accounts.of_login(url.user.as_deref()?)?;
    let folder = folder(&url, owner, store)?;
    let is_authorized = shown.eq_ignore_ascii_case(&token(rump, owner, folder, store));
    if !is_authorized || url.expires.is_some_and(|expires| expires < store.now) {
        return None;
    }
    let may = match url.access.as_deref()?.split_once('+') {
        Some((kind, user)) if kind.eq_ignore_ascii_case("user") => store.login(account) == user,
        // "submit+" is for submission servers; none logs in here.
        Some(_) => false,
        None => true,
    };
    let section = url.section()?;
    may.then_some(())?;
    let message = folder.message(url.uid)?.clone();
    section.exists_in(&message).then_some((message, section))
}

/// What a URL without authorization names in the user's own session, for CATENATE (RFC 4469 §3).
pub(super) fn octets(text: &str, selected: Option<&Folder>, account: AccountId, store: &Store) -> Option<Vec<u8>> {
    let url = MessageUrl::parse(text).filter(|url| !url.is_absolute && url.access.is_none())?;
    let folder = if url.folder.is_some() { folder(&url, account, store)? } else { selected? };
    url.section()?.octets(folder.message(url.uid)?)
}

/// The folder of a URL, where `account` may read it.
fn folder<'a>(url: &MessageUrl, account: AccountId, store: &'a Store) -> Option<&'a Folder> {
    let place = store.place(account, url.folder.as_deref()?);
    let folder = acl::allowed(&place, account, Right::Read, store).ok()?;
    url.uid_validity.is_none_or(|it| it == folder.uid_validity).then_some(folder)
}

/// RFC 4467 §2.4.1: proof that the URL was made with the folder's key.
fn token(rump: &str, owner: AccountId, folder: &Folder, store: &Store) -> String {
    let key = format!("{}\0{}\0{}", store.password(owner), folder.uid_validity, folder.url_key);
    let mut mac: Hmac<Sha256> = Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(rump.as_bytes());
    mac.finalize().into_bytes().iter().map(|octet| format!("{octet:02x}")).collect()
}
