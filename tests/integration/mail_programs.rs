//! Mail programs that people use, against the mock server with certificate checks on: mbsync, msmtp, fetchmail,
//! offlineimap, GNU SASL.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use provost_tests::{folder, installed};

use crate::command_line_clients::{listing, messages, run};
use crate::mock::{mock, port};

#[test]
fn mbsync_syncs_five_hundred_messages_both_ways_and_then_has_nothing_to_do() {
    let Some(mbsync) = installed("mbsync") else { return };
    let (_running, ready) = mock(&[]);
    let home = folder();
    let mail = home.path().join("mail");
    fs::create_dir(&mail).unwrap();
    for (security, service) in [("IMAPS", "imaps"), ("STARTTLS", "imap")] {
        let settings = home.path().join(service);
        let mail = mail.display();
        let state = home.path().join("state");
        write_private(
            &settings,
            &format!(
                "IMAPAccount mock\nHost localhost\nPort {}\nUser {LOGIN}\nPass {PASSWORD}\nSSLType {security}\n\
                 CertificateFile {}\n\nIMAPStore far\nAccount mock\n\nMaildirStore near\nPath {mail}/\n\
                 Inbox {mail}/INBOX\nSubFolders Verbatim\n\nChannel all\nFar :far:\nNear :near:\nPatterns *\n\
                 Create Both\nExpunge Both\nSyncState {}/\n",
                port(&ready, service),
                ready["ca"].as_str().unwrap(),
                state.display(),
            ),
        );
        fs::create_dir_all(&state).unwrap();
        run(&mbsync, home.path(), &["--config", service, "--all"], "");
    }
    let inbox = Path::new(&mail).join("INBOX");
    assert_eq!(messages(&inbox), 7, "the ones that the mock starts with");
    for number in 0..500 {
        let message = format!("Subject: {number}\nMessage-ID: <{number}@here>\n\nNumber {number}.\n");
        fs::write(inbox.join(format!("new/1700000000.{number}.here")), message).unwrap();
    }
    run(&mbsync, home.path(), &["--config", "imaps", "--all"], "");
    let output = run(&mbsync, home.path(), &["--config", "imaps", "--all", "--list"], "");
    assert!(String::from_utf8_lossy(&output.stdout).contains("INBOX"));

    // A second client finds all of them on the server.
    let other = home.path().join("other");
    fs::create_dir(&other).unwrap();
    let settings = fs::read_to_string(home.path().join("imaps")).unwrap();
    let settings = settings.replace(&mail.display().to_string(), &other.display().to_string());
    let settings = settings.replace("/state/", "/other-state/");
    fs::create_dir(home.path().join("other-state")).unwrap();
    write_private(&home.path().join("second"), &settings);
    run(&mbsync, home.path(), &["--config", "second", "--all"], "");
    assert_eq!(messages(&other.join("INBOX")), 507);
    let before = listing(&other.join("INBOX"));
    run(&mbsync, home.path(), &["--config", "second", "--all"], "");
    assert_eq!(listing(&other.join("INBOX")), before, "nothing was left to do");
}

#[test]
fn fetchmail_and_offlineimap_fetch_what_msmtp_sends() {
    let (Some(msmtp), Some(fetchmail), Some(offlineimap)) =
        (installed("msmtp"), installed("fetchmail"), installed("offlineimap"))
    else {
        return;
    };
    let (_running, ready) = mock(&[]);
    let home = folder();
    let ca = ready["ca"].as_str().unwrap();
    for (service, starttls) in [("submissions", "off"), ("submission", "on")] {
        let port = port(&ready, service);
        write_private(
            &home.path().join("msmtprc"),
            &format!(
                "account default\nhost localhost\nport {port}\nfrom {LOGIN}\nauth on\nuser {LOGIN}\n\
                 password {PASSWORD}\ntls on\ntls_starttls {starttls}\ntls_trust_file {ca}\n"
            ),
        );
        let message = format!("Subject: by {service}\n\n.A dot.\n");
        run(&msmtp, home.path(), &["--file=msmtprc", LOGIN], &message);
    }

    write_private(
        &home.path().join("fetchmailrc"),
        &format!(
            "poll localhost protocol POP3 port {} auth password user \"{LOGIN}\" password \"{PASSWORD}\" ssl sslcertck \
             sslcertfile {ca} keep mda \"cat >> fetched\"\n",
            port(&ready, "pop3s")
        ),
    );
    run(&fetchmail, home.path(), &["--fetchmailrc", "fetchmailrc", "--pidfile", "pid", "--all"], "");
    let fetched = fs::read_to_string(home.path().join("fetched")).unwrap();
    assert!(fetched.contains("Subject: by submissions") && fetched.contains("Subject: by submission\n"), "{fetched}");
    assert!(fetched.contains("\n.A dot.\n"), "{fetched}");

    write_private(
        &home.path().join("offlineimaprc"),
        &format!(
            "[general]\naccounts = mock\nmetadata = {home}/metadata\n\
             [Account mock]\nlocalrepository = near\nremoterepository = far\n\
             [Repository near]\ntype = Maildir\nlocalfolders = {home}/offline\n\
             [Repository far]\ntype = IMAP\nremotehost = localhost\nremoteport = {}\nremoteuser = {LOGIN}\n\
             remotepass = {PASSWORD}\nssl = yes\nsslcacertfile = {ca}\n",
            port(&ready, "imaps"),
            home = home.path().display(),
        ),
    );
    run(&offlineimap, home.path(), &["-c", "offlineimaprc", "-o", "-u", "basic"], "");
    assert_eq!(messages(&home.path().join("offline/INBOX")), 9);
}

/// GNU SASL computes every proof by itself, and checks the server's.
#[test]
fn gsasl_logs_in_by_every_mechanism_with_and_without_channel_binding() {
    let Some(gsasl) = installed("gsasl") else { return };
    let (_running, ready) = mock(&[]);
    let log_in = |protocol: &str, service: &str, mechanism: &str, password: &str| {
        let server = format!("localhost:{}", port(&ready, service));
        let mut command = Command::new(&gsasl);
        command.args([protocol, "--starttls", "--connect", &server, "--mechanism", mechanism]);
        command.args(["--authentication-id", LOGIN, "--authorization-id", "", "--x509-ca-file"]);
        command.arg(ready["ca"].as_str().unwrap());
        // A client that could bind and does not looks like the victim of a downgrade (RFC 5802 §6).
        if !mechanism.ends_with("-PLUS") {
            command.arg("--no-cb");
        }
        // gsasl asks for the password, which so stays out of the arguments.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    for mechanism in ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"] {
        for (protocol, service) in [("--imap", "imap"), ("--smtp", "submission")] {
            let output = log_in(protocol, service, mechanism, PASSWORD);
            let said = [output.stdout.as_slice(), &output.stderr].map(String::from_utf8_lossy).concat();
            assert!(output.status.success(), "{protocol} {mechanism}: {said}");
            assert!(!log_in(protocol, service, mechanism, "wrong").status.success(), "{protocol} {mechanism}");
        }
    }
}

/// Some programs refuse files with passwords that others may read.
fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

const LOGIN: &str = "jane@example.test";
const PASSWORD: &str = "open-sesame";
