//! Configuration files of full-screen mail programs, judged by the programs: each shows what it reads, and sends and
//! reads with unchanged files, over TLS, against the mock server.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use provost_tests::{folder, installed, provost, root};
use serde_json::Value;

use crate::command_line_clients::{HOSTILE, HOSTILE_NAME, JANE, JANE_S_NAME, Service, generated, run};

#[test]
fn neomutt_reads_the_same_values_as_our_reader() {
    let Some(neomutt) = installed("neomutt") else { return };
    let out = folder();
    let commands = commands_that_repeat_their_arguments();
    let mut read = 0;
    for file in files(out.path(), "neomutt", "neomuttrc") {
        let ours = explained(&file, &[]);
        let (incoming, outgoing) = (&ours["incoming"][0], &ours["outgoing"][0]);
        let mut ask = Command::new(&neomutt);
        let names = ["from", "real_name", "folder", "spool_file", "imap_user", "imap_pass", "smtp_url", "smtp_user"];
        names.iter().for_each(|name| _ = ask.args(["-Q", name]));
        let path = format!("{}:{}", commands.path().display(), std::env::var("PATH").unwrap());
        let said = ask.arg("-n").arg("-F").arg(&file).env("PATH", path).env("LC_ALL", "C.UTF-8").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&said.stderr), "", "{}", file.display());
        let said = String::from_utf8(said.stdout).unwrap();
        let theirs: BTreeMap<&str, String> = said.lines().map(printed).collect();
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let url = |scheme: &str, server: &Value| {
            let s = if server["socket_type"] == "SSL" { "s" } else { "" };
            format!("{scheme}{s}://{}:{}/", text(&server["host"]), server["port"])
        };
        assert_eq!(theirs["from"], text(&ours["address"]), "{}", file.display());
        // Without one neomutt takes the machine's name of the user.
        if !ours["name"].is_null() {
            assert_eq!(theirs["real_name"], text(&ours["name"]), "{}", file.display());
        }
        assert_eq!(theirs["folder"], url("imap", incoming), "{}", file.display());
        assert_eq!(theirs["spool_file"], format!("{}INBOX", url("imap", incoming)));
        assert_eq!(theirs["smtp_url"], url("smtp", outgoing), "{}", file.display());
        assert_eq!(theirs["imap_user"], text(&incoming["username"]), "{}", file.display());
        assert_eq!(theirs["smtp_user"], text(&outgoing["username"]), "{}", file.display());
        if fs::read_to_string(&file).unwrap().contains("imap_pass") {
            assert!(theirs["imap_pass"].ends_with(&theirs["imap_user"]), "the shell got {}", theirs["imap_pass"]);
        }
        read += 1;
    }
    assert!(read > 30, "only {read} files");
}

#[test]
fn neomutt_sends_and_reads_with_the_file_as_it_is() {
    let (Some(neomutt), Some(script)) = (installed("neomutt"), installed("script")) else { return };
    let service = Service::start("imap");
    for person in [JANE, HOSTILE] {
        let home = service.home_of(person);
        run(&neomutt, home.path(), &["-s", "by neomutt", "--", person], "Hello.\n");
        let keys = "push '<last-entry><pipe-message>cat > message<enter><exit>'";
        let read = format!("{} -e 'set nowait_key' -e \"{keys}\"", neomutt.display());
        run(&script, home.path(), &["-qec", &read, "/dev/null"], "");
        let message = fs::read_to_string(home.path().join("message")).unwrap();
        assert!(message.contains("\nSubject: by neomutt\n") && message.contains("\nHello.\n"), "{person}: {message}");
    }
}

/// aerc prints no values. It writes a name with special characters of its file's language and of a shell into a
/// message, with `'` for the quotation mark and without the backslashes.
#[test]
fn aerc_sends_and_reads_with_the_file_as_it_is() {
    let (Some(aerc), Some(script)) = (installed("aerc"), installed("script")) else { return };
    let service = Service::start("imap");
    for (person, name) in [(JANE, JANE_S_NAME), (HOSTILE, HOSTILE_NAME)] {
        let home = service.home_of(person);
        let mut screen = Screen::start(&script, &aerc, home.path());
        screen.wait_for("days before");
        screen.press(&format!(":compose -H \"To: {person}\" -H \"Subject: by-aerc\"\r"));
        screen.wait_for("Send this email?");
        screen.press("y");
        screen.wait_for("sent.");
        screen.press(":quit\r");
        screen.end();
        let mut screen = Screen::start(&script, &aerc, home.path());
        screen.wait_for("by-aerc");
        screen.press(":pipe -m -b tee message\r");
        screen.wait_for("ompleted");
        screen.press(":quit\r");
        screen.end();
        let message = fs::read_to_string(home.path().join("message")).unwrap();
        let written = name.replace('"', "'").replace('\\', "");
        assert!(message.contains("Subject: by-aerc"), "{person}: {message}");
        let unfolded = message.replace("\r\n", "\n").replace("\n ", " ");
        assert!(unfolded.contains(&format!("From: \"{written}\" <{person}>")), "{person}: {message}");
    }
}

/// himalaya is not run: Python's TOML parser reads the files, every key stands in the program's own sample, names are
/// expanded by its rule, and a shell is given the commands.
#[test]
fn himalaya_s_files_are_toml_with_the_keys_of_its_sample() {
    let Some(python) = installed("python3") else { return };
    let out = folder();
    let commands = commands_that_repeat_their_arguments();
    let path = format!("{}:{}", commands.path().display(), std::env::var("PATH").unwrap());
    let mut read = 0;
    for file in files(out.path(), "himalaya", "toml") {
        let ours = explained(&file, &[]);
        let said = Command::new(&python).args(["-c", AS_JSON]).arg(&file).output().unwrap();
        assert!(said.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&said.stderr));
        let keys: BTreeMap<String, Value> = serde_json::from_slice(&said.stdout).unwrap();
        for key in keys.keys() {
            assert!(SAMPLE_KEYS.contains(&key.as_str()), "{}: {key} is not in the sample", file.display());
        }
        assert_eq!(keys["email"], ours["address"], "{}", file.display());
        assert_eq!(keys.get("display-name").unwrap_or(&Value::Null), &ours["name"], "{}", file.display());
        for (protocol, server) in [("imap", &ours["incoming"][0]), ("smtp", &ours["outgoing"][0])] {
            let key = |name: &str| keys[&format!("{protocol}.{name}")].as_str().unwrap();
            let s = if server["socket_type"] == "SSL" { "s" } else { "" };
            let url = format!("{protocol}{s}://{}:{}", server["host"].as_str().unwrap(), server["port"]);
            assert_eq!(key("server"), url, "{}", file.display());
            let starttls = keys.get(&format!("{protocol}.starttls")).is_some_and(|value| value == true);
            assert_eq!(starttls, server["socket_type"] == "STARTTLS", "{}", file.display());
            // shellexpand 3.1.2: two signs are one, and any other begins a variable.
            let username = key("sasl.plain.username");
            assert!(!username.replace("$$", "").contains('$') && !username.starts_with('~'), "{username} is expanded");
            assert_eq!(username.replace("$$", "$"), server["username"], "{}", file.display());
            let mut shell = Command::new("/bin/sh");
            let said = shell.args(["-c", key("sasl.plain.password.command")]).env("PATH", &path).output().unwrap();
            let said = String::from_utf8(said.stdout).unwrap();
            assert!(said.trim_end().ends_with(server["username"].as_str().unwrap()), "the shell got {said}");
        }
        read += 1;
    }
    assert!(read > 5, "only {read} files");
}

/// A program on a screen of its own: what it draws is waited for, and keys are pressed.
struct Screen {
    program: Child,
    keys: ChildStdin,
    drawn: ChildStdout,
}

impl Screen {
    /// A program that never draws what is waited for ends after a minute.
    fn start(script: &Path, program: &Path, home: &Path) -> Self {
        let command = format!("stty rows 40 cols 200; exec timeout 60 {}", program.display());
        let mut shell = Command::new(script);
        shell.args(["-qec", &command, "/dev/null"]).current_dir(home).env("HOME", home);
        shell.env("TERM", "xterm").env("EDITOR", "true").env("LC_ALL", "C.UTF-8");
        // The only way to an authority that aerc has.
        shell.env("SSL_CERT_FILE", home.join(".config/provost/test.example.pem"));
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (keys, drawn) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { program: child, keys, drawn }
    }

    fn wait_for(&mut self, text: &str) {
        let mut seen = Vec::new();
        let mut octets = [0; 4096];
        while !seen.windows(text.len()).any(|window| window == text.as_bytes()) {
            let count = self.drawn.read(&mut octets).unwrap_or(0);
            assert_ne!(count, 0, "{text:?} never came: {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&octets[..count]);
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Until the program has ended by itself.
    fn end(mut self) {
        std::io::copy(&mut self.drawn, &mut std::io::sink()).unwrap();
        assert!(self.program.wait().unwrap().success());
    }
}

/// `set NAME = "VALUE"`, as neomutt prints what it has.
fn printed(line: &str) -> (&str, String) {
    let (name, value) = line.strip_prefix("set ").and_then(|line| line.split_once(" = ")).unwrap();
    let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        text.push(if character == '\\' { characters.next().unwrap() } else { character });
    }
    (name, text)
}

/// Every file of a format: of the fixtures' people, and the golden ones.
fn files(out: &Path, format: &str, extension: &str) -> Vec<PathBuf> {
    let generated = generated(out, format).into_iter().map(|row| out.join(row["path"].as_str().unwrap()));
    let golden = fs::read_dir(root().join("fixtures/golden").join(format)).unwrap();
    let golden = golden.map(|entry| entry.unwrap().path());
    generated.chain(golden).filter(|path| path.extension().is_some_and(|end| end == extension)).collect()
}

/// What our reader finds in a file; `whom` may name the address.
pub(crate) fn explained(file: &Path, whom: &[&str]) -> Value {
    let run = provost(&[&["explain", "--json"], whom, &[file.to_str().unwrap()]].concat());
    assert_eq!(run.status, Some(0), "{}: {}", file.display(), run.stderr);
    serde_json::from_str(run.stdout.lines().next().unwrap()).unwrap()
}

/// The programs of the fixtures' password commands, which show what a shell made of a command.
pub(crate) fn commands_that_repeat_their_arguments() -> tempfile::TempDir {
    let folder = folder();
    for name in ["pass", "secret-tool"] {
        let path = folder.path().join(name);
        fs::write(&path, "#!/bin/sh\nprintf '%s\\n' \"$*\"\n").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).unwrap();
    }
    folder
}

/// The keys of the account, each by its path, with their values.
const AS_JSON: &str = "
import json, sys, tomllib
def flat(table, path=''):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, path + key + '.')
        else:
            yield path + key, value
with open(sys.argv[1], 'rb') as file:
    [account] = tomllib.load(file)['accounts'].values()
print(json.dumps(dict(flat(account))))
";

/// Keys of `config.sample.toml`, himalaya 2.2.1.
const SAMPLE_KEYS: &[&str] = &[
    "default",
    "display-name",
    "email",
    "imap.sasl.plain.password.command",
    "imap.sasl.plain.username",
    "imap.server",
    "imap.starttls",
    "imap.tls.cert",
    "smtp.sasl.plain.password.command",
    "smtp.sasl.plain.username",
    "smtp.server",
    "smtp.starttls",
    "smtp.tls.cert",
];
