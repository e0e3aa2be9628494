//! Does every address of the host serve the account? A client takes whichever its own rules put first, and some take no
//! other. All are tried at once, each by itself, with TLS as the account wants it.
//!
//! An address to which this machine has no way at all (no IPv6, say) says nothing of the service, and is no failure.

use std::net::SocketAddr;

use futures::future::join_all;
use provost_account::{Host, Security};
use provost_network::{ConnectError, Tried};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::attempt::{Attempt, Link, Stop};
use crate::cause::Cause;
use crate::clients;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let endpoint = &attempt.server.endpoint;
    if let Host::Address(_) = endpoint.host {
        return Err(Reason::HostIsAddress.into());
    }
    let within = attempt.options.step_timeout * 2 / FIFTHS;
    let each = attempt.network.connect_each(&endpoint.host, endpoint.port, within).await?;
    if each.len() < 2 {
        return Err(Reason::SingleAddress.into());
    }
    let (mut answering, mut dead, mut out_of_reach) = (Vec::new(), Vec::new(), Vec::new());
    for (address, outcome) in each {
        match outcome {
            Ok(stream) => answering.push((address, stream)),
            Err(_) if !attempt.network.has_way_to(address).await => out_of_reach.push(address.ip()),
            // With the port as the account has it, which on a mapped network is another one.
            Err(why) => dead.push(Tried { address: (address.ip(), endpoint.port.get()).into(), why }),
        }
    }
    // Asked again, a silent address would take the time once more.
    if !dead.is_empty() {
        let works: Vec<_> = answering.iter().map(|(address, _)| address.ip()).collect();
        return Err(Stop::Judged(match works.is_empty() {
            true => ConnectError::Unreached { host: endpoint.host.clone(), port: endpoint.port, tried: dead }.into(),
            false => Cause::AddressDead { dead, works },
        }));
    }
    let answers = answering.len();
    let handshakes = answering.into_iter().map(|(address, stream)| with_tls(attempt, address, stream));
    match join_all(handshakes).await.into_iter().find_map(Result::err) {
        Some(cause) => Err(Stop::Judged(cause)),
        None => Ok(Evidence::EachAddress { answers, out_of_reach }),
    }
}

/// Starts TLS at one address with a full handshake: a session that is resumed shows no certificate.
async fn with_tls(attempt: &Attempt<'_>, address: SocketAddr, stream: TcpStream) -> Result<(), Cause> {
    if attempt.server.endpoint.security == Security::Cleartext {
        return Ok(());
    }
    let alone = Attempt { link: Link::Own, ..*attempt };
    let within = attempt.options.step_timeout * 2 / FIFTHS;
    let secured = timeout(within, clients::secured(&alone, stream)).await;
    let cause = match secured {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(cause)) => cause,
        Err(_) => Cause::NoAnswer { within },
    };
    Err(Cause::AtAddress { address: address.ip(), cause: Box::new(cause) })
}

/// Of the time that a step may take, two for the connections and as many for TLS. In whole numbers, which read well.
const FIFTHS: u32 = 5;
