//! Findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), which code hosts show next to the files.

use std::collections::BTreeMap;
use std::path::Path;

use provost_account::{Finding, codes};
use serde_json::{Value, json};

use crate::complaints;

/// The log of one run.
pub(super) fn log<'a>(files: impl Iterator<Item = (&'a Path, &'a [Finding])>) -> Value {
    let results: Vec<Value> =
        files.flat_map(|(path, findings)| findings.iter().map(move |finding| result(path, finding))).collect();
    // A code that two parts have is one rule here: SARIF wants each id once (§3.19.23).
    let mut by_code: BTreeMap<&str, Value> = BTreeMap::new();
    for rule in codes::all() {
        by_code.entry(rule.name).or_insert_with(|| {
            let own = rule.of.iter().map(|of| format!("{}: {}", of.formats.replace(' ', ", "), of.source));
            let help = [rule.fix, rule.source].map(str::to_owned).into_iter().chain(own).collect::<Vec<_>>().join("\n");
            let mut row = json!({
                "id": rule.name,
                "shortDescription": {"text": rule.title},
                "defaultConfiguration": {"level": complaints::severity(rule.severity)},
            });
            let help = help.trim_matches('\n');
            if !help.is_empty() {
                row["help"] = json!({"text": help});
            }
            row
        });
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "provost",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": by_code.into_values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(path: &Path, finding: &Finding) -> Value {
    let text = match finding.fix.as_str() {
        "" => finding.message.clone(),
        fix => format!("{}. Fix: {fix}", finding.message),
    };
    let mut location = json!({"artifactLocation": {"uri": uri(path)}});
    if let Some(place) = finding.place {
        location["region"] = json!({"startLine": place.line, "startColumn": place.column});
    }
    json!({
        "ruleId": finding.code.name,
        "level": complaints::severity(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    })
}

/// The path as a URI reference (RFC 3986 §4.1): relative as it was given, or absolute with a scheme.
fn uri(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut uri = if path.is_absolute() { "file://".to_owned() } else { String::new() };
    for byte in text.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' => {
                uri.push(char::from(byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
