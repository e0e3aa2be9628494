//! The project's own chores. They depend on no crate of ours and on almost nothing else, so that they build in seconds;
//! what needs more is in `peers`, to which they hand over.

pub mod bless;
pub mod ci;
pub mod e2e;
pub mod tidy;
pub mod workspace;

use std::process::ExitCode;

/// What a chore ends with; its error is printed.
pub fn ended(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
