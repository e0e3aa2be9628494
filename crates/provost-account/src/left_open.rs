//! What a file leaves to the client: values that no key sets, so that the client finds them out from the server. The
//! account next to it holds what to try first. Nothing is tried here.

use crate::Login;

/// What no key of a file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOpen {
    /// What of TLS.
    pub tls: TlsLeftOpen,
    /// Whether the way to log in is one that the server offers.
    pub authentication: bool,
    /// The login names that are tried where the server refuses the account's, in their order.
    pub logins: Vec<Login>,
}

/// What no key says of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsLeftOpen {
    /// Everything is said.
    #[default]
    Nothing,
    /// That there is TLS is said, and not whether it starts at once or by STARTTLS.
    Start,
    /// Not even that there is TLS.
    Everything,
}
