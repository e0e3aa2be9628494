//! Jamf Pro: whole lists, two kinds of them. It writes a profile anew with a UUID and an identifier of its own, adds keys, and
//! takes an update only if it repeats both; otherwise a device would keep the old one, which the test calls a ghost.

use plist::{Dictionary, Value as Plist};
use serde_json::{Value, json};

use super::{Answer, Fitting, OTHERS, Service};

struct Profile {
    id: u64,
    is_mac: bool,
    name: String,
    level: Option<String>,
    bytes: Vec<u8>,
    groups: Vec<u64>,
}

pub(super) struct JamfPro {
    profiles: Vec<Profile>,
    next: u64,
}

impl Default for JamfPro {
    fn default() -> Self {
        let other = |id: u64| Profile {
            id,
            is_mac: id.is_multiple_of(2),
            name: format!("Other {id}"),
            level: None,
            bytes: b"<plist/>".to_vec(),
            groups: Vec::new(),
        };
        Self { profiles: (1..=OTHERS as u64).map(other).collect(), next: 1000 }
    }
}

impl Service for JamfPro {
    fn answer(&mut self, asked: &Fitting) -> Answer {
        let (kind, what) = asked.endpoint.split_once(' ').unwrap();
        let is_mac = kind == "mac";
        let id = asked.named.get("id").map(|id| id.parse::<u64>().unwrap());
        let found = self.profiles.iter().position(|it| Some(it.id) == id && it.is_mac == is_mac);
        if id.is_some() && found.is_none() {
            return Answer::empty(404);
        }
        match what {
            "list" => {
                let items = self.profiles.iter().filter(|it| it.is_mac == is_mac);
                let items: Vec<Value> = items.map(|it| json!({ "id": it.id, "name": it.name })).collect();
                Answer::json(
                    200,
                    &json!({ (if is_mac { "os_x_configuration_profiles" } else { "configuration_profiles" }): items }),
                )
            }
            "read" => Answer::json(200, &shown(&self.profiles[found.unwrap()])),
            "create" => {
                let id = self.next;
                self.next += 1;
                let mut keys = sent(asked, is_mac);
                let own = format!("0B2A5C7E-0000-4000-8000-{id:012}");
                keys.insert("PayloadUUID".to_owned(), own.clone().into());
                keys.insert("PayloadIdentifier".to_owned(), own.into());
                let mut profile =
                    Profile { id, is_mac, name: String::new(), level: None, bytes: Vec::new(), groups: Vec::new() };
                set(&mut profile, asked, keys);
                self.profiles.push(profile);
                Answer::empty(201)
            }
            "update" => {
                let profile = &mut self.profiles[found.unwrap()];
                let keys = sent(asked, is_mac);
                let before = Plist::from_reader_xml(&*profile.bytes).unwrap().into_dictionary().unwrap();
                for key in ["PayloadUUID", "PayloadIdentifier"] {
                    assert_eq!(keys.get(key), before.get(key), "a ghost: {key} of an update is another one");
                }
                set(profile, asked, keys);
                Answer::empty(201)
            }
            "remove" => {
                self.profiles.remove(found.unwrap());
                Answer::empty(200)
            }
            other => panic!("{other}"),
        }
    }

    fn kept(&self) -> Vec<(String, Vec<u8>, Vec<String>)> {
        let ours = self.profiles.iter().filter(|it| it.id >= 1000);
        ours.map(|it| (it.name.clone(), it.bytes.clone(), it.groups.iter().map(ToString::to_string).collect()))
            .collect()
    }

    fn others(&self) -> usize {
        self.profiles.iter().filter(|it| it.id < 1000).count()
    }
}

fn root(is_mac: bool) -> (&'static str, &'static str, &'static str) {
    match is_mac {
        true => ("os_x_configuration_profile", "computer_groups", "computer_group"),
        false => ("configuration_profile", "mobile_device_groups", "mobile_device_group"),
    }
}

fn sent(asked: &Fitting, is_mac: bool) -> Dictionary {
    let (root, _, _) = root(is_mac);
    assert_eq!(asked.fields.text(&format!("{root}.general.redeploy_on_update")).as_deref(), Some("All"));
    let text = asked.fields.text(&format!("{root}.general.payloads")).unwrap();
    let keys = Plist::from_reader_xml(text.as_bytes()).unwrap().into_dictionary().unwrap();
    let is_users = keys.get("PayloadScope").and_then(Plist::as_string) == Some("User");
    let level = asked.fields.text(&format!("{root}.general.level"));
    assert_eq!(level.as_deref() == Some("user"), is_users, "the level agrees with PayloadScope");
    keys
}

fn set(profile: &mut Profile, asked: &Fitting, mut keys: Dictionary) {
    let (root, groups, group) = root(profile.is_mac);
    profile.name = asked.fields.text(&format!("{root}.general.name")).unwrap();
    profile.level = asked.fields.text(&format!("{root}.general.level")).map(|_| "User Level".to_owned());
    keys.insert("PayloadEnabled".to_owned(), true.into());
    keys.insert("PayloadDescription".to_owned(), "".into());
    keys.insert("PayloadDisplayName".to_owned(), profile.name.clone().into());
    profile.bytes.clear();
    Plist::Dictionary(keys).to_writer_xml(&mut profile.bytes).unwrap();
    let scope = asked.fields.all(&format!("{root}.scope.{groups}.{group}.id"));
    if !scope.is_empty() {
        profile.groups = scope.iter().map(|id| id.parse().unwrap()).collect();
    }
}

fn shown(profile: &Profile) -> Value {
    let (root, groups, _) = root(profile.is_mac);
    let mut general = json!({
        "id": profile.id, "name": profile.name, "payloads": String::from_utf8(profile.bytes.clone()).unwrap(),
    });
    if let Some(level) = &profile.level {
        general["level"] = level.as_str().into();
    }
    let scope: Vec<Value> = profile.groups.iter().map(|id| json!({ "id": id, "name": "x" })).collect();
    json!({ root: { "general": general, "scope": { groups: scope } } })
}
