//! The file with an organization's certificate authorities, for clients that read them from a file. It decides only its
//! own place on the device.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{Certificate, OrganizationId};

use crate::profile::{File, FileName};
use crate::writer::Request;

/// Where the file goes: the same for every client, as the authorities are.
pub(crate) fn path(organization: &OrganizationId) -> String {
    format!("~/.config/provost/{organization}.pem")
}

/// The files of a client, with that of the authorities where the account has some.
pub(crate) fn beside(request: &Request<'_>, mut files: Vec<File>) -> Vec<File> {
    let trust = &request.account.trust;
    if !trust.is_empty() {
        let name = FileName::Own { part: Some("authorities".to_owned()), extension: "pem" };
        let install = Some(path(&request.service.organization.id));
        files.push(File { name, install, bytes: pem(trust).into_bytes() });
    }
    files
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
