//! Which server a word of a guide belongs to: headings, labels, table columns and sentences name one, and what follows is
//! about it until another is named.

use provost_account::{Authentication, Endpoint, Host, Port, Protocol, Security};

use super::rows::Row;
use super::words::{
    Fact, Tls, Way, answer, asks_for_authentication, asks_for_tls, authentication, facts, is_old, protocol_of_host,
    sentences, was_old,
};
use crate::opinion::{Note, Said};

/// The servers that a guide names, while it is read.
#[derive(Default)]
pub(super) struct Sections {
    all: Vec<Section>,
    /// What the last heading, label or sentence was about.
    about: About,
    /// What the last heading said about TLS, for the servers below it.
    tls: Option<Tls>,
    /// Whether a heading came after the last host: a host below it is another server's.
    is_fresh: bool,
    /// How many headings said something about TLS: what is below one is not about the servers above it.
    part: usize,
    /// What each column of the table is about, from the second one on.
    columns: Vec<Option<About>>,
    /// The servers of the past.
    old: Vec<Said<Note>>,
}

/// A server, with the words that name it.
type Named = Said<(Protocol, Endpoint)>;

/// A server, as far as it is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct About {
    protocol: Option<Protocol>,
    way: Option<Way>,
}

#[derive(Debug)]
struct Section {
    part: usize,
    about: About,
    host: Option<Said<Host>>,
    placeholder: Option<Said<String>>,
    ports: Vec<(Said<Port>, Option<Tls>)>,
    /// What is said about the server as a whole.
    tls: Option<Tls>,
    /// How mail programs log in.
    authentication: Option<Authentication>,
}

impl About {
    fn is_something(self) -> bool {
        self != Self::default()
    }

    fn way(self) -> Option<Way> {
        self.way.or(self.protocol.map(way_of))
    }

    /// What a text is about, if it names one server only.
    fn of(facts: &[Fact]) -> Option<Self> {
        let mut about = Self::default();
        for fact in facts {
            match fact {
                Fact::Protocol(protocol) if about.protocol.is_some_and(|it| it != *protocol) => return None,
                Fact::Protocol(protocol) => about.protocol = Some(*protocol),
                Fact::Way(way) if about.way.is_some_and(|it| it != *way) => return None,
                Fact::Way(way) => about.way = Some(*way),
                Fact::Host(_) | Fact::Placeholder(_) | Fact::Port(_) | Fact::Tls(_) | Fact::Domain(_) => {}
            }
        }
        Some(about).filter(|it| it.is_something())
    }

    /// Whether both can be the same server.
    fn fits(self, other: Self) -> bool {
        let protocols = self.protocol.is_none() || other.protocol.is_none() || self.protocol == other.protocol;
        let ways = self.way().is_none() || other.way().is_none() || self.way() == other.way();
        protocols && ways
    }

    fn and(self, more: Self) -> Self {
        Self { protocol: more.protocol.or(self.protocol), way: more.way.or(self.way) }
    }
}

impl Sections {
    /// Takes a row in.
    pub(super) fn add(&mut self, row: &Row) {
        if self.all.len() > SECTIONS_MAX {
            return;
        }
        let row = &self.without_old(row);
        if self.add_below_columns(row) {
            return;
        }
        let text = row.text();
        let facts = facts(&text);
        if self.begins_columns(row) {
            return;
        }
        let names_a_server = facts.iter().any(|it| match it {
            Fact::Host(_) | Fact::Placeholder(_) | Fact::Port(_) => true,
            Fact::Protocol(_) | Fact::Way(_) | Fact::Tls(_) | Fact::Domain(_) => false,
        });
        match names_a_server {
            true => self.add_facts(&facts, row, None),
            false => self.add_words(&facts, row),
        }
        if let Some(authentication) = authentication(&text) {
            match names_a_server {
                true => self.set_authentication(authentication, |it| it.is_in(row.line)),
                false if asks_for_authentication(&text) => self.set_authentication_of_all(authentication),
                false => {}
            }
        }
    }

    /// The row without the sentences that name servers of the past; these become notes.
    fn without_old(&mut self, row: &Row) -> Row {
        let text = row.text();
        let parts = if row.cells.len() == 1 { sentences(&text) } else { vec![&text[..]] };
        let hosts = |part: &str| -> Vec<Host> {
            facts(part).into_iter().filter_map(|it| if let Fact::Host(host) = it { Some(host) } else { None }).collect()
        };
        let mut kept = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let is_old = is_old(part) || parts.get(at + 1).is_some_and(|next| was_old(next) && hosts(next).is_empty());
            let hosts = if is_old { hosts(part) } else { Vec::new() };
            if hosts.is_empty() {
                kept.push(*part);
            }
            self.old.extend(hosts.into_iter().map(|host| said(Note::Old(host.to_string()), row)));
        }
        match (kept.len() == parts.len(), kept.is_empty()) {
            (true, _) => row.clone(),
            (false, true) => Row { line: row.line, cells: Vec::new() },
            (false, false) => Row { line: row.line, cells: vec![kept.join(". ")] },
        }
    }

    /// A line of its own: it is about the server whose heading stands above it, or about all servers above it about which
    /// nothing was said yet.
    fn set_authentication_of_all(&mut self, authentication: Authentication) {
        if self.is_fresh || self.all.is_empty() {
            let at = self.section(self.about, None);
            self.all[at].authentication = Some(authentication);
        } else {
            self.set_authentication(authentication, |it| it.authentication.is_none());
        }
    }

    fn set_authentication(&mut self, authentication: Authentication, is_meant: impl Fn(&Section) -> bool) {
        for section in self.all.iter_mut().filter(|it| is_meant(it)) {
            section.authentication = Some(authentication);
        }
    }

    /// A row without host and port: a heading, or what a label says about TLS.
    fn add_words(&mut self, facts: &[Fact], row: &Row) {
        let (label, value) = label(row);
        let tls = facts.iter().find_map(|it| if let Fact::Tls(tls) = it { Some(*tls) } else { None });
        let is_heading = value.is_empty() && label.split(' ').count() <= HEADING_WORDS;
        if is_heading && let Some(about) = About::of(facts) {
            (self.about, self.is_fresh) = (about, true);
            self.begin_part(tls);
        } else if is_heading && let Some(tls) = tls {
            self.is_fresh = true;
            self.begin_part(Some(tls));
        } else if asks_for_tls(label)
            && let Some(tls) = answer(label, &value).or(tls)
        {
            let about = About::of(&super::words::facts(label)).unwrap_or(self.about);
            let at = self.section(about, None);
            self.all[at].tls = Some(tls);
        }
    }

    fn begin_part(&mut self, tls: Option<Tls>) {
        self.part += usize::from(tls != self.tls);
        self.tls = tls;
    }

    /// The facts of a row, in the order in which they stand there; `fixed` is what they are all about.
    fn add_facts(&mut self, facts: &[Fact], row: &Row, fixed: Option<About>) {
        let mut about = fixed.unwrap_or(self.about);
        let (mut ports, mut tls): (Vec<(usize, usize)>, Vec<Tls>) = (Vec::new(), Vec::new());
        let mut last = None;
        let mut named = About::default();
        for fact in facts {
            match fact {
                Fact::Protocol(_) | Fact::Way(_) if fixed.is_some() => {}
                Fact::Protocol(_) | Fact::Way(_) => {
                    let more = About::of(std::slice::from_ref(fact)).expect("it names a server");
                    named = if named.fits(more) { named.and(more) } else { more };
                    if !about.fits(named) || last.is_none() {
                        self.pair(&mut ports, &mut tls);
                    }
                    about = named;
                    last = None;
                }
                Fact::Host(host) => {
                    let about_host = About { protocol: protocol_of_host(host).or(about.protocol), way: None };
                    let about_host = if about.fits(about_host) { about.and(about_host) } else { about_host };
                    self.pair(&mut ports, &mut tls);
                    let at = self.section(about_host, Some(host));
                    self.all[at].host.get_or_insert_with(|| said(host.clone(), row));
                    (about, last, self.is_fresh) = (about_host, Some(at), false);
                }
                Fact::Placeholder(name) => {
                    let at = last.unwrap_or_else(|| self.section(about, None));
                    self.all[at].placeholder.get_or_insert_with(|| said(name.clone(), row));
                    (last, self.is_fresh) = (Some(at), false);
                }
                Fact::Port(port) => {
                    let of_port = provost_account::RegisteredService::of_port(*port).map(|it| it.protocol);
                    let about_port = About { protocol: about.protocol.or(of_port), way: about.way };
                    let at = last.unwrap_or_else(|| self.section(about_port, None));
                    if !self.all[at].ports.iter().any(|(known, _)| known.value == *port) {
                        self.all[at].ports.push((said(*port, row), None));
                        ports.push((at, self.all[at].ports.len() - 1));
                    }
                    last = Some(at);
                }
                Fact::Tls(it) => tls.push(*it),
                Fact::Domain(_) => {}
            }
        }
        if ports.is_empty()
            && let (Some(at), Some(tls)) = (last, tls.first())
        {
            self.all[at].tls = Some(*tls);
        }
        self.pair(&mut ports, &mut tls);
        if fixed.is_none() {
            self.about = about;
        }
    }

    /// Gives ports of a row what it says about TLS: to each its own, or the same to all.
    fn pair(&mut self, ports: &mut Vec<(usize, usize)>, tls: &mut Vec<Tls>) {
        for (number, (section, port)) in ports.iter().enumerate() {
            let own = if tls.len() == ports.len() { tls.get(number) } else { tls.first() };
            if let Some(own) = own {
                self.all[*section].ports[*port].1 = Some(*own);
            }
        }
        if !ports.is_empty() {
            tls.clear();
        }
        ports.clear();
    }

    /// The section of a server: a known one that can be it, or a new one.
    fn section(&mut self, about: About, host: Option<&Host>) -> usize {
        let is_free = |it: &Section| match (host, &it.host) {
            (Some(host), Some(known)) => known.value == *host,
            (Some(_), None) => it.placeholder.is_none(),
            (None, _) => true,
        };
        let is_new = self.is_fresh && host.is_some();
        let known =
            self.all.iter().rposition(|it| it.part == self.part && it.about.fits(about) && is_free(it)).filter(|at| {
                let section = &self.all[*at];
                !is_new || section.host.is_none() && section.placeholder.is_none() && section.ports.is_empty()
            });
        if let Some(at) = known {
            self.all[at].about = self.all[at].about.and(about);
            return at;
        }
        self.all.push(Section {
            part: self.part,
            about,
            host: None,
            placeholder: None,
            ports: Vec::new(),
            tls: self.tls,
            authentication: None,
        });
        self.all.len() - 1
    }

    /// Whether a row is the head of a table with a column for each server.
    fn begins_columns(&mut self, row: &Row) -> bool {
        let of_cell = |cell: &String| {
            let facts = facts(cell);
            About::of(&facts).filter(|_| !facts.iter().any(|it| matches!(it, Fact::Host(_) | Fact::Port(_))))
        };
        let columns: Vec<Option<About>> = row.cells.iter().map(of_cell).collect();
        let named: Vec<About> = columns.iter().flatten().copied().collect();
        let is_head = named.len() > 1 && named.windows(2).all(|pair| pair[0] != pair[1]);
        if is_head {
            self.columns = columns;
        }
        is_head
    }

    /// Takes in a row of such a table: its first cell is the label of the others.
    fn add_below_columns(&mut self, row: &Row) -> bool {
        // The corner of the table may be empty, and then it has no cell.
        let missing = (row.cells.len()).saturating_sub(self.columns.len());
        if self.columns.is_empty() || missing > 1 || row.cells.len() < 2 || row.cells.len() + 1 < self.columns.len() {
            self.columns.clear();
            return false;
        }
        let columns = std::mem::take(&mut self.columns);
        let label = &row.cells[0];
        let offset = row.cells.len() - columns.len().min(row.cells.len());
        for (at, cell) in row.cells.iter().enumerate().skip(1) {
            let Some(about) = columns.get(at - offset).copied().flatten() else { continue };
            let row = Row { line: row.line, cells: vec![label.clone(), cell.clone()] };
            let of_cell = facts(&row.text());
            let has_port_or_host =
                of_cell.iter().any(|it| matches!(it, Fact::Host(_) | Fact::Placeholder(_) | Fact::Port(_)));
            if has_port_or_host {
                self.add_facts(&of_cell, &row, Some(about));
            } else if let Some(authentication) = authentication(&row.text()) {
                let at = self.section(about, None);
                self.all[at].authentication = Some(authentication);
            } else if asks_for_tls(label)
                && let Some(tls) = answer(label, cell).or_else(|| tls_of(&facts(cell)))
            {
                let at = self.section(about, None);
                self.all[at].tls = Some(tls);
            }
        }
        self.columns = columns;
        true
    }

    /// The servers, and what was left out.
    pub(super) fn finish(mut self) -> (Vec<Named>, Vec<Said<Note>>) {
        self.share_hosts();
        let (mut servers, mut notes) = (Vec::new(), self.old);
        for section in &self.all {
            section.finish(&mut servers, &mut notes);
        }
        servers.sort_by_key(|it: &Named| it.value.0);
        let mut once: Vec<Named> = Vec::new();
        for server in servers {
            if !once.iter().any(|known| known.value == server.value) {
                once.push(server);
            }
        }
        (once, notes)
    }

    /// Gives a server without a host that of the one before it, where "incoming server" is said once for IMAP and POP3.
    fn share_hosts(&mut self) {
        for at in 1..self.all.len() {
            let (before, rest) = self.all.split_at_mut(at);
            let section = &mut rest[0];
            if section.host.is_some() || section.placeholder.is_some() || section.ports.is_empty() {
                continue;
            }
            let way = section.about.way();
            let shared =
                before.iter().rev().find(|it| it.about.way() == way && it.host.as_ref().is_some_and(is_of_no_protocol));
            section.host = shared.and_then(|it| it.host.clone());
        }
    }
}

fn is_of_no_protocol(host: &Said<Host>) -> bool {
    protocol_of_host(&host.value).is_none()
}

fn tls_of(facts: &[Fact]) -> Option<Tls> {
    facts.iter().find_map(|it| if let Fact::Tls(tls) = it { Some(*tls) } else { None })
}

impl Section {
    /// Whether its host or a port of it is named in the line.
    fn is_in(&self, line: usize) -> bool {
        let lines = self.host.iter().map(|it| it.line).chain(self.ports.iter().map(|(port, _)| port.line));
        lines.into_iter().any(|it| it == Some(line))
    }

    fn server(&self, protocol: Protocol, host: &Said<Host>, port: Port, security: Security, by: String) -> Named {
        let authentication = self.authentication.unwrap_or(Authentication::PasswordCleartext);
        let endpoint = Endpoint { host: host.value.clone(), port, security, authentication };
        Said { value: (protocol, endpoint), by, line: host.line }
    }

    fn finish(&self, servers: &mut Vec<Named>, notes: &mut Vec<Said<Note>>) {
        let Some(host) = &self.host else {
            notes.extend(self.placeholder.clone().map(|it| Said {
                value: Note::Placeholder(it.value),
                by: it.by,
                line: it.line,
            }));
            return;
        };
        let note = |note: Note, by: &str| Said { value: note, by: by.to_owned(), line: host.line };
        let of_ports = self
            .ports
            .iter()
            .find_map(|(port, _)| provost_account::RegisteredService::of_port(port.value).map(|it| it.protocol));
        let sent = (self.about.way == Some(Way::Out)).then_some(Protocol::Submission);
        let protocol = self.about.protocol.or_else(|| protocol_of_host(&host.value)).or(of_ports).or(sent);
        let Some(protocol) = protocol else {
            return notes.push(note(Note::Incomplete(host.value.to_string()), &host.by));
        };
        if self.ports.is_empty() {
            let security = match self.tls {
                Some(Tls::FromTheStart | Tls::Either) => Some(Security::ImplicitTls),
                Some(Tls::Started) => Some(Security::StartTls),
                Some(Tls::Never) | None => None,
            };
            let Some(security) = security else {
                return notes.push(note(Note::Incomplete(host.value.to_string()), &host.by));
            };
            let port = protocol.registered(security).port;
            notes.push(note(Note::RegisteredPort(port), &host.by));
            servers.push(self.server(protocol, host, port, security, host.by.clone()));
        }
        for (port, tls) in &self.ports {
            let by = if port.by == host.by { host.by.clone() } else { format!("{}; {}", host.by, port.by) };
            match Tls::on(tls.or(self.tls), port.value) {
                Some(security) => servers.push(self.server(protocol, host, port.value, security, by)),
                None => {
                    let without = Note::WithoutTls { host: host.value.to_string(), port: Some(port.value) };
                    notes.push(Said { value: without, by, line: port.line });
                }
            }
        }
    }
}

fn way_of(protocol: Protocol) -> Way {
    match protocol {
        Protocol::Imap | Protocol::Pop3 => Way::In,
        Protocol::Submission => Way::Out,
    }
}

/// The first cell or what stands before a colon, and the rest.
fn label(row: &Row) -> (&str, String) {
    match row.cells.as_slice() {
        [one] => {
            one.split_once(':').map_or((one.as_str(), String::new()), |(label, value)| (label, value.trim().to_owned()))
        }
        [label, value @ ..] => (label.trim_end_matches(':'), value.join(" ")),
        [] => ("", String::new()),
    }
}

fn said<T>(value: T, row: &Row) -> Said<T> {
    Said { value, by: sentence(&row.text()), line: Some(row.line) }
}

/// A text as it is quoted: not longer than a line.
pub(super) fn sentence(text: &str) -> String {
    match text.char_indices().nth(SENTENCE_CHARACTERS) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
    }
}

/// A page that names more servers is no guide; what follows is not read.
const SECTIONS_MAX: usize = 100;
const SENTENCE_CHARACTERS: usize = 100;
/// A line with more words is a sentence.
const HEADING_WORDS: usize = 9;
