//! STARTTLS, LOGIN, AUTHENTICATE, UNAUTHENTICATE, and the capabilities that are announced before the login.

use provost_account::{AnswerProtocol, AnswerStep};

use super::commands::BEFORE_LOGIN;
use super::grammar::Cursor;
use super::{Answer, Enabled, Phase, Refusal, Said, Session, bad, done, no};
use crate::faults::Fault;
use crate::sasl::{Exchange, Mechanism, Step};
use crate::session::{Channel, Next, Output};
use crate::store::{AccountId, Proof, Served};

impl Session {
    pub(super) fn start_tls(&mut self, said: Said<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        said.cursor.end()?;
        if !self.setting.may_start_tls(store) {
            return Err(bad("no TLS to start"));
        }
        output.next = Next::StartTls;
        done("begin TLS")
    }

    pub(super) fn log_in(&mut self, said: Said<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        let mut cursor = said.cursor;
        is_possible(&mut cursor, store)?;
        let mechanisms = self.setting.mechanisms(store);
        let login = cursor.text()?;
        cursor.space()?;
        let password = cursor.text()?;
        cursor.end()?;
        // RFC 6855 §5: UTF-8 only in AUTHENTICATE.
        if !login.is_ascii() || !password.is_ascii() {
            return Err(bad("LOGIN takes ASCII only; AUTHENTICATE takes the rest"));
        }
        if !takes_passwords(&mechanisms) {
            return Err(self.closed());
        }
        let account = store.log_in(&login, Proof::Password(&password));
        let named = store.take_named();
        refused_by_provider("LOGIN", named, store)?;
        self.account = account;
        match self.account {
            Some(_) => self.logged_in(store, output),
            None => Err(no(WRONG_PASSWORD)),
        }
    }

    pub(super) fn authenticate(&mut self, said: Said<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        let Said { tag, mut cursor } = said;
        is_possible(&mut cursor, store)?;
        let mechanisms = self.setting.mechanisms(store);
        let name = cursor.atom()?;
        let mut initial = None;
        if !cursor.is_at_end() {
            cursor.space()?;
            initial = Some(cursor.word(b" ")?);
        }
        cursor.end()?;
        let mechanism =
            mechanisms.into_iter().find(|it| it.name.eq_ignore_ascii_case(name)).ok_or_else(|| self.closed())?;
        if initial.is_some() && store.faults.has(Fault::SaslIrRefused) {
            return Err(bad("Request not ending with"));
        }
        if let Some(answer) =
            initial.and_then(|_| store.answer(AnswerProtocol::Imap, AnswerStep::InitialResponse, None))
        {
            return Err(Refusal::Provider(answer, "AUTHENTICATE".to_owned()));
        }
        let (exchange, step) = self.setting.begin(mechanism, initial, store);
        self.step(tag, exchange, step, store, output)
    }

    /// RFC 3501 §6.2.3: "A server implementation MUST implement a configuration in which it does NOT permit any plaintext
    /// password mechanisms, unless … the STARTTLS command has been negotiated".
    fn closed(&self) -> Refusal {
        match self.setting.channel {
            Channel::BeforeStartTls => no("[PRIVACYREQUIRED] TLS first"),
            Channel::Cleartext | Channel::Tls => no("[CANNOT] not this way"),
        }
    }

    /// RFC 8437 §3: the state before the login, but TLS stays.
    pub(super) fn unauthenticate(&mut self, said: Said<'_>, _: &mut Served<'_>, output: &mut Output) -> Answer {
        if self.account.is_none() {
            return Err(bad(BEFORE_LOGIN));
        }
        said.cursor.end()?;
        self.account = None;
        self.selected = None;
        self.enabled = Enabled::default();
        self.notify = None;
        if self.compressed {
            output.next = Next::Decompress;
        }
        done("whoever you are")
    }

    /// Answers a step of AUTHENTICATE.
    pub(super) fn step(
        &mut self,
        tag: &str,
        exchange: Exchange,
        step: Step,
        store: &mut Served<'_>,
        output: &mut Output,
    ) -> Answer {
        if matches!(step, Step::Accepted(_) | Step::Refused) {
            refused_by_provider("AUTHENTICATE", exchange.named(), store)?;
        }
        match step {
            Step::Challenge(challenge) => {
                let bare = challenge.is_empty();
                let line = if bare { store.faults.continuation("") } else { format!("+ {challenge}") };
                output.line(&line);
                self.phase = Phase::Authenticating(tag.to_owned(), exchange);
                Ok(None)
            }
            Step::Accepted(account) => {
                self.account = Some(account);
                self.logged_in(store, output)
            }
            Step::Refused => Err(no(WRONG_PASSWORD)),
            Step::Malformed => Err(bad("no such response")),
            Step::Cancelled => Err(bad("cancelled")),
        }
    }

    fn logged_in(&self, store: &mut Served<'_>, output: &mut Output) -> Answer {
        // The account may have its own capabilities and faults.
        store.go_on(&self.setting, self.account);
        if store.faults.has(Fault::Alert) {
            // RFC 3501 §7.1: the text "MUST be presented to the user".
            output.line("* OK [ALERT] the mailbox will move tomorrow");
        }
        done(&format!("[CAPABILITY {}] logged in", self.capabilities(store)))
    }

    /// What is announced before the login.
    pub(super) fn ways_in(&self, store: &Served<'_>) -> Vec<String> {
        let mechanisms = self.setting.mechanisms(store);
        let mut words = Vec::new();
        if self.setting.may_start_tls(store) {
            words.push("STARTTLS".to_owned());
        }
        if !takes_passwords(&mechanisms) {
            words.push("LOGINDISABLED".to_owned());
        }
        words.extend(self.setting.announced(store).iter().map(|name| format!("AUTH={name}")));
        words
    }
}

/// Refuses every login under the fault `login-unavailable`.
fn is_possible(cursor: &mut Cursor<'_>, store: &Served<'_>) -> Result<(), Refusal> {
    cursor.space()?;
    match store.faults.has(Fault::LoginUnavailable) {
        // RFC 5530 §3: "UNAVAILABLE: Temporary failure because a subsystem is down."
        true => Err(no("[UNAVAILABLE] nobody can log in just now")),
        false => Ok(()),
    }
}

/// What a provider answers to a login, right or wrong.
fn refused_by_provider(command: &str, named: Option<AccountId>, store: &Served<'_>) -> Result<(), Refusal> {
    match store.answer(AnswerProtocol::Imap, AnswerStep::Login, named) {
        Some(answer) => Err(Refusal::Provider(answer, command.to_owned())),
        None => Ok(()),
    }
}

/// LOGIN is allowed where PLAIN is.
fn takes_passwords(mechanisms: &[&Mechanism]) -> bool {
    mechanisms.iter().any(|mechanism| mechanism.name == "PLAIN")
}

const WRONG_PASSWORD: &str = "[AUTHENTICATIONFAILED] wrong name or password";
