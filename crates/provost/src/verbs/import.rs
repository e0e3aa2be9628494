//! `provost import`: profiles, and automx2's seed, to settings.

use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::{Finding, Service, Severity};
use provost_device::{Cleartext, Person, Understood};
use provost_settings::{is_automx2_seed, read_automx2_seed, write_certificates, write_settings};

use crate::arguments::Import;
use crate::failure::Failure;
use crate::named_file::{self, Readers};
use crate::road::find::profiles;
use crate::road::profile::{ReadAs, refused};
use crate::verdict::Verdict;
use crate::{complaints, input, output};

/// Writes the settings that the files show. Not good: something that settings need is in none of them.
pub(crate) fn run(options: &Import) -> Result<Verdict, Failure> {
    let (service, findings) = found(&options.files, options)?;
    let source = options.files.first().expect("clap asks for a file");
    complaints::print(source, &findings);
    let Some(service) = service else {
        return Err(Failure::hinted(
            anyhow::anyhow!("no settings can be made from {}", source.display()),
            "each line above says what is missing",
        ));
    };
    let mut text = head(&options.files, &findings);
    match &options.output {
        Some(path) => save(path, &text, &service)?,
        None => {
            if !service.trust.is_empty() {
                let certificates = input::count(service.trust.len(), "certificate");
                text.push_str(&format!(
                    "# trust: {certificates} in the files; import with -o to write them beside the settings\n"
                ));
            }
            output::line((text + &write_settings(&service, None)).trim_end())?;
        }
    }
    let incomplete = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if incomplete { Verdict::NotGood } else { Verdict::Good })
}

/// The settings that the files show, if any, and what is wrong with them.
fn found(files: &[PathBuf], options: &Import) -> Result<(Option<Service>, Vec<Finding>), Failure> {
    let given = input::address(options.address.as_deref())?;
    let mut understood: Vec<Understood> = Vec::new();
    let mut filled_in: Vec<Finding> = Vec::new();
    let mut read_as = ReadAs::of(options.version);
    for profile in profiles(files)? {
        let profile = read_as.this(profile?);
        if profile.format.is_none() && files.len() == 1 && is_automx2_seed(profile.bytes()) {
            let read = read_automx2_seed(profile.bytes());
            return Ok((read.value, read.findings));
        }
        let (file, format) = (profile.path(), profile.format()?);
        let person = match given.as_ref().or_else(|| profile.entry()?.user()).cloned() {
            Some(address) => Person { address: Some(address), full_name: None },
            None => provost_device::nobody(),
        };
        match profile.read(format, &person) {
            Ok(reading) => {
                complaints::print(file, &reading.findings);
                if given.is_some()
                    && let Ok(general) = profile.read(format, &provost_device::nobody())
                {
                    filled_in.extend(provost_device::filled_in(&reading.profiles, &general.profiles));
                }
                understood.extend(reading.profiles.into_iter().filter(|it| !it.sets_up_nothing()));
            }
            Err(findings) => {
                complaints::print(file, &findings);
                return Err(refused(&[(file.display().to_string(), format)]));
            }
        }
    }
    read_as.finish();
    if let Some(address) = &given {
        understood = provost_device::of_service(understood, address);
    }
    let cleartext = if options.danger_allow_cleartext { Cleartext::Taken } else { Cleartext::LeftOut };
    let shown = provost_device::service(&understood, cleartext);
    Ok((shown.service, [shown.findings, filled_in].concat()))
}

/// Where the settings come from, and what to look at, as comments.
fn head(files: &[PathBuf], findings: &[Finding]) -> String {
    let names: Vec<String> =
        files.iter().filter_map(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned()).collect();
    let mut lines = vec![format!("Imported from {}.", names.join(", "))];
    lines.extend(findings.iter().map(|finding| match finding.fix.as_str() {
        "" => finding.message.clone(),
        fix => format!("{}; {fix}.", finding.message),
    }));
    let comment = |line: String| line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    lines.into_iter().map(|line| format!("# {}\n", comment(line))).collect()
}

/// Writes the settings, and their certificates beside them. Neither takes the place of a file that is there.
fn save(path: &Path, head: &str, service: &Service) -> Result<(), Failure> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} is not a file name", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let certificates = format!("{}-ca.pem", name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    let mut files = vec![(name, format!("{head}{}", write_settings(service, Some(&certificates))))];
    if !service.trust.is_empty() {
        files.push((&certificates, write_certificates(&service.trust)));
    }
    if let Some((name, _)) = files.iter().find(|(name, _)| named_file::is_taken(&folder.join(name))) {
        return Err(Failure::hinted(
            anyhow::anyhow!("{} already exists", folder.join(name).display()),
            "give another file with -o, or move that one away",
        ));
    }
    for (name, text) in &files {
        named_file::write_new(&folder.join(name), Readers::Owner, text.as_bytes())?;
    }
    eprintln!("note: wrote {}", files.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and "));
    Ok(())
}
