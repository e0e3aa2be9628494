//! Identifiers that stay the same from run to run, so that a new profile updates the account that an old one created.
//! They depend on the organization, the address and the kind of payload, and on nothing else.

use provost_account::{Certificate, EmailAddress, Identity, OrganizationId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The UUID of what `kind` names for one account: version 5 (RFC 9562 §5.5) over organization, address and kind.
pub(crate) fn of_account(organization: &OrganizationId, address: &EmailAddress, kind: &str) -> Uuid {
    // No part contains a line feed, so no two triples give the same name.
    let name = format!("{}\n{}\n{kind}", organization.as_str().to_lowercase(), address.key());
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// The UUID of what `kind` names for everybody in an organization.
pub(crate) fn of_organization(organization: &OrganizationId, kind: &str) -> Uuid {
    // Two parts, so that no account has the name of an organization.
    let name = format!("{}\n{kind}", organization.as_str().to_lowercase());
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// The UUID of a certificate: version 5 over its fingerprint.
pub(crate) fn of_certificate(certificate: &Certificate) -> Uuid {
    Uuid::new_v5(&NAMESPACE, sha256(certificate.der()).as_bytes())
}

/// The UUID of an identity, in the same way.
pub(crate) fn of_identity(identity: &Identity) -> Uuid {
    Uuid::new_v5(&NAMESPACE, sha256(identity.pkcs12()).as_bytes())
}

/// The fingerprint of some bytes, hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The namespace of all of them: version 5 of `provost` in the DNS namespace of RFC 9562 §6.6.
const NAMESPACE: Uuid = Uuid::from_u128(NAMESPACE_BITS);
const NAMESPACE_BITS: u128 = 0xcb0f0331_581f_5ecd_9c0e_52b9b768d084;

#[cfg(test)]
mod tests {
    use super::*;

    /// `python3 -c 'import uuid; print(uuid.uuid5(uuid.NAMESPACE_DNS, "provost"))'`
    #[test]
    fn the_namespace_is_what_it_says() {
        assert_eq!(NAMESPACE, Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"provost"));
    }

    /// `uuid.uuid5(NAMESPACE, "net.centurylink\njane@centurylink.net\nmail")` in Python.
    #[test]
    fn letter_case_makes_no_other_identifier() {
        let organization = OrganizationId::try_from("net.CenturyLink").expect("an identifier");
        let address = EmailAddress::try_from("Jane@centurylink.net").expect("an address");
        assert_eq!(of_account(&organization, &address, "mail").to_string(), "9d003816-0a2a-5319-bfcb-e9a7b182bd33");
    }
}
