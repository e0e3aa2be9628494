//! An account to prove, where it comes from, and the rows of what cannot be proven. How it is proven is not its business.

use std::time::Duration;

use provost_account::{Account, EmailAddress, LeftOpen};
use provost_device::Format;
use provost_verify::{Outcome, Row};

/// One account to prove, and what the report calls it.
#[derive(Debug)]
pub(crate) struct Proven {
    /// The file that the device opens first, then those that it leads to.
    pub(crate) files: Vec<String>,
    pub(crate) origin: Origin,
    /// Whose it is, if anybody says so.
    pub(crate) address: Option<EmailAddress>,
    /// The account as the device understood it, or why it understood none.
    pub(crate) account: Result<Account, Unproven>,
    /// What the file leaves to the device.
    pub(crate) left_open: LeftOpen,
}

/// Where an account to prove comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin {
    /// The settings themselves: their servers are proven directly.
    Settings,
    /// A file of a known format, as this device reads it.
    Profile { format: &'static Format, device: &'static str },
    /// A file in no format that is known here.
    UnknownFormat,
}

/// Why nothing of a file is proven.
#[derive(Debug)]
pub(crate) enum Unproven {
    /// The device refuses it.
    Refused(Refused),
    /// It is for several people, and this one has another login name than it gives.
    DoesNotFit(String),
    /// The device refuses it, and `generate` has said so.
    Declared(String),
}

/// The device refuses the file.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) found: String,
    pub(crate) fix: Option<String>,
}

impl Unproven {
    /// The row of the report.
    pub(crate) fn row(&self) -> Row {
        let row = Row {
            check: "read",
            server: String::new(),
            outcome: Outcome::Failed,
            found: String::new(),
            expected: String::new(),
            cause: None,
            fix: None,
            elapsed: Duration::ZERO,
        };
        match self {
            Self::Refused(refused) => Row {
                found: refused.found.clone(),
                expected: "a file that the device accepts".to_owned(),
                fix: refused.fix.clone(),
                ..row
            },
            Self::Declared(found) => Row {
                check: DECLARED,
                outcome: Outcome::DoesNotApply,
                found: found.clone(),
                expected: "a file that the device accepts".to_owned(),
                ..row
            },
            Self::DoesNotFit(found) => Row {
                check: FITS,
                outcome: Outcome::NotTried,
                found: found.clone(),
                expected: "a file that gives everybody their own login name".to_owned(),
                ..row
            },
        }
    }
}

/// What the report calls the check whether what a device refuses was told of when the file was written.
pub(crate) const DECLARED: &str = "declared";
/// What the report calls the check whether a file for several people fits one of them.
pub(crate) const FITS: &str = "fits";

/// The row of an account that has no server which is proven here, such as one of Exchange.
pub(crate) fn nothing_to_prove() -> Row {
    Row {
        check: "read",
        server: String::new(),
        outcome: Outcome::DoesNotApply,
        found: "an account without a server over IMAP, POP3 or SMTP, so nothing of it is proven".to_owned(),
        expected: "a server to prove".to_owned(),
        cause: None,
        fix: None,
        elapsed: Duration::ZERO,
    }
}
