//! What users see: each folder of `fixtures/cases` is a report of a user or a promise of a verb, with its inputs and a
//! `CASE` file that holds commands and what they must print. It knows nothing of mail.
//!
//! A `CASE` file has a line each:
//!
//! ```text
//! # A comment: what was reported.
//! $ provost lint mail.yaml        a command for the shell, run in a copy of the folder
//! ? 1                             its exit status, unless it is 0
//! < warning[username-template]    what its output, standard error included, must contain
//! ! a device would refuse         what it must not contain
//! ```
//!
//! `$FIXTURES` is the folder of the fixtures. Modules that several cases in Python share are in the folder `cases` next
//! to this file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use provost_tests::{Run, folder, program, root};

#[test]
fn every_reported_case_ends_as_its_user_expects() {
    let cases = cases();
    assert!(!cases.is_empty(), "no cases");
    let wrong: Vec<String> = cases.iter().flat_map(|case| try_case(case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The folders, or those whose names contain `PROVOST_CASE`.
fn cases() -> Vec<PathBuf> {
    let only = std::env::var("PROVOST_CASE").ok();
    let entries = fs::read_dir(root().join("fixtures/cases")).expect("the folder of cases");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| only.as_ref().is_none_or(|only| case.to_string_lossy().contains(only)));
    cases.sort();
    cases
}

/// A command of a case, and what it must print.
struct Step<'a> {
    command: &'a str,
    status: i32,
    has: Vec<&'a str>,
    lacks: Vec<&'a str>,
}

/// Runs the commands of a case in a copy of its folder, and returns the differences.
fn try_case(case: &Path) -> Vec<String> {
    let copy = folder();
    copy_all(case, copy.path());
    let text = fs::read_to_string(case.join("CASE")).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
    let name = case.file_name().unwrap().to_string_lossy();
    let steps = steps(&text, &name);
    assert!(steps.iter().any(|step| !step.has.is_empty()), "{name} expects nothing");
    let mut wrong = Vec::new();
    for step in steps {
        let run = shell(step.command, copy.path());
        let output = run.output();
        let mut complain = |what: String| wrong.push(format!("{name}: $ {}\n{what}\n{output}", step.command));
        if run.status != Some(step.status) {
            complain(format!("exit status {:?} instead of {}", run.status, step.status));
        }
        step.has.iter().filter(|has| !output.contains(**has)).for_each(|has| complain(format!("without: {has}")));
        step.lacks.iter().filter(|lacks| output.contains(**lacks)).for_each(|lacks| complain(format!("with: {lacks}")));
    }
    wrong
}

fn steps<'a>(text: &'a str, name: &str) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (mark, steps.last_mut()) {
            ("#", _) => {}
            ("$", _) => steps.push(Step { command: rest, status: 0, has: Vec::new(), lacks: Vec::new() }),
            ("?", Some(step)) => step.status = rest.parse().unwrap_or_else(|error| panic!("{name}: {line}: {error}")),
            ("<", Some(step)) => step.has.push(rest),
            ("!", Some(step)) => step.lacks.push(rest),
            (_, _) => panic!("{name}: {line}"),
        }
    }
    steps
}

fn shell(command: &str, folder: &Path) -> Run {
    let own = program().parent().expect("a program lies in a folder").to_owned();
    let path = std::env::var_os("PATH").expect("a search path");
    let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path))).expect("folders");
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder).env("PATH", path).env_remove("PROVOST_PASSWORD");
    shell.env("FIXTURES", root().join("fixtures")).env("PYTHONDONTWRITEBYTECODE", "1");
    shell.env("PYTHONPATH", root().join("tests/integration/cases"));
    shell.output().expect("a shell").into()
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => {
                fs::create_dir(&to).unwrap();
                copy_all(&entry.path(), &to);
            }
            false => {
                fs::copy(entry.path(), &to).unwrap();
            }
        }
    }
}
