//! The Python library imapclient (PyPI, 4.1.0), which many programs and test suites use, against a running mock server.

use std::path::PathBuf;
use std::process::Command;

use provost_tests::{has_program, installed, root};

use crate::mock::mock;

#[test]
fn imapclient_idles_and_is_told_what_it_wrote_wrong() {
    let Some(python) = python_with("imapclient") else { return };
    let (running, ready) = mock(&["--control", "0"]);
    let script = root().join("tests/integration/python_imapclient.py");
    let output = Command::new(python).arg(script).arg(ready.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    drop(running);
}

/// A Python that has the package: the one with the packages that `.ci/run` pins, or the system's.
pub(crate) fn python_with(package: &str) -> Option<PathBuf> {
    let pinned = root().join("target/python/bin/python3");
    let candidates = [Some(pinned).filter(|path| path.is_file()), installed("python3")];
    let imports = |python: &PathBuf| {
        let run = Command::new(python).args(["-c", &format!("import {package}")]).output().unwrap();
        run.status.success()
    };
    let found = candidates.into_iter().flatten().find(imports);
    has_program(found.is_some(), &format!("no Python has {package}"));
    found
}
