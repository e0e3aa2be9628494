//! The control interface of the mock server, described in `control.yaml` (OpenAPI).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_account::{EmailAddress, Login, Secret};
use provost_mockmail::{Armed, Fault, FaultRow, HandleError, Kept, Mailbox, MockMail, NewMessage, Speaker};
use serde::Deserialize;
use serde_json::{Value, json};

use super::trace;

/// What it answers.
pub(super) fn routes(mock: Arc<MockMail>, message_octets_max: usize) -> Router {
    let messages = get(messages).post(add_message).delete(clear_messages);
    Router::new()
        .route("/v1/ready", get(|| async { Json(json!({"ready": true})) }))
        .route("/v1/openapi.yaml", get(|| async { ([(header::CONTENT_TYPE, "application/yaml")], DESCRIPTION) }))
        .route("/v1/accounts", get(accounts).post(add_account))
        .route("/v1/accounts/{address}/mailboxes/{name}/messages", messages)
        .route("/v1/faults", get(faults))
        .route("/v1/faults/{name}", put(set_fault).delete(clear_fault))
        .route("/v1/transcript", get(transcript))
        .route("/v1/reset", post(reset))
        .layer(DefaultBodyLimit::max(message_octets_max))
        .with_state(mock)
}

/// What a request cannot have.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

impl From<HandleError> for Refused {
    fn from(error: HandleError) -> Self {
        let status = match &error {
            HandleError::NoAccount(_) | HandleError::NoFolder(_) | HandleError::NoSession(_) => StatusCode::NOT_FOUND,
            HandleError::CarriageReturns => StatusCode::BAD_REQUEST,
            HandleError::Taken(_) => StatusCode::CONFLICT,
            HandleError::Flag(_) => StatusCode::BAD_REQUEST,
            HandleError::TimedOut { .. } => StatusCode::REQUEST_TIMEOUT,
        };
        Self(status, error.to_string())
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Refused {
    fn from(rejection: QueryRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

type Answer = Result<Json<Value>, Refused>;

async fn accounts(State(mock): State<Arc<MockMail>>) -> Json<Value> {
    let accounts = mock.accounts().into_iter().map(|it| {
        let aliases: Vec<&str> = it.aliases.iter().map(EmailAddress::as_str).collect();
        json!({"address": it.address.as_str(), "username": it.login.as_str(), "aliases": aliases})
    });
    Json(accounts.collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    address: String,
    username: Option<String>,
    password: String,
    #[serde(default)]
    aliases: Vec<String>,
}

async fn add_account(
    State(mock): State<Arc<MockMail>>,
    new: Result<Json<NewAccount>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let Json(new) = new?;
    let username = new.username.as_deref().unwrap_or(&new.address);
    let mailbox = Mailbox {
        address: address(&new.address)?,
        aliases: new.aliases.iter().map(|alias| address(alias)).collect::<Result<_, _>>()?,
        login: Login::try_from(username).map_err(|error| bad_request(&format!("username: {error}")))?,
        password: Secret::new(new.password),
    };
    let answer = json!({"address": mailbox.address.as_str(), "username": mailbox.login.as_str()});
    mock.add_account(mailbox)?;
    Ok((StatusCode::CREATED, Json(answer)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    /// Messages.
    wait: Option<usize>,
    /// Milliseconds.
    timeout: Option<u64>,
}

async fn messages(
    State(mock): State<Arc<MockMail>>,
    Path((whose, name)): Path<(String, String)>,
    waiting: Result<Query<Waiting>, QueryRejection>,
) -> Answer {
    let Query(waiting) = waiting?;
    let whose = address(&whose)?;
    let found = match waiting.wait {
        None => mock.messages(&whose, &name)?,
        Some(wanted) => {
            let limit = Duration::from_millis(waiting.timeout.unwrap_or(WAIT_MILLISECONDS).min(WAIT_MILLISECONDS_MAX));
            mock.wait_for(&whose, &name, wanted, limit).await?
        }
    };
    Ok(Json(found.iter().map(message).collect()))
}

/// A message: as text where it is UTF-8, in base64 always.
fn message(kept: &Kept) -> Value {
    let seconds = kept.internal_date.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    json!({
        "uid": kept.uid,
        "flags": kept.flags,
        "internal_date": seconds,
        "raw": std::str::from_utf8(&kept.bytes).ok(),
        "raw_base64": STANDARD.encode(&kept.bytes),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMessageOptions {
    /// Flags of IMAP, separated by commas.
    flags: Option<String>,
    /// Seconds since 1970.
    internal_date: Option<u64>,
}

async fn add_message(
    State(mock): State<Arc<MockMail>>,
    Path((whose, name)): Path<(String, String)>,
    options: Result<Query<NewMessageOptions>, QueryRejection>,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let Query(options) = options?;
    if bytes.is_empty() {
        return Err(bad_request("the body is the message, and there is none"));
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

async fn clear_messages(
    State(mock): State<Arc<MockMail>>,
    Path((whose, name)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    mock.clear(&address(&whose)?, &name)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn faults(State(mock): State<Arc<MockMail>>) -> Json<Value> {
    let on = mock.faults();
    let rows = provost_mockmail::faults().iter().map(|row| {
        let armed: Vec<Value> = on.iter().filter(|armed| armed.fault == row.fault).map(shown_armed).collect();
        let amount = row.fault.usual_amount().map(|(amount, unit)| json!({"usual": amount, "unit": unit}));
        json!({"name": row.name, "what": row.what, "trips": row.trips, "amount": amount, "on": !armed.is_empty(),
            "armed": armed})
    });
    Json(rows.collect())
}

/// A fault that is on, and whom it holds for.
fn shown_armed(armed: &Armed) -> Value {
    json!({
        "host": armed.host.as_ref().map(ToString::to_string),
        "account": armed.account.as_ref().map(EmailAddress::as_str),
        "after": armed.after,
        "amount": armed.amount,
        "text": armed.to_string(),
    })
}

/// When a fault is in force, and how much of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    host: Option<String>,
    account: Option<String>,
    after: Option<u32>,
    amount: Option<u64>,
}

async fn set_fault(
    State(mock): State<Arc<MockMail>>,
    Path(name): Path<String>,
    when: Result<Query<When>, QueryRejection>,
) -> Result<StatusCode, Refused> {
    let Query(when) = when?;
    switchable(&name)?;
    let options = [
        when.host.map(|host| format!("host={host}")),
        when.account.map(|account| format!("account={account}")),
        when.after.map(|after| format!("after={after}")),
        when.amount.map(|amount| format!("amount={amount}")),
    ];
    let options: Vec<String> = options.into_iter().flatten().collect();
    let armed = format!("{name}:{}", options.join(",")).parse::<Armed>();
    let armed = armed.map_err(|error| bad_request(&error.to_string()))?;
    mock.set_fault(armed);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_fault(State(mock): State<Arc<MockMail>>, Path(name): Path<String>) -> Result<StatusCode, Refused> {
    mock.clear_fault(switchable(&name)?);
    Ok(StatusCode::NO_CONTENT)
}

fn switchable(name: &str) -> Result<Fault, Refused> {
    let row: &FaultRow = provost_mockmail::faults()
        .iter()
        .find(|row| row.name == name)
        .ok_or_else(|| Refused(StatusCode::NOT_FOUND, format!("no fault is called {name:?}")))?;
    if row.fault.is_of_the_start() {
        let only = format!("{name} can only be given at the start, with --fault");
        return Err(Refused(StatusCode::CONFLICT, only));
    }
    Ok(row.fault)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    /// The number of the first line.
    from: Option<u64>,
}

async fn transcript(State(mock): State<Arc<MockMail>>, range: Result<Query<Range>, QueryRejection>) -> Answer {
    let Query(range) = range?;
    let lines = mock.transcript(range.from.unwrap_or(0)).into_iter().map(|line| {
        let speaker = match line.speaker {
            Speaker::Client => "client",
            Speaker::Server => "server",
            Speaker::Event => "event",
        };
        let protocol = trace::protocol(line.protocol);
        json!({"number": line.number, "connection": line.connection, "protocol": protocol, "speaker": speaker,
            "text": line.text})
    });
    Ok(Json(lines.collect()))
}

async fn reset(State(mock): State<Arc<MockMail>>) -> StatusCode {
    mock.reset();
    StatusCode::NO_CONTENT
}

fn address(text: &str) -> Result<EmailAddress, Refused> {
    EmailAddress::try_from(text).map_err(|error| bad_request(&format!("{text:?} is no e-mail address: {error}")))
}

fn bad_request(text: &str) -> Refused {
    Refused(StatusCode::BAD_REQUEST, text.to_owned())
}

const DESCRIPTION: &str = include_str!("control.yaml");
const WAIT_MILLISECONDS: u64 = 10_000;
const WAIT_MILLISECONDS_MAX: u64 = 600_000;
/// The end of the year 9999.
const LATEST_SECONDS: u64 = 253_402_300_799;
