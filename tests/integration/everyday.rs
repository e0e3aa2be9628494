//! `docs/everyday-files.md`: what `explain` and `lint` say of files as people have them (`fixtures/everyday`), judged by
//! what their programs do. Each label says what the program makes of its file; the page counts where we say the same.
//! `cargo xtask bless` writes the page anew. No program is run here: the keyword sweeps do that.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use provost_tests::{Run, provost, root};
use serde_json::Value;
use toml::Table;

#[test]
fn the_page_of_everyday_files_says_what_becomes_of_them() {
    let (mut wrong, mut counts, mut warnings) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for file in files() {
        let count: &mut Count = counts.entry(file.format.clone()).or_default();
        count.files += 1;
        count.judges.extend(file.label.get("judged_by").and_then(|it| it.as_str()).map(judge));
        if let Err(why) = file.is_explained(count) {
            count.wrong += 1;
            wrong.push(format!("explain {}: {why}", file.path));
        }
        if let Err(why) = file.is_linted(count, &mut warnings) {
            wrong.push(format!("lint {}: {why}", file.path));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let (all, disputed): (usize, usize) =
        (counts.values().map(|it| it.files).sum(), counts.values().map(|it| it.disputed).sum());
    assert!(all >= 150, "only {all} files");
    assert!(disputed * 50 < all, "of {all} files {disputed} get a warning that a maintainer would call wrong");

    let (page, path) = (page(&counts, &warnings), root().join("docs/everyday-files.md"));
    if std::env::var_os("PROVOST_BLESS").is_some() {
        fs::write(path, page).unwrap();
    } else {
        let written = fs::read_to_string(path).unwrap();
        assert!(written == page, "run `cargo xtask bless` and read the diff of docs/everyday-files.md");
    }
}

/// What became of the files of a format.
#[derive(Default)]
struct Count {
    files: usize,
    /// Whose accounts are all told as the program has them.
    right: usize,
    /// Those of which a line is named as not followed.
    not_followed: usize,
    wrong: usize,
    errors: usize,
    /// With a warning.
    warned: usize,
    /// With a warning that a maintainer of the program would call wrong.
    disputed: usize,
    judges: std::collections::BTreeSet<String>,
}

/// The program or document that judged a file: the label's first part, without what it was asked.
fn judge(text: &str) -> String {
    text.split(';').next().unwrap_or(text).trim().to_owned()
}

struct File {
    format: String,
    /// From the root of the workspace.
    path: String,
    label: Table,
}

impl File {
    /// Whether `explain` says of each account what the program does, and of each line whether it is followed.
    fn is_explained(&self, count: &mut Count) -> Result<(), String> {
        let run = self.run(&["explain", "--json"]);
        if run.status != Some(0) {
            return Err(format!("exit status {:?}\n{}", run.status, run.stderr));
        }
        let mut servers = Vec::new();
        for line in run.stdout.lines() {
            let understood: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
            for at in ["incoming", "outgoing"] {
                servers.extend(understood[at].as_array().into_iter().flatten().map(server));
            }
        }
        let expected = self.texts("servers");
        if servers != expected {
            return Err(format!("{servers:#?}\nexpected {expected:#?}\n{}", run.stderr));
        }
        let mut not_followed: Vec<String> = findings(&run.stderr)
            .filter(|it| it.code == "not-followed")
            .map(|it| format!("line {}", it.line))
            .collect();
        not_followed.dedup();
        let expected = self.texts("not_followed");
        let expected: Vec<&str> = expected.iter().filter_map(|it| it.split(':').next()).collect();
        if not_followed != expected {
            return Err(format!("not followed: {not_followed:?}, expected {expected:?}\n{}", run.stderr));
        }
        match not_followed.is_empty() {
            true => count.right += 1,
            false => count.not_followed += 1,
        }
        Ok(())
    }

    /// Whether `lint` calls nothing an error, and has the warnings that the label judges.
    fn is_linted(&self, count: &mut Count, all: &mut BTreeMap<String, usize>) -> Result<(), String> {
        let run = self.run(&["lint"]);
        let mut warnings: Vec<&str> = findings(&run.stderr)
            .chain(findings(&run.stdout))
            .filter(|it| it.severity == "warning")
            .map(|it| it.code)
            .collect();
        warnings.sort_unstable();
        warnings.dedup();
        let judged = self.texts("warnings");
        let mut expected: Vec<&str> = judged.iter().filter_map(|it| it.split(':').next()).collect();
        expected.sort_unstable();
        if run.status != Some(0) {
            count.errors += 1;
            return Err(format!("exit status {:?}\n{}", run.status, run.output()));
        }
        if warnings != expected {
            return Err(format!("warnings {warnings:?}, judged {expected:?}\n{}", run.output()));
        }
        for it in &judged {
            let mut parts = it.splitn(3, ": ");
            let (Some(code), Some(verdict @ ("right" | "wrong")), Some(_why)) =
                (parts.next(), parts.next(), parts.next())
            else {
                return Err(format!("{it:?} is not: CODE: right|wrong: WHY"));
            };
            *all.entry(format!("`{code}`, {verdict}")).or_default() += 1;
        }
        count.warned += usize::from(!warnings.is_empty());
        count.disputed += usize::from(judged.iter().any(|it| it.contains(": wrong: ")));
        Ok(())
    }

    fn run(&self, verb: &[&str]) -> Run {
        let mut arguments = verb.to_vec();
        let address = self.label.get("for_address").and_then(|it| it.as_str());
        arguments.extend(address.into_iter().flat_map(|it| ["--address", it]));
        arguments.push(&self.path);
        provost(&arguments)
    }

    fn texts(&self, key: &str) -> Vec<String> {
        let texts = self.label.get(key).and_then(|it| it.as_array());
        texts.into_iter().flatten().map(|it| it.as_str().expect("a list of texts").to_owned()).collect()
    }
}

/// A server in the words of the labels.
fn server(it: &Value) -> String {
    let text = |key: &str| it[key].as_str().unwrap_or("nobody yet").to_owned();
    let host = text("host");
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    format!(
        "{} {host}:{} {} {} as {}",
        text("protocol").replace("submission", "smtp"),
        it["port"],
        text("socket_type"),
        text("authentication"),
        text("username")
    )
}

struct Printed<'a> {
    line: &'a str,
    severity: &'a str,
    code: &'a str,
}

/// The findings of an output. Of one without a place the line is 0.
fn findings(output: &str) -> impl Iterator<Item = Printed<'_>> {
    output.lines().filter(|line| !line.starts_with(' ')).filter_map(|text| {
        let (at, rest) = text.split_once("]: ")?.0.rsplit_once(": ")?;
        let (severity, code) = rest.split_once('[')?;
        let line = at.rsplit(':').nth(1).filter(|it| it.parse::<usize>().is_ok()).unwrap_or("0");
        Some(Printed { line, severity, code })
    })
}

/// Every file, or folder of files that belong together, beside its label.
fn files() -> Vec<File> {
    let mut files = Vec::new();
    let inside = |folder: &Path| fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect::<Vec<PathBuf>>();
    for folder in inside(&root().join("fixtures/everyday")) {
        for path in inside(&folder) {
            let Some(named) = path.to_str().unwrap().strip_suffix(".source.toml") else {
                let label = format!("{}.source.toml", path.display());
                assert!(Path::new(&label).exists() || label.contains(".with."), "{} has no label", path.display());
                continue;
            };
            files.push(File {
                format: folder.file_name().unwrap().to_str().unwrap().to_owned(),
                path: Path::new(named).strip_prefix(root()).unwrap().to_str().unwrap().to_owned(),
                label: fs::read_to_string(&path).unwrap().parse().unwrap(),
            });
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn page(counts: &BTreeMap<String, Count>, warnings: &BTreeMap<String, usize>) -> String {
    let mut page = HEAD.to_owned();
    let sum = |what: fn(&Count) -> usize| counts.values().map(what).sum::<usize>();
    writeln!(page, "| format | files | right | line named as not followed | wrong |\n|---|---|---|---|---|").unwrap();
    for (format, it) in counts {
        writeln!(page, "| {format} | {} | {} | {} | {} |", it.files, it.right, it.not_followed, it.wrong).unwrap();
    }
    let (files, right, not_followed, wrong) =
        (sum(|it| it.files), sum(|it| it.right), sum(|it| it.not_followed), sum(|it| it.wrong));
    writeln!(page, "| all | {files} | {right} | {not_followed} | {wrong} |").unwrap();
    page.push_str(LINT);
    writeln!(page, "| format | files | error | warning | disputed | judged by |\n|---|---|---|---|---|---|").unwrap();
    for (format, it) in counts {
        let judges: Vec<&str> = it.judges.iter().map(String::as_str).collect();
        let judges = judges.join("; ");
        writeln!(page, "| {format} | {} | {} | {} | {} | {judges} |", it.files, it.errors, it.warned, it.disputed)
            .unwrap();
    }
    let (errors, warned, disputed) = (sum(|it| it.errors), sum(|it| it.warned), sum(|it| it.disputed));
    writeln!(page, "| all | {files} | {errors} | {warned} | {disputed} | |").unwrap();
    page.push_str("\n| warning, judged as | files |\n|---|---|\n");
    for (warning, files) in warnings {
        writeln!(page, "| {warning} | {files} |").unwrap();
    }
    page
}

const HEAD: &str = "\
# Everyday files

What `provost explain` and `provost lint` say of files as people have them.
The files are in `fixtures/everyday`, written for this project in the style of published ones: dotfiles, provider files, profiles, zones.
Each has a label with what its program makes of it, who judged that, and a judgement of every warning.
A test runs both commands on each file and compares.

This page is generated: `cargo xtask bless` writes it.

## `explain`

Right: every account and server as the program has it, in its order, with host, port, TLS, login and authentication.
A line that is named as not followed is one that the program follows and Provost says it does not, as the label expects.

";

const LINT: &str = "
## `lint`

The programs take all of these files, so each error would be wrong.
Where a program is named with its version, it was given the files; the others were judged by what is named.
Disputed: with a warning that a maintainer of the program would call wrong.

";
