//! Whom a file is read for: a person, or no particular one. It does not say what the file is.

use provost_account::{DisplayName, EmailAddress, Finding};

/// Whom a client sets an account up for. Some formats do not say: autoconfig is asked for an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// The address.
    pub address: Option<EmailAddress>,
    /// The name.
    pub full_name: Option<DisplayName>,
}

/// Somebody to read a file for that does not say whose it is, such that nothing in it is taken for a part of the address.
///
/// # Panics
///
/// Never: the address is one.
#[must_use]
pub fn nobody() -> Person {
    Person { address: Some(EmailAddress::try_from(NOBODY).expect("an address")), full_name: None }
}

/// A finding about a file that was read for [`nobody`], with placeholders where nobody's address stands.
#[must_use]
pub fn for_nobody(finding: Finding) -> Finding {
    let words = [(NOBODY, ADDRESS), (NOBODYS_DOMAIN, "%EMAILDOMAIN%"), (NOBODYS_NAME, "%EMAILLOCALPART%")];
    let spelt = |text: String| words.iter().fold(text, |text, (own, placeholder)| text.replace(own, placeholder));
    Finding { message: spelt(finding.message), fix: spelt(finding.fix), ..finding }
}

/// That of no particular person.
pub(crate) fn nobodys_address() -> EmailAddress {
    nobody().address.expect("nobody has an address")
}

pub(crate) fn is_nobodys(domain: &str) -> bool {
    domain.ends_with(NOBODYS_DOMAIN)
}

/// Nobody in particular, in no domain in particular or in one that a file names.
pub(crate) fn is_nobody(address: &EmailAddress) -> bool {
    address.local_part() == NOBODYS_NAME
}

/// Nobody in particular, in a domain.
pub(crate) fn nobody_in(domain: &str) -> Option<EmailAddress> {
    EmailAddress::try_from(format!("{NOBODYS_NAME}@{domain}").as_str()).ok()
}

pub(crate) const ADDRESS: &str = "%EMAILADDRESS%";
/// RFC 6761 §6.4: nobody has an address in `.invalid`.
pub(crate) const NOBODY: &str = "nobody-in-particular@provost-import.invalid";
pub(crate) const NOBODYS_NAME: &str = "nobody-in-particular";
pub(crate) const NOBODYS_DOMAIN: &str = "provost-import.invalid";
