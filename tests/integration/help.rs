//! The help text of each verb, as `tests/help` holds it, and the examples in it, run as they stand there.

use std::fs;

use provost_tests::{program, provost, root};

use crate::signing::{PASSWORD, Workshop};
use crate::variants::USUAL;

#[test]
fn the_help_of_each_verb_is_as_its_snapshot() {
    let help = root().join("tests/help/*.trycmd");
    trycmd::TestCases::new().register_bin("provost", program()).case(help).run();
    let snapshots = fs::read_dir(root().join("tests/help")).unwrap().count();
    assert_eq!(snapshots, VERBS.len() + 1, "each verb has a snapshot, and so has the program");
}

#[test]
fn the_examples_in_the_help_work() {
    let Some(workshop) = Workshop::open() else { return };
    fs::write(workshop.path("mail.yaml"), USUAL.replace("acme.example", "example.com")).unwrap();
    fs::rename(workshop.path("foreign.mobileconfig"), workshop.path("wifi.mobileconfig")).unwrap();
    for verb in VERBS {
        let help = provost(&[verb, "-h"]).stdout;
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{verb} has no examples"));
        for example in examples.lines() {
            let arguments: Vec<&str> = example.split_whitespace().skip(1).collect();
            let mut example_run = workshop.command(&arguments);
            example_run.env("PROVOST_SIGN_PASSWORD", PASSWORD);
            match *verb {
                "mock" => assert!(starts(&mut example_run), "{example}"),
                _ => {
                    let run = provost_tests::Run::from(example_run.output().unwrap());
                    assert!(matches!(run.status, Some(0 | 1)), "{example}: {}", run.output());
                }
            }
        }
    }
}

/// Whether the mock server says that it is ready.
fn starts(command: &mut std::process::Command) -> bool {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let mut child = provost_tests::Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    !line.is_empty()
}

/// In an order in which each finds what it needs from those before it.
const VERBS: &[&str] = &[
    "generate", "verify", "sign", "resign", "unsign", "explain", "lint", "diff", "import", "init", "dns", "doctor",
    "deploy", "mock", "formats",
];
