//! A host with several addresses, on loopback: what is alive is found, what is dead is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::time::Duration;

use provost_account::{Certificate, Host, Port};
use provost_network::{ConnectError, Connected, Network, Route, Tried, Unreached};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

#[tokio::test]
async fn a_dead_address_is_told_and_stops_nobody() {
    let (dead, _backlog) = dead().await;
    let alive = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let alive = alive.local_addr().unwrap();
    let network = network(&[dead, alive]);
    let Connected { stream, address, others } = network.connect(&host(), port()).await.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), alive);
    assert_eq!(address, alive);
    assert_eq!(others, [Tried { address: dead, why: Unreached::Silent }]);
    assert_eq!(others[0].to_string(), "127.0.0.1 does not answer");
}

#[tokio::test]
async fn each_address_is_told_by_itself() {
    let ((dead, _backlog), (closed, _bound)) = (dead().await, closed());
    let alive = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let alive = alive.local_addr().unwrap();
    let each = network(&[dead, closed, alive]).connect_each(&host(), port(), SHORT).await.unwrap();
    let told: Vec<(SocketAddr, Option<Unreached>)> = each.into_iter().map(|(at, it)| (at, it.err())).collect();
    assert_eq!(told, [(dead, Some(Unreached::Silent)), (closed, Some(Unreached::Refused)), (alive, None)]);
}

#[tokio::test]
async fn a_port_that_is_closed_everywhere_is_a_refusal() {
    let ((one, _bound), (other, _bound_too)) = (closed(), closed());
    let error = network(&[one, other]).connect(&host(), port()).await.unwrap_err();
    assert!(error.is_refusal());
    assert_eq!(error.to_string(), "no connection to mail.example.net:993: 127.0.0.1 refuses, 127.0.0.1 refuses");
    // Nothing listens on another port of a host that is known.
    let error = network(&[one]).connect(&host(), Port::new(25).unwrap()).await.unwrap_err();
    assert!(error.is_refusal());
    assert_eq!(error.to_string(), "no connection to mail.example.net:25");
}

#[tokio::test]
async fn a_host_that_nobody_knows_has_no_address() {
    let stranger = Host::try_from("elsewhere.example.net").unwrap();
    let error = network(&[]).connect(&stranger, port()).await.unwrap_err();
    assert!(!error.is_refusal());
    assert!(matches!(&error, ConnectError::NoAddress { host, .. } if *host == stranger));
    assert_eq!(error.to_string(), "no address for elsewhere.example.net");
}

/// A network in which the host is at these sockets, in this order.
fn network(sockets: &[SocketAddr]) -> Network {
    let made = rcgen::generate_simple_self_signed(vec!["unused.example.net".to_owned()]).unwrap();
    let authority = Certificate::try_from(made.cert.der().to_vec()).unwrap();
    let routes = sockets.iter().map(|socket| Route { host: host(), port: port(), socket: Some(*socket) });
    Network::mapped(routes.collect(), &[authority]).unwrap()
}

/// A socket that stays silent, as behind a firewall that drops: the system accepts no more connections than fit into the
/// backlog, and drops the others.
async fn dead() -> (SocketAddr, (TcpListener, Vec<TcpStream>)) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut backlog = Vec::new();
    while let Ok(stream) = timeout(SHORT, TcpStream::connect(address)).await {
        backlog.push(stream.unwrap());
    }
    (address, (listener, backlog))
}

/// A socket that is taken, and on which nothing listens.
fn closed() -> (SocketAddr, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (socket.local_addr().unwrap(), socket)
}

fn host() -> Host {
    Host::try_from("mail.example.net").unwrap()
}

fn port() -> Port {
    Port::new(993).unwrap()
}

/// Far longer than loopback takes.
const SHORT: Duration = Duration::from_millis(300);
