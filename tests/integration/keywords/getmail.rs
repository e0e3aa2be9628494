//! getmail, asked by `--dump`, which prints what it would use, and connects to nobody. A parameter is tried in a retriever
//! of IMAP with TLS and in one of POP3 without, an option in the section of the options.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use provost_account::{Authentication, Security};

use super::{Program, Values, Verdict};

#[test]
fn getmail_and_our_reader_agree_about_every_parameter_of_its_documentation() {
    Program { name: "getmail", file: "getmailrc", files, excused: EXCUSED, ask }.agrees();
}

const EXCUSED: &[(&str, &str, &str)] = &[
    ("ca_certs", "/nonexistent", "it must be a file of the machine"),
    ("mark_read", "x", "of a later version"),
    ("port", "0", NO_CONNECTION),
    ("port", "65536", NO_CONNECTION),
    ("server", "\"\"", NO_CONNECTION),
    ("server", "a b", NO_CONNECTION),
    ("username", "\"\"", "our logins are not empty"),
];
const NO_CONNECTION: &str = "no connection could be made, which --dump does not try";

fn files(keyword: &str, value: &str) -> Vec<(&'static str, String)> {
    let retriever = |kind: &str, more: &str| {
        let lines = ["server = mail.example.org", "port = 999", "username = jane@example.org"];
        let keeps = |line: &&&str| !more.lines().any(|more| more.starts_with(line.split(' ').next().unwrap()));
        let lines: Vec<&str> = lines.iter().filter(keeps).copied().collect();
        format!("[retriever]\ntype = {kind}\n{}\n{more}\n", lines.join("\n"))
    };
    let destination = "[destination]\ntype = MDA_external\npath = /bin/true\n";
    let (imap, pop3) = ("SimpleIMAPSSLRetriever", "SimplePOP3Retriever");
    let line = format!("{keyword} = {value}");
    if OPTIONS.contains(&keyword) {
        return vec![
            ("in the options", format!("{}{destination}[options]\n{line}\n", retriever(imap, ""))),
            ("in a section that is misspelt", format!("{}{destination}[option]\n{line}\n", retriever(imap, ""))),
        ];
    }
    let mut files = vec![
        ("for IMAP", format!("{}{destination}", retriever(imap, &line))),
        ("for POP3", format!("{}{destination}", retriever(pop3, &line))),
    ];
    if keyword == "timeout" {
        let whole = format!("{}{destination}", retriever(imap, &line));
        files.extend([
            ("twice", format!("{}{destination}", retriever(imap, &format!("{line}\n{line}")))),
            ("twice, once in capitals", format!("{}{destination}", retriever(imap, &format!("{line}\nTIMEOUT: 3")))),
            ("in a second section", format!("{whole}[retriever]\n{line}\n")),
            ("before the first section", format!("{line}\n{whole}")),
            ("in the defaults", format!("[DEFAULT]\n{line}\nport = 1\n{}{destination}", retriever(imap, ""))),
            ("without a destination", retriever(imap, &line)),
            ("with a comment after", whole.replace(&line, &format!("{line} # a note"))),
            ("without a separator", whole.replace(" = ", " ")),
            ("with line ends of Windows", whole.replace('\n', "\r\n")),
        ]);
    }
    if keyword == "type" {
        files = vec![("alone", format!("{}{destination}", retriever(value, "envelope_recipient = x-envelope-to:1")))];
    }
    files
}

fn ask(program: &Path, file: &Path) -> Verdict {
    let folder = file.parent().unwrap();
    let mut command = Command::new(program);
    let output = command.arg("-g").arg(folder).arg("-r").arg(file).arg("--dump").env("HOME", folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let Some(retriever) = said.lines().find_map(|line| line.strip_prefix("  retriever:  ")) else {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Verdict::Refused(errors.lines().rfind(|line| !line.is_empty()).unwrap_or("no retriever").to_owned());
    };
    let (kind, values) = retriever.split_once('(').unwrap();
    let values: BTreeMap<&str, &str> =
        values.split("\", ").filter_map(|value| value.trim_end_matches(")").split_once("=\"")).collect();
    let text = |key: &str| values[key].trim_end_matches('"').to_owned();
    let is_on = |key: &str| values.contains_key(key) && text(key) == "True";
    let authentication = match () {
        () if is_on("use_kerberos") => Authentication::Gssapi,
        () if is_on("use_cram_md5") || is_on("use_apop") => Authentication::PasswordEncrypted,
        () if is_on("use_xoauth2") => Authentication::OAuth2,
        () => Authentication::PasswordCleartext,
    };
    Verdict::Taken(vec![Values {
        protocol: Some(if kind.contains("IMAP") { "imap" } else { "pop3" }),
        host: Some(text("server")),
        port: Some(text("port")),
        security: Some(if kind.contains("SSL") { Security::ImplicitTls } else { Security::Cleartext }),
        login: Some(text("username")),
        authentication: Some(authentication),
    }])
}

const OPTIONS: &[&str] = &[
    "delete",
    "delete_after",
    "delete_bigger_than",
    "delivered_to",
    "fingerprint",
    "mark_read",
    "max_bytes_per_session",
    "max_message_size",
    "max_messages_per_session",
    "message_log",
    "message_log_syslog",
    "message_log_verbose",
    "netrc_file",
    "nonsense_option",
    "read_all",
    "received",
    "skip_imap_fetch_size",
    "to_oldmail_on_each_mail",
    "use_netrc",
    "verbose",
];
