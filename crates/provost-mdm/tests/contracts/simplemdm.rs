//! SimpleMDM: profiles in one list, in pages of 10 unless told otherwise, 100 at most; assigned to groups by calls of their own.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Answer, Fields, Fitting, OTHERS, Service};

struct Profile {
    id: u64,
    name: String,
    bytes: Vec<u8>,
    user_scope: bool,
    attribute_support: bool,
    groups: BTreeSet<u64>,
}

pub(super) struct SimpleMdm {
    profiles: Vec<Profile>,
    next: u64,
}

impl Default for SimpleMdm {
    fn default() -> Self {
        let other = |id: u64| Profile {
            id,
            name: format!("Other {id}"),
            bytes: b"<plist/>".to_vec(),
            user_scope: false,
            attribute_support: false,
            groups: BTreeSet::new(),
        };
        Self { profiles: (1..=OTHERS as u64).map(other).collect(), next: 1000 }
    }
}

impl Service for SimpleMdm {
    fn answer(&mut self, asked: &Fitting) -> Answer {
        let id = asked.named.get("id").map(|id| id.parse::<u64>().unwrap());
        if let Some(id) = id
            && !self.profiles.iter().any(|it| it.id == id)
        {
            return Answer::json(404, &json!({ "errors": [{ "title": "object not found" }] }));
        }
        let group = asked.named.get("group").map(|group| group.parse::<u64>().unwrap());
        // Only these groups exist.
        if group.is_some_and(|group| !(40..50).contains(&group)) {
            return Answer::json(404, &json!({ "errors": [{ "title": "object not found" }] }));
        }
        match asked.endpoint.as_str() {
            "list" => self.list(asked),
            "create" => {
                let name = asked.fields.text("name").unwrap();
                let mut profile = Profile {
                    id: self.next,
                    name,
                    bytes: Vec::new(),
                    user_scope: false,
                    attribute_support: false,
                    groups: BTreeSet::new(),
                };
                self.next += 1;
                set(&mut profile, &asked.fields);
                let answer = Answer::json(201, &shown(&profile));
                self.profiles.push(profile);
                answer
            }
            "update" => {
                let profile = self.of(id);
                set(profile, &asked.fields);
                Answer::json(200, &shown(profile))
            }
            "download" => Answer { body: self.of(id).bytes.clone(), ..Answer::empty(200) },
            "assign" => {
                self.of(id).groups.insert(group.unwrap());
                Answer::empty(204)
            }
            "unassign" => {
                self.of(id).groups.remove(&group.unwrap());
                Answer::empty(204)
            }
            "remove" => {
                self.profiles.retain(|it| Some(it.id) != id);
                Answer::empty(204)
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

impl SimpleMdm {
    fn of(&mut self, id: Option<u64>) -> &mut Profile {
        self.profiles.iter_mut().find(|it| Some(it.id) == id).unwrap()
    }

    fn list(&self, asked: &Fitting) -> Answer {
        let number = |name: &str| asked.query.get(name).map(|text| text.parse::<u64>().unwrap());
        let limit = usize::try_from(number("limit").unwrap_or(10).min(100)).unwrap();
        let after = number("starting_after").unwrap_or(0);
        let rest: Vec<&Profile> = self.profiles.iter().filter(|it| it.id > after).collect();
        let data: Vec<Value> = rest.iter().take(limit).map(|it| item(it)).collect();
        Answer::json(200, &json!({ "data": data, "has_more": rest.len() > limit }))
    }
}

fn set(profile: &mut Profile, fields: &Fields) {
    let is = |name: &str| fields.text(name).map(|text| ["true", "True", "1"].contains(&text.as_str()));
    profile.name = fields.text("name").unwrap_or(profile.name.clone());
    profile.bytes = fields.text("mobileconfig").map_or(profile.bytes.clone(), Into::into);
    profile.user_scope = is("user_scope").unwrap_or(profile.user_scope);
    profile.attribute_support = is("attribute_support").unwrap_or(profile.attribute_support);
}

fn item(profile: &Profile) -> Value {
    let groups: Vec<Value> = profile.groups.iter().map(|id| json!({ "type": "device_group", "id": id })).collect();
    json!({
        "type": "custom_configuration_profile", "id": profile.id,
        "attributes": {
            "name": profile.name, "user_scope": profile.user_scope, "attribute_support": profile.attribute_support,
        },
        "relationships": { "device_groups": { "data": groups } },
    })
}

fn shown(profile: &Profile) -> Value {
    json!({
        "data": { "type": "custom_configuration_profile", "id": profile.id, "attributes": { "name": profile.name } },
    })
}
