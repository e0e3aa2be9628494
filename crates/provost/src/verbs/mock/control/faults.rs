//! Faults: the table, and which are on for which host and account.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use provost_account::EmailAddress;
use provost_mockmail::{Armed, ArmedError, Fault, FaultRow, Stage, When};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Done, Mock, Refused, bad_request};

pub(super) async fn list(State(mock): Mock) -> Answer {
    let on = mock.faults();
    let rows = provost_mockmail::faults().iter().map(|row| {
        let armed: Vec<Value> = on.iter().filter(|armed| armed.fault() == row.fault).map(shown).collect();
        let amount = row.amount.map(|amount| json!({"usual": amount.usual, "unit": amount.unit}));
        json!({"name": row.name, "what": row.what, "trips": row.trips, "amount": amount, "on": !armed.is_empty(),
            "armed": armed})
    });
    Ok(Json(rows.collect()))
}

/// A fault that is on, and where it applies.
fn shown(armed: &Armed) -> Value {
    let When { host, account, after, amount } = armed.when();
    json!({
        "host": host.as_ref().map(ToString::to_string),
        "account": account.as_ref().map(EmailAddress::as_str),
        "after": after,
        "amount": amount,
        "text": armed.to_string(),
    })
}

/// When a fault is in force, and its amount.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    host: Option<String>,
    account: Option<String>,
    after: Option<u32>,
    amount: Option<u64>,
}

pub(super) async fn set(State(mock): Mock, Path(name): Path<String>, Query(limits): Query<Limits>) -> Done {
    let Limits { host, account, after, amount } = limits;
    let fault = switchable(&name)?;
    let mut when = When { after: after.unwrap_or(0), amount, ..When::default() };
    limit(&mut when, host, account)?;
    mock.set_fault(Armed::new(fault, when)?);
    Ok(StatusCode::NO_CONTENT)
}

/// Where a fault is switched off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whose {
    host: Option<String>,
    account: Option<String>,
}

pub(super) async fn clear(State(mock): Mock, Path(name): Path<String>, Query(whose): Query<Whose>) -> Done {
    let Whose { host, account } = whose;
    let fault = switchable(&name)?;
    match host.is_some() || account.is_some() {
        true => {
            let mut when = When::default();
            limit(&mut when, host, account)?;
            mock.clear_one_fault(&Armed::new(fault, when)?);
        }
        false => mock.clear_fault(fault),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Limits a fault to a host, an account or both.
fn limit(when: &mut When, host: Option<String>, account: Option<String>) -> Result<(), ArmedError> {
    for (option, value) in [("host", host), ("account", account)] {
        value.map_or(Ok(()), |value| when.set(option, &value))?;
    }
    Ok(())
}

impl From<ArmedError> for Refused {
    fn from(error: ArmedError) -> Self {
        bad_request(&error.to_string())
    }
}

fn switchable(name: &str) -> Result<Fault, Refused> {
    let row: &FaultRow = provost_mockmail::faults()
        .iter()
        .find(|row| row.name == name)
        .ok_or_else(|| Refused(StatusCode::NOT_FOUND, format!("no fault is called {name:?}")))?;
    if row.stage == Stage::Start {
        let only = format!("{name} can only be set at the start, with --fault");
        return Err(Refused(StatusCode::CONFLICT, only));
    }
    Ok(row.fault)
}
