//! The style rules that a machine can check line by line. What needs a parser is left to clippy.

use std::collections::BTreeSet;

/// The names of the enums that are declared in these files.
pub(crate) fn own_enums<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    texts
        .flat_map(str::lines)
        .filter_map(|line| line.trim_start().split_once("enum "))
        .filter(|(before, _)| before.is_empty() || before.starts_with("pub"))
        .map(|(_, rest)| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

/// What is wrong with one file; `path` is relative to the workspace, with slashes.
pub(crate) fn violations(path: &str, text: &str, own_enums: &BTreeSet<String>) -> Vec<String> {
    let mut violations = Vec::new();
    let mut complain = |line: usize, what: &str| violations.push(format!("{path}:{line}: {what}"));
    if !text.starts_with("//!") {
        complain(1, "a file starts with //!, one sentence for what it is");
    }
    let name = path.rsplit('/').next().expect("rsplit yields at least one part");
    if FORBIDDEN_NAMES.contains(&name) {
        complain(1, "a file is named for what it knows");
    }
    let lines: Vec<&str> = text.lines().collect();
    let tests_from = lines.iter().position(|line| line.trim() == "mod tests {").unwrap_or(lines.len());
    let is_test = path.starts_with("tests/") || path.contains("/tests/");
    let pure = PURE_CRATES.iter().any(|it| path.starts_with(it)) && !is_test;
    for (at, line) in lines.iter().enumerate() {
        let code = line.split("//").next().expect("split yields at least one part");
        let in_test = is_test || at > tests_from;
        for (needle, what) in EVERYWHERE {
            if code.contains(needle) {
                complain(at + 1, what);
            }
        }
        if in_test && SLEEPS.iter().any(|needle| code.contains(needle)) {
            complain(at + 1, "no sleeps in tests");
        }
        if pure && !in_test && IMPURE.iter().any(|needle| code.contains(needle)) {
            complain(at + 1, "this crate has no I/O, no clock and no environment");
        }
        if code.contains(concat!("enum ", "Protocol ")) && !path.starts_with(MODEL) {
            complain(at + 1, "the protocols are the model's");
        }
        if code.trim_start().starts_with("_ =>") && !in_test && matches_own_enum(&lines, at, own_enums) {
            complain(at + 1, "no `_` arm when matching an enum of ours: a new variant must break every match");
        }
    }
    violations
}

/// Whether the `_` arm at `at` belongs to a match whose other arms name a variant of one of our enums. Formatted code has
/// all arms of a match at one indentation.
fn matches_own_enum(lines: &[&str], at: usize, own_enums: &BTreeSet<String>) -> bool {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let depth = indentation(lines[at]);
    let above = lines[..at].iter().rev().take_while(|line| line.trim().is_empty() || indentation(line) >= depth);
    let mut arms = above.filter(|line| indentation(line) == depth);
    arms.any(|arm| {
        let arm = arm.trim_start().trim_start_matches(['(', '|', ' ', '&']);
        let Some((name, _)) = arm.split_once("::") else { return false };
        name == "Self" || own_enums.contains(name)
    })
}

const FORBIDDEN_NAMES: &[&str] =
    &["mod.rs", "utils.rs", "util.rs", "helpers.rs", "helper.rs", "common.rs", "types.rs", "misc.rs", "prelude.rs"];

/// Crates whose sources reach nothing outside.
const PURE_CRATES: &[&str] = &[
    "crates/provost-account/src",
    "crates/provost-device/src",
    "crates/provost-profile/src",
    "crates/provost-settings/src",
    "crates/provost-sign/src",
];

const IMPURE: &[&str] =
    &["std::fs", "std::env", "std::process", "SystemTime::now", "Instant::now", "TcpStream", "TcpListener", "tokio::"];

const EVERYWHERE: &[(&str, &str)] = &[
    (concat!("#[", "ignore"), "a test runs, or says aloud why it does not"),
    (concat!("fn ", "test_"), "a test is named as a sentence"),
    (concat!("fn ", "get_"), "no get_"),
    (concat!("pub use", " self::*"), "each item has one path"),
    (concat!("#[", "allow("), "use #[expect(…, reason = \"…\")]"),
    (concat!(".dangerous", "()"), "certificate checks are never switched off"),
    (concat!("unwrap_or_default", "()"), "a default for somebody's input is written where it is decided"),
];

const SLEEPS: &[&str] = &[concat!("thread", "::sleep"), concat!("time", "::sleep")];

const MODEL: &str = "crates/provost-account/src/";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let enums = BTreeSet::from(["Security".to_owned()]);
        assert_eq!(violations(path, text, &enums), expected);
    }

    #[test]
    fn a_wildcard_arm_is_refused_for_our_own_enums_only() {
        let own = "//! A.\nfn f() {\n    match s {\n        Security::StartTls => 1,\n        _ => 2,\n    }\n}\n";
        check(
            "crates/a/src/b.rs",
            own,
            &["crates/a/src/b.rs:5: no `_` arm when matching an enum of ours: a new variant must break every match"],
        );
        check("crates/a/src/b.rs", &own.replace("Security::", "Theirs::"), &[]);
    }

    #[test]
    fn a_clock_in_a_pure_crate_is_refused() {
        let text = "//! A.\nfn f() {\n    SystemTime::now();\n}\n";
        check(
            "crates/provost-account/src/a.rs",
            text,
            &["crates/provost-account/src/a.rs:3: this crate has no I/O, no clock and no environment"],
        );
        check("crates/provost/src/a.rs", text, &[]);
    }

    #[test]
    fn the_protocols_are_the_models() {
        let text = concat!("//! A.\nenum ", "Protocol {\n    Imap,\n}\n");
        check("crates/a/src/b.rs", text, &["crates/a/src/b.rs:2: the protocols are the model's"]);
        check("crates/provost-account/src/protocol.rs", text, &[]);
    }

    #[test]
    fn names_and_headings_are_checked() {
        check(
            "crates/a/src/utils.rs",
            "fn f() {}\n",
            &[
                "crates/a/src/utils.rs:1: a file starts with //!, one sentence for what it is",
                "crates/a/src/utils.rs:1: a file is named for what it knows",
            ],
        );
    }
}
