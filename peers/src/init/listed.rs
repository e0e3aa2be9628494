//! What docs/init.md says is asked, and whether anything else was: the page is the list. And whether all of it was.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, ensure};
use xtask::workspace::root;

use super::published::stand_in;
use super::web::Request;

/// The questions of the page, with `D` in the place of the domain.
pub(super) struct Listed {
    /// A method and a URL.
    requests: Vec<String>,
    /// Names of records.
    owners: Vec<String>,
    /// Names of hosts.
    hosts: Vec<String>,
}

impl Listed {
    /// Those of the second column of the table under "Discovery". The provider database and the domains of MX hosts are not
    /// among them: here is neither.
    pub(super) fn read() -> anyhow::Result<Self> {
        let page = fs::read_to_string(root().join("docs/init.md"))?;
        let (_, table) = page.split_once("\n## Discovery\n").context("docs/init.md has no section Discovery")?;
        let mut listed = Self { requests: Vec::new(), owners: vec!["D".to_owned()], hosts: vec!["D".to_owned()] };
        for row in table.lines().filter(|line| line.starts_with("| `") && !line.starts_with("| `database`")) {
            let asked = row.split(" | ").nth(1).context("a row has cells")?;
            let method = if asked.starts_with("POST ") { "POST" } else { "GET" };
            for span in asked.split('`').skip(1).step_by(2).filter(|span| !span.contains(".M/")) {
                if let Some((_, rest)) = span.split_once("://") {
                    listed.requests.push(format!("{method} {span}"));
                    listed.hosts.push(rest.split('/').next().context("split yields a part")?.to_owned());
                } else if span.starts_with('_') {
                    listed.owners.push(if span.ends_with(".D") { span.to_owned() } else { format!("{span}._tcp.D") });
                } else if span.ends_with(".D") {
                    listed.hosts.push(span.to_owned());
                }
            }
            // "the URLs of autoconfig with `http`"
            if asked.contains("with `http`") {
                let own =
                    listed.requests.iter().filter(|it| it.starts_with("GET https://") && it.contains("autoconfig"));
                let own: Vec<String> =
                    own.filter(|it| !it.contains("ua-auto-config")).map(|it| it.replace("https", "http")).collect();
                listed.requests.extend(own);
            }
        }
        ensure!(
            listed.requests.len() > 5 && listed.owners.len() > 5,
            "docs/init.md lists little: {}",
            listed.requests.join(", ")
        );
        Ok(listed)
    }

    /// Every question to a name server is one of the list.
    pub(super) fn check_questions(&self, seen: &BTreeSet<(String, String)>, domains: &[&str]) -> anyhow::Result<()> {
        for (name, kind) in seen {
            let is_listed = domains.iter().any(|domain| {
                let is_one = |names: &[String]| names.iter().any(|it| *name == in_domain(it, domain));
                match kind.as_str() {
                    "A" | "AAAA" => is_one(&self.hosts),
                    "CNAME" | "SRV" | "TXT" => is_one(&self.owners),
                    "MX" => name == domain,
                    // What proves a record: from it up to the root.
                    "DS" | "DNSKEY" | "NS" | "SOA" => {
                        let is_above =
                            |owner: String| name.is_empty() || format!(".{owner}").ends_with(&format!(".{name}"));
                        self.owners.iter().any(|it| is_above(in_domain(it, domain)))
                    }
                    _ => false,
                }
            });
            ensure!(is_listed, "docs/init.md does not list the question {name} {kind}");
        }
        Ok(())
    }

    /// Every request to a web server is one of the list, has nothing more in it than it needs, and nobody's address.
    pub(super) fn check_requests(&self, seen: &[Request], domains: &[&str]) -> anyhow::Result<()> {
        let mut open: BTreeSet<&str> = self.requests.iter().map(String::as_str).collect();
        for Request { method, url, body, octets_more } in seen {
            let asked = format!("{method} {url}");
            let of = |domain: &&&str| self.requests.iter().find(|it| asked == in_domain(it, domain));
            let found = domains.iter().find_map(|domain| Some((domain, of(&domain)?)));
            let (domain, listed) = found.with_context(|| format!("docs/init.md does not list the request {asked}"))?;
            open.remove(listed.as_str());
            ensure!(*octets_more == 0, "{asked}: {octets_more} octets that are not listed");
            let is_quiet = match method.as_str() {
                "POST" => {
                    body.contains(&format!("<EMailAddress>{}<", stand_in(domain))) && body.matches('@').count() == 1
                }
                _ => body.is_empty(),
            };
            ensure!(is_quiet, "{asked}: {body}");
        }
        ensure!(
            open.is_empty(),
            "docs/init.md lists what nobody asked: {}",
            open.into_iter().collect::<Vec<_>>().join(", ")
        );
        Ok(())
    }
}

/// A question of the page for a domain.
fn in_domain(listed: &str, domain: &str) -> String {
    match listed.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            format!("{scheme}://{}/{path}", in_domain(host, domain))
        }
        None => listed.strip_suffix('D').map_or_else(|| listed.to_owned(), |start| format!("{start}{domain}")),
    }
}
