//! Where values come from, and which of two sources counts. It reads none of them.

/// A kind of source, the most trusted first: the order of the variants is the rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKind {
    /// What logs in today.
    LogsIn,
    /// What the provider itself publishes, in our table of providers.
    Provider,
    /// The domain's own web server over HTTPS, or PACC with its digest in DNS.
    OwnDomain,
    /// SRV records that DNSSEC protects (RFC 6186 §6, RFC 8314 §5.1).
    SignedSrv,
    /// The provider database.
    Database,
    /// SRV records, which whoever answers the question may have made.
    Srv,
    /// What the domain of the MX hosts publishes.
    MxDerived,
    /// A web server without TLS.
    Http,
    /// A guide for people.
    Guide,
    /// A usual name, where a server with a good certificate answers.
    Guess,
}

impl SourceKind {
    /// Every kind, the most trusted first.
    pub const ALL: [Self; 10] = [
        Self::LogsIn,
        Self::Provider,
        Self::OwnDomain,
        Self::SignedSrv,
        Self::Database,
        Self::Srv,
        Self::MxDerived,
        Self::Http,
        Self::Guide,
        Self::Guess,
    ];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LogsIn => "login",
            Self::Provider => "provider",
            Self::OwnDomain => "own-domain",
            Self::SignedSrv => "signed-srv",
            Self::Database => "database",
            Self::Srv => "srv",
            Self::MxDerived => "mx",
            Self::Http => "http",
            Self::Guide => "guide",
            Self::Guess => "guess",
        }
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::LogsIn => "what logs in today",
            Self::Provider => "the provider's own page",
            Self::OwnDomain => "the domain's own web server",
            Self::SignedSrv => "signed SRV records",
            Self::Database => "the provider database",
            Self::Srv => "SRV records without DNSSEC",
            Self::MxDerived => "what the MX's domain publishes",
            Self::Http => "a web server without TLS",
            Self::Guide => "a guide",
            Self::Guess => "a guess",
        }
    }

    /// Whether a person has to confirm it before a password goes there: anybody on the way may have made it.
    #[must_use]
    pub fn needs_a_person(self) -> bool {
        match self {
            Self::LogsIn | Self::Provider | Self::OwnDomain | Self::SignedSrv | Self::Database => false,
            Self::Srv | Self::MxDerived | Self::Http | Self::Guide | Self::Guess => true,
        }
    }
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What kind it is.
    pub kind: SourceKind,
    /// Its URL, record or file.
    pub at: String,
    /// The month in which it was read, if that is not now: `2026-11`.
    pub read: Option<&'static str>,
}
