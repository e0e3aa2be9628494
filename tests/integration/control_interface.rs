//! The control interface of `provost mock`, driven by Python's urllib, and its description.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use provost_tests::{installed, root};

use crate::mock::mock;

#[test]
fn accounts_messages_faults_and_the_transcript_are_within_reach() {
    let Some(python) = installed("python3") else { return };
    let text = std::fs::read_to_string(root().join("crates/provost/src/verbs/mock/control.yaml")).unwrap();
    let description: serde_json::Value = serde_yaml::from_str(&text).unwrap();
    // A small limit, so that a body that is too long is sent quickly.
    let octets_max = "100000";
    let (running, ready) = mock(&["--control", "0", "--message-octets-max", octets_max]);
    let output = Command::new(python)
        .arg(root().join("tests/integration/control_interface.py"))
        .args([ready.to_string(), description.to_string(), octets_max.to_owned()])
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    drop(running);
}

/// The description has the path of every route, and no other.
#[test]
fn the_description_has_every_route() {
    let folder = root().join("crates/provost/src/verbs/mock");
    let source = std::fs::read_to_string(folder.join("control.rs")).unwrap();
    let description = std::fs::read_to_string(folder.join("control.yaml")).unwrap();
    let description: serde_yaml::Value = serde_yaml::from_str(&description).unwrap();
    let paths = description["paths"].as_mapping().unwrap().keys().map(|path| path.as_str().unwrap());
    let routes = source.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1));
    assert_eq!(paths.collect::<BTreeSet<_>>(), routes.collect::<BTreeSet<_>>());
}
