//! The only place with tokio: listeners on loopback, and one pump that feeds any session. No protocol.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use provost_account::{Authentication, Endpoint, Host, IncomingProtocol, Port, Security};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::account::Store;
use crate::deflate::Deflate;
use crate::faults::{Fault, Faults};
use crate::session::{Channel, Next, Output, Session, Setting};
use crate::tls::Authority;
use crate::wakers::Wakers;
use crate::{Config, Listener, Protocol, StartError, imap, pop3, smtp};

/// What runs when the server has started.
pub(crate) struct Started {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) tasks: JoinSet<()>,
}

/// Opens every listener and starts to accept.
pub(crate) async fn listen(
    config: &Config,
    authority: &Authority,
    store: &Arc<Mutex<Store>>,
    wakers: &Arc<Wakers>,
) -> Result<Started, StartError> {
    let faults = Faults::new(&config.faults);
    let clock = Clock { start: config.now, started: Instant::now() };
    let numbers = Arc::new(AtomicU64::new(1));
    let mut certificates: BTreeMap<Host, Arc<ServerConfig>> = BTreeMap::new();
    let mut free: Vec<u16> = config.ports.iter().map(|fixed| fixed.port).collect();
    let mut started = Started { listeners: Vec::new(), tasks: JoinSet::new() };
    for server in servers(config) {
        let resolves = !faults.has(Fault::NameDoesNotResolve);
        let mut socket = None;
        if resolves && !faults.has(Fault::ClosedPort) {
            let failed = |source| StartError::Listen { host: server.host.clone(), port: server.port, source };
            let fixed = config.ports.iter().position(|fixed| {
                fixed.protocol == server.protocol && fixed.security == server.security && free.contains(&fixed.port)
            });
            let port = fixed.map_or(0, |at| config.ports[at].port);
            free.retain(|it| *it != port);
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
            socket = Some(tcp.local_addr().map_err(failed)?);
            let tls = match certificates.get(&server.host) {
                Some(tls) => Arc::clone(tls),
                None => {
                    let tls = authority.server(&server.host, &faults)?;
                    certificates.insert(server.host.clone(), Arc::clone(&tls));
                    tls
                }
            };
            let service = Serving {
                server: server.clone(),
                acceptor: TlsAcceptor::from(tls),
                store: Arc::clone(store),
                numbers: Arc::clone(&numbers),
                wakers: Arc::clone(wakers),
                clock,
                silent: faults.has(Fault::SilentServer),
            };
            started.tasks.spawn(accept(tcp, service));
        }
        started.listeners.push(Listener {
            protocol: server.protocol,
            security: server.security,
            host: server.host,
            port: server.port,
            socket,
            named: server.named,
            resolves,
        });
    }
    Ok(started)
}

/// A server to play.
#[derive(Debug, Clone)]
struct Server {
    protocol: Protocol,
    host: Host,
    port: Port,
    security: Security,
    authentications: Vec<Authentication>,
    named: bool,
}

/// The service's servers, one for each protocol, host and port; then those of the six standard ones that are not among
/// them, on the first host of their kind.
fn servers(config: &Config) -> Vec<Server> {
    let incoming = config.service.incoming.iter().map(|(protocol, endpoint)| {
        let protocol = match protocol {
            IncomingProtocol::Imap => Protocol::Imap,
            IncomingProtocol::Pop3 => Protocol::Pop3,
        };
        (protocol, endpoint)
    });
    let outgoing = config.service.outgoing.iter().map(|endpoint| (Protocol::Submission, endpoint));
    let named: Vec<(Protocol, &Endpoint)> = incoming.chain(outgoing).collect();
    let mut servers: Vec<Server> = Vec::new();
    for (protocol, endpoint) in &named {
        let same = |server: &&mut Server| {
            server.protocol == *protocol && server.host == endpoint.host && server.port == endpoint.port
        };
        match servers.iter_mut().find(same) {
            Some(server) => server.authentications.push(endpoint.authentication),
            None => servers.push(Server {
                protocol: *protocol,
                host: endpoint.host.clone(),
                port: endpoint.port,
                security: endpoint.security,
                authentications: vec![endpoint.authentication],
                named: true,
            }),
        }
    }
    for (protocol, security, port) in STANDARD {
        if servers.iter().any(|server| server.protocol == protocol && server.security == security) {
            continue;
        }
        let incoming = |protocol: Protocol| protocol != Protocol::Submission;
        let like = named.iter().find(|(it, _)| incoming(*it) == incoming(protocol)).or(named.first());
        let Some((_, endpoint)) = like else { continue };
        servers.push(Server {
            protocol,
            host: endpoint.host.clone(),
            port: Port::new(port).expect("the standard ports are not 0"),
            security,
            authentications: vec![endpoint.authentication],
            named: false,
        });
    }
    servers
}

/// What every connection of one listener shares.
struct Serving {
    server: Server,
    acceptor: TlsAcceptor,
    store: Arc<Mutex<Store>>,
    numbers: Arc<AtomicU64>,
    wakers: Arc<Wakers>,
    clock: Clock,
    silent: bool,
}

/// The time that was passed in, going on.
#[derive(Debug, Clone, Copy)]
struct Clock {
    start: SystemTime,
    started: Instant,
}

impl Clock {
    fn now(self) -> SystemTime {
        self.start + self.started.elapsed()
    }
}

/// Accepts until it is dropped, and every connection with it.
async fn accept(tcp: TcpListener, serving: Serving) {
    let serving = Arc::new(serving);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = tcp.accept() => {
                // An error of accept is the client's, gone before it was served, or the system's, out of descriptors:
                // either way the listener stays.
                let Ok((stream, _)) = accepted else { continue };
                if connections.len() < CONNECTIONS_MAX {
                    connections.spawn(serve(stream, Arc::clone(&serving)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(mut tcp: TcpStream, serving: Arc<Serving>) {
    // A client that leaves, or a handshake that it ends, is no fault of the server: there is nobody to tell.
    let _ = converse(&mut tcp, &serving).await;
}

async fn converse(tcp: &mut TcpStream, serving: &Serving) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    if serving.silent {
        let mut ignored = [0; CHUNK_OCTETS];
        while tcp.read(&mut ignored).await? > 0 {}
        return Ok(());
    }
    let server = &serving.server;
    let setting = Setting {
        host: server.host.to_string(),
        authentications: server.authentications.clone(),
        channel: match server.security {
            Security::ImplicitTls => Channel::Tls,
            Security::StartTls => Channel::BeforeStartTls,
            Security::Cleartext => Channel::Cleartext,
        },
        number: serving.numbers.fetch_add(1, Ordering::Relaxed),
    };
    let mut session = match server.protocol {
        Protocol::Imap => Session::Imap(imap::Session::new(setting)),
        Protocol::Pop3 => Session::Pop3(pop3::Session::new(setting)),
        Protocol::Submission => Session::Smtp(smtp::Session::new(setting)),
    };
    if server.security == Security::ImplicitTls {
        let mut tls = serving.acceptor.accept(tcp).await?;
        greet(&mut tls, &mut session, serving).await?;
        pump(&mut tls, &mut session, serving).await?;
        return tls.shutdown().await;
    }
    greet(tcp, &mut session, serving).await?;
    if pump(tcp, &mut session, serving).await? == Next::StartTls {
        let mut tls = serving.acceptor.accept(tcp).await?;
        session.tls_started();
        pump(&mut tls, &mut session, serving).await?;
        return tls.shutdown().await;
    }
    tcp.shutdown().await
}

async fn greet(
    stream: &mut (impl AsyncWrite + Unpin),
    session: &mut Session,
    serving: &Serving,
) -> std::io::Result<()> {
    let output = session.greet(&serving.store.lock().unwrap_or_else(PoisonError::into_inner));
    stream.write_all(&output.bytes).await?;
    stream.flush().await
}

/// Carries bytes between a stream and a session until the session wants something else than to read. One write for all
/// that one read gave rise to.
async fn pump(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    session: &mut Session,
    serving: &Serving,
) -> std::io::Result<Next> {
    let mut deflate: Option<Box<Deflate>> = None;
    let mut changes: Option<watch::Receiver<()>> = None;
    let mut chunk = [0; CHUNK_OCTETS];
    loop {
        changes = match (session.listens_to(), changes) {
            (None, _) => None,
            (Some(_), Some(changes)) => Some(changes),
            (Some(account), None) => Some(serving.wakers.listen(account)),
        };
        let heard = match &mut changes {
            None => Some(timeout(IDLE_MAX, stream.read(&mut chunk)).await??),
            Some(changes) => tokio::select! {
                octets = timeout(IDLE_MAX, stream.read(&mut chunk)) => Some(octets??),
                _ = changes.changed() => None,
            },
        };
        let mut output = match (heard, &mut deflate) {
            (None, _) => ask(serving, |store| session.changed(store)),
            (Some(0), _) => return Ok(Next::Close),
            (Some(octets), None) => ask(serving, |store| session.receive(&chunk[..octets], store)),
            (Some(octets), Some(deflate)) => {
                let octets = deflate.unpacked(&chunk[..octets])?;
                ask(serving, |store| session.receive(&octets, store))
            }
        };
        loop {
            match &mut deflate {
                None => stream.write_all(&output.bytes).await?,
                Some(deflate) => stream.write_all(&deflate.packed(&output.bytes)?).await?,
            }
            stream.flush().await?;
            match output.next {
                Next::Read => break,
                Next::GoOn => {}
                Next::Compress => deflate = Some(Box::default()),
                Next::StartTls | Next::Close => return Ok(output.next),
            }
            output = ask(serving, |store| session.receive(&[], store));
        }
    }
}

/// Lets a session act on the store, and wakes whoever waits for what it changed.
fn ask(serving: &Serving, act: impl FnOnce(&mut Store) -> Output) -> Output {
    let (output, touched) = {
        let mut store = serving.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.at(serving.clock.now());
        (act(&mut store), store.take_touched())
    };
    for account in touched {
        serving.wakers.wake(account);
    }
    output
}

/// The ports of RFC 8314 §7 and of RFC 3501, RFC 6409.
const STANDARD: [(Protocol, Security, u16); 6] = [
    (Protocol::Imap, Security::ImplicitTls, 993),
    (Protocol::Imap, Security::StartTls, 143),
    (Protocol::Submission, Security::ImplicitTls, 465),
    (Protocol::Submission, Security::StartTls, 587),
    (Protocol::Pop3, Security::ImplicitTls, 995),
    (Protocol::Pop3, Security::StartTls, 110),
];
const CHUNK_OCTETS: usize = 4096;

const CONNECTIONS_MAX: usize = 10_000;
/// RFC 3501 §5.4 asks IMAP servers to wait for at least 30 minutes; the other two ask for less.
const IDLE_MAX: Duration = Duration::from_secs(30 * 60);
