//! The keywords of each kind of section: those that mbsync 1.4.4 or 1.5.1 accepts there (observed for each, 2026-11;
//! `UseKeychain` only on a Mac). It knows no values.

use crate::as_version::AsVersion;

/// A kind of section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No section: what is for the whole file, and what begins a section.
    Outside,
    Account,
    ImapStore,
    MaildirStore,
    Channel,
    Group,
}

impl Kind {
    pub(super) const ALL: &[Self] =
        &[Self::Outside, Self::Account, Self::ImapStore, Self::MaildirStore, Self::Channel, Self::Group];

    /// The section that a keyword begins, outside of any other.
    pub(super) fn begun_by(keyword: &str) -> Option<Self> {
        match keyword {
            "imapaccount" => Some(Self::Account),
            "imapstore" => Some(Self::ImapStore),
            "maildirstore" => Some(Self::MaildirStore),
            "channel" => Some(Self::Channel),
            "group" => Some(Self::Group),
            _ => None,
        }
    }

    pub(super) fn keywords(self) -> Vec<&'static str> {
        let lists: &[&'static str] = match self {
            Self::Outside => &[OUTSIDE, SYNC],
            Self::Account => &[ACCOUNT],
            Self::ImapStore => &[ACCOUNT, STORE, IMAP_STORE],
            Self::MaildirStore => &[STORE, MAILDIR_STORE],
            Self::Channel => &[SYNC, CHANNEL],
            Self::Group => &["channel channels"],
        };
        let mut keywords: Vec<&str> = lists.iter().flat_map(|list| list.split(' ')).collect();
        keywords.sort_unstable();
        keywords
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Outside => "no section",
            Self::Account => "an IMAPAccount",
            Self::ImapStore => "an IMAPStore",
            Self::MaildirStore => "a MaildirStore",
            Self::Channel => "a Channel",
            Self::Group => "a Group",
        }
    }

    /// Where a line is, for a message.
    pub(super) fn place(self) -> String {
        match self {
            Self::Outside => "outside a section".to_owned(),
            Self::Account | Self::ImapStore | Self::MaildirStore | Self::Channel | Self::Group => {
                format!("in {}", self.name())
            }
        }
    }
}

/// Whether the version that is asked for does not know a keyword that the other does.
pub(super) fn is_of_another_version(keyword: &str, version: Option<AsVersion>) -> bool {
    let is_in = |list: &str| list.split(' ').any(|it| it == keyword);
    version.is_some_and(|version| is_in(if version.is_before("1.5") { SINCE_1_5 } else { UP_TO_1_4 }))
}

/// Whether more than one word may come after it.
pub(super) fn takes_several(kind: Kind, keyword: &str) -> bool {
    kind == Kind::Group || SEVERAL.split(' ').any(|it| it == keyword)
}

const OUTSIDE: &str = "bufferlimit channel fielddelimiter fsync group imapaccount imapstore maildirstore";

const ACCOUNT: &str = "authmech authmechs certificatefile cipherstring clientcertificate clientkey disableextension \
     disableextensions host pass passcmd pipelinedepth port requirecram requiressl ssltype sslversion sslversions \
     systemcertificates timeout tlstype tlsversions tunnel useimaps usekeychain user usercmd usesslv2 usesslv3 usetlsv1 \
     usetlsv1.1 usetlsv1.2 usetlsv1.3";

/// An account may be described here.
const IMAP_STORE: &str = "account pathdelimiter subscribedonly usenamespace";

const MAILDIR_STORE: &str = "altmap inbox infodelimiter subfolders";

/// In every kind of store.
const STORE: &str = "flatten mapinbox maxsize path trash trashnewonly trashremotenew";

const CHANNEL: &str = "far master maxsize near pattern patterns slave";

/// In a channel, or for all of them.
const SYNC: &str = "copyarrivaldate create expireside expireunread expunge expungesolo maxmessages remove sync \
     syncstate";

const SEVERAL: &str = "authmech authmechs channels create disableextension disableextensions expunge expungesolo \
     group pattern patterns remove sslversion sslversions sync tlsversions";

const SINCE_1_5: &str = "expireside tlstype tlsversions";
const UP_TO_1_4: &str = "requiressl useimaps usesslv2 usesslv3 usetlsv1 usetlsv1.1 usetlsv1.2 usetlsv1.3";
