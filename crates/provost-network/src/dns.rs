//! Records of the domain name system by asking a name server: SRV, MX, TXT, CNAME. The addresses that are connected to come
//! from the system's resolver, as clients find them; their records are asked for to say whether they are signed. Names are
//! absolute: no search list is applied.
//!
//! What is found does not depend on DNSSEC. Whether it is signed is asked apart, by a second resolver, and told beside it.

use std::fmt;
use std::future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as Said, NetError, NoRecords};
use hickory_resolver::proto::dnssec::{Proof, TrustAnchors};
use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use thiserror::Error;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// Name servers to ask. A copy of it costs nothing, and shares what is remembered of the answers.
#[derive(Debug, Clone)]
pub struct Dns {
    plain: TokioResolver,
    validating: TokioResolver,
    servers: Arc<[SocketAddr]>,
}

/// What a name server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// The records, at least one, in the order in which they came; or why there are none.
    pub records: Result<Vec<T>, Absent>,
    /// Whether they are signed. Where there are none, nobody has looked.
    pub dnssec: Dnssec,
}

/// Why there are no records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absent {
    /// There is no such name.
    NoSuchName,
    /// The name is there, without a record of this type.
    NoData,
    /// The network has no name server.
    NotAsked,
    /// No name server gives an answer.
    Failed(Unanswered),
}

/// Why a name server gives no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// It stays silent.
    Silent,
    /// Nothing listens there, and the host says so.
    Closed,
    /// It says that it does not answer: this code, in the library's words.
    Code(String),
    /// Aliases lead in a circle, or further than anybody follows them.
    Aliases,
    /// Otherwise, in the library's words.
    Other(String),
}

/// Whether an answer is signed, up to a trust anchor (RFC 4035 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dnssec {
    /// It ought to be, and its signatures do not hold. This may be an attack, or a zone that is not kept.
    Bogus,
    /// Nobody knows: the name server gives no signatures, or none in time.
    Unknown,
    /// The zone is not signed.
    Insecure,
    /// It is.
    Secure,
}

/// Where a service is (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Srv {
    /// The lowest is to be asked first.
    pub priority: u16,
    /// Among those of one priority, how often.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host, in lower case, without the last dot. `None`: the service is not offered.
    pub target: Option<String>,
}

/// Who takes a domain's mail (RFC 5321 §5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mx {
    /// The lowest is to be asked first.
    pub preference: u16,
    /// The host, in lower case, without the last dot. `None`: the domain takes no mail (RFC 7505).
    pub exchange: Option<String>,
}

/// Why nobody can be asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DnsError {
    /// The system's settings name no name server that can be used.
    #[error("the system's name servers are not known")]
    Settings(#[source] NetError),
    /// A trust anchor is no DNSKEY record.
    #[error("a trust anchor is no DNSKEY record")]
    Anchor(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no trust anchor: nothing would be signed.
    #[error("no trust anchor; a DNSKEY record of the root is expected")]
    NoAnchor,
}

impl Dns {
    /// The system's name servers.
    ///
    /// # Errors
    ///
    /// It names none.
    pub fn of_system() -> Result<Self, DnsError> {
        let (config, _) = system().map_err(DnsError::Settings)?;
        Self::new(config.name_servers, TrustAnchors::default()).map_err(DnsError::Settings)
    }

    /// These name servers.
    ///
    /// # Errors
    ///
    /// The library cannot be set up.
    pub fn at(servers: &[SocketAddr]) -> Result<Self, DnsError> {
        Self::new(configured(servers), TrustAnchors::default()).map_err(DnsError::Settings)
    }

    /// The same name servers, whose answers are judged by these trust anchors and not by those of the Internet: DNSKEY
    /// records of the root as a zone file has them, such as in Unbound's `root.key`.
    ///
    /// # Errors
    ///
    /// One is none, or there is none.
    pub fn trusting(self, anchors: &str) -> Result<Self, DnsError> {
        if anchors.lines().map(str::trim_start).all(|line| line.is_empty() || line.starts_with(';')) {
            return Err(DnsError::NoAnchor);
        }
        let anchors: TrustAnchors = anchors.parse().map_err(|error| DnsError::Anchor(Box::new(error)))?;
        Self::new(configured(&self.servers), anchors).map_err(DnsError::Settings)
    }

    fn new(servers: Vec<NameServerConfig>, anchors: TrustAnchors) -> Result<Self, NetError> {
        let sockets = servers.iter().filter_map(|it| Some(SocketAddr::new(it.ip, it.connections.first()?.port)));
        let sockets = sockets.collect();
        let mut options = ResolverOpts::default();
        options.timeout = TIMEOUT;
        options.attempts = 1;
        options.use_hosts_file = ResolveHosts::Never;
        // One name server is told what is asked, not two.
        options.num_concurrent_reqs = 1;
        let config = ResolverConfig::from_parts(None, Vec::new(), servers);
        let builder = || {
            let provider = TokioRuntimeProvider::default();
            TokioResolver::builder_with_config(config.clone(), provider).with_options(options.clone())
        };
        let plain = builder().build()?;
        Ok(Self { plain, validating: builder().with_trust_anchor(Arc::new(anchors)).build()?, servers: sockets })
    }

    /// Where a service is, such as `_imaps._tcp.example.org`.
    pub async fn srv(&self, name: &str) -> Answer<Srv> {
        // hickory-resolver 0.26.3 asks for the target's SRV behind an alias, and finds nothing: so the alias is followed here.
        let mut asked = Vec::new();
        let mut name = name.to_owned();
        loop {
            if asked.len() == ALIASES_MAX {
                return absent(Absent::Failed(Unanswered::Aliases));
            }
            match self.ask(&name, RecordType::CNAME).await {
                Ok(records) => {
                    asked.push((name, RecordType::CNAME));
                    let target = records.iter().find_map(alias);
                    let Some(target) = target else { return absent(Absent::NoData) };
                    name = target;
                }
                Err(Absent::NoData) => break,
                Err(other) => return absent(other),
            }
        }
        let found = self.ask(&name, RecordType::SRV).await;
        asked.push((name, RecordType::SRV));
        self.answer(found, &asked, |record| match &record.data {
            RData::SRV(it) => {
                let (priority, weight, port) = (it.priority, it.weight, it.port);
                Some(Srv { priority, weight, port, target: host(&it.target) })
            }
            _ => None,
        })
        .await
    }

    /// Who takes a domain's mail.
    pub async fn mx(&self, name: &str) -> Answer<Mx> {
        self.look_up(name, RecordType::MX, |record| match &record.data {
            RData::MX(it) => Some(Mx { preference: it.preference, exchange: host(&it.exchange) }),
            _ => None,
        })
        .await
    }

    /// The texts of a name, each with its strings put together; octets that are not UTF-8 are replaced.
    pub async fn txt(&self, name: &str) -> Answer<String> {
        self.look_up(name, RecordType::TXT, |record| match &record.data {
            RData::TXT(it) => Some(String::from_utf8_lossy(&it.txt_data.concat()).into_owned()),
            _ => None,
        })
        .await
    }

    /// The name that this one stands for, in lower case, without the last dot. It is not followed.
    pub async fn cname(&self, name: &str) -> Answer<String> {
        self.look_up(name, RecordType::CNAME, alias).await
    }

    /// The addresses of a host by its records, of both families.
    pub async fn address_records(&self, name: &str) -> Answer<IpAddr> {
        let kinds = [RecordType::A, RecordType::AAAA];
        let found = join_all(kinds.map(|kind| self.ask(name, kind))).await;
        // A name without IPv6 has nothing to be signed there.
        let asked: Vec<(String, RecordType)> = kinds
            .into_iter()
            .zip(&found)
            .filter(|(_, it)| it.is_ok())
            .map(|(kind, _)| (name.to_owned(), kind))
            .collect();
        let all = found.into_iter().reduce(|one, other| match (one, other) {
            (Ok(one), Ok(other)) => Ok([one, other].concat()),
            (Ok(some), Err(_)) | (Err(_), Ok(some)) => Ok(some),
            (Err(why), Err(_)) => Err(why),
        });
        let all = all.expect("two types were asked for");
        self.answer(all, &asked, |record| match &record.data {
            RData::A(it) => Some(IpAddr::V4(it.0)),
            RData::AAAA(it) => Some(IpAddr::V6(it.0)),
            _ => None,
        })
        .await
    }

    async fn look_up<T>(&self, name: &str, kind: RecordType, record: impl Fn(&Record) -> Option<T>) -> Answer<T> {
        let found = self.ask(name, kind).await;
        self.answer(found, &[(name.to_owned(), kind)], record).await
    }

    async fn answer<T>(
        &self,
        found: Result<Vec<Record>, Absent>,
        asked: &[(String, RecordType)],
        record: impl Fn(&Record) -> Option<T>,
    ) -> Answer<T> {
        match found {
            Ok(records) => {
                let records = records.iter().filter_map(record).collect();
                Answer { records: Ok(records), dnssec: self.dnssec(asked).await }
            }
            Err(why) => absent(why),
        }
    }

    /// The records of this type, at least one. Aliases are followed by the library.
    async fn ask(&self, name: &str, kind: RecordType) -> Result<Vec<Record>, Absent> {
        let name = absolute(name).map_err(|error| Absent::Failed(Unanswered::Other(error.to_string())))?;
        let mut lookup = pin!(self.plain.lookup(name, kind));
        let found = match timeout(PATIENCE, &mut lookup).await {
            Ok(found) => found,
            // To hickory-resolver 0.26.3, a port on which nothing listens looks like silence.
            Err(_) => tokio::select! {
                found = &mut lookup => found,
                () = self.all_closed() => return Err(Absent::Failed(Unanswered::Closed)),
            },
        };
        let error = match found {
            Ok(found) => {
                let records: Vec<Record> =
                    found.answers().iter().filter(|record| record.record_type() == kind).cloned().collect();
                return if records.is_empty() { Err(Absent::NoData) } else { Ok(records) };
            }
            Err(error) => error,
        };
        Err(match error {
            NetError::Dns(Said::NoRecordsFound(NoRecords { response_code: ResponseCode::NXDomain, .. })) => {
                Absent::NoSuchName
            }
            NetError::Dns(Said::NoRecordsFound(_)) => Absent::NoData,
            NetError::Dns(Said::ResponseCode(code)) => Absent::Failed(Unanswered::Code(code.to_string())),
            NetError::Timeout | NetError::NoConnections => Absent::Failed(Unanswered::Silent),
            other => Absent::Failed(Unanswered::Other(other.to_string())),
        })
    }

    /// Ends once it is known that none of the name servers is there. The question is the one that names nobody: who serves
    /// the root.
    async fn all_closed(&self) {
        let question = question();
        let probes = join_all(self.servers.iter().map(|server| is_closed(*server, &question))).await;
        if probes.is_empty() || probes.contains(&false) {
            future::pending().await
        }
    }

    /// Whether all of these are signed: the weakest counts.
    async fn dnssec(&self, asked: &[(String, RecordType)]) -> Dnssec {
        let judged = async {
            let each = join_all(asked.iter().map(|(name, kind)| self.judged(name, *kind))).await;
            match each.into_iter().min() {
                // Where not even the root's keys hold, the name server gives no signatures, or serves another root.
                Some(Dnssec::Bogus) if self.judged("", RecordType::DNSKEY).await != Dnssec::Secure => Dnssec::Unknown,
                Some(judged) => judged,
                None => Dnssec::Unknown,
            }
        };
        timeout(VALIDATION_TIME, judged).await.unwrap_or(Dnssec::Unknown)
    }

    async fn judged(&self, name: &str, kind: RecordType) -> Dnssec {
        let Ok(name) = absolute(name) else { return Dnssec::Unknown };
        match self.validating.lookup(name, kind).await {
            Ok(found) => {
                let proofs = found.answers().iter().map(|record| match record.proof {
                    Proof::Secure => Dnssec::Secure,
                    Proof::Insecure => Dnssec::Insecure,
                    Proof::Bogus => Dnssec::Bogus,
                    Proof::Indeterminate => Dnssec::Unknown,
                });
                proofs.min().unwrap_or(Dnssec::Unknown)
            }
            Err(NetError::Dns(Said::DnssecBogus)) => Dnssec::Bogus,
            Err(_) => Dnssec::Unknown,
        }
    }
}

impl<T> Answer<T> {
    pub(crate) fn not_asked() -> Self {
        absent(Absent::NotAsked)
    }
}

impl Dnssec {
    /// The name in reports that programs read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bogus => "bogus",
            Self::Unknown => "unknown",
            Self::Insecure => "insecure",
            Self::Secure => "secure",
        }
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("the name server does not answer"),
            Self::Closed => f.write_str("no name server listens there"),
            Self::Code(code) => write!(f, "the name server says: {code}"),
            Self::Aliases => f.write_str("its aliases lead nowhere"),
            Self::Other(detail) => f.write_str(detail),
        }
    }
}

/// In a function, because the library's error has another type on each system.
fn system() -> Result<(ResolverConfig, ResolverOpts), NetError> {
    let read = read_system_conf()?;
    Ok(read)
}

fn configured(servers: &[SocketAddr]) -> Vec<NameServerConfig> {
    let connections = |port| {
        let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
        connections.iter_mut().for_each(|it| it.port = port);
        connections
    };
    servers.iter().map(|it| NameServerConfig::new(it.ip(), true, connections(it.port()))).collect()
}

/// The last dot keeps the search list away.
fn absolute(name: &str) -> Result<Name, NetError> {
    Ok(Name::from_ascii(format!("{}.", name.trim_end_matches('.')))?)
}

fn host(name: &Name) -> Option<String> {
    let host = name.to_ascii().trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

fn alias(record: &Record) -> Option<String> {
    match &record.data {
        RData::CNAME(it) => host(&it.0),
        _ => None,
    }
}

fn absent<T>(why: Absent) -> Answer<T> {
    Answer { records: Err(why), dnssec: Dnssec::Unknown }
}

fn question() -> Vec<u8> {
    let mut message = Message::query();
    message.add_query(Query::query(Name::root(), RecordType::NS));
    message.to_vec().expect("the root is short enough for a message")
}

/// Whether a host says that nothing listens: to a socket that is connected, its system passes that on (RFC 1122 §4.1.3.3).
async fn is_closed(server: SocketAddr, question: &[u8]) -> bool {
    let probe = async {
        let any = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
        socket.connect(server).await?;
        socket.send(question).await?;
        socket.recv(&mut [0; 12]).await
    };
    let outcome = timeout(PROBE_TIME, probe).await;
    matches!(outcome, Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused)
}

/// RFC 1034 §5.2.2 has clients give up on circles; nobody needs a longer chain.
const ALIASES_MAX: usize = 8;
/// Of one attempt, of which there are two.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longer than most answers take.
const PATIENCE: Duration = Duration::from_millis(500);
const VALIDATION_TIME: Duration = Duration::from_secs(5);
const PROBE_TIME: Duration = Duration::from_secs(1);
