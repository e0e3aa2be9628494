//! Listeners on loopback, and a task for each connection. The only place with tokio; no protocol.

mod connection;

use std::net::Ipv4Addr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use provost_account::{Authentication, Endpoint, Protocol, REGISTERED_SERVICES, RegisteredService};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::faults::{ArmedFaults, Fault};
use crate::state::State;
use crate::store::Store;
use crate::tls::{Authority, Certificates};
use crate::wakers::Wakers;
use crate::{Config, FixedPort, Listener, StartError, StateError};

/// What runs when the server has started.
pub(crate) struct Started {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) tasks: JoinSet<()>,
}

/// Opens every listener and starts to accept.
pub(crate) async fn listen(
    config: &Config,
    authority: &Arc<Authority>,
    store: &Arc<Mutex<Store>>,
    wakers: &Arc<Wakers>,
) -> Result<Started, StartError> {
    let armed = ArmedFaults::new(&config.faults);
    let clock = Clock { start: config.now, started: Instant::now() };
    let numbers = Arc::new(AtomicU64::new(1));
    let hosts = servers(config).into_iter().map(|server| server.listener.host).collect();
    let certificates = Arc::new(Certificates::new(Arc::clone(authority), config.tls, hosts));
    let mut unused = config.ports.clone();
    let mut started = Started { listeners: Vec::new(), tasks: JoinSet::new() };
    for Server { mut listener, authentications } in servers(config) {
        let faults = armed.holding(&listener.host.to_string(), None, 0);
        listener.resolves = !faults.has(Fault::NameDoesNotResolve);
        if listener.resolves && !faults.has(Fault::ClosedPort) {
            let is_for_it =
                |fixed: &FixedPort| fixed.protocol == listener.protocol && fixed.security == listener.security;
            let port = unused.iter().position(is_for_it).map_or(0, |at| unused.remove(at).port);
            let failed = |source| match port {
                0 => StartError::Listen { host: listener.host.clone(), port: listener.port, source },
                _ => StartError::Fixed { port, source },
            };
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
            let socket = tcp.local_addr().map_err(failed)?;
            listener.socket = Some(socket);
            // Made now, so that the first client does not wait for it, and what cannot be made is known at once.
            certificates.of(&listener.host, listener.protocol, &faults)?;
            let serving = Serving {
                host: listener.host.to_string().into(),
                listener: listener.clone(),
                authority: Arc::clone(authority),
                certificates: Arc::clone(&certificates),
                store: Arc::clone(store),
                authentications: authentications.into(),
                numbers: Arc::clone(&numbers),
                wakers: Arc::clone(wakers),
                clock,
                connections_max: config.limits.connections,
                transcribes: config.transcript,
            };
            started.tasks.spawn(accept(tcp, serving));
        }
        let second = listener
            .socket
            .filter(|_| faults.has(Fault::DeadAddress))
            .map(|socket| Listener { socket: Some((DEAD_ADDRESS, socket.port()).into()), ..listener.clone() });
        started.listeners.push(listener);
        started.listeners.extend(second);
    }
    Ok(started)
}

/// Keeps what has changed, each time that something has.
pub(crate) async fn keep_saving(state: State, store: Arc<Mutex<Store>>, wakers: Arc<Wakers>) {
    loop {
        wakers.any.notified().await;
        let (state, store) = (state.clone(), Arc::clone(&store));
        // What could not be kept is tried again with the next change, and told when the server ends.
        tokio::task::spawn_blocking(move || save(&state, &store).ok()).await.ok();
    }
}

/// Keeps everything that is not kept as it is now. What cannot be kept of one account costs no other one.
pub(crate) fn save(state: &State, store: &Mutex<Store>) -> Result<(), StateError> {
    let _writing = state.writing();
    let mut failed = Vec::new();
    let mut result = Ok(());
    loop {
        let taken = store.lock().unwrap_or_else(PoisonError::into_inner).take_unsaved();
        let Some((account, address, kept)) = taken else { break };
        if let Err(error) = state.save(&address, &kept) {
            failed.push(account);
            result = result.and(Err(error));
        }
    }
    let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
    failed.into_iter().for_each(|account| store.is_unsaved(account));
    result
}

/// A server to play: where it will listen, and how its clients may log in.
struct Server {
    listener: Listener,
    authentications: Vec<Authentication>,
}

/// The service's servers, one for each protocol, host and port; then those of the six standard ones that are not among
/// them, on the first host of their kind.
fn servers(config: &Config) -> Vec<Server> {
    let named: Vec<(Protocol, &Endpoint)> = config.service.servers().collect();
    let mut servers: Vec<Server> = Vec::new();
    let server = |protocol, endpoint: &Endpoint, port, security, named| Server {
        listener: Listener {
            protocol,
            security,
            host: endpoint.host.clone(),
            port,
            socket: None,
            named,
            resolves: true,
        },
        authentications: vec![endpoint.authentication],
    };
    for (protocol, endpoint) in &named {
        let same = |Server { listener, .. }: &&mut Server| {
            listener.protocol == *protocol && listener.host == endpoint.host && listener.port == endpoint.port
        };
        match servers.iter_mut().find(same) {
            Some(server) => server.authentications.push(endpoint.authentication),
            None => servers.push(server(*protocol, endpoint, endpoint.port, endpoint.security, true)),
        }
    }
    for RegisteredService { protocol, security, port, .. } in REGISTERED_SERVICES.iter().copied() {
        if servers.iter().any(|Server { listener: it, .. }| it.protocol == protocol && it.security == security) {
            continue;
        }
        let is_incoming = protocol.incoming().is_some();
        let like = named.iter().find(|(it, _)| it.incoming().is_some() == is_incoming).or(named.first());
        servers.extend(like.map(|(_, endpoint)| server(protocol, endpoint, port, security, false)));
    }
    servers
}

/// What every connection of one listener shares.
struct Serving {
    listener: Listener,
    /// The host that it plays.
    host: Arc<str>,
    authority: Arc<Authority>,
    certificates: Arc<Certificates>,
    store: Arc<Mutex<Store>>,
    authentications: Arc<[Authentication]>,
    numbers: Arc<AtomicU64>,
    wakers: Arc<Wakers>,
    clock: Clock,
    connections_max: usize,
    /// Whether what is said is kept.
    transcribes: bool,
}

impl Serving {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
                let Ok((stream, peer)) = accepted else { continue };
                if connections.len() < serving.connections_max {
                    let open = u64::try_from(connections.len()).unwrap_or(u64::MAX);
                    connections.spawn(connection::serve(stream, peer, Arc::clone(&serving), open));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Loopback too (RFC 1122 §3.2.1.3), where this server does not listen.
const DEAD_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
