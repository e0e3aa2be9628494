//! Mozilla's autoconfig files on the domain's own names (draft-ietf-mailmaint-autoconfig-06). Over HTTP it asks only where
//! HTTPS has nothing.

use futures::future::join_all;
use provost_account::{DomainName, EmailAddress};
use provost_network::Network;

use super::{Asking, Tried, read, web};
use crate::source::SourceKind;

pub(super) async fn ask(network: &Network, asking: &Asking<'_>, person: &EmailAddress) -> Vec<Tried> {
    let domain = asking.domain;
    let own = match asking.address {
        None => of_host("https", domain),
        // The draft has the address in this URL only.
        Some(address) => format!("{}?emailaddress={}", of_host("https", domain), encoded(address)),
    };
    let mut tried = ask_at(network, person, [own, well_known("https", domain)], SourceKind::OwnDomain).await;
    if tried.iter().all(|it| it.outcome.is_err()) {
        let urls = [of_host("http", domain), well_known("http", domain)];
        tried.extend(ask_at(network, person, urls, SourceKind::Http).await);
    }
    tried
}

async fn ask_at(network: &Network, person: &EmailAddress, urls: [String; 2], kind: SourceKind) -> Vec<Tried> {
    join_all(urls.into_iter().map(|url| fetch(network, person, url, kind))).await
}

/// The file at a URL.
pub(super) async fn fetch(network: &Network, person: &EmailAddress, url: String, kind: SourceKind) -> Tried {
    let page = web::get(network, &url).await;
    let outcome = page.and_then(|page| read::opinion(FORMAT, kind, &url, &page, person));
    Tried { kind, at: url, outcome }
}

/// The file on the name that is there for it.
pub(super) fn of_host(scheme: &str, domain: &DomainName) -> String {
    format!("{scheme}://autoconfig.{domain}/mail/config-v1.1.xml")
}

fn well_known(scheme: &str, domain: &DomainName) -> String {
    format!("{scheme}://{domain}/.well-known/autoconfig/mail/config-v1.1.xml")
}

/// An address in a query (RFC 3986 §3.4).
fn encoded(address: &EmailAddress) -> String {
    url::form_urlencoded::byte_serialize(address.as_str().as_bytes()).collect()
}

pub(super) const FORMAT: &str = "thunderbird-autoconfig";
