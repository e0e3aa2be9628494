//! The REST paths of GreenMail's standalone server (greenmail-openapi.yml, 2.1), for test suites that use them.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use provost_account::{EmailAddress, Login, Secret};
use provost_mockmail::{Kept, Mailbox, MockMail};
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn routes(mock: Arc<MockMail>) -> Router {
    Router::new()
        .route("/api/configuration", get(configuration))
        .route("/api/user", get(users).post(create_user))
        .route("/api/user/{id}", delete(delete_user))
        .route("/api/user/{id}/messages", get(inbox))
        .route("/api/user/{id}/messages/{folder}", get(messages))
        .route("/api/service/readiness", get(|| async { said("Service running") }))
        .route("/api/service/reset", post(reset))
        .route("/api/mail/purge", post(purge))
        .with_state(mock)
}

type Answer = Result<Json<Value>, (StatusCode, Json<Value>)>;

fn said(message: &str) -> Json<Value> {
    Json(json!({"message": message}))
}

fn refused(message: &str) -> (StatusCode, Json<Value>) {
    (StatusCode::BAD_REQUEST, said(message))
}

async fn configuration(State(mock): State<Arc<MockMail>>) -> Json<Value> {
    let setups = mock.listeners().iter().filter_map(|listener| {
        let socket = listener.socket?;
        // GreenMail calls submission by the name of the protocol.
        let name = listener.protocol.registered(listener.security).name.replace("submission", "smtp");
        Some(json!({"protocol": name, "port": socket.port(), "address": socket.ip().to_string()}))
    });
    let setups: Vec<Value> = setups.collect();
    Json(json!({
        "defaultHostname": "127.0.0.1", "portOffset": 0, "serverSetups": setups, "authenticationDisabled": true,
        "sieveIgnoreDetail": false, "preloadDirectory": null,
    }))
}

async fn users(State(mock): State<Arc<MockMail>>) -> Json<Value> {
    Json(mock.accounts().iter().map(user).collect())
}

fn user(mailbox: &Mailbox) -> Value {
    json!({"id": mailbox.login.as_str(), "email": mailbox.address.as_str(), "login": mailbox.login.as_str()})
}

#[derive(Deserialize)]
struct NewUser {
    email: String,
    login: Option<String>,
    password: String,
}

async fn create_user(State(mock): State<Arc<MockMail>>, new: Result<Json<NewUser>, JsonRejection>) -> Answer {
    let Json(new) = new.map_err(|error| refused(&error.body_text()))?;
    let login = new.login.as_deref().unwrap_or(&new.email);
    let mailbox = Mailbox {
        address: EmailAddress::try_from(new.email.as_str()).map_err(|error| refused(&error.to_string()))?,
        aliases: Vec::new(),
        login: Login::try_from(login).map_err(|error| refused(&error.to_string()))?,
        password: Secret::new(new.password),
    };
    let answer = user(&mailbox);
    mock.add_account(mailbox).map_err(|error| refused(&error.to_string()))?;
    Ok(Json(answer))
}

async fn delete_user(State(mock): State<Arc<MockMail>>, Path(id): Path<String>) -> Answer {
    let address = found(&mock, &id)?;
    mock.remove_account(&address).map_err(|error| refused(&error.to_string()))?;
    Ok(said(&format!("User '{id}' deleted")))
}

async fn inbox(State(mock): State<Arc<MockMail>>, Path(id): Path<String>) -> Answer {
    list(&mock, &id, "INBOX")
}

async fn messages(State(mock): State<Arc<MockMail>>, Path((id, folder)): Path<(String, String)>) -> Answer {
    list(&mock, &id, &folder)
}

fn list(mock: &MockMail, id: &str, folder: &str) -> Answer {
    let found = mock.messages(&found(mock, id)?, folder).map_err(|error| refused(&error.to_string()))?;
    let message = |kept: &Kept| {
        json!({
            "uid": kept.uid.to_string(),
            "Message-ID": kept.header("Message-ID"),
            "subject": kept.header("Subject"),
            "contentType": kept.header("Content-Type"),
            "mimeMessage": String::from_utf8_lossy(&kept.bytes),
        })
    };
    Ok(Json(found.iter().map(message).collect()))
}

/// The address of the user with that login name or address.
fn found(mock: &MockMail, id: &str) -> Result<EmailAddress, (StatusCode, Json<Value>)> {
    mock.address_of(id).ok_or_else(|| refused(&format!("User '{id}' not found")))
}

async fn reset(State(mock): State<Arc<MockMail>>) -> Json<Value> {
    mock.reset();
    said("Performed reset")
}

async fn purge(State(mock): State<Arc<MockMail>>) -> Answer {
    for account in mock.accounts() {
        let failed = |error: provost_mockmail::HandleError| refused(&error.to_string());
        for folder in mock.folders(&account.address).map_err(failed)? {
            mock.clear(&account.address, &folder).map_err(failed)?;
        }
    }
    Ok(said("Purged mails"))
}
