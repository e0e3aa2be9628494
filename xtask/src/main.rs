//! `cargo xtask CHORE`.

use std::process::ExitCode;

use xtask::workspace::hand_over;
use xtask::{bless, ci, e2e, tidy};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    xtask::ended(match arguments.first().map(String::as_str) {
        Some("bless") => bless::run(),
        Some("ci") => ci::run(),
        Some("e2e") if arguments.len() == 1 => e2e::run(),
        Some("e2e") if ["--clients", "--doctor", "--init", "--mdm"].contains(&&*arguments[1]) => hand_over(&arguments),
        Some("bench" | "soak") => hand_over(&arguments),
        Some("tidy") => tidy::run(),
        Some(_) | None => Err(anyhow::anyhow!("{USAGE}")),
    })
}

const USAGE: &str = "which chore?
  bench mock      compare the mock server with a null server, Dovecot and Postfix; write benchmarks/mock.md
  bench generate  compare generate with what limits it; write benchmarks/generate.md
  bench mdm       compare deploy apply with bare commands into an MDM server; write benchmarks/mdm.md
  bless  rewrite the golden files; read the diff before you commit it
  ci     formatting, lints, documentation, tidy, licences, e2e: what continuous integration runs besides the tests
  e2e    generate every profile of every fixture, prove every one, print the table;
         --clients: set up real mail programs with them, let each do its work, print the table
         --doctor: real mail servers with a mistake planted in each, and what is told of it
         --init: what each fixture publishes, by a real name server and web server, and what init makes of it
         --mdm: real MDM servers, simulated devices that hold what they were sent
  soak   1,000 idle and 200 busy clients at the mock server for a minute: no error, no growth
  tidy   check what no compiler checks: the arrows between the crates, the tables, the style";
