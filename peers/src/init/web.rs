//! A web server for the names of all domains, nginx, with a certificate of an authority that the system trusts. It writes
//! down every request: what stands in it, and how long it is, so that nothing else stands in it.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use rcgen::{CertificateParams, Issuer, KeyPair};
use serde_json::Value;

use super::published::Published;
use crate::clients::Running;
use crate::daemon::started;
use crate::doctor::authority;
use crate::namespaces::quietly;

/// The web server.
pub(super) struct Web {
    process: Running,
    folder: PathBuf,
}

/// A request that came.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    /// The body, in which line feeds and the like may be missing.
    pub(super) body: String,
    /// What is in it besides the request line, the headers of any request for a document, and those of the body.
    pub(super) octets_more: i64,
}

impl Web {
    /// Serves nothing, under these names; returns when it accepts connections.
    pub(super) fn start(folder: &Path, domains: &[&str]) -> anyhow::Result<Self> {
        let labels = ["", "autoconfig.", "autodiscover.", "ua-auto-config."];
        let names = domains.iter().flat_map(|domain| labels.map(|label| format!("{label}{domain}")));
        let (issuer, key) =
            (Issuer::new(authority("authority of the lab"), KeyPair::generate()?), KeyPair::generate()?);
        let leaf = CertificateParams::new(names.collect::<Vec<_>>())?.signed_by(&key, &issuer)?;
        fs::write(folder.join("web.pem"), leaf.pem())?;
        fs::write(folder.join("web.key"), key.serialize_pem())?;
        // What `update-ca-certificates` makes of an authority of one's own.
        fs::create_dir(folder.join("certs"))?;
        let root = authority("authority of the lab").self_signed(issuer.key())?;
        fs::write(folder.join("certs/ca-certificates.crt"), root.pem())?;
        quietly("mount", &["--bind", &folder.join("certs").display().to_string(), "/etc/ssl/certs"])?;
        fs::create_dir(folder.join("web"))?;
        fs::write(folder.join("nginx.conf"), configuration(folder))?;
        let process = started(folder, "nginx", &["-e", "stderr", "-c"], "nginx.conf", (WEB, 443))?;
        Ok(Self { process, folder: folder.to_owned() })
    }

    /// Serves what these publish, and nothing else.
    pub(super) fn publish(&self, published: &[&Published]) -> anyhow::Result<()> {
        let root = self.folder.join("web");
        fs::remove_dir_all(&root)?;
        fs::create_dir(&root)?;
        for it in published {
            for domain in &it.domains {
                for page in it.pages(domain)? {
                    let file = root.join(page.host).join(page.path);
                    fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
                    fs::write(file, page.contents)?;
                }
            }
        }
        Ok(())
    }

    /// Ends it, and gives what it was asked.
    pub(super) fn end(mut self) -> anyhow::Result<Vec<Request>> {
        quietly("kill", &["-QUIT", &self.process.0.id().to_string()])?;
        self.process.0.wait()?;
        let log = fs::read_to_string(self.folder.join("access.log"))?;
        ensure!(!log.is_empty(), "nginx wrote down nothing");
        log.lines().map(request).collect()
    }
}

/// A line of the log.
fn request(line: &str) -> anyhow::Result<Request> {
    let row: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
    let text = |key: &str| row[key].as_str().map(str::to_owned).with_context(|| format!("no {key} in {line}"));
    let (method, uri, host, body) = (text("method")?, text("uri")?, text("host")?, text("body")?);
    let mut expected =
        format!("{method} {uri} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {}\r\nAccept: */*\r\n\r\n", text("agent")?);
    let mut of_body = 0;
    let octets = text("content-length")?;
    if !octets.is_empty() {
        of_body = octets.parse::<i64>().with_context(|| line.to_owned())?;
        expected.push_str(&format!("Content-Type: {}\r\nContent-Length: {octets}\r\n", text("content-type")?));
    }
    let octets_more = row["octets"].as_i64().context("no length")? - i64::try_from(expected.len())? - of_body;
    ensure!(text("agent")?.starts_with("provost/"), "another client: {line}");
    Ok(Request { method, url: format!("{}://{host}{uri}", text("scheme")?), body, octets_more })
}

/// The body of a request is known to nginx where it hands it on, so Autodiscover has a server of its own behind.
fn configuration(folder: &Path) -> String {
    let folder = folder.display();
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|it| format!(" {it}_temp_path {folder}/{it};\n"));
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nevents {{ }}\nhttp {{\n{}\
         \x20log_format seen escape=json '{LOG}';\n access_log {folder}/access.log seen;\n\
         \x20default_type application/octet-stream;\n root {folder}/web/$host;\n server {{\n  listen {WEB}:80;\n  \
         listen {WEB}:443 ssl;\n  ssl_certificate {folder}/web.pem;\n  ssl_certificate_key {folder}/web.key;\n  \
         location = /autodiscover/autodiscover.xml {{\n   proxy_pass http://{BEHIND};\n   proxy_method GET;\n   \
         proxy_set_header Host $host;\n  }}\n }}\n server {{\n  listen {BEHIND};\n  access_log off;\n }}\n}}\n",
        temporary.concat(),
    )
}

const LOG: &str = r#"{"scheme":"$scheme","method":"$request_method","host":"$http_host","uri":"$request_uri","octets":$request_length,"agent":"$http_user_agent","content-type":"$content_type","content-length":"$content_length","body":"$request_body"}"#;
const BEHIND: &str = "127.0.0.1:8080";
/// Not one of those that are kept for documentation: no client takes documents from there.
pub(super) const WEB: Ipv4Addr = Ipv4Addr::new(192, 0, 3, 80);
