//! Waiting for messages: new ones, or those that match.

use std::collections::BTreeMap;
use std::time::Duration;

use mail_parser::MessageParser;
use provost_account::EmailAddress;

use super::{HandleError, Kept, account, kept, named};
use crate::MockMail;
use crate::mailbox::Folder;
use crate::message::text;
use crate::message::{fields, header_octets};
use crate::store::{AccountId, Store};

/// Which messages are meant. What is left out fits every message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Sent to this address: the RCPT TO that led here; of a message that did not come by SMTP, an address in To, Cc or Bcc.
    pub recipient: Option<EmailAddress>,
    /// The Subject.
    pub subject: Option<Text>,
    /// A field with that name; and what one of them has to be, if that matters.
    pub header: Option<(String, Option<Text>)>,
}

/// What a text has to be, its encoded words decoded (RFC 2047) and its lines unfolded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// This, letter by letter.
    Equals(String),
    /// This is in it, in small or capital letters.
    Contains(String),
}

/// What is waited for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The folder; `None`: any.
    pub folder: Option<String>,
    /// Of the folder, messages with UIDs beyond this one. `None`: with a filter those that have come since the start
    /// or a reset, so that none is missed; without one, those that come from now on.
    pub after: Option<u32>,
    /// Which of them.
    pub filter: Filter,
    /// How many.
    pub count: usize,
}

/// A message and the name of its folder.
pub type Placed = (String, Kept);

impl MockMail {
    /// The messages of an account, or of one of its folders, that are meant: folder by folder, in the order of their UIDs.
    ///
    /// # Errors
    ///
    /// There is no such account or folder.
    pub fn find(
        &self,
        address: &EmailAddress,
        folder: Option<&str>,
        filter: &Filter,
    ) -> Result<Vec<Placed>, HandleError> {
        let store = self.store();
        let account = account(&store, address)?;
        found(&store, account, folder, filter, &|_, _| true)
    }

    /// Waits until so many messages that are meant have come, and gives them. Without a filter, what was there before the
    /// call does not count; with [`Wanted::after`], the UIDNEXT before the deed, less one, no message can be missed.
    ///
    /// # Errors
    ///
    /// There is no such account or folder, or the time is over.
    pub async fn wait_for_new(
        &self,
        address: &EmailAddress,
        wanted: &Wanted,
        limit: Duration,
    ) -> Result<Vec<Placed>, HandleError> {
        let folder = wanted.folder.as_deref();
        let (waits_in, before) = {
            let store = self.store();
            let account = account(&store, address)?;
            folder.map_or(Ok(()), |folder| named(&store, account, folder).map(|_| ()))?;
            let all = store.folders(account).all().iter();
            let before: BTreeMap<u32, u32> = all.map(|folder| (folder.uid_validity, folder.next_uid)).collect();
            (account, before)
        };
        let is_new = |folder: &Folder, uid: u32| match wanted.after {
            Some(after) => uid > after,
            None if wanted.filter != Filter::default() => uid >= folder.start_uid,
            None => before.get(&folder.uid_validity).is_none_or(|next| uid >= *next),
        };
        let look = || {
            let store = self.store();
            let account = account(&store, address)?;
            found(&store, account, folder, &wanted.filter, &is_new)
        };
        self.wait(waits_in, wanted.count, limit, look).await
    }

    /// Looks again with each change of an account, until enough is found or the time is over.
    pub(super) async fn wait<T>(
        &self,
        account: AccountId,
        wanted: usize,
        limit: Duration,
        look: impl Fn() -> Result<Vec<T>, HandleError>,
    ) -> Result<Vec<T>, HandleError> {
        let mut changes = self.wakers.listen(account);
        let enough = async {
            loop {
                let found = look()?;
                // The sender lives as long as the server, so that waiting ends with a change or with the time.
                if found.len() >= wanted || changes.changed().await.is_err() {
                    return Ok(found);
                }
            }
        };
        match tokio::time::timeout(limit, enough).await {
            Ok(found) => found,
            Err(_) => Err(HandleError::TimedOut { found: look()?.len(), wanted, limit }),
        }
    }
}

fn found(
    store: &Store,
    account: AccountId,
    folder: Option<&str>,
    filter: &Filter,
    is_meant: &dyn Fn(&Folder, u32) -> bool,
) -> Result<Vec<Placed>, HandleError> {
    let folders = match folder {
        Some(folder) => vec![named(store, account, folder)?],
        None => store.folders(account).all().iter().collect(),
    };
    let mut all = Vec::new();
    for folder in folders {
        let meant = folder.messages.iter().filter(|it| is_meant(folder, it.uid));
        all.extend(meant.map(kept).filter(|kept| filter.fits(kept)).map(|kept| (folder.name.clone(), kept)));
    }
    Ok(all)
}

impl Filter {
    /// Whether a message is meant.
    #[must_use]
    pub fn fits(&self, message: &Kept) -> bool {
        let subject = self.subject.as_ref().is_none_or(|text| text.fits_any(&message.texts("Subject")));
        let header = self.header.as_ref().is_none_or(|(name, text)| {
            let found = message.texts(name);
            text.as_ref().map_or(!found.is_empty(), |text| text.fits_any(&found))
        });
        subject && header && self.recipient.as_ref().is_none_or(|recipient| message.came_to(recipient))
    }
}

impl Text {
    fn fits_any(&self, texts: &[String]) -> bool {
        texts.iter().any(|text| match self {
            Self::Equals(whole) => text == whole,
            Self::Contains(part) => text.to_lowercase().contains(&part.to_lowercase()),
        })
    }
}

impl Kept {
    /// The values of the header fields of that name, unfolded, their encoded words decoded (RFC 2047).
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        let header = &self.bytes[..header_octets(&self.bytes)];
        let named = fields(header).into_iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| text::words(&field.value())).collect()
    }

    fn came_to(&self, recipient: &EmailAddress) -> bool {
        let is_it = |text: &str| EmailAddress::try_from(text).is_ok_and(|address| address.key() == recipient.key());
        if let Some(envelope) = &self.envelope {
            return is_it(&envelope.rcpt_to);
        }
        let Some(message) = MessageParser::default().parse_headers(self.bytes.as_slice()) else { return false };
        let lists = [message.to(), message.cc(), message.bcc()];
        lists.into_iter().flatten().flat_map(mail_parser::Address::iter).any(|it| it.address().is_some_and(is_it))
    }
}
