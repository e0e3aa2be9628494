//! Sibling modules form no circle: what can be read, moved and tested alone stays so. A module may use
//! its parent's items, and a parent its children's. The mock server's machines do not use each other at all.

use std::collections::{BTreeMap, BTreeSet};

/// A module as a path from its crate's root.
type Module = Vec<String>;

/// For each pair of sibling modules, the places in the first that name the second.
type Uses = BTreeMap<(Module, Module), BTreeSet<String>>;

/// The pairs of modules of one crate that are part of a circle, and machines that use each other, with the places.
pub(crate) fn violations(source: &str, files: &[(String, String)]) -> Vec<String> {
    let modules: BTreeSet<Module> = files.iter().map(|(path, _)| module(source, path)).collect();
    let mut uses = Uses::new();
    for (path, code) in files {
        let module = module(source, path);
        for (line, named) in paths(code) {
            let Some((from, to)) = siblings(&module, &named, &modules) else { continue };
            uses.entry((from, to)).or_default().insert(format!("{path}:{line}"));
        }
    }
    let is_machine = |module: &Module| source == MOCK && MACHINES.contains(&module.join("::").as_str());
    let mut violations = Vec::new();
    for ((from, to), places) in &uses {
        let complaint = match (is_machine(from) && is_machine(to), reaches(to, from, &uses)) {
            (true, _) => "a protocol's machine knows no other",
            (false, true) if CRATES.contains(&source) => "a circle of modules",
            (false, _) => continue,
        };
        let places = Vec::from_iter(places.iter().map(String::as_str)).join(", ");
        violations.push(format!("{places}: {} uses {}: {complaint}", from.join("::"), to.join("::")));
    }
    violations
}

/// The module that a file is.
fn module(source: &str, path: &str) -> Module {
    let path = path.strip_prefix(source).unwrap_or(path).trim_end_matches(".rs");
    match path {
        "lib" | "main" => Module::new(),
        _ => path.split('/').map(str::to_owned).collect(),
    }
}

/// The siblings at which the paths of a module and of what it names part.
fn siblings(module: &Module, named: &[String], modules: &BTreeSet<Module>) -> Option<(Module, Module)> {
    let mut absolute = if named[0] == "crate" { Module::new() } else { module.clone() };
    for word in named.iter().filter(|word| *word != "crate") {
        match word.as_str() {
            "super" => _ = absolute.pop(),
            _ => absolute.push(word.clone()),
        }
    }
    let at = module.iter().zip(&absolute).take_while(|(a, b)| a == b).count();
    let (from, to) = (module.get(..=at)?.to_vec(), absolute.get(..=at)?.to_vec());
    modules.contains(&to).then_some((from, to))
}

fn reaches(from: &Module, to: &Module, uses: &Uses) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        if module == to {
            return true;
        }
        if seen.insert(module) {
            open.extend(uses.keys().filter(|(user, _)| user == module).map(|(_, used)| used));
        }
    }
    false
}

/// Every path that begins with `crate` or `super`, with its line; braces are taken apart.
fn paths(code: &str) -> Vec<(usize, Module)> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            found.extend(tree(&code[at..]).into_iter().map(|path| (line, path)));
        }
    }
    found
}

/// The paths of `a::{b, c::d as e}`.
fn tree(code: &str) -> Vec<Module> {
    let (mut found, mut path, mut open, mut rest) = (Vec::new(), Module::new(), Vec::new(), code);
    loop {
        rest = rest.trim_start();
        if let Some(inside) = rest.strip_prefix('{') {
            open.push(path.len());
            rest = inside;
            continue;
        }
        let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        rest = &rest[word.len()..];
        path.extend(Some(word).filter(|word| !word.is_empty() && word != "self"));
        if let Some(inside) = rest.strip_prefix("::") {
            rest = inside;
            continue;
        }
        found.push(path.clone());
        // The next path begins after the comma, and after the braces that close before it.
        loop {
            let (Some(depth), Some(end)) = (open.last(), rest.find([',', '}'])) else { return found };
            path.truncate(*depth);
            let closes = rest[end..].starts_with('}');
            rest = &rest[end + 1..];
            if !closes {
                break;
            }
            open.pop();
        }
    }
}

/// In the other crates a table and the files of its rows use each other.
const CRATES: [&str; 5] = [
    "crates/provost-account/src/",
    "crates/provost-device/src/",
    "crates/provost-settings/src/",
    "crates/provost-verify/src/",
    "crates/provost/src/",
];

const MOCK: &str = "crates/provost-mockmail/src/";
const MACHINES: [&str; 3] = ["imap", "pop3", "smtp"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::code;

    #[track_caller]
    fn check(source: &str, files: &[(&str, &str)], expected: &[&str]) {
        let files: Vec<_> = files.iter().map(|(path, text)| (format!("{source}{path}"), code(text))).collect();
        let expected: Vec<_> = expected.iter().map(|it| it.replace("./", source)).collect();
        assert_eq!(violations(source, &files), expected);
    }

    #[test]
    fn siblings_form_no_circle() {
        check(
            CRATES[0],
            &[
                ("lib.rs", "mod a;\nmod b;\nmod c;\nuse a::A;\n"),
                ("a.rs", "use crate::{\n    b::{self, B as Other},\n    d,\n};\n"),
                ("b.rs", "use std::fmt;\nuse super::c::C;\n"),
                ("c.rs", "fn c() { crate::a::x() }\n// crate::b\n#[cfg(test)]\nmod tests {\n    use crate::b;\n"),
            ],
            &[
                "./a.rs:1: a uses b: a circle of modules",
                "./b.rs:2: b uses c: a circle of modules",
                "./c.rs:1: c uses a: a circle of modules",
            ],
        );
    }

    #[test]
    fn a_module_may_use_its_parent_and_the_parents_siblings() {
        check(
            CRATES[0],
            &[
                ("a.rs", "mod b;\nuse self::b::B;\n"),
                ("a/b.rs", "use super::A;\nuse crate::c::C;\nconst NAMED: &str = r#\"crate::a::d\"#;\n"),
                ("a/d.rs", "use super::b::{B};\nuse super::super::c;\n"),
                ("c.rs", ""),
            ],
            &[],
        );
    }

    #[test]
    fn a_machine_knows_no_other() {
        check(
            MOCK,
            &[("imap.rs", ""), ("smtp/data.rs", "use crate::imap::Mime;\n"), ("smtp.rs", "")],
            &["./smtp/data.rs:1: smtp uses imap: a protocol's machine knows no other"],
        );
    }
}
