//! Postfix as a process of the benchmark's own: submissions over TLS on a free port; every message is queued and then
//! discarded. It accepts mail from this machine without a login, which saves a step that the others have.

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use xtask::workspace::must;

use super::certificates::Identity;
use super::dovecot::listens;
use super::measures;

/// Why it cannot be measured; `None` if it can.
pub(crate) fn is_absent() -> Option<&'static str> {
    match (fs::metadata("/usr/lib/postfix/sbin/smtpd").is_ok(), measures::is_root()) {
        (false, _) => Some("no postfix here"),
        (true, false) => Some("postfix is here, and this process may not start it: its processes change their user"),
        (true, true) => None,
    }
}

/// Starts it; returns when it accepts connections.
pub(crate) fn start(folder: &Path) -> anyhow::Result<(Child, SocketAddr)> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    Identity::new()?.write(folder)?;
    let config = folder.join("config");
    for name in ["config", "queue", "data"] {
        fs::create_dir(folder.join(name))?;
    }
    // Its processes run as other users, who need access to the folder.
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    must(Command::new("chown").arg("postfix").arg(folder.join("data")))?;
    let place = folder.display().to_string();
    fs::write(config.join("main.cf"), main_cf(&place))?;
    fs::write(config.join("master.cf"), master_cf(socket.port()))?;
    let mut command = Command::new("postfix");
    command.arg("-c").arg(&config).arg("start-fg").stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn()?;
    listens(&mut process, socket).context("postfix did not start")?;
    Ok((process, socket))
}

/// Waits until it has discarded every message, so that it does not work while another server is measured.
pub(crate) fn settle(folder: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    for queue in ["incoming", "active"] {
        while fs::read_dir(folder.join("queue").join(queue))?.next().is_some() {
            ensure!(started.elapsed() < SETTLE_MAX, "postfix still has messages in its queue");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    Ok(())
}

/// Stops all its processes, which a killed master would leave behind.
pub(crate) fn stop(folder: &Path) {
    let mut command = Command::new("postfix");
    command.arg("-c").arg(folder.join("config")).arg("stop").stdout(Stdio::null()).stderr(Stdio::null());
    // A process that does not stop is killed right after.
    command.status().ok();
}

fn main_cf(folder: &str) -> String {
    format!(
        "compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = smtp.centurylink.com
mydestination =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = centurylink.net
virtual_mailbox_maps = static:ok
virtual_transport = discard:
smtpd_tls_cert_file = {folder}/certificate.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
"
    )
}

fn master_cf(port: u16) -> String {
    format!(
        "127.0.0.1:{port} inet n - n - 100 smtpd
  -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"
    )
}

const SETTLE_MAX: Duration = Duration::from_secs(60);
