//! The same questions to the mock server and to Dovecot, the measure of correctness. What Dovecot 2.3 does otherwise and
//! is left on purpose is not among the questions: it joins repeated fields of addresses and folds white space in ENVELOPE,
//! takes a message without a date for one of 1970 in SENTBEFORE, and writes field names in capitals.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use provost_tests::{Running, folder, installed, root};

use crate::mock::{mock, port};

#[test]
fn odd_messages_and_commands_are_answered_as_dovecot_answers_them() {
    let (Some(dovecot), Some(openssl), Some(python)) =
        (installed_server("dovecot"), installed("openssl"), installed("python3"))
    else {
        return;
    };
    let home = folder();
    certificate(&openssl, home.path());
    let port_of_dovecot = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let place = home.path().display().to_string();
    fs::create_dir(home.path().join("mail")).unwrap();
    // Its processes run as other users, each of which must get through.
    for path in [home.path(), &home.path().join("mail")] {
        assert!(Command::new("chmod").arg("777").arg(path).status().unwrap().success());
    }
    let configuration = home.path().join("dovecot.conf");
    fs::write(&configuration, settings(&place, port_of_dovecot)).unwrap();
    let mut command = Command::new(dovecot);
    command.arg("-F").arg("-c").arg(&configuration).stderr(Stdio::null());
    let dovecot = Master(Running(command.spawn().unwrap()));
    let started = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port_of_dovecot)).is_err() {
        let log = || fs::read_to_string(home.path().join("log")).unwrap_or_else(|_| "it left no log".to_owned());
        assert!(started.elapsed() < Duration::from_secs(20), "dovecot did not start: {}", log());
        std::thread::yield_now();
    }
    let (running, ready) = mock(&["--capabilities", "all"]);
    let output = Command::new(python)
        .arg(root().join("tests/integration/against_dovecot.py"))
        .args([&port_of_dovecot.to_string(), &format!("{place}/certificate.pem")])
        .args([&port(&ready, "imaps"), ready["ca"].as_str().unwrap()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    drop((running, dovecot));
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

/// A server lies where administrators find it, and starts as root only.
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
