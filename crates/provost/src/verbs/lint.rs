//! `provost lint`: mistakes in settings, user lists and profiles.

use std::path::Path;

use provost_account::Finding;
use provost_device::Person;
use provost_settings::{UserFormat, read_settings, read_users};

use crate::arguments::Lint;
use crate::failure::Failure;
use crate::{Verdict, complaints, input, output, profiles};

/// Prints every finding of every file.
pub(crate) fn run(options: &Lint) -> Result<Verdict, Failure> {
    let mut errors = 0;
    for file in &options.files {
        let findings = findings(file, options.config.as_deref())?;
        errors += complaints::errors(&findings);
        for finding in &findings {
            match options.json {
                true => output::json_line(&complaints::json(file, finding))?,
                false => output::line(complaints::text(file, finding).trim_end())?,
            }
        }
        if findings.is_empty() && !options.json {
            output::line(&format!("{}: nothing to complain about", file.display()))?;
        }
    }
    Ok(if errors == 0 { Verdict::Good } else { Verdict::NotGood })
}

fn findings(file: &Path, config: Option<&Path>) -> Result<Vec<Finding>, Failure> {
    let extension = file.extension().and_then(|extension| extension.to_str());
    match extension {
        Some("yaml" | "yml") => {
            let bytes = input::read(file, input::PROFILE_OCTETS_MAX)?;
            Ok(read_settings(&bytes, &input::trust_reader(file)).findings)
        }
        Some("csv" | "json" | "jsonl") => {
            let config = config.ok_or_else(|| {
                Failure::hinted(
                    anyhow::anyhow!("{} is a user list, and its settings are not known", file.display()),
                    "name them with -c mail.yaml: domains and login names are judged by them",
                )
            })?;
            let bytes = input::read_list(file)?;
            let format = UserFormat::detect(file.to_str(), &bytes);
            Ok(read_users(&bytes, format, &input::settings(config)?).findings)
        }
        _ => profile_findings(file),
    }
}

fn profile_findings(file: &Path) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    for profile in profiles::find(&[file.to_owned()])? {
        let loaded = profile.load()?;
        let format = loaded.format.ok_or_else(|| unknown_format(file))?;
        findings.extend(match loaded.read(format, &Person { address: None, full_name: None }) {
            Ok(reading) => reading.findings,
            Err(findings) => findings,
        });
    }
    Ok(findings)
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
