//! No output of any verb contains a password: raw, percent-encoded, in base64, or as AUTH PLAIN's triple.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use provost_tests::{Running, command, folder, program};

/// A password with all kinds of special characters, so that a quoting mistake shows.
const ADDRESS: &str = "carol@centurylink.net";
const PASSWORD: &str = "tr0ub4dor&3 <\"ünsafe\">";
const PERCENT_ENCODED: &str = "tr0ub4dor%263%20%3C%22%C3%BCnsafe%22%3E";
const SETTINGS: &str = "fixtures/centurylink/mail.yaml";

#[test]
fn no_verb_says_a_password() {
    let folder = folder();
    let list = folder.path().join("users.csv");
    // The unknown column gives `lint` something to say.
    let row = format!("email,name,shoes,password\n{ADDRESS},Carol,42,\"{}\"\n", PASSWORD.replace('"', "\"\""));
    fs::write(&list, row).unwrap();
    let list = list.to_str().unwrap();
    let out = folder.path().join("out");
    let out_text = out.to_str().unwrap();
    let settings = ["-c", SETTINGS, "--users", list];

    for more in [&[][..], &["--json"]] {
        silent(&[&["generate", "-o", out_text], &settings[..], more].concat());
        silent(&[&["verify", out_text], more].concat());
        silent(&[&["verify", out_text], &settings[..], more].concat());
        silent(&[&["verify", out_text, "--fault", "password-refused"], &settings[..], more].concat());
        for faults in [&[][..], &["--fault", "password-refused"]] {
            reports(&[&["verify", out_text], &settings[..], faults, more].concat(), folder.path());
        }
        silent(&[&["lint", list, "-c", SETTINGS], more].concat());
    }
    for file in files(&out) {
        let bytes = fs::read(&file).unwrap();
        assert_eq!(found_in(&String::from_utf8_lossy(&bytes)), None, "{}", file.display());
        if file.extension().is_some_and(|it| it != "json" && it != "jsonl") {
            silent(&["explain", file.to_str().unwrap()]);
            silent(&["import", file.to_str().unwrap()]);
        }
    }

    // With the option the profiles contain it, but still no verb prints it.
    let embedded = folder.path().join("embedded");
    let run =
        silent(&[&["generate", "-o", embedded.to_str().unwrap(), "--danger-embed-passwords"], &settings[..]].concat());
    assert!(run.contains("warning: the profiles contain passwords"), "{run}");
    let mut carrying = 0;
    for file in files(&embedded) {
        let text = fs::read_to_string(&file).unwrap_or_else(|_| String::new());
        carrying += usize::from(text.contains("tr0ub4dor"));
        if file.extension().is_some_and(|it| it != "json" && it != "jsonl") {
            silent(&["explain", file.to_str().unwrap()]);
            silent(&["explain", "--json", file.to_str().unwrap()]);
            silent(&["lint", file.to_str().unwrap()]);
            silent(&["lint", "--sarif", "-", file.to_str().unwrap()]);
            silent(&["import", file.to_str().unwrap()]);
        }
    }
    assert!(carrying >= 2, "--danger-embed-passwords embeds nothing");
    reports(&["verify", embedded.to_str().unwrap(), "--fault", "password-refused"], folder.path());
    silent(&["diff", out_text, embedded.to_str().unwrap()]);
    silent(&["diff", "--json", embedded.to_str().unwrap(), out_text]);
}

/// The password is a person's, and the key of the server too: neither is in an output, nor in the journal.
#[test]
fn deploy_says_no_password() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("users.csv", &format!("email,name,password\n{ADDRESS},Carol,\"{}\"\n", PASSWORD.replace('"', "\"\"")));
    write("devices.csv", &format!("email,enrollment,variant\n{ADDRESS},D1,ios\n"));
    write("key", &format!("{PASSWORD}\n"));
    let server = "url: \"http://127.0.0.1:1\"\ncredentials: { file: key }";
    for (name, target) in
        [("server.yaml", format!("nanomdm\n{server}")), ("folder.yaml", "folder\nfolder: out".to_owned())]
    {
        let rest = format!("deliver: [apple-mobileconfig/ios]\njournal: {name}.jsonl\n");
        write(name, &format!("provost: 1\ntarget: {target}\n{rest}"));
        let (users, map, to) = (path("users.csv"), path("devices.csv"), path(name));
        let files = ["-c", SETTINGS, "--users", &users, "--map", &map, "--to", &to];
        for more in [&[][..], &["--json"], &["--danger-embed-passwords"]] {
            for verb in [&["plan"][..], &["apply", "--yes"], &["status"]] {
                silent(&[&["deploy"], verb, &files[..], more].concat());
            }
        }
        silent(&[&["deploy", "remove", "--yes"], &files[..]].concat());
        let journal = fs::read_to_string(folder.path().join(format!("{name}.jsonl"))).unwrap();
        assert!(journal.contains("intent"), "{journal}");
        assert_eq!(found_in(&journal), None);
    }
    // A key that stands in the settings is refused, and not shown.
    write("value.yaml", &format!("provost: 1\ntarget: nanomdm\nurl: https://mdm.example\ncredentials: '{PASSWORD}'\n"));
    let (users, map, to) = (path("users.csv"), path("devices.csv"), path("value.yaml"));
    let run = silent(&["deploy", "plan", "-c", SETTINGS, "--users", &users, "--map", &map, "--to", &to]);
    assert!(run.contains("where the secret comes from"), "{run}");
}

#[test]
fn the_mock_server_does_not_say_a_password_that_it_was_given() {
    use std::io::{BufRead, BufReader};
    let folder = folder();
    let list = folder.path().join("users.csv");
    fs::write(&list, format!("email,name\n{ADDRESS},Carol\n")).unwrap();
    let mut command = command(&["mock", "-c", SETTINGS, "--users", list.to_str().unwrap(), "--json"]);
    let mut mock = Running(
        command.env("PROVOST_MOCK_PASSWORD", PASSWORD).env("RUST_LOG", "trace").stdout(Stdio::piped()).spawn().unwrap(),
    );
    let mut ready = String::new();
    BufReader::new(mock.0.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    assert!(ready.contains(ADDRESS), "{ready}");
    assert_eq!(found_in(&ready), None);
}

#[test]
fn the_search_finds_each_form() {
    for form in forms() {
        assert_eq!(found_in(&format!("x{form}y")), Some(form));
    }
}

#[track_caller]
fn silent(arguments: &[&str]) -> String {
    let run = command(arguments).env("RUST_LOG", "trace").output().unwrap();
    let output = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert_eq!(found_in(&output), None, "{} {arguments:?}", program().display());
    assert!(!output.is_empty(), "{arguments:?} says nothing at all");
    output
}

/// The files that `verify` writes are as silent as what it prints.
#[track_caller]
fn reports(arguments: &[&str], folder: &Path) {
    let [junit, page] = ["junit.xml", "page.html"].map(|name| folder.join(name));
    let files = ["--junit", junit.to_str().unwrap(), "--html", page.to_str().unwrap()];
    silent(&[arguments, &files].concat());
    for file in [junit, page] {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(ADDRESS) || !text.contains("ailed: "), "{} is of nobody", file.display());
        assert_eq!(found_in(&text), None, "{}", file.display());
    }
}

fn found_in(output: &str) -> Option<String> {
    forms().into_iter().find(|form| output.contains(form.as_str()))
}

fn forms() -> Vec<String> {
    vec![
        PASSWORD.to_owned(),
        PASSWORD.escape_debug().to_string(),
        PERCENT_ENCODED.to_owned(),
        BASE64_STANDARD.encode(PASSWORD),
        BASE64_STANDARD.encode(format!("\0{ADDRESS}\0{PASSWORD}")),
    ]
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}
