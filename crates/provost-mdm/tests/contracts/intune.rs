//! Intune: configurations of all kinds in one list, in pages of 100 that a link leads to; `/assign` sets all assignments at once.

use serde_json::{Value, json};

use super::{Answer, Fitting, OTHERS, Service};

struct Configuration {
    id: String,
    /// What was sent, by field.
    fields: Vec<(&'static str, String)>,
    is_ours: bool,
    targets: Vec<(String, Option<String>)>,
}

pub(super) struct Intune {
    configurations: Vec<Configuration>,
    next: usize,
}

const FIELDS: &[&str] =
    &["@odata.type", "displayName", "payloadName", "payloadFileName", "payload", "deploymentChannel"];

impl Default for Intune {
    fn default() -> Self {
        let other = |number: usize| Configuration {
            id: format!("00000000-0000-4000-8000-{number:012}"),
            fields: vec![
                ("@odata.type", "#microsoft.graph.iosGeneralDeviceConfiguration".to_owned()),
                ("displayName", format!("Other {number}")),
            ],
            is_ours: false,
            targets: Vec::new(),
        };
        Self { configurations: (0..OTHERS).map(other).collect(), next: 1000 }
    }
}

impl Service for Intune {
    fn answer(&mut self, asked: &Fitting) -> Answer {
        let is_beta = match asked.named["version"].as_str() {
            "beta" => true,
            "v1.0" => false,
            other => panic!("the version {other}"),
        };
        if asked.fields.text("deploymentChannel").is_some() {
            assert!(is_beta, "deploymentChannel is in /beta alone");
        }
        let found = asked.named.get("id").map(|id| self.configurations.iter().position(|it| it.id == *id));
        if found == Some(None) {
            return Answer::json(404, &json!({ "error": { "code": "ResourceNotFound" } }));
        }
        let at = found.flatten();
        match asked.endpoint.as_str() {
            "list" => self.list(asked),
            "create" => {
                let id = format!("00000000-0000-4000-9000-{:012}", self.next);
                self.next += 1;
                let mut configuration = Configuration { id, fields: Vec::new(), is_ours: true, targets: Vec::new() };
                set(&mut configuration, asked);
                let answer = Answer::json(201, &shown(&configuration, is_beta));
                self.configurations.push(configuration);
                answer
            }
            "read" => Answer::json(200, &shown(&self.configurations[at.unwrap()], is_beta)),
            "update" => {
                let configuration = &mut self.configurations[at.unwrap()];
                set(configuration, asked);
                Answer::json(200, &shown(configuration, is_beta))
            }
            "remove" => {
                self.configurations.remove(at.unwrap());
                Answer::empty(204)
            }
            "assignments" => Answer::json(200, &assignments(&self.configurations[at.unwrap()])),
            "assign" => {
                let kinds = asked.fields.all("assignments[].target.@odata.type");
                let mut groups = asked.fields.all("assignments[].target.groupId").into_iter();
                let configuration = &mut self.configurations[at.unwrap()];
                let target = |kind: String| {
                    let group = if kind.ends_with("groupAssignmentTarget") { groups.next() } else { None };
                    (kind, group)
                };
                configuration.targets = kinds.into_iter().map(target).collect();
                Answer::json(200, &assignments(configuration))
            }
            other => panic!("{other}"),
        }
    }

    fn kept(&self) -> Vec<(String, Vec<u8>, Vec<String>)> {
        use base64::Engine as _;
        let ours = self.configurations.iter().filter(|it| it.is_ours);
        ours.map(|it| {
            let field = |name: &str| it.fields.iter().find(|(field, _)| *field == name).unwrap().1.clone();
            let bytes = base64::engine::general_purpose::STANDARD.decode(field("payload")).unwrap();
            (field("displayName"), bytes, it.targets.iter().filter_map(|(_, group)| group.clone()).collect())
        })
        .collect()
    }

    fn others(&self) -> usize {
        self.configurations.iter().filter(|it| !it.is_ours).count()
    }
}

impl Intune {
    fn list(&self, asked: &Fitting) -> Answer {
        let from = asked.query.get("$skiptoken").map_or(0, |text| text.parse::<usize>().unwrap());
        let page = self.configurations.iter().skip(from).take(100);
        let value: Vec<Value> = page
            .map(|it| {
                let field = |name: &str| it.fields.iter().find(|(field, _)| *field == name).unwrap().1.clone();
                json!({ "@odata.type": field("@odata.type"), "id": it.id, "displayName": field("displayName") })
            })
            .collect();
        let mut json = json!({ "value": value });
        if from + 100 < self.configurations.len() {
            let version = &asked.named["version"];
            let (base, next) = (&asked.base, from + 100);
            json["@odata.nextLink"] =
                format!("{base}/{version}/deviceManagement/deviceConfigurations?$skiptoken={next}").into();
        }
        Answer::json(200, &json)
    }
}

fn set(configuration: &mut Configuration, asked: &Fitting) {
    for field in FIELDS {
        if let Some(value) = asked.fields.text(field) {
            configuration.fields.retain(|(name, _)| name != field);
            configuration.fields.push((field, value));
        }
    }
}

fn shown(configuration: &Configuration, is_beta: bool) -> Value {
    let mut json = json!({ "id": configuration.id });
    for (name, value) in configuration.fields.iter().filter(|(name, _)| is_beta || *name != "deploymentChannel") {
        json[*name] = value.as_str().into();
    }
    json
}

fn assignments(configuration: &Configuration) -> Value {
    let value = configuration.targets.iter().enumerate().map(|(number, (kind, group))| {
        let mut target = json!({ "@odata.type": kind });
        if let Some(group) = group {
            target["groupId"] = group.as_str().into();
        }
        json!({ "id": format!("assignment-{number}"), "target": target })
    });
    json!({ "value": value.collect::<Vec<_>>() })
}
