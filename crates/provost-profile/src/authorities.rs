//! The file with the certificate authorities of an organization, for clients that take them from one. It decides no
//! place on the device but its own.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{Certificate, OrganizationId};

use crate::formats::{File, FileName};

/// Where the file goes, below the person's home: the same for every client, as the authorities are.
pub(crate) fn path(organization: &OrganizationId) -> String {
    format!(".config/provost/{organization}.pem")
}

/// The file of a format whose files are named for the person.
pub(crate) fn named_for_the_person(organization: &OrganizationId, trust: &[Certificate]) -> Option<File> {
    let name = FileName::Own { part: Some("authorities".to_owned()), extension: "pem" };
    file(organization, trust, name)
}

fn file(organization: &OrganizationId, trust: &[Certificate], name: FileName) -> Option<File> {
    let install = Some(format!("~/{}", path(organization)));
    (!trust.is_empty()).then(|| File { name, install, bytes: pem(trust).into_bytes() })
}

/// Certificates as text: lines of 64 characters between the marks of RFC 7468 §5.
pub(crate) fn pem(certificates: &[Certificate]) -> String {
    let mut text = String::new();
    for certificate in certificates {
        let base64 = BASE64_STANDARD.encode(certificate.der());
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for at in (0..base64.len()).step_by(64) {
            text.push_str(&base64[at..base64.len().min(at + 64)]);
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}
