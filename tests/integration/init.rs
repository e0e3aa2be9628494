//! `provost init`: settings from an address or a guide, what contradicts them, and what it does not do without a person.

use std::fs;
use std::process::Command;

use provost_account::Service;
use provost_settings::read_settings;
use provost_tests::{Run, folder, installed, program, provost, root};
use serde_json::Value;

fn settings(text: &str) -> Service {
    let read = read_settings(text.as_bytes(), &|_| Err(std::io::ErrorKind::NotFound.into()));
    read.value.unwrap_or_else(|| panic!("{:?}\n{text}", read.findings))
}

fn guide(name: &str) -> String {
    root().join("fixtures/guides").join(name).to_str().unwrap().to_owned()
}

/// What is contradicted: the subject, and whose values they are.
fn contradictions(run: &Run) -> Vec<String> {
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let kinds = |side: &Value| {
        let sources = side["sources"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap().to_owned());
        sources.collect::<Vec<_>>().join(" ")
    };
    let row = |it: &Value| {
        let (higher, lower) = (&it["higher"], &it["lower"]);
        let about = it["about"].as_str().unwrap();
        format!("{about}: {} {}, {} {}", kinds(higher), higher["value"], kinds(lower), lower["value"])
    };
    found["contradictions"].as_array().unwrap().iter().map(row).collect()
}

const THREE: [&str; 3] = [
    "two hosts for IMAP: provider \"mail.centurylink.net\", guide \"imap.centurylink.com\"",
    "two hosts for SMTP: provider \"smtp.centurylink.net\", guide \"smtp.centurylink.com\"",
    "port 465 for SMTP: provider \"587 with STARTTLS\", guide \"465 with SSL\"",
];

/// In a network namespace with nothing in it, where every question is in vain.
#[test]
fn without_a_network_it_says_what_was_asked_in_vain() {
    let Some(unshare) = installed("unshare") else { return };
    let alone = |arguments: &[&str]| -> Run {
        let program = [program().to_str().unwrap(), "init"];
        let command = [&["--map-root-user", "--net"], &program[..], arguments].concat();
        Command::new(&unshare).args(command).current_dir(root()).output().unwrap().into()
    };
    if !alone(&["--help"]).stderr.is_empty() {
        assert!(std::env::var_os("PROVOST_REQUIRE_PROGRAMS").is_none(), "no network namespace can be made");
        println!("skipped: no network namespace can be made");
        return;
    }
    let run = alone(&["jane@acme.example"]);
    assert_eq!(run.status, Some(2));
    for line in [
        "note: nothing is there: https://autoconfig.acme.example/mail/config-v1.1.xml, ",
        "error: nothing is known about the mail servers of acme.example\n",
    ] {
        assert!(run.stderr.contains(line), "{line}{}", run.stderr);
    }
    let run = alone(&["jane@q.com", "--json"]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found["servers"][0]["host"], "mail.centurylink.net");
    let asked: Vec<&str> = found["asked"].as_array().unwrap().iter().map(|it| it["at"].as_str().unwrap()).collect();
    assert!(asked.contains(&"SRV _imaps._tcp.q.com") && asked.contains(&"MX q.com"), "{asked:?}");
    assert_eq!(found["unpublished"], serde_json::json!(["calendar", "contacts", "sync"]));
    let run = provost(&["init", "jane@q.com", "--provider-database", "http://db.example/"]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("because: the scheme is \"http\"; \"https\" is required\n"), "{}", run.stderr);
}

#[test]
fn an_accepted_guide_gives_the_servers_the_username_and_the_days_of_the_fixture() {
    let run = provost(&["init", "--offline", "--guide", &guide("centurylink.txt"), "--accept", "guide"]);
    assert_eq!(run.status, Some(1), "{}", run.output());
    let (made, fixture) =
        (settings(&run.stdout), settings(&fs::read_to_string(root().join("fixtures/centurylink/mail.yaml")).unwrap()));
    assert_eq!((made.incoming, made.outgoing), (fixture.incoming, fixture.outgoing));
    assert_eq!((made.login, made.sync, made.domains), (fixture.login, fixture.sync, fixture.domains));
    let run = provost(&["init", "--offline", "--guide", &guide("centurylink.txt"), "--accept", "guide", "--json"]);
    assert_eq!(contradictions(&run), THREE);
}

#[test]
fn what_the_provider_publishes_counts_before_its_guide() {
    let run = provost(&["init", "--offline", "--guide", &guide("centurylink.txt")]);
    assert_eq!(run.status, Some(1), "{}", run.output());
    let published = fs::read_to_string(root().join("fixtures/centurylink-provider/mail.yaml")).unwrap();
    let (made, published) = (settings(&run.stdout), settings(&published));
    assert_eq!((made.incoming, made.outgoing), (published.incoming, published.outgoing));
    let run = provost(&["init", "--offline", "jane@centurylink.net", "--guide", &guide("centurylink.txt"), "--json"]);
    assert_eq!(contradictions(&run), THREE);
}

#[test]
fn for_q_com_the_page_of_the_provider_and_the_database_differ() {
    let run = provost(&["init", "--offline", "jane@q.com", "--json"]);
    assert_eq!(run.status, Some(1), "{}", run.output());
    let expected = [
        "two hosts for IMAP: provider \"mail.centurylink.net\", database \"mail.q.com\"",
        "two hosts for POP3: provider \"pop.centurylink.net\", database \"mail.q.com\"",
        "two hosts for SMTP: provider \"smtp.centurylink.net\", database \"smtp.q.com\"",
    ];
    assert_eq!(contradictions(&run), expected);
}

#[test]
fn settings_of_every_provider_are_read_and_contradict_nothing() {
    let folder = folder();
    for provider in provost_account::providers() {
        let Some(domain) = provider.domains.first() else { continue };
        let path = folder.path().join(format!("{}.yaml", provider.name));
        let path = path.to_str().unwrap();
        let run = provost(&["init", "--offline", &format!("jane@{domain}"), "-o", path]);
        assert!(matches!(run.status, Some(0 | 1)), "{domain}: {}", run.output());
    }
    let run = provost(&["lint", folder.path().to_str().unwrap()]);
    assert_eq!(run.status, Some(0), "{}", run.output());
    assert!(!run.output().contains("[host-contradicts-provider]"), "{}", run.output());
}

#[test]
fn without_a_person_a_guide_alone_is_not_enough_and_no_file_is_replaced() {
    let folder = folder();
    let path = folder.path().join("mail.yaml");
    let path = path.to_str().unwrap();
    let german = guide("german-table.txt");
    let run = provost(&["init", "--offline", "--guide", &german, "-o", path]);
    assert_eq!(run.status, Some(2));
    let refusal = format!(
        "note: nobody says: a POP3 server, a calendar, an address book\n\
         IMAP imap.seepost.de:993 with SSL: {german}:5: \"Server | imap.seepost.de; Port | 993\"\n\
         SMTP smtp.seepost.de:587 with STARTTLS: {german}:5: \"Server | smtp.seepost.de; Port | 587\"\n\
         user name %EMAILADDRESS%: {german}:9: \"Benutzername: Ihre vollständige E-Mail-Adresse (zum Beispiel name@seepost.de)\"\n\
         error: nobody has confirmed the values of a guide\n\n\
         hint: look at the servers above, then say --accept guide\n"
    );
    assert_eq!(run.stderr, refusal);
    let run = provost(&["init", "--offline", "--guide", &german, "-o", path, "--accept", "guide"]);
    assert_eq!(run.status, Some(0), "{}", run.output());
    let before = fs::read_to_string(path).unwrap();
    let run = provost(&["init", "--offline", "jane@gmx.net", "-o", path]);
    assert_eq!(run.status, Some(2));
    assert_eq!(
        run.stderr,
        format!("error: {path} already exists\n\nhint: give another file with -o, or move that one away\n")
    );
    assert_eq!(fs::read_to_string(path).unwrap(), before);
}

#[test]
fn what_is_not_known_is_said() {
    let check = |arguments: &[&str], expected: &str| {
        let run = provost(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
        assert!(run.stderr.ends_with(expected), "{}", run.stderr);
    };
    check(
        &["init", "--offline", "jane@acme.example"],
        "error: nothing is known about the mail servers of acme.example\n\nhint: give the provider's guide with --guide\n",
    );
    check(
        &["init", "--offline"],
        "error: neither an address nor a guide\n\nhint: give the address of one person: provost init jane@example.com\n",
    );
    check(
        &["init", "--offline", "--guide", &guide("prose.txt")],
        "error: the guide names no address, so it does not say for which domain it is\n\n\
         hint: give the address of one person: provost init jane@example.com\n",
    );
    check(
        &["init", "--offline", "jane@gmx.net", "--accept", "guide"],
        "error: a guide says nothing about gmx.net\n\nhint: found: database\n",
    );
    check(
        &["init", "--offline", "jane@acme.example", "--guide", &guide("not-about-mail.txt")],
        &format!(
            "error: nothing is known about the mail servers of acme.example\n\n\
             hint: {} does not say it in words that are understood, such as \
             \"IMAP server: mail.acme.example, port 993, SSL/TLS\"\n",
            guide("not-about-mail.txt")
        ),
    );
}

#[test]
fn a_guide_whose_servers_are_all_left_out_is_not_asked_for_again() {
    let folder = folder();
    let path = folder.path().join("guide.txt");
    let refuse = |text: &str, expected: &str| {
        fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let run = provost(&["init", "--offline", "jane@acme.example", "--guide", path, "--accept", "guide"]);
        assert_eq!(run.status, Some(2), "{}", run.output());
        let expected = expected.replace("GUIDE", path);
        assert!(run.stderr.ends_with(&expected), "{}", run.stderr);
    };
    refuse(
        "IMAP server: imap.acme.de, port 143, no encryption\nSMTP server: smtp.acme.de\n",
        "error: nothing is known about the mail servers of acme.example\n\n\
         hint: what GUIDE has is left out: imap.acme.de, port 143: left out, since it is without TLS; \
         smtp.acme.de: left out, since its port, protocol or TLS is not said\n",
    );
    refuse(
        "IMAP server: imap.acme.de, port 993, SSL\nSMTP server: smtp.acme.de, port 25, no encryption\n",
        "error: no source names a server to send through for acme.example\n\n\
         hint: what GUIDE has is left out: smtp.acme.de, port 25: left out, since it is without TLS\n",
    );
    refuse(
        "IMAP server: imap.acme.de, port 993, SSL\n",
        "error: no source names a server to send through for acme.example\n\n\
         hint: GUIDE does not say it in words that are understood, such as \
         \"SMTP server: mail.acme.example, port 587, STARTTLS\"\n",
    );
}

#[test]
fn what_a_guide_says_of_the_login_is_quoted_where_it_is_no_rule() {
    let guide = guide("other-login.txt");
    let run = provost(&["init", "--offline", "--guide", &guide, "--accept", "guide"]);
    assert_eq!(run.status, Some(0), "{}", run.output());
    let words = format!("{guide}:6: \"Username: DOMAIN\\yourname\"");
    let note = "note: this user name is not made of an address by a rule that is known: left out";
    assert!(run.stderr.contains(&format!("{note} ({words})\n")), "{}", run.stderr);
    assert!(run.stdout.contains(&format!("# assumed, and wrong if this is right: {words}\n")), "{}", run.stdout);
    assert!(!run.stderr.contains("the login name"), "{}", run.stderr);
    assert!(run.stderr.contains("where tokens for OAuth 2 come from, which a server wants"), "{}", run.stderr);
    assert!(run.stderr.contains("note: imap-old.bar.org: left out, since it is said to be no longer in use"));
    assert!(!run.stdout.contains("sync:") && !run.stdout.contains("old.bar.org"), "{}", run.stdout);
}

#[test]
fn a_folder_of_a_provider_database_is_read_offline_and_a_url_is_not() {
    let folder = folder();
    let servers = "<incomingServer type=\"imap\"><hostname>imap.acme.example</hostname><port>993</port>\
        <socketType>SSL</socketType><authentication>password-cleartext</authentication></incomingServer>\
        <outgoingServer type=\"smtp\"><hostname>smtp.acme.example</hostname><port>465</port>\
        <socketType>SSL</socketType><authentication>password-cleartext</authentication></outgoingServer>";
    let file = format!(
        "<clientConfig version=\"1.1\"><emailProvider id=\"acme\"><domain>acme.example</domain>{servers}\
         </emailProvider></clientConfig>"
    );
    fs::write(folder.path().join("acme.xml"), file).unwrap();
    let of = |database: &str| provost(&["init", "--offline", "jane@acme.example", "--provider-database", database]);
    let run = of(folder.path().to_str().unwrap());
    assert_eq!(run.status, Some(0), "{}", run.output());
    assert!(settings(&run.stdout).incoming.iter().any(|(_, it)| it.host.to_string() == "imap.acme.example"));
    let run = of("https://autoconfig.thunderbird.net/v1.1/");
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
    assert_eq!(
        run.stderr,
        "error: --offline asks nobody, and https://autoconfig.thunderbird.net/v1.1/ is in the network\n\n\
         hint: give --provider-database a folder: a clone of https://github.com/thunderbird/autoconfig\n"
    );
}
