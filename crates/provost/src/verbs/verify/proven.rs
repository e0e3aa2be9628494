//! An account to prove, where it comes from, and what the report says about it. How it is proven is not its business.

use provost_account::{Account, EmailAddress, Endpoint, LeftOpen, Protocol};
use provost_device::Format;
use provost_verify::Step;

use crate::road::profile::Profile;

/// One account to prove, and what the report calls it.
#[derive(Debug)]
pub(crate) struct Proven {
    /// The file that the device opens first, then those that it leads to.
    pub(crate) files: Vec<String>,
    /// Which account of the file it is.
    pub(crate) place: usize,
    pub(crate) origin: Origin,
    /// Its address, if that is known.
    pub(crate) address: Option<EmailAddress>,
    /// The account as the device understood it, or why it understood none.
    pub(crate) account: Result<Account, Unproven>,
    /// What the file leaves to the device.
    pub(crate) left_open: LeftOpen,
}

impl Proven {
    /// What a file gives to prove that leaves nothing open.
    pub(crate) fn of(
        profile: &Profile,
        origin: Origin,
        address: Option<EmailAddress>,
        account: Result<Account, Unproven>,
    ) -> Self {
        Self { files: profile.paths(), place: 0, origin, address, account, left_open: LeftOpen::default() }
    }
}

/// Where an account to prove comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin {
    /// The settings themselves: their servers are proven directly.
    Settings,
    /// A file of a known format, as this device reads it.
    Profile { format: &'static Format, device: &'static str },
    /// A file in an unknown format.
    UnknownFormat,
}

/// Why nothing of a file is proven.
#[derive(Debug, Clone)]
pub(crate) enum Unproven {
    /// The device refuses it.
    Refused { found: String, fix: Option<String> },
    /// It is for several people, and this one has another login name than it gives.
    DoesNotFit(String),
    /// The device refuses it, and `generate` has said so.
    Declared(String),
}

/// What the report says about an account, a line each.
#[derive(Debug)]
pub(crate) enum Told {
    /// A step that a client takes.
    Step(Step),
    /// A step that failed at a server that the settings do not have, and those that they have.
    Misled { step: Step, servers: Vec<(Protocol, Endpoint)> },
    /// A server that is not tried: the file does not say whether there is TLS, and the settings want none.
    TlsUnsaid(Endpoint),
    /// The account has no server that is proven here, such as one of Exchange.
    NothingToProve,
    /// There is no account to prove.
    Unproven(Unproven),
}

/// Whether a client connects to the same host and port.
pub(crate) fn same_place(one: &Endpoint, other: &Endpoint) -> bool {
    (&one.host, one.port) == (&other.host, other.port)
}
