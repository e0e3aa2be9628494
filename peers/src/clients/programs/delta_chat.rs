//! Delta Chat's own core (PyPI `deltachat-rpc-server`), driven by JSON-RPC on standard input and output. It trusts
//! public authorities only. For the login, therefore, the certificate check is off (`ic=3`), only in the code that it
//! is given, and the row proves no certificate.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::clients::stage::running::Running;
use crate::clients::stage::{JANE, Stage, ends_with};
use crate::clients::{Proof, Step};

/// Every code of every fixture through the core's own parser; then an account at the mock, from nothing but the code.
pub(crate) fn deltachat(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let mut core = Core::start(stage)?;
    let codes = if person == JANE { stage.links_of_every_fixture()? } else { Vec::new() };
    for (file, address) in codes.iter().filter(|(file, _)| ends_with(file, "txt")) {
        let code = fs::read_to_string(file)?;
        let said = core.call("check_qr", &json!([1, code.trim_end()])).with_context(|| file.display().to_string())?;
        ensure!(said == json!({ "kind": "login", "address": address }), "{}: {said}", file.display());
    }
    let is_it = |(_, row): &&(_, Value)| row["format"] == "dclogin" && row["address"] == person;
    let rows = stage.rows()?;
    let mut texts = rows.iter().filter(is_it).filter(|(file, _)| ends_with(file, "txt"));
    let (file, _) = texts.next().context("no code")?;
    let code = fs::read_to_string(file)?;
    proof.has(Step::Provision);
    let watch = stage.reset()?;
    ensure!(
        core.call("add_transport_from_qr", &json!([1, code.trim_end()])).is_err(),
        "it took the mock's certificate"
    );
    core.call("add_transport_from_qr", &json!([1, code.trim_end().replace("ic=1", "ic=3")]))?;
    for protocol in ["imap", "smtp"] {
        stage.logged_in(&watch, protocol)?;
    }
    let (held, ours) = (core.call("list_transports", &json!([1]))?, stage.explained(file, person)?);
    let (incoming, outgoing) = (&ours["incoming"][0], &ours["outgoing"][0]);
    // The core keeps addresses in lower case, and login names as they are.
    let address = ours["address"].as_str().context("no address")?.to_lowercase().into();
    for (key, value) in [
        ("addr", &address),
        ("imapServer", &incoming["host"]),
        ("imapPort", &incoming["port"]),
        ("imapUser", &incoming["username"]),
        ("smtpServer", &outgoing["host"]),
        ("smtpPort", &outgoing["port"]),
        ("smtpUser", &outgoing["username"]),
    ] {
        ensure!(&held[0][key] == value, "{key} is {}, explain says {value}", held[0][key]);
    }
    proof.has(Step::LoginUnseen);
    Ok(())
}

/// The core, with one account that is not set up.
struct Core {
    _process: Running,
    stdin: ChildStdin,
    answers: BufReader<ChildStdout>,
    calls: u64,
    /// Where it keeps its accounts.
    _folder: TempDir,
}

impl Core {
    fn start(stage: &Stage) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("deltachat-").tempdir_in(stage.path(""))?;
        let process = Command::new("deltachat-rpc-server")
            .env("DC_ACCOUNTS_PATH", folder.path().join("accounts"))
            .env("RUST_LOG", "off")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Delta Chat's core")?;
        let mut process = Running(process);
        let stdin = process.0.stdin.take().context("it was piped")?;
        let answers = BufReader::new(process.0.stdout.take().context("it was piped")?);
        let mut core = Self { _process: process, stdin, answers, calls: 0, _folder: folder };
        let account = core.call("add_account", &json!([]))?;
        ensure!(account == 1, "the first account is {account}");
        Ok(core)
    }

    /// The result, or the core's error.
    fn call(&mut self, method: &str, parameters: &Value) -> anyhow::Result<Value> {
        self.calls += 1;
        let id = self.calls;
        writeln!(self.stdin, "{}", json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }))?;
        loop {
            let mut line = String::new();
            ensure!(self.answers.read_line(&mut line)? > 0, "the core has ended at {method}");
            let mut answer: Value = serde_json::from_str(&line)?;
            // Other lines are events.
            if answer["id"] == id {
                match &answer["error"] {
                    Value::Null => return Ok(answer["result"].take()),
                    error => bail!("{method}: {}", error["message"]),
                }
            }
        }
    }
}
