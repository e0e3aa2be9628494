//! `~/.msmtprc`, as msmtp 1.8.23 reads it (observed, 2026-11): the account `default`, or the first one, is used unless
//! another is named; the others are alternatives of the same person, or belong to other people. It only sends.

use provost_account::{Account, EmailAddress, Findings};

use crate::as_version::AsVersion;
use crate::msmtprc::commands::{Argument, Command, Concerns, TIMEOUT, of};
use crate::msmtprc::{self, BeforeAccounts, Block, Dialect};
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling::Logins;
use crate::understood::Understood;

/// By the name, or by an account with a host; mpop's file has the same language, and says where mail is delivered.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let says = |command: &str| msmtprc::says(file, command);
    file.path.ends_with("msmtprc") || says("account") && says("host") && !says("delivery") && !says("keep")
}

/// Reads the configuration and the file of certificate authorities that it names.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person, version: Option<AsVersion>) -> Reading {
    let dialect = Dialect { version, ..DIALECT };
    let mut findings = Findings::default();
    let blocks = files.first().and_then(|file| msmtprc::accounts(file.bytes, &dialect, &mut findings));
    let blocks: Vec<Block> = blocks.into_iter().flatten().collect();
    let mut profiles: Vec<Understood> = Vec::new();
    let all = blocks.iter().filter(|block| sender(block).is_none());
    let logins = Logins::of(person, all.map(|block| (block.value("user"), block.value("host"))));
    for mut usable in msmtprc::usable(&blocks, &dialect, &mut findings) {
        let (block, login) = (usable.block, usable.server.login.as_ref());
        let address = sender(block).unwrap_or_else(|| {
            logins.whose(login, block.value("host"), block.place, &mut usable.assumed, &mut findings)
        });
        let account = Account { outgoing: vec![usable.server.clone()], ..Account::of(address) };
        msmtprc::gather(&mut profiles, account, usable, &dialect, files);
    }
    let fix = "add an account with host, port, tls, auth and user";
    Reading::of_some(profiles, findings, "no account in the file", fix)
}

/// The address that an account sends from. `*@example.org` matches the From of the message (1.8.16 and later), and `%U` is
/// the name of whoever runs msmtp (1.8.7 and later).
fn sender(block: &Block) -> Option<EmailAddress> {
    let from = block.value("from");
    let is_pattern = from.contains(['*', '?', '[']) || ["%U", "%H", "%C", "%M"].iter().any(|it| from.contains(it));
    EmailAddress::try_from(from).ok().filter(|_| !is_pattern)
}

/// `failure,delay`: each once, no blanks, and `never` alone.
fn is_dsn_notify(text: &str) -> bool {
    let conditions: Vec<&str> = text.split(',').collect();
    let is_condition =
        |(at, it): (usize, &&str)| matches!(*it, "failure" | "delay" | "success") && !conditions[..at].contains(it);
    matches!(text, "off" | "never") || conditions.iter().enumerate().all(is_condition)
}

/// `LOG_MAIL`, or whether there is a log at all.
fn is_syslog(text: &str) -> bool {
    let is_local =
        |text: &str| text.strip_prefix("LOG_LOCAL").is_some_and(|it| it.len() == 1 && ("0"..="7").contains(&it));
    matches!(text, "" | "on" | "off" | "LOG_USER" | "LOG_MAIL") || is_local(text)
}

const DIALECT: Dialect = Dialect {
    program: "msmtp",
    own: OWN,
    auth: "off",
    needs: None,
    before_accounts: BeforeAccounts::AnAccount,
    ports: (25, 465),
    manual: "msmtp(1), version 1.8.23",
    version: None,
};

/// Alphabetical.
const OWN: &[Command] = &[
    of("add_missing_date_header", Argument::Switch, Concerns::Nothing),
    of("add_missing_from_header", Argument::Switch, Concerns::Nothing),
    of("aliases", Argument::Open, Concerns::Nothing),
    of("allow_from_override", Argument::Word(&["on", "off"]), Concerns::Nothing),
    of("auth", Argument::Word(METHODS), Concerns::Account),
    of("auto_from", Argument::Switch, Concerns::Nothing),
    of("connect_timeout", TIMEOUT, Concerns::Nothing),
    of("domain", Argument::Open, Concerns::Nothing),
    of("dsn_notify", Argument::Is(is_dsn_notify, "off, never, or failure,delay,success"), Concerns::Nothing),
    of("dsn_return", Argument::Word(&["off", "headers", "full"]), Concerns::Nothing),
    of("from", Argument::Open, Concerns::Account),
    of("from_full_name", Argument::Open, Concerns::NothingSince("1.8.24")),
    of("keepbcc", Argument::Switch, Concerns::Nothing),
    of("logfile", Argument::Open, Concerns::Nothing),
    of("logfile_time_format", Argument::Open, Concerns::Nothing),
    of("maildomain", Argument::Open, Concerns::Nothing),
    of("protocol", Argument::Word(&["smtp", "lmtp"]), Concerns::Connection),
    of("remove_bcc_headers", Argument::Switch, Concerns::Nothing),
    of("set_date_header", Argument::Word(&["auto", "off", ""]), Concerns::Nothing),
    of("set_from_header", Argument::Word(&["auto", "on", "off", ""]), Concerns::Nothing),
    of("set_msgid_header", Argument::Word(&["auto", "off", ""]), Concerns::Nothing),
    of("set_to_header", Argument::Open, Concerns::NothingSince("1.8.29")),
    of(
        "syslog",
        Argument::Is(is_syslog, "on, off, LOG_USER, LOG_MAIL, or LOG_LOCAL0 to LOG_LOCAL7"),
        Concerns::Nothing,
    ),
    of("tls_nocertcheck", Argument::Nothing, Concerns::Account),
    of("tls_nostarttls", Argument::Nothing, Concerns::Account),
    of("undisclosed_recipients", Argument::Switch, Concerns::Nothing),
];

/// What `auth` takes; an empty one is `on`. The two with `-plus` are of 1.8.26.
const METHODS: &[&str] = &[
    "on",
    "off",
    "",
    "plain",
    "login",
    "scram-sha-1",
    "scram-sha-1-plus",
    "scram-sha-256",
    "scram-sha-256-plus",
    "cram-md5",
    "digest-md5",
    "external",
    "gssapi",
    "ntlm",
    "oauthbearer",
    "xoauth2",
];
