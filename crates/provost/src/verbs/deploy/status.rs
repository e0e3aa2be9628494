//! `status`: who has it, by the journal, by what the server says, and with `--ask` by the devices' own lists.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use futures::StreamExt as _;
use provost_mdm::journal::{Event, Journal};
use provost_mdm::plan::{self, Action, Decision, Listed};
use provost_mdm::target::{Has, Recipient, Reported, Server, Site, Step, Work};
use provost_mdm::webhook::{Answer, Profile, Seen};
use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::arguments::deploy::Status;
use crate::failure::Failure;
use crate::output;
use crate::verdict::Verdict;

use super::apply;
use super::journal_file::{self, About, Held, JournalFile};
use super::send::{self, Told};
use super::setup::Setup;
use super::wanted::{self, Wanted};
use super::web::Web;
use super::{events, planned::Asker};

/// How far something has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    HasIt,
    Sent,
    Deferred,
    Refused,
    Other,
    Nothing,
    Unknown,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::HasIt => "has it",
            Self::Sent => "sent, not acknowledged",
            Self::Deferred => "deferred",
            Self::Refused => "refused",
            Self::Other => "has another version",
            Self::Nothing => "has nothing",
            Self::Unknown => "unknown",
        }
    }
}

/// What was heard of a device that did not list its profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    Whole,
    Deferred,
    /// It came for commands. A server that was killed may have lost the beginning of a device's queue but not its end:
    /// every poll is then answered with nothing, and every new command is queued behind the end. Observed: NanoMDM 0.9.0,
    /// filekv, 2026-11-29.
    AskedForCommands,
}

impl Silence {
    fn words(self) -> &'static str {
        match self {
            Self::Whole => "no answer to ProfileList",
            Self::Deferred => "deferred ProfileList",
            Self::AskedForCommands => {
                "asked for commands, gave no answer to ProfileList: the server's queue for it may be damaged"
            }
        }
    }
}

/// Says who has it.
pub(super) fn status(options: &Status) -> Result<Verdict, Failure> {
    let setup = Setup::read(&options.deploy)?;
    let runtime = Runtime::new()?;
    let web = setup.web()?;
    // Only a server that is asked something needs its secret.
    let is_keeper = setup.target.recipient == Recipient::Group;
    let asks = options.ask || is_keeper || setup.target.server().is_some_and(|server| server.reported.is_some());
    let site = if asks { setup.site()? } else { None };
    let asker = Asker { setup: &setup, runtime: &runtime, web: &web, site: site.as_ref() };
    if options.ask && is_keeper {
        let error = anyhow::anyhow!("{} asks devices itself", setup.target.name);
        return Err(Failure::hinted(error, "without --ask, status says what the service keeps"));
    }
    let (journal, silent) = match options.ask {
        false => (journal_file::read(&setup.journal())?, BTreeMap::new()),
        true => {
            let mut file = JournalFile::open(&setup.journal(), Held::Always)?;
            let silent = ask(&asker, &mut file, options.wait.unwrap_or(WAIT))?;
            (file.journal, silent)
        }
    };
    let mut sums: BTreeMap<State, u64> = BTreeMap::new();
    let mut rows = Vec::new();
    let without = wanted::each(&setup, &mut |some| {
        let states = states(&asker, &journal, &some, &silent)?;
        for (wanted, (state, why)) in some.iter().zip(states) {
            *sums.entry(state).or_default() += 1;
            let Wanted { address, recipient, kind, identifier, .. } = wanted;
            if options.deploy.json {
                output::json_line(&json!({
                    "address": address, "enrollment": recipient, "kind": kind, "identifier": identifier,
                    "state": state.name(), "status": why,
                }))?;
            } else if state != State::HasIt && rows.len() < SHOWN_MAX {
                let why = why.unwrap_or_else(String::new);
                rows.push(vec![state.name().to_owned(), address.clone(), recipient.clone(), kind.clone(), why]);
            }
        }
        Ok(())
    })?;
    let has = sums.get(&State::HasIt).copied().unwrap_or(0);
    let unknown = sums.get(&State::Unknown).copied().unwrap_or(0);
    let all: u64 = sums.values().sum();
    if options.deploy.json {
        let sums: serde_json::Map<String, serde_json::Value> =
            sums.iter().map(|(state, sum)| (state.name().to_owned(), (*sum).into())).collect();
        output::json_line(&json!({ "totals": sums, "without_device": without.without_device }))?;
    } else {
        output::table(&rows)?;
        let sums: Vec<String> = sums.iter().map(|(state, sum)| format!("{sum} {}", state.name())).collect();
        let sums = if sums.is_empty() { "nobody has a device in the map".to_owned() } else { sums.join(", ") };
        output::line(&format!("status: {sums}"))?;
    }
    match (all - has, unknown) {
        (0, _) if all > 0 => Ok(Verdict::Good),
        (missing, unknown) if missing > unknown => Ok(Verdict::NotGood),
        _ => {
            let error = anyhow::anyhow!("it is not known who has it");
            Err(Failure::hinted(error, "nobody was sent anything, or devices gave no answer; --wait 10m waits longer"))
        }
    }
}

/// How far something has come, and what was said last.
type StateAndWhy = (State, Option<String>);

/// How far each has come, and what was said last.
fn states(
    asker: &Asker<'_>,
    journal: &Journal,
    some: &[Wanted],
    silent: &BTreeMap<String, Silence>,
) -> Result<Vec<StateAndWhy>, Failure> {
    let by_journal = |wanted: &Wanted| {
        let Some(known) = journal.known(&wanted.recipient, &wanted.identifier) else { return (State::Nothing, None) };
        let state = match (known.last, known.sha256 == Some(wanted.digest)) {
            (Event::Acknowledged, true) => State::HasIt,
            (Event::Sent, true) => State::Sent,
            (Event::NotNow, true) => State::Deferred,
            (Event::Refused, true) => State::Refused,
            (Event::Removed, _) => State::Nothing,
            // What was only intended, or the removal of something.
            (Event::Intent, true) | (_, false) if known.installed == Some(wanted.digest) => State::HasIt,
            (Event::Intent, true) | (_, false) if known.installed.is_some() => State::Other,
            (Event::Intent, true) | (_, false) => State::Nothing,
        };
        (state, known.status.clone())
    };
    let mut states: Vec<(State, Option<String>)> = some.iter().map(by_journal).collect();
    if let Some(root) = asker.setup.folder() {
        for (wanted, state) in some.iter().zip(&mut states) {
            let nothing_to_do = Decision { action: Action::Unchanged, attempt: 1 };
            state.0 = match super::folder::decide(&root, asker.setup.target, wanted, nothing_to_do)?.action {
                Action::Unchanged | Action::Waiting => State::HasIt,
                Action::Update => State::Other,
                Action::Create | Action::MakeAnew | Action::Remove => State::Nothing,
            };
        }
    }
    for (wanted, state) in some.iter().zip(&mut states) {
        if let Some(silence) = silent.get(&wanted.recipient) {
            *state = (State::Unknown, Some(silence.words().to_owned()));
        }
    }
    if let Some(states) = kept(asker, journal, some)? {
        return Ok(states);
    }
    let (Some(site), Some(reported)) = (asker.site, asker.setup.target.server().and_then(|it| it.reported)) else {
        return Ok(states);
    };
    let parallel = usize::from(asker.setup.deploy.parallel.get());
    asker.runtime.block_on(async {
        let asked = some.iter().zip(states).map(|(wanted, state)| async move {
            if !matches!(wanted.work(), Work::Declarations(_)) || matches!(state.0, State::Nothing | State::Other) {
                return Ok(state);
            }
            match asker.web.hold(reported(site, &wanted.step(journal.id, 1))).await {
                Ok(Reported::Valid) => Ok((State::HasIt, Some("valid".to_owned()))),
                Ok(Reported::NotYet) => Ok((State::Sent, Some("not reported yet".to_owned()))),
                Ok(Reported::Invalid(why)) => {
                    let why: Vec<String> =
                        why.into_iter().map(|(identifier, codes)| format!("{identifier}: {codes}")).collect();
                    Ok((State::Refused, Some(why.join("; "))))
                }
                Err(trouble) => Err(Failure::from(anyhow::anyhow!("{} cannot be asked: {trouble}", site.url))),
            }
        });
        let asked: Vec<Result<_, Failure>> = futures::stream::iter(asked).buffered(parallel).collect().await;
        asked.into_iter().collect()
    })
}

/// What a service keeps that sees to the devices itself; `None`: the target is another one.
fn kept(asker: &Asker<'_>, journal: &Journal, some: &[Wanted]) -> Result<Option<Vec<StateAndWhy>>, Failure> {
    let has = asker.setup.target.server().and_then(|it| it.has);
    let (Some(site), Some(has), Recipient::Group) = (asker.site, has, asker.setup.target.recipient) else {
        return Ok(None);
    };
    let parallel = usize::from(asker.setup.deploy.parallel.get());
    asker.runtime.block_on(async {
        let asked = some.iter().map(|wanted| async move {
            match asker.web.hold(has(site, &wanted.step(journal.id, 1))).await {
                Ok(Has::Same) => Ok((State::HasIt, Some("the service keeps it".to_owned()))),
                Ok(Has::Other | Has::OtherForGood) => Ok((State::Other, None)),
                Ok(Has::Nothing) => Ok((State::Nothing, None)),
                Err(trouble) => Err(Failure::from(anyhow::anyhow!("{} cannot be asked: {trouble}", site.url))),
            }
        });
        let asked: Vec<Result<_, Failure>> = futures::stream::iter(asked).buffered(parallel).collect().await;
        asked.into_iter().collect::<Result<_, _>>().map(Some)
    })
}

/// Asks every device for its profiles, and writes down what that tells; those that gave no answer.
fn ask(asker: &Asker<'_>, file: &mut JournalFile, wait: Duration) -> Result<BTreeMap<String, Silence>, Failure> {
    let (Some(server), Some(site)) = (asker.setup.target.server(), asker.site) else { return Ok(BTreeMap::new()) };
    let mut hook = apply::hook(asker.setup, asker.runtime)?;
    let mut expected: HashMap<(String, String), Option<String>> = HashMap::new();
    let mut enrollments: BTreeSet<String> = BTreeSet::new();
    wanted::each(asker.setup, &mut |some| {
        for wanted in some {
            enrollments.insert(wanted.recipient.clone());
            if matches!(wanted.contents, wanted::Contents::Profile(_)) {
                expected.insert((wanted.recipient, wanted.identifier), wanted.uuid);
            }
        }
        Ok(())
    })?;
    let mut asked: HashMap<Uuid, String> = HashMap::new();
    send_questions(asker, (server, site), file, &enrollments, &mut asked)?;
    let mut silent: BTreeMap<String, Silence> = enrollments.into_iter().map(|it| (it, Silence::Whole)).collect();
    let end = tokio::time::Instant::now() + wait;
    while !asked.is_empty() {
        let next = asker.runtime.block_on(async { tokio::time::timeout_at(end, hook.next()).await });
        let Ok(Some(seen)) = next else { break };
        let mut lines = Vec::new();
        if let Seen::Answer { enrollment, command: Some(command), answer } = &seen
            && asked.get(command) == Some(enrollment)
        {
            if let Answer::Acknowledged(Some(list)) = answer {
                compare(file, enrollment, list, &expected, &mut lines);
                silent.remove(enrollment);
            }
            if matches!(answer, Answer::NotNow) {
                silent.entry(enrollment.clone()).and_modify(|it| *it = Silence::Deferred);
            } else {
                asked.remove(command);
            }
        } else {
            if let Seen::Answer { enrollment, answer: Answer::Idle, .. } = &seen
                && let Some(silence @ Silence::Whole) = silent.get_mut(enrollment)
            {
                *silence = Silence::AskedForCommands;
            }
            events::add(&seen, file, &mut lines);
        }
        file.append(&lines)?;
    }
    file.sync()?;
    Ok(silent)
}

fn send_questions(
    asker: &Asker<'_>,
    (server, site): (&Server, &Site),
    file: &JournalFile,
    enrollments: &BTreeSet<String>,
    asked: &mut HashMap<Uuid, String>,
) -> Result<(), Failure> {
    let web: &Web = asker.web;
    let questions = enrollments.iter().map(|enrollment| {
        let command = apply::asking(file.journal.id, enrollment, &file.run);
        asked.insert(command, enrollment.clone());
        Step { recipient: enrollment, address: "", identifier: "", command, work: Work::AskProfiles }
    });
    let questions: Vec<Step<'_>> = questions.collect();
    let parallel = usize::from(asker.setup.deploy.parallel.get());
    asker.runtime.block_on(async {
        let sends = questions.iter().map(|step| async move { send::deliver(web, server, site, step).await });
        let sends: Vec<_> = futures::stream::iter(sends).buffered(parallel).collect().await;
        for sent in sends {
            sent.map_err(|trouble| anyhow::anyhow!("{} cannot be asked: {trouble}", site.url))?;
        }
        send::tell(web, server, site, enrollments, Told::default()).await;
        Ok(())
    })
}

/// Compares what a device has with what is known.
fn compare(
    file: &mut JournalFile,
    enrollment: &str,
    list: &[Profile],
    expected: &HashMap<(String, String), Option<String>>,
    lines: &mut Vec<u8>,
) {
    for known in file.journal.of(enrollment).to_vec() {
        if provost_mdm::target::is_set(&known.identifier) {
            continue;
        }
        let key = (enrollment.to_owned(), known.identifier.clone());
        let uuid = expected.get(&key).and_then(Option::as_ref);
        let listed = match list.iter().find(|profile| profile.identifier == known.identifier) {
            None => Listed::Not,
            Some(profile) if uuid.is_none_or(|uuid| profile.uuid.eq_ignore_ascii_case(uuid)) => Listed::Same,
            Some(_) => Listed::Other,
        };
        if let Some((event, why)) = plan::by_the_list(&known, listed) {
            file.note(event, About::known(enrollment, &known), Some(why.to_owned()), lines);
        }
    }
}

const SHOWN_MAX: usize = 40;
const WAIT: Duration = Duration::from_secs(60);
