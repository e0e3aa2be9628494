//! The rules of every part as one table. It decides none of them.

use provost_account::Severity;
use serde_json::json;

use crate::failure::Failure;
use crate::{complaints, output};

/// A rule.
pub(super) struct Rule {
    pub(super) code: &'static str,
    /// What it looks at.
    pub(super) about: &'static str,
    pub(super) severity: Severity,
    pub(super) why: &'static str,
    pub(super) source: &'static str,
    /// Empty where only the finding can say it.
    pub(super) fix: &'static str,
}

/// Every rule: of settings and user lists, of profiles, of what profiles say beside each other, of the way back to
/// settings; alphabetical within each.
pub(super) fn rules() -> Vec<Rule> {
    let of = |about, code: &provost_device::Code| Rule {
        code: code.name,
        about,
        severity: code.severity,
        why: code.meaning,
        source: code.source,
        fix: code.fix(),
    };
    let settings = provost_settings::codes().iter().map(|code| Rule {
        code: code.name,
        about: "settings",
        severity: code.severity,
        why: code.meaning,
        source: code.source,
        fix: code.fix(),
    });
    settings
        .chain(provost_device::codes().iter().map(|code| of("profile", code)))
        .chain(provost_device::comparing_codes().map(|code| of("fleet", code)))
        .chain(provost_device::import_codes().iter().map(|code| of("import", code)))
        .collect()
}

/// Prints the table.
pub(super) fn print(as_json: bool) -> Result<(), Failure> {
    for rule in rules() {
        let severity = complaints::severity(rule.severity);
        if as_json {
            output::json_line(&json!({
                "code": rule.code, "about": rule.about, "severity": severity, "why": rule.why,
                "source": rule.source, "fix": rule.fix,
            }))?;
            continue;
        }
        output::line(&format!("{severity}[{}] ({}): {}", rule.code, rule.about, rule.why))?;
        let fix = if rule.fix.is_empty() { "each finding says it, for its place" } else { rule.fix };
        output::line(&format!("    fix: {fix}"))?;
        if !rule.source.is_empty() {
            output::line(&format!("    source: {}", rule.source))?;
        }
    }
    Ok(())
}
