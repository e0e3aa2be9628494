//! Each fault of the mock server that trips a check, each wrong setting and each provider's answer is told by exactly one
//! cause. A provider's answer counts at that provider's hosts and means something else, or nothing, elsewhere.
//! `docs/causes.md` and the words of recorded clients, which the program carries, are written here.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, SystemTime};

use futures::StreamExt as _;
use provost_account::{
    Account, AnswerMeaning, AnswerProtocol, EmailAddress, LeftOpen, Protocol, ProviderAnswer, Secret, Service,
    provider_answers,
};
use provost_mockmail::{Capabilities, Config, FaultRow, Mailbox, MockMail, faults};
use provost_network::{Network, Route};
use provost_settings::read_settings;
use provost_tests::root;
use provost_verify::{Cause, Chosen, Connections, Options, Outcome, Step, Subject, Whose, causes, diagnoses, recorded};

#[test]
fn each_fault_that_trips_a_check_has_one_cause() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let tripping = faults().iter().filter(|row| !row.trips.is_empty() && !row.name.starts_with("provider:"));
    let all = futures::stream::iter(tripping).map(|row| async move {
        let mut names = BTreeSet::new();
        let of_pop3 = row.name == "read-is-deleted";
        let incoming = if of_pop3 { vec![POP3S] } else { vec![IMAPS, IMAP] };
        for (incoming, outgoing) in incoming.into_iter().zip([SUBMISSIONS, SUBMISSION]) {
            let service = settings(ADDRESS_LOGIN, incoming, outgoing);
            names.extend(names_of(&prove(&service, &service, "right", &[row]).await));
        }
        (row.name, names.into_iter().collect::<Vec<_>>())
    });
    let told = runtime.block_on(all.buffered(AT_ONCE).collect::<Vec<_>>());
    let told: Vec<_> = told.iter().map(|(fault, names)| (*fault, names.join(" "))).collect();
    let expected: Vec<_> = OF_FAULTS.iter().map(|(fault, cause)| (*fault, (*cause).to_owned())).collect();
    assert_eq!(told, expected);
}

/// RFC 5321 §3.3: RCPT after a refused MAIL is answered with 503.
#[test]
fn a_refused_alias_is_told_in_the_words_that_refused_it() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fault = faults().iter().find(|row| row.name == "alias-refused").unwrap();
    let service = settings(ADDRESS_LOGIN, IMAPS, SUBMISSION);
    let report = runtime.block_on(prove(&service, &service, "right", &[fault]));
    let found: Vec<_> = report.iter().filter(|it| it.cause().is_some()).map(|it| it.words().found).collect();
    let [found] = &found[..] else { panic!("{found:?}") };
    assert!(found.ends_with(" refused: 550 5.7.1 this sender is not the one who is logged in"), "{found}");
}

/// Whoever takes the other address first meets it.
#[test]
fn a_flaw_at_one_of_two_addresses_is_told_with_the_address() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let expired = faults().iter().find(|row| row.name == "expired-certificate").unwrap();
    let service = settings(ADDRESS_LOGIN, IMAPS, SUBMISSION);
    let report = runtime.block_on(async {
        let (good, spoilt) = (mock(&service, &[]).await, mock(&service, &[expired]).await);
        let routes = [&good, &spoilt].into_iter().flat_map(routes).collect();
        let network = Network::mapped(routes, &[good.ca(), spoilt.ca()]).unwrap();
        prove_at(&network, &service, "right").await
    });
    let found = report.iter().filter(|step| step.cause().is_some()).map(|step| (step.check.name, step.words().found));
    let found: Vec<_> = found.collect();
    assert_eq!(found.len(), 2, "{found:?}");
    for (check, words) in found {
        assert_eq!((check, &words[..33]), ("each-address", "at 127.0.0.1: certificate expired"), "{words}");
    }
    assert_eq!(names_of(&report), BTreeSet::from(["certificate-expired"]));
}

/// What the mailbox is too full for does not arrive: that is told once, by its reason.
#[test]
fn a_full_mailbox_is_the_reason_why_nothing_arrives() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let both: Vec<&FaultRow> =
        faults().iter().filter(|row| ["quota-used-up", "mail-never-delivered"].contains(&row.name)).collect();
    let service = settings(ADDRESS_LOGIN, IMAPS, SUBMISSION);
    let report = runtime.block_on(prove(&service, &service, "right", &both));
    let failed: Vec<&str> = report.iter().filter(|it| it.cause().is_some()).map(|it| it.check.name).collect();
    assert_eq!(failed, ["quota", "arrive"]);
    assert_eq!(names_of(&report), BTreeSet::from(["mailbox-full"]));
}

/// Neither SPECIAL-USE names the folder, nor does UIDPLUS let the message be removed alone.
#[test]
fn the_folder_for_spam_is_found_by_its_name_too() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let in_junk = faults().iter().find(|row| row.name == "mail-in-junk").unwrap();
    let service = settings(ADDRESS_LOGIN, IMAPS, SUBMISSION);
    let chosen = Capabilities::choose("-SPECIAL-USE,-UIDPLUS").unwrap();
    let report = runtime.block_on(async {
        let mock = mock_with(&service, &[in_junk], chosen.capabilities).await;
        let network = Network::mapped(routes(&mock).collect(), &[mock.ca()]).unwrap();
        prove_at(&network, &service, "right").await
    });
    let told: Vec<_> =
        report.iter().filter(|it| it.cause().is_some()).map(|it| (it.check.name, it.words().found)).collect();
    let found = "message in the folder Junk, and marked as deleted: the server lacks UIDPLUS";
    assert_eq!(told, [("arrive", found.to_owned())]);
}

/// POP3 with EXPIRE 0 (RFC 2449 §6.7): a look at an account costs its owner no mail.
#[test]
fn where_the_server_deletes_what_is_read_nothing_is_read() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let deletes = faults().iter().find(|row| row.name == "read-is-deleted").unwrap();
    let service = settings(ADDRESS_LOGIN, POP3S, SUBMISSION);
    runtime.block_on(async {
        let mock = mock(&service, &[deletes]).await;
        let messages = || mock.messages(&jane().0, "INBOX").unwrap().len();
        let before = messages();
        let network = Network::mapped(routes(&mock).collect(), &[mock.ca()]).unwrap();
        let report = prove_at(&network, &service, "right").await;
        let arrived = report.iter().find(|step| step.check.name == "arrive").unwrap();
        assert_eq!(arrived.outcome(), Outcome::Passed, "{arrived:?}");
        assert_eq!(messages(), before);
    });
}

#[test]
fn each_wrong_setting_has_one_cause() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut wrong = Vec::new();
    for (what, login, incoming, outgoing, password, expected) in WRONG {
        // The mock has every server of these settings, and none of the wrong ones.
        let mock =
            settings(ADDRESS_LOGIN, &format!("{IMAPS}\n{IMAP}\n{POP3S}"), &format!("{SUBMISSIONS}\n{SUBMISSION}"));
        let names = names_of(&runtime.block_on(prove(&mock, &settings(login, incoming, outgoing), password, &[])));
        if names.iter().ne([expected]) {
            wrong.push(format!("{what}: {names:?}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_answer_of_a_provider_has_its_cause_there_and_not_elsewhere() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let said = provider_answers().iter().filter(|answer| answer.is_said_by_server());
    let all = futures::stream::iter(said).map(|answer| async move {
        let row = faults().iter().find(|row| row.name == answer.name).expect("each answer is a fault");
        let any = answer.hosts == ["*"];
        let host = answer.hosts[0].replace("*.", "mail.").replace('*', ELSEWHERE);
        let there = causes_at(answer, &host, row).await;
        let elsewhere = causes_at(answer, ELSEWHERE, row).await;
        let names = |causes: &[Cause]| causes.iter().map(Cause::name).collect::<BTreeSet<_>>();
        let expected = BTreeSet::from([answer.means.name()]);
        let mut wrong = Vec::new();
        if row.trips.is_empty() || OVERTAKEN.contains(&(answer.name, answer.protocol)) {
            if there.iter().any(|it| matches!(it, Cause::Known { .. })) {
                wrong.push(format!("{}: it is told after all", answer.name));
            }
            return wrong;
        }
        if names(&there) != expected {
            wrong.push(format!("{} {:?} at {host}: {there:#?}, expected {expected:?}", answer.name, answer.protocol));
        }
        let of_provider = elsewhere.iter().any(|it| matches!(it, Cause::Known { answer, .. } if answer.hosts != ["*"]));
        if of_provider || !any && elsewhere.is_empty() {
            wrong.push(format!("{} {:?} elsewhere: {elsewhere:#?}", answer.name, answer.protocol));
        }
        // What a product says leaves the cause as it is, and tells what the provider means by it.
        let hint =
            answer.product.map(|product| format!("the words are those of {product}: at {} they", answer.provider));
        let tells = |it: &Cause| it.words().cause.is_some_and(|why| hint.as_ref().is_some_and(|it| why.contains(it)));
        if elsewhere.iter().any(tells) != hint.is_some() {
            wrong.push(format!("{} elsewhere, expected {hint:?}: {elsewhere:#?}", answer.name));
        }
        wrong
    });
    let wrong: Vec<String> = runtime.block_on(all.buffered(AT_ONCE).collect::<Vec<_>>()).concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A password that is right is not to be changed because of a limit.
#[test]
fn no_limit_is_told_as_the_fault_of_a_password() {
    let limits = [AnswerMeaning::LimitReached, AnswerMeaning::MailboxFull, AnswerMeaning::ClientBlocked];
    for meaning in limits {
        let row = causes().iter().find(|row| row.name == meaning.name()).unwrap();
        for word in ["wrong", "refuses the name", "type the password"] {
            assert!(!row.what.contains(word) && !row.fix.contains(word), "{row:?}");
        }
    }
    let mut names: Vec<&str> = provider_answers()
        .iter()
        .filter(|it| ["limit", "quota", "connections", "bandwidth"].iter().any(|word| it.name.contains(word)))
        .map(|it| it.means.name())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["limit-reached", "mailbox-full"]);
}

#[test]
fn every_cause_is_there_once_and_every_trouble_of_a_client_has_one() {
    let mut names: Vec<&str> = causes().iter().map(|row| row.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for meaning in AnswerMeaning::ALL {
        assert!(names.contains(&meaning.name()), "{} is no cause", meaning.name());
    }
    let claimed: Vec<&str> = causes().iter().flat_map(|row| row.troubles).copied().collect();
    let troubles: BTreeSet<&str> = claimed.iter().copied().collect();
    assert_eq!(troubles.len(), claimed.len(), "a trouble shows two causes");
    let files: BTreeSet<String> = troubles_on_disk();
    let without: Vec<&String> = files.iter().filter(|it| !troubles.contains(it.as_str())).collect();
    // Slow answers are no cause of anything.
    assert_eq!(without, ["slow"]);
    let missing: Vec<&&str> = troubles.iter().filter(|it| !files.contains(**it)).collect();
    assert!(missing.is_empty(), "no client was recorded with {missing:?}");
}

#[test]
fn the_words_of_clients_that_the_program_carries_are_those_of_the_fixtures() {
    let mut text =
        "# What recorded clients showed with each trouble. Written by `cargo xtask bless` from fixtures/clients.\n"
            .to_owned();
    for client in sorted(&root().join("fixtures/clients")) {
        for path in sorted(&client) {
            let record = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = record.lines().collect();
            let words: Vec<&str> = lines.iter().skip(2).filter(|line| !line.trim().is_empty()).copied().collect();
            if lines[0] == "works" || words.is_empty() {
                continue;
            }
            let (client, trouble) = (client.file_name().unwrap(), path.file_stem().unwrap());
            let (client, trouble) = (client.to_str().unwrap(), trouble.to_str().unwrap());
            write!(text, "\n{client} | {trouble} | {} | {}\n", lines[0], lines[1]).unwrap();
            words.iter().for_each(|line| writeln!(text, "    {line}").unwrap());
        }
    }
    is_the_file("crates/provost-verify/src/said/clients.txt", &text);
}

#[test]
fn the_page_of_causes_shows_every_cause() {
    let mut page = PAGE.to_owned();
    for row in causes() {
        let whose = row.whose.iter().copied().map(whose).collect::<Vec<_>>().join(", or ");
        let (name, what, fix, source) = (row.name, row.what, row.fix, row.source);
        write!(page, "\n## {name}\n\nWhat is wrong: {what}.  \nWhose fault: {whose}.  \nWhat to do: {fix}.  \n")
            .unwrap();
        writeln!(page, "Source: {source}.").unwrap();
        let shown: Vec<String> = recorded()
            .iter()
            .filter(|record| row.troubles.contains(&record.trouble))
            .filter_map(|record| {
                Some(format!("| {} | {} | {} |", record.version, record.trouble, cell(record.telling_line()?)))
            })
            .collect();
        if !shown.is_empty() {
            write!(page, "\n| client, observed | with | shows |\n|---|---|---|\n{}\n", shown.join("\n")).unwrap();
        }
    }
    is_the_file("docs/causes.md", &page);
}

fn whose(whose: Whose) -> &'static str {
    match whose {
        Whose::You => "yours",
        Whose::Settings => "the settings'",
        Whose::Provider => "the provider's",
        Whose::Network => "the network's",
        Whose::Time => "nobody's, it passes",
    }
}

fn cell(line: &str) -> String {
    let line = line.trim().replace('|', "\\|").replace('`', "'").replace('<', "&lt;");
    line.chars().take(160).collect()
}

#[track_caller]
fn is_the_file(path: &str, text: &str) {
    if std::env::var_os("PROVOST_BLESS").is_some() {
        fs::write(root().join(path), text).unwrap();
    }
    let there = fs::read_to_string(root().join(path)).unwrap_or_else(|error| error.to_string());
    assert!(there == text, "run `cargo xtask bless` and read the diff of {path}");
}

fn sorted(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn troubles_on_disk() -> BTreeSet<String> {
    let clients = sorted(&root().join("fixtures/clients"));
    let files = clients.iter().flat_map(|client| sorted(client));
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The causes that a proof tells, each once.
fn names_of(report: &[Step]) -> BTreeSet<&'static str> {
    diagnoses(report).iter().map(|it| it.row.name).collect()
}

/// What is told where a server of this name says a provider's words.
async fn causes_at(answer: &ProviderAnswer, host: &str, row: &FaultRow) -> Vec<Cause> {
    let of = |line: &str, is_here: bool| {
        if is_here {
            line.replace("imap.fault.example", host).replace("smtp.fault.example", host)
        } else {
            line.to_owned()
        }
    };
    let incoming = match answer.protocol {
        AnswerProtocol::Pop3 => POP3S,
        AnswerProtocol::Imap | AnswerProtocol::Smtp | AnswerProtocol::OAuth2 => IMAPS,
    };
    let is_sending = answer.protocol == AnswerProtocol::Smtp;
    let service = settings(ADDRESS_LOGIN, &of(incoming, !is_sending), &of(SUBMISSIONS, is_sending));
    let report = prove(&service, &service, "right", &[row]).await;
    let wanted = match answer.protocol {
        AnswerProtocol::Imap => Protocol::Imap,
        AnswerProtocol::Pop3 => Protocol::Pop3,
        AnswerProtocol::Smtp | AnswerProtocol::OAuth2 => Protocol::Submission,
    };
    let is_wanted = |step: &Step| step.place.server().is_some_and(|(protocol, _)| protocol == wanted);
    report.iter().filter(|step| is_wanted(step)).filter_map(Step::cause).cloned().collect()
}

/// What is found with the settings of `service`, where the servers are those of `mock`.
async fn prove(of_mock: &Service, service: &Service, password: &str, faults: &[&FaultRow]) -> Vec<Step> {
    let mock = mock(of_mock, faults).await;
    let network = Network::mapped(routes(&mock).collect(), &[mock.ca()]).unwrap();
    let report = prove_at(&network, service, password).await;
    mock.stop().await;
    report
}

/// The same on this network.
async fn prove_at(network: &Network, service: &Service, password: &str) -> Vec<Step> {
    let (address, aliases) = jane();
    let account = Account { aliases, ..service.account(address, None, None, None) };
    let (now, step_timeout, connections) = (SystemTime::now(), Duration::from_secs(2), Connections::Shared);
    let options = Options { now, step_timeout, connections, checks: Chosen::of_doctor() };
    let password = Secret::new(password.to_owned());
    let subject =
        Subject { account: &account, password: Some(&password), left_open: &LeftOpen::default(), label: "causes" };
    provost_verify::verify(&subject, network, &options).await
}

/// A server for one person.
async fn mock(service: &Service, faults: &[&FaultRow]) -> MockMail {
    mock_with(service, faults, Capabilities::usual()).await
}

async fn mock_with(service: &Service, faults: &[&FaultRow], capabilities: Capabilities) -> MockMail {
    let (address, aliases) = jane();
    let login = service.login(&address, None).unwrap();
    let mailbox = Mailbox { login, address, aliases, password: Secret::new("right".to_owned()) };
    let faults = faults.iter().map(|row| row.fault.into()).collect();
    let config = Config::of(service.clone(), vec![mailbox], SystemTime::now());
    MockMail::start(Config { faults, capabilities, ..config }).await.unwrap()
}

/// The address of the person, and her alias.
fn jane() -> (EmailAddress, Vec<EmailAddress>) {
    let address = |it: &str| EmailAddress::try_from(it).unwrap();
    (address("jane@fault.example"), vec![address("jane.doe@fault.example")])
}

fn routes(mock: &MockMail) -> impl Iterator<Item = Route> {
    let listeners = mock.listeners().iter().filter(|it| it.named && it.resolves);
    listeners.map(|it| Route { host: it.host.clone(), port: it.port, socket: it.socket })
}

fn settings(login: &str, incoming: &str, outgoing: &str) -> Service {
    let yaml = format!(
        "provost: 1\norganization: {{ id: example.fault, name: Fault }}\ndomains: [fault.example]\nusername: \"{login}\"\n\
         danger_allow_cleartext: true\nincoming:\n{incoming}\noutgoing:\n{outgoing}\nsync: {{ days: 30 }}\n"
    );
    let settings = read_settings(yaml.as_bytes(), &|_| Err(std::io::ErrorKind::NotFound.into()));
    settings.value.unwrap_or_else(|| panic!("{:?} in {yaml}", settings.findings))
}

const ELSEWHERE: &str = "mail.elsewhere.example";
const ADDRESS_LOGIN: &str = "%EMAILADDRESS%";
const IMAPS: &str =
    "  - { protocol: imap, host: imap.fault.example, port: 993, socket_type: SSL, authentication: password-cleartext }";
const IMAP: &str = "  - { protocol: imap, host: imap.fault.example, port: 143, socket_type: STARTTLS, authentication: password-cleartext }";
const POP3S: &str =
    "  - { protocol: pop3, host: imap.fault.example, port: 995, socket_type: SSL, authentication: password-cleartext }";
const SUBMISSIONS: &str =
    "  - { host: smtp.fault.example, port: 465, socket_type: SSL, authentication: password-cleartext }";
const SUBMISSION: &str =
    "  - { host: smtp.fault.example, port: 587, socket_type: STARTTLS, authentication: password-cleartext }";

const OF_FAULTS: &[(&str, &str)] = &[
    ("name-does-not-resolve", "name-does-not-resolve"),
    ("closed-port", "port-closed"),
    ("dead-address", "address-dead"),
    ("silent-server", "no-answer"),
    ("handshake-stall", "no-answer"),
    ("old-tls-only", "tls-too-old"),
    ("expired-certificate", "certificate-expired"),
    ("not-yet-valid-certificate", "certificate-not-yet-valid"),
    ("self-signed-certificate", "certificate-issuer-unknown"),
    ("missing-intermediate", "certificate-issuer-unknown"),
    ("certificate-ends-soon", "certificate-ends-soon"),
    ("wrong-host-name", "certificate-for-another-name"),
    ("unknown-ca", "certificate-issuer-unknown"),
    ("no-starttls", "starttls-not-offered"),
    ("starttls-fails", "starttls-fails"),
    ("greeting-refused", "service-unavailable"),
    ("cleartext-login-accepted", "password-read-before-tls"),
    ("auth-not-offered", "login-method-not-offered"),
    ("wrong-mechanisms", "login-method-not-offered"),
    ("small-size", "message-too-large"),
    ("read-is-deleted", "mail-not-kept"),
    ("login-unavailable", "login-unavailable"),
    ("password-refused", "wrong-password-or-name"),
    ("local-part-only", "wrong-login-form"),
    ("any-password-accepted", "wrong-password-accepted"),
    ("list-refused", "list-refused"),
    ("select-refused", "select-refused"),
    ("since-ignored", "search-differs"),
    ("fetch-other-bytes", "message-changed"),
    ("connection-dropped", "connection-lost"),
    ("special-folder-refused", "special-folder-refused"),
    ("quota-used-up", "mailbox-full"),
    ("sender-refused", "sender-refused"),
    ("alias-refused", "sender-refused"),
    ("greylisting", "mail-deferred"),
    ("submission-refused", "message-refused"),
    ("mailbox-full", "mailbox-full"),
    ("mail-never-delivered", "not-arrived"),
    ("mail-in-junk", "arrived-in-junk"),
    ("connection-cut", "connection-lost"),
    ("huge-literal", "connection-lost"),
    ("mail-deferred", "mail-deferred"),
    ("recipient-deferred", "mail-deferred"),
    ("recipient-refused", "recipient-refused"),
    ("data-deferred", "mail-deferred"),
    ("data-refused", "message-refused"),
    ("submission-deferred", "mail-deferred"),
    ("certificate-by-sni", "certificate-needs-sni"),
    ("id-required", "select-refused"),
    ("uid-required", "fetch-refused"),
    ("session-ended", "service-unavailable"),
];

/// What is wrong, the form of the login name, the servers, the password, and the cause.
const WRONG: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("a port on which nothing listens", ADDRESS_LOGIN, IMAPS_9930, SUBMISSIONS, "right", "wrong-port"),
    ("TLS from the first byte on 143", ADDRESS_LOGIN, IMAP_AS_SSL, SUBMISSIONS, "right", "wrong-security"),
    ("STARTTLS on 993", ADDRESS_LOGIN, IMAPS_AS_STARTTLS, SUBMISSIONS, "right", "wrong-security"),
    ("no TLS on 993", ADDRESS_LOGIN, IMAPS_AS_PLAIN, SUBMISSIONS, "right", "wrong-security"),
    ("TLS from the first byte on 587", ADDRESS_LOGIN, IMAPS, SUBMISSION_AS_SSL, "right", "wrong-security"),
    ("STARTTLS on 465", ADDRESS_LOGIN, IMAPS, SUBMISSIONS_AS_STARTTLS, "right", "wrong-security"),
    ("a host name with a slip", ADDRESS_LOGIN, IMAPS_MISSPELLED, SUBMISSIONS, "right", "name-does-not-resolve"),
    ("IMAP on the port of POP3", ADDRESS_LOGIN, IMAP_ON_995, SUBMISSIONS, "right", "wrong-protocol"),
    ("POP3 on the port of IMAP", ADDRESS_LOGIN, POP3_ON_993, SUBMISSIONS, "right", "wrong-protocol"),
    ("SMTP on the port of POP3", ADDRESS_LOGIN, IMAPS, SMTP_ON_995, "right", "wrong-protocol"),
    ("another way to log in", ADDRESS_LOGIN, IMAPS_BY_OAUTH2, SUBMISSIONS, "right", "login-method-not-offered"),
    ("the part before the @ as login", "%EMAILLOCALPART%", IMAPS, SUBMISSIONS, "right", "wrong-login-form"),
    ("another password", ADDRESS_LOGIN, IMAPS, SUBMISSIONS, "wrong", "wrong-password-or-name"),
];

const IMAPS_9930: &str = "  - { protocol: imap, host: imap.fault.example, port: 9930, socket_type: SSL, authentication: password-cleartext }";
const IMAP_AS_SSL: &str =
    "  - { protocol: imap, host: imap.fault.example, port: 143, socket_type: SSL, authentication: password-cleartext }";
const IMAPS_AS_STARTTLS: &str = "  - { protocol: imap, host: imap.fault.example, port: 993, socket_type: STARTTLS, authentication: password-cleartext }";
const IMAPS_AS_PLAIN: &str = "  - { protocol: imap, host: imap.fault.example, port: 993, socket_type: plain, authentication: password-cleartext }";
const IMAPS_MISSPELLED: &str =
    "  - { protocol: imap, host: imap.fautl.example, port: 993, socket_type: SSL, authentication: password-cleartext }";
const IMAP_ON_995: &str =
    "  - { protocol: imap, host: imap.fault.example, port: 995, socket_type: SSL, authentication: password-cleartext }";
const POP3_ON_993: &str =
    "  - { protocol: pop3, host: imap.fault.example, port: 993, socket_type: SSL, authentication: password-cleartext }";
const IMAPS_BY_OAUTH2: &str =
    "  - { protocol: imap, host: imap.fault.example, port: 993, socket_type: SSL, authentication: OAuth2 }";
const SUBMISSION_AS_SSL: &str =
    "  - { host: smtp.fault.example, port: 587, socket_type: SSL, authentication: password-cleartext }";
const SUBMISSIONS_AS_STARTTLS: &str =
    "  - { host: smtp.fault.example, port: 465, socket_type: STARTTLS, authentication: password-cleartext }";
const SMTP_ON_995: &str =
    "  - { host: imap.fault.example, port: 995, socket_type: SSL, authentication: password-cleartext }";

/// Answers to what no check does.
const OVERTAKEN: &[(&str, AnswerProtocol)] = &[];

const PAGE: &str = "\
# Causes

What can be wrong with a mail account, as `provost verify` and `provost doctor` call it, whose fault it is, what to do, and what real mail programs show then.
`provost doctor --causes` prints the same; `provost doctor --said TEXT` finds the causes for what a program showed or a server said.

A cause has one name in every report, whichever check finds it. Where several may be at fault, the likeliest is first.
The words of the programs are those of `fixtures/clients`, which says how each was recorded.

This page is generated: `cargo xtask bless` writes it.
";

const AT_ONCE: usize = 8;
