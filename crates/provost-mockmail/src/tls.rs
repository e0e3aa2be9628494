//! The throw-away certificate authority, and the certificates that it gives each host, spoilt where a fault asks for it.
//! Nothing is written to disk.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use provost_account::{Certificate, Host};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::StartError;
use crate::faults::{Fault, Faults};

/// A certificate authority that lives as long as the server.
#[derive(Debug)]
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
    pem: String,
    now: OffsetDateTime,
}

impl Authority {
    pub(crate) fn new(now: SystemTime) -> Result<Self, StartError> {
        let now = OffsetDateTime::from(now);
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = name("Provost mock server, throw-away authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = (now - LIFE, now + LIFE);
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let pem = certificate.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate, pem, now })
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::try_from(self.certificate.der().to_vec()).expect("rcgen makes whole certificates")
    }

    /// An authority that this one vouches for, and that nobody else knows.
    fn intermediate(&self) -> Result<Issuer<'static, KeyPair>, StartError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = name("Provost mock server, authority in between");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = (self.now - LIFE, self.now + LIFE);
        let key = KeyPair::generate()?;
        // Its certificate exists, and is what the servers leave out.
        params.signed_by(&key, &self.issuer)?;
        Ok(Issuer::new(params, key))
    }

    /// What a server of that name shows its clients.
    fn server(&self, host: &Host, faults: &Faults) -> Result<Shown, StartError> {
        let subject = match (faults.has(Fault::WrongHostName), host) {
            (true, _) => "elsewhere.invalid".to_owned(),
            (false, host) => host.to_string(),
        };
        let mut params = CertificateParams::new(vec![subject.clone()])?;
        params.distinguished_name =
            name(match subject.len() <= COMMON_NAME_MAX && subject.parse::<IpAddr>().is_err() {
                true => &subject,
                false => "mock server",
            });
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) =
            match (faults.has(Fault::ExpiredCertificate), faults.has(Fault::NotYetValidCertificate)) {
                (true, _) => (self.now - LIFE, self.now - Duration::days(2)),
                (false, true) => (self.now + Duration::days(2), self.now + LIFE),
                (false, false) => (self.now - Duration::days(1), self.now + LIFE),
            };
        let key = KeyPair::generate()?;
        let certificate = if faults.has(Fault::SelfSignedCertificate) {
            params.self_signed(&key)?
        } else if faults.has(Fault::UnknownCa) {
            params.signed_by(&key, &Self::new(self.now.into())?.issuer)?
        } else if faults.has(Fault::MissingIntermediate) {
            params.signed_by(&key, &self.intermediate()?)?
        } else {
            params.signed_by(&key, &self.issuer)?
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        let end_point = Sha256::digest(certificate.der()).to_vec();
        Ok(Shown { tls: Arc::new(config), end_point })
    }
}

/// The certificates of all hosts, each made once for the faults that spoil it.
#[derive(Debug)]
pub(crate) struct Certificates {
    authority: Arc<Authority>,
    made: Mutex<BTreeMap<Wanted, Shown>>,
}

/// A host, and the faults that spoil its certificate.
type Wanted = (Host, Vec<Fault>);

/// What a host shows its clients.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) tls: Arc<ServerConfig>,
    /// RFC 5929 §4.1: the certificate's hash, SHA-256 for a signature with that.
    pub(crate) end_point: Vec<u8>,
}

impl Certificates {
    pub(crate) fn new(authority: Arc<Authority>) -> Self {
        Self { authority, made: Mutex::new(BTreeMap::new()) }
    }

    /// What a server of that name shows its clients.
    pub(crate) fn of(&self, host: &Host, faults: &Faults) -> Result<Shown, StartError> {
        let spoilt = SPOILS.iter().copied().filter(|fault| faults.has(*fault)).collect();
        let wanted = (host.clone(), spoilt);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shown) = made.get(&wanted) {
            return Ok(shown.clone());
        }
        let shown = self.authority.server(host, faults)?;
        made.insert(wanted, shown.clone());
        Ok(shown)
    }
}

/// The faults that are in a certificate.
const SPOILS: [Fault; 6] = [
    Fault::ExpiredCertificate,
    Fault::NotYetValidCertificate,
    Fault::SelfSignedCertificate,
    Fault::MissingIntermediate,
    Fault::WrongHostName,
    Fault::UnknownCa,
];

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// How long certificates last. Apple's clients take at most 825 days from private authorities.
const LIFE: Duration = Duration::days(398);
/// X.520's `ub-common-name`.
const COMMON_NAME_MAX: usize = 64;
