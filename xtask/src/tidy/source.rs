//! Rust text without what is not code: comments, literals, and the tests at the end. No parser: what the rules look for are
//! paths and types, whose words are the same in every context.

use std::collections::BTreeSet;

/// The files that are tests and nothing else.
pub(crate) fn tests(files: &[(String, String)]) -> BTreeSet<String> {
    let mut tests: BTreeSet<String> =
        files.iter().map(|(path, _)| path).filter(|path| format!("/{path}").contains("/tests/")).cloned().collect();
    for (path, text) in files {
        let folder =
            path.trim_end_matches("lib.rs").trim_end_matches("main.rs").trim_end_matches(".rs").trim_end_matches('/');
        let modules = text.split("#[cfg(test)]\nmod ").skip(1).filter_map(|rest| rest.split_once(';'));
        tests.extend(modules.map(|(name, _)| format!("{folder}/{name}.rs")));
    }
    tests
}

/// The code of a file, in the same lines; each literal is empty, and nothing follows `#[cfg(test)]` before a module with a
/// body, which ends a file.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("#[cfg(test)]\nmod tests {") {
            break;
        }
        let previous = code.chars().next_back();
        let (kept, length) = match first {
            '/' if rest.starts_with("//") => (String::new(), rest.find('\n').unwrap_or(rest.len())),
            '"' => emptied(rest, string(rest, 1)),
            'r' | 'b' if !previous.is_some_and(|c| c.is_alphanumeric() || c == '_') && is_raw(rest) => {
                emptied(rest, raw(rest))
            }
            '\'' => match character(rest) {
                Some(length) => emptied(rest, length),
                None => ("'".to_owned(), 1),
            },
            _ => (first.to_string(), first.len_utf8()),
        };
        code.push_str(&kept);
        rest = &rest[length..];
    }
    code
}

/// A literal of which only its lines are kept, and its length.
fn emptied(rest: &str, length: usize) -> (String, usize) {
    (format!("\"{}\"", "\n".repeat(rest[..length].matches('\n').count())), length)
}

/// The length of a string whose contents begin at `from`.
fn string(rest: &str, from: usize) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest[from..].char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return from + at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn is_raw(rest: &str) -> bool {
    rest.trim_start_matches('b').strip_prefix('r').is_some_and(|it| it.trim_start_matches('#').starts_with('"'))
}

/// The length of `r"…"`, `r#"…"#` and their like.
fn raw(rest: &str) -> usize {
    let open = rest.find('"').expect("is_raw found it");
    let end = format!("\"{}", "#".repeat(rest[..open].matches('#').count()));
    rest[open + 1..].find(&end).map_or(rest.len(), |at| open + 1 + at + end.len())
}

/// The length of `'…'`; `None`: a lifetime.
fn character(rest: &str) -> Option<usize> {
    match rest[1..].starts_with('\\') {
        true => rest[3..].find('\'').map(|at| 3 + at + 1),
        false => {
            let inside = rest[1..].chars().next()?;
            rest[1 + inside.len_utf8()..].starts_with('\'').then(|| inside.len_utf8() + 2)
        }
    }
}
