//! The table of formats, alphabetical.

mod aerc;
mod android_managed_config;
mod apple_ddm;
mod apple_mdm_template;
mod apple_mobileconfig;
mod autodiscover_pox;
mod dclogin;
mod dns_zone;
mod evolution;
mod fetchmail;
mod geary;
mod getmail;
mod himalaya;
mod k9s;
mod mbsync;
mod mpop;
mod msmtp;
mod neomutt;
mod offlineimap;
mod outlook_prf;
mod pacc;
mod settings_sheet;
mod thunderbird_autoconfig;
mod thunderbird_cfg;
mod thunderbird_qr;

use crate::writer::{Variant, Write};

pub use dns_zone::{DnsData, DnsRecord, dns_records};
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
    /// Their names as a person chooses one by; each stands in `clients`, in lower case and with `-` between words.
    pub client_names: &'static [&'static str],
    /// At least one; files are written for each.
    pub variants: &'static [Variant],
    /// What the files' names end in; empty where every file has a name of its own.
    pub extensions: &'static [&'static str],
    /// Where a file goes on the device, if that is one place; `~` is the person's home.
    pub install: Option<&'static str>,
    /// The format's description.
    pub source: &'static str,
}

/// Every format.
#[must_use]
pub fn formats() -> &'static [Format] {
    FORMATS
}

/// The variant of a format that has only one.
const fn for_all(write: Write) -> Variant {
    Variant { name: "", devices: "all", write }
}

const FORMATS: &[Format] = &[
    Format {
        name: "aerc",
        title: "accounts.conf",
        clients: "aerc",
        client_names: &["aerc"],
        variants: &[for_all(Write::User(aerc::write))],
        extensions: &["conf", "pem"],
        install: Some("~/.config/aerc/accounts.conf"),
        source: aerc::SOURCE,
    },
    Format {
        name: "android-managed-config",
        title: "managed configuration of Android apps",
        clients: "Gmail and Outlook for Android, for Exchange only; one app whose keys the settings list, unproven",
        client_names: &["gmail", "outlook-for-android"],
        variants: android_managed_config::VARIANTS,
        extensions: &["json"],
        install: None,
        source: android_managed_config::GMAIL,
    },
    Format {
        name: "apple-ddm",
        title: "Apple's declarations for a mail account, with the files that they refer to",
        clients: "Mail on iPhone, iPad, Apple Vision Pro and Mac; the system chooses how TLS starts",
        client_names: &["iphone", "ipad", "apple-vision-pro", "mac"],
        variants: apple_ddm::VARIANTS,
        extensions: &[],
        install: None,
        source: apple_ddm::SOURCE,
    },
    Format {
        name: "apple-mdm-template",
        title: "Apple configuration profile with the variables of a device management system",
        clients: "Mail on iPhone, iPad, Apple Vision Pro and Mac, through an MDM; unconfirmed: apple-profile-manager, citrix, \
                  hexnode, manageengine, mosyle",
        client_names: &["iphone", "ipad", "apple-vision-pro", "mac"],
        variants: apple_mdm_template::VARIANTS,
        extensions: &["mobileconfig"],
        install: None,
        source: "https://developer.apple.com/documentation/devicemanagement/mail",
    },
    Format {
        name: "apple-mobileconfig",
        title: "Apple configuration profile",
        clients: "Mail on iPhone, iPad, Apple Vision Pro and Mac; with Exchange if the settings name a server",
        client_names: &["iphone", "ipad", "apple-vision-pro", "mac"],
        variants: apple_mobileconfig::VARIANTS,
        extensions: &["mobileconfig"],
        install: None,
        source: "https://developer.apple.com/documentation/devicemanagement/mail",
    },
    Format {
        name: "autodiscover-pox",
        title: "Autodiscover answer (POX)",
        clients: "classic Outlook for Windows; Delta Chat, SnappyMail",
        client_names: &["outlook", "delta-chat", "snappymail"],
        variants: autodiscover_pox::VARIANTS,
        extensions: &["reg", "xml"],
        install: None,
        source: autodiscover_pox::SOURCE,
    },
    Format {
        name: "dclogin",
        title: "Delta Chat login link and QR code",
        clients: "Delta Chat and ArcaneChat; written with passwords only",
        client_names: &["delta-chat", "arcanechat"],
        variants: &[for_all(Write::User(dclogin::write))],
        extensions: &["txt", "png", "svg"],
        install: None,
        source: dclogin::SOURCE,
    },
    Format {
        name: "dns-zone",
        title: "DNS records, as a zone file's snippet and as JSON",
        clients: "FairEmail, SnappyMail, himalaya for mail; Thunderbird for calendars and address books; Outlook for Autodiscover",
        client_names: &["fairemail", "snappymail", "himalaya", "thunderbird", "outlook"],
        variants: &[for_all(Write::Domain(dns_zone::write))],
        extensions: &["json", "zone"],
        install: None,
        source: dns_zone::SOURCE,
    },
    Format {
        name: "evolution",
        title: "data sources of GNOME Evolution",
        clients: "Evolution 3.46; IMAP and sending were observed, POP3 was not",
        client_names: &["evolution"],
        variants: &[for_all(Write::User(evolution::write))],
        extensions: &[],
        install: None,
        source: evolution::SOURCE,
    },
    Format {
        name: "fetchmail",
        title: "~/.fetchmailrc",
        clients: "fetchmail, which only receives",
        client_names: &["fetchmail"],
        variants: &[for_all(Write::User(fetchmail::write))],
        extensions: &["fetchmailrc"],
        install: Some("~/.fetchmailrc"),
        source: fetchmail::SOURCE,
    },
    Format {
        name: "geary",
        title: "geary.ini",
        clients: "Geary 43; not proven: no login was observed",
        client_names: &["geary"],
        variants: &[for_all(Write::User(geary::write))],
        extensions: &["ini"],
        install: None,
        source: geary::SOURCE,
    },
    Format {
        name: "getmail",
        title: "getmailrc",
        clients: "getmail 6, which only receives",
        client_names: &["getmail"],
        variants: &[for_all(Write::User(getmail::write))],
        extensions: &["getmailrc", "pem"],
        install: Some("~/.getmail/getmailrc"),
        source: getmail::SOURCE,
    },
    Format {
        name: "himalaya",
        title: "config.toml of himalaya 2",
        clients: "himalaya 2",
        client_names: &["himalaya"],
        variants: &[for_all(Write::User(himalaya::write))],
        extensions: &["toml", "pem"],
        install: Some("~/.config/himalaya/config.toml"),
        source: himalaya::SOURCE,
    },
    Format {
        name: "k9s",
        title: "settings file of K-9 Mail, version 99",
        clients: "K-9 Mail and Thunderbird for Android, with Import settings; FairEmail",
        client_names: &["k-9-mail", "thunderbird-for-android", "fairemail"],
        variants: &[for_all(Write::User(k9s::write))],
        extensions: &["k9s"],
        install: None,
        source: k9s::SOURCE,
    },
    Format {
        name: "mbsync",
        title: "~/.mbsyncrc",
        clients: "mbsync (isync), which only receives",
        client_names: &["mbsync", "isync"],
        variants: &[for_all(Write::User(mbsync::write))],
        extensions: &["mbsyncrc", "pem"],
        install: Some("~/.mbsyncrc"),
        source: mbsync::SOURCE,
    },
    Format {
        name: "mpop",
        title: "~/.mpoprc",
        clients: "mpop, which only receives, by POP3",
        client_names: &["mpop"],
        variants: &[for_all(Write::User(mpop::write))],
        extensions: &["mpoprc", "pem"],
        install: Some("~/.mpoprc"),
        source: mpop::SOURCE,
    },
    Format {
        name: "msmtp",
        title: "~/.msmtprc",
        clients: "msmtp, which only sends, and the mail programs that send through it",
        client_names: &["msmtp"],
        variants: &[for_all(Write::User(msmtp::write))],
        extensions: &["msmtprc", "pem"],
        install: Some("~/.msmtprc"),
        source: msmtp::SOURCE,
    },
    Format {
        name: "neomutt",
        title: "neomuttrc",
        clients: "neomutt",
        client_names: &["neomutt"],
        variants: &[for_all(Write::User(neomutt::write))],
        extensions: &["neomuttrc", "pem"],
        install: Some("~/.config/neomutt/neomuttrc"),
        source: neomutt::SOURCE,
    },
    Format {
        name: "offlineimap",
        title: "~/.offlineimaprc",
        clients: "offlineimap 8, which only receives",
        client_names: &["offlineimap"],
        variants: &[for_all(Write::User(offlineimap::write))],
        extensions: &["offlineimaprc", "pem", "py"],
        install: Some("~/.offlineimaprc"),
        source: offlineimap::SOURCE,
    },
    Format {
        name: "outlook-prf",
        title: "Outlook profile file (legacy)",
        clients: "classic Outlook for Windows, with outlook.exe /importprf",
        client_names: &["outlook"],
        variants: &[for_all(Write::User(outlook_prf::write))],
        extensions: &["prf"],
        install: None,
        source: outlook_prf::SOURCE,
    },
    Format {
        name: "pacc",
        title: "PACC document, draft -03",
        clients: "none yet; serve it at https://ua-auto-config.DOMAIN/.well-known/user-agent-configuration.json",
        client_names: &[],
        variants: &[for_all(Write::Domain(pacc::write))],
        extensions: &["json"],
        install: None,
        source: pacc::SOURCE,
    },
    Format {
        name: "settings-sheet",
        title: "settings sheet to read and print",
        clients: "people: for every program that is set up by hand, with the QR codes of Thunderbird and Delta Chat",
        client_names: &[],
        variants: settings_sheet::VARIANTS,
        extensions: &["html"],
        install: None,
        source: settings_sheet::SOURCE,
    },
    Format {
        name: "thunderbird-autoconfig",
        title: "Mozilla autoconfig, config-v1.1.xml, and draft 1.2",
        clients: "Thunderbird, Thunderbird for Android, K-9 Mail, Evolution, KMail, FairEmail, Delta Chat",
        client_names: &[
            "thunderbird",
            "thunderbird-for-android",
            "k-9-mail",
            "evolution",
            "kmail",
            "fairemail",
            "delta-chat",
        ],
        variants: thunderbird_autoconfig::VARIANTS,
        extensions: &["xml"],
        install: None,
        source: thunderbird_autoconfig::SOURCE,
    },
    Format {
        name: "thunderbird-cfg",
        title: "Thunderbird's AutoConfig, thunderbird.cfg",
        clients: "Thunderbird, for everyone who starts that installation; THUNDERBIRD is its folder",
        client_names: &["thunderbird"],
        variants: thunderbird_cfg::VARIANTS,
        extensions: &[],
        install: None,
        source: thunderbird_cfg::SOURCE,
    },
    Format {
        name: "thunderbird-qr",
        title: "account-import QR code",
        clients: "Thunderbird for Android 8.0 and later, with Add account, Scan QR code",
        client_names: &["thunderbird-for-android"],
        variants: &[for_all(Write::User(thunderbird_qr::write))],
        extensions: &["png", "svg"],
        install: None,
        source: thunderbird_qr::SOURCE,
    },
];

#[cfg(test)]
mod tests {
    use super::formats;

    #[test]
    fn every_name_of_a_client_stands_in_its_row() {
        for format in formats() {
            let clients = format.clients.to_lowercase().replace(' ', "-");
            for name in format.client_names {
                assert!(clients.contains(name), "{}: no {name} in {clients}", format.name);
            }
        }
    }
}
