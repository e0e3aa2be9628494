//! The keys of what manages devices: how it spells a person's values, and where it finds files.

use provost_account::{HttpsUrl, Mdm, MdmName, MdmVariable};

use super::decode::At;
use super::yaml::Aim;

/// `mdm`: by each system's name, its variables.
pub(crate) fn mdm(at: &At<'_, '_>) -> Option<Vec<Mdm>> {
    at.named("the name of a device management system")?.into_iter().map(|(name, at)| system(name, &at)).collect()
}

/// `assets`: where they are published.
pub(crate) fn assets(at: &At<'_, '_>) -> Option<HttpsUrl> {
    let map = at.map(&["url"])?;
    map.required("url").and_then(|it| it.parsed(|text| HttpsUrl::try_from(text)))
}

fn system(name: &str, at: &At<'_, '_>) -> Option<Mdm> {
    let name = match MdmName::try_from(name) {
        Ok(name) => Some(name),
        Err(error) => {
            at.add("wrong-value", Aim::Key, format!("{name:?}: {error}"), "correct the name");
            None
        }
    };
    let map = at.map(&["address", "local_part", "domain", "name"])?;
    let variable = |at: &At<'_, '_>| at.parsed(|text| MdmVariable::try_from(text));
    let optional = |key: &str| match map.optional(key) {
        Some(at) => variable(at).map(Some),
        None => Some(None),
    };
    let address = map.required("address").and_then(variable);
    let (local_part, domain, full_name) = (optional("local_part"), optional("domain"), optional("name"));
    Some(Mdm { name: name?, address: address?, local_part: local_part?, domain: domain?, full_name: full_name? })
}
