//! `provost lint`: mistakes in settings, user lists and profiles, and in what they say beside each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::{EmailAddress, Finding, Severity};
use provost_device::{Format, Member, Person, SourceFile, Understood};
use provost_settings::{UserFormat, is_automx2_seed, read_automx2_seed, read_settings, read_users};

use crate::arguments::Lint;
use crate::failure::Failure;
use crate::profiles::Loaded;
use crate::{Verdict, complaints, input, output, profiles};

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
        linted.add(path, options.config.as_deref())?;
    }
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
}

/// A file, and what is wrong with it.
struct File {
    /// The path that was named and led to it.
    given: PathBuf,
    path: PathBuf,
    findings: Vec<Finding>,
}

impl Linted {
    fn add(&mut self, path: &Path, config: Option<&Path>) -> Result<(), Failure> {
        if path.is_dir() {
            return self.profiles(path);
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        // Contents decide before names do: some profiles are JSON.
        let bytes = input::read_list(path)?;
        let name = path.to_string_lossy().replace('\\', "/");
        let is_profile = provost_device::recognize(&SourceFile { path: &name, bytes: &bytes }).is_some();
        let findings = match extension {
            _ if is_profile => return self.profiles(path),
            Some("yaml" | "yml") => read_settings(&bytes, &input::trust_reader(path)).findings,
            Some("csv" | "json" | "jsonl") if is_automx2_seed(&bytes) => read_automx2_seed(&bytes).findings,
            Some("csv" | "json" | "jsonl") => {
                let config = config.ok_or_else(|| {
                    Failure::hinted(
                        anyhow::anyhow!("{} is a user list, and its settings are not known", path.display()),
                        "name them with -c mail.yaml: domains and login names are judged by them",
                    )
                })?;
                read_users(&bytes, UserFormat::detect(path.to_str(), &bytes), &input::settings(config)?).findings
            }
            Some(_) | None => return Err(unknown_format(path)),
        };
        self.files.push(File { given: path.to_owned(), path: path.to_owned(), findings });
        Ok(())
    }

    fn profiles(&mut self, path: &Path) -> Result<(), Failure> {
        for profile in profiles::find(&[path.to_owned()])? {
            let loaded = profile.load()?;
            let file = loaded.path().to_owned();
            let format = loaded.format.ok_or_else(|| unknown_format(&file))?;
            let address = match &profile.row {
                Some(row) => row.address()?,
                None => None,
            };
            let person = Person { address: self.address.clone().or(address), full_name: None };
            let findings = self.read(&loaded, format, &person);
            self.files.push(File { given: path.to_owned(), path: file, findings });
        }
        Ok(())
    }

    /// The findings of a profile. One that does not say whose it is is read for nobody in particular too.
    fn read(&mut self, loaded: &Loaded, format: &'static Format, person: &Person) -> Vec<Finding> {
        let (mut findings, profiles) = match loaded.read(format, person) {
            Err(findings) => (findings, Vec::new()),
            Ok(reading) => (reading.findings, reading.profiles),
        };
        for understood in profiles {
            findings.extend(provost_device::sense(&understood));
            self.accounts.push((loaded.path().display().to_string(), format, understood));
        }
        if findings.iter().any(|finding| finding.code == "no-address") {
            let of_nobody = match loaded.read(format, &provost_device::nobody()) {
                Err(findings) => findings,
                Ok(reading) => {
                    let sense = reading.profiles.iter().flat_map(provost_device::sense);
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
        for (file, finding) in provost_device::fleet(&members) {
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
            let count = below.filter(|_| given.is_dir()).count();
            let count = (count > 0).then(|| format!(" in {}", input::count(count, "profile")));
            let count = count.as_deref().unwrap_or("");
            output::line(&format!("{}: nothing to complain about{count}", given.display()))?;
        }
    }
    Ok(())
}

/// The failure for a file that is no profile of a known format.
pub(crate) fn unknown_format(file: &Path) -> Failure {
    let names: Vec<&str> = provost_device::formats().iter().map(|format| format.name).collect();
    Failure::hinted(
        anyhow::anyhow!("{} is in no format that is known here", file.display()),
        format_args!(
            "the known formats are {}; settings end in .yaml, user lists in .csv, .json or .jsonl",
            names.join(", ")
        ),
    )
}
