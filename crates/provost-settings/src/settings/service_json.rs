//! `service.json`: the settings that `generate` leaves beside the profiles, so that `verify` needs no settings file. It holds
//! the certificates, and no secrets. Other programs may rely on it: keys are only ever added.

use provost_account::{Findings, Service, Severity, codes::settings as codes};

use super::at::Version;
use super::keys::{self, Document};
use super::tree::{self, Node};
use super::trust::{TrustFile, write_certificates};
use super::{row, version_1, write};
use crate::source_text::Read;

/// The service as JSON, indented, with a final newline; the same bytes for the same service.
#[must_use]
pub fn write_service(service: &Service) -> Vec<u8> {
    let trust = service.trust.iter().map(|certificate| TrustFile {
        name: write_certificates(std::slice::from_ref(certificate)),
        certificates: vec![certificate.clone()],
    });
    let document = Document { version: Version::Service, service: service.clone(), trust: trust.collect() };
    write::json(&row::write(&document)).into_bytes()
}

/// Reads what [`write_service`] wrote, now or when it wrote version 1. Warnings were given when the settings were read.
#[must_use]
pub fn read_service(bytes: &[u8]) -> Read<Service> {
    let mut findings = Findings::counted();
    let value = match tree::parse_json(bytes) {
        Err(error) => {
            findings.add(codes::JSON_SYNTAX, error.place, error.message, GENERATE_AGAIN);
            None
        }
        Ok(tree) => {
            let text = std::str::from_utf8(bytes).ok().filter(|_| !is_version_1(&tree));
            let tree = if text.is_some() { tree } else { version_1::renamed(tree) };
            keys::service(&tree, text, Version::Service, &|pem| Ok(pem.as_bytes().to_vec()), &mut findings)
        }
    };
    let value = value.filter(|_| !findings.has_error());
    let mut findings = findings.finish();
    findings.retain(|finding| finding.severity == Severity::Error);
    for finding in &mut findings {
        GENERATE_AGAIN.clone_into(&mut finding.fix);
    }
    Read { value, findings }
}

fn is_version_1(tree: &Node) -> bool {
    let Node::Map(keys) = tree else { return false };
    keys.contains(&("provost".to_owned(), Node::Int(1)))
}

const GENERATE_AGAIN: &str = "run `provost generate` again";
