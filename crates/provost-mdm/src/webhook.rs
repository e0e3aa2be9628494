//! What NanoMDM, NanoHUB and MicroMDM post to a webhook: what devices answered, and who enrolled. It has no socket.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use plist::{Dictionary, Value};
use provost_account::Secret;
use serde::Deserialize;
use sha2::Sha256;
use thiserror::Error;
use uuid::Uuid;

/// The header field of the signature.
pub const SIGNATURE: &str = "x-hmac-signature";

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A device answered.
    #[expect(missing_docs, reason = "the names say it")]
    Answer { enrollment: String, command: Option<Uuid>, answer: Answer },
    /// A device, or a user on it, can be reached.
    Enrolled(Enrolled),
    /// Nothing that is of use here.
    Other,
}

/// What a device answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has nothing to do.
    Idle,
    /// It did it. Of a ProfileList, the list.
    Acknowledged(Option<Vec<Profile>>),
    /// It did not.
    Error(Vec<Cause>),
    /// Later, perhaps.
    NotNow,
}

/// A profile of a device's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its `PayloadIdentifier`.
    pub identifier: String,
    /// Its `PayloadUUID`.
    pub uuid: String,
}

/// An item of an error chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// `ErrorDomain`.
    pub domain: String,
    /// `ErrorCode`.
    pub code: i64,
    /// `USEnglishDescription`, or `LocalizedDescription`. It may name what is in the profile.
    pub description: Option<String>,
}

/// Who enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// The enrollment.
    pub enrollment: String,
    /// Of a user's channel, the device's enrollment.
    pub parent: Option<String>,
    /// Of a user's channel, the user's short name.
    pub user: Option<String>,
}

/// Why a post is no event.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum EventError {
    #[error("the signature is missing, or not that of the key")]
    Signature,
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
    #[error("raw_payload is not base64")]
    Base64(#[from] base64::DecodeError),
    #[error("raw_payload is no property list")]
    Plist(#[from] plist::Error),
    #[error("raw_payload is a property list, but no dictionary")]
    NoDictionary,
    #[error("the event names no enrollment")]
    Nobody,
    #[error("the status {0:?} is unknown")]
    Status(String),
}

/// <https://github.com/micromdm/nanomdm/blob/v0.9.0/service/webhook/event.json>
#[derive(Deserialize)]
struct Posted {
    topic: String,
    acknowledge_event: Option<Connect>,
    checkin_event: Option<Checkin>,
}

#[derive(Deserialize)]
struct Connect {
    status: String,
    command_uuid: Option<String>,
    udid: Option<String>,
    ids: Option<Ids>,
    raw_payload: String,
}

#[derive(Deserialize)]
struct Checkin {
    udid: Option<String>,
    ids: Option<Ids>,
    raw_payload: String,
}

#[derive(Deserialize)]
struct Ids {
    id: String,
    parent_id: Option<String>,
}

/// Whether a body is signed with the key: base64 of its HMAC-SHA-256 (RFC 2104).
///
/// # Errors
///
/// It is not.
pub fn check(key: &Secret, body: &[u8], signature: Option<&[u8]>) -> Result<(), EventError> {
    let signature = signature.and_then(|it| BASE64.decode(it).ok()).ok_or(EventError::Signature)?;
    let mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).expect("a key of any length");
    // In constant time.
    mac.chain_update(body).verify_slice(&signature).ok().ok_or(EventError::Signature)
}

/// Reads an event.
///
/// # Errors
///
/// It is none.
pub fn read(body: &[u8]) -> Result<Seen, EventError> {
    let posted: Posted = serde_json::from_slice(body)?;
    match (posted.topic.as_str(), posted.acknowledge_event, posted.checkin_event) {
        ("mdm.Connect", Some(connect), _) => answer(connect),
        ("mdm.TokenUpdate", _, Some(checkin)) => {
            let payload = payload(&checkin.raw_payload)?;
            let text = |key| payload.get(key).and_then(Value::as_string).map(ToOwned::to_owned);
            let (id, parent) = checkin.ids.map_or((None, None), |ids| (Some(ids.id), ids.parent_id));
            let enrollment = id.or(checkin.udid).ok_or(EventError::Nobody)?;
            Ok(Seen::Enrolled(Enrolled { enrollment, parent, user: text("UserShortName") }))
        }
        _ => Ok(Seen::Other),
    }
}

fn answer(connect: Connect) -> Result<Seen, EventError> {
    let enrollment = connect.ids.map(|ids| ids.id).or(connect.udid).ok_or(EventError::Nobody)?;
    // Commands of others have names of any form.
    let command = connect.command_uuid.and_then(|text| Uuid::try_parse(&text).ok());
    let answer = match connect.status.as_str() {
        "Idle" => Answer::Idle,
        "NotNow" => Answer::NotNow,
        "Acknowledged" => Answer::Acknowledged(profiles(&payload(&connect.raw_payload)?)),
        "Error" | "CommandFormatError" => Answer::Error(causes(&payload(&connect.raw_payload)?)),
        _ => return Err(EventError::Status(connect.status)),
    };
    Ok(Seen::Answer { enrollment, command, answer })
}

fn payload(base64: &str) -> Result<Dictionary, EventError> {
    let bytes = BASE64.decode(base64)?;
    let value = Value::from_reader(std::io::Cursor::new(bytes))?;
    value.into_dictionary().ok_or(EventError::NoDictionary)
}

/// <https://developer.apple.com/documentation/devicemanagement/profilelistresponse>
fn profiles(payload: &Dictionary) -> Option<Vec<Profile>> {
    let list = payload.get("ProfileList")?.as_array()?;
    let profile = |value: &Value| {
        let keys = value.as_dictionary()?;
        let text = |key| keys.get(key).and_then(Value::as_string).map(ToOwned::to_owned);
        Some(Profile { identifier: text("PayloadIdentifier")?, uuid: text("PayloadUUID")? })
    };
    Some(list.iter().filter_map(profile).collect())
}

fn causes(payload: &Dictionary) -> Vec<Cause> {
    let chain = payload.get("ErrorChain").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let cause = |value: &Value| {
        let keys = value.as_dictionary()?;
        let text = |key| keys.get(key).and_then(Value::as_string).map(ToOwned::to_owned);
        let code = keys.get("ErrorCode").and_then(Value::as_signed_integer)?;
        let description = text("USEnglishDescription").or_else(|| text("LocalizedDescription"));
        Some(Cause { domain: text("ErrorDomain")?, code, description })
    };
    chain.iter().filter_map(cause).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 section 4.3.
    #[test]
    fn a_signature_is_checked() {
        let key = Secret::new("Jefe".to_owned());
        let body = b"what do ya want for nothing?";
        let hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let octets: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).expect("hexadecimal")).collect();
        let signature = BASE64.encode(octets);
        check(&key, body, Some(signature.as_bytes())).expect("it is signed");
        check(&key, b"what", Some(signature.as_bytes())).expect_err("another body");
        check(&key, body, None).expect_err("no signature");
        check(&key, body, Some(b"***")).expect_err("no base64");
        check(&Secret::new("jefe".to_owned()), body, Some(signature.as_bytes())).expect_err("another key");
    }

    fn event(status: &str, payload: &str) -> Result<Seen, EventError> {
        let raw = BASE64.encode(format!("<plist version=\"1.0\"><dict>{payload}</dict></plist>"));
        let body = serde_json::json!({
            "topic": "mdm.Connect", "event_id": "e", "created_at": "2026-11-23T10:00:00Z",
            "acknowledge_event": {
                "status": status, "command_uuid": "00000000-0000-0000-0000-000000000007", "udid": "D1",
                "ids": {"id": "D1:U", "type": "User", "parent_id": "D1"}, "raw_payload": raw,
            },
        });
        read(body.to_string().as_bytes())
    }

    #[track_caller]
    fn answers(status: &str, payload: &str, expected: Answer) {
        let expected =
            Seen::Answer { enrollment: "D1:U".to_owned(), command: Some(Uuid::from_u128(7)), answer: expected };
        assert_eq!(event(status, payload).expect("an event"), expected);
    }

    /// Observed: NanoMDM 0.9.0, 2026-11-23; the chain and the list as Apple documents them.
    #[test]
    fn answers_are_read_with_what_is_in_them() {
        answers("Idle", "", Answer::Idle);
        answers("NotNow", "", Answer::NotNow);
        answers("Acknowledged", "", Answer::Acknowledged(None));
        let list = "<key>ProfileList</key><array><dict><key>PayloadIdentifier</key><string>mail</string>\
                    <key>PayloadUUID</key><string>U</string><key>PayloadVersion</key><integer>1</integer></dict></array>";
        let profile = Profile { identifier: "mail".to_owned(), uuid: "U".to_owned() };
        answers("Acknowledged", list, Answer::Acknowledged(Some(vec![profile])));
        let chain = "<key>ErrorChain</key><array><dict><key>ErrorCode</key><integer>4001</integer><key>ErrorDomain</key>\
                     <string>MCInstallationErrorDomain</string><key>USEnglishDescription</key><string>no</string></dict></array>";
        let cause =
            Cause { domain: "MCInstallationErrorDomain".to_owned(), code: 4001, description: Some("no".to_owned()) };
        answers("Error", chain, Answer::Error(vec![cause]));
        assert!(matches!(event("Perhaps", ""), Err(EventError::Status(_))));
    }

    #[test]
    fn an_enrolling_user_has_a_parent_and_a_name() {
        let raw =
            BASE64.encode("<plist version=\"1.0\"><dict><key>UserShortName</key><string>jane</string></dict></plist>");
        let body = serde_json::json!({
            "topic": "mdm.TokenUpdate",
            "checkin_event": {"ids": {"id": "D1:U", "type": "User", "parent_id": "D1"}, "udid": "D1", "raw_payload": raw},
        });
        let expected =
            Enrolled { enrollment: "D1:U".to_owned(), parent: Some("D1".to_owned()), user: Some("jane".to_owned()) };
        assert_eq!(read(body.to_string().as_bytes()).expect("an event"), Seen::Enrolled(expected));
    }
}
