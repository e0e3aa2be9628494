//! Identifiers that stay the same from run to run, so that a new profile updates the account that an old one created.
//! They depend on the organization, the address and the kind of payload, and on nothing else.

use provost_account::{Certificate, EmailAddress, Identity, OrganizationId};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What an account has one identifier for. The names go into the UUIDs, so none may ever change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    format: &'static str,
    /// What of the format's, if it has several.
    pub(crate) part: &'static str,
}

impl Kind {
    pub(crate) const APPLE_ACCOUNT: Self = Self::of("apple-mobileconfig", "account");
    pub(crate) const APPLE_CALENDAR: Self = Self::of("apple-mobileconfig", "calendar");
    pub(crate) const APPLE_CONTACTS: Self = Self::of("apple-mobileconfig", "contacts");
    pub(crate) const APPLE_DIRECTORY: Self = Self::of("apple-mobileconfig", "directory");
    pub(crate) const APPLE_EXCHANGE: Self = Self::of("apple-mobileconfig", "exchange");
    pub(crate) const APPLE_IDENTITY: Self = Self::of("apple-mobileconfig", "identity");
    pub(crate) const APPLE_MAIL: Self = Self::of("apple-mobileconfig", "mail");
    pub(crate) const APPLE_PROFILE: Self = Self::of("apple-mobileconfig", "profile");
    pub(crate) const AUTODISCOVER_POX: Self = Self::of("autodiscover-pox", "");
    pub(crate) const EVOLUTION: Self = Self::of("evolution", "");
    pub(crate) const GEARY: Self = Self::of("geary", "");
    pub(crate) const K9S: Self = Self::of("k9s", "");
    pub(crate) const THUNDERBIRD_ADDRESS_BOOK: Self = Self::of("thunderbird", "address book");
    pub(crate) const THUNDERBIRD_CALENDAR: Self = Self::of("thunderbird", "calendar");

    /// Every kind, alphabetical.
    pub(crate) const ALL: [Self; 14] = [
        Self::APPLE_ACCOUNT,
        Self::APPLE_CALENDAR,
        Self::APPLE_CONTACTS,
        Self::APPLE_DIRECTORY,
        Self::APPLE_EXCHANGE,
        Self::APPLE_IDENTITY,
        Self::APPLE_MAIL,
        Self::APPLE_PROFILE,
        Self::AUTODISCOVER_POX,
        Self::EVOLUTION,
        Self::GEARY,
        Self::K9S,
        Self::THUNDERBIRD_ADDRESS_BOOK,
        Self::THUNDERBIRD_CALENDAR,
    ];

    const fn of(format: &'static str, part: &'static str) -> Self {
        Self { format, part }
    }
}

/// The UUID of what `kind` names for one account: version 5 (RFC 9562 §5.5) over organization, address and kind.
pub(crate) fn of_account(organization: &OrganizationId, address: &EmailAddress, kind: Kind) -> Uuid {
    Names::of(organization, address).uuid(kind)
}

/// The same for what an account has several of, such as declarations: `kind` says which.
pub(crate) fn of_one_of_several(organization: &OrganizationId, address: &EmailAddress, kind: &str) -> Uuid {
    Names::of(organization, address).of_parts(&[kind])
}

/// The names of which an account's UUIDs are made. No part contains a line feed, so no two triples give the same name.
pub(crate) struct Names {
    text: String,
    /// The octets with which all of them begin.
    beginning: usize,
}

impl Names {
    pub(crate) fn of(organization: &OrganizationId, address: &EmailAddress) -> Self {
        let text = [&*organization.as_str().to_lowercase(), "\n", &address.key(), "\n"].concat();
        Self { beginning: text.len(), text }
    }

    pub(crate) fn uuid(&mut self, kind: Kind) -> Uuid {
        match kind.part {
            "" => self.of_parts(&[kind.format]),
            part => self.of_parts(&[kind.format, " ", part]),
        }
    }

    fn of_parts(&mut self, kind: &[&str]) -> Uuid {
        self.text.truncate(self.beginning);
        self.text.extend(kind.iter().copied());
        version_5(self.text.as_bytes())
    }
}

/// The UUID of what `kind` names for everybody in an organization.
pub(crate) fn of_organization(organization: &OrganizationId, kind: &str) -> Uuid {
    // Two parts, so that no account has the name of an organization.
    let name = format!("{}\n{kind}", organization.as_str().to_lowercase());
    version_5(name.as_bytes())
}

/// The UUID of a certificate: version 5 over its fingerprint.
pub(crate) fn of_certificate(certificate: &Certificate) -> Uuid {
    version_5(sha256(certificate.der()).as_bytes())
}

/// The UUID of an identity, in the same way.
pub(crate) fn of_identity(identity: &Identity) -> Uuid {
    version_5(sha256(identity.pkcs12()).as_bytes())
}

/// `uuid` makes the same with an SHA-1 that uses no instructions of the processor's, in three times as long.
fn version_5(name: &[u8]) -> Uuid {
    let hash = Sha1::new().chain_update(NAMESPACE).chain_update(name).finalize();
    let octets = hash.first_chunk().expect("SHA-1 has 20 octets");
    uuid::Builder::from_sha1_bytes(*octets).into_uuid()
}

/// The fingerprint of some bytes, hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The namespace of all of them: version 5 of `provost` in the DNS namespace of RFC 9562 §6.6, as in
/// `python3 -c 'import uuid; print(uuid.uuid5(uuid.NAMESPACE_DNS, "provost"))'`.
const NAMESPACE: Uuid = Uuid::from_u128(NAMESPACE_BITS);
const NAMESPACE_BITS: u128 = 0xcb0f0331_581f_5ecd_9c0e_52b9b768d084;

#[cfg(test)]
mod tests {
    use super::*;

    /// `uuid.uuid5(NAMESPACE, "net.centurylink\njane@centurylink.net\nmail")` in Python.
    #[test]
    fn letter_case_makes_no_other_identifier() {
        let organization = OrganizationId::try_from("net.CenturyLink").expect("an identifier");
        let address = EmailAddress::try_from("Jane@centurylink.net").expect("an address");
        assert_eq!(
            of_one_of_several(&organization, &address, "mail").to_string(),
            "9d003816-0a2a-5319-bfcb-e9a7b182bd33"
        );
    }
}
