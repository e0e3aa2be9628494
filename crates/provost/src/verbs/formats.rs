//! `provost formats`: the table of formats.

use serde_json::{Value, json};

use crate::arguments::Formats;
use crate::failure::Failure;
use crate::output;
use crate::verdict::Verdict;

/// Prints the table.
pub(crate) fn run(options: &Formats) -> Result<Verdict, Failure> {
    let formats = provost_profile::formats();
    if options.json {
        let list: Vec<Value> = formats
            .iter()
            .map(|format| {
                json!({
                    "provost": 1,
                    "name": format.name,
                    "title": format.title,
                    "clients": format.clients,
                    "variants": variants(format),
                    "scopes": scopes(format),
                    "extensions": format.extensions,
                    "install": format.install,
                    "source": format.source,
                })
            })
            .chain(provost_device::only_read().iter().map(
                |it| json!({"provost": 1, "name": it.format, "title": it.title, "scopes": [], "only_read": it.reason}),
            ))
            .collect();
        output::json_line(&Value::Array(list))?;
        return Ok(Verdict::Good);
    }
    let heading = ["format", "variants", "for each", "files", "clients"].map(str::to_owned).to_vec();
    let rows = formats.iter().map(|format| {
        vec![
            format.name.to_owned(),
            variants_shown(format),
            scopes(format).join(", "),
            format.extensions.iter().map(|extension| format!(".{extension}")).collect::<Vec<_>>().join(", "),
            format.clients.to_owned(),
        ]
    });
    let only_read = provost_device::only_read().iter().map(|it| {
        let none = String::new();
        vec![it.format.to_owned(), none.clone(), "only read".to_owned(), none, it.reason.to_owned()]
    });
    output::table(&std::iter::once(heading).chain(rows).chain(only_read).collect::<Vec<_>>())?;
    Ok(Verdict::Good)
}

fn variants(format: &provost_profile::Format) -> Vec<&'static str> {
    format.variants.iter().map(|variant| variant.name).filter(|name| !name.is_empty()).collect()
}

fn scopes(format: &provost_profile::Format) -> Vec<&'static str> {
    let mut scopes: Vec<&str> = Vec::new();
    for scope in format.variants.iter().map(|variant| variant.write.scope()) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// The variants as far as a line has place for them.
fn variants_shown(format: &provost_profile::Format) -> String {
    let variants = variants(format);
    match variants.as_slice() {
        [first, .., last] if variants.len() > VARIANTS_SHOWN => {
            format!("{first} … {last} ({} in all)", variants.len())
        }
        few => few.join(", "),
    }
}

/// `--json` lists all of them.
const VARIANTS_SHOWN: usize = 4;
