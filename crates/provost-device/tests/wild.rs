//! Files in the styles of other programs, including their mistakes: each is recognized, read or rejected as its label
//! says, with the findings that the label lists. The labels were written from what is known about devices and
//! generators, not from what the readers report.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use provost_account::{About, EmailAddress, Server, codes::profile as codes};
use provost_device::{Person, Reading, SourceFile, formats, recognize};
use toml::Table;

#[test]
fn every_specimen_is_read_as_its_label_says() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for Specimen { path, format, bytes, label } in specimens() {
        let file = source(&path, &bytes);
        let recognized = recognize(&file).map(|format| format.name);
        if recognized != Some(format.as_str()) && !label["refused"].as_bool().unwrap() {
            wrong.push(format!("{path:?}: recognized as {recognized:?}"));
            continue;
        }
        let person = Person {
            address: Some(EmailAddress::try_from(label["for_address"].as_str().unwrap()).unwrap()),
            full_name: None,
        };
        let reader = formats().iter().find(|it| it.name == format).unwrap();
        let mut files = vec![file];
        let beside: Vec<(PathBuf, Vec<u8>)> = beside(&path);
        files.extend(beside.iter().map(|(path, bytes)| source(path, bytes)));
        let read = reader.read(&files, &person);
        let refused = read.is_err();
        let findings = match &read {
            Ok(reading) => &reading.findings,
            Err(findings) => findings,
        };
        let mut found: Vec<&str> = findings.iter().map(|finding| finding.code.name).collect();
        found.sort_unstable();
        let mut expected = texts(&label, "defects");
        expected.sort_unstable();
        if refused != label["refused"].as_bool().unwrap() || found != expected {
            wrong.push(format!("{path:?}: {found:?}, expected {expected:?}; refused: {refused}\n{findings:#?}"));
        }
        if let (Ok(reading), Some(_)) = (&read, label.get("servers")) {
            let found = servers(reading);
            if found != texts(&label, "servers") {
                wrong.push(format!("{path:?}: {found:#?}"));
            }
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 80, "only {count} specimens");
}

/// Two codes need a file that would be too large to keep.
#[test]
fn every_code_is_provoked_by_a_specimen() {
    let provoked: BTreeSet<String> = specimens()
        .iter()
        .flat_map(|specimen| texts(&specimen.label, "defects").into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let known: BTreeSet<String> = codes::ALL.iter().map(|code| code.name.to_owned()).collect();
    let missing: Vec<&String> = known.difference(&provoked).collect();
    assert_eq!(missing, ["too-large"]);
    assert_eq!(provoked.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn files_cut_short_or_changed_in_one_place_are_read_or_refused() {
    for Specimen { path, format, bytes, .. } in specimens() {
        let reader = formats().iter().find(|it| it.name == format).unwrap();
        // Every octet of a picture would take minutes to look at.
        let is_picture = path.extension().is_some_and(|end| end == "png" || end == "svg");
        let step = if is_picture { bytes.len() / 8 + 1 } else { bytes.len() / 150 + 1 };
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x04;
            for bytes in [&bytes[..at], &changed] {
                let file = source(&path, bytes);
                let _ = recognize(&file);
                if let Err(findings) = reader.read(&[file], &Person::default()) {
                    assert!(!findings.is_empty(), "{path:?} at {at}: refused without a word");
                }
            }
        }
    }
}

/// Also by specimens that are cut short, and by what `fixtures/everyday` and `fixtures/golden` have.
#[test]
fn every_rule_names_the_formats_that_it_is_for() {
    let mut found: BTreeSet<(&str, &str)> = BTreeSet::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    for (path, format) in ["wild", "everyday", "golden"].iter().flat_map(|it| files_of_formats(&fixtures.join(it))) {
        let Ok(bytes) = fs::read(&path) else { continue };
        let Some(reader) = formats().iter().find(|it| it.name == format) else { continue };
        let is_picture = path.extension().is_some_and(|end| end == "png" || end == "svg");
        let step = if is_picture { bytes.len() } else { bytes.len() / 8 } + 1;
        for end in (0..bytes.len()).step_by(step).chain([bytes.len()]) {
            let mut files = vec![source(&path, &bytes[..end])];
            let beside = beside(&path);
            files.extend(beside.iter().map(|(path, bytes)| source(path, bytes)));
            let (mut findings, reading) = match reader.read(&files, &Person::default()) {
                Ok(reading) => (reading.findings.clone(), Some(reading)),
                Err(findings) => (findings, None),
            };
            let profiles = reading.iter().flat_map(|it| &it.profiles);
            findings.extend(profiles.flat_map(provost_device::contradictions));
            let of_profiles = findings.iter().filter(|it| it.code.about == About::Profile);
            found.extend(of_profiles.map(|it| (it.code.name, reader.name)));
        }
    }
    let wrong: Vec<_> = found
        .iter()
        .filter(|(code, format)| !codes::ALL.iter().any(|it| it.name == *code && it.is_for(format)))
        .collect();
    assert!(wrong.is_empty(), "rules that are not said to be for a format: {wrong:#?}");
    for code in codes::ALL.iter().filter(|code| code.formats != "*") {
        let idle = code.formats.split(' ').find(|format| !found.contains(&(code.name, format)));
        assert_eq!(idle, None, "{}: no fixture shows it", code.name);
    }
}

/// The files in the folders that are named for formats.
fn files_of_formats(root: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders: Vec<(PathBuf, Option<String>)> = vec![(root.to_owned(), None)];
    while let Some((folder, format)) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            let format = format.clone().or_else(|| formats().iter().any(|it| it.name == name).then(|| name.to_owned()));
            match (path.is_dir(), format) {
                (true, format) => folders.push((path, format)),
                (false, Some(format)) if !name.ends_with(".source.toml") => files.push((path, format)),
                (false, _) => {}
            }
        }
    }
    files
}

#[test]
fn whatever_it_is_no_reader_panics_at_it() {
    let inputs = [
        "<array>".repeat(200_000),
        "[".repeat(200_000),
        "{\"a\":".repeat(200_000),
        format!("<?xml version=\"1.0\"?><plist>{}", "<dict><key>a</key>".repeat(100_000)),
        "\0".repeat(100),
        String::new(),
        "<svg width=\"1e300\" height=\"NaN\"/>".to_owned(),
        "<svg viewBox=\"0 0 4096 4096\"><path d=\"M1e9 -5h9v9h-9z\"/></svg>".to_owned(),
        " ".repeat(9 * 1024 * 1024),
    ];
    for input in &inputs {
        for format in formats() {
            let findings =
                format.read(&[SourceFile::nameless(input.as_bytes())], &Person::default()).expect_err("a refusal");
            assert!(!findings.is_empty(), "{}", format.name);
            assert!(findings.iter().all(|finding| finding.message.len() < 1000), "{}", format.name);
        }
    }
}

#[test]
fn a_file_beyond_the_limit_is_refused_as_such() {
    for format in formats() {
        let bytes = vec![b' '; 9 * 1024 * 1024];
        let findings = format.read(&[SourceFile::nameless(&bytes)], &Person::default()).expect_err("a refusal");
        assert_eq!(findings[0].code, codes::TOO_LARGE, "{}", format.name);
    }
}

/// Specimens keep the names that their programs look for, or end in them.
fn source<'a>(path: &'a Path, bytes: &'a [u8]) -> SourceFile<'a> {
    SourceFile { path: path.to_str().unwrap(), bytes }
}

/// The files that belong to a specimen lie in a folder of its name: `NAME.with/`.
fn beside(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(format!("{}.with", path.display()));
    if !folder.is_dir() {
        return Vec::new();
    }
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn servers(reading: &Reading) -> Vec<String> {
    let line = |kind: &str, server: &Server| {
        let endpoint = &server.endpoint;
        let login = server.login.as_ref().map_or("nobody yet", |login| login.as_str());
        let authority = endpoint.authority();
        format!("{kind} {authority} {} {} as {login}", endpoint.security.name(), endpoint.authentication.name())
    };
    let mut lines = Vec::new();
    for understood in &reading.profiles {
        lines.extend(understood.account.incoming.iter().map(|it| line(it.protocol.name(), &it.server)));
        lines.extend(understood.account.outgoing.iter().map(|it| line("smtp", it)));
    }
    lines
}

struct Specimen {
    path: PathBuf,
    format: String,
    bytes: Vec<u8>,
    label: Table,
}

fn specimens() -> Vec<Specimen> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/wild");
    let mut specimens = Vec::new();
    for folder in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()) {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() || path.to_string_lossy().ends_with(".source.toml") {
                continue;
            }
            let label = PathBuf::from(format!("{}.source.toml", path.display()));
            specimens.push(Specimen {
                format: folder.file_name().unwrap().to_string_lossy().into_owned(),
                bytes: fs::read(&path).unwrap(),
                label: fs::read_to_string(label).unwrap().parse().unwrap(),
                path,
            });
        }
    }
    specimens.sort_by(|one, other| one.path.cmp(&other.path));
    specimens
}

fn texts<'a>(label: &'a Table, key: &str) -> Vec<&'a str> {
    label[key].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}
