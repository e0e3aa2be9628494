//! The armed faults, and those of them that apply to one command or one answer.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use provost_account::{AnswerProtocol, AnswerStep, EmailAddress, ProviderAnswer};

use super::{Armed, Fault, Stage, providers};

/// The faults that are armed, the latest last.
#[derive(Debug, Clone, Default)]
pub(crate) struct ArmedFaults(Vec<Arc<Armed>>);

impl ArmedFaults {
    pub(crate) fn new(armed: &[Armed]) -> Self {
        Self(armed.iter().cloned().map(Arc::new).collect())
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Armed> {
        self.0.iter().map(Arc::as_ref)
    }

    /// Arms a fault. It replaces the same fault for the same host and account; those for others stay.
    pub(crate) fn arm(&mut self, armed: Armed) {
        self.disarm_one(&armed);
        self.0.push(Arc::new(armed));
    }

    /// Disarms a fault for everybody.
    pub(crate) fn disarm(&mut self, fault: Fault) {
        self.0.retain(|armed| armed.fault() != fault);
    }

    /// Disarms a fault for the host and account that `which` names.
    pub(crate) fn disarm_one(&mut self, which: &Armed) {
        self.0.retain(|it| !it.is_for_the_same(which));
    }

    /// Those in force on a connection to that host after this many commands, for the account that is logged in.
    pub(crate) fn holding(&self, host: &str, account: Option<&EmailAddress>, commands: u32) -> Faults {
        let of_connection = self.0.iter().filter(|armed| armed.comes_with(host, commands));
        let near = |armed: &Arc<Armed>| Near { is_in_force: armed.is_for(account), armed: Arc::clone(armed) };
        Faults { near: of_connection.map(near).collect(), held: RefCell::default() }
    }
}

/// The faults for one command or one answer. Where none is armed, it costs nothing to make.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Those of the connection, for any account, in the order in which they were armed.
    near: Vec<Near>,
    /// Those that have changed something since [`Faults::take_held`].
    held: RefCell<BTreeSet<Fault>>,
}

#[derive(Debug)]
struct Near {
    armed: Arc<Armed>,
    /// Whether it is in force for the session, and not only for an account that it may name.
    is_in_force: bool,
}

impl Faults {
    /// Replaces those in force; what has taken hold is remembered.
    pub(crate) fn give_way_to(&mut self, next: Self) {
        self.near = next.near;
    }

    /// Whether it is in force. To ask is to let it take hold, and the transcript says so.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        let has = self.is_in_force(fault);
        if has {
            self.takes_hold(fault);
        }
        has
    }

    /// All of a stage that are in force. They take hold.
    pub(crate) fn of_stage(&self, stage: Stage) -> BTreeSet<Fault> {
        let all = self.in_force().filter(|armed| armed.stage() == stage).map(Armed::fault);
        all.inspect(|fault| self.takes_hold(*fault)).collect()
    }

    /// The same without letting it take hold.
    pub(crate) fn is_in_force(&self, fault: Fault) -> bool {
        self.in_force().any(|armed| armed.fault() == fault)
    }

    /// Notes that a fault has changed something.
    pub(crate) fn takes_hold(&self, fault: Fault) {
        self.held.borrow_mut().insert(fault);
    }

    /// The faults that have changed something since this was last called.
    pub(crate) fn take_held(&self) -> BTreeSet<Fault> {
        self.held.take()
    }

    /// The request for more of a command.
    ///
    /// ```abnf
    /// continue-req = "+" SP (resp-text / base64) CRLF     ; RFC 3501 §9
    /// ```
    pub(crate) fn continuation(&self, text: &str) -> String {
        if self.has(Fault::BareContinuation) { "+".to_owned() } else { format!("+ {text}") }
    }

    /// Its amount, if it is in force.
    pub(crate) fn amount(&self, fault: Fault) -> Option<u64> {
        narrowest(self.in_force(), fault)
    }

    /// Its amount, if it is in force for an account that is not logged in but named: in a login, or as recipient.
    pub(crate) fn amount_for(&self, fault: Fault, account: &EmailAddress) -> Option<u64> {
        narrowest(self.in_force_for(account), fault)
    }

    /// A provider's answer at that step, if it is in force for the session, or for an account that is named.
    pub(crate) fn answer(
        &self,
        protocol: AnswerProtocol,
        step: AnswerStep,
        named: Option<&EmailAddress>,
    ) -> Option<&'static ProviderAnswer> {
        let of = |armed: &Armed| providers::answer(armed.fault(), protocol, step);
        let answer = match named {
            None => self.in_force().filter_map(of).min_by_key(|answer| answer.name),
            Some(named) => self.in_force_for(named).find_map(of),
        };
        answer.inspect(|answer| self.takes_hold(providers::fault(answer)))
    }

    fn in_force(&self) -> impl Iterator<Item = &Armed> {
        self.near.iter().filter(|near| near.is_in_force).map(|near| near.armed.as_ref())
    }

    fn in_force_for(&self, account: &EmailAddress) -> impl Iterator<Item = &Armed> {
        self.near.iter().map(|near| near.armed.as_ref()).filter(|armed| armed.is_for(Some(account)))
    }
}

/// The amount of a fault: as armed for the fewest clients, and of those the latest.
fn narrowest<'a>(armed: impl Iterator<Item = &'a Armed>, fault: Fault) -> Option<u64> {
    armed.filter(|armed| armed.fault() == fault).max_by_key(|armed| armed.narrowness()).map(Armed::amount_in_force)
}
