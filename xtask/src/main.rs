//! The project's own chores: `cargo xtask bench | ci | e2e | soak | tidy | bless`. It depends on no crate of ours and drives the built
//! program from outside, as a user would.

mod bench;
mod bless;
mod ci;
mod clients;
mod e2e;
mod soak;
mod tidy;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some("bench") => bench::run(&arguments[1..]),
        Some("bench-null-server") => bench::null_server(&arguments[1..]),
        Some("bless") => bless::run(),
        Some("ci") => ci::run(),
        Some("e2e") if arguments.get(1).is_some_and(|it| it == "--clients") => clients::run(&arguments[1..]),
        Some("e2e") => e2e::run(),
        Some(clients::INSIDE) => clients::run_inside(&arguments[1..]),
        Some("soak") => soak::run(&arguments[1..]),
        Some("tidy") => tidy::run(),
        Some(_) | None => Err(anyhow::anyhow!("{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

const USAGE: &str = "which chore?
  bench  measure the mock server beside a null server, Dovecot and Postfix, write benchmarks/mock.md
  bless  write the golden files anew; read the diff before you commit it
  ci     formatting, lints, documentation, tidy, licences, e2e: what the continuous integration runs besides the tests
  e2e    generate every profile of every fixture, prove every one, print the table;
         --clients: set real mail programs up with them, let each do its work, print the table
  soak   1,000 idle and 200 busy clients at the mock server for a minute: no error, no growth
  tidy   check what no compiler checks: the arrows between the crates, the tables, the style";
