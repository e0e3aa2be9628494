//! `provost dns` against a real name server, Knot DNS, which reads the zone that it prints; and whether records are signed,
//! as that server signs them below a root of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use provost_network::{Dns, Dnssec};
use provost_tests::{Running, folder, has_program, provost};

#[test]
fn what_is_published_is_found_and_what_differs_is_named() {
    let Some(knot) = Knot::installed() else { return };
    let home = folder();
    let settings = home.path().join("mail.yaml");
    let settings = settings.to_str().unwrap();
    fs::write(settings, SETTINGS).unwrap();
    let records = provost(&["dns", "-c", settings]);
    assert_eq!(records.status, Some(0), "{}", records.output());
    let running = knot.start(home.path(), |zone| if zone == "signed" { records.stdout.clone() } else { String::new() });
    let at = running.at.to_string();
    let check = |text: &str| {
        fs::write(settings, text).unwrap();
        provost(&["dns", "-c", settings, "--check", "--name-server", &at])
    };
    let same = check(SETTINGS);
    assert_eq!(same.status, Some(0), "{}", same.output());
    assert_eq!(same.stdout.matches("found").count(), records.stdout.lines().count(), "{}", same.stdout);

    let moved = SETTINGS.replace("port: 993", "port: 1993").replace("web: { host: www.signed.example }", "");
    let moved =
        check(&moved.replace("domains: [signed.example]", "domains: [signed.example, elsewhere.signed.example]"));
    assert_eq!(moved.status, Some(1), "{}", moved.output());
    let rows: Vec<String> =
        moved.stdout.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for row in [
        "other _imaps._tcp.signed.example SRV unknown 0 1 1993 mail.signed.example. 0 1 993 mail.signed.example.",
        "found _submissions._tcp.signed.example SRV unknown 0 1 465 mail.signed.example.",
        "missing _imaps._tcp.elsewhere.signed.example SRV 0 1 1993 mail.signed.example. no such name",
    ] {
        assert!(rows.contains(&row.to_owned()), "{row} is not in\n{}", moved.stdout);
    }
    drop(running);
    let gone = check(SETTINGS);
    assert_eq!(gone.status, Some(2), "{}", gone.output());
    assert!(gone.stdout.contains("no name server listens there"), "{}", gone.stdout);
    assert!(gone.stderr.contains("error: no answer for "), "{}", gone.stderr);
}

/// The same three zones, all of whose records are there.
#[test]
fn a_comparison_says_what_is_signed_and_a_wrong_signature_is_not_good() {
    let Some(knot) = Knot::installed() else { return };
    let home = folder();
    let settings = |zone: &str| {
        let path = home.path().join(format!("{zone}.yaml"));
        fs::write(&path, SETTINGS.replace("signed.example", &format!("{zone}.example"))).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let running = knot.start(home.path(), |zone| provost(&["dns", "-c", &settings(zone)]).stdout);
    let (at, anchor) = (running.at.to_string(), home.path().join("root.key"));
    let anchor = anchor.to_str().unwrap();
    // As in Unbound's `root.key`: with a remark above, and one behind.
    fs::write(anchor, format!("; autotrust trust anchor file\n{} ;;state=2 [  VALID  ]\n", running.anchor.trim()))
        .unwrap();
    for (zone, words, name, status) in [
        ("signed", "signed", "secure", 0),
        ("unsigned", "not signed", "insecure", 0),
        ("broken", "wrong signature", "bogus", 1),
    ] {
        let check = |more: &[&str]| {
            let settings = settings(zone);
            provost(&[&["dns", "-c", &settings, "--check", "--name-server", &at], more].concat())
        };
        let told = check(&["--trust-anchor", anchor]);
        assert_eq!(told.status, Some(status), "{}", told.output());
        let rows: Vec<Vec<&str>> = told.stdout.lines().skip(1).map(cells).collect();
        assert!(rows.len() > 8, "{}", told.stdout);
        assert!(rows.iter().all(|row| row[0] == "found" && row[3] == words), "{}", told.stdout);
        let told = check(&["--trust-anchor", anchor, "--json"]);
        for line in told.stdout.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(row["dnssec"], name, "{line}");
        }
        // By the keys of the Internet's root nobody knows, and nothing is wrong.
        let told = check(&[]);
        assert_eq!(told.status, Some(0), "{}", told.output());
        assert!(told.stdout.lines().skip(1).all(|row| cells(row)[3] == "unknown"), "{}", told.stdout);
    }
    fs::write(anchor, "; nothing\n").unwrap();
    let told = provost(&["dns", "-c", &settings("signed"), "--check", "--name-server", &at, "--trust-anchor", anchor]);
    assert_eq!(told.status, Some(2));
    let words =
        "  because: no trust anchor; a DNSKEY record of the root is expected\n\nhint: give the root's keys as DNSKEY";
    assert!(told.stderr.contains(words), "{}", told.stderr);
}

#[test]
fn a_signed_record_is_told_from_an_unsigned_and_from_a_broken_one() {
    let Some(knot) = Knot::installed() else { return };
    let home = folder();
    let running = knot.start(home.path(), |_| String::new());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let dns = Dns::at(&[running.at]).unwrap();
        let own = dns.clone().trusting(&running.anchor).unwrap();
        for (zone, expected) in [("signed", Dnssec::Secure), ("unsigned", Dnssec::Insecure), ("broken", Dnssec::Bogus)]
        {
            let name = format!("_sip._tcp.{zone}.example");
            let answer = own.srv(&name).await;
            assert_eq!(answer.dnssec, expected, "{zone}");
            assert!(answer.records.is_ok(), "{zone}: an answer does not depend on its signature");
            // An alias counts as much as what it leads to.
            let answer = own.srv(&format!("_sip._udp.{zone}.example")).await;
            assert_eq!(answer.dnssec, expected, "{zone}, behind an alias");
            // By the Internet's anchors, this root is nobody's.
            assert_eq!(dns.srv(&name).await.dnssec, Dnssec::Unknown, "{zone}");
        }
        let crossed = own.srv("_crossed._tcp.signed.example").await;
        assert_eq!(crossed.dnssec, Dnssec::Insecure, "an alias in a signed zone that leads out of it");
    });
}

/// A row of a table.
fn cells(row: &str) -> Vec<&str> {
    row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

const SETTINGS: &str = "provost: 1
organization: { id: example.signed, name: Signed }
domains: [signed.example]
username: \"%EMAILADDRESS%\"
incoming:
  - { protocol: imap, host: mail.signed.example, port: 993, socket_type: SSL, authentication: password-cleartext }
outgoing:
  - { host: mail.signed.example, port: 465, socket_type: SSL, authentication: password-cleartext }
calendar: { url: https://dav.signed.example/dav/ }
web: { host: www.signed.example }
";

/// The programs of Knot DNS.
struct Knot {
    server: PathBuf,
    keys: PathBuf,
}

/// A server, and the key of its root.
struct Serving {
    at: SocketAddr,
    anchor: String,
    _knot: Running,
}

impl Knot {
    fn installed() -> Option<Self> {
        let [server, keys] = ["knotd", "keymgr"].map(|name| Path::new("/usr/sbin").join(name));
        has_program(server.is_file() && keys.is_file(), "knot is not installed").then_some(Self { server, keys })
    }

    /// Serves a root and three zones, with these records besides: one that is signed, one that is not, and one whose keys
    /// are not those that the root vouches for.
    fn start(&self, home: &Path, records: impl Fn(&str) -> String) -> Serving {
        let at = free_address();
        let path = home.to_str().unwrap();
        fs::create_dir(home.join("keys")).unwrap();
        fs::write(home.join("knot.conf"), configuration(path, at)).unwrap();
        let keys = |arguments: &[&str]| {
            let configuration = home.join("knot.conf");
            let made = Command::new(&self.keys).arg("-c").arg(configuration).args(arguments).output().unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            String::from_utf8(made.stdout).unwrap()
        };
        for zone in [".", "signed.example", "broken.example"] {
            keys(&[zone, "generate", "algorithm=13", "ksk=yes", "zsk=yes"]);
        }
        let start = |zone: &str| {
            format!(
                "{zone} 3600 SOA ns.example.net. hostmaster.example.net. 1 3600 600 86400 60\n{zone} 3600 NS ns.example.net.\n"
            )
        };
        for zone in ["signed", "unsigned", "broken"] {
            let own = format!(
                "_sip._tcp.{zone}.example. 60 SRV 0 1 5060 sip.example.net.\n\
                 _sip._udp.{zone}.example. 60 CNAME _sip._tcp.{zone}.example.\n"
            );
            let more = match zone {
                "signed" => "_crossed._tcp.signed.example. 60 CNAME _sip._tcp.unsigned.example.\n",
                _ => "",
            };
            fs::write(home.join(zone), start(&format!("{zone}.example.")) + &own + more + &records(zone)).unwrap();
        }
        let vouched = keys(&["signed.example", "ds"]);
        let delegations =
            ["signed", "unsigned", "broken"].map(|zone| format!("{zone}.example. 3600 NS ns.example.net.\n"));
        let root =
            start(".") + &delegations.concat() + &vouched + &vouched.replace("signed.example.", "broken.example.");
        fs::write(home.join("root"), root + "ns.example.net. 3600 A 127.0.0.1\n").unwrap();
        let anchor = keys(&[".", "dnskey"]).replace("DNSKEY", "3600 IN DNSKEY");
        let mut knot = Command::new(&self.server);
        let knot = knot.arg("-c").arg(home.join("knot.conf")).stderr(Stdio::piped()).stdout(Stdio::null());
        let mut knot = Running(knot.spawn().unwrap());
        let mut log = String::new();
        let mut lines = BufReader::new(knot.0.stderr.take().unwrap());
        while !log.contains("server started") {
            assert!(lines.read_line(&mut log).unwrap() > 0, "knotd ended: {log}");
        }
        // It goes on writing, and must not find the pipe closed.
        std::thread::spawn(move || lines.lines().count());
        Serving { at, anchor, _knot: knot }
    }
}

fn configuration(home: &str, at: SocketAddr) -> String {
    let signed = |zone: &str, file: &str| {
        format!("  - domain: {zone}\n    file: {file}\n    dnssec-signing: on\n    dnssec-policy: own\n")
    };
    format!(
        "server:\n  rundir: {home}\n  listen: {}@{}\ndatabase:\n  storage: {home}/keys\n\
         policy:\n  - id: own\n    manual: on\n    single-type-signing: on\n    algorithm: ecdsap256sha256\n\
         template:\n  - id: default\n    storage: {home}\n    zonefile-sync: -1\n\
         log:\n  - target: stderr\n    any: info\n\
         zone:\n{}{}{}  - domain: unsigned.example\n    file: unsigned\n",
        at.ip(),
        at.port(),
        signed(".", "root"),
        signed("signed.example", "signed"),
        signed("broken.example", "broken"),
    )
}

/// A port that is free for UDP and TCP: knotd takes none by itself.
fn free_address() -> SocketAddr {
    loop {
        let tcp = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let at = tcp.local_addr().unwrap();
        if UdpSocket::bind(at).is_ok() {
            return at;
        }
    }
}
