//! `~/.msmtprc`, as msmtp 1.8.23 reads it (observed, 2026-11): the account `default`, or the first one, is used unless
//! another is named; the others are alternatives of the same person, or belong to other people. It only sends.

use provost_account::{Account, Finding, Findings, Place};

use crate::msmtprc::{self, Block, Dialect};
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::Understood;

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
        let Some(server) = msmtprc::server(block, &DIALECT, &mut assumed, &mut findings) else { continue };
        let (login, host) = (server.login.as_ref(), block.value("host"));
        let address = match own_from(block) {
            Some((text, at)) => spelling::address("from", text, at, &mut findings),
            None => Some(logins.whose(login, host, block.place, &mut assumed, &mut findings)),
        };
        let Some(address) = address else { continue };
        let account = Account { outgoing: vec![server], ..Account::of(address) };
        msmtprc::gather(&mut profiles, account, assumed, block, &DIALECT, files);
    }
    let fix = "add an account with host, port, tls, auth and user";
    Reading::of_some(profiles, findings, "no account in the file", fix)
}

/// `*@example.org` matches the From of the message (msmtp 1.8.16 and later).
fn own_from(block: &Block) -> Option<(&str, Place)> {
    block.get("from").filter(|(text, _)| !text.contains(['*', '?']))
}

const DIALECT: Dialect = Dialect {
    program: "msmtp",
    own: "eval from protocol",
    elsewhere: ELSEWHERE,
    ports: (25, 465),
    manual: "msmtp(1), version 1.8.23",
};

const ELSEWHERE: &str = "add_missing_date_header add_missing_from_header aliases allow_from_override auto_from \
     domain dsn_notify dsn_return keepbcc logfile logfile_time_format maildomain remove_bcc_headers set_date_header \
     set_from_header set_msgid_header syslog undisclosed_recipients";
