//! imapflow and nodemailer, installed by `npm ci` in `tests/clients`, against the mock server with its default
//! capabilities and with all of them.

use std::path::PathBuf;
use std::process::Command;

use provost_tests::{installed, node_module, root};

use crate::mock::mock;

#[test]
fn nodemailer_sends_what_imapflow_reads() {
    let folder = root().join("tests/clients");
    let Some(node) = installed_imapflow() else { return };
    for capabilities in ["usual", "all", "all,-COMPRESS=DEFLATE,-CONDSTORE"] {
        let (running, ready) = mock(&["--capabilities", capabilities]);
        let output = Command::new(&node).arg(folder.join("imapflow.mjs")).arg(ready.to_string()).output().unwrap();
        assert!(output.status.success(), "{capabilities}: {}", String::from_utf8_lossy(&output.stderr));
        drop(running);
    }
}

/// Node.js, if imapflow is there for it.
pub(crate) fn installed_imapflow() -> Option<PathBuf> {
    installed("node").filter(|_| node_module("tests/clients", "imapflow"))
}
