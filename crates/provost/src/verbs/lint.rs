//! `provost lint`: mistakes in settings, user lists and profiles, and conflicts between them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::path::{Path, PathBuf};

use provost_account::{EmailAddress, Finding, Service, Severity};
use provost_device::{Format, Member, Understood};
use provost_settings::{People, against_published, is_automx2_seed, read_automx2_seed, read_service, read_settings};

use crate::arguments::ListArguments;
use crate::arguments::lint::Lint;
use crate::declared::loss_behind;
use crate::failure::Failure;
use crate::misfits::{misfits, people_of};
use crate::named_file::{self, Readers};
use crate::road::find::{Finder, Found};
use crate::road::generated::Generated;
use crate::road::profile::{Profile, ReadAs, unknown_format};
use crate::verdict::Verdict;
use crate::{complaints, input, output, today};
use provost_generate::SERVICE_FILE;
use provost_generate::manifest::Scope;

mod rules;
mod sarif;

/// Prints every finding of every file, or the rules.
pub(crate) fn run(options: &Lint) -> Result<Verdict, Failure> {
    if options.rules {
        rules::print(options.json)?;
        return Ok(Verdict::Good);
    }
    let address = input::address(options.address.as_deref())?;
    let mut linted = Linted { address, read_as: ReadAs::of(options.version), ..Linted::default() };
    let mut finder = Finder::default();
    for path in &options.files {
        linted.add(path, &mut finder)?;
    }
    linted.read_as.finish();
    linted.judge_lists(options.config.as_deref(), &options.list)?;
    linted.compare();
    report(options, &linted)?;
    let findings = linted.files.iter().flat_map(|file| &file.findings);
    let worst_allowed = if options.strict { Severity::Note } else { Severity::Warning };
    let is_bad = findings.map(|finding| finding.severity).any(|severity| severity < worst_allowed);
    Ok(if is_bad { Verdict::NotGood } else { Verdict::Good })
}

/// What was found.
#[derive(Default)]
struct Linted {
    /// Whose profiles are that do not say.
    address: Option<EmailAddress>,
    read_as: ReadAs,
    files: Vec<File>,
    accounts: Vec<(String, &'static Format, Understood)>,
    /// Of each generated folder.
    logins: BTreeMap<PathBuf, People>,
    /// What user lists are judged by, if it has no errors.
    settings: Vec<(PathBuf, Option<Service>)>,
}

/// The login names of the people whom a generated folder has files for.
fn logins_of(generated: &Generated) -> Result<People, Failure> {
    let service = input::read(&generated.folder.join(SERVICE_FILE), input::PROFILE_OCTETS_MAX).ok();
    let template = service.and_then(|bytes| read_service(&bytes).value).map(|service| service.login);
    people_of(generated, template.as_ref())
}

/// A file, and what is wrong with it.
struct File {
    /// The path that was named and led to it.
    given: PathBuf,
    path: PathBuf,
    kind: Kind,
    findings: Vec<Finding>,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Profile,
    Settings,
    /// A user list, to be judged when all settings are known.
    Users,
}

impl Linted {
    /// Looks at a file, or at everything in a folder. A user list is judged later: its settings may come after it.
    fn add(&mut self, path: &Path, finder: &mut Finder) -> Result<(), Failure> {
        if path.is_dir() {
            return self.folder(path, finder);
        }
        // Contents decide before names do: some profiles are JSON.
        match (finder.file(path)?, named_as(path)) {
            (Found::Profile(profile), _) => self.profile(path, *profile),
            (Found::Other { path: file, bytes }, Some(kind)) => {
                let bytes = bytes.map_or_else(|| input::start_of_list(&file), Ok)?;
                self.other(path, &file, kind, &bytes);
                Ok(())
            }
            (Found::Other { .. }, None) => Err(unknown_format(path)),
        }
    }

    /// The profiles of a folder, and what in it is settings or a user list by its contents: other files have these endings
    /// too.
    fn folder(&mut self, folder: &Path, finder: &mut Finder) -> Result<(), Failure> {
        finder.enter(folder)?;
        let known = self.files.len();
        let mut others = Vec::new();
        for found in finder {
            match found? {
                Found::Profile(profile) => self.profile(folder, *profile)?,
                Found::Other { path, bytes } => others.extend(settings_or_list(path, bytes)),
            }
        }
        for (path, kind, bytes) in others {
            self.other(folder, &path, kind, &bytes);
        }
        if self.files.len() == known {
            let error = anyhow::anyhow!("no profile, settings or user list in {}", folder.display());
            let hint = "give a file, or a folder that `provost generate` wrote";
            return Err(Failure::hinted(error, hint));
        }
        Ok(())
    }

    fn other(&mut self, given: &Path, path: &Path, kind: NamedAs, bytes: &[u8]) {
        match kind {
            NamedAs::Settings => {
                let mut read = read_settings(bytes, &input::trust_reader(path));
                read.findings.extend(read.value.iter().flat_map(|it| today::of_settings(bytes, it)));
                read.findings.extend(read.value.iter().flat_map(|it| against_published(bytes, it)));
                self.settings.push((path.to_owned(), read.value));
                self.push(given, path, Kind::Settings, read.findings);
            }
            NamedAs::List if is_automx2_seed(bytes) => {
                self.push(given, path, Kind::Settings, read_automx2_seed(bytes).findings);
            }
            NamedAs::List => self.push(given, path, Kind::Users, Vec::new()),
        }
    }

    fn push(&mut self, given: &Path, path: &Path, kind: Kind, findings: Vec<Finding>) {
        self.files.push(File { given: given.to_owned(), path: path.to_owned(), kind, findings });
    }

    /// Judges every user list by the settings that were named for it, or by those that lie nearest to it.
    fn judge_lists(&mut self, config: Option<&Path>, arguments: &ListArguments) -> Result<(), Failure> {
        let has_lists = self.files.iter().any(|file| file.kind == Kind::Users);
        let named = config.filter(|_| has_lists).map(input::settings).transpose()?;
        for mut file in std::mem::take(&mut self.files) {
            if file.kind == Kind::Users {
                let path = file.path.display();
                let service = match (&named, nearest(&self.settings, &file.path)) {
                    (Some(service), _) | (None, Nearest::Good(service)) => service,
                    (None, Nearest::WithErrors(settings)) => {
                        eprintln!("note: {path} was not checked: {} has errors", settings.display());
                        continue;
                    }
                    (None, Nearest::NotKnown) if file.given == file.path => {
                        return Err(Failure::hinted(
                            anyhow::anyhow!("{path} is a user list, but its settings are unknown"),
                            "give them with -c mail.yaml: they define the domains and login names",
                        ));
                    }
                    (None, Nearest::NotKnown) => {
                        eprintln!(
                            "note: {path} was not checked: its settings are unknown; give them with -c mail.yaml"
                        );
                        continue;
                    }
                };
                file.findings = input::findings_of_list(&file.path, arguments, service)?;
            }
            self.files.push(file);
        }
        Ok(())
    }

    fn profile(&mut self, given: &Path, profile: Profile) -> Result<(), Failure> {
        let profile = &self.read_as.this(profile);
        let format = profile.format()?;
        let mut findings = self.read(profile, format);
        if let Some(entry) = profile.entry_as_written() {
            findings.retain(|finding| loss_behind(entry, finding).is_none());
        }
        findings.extend(self.misfit(profile, format)?);
        findings.extend(profile.signers(&[]).1);
        self.push(given, profile.path(), Kind::Profile, findings);
        Ok(())
    }

    /// What is wrong with a generated file for several people: the manifest has everybody's login name.
    fn misfit(&mut self, profile: &Profile, format: &'static Format) -> Result<Option<Finding>, Failure> {
        let Some((entry, generated)) = profile.entry().zip(profile.generated()) else { return Ok(None) };
        if entry.scope == Scope::User {
            return Ok(None);
        }
        let people = match self.logins.entry(generated.folder.clone()) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(unknown) => unknown.insert(logins_of(generated)?),
        };
        let found = misfits(people, &entry.scope, |person| profile.read(format, person));
        Ok(found.map(|it| provost_device::misfit_finding(&it.misfit, &it.address, it.count, it.people)))
    }

    /// The findings of a profile, and its accounts, even if its device refuses it.
    fn read(&mut self, profile: &Profile, format: &'static Format) -> Vec<Finding> {
        let reading = profile.look(format, &profile.whose(self.address.as_ref()));
        let mut findings = reading.findings;
        for understood in reading.profiles {
            findings.extend(provost_device::contradictions(&understood).into_iter().map(provost_device::for_nobody));
            today::add_of_account(&mut findings, &understood);
            self.accounts.push((profile.path().display().to_string(), format, understood));
        }
        findings
    }

    /// Adds what is wrong between files.
    fn compare(&mut self) {
        let members: Vec<Member<'_>> =
            self.accounts.iter().map(|(file, format, understood)| Member { file, format, understood }).collect();
        let mut found: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
        for (file, finding) in provost_device::across_files(&members) {
            found.entry(file).or_default().push(finding);
        }
        for file in &mut self.files {
            file.findings.extend(found.remove(file.path.display().to_string().as_str()).into_iter().flatten());
        }
    }
}

fn report(options: &Lint, linted: &Linted) -> Result<(), Failure> {
    let sarif_alone = options.sarif.as_deref() == Some(Path::new("-"));
    if let Some(path) = &options.sarif {
        let log = sarif::log(linted.files.iter().map(|file| (file.path.as_path(), file.findings.as_slice())));
        match sarif_alone {
            true => output::line(&format!("{log:#}"))?,
            false => named_file::write(path, Readers::Others, format!("{log:#}\n").as_bytes())?,
        }
    }
    let text_wanted = !options.json && !sarif_alone;
    for (file, finding) in linted.files.iter().flat_map(|file| file.findings.iter().map(move |it| (file, it))) {
        if options.json {
            output::json_line(&complaints::json(&file.path, finding))?;
        } else if text_wanted {
            output::line(complaints::text(&file.path, finding).trim_end())?;
        }
    }
    for given in options.files.iter().filter(|_| text_wanted) {
        let below = linted.files.iter().filter(|file| file.given == *given);
        if below.clone().all(|file| file.findings.is_empty()) {
            let what = if below.clone().all(|file| file.kind == Kind::Profile) { "profile" } else { "file" };
            let count = below.filter(|_| given.is_dir()).count();
            let count = (count > 0).then(|| format!(" in {}", input::count(count, what)));
            let count = count.as_deref().unwrap_or("");
            output::line(&format!("{}: no problems found{count}", given.display()))?;
        }
    }
    Ok(())
}

/// The settings that a user list belongs to.
enum Nearest<'a> {
    Good(&'a Service),
    WithErrors(&'a Path),
    NotKnown,
}

/// Of the settings that were read: the only ones in the list's folder, or in one above it, or anywhere.
fn nearest<'a>(settings: &'a [(PathBuf, Option<Service>)], list: &Path) -> Nearest<'a> {
    let folders = list.ancestors().skip(1);
    let mut found = folders.map(|folder| settings.iter().filter(|(path, _)| path.parent() == Some(folder)).collect());
    let in_folder: Option<Vec<&(PathBuf, Option<Service>)>> = found.find(|all: &Vec<_>| !all.is_empty());
    match in_folder.unwrap_or_else(|| settings.iter().collect()).as_slice() {
        [(_, Some(service))] => Nearest::Good(service),
        [(path, None)] => Nearest::WithErrors(path),
        _ => Nearest::NotKnown,
    }
}

/// What a file's name says that it is.
#[derive(Clone, Copy)]
enum NamedAs {
    Settings,
    List,
}

fn named_as(path: &Path) -> Option<NamedAs> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("yaml" | "yml") => Some(NamedAs::Settings),
        Some(_) | None => input::is_a_lists_name(path).then_some(NamedAs::List),
    }
}

/// A file that is settings or a user list by its name and by its contents; `bytes` are there if they were read already. Of a
/// large list, its start is enough.
fn settings_or_list(path: PathBuf, bytes: Option<Vec<u8>>) -> Option<(PathBuf, NamedAs, Vec<u8>)> {
    let kind = named_as(&path)?;
    let Some(bytes) = bytes.or_else(|| input::start_of_list(&path).ok()) else {
        eprintln!("note: {} was skipped: it cannot be read", path.display());
        return None;
    };
    let is_it = match kind {
        NamedAs::Settings => holds_settings(&bytes),
        NamedAs::List => holds_users(&path, &bytes) || is_automx2_seed(&bytes),
    };
    is_it.then_some((path, kind, bytes))
}

/// Whether a YAML file is settings of ours: it has the key that they begin with, or both lists of servers.
fn holds_settings(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let has = |key: &str| text.lines().any(|line| line.trim_start_matches('\u{feff}').starts_with(key));
    has("provost:") || has("incoming:") && has("outgoing:")
}

/// Whether a file is a list of people, in whatever encoding: something about mail stands in it, in rows.
fn holds_users(path: &Path, bytes: &[u8]) -> bool {
    let start: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).take(LIST_START_OCTETS).collect();
    let text = String::from_utf8_lossy(&start).to_lowercase();
    let is_about_mail = text.contains("mail") || text.contains('@');
    // Other programs' JSON files are mostly an object.
    let is_one_object = path.extension().is_some_and(|it| it == "json") && text.trim_start().starts_with('{');
    is_about_mail && !is_one_object
}

/// Enough for the header, or some rows.
const LIST_START_OCTETS: usize = 64 * 1024;
