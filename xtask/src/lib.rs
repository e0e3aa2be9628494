//! The project's own chores. They depend on no crate of ours and on almost nothing else, so they build in seconds;
//! `peers` does what needs more.

pub mod bless;
pub mod ci;
pub mod e2e;
pub mod tidy;
pub mod workspace;

use std::process::ExitCode;

/// Prints the error of a chore, and returns its exit code.
pub fn ended(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
