//! Records from a name server that records what it is asked: what is found, what is sent, and which silence is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, SRV, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use provost_account::Certificate;
use provost_network::{Absent, Dns, Dnssec, Mx, Network, Srv, Unanswered};
use tokio::net::UdpSocket;

#[tokio::test]
async fn a_service_is_found_behind_an_alias() {
    let names = NameServer::serve(Says::Records).await;
    let imaps = Srv { priority: 0, weight: 1, port: 993, target: Some("mail.example.net".to_owned()) };
    for name in ["_imaps._tcp.example.org", "_imaps._tcp.alias.example.org", "_imaps._tcp.alias.example.org."] {
        assert_eq!(names.dns.srv(name).await.records, Ok(vec![imaps.clone()]), "{name}");
    }
    let none = Srv { priority: 0, weight: 0, port: 0, target: None };
    assert_eq!(names.dns.srv("_pop3._tcp.example.org").await.records, Ok(vec![none]));
    let circle = names.dns.srv("_imaps._tcp.circle.example.org").await.records;
    assert_eq!(circle, Err(Absent::Failed(Unanswered::Aliases)));
}

#[tokio::test]
async fn every_type_is_read() {
    let names = NameServer::serve(Says::Records).await;
    let exchange = |preference, exchange: Option<&str>| Mx { preference, exchange: exchange.map(str::to_owned) };
    assert_eq!(names.dns.mx("example.org").await.records, Ok(vec![exchange(10, Some("mx.example.net"))]));
    assert_eq!(names.dns.mx("alias.example.org").await.records, Ok(vec![exchange(10, Some("mx.example.net"))]));
    assert_eq!(names.dns.mx("nomail.example.org").await.records, Ok(vec![exchange(0, None)]));
    assert_eq!(names.dns.txt("_ua-auto-config.example.org").await.records, Ok(vec!["v=UAAC1; a=sha256".to_owned()]));
    assert_eq!(names.dns.cname("alias.example.org").await.records, Ok(vec!["example.org".to_owned()]));
    let addresses = |all: &[&str]| Ok(all.iter().map(|it| it.parse().unwrap()).collect::<Vec<_>>());
    for (host, expected) in
        [("mail.example.net", addresses(&["192.0.2.7", "2001:db8::7"])), ("old.example.net", addresses(&["192.0.2.8"]))]
    {
        assert_eq!(names.dns.address_records(host).await.records, expected, "{host}");
    }
    assert_eq!(names.dns.address_records("example.org").await.records, Err(Absent::NoData));
}

#[tokio::test]
async fn an_absence_says_which() {
    let names = NameServer::serve(Says::Records).await;
    assert_eq!(names.dns.txt("example.org").await.records, Err(Absent::NoData));
    assert_eq!(names.dns.cname("example.org").await.records, Err(Absent::NoData));
    assert_eq!(names.dns.mx("elsewhere.example.org").await.records, Err(Absent::NoSuchName));
    assert_eq!(names.dns.srv("_imap._tcp.example.org").await.records, Err(Absent::NoSuchName));
    let nobody = Network::mapped(Vec::new(), &[authority()]).unwrap();
    assert_eq!(nobody.srv("_imaps._tcp.example.org").await.records, Err(Absent::NotAsked));
    let somebody = nobody.with_names(names.dns);
    assert!(somebody.srv("_imaps._tcp.example.org").await.records.is_ok());
}

/// Without signatures from the root down, nobody knows; and what was found stays found.
#[tokio::test]
async fn a_name_server_without_signatures_proves_nothing_and_hides_nothing() {
    let names = NameServer::serve(Says::Records).await;
    let answer = names.dns.mx("example.org").await;
    assert_eq!(answer.dnssec, Dnssec::Unknown);
    assert!(answer.records.is_ok());
}

#[tokio::test]
async fn names_are_sent_and_nothing_else() {
    let names = NameServer::serve(Says::Records).await;
    names.dns.srv("_imaps._tcp.example.org").await.records.unwrap();
    let asked: Vec<String> = names.asked();
    assert_eq!(asked[..2], ["_imaps._tcp.example.org. CNAME", "_imaps._tcp.example.org. SRV"]);
    // What proves it, from there up to the root, and nothing of a search list.
    for question in &asked[2..] {
        let (name, kind) = question.split_once(' ').unwrap();
        assert!("_imaps._tcp.example.org.".ends_with(name), "{question}");
        assert!(["CNAME", "SRV", "DNSKEY", "DS", "NS"].contains(&kind), "{question}");
    }
}

#[tokio::test]
async fn a_name_server_that_is_not_there_is_told_from_one_that_is_silent() {
    // The socket is taken, and closed again: what is sent there comes back as an error.
    let closed = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    let dns = Dns::at(&[closed]).unwrap();
    assert_eq!(dns.mx("example.org").await.records, Err(Absent::Failed(Unanswered::Closed)));
    let silent = NameServer::serve(Says::Nothing).await;
    assert_eq!(silent.dns.mx("example.org").await.records, Err(Absent::Failed(Unanswered::Silent)));
    let refuses = NameServer::serve(Says::Refused).await;
    let refused = refuses.dns.mx("example.org").await.records.unwrap_err();
    assert_eq!(refused, Absent::Failed(Unanswered::Code("Query Refused".to_owned())));
}

/// The zone of this name server.
fn records() -> Vec<Record> {
    let name = |text: &str| Name::from_ascii(text).unwrap();
    let record = |owner: &str, data| Record::from_rdata(name(owner), 60, data);
    let srv = |priority, weight, port, target: &str| RData::SRV(SRV::new(priority, weight, port, name(target)));
    vec![
        record("_imaps._tcp.example.org.", srv(0, 1, 993, "Mail.Example.Net.")),
        record("mail.example.net.", RData::A(A::new(192, 0, 2, 7))),
        record("mail.example.net.", RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7))),
        record("old.example.net.", RData::A(A::new(192, 0, 2, 8))),
        record("_pop3._tcp.example.org.", srv(0, 0, 0, ".")),
        record("_imaps._tcp.alias.example.org.", RData::CNAME(CNAME(name("_imaps._tcp.example.org.")))),
        record("_imaps._tcp.circle.example.org.", RData::CNAME(CNAME(name("_imaps._tcp.circle.example.org.")))),
        record("alias.example.org.", RData::CNAME(CNAME(name("example.org.")))),
        record("example.org.", RData::MX(MX::new(10, name("mx.example.net.")))),
        record("nomail.example.org.", RData::MX(MX::new(0, Name::root()))),
        record(
            "_ua-auto-config.example.org.",
            RData::TXT(TXT::new(vec!["v=UAAC1; ".to_owned(), "a=sha256".to_owned()])),
        ),
    ]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Records,
    Refused,
    Nothing,
}

/// A name server on loopback that records.
struct NameServer {
    dns: Dns,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    async fn serve(says: Says) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let at: SocketAddr = socket.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let record = Arc::clone(&asked);
        // It ends with the test's runtime.
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((length, client)) = socket.recv_from(&mut buffer).await {
                let message = Message::from_vec(&buffer[..length]).unwrap();
                record
                    .lock()
                    .unwrap()
                    .extend(message.queries.iter().map(|it| format!("{} {}", it.name, it.query_type)));
                if says != Says::Nothing {
                    socket.send_to(&answer(&message, says).to_vec().unwrap(), client).await.unwrap();
                }
            }
        });
        Self { dns: Dns::at(&[at]).unwrap(), asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// As an authoritative server with the aliases in front (RFC 1034 §4.3.2).
fn answer(question: &Message, says: Says) -> Message {
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.add_queries(question.queries.clone());
    if says == Says::Refused {
        answer.metadata.response_code = ResponseCode::Refused;
        return answer;
    }
    let query = &question.queries[0];
    let mut owner = query.name.clone();
    for _ in 0..3 {
        let own: Vec<Record> = records().into_iter().filter(|record| record.name == owner).collect();
        if own.is_empty() && !records().iter().any(|record| owner.zone_of(&record.name)) {
            answer.metadata.response_code = ResponseCode::NXDomain;
        }
        answer.add_answers(own.iter().filter(|it| it.record_type() == query.query_type).cloned());
        let alias = own.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if query.query_type != RecordType::CNAME => Some((record.clone(), target.0.clone())),
            _ => None,
        });
        let Some((record, target)) = alias else { break };
        answer.add_answer(record);
        owner = target;
    }
    answer
}

fn authority() -> Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["unused.example.net".to_owned()]).unwrap();
    Certificate::try_from(made.cert.der().to_vec()).unwrap()
}
