//! Does the server refuse another password? Otherwise the login before proved nothing. Only an answer counts: a closed
//! connection is no refusal.

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::clients::{self, credentials};
use crate::report::Evidence;

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let (_, password) = credentials(attempt)?;
    match clients::log_in(&attempt.beside(), &format!("{password}-wrong")).await {
        Ok(()) => Err(Cause::WrongPasswordAccepted.into()),
        Err(Stop::Refused(said)) => Ok(Evidence::WrongPasswordRefused(said)),
        Err(other) => Err(other),
    }
}
