//! Folders, by name.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use provost_mockmail::{FolderStatus, HandleError};
use serde_json::{Value, json};

use super::{Answer, Done, Made, Mock, address};

pub(super) async fn list(State(mock): Mock, Path(whose): Path<String>) -> Answer {
    Ok(Json(mock.statuses(&address(&whose)?)?.iter().map(shown).collect()))
}

type Named = Path<(String, String)>;

pub(super) async fn one(State(mock): Mock, Path((whose, name)): Named) -> Answer {
    Ok(Json(shown(&mock.status(&address(&whose)?, &name)?)))
}

/// Whether it is made now or was there, it is there.
pub(super) async fn create(State(mock): Mock, Path((whose, name)): Named) -> Made {
    let whose = address(&whose)?;
    let status = match mock.create_folder(&whose, &name) {
        Ok(()) => StatusCode::CREATED,
        Err(HandleError::FolderTaken(_)) => StatusCode::OK,
        Err(error) => return Err(error.into()),
    };
    Ok((status, Json(shown(&mock.status(&whose, name.trim_end_matches('/'))?))))
}

pub(super) async fn remove(State(mock): Mock, Path((whose, name)): Named) -> Done {
    mock.delete_folder(&address(&whose)?, &name)?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(folder: &FolderStatus) -> Value {
    json!({
        "name": folder.name,
        "special_use": folder.special_use,
        "uid_validity": folder.uid_validity,
        "uid_next": folder.uid_next,
        "messages": folder.messages,
        "unseen": folder.unseen,
    })
}
