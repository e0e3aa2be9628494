//! A throw-away authority and a P-256 certificate for servers that do not make their own, and the client's trust in an
//! authority. Nothing here is measured, except when a server makes its certificate at start.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{CipherSuite, ClientConfig, RootCertStore, ServerConfig};

/// The names that every server answers to: those of the fixture that the mock server plays.
pub(crate) const IMAP_HOST: &str = "imap.centurylink.com";
/// The same for submission.
pub(crate) const SUBMISSION_HOST: &str = "smtp.centurylink.com";

/// A server's certificate and key, and the authority that signed it, in PEM.
pub(crate) struct Identity {
    pub(crate) ca_pem: String,
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Identity {
    /// For the servers that are measured.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Self::of(&[IMAP_HOST, SUBMISSION_HOST])
    }

    /// Makes two P-256 keys, an authority and a certificate for the hosts.
    pub(crate) fn of(hosts: &[&str]) -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        // OpenSSL takes a certificate whose issuer has its own name for self-signed.
        params.distinguished_name.push(DnType::CommonName, "authority of the test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let ca_key = KeyPair::generate()?;
        let ca_pem = params.self_signed(&ca_key)?.pem();
        let issuer = Issuer::new(params, ca_key);
        let mut params = CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>())?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &issuer)?;
        Ok(Self { ca_pem, certificate, key })
    }

    pub(crate) fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// Writes the files that a server reads, and `ca.pem` for its clients.
    pub(crate) fn write(&self, folder: &Path) -> std::io::Result<()> {
        fs::write(folder.join("ca.pem"), &self.ca_pem)?;
        fs::write(folder.join("certificate.pem"), self.certificate_pem())?;
        fs::write(folder.join("key.pem"), self.key_pem())
    }

    pub(crate) fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()))
    }

    /// The server's side of TLS, untuned, as in the mock server.
    pub(crate) fn server(&self) -> anyhow::Result<Arc<ServerConfig>> {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.der().clone()], self.key())?;
        Ok(Arc::new(config))
    }
}

/// A client that trusts the authority in that file and never resumes: every handshake is a full one.
pub(crate) fn client(ca: &Path) -> anyhow::Result<Arc<ClientConfig>> {
    client_offering(default_provider(), authority(ca)?)
}

/// The same, which offers first what costs least where processors have AES.
pub(crate) fn cheap_client(ca: &Path) -> anyhow::Result<Arc<ClientConfig>> {
    let mut provider = default_provider();
    provider.cipher_suites.sort_by_key(|offered| offered.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
    client_offering(provider, authority(ca)?)
}

fn authority(ca: &Path) -> anyhow::Result<CertificateDer<'static>> {
    CertificateDer::from_pem_file(ca).map_err(|error| anyhow::anyhow!("{}: {error}", ca.display()))
}

/// The same, for an authority in memory.
pub(crate) fn client_trusting(ca: CertificateDer<'_>) -> anyhow::Result<Arc<ClientConfig>> {
    client_offering(default_provider(), ca)
}

fn client_offering(provider: CryptoProvider, ca: CertificateDer<'_>) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.into_owned())?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}
