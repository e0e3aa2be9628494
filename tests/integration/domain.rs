//! What `doctor` says of an account's domain: the servers against the table of providers, what the domain publishes, its
//! records and their signatures. Nobody outside this machine is asked.

use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use provost_account::{
    Account, Authentication, Certificate, EmailAddress, Endpoint, Host, Incoming, IncomingProtocol, Login, Port,
    Protocol, Security, Server,
};
use provost_network::{Dns, Network};
use provost_tests::{folder, installed, provost, root};
use provost_verify::{
    Chosen, Claim, Connections, DomainFacts, Options, Reason, RecordSays, Step, WantedRecord, Worth, diagnoses,
};
use serde_json::Value;

use crate::recording_servers::{Names, Record};

/// The servers of fixtures/centurylink are a guide's: two hosts and a port are not what the provider publishes.
#[test]
fn the_servers_of_a_guide_are_held_against_the_providers() {
    let settings = root().join("fixtures/centurylink/mail.yaml");
    let settings = settings.to_str().unwrap();
    let run = provost(&["doctor", "jane@centurylink.net", "-c", settings, "--only", "provider", "--json"]);
    assert_eq!(run.status, Some(1), "{}", run.output());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let [cause] = report["causes"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
    assert_eq!((&cause["name"], &cause["whose"][0]), (&"host-contradicts-provider".into(), &"settings".into()));
    let [place] = cause["places"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
    assert_eq!((&place["domain"], &place["server"]), (&"centurylink.net".into(), &Value::Null));
    let found = place["found"].as_str().unwrap();
    for value in [
        "IMAP imap.centurylink.com:993 with SSL, but mail.centurylink.net:993 with SSL (the provider: https://",
        "SMTP smtp.centurylink.com:465 with SSL, but smtp.centurylink.net:587 with STARTTLS (the provider: https://",
    ] {
        assert!(found.contains(value), "{value}: {found}");
    }
    // The settings' own finding says where, and is not told again.
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    assert_eq!(cause["where"].as_array().unwrap().len(), 3, "{cause:#}");

    let own = root().join("fixtures/centurylink-provider/mail.yaml");
    let own = provost(&["doctor", "jane@centurylink.net", "-c", own.to_str().unwrap(), "--only", "provider"]);
    assert_eq!(own.status, Some(0), "{}", own.output());
}

/// `lint` has no such rule for profiles: they have the guide's hosts on purpose. The doctor is asked why something fails.
#[test]
fn the_servers_of_a_profile_are_held_against_the_providers_too() {
    let run = provost(&["doctor", "fixtures/golden/k9s/plain.k9s", "--only", "provider", "--share"]);
    assert_eq!(run.status, Some(1), "{}", run.output());
    assert!(run.stdout.contains("host-contradicts-provider"), "{}", run.stdout);
    assert!(!run.stdout.contains("centurylink"), "{}", run.stdout);
}

#[tokio::test]
async fn what_the_domain_itself_publishes_counts_and_what_nobody_proves_does_not() {
    let other = || (Protocol::Imap, server("old.reef.example", 993, Security::ImplicitTls));
    let other_port = || (Protocol::Imap, server("mail.reef.example", 9930, Security::ImplicitTls));
    let starttls = || (Protocol::Imap, server("mail.reef.example", 143, Security::StartTls));
    let pop3 = || (Protocol::Pop3, server("pop.reef.example", 995, Security::ImplicitTls));
    let further = || vec![other(), (Protocol::Imap, server("mail.reef.example", 993, Security::ImplicitTls))];
    for (what, servers, worth, expected) in [
        ("another host", vec![other()], Worth::Binding, "published-differs"),
        ("another host, which nobody proves", vec![other()], Worth::Hint, ""),
        ("another port", vec![other_port()], Worth::Binding, "published-differs"),
        ("the other registered port of the same host", vec![starttls()], Worth::Binding, ""),
        ("a protocol that the account does not have", vec![pop3()], Worth::Binding, ""),
        ("a further host", further(), Worth::Binding, ""),
    ] {
        let claim = Claim { source: "(source)".to_owned(), servers, worth };
        let facts = DomainFacts { published: Some(vec![claim]), records: None };
        assert_eq!(told(&facts, "published", nobody()).await, expected, "{what}");
    }
}

/// Each zone beside the records that the settings make: the cause, or nothing.
#[tokio::test]
async fn records_are_judged_by_where_a_client_goes_first() {
    let right = "_imaps._tcp SRV 0 1 993 mail; _submission._tcp SRV 0 1 587 mail";
    for (what, zone, expected) in [
        ("no record", "@ MX 0 mail", ""),
        ("as they should be", right, ""),
        ("another host", "_imaps._tcp SRV 0 1 993 old; _submission._tcp SRV 0 1 587 mail", "records-differ"),
        ("another port", "_imaps._tcp SRV 0 1 9930 mail; _submission._tcp SRV 0 1 587 mail", "records-differ"),
        ("a further host behind", format!("{right}; _imaps._tcp SRV 10 1 993 old").as_str(), ""),
        ("a further host before", format!("_imaps._tcp SRV 10 1 993 old; {right}").as_str(), ""),
        ("a host in front", "_imaps._tcp SRV 9 1 993 mail; _imaps._tcp SRV 1 1 993 old", "records-differ"),
        ("said not to be offered", "_imaps._tcp SRV 0 0 0 .; _submission._tcp SRV 0 1 587 mail", "records-differ"),
        ("nowhere to send", "_imaps._tcp SRV 0 1 993 mail", "records-differ"),
        ("the other port of receiving", "_imap._tcp SRV 0 1 143 mail; _submission._tcp SRV 0 1 587 mail", ""),
        ("what the settings do not have", format!("{right}; _pop3s._tcp SRV 0 1 995 mail").as_str(), ""),
        (
            "another digest",
            format!("{right}; _ua-auto-config TXT \"v=UAAC1;a=sha256;d=AAAA\"").as_str(),
            "records-differ",
        ),
    ] {
        let names = Names::start(zone.split("; ").map(record).collect()).await;
        let facts = DomainFacts { published: None, records: Some(wanted()) };
        let network = nobody().with_names(Dns::at(&[names.address]).unwrap());
        assert_eq!(told(&facts, "records", network).await, expected, "{what}");
    }
}

/// BIND signs a root of our own, and Knot serves it: as it is, and with a record changed after it was signed.
#[tokio::test]
async fn signatures_that_do_not_hold_are_told_and_their_absence_is_not() {
    let programs = ["dnssec-keygen", "dnssec-signzone", "knotd"].map(installed);
    let Some(programs) = programs.into_iter().collect::<Option<Vec<PathBuf>>>() else { return };
    let root = SignedRoot::new(&programs);
    for (what, forged, expected, found) in [
        ("signed", "", "", "signed: 3 names"),
        ("another host", "_imaps._tcp.reef.example.", "dnssec-bogus", ""),
        ("another address", "mail.reef.example.", "dnssec-bogus", ""),
    ] {
        let (_knot, at) = root.served(&programs, forged);
        let dns = Dns::at(&[at]).unwrap().trusting(&root.anchor).unwrap();
        let steps = steps(&DomainFacts::default(), "dnssec", nobody().with_names(dns)).await;
        assert_eq!(cause(&steps), expected, "{what}: {steps:#?}");
        if expected.is_empty() {
            assert_eq!(steps[0].words().found, found, "{what}");
        }
    }
    // Nobody here signs anything.
    let names = Names::start(vec![record("_imaps._tcp SRV 0 1 993 mail")]).await;
    let dns = Dns::at(&[names.address]).unwrap();
    assert_eq!(told(&DomainFacts::default(), "dnssec", nobody().with_names(dns)).await, "");
}

/// What nobody answers is no word of the domain.
#[tokio::test]
async fn without_a_name_server_nothing_is_said_of_the_domain() {
    let facts = DomainFacts { published: None, records: Some(wanted()) };
    for check in ["published", "records", "dnssec"] {
        let steps = steps(&facts, check, nobody()).await;
        assert_eq!(steps[0].gap(), Some(&Reason::NameServerSilent), "{check}: {steps:#?}");
    }
}

/// The name of the one cause that a check of the domain tells, if any.
async fn told(facts: &DomainFacts, check: &str, network: Network) -> String {
    cause(&steps(facts, check, network).await).to_owned()
}

fn cause(steps: &[Step]) -> &'static str {
    match diagnoses(steps).as_slice() {
        [] => "",
        [one] => one.row.name,
        several => panic!("{several:#?}"),
    }
}

async fn steps(facts: &DomainFacts, check: &str, network: Network) -> Vec<Step> {
    let options = Options {
        now: SystemTime::now(),
        step_timeout: Duration::from_secs(20),
        connections: Connections::Shared,
        checks: Chosen::of_doctor().only(&[check]),
    };
    let steps = provost_verify::examine_domain(&account(), facts, &network, &options).await;
    assert_eq!(steps.iter().map(|step| step.check.name).collect::<Vec<_>>(), [check]);
    steps
}

fn account() -> Account {
    let address = EmailAddress::try_from("jane@reef.example").unwrap();
    let login = Login::try_from(address.as_str()).unwrap();
    let server = |port, security| Server {
        endpoint: server("mail.reef.example", port, security),
        login: Some(login.clone()),
        password: None,
    };
    Account {
        incoming: vec![Incoming { protocol: IncomingProtocol::Imap, server: server(993, Security::ImplicitTls) }],
        outgoing: vec![server(587, Security::StartTls)],
        ..Account::of(address)
    }
}

fn server(host: &str, port: u16, security: Security) -> Endpoint {
    let (host, port) = (Host::try_from(host).unwrap(), Port::new(port).unwrap());
    Endpoint { host, port, security, authentication: Authentication::PasswordCleartext }
}

/// What settings with the account's servers, and with a document of PACC, make.
fn wanted() -> Vec<WantedRecord> {
    let srv = |service: &str, port: u16| {
        let target = (port != 0).then(|| ("mail.reef.example".to_owned(), port));
        WantedRecord { name: format!("_{service}._tcp.reef.example"), says: RecordSays::Srv(target) }
    };
    let services = [("imaps", 993), ("imap", 0), ("pop3s", 0), ("pop3", 0), ("submissions", 0), ("submission", 587)];
    let mut wanted: Vec<WantedRecord> = services.map(|(service, port)| srv(service, port)).into();
    let digest = RecordSays::Txt("v=UAAC1;a=sha256;d=BBBB".to_owned());
    wanted.push(WantedRecord { name: "_ua-auto-config.reef.example".to_owned(), says: digest });
    wanted
}

/// A record of the domain: owner, type and data as in its zone file.
fn record(line: &str) -> Record {
    let mut parts = line.splitn(3, ' ');
    let (owner, kind, data) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let owner = if owner == "@" { "reef.example".to_owned() } else { format!("{owner}.reef.example") };
    let is_relative = kind != "TXT" && !data.ends_with('.');
    Record::new(&owner, kind, &if is_relative { format!("{data}.reef.example.") } else { data.to_owned() })
}

/// A network in which nobody is.
fn nobody() -> Network {
    let made = rcgen::generate_simple_self_signed(vec!["nobody.example".to_owned()]).unwrap();
    Network::mapped(Vec::new(), &[Certificate::try_from(made.cert.der().to_vec()).unwrap()]).unwrap()
}

/// A root zone with the domain in it, signed.
struct SignedRoot {
    folder: tempfile::TempDir,
    zone: String,
    anchor: String,
}

impl SignedRoot {
    fn new(programs: &[PathBuf]) -> Self {
        let folder = folder();
        let run = |program: &Path, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).current_dir(folder.path()).output().unwrap();
            assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let [keygen, signzone, _] = programs else { panic!("three programs") };
        let key = run(keygen, &["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "."]);
        let public = fs::read_to_string(folder.path().join(format!("{}.key", key.trim()))).unwrap();
        let anchor = public.lines().find(|line| !line.starts_with(';')).unwrap().to_owned();
        fs::write(folder.path().join("zone"), format!("{ZONE}{anchor}\n")).unwrap();
        run(signzone, &["-z", "-P", "-o", ".", "-O", "full", "-f", "signed", "zone", key.trim()]);
        let zone = fs::read_to_string(folder.path().join("signed")).unwrap();
        Self { folder, zone, anchor }
    }

    /// Knot with the zone, in which the last part of this owner's data is another one.
    fn served(&self, programs: &[PathBuf], forged: &str) -> (Running, SocketAddr) {
        let is_forged = |line: &str| {
            !forged.is_empty()
                && line.starts_with(&format!("{forged}\t"))
                && !line.contains("RRSIG")
                && !line.contains("NSEC")
        };
        let zone: String = self
            .zone
            .lines()
            .map(|line| {
                if is_forged(line) {
                    line.replace(" mail.", " evil.").replacen("192.0.2.7", "192.0.2.66", 1)
                } else {
                    line.to_owned()
                }
            })
            .map(|line| line + "\n")
            .collect();
        let folder = self.folder.path().join(if forged.is_empty() { "right" } else { forged });
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("zone"), zone).unwrap();
        let at = free();
        let place = folder.display();
        let mut config = format!("server:\n  rundir: {place}\n  listen: 127.0.0.1@{}\n", at.port());
        write!(config, "database:\n  storage: {place}\nlog:\n  - target: stderr\n    any: warning\n").unwrap();
        write!(config, "zone:\n  - domain: .\n    storage: {place}\n    file: zone\n").unwrap();
        fs::write(folder.join("knot.conf"), config).unwrap();
        let mut knot = Command::new(&programs[2]);
        knot.arg("-c").arg(folder.join("knot.conf")).stdout(Stdio::null());
        let mut knot = Running(knot.spawn().unwrap());
        // It accepts connections once it has loaded the zone.
        while TcpStream::connect(at).is_err() {
            assert_eq!(knot.0.try_wait().unwrap(), None, "Knot has ended");
            std::thread::yield_now();
        }
        (knot, at)
    }
}

/// An address that is free for both: Knot takes none that it is given open.
fn free() -> SocketAddr {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = tcp.local_addr().unwrap();
        if UdpSocket::bind(at).is_ok() {
            return at;
        }
    }
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const ZONE: &str = "\
. 60 IN SOA ns.reef.example. hostmaster.reef.example. 1 3600 600 86400 60
. 60 IN NS ns.reef.example.
ns.reef.example. 60 IN A 127.0.0.1
mail.reef.example. 60 IN A 192.0.2.7
reef.example. 60 IN MX 10 mail.reef.example.
_imaps._tcp.reef.example. 60 IN SRV 0 1 993 mail.reef.example.
";
