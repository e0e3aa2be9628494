//! Programs that judge the mock: they read no generated file and are given the servers by hand. curl, another one, is
//! with the clients that work as it does.

use std::process::Command;

use anyhow::ensure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::command_line::{at_home, finish, quoted};
use crate::clients::stage::{PASSWORD, Stage};
use crate::clients::{Proof, Step};

/// swaks by TLS and by STARTTLS. It checks the chain of the certificate but not the host name, which `openssl` does.
pub(crate) fn swaks(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    for (server, tls) in [("smtp.centurylink.com:465", "--tls-on-connect"), ("smtp.centurylink.com:587", "--tls")] {
        let watch = stage.reset()?;
        let subject = format!("by swaks {tls}");
        let mut swaks = at_home(home.path(), "swaks");
        swaks.args(["--server", server, tls, "--tls-verify", "--tls-ca-path"]).arg(stage.authority());
        swaks.args(["--auth", "PLAIN", "--auth-user", person, "--from", person, "--to", person]);
        swaks.args(["--header", &format!("Subject: {subject}")]);
        // In the environment, so that no process list shows it.
        finish(swaks.env("SWAKS_OPT_auth_password", PASSWORD), "", &[0])?;
        stage.logged_in(&watch, "smtp")?;
        proof.has(Step::Login);
        stage.has_come(person, &subject)?;
        proof.has(Step::Send);
    }
    Ok(())
}

/// `openssl s_client`, which checks chain and host name; the login is typed into it.
pub(crate) fn openssl(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let home = stage.home_of(person)?;
    let imap = format!("a LOGIN \"{}\" \"{}\"\nb LOGOUT\n", quoted(person), quoted(PASSWORD));
    let pop3 = format!("USER {person}\nPASS {PASSWORD}\nQUIT\n");
    let plain = BASE64.encode(format!("\0{person}\0{PASSWORD}"));
    let smtp = format!("EHLO judge.centurylink.net\nAUTH PLAIN {plain}\nQUIT\n");
    for (protocol, host, port, talk, more) in [
        ("imap", "imap.centurylink.com", 993, &imap, &[][..]),
        ("pop3", "pop.centurylink.net", 995, &pop3, &[]),
        ("smtp", "smtp.centurylink.com", 465, &smtp, &[]),
        ("smtp", "smtp.centurylink.com", 587, &smtp, &["-starttls", "smtp"]),
    ] {
        let watch = stage.reset()?;
        let mut openssl: Command = at_home(home.path(), "openssl");
        openssl.args(["s_client", "-connect", &format!("{host}:{port}"), "-verify_hostname", host]);
        // Quiet: letters at the start of a line are no commands, and it stays until the server closes.
        openssl.args(["-verify_return_error", "-crlf", "-quiet", "-CAfile"]).arg(stage.authority()).args(more);
        let said = finish(&mut openssl, talk, &[0])?;
        let said = String::from_utf8_lossy(&said.stderr);
        ensure!(said.contains("verify return:1"), "{host}:{port}: no word of a check: {said}");
        stage.logged_in(&watch, protocol)?;
    }
    proof.has(Step::Login);
    Ok(())
}
