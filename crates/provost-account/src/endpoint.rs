//! One server as a client needs to know it: host, port, protection, authentication. No login names: those belong to an
//! account.

use std::num::NonZeroU16;

use crate::Host;

/// A TCP port, 1 to 65535.
pub type Port = NonZeroU16;

/// Where a server is and how to connect to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The host.
    pub host: Host,
    /// The port, always explicit, because clients guess different defaults.
    pub port: Port,
    /// How the connection is protected.
    pub security: Security,
    /// How the client proves who it is.
    pub authentication: Authentication,
}

impl Endpoint {
    /// `host:port`, an IPv6 address in brackets (RFC 3986 §3.2.2): the last colon of `2001:db8::1:993` would be ambiguous.
    #[must_use]
    pub fn authority(&self) -> String {
        self.host.authority(self.port)
    }
}

/// How a connection is protected. The names in settings files are Mozilla autoconfig's `socketType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Security {
    /// TLS from the first byte (RFC 8314 §3).
    ImplicitTls,
    /// Cleartext first, upgraded before any secret is sent (RFC 2595, RFC 3207).
    StartTls,
    /// No TLS at all.
    Cleartext,
}

impl Security {
    /// The name in settings files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ImplicitTls => "SSL",
            Self::StartTls => "STARTTLS",
            Self::Cleartext => "plain",
        }
    }
}

/// How a client proves who it is. The names in settings files are Mozilla autoconfig's `authentication`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Authentication {
    /// PLAIN or LOGIN: the password itself, so only inside TLS.
    PasswordCleartext,
    /// CRAM-MD5 (RFC 2195).
    PasswordEncrypted,
    /// XOAUTH2 or OAUTHBEARER (RFC 7628).
    OAuth2,
    /// A TLS client certificate, SASL EXTERNAL (RFC 4422 appendix A).
    ClientCertificate,
    /// Kerberos (RFC 4752). Read from other programs' files, never from settings.
    Gssapi,
    /// Microsoft's NTLM. Read from other programs' files, never from settings.
    Ntlm,
    /// Apple's `EmailAuthHTTPMD5`. Read from other programs' files, never from settings.
    HttpMd5,
    /// None.
    None,
}

impl Authentication {
    /// The name in settings files, or for a method that settings do not have, in the format that has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PasswordCleartext => "password-cleartext",
            Self::PasswordEncrypted => "password-encrypted",
            Self::OAuth2 => "OAuth2",
            Self::ClientCertificate => "TLS-client-cert",
            Self::Gssapi => "GSSAPI",
            Self::Ntlm => "NTLM",
            Self::HttpMd5 => "EmailAuthHTTPMD5",
            Self::None => "none",
        }
    }
}
