//! The folders of an account: names, attributes, messages with their UIDs. No protocol.

use time::OffsetDateTime;

use crate::message::Message;

/// All folders of one account, INBOX first.
#[derive(Debug)]
pub(crate) struct Folders {
    folders: Vec<Folder>,
    next_uid_validity: u32,
}

/// A folder.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) name: String,
    /// The special use of RFC 6154, if any.
    pub(crate) special_use: Option<&'static str>,
    pub(crate) subscribed: bool,
    /// Changes when the name is given to a new folder.
    pub(crate) uid_validity: u32,
    pub(crate) next_uid: u32,
    /// In the order of their UIDs.
    pub(crate) messages: Vec<Message>,
}

impl Folders {
    /// The folders that an account starts with.
    pub(crate) fn new(inbox: Vec<(OffsetDateTime, Vec<u8>)>) -> Self {
        let mut folders = Self { folders: Vec::new(), next_uid_validity: 1 };
        for (name, special_use) in
            [("INBOX", None), ("Drafts", Some("\\Drafts")), ("Sent", Some("\\Sent")), ("Trash", Some("\\Trash"))]
        {
            folders.add(name.to_owned(), special_use);
        }
        for (date, bytes) in inbox {
            folders.inbox_mut().append(bytes, date, Vec::new());
        }
        folders
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

    pub(crate) fn inbox(&self) -> &Folder {
        self.folders.first().expect("INBOX is made first and cannot be deleted")
    }

    pub(crate) fn inbox_mut(&mut self) -> &mut Folder {
        self.folders.first_mut().expect("INBOX is made first and cannot be deleted")
    }

    /// Makes a folder; `false` if there is one of that name.
    pub(crate) fn create(&mut self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        if name.is_empty() || self.named(name).is_some() {
            return false;
        }
        self.add(name.to_owned(), None);
        true
    }

    /// Deletes a folder; `false` if there is none, or it is INBOX.
    pub(crate) fn delete(&mut self, name: &str) -> bool {
        let at = self.folders.iter().skip(1).position(|folder| same_name(&folder.name, name));
        at.map(|at| self.folders.remove(at + 1)).is_some()
    }

    /// Renames a folder and those below it; INBOX's messages move out and it stays (RFC 3501 §6.3.5).
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> bool {
        if self.named(from).is_none() || !self.create(to) {
            return false;
        }
        if same_name(from, "INBOX") {
            let messages = std::mem::take(&mut self.inbox_mut().messages);
            let target = self.named_mut(to).expect("it was just created");
            for message in messages {
                target.append(message.bytes, message.internal_date, message.flags);
            }
            return true;
        }
        self.delete(to);
        let below = format!("{from}/");
        for folder in &mut self.folders {
            if folder.name == from {
                to.clone_into(&mut folder.name);
            } else if let Some(rest) = folder.name.strip_prefix(&below) {
                folder.name = format!("{to}/{rest}");
            }
        }
        true
    }

    fn add(&mut self, name: String, special_use: Option<&'static str>) {
        let uid_validity = self.next_uid_validity;
        self.next_uid_validity += 1;
        self.folders.push(Folder {
            name,
            special_use,
            subscribed: true,
            uid_validity,
            next_uid: 1,
            messages: Vec::new(),
        });
    }
}

impl Folder {
    /// Adds a message and says its UID.
    pub(crate) fn append(&mut self, bytes: Vec<u8>, internal_date: OffsetDateTime, flags: Vec<String>) -> u32 {
        let uid = self.next_uid;
        self.next_uid += 1;
        self.messages.push(Message { uid, flags, internal_date, bytes });
        uid
    }

    pub(crate) fn message(&self, uid: u32) -> Option<&Message> {
        self.messages.binary_search_by_key(&uid, |message| message.uid).ok().map(|at| &self.messages[at])
    }

    pub(crate) fn message_mut(&mut self, uid: u32) -> Option<&mut Message> {
        self.messages.binary_search_by_key(&uid, |message| message.uid).ok().map(|at| &mut self.messages[at])
    }
}

fn same_name(one: &str, other: &str) -> bool {
    one == other || one.eq_ignore_ascii_case("INBOX") && other.eq_ignore_ascii_case("INBOX")
}
