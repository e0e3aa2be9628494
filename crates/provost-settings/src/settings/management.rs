//! The keys `mdm` and `android`: how device management spells a person's values, and how it configures an app.

use provost_account::{ManagedApp, ManagedValue, Mdm, MdmName, MdmVariable, PackageName, codes::settings as codes};

use super::at::{At, Entries};
use super::kinds;
use super::row::{Below, Keys, Kind, Row, documents, key, read_keys, write};
use super::tree::Aim;
use super::write::{Layout, Value};

/// By each system's name, its variables.
pub(crate) const MDM: Kind<Vec<Mdm>> = Kind {
    values: "a group of keys for each system, by its name",
    read: |at| {
        at.named("the name of a device management system")?.into_iter().map(|(name, at)| system(name, &at)).collect()
    },
    write: |systems| {
        let system = |system: &Mdm| (system.name.as_str().to_owned(), write(system));
        Value::Group(Layout::Lines, systems.iter().map(system).collect())
    },
    below: Below::Keys(|path| documents::<Mdm>(&format!("{path}NAME."))),
};

fn system(name: &str, at: &At<'_, '_>) -> Option<Mdm> {
    let name = MdmName::try_from(name).map_err(|error| {
        at.add(codes::WRONG_VALUE, Aim::Key, format!("{name:?}: {error}"), "correct the name");
    });
    read_keys(Mdm::KEYS, (name.ok(), None), at)
}

impl Keys for Mdm {
    type Draft = (Option<MdmName>, Option<MdmVariable>);
    const LAYOUT: Layout = Layout::Line;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        key!(required "address": kinds::MDM_VARIABLE, address => 1, "the variable for the person's address"),
        key!(optional "local_part": kinds::MDM_VARIABLE, local_part = Some(it),
            "for the part of the address before the @, if the system has one"),
        key!(optional "domain": kinds::MDM_VARIABLE, domain = Some(it),
            "for the address's domain, if the system has one"),
        key!(optional "name": kinds::MDM_VARIABLE, full_name = Some(it),
            "for the person's full name, if the system has one"),
    ];

    fn finish(_: &Entries<'_, '_>, (name, address): Self::Draft) -> Option<Self> {
        Some(Self { name: name?, address: address?, local_part: None, domain: None, full_name: None })
    }
}

impl Keys for ManagedApp {
    type Draft = (Option<PackageName>, Option<Vec<(String, ManagedValue)>>);
    const LAYOUT: Layout = Layout::Lines;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        key!(required "package": kinds::PACKAGE, package => 0, "the app"),
        key!(required "keys": kinds::MANAGED_VALUES, keys => 1, "the keys of its managed configuration"),
    ];

    fn finish(_: &Entries<'_, '_>, (package, keys): Self::Draft) -> Option<Self> {
        Some(Self { package: package?, keys: keys? })
    }
}
