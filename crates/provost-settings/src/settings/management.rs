//! The keys of what manages devices: how it spells a person's values, where it finds files, and what it tells apps.

use provost_account::{
    Exchange, Host, HttpsUrl, LoginTemplate, ManagedApp, ManagedValue, Mdm, MdmName, MdmVariable, PackageName,
    codes::settings as codes,
};

use super::decode::At;
use super::yaml::{Aim, Node};

/// `mdm`: by each system's name, its variables.
pub(crate) fn mdm(at: &At<'_, '_>) -> Option<Vec<Mdm>> {
    at.named("the name of a device management system")?.into_iter().map(|(name, at)| system(name, &at)).collect()
}

/// `assets`: where they are published.
pub(crate) fn assets(at: &At<'_, '_>) -> Option<HttpsUrl> {
    let map = at.map(&["url"])?;
    map.required("url").and_then(|it| it.parsed(|text| HttpsUrl::try_from(text)))
}

/// `exchange`: the server.
pub(crate) fn exchange(at: &At<'_, '_>) -> Option<Exchange> {
    let map = at.map(&["host"])?;
    Some(Exchange { host: map.required("host").and_then(|it| it.parsed(|text| Host::try_from(text)))? })
}

/// `android`: an app, and its keys.
pub(crate) fn android(at: &At<'_, '_>) -> Option<ManagedApp> {
    let map = at.map(&["package", "keys"])?;
    let package = map.required("package").and_then(|it| it.parsed(|text| PackageName::try_from(text)));
    let keys = map.required("keys").and_then(|it| {
        let entries = it.named("a key that the app has")?;
        entries.into_iter().map(|(key, at)| Some((key.to_owned(), managed_value(&at)?))).collect::<Option<Vec<_>>>()
    });
    Some(ManagedApp { package: package?, keys: keys? })
}

fn managed_value(at: &At<'_, '_>) -> Option<ManagedValue> {
    match at.node {
        Node::Bool(flag) => Some(ManagedValue::Flag(*flag)),
        Node::Int(number) => match i32::try_from(*number) {
            Ok(number) => Some(ManagedValue::Number(number)),
            Err(error) => {
                at.add(codes::WRONG_VALUE, Aim::Value, format!("{number}: {error}"), "Android's integers have 32 bits");
                None
            }
        },
        Node::Text(_) => at.template(|text| LoginTemplate::try_from(text)).map(ManagedValue::Text),
        Node::Null | Node::Float(_) | Node::List(_) | Node::Map(_) | Node::Tagged(_) => {
            at.wrong_type("a text, a whole number, or true or false");
            None
        }
    }
}

fn system(name: &str, at: &At<'_, '_>) -> Option<Mdm> {
    let name = match MdmName::try_from(name) {
        Ok(name) => Some(name),
        Err(error) => {
            at.add(codes::WRONG_VALUE, Aim::Key, format!("{name:?}: {error}"), "correct the name");
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
