//! One Dovecot for all hosts: what is planted is in a `local` block for one address, in the file of accounts, or in the
//! folder of a mailbox.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;

use super::host::Host;
use super::mistakes::{Account, Folder, PASSWORD, Planted};
use super::papers::now;
use crate::bench::listens;
use crate::clients::Running;
use crate::namespaces::quietly;

/// Where Postfix delivers.
pub(super) const LMTP: &str = "run/lmtp-postfix";
/// Where Postfix asks for passwords.
pub(super) const AUTH: &str = "run/auth-postfix";

/// Starts it; returns when it accepts connections.
pub(super) fn start(folder: &Path, hosts: &[Host]) -> anyhow::Result<Running> {
    let place = folder.display().to_string();
    for host in hosts {
        mailbox(host)?;
    }
    quietly("chown", &["-R", OWNER, &format!("{place}/mail")])?;
    for host in hosts.iter().filter(|host| has(host, Folder::OfRoot)) {
        quietly("chown", &["-R", "0:0", &host.home().display().to_string()])?;
        quietly("chmod", &["-R", "go=", &host.home().display().to_string()])?;
    }
    fs::write(folder.join("accounts"), hosts.iter().map(account).collect::<String>())?;
    fs::write(folder.join("oauth2"), "tokeninfo_url = http://127.0.0.1:9/?token=\n")?;
    fs::write(folder.join("unreadable"), "INBOX owner l\n")?;
    let configuration = folder.join("dovecot.conf");
    fs::write(&configuration, settings(&place, hosts))?;
    let log = fs::File::create(folder.join("dovecot.start"))?;
    let process =
        Command::new("dovecot").arg("-F").arg("-c").arg(&configuration).stderr(log).stdout(Stdio::null()).spawn();
    let mut process = Running(process?);
    listens(&mut process.0, (hosts[0].address, 993).into()).with_context(|| {
        format!("dovecot: {}", fs::read_to_string(folder.join("dovecot.start")).unwrap_or_else(|it| it.to_string()))
    })?;
    Ok(process)
}

fn has(host: &Host, folder: Folder) -> bool {
    host.mistake.planted.iter().any(|planted| matches!(planted, Planted::Folder(it) if *it == folder))
}

/// A folder with three messages: one older than what the settings keep on a device.
fn mailbox(host: &Host) -> anyhow::Result<()> {
    let home = host.home();
    fs::create_dir_all(&home)?;
    let is_on_full_disk = has(host, Folder::OnFullDisk);
    if is_on_full_disk {
        let place = home.display().to_string();
        quietly("mount", &["-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", &place])?;
    }
    let maildir = home.join("Maildir");
    for name in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(name))?;
    }
    if has(host, Folder::SentUnreadable) {
        for name in ["cur", "new", "tmp"] {
            fs::create_dir_all(maildir.join(".Sent").join(name))?;
        }
        fs::write(maildir.join(".Sent/dovecot-acl"), "owner l\n")?;
    }
    let today = now()?;
    for days in [1, 2, 90] {
        let path = maildir.join("cur").join(format!("{days}.lab:2,S"));
        let text = format!(
            "From: <{0}>\r\nTo: <{0}>\r\nSubject: {days} days old\r\nMessage-ID: <{days}.{0}>\r\n\r\n{1}\r\n",
            host.person(),
            "Some words.\r\n".repeat(100)
        );
        fs::write(&path, text)?;
        let received: SystemTime = today - Duration::from_secs(days * 24 * 60 * 60);
        fs::File::options().write(true).open(&path)?.set_modified(received)?;
    }
    if is_on_full_disk {
        // Until there is no room.
        fs::write(home.join("filler"), vec![0; 1 << 20]).err().context("the small disk takes everything")?;
    }
    Ok(())
}

/// The line of an account.
fn account(host: &Host) -> String {
    let (mut name, mut fields) = (host.person(), String::new());
    for planted in host.mistake.planted {
        let Planted::Account(account) = planted else { continue };
        match account {
            Account::Missing => return String::new(),
            Account::Named(other) => name = (*other).to_owned(),
            Account::With(more) => fields = host.filled(more),
        }
    }
    // Without a password, any one counts that comes with `nopassword`.
    let has_none = fields.starts_with("nopassword");
    let password = if has_none { String::new() } else { format!("{{PLAIN}}{PASSWORD}") };
    format!("{name}:{password}:{OWNER}::{}::{fields}\n", host.home().display())
}

fn settings(folder: &str, hosts: &[Host]) -> String {
    let addresses: Vec<String> = hosts.iter().flat_map(Host::listens_on).map(|it| it.to_string()).collect();
    let mut text = FOR_ALL.replace("FOLDER", folder).replace("ADDRESSES", &addresses.join(" "));
    for host in hosts {
        let lines = host.mistake.planted.iter().filter_map(|planted| match planted {
            Planted::Dovecot(lines) => Some(host.filled(lines)),
            Planted::Certificate(_) | Planted::Account(_) | Planted::Folder(_) | Planted::Postfix(_) => None,
            Planted::Table(..) | Planted::Firewall(_) | Planted::Records(_) | Planted::Unbound(_) => None,
            Planted::SilentResolver | Planted::Before(_) | Planted::Autoconfig(_) | Planted::Pacc(_) => None,
        });
        let lines = lines.collect::<Vec<_>>().join("\n  ");
        let (certificate, key) = (host.file("pem"), host.file("key"));
        for address in host.listens_on() {
            // What is planted is at the IPv4 address.
            let lines = if address.is_ipv4() { lines.as_str() } else { "" };
            writeln!(
                text,
                "local {address} {{\n  ssl_cert = <{}\n  ssl_key = <{}\n  {lines}\n}}",
                certificate.display(),
                key.display()
            )
            .expect("writing to a string never fails");
        }
    }
    text
}

/// The user and the group of all mail.
const OWNER: &str = "65534:65534";
/// What is not planted.
const FOR_ALL: &str = "protocols = imap pop3 lmtp
listen = ADDRESSES
base_dir = FOLDER/run
state_dir = FOLDER/state
log_path = FOLDER/dovecot.log
instance_name = provost-lab
ssl = required
ssl_cert = <FOLDER/papers/healthy.pem
ssl_key = <FOLDER/papers/healthy.key
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_plugins = quota acl
auth_mechanisms = plain login xoauth2
postmaster_address = postmaster@lab.example
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
lda_mailbox_autocreate = yes
quota_full_tempfail = no
namespace inbox {
  inbox = yes
  mailbox Junk {
    special_use = \\Junk
  }
  mailbox Sent {
    special_use = \\Sent
  }
}
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = username_format=%u FOLDER/accounts
}
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = FOLDER/oauth2
}
userdb {
  driver = passwd-file
  args = username_format=%u FOLDER/accounts
}
plugin {
  quota = maildir:User quota
  quota_rule = *:storage=100M
  quota_status_success = DUNNO
  quota_status_overquota = 552 5.2.2 Mailbox is full
  acl = vfile
}
protocol imap {
  mail_plugins = quota acl imap_quota imap_acl
}
service auth {
  unix_listener auth-postfix {
    mode = 0666
  }
}
service lmtp {
  unix_listener lmtp-postfix {
    mode = 0666
  }
}
service quota-status {
  executable = quota-status -p postfix
  client_limit = 1
  inet_listener {
    address = 127.0.0.1
    port = 12340
  }
}
";
