//! A mistake's mail host: its addresses, names and files, and what stands in the texts that plant the mistake.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use super::lab::FOLDER;
use super::mistakes::{Mistake, Planted};
use super::papers::Flaw;

/// A mail host with a mistake.
pub(super) struct Host {
    pub(super) mistake: &'static Mistake,
    /// Where the servers listen for it.
    pub(super) address: Ipv4Addr,
    /// The same for IPv6, where its records have that.
    pub(super) address6: Ipv6Addr,
    /// Where its client comes from: what a server remembers of one client does not concern the others.
    pub(super) client: Ipv4Addr,
}

impl Host {
    /// The one at a place in the table.
    pub(super) fn new(place: usize, mistake: &'static Mistake) -> Self {
        let last = u8::try_from(place + FIRST).expect("fewer mistakes than addresses");
        let address6 = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(last));
        let (address, client) = (Ipv4Addr::new(192, 0, 2, last), Ipv4Addr::new(198, 51, 100, last));
        Self { mistake, address, address6, client }
    }

    pub(super) fn domain(&self) -> String {
        format!("{}.{ZONE}", self.mistake.name)
    }

    /// The address of the account.
    pub(super) fn person(&self) -> String {
        format!("{}@{}", self.mistake.name, self.domain())
    }

    /// The name of the server.
    pub(super) fn name(&self) -> String {
        format!("mail.{}", self.domain())
    }

    /// The folder of the account.
    pub(super) fn home(&self) -> PathBuf {
        PathBuf::from(FOLDER).join("mail").join(self.mistake.name)
    }

    /// A file of the host, beside those of the others.
    pub(super) fn file(&self, extension: &str) -> PathBuf {
        PathBuf::from(FOLDER).join("papers").join(format!("{}.{extension}", self.mistake.name))
    }

    /// Where its servers listen: the addresses that its records have.
    pub(super) fn listens_on(&self) -> Vec<IpAddr> {
        let has_v6 = |planted: &Planted| matches!(planted, Planted::Records(records) if records.contains("{v6}"));
        let v6 = self.mistake.planted.iter().any(has_v6).then_some(self.address6.into());
        [self.address.into()].into_iter().chain(v6).collect()
    }

    /// The flaw of its certificate.
    pub(super) fn flaw(&self) -> Flaw {
        let mut flaws = self.mistake.planted.iter().filter_map(|planted| match planted {
            Planted::Certificate(flaw) => Some(*flaw),
            Planted::Dovecot(_) | Planted::Account(_) | Planted::Folder(_) | Planted::Postfix(_) => None,
            Planted::Table(..) | Planted::Firewall(_) | Planted::Records(_) | Planted::Unbound(_) => None,
            Planted::SilentResolver | Planted::Before(_) => None,
            Planted::Autoconfig(_) | Planted::Pacc(_) => None,
        });
        flaws.next().unwrap_or(Flaw::None)
    }

    /// A text of the table of mistakes for this host.
    pub(super) fn filled(&self, text: &str) -> String {
        let [a, b, c, d] = self.client.octets();
        text.replace("{name}", self.mistake.name)
            .replace("{reversed}", &format!("{d}.{c}.{b}.{a}"))
            .replace("{folder}", FOLDER)
            .replace("{v6}", &self.address6.to_string())
            .replace("{v4}", &self.address.to_string())
    }
}

/// The domain that all are in.
pub(super) const ZONE: &str = "lab.example";
/// Addresses below are those of the name servers.
const FIRST: usize = 10;
