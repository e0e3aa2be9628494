//! Apple Business: configurations and blueprints in pages of a cursor; lists show no settings; a blueprint drops unknown ids.

use serde_json::{Value, json};

use super::{Answer, Fitting, OTHERS, Service};

struct Thing {
    id: String,
    name: String,
    profile: String,
    configurations: Vec<String>,
    users: Vec<String>,
    is_ours: bool,
}

pub(super) struct AppleBusiness {
    configurations: Vec<Thing>,
    blueprints: Vec<Thing>,
    next: usize,
}

impl Default for AppleBusiness {
    fn default() -> Self {
        let others = |kind: &str| {
            let other = |number: usize| Thing {
                id: format!("{kind}-{number}"),
                name: format!("Other {number}"),
                profile: "<plist/>".to_owned(),
                configurations: Vec::new(),
                users: Vec::new(),
                is_ours: false,
            };
            (0..OTHERS).map(other).collect()
        };
        Self { configurations: others("config"), blueprints: others("blueprint"), next: 1000 }
    }
}

impl Service for AppleBusiness {
    fn answer(&mut self, asked: &Fitting) -> Answer {
        let (kind, what) = asked.endpoint.split_once(' ').unwrap();
        let known: Vec<String> = self.configurations.iter().map(|it| it.id.clone()).collect();
        let things = if kind == "configurations" { &mut self.configurations } else { &mut self.blueprints };
        let found = asked.named.get("id").map(|id| things.iter().position(|it| it.id == *id));
        if found == Some(None) {
            return Answer::json(404, &json!({ "errors": [{ "status": "404", "code": "NOT_FOUND" }] }));
        }
        let at = found.flatten();
        match what {
            "list" => {
                let item = |it: &Thing| match kind {
                    "configurations" => json!({
                        "type": kind, "id": it.id,
                        "attributes": { "type": "CUSTOM_SETTING", "name": it.name, "customSettingsValues": null },
                    }),
                    _ => json!({ "type": kind, "id": it.id, "attributes": { "name": it.name, "status": "ACTIVE" } }),
                };
                paged(asked, &things.iter().map(item).collect::<Vec<_>>(), kind)
            }
            "create" => {
                let id = format!("{kind}-new-{}", self.next);
                self.next += 1;
                let (name, profile) = (String::new(), String::new());
                let (configurations, users) = (Vec::new(), Vec::new());
                let mut thing = Thing { id, name, profile, configurations, users, is_ours: true };
                set(&mut thing, asked, &known);
                let answer = Answer::json(201, &shown(&thing, kind));
                things.push(thing);
                answer
            }
            "read" => {
                let thing = &things[at.unwrap()];
                let mut json = shown(thing, kind);
                json["data"]["attributes"]["customSettingsValues"] = json!({ "configurationProfile": thing.profile });
                Answer::json(200, &json)
            }
            "update" => {
                let thing = &mut things[at.unwrap()];
                set(thing, asked, &known);
                Answer::json(200, &shown(thing, kind))
            }
            "remove" => {
                things.remove(at.unwrap());
                Answer::empty(204)
            }
            "configurations" | "users" => {
                let thing = &things[at.unwrap()];
                let ids = if what == "users" { &thing.users } else { &thing.configurations };
                let items: Vec<Value> = ids.iter().map(|id| json!({ "type": what, "id": id })).collect();
                paged(asked, &items, &format!("blueprints/{}/relationships/{what}", thing.id))
            }
            other => panic!("{other}"),
        }
    }

    fn kept(&self) -> Vec<(String, Vec<u8>, Vec<String>)> {
        let ours = self.configurations.iter().filter(|it| it.is_ours);
        ours.map(|it| {
            let blueprints = self.blueprints.iter().filter(|blueprint| blueprint.configurations.contains(&it.id));
            let users = blueprints.flat_map(|blueprint| blueprint.users.clone());
            (it.name.clone(), it.profile.clone().into(), users.collect())
        })
        .collect()
    }

    fn others(&self) -> usize {
        let ours = self.blueprints.iter().filter(|it| it.is_ours).count();
        assert_eq!(ours, self.configurations.iter().filter(|it| it.is_ours).count(), "a blueprint for each");
        self.configurations.iter().filter(|it| !it.is_ours).count()
    }
}

fn paged(asked: &Fitting, items: &[Value], path: &str) -> Answer {
    let number = |name: &str, otherwise| asked.query.get(name).map_or(otherwise, |text| text.parse::<usize>().unwrap());
    let (from, limit) = (number("cursor", 0), number("limit", 100).min(1000));
    let data: Vec<Value> = items.iter().skip(from).take(limit).cloned().collect();
    let base = &asked.base;
    let mut json = json!({ "data": data, "links": { "self": format!("{base}/v1/{path}") }, "meta": { "paging": { "limit": limit } } });
    if from + limit < items.len() {
        json["links"]["next"] = format!("{base}/v1/{path}?cursor={}&limit={limit}", from + limit).into();
    }
    Answer::json(200, &json)
}

fn set(thing: &mut Thing, asked: &Fitting, known: &[String]) {
    let fields = &asked.fields;
    thing.name = fields.text("data.attributes.name").unwrap_or(thing.name.clone());
    let profile = fields.text("data.attributes.customSettingsValues.configurationProfile");
    thing.profile = profile.unwrap_or(thing.profile.clone());
    if let Some(id) = fields.text("data.id") {
        assert_eq!(id, thing.id);
    }
    let configurations = fields.all("data.relationships.configurations.data[].id");
    if !configurations.is_empty() {
        thing.configurations = configurations.into_iter().filter(|id| known.contains(id)).collect();
    }
    let users = fields.all("data.relationships.users.data[].id");
    if !users.is_empty() {
        // Only these exist.
        thing.users = users.into_iter().filter(|id| ["42", "43"].contains(&id.as_str())).collect();
    }
}

fn shown(thing: &Thing, kind: &str) -> Value {
    json!({ "data": { "type": kind, "id": thing.id, "attributes": { "name": thing.name } } })
}
