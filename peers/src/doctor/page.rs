//! `docs/doctor.md`: what was planted, and what was told, in the last blessed run. The table is compared in every run; the
//! date and the versions are not.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, ensure};
use xtask::workspace::root;

use super::host::Host;
use super::mistakes::{Account, Before, Folder, MISTAKES, Mistake, Planted, Server, Table};
use super::papers::Flaw;
use super::told::Told;

/// Writes the page.
pub(super) fn write(rows: &str) -> anyhow::Result<()> {
    let mut versions = Vec::new();
    for (program, arguments) in VERSIONS {
        let output =
            Command::new(program).args(*arguments).output().with_context(|| format!("cannot start {program}"))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut words = said.split_whitespace().map(|word| word.trim_start_matches('v').trim_end_matches(','));
        let version = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'));
        let name = PathBuf::from(program);
        let name = name.file_name().context("a program has a name")?.to_string_lossy();
        versions.push(format!("{name} {}", version.with_context(|| format!("{program} prints no version: {said}"))?));
    }
    let today = Command::new("date").args(["--utc", "+%Y-%m-%d"]).output().context("cannot start date")?;
    let observed = format!("Observed {} with {}.", String::from_utf8(today.stdout)?.trim(), versions.join(", "));
    Ok(fs::write(path(), format!("{ABOUT}\n{observed}\n\n{HEADING}{rows}"))?)
}

/// Whether the page has these rows and no others.
pub(super) fn compare(rows: &str) -> anyhow::Result<()> {
    let page = fs::read_to_string(path()).context("docs/doctor.md: `--bless` writes it")?;
    let held = page.split_once(HEADING).context("docs/doctor.md has no table")?.1;
    let others =
        held.lines().filter(|line| !rows.contains(line)).chain(rows.lines().filter(|line| !held.contains(line)));
    let others: Vec<&str> = others.collect();
    ensure!(others.is_empty(), "docs/doctor.md differs (`--bless` if the new rows are right):\n{}", others.join("\n"));
    Ok(())
}

fn path() -> PathBuf {
    root().join("docs/doctor.md")
}

/// The row of a host.
pub(super) fn row(host: &Host, told: &Told) -> String {
    let Mistake { name, what, .. } = host.mistake;
    let says = match told.causes.first() {
        None => "nothing".to_owned(),
        Some(cause) => format!("`{}`: {}", cause.name, cause.whose),
    };
    let mut by: Vec<&str> = Vec::new();
    for check in told.causes.iter().flat_map(|cause| &cause.checks) {
        if !by.contains(&check.as_str()) {
            by.push(check);
        }
    }
    format!("| `{name}` | {what} | {} | {says} | {} |\n", planted(host.mistake), by.join(", "))
}

/// How a mistake is planted.
fn planted(mistake: &Mistake) -> String {
    let mut text = String::new();
    let mut add = |words: String| {
        let separator = if text.is_empty() { "" } else { "; " };
        write!(text, "{separator}{words}").expect("writing to a string never fails");
    };
    for planted in mistake.planted {
        add(match planted {
            Planted::Certificate(flaw) => format!("certificate: {}", flaw_words(*flaw)),
            Planted::Dovecot(lines) => format!("Dovecot: `local {{v4}} {{ {} }}`", in_one_line(lines)),
            Planted::Account(account) => format!("Dovecot's accounts: {}", account_words(*account)),
            Planted::Folder(Folder::OnFullDisk) => "the mailbox on a full tmpfs of 64 KB".to_owned(),
            Planted::Folder(Folder::OfRoot) => "`chown root`, `chmod go=` of the mailbox".to_owned(),
            Planted::Folder(Folder::SentUnreadable) => "Dovecot: `owner l` in `.Sent/dovecot-acl`".to_owned(),
            Planted::Postfix(options) => format!("Postfix: `{}`", options.join("`, `")),
            Planted::Table(table, line) => format!("Postfix: {}", table_words(*table, line)),
            Planted::Firewall(rule) => format!("nftables: `{rule}`"),
            Planted::Records(records) => format!("records: `{}`", records.trim_end().replace('\n', "`, `")),
            Planted::Autoconfig(label) => {
                format!("OpenSSL's web server for `autoconfig.{{name}}`: the servers are `{label}.{{name}}`")
            }
            Planted::Pacc(label) => format!("the same for `ua-auto-config.{{name}}`, with PACC: `{label}.{{name}}`"),
            Planted::Unbound(line) => format!("Unbound: `{line}`"),
            Planted::SilentResolver => "`/etc/resolv.conf`, and nftables drops what is sent there".to_owned(),
            Planted::Before(Before::WrongPasswords) => "three logins before".to_owned(),
            Planted::Before(Before::ImapSession | Before::SmtpSession) => "a session before".to_owned(),
        });
    }
    let Mistake { incoming, outgoing, username, password, .. } = mistake;
    let server = |it: &Server| {
        format!("settings: {} {} {}, port {}, {}", it.protocol, it.host, it.socket_type, it.port, it.authentication)
    };
    for (planted, as_it_works) in [(incoming, &MISTAKES[0].incoming), (outgoing, &MISTAKES[0].outgoing)] {
        if planted != as_it_works {
            add(server(planted));
        }
    }
    if *username != MISTAKES[0].username {
        add(format!("settings: `username: \"{username}\"`"));
    }
    if *password != MISTAKES[0].password {
        add("what the person types".to_owned());
    }
    text
}

/// Lines of Dovecot's configuration, as they may stand in one too.
fn in_one_line(lines: &str) -> String {
    let lines: Vec<&str> = lines.lines().map(str::trim).collect();
    lines.join("; ").replace("{; ", "{ ").replace("; }", " }")
}

fn flaw_words(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::None => "none",
        Flaw::Expired => "notAfter 2021-12-31",
        Flaw::NotYetValid => "notBefore 2090-01-01",
        Flaw::EndsSoon => "notAfter in three days",
        Flaw::OtherName => "subjectAltName of another name",
        Flaw::NoName => "no subjectAltName",
        Flaw::OtherAuthority => "signed by an authority that is not in `trust`",
        Flaw::ChainIncomplete => "signed by an authority that the server does not send",
        Flaw::AuthorityItself => "self-signed, CA:TRUE",
        Flaw::NotForServers => "extendedKeyUsage clientAuth",
    }
}

fn account_words(account: Account) -> String {
    match account {
        Account::Named(name) => format!("it is called `{name}`"),
        Account::Missing => "it is not there".to_owned(),
        Account::With(fields) => format!("`{fields}`"),
    }
}

fn table_words(table: Table, line: &str) -> String {
    match table {
        Table::NoDomain => "the domain is not in `virtual_mailbox_domains`".to_owned(),
        Table::NoMailbox => "the address is not in `virtual_mailbox_maps`".to_owned(),
        Table::Aliases => format!("`virtual_alias_maps`: `{line}`"),
        Table::Transport => format!("`transport_maps`: `{line}`"),
    }
}

const ABOUT: &str = "# What is told of a mistake

Written by `cargo xtask e2e --doctor --bless`.
Each row is a mail host of a real Dovecot and a real Postfix with one mistake planted, in their configuration, in the names that Knot and Unbound give, in a certificate, or on the way between.
The program is given the settings, or the address alone, and the account's password, and runs in another network namespace, as on the user's machine.
It tells the one cause in the row and no other; the last column has the checks that found it.
`{name}` is the name of the host's domain, `{v4}` and `{v6}` are its addresses, `{folder}` is the folder of all files.
";
const HEADING: &str =
    "| | what is wrong | where it is planted | cause told, and whose fault | found by |\n|---|---|---|---|---|\n";
const VERSIONS: &[(&str, &[&str])] = &[
    ("dovecot", &["--version"]),
    ("postconf", &["-d", "mail_version"]),
    ("knotd", &["--version"]),
    ("unbound", &["-V"]),
    ("nft", &["--version"]),
];
