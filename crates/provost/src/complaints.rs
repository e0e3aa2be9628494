//! Findings as people and programs read them. It does not know where they come from.

use std::fmt::Write;
use std::path::Path;

use provost_account::{Finding, Severity};
use serde_json::{Value, json};

/// Prints findings to standard error.
pub(crate) fn print(file: &Path, findings: &[Finding]) {
    for finding in findings {
        eprint!("{}", text(file, finding));
    }
}

/// How many of the findings are errors.
pub(crate) fn errors(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

/// One finding as text: `mail.yaml:3:5: error[unknown-key]: …`, then the fix, then the source.
pub(crate) fn text(file: &Path, finding: &Finding) -> String {
    let place = finding.place.map(|place| format!(":{}:{}", place.line, place.column));
    let mut text = format!(
        "{}{}: {}[{}]: {}\n",
        file.display(),
        place.as_deref().unwrap_or(""),
        severity(finding.severity),
        finding.code.name,
        finding.message
    );
    for (what, said) in [("fix", finding.fix.as_str()), ("source", finding.source)] {
        if !said.is_empty() {
            writeln!(text, "    {what}: {said}").expect("a String takes everything");
        }
    }
    text
}

/// One finding as the JSON that `lint --json` promises.
pub(crate) fn json(file: &Path, finding: &Finding) -> Value {
    json!({
        "file": file.display().to_string(),
        "line": finding.place.map(|place| place.line),
        "column": finding.place.map(|place| place.column),
        "code": finding.code.name,
        "severity": severity(finding.severity),
        "message": finding.message,
        "fix": finding.fix,
        "source": finding.source,
    })
}

/// The name of a severity.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
