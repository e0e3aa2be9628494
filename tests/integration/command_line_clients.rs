//! Configuration files of command-line clients, judged by the clients: each parses every file that the fixtures
//! produce, and does its work with an unchanged file, over TLS, against the mock server.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use provost_tests::{Running, folder, installed, provost};
use serde_json::Value;
use tempfile::TempDir;

use crate::interactive_clients::{commands_that_repeat_their_arguments, explained};
use crate::mock::{mock, port};

/// A person whose address a shell would run, expand or split.
pub(crate) const HOSTILE: &str = "`id`$HOME|{x}'%s%h@example.test";
/// What a shell, the languages of configuration files and a format string would run, cut or replace.
pub(crate) const HOSTILE_NAME: &str = "$(id) `id` \\\"'; id #%s %(source)s {x} \\x22 ${HOME} !! <&>";
pub(crate) const JANE: &str = "jane@example.test";
pub(crate) const JANE_S_NAME: &str = "Jane, (1) Doe";
/// The messages that the mock gives each mailbox.
const AT_THE_START: usize = 7;
const PASSWORD: &str = "open 'sesame' \"$x";

#[test]
fn msmtp_sends_and_mbsync_fetches_with_the_files_as_they_are() {
    let (Some(msmtp), Some(mbsync)) = (installed("msmtp"), installed("mbsync")) else { return };
    let service = Service::start("imap");
    for person in [JANE, HOSTILE] {
        let home = service.home_of(person);
        let home = home.path();
        for account in ["mail", "mail-2"] {
            run(&msmtp, home, &["--account", account, "--", person], &format!("Subject: by {account}\n\nHello.\n"));
        }
        fs::create_dir(home.join("Maildir")).unwrap();
        run(&mbsync, home, &["--all"], "");
        assert_eq!(messages(&home.join("Maildir/INBOX")), AT_THE_START + 2, "{person}");
        // A message that is removed here stays on the server.
        for file in listing(&home.join("Maildir/INBOX")) {
            fs::remove_file(file).unwrap();
        }
        run(&mbsync, home, &["--all"], "");
        let elsewhere = service.home_of(person);
        fs::create_dir(elsewhere.path().join("Maildir")).unwrap();
        run(&mbsync, elsewhere.path(), &["--all"], "");
        assert_eq!(messages(&elsewhere.path().join("Maildir/INBOX")), AT_THE_START + 2, "{person}: it was still there");
    }
}

#[test]
fn mpop_fetches_and_leaves_the_mail_there() {
    let (Some(msmtp), Some(mpop)) = (installed("msmtp"), installed("mpop")) else { return };
    let service = Service::start("pop3");
    for person in [JANE, HOSTILE] {
        let home = service.home_of(person);
        let home = home.path();
        run(&msmtp, home, &["--", person], "Subject: one\n\nHello.\n");
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(home.join("Maildir").join(part)).unwrap();
        }
        run(&mpop, home, &[], "");
        assert_eq!(messages(&home.join("Maildir")), AT_THE_START + 1, "{person}");
        fs::remove_dir_all(home.join(".mpop_uidls")).unwrap();
        run(&mpop, home, &[], "");
        assert_eq!(messages(&home.join("Maildir")), 2 * (AT_THE_START + 1), "{person}: it was still there");
    }
}

#[test]
fn offlineimap_fetches_and_tells_the_server_nothing() {
    let (Some(msmtp), Some(offlineimap)) = (installed("msmtp"), installed("offlineimap")) else { return };
    let service = Service::start("imap");
    for person in [JANE, HOSTILE] {
        let home = service.home_of(person);
        let home = home.path();
        run(&msmtp, home, &["--", person], "Subject: one\n\nHello.\n");
        let fetch = |home: &Path| {
            run(&offlineimap, home, &["-o", "-u", "basic"], "");
            listing(&home.join("Maildir/INBOX"))
        };
        let fetched = fetch(home);
        assert_eq!(fetched.len(), AT_THE_START + 1, "{person}");
        // A message that is removed here stays on the server.
        for file in fetched {
            fs::remove_file(file).unwrap();
        }
        fetch(home);
        let elsewhere = service.home_of(person);
        assert_eq!(fetch(elsewhere.path()).len(), AT_THE_START + 1, "{person}: it was still there");
    }
}

/// Each program finds the values in a file that our reader finds.
#[test]
fn each_program_reads_the_same_values_as_our_reader() {
    type Ask = fn(&Path, &Path) -> Values;
    let ask: [(&str, &str, Ask); 5] = [
        ("msmtp", "msmtp", |program, file| pretended(program, file)),
        ("mpop", "mpop", |program, file| pretended(program, file)),
        ("fetchmail", "fetchmail", |program, file| {
            let dump = output(program, &["-f".as_ref(), file.as_os_str(), "--configdump".as_ref()]);
            from_python(&format!(
                "{dump}\nserver = fetchmailrc['servers'][0]\nuser = server['users'][0]\n\
                 print(json.dumps([server['pollname'], server['service'], user['remote'], 'on' if user['ssl'] else 'off', \
                 'on' if user['keep'] else 'off']))"
            ))
        }),
        ("getmail", "getmail", |_, file| {
            from_python(&format!(
                "import sys, configparser\nrc = configparser.RawConfigParser()\nrc.read({:?})\nr = rc['retriever']\n\
                 print(json.dumps([r['server'], r['port'], r['username'], \
                 'on' if 'SSL' in r['type'] else 'off', 'off' if rc['options']['delete'] == 'true' else 'on']))",
                file.to_str().unwrap()
            ))
        }),
        ("offlineimap", "offlineimap", |_, file| {
            from_python(&format!(
                "import configparser\nrc = configparser.ConfigParser()\nrc.read({:?})\nr = rc['Repository far']\n\
                 on = lambda key: 'on' if r.getboolean(key) else 'off'\n\
                 print(json.dumps([r['remotehost'], r['remoteport'], r['remoteuser'], on('ssl'), on('readonly')]))",
                file.to_str().unwrap()
            ))
        }),
    ];
    let mut seen = BTreeMap::new();
    for (format, program, values) in ask {
        let (Some(program), Some(_)) = (installed(program), installed("python3")) else { continue };
        let out = folder();
        for row in generated(out.path(), format) {
            let path = out.path().join(row["path"].as_str().unwrap());
            if path.extension().is_some_and(|end| end == "pem" || end == "py") {
                continue;
            }
            // `fetchmail --configdump` prints octets above 127 in a form that Python does not read.
            if format == "fetchmail" && !row["username"].as_str().unwrap().is_ascii() {
                eprintln!("skipped: fetchmail prints no {}", row["username"]);
                continue;
            }
            let theirs = values(&program, &path);
            let ours = explained(&path, &["--address", row["address"].as_str().unwrap()]);
            let server = if format == "msmtp" { &ours["outgoing"][0] } else { &ours["incoming"][0] };
            assert_eq!(server["host"], theirs.host, "{}", path.display());
            assert_eq!(server["port"].to_string(), theirs.port, "{}", path.display());
            assert_eq!(server["username"], theirs.user, "{}", path.display());
            assert_eq!(server["socket_type"] == "SSL", theirs.implicit_tls, "{}", path.display());
            assert!(theirs.keeps, "{} removes mail", path.display());
            *seen.entry(format).or_insert(0) += 1;
        }
    }
    assert!(seen.values().all(|count| *count >= 2), "{seen:?}");
}

/// mbsync names the line at which a file is refused, and so does our reader: blank lines, comments, sections that run into
/// each other, keywords of another section, values too few and too many.
#[test]
fn mbsync_refuses_a_configuration_at_the_line_that_lint_names() {
    let Some(mbsync) = installed("mbsync") else { return };
    let account = "IMAPAccount a\nHost h\nPort 993\nUser jane@example.org\nSSLType IMAPS\n";
    let stores = "\nIMAPStore far\nAccount a\n\nMaildirStore near\nPath m/\n\nChannel c\nFar :far:\nNear :near:\n";
    let whole = format!("{account}{stores}");
    let after = |line: &str, more: &str| whole.replacen(&format!("{line}\n"), &format!("{line}\n{more}\n"), 1);
    let mut files = vec![whole.clone(), whole.replace('\n', "\r\n"), format!("FSync no\nCreate Near\n\n{whole}")];
    files.extend(
        ["# note", "  # note", "\t#", "USER joe # note", "Timeout 30 ", "AuthMechs LOGIN PLAIN"]
            .map(|more| after("Host h", more)),
    );
    let broken = [
        "",
        "   ",
        "\t",
        "\u{c}",
        "\u{b}",
        "\r",
        "\"\"",
        "\u{a0}",
        "User",
        "User jane doe",
        "FSync no",
        "Path x",
        "Channel c",
        "MaildirStore m",
        "Nonsense 1",
        "Pass \"x",
        "Pass x\\",
        "Tunnel a b",
    ];
    files.extend(broken.map(|more| after("Host h", more)));
    for (line, more) in [
        ("Account a", "Inbox x"),
        ("Account a", "Account b"),
        ("Path m/", "Host h"),
        ("Near :near:", "MaxSize"),
        ("Near :near:", "Group g c"),
        ("Near :near:", "\nHost h"),
        ("Near :near:", "\nExpunge None"),
        ("Near :near:", "\nGroup g c\nCreate Near"),
        ("Near :near:", "Far :other:"),
        ("IMAPAccount a", "\nIMAPAccount b c"),
    ] {
        files.push(after(line, more));
    }
    files.push(whole.replace("\nIMAPStore", "IMAPStore"));
    files.push(whole.replace("IMAPStore far", "IMAPStore"));
    files.push(format!("Host h\n{whole}"));
    let folder = folder();
    fs::create_dir(folder.path().join("m")).unwrap();
    let (mut taken, mut refused) = (0, 0);
    for text in files {
        let file = folder.path().join("mbsyncrc");
        fs::write(&file, &text).unwrap();
        let output =
            Command::new(&mbsync).args(["-c", "mbsyncrc", "-l", "c"]).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let theirs =
            said.lines().find_map(|line| line.strip_prefix("mbsyncrc:")?.split(':').next()?.parse::<usize>().ok());
        let lint = provost(&["lint", file.to_str().unwrap()]).output();
        let error = lint.lines().find(|line| line.contains("error[config-syntax]"));
        let ours = error.map(|line| {
            let place = line.split("mbsyncrc:").nth(1).and_then(|rest| rest.split(':').next());
            place.and_then(|line| line.parse::<usize>().ok()).unwrap_or_else(|| panic!("{lint}"))
        });
        assert_eq!(ours, theirs, "{text:?}\n{said}\n{lint}");
        *if theirs.is_none() { &mut taken } else { &mut refused } += 1;
    }
    assert_eq!((taken, refused), (9, 31));
}

/// The values that a program finds in an account.
struct Values {
    host: String,
    port: String,
    user: String,
    implicit_tls: bool,
    keeps: bool,
}

/// `msmtp --pretend` and `mpop --pretend`, which run the password command.
fn pretended(program: &Path, file: &Path) -> Values {
    let commands = commands_that_repeat_their_arguments();
    let path = format!("{}:{}", commands.path().display(), std::env::var("PATH").unwrap());
    let mut pretend = Command::new(program);
    let said = pretend.arg("--file").arg(file).arg("--pretend").env("PATH", path).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let lines: BTreeMap<&str, &str> = said.lines().filter_map(|line| line.split_once(" = ")).collect();
    let on = |key: &str| lines.get(key).is_some_and(|value| *value == "on");
    let text = |key: &str| lines[key].to_owned();
    Values {
        host: text("host"),
        port: text("port"),
        user: text("user"),
        implicit_tls: on("tls") && !on("tls_starttls"),
        keeps: lines.get("keep").is_none_or(|keep| *keep == "on"),
    }
}

/// Host, port, login name, TLS from the first octet, and whether mail is kept, as a program in Python prints them.
fn from_python(program: &str) -> Values {
    let said = output(Path::new("python3"), &["-c".as_ref(), format!("import json\n{program}").as_ref()]);
    let [host, port, user, ssl, keep]: [String; 5] = serde_json::from_str(&said).unwrap();
    Values { host, port, user, implicit_tls: ssl == "on", keeps: keep == "on" }
}

/// The rows of every fixture's files in a format.
pub(crate) fn generated(out: &Path, format: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for (fixture, users) in
        [("centurylink", "users.csv"), ("harbour", "users.jsonl"), ("lantern", "users.csv"), ("twin", "users.json")]
    {
        let (settings, users) = (format!("fixtures/{fixture}/mail.yaml"), format!("fixtures/{fixture}/{users}"));
        let folder = out.join(fixture);
        let folder = folder.to_str().unwrap();
        let run = provost(&["generate", "-c", &settings, "--users", &users, "--only", format, "-o", folder]);
        // Some formats refuse everybody of some services.
        let expected = if run.stderr.contains("every requested format refuses everybody") { 1 } else { 0 };
        assert_eq!(run.status, Some(expected), "{}", run.stderr);
        for mut row in manifest(Path::new(folder)) {
            row["path"] = format!("{fixture}/{}", row["path"].as_str().unwrap()).into();
            rows.push(row);
        }
    }
    rows
}

fn manifest(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("manifest.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn output(program: &Path, arguments: &[&OsStr]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a program in its home, with something on its standard input.
pub(crate) fn run(program: &Path, home: &Path, arguments: &[&str], stdin: &str) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(home).env("HOME", home);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout.as_slice(), &output.stderr].map(String::from_utf8_lossy).concat();
    assert!(output.status.success(), "{} in {}: {said}", program.display(), home.display());
    output
}

/// The messages of a maildir.
pub(crate) fn listing(maildir: &Path) -> BTreeSet<PathBuf> {
    let folders = ["new", "cur"].iter().filter_map(|folder| fs::read_dir(maildir.join(folder)).ok());
    folders.flatten().map(|entry| entry.unwrap().path()).collect()
}

pub(crate) fn messages(maildir: &Path) -> usize {
    listing(maildir).len()
}

/// A service on this machine, described by settings and played by the mock server.
pub(crate) struct Service {
    _mock: Running,
    folder: TempDir,
    generated: PathBuf,
}

impl Service {
    pub(crate) fn start(protocol: &str) -> Self {
        let folder = folder();
        let users = folder.path().join("users.json");
        let rows = [(JANE, JANE_S_NAME), (HOSTILE, HOSTILE_NAME)];
        let rows =
            rows.map(|(address, name)| serde_json::json!({"email": address, "name": name, "password": PASSWORD}));
        fs::write(&users, serde_json::to_vec(&rows).unwrap()).unwrap();
        let settings = folder.path().join("mail.yaml");
        fs::write(&settings, text(protocol, "993", "465", "587", "")).unwrap();
        let (running, ready) = mock(&["-c", settings.to_str().unwrap(), "--users", users.to_str().unwrap()]);
        fs::copy(ready["ca"].as_str().unwrap(), folder.path().join("ca.pem")).unwrap();
        let incoming = port(&ready, if protocol == "imap" { "imaps" } else { "pop3s" });
        let ports = (port(&ready, "submissions"), port(&ready, "submission"));
        let more = "trust: [ca.pem]\npassword_command: cat \"$HOME/pass word\"\n";
        fs::write(&settings, text(protocol, &incoming, &ports.0, &ports.1, more)).unwrap();
        let generated = folder.path().join("out");
        let arguments =
            ["generate", "-c", settings.to_str().unwrap(), "--users", users.to_str().unwrap(), "-o"].map(Path::new);
        let written = provost(&[&arguments[..], &[&generated]].concat());
        assert_eq!(written.status, Some(0), "{}", written.stderr);
        Self { _mock: running, folder, generated }
    }

    /// A home with all files of a person in place, and the password where the command finds it.
    pub(crate) fn home_of(&self, person: &str) -> TempDir {
        let home = TempDir::new_in(self.folder.path()).unwrap();
        for row in manifest(&self.generated) {
            let install = row["install"].as_str().and_then(|install| install.strip_prefix("~/"));
            let (Some(install), Some(true)) = (install, row["address"].as_str().map(|it| it == person)) else {
                continue;
            };
            let path = home.path().join(install);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::copy(self.generated.join(row["path"].as_str().unwrap()), path).unwrap();
        }
        fs::write(home.path().join("pass word"), PASSWORD).unwrap();
        home
    }
}

fn text(protocol: &str, incoming: &str, submissions: &str, submission: &str, more: &str) -> String {
    format!(
        "provost: 1\norganization: {{ id: test.example, name: Example }}\ndomains: [example.test]\n\
         username: \"%EMAILADDRESS%\"\nincoming:\n  - {{ protocol: {protocol}, host: localhost, port: {incoming}, \
         socket_type: SSL, authentication: password-cleartext }}\noutgoing:\n  - {{ host: localhost, port: {submissions}, \
         socket_type: SSL, authentication: password-cleartext }}\n  - {{ host: localhost, port: {submission}, \
         socket_type: STARTTLS, authentication: password-cleartext }}\n{more}"
    )
}
