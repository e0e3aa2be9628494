//! What `init` says: who contradicts whom and why one of them counts, and what was left out. Text for people, and a row of
//! JSON for programs.

use std::collections::BTreeMap;
use std::io;

use provost_account::{DomainName, Endpoint, Protocol, Provider, ProviderPassword, provider_of};
use provost_discover::{
    Asked, Choice, Chosen, Contradiction, Disagreement, Note, Nothing, Opinion, Said, SourceKind, Unpublished, Voice,
    is_outside, unpublished,
};
use serde_json::{Value, json};

use crate::output;

/// Prints contradictions, notes, what nobody says, and what the provider wants of mail programs, to standard error.
pub(super) fn print(
    domain: &DomainName,
    opinions: &[Opinion],
    choice: &Choice,
    accepted: Option<SourceKind>,
    asked: &[Asked],
) {
    for contradiction in &choice.contradictions {
        let (about, higher, lower) = values(&contradiction.about);
        eprintln!("warning: {about}: {higher}, but {lower}");
        eprintln!("    {higher}: {}", voice(&contradiction.higher));
        for other in &contradiction.lower {
            eprintln!("    {lower}: {}", voice(other));
        }
        eprintln!("    why: {}", why(contradiction, accepted));
    }
    wrong(asked);
    notes(opinions);
    let is_said = |it: Unpublished| it == Unpublished::Username && other_login(opinions).is_some();
    let missing: Vec<&str> =
        unpublished(choice).into_iter().filter(|it| !is_said(*it)).map(Unpublished::title).collect();
    if !missing.is_empty() {
        eprintln!("note: nobody says: {}", missing.join(", "));
    }
    if let Some(provider) = provider_of(domain) {
        for line in about_logging_in(provider) {
            eprintln!("note: {line}");
        }
    }
}

/// Prints what a person has to look at: the servers and the user name from sources that need one.
pub(super) fn proposal(domain: &DomainName, choice: &Choice, accepted: Option<SourceKind>) {
    let is_open = |it: &Voice| it.source.kind.needs_a_person() && Some(it.source.kind) != accepted;
    for server in choice.servers.iter().filter(|it| is_open(&it.voice)) {
        let (protocol, endpoint) = &server.value;
        let (title, authority, security) = (protocol.title(), endpoint.authority(), endpoint.security.name());
        let place = if is_strange(domain, server) { format!(", outside of {domain}") } else { String::new() };
        eprintln!("{title} {authority} with {security}{place}: {}", voice(&server.voice));
    }
    for login in choice.login.iter().filter(|it| is_open(&it.voice)) {
        eprintln!("user name {}: {}", login.value.as_str(), voice(&login.voice));
    }
}

/// Whether a record that nobody proves leads out of the domain with a server (RFC 6186 section 6).
pub(super) fn is_strange(domain: &DomainName, server: &Chosen<(Protocol, Endpoint)>) -> bool {
    server.voice.source.kind == SourceKind::Srv && is_outside(&server.value.1.host.to_string(), domain)
}

/// Prints the questions to which there was no answer, by the reason.
pub(super) fn in_vain(asked: &[Asked]) {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for Asked { at, nothing, .. } in asked {
        if let Some(nothing) = nothing {
            places.entry(in_words(nothing)).or_default().push(at);
        }
    }
    for (why, places) in places {
        let (shown, others) = places.split_at(places.len().min(PLACES_SHOWN_MAX));
        let others = match others.len() {
            0 => String::new(),
            count => format!(", and at {count} more"),
        };
        eprintln!("note: {why}: {}{others}", shown.join(", "));
    }
}

/// Prints the answers that are wrong.
fn wrong(asked: &[Asked]) {
    for Asked { at, nothing, .. } in asked {
        match nothing {
            Some(nothing @ (Nothing::Unusable(_) | Nothing::DigestDiffers | Nothing::Bogus)) => {
                eprintln!("warning: {at}: {}", in_words(nothing));
            }
            Some(Nothing::NotThere | Nothing::NotOffered | Nothing::Status(_) | Nothing::Unasked { .. }) | None => {}
        }
    }
}

/// Whether an answer is not what the domain published.
pub(super) fn is_forged(asked: &[Asked]) -> bool {
    asked.iter().any(|it| matches!(it.nothing, Some(Nothing::DigestDiffers | Nothing::Bogus)))
}

fn in_words(nothing: &Nothing) -> String {
    match nothing {
        Nothing::NotThere => "nothing is there".to_owned(),
        Nothing::NotOffered => "the records say that it is not offered".to_owned(),
        Nothing::Status(status) => format!("the web server answers {status}"),
        Nothing::Unusable(findings) => match findings.first() {
            Some(finding) => format!("it cannot be used: {}", finding.message),
            None => "it says nothing".to_owned(),
        },
        Nothing::DigestDiffers => "it is not the document whose digest is in the DNS, and is not taken".to_owned(),
        Nothing::Bogus => "its DNSSEC signatures do not hold, so it is not taken".to_owned(),
        Nothing::Unasked { detail } => detail.clone(),
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

/// What to do where a server is missing: give a guide, or see why the given one is not enough. The example is a line that is
/// understood.
pub(super) fn what_would_help(opinions: &[Opinion], example: &str) -> String {
    let Some(guide) = opinions.iter().find(|it| it.source.kind == SourceKind::Guide) else {
        return "give the provider's guide with --guide".to_owned();
    };
    let at = &guide.source.at;
    let left_out: Vec<String> =
        guide.notes.iter().filter(|it| is_left_out(&it.value)).map(|it| note_text(&it.value)).collect();
    let (shown, more) = left_out.split_at(left_out.len().min(PLACES_SHOWN_MAX));
    let more = if more.is_empty() { String::new() } else { format!("; and {} more", more.len()) };
    match shown {
        [] => format!("{at} does not say it in words that are understood, such as \"{example}\""),
        shown => format!("what {at} has is left out: {}{more}", shown.join("; ")),
    }
}

/// Whether a server is left out.
fn is_left_out(note: &Note) -> bool {
    match note {
        Note::WithoutTls { .. } | Note::Login { .. } | Note::Placeholder(_) | Note::Incomplete(_) | Note::Old(_) => {
            true
        }
        Note::OtherLogin
        | Note::RegisteredPort(_)
        | Note::Outside { .. }
        | Note::OtherDomains { .. }
        | Note::Unsure(_) => false,
    }
}

pub(super) const INCOMING_EXAMPLE: &str = "IMAP server: mail.acme.example, port 993, SSL/TLS";
pub(super) const OUTGOING_EXAMPLE: &str = "SMTP server: mail.acme.example, port 587, STARTTLS";

/// Prints everything as one line of JSON.
pub(super) fn json(
    domain: &DomainName,
    opinions: &[Opinion],
    choice: &Choice,
    accepted: Option<SourceKind>,
    asked: &[Asked],
) -> io::Result<()> {
    let asked: Vec<Value> = asked
        .iter()
        .map(|it| json!({"kind": it.kind.name(), "at": it.at, "nothing": it.nothing.as_ref().map(in_words)}))
        .collect();
    let missing: Vec<&str> = unpublished(choice).into_iter().map(Unpublished::name).collect();
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
        "unpublished": missing,
        "asked": asked,
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

/// Where a source says a user name that is none of an address.
pub(super) fn other_login(opinions: &[Opinion]) -> Option<Voice> {
    let (opinion, note) = all_notes(opinions).find(|(_, note)| note.value == Note::OtherLogin)?;
    Some(Voice { source: opinion.source.clone(), by: note.by.clone(), line: note.line })
}

fn note_text(note: &Note) -> String {
    match note {
        Note::WithoutTls { host, port } => {
            let port = port.map_or_else(String::new, |port| format!(", port {port}"));
            format!("{host}{port}: left out, since it is without TLS")
        }
        Note::Login { host, authentication } => {
            format!("{host}: left out, since settings do not describe the login {}", authentication.name())
        }
        Note::OtherLogin => "this user name is not made of an address by a rule that is known: left out".to_owned(),
        Note::Old(host) => format!("{host}: left out, since it is said to be no longer in use"),
        Note::Placeholder(name) => format!("{name} stands for the reader's own host, and is left out"),
        Note::Incomplete(host) => format!("{host}: left out, since its port, protocol or TLS is not said"),
        Note::RegisteredPort(port) => format!("port {port} is the registered one: no port is said"),
        Note::Outside { host, domain } => {
            format!("{host} is outside of {domain}, and nobody proves the record (RFC 6186 section 6)")
        }
        Note::OtherDomains { domain, others } => {
            let names: Vec<&str> = others.iter().map(DomainName::as_str).collect();
            let (shown, more) = names.split_at(names.len().min(PLACES_SHOWN_MAX));
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            format!("it is about {}{more} too, and the settings are for {domain} alone", shown.join(", "))
        }
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

/// As many as fit a line.
const PLACES_SHOWN_MAX: usize = 3;
