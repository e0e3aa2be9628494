//! Tables, files and fixtures must agree: a format with a row has a file, a reader, golden files and a specimen from
//! another generator, and no such file exists without a row. A format that is only read has everything that does not
//! come from a writer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Context;

/// Where the sets differ.
pub(crate) fn violations(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut violations = Vec::new();
    let written = rows(&root.join("crates/provost-profile/src/formats.rs"))?;
    let readers = root.join("crates/provost-device/src/formats.rs");
    let only_read = values(&readers, "format: \"")?;
    violations.extend(
        written.intersection(&only_read).map(|name| {
            format!("tables: {name} is in crates/provost-profile/src/formats.rs, and said to be only read")
        }),
    );
    let hyphened = |names: BTreeSet<String>| names.iter().map(|name| name.replace('_', "-")).collect::<BTreeSet<_>>();
    let of_writers = [
        ("crates/provost-profile/src/formats/", hyphened(entries(&root.join("crates/provost-profile/src/formats"))?)),
        ("fixtures/golden/", entries(&root.join("fixtures/golden"))?),
    ];
    for (place, names) in of_writers {
        violations.extend(differences("crates/provost-profile/src/formats.rs", &written, place, &names));
    }
    let read: BTreeSet<String> = written.union(&only_read).cloned().collect();
    let of_readers = [
        ("crates/provost-device/src/formats.rs", rows(&readers)?),
        ("crates/provost-device/src/formats/", hyphened(entries(&root.join("crates/provost-device/src/formats"))?)),
        ("fixtures/wild/", entries(&root.join("fixtures/wild"))?),
    ];
    for (place, names) in of_readers {
        violations.extend(differences("the tables of formats", &read, place, &names));
    }
    let table = root.join("crates/provost-verify/src/checks.rs");
    let (of_servers, of_domain) = (values(&table, "check(\"")?, values(&table, "of_domain(\"")?);
    let checks: BTreeSet<String> = of_servers.union(&of_domain).cloned().collect();
    let files = hyphened(entries(&root.join("crates/provost-verify/src/checks"))?);
    violations.extend(differences(
        "crates/provost-verify/src/checks.rs",
        &checks,
        "crates/provost-verify/src/checks/",
        &files,
    ));
    Ok(violations)
}

fn differences(table: &str, rows: &BTreeSet<String>, place: &str, names: &BTreeSet<String>) -> Vec<String> {
    let missing = rows.difference(names).map(|name| format!("tables: {name} is in {table} and not in {place}"));
    let extra = names.difference(rows).map(|name| format!("tables: {name} is in {place} and not in {table}"));
    missing.chain(extra).collect()
}

/// The names in a table file: the values of `name: "…"`, on a line of its own or first in a short row.
fn rows(file: &Path) -> anyhow::Result<BTreeSet<String>> {
    values(file, "name: \"")
}

/// The texts behind `start`, which ends in a quotation mark, in a table file.
fn values(file: &Path, start: &str) -> anyhow::Result<BTreeSet<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let values = text.lines().filter_map(|line| line.trim().split_once(start));
    let values = values.filter(|(before, _)| before.is_empty() || before.ends_with("{ ") || before.ends_with('('));
    let values = values.map(|(_, rest)| rest);
    Ok(values
        .filter_map(|rest| rest.split_once('"'))
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.is_empty())
        .collect())
}

/// The names of the files, without extension, and of the folders in a folder.
fn entries(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let names =
        entries.map(|entry| Ok(Path::new(&entry?.file_name()).with_extension("").to_string_lossy().into_owned()));
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_file_and_a_file_without_a_row_are_named() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(
            differences("table.rs", &set(&["a", "b"]), "files/", &set(&["b", "c"])),
            ["tables: a is in table.rs and not in files/", "tables: c is in files/ and not in table.rs"]
        );
    }
}
