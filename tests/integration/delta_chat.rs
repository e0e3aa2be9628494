//! Delta Chat's own core (PyPI deltachat-rpc-server) as the judge of its links: it accepts every link that is written,
//! reports the same mistakes, and sets up an account at the mock server from the link alone.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use provost_account::{Account, DisplayName, EmailAddress, Incoming, Secret};
use provost_device::{Person, SourceFile};
use provost_profile::{Passwords, Request, Write as Writes};
use provost_tests::{Running, folder, installed, provost, root};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixtures::fixtures;
use crate::mock::{mock, port};

/// Even without PyPI's program, our reader gets every value back, passwords too.
#[test]
fn what_is_written_with_a_password_is_read_back_whole() {
    let mut read = 0;
    for (account, link) in links("50% \"made up\" & +/?#=ü") {
        let reader = provost_device::formats().iter().find(|it| it.name == "dclogin").unwrap();
        for file in &link {
            let file = SourceFile::nameless(file);
            assert_eq!(provost_device::recognize(&file).map(|it| it.name), Some("dclogin"));
            let reading = reader.read(&[file], &Person::default()).unwrap();
            let understood = &reading.profiles[0].account;
            assert_eq!(understood.address, account.address);
            assert_eq!(understood.incoming, first(&account).0);
            assert_eq!(understood.outgoing, first(&account).1);
            read += 1;
        }
    }
    assert!(read > 60, "{read} files");
}

#[test]
fn the_core_takes_every_link_and_refuses_what_our_reader_refuses() {
    let Some(mut core) = Core::start() else { return };
    for (account, link) in links("50% \"made up\" & +/?#=ü") {
        let text = String::from_utf8(link[0].clone()).unwrap();
        let said = core.call("check_qr", &json!([1, text]));
        assert_eq!(said, Ok(json!({"kind": "login", "address": account.address.as_str()})), "{text}");
    }
    let mut compared = 0;
    for entry in fs::read_dir(root().join("fixtures/wild/dclogin")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "txt") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let ours = provost(&["explain", path.to_str().unwrap()]).status == Some(0);
        let theirs = core.call("check_qr", &json!([1, text])).is_ok();
        // The first three fail later in the app: when it sets the account up.
        let late = ["empty-password.txt", "version-2.txt", "slashes-in-password.txt"];
        let later = late.iter().any(|name| path.ends_with(name));
        assert_eq!(theirs, ours || later, "{}: the core says {theirs}", path.display());
        compared += 1;
    }
    assert!(compared > 15, "{compared} specimens");
}

/// The core trusts only public authorities, so the link is changed in one place: it does not check the mock's
/// certificate.
#[test]
fn the_core_sets_an_account_up_with_the_link_alone() {
    let Some(mut core) = Core::start() else { return };
    let (running, ready) = mock(&[]);
    for (security, imap, smtp) in [("SSL", "imaps", "submissions"), ("STARTTLS", "imap", "submission")] {
        let folder = folder();
        let link = generated(&folder, security, &port(&ready, imap), &port(&ready, smtp));
        let wrong = link.replace("open-sesame", "open-barley").replace("ic=1", "ic=3");
        assert!(core.call("add_transport_from_qr", &json!([1, wrong])).is_err(), "a wrong password is found out");
        core.call("add_transport_from_qr", &json!([1, link.replace("ic=1", "ic=3")])).unwrap();
        let transports = core.call("list_transports", &json!([1])).unwrap();
        let transport = &transports[0];
        assert_eq!(transport["addr"], "jane@example.test", "{transport}");
        assert_eq!(transport["imapPort"].to_string(), port(&ready, imap), "{transport}");
        assert_eq!(transport["smtpPort"].to_string(), port(&ready, smtp), "{transport}");
        assert_eq!(transport["imapUser"], "jane@example.test", "{transport}");
    }
    drop(running);
}

/// The link that `generate` writes for the mock's built-in user.
fn generated(folder: &TempDir, security: &str, imap: &str, smtp: &str) -> String {
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let server = |port: &str| {
        format!("{{ host: localhost, port: {port}, socket_type: {security}, authentication: password-cleartext")
    };
    let settings = format!(
        "provost: 1\norganization: {{ id: test.example, name: Example }}\ndomains: [example.test]\n\
         username: \"%EMAILADDRESS%\"\nincoming:\n  - {}, protocol: imap }}\noutgoing:\n  - {} }}\n",
        server(imap),
        server(smtp)
    );
    fs::write(path("mail.yaml"), settings).unwrap();
    fs::write(path("users.csv"), "email,name,password\njane@example.test,Jane,open-sesame\n").unwrap();
    let (config, users, out) = (path("mail.yaml"), path("users.csv"), path("out"));
    let arguments = ["generate", "-c", &config, "--users", &users, "-o", &out, "--only", "dclogin"];
    let run = provost(&[&arguments[..], &["--danger-embed-passwords"]].concat());
    assert_eq!(run.status, Some(0), "{}", run.output());
    fs::read_to_string(Path::new(&out).join("dclogin/jane@example.test.txt")).unwrap()
}

/// Every fixture's users for whom a link can be written, with the files.
fn links(password: &str) -> Vec<(Account, Vec<Vec<u8>>)> {
    let variant = &provost_profile::formats().iter().find(|it| it.name == "dclogin").unwrap().variants[0];
    let Writes::User(write) = variant.write else { panic!("a link is for a person") };
    let secret = Secret::new(password.to_owned());
    let mut links = Vec::new();
    for fixture in fixtures() {
        let mut accounts: Vec<Account> = fixture.users.into_iter().map(|user| user.account).collect();
        let hostile = EmailAddress::try_from("`id`$HOME|{x}'%s%h+&?#@centurylink.net").unwrap();
        let name = DisplayName::try_from("$(id) <b>").unwrap();
        accounts.push(fixture.service.account(hostile, Some(name), None, None));
        for mut account in accounts {
            account.incoming.iter_mut().for_each(|it| it.server.password = Some(secret.clone()));
            account.outgoing.iter_mut().for_each(|it| it.password = Some(secret.clone()));
            let service = &fixture.service;
            let request = Request { service, account: &account, variant, passwords: Passwords::Embed };
            if let Ok(profile) = write(&request) {
                links.push((account, profile.files.into_iter().map(|file| file.bytes).collect()));
            }
        }
    }
    links
}

fn first(account: &Account) -> (Vec<Incoming>, Vec<provost_account::Server>) {
    (account.incoming[..1].to_vec(), account.outgoing[..1].to_vec())
}

/// The core, which speaks JSON-RPC on its standard input and output.
struct Core {
    running: Running,
    answers: BufReader<std::process::ChildStdout>,
    calls: u64,
    /// Where it keeps its accounts.
    _folder: TempDir,
}

impl Core {
    fn start() -> Option<Self> {
        let program = installed("deltachat-rpc-server")?;
        let folder = folder();
        let mut child: Child = Command::new(program)
            .env("DC_ACCOUNTS_PATH", folder.path().join("accounts"))
            .env("RUST_LOG", "off")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut core = Self { running: Running(child), answers, calls: 0, _folder: folder };
        assert_eq!(core.call("add_account", &json!([])), Ok(json!(1)));
        Some(core)
    }

    /// The result, or the message of the error.
    fn call(&mut self, method: &str, parameters: &Value) -> Result<Value, String> {
        self.calls += 1;
        let id = self.calls;
        let call = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters});
        writeln!(self.running.0.stdin.as_mut().unwrap(), "{call}").unwrap();
        loop {
            let mut line = String::new();
            assert!(self.answers.read_line(&mut line).unwrap() > 0, "the core has ended at {method}");
            let answer: Value = serde_json::from_str(&line).unwrap();
            if answer["id"] == id {
                return match answer.get("error") {
                    Some(error) => Err(error["message"].as_str().unwrap_or("").to_owned()),
                    None => Ok(answer["result"].clone()),
                };
            }
        }
    }
}
