//! What a test in the same program does with the running server: accounts, messages, faults, and waiting for mail.

mod mailboxes;
mod waiting;

use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use provost_account::EmailAddress;
use thiserror::Error;
use time::OffsetDateTime;

use crate::faults::{Armed, Fault};
use crate::flags::{FlagError, flag};
use crate::imap::Capabilities;
use crate::mailbox::Folder;
use crate::message::{CARRIAGE_RETURNS, fields, header_octets, received};
use crate::sessions::{Ending, Farewell, Now, Open, OpenSession, Origin};
use crate::store::{AccountId, Store};
use crate::{Config, Envelope, Line, Mailbox, MockMail, StartError};

pub use mailboxes::{FlagChange, FolderStatus};
pub use waiting::{Filter, Placed, Text, Wanted};

/// A message to put into a folder.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The whole message; lines end in CRLF, or in LF, which is taken for CRLF.
    pub bytes: Vec<u8>,
    /// Flags as IMAP has them: `\Seen`, `$Forwarded`.
    pub flags: Vec<String>,
    /// When it arrived; `None`: now.
    pub internal_date: Option<SystemTime>,
}

impl NewMessage {
    /// The message in a file, whatever its line ends are; without flags, arriving now.
    #[must_use]
    pub fn from_file(text: &[u8]) -> Self {
        Self { bytes: text.to_vec(), flags: Vec::new(), internal_date: None }
    }
}

/// A message that is there from the start, and again after a reset.
#[derive(Debug, Clone)]
pub struct Preloaded {
    /// Its account.
    pub address: EmailAddress,
    /// The folder, which is made if it is missing.
    pub folder: String,
    /// The message.
    pub message: NewMessage,
}

/// A message that the server keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The UID.
    pub uid: u32,
    /// The flags, without `\Recent`.
    pub flags: Vec<String>,
    /// When it arrived.
    pub internal_date: SystemTime,
    /// Its envelope; `None`: it did not come by SMTP.
    pub envelope: Option<Envelope>,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Kept {
    /// The first value of a header field, unfolded, as it stands there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let header = &self.bytes[..header_octets(&self.bytes)];
        fields(header).into_iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value())
    }
}

/// What cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HandleError {
    /// Nobody has that address.
    #[error("no account has the address {0}")]
    NoAccount(EmailAddress),
    /// The account has no such folder.
    #[error("there is no folder {0:?}")]
    NoFolder(String),
    /// Lines of the message's header end in CR alone.
    #[error("{CARRIAGE_RETURNS}")]
    CarriageReturns,
    /// The folder has no message with that UID.
    #[error("there is no message with the UID {uid} in {folder:?}")]
    NoMessage {
        /// The folder.
        folder: String,
        /// The UID.
        uid: u32,
    },
    /// There is a folder of that name.
    #[error("there is already a folder {0:?}")]
    FolderTaken(String),
    /// No folder can be called so.
    #[error("{0:?} cannot be the name of a folder")]
    NoFolderName(String),
    /// INBOX cannot be deleted.
    #[error("INBOX cannot be deleted, but its messages can")]
    InboxStays,
    /// No connection has that number, or not any more.
    #[error("no session has the number {0}")]
    NoSession(u64),
    /// The address or the login name belongs to somebody.
    #[error("{0} or its login name is taken")]
    Taken(EmailAddress),
    /// A message cannot be given that flag.
    #[error(transparent)]
    Flag(#[from] FlagError),
    /// Not enough messages arrived in time.
    #[error("{found} of {wanted} messages came within {limit:?}")]
    TimedOut {
        /// How many there are.
        found: usize,
        /// How many were waited for.
        wanted: usize,
        /// How long.
        limit: Duration,
    },
}

impl MockMail {
    /// Every account.
    #[must_use]
    pub fn accounts(&self) -> Vec<Mailbox> {
        self.store().accounts.mailboxes().map(|(_, mailbox)| mailbox.clone()).collect()
    }

    /// The same without a copy, for many accounts. The server waits meanwhile.
    pub fn each_account(&self, look: &mut dyn FnMut(&Mailbox)) {
        self.store().accounts.mailboxes().for_each(|(_, mailbox)| look(mailbox));
    }

    /// The address of the account with that login name or address.
    #[must_use]
    pub fn address_of(&self, name: &str) -> Option<EmailAddress> {
        let store = self.store();
        let address = || store.accounts.of_address(&EmailAddress::try_from(name).ok()?);
        store.accounts.of_login(name).or_else(address).and_then(|account| store.address(account).cloned())
    }

    /// Adds an account, with folders and without messages.
    ///
    /// # Errors
    ///
    /// The address or the login name is taken.
    pub fn add_account(&self, mailbox: Mailbox) -> Result<(), HandleError> {
        let address = mailbox.address.clone();
        self.store().add(mailbox).map(|_| ()).ok_or(HandleError::Taken(address))
    }

    /// The same as if it had been there at the start: with the first messages. A reset takes it away all the same.
    ///
    /// # Errors
    ///
    /// The address or the login name is taken.
    pub fn add_account_as_at_start(&self, mailbox: Mailbox) -> Result<(), HandleError> {
        let address = mailbox.address.clone();
        let mut store = self.store();
        let account = store.add(mailbox).ok_or(HandleError::Taken(address))?;
        store.accounts[account].has_first_messages = true;
        Ok(())
    }

    /// Removes an account and all its messages. Its sessions are told, and end.
    ///
    /// # Errors
    ///
    /// Nobody has that address.
    pub fn remove_account(&self, address: &EmailAddress) -> Result<(), HandleError> {
        self.change(address, |store, account| {
            store.remove(account);
            Ok(())
        })
    }

    /// The names of an account's folders.
    ///
    /// # Errors
    ///
    /// Nobody has that address.
    pub fn folders(&self, address: &EmailAddress) -> Result<Vec<String>, HandleError> {
        let store = self.store();
        let account = account(&store, address)?;
        Ok(store.folders(account).all().iter().map(|folder| folder.name.clone()).collect())
    }

    /// The messages of a folder, in the order of their UIDs.
    ///
    /// # Errors
    ///
    /// There is no such account or folder.
    pub fn messages(&self, address: &EmailAddress, folder: &str) -> Result<Vec<Kept>, HandleError> {
        let store = self.store();
        let account = account(&store, address)?;
        Ok(named(&store, account, folder)?.messages.iter().map(kept).collect())
    }

    /// Puts a message into a folder, which is made if it is missing, and says its UID. Clients that wait are told.
    ///
    /// # Errors
    ///
    /// Nobody has that address, no folder can have that name, lines of the header end in CR alone, or no message can have one of the flags.
    pub fn put(&self, address: &EmailAddress, folder: &str, message: NewMessage) -> Result<u32, HandleError> {
        let uid = put(&mut self.store(), address, folder, message)?;
        self.wake();
        Ok(uid)
    }

    /// Removes every message of a folder.
    ///
    /// # Errors
    ///
    /// There is no such account or folder.
    pub fn clear(&self, address: &EmailAddress, folder: &str) -> Result<(), HandleError> {
        self.change(address, |store, account| {
            let folder = named_mut(store, account, folder)?;
            let all: Vec<u32> = folder.messages.iter().map(|message| message.uid).collect();
            folder.remove(&all);
            Ok(())
        })
    }

    /// Waits until a folder has this many messages in all, the first ones included, and returns them; see
    /// [`MockMail::wait_for_new`].
    ///
    /// # Errors
    ///
    /// There is no such account or folder, or the time is over.
    pub async fn wait_for(
        &self,
        address: &EmailAddress,
        folder: &str,
        wanted: usize,
        limit: Duration,
    ) -> Result<Vec<Kept>, HandleError> {
        let account = account(&self.store(), address)?;
        self.wait(account, wanted, limit, || self.messages(address, folder)).await
    }

    /// The faults that are on, and when.
    #[must_use]
    pub fn faults(&self) -> Vec<Armed> {
        self.store().armed.all().cloned().collect()
    }

    /// Switches a fault on, from the next connection or command on. It replaces the same fault for the same host and
    /// account; those for others stay. Where several apply, the one for the fewest clients counts.
    pub fn set_fault(&self, fault: impl Into<Armed>) {
        self.store().armed.arm(fault.into());
    }

    /// Switches a fault off for every host and account, from the next connection or command on.
    pub fn clear_fault(&self, fault: Fault) {
        self.store().armed.disarm(fault);
    }

    /// Switches a fault off only for the host and account that `which` names.
    pub fn clear_one_fault(&self, which: &Armed) {
        self.store().armed.disarm_one(which);
    }

    /// Gives an account its own list of what IMAP announces and does, from the login or the next command on; `None`: the
    /// server's list again. A reset does that, too.
    ///
    /// # Errors
    ///
    /// Nobody has that address.
    pub fn set_capabilities(
        &self,
        address: &EmailAddress,
        capabilities: Option<Capabilities>,
    ) -> Result<(), HandleError> {
        self.change(address, |store, account| {
            store.set_own_capabilities(account, capabilities);
            Ok(())
        })
    }

    /// What IMAP announces to an account and does for it, and whether that is its own list.
    ///
    /// # Errors
    ///
    /// Nobody has that address.
    pub fn capabilities(&self, address: &EmailAddress) -> Result<(Capabilities, bool), HandleError> {
        let store = self.store();
        let account = account(&store, address)?;
        Ok(store.capabilities_of(account))
    }

    /// The transcript of all connections from that line on, the oldest first; empty if none is kept.
    #[must_use]
    pub fn transcript(&self, from: u64) -> Vec<Line> {
        let store = self.store();
        store.transcript.as_ref().map_or_else(Vec::new, |transcript| transcript.from(from).cloned().collect())
    }

    /// Every session, in the order of their numbers, except those that were asked to end.
    #[must_use]
    pub fn sessions(&self) -> Vec<OpenSession> {
        let store = self.store();
        store.sessions.open().map(|(number, open)| seen(number, open, &store)).collect()
    }

    /// Ends a session. Nothing that its client says from here on is done.
    ///
    /// # Errors
    ///
    /// No session has that number.
    pub fn end_session(&self, number: u64, farewell: Farewell) -> Result<(), HandleError> {
        match self.store().sessions.end(|at, _| at == number, Ending::Asked(farewell)) {
            0 => Err(HandleError::NoSession(number)),
            _ => Ok(()),
        }
    }

    /// Ends every session of the account `address`, or all sessions, and returns how many there were.
    ///
    /// # Errors
    ///
    /// Nobody has that address.
    pub fn end_sessions(&self, address: Option<&EmailAddress>, farewell: Farewell) -> Result<usize, HandleError> {
        let mut store = self.store();
        let meant = address.map(|address| account(&store, address)).transpose()?;
        let is_meant = |now: &Now| meant.is_none() || now.account == meant;
        Ok(store.sessions.end(|_, now| is_meant(now), Ending::Asked(farewell)))
    }

    /// Sets accounts, messages (with those of [`Config::preload`]) and faults back to the start. Every session is told, and
    /// ends; folders get a new UIDVALIDITY.
    pub fn reset(&self) {
        {
            let mut store = self.store();
            store.reset(&self.config);
            // They could be put there at the start, so they can be now.
            preload(&mut store, &self.config).ok();
        }
        self.wake();
    }

    /// Changes something of an account; clients that wait are told.
    fn change<T>(
        &self,
        address: &EmailAddress,
        act: impl FnOnce(&mut Store, AccountId) -> Result<T, HandleError>,
    ) -> Result<T, HandleError> {
        let done = {
            let mut store = self.store();
            let account = account(&store, address)?;
            act(&mut store, account)?
        };
        self.wake();
        Ok(done)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        let touched = self.store().take_touched();
        self.wakers.wake(touched);
    }
}

fn account(store: &Store, address: &EmailAddress) -> Result<AccountId, HandleError> {
    store.accounts.of_address(address).ok_or_else(|| HandleError::NoAccount(address.clone()))
}

/// Puts the messages of [`Config::preload`] into their folders.
pub(crate) fn preload(store: &mut Store, config: &Config) -> Result<(), StartError> {
    for Preloaded { address, folder, message } in &config.preload {
        put(store, address, folder, message.clone()).map_err(|source| StartError::Preload {
            address: address.clone(),
            folder: folder.clone(),
            source: Box::new(source),
        })?;
        let account = store.accounts.of_address(address);
        if let Some(folder) = account.and_then(|account| store.folders_mut(account).named_mut(folder)) {
            folder.starts_here();
        }
    }
    Ok(())
}

fn put(store: &mut Store, address: &EmailAddress, folder: &str, message: NewMessage) -> Result<u32, HandleError> {
    let account = account(store, address)?;
    let flags = message.flags.iter().map(|it| flag(it)).collect::<Result<_, _>>()?;
    let bytes = received(message.bytes).ok().ok_or(HandleError::CarriageReturns)?;
    let now = store.now;
    let date = message.internal_date.map_or(now, OffsetDateTime::from);
    let folders = store.folders_mut(account);
    let email_id = folders.new_email_id();
    folders.create(folder, None);
    let folder = folders.named_mut(folder).ok_or_else(|| HandleError::NoFolder(folder.to_owned()))?;
    Ok(folder.append(bytes.into(), date, flags, email_id, now))
}

fn seen(number: u64, open: &Open, store: &Store) -> OpenSession {
    let Origin { protocol, host, peer } = &open.origin;
    let Now { is_tls, account, commands, selected } = open.now;
    let folder = selected.and_then(|(owner, uid_validity)| store.folders(owner).known_as(uid_validity));
    OpenSession {
        number,
        protocol: *protocol,
        host: host.to_string(),
        peer: *peer,
        is_tls,
        account: account.and_then(|account| store.address(account)).cloned(),
        commands,
        folder: folder.map(|folder| folder.name.clone()),
    }
}

fn named<'a>(store: &'a Store, account: AccountId, folder: &str) -> Result<&'a Folder, HandleError> {
    store.folders(account).named(folder).ok_or_else(|| HandleError::NoFolder(folder.to_owned()))
}

fn named_mut<'a>(store: &'a mut Store, account: AccountId, folder: &str) -> Result<&'a mut Folder, HandleError> {
    named(store, account, folder)?;
    store.folders_mut(account).named_mut(folder).ok_or_else(|| HandleError::NoFolder(folder.to_owned()))
}

fn kept(message: &crate::message::Message) -> Kept {
    Kept {
        uid: message.uid,
        flags: message.flags.clone(),
        internal_date: message.internal_date.into(),
        envelope: message.envelope.as_deref().cloned(),
        bytes: message.bytes.to_vec(),
    }
}
