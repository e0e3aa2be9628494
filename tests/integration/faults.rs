//! Every fault of the mock server trips the checks that its row names; checks that depend on them are not reached, and
//! nothing else fails. Every check is tripped by some fault. Over one connection for all checks and over one for each, the
//! same is found.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use futures::StreamExt as _;
use provost_account::{Account, EmailAddress, LeftOpen, Login, Secret, Service};
use provost_mockmail::{Config, FaultRow, Mailbox, MockMail};
use provost_network::{Network, Route};
use provost_settings::read_settings;
use provost_tests::root;
use provost_verify::{Chosen, Connections, Options, Outcome, Step, Subject};

#[test]
fn each_fault_trips_its_check_and_no_other() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let all = futures::stream::iter(provost_mockmail::faults()).map(|fault| async move {
        let mut reports = vec![report("SSL", &[fault]).await, report("STARTTLS", &[fault]).await];
        // A provider's answer may be for POP3 only.
        if fault.name.starts_with("provider:") || fault.name == "read-is-deleted" {
            reports.push(report("POP3", &[fault]).await);
        }
        (fault, reports)
    });
    // Most of the time is spent waiting for servers that say nothing.
    for (fault, reports) in runtime.block_on(all.buffered(AT_ONCE).collect::<Vec<_>>()) {
        let mut tripped = BTreeSet::new();
        for (at, report) in reports.iter().enumerate() {
            let failed: BTreeSet<&str> =
                report.iter().filter(|row| row.outcome() == Outcome::Failed).map(|row| row.check.name).collect();
            let allowed: BTreeSet<&str> = fault.trips.iter().copied().collect();
            assert!(failed.is_subset(&allowed), "{} also trips {failed:?} in service {at}: {report:#?}", fault.name);
            tripped.extend(failed);
            for row in report.iter().filter(|row| row.outcome() == Outcome::NotReached) {
                assert!(
                    fault.trips.iter().any(|trips| depends_on(row.check.name, trips)),
                    "{}: {} was not reached",
                    fault.name,
                    row.check.name
                );
            }
        }
        assert_eq!(tripped, fault.trips.iter().copied().collect(), "{} trips something else", fault.name);
    }
}

/// The report of a check that a provider's answer trips quotes the provider, so that users can look the words up.
#[test]
fn the_words_of_a_provider_are_in_the_report() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (name, words) in [
        ("provider:gmail-app-password", "Application-specific password required: https://support.google.com/"),
        ("provider:outlook-basic-auth-off", "Basic authentication is disabled."),
        (
            "provider:outlook-basic-auth-off",
            "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
        ),
        ("provider:gmail-web-login", "Please log in via your web browser"),
        ("provider:netease-id-required", "SELECT Unsafe Login. Please contact kefu@188.com for help"),
        ("provider:gmail-bandwidth-limit", "Account exceeded command or bandwidth limits."),
        ("provider:microsoft365-not-connected", "User is authenticated but not connected."),
        ("provider:microsoft365-thread-limit", "STOREDRV.ClientSubmit; sender thread limit exceeded"),
        ("provider:postfix-recipient-over-quota", "<jane@fault.example>: Recipient address rejected: Quota exceeded"),
    ] {
        let row = provost_mockmail::faults().iter().find(|row| row.name == name).expect("a fault");
        let report = runtime.block_on(report("SSL", &[row]));
        let failed = report.iter().filter(|row| row.outcome() == Outcome::Failed);
        let texts: Vec<String> = failed.map(|row| row.words().found).collect();
        assert!(texts.iter().any(|text| text.contains(words)), "{name}: no {words:?} in {texts:#?}");
    }
}

#[test]
fn each_check_is_tripped_by_a_fault() {
    let mut tripped: BTreeSet<&str> =
        provost_mockmail::faults().iter().flat_map(|fault| fault.trips).copied().collect();
    // A wrong port trips it, which no server can have (`causes.rs`).
    tripped.insert("port-elsewhere");
    // Of the domain, not of a server (`domain.rs`).
    tripped.extend(["provider", "published", "records", "dnssec"]);
    let checks: BTreeSet<&str> = provost_verify::checks().iter().map(|check| check.name).collect();
    assert_eq!(tripped, checks);
}

#[test]
fn without_a_fault_nothing_fails() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for socket_type in ["SSL", "STARTTLS"] {
        let report = runtime.block_on(report(socket_type, &[]));
        let odd: Vec<_> =
            report.iter().filter(|row| matches!(row.outcome(), Outcome::Failed | Outcome::NotReached)).collect();
        assert!(odd.is_empty(), "{odd:#?}");
        assert!(report.iter().filter(|row| row.outcome() == Outcome::Passed).count() > 10, "{report:#?}");
    }
}

/// Whether `check` is not reached once `broken` has failed.
fn depends_on(check: &str, broken: &str) -> bool {
    let row = provost_verify::checks().iter().find(|it| it.name == check).expect("a check of the table");
    row.depends_on.iter().any(|it| *it == broken || depends_on(it, broken))
}

/// The proof of an account in the presence of the faults: the same over one connection for all checks and over one for
/// each, to the words of the server.
async fn report(socket_type: &str, faults: &[&FaultRow]) -> Vec<Step> {
    let shared = report_over(Connections::Shared, socket_type, faults).await;
    let each = report_over(Connections::EachCheck, socket_type, faults).await;
    let verdicts = |report: &[Step]| {
        report.iter().map(|it| (it.check.name, it.place.clone(), it.verdict.clone())).collect::<Vec<_>>()
    };
    let names: Vec<&str> = faults.iter().map(|fault| fault.name).collect();
    assert_eq!(verdicts(&shared), verdicts(&each), "{names:?} over {socket_type}");
    shared
}

async fn report_over(connections: Connections, socket_type: &str, faults: &[&FaultRow]) -> Vec<Step> {
    let service = service(socket_type);
    let address = EmailAddress::try_from("jane@fault.example").unwrap();
    let aliases = vec![EmailAddress::try_from("jane.doe@fault.example").unwrap()];
    let account = Account { aliases: aliases.clone(), ..service.account(address.clone(), None, None, None) };
    let password = Secret::new("a password of this test".to_owned());
    let mailbox =
        Mailbox { login: Login::try_from(address.as_str()).unwrap(), address, aliases, password: password.clone() };
    let now = SystemTime::now();
    let faults = faults.iter().map(|row| row.fault.into()).collect();
    let mock = MockMail::start(Config { faults, ..Config::of(service, vec![mailbox], now) }).await.unwrap();
    let routes = mock.listeners().iter().filter(|it| it.named && it.resolves);
    let routes = routes.map(|it| Route { host: it.host.clone(), port: it.port, socket: it.socket });
    let network = Network::mapped(routes.collect(), &[mock.ca()]).unwrap();
    let options = Options { now, step_timeout: Duration::from_secs(2), connections, checks: Chosen::of_doctor() };
    let report = provost_verify::verify(
        &Subject { account: &account, password: Some(&password), left_open: &LeftOpen::default(), label: "" },
        &network,
        &options,
    )
    .await;
    mock.stop().await;
    report
}

fn service(socket_type: &str) -> Service {
    let (protocol, port, smtp, socket_type) = match socket_type {
        "POP3" => ("pop3", 995, 465, "SSL"),
        "SSL" => ("imap", 993, 465, "SSL"),
        _ => ("imap", 143, 587, socket_type),
    };
    let yaml = format!(
        "provost: 1\n\
         organization: {{ id: example.fault, name: Fault }}\n\
         domains: [fault.example]\n\
         username: \"%EMAILADDRESS%\"\n\
         incoming:\n  - {{ protocol: {protocol}, host: imap.fault.example, port: {port}, socket_type: {socket_type}, authentication: password-cleartext }}\n\
         outgoing:\n  - {{ host: smtp.fault.example, port: {smtp}, socket_type: {socket_type}, authentication: password-cleartext }}\n\
         sync: {{ days: 30 }}\n"
    );
    let settings = read_settings(yaml.as_bytes(), &|_| Err(std::io::ErrorKind::NotFound.into()));
    settings.value.unwrap_or_else(|| panic!("{:?} in {}", settings.findings, root().display()))
}

const AT_ONCE: usize = 8;
