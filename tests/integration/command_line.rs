//! What a person at the command line sees: files, verdicts, hints, exit statuses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use provost_tests::{Run, folder, provost, provost_reading, root};

#[test]
fn the_second_run_of_generate_touches_no_file() {
    let folder = folder();
    let out = folder.path().join("out");
    assert_eq!(centurylink(&out, &[]).status, Some(0));
    let before = contents(&out);
    assert!(before.len() > 100, "{} files", before.len());
    assert_eq!(centurylink(&out, &[]).status, Some(0));
    assert_eq!(contents(&out), before);
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone_even_if_somebody_opened_them_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let out = folder.path().join("out");
    let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
    for _ in 0..2 {
        assert_eq!(centurylink(&out, &["--only", "msmtp,fetchmail"]).status, Some(0));
        let files = contents(&out);
        assert!(files.len() > 40, "{} files", files.len());
        for file in files.keys().filter(|file| file.extension().is_some_and(|end| end != "json" && end != "jsonl")) {
            assert_eq!(mode(file), 0o600, "{}", file.display());
            fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
        }
    }
}

#[test]
fn what_generate_wrote_is_proven() {
    let folder = folder();
    let out = folder.path().join("out");
    centurylink(&out, &[]);
    let run = provost(&["verify", text(&out)]);
    assert_eq!(run.status, Some(0), "{}", run.output());
    assert!(run.stdout.contains("0 failed, against the mock server"), "{}", run.stdout);
    assert!(run.stderr.contains("note: compared with"), "{}", run.stderr);
}

#[test]
fn a_changed_port_fails_connect_and_names_user_and_file() {
    let row = verify_changed("<integer>993</integer>", "<integer>994</integer>");
    assert_eq!(row.0, Some(1));
    assert!(row.1.contains("jane.doe@centurylink.net"), "{}", row.1);
    assert!(row.1.contains("jane.doe@centurylink.net.mobileconfig"), "{}", row.1);
    assert!(row.1.contains("connect imap.centurylink.com:994"), "{}", row.1);
}

#[test]
fn a_changed_host_fails_resolve() {
    let row = verify_changed("<string>imap.centurylink.com</string>", "<string>imap.centurylink.example</string>");
    assert_eq!(row.0, Some(1));
    assert!(row.1.contains("resolve imap.centurylink.example:993"), "{}", row.1);
}

/// Both servers of the profile are at one host and port: each is judged and mended as the protocol that it is for.
#[test]
fn a_profile_with_one_wrong_ipv6_address_for_both_servers_names_the_right_ones() {
    let folder = folder();
    let (settings, out) = (folder.path().join("mail.yaml"), folder.path().join("out"));
    let yaml = fs::read_to_string(root().join(SETTINGS)).unwrap();
    let six = |yaml: &str, host| yaml.replace(host, "\"[2001:db8::1]\"");
    fs::write(&settings, six(&six(&yaml, "imap.centurylink.com"), "smtp.centurylink.com")).unwrap();
    let list = b"email,name\njane.doe@centurylink.net,Jane\n";
    let arguments = ["generate", "-c", text(&settings), "--users", "-", "-o", text(&out)];
    let run = provost_reading(&[&arguments[..], &["--only", "k9s"]].concat(), list);
    assert_eq!(run.status, Some(0), "{}", run.output());
    let file = find(&out, "k9s/jane.doe@centurylink.net.k9s");
    let profile = fs::read_to_string(&file).unwrap();
    fs::write(&file, profile.replace("2001:db8::1", "2001:db8::2").replace(">465<", ">993<")).unwrap();
    let run = provost(&["verify", text(&out)]);
    for fix in ["imap [2001:db8::1]:993 SSL", "smtp [2001:db8::1]:465 SSL or smtp [2001:db8::1]:587 STARTTLS"] {
        let told = format!(
            "      connect [2001:db8::2]:993: found: port 993 closed; expected: port 993 open\n        \
             cause: nothing listens there: the port is wrong, the service is down, or a firewall refuses\n        \
             fix: the settings say {fix}; correct the profile\n"
        );
        assert!(run.stdout.contains(&told), "{}", run.stdout);
    }
    fs::write(&file, profile.replace(">465<", ">993<")).unwrap();
    let run = provost(&["verify", text(&out)]);
    assert!(run.stdout.contains("1 failed, 4 not reached"), "{}", run.stdout);
}

#[test]
fn without_anything_to_compare_with_verify_says_what_to_give() {
    let folder = folder();
    let out = folder.path().join("out");
    centurylink(&out, &["--only", "apple-mobileconfig"]);
    fs::remove_file(out.join("service.json")).unwrap();
    let run = provost(&["verify", text(&out)]);
    assert_eq!(run.status, Some(2));
    assert_eq!(
        run.stderr,
        format!(
            "error: {} has no service.json, so there is nothing to compare the profiles with\n\n\
             hint: give the settings with -c mail.yaml --users users.csv, or prove against the real servers with --live\n",
            out.display()
        )
    );
}

#[test]
fn a_single_file_is_proven_with_settings_given() {
    let folder = folder();
    let out = folder.path().join("out");
    centurylink(&out, &["--only", "thunderbird-autoconfig"]);
    let file = folder.path().join("jane.doe@centurylink.net.xml");
    fs::copy(find(&out, "jane.doe@centurylink.net.xml"), &file).unwrap();
    let run = provost(&["verify", text(&file), "-c", "fixtures/centurylink/mail.yaml", "--users", USERS]);
    assert_eq!(run.status, Some(0), "{}", run.output());
    let run = provost(&["verify", text(&file)]);
    assert_eq!(run.status, Some(2), "{}", run.output());
}

#[test]
fn verify_json_ends_with_a_summary_line() {
    let folder = folder();
    let out = folder.path().join("out");
    centurylink(&out, &["--only", "k9s"]);
    let run = provost(&["verify", text(&out), "--json"]);
    let lines: Vec<serde_json::Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = &lines.last().unwrap()["summary"];
    assert_eq!(summary["failed"], 0);
    assert_eq!(summary["against"], "mock server");
    let first = lines[0].as_object().unwrap();
    for key in ["file", "format", "address", "device", "check", "outcome", "found", "expected", "cause", "fix", "ms"] {
        assert!(first.contains_key(key), "{key} in {first:?}");
    }
}

#[test]
fn both_submission_servers_are_proven_directly() {
    let folder = folder();
    let out = folder.path().join("out");
    centurylink(&out, &["--only", "k9s"]);
    let run = provost(&["verify", text(&out), "--json"]);
    let lines: Vec<serde_json::Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let submitted: Vec<&str> = lines
        .iter()
        .filter(|row| row["format"] == "service" && row["check"] == "submit" && row["outcome"] == "pass")
        .map(|row| row["server"].as_str().unwrap())
        .collect();
    assert_eq!(submitted, ["smtp.centurylink.com:465", "smtp.centurylink.com:587"]);
}

#[test]
fn a_bad_row_writes_nothing_unless_asked_to_keep_going() {
    let folder = folder();
    let list = folder.path().join("users.csv");
    fs::write(&list, "email,name\ngood@centurylink.net,Good\nbad@elsewhere.example,Bad\n").unwrap();
    let out = folder.path().join("out");
    let arguments = ["generate", "-c", SETTINGS, "--users", text(&list), "-o", text(&out)];
    let run = provost(&arguments);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains(&format!("{}:3:1: error[address-outside-domains]", list.display())), "{}", run.stderr);
    assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
    assert!(!out.exists());
    let run = provost(&[&arguments[..], &["--keep-going"]].concat());
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    let addresses: Vec<String> = contents(&out).into_keys().map(|path| path.display().to_string()).collect();
    assert!(addresses.iter().any(|path| path.contains("good@centurylink.net")), "{addresses:?}");
    assert!(!addresses.iter().any(|path| path.contains("bad@")), "{addresses:?}");
}

#[test]
fn a_user_who_left_is_named_and_removed_with_prune() {
    let folder = folder();
    let out = folder.path().join("out");
    let list = b"email,name\na@centurylink.net,A\nb@centurylink.net,B\n";
    let generate = |list: &[u8], more: &[&str]| {
        provost_reading(
            &[&["generate", "-c", SETTINGS, "--users", "-", "-o", text(&out), "--only", "k9s"], more].concat(),
            list,
        )
    };
    assert_eq!(generate(list, &[]).status, Some(0));
    let shorter = b"email,name\na@centurylink.net,A\n";
    let run = generate(shorter, &[]);
    assert!(
        run.stderr.contains("k9s/b@centurylink.net.k9s of b@centurylink.net is no longer requested"),
        "{}",
        run.stderr
    );
    assert!(out.join("k9s/b@centurylink.net.k9s").exists());
    assert_eq!(generate(shorter, &["--prune"]).status, Some(0));
    assert!(!out.join("k9s/b@centurylink.net.k9s").exists());
    assert!(out.join("k9s/a@centurylink.net.k9s").exists());
}

#[test]
fn a_user_whom_a_format_refuses_does_not_fail_the_run() {
    let folder = folder();
    let out = folder.path().join("out");
    let list = "email,name\nmüller@centurylink.net,Müller\njane@centurylink.net,Jane\n";
    let arguments = ["generate", "-c", SETTINGS, "--users", "-", "-o", text(&out), "--only", "k9s"];
    let run = provost_reading(&arguments, list.as_bytes());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("refused: müller@centurylink.net in k9s: "), "{}", run.stderr);
}

#[test]
fn lint_judges_settings_lists_and_profiles() {
    assert_eq!(provost(&["lint", SETTINGS]).status, Some(0));
    assert_eq!(provost(&["lint", USERS, "-c", SETTINGS]).status, Some(0));
    let run = provost(&["lint", USERS]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("hint: give them with -c mail.yaml"), "{}", run.stderr);
}

#[test]
fn a_closed_pipe_is_no_error() {
    use std::io::Read;
    use std::process::Stdio;
    let mut child = provost_tests::command(&["formats"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert_eq!((child.wait().unwrap().code(), complaint.as_str()), (Some(0), ""));
}

#[test]
fn a_run_of_generate_fills_no_more_than_a_screen_unless_all_is_asked_for() {
    let folder = folder();
    let out = folder.path().join("out");
    let lines = |run: &Run| run.output().lines().count();
    let run = centurylink(&out, &[]);
    assert!(lines(&run) <= 24, "{}", run.output());
    let hint = run.stderr.lines().last().unwrap();
    assert!(hint.starts_with("note: --verbose shows a row per format and variant, "), "{hint}");
    assert!(hint.ends_with(" more losses; manifest.jsonl lists every file and loss"), "{hint}");
    let whole = centurylink(&out, &["--verbose"]);
    assert!(lines(&whole) > 100, "{}", whole.output());
    assert!(whole.stdout.contains("\napple-mobileconfig/ios "), "{}", whole.stdout);
    // What fits is shown whole.
    let few = centurylink(&out, &["--only", "thunderbird-autoconfig"]);
    assert!(few.stdout.contains("\nthunderbird-autoconfig/domain "), "{}", few.stdout);
    assert!(!few.stderr.contains("--verbose"), "{}", few.stderr);
}

#[test]
fn a_variant_alone_is_written_and_the_others_stay_as_they_are() {
    let folder = folder();
    let out = folder.path().join("out");
    let variants = |out: &Path| {
        let files = fs::read_dir(out.join("apple-mobileconfig")).unwrap();
        files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<BTreeSet<_>>()
    };
    assert_eq!(centurylink(&out, &["--only", "apple-mobileconfig/ios"]).status, Some(0));
    assert_eq!(variants(&out), BTreeSet::from(["ios".to_owned()]));
    assert_eq!(centurylink(&out, &["--only", "apple-mobileconfig"]).status, Some(0));
    let all = variants(&out);
    let run = centurylink(&out, &["--only", "apple-mobileconfig/ios", "--prune"]);
    assert_eq!((run.status, variants(&out)), (Some(0), all), "{}", run.stderr);
    let manifest = fs::read_to_string(out.join("manifest.jsonl")).unwrap();
    assert!(manifest.contains("\"variant\":\"macos\""), "the manifest forgot a variant");
    let run = centurylink(&out, &["--only", "apple-mobileconfig/ois"]);
    assert_eq!(run.status, Some(2));
    assert!(
        run.stderr.contains("no variant of apple-mobileconfig is called \"ois\"; did you mean ios? known: ios, "),
        "{}",
        run.stderr
    );
}

#[test]
fn a_client_has_the_formats_that_it_reads() {
    let folder = folder();
    let out = folder.path().join("out");
    assert_eq!(centurylink(&out, &["--client", "thunderbird"]).status, Some(0));
    let formats: BTreeSet<String> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(Vec::from_iter(formats), ["dns-zone", "thunderbird-autoconfig", "thunderbird-cfg"]);
    let run = centurylink(&out, &["--client", "thunderbrid"]);
    assert_eq!(run.status, Some(2));
    assert!(
        run.stderr.contains("no client is called \"thunderbrid\"; did you mean thunderbird? known: aerc, "),
        "{}",
        run.stderr
    );
}

/// Generates CenturyLink's Apple profiles, replaces `from` by `to` in one of them, and verifies.
fn verify_changed(from: &str, to: &str) -> (Option<i32>, String) {
    let folder = folder();
    let out = folder.path().join("out");
    centurylink(&out, &["--only", "apple-mobileconfig"]);
    let file = find(&out, "ios/jane.doe@centurylink.net.mobileconfig");
    let profile = fs::read_to_string(&file).unwrap();
    assert!(profile.contains(from), "{profile}");
    fs::write(&file, profile.replace(from, to)).unwrap();
    let run = provost(&["verify", text(&out)]);
    (run.status, run.stdout)
}

fn centurylink(out: &Path, more: &[&str]) -> Run {
    provost(&[&["generate", "-c", SETTINGS, "--users", USERS, "-o", text(out)], more].concat())
}

/// Every file below a folder with its bytes and the time when it was last written.
fn contents(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
            continue;
        }
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        found.insert(path.clone(), (fs::read(&path).unwrap(), written));
    }
    found
}

fn find(folder: &Path, end: &str) -> PathBuf {
    let found = contents(folder).into_keys().find(|path| path.ends_with(end));
    found.unwrap_or_else(|| panic!("no {end} in {}", folder.display()))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary folder has a plain name")
}

const SETTINGS: &str = "fixtures/centurylink/mail.yaml";
const USERS: &str = "fixtures/centurylink/users.csv";
