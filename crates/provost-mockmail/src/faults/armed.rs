//! When a fault is in force: always, for one host or account, or after some commands; and how much of it there is.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use provost_account::{AnswerProtocol, AnswerStep, EmailAddress, Host, ProviderAnswer};
use thiserror::Error;

use super::{Fault, faults, providers};

/// A fault, and when it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Armed {
    /// What the server does.
    pub fault: Fault,
    /// Only the servers that play this host.
    pub host: Option<Host>,
    /// Only for who logs in to this account, or has it as recipient.
    pub account: Option<EmailAddress>,
    /// Only after so many commands of a connection.
    pub after: u32,
    /// How much of it; see [`Fault::usual_amount`].
    pub amount: Option<u64>,
}

impl From<Fault> for Armed {
    fn from(fault: Fault) -> Self {
        Self { fault, host: None, account: None, after: 0, amount: None }
    }
}

/// A text that arms no fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArmedError {
    /// No fault has that name.
    #[error("no fault is called {0:?}")]
    Unknown(String),
    /// Behind the colon is something else than `host=`, `account=`, `after=` or `amount=` and a value.
    #[error("{0:?} is none of host=HOST, account=ADDRESS, after=COMMANDS, amount=NUMBER")]
    Option(String),
    /// The option makes no sense with the fault.
    #[error("{0} cannot be limited by {1}: {2}")]
    Senseless(&'static str, &'static str, &'static str),
}

/// `NAME` or `NAME:OPTION,…`, for example `slow:host=imap.example.org,after=3,amount=500`. Names of providers' answers have
/// a colon of their own: `provider:yahoo-rate-limit:account=jane@example.org`.
impl FromStr for Armed {
    type Err = ArmedError;

    fn from_str(text: &str) -> Result<Self, ArmedError> {
        let prefix = if text.starts_with(PROVIDER) { PROVIDER.len() } else { 0 };
        let (name, options) = match text[prefix..].find(':') {
            Some(colon) => (&text[..prefix + colon], &text[prefix + colon + 1..]),
            None => (text, ""),
        };
        let row = faults().iter().find(|row| row.name == name).ok_or_else(|| ArmedError::Unknown(name.to_owned()))?;
        let mut armed = Self::from(row.fault);
        for option in options.split(',').filter(|option| !option.is_empty()) {
            let wrong = || ArmedError::Option(option.to_owned());
            let (key, value) = option.split_once('=').ok_or_else(wrong)?;
            match key {
                "host" => armed.host = Some(Host::try_from(value).ok().ok_or_else(wrong)?),
                "account" => armed.account = Some(EmailAddress::try_from(value).ok().ok_or_else(wrong)?),
                "after" => armed.after = value.parse().ok().ok_or_else(wrong)?,
                "amount" => armed.amount = Some(value.parse().ok().ok_or_else(wrong)?),
                _ => return Err(wrong()),
            }
        }
        armed.check(row.name)?;
        Ok(armed)
    }
}

impl Armed {
    fn check(&self, name: &'static str) -> Result<(), ArmedError> {
        let senseless = |option, why| Err(ArmedError::Senseless(name, option, why));
        if self.account.is_some() && self.fault.is_before_login() {
            return senseless("account", "it comes before anybody has logged in");
        }
        if self.after > 0 && self.fault.is_before_commands() {
            return senseless("after", "it comes before the first command");
        }
        if self.amount.is_some() && self.fault.usual_amount().is_none() {
            return senseless("amount", "it is there or it is not");
        }
        Ok(())
    }

    /// Whether it is the same fault for the same host and account.
    fn is_for_the_same(&self, other: &Self) -> bool {
        let key = |armed: &Self| armed.account.as_ref().map(EmailAddress::key);
        self.fault == other.fault && self.host == other.host && key(self) == key(other)
    }

    /// More for what is meant for fewer.
    fn narrowness(&self) -> u8 {
        2 * u8::from(self.account.is_some()) + u8::from(self.host.is_some())
    }

    fn is_limited(&self) -> bool {
        self.host.is_some() || self.account.is_some() || self.after > 0
    }

    /// Whether it is in force on a connection for an account that is named there.
    fn is_for(&self, account: &EmailAddress, connection: &Connection) -> bool {
        self.comes_with(connection) && self.account.as_ref().is_none_or(|it| it.key() == account.key())
    }

    /// Whether it is in force on a connection, whosever it is.
    fn comes_with(&self, connection: &Connection) -> bool {
        let of_host = self.host.as_ref().is_none_or(|host| host.to_string() == connection.host);
        of_host && connection.commands >= self.after
    }
}

/// As it is read.
impl Display for Armed {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let name = faults().iter().find(|row| row.fault == self.fault).map_or("", |row| row.name);
        let options = [
            self.host.as_ref().map(|host| format!("host={host}")),
            self.account.as_ref().map(|account| format!("account={account}")),
            (self.after > 0).then(|| format!("after={}", self.after)),
            self.amount.map(|amount| format!("amount={amount}")),
        ];
        let options: Vec<String> = options.into_iter().flatten().collect();
        match options.is_empty() {
            true => formatter.write_str(name),
            false => write!(formatter, "{name}:{}", options.join(",")),
        }
    }
}

/// What is known of a connection when a fault asks whether it is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Connection {
    host: String,
    commands: u32,
}

/// The faults that are armed, and those of them that are in force for the connection that is being served.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    armed: Vec<Armed>,
    connection: Connection,
    in_force: BTreeMap<Fault, Option<u64>>,
    /// Those that have changed something since this was last asked.
    held: RefCell<BTreeSet<Fault>>,
}

impl Faults {
    pub(crate) fn new(armed: &[Armed]) -> Self {
        let mut faults = Self { armed: armed.to_vec(), ..Self::default() };
        faults.enter("", None, 0);
        faults
    }

    pub(crate) fn all(&self) -> &[Armed] {
        &self.armed
    }

    /// Arms a fault, in the place of what was armed of it before for the same host and account. What is meant for others
    /// stays.
    pub(crate) fn arm(&mut self, armed: Armed) {
        self.armed.retain(|it| !it.is_for_the_same(&armed));
        self.armed.push(armed);
        self.enter("", None, 0);
    }

    /// Disarms a fault for everybody.
    pub(crate) fn disarm(&mut self, fault: Fault) {
        self.armed.retain(|armed| armed.fault != fault);
        self.in_force.remove(&fault);
    }

    /// Disarms a fault for the host and account that are named there.
    pub(crate) fn disarm_one(&mut self, which: &Armed) {
        self.armed.retain(|it| !it.is_for_the_same(which));
        self.in_force.remove(&which.fault);
        self.enter("", None, 0);
    }

    /// Says which connection is being served, and whose it is.
    pub(crate) fn enter(&mut self, host: &str, account: Option<&EmailAddress>, commands: u32) {
        // Nearly always nothing is limited, and what is in force stays the same.
        if self.in_force.len() == self.armed.len() && !self.armed.iter().any(Armed::is_limited) {
            return;
        }
        self.connection = Connection { host: host.to_owned(), commands };
        let meant = |armed: &&Armed| {
            let of_account = armed.account.as_ref().is_none_or(|it| account.is_some_and(|at| at.key() == it.key()));
            armed.comes_with(&self.connection) && of_account
        };
        let mut meant: Vec<&Armed> = self.armed.iter().filter(meant).collect();
        // The last of a fault counts: the one that is meant for the fewest.
        meant.sort_by_key(|armed| armed.narrowness());
        self.in_force = meant.into_iter().map(|armed| (armed.fault, armed.amount)).collect();
    }

    /// Whether it is in force here and now. Whoever asks lets it take hold: the transcript says so.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        let has = self.is_in_force(fault);
        if has {
            self.takes_hold(fault);
        }
        has
    }

    /// The same for who does not act on it yet.
    pub(crate) fn is_in_force(&self, fault: Fault) -> bool {
        self.in_force.contains_key(&fault)
    }

    /// Notes that a fault has changed something.
    pub(crate) fn takes_hold(&self, fault: Fault) {
        self.held.borrow_mut().insert(fault);
    }

    /// The faults that have changed something since this was last asked.
    pub(crate) fn take_held(&self) -> BTreeSet<Fault> {
        self.held.take()
    }

    /// What tells a client of IMAP to go on.
    ///
    /// ```abnf
    /// continue-req = "+" SP (resp-text / base64) CRLF     ; RFC 3501 §9
    /// ```
    pub(crate) fn continuation(&self, text: &str) -> String {
        if self.has(Fault::BareContinuation) { "+".to_owned() } else { format!("+ {text}") }
    }

    /// How much of it is in force here and now.
    pub(crate) fn amount(&self, fault: Fault) -> Option<u64> {
        let amount = self.in_force.get(&fault)?;
        amount.or(fault.usual_amount().map(|(amount, _)| amount))
    }

    /// What a provider says at that step, where it is in force for an account that is named, or else here and now.
    pub(crate) fn answer(
        &self,
        protocol: AnswerProtocol,
        step: AnswerStep,
        named: Option<&EmailAddress>,
    ) -> Option<&'static ProviderAnswer> {
        let of = |fault: Fault| {
            providers::answers(fault.provider()?).find(|answer| answer.protocol == protocol && answer.step == step)
        };
        let answer = match named {
            None => self.in_force.keys().copied().find_map(of),
            Some(named) => {
                let of_named = self.armed.iter().filter(|armed| armed.is_for(named, &self.connection));
                of_named.map(|armed| armed.fault).find_map(of)
            }
        };
        answer.inspect(|answer| self.takes_hold(Fault::Provider(answer.name)))
    }

    /// How much of it is in force for an account that is named and not logged in: by a login, or as recipient. `None`:
    /// it is not.
    pub(crate) fn amount_for(&self, fault: Fault, account: &EmailAddress) -> Option<u64> {
        let meant = |armed: &&Armed| armed.fault == fault && armed.is_for(account, &self.connection);
        let armed = self.armed.iter().filter(meant).max_by_key(|armed| armed.narrowness())?;
        Some(armed.amount.or(fault.usual_amount().map(|(amount, _)| amount)).unwrap_or(1))
    }
}

/// What the names of providers' answers begin with.
const PROVIDER: &str = "provider:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_armed_by_its_name_and_for_whom() {
        let text = "slow:host=imap.example.org,account=jane@example.org,after=3,amount=500";
        let armed: Armed = text.parse().expect("a fault");
        assert_eq!(armed.to_string(), text);
        let text = "provider:yahoo-rate-limit:account=jane@example.org";
        assert_eq!(text.parse::<Armed>().map(|it| it.to_string()), Ok(text.to_owned()));
        assert_eq!("slow".parse::<Armed>().map(|it| it.to_string()), Ok("slow".to_owned()));
        for (text, error) in [
            ("slo", "no fault is called \"slo\""),
            ("provider:yahoo", "no fault is called \"provider:yahoo\""),
            ("slow:soon", "\"soon\" is none of host=HOST, account=ADDRESS, after=COMMANDS, amount=NUMBER"),
            ("slow:after=-1", "\"after=-1\" is none of host=HOST, account=ADDRESS, after=COMMANDS, amount=NUMBER"),
            ("alert:amount=1", "alert cannot be limited by amount: it is there or it is not"),
            ("unknown-ca:after=1", "unknown-ca cannot be limited by after: it comes before the first command"),
            (
                "login-unavailable:account=a@example.org",
                "login-unavailable cannot be limited by account: it comes before anybody has logged in",
            ),
        ] {
            assert_eq!(text.parse::<Armed>().map_err(|it| it.to_string()), Err(error.to_owned()), "{text}");
        }
    }
}
