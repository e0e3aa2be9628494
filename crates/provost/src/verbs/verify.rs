//! `provost verify`: reads profiles as their devices do, and proves each account against the mock server that the
//! settings describe, or live.

use anyhow::Context;
use futures::StreamExt;

use crate::arguments::Verify;
use crate::failure::Failure;
use crate::groups::groups;
use crate::road::find::profiles;
use crate::verdict::Verdict;
use crate::{input, progress};

mod against;
mod proven;
mod prover;
mod report;
mod subjects;

use against::Against;
use proven::Proven;
use prover::Prover;

/// Proves every file and reports each check.
pub(crate) fn run(options: &Verify) -> Result<Verdict, Failure> {
    let mut profiles = profiles(&options.paths)?;
    let first = profiles.next().context("no profile")??;
    let against = Against::find(options, &first)?;
    let given = input::address(options.address.as_deref())?;
    let mut subjects = against.servers();
    for profile in std::iter::once(Ok(first)).chain(profiles) {
        let profile = profile?;
        against.admit(&profile)?;
        subjects.extend(subjects::of(&profile, &against, given.as_ref()));
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(prove(options, subjects, &against))
}

async fn prove(options: &Verify, subjects: Vec<Proven>, against: &Against) -> Result<Verdict, Failure> {
    let prover = Prover::start(options, against).await?;
    let bar = progress::bar(subjects.len(), "proving");
    let mut printer = report::Printer::new(options.json, against.name());
    {
        let by_mailbox = groups(subjects.into_iter().map(|subject| (prover.mailbox(&subject), subject)));
        let proofs = futures::stream::iter(by_mailbox).map(|(_, mine)| prover.prove(mine));
        let mut proofs = std::pin::pin!(proofs.buffered(AT_ONCE));
        while let Some(proofs) = proofs.next().await {
            for (subject, told) in proofs? {
                bar.suspend(|| printer.add(&subject, &told))?;
                bar.inc(1);
            }
        }
    }
    bar.finish_and_clear();
    prover.stop().await;
    printer.finish()
}

const AT_ONCE: usize = 16;
