//! Secrets from where `deploy.yaml` says that they are. They are never shown, not even in part.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use provost_account::Secret;
use provost_settings::SecretSource;

use crate::failure::Failure;

/// The secret; relative names are below `base`.
pub(super) fn read(source: &SecretSource, base: &Path) -> Result<Secret, Failure> {
    let (text, place) = match source {
        SecretSource::Command(command) => (output(command)?, format!("what {command:?} prints")),
        SecretSource::Environment(name) => {
            let text =
                std::env::var(name).ok().with_context(|| format!("the variable {name} is not set, or not UTF-8"));
            (text?, format!("the variable {name}"))
        }
        SecretSource::File(name) => {
            let path = base.join(name);
            let mut text = String::new();
            let file = File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
            file.take(OCTETS_MAX)
                .read_to_string(&mut text)
                .with_context(|| format!("cannot read {}", path.display()))?;
            (text, path.display().to_string())
        }
    };
    // The first line, as `pass` and editors write it.
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret::new(line.to_owned())),
        Some(_) | None => Err(anyhow::anyhow!("{place} is empty; expected a key or password").into()),
    }
}

/// What a command prints. It may ask the person, so it keeps the terminal.
fn output(command: &str) -> Result<String, Failure> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut process = Command::new(shell);
    let process = process.args([option, command]).stdin(Stdio::inherit()).stderr(Stdio::inherit());
    let output = process.stdout(Stdio::piped()).output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        return Err(anyhow::anyhow!("{command:?} ended with {}", output.status).into());
    }
    String::from_utf8(output.stdout).ok().with_context(|| format!("{command:?} prints no UTF-8")).map_err(Failure::from)
}

const OCTETS_MAX: u64 = 64 << 10;
