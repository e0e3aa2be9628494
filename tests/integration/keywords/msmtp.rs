//! msmtp, asked by `--pretend`, which prints every value of the account that it would use, and connects to nobody.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use provost_account::{Authentication, Security};

use super::{Program, Values, Verdict};

#[test]
fn msmtp_and_our_reader_agree_about_every_command_of_its_manual() {
    Program { name: "msmtp", file: "msmtprc", files, excused: EXCUSED, ask }.agrees();
}

/// What is not compared, of mpop too.
pub(super) const EXCUSED: &[(&str, &str, &str)] = &[
    ("host", "-x", NO_NAME),
    ("host", "[2001:db8::1]", NO_NAME),
    ("host", "a b", NO_NAME),
    ("host", "mail_1.example.org", "our names have no underscores"),
    ("passwordeval", "\"\"", RUNS),
    ("passwordeval", "false", RUNS),
];
const RUNS: &str = "--pretend runs the command, also one that is a comment";
const NO_NAME: &str = "no name that could be looked up, which --pretend does not try";

/// A valid account that says as little as it can, and another that says all.
pub(super) fn files(keyword: &str, value: &str) -> Vec<(&'static str, String)> {
    let command = format!("{keyword} {value}");
    let least = "host mail.example.org\n";
    let whole = "host mail.example.org\nport 587\ntls on\nauth on\nuser jane@example.org\npasswordeval \"echo x\"\n";
    let mut files = vec![
        ("alone", format!("account a\n{least}{command}\n")),
        ("in a whole account", format!("account a\n{whole}{command}\n")),
        ("before the others", format!("account a\n{command}\n{whole}")),
        ("quoted", format!("account a\n{whole}{keyword} \"{value}\"\n")),
        ("indented by a tab, with blanks after", format!("account a\n{whole}\t{keyword}\t {value} \t\n")),
        ("twice", format!("account a\n{whole}{command}\n{command}\n")),
        ("in defaults", format!("defaults\n{command}\naccount a\n{whole}")),
        ("in a second defaults", format!("defaults\nport 26\ndefaults\n{command}\naccount a\n{least}")),
        ("inherited", format!("account b\n{whole}{command}\naccount a : b\n")),
        ("in capitals", format!("account a\n{whole}{}\n", command.to_uppercase())),
        ("with line ends of Windows", format!("account a\n{whole}{command}\n").replace('\n', "\r\n")),
    ];
    // An account of its own, and a name that --pretend does not look up.
    if keyword != "host" {
        files.push(("before the first account", format!("{command}\naccount a\n{whole}")));
        files.push(("with a comment after", format!("account a\n{whole}{command} # a note\n")));
    }
    files
}

fn ask(program: &Path, file: &Path) -> Verdict {
    pretend(Command::new(program).arg("--file").arg(file).args(["--account", "a", "--pretend"]), "smtp")
}

/// What msmtp or mpop prints with `--pretend`.
pub(super) fn pretend(command: &mut Command, protocol: &'static str) -> Verdict {
    let output = command.env_remove("EMAIL").output().unwrap();
    if !output.status.success() {
        return Verdict::Refused(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let lines: BTreeMap<&str, &str> = said.lines().filter_map(|line| line.split_once(" = ")).collect();
    let text = |key: &str| lines[key].to_owned();
    let is_on = |key: &str| lines[key] == "on";
    let security = match (is_on("tls"), is_on("tls_starttls")) {
        (true, true) => Security::StartTls,
        (true, false) => Security::ImplicitTls,
        (false, _) => Security::Cleartext,
    };
    let authentication = authentication(lines["auth"]);
    // Without a method the name is not used.
    let login = match authentication {
        Authentication::None => String::new(),
        _ => text("user").replace("(not set)", ""),
    };
    Verdict::Taken(vec![Values {
        protocol: Some(protocol),
        host: Some(text("host")),
        port: Some(text("port")),
        security: Some(security),
        login: Some(login),
        authentication: Some(authentication),
    }])
}

/// The methods as they are printed.
fn authentication(printed: &str) -> Authentication {
    match printed {
        "choose" | "PLAIN" | "LOGIN" | "USER" => Authentication::PasswordCleartext,
        "none" => Authentication::None,
        "CRAM-MD5" | "SCRAM-SHA-1" | "SCRAM-SHA-256" | "APOP" => Authentication::PasswordEncrypted,
        "DIGEST-MD5" => Authentication::HttpMd5,
        "EXTERNAL" => Authentication::ClientCertificate,
        "GSSAPI" => Authentication::Gssapi,
        "NTLM" => Authentication::Ntlm,
        "OAUTHBEARER" | "XOAUTH2" => Authentication::OAuth2,
        other => panic!("msmtp prints the method {other}"),
    }
}
