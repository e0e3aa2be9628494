//! Templates: one profile for everybody of a group, made once for each platform. Which rows of the map ask for them, and when
//! they go. It sends nothing.

use std::collections::{BTreeMap, HashSet};

use provost_account::Service;
use provost_generate::Kind;
use provost_mdm::devices::Device;
use provost_mdm::journal::Known;
use provost_profile::{File, FileName, OrganizationRequest, Refusal, Write};

/// The platforms of a template, which are the variants of its rows in the map.
pub(super) const PLATFORMS: &[&str] = &["ios", "macos", "visionos"];

/// In the place of an address, in plans and in the journal.
pub(super) const EVERYBODY: &str = "everybody";

/// Whether files of a kind are templates.
pub(super) fn is_one(kind: &str) -> bool {
    kind.starts_with("apple-mdm-template/")
}

/// The templates of a run.
#[derive(Default)]
pub(super) struct Templates {
    /// The files of a kind; none if it was refused.
    made: BTreeMap<String, Vec<Template>>,
    asked_for: HashSet<(String, String)>,
}

/// A platform and its file.
#[derive(Clone)]
pub(super) struct Template {
    pub(super) platform: String,
    pub(super) bytes: Vec<u8>,
}

impl Templates {
    /// What a row asks for that no other has asked for: many people are in one group. A refusal is told once.
    pub(super) fn of_row(&mut self, service: &Service, kind: Kind, device: &Device) -> Result<Vec<Template>, Refusal> {
        let name = kind.folder();
        if !self.made.contains_key(&name) {
            self.made.insert(name.clone(), Vec::new());
            self.made.insert(name.clone(), make(service, kind)?);
        }
        let platform = device.variant.as_deref().filter(|variant| PLATFORMS.contains(variant));
        let of_row = |template: &&Template| platform.is_none_or(|platform| platform == template.platform);
        let made = self.made.get(&name).map_or(&[][..], Vec::as_slice).iter().filter(of_row);
        let new = |template: &&Template| self.asked_for.insert((device.recipient.clone(), template.platform.clone()));
        Ok(made.filter(new).cloned().collect())
    }
}

fn make(service: &Service, kind: Kind) -> Result<Vec<Template>, Refusal> {
    let write = match kind.variant.write {
        Write::Organization(write) => write,
        Write::User(_) | Write::Domain(_) => return Ok(Vec::new()),
    };
    let template = |file: File| match file.name {
        FileName::Own { part: Some(platform), .. } => Some(Template { platform, bytes: file.bytes }),
        FileName::Own { part: None, .. } | FileName::Below(_) => None,
    };
    let profile = write(&OrganizationRequest { service, variant: kind.variant })?;
    Ok(profile.files.into_iter().filter_map(template).collect())
}

/// Whether a template goes when these people go: the map has its group, and none of it stays. One person who leaves must not
/// take it from the others.
pub(super) fn goes(map: &[Device], group: &str, known: &Known, addresses: &HashSet<String>) -> bool {
    let of_group = || map.iter().filter(|device| device.recipient == group);
    let leaves = |device: &Device| addresses.contains(&device.address.as_str().to_lowercase());
    known.address == EVERYBODY && of_group().next().is_some() && of_group().all(leaves)
}
