//! The connected clients, and closing their sessions.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use provost_account::EmailAddress;
use provost_mockmail::{Farewell, OpenSession};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Done, Mock, address};

pub(super) async fn list(State(mock): Mock) -> Answer {
    Ok(Json(mock.sessions().iter().map(shown).collect()))
}

fn shown(session: &OpenSession) -> Value {
    json!({
        "number": session.number,
        "protocol": session.protocol.name(),
        "host": session.host,
        "peer": session.peer.to_string(),
        "peer_port": session.peer.port(),
        "tls": session.is_tls,
        "account": session.account.as_ref().map(EmailAddress::as_str),
        "commands": session.commands,
        "mailbox": session.folder,
    })
}

/// Which sessions end, and how.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    account: Option<String>,
    bye: Option<bool>,
}

pub(super) async fn end_all(State(mock): Mock, Query(which): Query<Which>) -> Answer {
    let whose = which.account.as_deref().map(address).transpose()?;
    let ended = mock.end_sessions(whose.as_ref(), farewell(which.bye))?;
    Ok(Json(json!({"ended": ended})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    bye: Option<bool>,
}

pub(super) async fn end(State(mock): Mock, Path(number): Path<u64>, Query(how): Query<How>) -> Done {
    mock.end_session(number, farewell(how.bye))?;
    Ok(StatusCode::NO_CONTENT)
}

fn farewell(bye: Option<bool>) -> Farewell {
    if bye.unwrap_or(true) { Farewell::Said } else { Farewell::Silent }
}
