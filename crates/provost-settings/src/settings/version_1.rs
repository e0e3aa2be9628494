//! Version 1 of `service.json`, which older folders contain: renames its keys to those of version 2. It checks no value.

use super::at::Version;
use super::tree::Node;
use super::trust::pem;

/// The tree of version 2.
pub(crate) fn renamed(tree: Node) -> Node {
    let Node::Map(keys) = tree else { return tree };
    // Version 1 has the permission only as what it led to.
    let mut renamed = vec![("danger_allow_cleartext".to_owned(), Node::Bool(true))];
    for (key, value) in keys {
        let value = said(value);
        match (key.as_str(), value) {
            (_, Node::Null) => {}
            ("provost", _) => renamed.push((key, Node::Int(Version::Service.number().into()))),
            ("trust", Node::List(files)) => renamed.push((key, Node::List(files.into_iter().map(as_pem).collect()))),
            ("mdm", Node::List(systems)) => renamed.push((key, Node::Map(systems.into_iter().map(named).collect()))),
            ("android", Node::Map(app)) => renamed.push((key, Node::Map(app.into_iter().map(with_keys).collect()))),
            (name, value) => match IN_GROUPS.iter().find(|(flat, ..)| *flat == name) {
                Some((_, group, key)) => put(&mut renamed, group, key, value),
                None => renamed.push((key, value)),
            },
        }
    }
    Node::Map(renamed)
}

/// What is said of a value: version 1 writes `null`, `[]` and `{}` where nothing is.
fn said(value: Node) -> Node {
    match value {
        Node::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, said(value)));
            match entries.filter(|(_, value)| *value != Node::Null).collect::<Vec<_>>() {
                nothing if nothing.is_empty() => Node::Null,
                entries => Node::Map(entries),
            }
        }
        Node::List(items) if items.is_empty() => Node::Null,
        Node::List(items) => Node::List(items.into_iter().map(said).collect()),
        Node::Null | Node::Bool(_) | Node::Int(_) | Node::Float(_) | Node::Text(_) | Node::Tagged(_) => value,
    }
}

/// A certificate in base64.
fn as_pem(file: Node) -> Node {
    match file {
        Node::Text(base64) => Node::Text(pem(&base64)),
        other => other,
    }
}

/// A system, by its name.
fn named(system: Node) -> (String, Node) {
    let Node::Map(mut keys) = system else { return (String::new(), system) };
    match keys.iter().position(|(key, _)| key == "system").map(|at| keys.remove(at)) {
        Some((_, Node::Text(name))) => (name, Node::Map(keys)),
        _ => (String::new(), Node::Map(keys)),
    }
}

/// A key of an app; its `keys` are pairs.
fn with_keys((key, value): (String, Node)) -> (String, Node) {
    match (key.as_str(), value) {
        ("keys", Node::List(pairs)) => (key, Node::Map(pairs.into_iter().map(pair).collect())),
        (_, value) => (key, value),
    }
}

fn pair(pair: Node) -> (String, Node) {
    let Node::List(items) = pair else { return (String::new(), pair) };
    match <[Node; 2]>::try_from(items) {
        Ok([Node::Text(key), value]) => (key, value),
        Ok(_) | Err(_) => (String::new(), Node::Null),
    }
}

fn put(keys: &mut Vec<(String, Node)>, group: &str, key: &str, value: Node) {
    let entry = (key.to_owned(), value);
    match keys.iter_mut().find(|(name, _)| name == group) {
        Some((_, Node::Map(entries))) => entries.push(entry),
        Some(_) | None => keys.push((group.to_owned(), Node::Map(vec![entry]))),
    }
}

/// Keys that are in a group now, and the group.
const IN_GROUPS: &[(&str, &str, &str)] = &[
    ("sync_days", "sync", "days"),
    ("calendar", "calendar", "url"),
    ("calendar_username", "calendar", "username"),
    ("contacts", "contacts", "url"),
    ("contacts_username", "contacts", "username"),
    ("web_host", "web", "host"),
    ("dns_ttl", "dns", "ttl"),
    ("assets", "assets", "url"),
];
