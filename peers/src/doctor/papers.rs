//! The certificates of the mail hosts: from an authority that the settings' `trust` names, each with the flaw that its host
//! is there for.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use super::host::Host;

/// What is wrong with a host's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nothing.
    None,
    /// It was valid until the end of 2021.
    Expired,
    /// It is valid from 2090.
    NotYetValid,
    /// It is valid for three more days.
    EndsSoon,
    /// It names another host.
    OtherName,
    /// It has a common name, and no subjectAltName.
    NoName,
    /// Another authority signed it, which nobody trusts.
    OtherAuthority,
    /// The server leaves out the certificate of the authority between.
    ChainIncomplete,
    /// It signed itself, as an authority, as `openssl req -x509` makes one.
    AuthorityItself,
    /// It is for clients.
    NotForServers,
}

/// An authority of the lab. Its certificate is `ca.pem`.
pub(super) struct Authorities {
    trusted: Issuer<'static, KeyPair>,
    unknown: Issuer<'static, KeyPair>,
    between: Issuer<'static, KeyPair>,
}

impl Authorities {
    pub(super) fn new(folder: &Path) -> anyhow::Result<Self> {
        let (trusted, key) = (authority("authority of the lab"), KeyPair::generate()?);
        fs::write(folder.join("ca.pem"), trusted.self_signed(&key)?.pem())?;
        let unknown = Issuer::new(authority("authority that nobody knows"), KeyPair::generate()?);
        let between = Issuer::new(authority("authority between"), KeyPair::generate()?);
        Ok(Self { trusted: Issuer::new(trusted, key), unknown, between })
    }

    /// Writes what the servers send for a host, and its key.
    pub(super) fn certify(&self, host: &Host) -> anyhow::Result<()> {
        let (flaw, name) = (host.flaw(), host.name());
        let named = match flaw {
            Flaw::OtherName => vec!["www.lab.example".to_owned()],
            Flaw::NoName => Vec::new(),
            Flaw::None => {
                let of_web = ["autoconfig", "ua-auto-config"].map(|label| format!("{label}.{}", host.domain()));
                [vec![name.clone()], of_web.into()].concat()
            }
            Flaw::Expired | Flaw::NotYetValid | Flaw::EndsSoon | Flaw::OtherAuthority => vec![name.clone()],
            Flaw::ChainIncomplete | Flaw::AuthorityItself | Flaw::NotForServers => vec![name.clone()],
        };
        let mut params = CertificateParams::new(named)?;
        params.distinguished_name.push(DnType::CommonName, name);
        let is_for_clients = flaw == Flaw::NotForServers;
        params.extended_key_usages.push(match is_for_clients {
            true => ExtendedKeyUsagePurpose::ClientAuth,
            false => ExtendedKeyUsagePurpose::ServerAuth,
        });
        match flaw {
            Flaw::Expired => {
                (params.not_before, params.not_after) = (date_time_ymd(2021, 1, 1), date_time_ymd(2021, 12, 31));
            }
            Flaw::NotYetValid => {
                (params.not_before, params.not_after) = (date_time_ymd(2090, 1, 1), date_time_ymd(2090, 12, 31));
            }
            Flaw::EndsSoon => params.not_after = (now()? + THREE_DAYS).into(),
            Flaw::AuthorityItself => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            Flaw::None | Flaw::OtherName | Flaw::NoName | Flaw::OtherAuthority => {}
            Flaw::ChainIncomplete | Flaw::NotForServers => {}
        }
        let key = KeyPair::generate()?;
        let certificate = match flaw {
            Flaw::AuthorityItself => params.self_signed(&key)?,
            Flaw::OtherAuthority => params.signed_by(&key, &self.unknown)?,
            Flaw::ChainIncomplete => params.signed_by(&key, &self.between)?,
            Flaw::None
            | Flaw::Expired
            | Flaw::NotYetValid
            | Flaw::EndsSoon
            | Flaw::OtherName
            | Flaw::NoName
            | Flaw::NotForServers => params.signed_by(&key, &self.trusted)?,
        };
        fs::write(host.file("pem"), certificate.pem())?;
        Ok(fs::write(host.file("key"), key.serialize_pem())?)
    }
}

/// What `date` says.
pub(super) fn now() -> anyhow::Result<SystemTime> {
    let now = Command::new("date").arg("+%s").output().context("cannot start date")?;
    let seconds = String::from_utf8(now.stdout)?.trim().parse().context("date prints no number")?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// An authority that signs certificates itself.
pub(crate) fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

const THREE_DAYS: Duration = Duration::from_secs(3 * 24 * 60 * 60);
