//! Dovecot as a yardstick: Debian's packages with the benchmark's own tuned configuration, on a free port, leaving the
//! system's configuration alone. It delivers no mail: submissions are measured without it.

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::certificates::Identity;
use super::measures;

/// Why it cannot be measured; `None` if it can.
pub(crate) fn is_absent() -> Option<&'static str> {
    match Command::new("dovecot").arg("--version").output() {
        Err(_) => Some("no dovecot here"),
        Ok(output) if !output.stdout.starts_with(b"2.3.") => Some("the dovecot here is not of version 2.3"),
        Ok(_) if fs::metadata("/usr/lib/dovecot/imap").is_err() => Some("no dovecot-imapd here"),
        Ok(_) if measures::is_root() => None,
        Ok(_) => Some("dovecot is here, and this process may not start it: its processes change their user"),
    }
}

/// Starts it; returns when it accepts connections.
pub(crate) fn start(folder: &Path, password: &str) -> anyhow::Result<(Child, SocketAddr)> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    Identity::new()?.write(folder)?;
    let mail = folder.join("mail");
    fs::create_dir(&mail)?;
    // Its processes run as another user, who needs access to every folder on the path.
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    fs::set_permissions(&mail, Permissions::from_mode(0o777))?;
    let configuration = folder.join("dovecot.conf");
    fs::write(&configuration, settings(&folder.display().to_string(), socket.port(), password))?;
    let mut process = Command::new("dovecot").arg("-F").arg("-c").arg(&configuration).stderr(Stdio::null()).spawn()?;
    listens(&mut process, socket).with_context(|| format!("dovecot did not start: {}", log(folder)))?;
    Ok((process, socket))
}

/// Waits until a server accepts connections.
pub(crate) fn listens(process: &mut Child, socket: SocketAddr) -> anyhow::Result<()> {
    let started = Instant::now();
    while TcpStream::connect(socket).is_err() {
        ensure!(process.try_wait()?.is_none(), "it has ended");
        ensure!(started.elapsed() < START_MAX, "it accepts no connection");
        std::thread::sleep(Duration::from_micros(200));
    }
    Ok(())
}

/// One process serves many connections, nothing waits for the disk, no limit is in the way.
fn settings(folder: &str, port: u16, password: &str) -> String {
    format!(
        "protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = provost-bench
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
mail_fsync = never
mail_max_userip_connections = 0
mail_always_cache_fields = date.received date.sent hdr.subject hdr.message-id hdr.references hdr.in-reply-to
auth_cache_size = 10M
default_vsz_limit = 0
default_client_limit = 40000
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail/%u
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
  service_count = 0
  client_limit = 12000
  process_min_avail = 2
}}
service imap {{
  service_count = 0
  client_limit = 200
  process_min_avail = 4
  process_limit = 100
}}
"
    )
}

fn log(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("log")).unwrap_or_else(|_| "it left no log".to_owned());
    text.lines().last().unwrap_or("its log is empty").to_owned()
}

const START_MAX: Duration = Duration::from_secs(20);
