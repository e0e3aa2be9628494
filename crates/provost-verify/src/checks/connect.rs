//! Does something listen on the port?

use crate::attempt::{Attempt, Stop};
use crate::report::Evidence;

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    attempt.hand_on(attempt.connect().await?);
    Ok(Evidence::Connected)
}
