//! `~/.mpoprc`, as mpop 1.4.18 reads it (observed, 2026-11): the account `default`, or the first one, is used unless
//! another is named. It only receives, by POP3, and removes what it fetched unless `keep` is on.

use provost_account::{Account, Finding, Findings, Incoming, IncomingProtocol, codes::profile as codes};

use crate::msmtprc::{self, Dialect};
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
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Result<Reading, Vec<Finding>> {
    let mut findings = Findings::default();
    let blocks = files.first().and_then(|file| msmtprc::accounts(file.bytes, &DIALECT, &mut findings));
    let mut profiles: Vec<Understood> = Vec::new();
    let all = blocks.iter().flatten();
    let logins = Logins::of(person, all.map(|block| (block.value("user"), block.value("host"))));
    for block in blocks.iter().flatten() {
        let mut assumed = Vec::new();
        let Some(server) = msmtprc::server(block, &DIALECT, &mut assumed, &mut findings) else { continue };
        let (login, host) = (server.login.as_ref(), block.value("host"));
        let address = logins.whose(login, host, block.place, &mut assumed, &mut findings);
        let incoming = vec![Incoming { protocol: IncomingProtocol::Pop3, server }];
        let account = Account { incoming, ..Account::of(address) };
        let is_new = msmtprc::gather(&mut profiles, account, assumed, block, &DIALECT, files);
        if is_new && !block.switch("keep", false, &mut findings) {
            let message = "keep is off: mail is removed from the server as soon as it is fetched";
            findings.add(codes::REMOVES_MAIL, Some(block.place_of("keep")), message, "write keep on");
        }
    }
    let fix = "add an account with host, port, tls, auth, user and delivery";
    Reading::of_some(profiles, findings, "no account in the file", fix)
}

const DIALECT: Dialect = Dialect {
    program: "mpop",
    own: "account keep pipelining",
    elsewhere: ELSEWHERE,
    ports: (110, 995),
    manual: "mpop(1), version 1.4.18",
};

const ELSEWHERE: &str = "delivery filter killsize only_new received_header skipsize uidls_file";
