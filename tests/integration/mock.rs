//! A running mock server for tests that connect to it from outside.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use provost_tests::{Running, command};
use serde_json::Value;

/// `provost mock --json` with more arguments, and its ready line.
pub(crate) fn mock(arguments: &[&str]) -> (Running, Value) {
    let mut mock = Running(command(&[&["mock", "--json"], arguments].concat()).stdout(Stdio::piped()).spawn().unwrap());
    let mut ready = String::new();
    BufReader::new(mock.0.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let ready = serde_json::from_str(&ready).unwrap_or_else(|error| panic!("{error}: {ready:?}"));
    (mock, ready)
}

/// The port of a service.
pub(crate) fn port(ready: &Value, service: &str) -> String {
    ready[service].as_str().unwrap().rsplit_once(':').unwrap().1.to_owned()
}
