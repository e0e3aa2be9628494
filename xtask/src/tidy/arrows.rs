//! Which crate may use which: the table of ARCHITECTURE.md, compared with what cargo says.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::Value;

use crate::workspace::cargo;

/// Our crates, and the crates of ours that each uses, for tests too.
pub(crate) fn found() -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
    let output = cargo(&["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let name = |value: &Value| value["name"].as_str().unwrap_or("").to_owned();
    let ours: BTreeSet<String> = packages.iter().map(name).collect();
    Ok(packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().into_iter().flatten().map(name);
            (name(package), dependencies.filter(|dependency| ours.contains(dependency)).collect())
        })
        .collect())
}

/// Arrows that the table does not allow, and crates that it does not know.
pub(crate) fn violations(found: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut violations = Vec::new();
    for (package, dependencies) in found {
        let Some((_, allowed, why)) = ARROWS.iter().find(|(name, _, _)| name == package) else {
            violations.push(format!("arrows: {package} is not in the table of xtask/src/tidy/arrows.rs"));
            continue;
        };
        for dependency in dependencies.iter().filter(|it| !allowed.contains(&it.as_str()) && !allowed.contains(&"*")) {
            violations.push(format!("arrows: {package} must not use {dependency}: {why}"));
        }
    }
    violations
}

/// Each crate, what it may use of ours, and why nothing else.
const ARROWS: &[(&str, &[&str], &str)] = &[
    ("provost", &["*"], "it is the only place where the parts meet"),
    ("provost-account", &[], "the model outlives every format and protocol"),
    ("provost-device", &["provost-account"], "the virtual device must not be our writer agreeing with itself"),
    ("provost-mockmail", &["provost-account"], "the server cannot know what will be checked"),
    ("provost-profile", &["provost-account"], "a writer cannot borrow the reader's assumptions"),
    ("provost-settings", &["provost-account"], "formats cannot see YAML"),
    ("provost-tests", &["*"], "it looks at all of them from outside"),
    ("provost-verify", &["provost-account"], "it runs unchanged against a real provider"),
    ("xtask", &[], "it drives the built program from outside"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_arrow_is_named_with_its_reason() {
        let found = BTreeMap::from([("provost-verify".to_owned(), BTreeSet::from(["provost-mockmail".to_owned()]))]);
        assert_eq!(
            violations(&found),
            ["arrows: provost-verify must not use provost-mockmail: it runs unchanged against a real provider"]
        );
    }

    #[test]
    fn an_unknown_crate_is_named() {
        let found = BTreeMap::from([("provost-new".to_owned(), BTreeSet::new())]);
        assert_eq!(violations(&found), ["arrows: provost-new is not in the table of xtask/src/tidy/arrows.rs"]);
    }
}
