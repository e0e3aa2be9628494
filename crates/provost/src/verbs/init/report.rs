//! What `init` says: who contradicts whom and why one of them counts, and what was left out. Text for people, and a row of
//! JSON for programs.

use std::io;

use provost_account::{DomainName, Endpoint, Protocol, Provider, ProviderPassword, provider_of};
use provost_discover::{Choice, Chosen, Contradiction, Disagreement, Note, Opinion, Said, SourceKind, Voice};
use serde_json::{Value, json};

use crate::output;

/// Prints contradictions, notes, and what the provider wants of mail programs, to standard error.
pub(super) fn print(domain: &DomainName, opinions: &[Opinion], choice: &Choice, accepted: Option<SourceKind>) {
    for contradiction in &choice.contradictions {
        let (about, higher, lower) = values(&contradiction.about);
        eprintln!("warning: {about}: {higher}, but {lower}");
        eprintln!("    {higher}: {}", voice(&contradiction.higher));
        for other in &contradiction.lower {
            eprintln!("    {lower}: {}", voice(other));
        }
        eprintln!("    why: {}", why(contradiction, accepted));
    }
    notes(opinions);
    if let Some(provider) = provider_of(domain) {
        for line in about_logging_in(provider) {
            eprintln!("note: {line}");
        }
    }
}

/// Prints what a person has to look at: the servers and the user name from sources that need one.
pub(super) fn proposal(choice: &Choice, accepted: Option<SourceKind>) {
    let is_open = |it: &Voice| it.source.kind.needs_a_person() && Some(it.source.kind) != accepted;
    for server in choice.servers.iter().filter(|it| is_open(&it.voice)) {
        let (protocol, endpoint) = &server.value;
        let (title, authority, security) = (protocol.title(), endpoint.authority(), endpoint.security.name());
        eprintln!("{title} {authority} with {security}: {}", voice(&server.voice));
    }
    for login in choice.login.iter().filter(|it| is_open(&it.voice)) {
        eprintln!("user name {}: {}", login.value.as_str(), voice(&login.voice));
    }
}

/// Prints what the sources leave open.
pub(super) fn notes(opinions: &[Opinion]) {
    for (opinion, note) in all_notes(opinions) {
        let place = Voice { source: opinion.source.clone(), by: note.by.clone(), line: note.line };
        match note.line {
            Some(_) => eprintln!("note: {} ({})", note_text(&note.value), voice(&place)),
            None => eprintln!("note: {}: {}", place.source.kind.title(), note_text(&note.value)),
        }
    }
}

/// Prints everything as one line of JSON.
pub(super) fn json(
    domain: &DomainName,
    opinions: &[Opinion],
    choice: &Choice,
    accepted: Option<SourceKind>,
) -> io::Result<()> {
    let contradictions: Vec<Value> = choice
        .contradictions
        .iter()
        .map(|it| {
            let (about, higher, lower) = values(&it.about);
            json!({
                "about": about,
                "higher": {"value": higher, "sources": [voice_json(&it.higher)]},
                "lower": {"value": lower, "sources": it.lower.iter().map(voice_json).collect::<Vec<_>>()},
                "why": why(it, accepted),
            })
        })
        .collect();
    let servers: Vec<Value> = choice.servers.iter().map(server_json).collect();
    let notes: Vec<Value> = all_notes(opinions)
        .map(|(opinion, note)| {
            let place = Voice { source: opinion.source.clone(), by: note.by.clone(), line: note.line };
            json!({"message": note_text(&note.value), "source": voice_json(&place)})
        })
        .collect();
    let provider = provider_of(domain).map(|it| {
        json!({
            "name": it.name, "title": it.title, "password": it.password.name(), "since": it.since,
            "switch": it.switch, "source": it.why,
        })
    });
    output::json_line(&json!({
        "domain": domain.as_str(),
        "servers": servers,
        "username": choice.login.as_ref().map(|it| chosen_json(it, it.value.as_str())),
        "sync_days": choice.sync_days.as_ref().map(|it| chosen_json(it, it.value.get())),
        "calendar": choice.calendar.as_ref().map(|it| chosen_json(it, it.value.url.as_str())),
        "contacts": choice.contacts.as_ref().map(|it| chosen_json(it, it.value.url.as_str())),
        "contradictions": contradictions,
        "notes": notes,
        "provider": provider,
    }))
}

/// A voice in a sentence: the source, its line, its words.
pub(super) fn voice(voice: &Voice) -> String {
    let Voice { source, by, line } = voice;
    let place = line.map_or_else(String::new, |line| format!(":{line}"));
    let read = source.read.map_or_else(String::new, |month| format!(", read {month}"));
    let words = if by.is_empty() { String::new() } else { format!(": \"{by}\"") };
    match source.kind {
        SourceKind::Guide => format!("{}{place}{words}", source.at),
        kind => format!("{} ({}{place}{read}){words}", kind.title(), source.at),
    }
}

/// What it is about, and both values.
fn values(about: &Disagreement) -> (String, String, String) {
    match about {
        Disagreement::Host { protocol, higher, lower } => {
            (format!("two hosts for {}", protocol.title()), hosts(higher), lower.host.to_string())
        }
        Disagreement::Port { protocol, higher, lower } => {
            let what = format!("port {} for {}", lower.port, protocol.title());
            (what, higher.iter().map(port).collect::<Vec<_>>().join(" or "), port(lower))
        }
        Disagreement::Login { higher, lower } => {
            ("two login names".to_owned(), higher.as_str().to_owned(), lower.as_str().to_owned())
        }
    }
}

fn hosts(servers: &[Endpoint]) -> String {
    let mut hosts: Vec<String> = servers.iter().map(|it| it.host.to_string()).collect();
    hosts.dedup();
    hosts.join(" or ")
}

fn port(server: &Endpoint) -> String {
    format!("{} with {}", server.port, server.security.name())
}

/// Why one of two sources counts.
fn why(contradiction: &Contradiction, accepted: Option<SourceKind>) -> String {
    let lower = contradiction.lower.iter().find(|it| Some(it.source.kind) == accepted);
    match lower {
        Some(lower) => format!("{} counts: --accept {}", lower.source.kind.title(), lower.source.kind.name()),
        None => {
            let (higher, lower) = (contradiction.higher.source.kind, contradiction.lower[0].source.kind);
            format!("{} counts before {}", higher.title(), lower.title())
        }
    }
}

/// What the provider wants before a mail program can log in.
fn about_logging_in(provider: &Provider) -> Vec<String> {
    let mut lines = Vec::new();
    let source = provider.why.map_or_else(String::new, |why| format!(" ({why})"));
    if provider.password != ProviderPassword::Account {
        let since = provider.since.map_or_else(String::new, |day| format!(" since {day}"));
        lines.push(format!(
            "{}: mail programs log in with {}{since}{source}",
            provider.title,
            provider.password.title()
        ));
    }
    lines.extend(provider.switch.map(|what| format!("{}: to be switched on first: {what}{source}", provider.title)));
    lines.extend(provider.unsure.iter().map(|what| format!("{}: unsure: {what}", provider.title)));
    lines
}

fn all_notes(opinions: &[Opinion]) -> impl Iterator<Item = (&Opinion, &Said<Note>)> {
    opinions.iter().flat_map(|opinion| opinion.notes.iter().map(move |note| (opinion, note)))
}

fn note_text(note: &Note) -> String {
    match note {
        Note::WithoutTls { host, port } => {
            let port = port.map_or_else(String::new, |port| format!(", port {port}"));
            format!("{host}{port}: left out, since it is without TLS")
        }
        Note::Placeholder(name) => format!("{name} stands for the reader's own host, and is left out"),
        Note::Incomplete(host) => format!("{host}: left out, since its port, protocol or TLS is not said"),
        Note::RegisteredPort(port) => format!("port {port} is the registered one: no port is said"),
        Note::Unsure(words) => format!("unsure: {words}"),
    }
}

fn server_json(server: &Chosen<(Protocol, Endpoint)>) -> Value {
    let (protocol, endpoint) = &server.value;
    json!({
        "protocol": protocol.name(),
        "host": endpoint.host.to_string(),
        "port": endpoint.port,
        "socket_type": endpoint.security.name(),
        "authentication": endpoint.authentication.name(),
        "source": voice_json(&server.voice),
    })
}

fn chosen_json<T>(chosen: &Chosen<T>, value: impl Into<Value>) -> Value {
    json!({"value": value.into(), "source": voice_json(&chosen.voice)})
}

fn voice_json(voice: &Voice) -> Value {
    json!({
        "kind": voice.source.kind.name(),
        "at": voice.source.at,
        "read": voice.source.read,
        "line": voice.line,
        "words": Some(&voice.by).filter(|it| !it.is_empty()),
    })
}
