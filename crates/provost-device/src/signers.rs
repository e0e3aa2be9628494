//! Who signed a profile, and who vouches for them, on a given day. The caller gives the day and the authorities: there is
//! no clock here, and no store of certificates. Whether the signature itself is right is the reader's to say.
//!
//! Not judged is what a certificate may be used for: profiles are signed with certificates for TLS, for S/MIME and for
//! programs. Neither is whether it was revoked.

use std::collections::BTreeMap;

use provost_account::{Certificate as Authority, Finding, Findings, ProfileDate, codes::fleet as codes};

use crate::apple_container;
use crate::apple_container::Certificate;
use crate::source_file::SourceFile;

/// Certificate authorities that are trusted, whatever their own dates.
#[derive(Debug, Default)]
pub struct Authorities {
    by_subject: BTreeMap<Vec<u8>, Vec<Certificate>>,
}

impl Authorities {
    /// Takes certificates in DER. One that cannot be read vouches for nobody: systems have some.
    #[must_use]
    pub fn new<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut authorities = Self::default();
        for certificate in certificates.into_iter().filter_map(|der| Certificate::from_der(der).ok()) {
            let Some(subject) = certificate.subject_der() else { continue };
            authorities.by_subject.entry(subject).or_default().push(certificate);
        }
        authorities
    }

    /// The one that issued a certificate, or that is this certificate.
    fn above(&self, certificate: &Certificate) -> Option<&Certificate> {
        let named = self.by_subject.get(&certificate.issuer_der()?)?;
        named.iter().find(|authority| certificate.is_issued_by(authority))
    }
}

/// Someone who signed a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Whose the certificate is, as RFC 4514 writes names.
    pub name: String,
    /// The last day on which that certificate and those above it are all valid. `None`: beyond the calendar.
    pub valid_until: Option<ProfileDate>,
    /// The trusted authority that vouches for the signer, through others or by itself. `None`: there is none.
    pub authority: Option<String>,
}

/// Who signed the files of a profile, each once, and what is wrong with their certificates on a day. Authorities are those
/// of the system, and `trust` besides.
///
/// A signer whose certificate is not in the file, and a file that cannot be read, are the reader's findings.
#[must_use]
pub fn signers(
    files: &[SourceFile<'_>],
    today: ProfileDate,
    system: impl FnOnce() -> &'static Authorities,
    trust: &[Authority],
) -> (Vec<Signer>, Vec<Finding>) {
    let signed: Vec<_> = files.iter().filter_map(|file| apple_container::signed_by(file.bytes)).collect();
    let (mut signers, mut findings) = (Vec::new(), Findings::default());
    if signed.is_empty() {
        return (signers, Vec::new());
    }
    let own = Authorities::new(trust.iter().map(Authority::der));
    let authorities = [system(), &own];
    for (leaves, others) in &signed {
        for leaf in leaves {
            let way = Way::up(leaf, others, &authorities);
            let signer = way.signer();
            if !signers.contains(&signer) {
                way.judge(today, &mut findings);
                signers.push(signer);
            }
        }
    }
    (signers, findings.finish())
}

/// The certificates from a signer's up to one that a trusted authority issued, or as far as the file leads.
struct Way<'a> {
    certificates: Vec<&'a Certificate>,
    authority: Option<&'a Certificate>,
}

impl<'a> Way<'a> {
    /// The shortest way to an authority. Each certificate is looked at once: a hostile file has many of one name.
    fn up(leaf: &'a Certificate, others: &'a [Certificate], authorities: &[&'a Authorities]) -> Self {
        let others = &others[..others.len().min(CERTIFICATES_MAX)];
        let mut ways = vec![vec![leaf]];
        let mut longest = 0;
        let mut at = 0;
        while let Some(way) = ways.get(at).cloned() {
            let last = way[way.len() - 1];
            if let Some(authority) = authorities.iter().find_map(|it| it.above(last)) {
                return Self { certificates: way, authority: Some(authority) };
            }
            for above in others {
                let is_new = !ways.iter().flatten().any(|known| *known == above);
                if is_new && above.may_issue(way.len() - 1) && last.is_issued_by(above) {
                    ways.push([way.as_slice(), &[above]].concat());
                }
            }
            if way.len() > ways[longest].len() {
                longest = at;
            }
            at += 1;
        }
        Self { certificates: ways.swap_remove(longest), authority: None }
    }

    fn signer(&self) -> Signer {
        let until = self.certificates.iter().map(|it| it.days().map(|(_, until)| until));
        Signer {
            name: self.certificates[0].subject(),
            valid_until: until.min().flatten(),
            authority: self.authority.map(Certificate::subject),
        }
    }

    fn judge(&self, today: ProfileDate, findings: &mut Findings) {
        let leaf = self.certificates[0].subject();
        for (at, certificate) in self.certificates.iter().enumerate() {
            let Some((from, until)) = certificate.days() else { continue };
            let whose = match at {
                0 => format!("{leaf}, which signed the profile,"),
                _ => format!("{}, above that of {leaf}, which signed the profile,", certificate.subject()),
            };
            let days_left = (until.date() - today.date()).whole_days();
            if today < from {
                let message = format!("the certificate of {whose} is valid from {from}");
                findings.add(codes::SIGNER_NOT_YET_VALID, None, message, "publish the profile from that day");
            } else if until < today {
                let message = format!("the certificate of {whose} was valid until {until}");
                findings.add(codes::SIGNER_EXPIRED, None, message, RENEW);
            } else if days_left < SOON_DAYS {
                let message = format!("the certificate of {whose} is valid until {until}, {}", days(days_left));
                findings.add(codes::SIGNER_ENDS_SOON, None, message, RENEW);
            }
        }
        if self.authority.is_none() {
            findings.add(codes::SIGNER_UNKNOWN, None, self.where_it_ends(), CERTIFIED);
        }
    }

    /// Why nobody vouches for the signer, in words.
    fn where_it_ends(&self) -> String {
        let last = self.certificates[self.certificates.len() - 1];
        let (subject, issuer) = (last.subject(), last.issuer());
        match (last.is_self_issued(), self.certificates.len()) {
            (true, 1) => format!("{subject} signed the profile with a certificate of its own making"),
            (true, _) => format!("the signer's authorities end at {subject}, which is not trusted here"),
            (false, _) => {
                format!("{issuer} issued the certificate of {subject}, and is neither in the file nor trusted here")
            }
        }
    }
}

fn days(left: i64) -> String {
    match left {
        0 => "which is today".to_owned(),
        1 => "one more day".to_owned(),
        _ => format!("{left} more days"),
    }
}

/// As `generate` warns of.
const SOON_DAYS: i64 = 30;
/// More than any chain has.
const CERTIFICATES_MAX: usize = 16;
const RENEW: &str = "sign the profile with the certificate's successor";
const CERTIFIED: &str = "sign with a certificate of an authority that the devices know, with the chain in the file; or install the authority first";
