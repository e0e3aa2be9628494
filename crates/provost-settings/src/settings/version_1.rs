//! Version 1 of `service.json`, which older folders contain: renames its keys to those of version 2. It checks no value.

use super::at::Version;
use super::tree::Node;
use super::trust::pem;

/// The tree of version 2.
pub(crate) fn renamed(tree: Node) -> Node {
    let Node::Map(keys) = said(tree) else { return Node::Null };
    // Version 1 does not contain the permission, only what it led to.
    let mut renamed = vec![("danger_allow_cleartext".to_owned(), Node::Bool(true))];
    for (key, value) in keys {
        match (key.as_str(), value) {
            ("provost", _) => renamed.push((key, Node::Int(Version::Service.number().into()))),
            ("trust", Node::List(files)) => renamed.push((key, Node::List(files.into_iter().map(as_pem).collect()))),
            ("mdm", Node::List(systems)) => renamed.push((key, Node::Map(systems.into_iter().map(entry).collect()))),
            ("android", Node::Map(app)) => renamed.push((key, Node::Map(app.into_iter().map(of_app).collect()))),
            (name, value) => match IN_GROUPS.iter().find(|(flat, ..)| *flat == name) {
                Some((_, group, key)) => put(&mut renamed, group, key, value),
                None => renamed.push((key, value)),
            },
        }
    }
    Node::Map(renamed)
}

/// A value without what is empty: version 1 writes `null`, `[]` and `{}` for what is absent.
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
    Node::Text(pem(&text(file)))
}

/// A key of an app; its `keys` are pairs.
fn of_app((key, value): (String, Node)) -> (String, Node) {
    match value {
        Node::List(pairs) => (key, Node::Map(pairs.into_iter().map(entry).collect())),
        value => (key, value),
    }
}

/// A pair, or a system with its name inside, as an entry of a group.
fn entry(of: Node) -> (String, Node) {
    match of {
        Node::List(mut pair) if pair.len() == 2 => (text(pair.remove(0)), pair.remove(0)),
        Node::Map(mut keys) => {
            let system = keys.iter().position(|(key, _)| key == "system");
            (system.map_or_else(String::new, |at| text(keys.remove(at).1)), Node::Map(keys))
        }
        other => (String::new(), other),
    }
}

/// A text; anything else is an empty one, which is a finding in every place.
fn text(node: Node) -> String {
    let Node::Text(text) = node else { return String::new() };
    text
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
