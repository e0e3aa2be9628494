//! What a help desk needs to know about a profile: the servers, what is unusual and what it means, what the client
//! assumes and ignores; and with settings, expected and found values.

use std::fs;

use provost_tests::{folder, provost};
use serde_json::Value;

#[test]
fn a_strangers_profile_with_a_wrong_port_is_explained_and_proven_wrong() {
    let folder = folder();
    let file = folder.path().join("stranger.k9s");
    let stranger = fs::read_to_string(provost_tests::root().join("fixtures/fleet/formats-disagree/jane.k9s")).unwrap();
    let stranger = stranger.replace("imap.example.org", "imap.centurylink.com");
    let stranger =
        stranger.replace("smtp.example.org", "smtp.centurylink.com").replace(">jane<", ">jane.doe@centurylink.net<");
    fs::write(&file, stranger.replace("@example.org", "@centurylink.net")).unwrap();
    let path = file.to_str().unwrap();

    let run = provost(&["explain", path]);
    assert_eq!(
        (run.status, run.stdout.as_str(), run.stderr.as_str()),
        (
            Some(0),
            format!(
                "{path} (k9s), as K-9 Mail and Thunderbird for Android reads it
  address        jane.doe@centurylink.net
  name           Jane Doe
  account        Example mail
  receives from  imap imap.centurylink.com:994 SSL, password-cleartext as jane.doe@centurylink.net
  sends through  smtp smtp.centurylink.com:587 STARTTLS, password-cleartext as jane.doe@centurylink.net
  keeps          the client's default amount of mail
  unusual        imap on port 994, where 993 with SSL or 143 with STARTTLS is registered                 \
                 right only if the provider says this number (RFC 8314 section 7)
"
            )
            .as_str(),
            ""
        )
    );

    let settings = ["-c", "fixtures/centurylink/mail.yaml", "--users", "fixtures/centurylink/users.csv"];
    let run = provost(&[&["verify", path], &settings[..]].concat());
    assert_eq!(run.status, Some(1), "{}", run.output());
    assert!(
        run.stdout.contains(
            "      connect imap.centurylink.com:994: found: port 994 closed; expected: port 994 open\n        \
             cause: nothing listens there: the port is wrong, the service is down, or a firewall refuses\n        \
             fix: the settings say imap imap.centurylink.com:993 SSL; correct the profile\n"
        ),
        "{}",
        run.stdout
    );
}

#[test]
fn a_port_of_another_service_is_a_finding() {
    let run = provost(&["explain", "fixtures/fleet/ports-of-other-services"]);
    assert!(
        run.stderr.contains(
            "jane.mobileconfig: warning[port-of-another-service]: imap imap.example.org:995: port 995 is registered for pop3 \
             with SSL\n    fix: use 993 with SSL, or 143 with STARTTLS\n    source: RFC 8314 section 7\n"
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_out_of_the_ordinary_is_said_with_what_it_means() {
    check(
        "fixtures/fleet/outgoing-password-of-the-incoming-server",
        &[
            ("imap with a password in the file", "anyone who has the file can read and send mail"),
            ("smtp with a password in the file", "anyone who has the file can read and send mail"),
            (
                "logs in as jane.doe@example.org to receive, and as jane-sends to send",
                "a person who is asked for \"the\" login name will use one of them for both",
            ),
        ],
    );
    check(
        "fixtures/wild/apple-mobileconfig/starttls-without-ssl.mobileconfig",
        &[("smtp without TLS", "anyone on the network path, as in a café, can read the mail and the password")],
    );
    // Nothing is unusual in a good file.
    check("fixtures/wild/apple-mobileconfig/dead-smime-keys.mobileconfig", &[]);
}

#[test]
fn what_is_ignored_is_said_with_its_line() {
    let run = provost(&["explain", "fixtures/wild/apple-mobileconfig/dead-smime-keys.mobileconfig"]);
    let ignored = run.stdout.lines().find(|line| line.starts_with("  ignores")).unwrap();
    assert!(ignored.starts_with("  ignores        SMIMEEnabled (line 26)  "), "{ignored}");
    assert!(ignored.ends_with("  ignored since iOS 10"), "{ignored}");
}

#[test]
fn a_profile_that_says_no_address_is_explained_once_it_is_given() {
    let file = "fixtures/wild/apple-mobileconfig/asks-for-everything.mobileconfig";
    let run = provost(&["explain", file]);
    assert_eq!(
        run.stdout,
        format!("{file} (apple-mobileconfig)\n  no account until an address is known; give --address\n")
    );
    let run = provost(&["explain", "--address", "jane.doe@example.org", file]);
    let assumes = run.stdout.lines().filter(|line| line.starts_with("  assumes"));
    let source = "https://developer.apple.com/documentation/devicemanagement/mail";
    let assumed: Vec<&str> = assumes
        .map(|line| line.trim_start_matches("  assumes").trim().strip_suffix(source).unwrap().trim_end())
        .collect();
    assert!(assumed.contains(&"IncomingMailServerUsername = asked of the person"), "{assumed:?}");
    assert!(assumed.contains(&"EmailAddress = jane.doe@example.org"), "{assumed:?}");
}

#[test]
fn a_folder_is_explained_with_the_addresses_of_its_manifest() {
    let folder = folder();
    let out = folder.path().to_str().unwrap();
    let settings = ["-c", "fixtures/lantern/mail.yaml", "--users", "fixtures/lantern/users.csv"];
    let only = ["--only", "thunderbird-autoconfig", "-o", out];
    assert_eq!(provost(&[&["generate"], &settings[..], &only].concat()).status, Some(0));
    let run = provost(&["explain", "--json", out]);
    let addresses: Vec<String> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["address"].as_str().unwrap().to_owned())
        .collect();
    // The two files for the whole domain are explained for the person with whose values they are proven.
    assert_eq!(
        addresses,
        ["wick@lantern.example", "wick@lantern.example", "flame@lantern.example", "wick@lantern.example"]
    );
}

#[track_caller]
fn check(path: &str, expected: &[(&str, &str)]) {
    let run = provost(&["explain", "--json", path]);
    let explained: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.output()));
    let found: Vec<(&str, &str)> = explained["unusual"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["what"].as_str().unwrap(), it["meaning"].as_str().unwrap()))
        .collect();
    assert_eq!(found, expected);
}
