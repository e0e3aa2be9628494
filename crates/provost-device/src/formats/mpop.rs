//! `~/.mpoprc`, as mpop 1.4.18 reads it (observed, 2026-11): the account `default`, or the first one, is used unless
//! another is named. It only receives, by POP3, and removes what it fetched unless `keep` is on.

use provost_account::{Account, Findings, Incoming, IncomingProtocol, codes::profile as codes};

use crate::msmtprc::commands::{Argument, Command, Concerns, of};
use crate::msmtprc::{self, BeforeAccounts, Block, Dialect};
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling::Logins;
use crate::understood::Understood;

/// By the name, or by an account that says where mail is delivered; msmtp's file has the same language.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let says = |command: &str| msmtprc::says(file, command);
    file.path.ends_with("mpoprc") || says("account") && says("host") && says("delivery")
}

/// Reads the configuration and the file of certificate authorities that it names.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let blocks = files.first().and_then(|file| msmtprc::accounts(file.bytes, &DIALECT, &mut findings));
    let blocks: Vec<Block> = blocks.into_iter().flatten().collect();
    let mut profiles: Vec<Understood> = Vec::new();
    let logins = Logins::of(person, blocks.iter().map(|block| (block.value("user"), block.value("host"))));
    for mut usable in msmtprc::usable(&blocks, &DIALECT, &mut findings) {
        let (block, login) = (usable.block, usable.server.login.as_ref());
        let address = logins.whose(login, block.value("host"), block.place, &mut usable.assumed, &mut findings);
        let incoming = vec![Incoming { protocol: IncomingProtocol::Pop3, server: usable.server.clone() }];
        let account = Account { incoming, ..Account::of(address) };
        let is_new = msmtprc::gather(&mut profiles, account, usable, &DIALECT, files);
        if is_new && !block.is_on("keep", false) {
            let message = "keep is off: mail is removed from the server as soon as it is fetched";
            findings.add(codes::REMOVES_MAIL, Some(block.place_of("keep")), message, "write keep on");
        }
    }
    let fix = "add an account with host, port, tls, auth, user and delivery";
    Reading::of_some(profiles, findings, "no account in the file", fix)
}

/// A way and where to: `maildir ~/Mail`.
fn is_delivery(text: &str) -> bool {
    let (way, place) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    matches!(way, "maildir" | "mbox" | "mda" | "exchange") && !place.trim().is_empty()
}

const DIALECT: Dialect = Dialect {
    program: "mpop",
    own: OWN,
    auth: "on",
    needs: Some("delivery"),
    before_accounts: BeforeAccounts::Rejected,
    ports: (110, 995),
    manual: "mpop(1), version 1.4.18",
    version: None,
};

/// Alphabetical.
const OWN: &[Command] = &[
    of("auth", Argument::Word(METHODS), Concerns::Account),
    of("delivery", Argument::Is(is_delivery, "maildir, mbox, mda or exchange, and where to"), Concerns::Nothing),
    of("filter", Argument::Open, Concerns::Nothing),
    of("keep", Argument::Switch, Concerns::Connection),
    of("killsize", SIZE, Concerns::Connection),
    of("only_new", Argument::Switch, Concerns::Nothing),
    of("pipelining", Argument::Word(&["auto", "on", "off", ""]), Concerns::Nothing),
    of("received_header", Argument::Switch, Concerns::Nothing),
    of("skipsize", SIZE, Concerns::Nothing),
    of("uidls_file", Argument::Text, Concerns::Nothing),
];

/// In KiB.
const SIZE: Argument = Argument::Number(0, i64::MAX, &["off"]);

/// What `auth` takes; an empty one is `on`. There is no `off`.
const METHODS: &[&str] = &[
    "on",
    "",
    "user",
    "plain",
    "login",
    "apop",
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
