//! `provost mock`: the mock server standing alone, until it is interrupted.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Context;
use provost_account::Security;
use provost_mockmail::{Capabilities, Config, Listener, Mailbox, MockMail, Protocol};
use serde_json::{Map, Value, json};

use crate::arguments::Mock;
use crate::failure::Failure;
use crate::verbs::verify::{faults, made_up_password};
use crate::{Verdict, input, output};

/// Starts the server, says where it listens, and serves until SIGINT or SIGTERM.
pub(crate) fn run(options: &Mock) -> Result<Verdict, Failure> {
    let service = input::settings(&options.inputs.config)?;
    let users = input::good_users(&options.inputs.users, &service)?;
    let shared = input::password_from_environment("PROVOST_MOCK_PASSWORD")?;
    let accounts: Vec<Served> = users
        .good
        .into_iter()
        .map(|user| {
            let given = user.password.or_else(|| shared.clone());
            let shown = given.is_none();
            let password = given.unwrap_or_else(|| made_up_password(&user.account.address));
            let mailbox = super::verify::mailbox(&user.account, password);
            Served { mailbox, shown }
        })
        .collect();
    let config = Config {
        service,
        mailboxes: accounts.iter().map(|served| served.mailbox.clone()).collect(),
        faults: faults(&options.fault),
        capabilities: capabilities(&options.capabilities)?,
        ports: Vec::new(),
        now: SystemTime::now(),
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let interrupted = interruption()?;
        let mock = MockMail::start(config).await.context("cannot start the mock server")?;
        let ca = CaFile::write(options.ca.clone(), mock.ca_pem())?;
        announce(options, &mock, &ca, &accounts)?;
        interrupted.await;
        mock.stop().await;
        Ok(Verdict::Good)
    })
}

/// What was chosen; what goes with something that was left out is said.
fn capabilities(choice: &str) -> Result<Capabilities, Failure> {
    let chosen = Capabilities::choose(choice).map_err(|error| {
        let names: Vec<&str> = provost_mockmail::capabilities().iter().map(|row| row.name).collect();
        Failure::hinted(error, format!("the names are: {}", names.join(", ")))
    })?;
    for (name, needed) in chosen.removed {
        eprintln!("note: {name} is off, since it needs {needed}");
    }
    Ok(chosen.capabilities)
}

/// An account that the mock serves.
struct Served {
    mailbox: Mailbox,
    /// Whether the password was made up here, so that it must be shown, or given by someone who knows it.
    shown: bool,
}

impl Served {
    fn password(&self) -> Option<&str> {
        self.shown.then(|| self.mailbox.password.expose())
    }
}

/// The file that holds the certificate authority's certificate; a temporary one goes with the server.
struct CaFile {
    path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl CaFile {
    fn write(asked: Option<PathBuf>, pem: &str) -> anyhow::Result<Self> {
        let folder = match asked {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("provost-mock-").tempdir()?),
        };
        let path = match (&folder, asked) {
            (Some(folder), _) => folder.path().join("ca.pem"),
            (None, asked) => asked.expect("without a temporary folder a path was asked for"),
        };
        fs::write(&path, pem).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, _folder: folder })
    }
}

fn announce(options: &Mock, mock: &MockMail, ca: &CaFile, accounts: &[Served]) -> Result<(), Failure> {
    if options.json {
        let mut ready = Map::from_iter([("provost".to_owned(), json!(1))]);
        for listener in mock.listeners() {
            if let Some(socket) = listener.socket {
                ready.entry(key(listener)).or_insert_with(|| json!(socket.to_string()));
            }
        }
        let listeners = mock.listeners().iter().map(|listener| {
            json!({
                "protocol": key(listener), "host": listener.host.to_string(), "port": listener.port.get(),
                "socket": listener.socket.map(|socket| socket.to_string()),
            })
        });
        ready.insert("listeners".to_owned(), listeners.collect());
        ready.insert("ca".to_owned(), json!(ca.path.display().to_string()));
        let accounts = accounts.iter().map(|served| {
            json!({
                "address": served.mailbox.address.as_str(), "username": served.mailbox.login.as_str(),
                "password": served.password(),
            })
        });
        ready.insert("accounts".to_owned(), accounts.collect());
        output::json_line(&Value::Object(ready))?;
        return Ok(());
    }
    let mut table = vec![["server", "as", "listens on"].map(str::to_owned).to_vec()];
    for listener in mock.listeners() {
        let socket = listener.socket.map_or_else(|| "nothing (a fault)".to_owned(), |socket| socket.to_string());
        table.push(vec![format!("{}:{}", listener.host, listener.port), key(listener), socket]);
    }
    table.push(Vec::new());
    table.push(["login", "password", ""].map(str::to_owned).to_vec());
    for served in accounts {
        let password = served.password().unwrap_or("(as given)");
        table.push(vec![served.mailbox.login.to_string(), password.to_owned()]);
    }
    output::table(&table)?;
    output::line(&format!("\ncertificate authority: {}", ca.path.display()))?;
    output::line("ready; interrupt to stop")?;
    Ok(())
}

/// The service name of RFC 8314 and RFC 6186, as the ready line has it.
fn key(listener: &Listener) -> String {
    let name = match (listener.protocol, listener.security) {
        (Protocol::Imap, Security::ImplicitTls) => "imaps",
        (Protocol::Imap, Security::StartTls | Security::Cleartext) => "imap",
        (Protocol::Submission, Security::ImplicitTls) => "submissions",
        (Protocol::Submission, Security::StartTls | Security::Cleartext) => "submission",
        (Protocol::Pop3, Security::ImplicitTls) => "pop3s",
        (Protocol::Pop3, Security::StartTls | Security::Cleartext) => "pop3",
    };
    name.to_owned()
}

/// Ends when the process is asked to end.
fn interruption() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            eprintln!("warning: cannot wait for an interrupt: {error}");
            std::future::pending::<()>().await;
        }
    })
}
