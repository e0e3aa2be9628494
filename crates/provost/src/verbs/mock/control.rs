//! The control interface of the mock server, described in `control.yaml` (OpenAPI).

mod accounts;
mod faults;
mod mailboxes;
mod messages;
mod sessions;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, MatchedPath, Query, Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use provost_account::EmailAddress;
use provost_mockmail::{HandleError, MockMail, Speaker};
use serde::Deserialize;
use serde_json::{Value, json};

/// What it answers. No body is longer than a message may be.
pub(super) fn routes(mock: Arc<MockMail>, message_octets_max: usize) -> Router {
    let of_folder = get(messages::list).post(messages::add).delete(messages::clear);
    Router::new()
        .route("/v1/ready", get(|| async { Json(json!({"ready": true})) }))
        .route("/v1/openapi.yaml", get(|| async { ([(header::CONTENT_TYPE, "application/yaml")], DESCRIPTION) }))
        .route("/v1/accounts", get(accounts::list).post(accounts::add))
        .route("/v1/accounts/{address}", get(accounts::one).delete(accounts::remove))
        .route(
            "/v1/accounts/{address}/capabilities",
            get(accounts::capabilities).put(accounts::set_capabilities).delete(accounts::clear_capabilities),
        )
        .route("/v1/accounts/{address}/messages", get(messages::list_everywhere))
        .route("/v1/accounts/{address}/mailboxes", get(mailboxes::list))
        .route(
            "/v1/accounts/{address}/mailboxes/{name}",
            get(mailboxes::one).put(mailboxes::create).delete(mailboxes::remove),
        )
        .route("/v1/accounts/{address}/mailboxes/{name}/messages", of_folder)
        .route("/v1/accounts/{address}/mailboxes/{name}/messages/{uid}", get(messages::one).delete(messages::remove))
        .route(
            "/v1/accounts/{address}/mailboxes/{name}/messages/{uid}/flags",
            put(messages::set_flags).post(messages::change_flags),
        )
        .route("/v1/accounts/{address}/mailboxes/{name}/messages/{uid}/move", post(messages::move_to))
        .route("/v1/sessions", get(sessions::list).delete(sessions::end_all))
        .route("/v1/sessions/{number}", delete(sessions::end))
        .route("/v1/faults", get(faults::list))
        .route("/v1/faults/{name}", put(faults::set).delete(faults::clear))
        .route("/v1/transcript", get(transcript))
        .route("/v1/reset", post(reset))
        .route_layer(middleware::from_fn(refuse_parameters))
        .fallback(unknown_path)
        .layer(DefaultBodyLimit::max(message_octets_max))
        .with_state(mock)
}

/// Why a request is refused.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

impl From<HandleError> for Refused {
    fn from(error: HandleError) -> Self {
        let status = match &error {
            HandleError::NoAccount(_)
            | HandleError::NoFolder(_)
            | HandleError::NoMessage { .. }
            | HandleError::NoSession(_) => StatusCode::NOT_FOUND,
            HandleError::Taken(_) | HandleError::FolderTaken(_) | HandleError::InboxStays => StatusCode::CONFLICT,
            HandleError::Flag(_) | HandleError::NoFolderName(_) | HandleError::CarriageReturns => {
                StatusCode::BAD_REQUEST
            }
            HandleError::TimedOut { .. } => StatusCode::REQUEST_TIMEOUT,
        };
        Self(status, error.to_string())
    }
}

type Mock = State<Arc<MockMail>>;
type Answer = Result<Json<Value>, Refused>;
type Made = Result<(StatusCode, Json<Value>), Refused>;
type Done = Result<StatusCode, Refused>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    /// The number of the first line.
    from: Option<u64>,
}

async fn transcript(State(mock): Mock, Query(range): Query<Range>) -> Answer {
    let lines = mock.transcript(range.from.unwrap_or(0)).into_iter().map(|line| {
        let speaker = match line.speaker {
            Speaker::Client => "client",
            Speaker::Server => "server",
            Speaker::Event => "event",
        };
        let protocol = line.protocol.name();
        json!({"number": line.number, "connection": line.connection, "protocol": protocol, "speaker": speaker,
            "text": line.text})
    });
    Ok(Json(lines.collect()))
}

async fn reset(State(mock): Mock) -> StatusCode {
    mock.reset();
    StatusCode::NO_CONTENT
}

/// Refuses parameters where none is read: the caller would take one for a filter.
async fn refuse_parameters(path: MatchedPath, request: Request, next: Next) -> Response {
    let given = request.uri().query().is_some_and(|query| !query.is_empty());
    let method = request.method().as_str();
    if given && !WITH_PARAMETERS.contains(&(method, path.as_str())) {
        return bad_request(&format!("{method} {} takes no parameters", request.uri().path())).into_response();
    }
    next.run(request).await
}

/// Where parameters are read.
const WITH_PARAMETERS: [(&str, &str); 8] = [
    ("DELETE", "/v1/faults/{name}"),
    ("DELETE", "/v1/sessions"),
    ("DELETE", "/v1/sessions/{number}"),
    ("GET", "/v1/accounts/{address}/mailboxes/{name}/messages"),
    ("GET", "/v1/accounts/{address}/messages"),
    ("GET", "/v1/transcript"),
    ("POST", "/v1/accounts/{address}/mailboxes/{name}/messages"),
    ("PUT", "/v1/faults/{name}"),
];

async fn unknown_path(uri: Uri) -> Refused {
    let text = format!("there is nothing at {}; GET /v1/openapi.yaml describes what there is", uri.path());
    Refused(StatusCode::NOT_FOUND, text)
}

fn address(text: &str) -> Result<EmailAddress, Refused> {
    EmailAddress::try_from(text).map_err(|error| bad_request(&format!("{text:?} is not an e-mail address: {error}")))
}

fn bad_request(text: &str) -> Refused {
    Refused(StatusCode::BAD_REQUEST, text.to_owned())
}

const DESCRIPTION: &str = include_str!("control.yaml");
