//! Why a TLS handshake failed: every certificate error that a person can meet, with its fix. It judges nothing: the TLS
//! library has already refused.

use std::io;

use rustls::CertificateError as E;
use rustls::{AlertDescription, Error};
use time::{Date, OffsetDateTime};

use crate::attempt::Attempt;
use crate::cause::{Cause, CertificateFlaw};

/// The problem with TLS; `None`: what came was no TLS.
pub(crate) fn cause(error: &io::Error, attempt: &Attempt<'_>) -> Option<Cause> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    let (host, detail) = (attempt.server.endpoint.host.clone(), error.to_string());
    match error {
        Error::InvalidMessage(_) => None,
        Error::InvalidCertificate(error) => Some(Cause::Certificate { host, flaw: flaw(error, attempt) }),
        Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::BadCertificate | AlertDescription::NoCertificate,
        ) => Some(Cause::ClientCertificateWanted),
        Error::AlertReceived(AlertDescription::UnrecognisedName) => Some(Cause::NameUnknownToServer { host, detail }),
        // RFC 8446 §6.2: "protocol_version", "insufficient_security".
        Error::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity) => {
            Some(Cause::TlsTooOld { detail })
        }
        Error::AlertReceived(_) => Some(Cause::HandshakeRefused { detail }),
        Error::PeerIncompatible(_) => Some(Cause::TlsTooOld { detail }),
        _ => Some(Cause::HandshakeFailed { detail }),
    }
}

fn flaw(error: &E, attempt: &Attempt<'_>) -> CertificateFlaw {
    match error {
        E::Expired => CertificateFlaw::Expired { on: None },
        E::ExpiredContext { not_after, .. } => CertificateFlaw::Expired { on: date(*not_after) },
        E::NotValidYet => CertificateFlaw::NotYetValid { from: None },
        E::NotValidYetContext { not_before, .. } => CertificateFlaw::NotYetValid { from: date(*not_before) },
        E::NotValidForName => CertificateFlaw::OtherName { named: attempt.said("another name") },
        // RFC 9525 section 6.3: the common name no longer counts.
        E::NotValidForNameContext { presented, .. } if presented.is_empty() => CertificateFlaw::NoName,
        E::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
            CertificateFlaw::OtherName { named: attempt.said(&names.join(", ")) }
        }
        E::UnknownIssuer => CertificateFlaw::UnknownIssuer,
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => CertificateFlaw::NotForServers,
        E::BadSignature => CertificateFlaw::WrongSignature,
        E::Revoked => CertificateFlaw::Revoked,
        E::BadEncoding => CertificateFlaw::Unreadable,
        E::UnhandledCriticalExtension => CertificateFlaw::UnknownExtension,
        // The library's own errors come wrapped, and tell themselves apart by their names alone.
        other => match (format!("{other:?}"), other.to_string()) {
            // An authority's certificate in the place of the server's. RFC 5280 §4.2.1.9 lets an authority's key sign
            // certificates; that it must not be a server's too is a rule of the library, and of the clients that use it.
            (name, detail) if name.contains("CaUsedAsEndEntity") => {
                CertificateFlaw::AuthorityItself { trusted: !attempt.subject.account.trust.is_empty(), detail }
            }
            (name, detail) if name.contains("UnsupportedSignature") => CertificateFlaw::OldSignature { detail },
            (_, detail) => CertificateFlaw::Other { detail },
        },
    }
}

/// The name itself: rustls 0.23 has it as `DnsName("mail.example.org")`.
fn bare(name: &str) -> &str {
    name.strip_prefix("DnsName(\"").and_then(|rest| rest.strip_suffix("\")")).unwrap_or(name)
}

fn date(at: rustls::pki_types::UnixTime) -> Option<Date> {
    let seconds = i64::try_from(at.as_secs()).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok().map(OffsetDateTime::date)
}
