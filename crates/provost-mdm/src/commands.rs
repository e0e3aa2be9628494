//! MDM commands as property lists, and their identifiers. What a device does with one it says itself.

use plist::{Dictionary, Value};
use sha1::{Digest as _, Sha1};
use uuid::Uuid;

use crate::Digest;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command<'a> {
    /// Installs a profile, in the place of one with the same identifier.
    InstallProfile(&'a [u8]),
    /// Removes the profile of this identifier.
    RemoveProfile(&'a str),
    /// Asks for the list of profiles.
    ProfileList,
    /// Tells the device to synchronize its declarations.
    DeclarativeManagement,
}

impl Command<'_> {
    /// Apple's name of it.
    #[must_use]
    pub fn request_type(self) -> &'static str {
        match self {
            Self::InstallProfile(_) => "InstallProfile",
            Self::RemoveProfile(_) => "RemoveProfile",
            Self::ProfileList => "ProfileList",
            Self::DeclarativeManagement => "DeclarativeManagement",
        }
    }

    /// The property list that is enqueued.
    #[must_use]
    pub fn plist(self, command: Uuid) -> Vec<u8> {
        let mut keys = Dictionary::new();
        keys.insert("RequestType".to_owned(), self.request_type().into());
        match self {
            Self::InstallProfile(bytes) => {
                keys.insert("Payload".to_owned(), Value::Data(bytes.to_vec()));
            }
            Self::RemoveProfile(identifier) => {
                keys.insert("Identifier".to_owned(), identifier.into());
            }
            Self::ProfileList | Self::DeclarativeManagement => {}
        }
        let mut whole = Dictionary::new();
        whole.insert("CommandUUID".to_owned(), text(command).into());
        whole.insert("Command".to_owned(), Value::Dictionary(keys));
        let mut plist = Vec::new();
        Value::Dictionary(whole).to_writer_xml(&mut plist).expect("memory takes everything");
        plist
    }
}

/// The identifier of a command: a UUID of version 5 (RFC 9562 section 5.5) in the name space of the journal. A killed run
/// gives a command the same one again, so the server does not take it twice; another attempt gives another one.
///
/// `content` is what the command is about: the digest of the profile, or of the identifier of what is removed.
#[must_use]
pub fn uuid(journal: Uuid, enrollment: &str, request_type: &str, content: &Digest, attempt: u32) -> Uuid {
    // A line end is in none of the parts: `devices` refuses it in an enrollment.
    let name = format!("{enrollment}\n{request_type}\n{content}\n{attempt}");
    let digest = Sha1::new_with_prefix(journal.as_bytes()).chain_update(name).finalize();
    let first = digest.first_chunk().expect("20 octets");
    uuid::Builder::from_sha1_bytes(*first).into_uuid()
}

/// What a profile calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Its `PayloadIdentifier`: what decides whether a profile takes another's place.
    pub identifier: String,
    /// Its `PayloadUUID`.
    pub uuid: Option<String>,
}

/// The names of a profile that is not signed; `None`: it has no identifier, or is no property list.
#[must_use]
pub fn names(profile: &[u8]) -> Option<Names> {
    let value = Value::from_reader(std::io::Cursor::new(profile)).ok()?;
    let text = |key| value.as_dictionary()?.get(key).and_then(Value::as_string).map(ToOwned::to_owned);
    Some(Names { identifier: text("PayloadIdentifier")?, uuid: text("PayloadUUID") })
}

/// As it is sent and compared.
#[must_use]
pub fn text(command: Uuid) -> String {
    command.hyphenated().to_string().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python 3: `uuid.uuid5(uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "D1\nInstallProfile\n" +
    /// hashlib.sha256(b"A").hexdigest() + "\n1")`.
    #[test]
    fn a_command_is_named_by_its_journal_device_kind_content_and_attempt() {
        let journal = Uuid::NAMESPACE_DNS;
        let of = |enrollment, kind, content: &[u8], attempt| {
            text(uuid(journal, enrollment, kind, &Digest::of(content), attempt))
        };
        let first = of("D1", "InstallProfile", b"A", 1);
        assert_eq!(first, EXPECTED);
        let others = [
            of("D2", "InstallProfile", b"A", 1),
            of("D1", "RemoveProfile", b"A", 1),
            of("D1", "InstallProfile", b"B", 1),
            of("D1", "InstallProfile", b"A", 2),
        ];
        assert!(!others.contains(&first), "{others:?}");
    }

    /// What NanoMDM 0.9 took and its device got, octet for octet.
    #[test]
    fn a_profile_is_in_the_command_as_it_is() {
        let plist = Command::InstallProfile(b"\0<&>\xff").plist(Uuid::NAMESPACE_DNS);
        let read = Value::from_reader_xml(&*plist).expect("a property list");
        let whole = read.as_dictionary().expect("a dictionary");
        let id = whole.get("CommandUUID").and_then(Value::as_string);
        assert_eq!(id, Some("6BA7B810-9DAD-11D1-80B4-00C04FD430C8"));
        let command = whole.get("Command").and_then(Value::as_dictionary).expect("a command");
        assert_eq!(command.get("RequestType").and_then(Value::as_string), Some("InstallProfile"));
        assert_eq!(command.get("Payload").and_then(Value::as_data), Some(&b"\0<&>\xff"[..]));
    }

    const EXPECTED: &str = "CCE88E16-958B-5C75-B7B1-487C86B37DEC";
}
