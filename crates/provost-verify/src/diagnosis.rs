//! From steps to causes: what failed for the same reason is told once, and a failure that another check explains is not told
//! beside its explanation. What the domain says otherwise of a server that does not work is told with that. It asks nothing
//! and prints nothing.

use provost_account::Protocol;

use crate::cause::{Cause, CauseRow, Contradiction};
use crate::report::{Evidence, Step, Verdict};

/// A cause, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis<'a> {
    /// The cause.
    pub row: &'static CauseRow,
    /// The steps that failed by it, in their order; at least one.
    pub steps: Vec<&'a Step>,
    /// What the domain and its provider say otherwise of these servers, if it is the way to them that fails.
    pub otherwise: Vec<&'a Contradiction>,
}

/// The causes of everything that failed, in the order of the steps.
#[must_use]
pub fn diagnoses(steps: &[Step]) -> Vec<Diagnosis<'_>> {
    let mut found: Vec<Diagnosis<'_>> = Vec::new();
    for (step, cause) in steps.iter().filter_map(|step| Some((step, step.cause()?))) {
        if steps.iter().any(|other| explains(other, step)) || is_told_with_servers(cause, steps) {
            continue;
        }
        let row = Cause::row(cause);
        let otherwise = said_otherwise(step, steps);
        match found.iter_mut().find(|it| it.row == row) {
            Some(known) => {
                known.steps.push(step);
                let new: Vec<_> = otherwise.into_iter().filter(|it| !known.otherwise.contains(it)).collect();
                known.otherwise.extend(new);
            }
            None => found.push(Diagnosis { row, steps: vec![step], otherwise }),
        }
    }
    found
}

/// Whether one failure is the explanation of another at the same server.
fn explains(step: &Step, failed: &Step) -> bool {
    let (Some(cause), Some(of)) = (step.cause(), failed.cause()) else { return false };
    step.place == failed.place && (step.check.explains.contains(&failed.check.name) || cause.accounts_for(of))
}

/// Whether a cause of the domain is about servers of which each has failed by itself: then the account is wrong, and the
/// domain says what is right.
fn is_told_with_servers(cause: &Cause, steps: &[Step]) -> bool {
    let Cause::OfDomain(flaw) = cause else { return false };
    let has_failed = |protocol: &Protocol| steps.iter().any(|step| step.shuts_out() == Some(*protocol));
    flaw.protocols().is_some_and(|about| about.iter().all(has_failed))
}

/// What is said otherwise of a server that was not reached, or does not log in.
fn said_otherwise<'a>(failed: &Step, steps: &'a [Step]) -> Vec<&'a Contradiction> {
    let Some(protocol) = failed.shuts_out() else { return Vec::new() };
    let mut said: Vec<&Contradiction> = Vec::new();
    for contradiction in steps.iter().flat_map(contradictions).filter(|it| it.protocol == protocol) {
        if !said.iter().any(|known| known.theirs == contradiction.theirs) {
            said.push(contradiction);
        }
    }
    said
}

fn contradictions(step: &Step) -> &[Contradiction] {
    match &step.verdict {
        Verdict::Failed(Cause::OfDomain(flaw)) => flaw.contradictions(),
        Verdict::Passed(Evidence::AsPublished { otherwise, .. }) => otherwise,
        Verdict::Passed(_) | Verdict::Failed(_) | Verdict::NotReached(_) | Verdict::DoesNotApply(_) => &[],
        Verdict::NotTried(_) => &[],
    }
}

impl Step {
    /// What the server speaks, if the account does not get as far as being logged in: it may be the wrong server.
    #[must_use]
    pub fn shuts_out(&self) -> Option<Protocol> {
        let (protocol, _) = self.place.server().filter(|_| self.cause().is_some() && self.check.is_on_the_way_in())?;
        Some(protocol)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use provost_account::{Authentication, DomainName, Endpoint, Host, Port, Security};

    use super::*;
    use crate::cause::DomainFlaw;
    use crate::checks;
    use crate::report::Place;

    fn server(host: &str) -> Endpoint {
        Endpoint {
            host: Host::try_from(host).expect("a host"),
            port: Port::try_from(993).expect("a port"),
            security: Security::ImplicitTls,
            authentication: Authentication::PasswordCleartext,
        }
    }

    fn step(check: &str, place: Place, verdict: Verdict) -> Step {
        let check = checks().iter().find(|it| it.name == check).expect("a check of the table");
        Step { check, place, verdict, elapsed: Duration::ZERO }
    }

    /// The causes where the domain publishes another IMAP server, and this check of the account's own ends so.
    fn told(check: &str, verdict: Verdict) -> Vec<(&'static str, usize)> {
        let domain = DomainName::try_from("example.org").expect("a name");
        let contradiction = Contradiction {
            protocol: Protocol::Imap,
            ours: vec![server("imap.example.org")],
            theirs: vec![server("mail.example.org")],
            source: "https://autoconfig.example.org/".to_owned(),
        };
        let differs = Cause::OfDomain(DomainFlaw::PublishedDiffers { contradictions: vec![contradiction] });
        let steps = [
            step(check, Place::Server(Protocol::Imap, server("imap.example.org")), verdict),
            step("published", Place::Domain(domain), Verdict::Failed(differs)),
        ];
        diagnoses(&steps).iter().map(|it| (it.row.name, it.otherwise.len())).collect()
    }

    #[test]
    fn what_the_domain_says_otherwise_is_told_with_the_server_that_does_not_work() {
        assert_eq!(told("connect", Verdict::Passed(Evidence::Connected)), [("published-differs", 0)]);
        assert_eq!(told("tls", Verdict::Failed(Cause::NoTls)), [("starttls-fails", 1)]);
        // A server that lets the account in is the right one, whatever else is wrong with it.
        let changed = Verdict::Failed(Cause::PartsDiffer { octets: 12 });
        assert_eq!(told("fetch", changed), [("message-changed", 0), ("published-differs", 0)]);
    }
}
