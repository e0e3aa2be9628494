//! Lists as the programs of `fixtures/lists` write them: each has its accounts and findings beside it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use provost_account::{Service, Severity};
use provost_settings::{ColumnChoice, Encoding, LIST_START_OCTETS, List, ListOptions, Person, Survey, read_settings};

#[test]
fn every_list_says_what_stands_beside_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/lists");
    let mut names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with(".expected"));
    names.sort();
    assert!(names.len() > 20, "{names:?}");
    let mut wrong = Vec::new();
    for name in &names {
        let expected = fs::read_to_string(folder.join(format!("{name}.expected"))).unwrap();
        let lines: Vec<&str> = expected.lines().filter(|line| !line.starts_with('#')).collect();
        let mut options = ListOptions::named(Some(name));
        for option in lines.iter().filter_map(|line| line.strip_prefix("option ")) {
            match option.split_once(' ').unwrap() {
                ("columns", choice) => options.columns.push(ColumnChoice::try_from(choice).unwrap()),
                ("encoding", label) => options.encoding = Some(Encoding::try_from(label).unwrap()),
                (other, _) => panic!("{name}: {other}"),
            }
        }
        let expected: Vec<&str> = lines.into_iter().filter(|line| !line.starts_with("option ")).collect();
        let mut found = found(&fs::read(folder.join(name)).unwrap(), &options);
        if !expected.iter().any(|line| line.starts_with("note ")) {
            found.retain(|line| !line.starts_with("note "));
        }
        if found != expected {
            wrong.push(format!("{name}:\n  {}\n", found.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "found:\n{}", wrong.concat());
}

fn found(octets: &[u8], options: &ListOptions) -> Vec<String> {
    let mut said = Vec::new();
    let service = service();
    let findings = match List::of(&octets[..octets.len().min(LIST_START_OCTETS)], options) {
        Err(findings) => findings,
        Ok(list) => {
            said.extend(list.note().map(|note| format!("note {note}")));
            let mut survey = Survey::new(&list, &service);
            for batch in list.batches(octets) {
                let rows = list.read(&batch.unwrap(), &service);
                survey.add(&rows);
                said.extend(rows.people.iter().map(account));
            }
            let duplicates = survey.duplicates();
            let surveyed = survey.finish(duplicates);
            said.extend((surveyed.left_out > 0).then(|| format!("left-out {}", surveyed.left_out)));
            said.extend((surveyed.bad_rows > 0).then(|| format!("bad {}", surveyed.bad_rows)));
            surveyed.findings
        }
    };
    said.extend(findings.iter().map(|it| {
        let severity = if it.severity == Severity::Error { "error" } else { "warning" };
        let place = it.place.map_or_else(String::new, |place| format!(" {}:{}", place.line, place.column));
        format!("finding {severity} {}{place}", it.code.name)
    }));
    said
}

fn account(person: &Person) -> String {
    let mut said = format!("account {}", person.address);
    let mut add = |what: &str, value: Option<String>| {
        said.extend(value.filter(|it| !it.is_empty()).map(|value| format!(" {what}={value}")));
    };
    add("name", person.full_name.as_ref().map(ToString::to_string));
    add("login", person.login.as_ref().map(ToString::to_string));
    add("aliases", Some(person.aliases.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")));
    add("groups", Some(person.groups.join(",")));
    add("password", person.password.as_ref().map(|_| "given".to_owned()));
    said
}

fn service() -> Service {
    let yaml = b"provost: 1\norganization: { id: example.harbour, name: Harbour }\ndomains: [harbour.example]\n\
        username: \"%EMAILADDRESS%\"\n\
        incoming: [{ protocol: imap, host: i.example, port: 993, socket_type: SSL, authentication: password-cleartext }]\n\
        outgoing: [{ host: s.example, port: 465, socket_type: SSL, authentication: password-cleartext }]\n";
    read_settings(yaml, &|_| Err(std::io::ErrorKind::NotFound.into())).value.unwrap()
}
