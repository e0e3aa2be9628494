//! `provost init`: settings from an address or a guide, each value with its source, and what sources contradict.

mod network;
mod report;
mod settings;

use std::io::{self, IsTerminal, Write as _};
use std::path::Path;

use anyhow::Context;
use provost_account::{DomainName, EmailAddress};
use provost_discover::{Choice, GUIDE_OCTETS_MAX, Note, Opinion, Said, SourceKind, Voice, choose, known, read_guide};

use crate::arguments::Init;
use crate::failure::Failure;
use crate::verdict::Verdict;
use crate::{input, named_file};

/// Writes the settings that count. Not good: sources contradict each other.
pub(crate) fn run(options: &Init) -> Result<Verdict, Failure> {
    if let Some(path) = options.output.as_deref().filter(|path| named_file::is_taken(path)) {
        return Err(settings::exists(path));
    }
    let guide = options.guide.as_deref().map(guide).transpose()?;
    let (domain, domain_source) = domain(options, guide.as_ref())?;
    let found = match options.offline {
        true => network::ask_offline(options, &domain)?,
        false => network::ask(options, &domain)?,
    };
    // Of one kind the first counts: what is published today, before what was when the table was made.
    let opinions = [found.opinions, known(&domain), guide.into_iter().collect()].concat();
    let mut opinions: Vec<Opinion> = opinions.into_iter().map(Opinion::for_settings).collect();
    if let Some(accepted) = options.accept
        && !opinions.iter().any(|it| it.source.kind == accepted)
    {
        let found: Vec<&str> = opinions.iter().map(|it| it.source.kind.name()).collect();
        let hint = if found.is_empty() {
            "no source says anything".to_owned()
        } else {
            format!("found: {}", found.join(", "))
        };
        return Err(Failure::hinted(anyhow::anyhow!("{} says nothing about {domain}", accepted.title()), hint));
    }
    let choice = choose(opinions.clone(), options.accept);
    if choice.servers.is_empty() {
        report::notes(&opinions);
        report::in_vain(&found.asked);
        return Err(Failure::hinted(
            anyhow::anyhow!("nothing is known about the mail servers of {domain}"),
            report::what_would_help(&opinions, report::INCOMING_EXAMPLE),
        ));
    }
    let service = settings::service(&domain, &choice, &opinions)?;
    if let Some(counts) = opinions.iter_mut().find(|it| it.source == choice.servers[0].voice.source) {
        counts.notes.extend(other_domains(counts, &domain));
    }
    if options.json {
        report::json(&domain, &opinions, &choice, options.accept, &found.asked)?;
    } else {
        report::print(&domain, &opinions, &choice, options.accept, &found.asked);
    }
    if !is_confirmed(&domain, &choice, options.accept)? {
        let kinds: Vec<&str> = unconfirmed(&choice, options.accept).map(SourceKind::name).collect();
        return Err(Failure::hinted(
            anyhow::anyhow!("nobody has confirmed {}", choice_of(&choice, options.accept)),
            format!("look at the servers above, then say --accept {}", kinds[0]),
        ));
    }
    let text = settings::text(&service, &choice, &opinions, &domain_source);
    match &options.output {
        Some(path) => settings::save(path, &text)?,
        None if options.json => {}
        None => crate::output::line(text.trim_end())?,
    }
    let is_good = choice.contradictions.is_empty() && !report::is_forged(&found.asked);
    Ok(if is_good { Verdict::Good } else { Verdict::NotGood })
}

/// The domains that a source is about besides this one.
fn other_domains(opinion: &Opinion, domain: &DomainName) -> Option<Said<Note>> {
    let others: Vec<DomainName> = opinion.domains.iter().map(|it| it.value.clone()).filter(|it| it != domain).collect();
    let is_said = !others.is_empty();
    let value = Note::OtherDomains { domain: domain.clone(), others };
    is_said.then(|| Said { value, by: String::new(), line: None })
}

/// What a guide says; `-` is standard input.
fn guide(path: &Path) -> Result<Opinion, Failure> {
    let (bytes, name) = match path.to_str() {
        Some("-") => (input::read_from(io::stdin().lock(), path, GUIDE_OCTETS_MAX)?, "standard input".to_owned()),
        Some(_) | None => (input::read(path, GUIDE_OCTETS_MAX)?, path.display().to_string()),
    };
    Ok(read_guide(&bytes, &name))
}

/// The domain of the address, or that which the guide is about; else a person is asked. And where it comes from.
fn domain(options: &Init, guide: Option<&Opinion>) -> Result<(DomainName, String), Failure> {
    if let Some(address) = &options.address {
        return of_address(address);
    }
    match guide.map_or(&[][..], |guide| guide.domains.as_slice()) {
        [one] => {
            let source = guide.expect("it has a domain").source.clone();
            let voice = Voice { source, by: one.by.clone(), line: one.line };
            Ok((one.value.clone(), report::voice(&voice)))
        }
        found => match asked("The address of one person: ")? {
            Some(address) => of_address(address.trim()),
            None => {
                let why = match found {
                    [] if guide.is_some() => {
                        "the guide names no address, so it does not say for which domain it is".to_owned()
                    }
                    [] => "neither an address nor a guide".to_owned(),
                    several => {
                        let names: Vec<&str> = several.iter().map(|it| it.value.as_str()).collect();
                        format!("the guide is for several domains: {}", names.join(", "))
                    }
                };
                Err(Failure::hinted(
                    anyhow::anyhow!(why),
                    "give the address of one person: provost init jane@example.com",
                ))
            }
        },
    }
}

fn of_address(text: &str) -> Result<(DomainName, String), Failure> {
    let address = EmailAddress::try_from(text).with_context(|| format!("{text:?} is not an email address"))?;
    Ok((address.domain().clone(), "that of the address".to_owned()))
}

/// Whether each source that needs a person has one: `--accept` names it, or the person at the terminal says yes.
fn is_confirmed(domain: &DomainName, choice: &Choice, accepted: Option<SourceKind>) -> io::Result<bool> {
    if unconfirmed(choice, accepted).next().is_none() {
        return Ok(true);
    }
    report::proposal(domain, choice, accepted);
    let is_strange = choice.servers.iter().any(|server| report::is_strange(domain, server));
    let place = if is_strange { format!(", with servers outside of {domain}") } else { String::new() };
    let answer = asked(&format!("Use {}{place}? [y/N] ", choice_of(choice, accepted)))?;
    Ok(answer.is_some_and(|answer| matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")))
}

fn unconfirmed(choice: &Choice, accepted: Option<SourceKind>) -> impl Iterator<Item = SourceKind> {
    choice.kinds().filter(move |kind| kind.needs_a_person() && Some(*kind) != accepted)
}

/// The servers that wait for a person, and where they come from.
fn choice_of(choice: &Choice, accepted: Option<SourceKind>) -> String {
    let mut kinds: Vec<SourceKind> = unconfirmed(choice, accepted).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let titles: Vec<&str> = kinds.into_iter().map(SourceKind::title).collect();
    format!("the values of {}", titles.join(" and "))
}

/// What the person at the terminal answers; `None`: there is no person.
fn asked(question: &str) -> io::Result<Option<String>> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    let mut err = io::stderr().lock();
    err.write_all(question.as_bytes())?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(Some(answer))
}
