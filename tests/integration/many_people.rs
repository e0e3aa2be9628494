//! Long user lists take linear time: eight times the people, at most about eight times the processor time. It measures
//! no speed, so a slow or busy machine makes no difference.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use provost_tests::{folder, program};

#[test]
fn a_json_list_is_read_in_linear_time() {
    check("users.json", "lint -c mail.yaml users.json", |people| {
        let row = |at| format!("{{\"email\":\"p{at}@centurylink.net\",\"name\":\"Person {at}\",\"city\":\"{at}\"}}");
        format!("[{}]", (0..people).map(row).collect::<Vec<_>>().join(","))
    });
}

#[test]
fn json_lines_are_read_in_linear_time() {
    check("users.jsonl", "lint -c mail.yaml users.jsonl", |people| {
        let mut list = String::new();
        (0..people)
            .for_each(|at| writeln!(list, "{{\"email\":\"p{at}@centurylink.net\",\"name\":\"Person {at}\"}}").unwrap());
        list
    });
}

#[test]
fn refusals_are_summed_up_in_linear_time() {
    check("users.csv", "generate -c mail.yaml --users users.csv -o out --only k9s", |people| {
        let mut list = "email\n".to_owned();
        (0..people).for_each(|at| writeln!(list, "ü{at}@centurylink.net").unwrap());
        list
    });
}

#[test]
fn losses_are_summed_up_in_linear_time() {
    check("users.csv", "generate -c mail.yaml --users users.csv -o out --only fetchmail", |people| {
        let mut list = "email,name\n".to_owned();
        (0..people).for_each(|at| writeln!(list, "p{at}@centurylink.net,Person {at}").unwrap());
        list
    });
}

/// Runs the command with a list of some people and one of eight times as many.
#[track_caller]
fn check(list: &str, arguments: &str, people: impl Fn(usize) -> String) {
    let seconds = |count: usize| {
        let folder = folder();
        fs::copy(provost_tests::root().join("fixtures/centurylink/mail.yaml"), folder.path().join("mail.yaml"))
            .unwrap();
        fs::write(folder.path().join(list), people(count)).unwrap();
        processor_seconds(folder.path(), arguments)
    };
    let (few, many) = (seconds(FEW), seconds(8 * FEW));
    assert!(many < 20.0 * few, "{FEW} people take {few} s of the processor, eight times as many {many} s");
}

/// The user time of the program, as the shell counts it.
fn processor_seconds(folder: &Path, arguments: &str) -> f64 {
    let script = format!("TIMEFORMAT='seconds %U'; time {} {arguments} >/dev/null 2>&1", program().display());
    let run = Command::new("bash").args(["-c", &script]).current_dir(folder).output().expect("a shell");
    let said = String::from_utf8(run.stderr).unwrap();
    let seconds = said.lines().find_map(|line| line.strip_prefix("seconds ")).unwrap_or_else(|| panic!("{said}"));
    // A very short time is too inexact to compare with.
    seconds.parse::<f64>().unwrap().max(0.02)
}

const FEW: usize = 1000;
