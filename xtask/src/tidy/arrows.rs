//! Which crate may use which: the table in ARCHITECTURE.md, compared with `cargo metadata`; and how long that page may be.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::Value;

use crate::workspace::cargo;

/// Our crates, and the crates of ours that each uses, in tests too.
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

/// Arrows that the table does not allow, crates without a row, and rows without a crate.
pub(crate) fn violations(architecture: &str, found: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let table = table(architecture);
    let mut violations = Vec::new();
    for (package, dependencies) in found {
        let Some((may_use, why)) = table.get(short(package)) else {
            violations.push(format!("arrows: {package} is not in the table of ARCHITECTURE.md"));
            continue;
        };
        let is_allowed = |name: &str| may_use.iter().any(|it| *it == name || *it == "all");
        for dependency in dependencies.iter().filter(|it| !is_allowed(short(it))) {
            violations.push(format!("arrows: {package} must not use {dependency}: {why}"));
        }
    }
    let gone = table.keys().filter(|name| !found.keys().any(|package| short(package) == **name));
    violations.extend(gone.map(|name| format!("arrows: {name} is in the table of ARCHITECTURE.md, and no crate")));
    if architecture.lines().count() > LINES_MAX {
        violations
            .push(format!("ARCHITECTURE.md: more than {LINES_MAX} lines; what is about one file goes into its head"));
    }
    violations
}

/// The rows below `| Crate | May use | …`: what each crate may use of ours, and why nothing else.
fn table(architecture: &str) -> BTreeMap<&str, (Vec<&str>, &str)> {
    let rows = architecture.lines().skip_while(|line| !line.starts_with("| Crate | May use |")).skip(2);
    let rows = rows.map_while(|line| line.strip_prefix('|')?.strip_suffix('|'));
    rows.filter_map(|row| match row.split('|').map(str::trim).collect::<Vec<_>>()[..] {
        [name, may_use, _, why] => Some((name, (may_use.split(", ").collect(), why))),
        _ => None,
    })
    .collect()
}

/// As the table calls it.
fn short(package: &str) -> &str {
    package.strip_prefix("provost-").unwrap_or(package)
}

const LINES_MAX: usize = 150;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(package: &str, dependencies: &[&str], expected: &[&str]) {
        let table = "\n| Crate | May use | Must never use | Why |\n|---|---|---|---|\n\
            | account | nothing of ours | anything of ours | it outlives all |\n\
            | verify | account | mockmail | it runs unchanged |\n| tests | all | | they look |\n\n| gone | all | | |\n";
        let mut found: BTreeMap<_, _> = ["provost-account", "provost-verify", "provost-tests"]
            .map(|name| (name.to_owned(), BTreeSet::new()))
            .into();
        found.insert(package.to_owned(), dependencies.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(violations(table, &found), expected);
    }

    #[test]
    fn a_forbidden_arrow_is_named_with_its_reason() {
        let complaint = "arrows: provost-verify must not use provost-mockmail: it runs unchanged";
        check("provost-verify", &["provost-account", "provost-mockmail"], &[complaint]);
        check("provost-account", &["xtask"], &["arrows: provost-account must not use xtask: it outlives all"]);
        check("provost-tests", &["provost-account", "xtask"], &[]);
    }

    #[test]
    fn an_unknown_crate_is_named() {
        check("provost-new", &[], &["arrows: provost-new is not in the table of ARCHITECTURE.md"]);
    }

    #[test]
    fn a_row_without_a_crate_is_named() {
        let table = "| Crate | May use | Must never use | Why |\n|---|---|---|---|\n| old | all | | |\n";
        assert_eq!(
            violations(table, &BTreeMap::new()),
            ["arrows: old is in the table of ARCHITECTURE.md, and no crate"]
        );
    }

    #[test]
    fn a_long_page_is_refused() {
        assert_eq!(violations(&"\n".repeat(LINES_MAX), &BTreeMap::new()).len(), 0);
        assert_eq!(violations(&"\n".repeat(LINES_MAX + 1), &BTreeMap::new()).len(), 1);
    }
}
