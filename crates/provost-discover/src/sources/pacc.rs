//! PACC's document on the domain's own name, and its digest in the DNS (draft-ietf-mailmaint-pacc-03): a document that is
//! none of those whose digests are published is not taken.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::EmailAddress;
use provost_network::Network;
use sha2::{Digest as _, Sha256};

use super::{Nothing, Tried, names, read, web};
use crate::source::SourceKind;

pub(super) async fn ask(network: &Network, person: &EmailAddress) -> Vec<Tried> {
    let domain = person.domain();
    let url = format!("https://ua-auto-config.{domain}/.well-known/user-agent-configuration.json");
    let kind = SourceKind::OwnDomain;
    let outcome = async {
        let page = web::get(network, &url).await?;
        let owner = format!("_ua-auto-config.{domain}");
        let proof = match names::records(network.txt(&owner).await) {
            Ok((records, _)) if is_proven(&records, &page) => format!("with its digest in TXT {owner}"),
            Ok(_) => return Err(Nothing::DigestDiffers),
            Err(Nothing::Bogus) => return Err(Nothing::Bogus),
            Err(_) => String::new(),
        };
        let mut opinion = read::opinion("pacc", kind, &url, &page, person)?;
        for said in &mut opinion.servers {
            said.by.clone_from(&proof);
        }
        Ok(opinion)
    };
    let outcome = outcome.await;
    vec![Tried { kind, at: url, outcome }]
}

/// Whether one of the records has the digest of the document: `v=UAAC1; a=sha256; d=BASE64`, of the octets after any
/// decoding by HTTP.
fn is_proven(records: &[String], document: &[u8]) -> bool {
    let own = Sha256::digest(document);
    records.iter().any(|record| {
        let mut parts = record.split(';').map(str::trim);
        let is_version_1 = parts.next() == Some("v=UAAC1");
        let parts: Vec<&str> = parts.collect();
        let digest = parts.iter().find_map(|part| part.strip_prefix("d="));
        let digest = digest.and_then(|digest| BASE64_STANDARD.decode(digest).ok());
        is_version_1 && parts.contains(&"a=sha256") && digest.is_some_and(|digest| digest == own.as_slice())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The document and the record in fixtures/golden, whose digest openssl gives too: `openssl dgst -sha256 -binary
    /// fixtures/golden/pacc/plain.json | base64`.
    #[test]
    fn a_document_is_the_one_with_the_digest() {
        let document = include_bytes!("../../../../fixtures/golden/pacc/plain.json");
        let right = "v=UAAC1; a=sha256; d=lBStcZnWQzL7cmhmXepOO2+LYbVONHkk/T5dKWxOct8=".to_owned();
        let other = "v=UAAC1; a=sha256; d=AAAAcZnWQzL7cmhmXepOO2+LYbVONHkk/T5dKWxOct8=".to_owned();
        assert!(is_proven(std::slice::from_ref(&right), document));
        // While the document changes, both are published.
        assert!(is_proven(&[other.clone(), right.clone()], document));
        assert!(!is_proven(&[other], document));
        assert!(!is_proven(std::slice::from_ref(&right), b"{}"));
        assert!(!is_proven(&[right.replace("sha256", "md5"), right.replace("UAAC1", "UAAC2")], document));
    }
}
