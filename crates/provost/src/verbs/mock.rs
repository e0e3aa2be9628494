//! `provost mock`: the mock server by itself, until it is interrupted.

mod built_in;
mod client_certificates;
mod control;
mod greenmail;
mod interface;
mod ports;
mod preload;
mod trace;
mod uid_validity;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context;
use provost_account::Service;
use provost_mockmail::{Capabilities, Config, KeyKind, Limits, Mailbox, MockMail, Rules, StartError, TlsOptions};
use provost_settings::Person;
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::arguments::{ListArguments, Mock};
use crate::failure::Failure;
use crate::interruption::interruption;
use crate::mailboxes::{Mailboxes, made_up_password};
use crate::named_file::{self, Readers};
use crate::verdict::Verdict;
use crate::{input, output};
use interface::Interface;

/// Starts the server, says where it listens, and serves until SIGINT or SIGTERM.
pub(crate) fn run(options: &Mock) -> Result<Verdict, Failure> {
    let served = match (&options.config, &options.users) {
        (Some(config), Some(users)) => given(config, users, &options.list)?,
        (_, _) => built_in::served()?,
    };
    let ports = ports::chosen(&options.port, options.preset.as_deref())?;
    let rules = rules(options);
    let octets_max =
        usize::try_from(options.message_octets_max).context("--message-octets-max is beyond this machine")?;
    let now = SystemTime::now();
    let uid_validities = uid_validity::Claim::of(options.uid_validity, now);
    let config = Config {
        faults: options.fault.clone(),
        capabilities: capabilities(&options.capabilities)?,
        rules,
        limits: Limits { message_octets: octets_max, ..Limits::default() },
        tls: TlsOptions {
            key: if options.tls_key == "rsa" { KeyKind::Rsa2048 } else { KeyKind::P256 },
            resumption: !options.no_tls_resumption,
            client_certificates: options.client_certificates.is_some(),
        },
        preload: match &options.preload {
            Some(folder) => preload::read(folder, options.message_octets_max.into())?,
            None => Vec::new(),
        },
        state: options.state.clone(),
        uid_validity: Some(uid_validities.first()),
        ports: ports.mail,
        transcript: options.trace || options.control.is_some(),
        ..Config::of(served.service, served.mailboxes, now)
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let interrupted = interruption()?;
        let mock = Arc::new(MockMail::start(config).await.map_err(not_started)?);
        if let Some(folder) = &options.client_certificates {
            client_certificates::write(folder, &mock)?;
        }
        let ca = CaFile::write(options.ca.clone(), mock.ca_pem())?;
        let mut interfaces = Vec::new();
        if let Some(port) = options.control {
            interfaces.push(("control", Interface::start(port, control::routes(Arc::clone(&mock), octets_max)).await?));
        }
        if options.preset.as_deref() == Some("greenmail") && options.danger_allow_cleartext {
            let routes = greenmail::routes(Arc::clone(&mock));
            interfaces.push(("greenmail-api", Interface::start(ports.greenmail_api, routes).await?));
        }
        let sockets: Vec<_> = interfaces.iter().map(|(name, interface)| (*name, interface.socket())).collect();
        announce(options, &mock, &ca, &sockets, &served.shown)?;
        tokio::select! {
            () = interrupted => {}
            () = trace::follow(&mock), if options.trace => {}
        }
        mock.take_leave().await;
        uid_validities.end(mock.next_uid_validity());
        mock.save().context("not everything that arrived is kept")?;
        Ok(Verdict::Good)
    })
}

/// Why the server does not start; if a port is taken, with a hint to choose another.
fn not_started(error: StartError) -> Failure {
    let fixed = matches!(error, StartError::Fixed { .. });
    let error = anyhow::Error::new(error).context("cannot start the mock server");
    match fixed {
        true => Failure::hinted(error, "choose another port with --port SERVICE=PORT; 0 is a free one"),
        false => error.into(),
    }
}

/// Which rules of a mail server are lifted. Prints a note for each.
fn rules(options: &Mock) -> Rules {
    let greenmail = options.danger_allow_cleartext && options.preset.as_deref() == Some("greenmail");
    let rules = Rules {
        create_accounts: options.create_accounts || greenmail,
        cleartext: options.danger_allow_cleartext,
        any_sender: options.senders == "any" || greenmail,
        any_recipient: options.recipients == "any" || greenmail,
    };
    for (lifted, what) in [
        (rules.create_accounts, "every login creates a mailbox; its first password counts"),
        (rules.cleartext, "passwords are accepted without TLS"),
        (rules.any_sender, "mail from anyone is accepted, even without a login"),
        (rules.any_recipient, "unknown recipients get a mailbox"),
    ] {
        if lifted {
            eprintln!("note: {what}");
        }
    }
    rules
}

/// What the server is made from.
struct Served {
    service: Service,
    mailboxes: Vec<Mailbox>,
    /// For each mailbox, whether its password was made up here and must be shown.
    shown: Vec<bool>,
}

fn given(config: &Path, users: &Path, list: &ListArguments) -> Result<Served, Failure> {
    let service = input::settings(config)?;
    let shared = input::login_password_from_environment("PROVOST_MOCK_PASSWORD")?;
    let (mut mailboxes, mut shown) = (Mailboxes::default(), Vec::new());
    input::each_good_person(users, list, &service, &mut |person| {
        let Person { address, aliases, .. } = person;
        let login = service.login(&address, person.login);
        let given = person.password.or_else(|| shared.clone());
        let is_shown = given.is_none();
        let password = given.unwrap_or_else(|| made_up_password(&address));
        if mailboxes.add(address, aliases, login, password) == shown.len() {
            shown.push(is_shown);
        }
    })?;
    Ok(Served { service, mailboxes: mailboxes.into_all(), shown })
}

/// The chosen capabilities. Prints a note for each that needs one that is off.
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

/// The file that holds the certificate authority's certificate; a temporary one goes with the server.
struct CaFile {
    path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl CaFile {
    fn write(asked: Option<PathBuf>, pem: &str) -> anyhow::Result<Self> {
        let (path, folder) = match asked {
            Some(path) => (path, None),
            None => {
                let folder = tempfile::Builder::new().prefix("provost-mock-").tempdir()?;
                (folder.path().join("ca.pem"), Some(folder))
            }
        };
        named_file::write(&path, Readers::Others, pem.as_bytes())?;
        Ok(Self { path, _folder: folder })
    }
}

fn announce(
    options: &Mock,
    mock: &MockMail,
    ca: &CaFile,
    interfaces: &[(&str, SocketAddr)],
    shown: &[bool],
) -> Result<(), Failure> {
    if options.json {
        let mut ready = Map::from_iter([("provost".to_owned(), json!(1))]);
        for listener in mock.listeners() {
            if let Some(socket) = listener.socket {
                ready
                    .entry(listener.protocol.registered(listener.security).name)
                    .or_insert_with(|| json!(socket.to_string()));
            }
        }
        let listeners = mock.listeners().iter().map(|listener| {
            json!({
                "protocol": listener.protocol.registered(listener.security).name,
                "host": listener.host.to_string(),
                "port": listener.port.get(),
                "socket": listener.socket.map(|socket| socket.to_string()),
            })
        });
        ready.insert("listeners".to_owned(), listeners.collect());
        for (name, socket) in interfaces {
            ready.insert((*name).to_owned(), json!(format!("http://{socket}")));
        }
        ready.insert("ca".to_owned(), json!(ca.path.display().to_string()));
        output::json_line(&Ready { fields: ready, accounts: Accounts { mock, shown } })?;
        return Ok(());
    }
    let mut table = vec![["server", "as", "listens on"].map(str::to_owned).to_vec()];
    for listener in mock.listeners() {
        let socket = listener.socket.map_or_else(|| "nothing (a fault)".to_owned(), |socket| socket.to_string());
        table.push(vec![
            listener.host.authority(listener.port),
            listener.protocol.registered(listener.security).name.to_owned(),
            socket,
        ]);
    }
    table.push(Vec::new());
    table.push(["login", "password", ""].map(str::to_owned).to_vec());
    let mut shown = shown.iter();
    let mut more = 0;
    mock.each_account(&mut |mailbox| {
        let password = if shown.next() == Some(&true) { mailbox.password.expose() } else { "(as given)" };
        match table.len() < ROWS_SHOWN_MAX {
            true => table.push(vec![mailbox.login.to_string(), password.to_owned()]),
            false => more += 1,
        }
    });
    if more > 0 {
        table.push(vec![format!("and {more} more; --json says all of them")]);
    }
    output::table(&table)?;
    output::line(&format!("\ncertificate authority: {}", ca.path.display()))?;
    for (name, socket) in interfaces {
        output::line(&format!("{name}: http://{socket}"))?;
    }
    output::line("ready; interrupt to stop")?;
    Ok(())
}

/// The line that says that the server is ready.
#[derive(Serialize)]
struct Ready<'a> {
    #[serde(flatten)]
    fields: Map<String, Value>,
    accounts: Accounts<'a>,
}

/// There may be a million, and none of them is copied.
struct Accounts<'a> {
    mock: &'a MockMail,
    shown: &'a [bool],
}

impl Serialize for Accounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut shown = self.shown.iter();
        let mut result = Ok(());
        self.mock.each_account(&mut |mailbox| {
            let password = shown.next().is_some_and(|shown| *shown).then(|| mailbox.password.expose());
            if result.is_ok() {
                result = list.serialize_element(&ReadyAccount {
                    address: mailbox.address.as_str(),
                    username: mailbox.login.as_str(),
                    password,
                });
            }
        });
        result?;
        list.end()
    }
}

#[derive(Serialize)]
struct ReadyAccount<'a> {
    address: &'a str,
    username: &'a str,
    password: Option<&'a str>,
}

/// As many rows of a table as a person may scroll back.
const ROWS_SHOWN_MAX: usize = 1000;
