//! Declarative management: the device fetches what changed, fetches the assets that it refers to, checks their length and
//! hash, and reports what is valid. It applies nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use plist::Value as Property;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::{Device, Platform, Polled, Reply};

/// What a device has by declarations.
#[derive(Default)]
pub(in super::super) struct Declared {
    /// By manifest and identifier, such as `configuration/6F43EB66-…`.
    pub(in super::super) declarations: BTreeMap<String, Value>,
    /// The files that assets refer to, by the asset's identifier.
    pub(in super::super) files: BTreeMap<String, Vec<u8>>,
    /// The declarations that it cannot use, and why: a code of `StatusReason`.
    pub(in super::super) invalid: BTreeMap<String, &'static str>,
    token: String,
}

impl Declared {
    /// Nothing but what `generate` wrote into this folder, valid; the server makes a token of its own.
    pub(in super::super) fn is(&self, folder: &Path) -> anyhow::Result<()> {
        ensure!(self.invalid.is_empty(), "invalid: {:?}", self.invalid);
        let without_token = |declaration: &Value| {
            let mut declaration = declaration.clone();
            declaration.as_object_mut().map(|it| it.shift_remove("ServerToken"));
            declaration
        };
        let (mut written, mut files) = (BTreeMap::new(), BTreeMap::new());
        for entry in fs::read_dir(folder)?.chain(fs::read_dir(folder.join("published"))?) {
            let path = entry?.path();
            if path.is_dir() {
                continue;
            }
            let bytes = fs::read(&path)?;
            let stem = path.file_stem().context("a file has a name")?.to_string_lossy().into_owned();
            if path.parent().is_some_and(|it| it.ends_with("published")) {
                files.insert(stem, bytes);
                continue;
            }
            let declaration: Value = serde_json::from_slice(&bytes)?;
            written.insert(declaration["Identifier"].to_string(), without_token(&declaration));
        }
        let held = self.declarations.values().map(|it| (it["Identifier"].to_string(), without_token(it)));
        ensure!(held.collect::<BTreeMap<_, _>>() == written, "other declarations: {:?}", self.declarations.keys());
        ensure!(self.files == files, "other files: {:?}", self.files.keys());
        Ok(())
    }
}

impl Device {
    /// Makes itself have what the server declares.
    pub(super) async fn synchronize(&mut self) -> anyhow::Result<Polled> {
        let tokens = match self.ask("tokens", None).await? {
            Ok(tokens) => tokens,
            Err(ended) => return Ok(ended),
        };
        let token = tokens["SyncTokens"]["DeclarationsToken"].as_str().context("no DeclarationsToken")?.to_owned();
        if token == self.declared.token {
            return Ok(Polled::Empty);
        }
        let items = match self.ask("declaration-items", None).await? {
            Ok(items) => items,
            Err(ended) => return Ok(ended),
        };
        let mut wanted = BTreeSet::new();
        for (manifest, kind) in MANIFESTS {
            for item in items["Declarations"][manifest].as_array().into_iter().flatten() {
                let path = format!("{kind}/{}", item["Identifier"].as_str().context("an item without Identifier")?);
                let is_here =
                    self.declared.declarations.get(&path).is_some_and(|it| it["ServerToken"] == item["ServerToken"]);
                if !is_here {
                    match self.ask(&format!("declaration/{path}"), None).await? {
                        Ok(declaration) => self.declared.declarations.insert(path.clone(), declaration),
                        Err(ended) => return Ok(ended),
                    };
                }
                wanted.insert(path);
            }
        }
        self.declared.declarations.retain(|path, _| wanted.contains(path));
        self.judge().await?;
        if let Err(ended) = self.ask("status", Some(self.report())).await? {
            return Ok(ended);
        }
        self.declared.token = token;
        Ok(Polled::Empty)
    }

    /// Fetches files, and finds out what cannot be used.
    async fn judge(&mut self) -> anyhow::Result<()> {
        let (mut files, mut invalid) = (BTreeMap::new(), BTreeMap::new());
        for (path, declaration) in &self.declared.declarations {
            let kind = declaration["Type"].as_str().context("a declaration without Type")?;
            // `macOS: allowed-scopes: user`, account.mail.yaml: not in the device's channel of a Mac.
            if kind == "com.apple.configuration.account.mail" && self.platform == Platform::Mac && self.user.is_none() {
                invalid.insert(path.clone(), "Error.ConfigurationNotSupported");
            }
            let reference = &declaration["Payload"]["Reference"];
            let Some(url) = reference["DataURL"].as_str() else { continue };
            let fetched = match self.client.get(url).send().await.and_then(reqwest::Response::error_for_status) {
                Ok(reply) => reply.bytes().await,
                Err(error) => Err(error),
            };
            let Ok(file) = fetched else {
                invalid.insert(path.clone(), "Error.AssetCannotBeDownloaded");
                continue;
            };
            let hash: String = digest(&SHA256, &file).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            if reference["Hash-SHA-256"] != hash || reference["Size"] != file.len() {
                invalid.insert(path.clone(), "Error.AssetCannotBeVerified");
                continue;
            }
            let (_, identifier) = path.split_once('/').expect("a path has a slash, see above");
            files.insert(identifier.to_owned(), file.to_vec());
        }
        (self.declared.files, self.declared.invalid) = (files, invalid);
        Ok(())
    }

    /// `management.declarations`: which are valid.
    fn report(&self) -> Value {
        let mut manifests = serde_json::Map::new();
        for (manifest, kind) in MANIFESTS {
            let mut entries = Vec::new();
            for (path, declaration) in &self.declared.declarations {
                let Some(identifier) = path.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/')) else {
                    continue;
                };
                let mut entry = json!({
                    "identifier": identifier,
                    "server-token": declaration["ServerToken"],
                    "active": !self.declared.invalid.contains_key(path),
                    "valid": if self.declared.invalid.contains_key(path) { "invalid" } else { "valid" },
                });
                if let Some(code) = self.declared.invalid.get(path) {
                    entry["reasons"] = json!([{ "code": code }]);
                }
                entries.push(entry);
            }
            manifests.insert(manifest.to_lowercase(), Value::Array(entries));
        }
        json!({ "StatusItems": { "management": { "declarations": manifests } }, "Errors": [] })
    }

    /// Asks an endpoint of declarative management.
    async fn ask(&self, endpoint: &str, data: Option<Value>) -> anyhow::Result<Result<Value, Polled>> {
        let mut message = self.message("DeclarativeManagement", [("Endpoint", endpoint.into())]);
        if let Some(data) = data {
            message.insert("Data".to_owned(), Property::Data(serde_json::to_vec(&data)?));
        }
        Ok(match self.put("application/x-apple-aspen-mdm-checkin", message).await? {
            Reply::Body(body) if body.is_empty() => Ok(Value::Null),
            Reply::Body(body) => Ok(serde_json::from_slice(&body).with_context(|| format!("{endpoint}: no JSON"))?),
            Reply::Status(status, _) => Err(Polled::Refused(status)),
            Reply::None => Err(Polled::Unreachable),
        })
    }
}

/// The manifests of `declaration-items`, and what the path of a declaration in them begins with.
const MANIFESTS: [(&str, &str); 4] = [
    ("Activations", "activation"),
    ("Assets", "asset"),
    ("Configurations", "configuration"),
    ("Management", "management"),
];
