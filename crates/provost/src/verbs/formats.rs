//! `provost formats`: the table of formats.

use serde_json::{Value, json};

use crate::arguments::Formats;
use crate::failure::Failure;
use crate::groups::groups;
use crate::output;
use crate::verdict::Verdict;

/// Prints the table.
pub(crate) fn run(options: &Formats) -> Result<Verdict, Failure> {
    let formats = provost_profile::formats();
    let only_read = provost_device::only_read();
    if options.json {
        let written = formats.iter().map(|it| {
            json!({
                "provost": 1, "name": it.name, "title": it.title, "clients": it.clients, "variants": variants(it),
                "scopes": scopes(it), "extensions": it.extensions, "install": it.install, "source": it.source,
                "read_differently_since": read_differently_since(it.name),
            })
        });
        let only_read = only_read.iter().map(
            |it| json!({"provost": 1, "name": it.format, "title": it.title, "scopes": [], "only_read": it.reason}),
        );
        output::json_line(&written.chain(only_read).collect::<Vec<Value>>())?;
        return Ok(Verdict::Good);
    }
    let mut rows = vec![["format", "variants", "for each", "files", "clients"].map(str::to_owned).to_vec()];
    rows.extend(formats.iter().map(|it| {
        let extensions: Vec<String> = it.extensions.iter().map(|extension| format!(".{extension}")).collect();
        let scopes = scopes(it).join(", ");
        vec![it.name.to_owned(), variants_shown(it), scopes, extensions.join(", "), it.clients.to_owned()]
    }));
    rows.extend(only_read.iter().map(|it| [it.format, "", "only read", "", it.reason].map(str::to_owned).to_vec()));
    output::table(&rows)?;
    output::line("")?;
    let mut rows = vec![["versions", "other since", "what differs (--as PROGRAM@VERSION)"].map(str::to_owned).to_vec()];
    rows.extend(provost_device::versions().iter().map(|it| {
        let since: Vec<&str> = it.since[1..].to_vec();
        vec![it.format.to_owned(), since.join(", "), it.differs.to_owned()]
    }));
    output::table(&rows)?;
    Ok(Verdict::Good)
}

/// The versions of the program that began to read its file in another way.
fn read_differently_since(format: &str) -> &'static [&'static str] {
    provost_device::versions().iter().find(|it| it.format == format).map_or(&[], |it| &it.since[1..])
}

fn variants(format: &provost_profile::Format) -> Vec<&'static str> {
    format.variants.iter().map(|variant| variant.name).filter(|name| !name.is_empty()).collect()
}

fn scopes(format: &provost_profile::Format) -> Vec<&'static str> {
    let scopes = groups(format.variants.iter().map(|variant| (variant.write.scope(), ())));
    scopes.into_iter().map(|(scope, _)| scope).collect()
}

/// The variants, as many as fit in a line.
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
