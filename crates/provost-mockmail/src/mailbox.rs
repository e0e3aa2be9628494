//! An account's folders: names, special uses, messages with their UIDs, and what changed when. No protocol.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use time::OffsetDateTime;

use crate::flags;
use crate::message::{Envelope, Message};
use crate::rights::AccessList;
use crate::uid_validity::UidValidities;

/// All folders of one account, INBOX first.
#[derive(Debug)]
pub(crate) struct Folders {
    folders: Vec<Folder>,
    /// Names, also of folders that are gone (RFC 3501 §6.3.9).
    subscribed: BTreeSet<String>,
    uid_validities: UidValidities,
    next_email_id: u64,
    /// The account's own annotations of the server (RFC 5464).
    pub(crate) annotations: Annotations,
}

/// Entries and their values (RFC 5464 §3).
pub(crate) type Annotations = BTreeMap<String, Arc<[u8]>>;

/// A folder.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) name: String,
    /// The special use of RFC 6154, if any.
    pub(crate) special_use: Option<&'static str>,
    /// Changes when the name is given to a new folder, and never belongs to two folders of an account, be one of them
    /// gone.
    pub(crate) uid_validity: u32,
    pub(crate) next_uid: u32,
    /// In the order of their UIDs.
    pub(crate) messages: Vec<Message>,
    /// RFC 7162's HIGHESTMODSEQ: the number of the last change.
    pub(crate) highest_modseq: u64,
    /// What was removed.
    pub(crate) removals: Removals,
    /// Messages from this UID on have been told to no session yet.
    pub(crate) recent_from: u32,
    /// Messages before this UID were there at the start.
    pub(crate) start_uid: u32,
    /// Every flag that a message here has or had, besides the system's.
    pub(crate) keywords: Vec<String>,
    pub(crate) access: AccessList,
    pub(crate) annotations: Annotations,
    /// How often the key that authorizes URLs was made anew (RFC 4467 §2.4).
    pub(crate) url_key: u64,
    /// What its messages have in octets.
    octets: usize,
}

impl Folders {
    /// The folders that an account starts with, and the messages in its INBOX. The UIDVALIDITY of INBOX is `first`, which
    /// the others follow; later ones come from `uid_validities`.
    pub(crate) fn new(inbox: Vec<(OffsetDateTime, Vec<u8>)>, first: u32, uid_validities: UidValidities) -> Self {
        let folder = |(uid_validity, (name, special_use)): (u32, (&str, _))| {
            Folder::new(name.to_owned(), special_use, uid_validity)
        };
        let mut folders = Self {
            folders: (first..).zip(FIRST_FOLDERS).map(folder).collect(),
            subscribed: FIRST_FOLDERS.map(|(name, _)| name.to_owned()).into(),
            uid_validities,
            // RFC 8474 §5.1 has them unique: an account that is made again begins with other ones.
            next_email_id: u64::from(first) << u32::BITS | 1,
            annotations: Annotations::new(),
        };
        for (date, bytes) in inbox {
            folders.deliver(bytes.into(), date);
        }
        folders.inbox_mut().starts_here();
        folders
    }

    /// These folders, INBOX first.
    pub(crate) fn of(folders: Vec<Folder>, parts: Parts, uid_validities: UidValidities) -> Self {
        let Parts { subscribed, next_uid_validity, next_email_id, annotations } = parts;
        uid_validities.go_beyond(next_uid_validity);
        Self { folders, subscribed, uid_validities, next_email_id, annotations }
    }

    pub(crate) fn parts(&self) -> Parts {
        Parts {
            subscribed: self.subscribed.clone(),
            next_uid_validity: self.uid_validities.next(),
            next_email_id: self.next_email_id,
            annotations: self.annotations.clone(),
        }
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Folder> {
        self.folders.iter_mut()
    }

    pub(crate) fn all(&self) -> &[Folder] {
        &self.folders
    }

    /// A folder by its name; `INBOX` in any letter case (RFC 3501 §5.1).
    pub(crate) fn named(&self, name: &str) -> Option<&Folder> {
        self.folders.iter().find(|folder| same_name(&folder.name, name))
    }

    pub(crate) fn named_mut(&mut self, name: &str) -> Option<&mut Folder> {
        self.folders.iter_mut().find(|folder| same_name(&folder.name, name))
    }

    /// A folder by its UIDVALIDITY, which no renaming changes.
    pub(crate) fn known_as(&self, uid_validity: u32) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.uid_validity == uid_validity)
    }

    pub(crate) fn known_as_mut(&mut self, uid_validity: u32) -> Option<&mut Folder> {
        self.folders.iter_mut().find(|folder| folder.uid_validity == uid_validity)
    }

    pub(crate) fn inbox(&self) -> &Folder {
        self.folders.first().expect("INBOX is made first and cannot be deleted")
    }

    pub(crate) fn inbox_mut(&mut self) -> &mut Folder {
        self.folders.first_mut().expect("INBOX is made first and cannot be deleted")
    }

    /// Puts a new message into INBOX.
    pub(crate) fn deliver(&mut self, bytes: Arc<[u8]>, internal_date: OffsetDateTime) {
        self.deliver_in(None, bytes, internal_date, None);
    }

    /// The same, in an envelope; with a special use, into the folder that has it, if there is one.
    pub(crate) fn deliver_in(
        &mut self,
        special_use: Option<&'static str>,
        bytes: Arc<[u8]>,
        internal_date: OffsetDateTime,
        envelope: Option<Arc<Envelope>>,
    ) {
        let email_id = self.new_email_id();
        let special = special_use.and_then(|wanted| self.all().iter().position(|it| it.special_use == Some(wanted)));
        let folder = &mut self.folders[special.unwrap_or(0)];
        folder.append(bytes, internal_date, Vec::new(), email_id, internal_date);
        if let Some(message) = folder.messages.last_mut() {
            message.envelope = envelope;
        }
    }

    /// A number for a message that is new to the account (RFC 8474 §5.1: copies keep it).
    pub(crate) fn new_email_id(&mut self) -> u64 {
        self.next_email_id += 1;
        self.next_email_id - 1
    }

    /// Makes a folder, and those above it that are missing; `false` if there is one of that name.
    pub(crate) fn create(&mut self, name: &str, special_use: Option<&'static str>) -> bool {
        let name = name.trim_end_matches(DELIMITER);
        let is_name = name.len() <= NAME_OCTETS_MAX && !name.split(DELIMITER).any(str::is_empty);
        if !is_name || self.named(name).is_some() {
            return false;
        }
        // RFC 3501 §6.3.3: "If the server's hierarchy separator character appears elsewhere in the name, the server
        // SHOULD create any superior hierarchical names that are needed".
        for (at, _) in name.match_indices(DELIMITER) {
            if self.named(&name[..at]).is_none() {
                self.add(name[..at].to_owned(), None);
            }
        }
        // RFC 4314 §4: "When a new mailbox is created, it SHOULD inherit the ACL from the parent mailbox".
        let above = name.rmatch_indices(DELIMITER).find_map(|(at, _)| self.named(&name[..at]));
        let access = above.map_or_else(AccessList::default, |folder| folder.access.clone());
        self.add(name.to_owned(), special_use);
        if let Some(folder) = self.named_mut(name) {
            folder.access = access;
        }
        true
    }

    /// Deletes a folder; `false` if there is none, or it is INBOX.
    pub(crate) fn delete(&mut self, name: &str) -> bool {
        let at = self.folders.iter().skip(1).position(|folder| same_name(&folder.name, name));
        at.map(|at| self.folders.remove(at + 1)).is_some()
    }

    /// Renames a folder and those below it; INBOX's messages move out and it stays (RFC 3501 §6.3.5).
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> bool {
        let below = format!("{from}{DELIMITER}");
        if self.named(from).is_none() || to.starts_with(&below) || !self.create(to, None) {
            return false;
        }
        if same_name(from, "INBOX") {
            let inbox = self.inbox_mut();
            let all: Vec<u32> = inbox.messages.iter().map(|message| message.uid).collect();
            let messages = inbox.remove(&all);
            let annotations = inbox.annotations.clone();
            let target = self.named_mut(to).expect("it was just created");
            // RFC 5464 §4.1: "the annotations are copied from the original INBOX to the renamed mailbox".
            target.annotations = annotations;
            for it in messages {
                let (flags, saved) = (it.flags.clone(), it.saved);
                target.append_copy(it, flags, saved);
            }
            return true;
        }
        self.delete(to);
        for folder in &mut self.folders {
            if folder.name == from {
                to.clone_into(&mut folder.name);
            } else if let Some(rest) = folder.name.strip_prefix(&below) {
                folder.name = format!("{to}{DELIMITER}{rest}");
            }
        }
        true
    }

    /// Gives a folder another UIDVALIDITY: whoever has it open has lost it.
    pub(crate) fn forget_uids(&mut self, name: &str) {
        let uid_validity = self.uid_validities.take(1);
        if let Some(folder) = self.named_mut(name) {
            folder.uid_validity = uid_validity;
        }
    }

    pub(crate) fn subscribe(&mut self, name: &str) {
        let name = self.named(name).map_or(name, |folder| folder.name.as_str()).to_owned();
        self.subscribed.insert(name);
    }

    pub(crate) fn unsubscribe(&mut self, name: &str) {
        self.subscribed.retain(|it| !same_name(it, name));
    }

    pub(crate) fn subscribed(&self) -> &BTreeSet<String> {
        &self.subscribed
    }

    fn add(&mut self, name: String, special_use: Option<&'static str>) {
        let uid_validity = self.uid_validities.take(1);
        self.folders.push(Folder::new(name, special_use, uid_validity));
    }
}

/// What was removed from a folder. A server may forget (RFC 7162 §3.2.7): the log has an end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Removals {
    /// How many there ever were.
    pub(crate) count: u64,
    /// The latest, in the order of removal: the number of the change, and the UID.
    pub(crate) log: VecDeque<(u64, u32)>,
    /// The number of the last change that is in the log no more.
    pub(crate) forgotten: u64,
}

impl Removals {
    fn note(&mut self, modseq: u64, uids: impl Iterator<Item = u32>) {
        for uid in uids {
            self.count += 1;
            self.log.push_back((modseq, uid));
        }
        while self.log.len() > REMOVALS_MAX {
            self.forgotten = self.log.pop_front().map_or(self.forgotten, |(modseq, _)| modseq);
        }
    }
}

/// What an account has besides its folders.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) subscribed: BTreeSet<String>,
    pub(crate) next_uid_validity: u32,
    pub(crate) next_email_id: u64,
    pub(crate) annotations: Annotations,
}

impl Folder {
    /// An empty one.
    pub(crate) fn new(name: String, special_use: Option<&'static str>, uid_validity: u32) -> Self {
        Self {
            name,
            special_use,
            uid_validity,
            next_uid: 1,
            messages: Vec::new(),
            highest_modseq: 1,
            removals: Removals::default(),
            recent_from: 1,
            start_uid: 1,
            keywords: Vec::new(),
            access: AccessList::default(),
            annotations: Annotations::new(),
            url_key: 0,
            octets: 0,
        }
    }

    /// What is here now was here at the start.
    pub(crate) fn starts_here(&mut self) {
        self.start_uid = self.next_uid;
    }

    /// Puts a message back that was here before, behind those that are here.
    pub(crate) fn put_back(&mut self, message: Message) {
        self.octets += message.bytes.len();
        self.messages.push(message);
    }

    /// Takes note that a message that was here is gone.
    pub(crate) fn lose(&mut self, uid: u32) {
        let modseq = self.new_modseq();
        self.removals.note(modseq, std::iter::once(uid));
    }

    /// Adds a message and says its UID.
    pub(crate) fn append(
        &mut self,
        bytes: Arc<[u8]>,
        internal_date: OffsetDateTime,
        flags: Vec<String>,
        email_id: u64,
        saved: OffsetDateTime,
    ) -> u32 {
        let uid = self.next_uid;
        self.next_uid += 1;
        let modseq = self.new_modseq();
        let flags = flags::spelled(flags, &self.keywords);
        self.remember(&flags);
        self.octets += bytes.len();
        self.messages.push(Message::new(uid, flags, internal_date, bytes, modseq, email_id, saved));
        uid
    }

    /// Adds a copy of a message, with these flags, and says its UID.
    pub(crate) fn append_copy(&mut self, message: Message, flags: Vec<String>, saved: OffsetDateTime) -> u32 {
        let Message { internal_date, bytes, email_id, envelope, .. } = message;
        let uid = self.append(bytes, internal_date, flags, email_id, saved);
        if let Some(copy) = self.messages.last_mut() {
            copy.envelope = envelope;
        }
        uid
    }

    /// Removes the messages of these UIDs, which are in ascending order, and gives them back.
    pub(crate) fn remove(&mut self, uids: &[u32]) -> Vec<Message> {
        if uids.is_empty() {
            return Vec::new();
        }
        let modseq = self.new_modseq();
        let doomed = |message: &Message| uids.binary_search(&message.uid).is_ok();
        let (removed, kept) = std::mem::take(&mut self.messages).into_iter().partition(doomed);
        self.messages = kept;
        let removed: Vec<Message> = removed;
        self.octets -= removed.iter().map(|message| message.bytes.len()).sum::<usize>();
        self.removals.note(modseq, removed.iter().map(|message| message.uid));
        removed
    }

    /// The number of a change that is about to be made.
    pub(crate) fn new_modseq(&mut self) -> u64 {
        self.highest_modseq += 1;
        self.highest_modseq
    }

    /// Keeps the keywords among flags for FLAGS and PERMANENTFLAGS.
    pub(crate) fn remember(&mut self, flags: &[String]) {
        for flag in flags.iter().filter(|flag| !flag.starts_with('\\')) {
            if !self.keywords.iter().any(|known| known.eq_ignore_ascii_case(flag)) {
                self.keywords.push(flag.clone());
            }
        }
    }

    pub(crate) fn message(&self, uid: u32) -> Option<&Message> {
        self.messages.binary_search_by_key(&uid, |message| message.uid).ok().map(|at| &self.messages[at])
    }

    pub(crate) fn message_mut(&mut self, uid: u32) -> Option<&mut Message> {
        self.messages.binary_search_by_key(&uid, |message| message.uid).ok().map(|at| &mut self.messages[at])
    }

    /// All octets of its messages.
    pub(crate) fn octets(&self) -> usize {
        self.octets
    }
}

fn same_name(one: &str, other: &str) -> bool {
    one == other || one.eq_ignore_ascii_case("INBOX") && other.eq_ignore_ascii_case("INBOX")
}

/// The folders that an account starts with, and their special uses (RFC 6154).
const FIRST_FOLDERS: [(&str, Option<&'static str>); 6] = [
    ("INBOX", None),
    ("Archive", Some("\\Archive")),
    ("Drafts", Some("\\Drafts")),
    ("Junk", Some("\\Junk")),
    ("Sent", Some("\\Sent")),
    ("Trash", Some("\\Trash")),
];
/// How many these are.
pub(crate) const FIRST_FOLDERS_COUNT: u32 = 6;

/// What a file system takes for the name of a folder.
const NAME_OCTETS_MAX: usize = 200;

/// What separates the names of a hierarchy.
pub(crate) const DELIMITER: char = '/';

/// How many removals a folder remembers.
const REMOVALS_MAX: usize = 1_000;

/// The special use of that name, of those that a folder of messages can have (RFC 6154 §2).
pub(crate) fn special_use(name: &str) -> Option<&'static str> {
    SPECIAL_USES.into_iter().find(|it| it.eq_ignore_ascii_case(name))
}

const SPECIAL_USES: [&str; 5] = ["\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash"];
