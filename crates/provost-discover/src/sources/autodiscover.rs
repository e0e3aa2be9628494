//! Autodiscover's plain old XML, asked as MS-OXDSCLI section 3.1.5 has it: at the domain, at its autodiscover host, where
//! that host redirects to over HTTP, and where the SRV record leads. An Exchange server wants a login first, and gets none.

use futures::future::join_all;
use provost_account::EmailAddress;
use provost_network::Network;

use super::{Tried, read, srv, web};
use crate::source::SourceKind;

/// Where anybody on the way may lead to, it asks for the stand-in, whoever may be asked for elsewhere.
pub(super) async fn ask(network: &Network, person: &EmailAddress, stand_in: &EmailAddress) -> Vec<Tried> {
    let domain = person.domain();
    let urls = [format!("https://{domain}{PATH}"), format!("https://autodiscover.{domain}{PATH}")];
    let mut tried = join_all(urls.into_iter().map(|url| post(network, person, url, SourceKind::OwnDomain))).await;
    if tried.iter().all(|it| it.outcome.is_err()) {
        tried.push(redirected(network, stand_in).await);
    }
    if tried.iter().all(|it| it.outcome.is_err()) {
        let owner = format!("_autodiscover._tcp.{domain}");
        match srv::first(network, &owner).await {
            Ok((authority, kind)) => {
                tried.push(post(network, stand_in, format!("https://{authority}{PATH}"), kind).await);
            }
            Err(nothing) => tried.push(Tried { kind: SourceKind::Srv, at: owner, outcome: Err(nothing) }),
        }
    }
    tried
}

/// Asks where the autodiscover host redirects to, which it says over HTTP.
async fn redirected(network: &Network, person: &EmailAddress) -> Tried {
    let at = format!("http://autodiscover.{}{PATH}", person.domain());
    match web::target(network, &at).await {
        Ok(url) => post(network, person, url, SourceKind::Http).await,
        Err(nothing) => Tried { kind: SourceKind::Http, at, outcome: Err(nothing) },
    }
}

async fn post(network: &Network, person: &EmailAddress, url: String, kind: SourceKind) -> Tried {
    let page = web::post(network, &url, request(person)).await;
    let outcome = page.and_then(|page| {
        let mut opinion = read::opinion("autodiscover-pox", kind, &url, &page, person)?;
        // It is the person's in the answer.
        opinion.name = None;
        Ok(opinion)
    });
    Tried { kind, at: url, outcome }
}

/// MS-OXDSCLI section 2.2.3.1: what an address may contain is escaped (XML 1.0 section 2.4).
fn request(address: &EmailAddress) -> Vec<u8> {
    let address = address.as_str().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Autodiscover xmlns=\"{REQUEST}\"><Request>\
         <EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>{ANSWER}</AcceptableResponseSchema>\
         </Request></Autodiscover>"
    )
    .into_bytes()
}

/// As Microsoft's description writes it; servers differ about its letter case.
const PATH: &str = "/autodiscover/autodiscover.xml";
const REQUEST: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006";
const ANSWER: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
