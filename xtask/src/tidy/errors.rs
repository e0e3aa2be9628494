//! An error is a type with facts: outside of tests, no `Result` has a text for one.

/// Where a `Result` has a text for an error.
pub(crate) fn violations(path: &str, code: &str) -> Vec<String> {
    let results = code.match_indices("Result<").filter(|(at, start)| {
        let arguments = arguments(&code[at + start.len()..]);
        arguments.get(1).is_some_and(|error| is_text(error))
    });
    results
        .map(|(at, _)| {
            format!("{path}:{}: an error is a type with facts, not a text", code[..at].matches('\n').count() + 1)
        })
        .collect()
}

/// The arguments between the brackets that are open.
fn arguments(rest: &str) -> Vec<&str> {
    let (mut arguments, mut from, mut depth) = (Vec::new(), 0, 0);
    let mut previous = ' ';
    for (at, c) in rest.char_indices() {
        match c {
            '>' if previous == '-' => {}
            '>' if depth == 0 => {
                arguments.push(rest[from..at].trim());
                break;
            }
            ',' if depth == 0 => {
                arguments.push(rest[from..at].trim());
                from = at + 1;
            }
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        previous = c;
    }
    arguments
}

fn is_text(error: &str) -> bool {
    let name = error.trim_start_matches('&').split_whitespace().find(|word| !word.starts_with('\''));
    let name = name.map(|name| name.trim_start_matches("Box<").split('<').next().unwrap_or(name));
    name.is_some_and(|name| {
        ["String", "str", "Cow"].contains(&name.trim_end_matches('>').rsplit("::").next().unwrap_or(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::code;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(violations("crates/a/src/b.rs", &code(text)), expected);
    }

    #[test]
    fn a_text_is_no_error() {
        let complaint = |line: u32| format!("crates/a/src/b.rs:{line}: an error is a type with facts, not a text");
        check("fn a() -> Result<u8, String> {}\n", &[&complaint(1)]);
        check("fn a() -> Result<(u8, u8),\n&'static str> {}\n", &[&complaint(1)]);
        check("//! A.\nfn a(b: fn(&str) -> Result<Vec<(String, u8)>, Cow<'static, str>>) {}\n", &[&complaint(2)]);
        check("fn a() -> Result<String, Error> { \"Result<u8, String>\" }\n", &[]);
        check("fn a() -> Result<BTreeMap<u8, String>, Vec<String>> {}\n", &[]);
        check("fn a() {}\n#[cfg(test)]\nmod tests {\nfn a() -> Result<u8, String> {}\n}\n", &[]);
    }
}
