//! The rules of every part as one table. It defines none of them.

use provost_account::codes;
use serde_json::json;

use crate::failure::Failure;
use crate::{complaints, output};

/// Prints the table: of settings and user lists, of profiles, of what profiles say beside each other, of the way back to
/// settings.
pub(super) fn print(as_json: bool) -> Result<(), Failure> {
    for rule in codes::all() {
        let severity = complaints::severity(rule.severity);
        if as_json {
            let own = |of: &codes::Of| json!({"formats": formats(of.formats), "source": of.source});
            let sources: Vec<_> = rule.of.iter().map(own).collect();
            output::json_line(&json!({
                "code": rule.name, "about": rule.about.name(), "severity": severity, "why": rule.title, "formats": formats(rule.formats),
                "source": rule.source, "fix": rule.fix, "sources": sources,
            }))?;
            continue;
        }
        output::line(&format!("{severity}[{}] ({}): {}", rule.name, rule.about.name(), rule.title))?;
        match rule.formats {
            "" => {}
            "*" => output::line("    for: every format")?,
            some => output::line(&format!("    for: {}", some.replace(' ', ", ")))?,
        }
        let fix = if rule.fix.is_empty() { "given with each finding" } else { rule.fix };
        output::line(&format!("    fix: {fix}"))?;
        if !rule.source.is_empty() {
            output::line(&format!("    source: {}", rule.source))?;
        }
        for of in rule.of {
            output::line(&format!("    source for {}: {}", of.formats.replace(' ', ", "), of.source))?;
        }
    }
    Ok(())
}

/// The formats of a rule; all of them is `*`.
fn formats(names: &str) -> Vec<&str> {
    names.split(' ').filter(|name| !name.is_empty()).collect()
}
