//! Does something listen on the port? One address that answers is enough for a client, so it is for the check; what the
//! others do is told.

use futures::future::join_all;
use provost_network::{Connected, Tried, Unreached};
use tokio::time::timeout;

use crate::attempt::{Attempt, Stop};
use crate::report::Evidence;

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let endpoint = &attempt.server.endpoint;
    let Connected { stream, others, .. } = attempt.network.connect(&endpoint.host, endpoint.port).await?;
    attempt.hand_on(stream);
    // It tries them all by themselves: nobody waits for them twice.
    if attempt.options.checks.has_named("each-address") {
        return Ok(Evidence::Connected);
    }
    let dead = dead(attempt, others).await;
    Ok(if dead.is_empty() { Evidence::Connected } else { Evidence::ConnectedBut { dead } })
}

/// Those without a connection. Who was overtaken may only be slow, and has half of the check's time.
async fn dead(attempt: &Attempt<'_>, others: Vec<Tried>) -> Vec<Tried> {
    let within = attempt.options.step_timeout / 2;
    let again = others.into_iter().map(|tried| async move {
        match tried.why {
            Unreached::Refused | Unreached::Failed { .. } => Some(tried),
            Unreached::Silent => match timeout(within, attempt.network.connect_to(tried.address)).await {
                Ok(Ok(_)) => None,
                Ok(Err(error)) => Some(Tried { why: error.into(), ..tried }),
                Err(_) => Some(tried),
            },
        }
    });
    join_all(again).await.into_iter().flatten().collect()
}
