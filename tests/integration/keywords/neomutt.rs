//! NeoMutt, asked by `-D`, which reads the configuration, prints every variable, and connects to nobody. It goes on after a
//! line with an error, so it refuses no file. Of STARTTLS it says what its variables are, not what it would do.

use std::path::Path;
use std::process::{Command, Stdio};

use provost_account::Security;

use super::{Program, Values, Verdict};

#[test]
fn neomutt_and_our_reader_agree_about_every_variable_and_command_of_its_manual() {
    Program { name: "neomutt", file: "neomuttrc", files, excused: EXCUSED, ask }.agrees();
}

const EXCUSED: &[(&str, &str, &str)] = &[
    ("folder", "imaps://mail.example.org:99999/", "noticed when it connects"),
    ("pop_host", "\"\"", "a host with a wrong character is noticed when it connects"),
];

const ACCOUNT: &str = "set folder = \"imaps://mail.example.org/\"\nset spool_file = \"+INBOX\"\n\
    set imap_user = \"jane@example.org\"\nset smtp_url = \"smtp://jane@smtp.example.org:587/\"\n";

/// What concerns a server is written in every way that the language has; everything else before and after an account.
fn files(keyword: &str, value: &str) -> Vec<(&'static str, String)> {
    let is_command = keyword.contains("-hook") || COMMANDS.contains(&keyword);
    if is_command {
        let line = format!("{keyword} {value}");
        let mut files = vec![
            ("after the account", format!("{ACCOUNT}{line}\n")),
            ("before the account", format!("{line}\n{ACCOUNT}")),
        ];
        // Of others, a mistake is not told from what is right.
        if ["set", "unset", "reset", "toggle", "finish", "ifdef", "ifndef"].contains(&keyword) {
            files.push(("with another command behind it", format!("{ACCOUNT}{line}; set imap_user=late\n")));
        }
        return files;
    }
    let line = format!("set {keyword} = {value}\n");
    let mut files = vec![("after the account", format!("{ACCOUNT}{line}"))];
    if !CONCERN_SERVERS.contains(&keyword) {
        return files;
    }
    let bare = value.trim_matches('"');
    let more = |text: String| format!("{ACCOUNT}{text}\n");
    files.extend([
        ("before the account", format!("{line}{ACCOUNT}")),
        ("without the account", line),
        ("without blanks", more(format!("set {keyword}={value}"))),
        ("in single quotation marks", more(format!("set {keyword}='{bare}'"))),
        ("in half a quotation", more(format!("set {keyword}=\"{bare}"))),
        ("with a backslash", more(format!("set {keyword}=\\{bare}"))),
        ("before another variable", more(format!("set {keyword}={value} imap_user=late"))),
        ("behind a variable that is unknown", more(format!("set nosuchvariable=1 {keyword}={value}"))),
        ("twice", more(format!("set {keyword}={value}\nset {keyword}=x"))),
        ("added", more(format!("set {keyword} += {value}"))),
        ("taken away", more(format!("set {keyword} -= {value}"))),
        ("by another variable", more(format!("set my_x={value}\nset {keyword}=$my_x"))),
        ("by another variable, in quotation marks", more(format!("set my_x={value}\nset {keyword}=\"${{my_x}}\""))),
        ("unset", more(format!("set {keyword}={value}\nunset {keyword}"))),
        ("reset", more(format!("set {keyword}={value}\nreset {keyword}"))),
        ("toggled", more(format!("set {keyword}={value}\ntoggle {keyword}"))),
        ("with no before it", more(format!("set no{keyword}"))),
        ("with inv before it", more(format!("set inv{keyword}"))),
        ("asked for", more(format!("set {keyword}?"))),
        ("in a comment", more(format!("# set {keyword}={value}"))),
        ("behind a comment", more(format!("set # x {keyword}={value}"))),
        ("on two lines", more(format!("set \\\n  {keyword} \\\n  = {value}"))),
        ("behind a semicolon", more(format!("set wait_key=no;set {keyword}={value}"))),
        ("in capitals", more(format!("set {}={value}", keyword.to_uppercase()))),
    ]);
    files
}

fn ask(program: &Path, file: &Path) -> Verdict {
    let mut asked = Command::new(program);
    asked.args(["-n", "-D", "-F"]).arg(file).env_clear().env("HOME", file.parent().expect("a folder"));
    let output = asked.env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).output().expect("neomutt runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Verdict::Refused(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let variable = |name: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(&format!("set {name} = ")));
        line.unwrap_or_else(|| panic!("no {name} in {printed}")).trim_matches('"').replace("\\\"", "\"")
    };
    let forced = variable("ssl_force_tls") == "yes";
    let of = |kind: &str, protocol, url: &str| {
        let mut values = values(protocol, url, forced);
        // "Defaults to the value of $imap_user": of a user in the URL it says nothing.
        if kind == "imap" && !variable("imap_login").is_empty() {
            values.login = values.login.is_none().then(|| variable("imap_login"));
            return values;
        }
        if values.login.is_none() {
            values.login = Some(variable(&format!("{kind}_user")));
        }
        values
    };
    let (spool, pop, smtp) = (variable("spool_file"), variable("pop_host"), variable("smtp_url"));
    let mut servers = Vec::new();
    let folder = variable("folder");
    if has_scheme(&spool, "imap") {
        servers.push(of("imap", "imap", &spool));
    } else if has_scheme(&folder, "imap") && (spool.is_empty() || spool.starts_with("/var/mail/")) {
        // The mailbox that is opened first is what the system says, but the others are there.
        servers.push(of("imap", "imap", &folder));
    }
    if !pop.is_empty() {
        let url = if pop.contains("://") { pop } else { format!("pop://{pop}") };
        servers.push(of("pop", "pop3", &url));
    } else if has_scheme(&spool, "pop") {
        servers.push(of("pop", "pop3", &spool));
    }
    if has_scheme(&smtp, "smtp") {
        servers.push(of("smtp", "smtp", &smtp));
    }
    Verdict::Taken(servers)
}

fn has_scheme(url: &str, scheme: &str) -> bool {
    url.split_once("://").is_some_and(|(found, _)| found.to_lowercase().trim_end_matches('s') == scheme)
}

/// What a URL says, `SCHEME://[USER[:PASSWORD]@]HOST[:PORT]/…`.
fn values(protocol: &'static str, url: &str, forced: bool) -> Values {
    let Some((scheme, rest)) = url.split_once("://") else { return Values::default() };
    let place = rest.split('/').next().unwrap_or(rest);
    let (user, server) = place.rsplit_once('@').map_or((None, place), |(user, server)| (Some(user), server));
    let login = user.map(|user| user.split(':').next().unwrap_or(user).replace("%40", "@"));
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port.to_owned())),
        Some(_) | None => (server, None),
    };
    let security = match scheme.to_lowercase().ends_with('s') {
        true => Some(Security::ImplicitTls),
        false => forced.then_some(Security::StartTls),
    };
    let host = Some(host.trim_matches(['[', ']']).to_owned());
    Values { protocol: Some(protocol), host, port, security, login, authentication: None }
}

/// The variables that say which server, who logs in, and how TLS starts.
const CONCERN_SERVERS: &[&str] = &[
    "folder",
    "spool_file",
    "smtp_url",
    "smtp_user",
    "imap_user",
    "imap_login",
    "pop_host",
    "pop_user",
    "ssl_force_tls",
    "ssl_starttls",
    "from",
];

/// The commands of the manual that are no hooks.
const COMMANDS: &[&str] = &[
    "alias",
    "unalias",
    "alternates",
    "unalternates",
    "alternative_order",
    "unalternative_order",
    "attachments",
    "unattachments",
    "auto_view",
    "unauto_view",
    "bind",
    "unbind",
    "color",
    "uncolor",
    "exec",
    "group",
    "ungroup",
    "hdr_order",
    "unhdr_order",
    "ifdef",
    "ifndef",
    "finish",
    "ignore",
    "unignore",
    "lists",
    "unlists",
    "subscribe",
    "unsubscribe",
    "macro",
    "unmacro",
    "mailboxes",
    "named-mailboxes",
    "unmailboxes",
    "mailto_allow",
    "unmailto_allow",
    "mime_lookup",
    "unmime_lookup",
    "mono",
    "unmono",
    "my_hdr",
    "unmy_hdr",
    "push",
    "score",
    "unscore",
    "set",
    "unset",
    "reset",
    "toggle",
    "setenv",
    "unsetenv",
    "sidebar_whitelist",
    "unsidebar_whitelist",
    "source",
    "spam",
    "nospam",
    "subjectrx",
    "unsubjectrx",
    "unhook",
];
