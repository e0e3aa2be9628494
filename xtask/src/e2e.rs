//! `cargo xtask e2e`: for every service in `fixtures/`, generates every profile, proves every one with the built
//! program, and prints the table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::workspace::{built, cargo, must, root};

/// Builds the program, and nothing else, and proves every fixture.
pub fn run() -> anyhow::Result<()> {
    must(&mut cargo(&["build", "--quiet", "--package", "provost"]))?;
    prove_all()
}

/// Generates and proves every fixture with the program that is built.
pub fn prove_all() -> anyhow::Result<()> {
    let program = built("provost")?;
    let services = services()?;
    ensure!(!services.is_empty(), "no fixture has a mail.yaml");
    let mut failed = Vec::new();
    let mut profiles = 0;
    for service in &services {
        let proven = prove(&program, service).with_context(|| service.display().to_string())?;
        profiles += proven.profiles;
        failed.extend(proven.failed);
    }
    println!("\n{} services, {profiles} profiles", services.len());
    ensure!(failed.is_empty(), "not proven:\n{}", failed.join("\n"));
    println!("every one proven");
    Ok(())
}

struct Proven {
    profiles: usize,
    failed: Vec<String>,
}

fn prove(program: &Path, service: &Path) -> anyhow::Result<Proven> {
    let name = service.file_name().expect("a fixture has a name").to_string_lossy();
    let output = root().join("target/e2e").join(name.as_ref());
    if output.exists() {
        fs::remove_dir_all(&output)?;
    }
    let first = generate(program, service, &output, &[])?;
    let second = generate(program, service, &output, &[])?;
    ensure!(first["new"].as_u64() > Some(0), "the first run wrote nothing: {first}");
    ensure!(second["new"] == 0 && second["changed"] == 0, "the second run wrote files again: {second}");
    ensure!(second["unchanged"] == first["new"], "the second run knows other files: {first} {second}");

    let verify = Command::new(program).arg("verify").arg(&output).arg("--json").output()?;
    let rows = json_lines(&verify)?;
    ensure!(matches!(verify.status.code(), Some(0 | 1)), "verify could not check: {}", stderr(&verify));
    let rows: Vec<&Value> = rows.iter().filter(|row| row["check"].is_string()).collect();
    let steps = steps(&rows);

    println!("\n{name}: {} users, {} profiles, {} refused", first["users"], first["new"], first["refused"]);
    let lettered: Vec<String> = steps.iter().zip(LETTERS.chars()).map(|(step, it)| format!("{it} {step}")).collect();
    println!("steps: {}", lettered.join(", "));
    println!("+ passed, . does not apply, ? not reached, X failed");
    let subjects = subjects(&output, &rows);
    let width = |pick: fn(&Subject) -> &str| subjects.keys().map(|it| pick(it).chars().count()).max().unwrap_or(0);
    let (user, format) = (width(|it| &it.address), width(|it| &it.place));
    println!("{:user$}  {:format$}  {}", "user", "format", &LETTERS[..steps.len()]);
    let mut failed = Vec::new();
    for (subject, outcomes) in &subjects {
        let marks: String = steps.iter().map(|step| outcomes.get(step).map_or(' ', |outcome| mark(outcome))).collect();
        println!("{:user$}  {:format$}  {marks}", subject.address, subject.place);
        let steps = steps.iter().filter(|step| outcomes.get(*step).is_some_and(|outcome| outcome == "fail"));
        failed.extend(steps.map(|step| format!("{name}: {} {} {step}", subject.address, subject.place)));
    }
    let files = rows.iter().filter_map(|row| row["files"].as_array()).flatten();
    let proven_files: BTreeSet<&str> = files.filter_map(Value::as_str).collect();
    let missing =
        manifest_paths(&output)?.into_iter().filter(|path| !proven_files.contains(path.display().to_string().as_str()));
    failed.extend(missing.map(|path| format!("{name}: {} was never looked at", path.display())));
    if failed.is_empty() && verify.status.code() != Some(0) {
        bail!("verify found something to blame that the table does not show: {}", stderr(&verify));
    }
    Ok(Proven { profiles: usize::try_from(first["new"].as_u64().context("a count")?)?, failed })
}

/// The summary of `generate --json`.
pub fn generate(program: &Path, service: &Path, output: &Path, more: &[&str]) -> anyhow::Result<Value> {
    let users = ["users.csv", "users.json", "users.jsonl"].map(|name| service.join(name));
    let users = users.iter().find(|path| path.exists()).context("no user list")?;
    generate_for(program, service, users, output, more)
}

/// The same for other users than the service's.
pub fn generate_for(
    program: &Path,
    service: &Path,
    users: &Path,
    output: &Path,
    more: &[&str],
) -> anyhow::Result<Value> {
    let mut generate = Command::new(program);
    generate.args(["generate", "--json", "--config"]).arg(service.join("mail.yaml"));
    let run = generate.arg("--users").arg(users).arg("--output").arg(output).args(more).output()?;
    // 1: the formats refuse everybody of this service, so there are no files.
    ensure!(matches!(run.status.code(), Some(0 | 1)), "generate ended with {}: {}", run.status, stderr(&run));
    let lines = json_lines(&run)?;
    Ok(lines.last().context("generate --json printed nothing")?["summary"].clone())
}

/// One line of the table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    address: String,
    /// Format and variant, as the path has them, and the kind of file.
    place: String,
}

/// The worst outcome of each step of each subject.
fn subjects<'a>(output: &Path, rows: &[&'a Value]) -> BTreeMap<Subject, BTreeMap<&'a str, String>> {
    let mut subjects: BTreeMap<Subject, BTreeMap<&str, String>> = BTreeMap::new();
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or("").to_owned();
        let file = PathBuf::from(text("file"));
        let place = match file.strip_prefix(output).ok().and_then(Path::parent) {
            Some(folder) if text("format") != "service" => {
                format!("{}, {}", folder.display(), file.extension().unwrap_or("".as_ref()).display())
            }
            Some(_) | None => text("format"),
        };
        let subject = Subject { address: text("address"), place };
        let outcomes = subjects.entry(subject).or_default();
        let outcome = outcomes.entry(row["check"].as_str().unwrap_or("")).or_insert_with(|| text("outcome"));
        if badness(&text("outcome")) > badness(outcome) {
            *outcome = text("outcome");
        }
    }
    subjects
}

fn steps<'a>(rows: &[&'a Value]) -> Vec<&'a str> {
    let mut steps = Vec::new();
    for step in rows.iter().filter_map(|row| row["check"].as_str()) {
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    steps
}

fn badness(outcome: &str) -> u8 {
    match outcome {
        "fail" => 3,
        "not_reached" => 2,
        "pass" => 1,
        _ => 0,
    }
}

fn mark(outcome: &str) -> char {
    match outcome {
        "pass" => '+',
        "not_applicable" => '.',
        "not_reached" => '?',
        _ => 'X',
    }
}

/// The fixtures that are services.
pub fn services() -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(root().join("fixtures"))?.collect::<Result<Vec<_>, _>>()?;
    let mut services: Vec<PathBuf> =
        entries.iter().map(fs::DirEntry::path).filter(|path| path.join("mail.yaml").exists()).collect();
    services.sort();
    Ok(services)
}

/// The files that a user's values can prove; it prints the others, which are for domains without a user who follows
/// the settings' rule for login names.
fn manifest_paths(output: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let manifest = fs::read_to_string(output.join("manifest.jsonl"))?;
    let mut paths = Vec::new();
    for line in manifest.lines() {
        let row: Value = serde_json::from_str(line)?;
        let path = row["path"].as_str().context("a row without a path")?;
        match row["address"].is_null() {
            true => println!("nobody can prove {path}"),
            false => paths.push(output.join(path)),
        }
    }
    Ok(paths)
}

fn json_lines(output: &Output) -> anyhow::Result<Vec<Value>> {
    let lines = std::str::from_utf8(&output.stdout)?.lines();
    lines.map(|line| serde_json::from_str(line).with_context(|| format!("no JSON: {line}"))).collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
