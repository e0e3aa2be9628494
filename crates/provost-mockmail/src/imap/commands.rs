//! The commands: in which state they are allowed, and the function that answers. Commands that a capability adds are in
//! its file.

use std::borrow::Cow;

use provost_account::{AnswerProtocol, AnswerStep, ProviderAnswer};

use super::capabilities::{Capabilities, Capability, CapabilityRow, capabilities};
use super::{Answer, Command, Refusal, Said, Session, bad, done, folders};
use crate::faults::Fault;
use crate::session::{Next, Output};
use crate::store::Served;

/// A row of the table.
#[derive(Debug)]
pub(super) struct CommandRow {
    pub(super) name: &'static str,
    pub(super) answer: Answers,
    /// Whether it uses the selected folder, or asks what is new there.
    pub(super) is_of_selected: bool,
    /// Whether it can follow UID.
    pub(super) by_uid: bool,
    /// Whether it or its answer names messages by their numbers, unless it follows UID.
    pub(super) takes_numbers: bool,
    /// Whether numbers must stay as they are with its answer, unless it follows UID: RFC 3501 §7.4.1, no EXPUNGE "while
    /// responding to a FETCH, STORE, or SEARCH command".
    pub(super) keeps_numbers: bool,
    /// The step at which a provider may answer something else.
    pub(super) step: AnswerStep,
}

/// Who may send a command, and the function that answers it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answers {
    /// Every client.
    Anybody(BeforeLogin),
    /// A client that is not logged in.
    Stranger(BeforeLogin),
    /// A client that is logged in.
    User(fn(&mut Session, &mut Command<'_>, &mut Served<'_>, &mut Output) -> Answer),
}

type BeforeLogin = fn(&mut Session, Said<'_>, &mut Served<'_>, &mut Output) -> Answer;

impl CommandRow {
    pub(super) const fn new(name: &'static str, answer: Answers) -> Self {
        Self {
            name,
            answer,
            is_of_selected: false,
            by_uid: false,
            takes_numbers: false,
            keeps_numbers: false,
            step: AnswerStep::AfterLogin,
        }
    }

    /// A command that names messages in the selected folder.
    pub(super) const fn of_messages(name: &'static str, answer: Answers) -> Self {
        Self { is_of_selected: true, by_uid: true, takes_numbers: true, ..Self::new(name, answer) }
    }

    /// What a provider answers to it.
    fn answer_of_provider(&self, store: &Served<'_>) -> Option<&'static ProviderAnswer> {
        let answer = |step| store.answer(AnswerProtocol::Imap, step, None);
        answer(self.step).or_else(|| answer(AnswerStep::AfterLogin))
    }
}

impl Session {
    pub(super) fn dispatch(&mut self, said: Said<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        let Said { tag, mut cursor } = said;
        cursor.space()?;
        let mut name = cursor.atom()?.to_ascii_uppercase();
        let by_uid = name == "UID";
        if by_uid {
            cursor.space()?;
            name = cursor.atom()?.to_ascii_uppercase();
        }
        let row = named(&name, store.capabilities)?;
        if row.is_of_selected && self.selected_is_gone(store) {
            self.leave_gone_folder(output);
            return Ok(None);
        }
        if by_uid && !row.by_uid {
            return Err(bad("no command by UID"));
        }
        match (row.answer, self.account) {
            (Answers::Anybody(answer), _) | (Answers::Stranger(answer), None) => {
                answer(self, Said { tag, cursor }, store, output)
            }
            (Answers::Stranger(_), Some(_)) => Err(bad("already logged in")),
            (Answers::User(_), None) => Err(bad(BEFORE_LOGIN)),
            (Answers::User(answer), Some(account)) => {
                if store.faults.has(Fault::SessionEnded) {
                    output.line("* BYE [UNAVAILABLE] the server shuts down");
                    output.next = Next::Close;
                    return Ok(None);
                }
                if let Some(answer) = row.answer_of_provider(store) {
                    return Err(Refusal::Provider(answer, name));
                }
                if row.takes_numbers && !by_uid && store.faults.has(Fault::UidRequired) {
                    return Err(bad("[UIDREQUIRED] message numbers are not allowed here"));
                }
                // New messages get their numbers before a command can name them. Nothing is announced before IDLE:
                // clients take the first line for the continuation (RFC 2177 §3).
                if name != "IDLE" {
                    self.announce(false, store, output);
                }
                let mut command = Command { tag, name: &name, by_uid, cursor, account };
                let answer = answer(self, &mut command, store, output)?;
                // No removal is announced where it would change what a number in the next command means.
                let numbers = row.keeps_numbers && !by_uid;
                if answer.is_some() && output.next == Next::Read {
                    self.announce_own(!numbers, store, output);
                }
                Ok(answer)
            }
        }
    }

    fn capability(&mut self, said: Said<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        said.cursor.end()?;
        output.line(&format!("* CAPABILITY {}", self.capabilities(store)));
        done("that is all")
    }

    fn noop(&mut self, said: Said<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        said.cursor.end()?;
        self.storm(store)?;
        self.announce(true, store, output);
        done("still here")
    }

    fn checkpoint(&mut self, said: Said<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        said.cursor.end()?;
        self.selected()?;
        self.noop(said, store, output)
    }

    fn log_out(&mut self, said: Said<'_>, _: &mut Served<'_>, output: &mut Output) -> Answer {
        said.cursor.end()?;
        output.line("* BYE goodbye");
        output.next = Next::Close;
        done("logged out")
    }

    /// RFC 2971.
    pub(super) fn identify(&mut self, _: Said<'_>, _: &mut Served<'_>, output: &mut Output) -> Answer {
        self.has_sent_id = true;
        output.line("* ID (\"name\" \"Provost mock server\")");
        done("pleased to meet you")
    }

    /// The capabilities to announce at this moment.
    pub(super) fn capabilities(&self, store: &Served<'_>) -> String {
        // RFC 4978 §3.
        let is_over = |row: &&CapabilityRow| self.compressed && row.capability == Capability::Compress;
        let rows = store.capabilities.rows().filter(|row| !is_over(row));
        let mut words: Vec<Cow<'static, str>> = rows.map(|row| row.announcement(&store.limits)).collect();
        if self.account.is_none() {
            words.extend(self.ways_in(store).into_iter().map(Cow::Owned));
        }
        words.join(" ")
    }
}

/// The command of that name. A client that is not logged in learns nothing of names that are in no table.
pub(super) fn named(name: &str, on: Capabilities) -> Result<&'static CommandRow, Refusal> {
    if let Some(row) = ALWAYS.iter().find(|row| row.name == name) {
        return Ok(row);
    }
    let brought = || {
        let all = capabilities().iter().flat_map(|by| by.commands.iter().map(move |row| (by.capability, row)));
        all.filter(|(_, row)| row.name == name)
    };
    match brought().find(|(capability, _)| on.has(*capability)) {
        Some((_, row)) => Ok(row),
        None if brought().next().is_none() => Ok(&UNKNOWN),
        None => Err(bad("unknown command")),
    }
}

const UNKNOWN: CommandRow = CommandRow::new("", Answers::User(|_, _, _, _| Err(bad("unknown command"))));

/// The commands of RFC 3501.
const ALWAYS: &[CommandRow] = {
    use Answers::{Anybody, Stranger, User};
    const FOLDERS: Answers = User(|it, command, store, _| folders::command(command, it.enabled, store));
    &[
        CommandRow::new("CAPABILITY", Anybody(Session::capability)),
        CommandRow { is_of_selected: true, ..CommandRow::new("NOOP", Anybody(Session::noop)) },
        CommandRow { is_of_selected: true, ..CommandRow::new("CHECK", Anybody(Session::checkpoint)) },
        CommandRow::new("LOGOUT", Anybody(Session::log_out)),
        CommandRow::new("STARTTLS", Stranger(Session::start_tls)),
        CommandRow::new("LOGIN", Stranger(Session::log_in)),
        CommandRow::new("AUTHENTICATE", Stranger(Session::authenticate)),
        CommandRow::new("SELECT", User(Session::select)),
        CommandRow::new("EXAMINE", User(Session::select)),
        CommandRow {
            is_of_selected: true,
            ..CommandRow::new("CLOSE", User(|it, command, store, _| it.close(command, store)))
        },
        CommandRow::new("LIST", User(Session::list)),
        CommandRow::new("LSUB", User(Session::list)),
        CommandRow::new("STATUS", User(Session::status)),
        CommandRow::new("CREATE", FOLDERS),
        CommandRow::new("DELETE", FOLDERS),
        CommandRow::new("RENAME", FOLDERS),
        CommandRow::new("SUBSCRIBE", FOLDERS),
        CommandRow::new("UNSUBSCRIBE", FOLDERS),
        CommandRow {
            step: AnswerStep::Append,
            ..CommandRow::new("APPEND", User(|it, command, store, _| it.append(command, store)))
        },
        CommandRow { keeps_numbers: true, ..CommandRow::of_messages("SEARCH", User(Session::results)) },
        CommandRow {
            keeps_numbers: true,
            step: AnswerStep::Fetch,
            ..CommandRow::of_messages("FETCH", User(Session::fetch))
        },
        CommandRow {
            keeps_numbers: true,
            step: AnswerStep::Change,
            ..CommandRow::of_messages("STORE", User(Session::store))
        },
        CommandRow::of_messages("COPY", User(Session::copy)),
        CommandRow {
            takes_numbers: false,
            step: AnswerStep::Change,
            ..CommandRow::of_messages("EXPUNGE", User(Session::expunge))
        },
    ]
};

/// The answer to a command that needs a login.
pub(super) const BEFORE_LOGIN: &str = "unknown command, or not before logging in";
