//! JSON files that people can read: indented, with a final line break.

use serde_json::Value;

pub(crate) fn file(json: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(json).expect("strings, numbers and flags are always JSON");
    bytes.push(b'\n');
    bytes
}
