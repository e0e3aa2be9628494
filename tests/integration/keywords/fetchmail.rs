//! fetchmail, asked by `--configdump`, which prints every value of every user, and connects to nobody.

use std::path::Path;
use std::process::Command;

use provost_account::{Authentication, Security};

use super::{Program, Values, Verdict};

#[test]
fn fetchmail_and_our_reader_agree_about_every_option_of_its_manual() {
    Program { name: "fetchmail", file: ".fetchmailrc", files, ask, excused: &[] }.agrees();
}

/// The option wherever it could stand: the grammar knows settings, options of a server, and options of a user.
fn files(keyword: &str, value: &str) -> Vec<(&'static str, String)> {
    let option = format!("{keyword} {value}");
    let poll = "poll mail.example.org proto imap";
    let user = "user \"jane@example.org\" keep";
    vec![
        ("as a setting", format!("{option}\n{poll} {user}\n")),
        ("of the server", format!("{poll} {option}\n  {user}\n")),
        ("of the user", format!("{poll}\n  {user} {option}\n")),
        ("in defaults", format!("defaults {option}\n{poll} {user}\npoll pop.example.org proto pop3 user joe no ssl\n")),
        ("after the user's others, with noise", format!("{poll} with {user} and wants ssl, {option};\n")),
        ("of the user, quoted", format!("{poll} {user} {keyword} '{value}'\n")),
        ("in capitals", format!("{poll} {user} {}\n", option.to_uppercase())),
    ]
}

fn ask(program: &Path, file: &Path) -> Verdict {
    let output = Command::new(program).arg("-f").arg(file).arg("--configdump").output().unwrap();
    if !output.status.success() {
        return Verdict::Refused(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let dump = String::from_utf8_lossy(&output.stdout);
    let mut users = users(&dump);
    if users.iter().any(|user| user.active) {
        users.retain(|user| user.active);
    }
    // Neither fetches a mailbox.
    users.retain(|user| !matches!(user.protocol, "ETRN" | "ODMR"));
    let local = local_user();
    Verdict::Taken(users.iter().map(|user| user.values(&local)).collect())
}

/// Who fetchmail runs for, and so the login name where the file has none.
fn local_user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A user of a server, as the dump has them.
#[derive(Debug, Clone, Default)]
struct User<'a> {
    active: bool,
    host: &'a str,
    protocol: &'a str,
    service: Option<&'a str>,
    auth: &'a str,
    remote: &'a str,
    ssl: bool,
    sslproto: Option<&'a str>,
}

/// Every user in the dump: Python, a key and its value in each line, `sslproto` after what is needed.
fn users(dump: &str) -> Vec<User<'_>> {
    let (mut user, mut users) = (User::default(), Vec::new());
    for line in dump.lines() {
        let Some((key, value)) = line.trim().trim_end_matches(',').split_once(':') else { continue };
        let text = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match key.trim_matches(['"', '\'']) {
            "pollname" => user = User { host: text.unwrap(), ..User::default() },
            "active" => user.active = value == "TRUE",
            "via" => user.host = text.unwrap_or(user.host),
            "protocol" => user.protocol = text.unwrap(),
            "service" => user.service = text,
            "auth" => user.auth = text.unwrap(),
            "remote" => user.remote = text.unwrap(),
            "ssl" => user.ssl = value == "TRUE",
            "sslproto" => {
                user.sslproto = text;
                users.push(user.clone());
            }
            _ => {}
        }
    }
    users
}

impl User<'_> {
    fn values(&self, local: &str) -> Values {
        let (protocol, plain, wrapped) = match self.protocol {
            "IMAP" | "auto" => ("imap", "143", "993"),
            "POP3" | "APOP" | "RPOP" => ("pop3", "110", "995"),
            other => panic!("fetchmail dumps the protocol {other}"),
        };
        let port = match self.service {
            None if self.ssl => Some(wrapped.to_owned()),
            None => Some(plain.to_owned()),
            // A name is looked up in /etc/services, which the dump does not do.
            Some(service) => Some(service.to_owned()).filter(|it| it.bytes().all(|octet| octet.is_ascii_digit())),
        };
        // fetchmail 6.4.37 with a server that offers nothing: STARTTLS is asked for unless sslproto is empty.
        let security = match (self.ssl, self.sslproto) {
            (true, _) => Security::ImplicitTls,
            (false, Some("")) => Security::Cleartext,
            (false, Some(_) | None) => Security::StartTls,
        };
        let authentication = match self.auth {
            // It has no word for some methods.
            "" => None,
            "any" | "password" if self.protocol == "APOP" => Some(Authentication::PasswordEncrypted),
            "any" | "password" | "otp" | "msn" => Some(Authentication::PasswordCleartext),
            "cram-md5" => Some(Authentication::PasswordEncrypted),
            "external" => Some(Authentication::ClientCertificate),
            "gssapi" | "kerberos_v5" => Some(Authentication::Gssapi),
            "ntlm" => Some(Authentication::Ntlm),
            "ssh" => Some(Authentication::None),
            other => panic!("fetchmail dumps the method {other}"),
        };
        Values {
            protocol: Some(protocol),
            host: Some(self.host.to_owned()),
            port,
            security: Some(security),
            login: Some(if self.remote == local { String::new() } else { self.remote.replace("\\\"", "\"") }),
            authentication,
        }
    }
}
