//! The throw-away certificate authority and each host's certificate, damaged if a fault requires it. Nothing is written
//! to disk.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use provost_account::{Certificate, Host, Protocol, Secret};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rsa::pkcs8::EncodePrivateKey as _;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::StartError;
use crate::faults::{Fault, Faults, Stage};

/// A certificate authority that lives as long as the server.
#[derive(Debug)]
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
    pem: String,
    now: OffsetDateTime,
    /// Whose certificate is whose: the login name for each that was made for a client.
    clients: Mutex<BTreeMap<Vec<u8>, String>>,
}

impl Authority {
    pub(crate) fn new(now: SystemTime) -> Result<Self, StartError> {
        Self::called("Provost mock server, throw-away authority", now.into())
    }

    fn called(subject: &str, now: OffsetDateTime) -> Result<Self, StartError> {
        let params = authority_called(subject, now)?;
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let pem = certificate.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate, pem, now, clients: Mutex::new(BTreeMap::new()) })
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::try_from(self.certificate.der().to_vec()).expect("rcgen makes whole certificates")
    }

    /// An authority that this one vouches for, and that nobody else knows.
    fn intermediate(&self) -> Result<Issuer<'static, KeyPair>, StartError> {
        let params = authority_called("Provost mock server, authority in between", self.now)?;
        let key = KeyPair::generate()?;
        // Its certificate exists, and is what the servers leave out.
        params.signed_by(&key, &self.issuer)?;
        Ok(Issuer::new(params, key))
    }

    /// The certificate of a server, and the key that goes with it.
    fn server(&self, host: &Host, faults: &BTreeSet<Fault>, kind: KeyKind) -> Result<Identity, StartError> {
        let subject = match (faults.contains(&Fault::WrongHostName), host) {
            (true, _) => "elsewhere.invalid".to_owned(),
            (false, host) => host.to_string(),
        };
        let mut names = vec![subject.clone()];
        // Who runs a server on this machine says either.
        if subject == "localhost" {
            names.extend(["127.0.0.1".to_owned(), "::1".to_owned()]);
        }
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name =
            name(match subject.len() <= COMMON_NAME_MAX && subject.parse::<IpAddr>().is_err() {
                true => &subject,
                false => "mock server",
            });
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) =
            match (faults.contains(&Fault::ExpiredCertificate), faults.contains(&Fault::NotYetValidCertificate)) {
                (true, _) => (self.now - LIFE, self.now - Duration::days(2)),
                (false, true) => (self.now + Duration::days(2), self.now + LIFE),
                (false, false) if faults.contains(&Fault::CertificateEndsSoon) => {
                    (self.now - LIFE, self.now + Duration::days(3))
                }
                (false, false) => (self.now - Duration::days(1), self.now + LIFE),
            };
        let key = kind.generate()?;
        let certificate = if faults.contains(&Fault::SelfSignedCertificate) {
            params.self_signed(&key)?
        } else if faults.contains(&Fault::UnknownCa) {
            // Under the same name it would not be unknown: NSS and webpki find the one that they know and a signature that
            // is not its own, and say so.
            params
                .signed_by(&key, &Self::called("Provost mock server, authority that nobody knows", self.now)?.issuer)?
        } else if faults.contains(&Fault::MissingIntermediate) {
            params.signed_by(&key, &self.intermediate()?)?
        } else {
            params.signed_by(&key, &self.issuer)?
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = rustls::crypto::ring::default_provider().key_provider.load_private_key(key)?;
        Ok(Identity {
            // RFC 5929 §4.1: the certificate's hash, SHA-256 for a signature with that.
            end_point: Sha256::digest(certificate.der()).to_vec(),
            key: Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key)),
        })
    }

    /// A certificate with which a client shows that it is `login`, and its key; both PEM.
    pub(crate) fn client(&self, login: &str) -> Result<ClientCertificate, StartError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = name(if login.len() <= COMMON_NAME_MAX { login } else { "client" });
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = (self.now - Duration::days(1), self.now + LIFE);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.insert(certificate.der().to_vec(), login.to_owned());
        Ok(ClientCertificate { certificate_pem: certificate.pem(), key_pem: Secret::new(key.serialize_pem()) })
    }

    /// Whose certificate it is. Only those that were made here have passed the handshake.
    pub(crate) fn login_of(&self, certificate: &[u8]) -> Option<String> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(certificate).cloned()
    }
}

/// What kind of key servers have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA with P-256.
    #[default]
    P256,
    /// RSA with 2048 bits, which takes longer to make and to sign with.
    Rsa2048,
}

impl KeyKind {
    fn generate(self) -> Result<KeyPair, StartError> {
        match self {
            Self::P256 => Ok(KeyPair::generate()?),
            Self::Rsa2048 => {
                let key = rsa::PrivateKey::new(&mut getrandom::SysRng, RSA_BITS);
                let der =
                    key.ok().and_then(|key| key.to_pkcs8_der().ok()).ok_or(rcgen::Error::KeyGenerationUnavailable)?;
                Ok(KeyPair::from_pkcs8_der_and_sign_algo(
                    &PrivatePkcs8KeyDer::from(der.as_bytes().to_vec()),
                    &rcgen::PKCS_RSA_SHA256,
                )?)
            }
        }
    }
}

/// How TLS is spoken where nothing is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsOptions {
    /// The servers' keys.
    pub key: KeyKind,
    /// Whether a session can be resumed without a full handshake (RFC 8446 §2.2).
    pub resumption: bool,
    /// Whether clients are asked for a certificate, and may log in with it (SASL EXTERNAL). They need not have one.
    pub client_certificates: bool,
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self { key: KeyKind::P256, resumption: true, client_certificates: false }
    }
}

/// A client's certificate and key.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// Its key, PKCS#8 PEM.
    pub key_pem: Secret,
}

/// A certificate with its key, and the name that it gives a connection.
#[derive(Debug)]
struct Identity {
    key: Arc<CertifiedKey>,
    end_point: Vec<u8>,
}

/// The certificates of all hosts, each made once for the faults that spoil it.
#[derive(Debug)]
pub(crate) struct Certificates {
    authority: Arc<Authority>,
    options: TlsOptions,
    /// Every name that the service has: a client is shown the certificate of the one that it asks for.
    hosts: BTreeSet<Host>,
    identities: Mutex<BTreeMap<Spoilt, Arc<Identity>>>,
    shown: Mutex<BTreeMap<Wanted, Arc<Shown>>>,
}

/// A host and the faults that spoil its certificate.
type Spoilt = (Host, BTreeSet<Fault>);

/// A host, what is spoken there, and the faults that spoil its certificate.
type Wanted = (Host, Protocol, BTreeSet<Fault>);

/// How a server greets the clients of a connection.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) tls: Arc<ServerConfig>,
    resolver: Resolver,
}

impl Certificates {
    pub(crate) fn new(authority: Arc<Authority>, options: TlsOptions, hosts: BTreeSet<Host>) -> Self {
        Self { authority, options, hosts, identities: Mutex::default(), shown: Mutex::default() }
    }

    /// How a server that plays that host greets its clients.
    pub(crate) fn of(&self, host: &Host, protocol: Protocol, faults: &Faults) -> Result<Arc<Shown>, StartError> {
        let mut known = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = (host.clone(), protocol, faults.of_stage(Stage::Certificate));
        if let Some(shown) = known.get(&wanted) {
            return Ok(Arc::clone(shown));
        }
        let (_, _, spoilt) = &wanted;
        let mut identities = BTreeMap::new();
        for name in self.hosts.iter().chain([host]) {
            identities.insert(name.to_string(), self.identity(name, spoilt)?);
        }
        let elsewhere = match spoilt.contains(&Fault::CertificateByServerName) {
            true => Some(self.identity(host, &BTreeSet::from([Fault::WrongHostName]))?),
            false => None,
        };
        let resolver = Resolver { own: host.to_string(), identities: Arc::new(identities), elsewhere };
        let shown = Arc::new(Shown { tls: Arc::new(self.config(&resolver, protocol)?), resolver });
        known.insert(wanted, Arc::clone(&shown));
        Ok(shown)
    }

    fn identity(&self, host: &Host, spoilt: &BTreeSet<Fault>) -> Result<Arc<Identity>, StartError> {
        let mut identities = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = (host.clone(), spoilt.clone());
        if let Some(identity) = identities.get(&wanted) {
            return Ok(Arc::clone(identity));
        }
        let identity = Arc::new(self.authority.server(host, spoilt, self.options.key)?);
        identities.insert(wanted, Arc::clone(&identity));
        Ok(identity)
    }

    fn config(&self, resolver: &Resolver, protocol: Protocol) -> Result<ServerConfig, StartError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let builder = match self.options.client_certificates {
            false => builder.with_no_client_auth(),
            true => {
                let mut roots = RootCertStore::empty();
                roots.add(self.authority.certificate.der().clone())?;
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| rustls::Error::General(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_cert_resolver(Arc::new(resolver.clone()));
        // The protocol IDs that IANA has for mail (RFC 7301 §6); there is none for submission.
        config.alpn_protocols = match protocol {
            Protocol::Imap => vec![b"imap".to_vec()],
            Protocol::Pop3 => vec![b"pop3".to_vec()],
            Protocol::Submission => Vec::new(),
        };
        if !self.options.resumption {
            config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(config)
    }
}

impl Shown {
    /// The name of the certificate that a client was shown who asked for that host.
    pub(crate) fn end_point(&self, server_name: Option<&str>) -> Vec<u8> {
        self.resolver.identity(server_name).end_point.clone()
    }
}

/// Chooses among the certificates of all hosts: the one that the client asks for, or else the listener's own.
#[derive(Debug, Clone)]
struct Resolver {
    own: String,
    identities: Arc<BTreeMap<String, Arc<Identity>>>,
    /// Whose certificate they get who ask for none of these hosts, in the place of the listener's own.
    elsewhere: Option<Arc<Identity>>,
}

impl Resolver {
    fn identity(&self, server_name: Option<&str>) -> &Identity {
        let asked = server_name.and_then(|name| self.identities.get(&name.to_ascii_lowercase()));
        asked.or(self.elsewhere.as_ref()).unwrap_or(&self.identities[&self.own])
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.identity(hello.server_name()).key))
    }
}

fn authority_called(subject: &str, now: OffsetDateTime) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = name(subject);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = (now - LIFE, now + LIFE);
    Ok(params)
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// How long certificates last. Apple's clients take at most 825 days from private authorities.
const LIFE: Duration = Duration::days(398);
/// X.520's `ub-common-name`.
const COMMON_NAME_MAX: usize = 64;
const RSA_BITS: usize = 2048;
