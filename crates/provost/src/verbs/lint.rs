//! `provost lint`: mistakes in settings, user lists and profiles, and conflicts between them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::{EmailAddress, Finding, Login, LoginTemplate, Service, Severity, codes};
use provost_device::{Format, Member, Person, SourceFile, Understood};
use provost_settings::{UserFormat, is_automx2_seed, read_automx2_seed, read_service, read_settings, read_users};

use crate::arguments::Lint;
use crate::dist::SERVICE_FILE;
use crate::dist::declared::loss_behind;
use crate::failure::Failure;
use crate::misfits::{Holder, Misfits, misfits};
use crate::profiles::{Loaded, ProfileFiles, unknown_format};
use crate::verdict::Verdict;
use crate::{complaints, input, output, profiles, today};

mod rules;
mod sarif;

/// Prints every finding of every file, or the rules.
pub(crate) fn run(options: &Lint) -> Result<Verdict, Failure> {
    if options.rules {
        rules::print(options.json)?;
        return Ok(Verdict::Good);
    }
    let mut linted = Linted { address: input::address(options.address.as_deref())?, ..Linted::default() };
    for path in &options.files {
        linted.add(path)?;
    }
    linted.judge_lists(options.config.as_deref())?;
    linted.compare();
    report(options, &linted)?;
    let findings = linted.files.iter().flat_map(|file| &file.findings);
    let bad = findings.filter(|finding| options.strict || finding.severity == Severity::Error).count();
    Ok(if bad == 0 { Verdict::Good } else { Verdict::NotGood })
}

/// What was found.
#[derive(Default)]
struct Linted {
    /// Whom profiles are for that do not say.
    address: Option<EmailAddress>,
    files: Vec<File>,
    accounts: Vec<(String, &'static Format, Understood)>,
    /// Of each generated folder.
    people: BTreeMap<PathBuf, People>,
    /// What user lists are judged by, if it has no errors.
    settings: Vec<(PathBuf, Option<Service>)>,
}

/// Whom a generated folder has files for.
struct People {
    holders: Vec<(EmailAddress, Option<Login>)>,
    /// What makes their login names, where the settings lie in the folder.
    template: Option<LoginTemplate>,
}

impl People {
    fn of(folder: &Path) -> Result<Self, Failure> {
        let mut holders = BTreeMap::new();
        for row in profiles::manifest_of(folder)?.iter().filter(|row| row.scope == "user") {
            let Some(address) = row.address()? else { continue };
            let login = row.login()?;
            holders.insert(address.key(), (address, login));
        }
        let service = input::read(&folder.join(SERVICE_FILE), input::PROFILE_OCTETS_MAX).ok();
        let template = service.and_then(|bytes| read_service(&bytes).value).map(|service| service.login);
        Ok(Self { holders: holders.into_values().collect(), template })
    }
}

/// A file, and what is wrong with it.
struct File {
    /// The path that was named and led to it.
    given: PathBuf,
    path: PathBuf,
    kind: Kind,
    findings: Vec<Finding>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Profile,
    Settings,
    Users,
}

impl Linted {
    /// Looks at a file, or at everything in a folder. Of a user list it is only known that it is there: its settings may
    /// come later.
    fn add(&mut self, path: &Path) -> Result<(), Failure> {
        if path.is_dir() {
            return self.folder(path);
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        // Contents decide before names do: some profiles are JSON.
        let bytes = input::read_list(path)?;
        let name = path.to_string_lossy().replace('\\', "/");
        let is_profile = provost_device::recognize(&SourceFile { path: &name, bytes: &bytes }).is_some();
        match extension {
            _ if is_profile => self.profiles(path, profiles::find(&[path.to_owned()])?),
            Some("yaml" | "yml") => {
                self.settings(path, path, &bytes);
                Ok(())
            }
            Some("csv" | "json" | "jsonl") => {
                self.list(path, path, &bytes);
                Ok(())
            }
            Some(_) | None => Err(unknown_format(path)),
        }
    }

    /// The profiles of a folder, and what in it is settings or a user list by its contents: other files have these endings
    /// too.
    fn folder(&mut self, folder: &Path) -> Result<(), Failure> {
        let found = profiles::within(folder)?;
        let known = self.files.len();
        self.profiles(folder, found.profiles)?;
        for path in found.others {
            let extension = path.extension().and_then(|extension| extension.to_str());
            let (is_settings, is_list) = (matches!(extension, Some("yaml" | "yml")), input::is_a_lists_name(&path));
            if !is_settings && !is_list {
                continue;
            }
            let Ok(bytes) = input::read_list(&path) else {
                eprintln!("note: {} cannot be read, or is too large for a user list: passed over", path.display());
                continue;
            };
            match is_settings {
                true if holds_settings(&bytes) => self.settings(folder, &path, &bytes),
                false if holds_users(&path, &bytes) || is_automx2_seed(&bytes) => self.list(folder, &path, &bytes),
                true | false => {}
            }
        }
        if self.files.len() == known {
            let error = anyhow::anyhow!("no profile, settings or user list in {}", folder.display());
            let hint = "name a file, or a folder that `provost generate` wrote";
            return Err(Failure::hinted(error, hint));
        }
        Ok(())
    }

    fn settings(&mut self, given: &Path, path: &Path, bytes: &[u8]) {
        let mut read = read_settings(bytes, &input::trust_reader(path));
        read.findings.extend(read.value.iter().flat_map(|it| today::of_settings(bytes, it)).collect::<Vec<_>>());
        self.settings.push((path.to_owned(), read.value));
        self.push(given, path, Kind::Settings, read.findings);
    }

    fn list(&mut self, given: &Path, path: &Path, bytes: &[u8]) {
        match is_automx2_seed(bytes) {
            true => self.push(given, path, Kind::Settings, read_automx2_seed(bytes).findings),
            false => self.push(given, path, Kind::Users, Vec::new()),
        }
    }

    fn push(&mut self, given: &Path, path: &Path, kind: Kind, findings: Vec<Finding>) {
        self.files.push(File { given: given.to_owned(), path: path.to_owned(), kind, findings });
    }

    /// Judges every user list by the settings that were named for it, or by those that lie nearest to it.
    fn judge_lists(&mut self, config: Option<&Path>) -> Result<(), Failure> {
        let is_list = |file: &&mut File| file.kind == Kind::Users;
        let named = match config.filter(|_| self.files.iter().any(|file| file.kind == Kind::Users)) {
            Some(config) => Some(input::settings(config)?),
            None => None,
        };
        let mut passed_over = Vec::new();
        for file in self.files.iter_mut().filter(is_list) {
            let service = match (&named, nearest(&self.settings, &file.path)) {
                (Some(service), _) | (None, Nearest::Good(service)) => service,
                (None, Nearest::WithErrors(settings)) => {
                    let settings = settings.display();
                    eprintln!("note: {} is not judged: {settings} has errors", file.path.display());
                    passed_over.push(file.path.clone());
                    continue;
                }
                (None, Nearest::NotKnown) if file.given == file.path => {
                    return Err(Failure::hinted(
                        anyhow::anyhow!("{} is a user list, and its settings are not known", file.path.display()),
                        "name them with -c mail.yaml: domains and login names are judged by them",
                    ));
                }
                (None, Nearest::NotKnown) => {
                    let path = file.path.display();
                    eprintln!("note: {path} is not judged: its settings are not known; name them with -c mail.yaml");
                    passed_over.push(file.path.clone());
                    continue;
                }
            };
            let bytes = input::read_list(&file.path)?;
            file.findings = read_users(&bytes, UserFormat::detect(file.path.to_str(), &bytes), service).findings;
        }
        self.files.retain(|file| file.kind != Kind::Users || !passed_over.contains(&file.path));
        Ok(())
    }

    fn profiles(&mut self, given: &Path, found: Vec<ProfileFiles>) -> Result<(), Failure> {
        for profile in found {
            let loaded = profile.load()?;
            let file = loaded.path().to_owned();
            let format = loaded.format.ok_or_else(|| unknown_format(&file))?;
            let address = match &profile.row {
                Some(row) => row.address()?,
                None => None,
            };
            let person = Person { address: self.address.clone().or(address), full_name: None };
            let mut findings = self.read(&loaded, format, &person);
            if let Some(row) = loaded.as_written(profile.row.as_ref()) {
                findings.retain(|finding| loss_behind(row, finding).is_none());
            }
            findings.extend(self.misfit(&profile, &loaded, format)?);
            self.push(given, &file, Kind::Profile, findings);
        }
        Ok(())
    }

    /// What is wrong with a generated file for several people: the manifest has everybody's login name.
    fn misfit(
        &mut self,
        profile: &ProfileFiles,
        loaded: &Loaded,
        format: &'static Format,
    ) -> Result<Option<Finding>, Failure> {
        let Some((row, folder)) = profile.row.as_ref().filter(|row| row.scope != "user").zip(profile.folder.as_ref())
        else {
            return Ok(None);
        };
        if !self.people.contains_key(folder) {
            self.people.insert(folder.clone(), People::of(folder)?);
        }
        let People { holders, template } = &self.people[folder];
        let holders = holders.iter().map(|(address, login)| Holder { address, login: login.as_ref() });
        let read = |person: &Person| loaded.read(format, person).ok()?.profiles.into_iter().next();
        let found = misfits(holders, row.domain()?.as_ref(), template.as_ref(), read);
        Ok(found.map(|Misfits { count, people, address, misfit }| {
            provost_device::misfit_finding(&misfit, &address, count, people)
        }))
    }

    /// The findings of a profile. One that does not say whose it is is read for nobody in particular too.
    fn read(&mut self, loaded: &Loaded, format: &'static Format, person: &Person) -> Vec<Finding> {
        let (mut findings, profiles) = match loaded.read(format, person) {
            Err(findings) => (findings, Vec::new()),
            Ok(reading) => (reading.findings, reading.profiles),
        };
        for understood in profiles {
            findings.extend(provost_device::contradictions(&understood));
            for past in today::of_account(&understood) {
                findings.extend((!findings.contains(&past)).then_some(past));
            }
            self.accounts.push((loaded.path().display().to_string(), format, understood));
        }
        if findings.iter().any(|finding| finding.code == codes::profile::NO_ADDRESS) {
            let of_nobody = match loaded.read(format, &provost_device::nobody()) {
                Err(findings) => findings,
                Ok(reading) => {
                    let sense = reading.profiles.iter().flat_map(provost_device::contradictions);
                    reading.findings.into_iter().chain(sense).collect()
                }
            };
            for finding in of_nobody.into_iter().map(provost_device::for_nobody) {
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
            findings.sort_by_key(|finding| finding.place);
        }
        findings
    }

    /// Adds what the files say beside each other.
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
    let mut text_wanted = !options.json;
    if let Some(path) = &options.sarif {
        let log = sarif::log(linted.files.iter().map(|file| (file.path.as_path(), file.findings.as_slice())));
        match path.to_str() {
            Some("-") => {
                output::line(&format!("{log:#}"))?;
                text_wanted = false;
            }
            _ => std::fs::write(path, format!("{log:#}\n"))
                .with_context(|| format!("cannot write {}", path.display()))?,
        }
    }
    for file in &linted.files {
        for finding in &file.findings {
            match options.json {
                true => output::json_line(&complaints::json(&file.path, finding))?,
                false if text_wanted => output::line(complaints::text(&file.path, finding).trim_end())?,
                false => {}
            }
        }
    }
    for given in options.files.iter().filter(|_| text_wanted) {
        let below = linted.files.iter().filter(|file| file.given == *given);
        if below.clone().all(|file| file.findings.is_empty()) {
            let what = if below.clone().all(|file| file.kind == Kind::Profile) { "profile" } else { "file" };
            let count = below.filter(|_| given.is_dir()).count();
            let count = (count > 0).then(|| format!(" in {}", input::count(count, what)));
            let count = count.as_deref().unwrap_or("");
            output::line(&format!("{}: nothing to complain about{count}", given.display()))?;
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
