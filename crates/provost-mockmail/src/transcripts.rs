//! Conversations as the RFCs write them, in `fixtures/transcripts/PROTOCOL`: what each client says and every line that it
//! hears, however the input is split.
//!
//! `C: ` is a line from the client and `S: ` one from the server. `C2: `, `S2: `, `C3: ` and `S3: ` belong to more
//! connections to the same mailboxes, which speak the same protocol unless `# connection 2: PROTOCOL` names another. `…`
//! stands for any text in a line, `S: …` for any number of lines, and `␀`, `␊` and `␍` for NUL, a bare LF and a bare CR.
//! `#` starts a remark; `# capabilities: CHOICE` chooses what IMAP announces, and `# fault: NAME` arms a fault. A
//! client's line that ends with `\` is sent without CRLF.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use crate::session::{Next, Session, tests};
use crate::store::Store;
use crate::{Armed, Capabilities, capabilities};

/// A line of a transcript.
struct Line {
    number: usize,
    of_client: bool,
    /// Counted from 0.
    connection: usize,
    text: String,
}

struct Transcript {
    name: String,
    /// The session of each connection.
    connections: [Begin; 3],
    capabilities: Capabilities,
    faults: Vec<Armed>,
    lines: Vec<Line>,
}

/// How a client's bytes reach the server.
#[derive(Debug, Clone, Copy)]
enum Split {
    Not,
    EveryOctet,
    At(usize),
}

type Begin = fn() -> Session;

const PROTOCOLS: [(&str, Begin); 3] = [("imap", tests::imap), ("pop3", tests::pop3), ("smtp", tests::smtp)];
/// How a transcript shows what a line of text cannot hold.
const CONTROLS: [(&str, &str); 3] = [("␀", "\0"), ("␊", "\n"), ("␍", "\r")];

#[test]
fn every_conversation_goes_as_it_is_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts");
    let mut count = 0;
    for (protocol, begin) in PROTOCOLS {
        for entry in fs::read_dir(root.join(protocol)).expect("a folder of transcripts") {
            let mut transcript = read(&entry.expect("an entry").path(), begin);
            let longest = transcript.blocks().map(|lines| wire(lines).len()).max().unwrap_or(0);
            run(&transcript, Split::Not);
            run(&transcript, Split::EveryOctet);
            (1..longest).for_each(|at| run(&transcript, Split::At(at)));
            // A single client may also send everything at once.
            if transcript.lines.iter().all(|line| line.connection == 0) {
                transcript.lines.sort_by_key(|line| !line.of_client);
                run(&transcript, Split::Not);
            }
            count += 1;
        }
    }
    assert!(count > 9, "only {count} transcripts were found");
}

/// `REQUIREMENTS.tsv`: the duties of a server for each capability, and the proof of each.
#[test]
fn every_capability_has_its_duties_and_what_shows_them() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = manifest.join("fixtures/transcripts");
    let table = fs::read_to_string(folder.join("REQUIREMENTS.tsv")).expect("a table");
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split('\t').collect()).collect();
    for row in &rows {
        let [name, rfc, level, duty, shown] = row[..] else { panic!("five columns: {row:?}") };
        assert!(capabilities().iter().any(|it| it.name == name), "no capability: {row:?}");
        assert!(rfc.starts_with("RFC ") && rfc.contains(['§', 'a']) && !duty.is_empty(), "{row:?}");
        assert!(["MUST", "MUST NOT", "SHALL", "SHOULD", "SHOULD NOT"].contains(&level), "{row:?}");
        let is_there = match shown.split_once(':') {
            Some(("not done" | "no server duty", why)) => !why.trim().is_empty(),
            Some((file, test)) => {
                fs::read_to_string(manifest.join(file)).is_ok_and(|text| text.contains(&format!("fn {test}(")))
            }
            None => folder.join(shown).is_file() || manifest.join("../..").join(shown).is_file(),
        };
        assert!(is_there, "nothing shows {row:?}");
    }
    for capability in capabilities() {
        assert!(rows.iter().any(|row| row[0] == capability.name), "no row for {}", capability.name);
    }
}

fn read(path: &Path, begin: Begin) -> Transcript {
    let text = fs::read_to_string(path).expect("a transcript is UTF-8");
    let (mut capabilities, mut connections) = (Capabilities::usual(), [begin; 3]);
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(choice) = line.strip_prefix("# capabilities: ") {
            capabilities = Capabilities::choose(choice).expect("a choice of capabilities").capabilities;
        }
        if let Some((at, protocol)) = line.strip_prefix("# connection ").and_then(|it| it.split_once(": ")) {
            let (_, begin) = PROTOCOLS.iter().find(|(name, _)| *name == protocol).expect("a protocol");
            connections[place(at)] = *begin;
        }
        faults.extend(line.strip_prefix("# fault: ").map(|armed| armed.parse::<Armed>().expect("a fault")));
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (who, text) = line.split_once(':').unwrap_or_else(|| panic!("{}:{number}: whose line?", path.display()));
        let text = text.strip_prefix(' ').unwrap_or(text).to_owned();
        lines.push(Line { number, of_client: who.starts_with('C'), connection: place(&who[1..]), text });
    }
    Transcript { name: path.display().to_string(), connections, capabilities, faults, lines }
}

/// The index of a connection; the first one has no number.
fn place(number: &str) -> usize {
    if number.is_empty() { 0 } else { number.parse::<usize>().expect("a number") - 1 }
}

impl Transcript {
    /// The lines that one client sends at once, or one line of a server.
    fn blocks(&self) -> impl Iterator<Item = &[Line]> {
        self.lines.chunk_by(|one, other| one.of_client && other.of_client && one.connection == other.connection)
    }
}

fn wire(lines: &[Line]) -> Vec<u8> {
    let said = lines.iter().filter(|line| line.of_client).map(|line| match line.text.strip_suffix('\\') {
        Some(text) => text.to_owned(),
        None => format!("{}\r\n", line.text),
    });
    CONTROLS.iter().fold(said.collect::<String>(), |said, (shown, octet)| said.replace(shown, octet)).into_bytes()
}

struct Connection {
    session: Session,
    heard: VecDeque<String>,
    partial: String,
}

impl Connection {
    fn say(&mut self, octets: &[u8], store: &mut Store) {
        let mut output = self.session.receive(octets, store);
        loop {
            self.hear(&output.bytes);
            if !matches!(output.next, Next::GoOn | Next::Compress | Next::Decompress) {
                return;
            }
            output = self.session.receive(&[], store);
        }
    }

    fn hear(&mut self, octets: &[u8]) {
        self.partial.push_str(&String::from_utf8_lossy(octets));
        while let Some((line, rest)) = self.partial.split_once("\r\n") {
            self.heard
                .push_back(CONTROLS.iter().fold(line.to_owned(), |line, (shown, octet)| line.replace(octet, shown)));
            self.partial = rest.to_owned();
        }
    }
}

fn run(transcript: &Transcript, split: Split) {
    let mut store = tests::store(&[]);
    store.usual_capabilities = transcript.capabilities;
    transcript.faults.iter().for_each(|armed| store.armed.arm(armed.clone()));
    let begin =
        |begin: fn() -> Session| Connection { session: begin(), heard: VecDeque::new(), partial: String::new() };
    let mut connections = transcript.connections.map(begin);
    let mut any = false;
    for lines in transcript.blocks() {
        let first = &lines[0];
        let place = format!("{}:{} ({split:?})", transcript.name, first.number);
        let connection = &mut connections[first.connection];
        if first.of_client {
            if let Some(line) = connection.heard.front().filter(|_| !any) {
                panic!("{place}: before this, the client heard {line:?}");
            }
            connection.heard.clear();
            any = false;
            let said = wire(lines);
            match split {
                Split::Not => connection.say(&said, &mut store),
                Split::EveryOctet => said.iter().for_each(|octet| connection.say(&[*octet], &mut store)),
                Split::At(at) => {
                    let (one, other) = said.split_at(at.min(said.len()));
                    connection.say(one, &mut store);
                    connection.say(other, &mut store);
                }
            }
            for connection in connections.iter_mut().filter(|it| it.session.listens_to().is_some()) {
                let pushed = connection.session.changed(&mut store).bytes;
                connection.hear(&pushed);
            }
        } else if first.text == "…" {
            any = true;
        } else {
            loop {
                match connection.heard.pop_front() {
                    Some(line) if fits(&first.text, &line) => break,
                    Some(_) if any => {}
                    Some(line) => panic!("{place}: heard {line:?}, not {:?}", first.text),
                    None => panic!("{place}: nothing more was heard, {:?} is missing", first.text),
                }
            }
            any = false;
        }
    }
    for (at, connection) in (1..).zip(&connections) {
        let heard = &connection.heard;
        assert!(any || heard.is_empty(), "{}: connection {at} also heard {heard:?}", transcript.name);
    }
}

/// Whether a line matches a pattern.
fn fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn a_transcript_that_is_wrong_is_noticed() {
    assert!(fits("a OK […] done", "a OK [X 1] done") && !fits("a OK […] done", "a NO [X 1] done"));
    assert!(fits("* 1 FETCH …", "* 1 FETCH (UID 1)") && !fits("* 1 FETCH", "* 1 FETCH (UID 1)"));
}
