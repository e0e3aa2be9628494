//! Connections to several addresses of a host, as RFC 8305 has them: one after the other, the families in turn, the next
//! when the one before fails or takes too long, and the first that stands wins. It opens no socket: what connects is given.
//!
//! The resolution delay (§3) is not here: the system's resolver gives the addresses of both families together.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use tokio::time::sleep;

/// What became of a race.
#[derive(Debug)]
pub(crate) struct Race<Stream, Failure> {
    /// The first connection, if there is one.
    pub(crate) won: Option<(SocketAddr, Stream)>,
    /// The addresses that failed before, in the order in which they did.
    pub(crate) failed: Vec<(SocketAddr, Failure)>,
    /// The addresses that were tried, and had not answered when another did.
    pub(crate) overtaken: Vec<SocketAddr>,
}

/// Runs the race. The addresses are in the order of the resolver, which is that of RFC 6724.
pub(crate) async fn race<Stream, Failure, Attempt: Future<Output = Result<Stream, Failure>>>(
    addresses: &[SocketAddr],
    connect: impl Fn(SocketAddr) -> Attempt,
) -> Race<Stream, Failure> {
    let mut waiting = interleaved(addresses).into_iter();
    let mut failed = Vec::new();
    let mut under_way: Vec<SocketAddr> = Vec::new();
    let mut attempts = FuturesUnordered::new();
    loop {
        match waiting.next() {
            Some(address) => {
                under_way.push(address);
                attempts.push(connect(address).map(move |outcome| (address, outcome)));
            }
            None if attempts.is_empty() => return Race { won: None, failed, overtaken: under_way },
            None => {}
        }
        // RFC 8305 §5: "Starting a new connection attempt does not affect previous attempts".
        let mut next_is_due = pin!(sleep(CONNECTION_ATTEMPT_DELAY));
        loop {
            tokio::select! {
                biased;
                Some((address, outcome)) = attempts.next() => {
                    under_way.retain(|it| *it != address);
                    match outcome {
                        Ok(stream) => return Race { won: Some((address, stream)), failed, overtaken: under_way },
                        Err(failure) => failed.push((address, failure)),
                    }
                    // What has failed is waited for no longer.
                    if waiting.len() > 0 || attempts.is_empty() {
                        break;
                    }
                }
                () = &mut next_is_due, if waiting.len() > 0 => break,
            }
        }
    }
}

/// RFC 8305 §4: "Whichever address family is first in the list should be followed by an address of the other address
/// family".
fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else { return Vec::new() };
    let of_first = addresses.iter().filter(|it| it.is_ipv4() == first.is_ipv4());
    let mut of_other = addresses.iter().filter(|it| it.is_ipv4() != first.is_ipv4());
    let mut all: Vec<SocketAddr> = of_first.flat_map(|it| [Some(it), of_other.next()]).flatten().copied().collect();
    all.extend(of_other);
    all
}

/// RFC 8305 §5: "One recommended value for a default delay is 250 milliseconds."
const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use std::future;

    use tokio::time::Instant;

    use super::*;

    /// What an address does.
    #[derive(Clone, Copy)]
    enum Does {
        Connects(u64),
        Refuses(u64),
        StaysSilent,
    }
    use Does::{Connects, Refuses, StaysSilent};

    /// Who won, after how many milliseconds, who failed, who was overtaken.
    type Told<'a> = (Option<&'a str>, u64, Vec<&'a str>, Vec<&'a str>);

    #[track_caller]
    fn check(hosts: &[(&str, Does)], expected: Told<'_>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime");
        let at = |name: &str| SocketAddr::new(name.parse().expect("an address"), 993);
        let name = |address: SocketAddr| address.ip().to_string();
        let addresses: Vec<SocketAddr> = hosts.iter().map(|(name, _)| at(name)).collect();
        let connect = |address: SocketAddr| {
            let (_, does) = *hosts.iter().find(|(name, _)| at(name) == address).expect("one of them");
            async move {
                let (ms, outcome) = match does {
                    Connects(ms) => (ms, Ok(())),
                    Refuses(ms) => (ms, Err(())),
                    StaysSilent => future::pending().await,
                };
                sleep(Duration::from_millis(ms)).await;
                outcome
            }
        };
        let (race, took) = runtime.block_on(async {
            let start = Instant::now();
            let race = race(&addresses, connect).await;
            (race, start.elapsed())
        });
        let won = race.won.map(|(address, ())| name(address));
        let failed: Vec<String> = race.failed.into_iter().map(|(address, ())| name(address)).collect();
        let overtaken: Vec<String> = race.overtaken.into_iter().map(name).collect();
        let (who, ms, lost, slow) = expected;
        assert_eq!(won.as_deref(), who);
        assert_eq!(took, Duration::from_millis(ms));
        assert_eq!(failed, lost);
        assert_eq!(overtaken, slow);
    }

    #[test]
    fn a_host_that_answers_is_not_raced() {
        check(
            &[("2001:db8::1", Connects(200)), ("192.0.2.1", Connects(1))],
            (Some("2001:db8::1"), 200, vec![], vec![]),
        );
    }

    #[test]
    fn a_dead_family_costs_one_delay() {
        let hosts = [
            ("2001:db8::1", StaysSilent),
            ("2001:db8::2", StaysSilent),
            ("2001:db8::3", StaysSilent),
            ("192.0.2.1", Connects(20)),
        ];
        check(&hosts, (Some("192.0.2.1"), 270, vec![], vec!["2001:db8::1"]));
    }

    #[test]
    fn what_fails_is_not_waited_for() {
        let hosts = [("2001:db8::1", Refuses(10)), ("192.0.2.1", Refuses(10)), ("192.0.2.2", Connects(10))];
        check(&hosts, (Some("192.0.2.2"), 30, vec!["2001:db8::1", "192.0.2.1"], vec![]));
    }

    #[test]
    fn who_was_slow_may_still_win() {
        let hosts = [("2001:db8::1", Connects(400)), ("192.0.2.1", StaysSilent), ("2001:db8::2", StaysSilent)];
        check(&hosts, (Some("2001:db8::1"), 400, vec![], vec!["192.0.2.1"]));
    }

    #[test]
    fn where_all_fail_each_says_so() {
        let hosts = [("192.0.2.1", Refuses(600)), ("2001:db8::1", Refuses(100)), ("192.0.2.2", Refuses(700))];
        check(&hosts, (None, 1050, vec!["2001:db8::1", "192.0.2.1", "192.0.2.2"], vec![]));
        check(&[], (None, 0, vec![], vec![]));
    }
}
