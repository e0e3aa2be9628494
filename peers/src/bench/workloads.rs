//! The workloads, one function each: it returns readings under the keys of the rows in `bench.rs`. Nothing is compared
//! here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::ring::sign::any_ecdsa_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConnection, ServerConnection, SignatureScheme};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::certificates::{IMAP_HOST, Identity, client_trusting};
use super::load::{Connection, Target, content};
use super::measures::{cpu_ms, open_files_max, own_cpu_ms, pss_kb};
use super::messages::{FETCHED, FETCHED_OCTETS, HALF_TIME, SEARCHED, SEARCHED_OCTETS, WORD, since_half_time};
use super::postfix;
use super::servers::{Contender, FETCH, LOGIN, PASSWORD, SEARCH, SUBMIT, SUBMIT_CREDENTIALS, Server};

/// What one run of a workload read, by the keys of its rows.
pub(crate) type Readings = Vec<(&'static str, f64)>;

/// Gives every INBOX the same number of messages.
pub(crate) fn prepare_logins(runtime: &Runtime, server: &Server) -> anyhow::Result<()> {
    refill(runtime, &server.target, LOGIN, LOGIN_MESSAGES, 512)
}

pub(crate) fn logins(runtime: &Runtime, _: Contender, server: &Server) -> anyhow::Result<Readings> {
    let (before, own_before) = (cpu_ms(server.process())?, own_cpu_ms()?);
    let rate = at_once(runtime, &server.target, |target| async move {
        let mut connection = Connection::imap_logged_in(&target, LOGIN).await?;
        connection.command("SELECT INBOX").await?;
        connection.command("LOGOUT").await?;
        Ok(())
    })?;
    let cpu = cpu_ms(server.process())? - before;
    let own = own_cpu_ms()? - own_before;
    Ok(vec![("logins", rate.per_second()), ("login-cpu", cpu / rate.count), ("login-load-cpu", own / rate.count)])
}

pub(crate) fn prepare_fetch(runtime: &Runtime, server: &Server) -> anyhow::Result<()> {
    refill(runtime, &server.target, FETCH, FETCHED, FETCHED_OCTETS)
}

pub(crate) fn fetch(runtime: &Runtime, _: Contender, server: &Server) -> anyhow::Result<Readings> {
    let mut readings = Vec::new();
    for (key, connections) in [("fetch-1", 1), ("fetch-4", 4)] {
        let round_mb = f64::from(FETCHED) * size(FETCHED_OCTETS) / 1e6;
        let target = &server.target;
        let rate = runtime.block_on(async {
            let mut open = Vec::new();
            for _ in 0..connections {
                let mut connection = Connection::imap_logged_in(target, FETCH).await?;
                ensure!(connection.select().await? == FETCHED, "another number of messages");
                open.push(connection);
            }
            let started = Instant::now();
            let mut tasks = JoinSet::new();
            for mut connection in open {
                tasks.spawn(async move {
                    let mut rounds = 0;
                    while started.elapsed() < LASTS {
                        let octets = connection.command_counted("UID FETCH 1:* (FLAGS BODY.PEEK[])").await?;
                        let least = usize::try_from(FETCHED)? * FETCHED_OCTETS;
                        ensure!(octets > least, "FETCH gave {octets} octets, of more than {least}");
                        rounds += 1;
                    }
                    anyhow::Ok(rounds)
                });
            }
            Rate::of(tasks, started).await
        })?;
        readings.push((key, rate.per_second() * round_mb));
    }
    Ok(readings)
}

/// Removes what a server puts into new mailboxes, since deliveries are counted.
pub(crate) fn prepare_submissions(runtime: &Runtime, server: &Server) -> anyhow::Result<()> {
    match server.target.imaps {
        Some(_) => refill(runtime, &server.target, SUBMIT, 0, 0),
        None => Ok(()),
    }
}

pub(crate) fn submissions(runtime: &Runtime, contender: Contender, server: &Server) -> anyhow::Result<Readings> {
    let mut readings = Vec::new();
    for (key, octets) in [("submit-1k", 1_024), ("submit-10k", 10_240)] {
        let rate = at_once(runtime, &server.target, move |target| async move {
            let mut connection = Connection::smtp_logged_in(&target, SUBMIT_CREDENTIALS).await?;
            for line in ENVELOPE {
                connection.smtp(line.as_bytes(), 1).await?;
            }
            connection.smtp(&content(octets), 1).await?;
            connection.smtp(b"QUIT\r\n", 1).await
        })?;
        delivered(runtime, contender, server, rate.count)?;
        readings.push((key, rate.per_second()));
    }
    Ok(readings)
}

pub(crate) fn pipelined(runtime: &Runtime, contender: Contender, server: &Server) -> anyhow::Result<Readings> {
    let mut readings = Vec::new();
    for (key, octets) in [("pipelined-1k", 1_024), ("pipelined-10k", 10_240)] {
        let rate = runtime.block_on(async {
            let mut connection = Connection::smtp_logged_in(&server.target, SUBMIT_CREDENTIALS).await?;
            let envelope = ENVELOPE.concat();
            // RFC 2920 section 3.1: DATA ends a group, and the next group may begin behind the message.
            let next = [content(octets), envelope.as_bytes().to_vec()].concat();
            let started = Instant::now();
            connection.smtp(envelope.as_bytes(), 3).await?;
            let mut count = 0;
            while started.elapsed() < LASTS {
                connection.smtp(&next, 4).await?;
                count += 1;
            }
            let rate = Rate { count: f64::from(count), seconds: started.elapsed().as_secs_f64() };
            connection.smtp(&[content(octets), b"QUIT\r\n".to_vec()].concat(), 2).await?;
            anyhow::Ok(rate)
        })?;
        delivered(runtime, contender, server, rate.count + 1.0)?;
        readings.push((key, rate.per_second()));
    }
    Ok(readings)
}

/// Memory of a fresh server, and of one with that many idle clients that are logged in.
pub(crate) fn memory(runtime: &Runtime, contender: Contender, _: &Server) -> anyhow::Result<Readings> {
    let mut readings = Vec::new();
    for (key, count) in [("idle-1000", 1_000), ("idle-10000", 9_990)] {
        let many = count > 1_000;
        if many && (contender == Contender::Dovecot || open_files_max()? < count + 200) {
            continue;
        }
        let logged_in = |target: Target| async move { Connection::imap_logged_in(&target, LOGIN).await };
        let (none, each) = idle(runtime, contender, count, logged_in)?;
        readings.push((key, each));
        if !many {
            readings.push(("idle-none", none / 1024.0));
        }
        if !many && contender == Contender::Mock {
            let (_, tls) = idle(runtime, contender, count, |target| async move { Connection::imap(&target).await })?;
            let (_, clear) =
                idle(runtime, contender, count, |target| async move { Connection::in_clear(&target).await })?;
            readings.extend([("idle-task", clear), ("idle-tls", tls - clear), ("idle-login", each - tls)]);
        }
    }
    Ok(readings)
}

/// The memory of a fresh server after its first client, and what each of so many idle connections adds to it, in KB.
fn idle<Opened: Send + 'static, Opening>(
    runtime: &Runtime,
    contender: Contender,
    count: u32,
    open: impl Fn(Target) -> Opening + Copy + Send + 'static,
) -> anyhow::Result<(f64, f64)>
where
    Opening: Future<Output = anyhow::Result<Opened>> + Send,
{
    let server = Server::start(contender)?;
    // The first client comes before: what the server sets up for it is not an idle connection's.
    runtime.block_on(Connection::imap_logged_in(&server.target, LOGIN))?;
    let none = pss_kb(server.process())?;
    let connections = runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let target = server.target.clone();
            tasks.spawn(async move {
                let mut connections = Vec::new();
                for _ in 0..count / AT_ONCE {
                    connections.push(open(target.clone()).await?);
                }
                anyhow::Ok(connections)
            });
        }
        let mut connections = Vec::new();
        while let Some(opened) = tasks.join_next().await {
            connections.extend(opened??);
        }
        anyhow::Ok(connections)
    })?;
    let each = (pss_kb(server.process())? - none) / f64::from(u32::try_from(connections.len())?);
    Ok((none, each))
}

/// The mock server with few accounts and with many, side by side: each is asked each question in turn.
pub(crate) fn accounts(runtime: &Runtime, _: Contender, _: &Server) -> anyhow::Result<Readings> {
    let (mut readings, mut servers) = (Vec::new(), Vec::new());
    let mut least_kb = 0.0;
    for (keys, count) in ACCOUNTS {
        let users: Vec<String> = (0..count).map(account).collect();
        let names: usize = users.iter().map(|user| 2 * user.len() + PASSWORD.len()).sum();
        let (server, seconds) = Server::mock(&users.join("\n"))?;
        readings.push((keys.start, seconds));
        runtime.block_on(Connection::imap_logged_in(&server.target, &users[0]))?;
        let kb = pss_kb(server.process())?;
        match count {
            FEW => least_kb = kb,
            _ => readings.push((keys.memory, ((kb - least_kb) * 1024.0 - size(names)) / f64::from(count - FEW))),
        }
        servers.push((keys, count, server));
    }
    for (keys, count, server) in &servers {
        let (count, turn) = (*count, Arc::new(AtomicU32::new(0)));
        let rate = at_once(runtime, &server.target, move |target| {
            // A step that shares no factor with the counts visits every account.
            let user = account(turn.fetch_add(7_919, Ordering::Relaxed) % count);
            async move {
                let mut connection = Connection::imap_logged_in(&target, &user).await?;
                connection.command("LOGOUT").await?;
                Ok(())
            }
        })?;
        readings.push((keys.logins, rate.per_second()));
    }
    for (keys, count, server) in &servers {
        let rate = runtime.block_on(async {
            let credentials = STANDARD.encode(format!("\0{}\0{PASSWORD}", account(0)));
            let mut connection = Connection::smtp_logged_in(&server.target, &credentials).await?;
            let (started, mut turn, mut done) = (Instant::now(), 0_u32, 0);
            while started.elapsed() < LASTS {
                let mut group = format!("RSET\r\nMAIL FROM:<{}>\r\n", account(0));
                for _ in 0..RECIPIENTS {
                    turn = (turn + 7_919) % count;
                    group.push_str(&format!("RCPT TO:<{}>\r\n", account(turn)));
                }
                connection.smtp(group.as_bytes(), 2 + RECIPIENTS).await?;
                done += RECIPIENTS;
            }
            anyhow::Ok(size(done) / started.elapsed().as_secs_f64())
        })?;
        readings.push((keys.recipients, rate));
    }
    Ok(readings)
}

fn account(number: u32) -> String {
    format!("user{number:07}@centurylink.net")
}

/// The rows of one number of accounts.
#[derive(Clone, Copy)]
struct Keys {
    start: &'static str,
    logins: &'static str,
    recipients: &'static str,
    memory: &'static str,
}

/// From starting the process to the greeting over TLS.
pub(crate) fn start(runtime: &Runtime, contender: Contender, _: &Server) -> anyhow::Result<Readings> {
    let mut readings = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let server = Server::start(contender)?;
        let connection = runtime.block_on(Connection::imap(&server.target))?;
        readings.push(("start", started.elapsed().as_secs_f64() * 1e3));
        drop(connection);
    }
    Ok(readings)
}

pub(crate) fn prepare_search(runtime: &Runtime, server: &Server) -> anyhow::Result<()> {
    refill(runtime, &server.target, SEARCH, SEARCHED, SEARCHED_OCTETS)
}

/// Each question twice on one connection, the second time measured.
pub(crate) fn search(runtime: &Runtime, _: Contender, server: &Server) -> anyhow::Result<Readings> {
    runtime.block_on(async {
        let mut connection = Connection::imap_logged_in(&server.target, SEARCH).await?;
        ensure!(connection.select().await? == SEARCHED, "another number of messages");
        let capabilities = String::from_utf8(connection.command("CAPABILITY").await?)?.replace("\r\n", " ");
        let since = format!("UID SEARCH SINCE {HALF_TIME}");
        let body = format!("UID SEARCH BODY {WORD}");
        let questions = [
            ("search-since", "", since.as_str(), since_half_time(SEARCHED)),
            ("search-body", "", body.as_str(), SEARCHED / 100),
            ("sort", " SORT ", "UID SORT (REVERSE DATE SUBJECT) UTF-8 ALL", SEARCHED),
            ("thread", " THREAD=REFERENCES ", "UID THREAD REFERENCES UTF-8 ALL", SEARCHED),
        ];
        let mut readings = Vec::new();
        for (key, needs, question, expected) in questions {
            if !capabilities.contains(needs) {
                continue;
            }
            connection.command(question).await?;
            let started = Instant::now();
            let answer = connection.command(question).await?;
            readings.push((key, started.elapsed().as_secs_f64() * 1e3));
            let found = numbers(&answer);
            ensure!(found == expected, "{question}: {found} messages, not {expected}");
        }
        Ok(readings)
    })
}

/// How much bare cryptography one core of this machine does in a second.
pub(crate) fn bare_cryptography() -> anyhow::Result<Readings> {
    let identity = Identity::new()?;
    let server = identity.server()?;
    let client = client_trusting(CertificateDer::from_pem_slice(identity.ca_pem.as_bytes())?)?;
    let handshakes = repeated(|| {
        let client = ClientConnection::new(client.clone(), ServerName::try_from(IMAP_HOST)?)?;
        let mut ends = [client.into(), ServerConnection::new(server.clone())?.into()];
        let mut wire = Vec::new();
        while ends.iter().any(|end: &rustls::Connection| end.is_handshaking()) {
            for (from, to) in [(0, 1), (1, 0)] {
                wire.clear();
                while ends[from].wants_write() {
                    ends[from].write_tls(&mut wire)?;
                }
                let mut unread = wire.as_slice();
                while !unread.is_empty() {
                    ends[to].read_tls(&mut unread)?;
                    ends[to].process_new_packets()?;
                }
            }
        }
        Ok(())
    })?;
    let key = any_ecdsa_type(&identity.key())?;
    let signer = key.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256]).context("the key is not of P-256")?;
    let signatures = repeated(|| {
        signer.sign(b"what a handshake signs is 130 octets")?;
        Ok(())
    })?;
    Ok(vec![("handshakes", handshakes), ("signatures", signatures)])
}

/// How often something was done, and in what time.
struct Rate {
    count: f64,
    seconds: f64,
}

impl Rate {
    /// The sum of the tasks' counts, once the last has ended.
    async fn of(mut tasks: JoinSet<anyhow::Result<u32>>, started: Instant) -> anyhow::Result<Self> {
        let mut count = 0;
        while let Some(done) = tasks.join_next().await {
            count += done??;
        }
        Ok(Self { count: f64::from(count), seconds: started.elapsed().as_secs_f64() })
    }

    fn per_second(&self) -> f64 {
        self.count / self.seconds
    }
}

/// Does something again and again, several at once, each on a task of its own.
fn at_once<Doing>(
    runtime: &Runtime,
    target: &Target,
    act: impl Fn(Target) -> Doing + Clone + Send + 'static,
) -> anyhow::Result<Rate>
where
    Doing: Future<Output = anyhow::Result<()>> + Send,
{
    runtime.block_on(async {
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (target, act) = (target.clone(), act.clone());
            tasks.spawn(async move {
                let mut count = 0;
                while started.elapsed() < LASTS {
                    act(target.clone()).await?;
                    count += 1;
                }
                anyhow::Ok(count)
            });
        }
        Rate::of(tasks, started).await
    })
}

fn repeated(mut act: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let (started, mut count) = (Instant::now(), 0);
    while started.elapsed() < LASTS / 2 {
        act()?;
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

fn refill(runtime: &Runtime, target: &Target, user: &str, count: u32, octets: usize) -> anyhow::Result<()> {
    runtime.block_on(async {
        let mut connection = Connection::imap_logged_in(target, user).await?;
        connection.empty().await?;
        connection.fill(count, octets).await
    })
}

/// Empties the mailbox between rounds; what was accepted must be in it.
fn delivered(runtime: &Runtime, contender: Contender, server: &Server, accepted: f64) -> anyhow::Result<()> {
    match contender {
        Contender::Null => Ok(()),
        Contender::Postfix => postfix::settle(server.folder()),
        Contender::Mock | Contender::Dovecot => runtime.block_on(async {
            let found = Connection::imap_logged_in(&server.target, SUBMIT).await?.empty().await?;
            ensure!(f64::from(found) == accepted, "{accepted} messages accepted, {found} in the mailbox");
            Ok(())
        }),
    }
}

/// How many numbers an answer has in its untagged lines.
fn numbers(answer: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(answer);
    let untagged = text.lines().filter(|line| line.starts_with("* "));
    let numbers = untagged.flat_map(|line| line.split([' ', '(', ')'])).filter(|word| word.parse::<u32>().is_ok());
    u32::try_from(numbers.count()).expect("UIDs have 32 bits")
}

fn size(octets: usize) -> f64 {
    f64::from(u32::try_from(octets).expect("the messages are small"))
}

const AT_ONCE: u32 = 8;
const ENVELOPE: [&str; 3] =
    ["MAIL FROM:<submit@centurylink.net>\r\n", "RCPT TO:<submit@centurylink.net>\r\n", "DATA\r\n"];
/// How long a workload that repeats itself goes on.
const LASTS: Duration = Duration::from_secs(2);
const LOGIN_MESSAGES: u32 = 7;
const STARTS: u32 = 5;
const FEW: u32 = 10;
const ACCOUNTS: [(Keys, u32); 3] = [
    (Keys { start: "start-10", logins: "logins-10", recipients: "recipients-10", memory: "memory-10" }, FEW),
    (Keys { start: "start-10k", logins: "logins-10k", recipients: "recipients-10k", memory: "memory-10k" }, 10_000),
    (Keys { start: "start-1m", logins: "logins-1m", recipients: "recipients-1m", memory: "memory-1m" }, 1_000_000),
];
/// Recipients of one message.
const RECIPIENTS: usize = 100;
