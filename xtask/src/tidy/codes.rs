//! A finding's code is a constant: nothing else spells its name, or compares it.

use std::collections::BTreeSet;

/// Where the tables of codes are.
const TABLES: &str = "crates/provost-account/src/codes/";

/// An encoding is called so too.
const UTF_16: &str = "utf-16";

/// The names of all codes: `Error SERVER_SKIPPED "server-skipped":` begins a row. Those of a single word are words that
/// something else may be called too.
pub(crate) fn names(files: &[(String, String)]) -> BTreeSet<String> {
    let rows = files.iter().filter(|(path, _)| path.starts_with(TABLES)).flat_map(|(_, text)| text.lines());
    let rows = rows.filter(|row| row.trim_start().starts_with("Error ") || row.trim_start().starts_with("Warning "));
    let names = rows.filter_map(|row| row.split('"').nth(1));
    names.filter(|name| name.contains('-') && *name != UTF_16).map(str::to_owned).collect()
}

/// Where a file spells the name of a code or compares one; `code` is the file without literals, in the same lines.
pub(crate) fn violations(path: &str, text: &str, code: &str, names: &BTreeSet<String>) -> Vec<String> {
    if path.starts_with(TABLES) {
        return Vec::new();
    }
    let lines = text.lines().zip(code.lines()).enumerate();
    lines
        .filter(|(_, (line, code))| {
            let spelt = code.contains("\"\"") && line.split('"').any(|word| names.contains(word));
            spelt || ["code.name ==", "code.name !=", "match code.name"].iter().any(|it| code.contains(it))
        })
        .map(|(at, _)| format!("{path}:{}: a finding's code is one of the constants in {TABLES}", at + 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::code;

    #[test]
    fn a_code_is_a_constant() {
        let row = "    Error EXPIRED_TODAY \"expired-today\":\n        \"a certificate has expired\";\n";
        let names = names(&[(format!("{TABLES}profile.rs"), row.to_owned())]);
        let complaint = |line: u32| format!("a.rs:{line}: a finding's code is one of the constants in {TABLES}");
        let check =
            |text: &str, expected: &[String]| assert_eq!(violations("a.rs", text, &code(text), &names), expected);
        check("//! A.\nfind(\"expired-today\");\n", &[complaint(2)]);
        check("if finding.code.name == \"expired\" {\n", &[complaint(1)]);
        check("// \"expired-today\"\nlet a = codes::EXPIRED_TODAY;\n", &[]);
        check("#[cfg(test)]\nmod tests {\n    find(\"expired-today\");\n}\n", &[]);
    }
}
