//! The person that a file is read for, who may be nobody in particular. It knows no format.

use provost_account::{DisplayName, EmailAddress, Finding};

/// The person that a client sets up an account for. Some formats do not say: autoconfig is requested with an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// The address.
    pub address: Option<EmailAddress>,
    /// The name.
    pub full_name: Option<DisplayName>,
}

/// A stand-in for a file that does not name its person, chosen so that nothing in the file looks like part of the address.
///
/// # Panics
///
/// Never: the address is one.
#[must_use]
pub fn nobody() -> Person {
    Person { address: Some(EmailAddress::try_from(NOBODY).expect("an address")), full_name: None }
}

/// A finding about a file that was read for [`nobody`], with placeholders instead of the stand-in's address.
#[must_use]
pub fn for_nobody(mut finding: Finding) -> Finding {
    for text in [&mut finding.message, &mut finding.fix] {
        *text = with_placeholders(text);
    }
    finding
}

/// A text about [`nobody`], with placeholders instead of the stand-in's address and its parts.
#[must_use]
pub fn with_placeholders(text: &str) -> String {
    let words = [(NOBODY, ADDRESS), (NOBODYS_DOMAIN, "%EMAILDOMAIN%"), (NOBODYS_NAME, "%EMAILLOCALPART%")];
    words.iter().fold(text.to_owned(), |text, (own, placeholder)| text.replace(own, placeholder))
}

/// The stand-in's address.
pub(crate) fn nobodys_address() -> EmailAddress {
    nobody().address.expect("nobody has an address")
}

pub(crate) fn is_nobodys(domain: &str) -> bool {
    domain.ends_with(NOBODYS_DOMAIN)
}

/// Whether this is the stand-in, in its own domain or in one that a file names.
pub(crate) fn is_nobody(address: &EmailAddress) -> bool {
    address.local_part() == NOBODYS_NAME
}

/// The stand-in in a domain.
pub(crate) fn nobody_in(domain: &str) -> Option<EmailAddress> {
    EmailAddress::try_from(format!("{NOBODYS_NAME}@{domain}").as_str()).ok()
}

pub(crate) const ADDRESS: &str = "%EMAILADDRESS%";
/// RFC 6761 §6.4: nobody has an address in `.invalid`.
pub(crate) const NOBODY: &str = "nobody-in-particular@provost-import.invalid";
pub(crate) const NOBODYS_NAME: &str = "nobody-in-particular";
pub(crate) const NOBODYS_DOMAIN: &str = "provost-import.invalid";
