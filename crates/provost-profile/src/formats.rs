//! The table of formats, alphabetical, and what every writer takes and gives.

mod apple_mobileconfig;
mod k9s;
mod thunderbird_autoconfig;
mod thunderbird_qr;

use provost_account::{Account, Endpoint, OAuth2, Organization};
use thiserror::Error;

pub use thunderbird_autoconfig::for_domain as thunderbird_autoconfig_for_domain;
pub use thunderbird_qr::codes as thunderbird_qr_codes;

/// A format that devices import.
#[derive(Debug)]
pub struct Format {
    /// The stable name.
    pub name: &'static str,
    /// What the vendor calls it.
    pub title: &'static str,
    /// The programs and devices that import it.
    pub clients: &'static str,
    /// At least one; a file is written for each.
    pub variants: &'static [Variant],
    /// What the files' names end in.
    pub extensions: &'static [&'static str],
    /// Where a file goes on the device, if that is one place.
    pub install: Option<&'static str>,
    /// The format's description.
    pub source: &'static str,
    /// The writer.
    pub write: fn(&Request<'_>) -> Result<Profile, Refusal>,
}

/// A kind of device for which a file of the format differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    /// The name of its folder; empty if the format has only one variant.
    pub name: &'static str,
    /// The devices.
    pub devices: &'static str,
}

/// What a writer is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who hands the account out.
    pub organization: &'a Organization,
    /// The account.
    pub account: &'a Account,
    /// Where tokens come from, for formats that can say it.
    pub oauth2: Option<&'a OAuth2>,
    /// One of the format's variants.
    pub variant: &'static Variant,
    /// Whether the file carries passwords.
    pub passwords: Passwords,
}

/// Whether a file carries the account's passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passwords {
    /// No: the person types them.
    LeaveOut,
    /// Yes: whoever has the file has the password.
    Embed,
}

/// What a writer gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The files, in their order.
    pub files: Vec<File>,
    /// What they could not say.
    pub losses: Vec<Loss>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Which part of several it is.
    pub part: Option<String>,
    /// One of the format's extensions.
    pub extension: &'static str,
    /// The contents.
    pub bytes: Vec<u8>,
}

/// A setting that the format cannot say, or only nearly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The setting's key.
    pub setting: String,
    /// What the account asks for.
    pub asked: String,
    /// What the file says instead; `None` if it says nothing.
    pub written: Option<String>,
    /// Why.
    pub reason: &'static str,
    /// How that is known.
    pub source: &'static str,
}

/// Why a format must not be written for an account.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{setting} {found}: {reason}")]
pub struct Refusal {
    /// The setting's key.
    pub setting: &'static str,
    /// Its value; never a secret.
    pub found: String,
    /// Why.
    pub reason: &'static str,
    /// How that is known: an RFC section, a page, or an observation.
    pub known_from: &'static str,
}

/// Every format.
#[must_use]
pub fn formats() -> &'static [Format] {
    FORMATS
}

/// The losses of a format that holds one incoming and one outgoing server: the further ones.
fn further_servers(account: &Account, reason: &'static str, source: &'static str) -> Vec<Loss> {
    let loss = |setting: String, protocol: &str, endpoint: &Endpoint| Loss {
        setting,
        asked: format!("{protocol} {}:{} {}", endpoint.host, endpoint.port, endpoint.security.name()),
        written: None,
        reason,
        source,
    };
    let incoming = account.incoming.iter().enumerate().skip(1);
    let incoming = incoming.map(|(at, it)| loss(format!("incoming[{at}]"), it.protocol.name(), &it.server.endpoint));
    let outgoing = account.outgoing.iter().enumerate().skip(1);
    incoming.chain(outgoing.map(|(at, it)| loss(format!("outgoing[{at}]"), "smtp", &it.endpoint))).collect()
}

/// The losses of a format that says nothing about certificate authorities.
fn trust(account: &Account, reason: &'static str, source: &'static str) -> Option<Loss> {
    let count = account.trust.len();
    (count > 0).then(|| Loss {
        setting: "trust".to_owned(),
        asked: format!("{count} certificate{}", if count == 1 { "" } else { "s" }),
        written: None,
        reason,
        source,
    })
}

const ONE_VARIANT: &[Variant] = &[Variant { name: "", devices: "all" }];

const FORMATS: &[Format] = &[
    Format {
        name: "apple-mobileconfig",
        title: "Apple configuration profile",
        clients: "Mail on iPhone, iPad, Apple Vision Pro and Mac",
        variants: apple_mobileconfig::VARIANTS,
        extensions: &["mobileconfig"],
        install: None,
        source: "https://developer.apple.com/documentation/devicemanagement/mail",
        write: apple_mobileconfig::write,
    },
    Format {
        name: "k9s",
        title: "settings file of K-9 Mail, version 99",
        clients: "K-9 Mail and Thunderbird for Android, by Import settings; FairEmail",
        variants: ONE_VARIANT,
        extensions: &["k9s"],
        install: None,
        source: k9s::SOURCE,
        write: k9s::write,
    },
    Format {
        name: "thunderbird-autoconfig",
        title: "Mozilla autoconfig, config-v1.1.xml",
        clients: "Thunderbird, Thunderbird for Android, K-9 Mail, Evolution, KMail, FairEmail, Delta Chat",
        variants: ONE_VARIANT,
        extensions: &["xml"],
        install: None,
        source: thunderbird_autoconfig::SOURCE,
        write: thunderbird_autoconfig::write,
    },
    Format {
        name: "thunderbird-qr",
        title: "account-import QR code",
        clients: "Thunderbird for Android 8.0 and later, by Add account, Scan QR code",
        variants: ONE_VARIANT,
        extensions: &["png", "svg"],
        install: None,
        source: thunderbird_qr::SOURCE,
        write: thunderbird_qr::write,
    },
];
