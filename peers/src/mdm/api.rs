//! The servers' own API, without `provost`: for what `provost` does not send, and to compare its speed.

use anyhow::Context;
use plist::{Dictionary, Value};
use serde_json::Value as Json;

use super::servers::{KEY, Server};

/// The API of a server.
pub(super) struct Api {
    client: reqwest::Client,
    base: String,
    declarations: String,
    user: &'static str,
}

impl Api {
    pub(super) fn of(server: &Server, client: reqwest::Client) -> Self {
        Self {
            client,
            base: format!("{}{}", server.url, server.prefix()),
            declarations: server.declarations.clone(),
            user: server.user(),
        }
    }

    /// Puts a command into a queue, and pushes nobody.
    pub(super) async fn enqueue(
        &self,
        enrollment: &str,
        uuid: &str,
        command: Dictionary,
    ) -> anyhow::Result<(u16, Json)> {
        let url = format!("{}/enqueue/{enrollment}?nopush=1", self.base);
        let reply =
            self.client.put(url).basic_auth(self.user, Some(KEY)).body(command_of(uuid, command)?).send().await?;
        let status = reply.status().as_u16();
        Ok((status, serde_json::from_slice(&reply.bytes().await?).context("no JSON")?))
    }

    /// Pushes.
    pub(super) async fn push(&self, enrollments: &[String]) -> anyhow::Result<(u16, Json)> {
        let url = format!("{}/push/{}", self.base, enrollments.join(","));
        let reply = self.client.put(url).basic_auth(self.user, Some(KEY)).send().await?;
        let status = reply.status().as_u16();
        Ok((status, serde_json::from_slice(&reply.bytes().await?).context("no JSON")?))
    }

    /// Puts something below the path of the declarations.
    pub(super) async fn declare(&self, path: &str, body: Vec<u8>) -> anyhow::Result<u16> {
        let user = if self.user == "nanomdm" { "kmfddm" } else { self.user };
        let url = format!("{}/{path}", self.declarations);
        Ok(self.client.put(url).basic_auth(user, Some(KEY)).body(body).send().await?.status().as_u16())
    }
}

/// A command as a property list.
pub(super) fn command_of(uuid: &str, command: Dictionary) -> anyhow::Result<Vec<u8>> {
    let mut whole = Dictionary::new();
    whole.insert("CommandUUID".to_owned(), uuid.into());
    whole.insert("Command".to_owned(), Value::Dictionary(command));
    let mut octets = Vec::new();
    Value::Dictionary(whole).to_writer_xml(&mut octets)?;
    Ok(octets)
}

/// A command's own part.
pub(super) fn request<const N: usize>(kind: &str, more: [(&str, Value); N]) -> Dictionary {
    let more = more.into_iter().map(|(key, value)| (key.to_owned(), value));
    std::iter::once(("RequestType".to_owned(), kind.into())).chain(more).collect()
}

/// A command to install a profile.
pub(super) fn install(profile: Vec<u8>) -> Dictionary {
    request("InstallProfile", [("Payload", Value::Data(profile))])
}
