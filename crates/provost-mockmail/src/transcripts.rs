//! Conversations as the RFCs write them, in `fixtures/transcripts`: what each client says and every line that it hears,
//! however what it says is split.
//!
//! `C: ` is a line of the client, `S: ` a line of the server, `C2: ` and `S2: ` those of a second connection to the same
//! mailboxes. `…` stands for any text in a line, `S: …` for any number of lines. `#` is a remark; `# capabilities: CHOICE`
//! in the first lines chooses what IMAP announces, `# fault: NAME` arms a fault. A line that ends with `\` ends without CRLF.

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
    connection: usize,
    text: String,
}

struct Transcript {
    name: String,
    make: fn() -> Session,
    capabilities: Capabilities,
    faults: Vec<Armed>,
    lines: Vec<Line>,
}

/// How what a client says reaches the server.
#[derive(Debug, Clone, Copy)]
enum Split {
    Not,
    EveryOctet,
    At(usize),
}

#[test]
fn every_conversation_goes_as_it_is_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts");
    let mut count = 0;
    for (protocol, make) in [("imap", tests::imap as fn() -> Session), ("pop3", tests::pop3), ("smtp", tests::smtp)] {
        for entry in fs::read_dir(root.join(protocol)).expect("a folder of transcripts") {
            let path = entry.expect("an entry").path();
            let transcript = read(&path, make);
            let longest = transcript.blocks().map(|block| block.len()).max().unwrap_or(0);
            run(&transcript, Split::Not);
            run(&transcript, Split::EveryOctet);
            (1..longest).for_each(|at| run(&transcript, Split::At(at)));
            count += 1;
        }
    }
    assert!(count > 9, "only {count} transcripts were found");
}

/// `REQUIREMENTS.tsv`: what a server must and should do for each capability, and where it is shown.
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

fn read(path: &Path, make: fn() -> Session) -> Transcript {
    let text = fs::read_to_string(path).expect("a transcript is UTF-8");
    let mut capabilities = Capabilities::usual();
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(choice) = line.strip_prefix("# capabilities: ") {
            capabilities = Capabilities::choose(choice).expect("a choice of capabilities").capabilities;
        }
        faults.extend(line.strip_prefix("# fault: ").map(|armed| armed.parse::<Armed>().expect("a fault")));
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (who, text) = line.split_once(':').unwrap_or_else(|| panic!("{}:{number}: whose line?", path.display()));
        let connection = who.get(1..).filter(|it| !it.is_empty()).map_or(1, |it| it.parse().expect("a number"));
        let text = text.strip_prefix(' ').unwrap_or(text).to_owned();
        lines.push(Line { number, of_client: who.starts_with('C'), connection, text });
    }
    Transcript { name: path.display().to_string(), make, capabilities, faults, lines }
}

impl Transcript {
    /// What a client says at once: its lines up to the next one of another.
    fn blocks(&self) -> impl Iterator<Item = Vec<u8>> {
        self.lines.chunk_by(|one, other| one.of_client && other.of_client && one.connection == other.connection).map(
            |lines| {
                if lines[0].of_client { lines.iter().flat_map(|line| wire(&line.text)).collect() } else { Vec::new() }
            },
        )
    }
}

fn wire(text: &str) -> Vec<u8> {
    match text.strip_suffix('\\') {
        Some(text) => text.as_bytes().to_vec(),
        None => format!("{text}\r\n").into_bytes(),
    }
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
            self.heard.push_back(line.to_owned());
            self.partial = rest.to_owned();
        }
    }
}

fn run(transcript: &Transcript, split: Split) {
    let mut store = tests::store(&[]);
    store.usual_capabilities = transcript.capabilities;
    transcript.faults.iter().for_each(|armed| store.armed.arm(armed.clone()));
    let mut connections: Vec<Connection> = (0..2)
        .map(|_| Connection { session: (transcript.make)(), heard: VecDeque::new(), partial: String::new() })
        .collect();
    let mut any = false;
    for lines in
        transcript.lines.chunk_by(|one, other| one.of_client && other.of_client && one.connection == other.connection)
    {
        let first = &lines[0];
        let place = format!("{}:{} ({split:?})", transcript.name, first.number);
        if first.of_client {
            for (at, connection) in (1..).zip(&connections) {
                if let Some(line) = connection.heard.front().filter(|_| at == first.connection && !any) {
                    panic!("{place}: before this, connection {at} heard {line:?}");
                }
            }
            connections[first.connection - 1].heard.clear();
            any = false;
            let said: Vec<u8> = lines.iter().flat_map(|line| wire(&line.text)).collect();
            match split {
                Split::Not => connections[first.connection - 1].say(&said, &mut store),
                Split::EveryOctet => {
                    for octet in &said {
                        connections[first.connection - 1].say(&[*octet], &mut store);
                    }
                }
                Split::At(at) => {
                    let (one, other) = said.split_at(at.min(said.len()));
                    connections[first.connection - 1].say(one, &mut store);
                    connections[first.connection - 1].say(other, &mut store);
                }
            }
            for connection in &mut connections {
                if connection.session.listens_to().is_some() {
                    let pushed = connection.session.changed(&mut store).bytes;
                    connection.hear(&pushed);
                }
            }
        } else if first.text == "…" {
            any = true;
        } else {
            let heard = &mut connections[first.connection - 1].heard;
            loop {
                match heard.pop_front() {
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
        assert!(
            any || connection.heard.is_empty(),
            "{}: connection {at} also heard {:?}",
            transcript.name,
            connection.heard
        );
    }
}

/// Whether a line is the one that is meant.
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
