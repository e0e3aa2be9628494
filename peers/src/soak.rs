//! `cargo xtask soak`: many clients at once for a while, some idle and some busy. It fails at a wrong answer, and if
//! the server's memory grows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::bench::{self, Connection, Contender, Server, Target};

/// `soak [--seconds N]`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let seconds = match arguments {
        [] => SECONDS,
        [option, seconds] if option == "--seconds" => seconds.parse().context("--seconds takes a number")?,
        _ => anyhow::bail!("soak takes --seconds N and nothing else"),
    };
    let server = Server::start(Contender::Mock)?;
    Runtime::new()?.block_on(soak(&server, Duration::from_secs(seconds)))
}

async fn soak(server: &Server, duration: Duration) -> anyhow::Result<()> {
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        let mut connection = Connection::imap_logged_in(&server.target, bench::LOGIN).await?;
        connection.select().await?;
        connection.idle().await?;
        idle.push(connection);
    }
    let (rounds, end) = (Arc::new(AtomicU64::new(0)), Instant::now() + duration);
    let mut busy = JoinSet::new();
    for number in 0..BUSY {
        let (target, rounds) = (server.target.clone(), Arc::clone(&rounds));
        busy.spawn(async move {
            while Instant::now() < end {
                everything(&target, number).await.with_context(|| format!("client {number}"))?;
                rounds.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, anyhow::Error>(())
        });
    }
    // By then every client has done everything once, and the server has allocated what it needs.
    tokio::time::sleep(duration / 3).await;
    let before = bench::pss_kb(server.process())?;
    let rounds_before = rounds.load(Ordering::Relaxed);
    while let Some(ended) = busy.join_next().await {
        ended??;
    }
    let after = bench::pss_kb(server.process())?;
    let rounds_after = rounds.load(Ordering::Relaxed);
    for connection in &mut idle {
        connection.end_idle().await.context("a connection that was idle")?;
    }
    println!(
        "{IDLE} idle and {BUSY} busy connections for {} s: {rounds_after} rounds of login, CREATE, APPEND, SEARCH, FETCH, STORE, \
         EXPUNGE, DELETE, submission and logout, no error; {before:.0} KB after {rounds_before} rounds, {after:.0} KB at the end",
        duration.as_secs(),
    );
    ensure!(after <= before * GROWTH_MAX, "the server has grown from {before:.0} KB to {after:.0} KB");
    Ok(())
}

/// Everything that a client can do, in a folder of its own so that it knows what it must find there.
async fn everything(target: &Target, number: usize) -> anyhow::Result<()> {
    let folder = format!("Busy{number}");
    let mut connection = Connection::imap_logged_in(target, bench::FETCH).await?;
    connection.command(&format!("CREATE {folder}")).await?;
    connection.command(&format!("SELECT {folder}")).await?;
    for _ in 0..3 {
        connection.command(&format!("APPEND {folder} {{14+}}\r\nSubject: a\r\n\r\n")).await?;
    }
    let found = String::from_utf8(connection.command("UID SEARCH SUBJECT a").await?)?;
    let uids = found.lines().find_map(|line| line.strip_prefix("* SEARCH ")).context("SEARCH found nothing")?;
    ensure!(uids.split(' ').count() == 3, "SEARCH found {uids}");
    let set = uids.replace(' ', ",");
    let fetched = connection.command(&format!("UID FETCH {set} (FLAGS ENVELOPE BODY[])")).await?;
    ensure!(String::from_utf8(fetched)?.matches(" FETCH (").count() == 3, "FETCH left something out");
    connection.command(&format!("UID STORE {set} +FLAGS (\\Deleted)")).await?;
    connection.command(&format!("UID EXPUNGE {set}")).await?;
    connection.command("UNSELECT").await?;
    connection.command(&format!("DELETE {folder}")).await?;
    connection.command("LOGOUT").await?;
    let mut sender = Connection::smtp_logged_in(target, bench::SUBMIT_CREDENTIALS).await?;
    let user = bench::SUBMIT;
    sender.smtp(format!("MAIL FROM:<{user}>\r\nRCPT TO:<{user}>\r\nDATA\r\n").as_bytes(), 3).await?;
    sender.smtp(&bench::content(1024), 1).await?;
    sender.smtp(b"QUIT\r\n", 1).await?;
    // Deliveries are removed again, by whichever client comes first.
    let mut connection = Connection::imap_logged_in(target, bench::SUBMIT).await?;
    connection.empty().await?;
    connection.command("LOGOUT").await?;
    Ok(())
}

const SECONDS: u64 = 60;
const IDLE: usize = 1_000;
const BUSY: usize = 200;
/// Allocators keep some of what is freed.
const GROWTH_MAX: f64 = 1.1;
