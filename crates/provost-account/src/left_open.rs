//! What a file leaves to the client: values that no key sets, which the client finds out from the server. The account
//! holds what it tries first. Nothing is tried here.

use crate::Login;

/// What no key of a file sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOpen {
    /// How much of TLS.
    pub tls: TlsLeftOpen,
    /// Whether the client uses a login method that the server offers.
    pub authentication: bool,
    /// The login names to try, in this order, if the server refuses the account's.
    pub logins: Vec<Login>,
}

/// How much of TLS no key sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsLeftOpen {
    /// The file sets all of it.
    #[default]
    Nothing,
    /// TLS is used, but whether it starts at once or by STARTTLS is open.
    Start,
    /// Whether TLS is used at all is open.
    Everything,
}
