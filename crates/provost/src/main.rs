//! The command line: the only part of Provost that reads the environment, prints, and sets exit codes. What `generate`
//! writes, `provost-generate` writes.
//!
//! It knows nothing about mail itself: settings, writers, readers, the mock server and the verifier meet here and
//! nowhere else.

mod arguments;
mod authorities;
mod complaints;
mod declared;
mod failure;
mod groups;
mod input;
mod interruption;
mod mailboxes;
mod misfits;
mod named_file;
mod output;
mod progress;
mod road;
mod signing;
mod today;
mod verbs;
mod verdict;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Verb};
use crate::failure::Failure;
use crate::verdict::Verdict;

/// A proof is many small strings: with the C library's allocator it takes an eighth more CPU time (glibc 2.36).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::NotGood) => ExitCode::from(1),
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprint!("{failure}");
            ExitCode::from(2)
        }
    }
}

fn run(verb: Verb) -> Result<Verdict, Failure> {
    match verb {
        Verb::Generate(options) => verbs::generate::run(&options),
        Verb::Verify(options) => verbs::verify::run(&options),
        Verb::Sign(options) => verbs::sign::run(&options),
        Verb::Unsign(options) => verbs::unsign::run(&options),
        Verb::Resign(options) => verbs::resign::run(&options),
        Verb::Explain(options) => verbs::explain::run(&options),
        Verb::Lint(options) => verbs::lint::run(&options),
        Verb::Diff(options) => verbs::diff::run(&options),
        Verb::Import(options) => verbs::import::run(&options),
        Verb::Init(options) => verbs::init::run(&options),
        Verb::Dns(options) => verbs::dns::run(&options),
        Verb::Doctor(options) => verbs::doctor::run(&options),
        Verb::Deploy(options) => verbs::deploy::run(&options),
        Verb::Mock(options) => verbs::mock::run(&options),
        Verb::Formats(options) => verbs::formats::run(&options),
    }
}
