//! The options of `provost mock`, as Python's mail libraries see their effect.

use std::fs;
use std::path::Path;
use std::process::Command;

use provost_tests::{folder, installed, root};
use serde_json::Value;

use crate::mock::mock;

/// Runs a part of `mock_options.py`, which takes the ready line and a folder.
fn seen_by_python(part: &str, ready: &Value, folder: &Path) {
    let Some(python) = installed("python3") else { return };
    let script = root().join("tests/integration/mock_options.py");
    let output = Command::new(python).arg(script).args([part, &ready.to_string()]).arg(folder).output().unwrap();
    assert!(output.status.success(), "{part}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The preset with every port free: two servers on this machine would want the same ones.
#[test]
fn a_suite_that_drives_greenmail_finds_its_paths_and_its_habits() {
    let services = ["imap", "imaps", "submission", "submissions", "pop3", "pop3s", "greenmail-api"];
    let ports = services.map(|service| format!("--port={service}=0"));
    let mut arguments = vec!["--preset", "greenmail", "--danger-allow-cleartext"];
    arguments.extend(ports.iter().map(String::as_str));
    let (running, ready) = mock(&arguments);
    seen_by_python("greenmail", &ready, folder().path());
    drop(running);
}

#[test]
fn messages_are_there_from_the_start_and_kept_to_the_next_one() {
    let folder = folder();
    let inbox = folder.path().join("mail/jane@example.test/INBOX");
    let below = folder.path().join("mail/jane@example.test/Lists/Rust");
    for (path, name, text) in
        [(&inbox, "1.eml", "Subject: one\n\nbody\n"), (&below, "2.eml", "Subject: two\r\n\r\nbody\r\n")]
    {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join(name), text).unwrap();
    }
    let (mail, state) = (folder.path().join("mail"), folder.path().join("state"));
    let arguments = ["--preload", mail.to_str().unwrap(), "--state", state.to_str().unwrap()];
    let (mut running, ready) = mock(&arguments);
    seen_by_python("preloaded", &ready, folder.path());
    // As a service manager ends it.
    let ended = Command::new("kill").arg("-TERM").arg(running.0.id().to_string()).status().unwrap();
    assert!(ended.success() && running.0.wait().unwrap().success());
    let (running, ready) = mock(&arguments[2..]);
    seen_by_python("kept", &ready, folder.path());
    drop(running);
}

#[test]
fn a_client_logs_in_with_the_certificate_that_was_written_for_it() {
    let folder = folder();
    let certificates = folder.path().join("certificates");
    let (running, ready) = mock(&["--client-certificates", certificates.to_str().unwrap(), "--tls-key", "rsa"]);
    #[cfg(unix)]
    {
        let key = fs::metadata(certificates.join("jane@example.test.key.pem")).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777, 0o600);
    }
    seen_by_python("certificate", &ready, &certificates);
    drop(running);
}
