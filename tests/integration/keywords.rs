//! Every keyword of a program's manual, judged by the program: a file is built from each keyword and value, and given to
//! the program and to our reader, which must agree whether it is taken, and on the servers, ports, TLS, logins and
//! methods. What our reader does not follow must be a finding `not-followed` at a line with the keyword. It knows the
//! language of no program; those are the modules of `keywords/`.
//!
//! To add a program:
//! - `fixtures/keywords/NAME.tsv`: a line for each keyword of the manual, then the values to try, separated by tabs.
//!   `""` is no value at all, `\n` in a value a line break. A line that starts with `#` is a comment; the first one names
//!   the program and its version.
//! - `keywords/NAME.rs` with a [`Program`]: the files that are built from a keyword and a value (alone, quoted, twice, in
//!   the wrong section, …), and how the program is asked. What the program does not say is `None`, and not compared.
//! - a test of its own, which calls [`Program::agrees`]. `PROVOST_KEYWORD=NAME` tries one keyword only.

mod aerc;
mod fetchmail;
mod getmail;
mod mbsync;
mod mpop;
mod msmtp;
mod neomutt;
mod offlineimap;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use provost_account::codes::profile::{NOT_FOLLOWED, NOTHING_TO_SET_UP};
use provost_account::{Authentication, EmailAddress, Finding, IncomingProtocol, Security, Server, Severity};
use provost_device::{Person, SourceFile, formats};
use provost_tests::{folder, installed, root};

/// A program, and how it is asked what a file says.
struct Program {
    /// Its name: of the command, the list of keywords, and our format.
    name: &'static str,
    /// What a file of its is called.
    file: &'static str,
    /// The files that are built from a keyword and a value: what each is, and its text.
    files: fn(keyword: &str, value: &str) -> Vec<(&'static str, String)>,
    /// Keywords and values that are not compared, and why: what the program would only notice later.
    excused: &'static [(&'static str, &'static str, &'static str)],
    /// What the program makes of a file.
    ask: fn(program: &Path, file: &Path) -> Verdict,
}

/// What a program, or our reader, makes of a file.
enum Verdict {
    /// It does not take the file, and says why.
    Refused(String),
    /// It takes the file, and says nothing of servers.
    Read,
    /// It takes the file, and would use these servers.
    Taken(Vec<Values>),
}

/// What a program says about a server; `None` where it says nothing.
#[derive(Debug, Default)]
struct Values {
    protocol: Option<&'static str>,
    host: Option<String>,
    port: Option<String>,
    security: Option<Security>,
    /// Empty: no login name.
    login: Option<String>,
    authentication: Option<Authentication>,
}

impl Program {
    /// Fails with every row on which the program and our reader differ.
    #[track_caller]
    fn agrees(&self) {
        let Some(program) = installed(self.name) else { return };
        let list = root().join(format!("fixtures/keywords/{}.tsv", self.name));
        let list = fs::read_to_string(&list).unwrap_or_else(|error| panic!("{}: {error}", list.display()));
        let only = std::env::var("PROVOST_KEYWORD").ok();
        let folder = folder();
        let (mut wrong, mut count) = (Vec::new(), 0);
        let mut needed = BTreeSet::new();
        for line in list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (keyword, values) = line.split_once('\t').unwrap_or_else(|| panic!("{line}: no value to try"));
            if only.as_ref().is_some_and(|only| only != keyword) {
                continue;
            }
            for value in values.split('\t') {
                let text = if value == "\"\"" { String::new() } else { value.replace("\\n", "\n") };
                for (what, text) in (self.files)(keyword, &text) {
                    count += 1;
                    let path = folder.path().join(self.file);
                    write_for_the_owner(&path, &text);
                    let Some(difference) = self.difference(&program, &path, keyword, &text) else { continue };
                    let excuse = self.excused.iter().find(|it| it.0 == keyword && it.1 == value);
                    if let Some((_, _, why)) = excuse {
                        needed.insert((keyword, value, *why));
                    } else {
                        wrong.push(format!("{keyword} {value} ({what}): {difference}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} of {count} files:\n{}", wrong.len(), wrong.join("\n"));
        assert!(only.is_some() || count >= 100, "only {count} files");
        assert!(only.is_some() || needed.len() == self.excused.len(), "the only excuses that are needed: {needed:?}");
    }

    /// How the program and our reader differ about a file.
    fn difference(&self, program: &Path, path: &Path, keyword: &str, text: &str) -> Option<String> {
        let (ours, findings) = self.read(path, text);
        let said = |finding: &&Finding| format!("{}: {}", finding.code.name, finding.message);
        let difference = match ((self.ask)(program, path), ours) {
            (Verdict::Refused(_), Verdict::Refused(_)) | (Verdict::Read, Verdict::Taken(_) | Verdict::Read) => {
                return None;
            }
            (Verdict::Read, Verdict::Refused(why)) if why.starts_with(NOTHING_TO_SET_UP.name) => return None,
            (Verdict::Refused(why), Verdict::Taken(_) | Verdict::Read) => format!("refused ({why}), and we take it"),
            // It is nobody's account.
            (Verdict::Taken(theirs), Verdict::Refused(why))
                if theirs.is_empty() && why.starts_with(NOTHING_TO_SET_UP.name) =>
            {
                return None;
            }
            (Verdict::Taken(_) | Verdict::Read, Verdict::Refused(why)) => format!("taken, and we refuse it ({why})"),
            (Verdict::Taken(_), Verdict::Read) => unreachable!("our reader says which servers"),
            (Verdict::Taken(theirs), Verdict::Taken(ours)) => differences(&theirs, &ours)?,
        };
        let is_at_keyword = |finding: &&Finding| {
            let line = finding.place.and_then(|place| text.lines().nth(place.line - 1));
            finding.code == NOT_FOLLOWED && line.is_some_and(|line| line.contains(keyword))
        };
        if findings.iter().any(|finding| is_at_keyword(&finding)) {
            return None;
        }
        let notes = findings.iter().filter(|finding| finding.code.severity != Severity::Error);
        let notes: Vec<String> = notes.map(|finding| said(&finding)).collect();
        Some(format!("{difference} [{}]", notes.join("; ")))
    }

    /// What our reader makes of a file, and its findings.
    fn read(&self, path: &Path, text: &str) -> (Verdict, Vec<Finding>) {
        let format = formats().iter().find(|format| format.name == self.name).expect("a format of the program's name");
        let file = SourceFile { path: path.to_str().unwrap(), bytes: text.as_bytes() };
        let person = Person { address: Some(EmailAddress::try_from("jane@example.org").unwrap()), full_name: None };
        let refused = |findings: &[Finding]| {
            let why = findings.iter().find(|finding| finding.code.severity == Severity::Error);
            why.map(|finding| Verdict::Refused(format!("{}: {}", finding.code.name, finding.message)))
        };
        match format.read(&[file], &person) {
            Err(findings) => (refused(&findings).expect("a refusal has an error"), findings),
            Ok(reading) => {
                let accounts = reading.profiles.iter().map(|profile| &profile.account);
                let servers = accounts.flat_map(|account| {
                    let incoming = account.incoming.iter().map(|it| Values::of(Some(it.protocol), &it.server));
                    incoming.chain(account.outgoing.iter().map(|it| Values::of(None, it)))
                });
                (refused(&reading.findings).unwrap_or(Verdict::Taken(servers.collect())), reading.findings)
            }
        }
    }
}

impl Values {
    /// What our reader understood; without a protocol of receiving it is a server to send by.
    fn of(protocol: Option<IncomingProtocol>, server: &Server) -> Self {
        let endpoint = &server.endpoint;
        Self {
            protocol: Some(protocol.map_or("smtp", IncomingProtocol::name)),
            host: Some(endpoint.host.to_string()),
            port: Some(endpoint.port.to_string()),
            security: Some(endpoint.security),
            login: Some(server.login.as_ref().map_or(String::new(), ToString::to_string)),
            authentication: Some(endpoint.authentication),
        }
    }

    /// The values that the program says and that we have otherwise.
    fn difference(&self, ours: &Self) -> Vec<String> {
        fn one<T: PartialEq + std::fmt::Debug>(what: &str, theirs: Option<&T>, ours: Option<&T>) -> Option<String> {
            (theirs.is_some() && theirs != ours).then(|| format!("{what} {theirs:?}, ours {ours:?}"))
        }
        let differences = [
            one("protocol", self.protocol.as_ref(), ours.protocol.as_ref()),
            one("host", self.host.as_ref(), ours.host.as_ref()),
            one("port", self.port.as_ref(), ours.port.as_ref()),
            one("TLS", self.security.as_ref(), ours.security.as_ref()),
            one("login", self.login.as_ref(), ours.login.as_ref()),
            one("auth", self.authentication.as_ref(), ours.authentication.as_ref()),
        ];
        differences.into_iter().flatten().collect()
    }
}

fn differences(theirs: &[Values], ours: &[Values]) -> Option<String> {
    if theirs.len() != ours.len() {
        return Some(format!("{} servers, ours {}", theirs.len(), ours.len()));
    }
    let differences: Vec<String> = theirs.iter().zip(ours).flat_map(|(theirs, ours)| theirs.difference(ours)).collect();
    (!differences.is_empty()).then(|| differences.join(", "))
}

/// Some programs take no file that others may read.
fn write_for_the_owner(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
