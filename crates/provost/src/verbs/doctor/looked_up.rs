//! What needs no account and no network: the causes for words, and the table of causes.

use std::io::Read as _;

use anyhow::{Context, anyhow};
use provost_account::{Provider, Published, providers as all_providers};
use provost_verify::{Candidate, CauseRow, Heard, causes as all_causes, recorded};
use serde_json::{Value, json};

use super::report::{shows, whose};
use crate::failure::Failure;
use crate::output;
use crate::verdict::Verdict;

/// Prints the causes for what a client showed, or a server said.
pub(super) fn said(text: &str, client: Option<&str>, json: bool) -> Result<Verdict, Failure> {
    let text = match text {
        "-" => {
            let mut read = String::new();
            std::io::stdin()
                .lock()
                .take(SAID_OCTETS_MAX)
                .read_to_string(&mut read)
                .context("cannot read standard input")?;
            read
        }
        text => text.to_owned(),
    };
    if text.trim().is_empty() {
        let hint = "give the words that a program showed or a server said, or `-` for standard input";
        return Err(Failure::hinted(anyhow!("--said has no words"), hint));
    }
    let mut candidates = provost_verify::said(&text);
    if let Some(client) = client {
        for candidate in &mut candidates {
            let is_clients = |heard: &Heard| heard.answer.is_some() || heard.who.starts_with(client);
            candidate.heard.retain(is_clients);
        }
        candidates.retain(|candidate| !candidate.heard.is_empty());
    }
    for (at, candidate) in candidates.iter().enumerate() {
        match json {
            true => output::json_line(&candidate_json(candidate))?,
            false => print_candidate(at + 1, candidate)?,
        }
    }
    if candidates.is_empty() {
        eprintln!("note: no recorded client shows this, and no server that is known says it");
    }
    Ok(if candidates.is_empty() { Verdict::NotGood } else { Verdict::Good })
}

fn print_candidate(number: usize, candidate: &Candidate) -> Result<(), Failure> {
    let Candidate { row, heard, .. } = candidate;
    output::line(&format!("{number}. {}: {}", row.name, row.what))?;
    output::line(&format!("   whose fault: {}", whose(row)))?;
    for fix in fixes(candidate) {
        output::line(&format!("   fix: {fix}"))?;
    }
    for Heard { who, words, likeness, .. } in heard.iter().take(HEARD_MAX) {
        output::line(&format!("   {} words: {who}: {words}", likeness.name()))?;
    }
    if heard.len() > HEARD_MAX {
        output::line(&format!("   and {} more; --json lists them", heard.len() - HEARD_MAX))?;
    }
    Ok(())
}

/// What providers' answers say to do, or else the cause itself.
fn fixes(candidate: &Candidate) -> Vec<String> {
    let mut fixes: Vec<String> = Vec::new();
    for answer in candidate.heard.iter().filter_map(|heard| heard.answer) {
        let fix = format!("at {}: {}", answer.provider, answer.fix);
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    }
    if fixes.is_empty() {
        fixes.push(candidate.row.fix.to_owned());
    }
    fixes
}

fn candidate_json(candidate: &Candidate) -> Value {
    let heard = candidate.heard.iter().map(|heard| {
        json!({
            "who": heard.who, "words": heard.words, "likeness": heard.likeness.name(),
            "provider": heard.answer.map(|answer| json!({"name": answer.name, "fix": answer.fix, "source": answer.source})),
        })
    });
    let mut value = row_json(candidate.row);
    value["likeness"] = json!(candidate.likeness.name());
    value["heard"] = heard.collect();
    value
}

/// Prints every cause, with what clients show.
pub(super) fn causes(client: Option<&'static str>, json: bool) -> Result<Verdict, Failure> {
    for (at, row) in all_causes().iter().enumerate() {
        let shown: Vec<_> = match client {
            Some(_) => shows(row, client).collect(),
            None => recorded().iter().filter(|it| row.troubles.contains(&it.trouble)).collect(),
        };
        if json {
            let mut value = row_json(row);
            value["clients"] =
                shown.iter().map(|it| json!({"client": it.version, "with": it.trouble, "shows": it.lines})).collect();
            output::json_line(&value)?;
            continue;
        }
        if at > 0 {
            output::line("")?;
        }
        output::line(&format!("{}: {}", row.name, row.what))?;
        for (what, text) in [("whose fault", whose(row).as_str()), ("fix", row.fix), ("source", row.source)] {
            output::line(&format!("  {what}: {text}"))?;
        }
        for record in shown {
            let said = record.telling_line().unwrap_or("").trim();
            output::line(&format!("  {} shows: {said}", record.version))?;
        }
    }
    Ok(Verdict::Good)
}

/// Prints every provider: what is published about its servers, and by whom.
pub(super) fn providers(json: bool) -> Result<Verdict, Failure> {
    for (at, provider) in all_providers().iter().enumerate() {
        if json {
            output::json_line(&provider_json(provider))?;
            continue;
        }
        if at > 0 {
            output::line("")?;
        }
        let domains: Vec<&str> = provider.domains.iter().map(|it| it.as_str()).collect();
        output::line(&format!("{} ({}): {}", provider.title, provider.name, domains.join(", ")))?;
        output::line(&format!("  password: {}", provider.password.title()))?;
        for (what, text) in [("switch on first", provider.switch), ("why", provider.why)] {
            text.iter().try_for_each(|text| output::line(&format!("  {what}: {text}")))?;
        }
        for published in &provider.published {
            let Published { by, servers, source, read, .. } = published;
            output::line(&format!("  {}: {}, read {read}", by.title(), source))?;
            for (protocol, endpoint) in servers {
                let (at, security) = (endpoint.authority(), endpoint.security.name());
                output::line(&format!("    {} {at} {security}", protocol.title()))?;
            }
        }
    }
    Ok(Verdict::Good)
}

fn provider_json(provider: &Provider) -> Value {
    let published = provider.published.iter().map(|it| {
        let servers = it.servers.iter().map(|(protocol, endpoint)| {
            json!({
                "protocol": protocol.name(), "host": endpoint.host.to_string(), "port": endpoint.port,
                "socket_type": endpoint.security.name(),
            })
        });
        json!({
            "by": it.by.title(), "servers": servers.collect::<Vec<_>>(), "source": it.source, "read": it.read,
            "domains": it.domains.iter().map(|it| it.as_str()).collect::<Vec<_>>(), "unsure": it.unsure,
        })
    });
    json!({
        "name": provider.name, "title": provider.title, "password": provider.password.title(), "switch": provider.switch,
        "why": provider.why, "domains": provider.domains.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        "published": published.collect::<Vec<_>>(), "unsure": provider.unsure,
    })
}

fn row_json(row: &CauseRow) -> Value {
    let whose: Vec<&str> = row.whose.iter().map(|it| it.name()).collect();
    json!({"name": row.name, "whose": whose, "what": row.what, "fix": row.fix, "source": row.source})
}

/// More than any program shows at once.
const SAID_OCTETS_MAX: u64 = 256 << 10;
const HEARD_MAX: usize = 3;
