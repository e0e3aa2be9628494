//! What an authority of the test signs: a certificate for each device, one for the push service, and one that looks like
//! Apple's push certificate for the MDM server. Nobody else trusts it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use anyhow::ensure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::servers::Identity;
use crate::bench::client_trusting;

/// The authority.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    /// Its certificate as a file, for the servers.
    pub(super) pem: PathBuf,
}

impl Authority {
    pub(super) fn new(folder: &Path) -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "authority of the test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let pem = folder.join("ca.pem");
        fs::write(&pem, certificate.pem())?;
        Ok(Self { certificate: certificate.der().clone(), issuer: Issuer::new(params, key), pem })
    }

    /// How a device shows who it is: by its certificate in a header, as a gateway in front of the server writes it
    /// (RFC 9440 §2.1), or by a signature of each request.
    pub(super) fn passport(&self, udid: &str, identity: Identity, folder: &Path) -> anyhow::Result<Passport> {
        let (certificate, key) = self.device(udid)?;
        match identity {
            Identity::Header => Ok(Passport::Header(format!(":{}:", STANDARD.encode(certificate.der())))),
            Identity::Signature => {
                let (pem, private) = (folder.join(format!("{udid}.pem")), folder.join(format!("{udid}.key")));
                fs::write(&pem, certificate.pem())?;
                fs::write(&private, key.serialize_pem())?;
                Ok(Passport::Signature { certificate: pem, key: private })
            }
        }
    }

    fn device(&self, udid: &str) -> anyhow::Result<(rcgen::Certificate, KeyPair)> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, udid);
        let key = KeyPair::generate()?;
        Ok((params.signed_by(&key, &self.issuer)?, key))
    }

    /// A TLS server that answers to these names.
    pub(super) fn server(&self, names: &[&str], protocols: &[&[u8]]) -> anyhow::Result<Arc<ServerConfig>> {
        let params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.der().clone();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        Ok(Arc::new(config))
    }

    /// A certificate and its key for pushes to the topic: the server reads the topic from the subject.
    pub(super) fn push_certificate(&self) -> anyhow::Result<String> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CustomDnType(USER_ID.to_vec()), TOPIC);
        let key = KeyPair::generate()?;
        Ok(params.signed_by(&key, &self.issuer)?.pem() + &key.serialize_pem())
    }

    /// The client of a device: it trusts this authority, and asks no proxy.
    pub(super) fn client(&self) -> anyhow::Result<reqwest::Client> {
        let tls = rustls::ClientConfig::clone(&*client_trusting(self.certificate.clone())?);
        Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build()?)
    }
}

/// How a device shows the MDM server who it is.
#[derive(Clone)]
pub(super) enum Passport {
    /// A header with its certificate.
    Header(String),
    /// A detached signature of the body, by its key.
    Signature { certificate: PathBuf, key: PathBuf },
}

impl Passport {
    /// The header for a body.
    pub(super) async fn shown(&self, body: &[u8]) -> anyhow::Result<(&'static str, String)> {
        match self {
            Self::Header(value) => Ok((CERTIFICATE_HEADER, value.clone())),
            Self::Signature { certificate, key } => {
                let mut openssl = Command::new("openssl");
                openssl.args(["cms", "-sign", "-binary", "-outform", "DER", "-signer"]).arg(certificate);
                openssl.arg("-inkey").arg(key).stdin(Stdio::piped()).stdout(Stdio::piped());
                let mut openssl = openssl.spawn()?;
                openssl.stdin.take().expect("it was piped above").write_all(body).await?;
                let signed = openssl.wait_with_output().await?;
                ensure!(signed.status.success(), "openssl signs nothing");
                Ok(("Mdm-Signature", STANDARD.encode(signed.stdout)))
            }
        }
    }
}

/// The header that the servers are told to read the certificate from.
pub(super) const CERTIFICATE_HEADER: &str = "Client-Cert";
/// What all devices are pushed for.
pub(super) const TOPIC: &str = "com.apple.mgmt.External.provost";
/// The attribute UID: RFC 4519 §2.39.
const USER_ID: [u64; 7] = [0, 9, 2342, 19_200_300, 100, 1, 1];
