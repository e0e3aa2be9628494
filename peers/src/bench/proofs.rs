//! What limits `provost verify`: a bare client that makes the same five connections a person with the same commands, against
//! the mock server with the same people. It compares nothing with anything but OK, and holds no account.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;
use rustls::client::Resumption;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::certificates;
use super::load::{Connection, Target};
use super::measures::{cpu_ms, own_cpu_ms};
use super::servers::Server;

/// What proofs took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    pub(super) seconds: f64,
    /// Of client and server.
    pub(super) cpu_ms: f64,
}

/// Connects for each of these addresses, as many at once as `provost verify` has.
pub(super) fn bare(addresses: Vec<String>) -> anyhow::Result<Cost> {
    let (server, _) = Server::mock(&addresses.join("\n"))?;
    let target = Target { tls: certificates::cheap_client(&server.folder().join("ca.pem"))?, ..server.target.clone() };
    let before = cpu_ms(server.process())? + own_cpu_ms()?;
    let begin = Instant::now();
    let addresses = Arc::new(addresses);
    Runtime::new()?.block_on(async {
        let mut tasks = JoinSet::new();
        for task in 0..AT_ONCE {
            let (addresses, target) = (Arc::clone(&addresses), target.clone());
            tasks.spawn(async move {
                for address in addresses.iter().skip(task).step_by(AT_ONCE) {
                    connect_for(&target, address).await.with_context(|| address.clone())?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        anyhow::Ok(())
    })?;
    let seconds = begin.elapsed().as_secs_f64();
    Ok(Cost { seconds, cpu_ms: cpu_ms(server.process())? + own_cpu_ms()? - before })
}

/// Two full TLS handshakes and three that resume: nobody resumes what another person's connection has begun.
async fn connect_for(target: &Target, address: &str) -> anyhow::Result<()> {
    let target = &Target { tls: Arc::new(alone(&target.tls)), ..target.clone() };
    let wrong = &Target { password: "another password".to_owned(), ..target.clone() };
    let mut imap = logged_in(target, address).await?;
    ensure!(logged_in(wrong, address).await.is_err(), "a wrong password was accepted");
    for command in [
        "LIST \"\" *",
        "SELECT INBOX",
        "EXAMINE INBOX",
        "UID FETCH 1:* (UID INTERNALDATE)",
        "UID SEARCH SINCE 1-Nov-2026",
        "EXAMINE INBOX",
        "FETCH 1 (RFC822.SIZE BODY.PEEK[])",
        "FETCH 1 (BODY.PEEK[HEADER] BODY.PEEK[TEXT])",
        "LOGOUT",
    ] {
        imap.command(command).await?;
    }
    let mut smtp = Connection::smtp_logged_in(target, &credentials(target, address)).await?;
    ensure!(
        Connection::smtp_logged_in(target, &credentials(wrong, address)).await.is_err(),
        "a wrong password was accepted"
    );
    let message = format!(
        "From: <{address}>\r\nTo: <{address}>\r\nSubject: Proof\r\nMessage-ID: <{address}>\r\n\r\nOne line.\r\n.\r\n"
    );
    for command in [&format!("MAIL FROM:<{address}>\r\n"), &format!("RCPT TO:<{address}>\r\n"), "DATA\r\n", &message] {
        smtp.smtp(command.as_bytes(), 1).await?;
    }
    smtp.smtp(b"QUIT\r\n", 1).await?;
    let mut arrived = logged_in(target, address).await?;
    arrived.select().await?;
    let found = String::from_utf8(arrived.command(&format!("UID SEARCH HEADER Message-ID <{address}>")).await?)?;
    let uid = found.lines().find_map(|line| line.strip_prefix("* SEARCH ")).context("the message did not arrive")?;
    arrived.command(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)")).await?;
    arrived.command(&format!("UID EXPUNGE {uid}")).await?;
    arrived.command("LOGOUT").await?;
    Ok(())
}

async fn logged_in(target: &Target, address: &str) -> anyhow::Result<Connection> {
    let mut imap = Connection::imap(target).await?;
    imap.command("CAPABILITY").await?;
    imap.command(&format!("LOGIN {address} {}", target.password)).await?;
    Ok(imap)
}

fn alone(tls: &ClientConfig) -> ClientConfig {
    let mut tls = tls.clone();
    tls.resumption = Resumption::in_memory_sessions(SESSIONS_MAX);
    tls
}

fn credentials(target: &Target, address: &str) -> String {
    STANDARD.encode(format!("\0{address}\0{}", target.password))
}

const AT_ONCE: usize = 16;
const SESSIONS_MAX: usize = 8;
