//! Fleet: a list for each fleet (team), in pages; a PATCH sets all labels and keeps the identifier; the name is the profile's.

use serde_json::{Value, json};

use super::{Answer, Fitting, OTHERS, Service};

struct Profile {
    uuid: String,
    team: String,
    bytes: Vec<u8>,
    identifier: String,
    name: String,
    labels: Vec<String>,
    is_ours: bool,
}

pub(super) struct Fleet {
    version: &'static str,
    profiles: Vec<Profile>,
    next: usize,
    /// A label that somebody gives each new profile.
    pub(super) label: Option<&'static str>,
}

impl Fleet {
    pub(super) fn of(version: &'static str) -> Self {
        let other = |number: usize| Profile {
            uuid: format!("a{number:08}"),
            team: "42".to_owned(),
            bytes: b"<plist/>".to_vec(),
            identifier: format!("other.{number}"),
            name: format!("Other {number}"),
            labels: Vec::new(),
            is_ours: false,
        };
        // The same identifier in another team is another profile.
        let elsewhere = Profile {
            uuid: "elsewhere".to_owned(),
            team: "7".to_owned(),
            bytes: b"<plist/>".to_vec(),
            identifier: "org.example.template.ios".to_owned(),
            name: "Elsewhere".to_owned(),
            labels: Vec::new(),
            is_ours: false,
        };
        let profiles = (1..OTHERS).map(other).chain([elsewhere]).collect();
        Self { version, profiles, next: 1000, label: None }
    }

    fn list(&self, asked: &Fitting) -> Answer {
        let number =
            |name: &str, otherwise| asked.query.get(name).map_or(otherwise, |text| text.parse::<usize>().unwrap());
        let (page, per_page) = (number("page", 0), number("per_page", 20));
        let team = asked.query.get("team_id").map_or("0", String::as_str);
        let of_team: Vec<&Profile> = self.profiles.iter().filter(|it| it.team == team).collect();
        let items = of_team.iter().skip(page * per_page).take(per_page).map(|it| {
            let labels: Vec<Value> =
                it.labels.iter().enumerate().map(|(id, name)| json!({ "id": id, "name": name })).collect();
            let mut item = json!({
                "profile_uuid": it.uuid, "team_id": it.team.parse::<u64>().unwrap(), "name": it.name,
                "platform": "darwin", "identifier": it.identifier,
            });
            if !labels.is_empty() {
                item["labels_include_all"] = labels.into();
            }
            item
        });
        let profiles: Vec<Value> = items.collect();
        let has_next_results = (page + 1) * per_page < of_team.len();
        let meta = json!({ "has_next_results": has_next_results, "has_previous_results": page > 0 });
        Answer::json(200, &json!({ "meta": meta, "profiles": profiles }))
    }
}

impl Service for Fleet {
    fn answer(&mut self, asked: &Fitting) -> Answer {
        let found = asked.named.get("uuid").map(|uuid| self.profiles.iter().position(|it| it.uuid == *uuid));
        if found == Some(None) {
            return Answer::json(404, &json!({ "message": "Resource Not Found" }));
        }
        let at = found.flatten();
        match asked.endpoint.as_str() {
            "version" => Answer::json(200, &json!({ "version": self.version })),
            "list" => self.list(asked),
            "create" => {
                let (identifier, name, bytes) = read(asked);
                let team = asked.fields.text("team_id").unwrap_or("0".to_owned());
                if self.profiles.iter().any(|it| it.team == team && (it.identifier == identifier || it.name == name)) {
                    return Answer::json(409, &json!({ "message": "Conflict" }));
                }
                let uuid = format!("b{:08}", self.next);
                self.next += 1;
                let mut labels = asked.fields.all("labels_include_all");
                labels.extend(self.label.map(ToOwned::to_owned));
                let answer = Answer::json(200, &json!({ "profile_uuid": uuid }));
                self.profiles.push(Profile { uuid, team, bytes, identifier, name, labels, is_ours: true });
                answer
            }
            "download" => {
                assert_eq!(asked.query["alt"], "media");
                Answer { body: self.profiles[at.unwrap()].bytes.clone(), ..Answer::empty(200) }
            }
            "update" => {
                assert_ne!(self.version, "4.89.2", "older servers have no PATCH");
                let (identifier, name, bytes) = read(asked);
                let profile = &mut self.profiles[at.unwrap()];
                if profile.identifier != identifier {
                    return Answer::json(422, &json!({ "message": "the identifier must stay" }));
                }
                (profile.bytes, profile.name) = (bytes, name);
                profile.labels = asked.fields.all("labels_include_all");
                Answer::json(200, &json!({ "profile_uuid": profile.uuid }))
            }
            "remove" => {
                self.profiles.remove(at.unwrap());
                Answer::empty(200)
            }
            other => panic!("{other}"),
        }
    }

    fn kept(&self) -> Vec<(String, Vec<u8>, Vec<String>)> {
        let ours = self.profiles.iter().filter(|it| it.is_ours);
        ours.map(|it| {
            let whom = [vec![it.team.clone()], it.labels.clone()].concat();
            (it.identifier.clone(), it.bytes.clone(), whom)
        })
        .collect()
    }

    fn others(&self) -> usize {
        self.profiles.iter().filter(|it| !it.is_ours).count()
    }
}

fn read(asked: &Fitting) -> (String, String, Vec<u8>) {
    let bytes = asked.fields.text("profile").unwrap().into_bytes();
    let keys = plist::Value::from_reader_xml(&*bytes).unwrap().into_dictionary().unwrap();
    let text = |key: &str| keys.get(key).and_then(plist::Value::as_string).unwrap().to_owned();
    (text("PayloadIdentifier"), text("PayloadDisplayName"), bytes)
}
