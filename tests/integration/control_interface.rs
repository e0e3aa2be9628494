//! The control interface of `provost mock`, driven by Python's urllib; and what it is described as.

use std::process::{Command, Stdio};

use provost_tests::{installed, root};

use crate::mock::mock;

#[test]
fn accounts_messages_faults_and_the_transcript_are_within_reach() {
    let Some(python) = installed("python3") else { return };
    let text = std::fs::read_to_string(root().join("crates/provost/src/verbs/mock/control.yaml")).unwrap();
    let description: serde_json::Value = serde_yaml::from_str(&text).unwrap();
    let (running, ready) = mock(&["--control", "0"]);
    let output = Command::new(python)
        .arg(root().join("tests/integration/control_interface.py"))
        .args([ready.to_string(), description.to_string()])
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    drop(running);
}
