//! The guides in `fixtures/guides`, each with what a person finds in it (`NAME.expected`), and one claim for all of them: a
//! value's line has the words that are said to be there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use provost_account::{Authentication, Endpoint, Host, Protocol};
use provost_discover::{Note, Opinion, Said, read_guide};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/guides")
}

/// Each guide with its name and what is found in it.
fn guides() -> Vec<(String, String, Opinion)> {
    let mut guides: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".expected"))
        .map(|name| {
            let bytes = fs::read(folder().join(&name)).unwrap();
            let opinion = read_guide(&bytes, &name);
            (name, String::from_utf8(bytes).unwrap(), opinion)
        })
        .collect();
    guides.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    guides
}

fn server(said: &Said<(Protocol, Endpoint)>) -> String {
    let (protocol, endpoint) = &said.value;
    let authentication = match endpoint.authentication {
        Authentication::PasswordCleartext => String::new(),
        other => format!(" {}", other.name()),
    };
    format!("{} {} {}{authentication}", protocol.name(), endpoint.authority(), endpoint.security.name())
}

fn note(note: &Said<Note>) -> String {
    match &note.value {
        Note::WithoutTls { host, port: Some(port) } => format!("left out: {host}:{port} without TLS"),
        Note::WithoutTls { host, port: None } => format!("left out: {host} without TLS"),
        Note::OtherLogin => format!("left out: {}", note.by),
        Note::Old(host) => format!("left out: {host} is old"),
        Note::Placeholder(name) => format!("left out: {name} is no host"),
        Note::Incomplete(host) => format!("left out: {host} is incomplete"),
        Note::RegisteredPort(port) => format!("assumed: port {port}"),
        Note::Login { host, authentication } => format!("left out: {host} wants {}", authentication.name()),
        Note::Outside { host, domain } => format!("outside of {domain}: {host}"),
        Note::OtherDomains { domain, others } => format!("{} domains besides {domain}", others.len()),
        Note::Unsure(words) => format!("unsure: {words}"),
    }
}

fn shown(opinion: &Opinion) -> String {
    let login = opinion.login.iter().map(|it| format!("username {}", it.value.as_str()));
    let days = opinion.sync_days.iter().map(|it| format!("sync {}", it.value));
    let domains = opinion.domains.iter().map(|it| format!("domain {}", it.value));
    let lines: Vec<String> = opinion
        .servers
        .iter()
        .map(server)
        .chain(login)
        .chain(days)
        .chain(domains)
        .chain(opinion.notes.iter().map(note))
        .collect();
    if lines.is_empty() { "nothing\n".to_owned() } else { lines.join("\n") + "\n" }
}

#[test]
fn each_guide_says_what_a_person_finds_in_it() {
    let mut wrong = Vec::new();
    let guides = guides();
    for (name, _, opinion) in &guides {
        let expected = fs::read_to_string(folder().join(format!("{name}.expected"))).unwrap();
        let found = shown(opinion);
        if found != expected {
            wrong.push(format!("== {name}\nexpected\n{expected}found\n{found}"));
        }
    }
    assert!(guides.len() >= 12, "{} guides", guides.len());
    assert!(wrong.is_empty(), "{} guides\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_words_of_a_value_begin_in_its_line() {
    for (name, text, opinion) in guides() {
        let hosts = opinion.servers.iter().map(|it| (it.line, it.value.1.host.to_string()));
        for (line, host) in hosts {
            let line = line.unwrap_or_else(|| panic!("{name}: {host} has no line"));
            // The row begins there: what a label says may be on the next lines.
            let rows: String = text.lines().skip(line - 1).take(3).collect();
            let is_there = rows.contains(&host) || rows.split([' ', ',', '>']).any(|word| is_name(word, &host));
            assert!(is_there, "{name}:{line} has no {host}");
        }
    }
}

/// Whether a word of HTML is a name of a host in letters of its own.
fn is_name(word: &str, host: &str) -> bool {
    let word = word.replace("&ouml;", "ö").replace("&shy;", "").replace("&#8203;", "");
    Host::try_from(word.as_str()).is_ok_and(|it| it.to_string() == host)
}

#[test]
fn a_large_page_without_an_end_of_line_or_with_thousands_of_servers_is_read_and_cut() {
    let one_line = "SSL port 993 imap.acme.net ".repeat(4_000);
    let rows: String = (0..2_000).map(|it| format!("<tr><td>IMAP<td>imap{it}.acme.net<td>993<td>SSL</tr>\n")).collect();
    for (page, servers) in [(one_line, 1), (format!("<table>{rows}</table>"), 101)] {
        assert_eq!(read_guide(page.as_bytes(), "large").servers.len(), servers);
    }
}

/// Damage to each guide, the same in every run: a bounded replacement for a fuzzer, which needs another toolchain.
#[test]
fn a_damaged_guide_is_read_and_each_value_has_a_line_of_it() {
    let guides = guides();
    // xorshift (Marsaglia 2003).
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(limit.max(1)).unwrap()).unwrap()
    };
    for round in 0..ROUNDS {
        let mut octets = guides[round % guides.len()].1.clone().into_bytes();
        for _ in 0..=below(3) {
            let at = below(octets.len() + 1);
            let end = (at + below(12)).min(octets.len());
            match below(4) {
                0 => drop(octets.drain(at..end)),
                1 => drop(octets.splice(at..at, octets[at..end].to_vec())),
                2 => octets.truncate(at),
                _ => drop(octets.splice(at..at, WORDS[below(WORDS.len())].bytes())),
            }
        }
        let opinion = read_guide(&octets, "damaged");
        let lines = octets.split(|octet| *octet == b'\n').count();
        for said in &opinion.servers {
            assert!(said.line.is_some_and(|line| (1..=lines).contains(&line)), "{}", String::from_utf8_lossy(&octets));
        }
    }
}

const ROUNDS: usize = 300;
/// What is most likely to matter in a guide.
const WORDS: [&str; 28] = [
    "\r\n",
    "\n",
    "\r",
    "\0",
    "<",
    ">",
    "<table>",
    "<tr><td>",
    "</td>",
    "<!--",
    "-->",
    "<script>",
    "&#x110000;",
    "&amp;",
    ":",
    "|",
    " or ",
    "993",
    "99999",
    "465 oder 587",
    "@",
    "a@b.example",
    "imap.acme.net",
    "SSL",
    "STARTTLS",
    "IMAP",
    "\u{fc}",
    "\u{fffd}",
];
