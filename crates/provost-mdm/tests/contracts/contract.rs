//! A contract server: what a service's published description allows, from `fixtures/mdm/NAME.yaml`, and as much of the service as
//! that needs. An unknown path, header or field is an error, and so is a reply that the description does not have. It opens no
//! socket: a request goes in and a reply comes out.

mod apple_business;
mod fleet;
mod intune;
mod jamf_pro;
mod simplemdm;

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// A reply.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn json(status: u16, json: &Value) -> Self {
        Self { status, headers: vec![("content-type", "application/json".to_owned())], body: json.to_string().into() }
    }

    fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }
}

/// A request that fits an endpoint.
pub(crate) struct Fitting {
    /// The endpoint's name.
    pub(crate) endpoint: String,
    /// What stands in its path for the names in braces.
    pub(crate) named: BTreeMap<String, String>,
    /// The fields of its body.
    pub(crate) fields: Fields,
    pub(crate) query: BTreeMap<String, String>,
    /// The URL of the server, for links.
    pub(crate) base: String,
}

/// The fields of a body, by their paths.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.all(path).into_iter().next()
    }

    pub(crate) fn all(&self, path: &str) -> Vec<String> {
        let of_it = self.0.iter().filter(|(name, _)| name == path);
        of_it.map(|(_, value)| String::from_utf8(value.clone()).expect("UTF-8")).collect()
    }
}

/// What a service does with a request that fits.
pub(crate) trait Service {
    fn answer(&mut self, asked: &Fitting) -> Answer;
    /// The profiles that it keeps besides those of others: a name, the bytes, and whom they go to.
    fn kept(&self) -> Vec<(String, Vec<u8>, Vec<String>)>;
    /// How many of others it keeps.
    fn others(&self) -> usize;
}

/// A service behind its contract.
pub(crate) struct Contract {
    description: Value,
    service: Box<dyn Service + Send>,
    /// What is answered to the next requests instead; 0 is nothing else.
    pub(crate) faults: VecDeque<u16>,
    /// What is answered to the next request of an endpoint instead.
    pub(crate) refuses: Option<(&'static str, u16)>,
    /// Endpoints that were asked.
    pub(crate) asked: Vec<String>,
    /// JSON bodies that were sent, with their endpoints.
    pub(crate) sent: Vec<(String, Value)>,
}

pub(crate) const KEY: &str = "contract-key";
pub(crate) const OTHERS: usize = 250;

impl Contract {
    /// The contract of a target, with 250 profiles of others.
    pub(crate) fn of(name: &str) -> Self {
        let path = format!("{}/../../fixtures/mdm/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        let path = if std::path::Path::new(&path).exists() {
            path
        } else {
            format!("{}/../fixtures/mdm/{name}.yaml", env!("CARGO_MANIFEST_DIR"))
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let service: Box<dyn Service + Send> = match name {
            "apple-business" => Box::new(apple_business::AppleBusiness::default()),
            "fleet" => Box::new(fleet::Fleet::of("4.95.0")),
            "intune" => Box::new(intune::Intune::default()),
            "jamf-pro" => Box::new(jamf_pro::JamfPro::default()),
            "simplemdm" => Box::new(simplemdm::SimpleMdm::default()),
            _ => panic!("no contract {name}"),
        };
        let description = serde_yaml::from_str(&text).unwrap();
        Self { description, service, faults: VecDeque::new(), refuses: None, asked: Vec::new(), sent: Vec::new() }
    }

    pub(crate) fn old_fleet() -> Self {
        Self { service: Box::new(fleet::Fleet::of("4.89.2")), ..Self::of("fleet") }
    }

    pub(crate) fn labelling_fleet() -> Self {
        let mut fleet = fleet::Fleet::of("4.95.0");
        fleet.label = Some("Sales & more");
        Self { service: Box::new(fleet), ..Self::of("fleet") }
    }

    pub(crate) fn service(&self) -> &dyn Service {
        &*self.service
    }

    /// Answers a request, or says what the contract does not have.
    pub(crate) fn answer(&mut self, asked: &Asked, base: &str) -> Result<Answer, String> {
        let endpoint = self.endpoint(asked)?;
        let name = endpoint["name"].as_str().unwrap().to_owned();
        let wrong = |what: String| format!("{} {}, {name}: {what}", asked.method, asked.path);
        self.asked.push(name.clone());
        if !is_authorized(&self.description, asked) {
            return Ok(Answer::json(401, &serde_json::json!({ "error": "who asks?" })));
        }
        if let Some(status) = self.faults.pop_front().filter(|status| *status != 0) {
            let mut answer = Answer::empty(status);
            if status == 429 {
                answer.headers.push(("retry-after", "1".to_owned()));
            }
            return Ok(answer);
        }
        if let Some((_, status)) = self.refuses.take_if(|(endpoint, _)| *endpoint == name) {
            return Ok(Answer::empty(status));
        }
        for header in asked.headers.keys() {
            let is_known =
                HEADERS.contains(&header.as_str()) || header == "content-type" && endpoint["body"].is_string();
            if !is_known {
                return Err(wrong(format!("the header {header}")));
            }
        }
        if let Some(accept) = endpoint["accept"].as_str()
            && asked.headers.get("accept").map(String::as_str) != Some(accept)
        {
            return Err(wrong(format!("no header accept: {accept}")));
        }
        only(&asked.query.keys().cloned().collect::<Vec<_>>(), &endpoint["query"]).map_err(wrong)?;
        let fields = self.fields(asked, &endpoint).map_err(wrong)?;
        only(&fields.0.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), &endpoint["fields"]).map_err(wrong)?;
        if endpoint["body"] == "json" {
            self.sent.push((name.clone(), serde_json::from_slice(&asked.body).unwrap()));
        }
        let fitting = Fitting {
            named: named(endpoint["path"].as_str().unwrap(), &asked.path).unwrap(),
            endpoint: name.clone(),
            fields,
            query: asked.query.clone(),
            base: base.to_owned(),
        };
        let answer = self.service.answer(&fitting);
        self.check(&endpoint, &answer).map_err(wrong)?;
        Ok(answer)
    }

    fn endpoint(&self, asked: &Asked) -> Result<Value, String> {
        let endpoints = self.description["endpoints"].as_array().unwrap();
        let mut fitting = endpoints.iter().filter(|endpoint| {
            endpoint["method"] == asked.method.as_str()
                && named(endpoint["path"].as_str().unwrap(), &asked.path).is_some()
        });
        let endpoint = fitting.next().cloned();
        endpoint.ok_or_else(|| format!("{} {}: the contract has no such endpoint", asked.method, asked.path))
    }

    fn fields(&self, asked: &Asked, endpoint: &Value) -> Result<Fields, String> {
        let content_type = asked.headers.get("content-type").map_or("", String::as_str);
        let mut fields = Fields::default();
        match endpoint["body"].as_str() {
            None if asked.body.is_empty() => {}
            None => return Err("a body".to_owned()),
            Some("json") if content_type == "application/json" => {
                let json = serde_json::from_slice(&asked.body).map_err(|error| error.to_string())?;
                flatten(&json, String::new(), &mut fields.0);
            }
            Some("form") if content_type.starts_with("multipart/form-data; boundary=") => {
                fields.0 = form(&asked.body, content_type.split_once("boundary=").unwrap().1)?;
            }
            // SimpleMDMpy sends a form without a file so.
            Some("form") if content_type == "application/x-www-form-urlencoded" => {
                fields.0 =
                    query(&String::from_utf8_lossy(&asked.body)).into_iter().map(|(k, v)| (k, v.into())).collect();
            }
            Some("xml") if content_type == "application/xml" => fields.0 = xml(&asked.body)?,
            Some(body) => return Err(format!("{content_type:?} for a body of {body}")),
        }
        Ok(fields)
    }

    /// The reply is one that the description has.
    fn check(&self, endpoint: &Value, answer: &Answer) -> Result<(), String> {
        if !endpoint["replies"].as_array().unwrap().iter().any(|it| it == answer.status) {
            return Err(format!("HTTP {} is not among the replies", answer.status));
        }
        let (Some(shows), 200 | 201) = (endpoint["shows"].as_array(), answer.status) else { return Ok(()) };
        let mut fields = Vec::new();
        flatten(&serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?, String::new(), &mut fields);
        match fields.iter().find(|(name, _)| !shows.iter().any(|it| it == name.as_str())) {
            Some((name, _)) => Err(format!("the reply's field {name}")),
            None => Ok(()),
        }
    }
}

fn is_authorized(description: &Value, asked: &Asked) -> bool {
    use base64::Engine as _;
    let key = || base64::engine::general_purpose::STANDARD.encode(format!("{KEY}:"));
    let expected = match description["authorization"].as_str() {
        Some("bearer") => format!("Bearer {KEY}"),
        Some("key") => format!("Basic {}", key()),
        other => panic!("authorization {other:?}"),
    };
    asked.headers.get("authorization") == Some(&expected)
}

/// All names are known, and all that are required are there.
fn only(found: &[String], known: &Value) -> Result<(), String> {
    let none = serde_json::Map::new();
    let known = known.as_object().unwrap_or(&none);
    if let Some(unknown) = found.iter().find(|name| !known.contains_key(*name)) {
        return Err(format!("the field {unknown}"));
    }
    match known.iter().find(|(name, need)| **need == "required" && !found.contains(name)) {
        Some((name, _)) => Err(format!("no field {name}")),
        None => Ok(()),
    }
}

/// What stands for the names in braces, if a path is of a pattern.
fn named(pattern: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let (pattern, path) = (pattern.split('/'), path.trim_end_matches('/').split('/'));
    let pairs: Vec<(&str, &str)> = pattern.clone().zip(path.clone()).collect();
    if pattern.count() != path.count() {
        return None;
    }
    let mut named = BTreeMap::new();
    for (pattern, found) in pairs {
        match pattern.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                named.insert(name.to_owned(), found.to_owned());
            }
            None if pattern == found => {}
            None => return None,
        }
    }
    Some(named)
}

/// The leaves of JSON, by path; `[]` is an element of an array.
fn flatten(json: &Value, path: String, to: &mut Vec<(String, Vec<u8>)>) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(value, path, to);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| flatten(item, format!("{path}[]"), to)),
        Value::String(text) => to.push((path, text.clone().into())),
        Value::Null | Value::Bool(_) | Value::Number(_) => to.push((path, json.to_string().into())),
    }
}

fn form(body: &[u8], boundary: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
    let delimiter = format!("--{boundary}");
    let mut fields = Vec::new();
    let mut rest = body;
    loop {
        rest = rest.strip_prefix(delimiter.as_bytes()).ok_or("no boundary")?;
        if rest == b"--\r\n" {
            return Ok(fields);
        }
        let head_end = find(rest, b"\r\n\r\n").ok_or("a part without a head")?;
        let head = String::from_utf8_lossy(&rest[..head_end]).into_owned();
        let name = head.split("name=\"").nth(1).and_then(|it| it.split('"').next()).ok_or("a part without a name")?;
        rest = &rest[head_end + 4..];
        let end = find(rest, format!("\r\n{delimiter}").as_bytes()).ok_or("a part without an end")?;
        fields.push((name.to_owned(), rest[..end].to_vec()));
        rest = &rest[end + 2..];
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// The texts of the elements that have no others inside, by path.
fn xml(body: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    use quick_xml::events::Event;
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut path, mut fields): (Vec<String>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    loop {
        let text = match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => {
                path.push(element.name().as_ref().to_owned());
                fields.push((path.join("."), String::new()));
                continue;
            }
            Event::End(_) => {
                path.pop();
                continue;
            }
            Event::Text(text) => text.to_string(),
            Event::GeneralRef(reference) => {
                let name = reference.to_string();
                match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&name).ok_or("an entity")?.to_owned(),
                }
            }
            Event::Eof => break,
            other => return Err(format!("{other:?}")),
        };
        fields.last_mut().ok_or("text outside")?.1.push_str(&text);
    }
    let paths: Vec<String> = fields.iter().map(|(path, _)| path.clone()).collect();
    let is_leaf = |path: &str| !paths.iter().any(|other| other.starts_with(&format!("{path}.")));
    Ok(fields.into_iter().filter(|(path, _)| is_leaf(path)).map(|(path, text)| (path, text.into())).collect())
}

/// The parts of a query.
pub(crate) fn query(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (decoded(k), decoded(v))).collect()
}

fn decoded(text: &str) -> String {
    let (mut octets, mut bytes) = (Vec::new(), text.bytes());
    while let Some(octet) = bytes.next() {
        match octet {
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                octets.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            b'+' => octets.push(b' '),
            other => octets.push(other),
        }
    }
    String::from_utf8(octets).unwrap()
}

/// Headers that every client sends.
const HEADERS: &[&str] =
    &["accept", "accept-encoding", "authorization", "connection", "content-length", "host", "user-agent"];
