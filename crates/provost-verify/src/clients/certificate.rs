//! Why a TLS handshake failed: every certificate error that a person can meet, with its fix. It judges nothing: the TLS
//! library has already refused.

use std::io;

use provost_account::Host;
use rustls::CertificateError as E;
use rustls::{AlertDescription, Error};

use crate::attempt::{Attempt, Problem, WANTS_A_CERTIFICATE};

/// The problem with TLS; `None`: what came was no TLS.
pub(super) fn problem(error: &io::Error, attempt: &Attempt<'_>) -> Option<Problem> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    match error {
        Error::InvalidMessage(_) => None,
        Error::InvalidCertificate(error) => Some(certificate(error, attempt)),
        Error::AlertReceived(alert) => Some(alert_received(*alert, error, attempt)),
        Error::PeerIncompatible(_) => Some(
            Problem::new(error.to_string())
                .because("the server has no version of TLS, or no cipher, that is tried here: TLS 1.2 and 1.3")
                .mended_by("switch TLS 1.2 or later on in the server; older versions are forbidden (RFC 8996)"),
        ),
        other => Some(Problem::new(other.to_string())),
    }
}

fn certificate(error: &E, attempt: &Attempt<'_>) -> Problem {
    let host = &attempt.server.endpoint.host;
    let renew = "renew the server's certificate, and see why it was not renewed by itself";
    let clock = "correct the clock, or have the certificate issued anew";
    match error {
        E::Expired => Problem::new("the certificate has expired").because(EXPIRED).mended_by(renew),
        E::ExpiredContext { not_after, .. } => {
            Problem::new(format!("the certificate expired on {}", date(*not_after))).because(EXPIRED).mended_by(renew)
        }
        E::NotValidYet => Problem::new("the certificate is not valid yet").because(EARLY).mended_by(clock),
        E::NotValidYetContext { not_before, .. } => {
            let found = format!("the certificate is valid from {} on", date(*not_before));
            Problem::new(found).because(EARLY).mended_by(clock)
        }
        E::NotValidForName => other_name(Problem::new("the certificate is for another name"), host),
        E::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            // RFC 9525 section 6.3: the common name no longer counts.
            Problem::new("the certificate names no host: it has no subjectAltName")
                .because("clients look at subjectAltName alone, no longer at the common name (RFC 9525)")
                .mended_by(format!("get a certificate whose subjectAltName has {host}"))
        }
        E::NotValidForNameContext { presented, .. } => {
            other_name(Problem::new(format!("the certificate is for {}", attempt.said(&presented.join(", ")))), host)
        }
        E::UnknownIssuer => Problem::new("the certificate's issuer is unknown")
            .because("no trusted authority vouches for the certificate, or the server leaves out the chain")
            .mended_by("send the whole chain; for a private authority, put its certificate into `trust`"),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => Problem::new("the certificate is not one for a server")
            .because("its extended key usage leaves out serverAuth (RFC 5280 section 4.2.1.12)")
            .mended_by("have it issued anew with extendedKeyUsage serverAuth, or without the extension"),
        E::BadSignature => Problem::new("a signature in the certificate's chain is wrong")
            .because(
                "the server sends a chain that does not belong to its certificate, or an authority in `trust` has the \
                      issuer's name and another key",
            )
            .mended_by("send the chain that came with the certificate, and compare the authority in `trust` with it"),
        E::Revoked => Problem::new("the certificate is revoked")
            .because("its authority took it back")
            .mended_by("find out why, and have another issued, with a new key"),
        E::BadEncoding => Problem::new("the certificate cannot be read")
            .because("it is damaged, or of a kind that current clients no longer take, such as version 1")
            .mended_by("have it issued anew as X.509 version 3"),
        E::UnhandledCriticalExtension => Problem::new("the certificate has a critical extension that is not known")
            .because("a client must refuse what it does not understand (RFC 5280 section 4.2)")
            .mended_by("have it issued anew without that extension, or not marked as critical"),
        other => match other.to_string() {
            words if is_ca_at_the_end(other) => authority_itself(attempt, &words),
            words if is_about_the_algorithm(other) => {
                Problem::new("the certificate is signed in a way that is not taken")
                    .because(format!(
                        "current clients refuse old or rare signatures, such as those with SHA-1 ({words})"
                    ))
                    .mended_by(
                        "have it issued anew, signed with SHA-256 by an RSA key of 2048 bits or more, or by ECDSA",
                    )
            }
            words => Problem::new(format!("the certificate is refused: {words}"))
                .mended_by("look at it with `openssl x509 -noout -text`, and have it issued anew"),
        },
    }
}

fn other_name(problem: Problem, host: &Host) -> Problem {
    problem
        .because(format!("the certificate does not name {host}"))
        .mended_by(format!("use a name that the certificate has, or get one that has {host}"))
}

/// An authority's certificate in the place of the server's. RFC 5280 §4.2.1.9 lets an authority's key sign certificates;
/// that it must not be a server's too is a rule of the library, and of the clients that use it.
fn authority_itself(attempt: &Attempt<'_>, words: &str) -> Problem {
    let names_some = match attempt.account.trust.is_empty() {
        true => "",
        false => "; that `trust` has it changes nothing",
    };
    Problem::new("the server shows an authority's certificate as its own (CA:TRUE)")
        .because(format!(
            "it is self-signed as `openssl req -x509` makes one{names_some}: clients on OpenSSL, curl for one, accept that, \
             and clients on rustls, Delta Chat for one, refuse it ({words})"
        ))
        .mended_by(format!(
            "make one with `-addext basicConstraints=critical,CA:FALSE -addext subjectAltName={}:{}`, or one that an \
             authority signs, and put that into `trust`",
            match attempt.server.endpoint.host {
                Host::Name(_) => "DNS",
                Host::Address(_) => "IP",
            },
            attempt.server.endpoint.host,
        ))
}

fn alert_received(alert: AlertDescription, error: &Error, attempt: &Attempt<'_>) -> Problem {
    let wants_certificate = matches!(
        alert,
        AlertDescription::CertificateRequired | AlertDescription::BadCertificate | AlertDescription::NoCertificate
    );
    match alert {
        _ if wants_certificate => Problem::new(WANTS_A_CERTIFICATE).because("without one it lets nobody in"),
        AlertDescription::UnrecognisedName => Problem::new(error.to_string())
            .because(format!("the server has no certificate for {}", attempt.server.endpoint.host))
            .mended_by("use a name that the server knows, or give it a certificate for this one"),
        _ => Problem::new(error.to_string())
            .because("the server ends the handshake: it has no certificate, or no version of TLS that is tried here"),
    }
}

/// The library's own errors come wrapped, and tell themselves apart by their names alone.
fn is_ca_at_the_end(error: &E) -> bool {
    format!("{error:?}").contains("CaUsedAsEndEntity")
}

fn is_about_the_algorithm(error: &E) -> bool {
    let name = format!("{error:?}");
    name.contains("UnsupportedSignatureAlgorithm") || name.contains("UnsupportedSignature")
}

fn date(at: rustls::pki_types::UnixTime) -> String {
    let seconds = i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
    time::OffsetDateTime::from_unix_timestamp(seconds).map_or_else(|_| "no date".to_owned(), |at| at.date().to_string())
}

const EXPIRED: &str = "the certificate's time is over";
const EARLY: &str = "the certificate's time has not come, or a clock is wrong";
