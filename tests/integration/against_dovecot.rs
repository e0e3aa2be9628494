//! The same questions to the mock server and to Dovecot, the reference. The first test does not ask about three known
//! differences of Dovecot 2.3: it folds white space in ENVELOPE, dates a message without a date to 1970 in SENTBEFORE,
//! and writes field names in capitals. The second test has a list of intended differences.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use provost_tests::{Running, folder, installed, root};

use crate::mock::{mock, port};

#[test]
fn odd_messages_and_commands_are_answered_as_dovecot_answers_them() {
    compare("against_dovecot.py", &["--capabilities", "all"], &[]);
}

/// The messages are in `fixtures/odd-messages`, with the intended differences and their reasons.
#[test]
fn hundreds_of_odd_messages_are_taken_apart_as_dovecot_takes_them_apart() {
    let folder = root().join("fixtures/odd-messages");
    // Headers beyond ASCII by APPEND, and as they are: RFC 6855 §4 and RFC 6858 have it otherwise, and Dovecot 2.3 has neither.
    let capabilities = ["--capabilities", "all,-UTF8=ACCEPT,-IMAP4rev2"];
    compare("odd_messages.py", &capabilities, &[folder.to_str().unwrap()]);
}

/// Starts both servers, and the script that asks them.
fn compare(script: &str, options: &[&str], arguments: &[&str]) {
    let (Some(dovecot), Some(openssl), Some(python)) =
        (installed_server("dovecot"), installed("openssl"), installed("python3"))
    else {
        return;
    };
    let home = folder();
    certificate(&openssl, home.path());
    let (dovecot, port_of_dovecot) = started(&dovecot, home.path());
    let (running, ready) = mock(options);
    let certificate = home.path().join("certificate.pem");
    let output = Command::new(python)
        .arg(root().join("tests/integration").join(script))
        .args([&port_of_dovecot.to_string(), certificate.to_str().unwrap()])
        .args([&port(&ready, "imaps"), ready["ca"].as_str().unwrap()])
        .args(arguments)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    drop((running, dovecot));
}

fn started(dovecot: &Path, home: &Path) -> (Master, u16) {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    fs::create_dir(home.join("mail")).unwrap();
    // Its processes run as other users, who need access.
    for path in [home, &home.join("mail")] {
        assert!(Command::new("chmod").arg("777").arg(path).status().unwrap().success());
    }
    let configuration = home.join("dovecot.conf");
    fs::write(&configuration, settings(&home.display().to_string(), port)).unwrap();
    let mut command = Command::new(dovecot);
    command.arg("-F").arg("-c").arg(&configuration).stderr(Stdio::null());
    let dovecot = Master(Running(command.spawn().unwrap()));
    let started = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        let log = || fs::read_to_string(home.join("log")).unwrap_or_else(|_| "it left no log".to_owned());
        assert!(started.elapsed() < Duration::from_secs(20), "dovecot did not start: {}", log());
        std::thread::yield_now();
    }
    (dovecot, port)
}

/// Dovecot's master ends its children when it is asked to end, and not when it is killed.
struct Master(Running);

impl Drop for Master {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _asked = Command::new("kill").arg(self.0.0.id().to_string()).status();
        let _ended = self.0.0.wait();
    }
}

/// A server is not on every search path, and starts as root only.
fn installed_server(name: &str) -> Option<std::path::PathBuf> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_else(|_| String::new());
    if !status.lines().any(|line| line.starts_with("Uid:\t0\t0")) {
        eprintln!("skipped: {name} can be started by root only");
        return None;
    }
    let path = Path::new("/usr/sbin").join(name);
    if path.is_file() { Some(path) } else { installed(name) }
}

fn certificate(openssl: &Path, folder: &Path) {
    let made = Command::new(openssl)
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem"])
        .args(["-out", "certificate.pem"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn settings(folder: &str, port: u16) -> String {
    format!(
        "protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = provost-test
default_internal_user = daemon
default_internal_group = daemon
default_login_user = nobody
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
mail_location = sdbox:{folder}/mail/%u
mail_uid = 65534
mail_gid = 65534
first_valid_uid = 1
passdb {{
  driver = static
  args = password=open-sesame
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
  chroot =
}}
"
    )
}
