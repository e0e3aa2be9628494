//! `~/.msmtprc`, as msmtp 1.8.23 reads it (observed, 2026-11): the account `default`, or the first one, is used unless
//! another is named; the others are alternatives of the same person, or belong to other people. It only sends.

use provost_account::{Account, EmailAddress, Finding, Findings, Place, Server};

use crate::msmtprc::{self, Block, Dialect};
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Understood};

/// By the name, or by an account with a host; mpop's file has the same language, and says where mail is delivered.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let says = |command: &str| msmtprc::says(file, command);
    file.path.ends_with("msmtprc") || says("account") && says("host") && !says("delivery") && !says("keep")
}

/// Reads the configuration and the file of certificate authorities that it names.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Result<Reading, Vec<Finding>> {
    let mut findings = Findings::default();
    let blocks = files.first().and_then(|file| msmtprc::accounts(file.bytes, &DIALECT, &mut findings));
    let mut profiles: Vec<Understood> = Vec::new();
    let all = blocks.iter().flatten().filter(|block| own_from(block).is_none());
    let logins = Logins::of(person, all.map(|block| (block.value("user"), block.value("host"))));
    for block in blocks.iter().flatten() {
        let mut assumed = Vec::new();
        let Some((address, server)) = sending(block, &logins, &mut assumed, &mut findings) else { continue };
        match profiles.iter_mut().find(|it| it.is_for(&address, server.login.as_ref())) {
            Some(profile) if profile.account.outgoing.contains(&server) => {}
            Some(profile) => {
                profile.account.outgoing.push(server);
                profile.asks(block.password_command());
            }
            None => {
                let (trust, mut ignored) = msmtprc::authorities(block, files);
                ignored.extend(block.ignored(&DIALECT));
                let account = Account { outgoing: vec![server], trust, ..Account::of(address) };
                let label = Some(block.name.clone());
                let mut own = Understood { said: block.said(), ..Understood::of("msmtp", account) };
                own.asks(block.password_command());
                profiles.push(Understood { label, assumed, ignored, ..own });
            }
        }
    }
    let fix = "add an account with host, port, tls, auth and user";
    Reading::of_some(profiles, findings, "no account in the file", fix)
}

fn sending(
    block: &Block,
    logins: &Logins<'_>,
    assumed: &mut Vec<Assumption>,
    findings: &mut Findings,
) -> Option<(EmailAddress, Server)> {
    let server = msmtprc::server(block, &DIALECT, assumed, findings)?;
    let address = match own_from(block) {
        Some((text, at)) => spelling::address("from", text, at, findings)?,
        None => logins.whose(server.login.as_ref(), block.value("host"), block.place, assumed, findings),
    };
    Some((address, server))
}

/// `*@example.org` matches the From of the message (msmtp 1.8.16 and later).
fn own_from(block: &Block) -> Option<(&str, Place)> {
    block.get("from").filter(|(text, _)| !text.contains(['*', '?']))
}

const DIALECT: Dialect = Dialect {
    own: &["eval", "from", "protocol"],
    elsewhere: ELSEWHERE,
    ports: (25, 465),
    manual: "msmtp(1), version 1.8.23",
};

const ELSEWHERE: &[&str] = &[
    "add_missing_date_header",
    "add_missing_from_header",
    "aliases",
    "allow_from_override",
    "auto_from",
    "domain",
    "dsn_notify",
    "dsn_return",
    "keepbcc",
    "logfile",
    "logfile_time_format",
    "maildomain",
    "remove_bcc_headers",
    "set_date_header",
    "set_from_header",
    "set_msgid_header",
    "syslog",
    "undisclosed_recipients",
];
