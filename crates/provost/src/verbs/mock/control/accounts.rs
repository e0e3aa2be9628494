//! Accounts, and the IMAP capabilities of each.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use provost_account::{EmailAddress, Login, Secret};
use provost_mockmail::{Capabilities, Chosen, Mailbox, MockMail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Done, Made, Mock, Refused, address, bad_request};

pub(super) async fn list(State(mock): Mock) -> Answer {
    Ok(Json(mock.accounts().iter().map(|mailbox| shown(&mock, mailbox)).collect()))
}

pub(super) async fn one(State(mock): Mock, Path(whose): Path<String>) -> Answer {
    let whose = address(&whose)?;
    // An account that is there, or the reason why not.
    mock.capabilities(&whose)?;
    let accounts = mock.accounts();
    let found = accounts.iter().find(|mailbox| mailbox.address.key() == whose.key());
    Ok(Json(found.map_or(Value::Null, |mailbox| shown(&mock, mailbox))))
}

fn shown(mock: &MockMail, mailbox: &Mailbox) -> Value {
    let aliases: Vec<&str> = mailbox.aliases.iter().map(EmailAddress::as_str).collect();
    let capabilities = mock.capabilities(&mailbox.address).ok().filter(|(_, own)| *own);
    json!({
        "address": mailbox.address.as_str(),
        "username": mailbox.login.as_str(),
        "aliases": aliases,
        "capabilities": capabilities.map(|(list, _)| list.names().collect::<Vec<_>>()),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    address: String,
    username: Option<String>,
    password: String,
    #[serde(default)]
    aliases: Vec<String>,
    /// As the option `--capabilities` has them.
    capabilities: Option<String>,
}

pub(super) async fn add(State(mock): Mock, Json(new): Json<NewAccount>) -> Made {
    let username = new.username.as_deref().unwrap_or(&new.address);
    let chosen = new.capabilities.as_deref().map(choice).transpose()?;
    let mailbox = Mailbox {
        address: address(&new.address)?,
        aliases: new.aliases.iter().map(|alias| address(alias)).collect::<Result<_, _>>()?,
        login: Login::try_from(username).map_err(|error| bad_request(&format!("username: {error}")))?,
        password: Secret::new(new.password),
    };
    mock.add_account(mailbox.clone())?;
    if let Some(chosen) = chosen {
        mock.set_capabilities(&mailbox.address, Some(chosen.capabilities))?;
    }
    Ok((StatusCode::CREATED, Json(shown(&mock, &mailbox))))
}

pub(super) async fn remove(State(mock): Mock, Path(whose): Path<String>) -> Done {
    mock.remove_account(&address(&whose)?)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn capabilities(State(mock): Mock, Path(whose): Path<String>) -> Answer {
    let (capabilities, own) = mock.capabilities(&address(&whose)?)?;
    Ok(Json(json!({"own": own, "capabilities": capabilities.names().collect::<Vec<_>>()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    capabilities: String,
}

pub(super) async fn set_capabilities(
    State(mock): Mock,
    Path(whose): Path<String>,
    Json(chosen): Json<Choice>,
) -> Answer {
    let whose = address(&whose)?;
    let Chosen { capabilities, removed } = choice(&chosen.capabilities)?;
    let names: Vec<&str> = capabilities.names().collect();
    let removed: Vec<Value> = removed.iter().map(|(name, needed)| json!({"name": name, "needs": needed})).collect();
    let answer = json!({"own": true, "capabilities": names, "removed": removed});
    mock.set_capabilities(&whose, Some(capabilities))?;
    Ok(Json(answer))
}

pub(super) async fn clear_capabilities(State(mock): Mock, Path(whose): Path<String>) -> Done {
    mock.set_capabilities(&address(&whose)?, None)?;
    Ok(StatusCode::NO_CONTENT)
}

fn choice(text: &str) -> Result<Chosen, Refused> {
    Capabilities::choose(text).map_err(|error| bad_request(&format!("capabilities: {error}")))
}
