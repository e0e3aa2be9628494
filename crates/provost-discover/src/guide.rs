//! A guide for people, as text or HTML, to what it says: servers, the login name, the days to keep, each with its sentence.
//!
//! It guesses nothing: what the guide leaves open is left out, and a note says so.

mod rows;
mod sections;
mod words;

use std::num::NonZeroU16;

use provost_account::LoginTemplate;

use crate::opinion::{Note, Opinion, Said};
use crate::source::{Source, SourceKind};
use rows::Row;
use sections::Sections;
use words::{Fact, LoginForm, days, facts, gives_a_login, is_about_a_login, is_an_address, login};

/// What a guide says. `name` is that of its file, for messages.
#[must_use]
pub fn read_guide(bytes: &[u8], name: &str) -> Opinion {
    let rows = rows::rows(bytes);
    let source = Source { kind: SourceKind::Guide, at: name.to_owned(), read: None };
    let mut opinion = Opinion::of(source);
    let (mut label, mut unfinished): (Option<&Row>, Option<&Row>) = (None, None);
    let mut sections = Sections::default();
    for row in &rows {
        let labelled = label.take().filter(|_| !row.text().contains(':') && row.cells.len() == 1);
        let whole = labelled.map_or_else(|| row.clone(), |label| joined(label, row));
        add_person(&whole, &mut opinion);
        if let Some(start) = unfinished.filter(|_| !begins_with_a_label(row)) {
            add_person(
                &Row { line: start.line, cells: vec![format!("{} {}", start.text(), row.text())] },
                &mut opinion,
            );
        }
        unfinished = (row.cells.len() == 1 && !row.cells[0].ends_with(['.', ':'])).then_some(row);
        sections.add(&whole);
        label = (row.cells.len() == 1 && row.cells[0].ends_with(':')).then_some(row);
    }
    let (servers, notes) = sections.finish();
    opinion.servers = servers;
    // A guide may say it twice, once as a rule.
    if opinion.login.is_some() {
        opinion.notes.clear();
    }
    opinion.notes.extend(notes);
    opinion
}

/// Whether a row says something of its own, and does not go on with the sentence before it.
fn begins_with_a_label(row: &Row) -> bool {
    row.cells.len() > 1 || row.cells[0].split_once(": ").is_some_and(|(it, _)| it.split(' ').count() <= LABEL_WORDS_MAX)
}

/// A label on a line of its own, and its value on the next one.
fn joined(label: &Row, value: &Row) -> Row {
    Row { line: label.line, cells: [label.cells.clone(), value.cells.clone()].concat() }
}

/// Adds what a row says about the person: the domain, the login name, the days to keep.
fn add_person(row: &Row, opinion: &mut Opinion) {
    let text = row.text();
    let facts = facts(&text);
    for fact in &facts {
        let Fact::Domain(domain) = fact else { continue };
        if !opinion.domains.iter().any(|known| known.value == *domain) {
            opinion.domains.push(said(domain.clone(), row));
        }
    }
    if opinion.login.is_none() && is_about_a_login(&text) {
        let whole = || is_an_address(&text).then_some(LoginForm::WholeAddress);
        opinion.login = login(&text).or_else(whole).map(|form| said(template(form), row));
        if opinion.login.is_none() && opinion.notes.is_empty() && gives_a_login(&text) {
            opinion.notes.push(said(Note::OtherLogin, row));
        }
    }
    if opinion.sync_days.is_none() {
        opinion.sync_days = days(&text).and_then(NonZeroU16::new).map(|days| said(days, row));
    }
}

fn template(form: LoginForm) -> LoginTemplate {
    let text = match form {
        LoginForm::WholeAddress => "%EMAILADDRESS%",
        LoginForm::LocalPart => "%EMAILLOCALPART%",
    };
    LoginTemplate::try_from(text).expect("a placeholder is a template")
}

fn said<T>(value: T, row: &Row) -> Said<T> {
    Said { value, by: sections::sentence(&row.text()), line: Some(row.line) }
}

/// As many as "Posteingangsserver (IMAP, falls möglich)" has.
const LABEL_WORDS_MAX: usize = 4;
/// The most octets of a guide: a page with its scripts stays below.
pub const GUIDE_OCTETS_MAX: u64 = 1 << 20;
