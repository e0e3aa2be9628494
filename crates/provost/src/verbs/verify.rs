//! `provost verify`: reads profiles as their devices do, and proves each account against the mock server that the
//! settings describe, or live. One profile after the other: it keeps none but those that are being proven.

use anyhow::Context;
use futures::StreamExt;

use crate::arguments::Verify;
use crate::failure::Failure;
use crate::road::find::Finder;
use crate::road::profile::Profile;
use crate::verdict::Verdict;
use crate::{input, progress};

mod against;
mod proven;
mod prover;
mod report;
mod subjects;
mod turns;

use against::Against;
use proven::{Origin, Proven};
use prover::Prover;
use report::Report;
use turns::Turns;

/// Proves every file and reports each check.
pub(crate) fn run(options: &Verify) -> Result<Verdict, Failure> {
    let (finder, sample) = match options.sample {
        None => (Finder::of(&options.paths)?, None),
        Some(people) => {
            let (finder, sample) = Finder::of_sample(&options.paths, people)?;
            (finder, Some(sample))
        }
    };
    let count = finder.profile_count();
    let mut profiles = finder.profiles(&options.paths)?;
    let first = profiles.next().context("no profile")??;
    let against = Against::find(options, &first)?;
    let given = input::address(options.address.as_deref())?;
    let of_profile = |profile: Result<Profile, Failure>| {
        let subjects = profile.and_then(|profile| {
            against.admit(&profile)?;
            subjects::of(&profile, &against, given.as_ref())
        });
        subjects.map_or_else(|failure| vec![Err(failure)], |subjects| subjects.into_iter().map(Ok).collect())
    };
    let of_profiles = std::iter::once(Ok(first)).chain(profiles).flat_map(of_profile);
    let subjects = against.servers().into_iter().map(Ok).chain(of_profiles);
    let report = Report::begin(options, against.name(), sample)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let prover = Prover::start(options, &against).await?;
        let report = prove(&prover, subjects, count, report).await?;
        prover.stop().await;
        report.finish()
    })
}

async fn prove(
    prover: &Prover<'_>,
    subjects: impl Iterator<Item = Result<Proven, Failure>>,
    count: Option<usize>,
    mut report: Report,
) -> Result<Report, Failure> {
    let bar = progress::bar(count.map(|count| count as u64), "proving");
    let turns = Turns::default();
    let by_mailbox = turns::by_mailbox(subjects, |subject| prover.mailbox(subject));
    let proofs = futures::stream::iter(by_mailbox).map(|(mailbox, mine)| {
        let turn = turns.of(mailbox);
        async move {
            let _mine = turn.lock().await;
            prover.prove(mine?).await
        }
    });
    let mut proofs = std::pin::pin!(proofs.buffered(AT_ONCE));
    while let Some(proofs) = proofs.next().await {
        for (subject, told) in proofs? {
            bar.suspend(|| report.add(&subject, &told))?;
            bar.inc(u64::from(subject.place == 0 && !matches!(subject.origin, Origin::Settings)));
        }
    }
    bar.finish_and_clear();
    Ok(report)
}

const AT_ONCE: usize = 16;
