//! The table of clients, one row each.

use super::programs::{apple, command_line, delta_chat, evolution, judges, pictures, readers, thunderbird};
use super::stage::{JANE, PEOPLE};
use super::{Client, Prove, Step};

/// In the order in which they are shown.
pub(super) const CLIENTS: &[Client] = &[
    judge("curl", "", &[Step::Login, Step::Send, Step::Receive], command_line::curl),
    Client {
        package: "swaks and libnet-ssleay-perl",
        ..judge("swaks", ", but not the name in its certificate", &[Step::Login, Step::Send], judges::swaks)
    },
    Client { version: &["version"], ..judge("openssl", ", by `s_client`", &[Step::Login], judges::openssl) },
    Client { package: "isync", ..client("mbsync", FETCHES, command_line::mbsync) },
    client("msmtp", &[Step::Provision, Step::Login, Step::Send], command_line::msmtp),
    client("mpop", FETCHES, command_line::mpop),
    client("fetchmail", FETCHES, command_line::fetchmail),
    Client { package: "getmail6", ..client("getmail", FETCHES, command_line::getmail) },
    Client { version: &["-v"], ..client("aerc", DOES_ALL, command_line::aerc) },
    Client { version: &["-v"], ..client("neomutt", DOES_ALL, command_line::neomutt) },
    Client { package: "none; crates.io: himalaya", ..client("himalaya", DOES_ALL, command_line::himalaya) },
    Client { package: "offlineimap3", ..client("offlineimap", FETCHES, command_line::offlineimap) },
    Client { package: "isync", ..reader("mbsync-reader", "mbsync", readers::mbsync) },
    reader("msmtp-reader", "msmtp", readers::msmtp),
    reader("mpop-reader", "mpop", readers::mpop),
    reader("fetchmail-reader", "fetchmail", readers::fetchmail),
    Client { package: "getmail6", ..reader("getmail-reader", "getmail", readers::getmail) },
    Client { version: &["-v"], ..reader("neomutt-reader", "neomutt", readers::neomutt) },
    Client { package: "offlineimap3", ..reader("offlineimap-reader", "offlineimap", readers::offlineimap) },
    Client { how: ": a new profile", ..thunderbird("thunderbird", "thunderbird-cfg", thunderbird::new_profile) },
    Client {
        how: ": a profile in use",
        ..thunderbird("thunderbird-existing", "thunderbird-cfg", thunderbird::existing_profile)
    },
    Client {
        how: ": the file of an organization",
        // No user of a machine has the other name.
        people: &[JANE],
        ..thunderbird("thunderbird-organization", "thunderbird-cfg", thunderbird::organization)
    },
    Client {
        how: ": by its account setup, over HTTPS",
        ..thunderbird("thunderbird-autoconfig", "thunderbird-autoconfig", thunderbird::autoconfig)
    },
    Client {
        program: "thunderbird",
        package: "thunderbird",
        ..reader("thunderbird-reader", "thunderbird-autoconfig", thunderbird::reads_autoconfig)
    },
    Client {
        package: "evolution, at-spi2-core, dbus, gir1.2-edataserver-1.2, gnome-keyring, \
                  libsecret-tools, python3-gi and xvfb",
        ..client("evolution", DOES_ALL, evolution::evolution)
    },
    Client {
        format: "dclogin",
        set_up_by: "dclogin",
        how: ": every code of the fixtures, by its own parser, and a login",
        program: "deltachat-rpc-server",
        package: "none; PyPI: deltachat-rpc-server",
        ..client("deltachat", &[Step::Provision, Step::LoginUnseen], delta_chat::deltachat)
    },
    Client {
        set_up_by: "thunderbird-qr, dclogin",
        how: ": every code of the fixtures",
        program: "ZXingReader",
        version: &[],
        package: "zxing-cpp-tools",
        ..reader("zxing", "thunderbird-qr", pictures::zxing)
    },
    Client { version: &["-v"], package: "libplist-utils", ..apple("plistutil", ", by plistlib too", apple::plistutil) },
    Client {
        set_up_by: "every Apple file of the fixtures, specimens and cases",
        package: "none; peers/corefoundation/install: Debian 13's libswiftlang",
        ..apple("corefoundation", ", by Apple's own parser", apple::corefoundation)
    },
    Client {
        program: "openssl",
        version: &["version"],
        package: "openssl",
        ..apple("openssl-cms", ", signed", apple::openssl_cms)
    },
];

/// A client whose format, program and package have its name, and which works for everybody.
const fn client(name: &'static str, steps: &'static [Step], prove: Prove) -> Client {
    let (format, set_up_by, program, package) = (name, name, name, name);
    let version = &["--version"];
    Client { name, format, set_up_by, how: "", program, version, package, steps, people: &PEOPLE, prove }
}

/// A program that reads no file of ours.
const fn judge(name: &'static str, how: &'static str, steps: &'static [Step], prove: Prove) -> Client {
    Client { format: "", set_up_by: "nothing: it judges the mock", how, ..client(name, steps, prove) }
}

/// A program's own parser, which reads every file of its format in the fixtures.
const fn reader(name: &'static str, format: &'static str, prove: Prove) -> Client {
    let how = ": every file of the fixtures, by its own parser";
    Client { name, how, people: &[JANE], ..client(format, &[Step::Provision], prove) }
}

const fn thunderbird(name: &'static str, format: &'static str, prove: Prove) -> Client {
    Client { name, format, set_up_by: format, ..client("thunderbird", DOES_ALL, prove) }
}

const fn apple(name: &'static str, how: &'static str, prove: Prove) -> Client {
    let set_up_by = "every Apple profile of the fixtures";
    Client { set_up_by, how, program: name, ..reader(name, "apple-mobileconfig", prove) }
}

const FETCHES: &[Step] = &[Step::Provision, Step::Login, Step::Sync, Step::Receive];
const DOES_ALL: &[Step] = &[Step::Provision, Step::Login, Step::Sync, Step::Send, Step::Receive];
