//! May a signer be used? Dates, and whether its chain ends at an authority that is trusted. The time and the trusted
//! authorities are arguments.
//!
//! Not judged, for what signs profiles are certificates for TLS, for S/MIME and Apple's Developer ID: what a certificate
//! may be used for (extended key usage), names that an authority is limited to, critical extensions that nobody knows
//! outside of Apple (`rustls-webpki` refuses the Developer ID for one: <https://github.com/golang/go/issues/10459> shows
//! them), and whether it was revoked.

use std::collections::HashMap;

use time::OffsetDateTime;

use crate::certificate::{Certificate, PathLength};
use crate::signer::Signer;

/// The authorities that are trusted, whatever their own dates.
#[derive(Debug, Default)]
pub struct Roots {
    by_subject: HashMap<Vec<u8>, Vec<Certificate>>,
    unread: usize,
}

impl Roots {
    /// Takes certificates in DER, as the system's store and the settings have them.
    #[must_use]
    pub fn new<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut roots = Self::default();
        for der in certificates {
            match Certificate::from_der(der.to_vec(), 1) {
                Ok(root) => roots.by_subject.entry(root.subject_der().to_vec()).or_default().push(root),
                // A system's store has hundreds; one that cannot be read trusts nobody.
                Err(_) => roots.unread += 1,
            }
        }
        roots
    }

    /// How many could not be read.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.unread
    }

    fn named(&self, subject: &[u8]) -> &[Certificate] {
        self.by_subject.get(subject).map_or(&[], Vec::as_slice)
    }
}

/// Whether a certificate may have been made by its own key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfSigned {
    /// No device calls its files verified, unless it trusts that very certificate.
    Refused,
    /// For tests: then only the dates are judged.
    DangerAllowed,
}

/// Until when a signer that may be used can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// The last second at which its certificate and the authorities up to the root are all valid.
    pub signed_until: OffsetDateTime,
    /// Whole days until then.
    pub days_left: i64,
}

impl Judgement {
    /// Whether the person should be warned: fewer than 30 days are left.
    #[must_use]
    pub fn ends_soon(&self) -> bool {
        self.days_left < SOON_DAYS
    }
}

/// Why a signer may not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A date is over.
    #[error("the certificate of {subject} expired at {not_after}")]
    Expired {
        /// Whose: the signer, or an authority of the chain.
        subject: String,
        /// Its last second.
        not_after: OffsetDateTime,
    },
    /// A date is to come.
    #[error("the certificate of {subject} is not valid before {not_before}")]
    NotYetValid {
        /// Whose: the signer, or an authority of the chain.
        subject: String,
        /// Its first second.
        not_before: OffsetDateTime,
    },
    /// Made by its own key.
    #[error("the certificate of {subject} is self-signed: it names itself as its issuer")]
    SelfSigned {
        /// Whose.
        subject: String,
    },
    /// The chain ends at a name that is neither trusted nor in the chain.
    #[error("the certificate of {subject} was issued by {issuer}, which is neither trusted nor in the chain")]
    UnknownIssuer {
        /// Where the chain ends.
        subject: String,
        /// Who would come next.
        issuer: String,
    },
    /// Somebody of the right name is there, with another key.
    #[error("the signature in the certificate of {subject} is not by the {issuer} that is trusted or in the chain")]
    OtherIssuer {
        /// Whose certificate.
        subject: String,
        /// Who it says issued it.
        issuer: String,
    },
    /// Issued by what may not issue (RFC 5280 §4.2.1.9, §4.2.1.3).
    #[error("the certificate of {subject} was issued by {issuer}, which is no certificate authority")]
    NoAuthority {
        /// Whose certificate.
        subject: String,
        /// Who issued it.
        issuer: String,
    },
    /// More authorities below one than it allows (pathLenConstraint, RFC 5280 §4.2.1.9).
    #[error("{issuer} allows {allowed} authorities below itself, and the chain has {found}")]
    PathTooLong {
        /// Which authority.
        issuer: String,
        /// What it allows.
        allowed: u8,
        /// How many there are.
        found: usize,
    },
}

impl Signer {
    /// Whether this signer may sign now.
    ///
    /// # Errors
    ///
    /// See [`Refusal`].
    pub fn judge(&self, now: OffsetDateTime, roots: &Roots, self_signed: SelfSigned) -> Result<Judgement, Refusal> {
        let leaf = self.certificate();
        in_time(leaf, now)?;
        let signed_until = match (leaf.is_self_issued(), self_signed) {
            (true, SelfSigned::DangerAllowed) => leaf.not_after(),
            (true, SelfSigned::Refused) => return Err(Refusal::SelfSigned { subject: leaf.subject() }),
            (false, _) => {
                let mut path = Path { now, roots, intermediates: self.intermediates(), used: Vec::new() };
                path.valid_until(leaf)?
            }
        };
        Ok(Judgement { signed_until, days_left: (signed_until - now).whole_days() })
    }
}

/// A way up from a certificate: which authorities of the chain it has used.
struct Path<'a> {
    now: OffsetDateTime,
    roots: &'a Roots,
    intermediates: &'a [Certificate],
    used: Vec<usize>,
}

impl Path<'_> {
    /// Until when a way up to a root is valid. Where there are several, the first that reaches one counts (an authority may
    /// be certified by several others); where there is none, the first reason.
    fn valid_until(&mut self, certificate: &Certificate) -> Result<OffsetDateTime, Refusal> {
        in_time(certificate, self.now)?;
        let named = self.roots.named(certificate.issuer_der());
        if named.iter().any(|root| certificate.is_issued_by(root)) {
            return Ok(certificate.not_after());
        }
        let (subject, issuer) = (certificate.subject(), certificate.issuer());
        let mut refusal = match named {
            [] => None,
            _ => Some(Refusal::OtherIssuer { subject: subject.clone(), issuer: issuer.clone() }),
        };
        for (at, above) in self.intermediates.iter().enumerate() {
            if self.used.contains(&at) || above.subject_der() != certificate.issuer_der() {
                continue;
            }
            match self.step(certificate, at, above) {
                Ok(until) => return Ok(until.min(certificate.not_after())),
                Err(reason) => refusal = refusal.or(Some(reason)),
            }
        }
        Err(refusal.unwrap_or(Refusal::UnknownIssuer { subject, issuer }))
    }

    fn step(&mut self, certificate: &Certificate, at: usize, above: &Certificate) -> Result<OffsetDateTime, Refusal> {
        if !certificate.is_issued_by(above) {
            return Err(Refusal::OtherIssuer { subject: certificate.subject(), issuer: above.subject() });
        }
        let found = self.used.len();
        match above.authority() {
            None => return Err(Refusal::NoAuthority { subject: certificate.subject(), issuer: above.subject() }),
            Some(PathLength::AtMost(allowed)) if found > usize::from(allowed) => {
                return Err(Refusal::PathTooLong { issuer: above.subject(), allowed, found });
            }
            Some(PathLength::AtMost(_) | PathLength::Any) => {}
        }
        self.used.push(at);
        let until = self.valid_until(above);
        self.used.pop();
        until
    }
}

fn in_time(certificate: &Certificate, now: OffsetDateTime) -> Result<(), Refusal> {
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if now < not_before {
        return Err(Refusal::NotYetValid { subject: certificate.subject(), not_before });
    }
    if now > not_after {
        return Err(Refusal::Expired { subject: certificate.subject(), not_after });
    }
    Ok(())
}

const SOON_DAYS: i64 = 30;
