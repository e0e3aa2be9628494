//! Messages: all of a folder or an account, waiting for some, and each by its UID.

use std::time::{Duration, SystemTime};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_mockmail::{Filter, FlagChange, NewMessage, Placed, Text, Wanted};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Done, Made, Mock, Refused, address, bad_request};

type Folder = Path<(String, String)>;
type One = Path<(String, String, u32)>;

/// Which messages, and whether they are waited for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// How many new messages: from now on, or after `after`.
    wait: Option<usize>,
    /// How many in all.
    total: Option<usize>,
    /// Milliseconds.
    timeout: Option<u64>,
    /// A UID.
    after: Option<u32>,
    recipient: Option<String>,
    subject: Option<String>,
    subject_contains: Option<String>,
    header: Option<String>,
    header_equals: Option<String>,
    header_contains: Option<String>,
}

impl Asked {
    fn limit(&self) -> Result<Duration, Refused> {
        match (self.timeout, self.wait.or(self.total)) {
            (Some(_), None) => Err(bad_request("timeout needs wait or total")),
            (Some(milliseconds), _) if milliseconds > WAIT_MILLISECONDS_MAX => {
                Err(bad_request(&format!("timeout is at most {WAIT_MILLISECONDS_MAX} milliseconds")))
            }
            (milliseconds, _) => Ok(Duration::from_millis(milliseconds.unwrap_or(WAIT_MILLISECONDS))),
        }
    }

    fn filter(&self) -> Result<Filter, Refused> {
        let text = |equals: &Option<String>, contains: &Option<String>, names| match (equals, contains) {
            (Some(_), Some(_)) => Err(bad_request(&format!("{names} exclude each other"))),
            (Some(text), None) => Ok(Some(Text::Equals(text.clone()))),
            (None, contains) => Ok(contains.clone().map(Text::Contains)),
        };
        let subject = text(&self.subject, &self.subject_contains, "subject and subject_contains")?;
        let header = text(&self.header_equals, &self.header_contains, "header_equals and header_contains")?;
        if header.is_some() && self.header.is_none() {
            return Err(bad_request("header_equals and header_contains need header=NAME"));
        }
        Ok(Filter {
            recipient: self.recipient.as_deref().map(address).transpose()?,
            subject,
            header: self.header.clone().map(|name| (name, header)),
        })
    }

    /// Every matching message, at once or when enough have arrived.
    async fn answer(&self, mock: &Mock, whose: &str, folder: Option<&str>) -> Answer {
        let (whose, limit, filter) = (address(whose)?, self.limit()?, self.filter()?);
        let found = match (self.wait, self.total, folder) {
            (Some(_), Some(_), _) => {
                return Err(bad_request("wait counts new messages and total counts all: give only one"));
            }
            (None, Some(total), Some(folder)) => {
                if self.after.is_some() || filter != Filter::default() {
                    return Err(bad_request(
                        "total counts every message of the folder; with after or a filter, use wait",
                    ));
                }
                let found = mock.wait_for(&whose, folder, total, limit).await?;
                let folder = mock.status(&whose, folder)?.name;
                found.into_iter().map(|kept| (folder.clone(), kept)).collect()
            }
            (Some(count), None, folder) => {
                let wanted = Wanted { folder: folder.map(str::to_owned), after: self.after, filter, count };
                mock.wait_for_new(&whose, &wanted, limit).await?
            }
            (None, _, folder) => {
                let mut found = mock.find(&whose, folder, &filter)?;
                found.retain(|(_, kept)| self.after.is_none_or(|after| kept.uid > after));
                found
            }
        };
        Ok(Json(found.iter().map(shown).collect()))
    }
}

pub(super) async fn list(mock: Mock, Path((whose, name)): Folder, Query(asked): Query<Asked>) -> Answer {
    asked.answer(&mock, &whose, Some(&name)).await
}

pub(super) async fn list_everywhere(mock: Mock, Path(whose): Path<String>, Query(asked): Query<Asked>) -> Answer {
    if asked.after.is_some() || asked.total.is_some() {
        return Err(bad_request("after and total need a folder: …/mailboxes/NAME/messages"));
    }
    asked.answer(&mock, &whose, None).await
}

/// A message: as text where it is UTF-8, in base64 always.
fn shown((folder, kept): &Placed) -> Value {
    let seconds = kept.internal_date.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let envelope = kept.envelope.as_ref().map(|envelope| {
        json!({
            "mail_from": envelope.mail_from,
            "rcpt_to": envelope.rcpt_to,
            "recipients": &envelope.recipients[..],
            "username": envelope.username,
            "ehlo": envelope.ehlo,
        })
    });
    json!({
        "mailbox": folder,
        "uid": kept.uid,
        "flags": kept.flags,
        "internal_date": seconds,
        "subject": kept.texts("Subject").first(),
        "envelope": envelope,
        "raw": std::str::from_utf8(&kept.bytes).ok(),
        "raw_base64": STANDARD.encode(&kept.bytes),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessageOptions {
    /// Flags of IMAP, separated by commas.
    flags: Option<String>,
    /// Seconds since 1970.
    internal_date: Option<u64>,
}

pub(super) async fn add(
    State(mock): Mock,
    Path((whose, name)): Folder,
    Query(options): Query<NewMessageOptions>,
    bytes: Bytes,
) -> Made {
    if bytes.is_empty() {
        return Err(bad_request("the body must be the message, and it is empty"));
    }
    let flags = options.flags.as_deref().unwrap_or("").split(',').map(str::trim).filter(|flag| !flag.is_empty());
    let flags: Vec<String> = flags.map(str::to_owned).collect();
    let internal_date = options.internal_date.map(|seconds| {
        // A date beyond what IMAP can say would end the server's answer.
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.min(LATEST_SECONDS))
    });
    let new = NewMessage { bytes: bytes.to_vec(), flags, internal_date };
    let uid = mock.put(&address(&whose)?, &name, new)?;
    Ok((StatusCode::CREATED, Json(json!({"uid": uid}))))
}

pub(super) async fn clear(State(mock): Mock, Path((whose, name)): Folder) -> Done {
    mock.clear(&address(&whose)?, &name)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn one(State(mock): Mock, Path((whose, name, uid)): One) -> Answer {
    let whose = address(&whose)?;
    let kept = mock.message(&whose, &name, uid)?;
    Ok(Json(shown(&(mock.status(&whose, &name)?.name, kept))))
}

pub(super) async fn remove(State(mock): Mock, Path((whose, name, uid)): One) -> Done {
    mock.remove_message(&address(&whose)?, &name, uid)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flags {
    flags: Vec<String>,
}

pub(super) async fn set_flags(mock: Mock, one: One, Json(Flags { flags }): Json<Flags>) -> Answer {
    change(&mock, one, &FlagChange::Set(flags))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

pub(super) async fn change_flags(mock: Mock, one: One, Json(Changes { add, remove }): Json<Changes>) -> Answer {
    if add.is_empty() && remove.is_empty() {
        return Err(bad_request("nothing to add or remove; to set the flags, use PUT"));
    }
    change(&mock, one, &FlagChange::Change { add, remove })
}

fn change(mock: &Mock, Path((whose, name, uid)): One, change: &FlagChange) -> Answer {
    let whose = address(&whose)?;
    let kept = mock.change_flags(&whose, &name, uid, change)?;
    Ok(Json(shown(&(mock.status(&whose, &name)?.name, kept))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    mailbox: String,
}

pub(super) async fn move_to(
    State(mock): Mock,
    Path((whose, name, uid)): One,
    Json(Target { mailbox }): Json<Target>,
) -> Answer {
    let whose = address(&whose)?;
    let uid = mock.move_message(&whose, &name, uid, &mailbox)?;
    Ok(Json(json!({"mailbox": mock.status(&whose, &mailbox)?.name, "uid": uid})))
}

const WAIT_MILLISECONDS: u64 = 10_000;
const WAIT_MILLISECONDS_MAX: u64 = 600_000;
/// The end of the year 9999.
const LATEST_SECONDS: u64 = 253_402_300_799;
