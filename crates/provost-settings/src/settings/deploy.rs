//! `deploy.yaml`: which management server gets what, and how. It knows no server: their names are an argument.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU16;

use provost_account::{Findings, Host, HttpsUrl, codes::settings as codes};

use super::at::{At, Cleartext, Entries, Report, Version, all};
use super::tree::{self, Aim};
use super::{SETTINGS_OCTETS_MAX, syntax_error};
use crate::source_text::{self, Read};

/// What is deployed, where to, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deploy {
    /// The kind of server: one of the names that are known.
    pub target: String,
    /// The server.
    pub server: Option<DeployServer>,
    /// The NanoMDM that queues commands, where the server does not.
    pub nanomdm: Option<DeployServer>,
    /// The folder that files go to, where there is no server.
    pub folder: Option<String>,
    /// `FORMAT/VARIANT`, each one of those that are known.
    pub deliver: Vec<String>,
    /// The file of the journal.
    pub journal: String,
    /// Where events arrive.
    pub webhook: Option<Webhook>,
    /// How many requests are under way at once.
    pub parallel: NonZeroU16,
    /// How many requests a minute may have; `None`: as many as it can.
    pub per_minute: Option<NonZeroU16>,
}

/// A server, and where its key or password comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployServer {
    /// Without a slash at its end. Only a server of this machine has no TLS.
    pub url: String,
    /// The key or password.
    pub credentials: SecretSource,
}

/// Where a secret comes from: never from the settings themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The first line that a command prints.
    Command(String),
    /// A variable of the environment.
    Environment(String),
    /// The first line of a file.
    File(String),
}

/// Where a server's events arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The address and port.
    pub listen: SocketAddr,
    /// The key that events are signed with.
    pub hmac: Option<SecretSource>,
}

/// What this program knows.
#[derive(Debug, Clone, Copy)]
pub struct DeployNames<'a> {
    /// The targets.
    pub targets: &'a [&'a str],
    /// The names of those that write into a folder.
    pub folders: &'a [&'a str],
    /// `FORMAT/VARIANT` of all that can be delivered.
    pub kinds: &'a [&'a str],
}

/// Reads `deploy.yaml`.
#[must_use]
pub fn read_deploy(bytes: &[u8], names: DeployNames<'_>) -> Read<Deploy> {
    let mut findings = Findings::counted();
    let deploy = source_text::decode(bytes, SETTINGS_OCTETS_MAX, &mut findings).and_then(|text| {
        let tree = tree::parse(text).map_err(|error| syntax_error(text, &error, &mut findings)).ok()?;
        let read_file: &dyn Fn(&str) -> io::Result<Vec<u8>> = &|_| Err(io::ErrorKind::Unsupported.into());
        let report = Report {
            text: Some(text),
            version: Version::Settings,
            read_file,
            cleartext: Cleartext::Refused,
            findings: RefCell::new(&mut findings),
        };
        deploy(&At::root(&report, &tree), names)
    });
    Read { value: deploy.filter(|_| !findings.has_error()), findings: findings.finish() }
}

fn deploy(at: &At<'_, '_>, names: DeployNames<'_>) -> Option<Deploy> {
    let keys = at.map(KEYS)?;
    let version = keys.required("provost").and_then(version);
    let choices: Vec<(&str, &str)> = names.targets.iter().map(|name| (*name, *name)).collect();
    let target = keys.required("target").and_then(|at| at.choice(&choices));
    let is_folder = target.is_some_and(|target| names.folders.contains(&target));
    let (server, folder) = match is_folder {
        true => (None, Some(keys.required("folder").and_then(|at| path(at, "the path of a folder")))),
        false => (Some(server_of(&keys)), None),
    };
    for key in if is_folder { &["url", "credentials", "webhook"][..] } else { &["folder"] } {
        if let Some(at) = keys.optional(key) {
            let message = format!("{key} has no meaning for this target");
            at.add(codes::WRONG_VALUE, Aim::Key, message, "remove the key");
        }
    }
    let nanomdm = match (keys.optional("nanomdm"), target) {
        (Some(at), _) => Some(at.map(&["url", "credentials"]).and_then(|keys| server_of(&keys))),
        (None, Some("kmfddm")) => Some(keys.required("nanomdm").and(None)),
        (None, _) => None,
    };
    let deliver = keys.required("deliver").and_then(|at| {
        let kinds: Vec<(&str, &str)> = names.kinds.iter().map(|kind| (*kind, *kind)).collect();
        all(&at.list("FORMAT/VARIANT, such as apple-mobileconfig/ios")?, |at| at.choice(&kinds).map(ToOwned::to_owned))
    });
    let journal = keys.required("journal").and_then(|at| path(at, "the path of a file"));
    let webhook = keys.optional("webhook").map(webhook);
    let (parallel, per_minute) = limits(&keys)?;
    version?;
    Some(Deploy {
        target: target?.to_owned(),
        server: whole(server)?,
        nanomdm: whole(nanomdm)?,
        folder: whole(folder)?,
        deliver: deliver?,
        journal: journal?,
        webhook: whole(webhook)?,
        parallel,
        per_minute,
    })
}

/// What may be absent, but not wrong.
fn whole<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    read.map_or(Some(None), |read| read.map(Some))
}

fn version(at: &At<'_, '_>) -> Option<()> {
    match at.number("the number 1")? {
        1 => Some(()),
        other => {
            let message = format!("version {other}; this program reads version 1");
            at.add(codes::WRONG_VALUE, Aim::Value, message, "write provost: 1");
            None
        }
    }
}

fn server_of(keys: &Entries<'_, '_>) -> Option<DeployServer> {
    let url = keys.required("url").and_then(url);
    let credentials = keys.required("credentials").and_then(secret);
    Some(DeployServer { url: url?, credentials: credentials? })
}

/// The URL of a server. Its key crosses no network in the clear.
fn url(at: &At<'_, '_>) -> Option<String> {
    let text = at.text("a URL")?.trim_end_matches('/');
    let (secure, is_clear) = match text.strip_prefix("http://") {
        Some(rest) => (format!("https://{rest}"), true),
        None => (text.to_owned(), false),
    };
    let parsed = match HttpsUrl::try_from(secure.as_str()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let message = format!("{text:?}: {error}");
            at.add(codes::WRONG_VALUE, Aim::Value, message, "write https:// and the server's name");
            return None;
        }
    };
    if is_clear && !is_this_machine(parsed.host()) {
        let message = format!("{text:?} sends the credentials unencrypted");
        at.add(codes::WRONG_VALUE, Aim::Value, message, "write https://; http:// is for a server of this machine");
        return None;
    }
    Some(text.to_owned())
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Name(name) => name.as_str() == "localhost",
        Host::Address(address) => address.is_loopback(),
    }
}

/// `{ command: … }`, `{ env: … }` or `{ file: … }`; a value is refused, and not shown.
fn secret(at: &At<'_, '_>) -> Option<SecretSource> {
    let tree::Node::Map(nodes) = at.node else {
        let fix = "write { command: \"…\" }, { env: NAME } or { file: PATH }; the file with settings is for no secrets";
        at.add(codes::WRONG_TYPE, Aim::Value, "found a value; expected where the secret comes from", fix);
        return None;
    };
    let keys = at.map(&["command", "env", "file"])?;
    let source =
        |key: &str, make: fn(String) -> SecretSource| keys.optional(key).map(|at| path(at, "a text").map(make));
    let sources = [
        source("command", SecretSource::Command),
        source("env", SecretSource::Environment),
        source("file", SecretSource::File),
    ];
    let mut sources = sources.into_iter().flatten();
    match (sources.next(), sources.next()) {
        (Some(source), None) => source,
        (first, _) => {
            if nodes.is_empty() || first.is_some() {
                let message = "a secret comes from one place";
                at.add(codes::WRONG_VALUE, Aim::Value, message, "write one of command, env and file");
            }
            None
        }
    }
}

fn path(at: &At<'_, '_>, expected: &str) -> Option<String> {
    let text = at.text(expected)?;
    if text.trim().is_empty() {
        at.add(codes::WRONG_VALUE, Aim::Value, "an empty text", format!("write {expected}"));
        return None;
    }
    Some(text.to_owned())
}

fn webhook(at: &At<'_, '_>) -> Option<Webhook> {
    let keys = at.map(&["listen", "hmac"])?;
    let listen = keys.required("listen").and_then(|at| at.parsed(str::parse::<SocketAddr>));
    let hmac = keys.optional("hmac").map(secret);
    Some(Webhook { listen: listen?, hmac: whole(hmac)? })
}

fn limits(keys: &Entries<'_, '_>) -> Option<(NonZeroU16, Option<NonZeroU16>)> {
    let Some(at) = keys.optional("limits") else { return Some((PARALLEL, None)) };
    let keys = at.map(&["parallel", "per_minute"])?;
    let parallel = keys.optional("parallel").map(|at| at.count("requests at once"));
    let per_minute = keys.optional("per_minute").map(|at| at.count("requests a minute"));
    let parallel = whole(parallel)?.unwrap_or(PARALLEL);
    if parallel > PARALLEL_MAX {
        let message = format!("{parallel} requests at once");
        at.add(codes::WRONG_VALUE, Aim::Value, message, format!("write at most {PARALLEL_MAX}"));
    }
    Some((parallel, whole(per_minute)?))
}

const KEYS: &[&str] =
    &["provost", "target", "url", "credentials", "nanomdm", "folder", "deliver", "journal", "webhook", "limits"];
const PARALLEL: NonZeroU16 = NonZeroU16::new(8).expect("not zero");
const PARALLEL_MAX: NonZeroU16 = NonZeroU16::new(256).expect("not zero");

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: DeployNames<'_> = DeployNames {
        targets: &["folder", "kmfddm", "nanomdm"],
        folders: &["folder"],
        kinds: &["apple-ddm/mdm", "apple-mobileconfig/ios", "apple-mobileconfig/macos"],
    };
    const GOOD: &str = "provost: 1
target: nanomdm
url: https://mdm.example.org/
credentials: { command: \"pass show mdm\" }
deliver: [apple-mobileconfig/ios, apple-mobileconfig/macos]
journal: deploy.jsonl
webhook: { listen: \"127.0.0.1:9202\", hmac: { env: HOOK_KEY } }
limits: { parallel: 4, per_minute: 600 }
";

    #[test]
    fn every_key_is_read() {
        let read = read_deploy(GOOD.as_bytes(), NAMES);
        assert_eq!(read.findings, []);
        let deploy = read.value.expect("it is good");
        let server = deploy.server.expect("a server");
        assert_eq!(server.url, "https://mdm.example.org");
        assert_eq!(server.credentials, SecretSource::Command("pass show mdm".to_owned()));
        let webhook = deploy.webhook.expect("a webhook");
        assert_eq!(webhook.listen.port(), 9202);
        assert_eq!(webhook.hmac, Some(SecretSource::Environment("HOOK_KEY".to_owned())));
        assert_eq!((deploy.parallel.get(), deploy.per_minute.map(NonZeroU16::get)), (4, Some(600)));
        assert_eq!(deploy.deliver, ["apple-mobileconfig/ios", "apple-mobileconfig/macos"]);
    }

    #[track_caller]
    fn refused(from: &str, to: &str, line: usize, code: &str, part: &str) {
        let text = GOOD.replace(from, to);
        let read = read_deploy(text.as_bytes(), NAMES);
        assert_eq!(read.value, None);
        let [finding] = &read.findings[..] else { panic!("{:?}", read.findings) };
        assert_eq!((finding.place.map(|it| it.line), finding.code.name), (Some(line), code));
        assert!(finding.message.contains(part), "{}", finding.message);
        assert!(!finding.message.contains("hunter2"), "{}", finding.message);
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        refused("provost: 1", "provost: 2", 1, "wrong-value", "version 2");
        refused("target: nanomdm", "target: nanodmd", 2, "wrong-value", "nanodmd");
        refused("https://mdm", "http://mdm", 3, "wrong-value", "unencrypted");
        refused("{ command: \"pass show mdm\" }", "hunter2", 4, "wrong-type", "where the secret comes from");
        refused("{ command: \"pass show mdm\" }", "{ env: A, file: b }", 4, "wrong-value", "one place");
        refused("{ command: \"pass show mdm\" }", "{}", 4, "wrong-value", "one place");
        refused("{ command:", "{ value:", 4, "unknown-key", "value");
        refused("[apple-mobileconfig/ios,", "[apple-mobileconfig,", 5, "wrong-value", "apple-mobileconfig");
        refused("journal: deploy.jsonl\n", "", 1, "missing-key", "journal");
        refused("127.0.0.1:9202", "9202", 7, "wrong-value", "9202");
        refused("parallel: 4", "parallel: 0", 8, "wrong-value", "0 requests at once");
        refused("parallel: 4", "parallel: 257", 8, "wrong-value", "257 requests at once");
        refused("target: nanomdm", "target: kmfddm", 1, "missing-key", "nanomdm");
        refused("target: nanomdm", "folder: x\ntarget: nanomdm", 2, "wrong-value", "no meaning");
    }

    #[test]
    fn a_server_of_this_machine_needs_no_tls() {
        for url in ["http://127.0.0.1:9000", "http://localhost", "http://[::1]:1"] {
            let text = GOOD.replace("https://mdm.example.org/", &format!("\"{url}\""));
            let read = read_deploy(text.as_bytes(), NAMES);
            assert_eq!(
                read.value.and_then(|it| it.server).map(|it| it.url).as_deref(),
                Some(url),
                "{:?}",
                read.findings
            );
        }
    }
}
