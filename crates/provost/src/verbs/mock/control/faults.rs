//! Faults: the table, and which are on for whom.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use provost_account::EmailAddress;
use provost_mockmail::{Armed, Fault, FaultRow};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Done, Mock, Refused, bad_request};

pub(super) async fn list(State(mock): Mock) -> Answer {
    let on = mock.faults();
    let rows = provost_mockmail::faults().iter().map(|row| {
        let armed: Vec<Value> = on.iter().filter(|armed| armed.fault == row.fault).map(shown).collect();
        let amount = row.fault.usual_amount().map(|(amount, unit)| json!({"usual": amount, "unit": unit}));
        json!({"name": row.name, "what": row.what, "trips": row.trips, "amount": amount, "on": !armed.is_empty(),
            "armed": armed})
    });
    Ok(Json(rows.collect()))
}

/// A fault that is on, and whom it holds for.
fn shown(armed: &Armed) -> Value {
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
pub(super) struct When {
    host: Option<String>,
    account: Option<String>,
    after: Option<u32>,
    amount: Option<u64>,
}

impl When {
    fn of(self, name: &str) -> Result<Armed, Refused> {
        let options = [
            self.host.map(|host| format!("host={host}")),
            self.account.map(|account| format!("account={account}")),
            self.after.map(|after| format!("after={after}")),
            self.amount.map(|amount| format!("amount={amount}")),
        ];
        let options: Vec<String> = options.into_iter().flatten().collect();
        let armed = format!("{name}:{}", options.join(",")).parse::<Armed>();
        armed.map_err(|error| bad_request(&error.to_string()))
    }
}

type Named = Result<Path<String>, PathRejection>;

pub(super) async fn set(State(mock): Mock, name: Named, when: Result<Query<When>, QueryRejection>) -> Done {
    let (Path(name), Query(when)) = (name?, when?);
    switchable(&name)?;
    mock.set_fault(when.of(&name)?);
    Ok(StatusCode::NO_CONTENT)
}

/// Whose fault is switched off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whose {
    host: Option<String>,
    account: Option<String>,
}

pub(super) async fn clear(State(mock): Mock, name: Named, whose: Result<Query<Whose>, QueryRejection>) -> Done {
    let (Path(name), Query(Whose { host, account })) = (name?, whose?);
    let fault = switchable(&name)?;
    match host.is_some() || account.is_some() {
        true => mock.clear_one_fault(&When { host, account, after: None, amount: None }.of(&name)?),
        false => mock.clear_fault(fault),
    }
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
