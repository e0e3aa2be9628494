//! What every device is to have, some at a time: the list is read and files are made as often as they are needed, so that
//! nothing holds them all.

use provost_generate::OfPerson;
use provost_mdm::Digest;
use provost_mdm::commands::{self, Names};
use provost_mdm::devices::Device;
use provost_mdm::plan;
use provost_mdm::refusals::{Passwords, Platform};
use provost_mdm::target::{self, Declaration, Step, Takes, Work};
use provost_settings::{Person, identity_of};
use uuid::Uuid;

use crate::failure::Failure;
use crate::{complaints, input};

use super::setup::{Setup, contents};
use super::templates::{EVERYBODY, Template, Templates};

/// What one device is to have for one person.
pub(super) struct Wanted {
    pub(super) recipient: String,
    pub(super) address: String,
    /// `FORMAT/VARIANT`.
    pub(super) kind: String,
    pub(super) platform: Platform,
    pub(super) identifier: String,
    /// The profile's UUID.
    pub(super) uuid: Option<String>,
    pub(super) contents: Contents,
    pub(super) digest: Digest,
}

/// Bytes.
pub(super) enum Contents {
    Profile(Vec<u8>),
    Declarations(Vec<Declaration>),
}

impl Wanted {
    pub(super) fn work(&self) -> Work<'_> {
        match &self.contents {
            Contents::Profile(bytes) => Work::Profile(bytes),
            Contents::Declarations(declarations) => Work::Declarations(declarations),
        }
    }

    /// The step that delivers it.
    pub(super) fn step(&self, journal: Uuid, attempt: u32) -> Step<'_> {
        let Self { recipient, address, identifier, .. } = self;
        let work = self.work();
        let command = plan::command(journal, recipient, identifier, work, Some(self.digest), attempt);
        Step { recipient, address, identifier, command, work }
    }
}

/// Who has no device, and what cannot be made.
#[derive(Debug, Default)]
pub(super) struct Without {
    pub(super) people: u64,
    pub(super) without_device: u64,
    /// What a format refuses for somebody, in words.
    pub(super) refused: Vec<String>,
}

/// Gives everything that is wanted, in the order of the list, some at a time.
pub(super) fn each(
    setup: &Setup,
    take: &mut dyn FnMut(Vec<Wanted>) -> Result<(), Failure>,
) -> Result<Without, Failure> {
    let kinds: Vec<_> = setup.kinds.iter().map(|(_, kind)| *kind).collect();
    let passwords = match setup.passwords {
        Passwords::Embedded => provost_profile::Passwords::Embed,
        Passwords::LeftOut => provost_profile::Passwords::LeaveOut,
    };
    let maker = OfPerson::new(&setup.service, &kinds, passwords);
    let mut templates = Templates::default();
    let mut without = Without::default();
    let (mut some, mut ended) = (Vec::new(), Ok(()));
    let Ok(list) = setup.users.list() else { return Ok(without) };
    setup.users.each(list, &setup.service, &mut |rows| {
        for person in &rows.people {
            if ended.is_err() {
                return;
            }
            ended = add(setup, (&maker, &mut templates), person, &mut some, &mut without);
            if ended.is_ok() && some.len() >= AT_ONCE {
                ended = take(std::mem::take(&mut some));
            }
        }
    })?;
    ended?;
    if !some.is_empty() {
        take(some)?;
    }
    Ok(without)
}

fn add(
    setup: &Setup,
    (maker, templates): (&OfPerson<'_>, &mut Templates),
    person: &Person,
    to: &mut Vec<Wanted>,
    without: &mut Without,
) -> Result<(), Failure> {
    without.people += 1;
    let rows = setup.rows.get(&person.address.as_str().to_lowercase()).map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        without.without_device += 1;
    }
    for device in rows.iter().map(|at| &setup.devices.devices[*at]) {
        let (name, kind) = setup.kind(device).expect("a row without a kind was refused");
        if contents(name) == Takes::Templates {
            match templates.of_row(&setup.service, *kind, device) {
                Ok(new) => to.extend(new.into_iter().filter_map(|template| for_everybody(name, device, template))),
                Err(refusal) => without.refused.push(format!("{name}: {refusal}")),
            }
            continue;
        }
        let read = input::trust_reader(&setup.config);
        let smime =
            identity_of(&person.address, person.place, &setup.service, &|name| read(name)).map_err(|finding| {
                complaints::print(&setup.config, &[finding]);
                Failure::found_above(anyhow::anyhow!("{} lacks the identity that the settings ask for", person.address))
            })?;
        let files = match maker.files(person, smime, *kind) {
            Ok(files) => files,
            Err(refusal) => {
                without.refused.push(format!("{}, {name}: {refusal}", person.address));
                continue;
            }
        };
        let (contents, names) = match contents(name) {
            Takes::Profiles | Takes::Templates => {
                let bytes = files.into_iter().next().map(|file| file.bytes);
                let bytes = bytes.ok_or_else(|| anyhow::anyhow!("{name} makes no file"))?;
                let names = commands::names(&bytes);
                let names =
                    names.ok_or_else(|| anyhow::anyhow!("the profile of {} has no identifier", person.address))?;
                (Contents::Profile(bytes), names)
            }
            Takes::Declarations => {
                let files = files.into_iter().filter(|file| !file.path.contains(PUBLISHED));
                let declarations = files.filter_map(|file| Declaration::read(file.bytes)).collect();
                let identifier = target::set_name(setup.service.organization.id.as_str(), person.address.as_str());
                (Contents::Declarations(declarations), Names { identifier, uuid: None })
            }
        };
        let digest = match &contents {
            Contents::Profile(bytes) => Digest::of(bytes),
            Contents::Declarations(declarations) => target::digest_of(declarations),
        };
        to.push(Wanted {
            recipient: device.recipient.clone(),
            address: person.address.to_string(),
            kind: name.clone(),
            platform: platform(name),
            identifier: names.identifier,
            uuid: names.uuid,
            contents,
            digest,
        });
    }
    Ok(())
}

/// A template is wanted once for its group. It is our own, so it has names.
fn for_everybody(kind: &str, device: &Device, template: Template) -> Option<Wanted> {
    let names = commands::names(&template.bytes)?;
    Some(Wanted {
        recipient: device.recipient.clone(),
        address: EVERYBODY.to_owned(),
        kind: format!("{kind}, {}", template.platform),
        platform: Platform::Any,
        identifier: names.identifier,
        uuid: names.uuid,
        digest: Digest::of(&template.bytes),
        contents: Contents::Profile(template.bytes),
    })
}

/// What takes files of a kind.
fn platform(kind: &str) -> Platform {
    match kind.split_once('/') {
        Some(("apple-mobileconfig", "shared-ipad")) => Platform::SharedIpad,
        Some(("apple-mobileconfig", "macos" | "macos-exchange")) => Platform::Macos,
        Some(("apple-mobileconfig", _)) => Platform::Ios,
        Some(_) | None => Platform::Any,
    }
}

/// So many are made, written down and sent together.
pub(super) const AT_ONCE: usize = 256;
/// The folder of what a device fetches itself.
const PUBLISHED: &str = "/published/";
