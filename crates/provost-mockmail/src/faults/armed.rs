//! A fault and when it applies: always, for one host or account, or after some commands; and its amount.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use provost_account::{EmailAddress, Host};
use thiserror::Error;

use super::{Fault, FaultRow, Stage, faults};

/// A fault and when it is in force: always a combination that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Armed {
    row: &'static FaultRow,
    when: When,
}

/// When a fault is in force, and how strong it is; by default always, with the usual amount.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// Only the servers that play this host.
    pub host: Option<Host>,
    /// Only for sessions of this account, and for mail to it.
    pub account: Option<EmailAddress>,
    /// Only after this many commands of a connection.
    pub after: u32,
    /// How strong it is; see [`FaultRow::amount`].
    pub amount: Option<u64>,
}

/// Always, with the usual amount.
impl From<Fault> for Armed {
    fn from(fault: Fault) -> Self {
        Self { row: fault.row(), when: When::default() }
    }
}

/// Why a text arms no fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArmedError {
    /// No fault has that name.
    #[error("no fault is called {0:?}")]
    Unknown(String),
    /// An option that is not `host=`, `account=`, `after=` or `amount=` with a valid value.
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
        let mut when = When::default();
        for option in options.split(',').filter(|option| !option.is_empty()) {
            let (key, value) = option.split_once('=').ok_or_else(|| ArmedError::Option(option.to_owned()))?;
            when.set(key, value)?;
        }
        Self::new(row.fault, when)
    }
}

impl When {
    /// Sets what an option says.
    ///
    /// # Errors
    ///
    /// There is no such option, or its value is invalid.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), ArmedError> {
        let wrong = || ArmedError::Option(format!("{key}={value}"));
        match key {
            "host" => self.host = Some(Host::try_from(value).ok().ok_or_else(wrong)?),
            "account" => self.account = Some(EmailAddress::try_from(value).ok().ok_or_else(wrong)?),
            "after" => self.after = value.parse().ok().ok_or_else(wrong)?,
            "amount" => self.amount = Some(value.parse().ok().ok_or_else(wrong)?),
            _ => return Err(wrong()),
        }
        Ok(())
    }
}

impl Armed {
    /// Arms a fault.
    ///
    /// # Errors
    ///
    /// The fault cannot be limited in this way: see [`FaultRow::stage`] and [`FaultRow::amount`].
    pub fn new(fault: Fault, when: When) -> Result<Self, ArmedError> {
        let row = fault.row();
        let senseless = |option, why| Err(ArmedError::Senseless(row.name, option, why));
        if when.account.is_some() && row.stage.is_before_login() {
            return senseless("account", "it takes hold before login");
        }
        if when.after > 0 && row.stage.is_before_commands() {
            return senseless("after", "it takes hold before the first command");
        }
        if when.amount.is_some() && row.amount.is_none() {
            return senseless("amount", "it is either on or off");
        }
        Ok(Self { row, when })
    }

    /// What the server does.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.row.fault
    }

    pub(super) fn stage(&self) -> Stage {
        self.row.stage
    }

    /// When it applies, and how strong it is.
    #[must_use]
    pub fn when(&self) -> &When {
        &self.when
    }

    /// The amount where it is in force; 1 for a fault that is only on or off.
    pub(super) fn amount_in_force(&self) -> u64 {
        self.row.amount.map_or(1, |amount| self.when.amount.unwrap_or(amount.usual).min(amount.max))
    }

    /// Whether it is the same fault for the same host and account.
    pub(super) fn is_for_the_same(&self, other: &Self) -> bool {
        let key = |armed: &Self| armed.when.account.as_ref().map(EmailAddress::key);
        self.fault() == other.fault() && self.when.host == other.when.host && key(self) == key(other)
    }

    /// Greater for a fault that applies to fewer clients.
    pub(super) fn narrowness(&self) -> u8 {
        2 * u8::from(self.when.account.is_some()) + u8::from(self.when.host.is_some())
    }

    /// Whether it applies to that account; `None`: nobody has logged in.
    pub(super) fn is_for(&self, account: Option<&EmailAddress>) -> bool {
        self.when.account.as_ref().is_none_or(|it| account.is_some_and(|account| account.key() == it.key()))
    }

    /// Whether it is in force on a connection to that host after this many commands, for any account.
    pub(super) fn comes_with(&self, host: &str, commands: u32) -> bool {
        self.when.host.as_ref().is_none_or(|it| it.to_string() == host) && commands >= self.when.after
    }
}

/// The text that [`Armed::from_str`] reads.
impl Display for Armed {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let When { host, account, after, amount } = &self.when;
        let options = [
            host.as_ref().map(|host| format!("host={host}")),
            account.as_ref().map(|account| format!("account={account}")),
            (*after > 0).then(|| format!("after={after}")),
            amount.map(|amount| format!("amount={amount}")),
        ];
        let options: Vec<String> = options.into_iter().flatten().collect();
        match options.is_empty() {
            true => formatter.write_str(self.row.name),
            false => write!(formatter, "{}:{}", self.row.name, options.join(",")),
        }
    }
}

/// The prefix of the names of providers' answers.
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
            ("alert:amount=1", "alert cannot be limited by amount: it is either on or off"),
            ("unknown-ca:after=1", "unknown-ca cannot be limited by after: it takes hold before the first command"),
            (
                "login-unavailable:account=a@example.org",
                "login-unavailable cannot be limited by account: it takes hold before login",
            ),
        ] {
            assert_eq!(text.parse::<Armed>().map_err(|it| it.to_string()), Err(error.to_owned()), "{text}");
        }
    }
}
