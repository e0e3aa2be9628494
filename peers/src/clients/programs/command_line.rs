//! Clients without a window: each runs with its own home, which holds the generated files unchanged.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, anyhow, bail, ensure};

use crate::clients::stage::screen::Screen;
use crate::clients::stage::{AT_THE_START, PASSWORD, Stage, Watch};
use crate::clients::{Proof, Step};
use crate::namespaces::is_root;

/// `mbsync --all`, twice.
pub(crate) fn mbsync(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let watch = stage.reset()?;
    fs::create_dir(home.path().join("Maildir"))?;
    run(home.path(), "mbsync", &["--list", "mail"], "")?;
    proof.has(Step::Provision);
    let inbox = home.path().join("Maildir/INBOX");
    fetches(stage, person, proof, (&watch, "imap"), (&inbox, AT_THE_START), || {
        run(home.path(), "mbsync", &["--all"], "")
    })
}

/// msmtp by each of its accounts: SSL, and STARTTLS.
pub(crate) fn msmtp(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    for account in ["mail", "mail-2"] {
        let watch = stage.reset()?;
        run(home.path(), "msmtp", &["--pretend", "--account", account], "")?;
        proof.has(Step::Provision);
        let subject = format!("by msmtp {account}");
        run(home.path(), "msmtp", &["--account", account, "--", person], &message(&subject))?;
        stage.logged_in(&watch, "smtp")?;
        proof.has(Step::Login);
        stage.has_come(person, &subject)?;
        proof.has(Step::Send);
    }
    Ok(())
}

/// mpop, which fetches everything and leaves it on the server.
pub(crate) fn mpop(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let watch = stage.reset()?;
    let maildir = home.path().join("Maildir");
    make_maildir(&maildir)?;
    run(home.path(), "mpop", &["--pretend"], "")?;
    proof.has(Step::Provision);
    fetches(stage, person, proof, (&watch, "pop3"), (&maildir, AT_THE_START), || run(home.path(), "mpop", &[], ""))
}

/// Fetches the messages into a maildir, and then one that arrives later. None is removed from the server.
fn fetches(
    stage: &Stage,
    person: &str,
    proof: &mut Proof,
    (watch, protocol): (&Watch, &str),
    (maildir, count): (&Path, usize),
    fetch: impl Fn() -> anyhow::Result<Output>,
) -> anyhow::Result<()> {
    let output = fetch()?;
    // getmail ends well although the server lets nobody in.
    stage.logged_in(watch, protocol).map_err(|error| anyhow!("{error}\n{}", said(&output)))?;
    proof.has(Step::Login);
    let found = listing(maildir).len();
    ensure!(found == count, "{found} messages instead of {count} in {}", maildir.display());
    proof.has(Step::Sync);
    stage.deliver(person, "what came later")?;
    fetch()?;
    let is_it = |path: &PathBuf| fs::read(path).is_ok_and(|raw| holds(&raw, "Subject: what came later"));
    ensure!(listing(maildir).iter().any(is_it), "the later message is not in {}", maildir.display());
    proof.has(Step::Receive);
    nothing_is_removed(stage, person)
}

fn nothing_is_removed(stage: &Stage, person: &str) -> anyhow::Result<()> {
    let left = stage.messages(person, "INBOX", 0)?.len();
    ensure!(left == AT_THE_START + 1, "{left} messages are left on the server");
    Ok(())
}

/// fetchmail, whose password is in `~/.netrc`: it asks no command for one.
pub(crate) fn fetchmail(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let watch = stage.reset()?;
    // For whatever login name the file has: without a password it would never ask the server.
    let local_part = person.split_once('@').map_or(person, |(local_part, _)| local_part);
    let netrc = [person, local_part]
        .map(|login| format!("machine imap.centurylink.com login \"{login}\" password \"{PASSWORD}\"\n"));
    private(&home.path().join(".netrc"), &netrc.concat())?;
    run(home.path(), "fetchmail", &["--configdump"], "")?;
    proof.has(Step::Provision);
    let spool = home.path().join("spool");
    // The file names neither the mail's destination nor the authority, which belongs in the system's store: OpenSSL reads
    // this file instead. Exit code 1 is no new mail.
    let fetch = |arguments: &[&str]| {
        let deliver = format!("cat >> '{}'", spool.display());
        let mut command = at_home(home.path(), "fetchmail");
        command.args(["--mda", &deliver, "--pidfile", "pid"]).args(arguments);
        finish(command.env("SSL_CERT_FILE", stage.authority()), "", &[0, 1])
    };
    fetch(&["--all"])?;
    stage.logged_in(&watch, "imap")?;
    proof.has(Step::Login);
    let fetched = || -> anyhow::Result<String> { Ok(String::from_utf8_lossy(&fs::read(&spool)?).into_owned()) };
    let count = fetched()?.lines().filter(|line| line.starts_with("Received: from imap.centurylink.com")).count();
    ensure!(count == AT_THE_START, "{count} messages instead of {AT_THE_START}");
    proof.has(Step::Sync);
    stage.deliver(person, "for fetchmail")?;
    fetch(&[])?;
    ensure!(fetched()?.contains("Subject: for fetchmail"), "the message did not come");
    proof.has(Step::Receive);
    nothing_is_removed(stage, person)
}

/// getmail, which does not deliver as root.
pub(crate) fn getmail(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let watch = stage.reset()?;
    let maildir = home.path().join("Maildir");
    make_maildir(&maildir)?;
    if is_root() {
        run(home.path(), "chown", &["--recursive", "nobody", "."], "")?;
    }
    let getmail = |arguments: &[&str]| match is_root() {
        true => {
            let before = ["--reuid=65534", "--regid=65534", "--clear-groups", "getmail"];
            run(home.path(), "setpriv", &[&before, arguments].concat(), "")
        }
        false => run(home.path(), "getmail", arguments, ""),
    };
    getmail(&["--dump"])?;
    proof.has(Step::Provision);
    fetches(stage, person, proof, (&watch, "imap"), (&maildir, AT_THE_START), || getmail(&[]))
}

/// himalaya, which keeps no mail: what it lists is what it has.
pub(crate) fn himalaya(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let watch = stage.reset()?;
    run(home.path(), "himalaya", &["account", "list"], "")?;
    proof.has(Step::Provision);
    let listed = || -> anyhow::Result<String> {
        Ok(String::from_utf8(run(home.path(), "himalaya", &["envelope", "list"], "")?.stdout)?)
    };
    let list = listed()?;
    stage.logged_in(&watch, "imap")?;
    proof.has(Step::Login);
    let count = list.matches("days before").count();
    ensure!(count == AT_THE_START, "it lists {count} messages");
    proof.has(Step::Sync);
    let message = format!("From: {person}\r\nTo: {person}\r\n{}", message("by himalaya"));
    run(home.path(), "himalaya", &["message", "send"], &message)?;
    stage.has_come(person, "by himalaya")?;
    proof.has(Step::Send);
    ensure!(listed()?.contains("by himalaya"), "it does not list what came");
    proof.has(Step::Receive);
    Ok(())
}

/// offlineimap, single-threaded, so that its output has the same order each time.
pub(crate) fn offlineimap(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let watch = stage.reset()?;
    let inbox = home.path().join("Maildir/INBOX");
    let fetch = || run(home.path(), "offlineimap", &["-o", "-1", "-u", "basic"], "");
    fetch()?;
    proof.has(Step::Provision);
    fetches(stage, person, proof, (&watch, "imap"), (&inbox, stage.recent(person)?), fetch)?;
    // What is removed here is not removed there.
    listing(&inbox).iter().try_for_each(fs::remove_file)?;
    fetch()?;
    nothing_is_removed(stage, person)
}

/// neomutt, which reads on a screen, and sends without one.
pub(crate) fn neomutt(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let watch = stage.reset()?;
    run(home.path(), "neomutt", &["-Q", "smtp_url"], "")?;
    proof.has(Step::Provision);
    stage.deliver(person, "for neomutt")?;
    // Its messages disappear at once; all of them are in its log.
    let read = "neomutt -d 1 -l log -e 'set sleep_time=0 nowait_key'";
    let mut screen = Screen::start(home.path(), read, &stage.authority())?;
    if let Err(error) = screen.wait_for("for neomutt", &["(no mailbox)", "SSL Certificate check"]) {
        let log = logged(&home.path().join("log0"), &["<E>", "failed: "], "() ")?;
        let shown = screen.lines();
        let issuer = shown.iter().skip_while(|line| *line != "This certificate was issued by:").take(2);
        let warnings = shown.iter().filter(|line| line.starts_with("WARNING"));
        bail!("{error:#}\n{}", issuer.chain(warnings).chain(&log).cloned().collect::<Vec<_>>().join("\n"));
    }
    stage.logged_in(&watch, "imap")?;
    proof.has(Step::Login);
    screen.press(":push '<last-entry><pipe-message>cat > message<enter><exit>'\r")?;
    screen.end()?;
    let message = fs::read(home.path().join("message")).context("neomutt showed no message")?;
    ensure!(holds(&message, "Subject: for neomutt"), "it shows another message last");
    proof.has(Step::Sync);
    proof.has(Step::Receive);
    run(home.path(), "neomutt", &["-s", "by neomutt", "--", person], "Hello.\n")?;
    stage.logged_in(&watch, "smtp")?;
    stage.has_come(person, "by neomutt")?;
    proof.has(Step::Send);
    Ok(())
}

/// aerc on a screen. It takes an authority only from the environment.
pub(crate) fn aerc(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let watch = stage.reset()?;
    let mut screen = Screen::start(home.path(), "aerc > log", &stage.authority())?;
    if let Err(error) = screen.wait_for("days before", &["Disconnected"]) {
        // The log has the reason only when aerc has ended, as it may have done already.
        if screen.press(":quit\r").is_ok() {
            screen.end()?;
        }
        let log = logged(&home.path().join("log"), &["ERROR"], ": [mail] ")?;
        bail!("{error:#}\n{}", log.join("\n"));
    }
    proof.has(Step::Provision);
    stage.logged_in(&watch, "imap")?;
    proof.has(Step::Login);
    proof.has(Step::Sync);
    screen.press(&format!(":compose -H \"To: {person}\" -H \"Subject: by-aerc\"\r"))?;
    screen.wait_for("Send this email?", &[])?;
    screen.press("y")?;
    if let Err(error) = screen.wait_for("sent.", &["failed: ", "send:: "]) {
        bail!("{error:#}\n{}", screen.lines().pop().context("it shows nothing")?);
    }
    stage.has_come(person, "by-aerc")?;
    proof.has(Step::Send);
    screen.press(":quit\r")?;
    screen.end()?;
    let mut screen = Screen::start(home.path(), "aerc > log", &stage.authority())?;
    screen.wait_for("by-aerc", &["Disconnected"])?;
    proof.has(Step::Receive);
    screen.press(":quit\r")?;
    screen.end()?;
    Ok(())
}

/// The lines of a client's log with one of the marks, each once, from behind `before`.
fn logged(log: &Path, marks: &[&str], before: &str) -> anyhow::Result<Vec<String>> {
    let log = fs::read(log).context("it wrote no log")?;
    let mut words: Vec<String> = Vec::new();
    for line in String::from_utf8_lossy(&log).lines().filter(|line| marks.iter().any(|mark| line.contains(mark))) {
        let said = line.split_once(before).map_or(line, |(_, said)| said).to_owned();
        if !words.contains(&said) {
            words.push(said);
        }
    }
    Ok(words)
}

/// curl judges the mock: it reads no generated file and gets the settings as arguments.
pub(crate) fn curl(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let watch = stage.reset()?;
    let authority = stage.authority();
    let login = format!("user = \"{}:{}\"\n", quoted(person), quoted(PASSWORD));
    let curl = |arguments: &[&str]| {
        let mut all = vec!["--silent", "--show-error", "--config", "-", "--cacert"];
        all.push(authority.to_str().unwrap_or("ca.pem"));
        all.extend(arguments);
        run(home.path(), "curl", &all, &login)
    };
    curl(&["imaps://imap.centurylink.com/INBOX?ALL"])?;
    stage.logged_in(&watch, "imap")?;
    proof.has(Step::Login);
    let folder = curl(&["--head", "pop3s://pop.centurylink.net/"])?;
    ensure!(folder.status.success(), "no answer by POP3");
    fs::write(home.path().join("message"), message("by curl").replace('\n', "\r\n"))?;
    for server in ["smtps://smtp.centurylink.com", "smtp://smtp.centurylink.com:587"] {
        let from = format!("<{person}>");
        curl(&["--ssl-reqd", "--mail-from", &from, "--mail-rcpt", &from, "--upload-file", "message", server])?;
    }
    stage.has_come(person, "by curl")?;
    proof.has(Step::Send);
    stage.deliver(person, "for curl")?;
    let number = AT_THE_START + 3;
    let output = curl(&[&format!("imaps://imap.centurylink.com/INBOX;MAILINDEX={number}")])?;
    ensure!(holds(&output.stdout, "Subject: for curl"), "message {number} is another one");
    proof.has(Step::Receive);
    Ok(())
}

/// Text escaped for quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A message to send.
pub(crate) fn message(subject: &str) -> String {
    format!("Subject: {subject}\n\nHello.\n")
}

/// Runs a program at home, with something on its standard input. The error holds what it said.
pub(crate) fn run(home: &Path, program: &str, arguments: &[&str], stdin: &str) -> anyhow::Result<Output> {
    finish(at_home(home, program).args(arguments), stdin, &[0])
}

pub(crate) fn at_home(home: &Path, program: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args([SECONDS_MAX, program]).current_dir(home).env("HOME", home).env_remove("RUST_BACKTRACE");
    command
}

/// Runs a command to its end, with one of the exit codes.
pub(crate) fn finish(command: &mut Command, stdin: &str, fine: &[i32]) -> anyhow::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // A program may end before it reads.
    let _ = child.stdin.take().context("it was piped")?.write_all(stdin.as_bytes());
    let output = child.wait_with_output()?;
    let ended = output.status;
    ensure!(ended.code() != Some(TIMED_OUT), "it does not end within {SECONDS_MAX} seconds\n{}", said(&output));
    ensure!(ended.code().is_some_and(|code| fine.contains(&code)), "it ended with {ended}\n{}", said(&output));
    Ok(output)
}

pub(crate) fn said(output: &Output) -> String {
    let said = [output.stdout.as_slice(), &output.stderr].map(String::from_utf8_lossy).concat();
    said.trim().to_owned()
}

fn private(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

pub(crate) fn make_maildir(maildir: &Path) -> anyhow::Result<()> {
    ["cur", "new", "tmp"].iter().try_for_each(|part| Ok(fs::create_dir_all(maildir.join(part))?))
}

fn listing(maildir: &Path) -> Vec<PathBuf> {
    let folders = ["new", "cur"].iter().filter_map(|folder| fs::read_dir(maildir.join(folder)).ok());
    folders.flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn holds(raw: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(raw).contains(text)
}

/// How long a client may take for what takes a second.
const SECONDS_MAX: &str = "20";
/// What `timeout` says then.
const TIMED_OUT: i32 = 124;
