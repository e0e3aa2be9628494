//! imapflow and nodemailer, installed by `npm ci` in `tests/clients`, against the mock server as it is usually, and with
//! everything that it can announce.

use std::process::Command;

use provost_tests::{installed, root};

use crate::mock::mock;

#[test]
fn nodemailer_sends_what_imapflow_reads() {
    let folder = root().join("tests/clients");
    let Some(node) = installed("node") else { return };
    if !folder.join("node_modules/imapflow").is_dir() {
        assert!(std::env::var_os("PROVOST_REQUIRE_PROGRAMS").is_none(), "`npm ci` in {} is missing", folder.display());
        eprintln!("skipped: imapflow is not installed; run `npm ci` in {}", folder.display());
        return;
    }
    for capabilities in ["usual", "all", "all,-COMPRESS=DEFLATE,-CONDSTORE"] {
        let (running, ready) = mock(&["--capabilities", capabilities]);
        let output = Command::new(&node).arg(folder.join("imapflow.mjs")).arg(ready.to_string()).output().unwrap();
        assert!(output.status.success(), "{capabilities}: {}", String::from_utf8_lossy(&output.stderr));
        drop(running);
    }
}
