//! The table of formats, alphabetical, with the same names as the writers.

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
mod windows_email2;

use provost_account::{Finding, codes::profile as codes};

pub use autodiscover_pox::AutodiscoverRedirect;

use crate::as_version::AsVersion;
use crate::mdm;
use crate::person::{Person, for_nobody, nobody};
use crate::reading::{Reading, Verdict};
use crate::second_file::SecondFile;
use crate::source_file::SourceFile;

/// A format that devices import.
#[derive(Debug)]
pub struct Format {
    /// The stable name.
    pub name: &'static str,
    /// The device whose rules a file is read by, where the file does not decide.
    pub device: &'static str,
    /// What happens to an existing account when the device gets another file for it.
    pub second_file: SecondFile,
    /// How that is known.
    pub second_file_source: &'static str,
    /// Whether a file is of this format, from its name and a look at its start.
    recognize: fn(&SourceFile<'_>) -> bool,
    read: Read,
}

/// A reader.
#[derive(Debug)]
enum Read {
    /// One file.
    File(fn(&[u8], &Person) -> Reading),
    /// One file, whose name matters.
    NamedFile(fn(&SourceFile<'_>, &Person) -> Reading),
    /// A file and those that it leads to, in any order.
    Files(fn(&[SourceFile<'_>], &Person) -> Reading),
    /// The same, where versions of the program differ.
    Versions(fn(&[SourceFile<'_>], &Person, Option<AsVersion>) -> Reading),
    /// Files that were put together by hand: none leads to another.
    Parts(fn(&[SourceFile<'_>], &Person) -> Reading),
}

impl Format {
    /// Whether a file is of this format.
    #[must_use]
    pub fn recognizes(&self, file: &SourceFile<'_>) -> bool {
        (self.recognize)(file)
    }

    /// Whether several files may be needed to set an account up.
    #[must_use]
    pub fn is_of_several_files(&self) -> bool {
        match self.read {
            Read::File(_) | Read::NamedFile(_) => false,
            Read::Files(_) | Read::Versions(_) | Read::Parts(_) => true,
        }
    }

    /// Whether a file leads to others, which are expected next to it.
    #[must_use]
    pub fn leads_to_others(&self) -> bool {
        match self.read {
            Read::File(_) | Read::NamedFile(_) | Read::Parts(_) => false,
            Read::Files(_) | Read::Versions(_) => true,
        }
    }

    /// Whether anybody has seen that the device refuses a file with an error. What classic Outlook does with values outside of
    /// Microsoft's schema was not observed.
    #[must_use]
    pub fn is_known_to_refuse(&self) -> bool {
        self.device != "classic Outlook"
    }

    /// What the device makes of the files. If the format has only one file, the first is read.
    ///
    /// # Errors
    ///
    /// Why the device rejects them; at least one finding is an error.
    ///
    /// # Panics
    ///
    /// Without a file.
    pub fn read(&self, files: &[SourceFile<'_>], person: &Person) -> Result<Reading, Vec<Finding>> {
        let reading = self.look(files, person);
        match reading.verdict {
            Verdict::Taken => Ok(reading),
            Verdict::Refused => Err(reading.findings),
        }
    }

    /// The same of a file that the device may refuse: what can be read of it, and every finding. A file for no particular
    /// person is read for [`nobody`], so that its servers are known before the address is.
    ///
    /// # Panics
    ///
    /// Without a file.
    #[must_use]
    pub fn look(&self, files: &[SourceFile<'_>], person: &Person) -> Reading {
        self.look_as(files, person, None)
    }

    /// The same, as a version of the program does, if the version is of this one.
    ///
    /// # Panics
    ///
    /// Without a file.
    #[must_use]
    pub fn look_as(&self, files: &[SourceFile<'_>], person: &Person, version: Option<AsVersion>) -> Reading {
        let version = version.filter(|version| version.format == self.name);
        let mut reading = self.once(files, person, version);
        let asks_for_whom = reading.findings.iter().any(|finding| finding.code == codes::NO_ADDRESS);
        if person.address.is_none() && reading.profiles.is_empty() && asks_for_whom {
            let of_nobody = self.once(files, &nobody(), version);
            let known = std::mem::take(&mut reading.findings);
            let new = of_nobody.findings.into_iter().map(for_nobody).filter(|finding| !known.contains(finding));
            let mut findings: Vec<Finding> = new.collect();
            findings.extend(known);
            findings.sort_by_key(|finding| finding.place);
            return Reading { findings, ..of_nobody };
        }
        reading
    }

    fn once(&self, files: &[SourceFile<'_>], person: &Person, version: Option<AsVersion>) -> Reading {
        let reading = match self.read {
            Read::File(read) => read(files.first().expect("a file to read").bytes, person),
            Read::NamedFile(read) => read(files.first().expect("a file to read"), person),
            Read::Files(read) | Read::Parts(read) => read(files, person),
            Read::Versions(read) => read(files, person, version),
        };
        let mut reading = reading.without_loopback();
        for profile in &reading.profiles {
            mdm::left_over(profile, &mut reading.findings);
        }
        for finding in &mut reading.findings {
            finding.source = finding.code.source_for(self.name);
        }
        reading
    }
}

/// Every format.
#[must_use]
pub fn formats() -> &'static [Format] {
    FORMATS
}

/// A format that is read and never written.
#[derive(Debug)]
pub struct OnlyRead {
    /// The format's name.
    pub format: &'static str,
    /// What the vendor calls it.
    pub title: &'static str,
    /// Why no file of it is written.
    pub reason: &'static str,
}

/// The formats that are read and never written, alphabetical.
#[must_use]
pub fn only_read() -> &'static [OnlyRead] {
    ONLY_READ
}

/// The format of a file.
#[must_use]
pub fn recognize(file: &SourceFile<'_>) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.recognizes(file))
}

/// Whether the device opens this file first if there are several.
#[must_use]
pub fn leads(file: &SourceFile<'_>) -> bool {
    recognize(file).is_some_and(|format| match format.name {
        "apple-ddm" => apple_ddm::leads(file),
        "thunderbird-cfg" => thunderbird_cfg::leads(file),
        _ => true,
    })
}

const FORMATS: &[Format] = &[
    Format {
        name: "aerc",
        device: "aerc",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "aerc-accounts(5): the file is read at each start",
        recognize: aerc::recognize,
        read: Read::Versions(aerc::read),
    },
    Format {
        name: "android-managed-config",
        device: "Android",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "https://developer.android.com/work/managed-configurations: the app is given the values that hold now",
        recognize: android_managed_config::recognize,
        read: Read::File(android_managed_config::read),
    },
    Format {
        name: "apple-ddm",
        device: "iOS and macOS, by declarations",
        second_file: SecondFile::IsCompared,
        second_file_source: "https://developer.apple.com/documentation/devicemanagement/declarationbase: a declaration is known by its Identifier, and a change by its ServerToken",
        recognize: apple_ddm::recognize,
        read: Read::Files(apple_ddm::read),
    },
    Format {
        name: "apple-mdm-template",
        device: "iOS",
        second_file: SecondFile::IsCompared,
        second_file_source: "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys: \"During a profile replacement, the system updates payloads with the same PayloadIdentifier and PayloadUUID in the old and new profiles.\"",
        recognize: apple_mdm_template::recognize,
        read: Read::File(apple_mdm_template::read),
    },
    Format {
        name: "apple-mobileconfig",
        device: "iOS",
        second_file: SecondFile::IsCompared,
        second_file_source: "https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys: \"During a profile replacement, the \
             system updates payloads with the same PayloadIdentifier and PayloadUUID in the old and new profiles.\"",
        recognize: apple_mobileconfig::recognize,
        read: Read::Parts(apple_mobileconfig::read_parts),
    },
    Format {
        name: "autodiscover-pox",
        device: "classic Outlook",
        second_file: SecondFile::ConcernsNewAccounts,
        second_file_source: "MS-OXDSCLI section 1.3: a client asks when it sets an account up; of later answers for IMAP and POP3 accounts: unconfirmed",
        recognize: autodiscover_pox::recognize,
        read: Read::Files(autodiscover_pox::read),
    },
    Format {
        name: "dclogin",
        device: "Delta Chat",
        second_file: SecondFile::AddsAnother,
        second_file_source: "https://github.com/chatmail/core, add_transport_from_qr: a code adds a transport; of a second code for the \
             same address: unconfirmed",
        recognize: dclogin::recognize,
        read: Read::File(dclogin::read),
    },
    Format {
        name: "dns-zone",
        device: "a client of RFC 6186",
        second_file: SecondFile::ConcernsNewAccounts,
        second_file_source: "RFC 6186 section 3.4: records are looked up when an account is set up",
        recognize: dns_zone::recognize,
        read: Read::File(dns_zone::read),
    },
    Format {
        name: "evolution",
        device: "Evolution",
        second_file: SecondFile::IsNamed,
        second_file_source: "https://gitlab.gnome.org/GNOME/evolution-data-server, src/libebackend/e-source-registry-server.c: an account is what its files say, and known by their names",
        recognize: evolution::recognize,
        read: Read::Files(evolution::read),
    },
    Format {
        name: "fetchmail",
        device: "fetchmail",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "fetchmail(1): the file is read at each start",
        recognize: fetchmail::recognize,
        read: Read::File(fetchmail::read),
    },
    Format {
        name: "geary",
        device: "Geary",
        second_file: SecondFile::IsNamed,
        second_file_source: "https://gitlab.gnome.org/GNOME/geary, src/client/accounts/accounts-manager.vala: an account is what its file says, and known by the name of its folder",
        recognize: geary::recognize,
        read: Read::NamedFile(geary::read),
    },
    Format {
        name: "getmail",
        device: "getmail",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "getmail(1): the file is read at each start",
        recognize: getmail::recognize,
        read: Read::Files(getmail::read),
    },
    Format {
        name: "himalaya",
        device: "himalaya",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "https://github.com/pimalaya/himalaya: the file is read at each run",
        recognize: himalaya::recognize,
        read: Read::Versions(himalaya::read),
    },
    Format {
        name: "k9s",
        device: "K-9 Mail and Thunderbird for Android",
        second_file: SecondFile::AddsAnother,
        second_file_source: "https://github.com/thunderbird/thunderbird-android, feature/settings/import: an account whose uuid is there gets a \
             new one",
        recognize: k9s::recognize,
        read: Read::File(k9s::read),
    },
    Format {
        name: "mbsync",
        device: "mbsync",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "mbsync(1): the file is read at each start",
        recognize: mbsync::recognize,
        read: Read::Versions(mbsync::read),
    },
    Format {
        name: "mpop",
        device: "mpop",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "mpop(1): the file is read at each start",
        recognize: mpop::recognize,
        read: Read::Files(mpop::read),
    },
    Format {
        name: "msmtp",
        device: "msmtp",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "msmtp(1): the file is read at each start",
        recognize: msmtp::recognize,
        read: Read::Versions(msmtp::read),
    },
    Format {
        name: "neomutt",
        device: "neomutt",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "neomutt(1): the file is read at each start",
        recognize: neomutt::recognize,
        read: Read::Files(neomutt::read),
    },
    Format {
        name: "offlineimap",
        device: "offlineimap",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "offlineimap(1): the file is read at each start",
        recognize: offlineimap::recognize,
        read: Read::Files(offlineimap::read),
    },
    Format {
        name: "outlook-prf",
        device: "classic Outlook",
        second_file: SecondFile::AddsAnother,
        second_file_source: "Office Customization Tool, OverwriteProfile=Append: a file adds its accounts to the profile; of an account that is there: unconfirmed",
        recognize: outlook_prf::recognize,
        read: Read::File(outlook_prf::read),
    },
    Format {
        name: "pacc",
        device: "a client of PACC draft -03",
        second_file: SecondFile::ConcernsNewAccounts,
        second_file_source: "draft-ietf-mailmaint-pacc-03: the document is fetched when an account is set up",
        recognize: pacc::recognize,
        read: Read::File(pacc::read),
    },
    Format {
        name: "settings-sheet",
        device: "a person",
        second_file: SecondFile::ConcernsNewAccounts,
        second_file_source: "a page for a person, who types it in",
        recognize: settings_sheet::recognize,
        read: Read::File(settings_sheet::read),
    },
    Format {
        name: "thunderbird-autoconfig",
        device: "Thunderbird",
        second_file: SecondFile::ConcernsNewAccounts,
        second_file_source: "https://www.ietf.org/archive/id/draft-ietf-mailmaint-autoconfig: the file is fetched when an account is set up",
        recognize: thunderbird_autoconfig::recognize,
        read: Read::Versions(thunderbird_autoconfig::read),
    },
    Format {
        name: "thunderbird-cfg",
        device: "Thunderbird",
        second_file: SecondFile::IsTheConfiguration,
        second_file_source: "https://enterprise.thunderbird.net/deploy/mcd-thunderbird-autoconfig: the script runs at each start",
        recognize: thunderbird_cfg::recognize,
        read: Read::Files(thunderbird_cfg::read),
    },
    Format {
        name: "thunderbird-qr",
        device: "Thunderbird for Android",
        second_file: SecondFile::AddsAnother,
        second_file_source: "https://github.com/thunderbird/thunderbird-android, feature/migration/qrcode: a code is imported as settings are",
        recognize: thunderbird_qr::recognize,
        read: Read::File(thunderbird_qr::read),
    },
    Format {
        name: "windows-email2",
        device: "Windows Mail, which ended on 2024-12-31",
        second_file: SecondFile::IsCompared,
        second_file_source: "https://learn.microsoft.com/windows/client-management/mdm/email2-csp: an account is known by its GUID; SERVICENAME and SERVICETYPE cannot be replaced",
        recognize: windows_email2::recognize,
        read: Read::File(windows_email2::read),
    },
];

const ONLY_READ: &[OnlyRead] = &[OnlyRead {
    format: "windows-email2",
    title: "accounts of Windows Mail, by the EMAIL2 provider",
    reason: "the Mail app that took them ended on 2024-12-31",
}];
