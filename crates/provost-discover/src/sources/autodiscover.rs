//! Autodiscover's plain old XML, asked as MS-OXDSCLI section 3.1.5 has it: at the domain, at its autodiscover host, where
//! that host redirects to over HTTP, and where the SRV record leads. Without leave to send the address it asks for a
//! stand-in. An Exchange server wants a login first, and gets none.

use futures::future::join_all;
use provost_account::EmailAddress;
use provost_network::Network;

use super::{Asking, Disclosure, Nothing, Tried, read, srv, web};
use crate::source::SourceKind;

pub(super) async fn ask(network: &Network, asking: &Asking<'_>) -> Vec<Tried> {
    let domain = asking.address.domain();
    let urls = [format!("https://{domain}{PATH}"), format!("https://autodiscover.{domain}{PATH}")];
    let mut tried = join_all(urls.into_iter().map(|url| post(network, asking, url, SourceKind::OwnDomain))).await;
    if tried.iter().all(|it| it.outcome.is_err()) {
        tried.push(redirected(network, asking).await);
    }
    if tried.iter().all(|it| it.outcome.is_err()) {
        let owner = format!("_autodiscover._tcp.{domain}");
        match srv::first(network, &owner).await {
            Ok((authority, kind)) => {
                tried.push(post(network, asking, format!("https://{authority}{PATH}"), kind).await)
            }
            Err(nothing) => tried.push(Tried { kind: SourceKind::Srv, at: owner, outcome: Err(nothing) }),
        }
    }
    tried
}

/// Asks where the autodiscover host redirects to, which it says over HTTP.
async fn redirected(network: &Network, asking: &Asking<'_>) -> Tried {
    let at = format!("http://autodiscover.{}{PATH}", asking.address.domain());
    match web::target(network, &at).await {
        Ok(url) => post(network, asking, url, SourceKind::Http).await,
        Err(nothing) => Tried { kind: SourceKind::Http, at, outcome: Err(nothing) },
    }
}

async fn post(network: &Network, asking: &Asking<'_>, url: String, kind: SourceKind) -> Tried {
    let asked_for = match asking.disclosure {
        Disclosure::Address => Ok(asking.address.clone()),
        Disclosure::Domain => EmailAddress::try_from(format!("{STAND_IN}@{}", asking.address.domain()).as_str()),
    };
    let asked_for = match asked_for {
        Ok(address) => address,
        Err(error) => return Tried { kind, at: url, outcome: Err(Nothing::Unasked { detail: error.to_string() }) },
    };
    let page = web::post(network, &url, request(&asked_for)).await;
    let outcome = page.and_then(|page| {
        let mut opinion = read::opinion("autodiscover-pox", kind, &url, &page, &asked_for)?;
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
/// Nobody in the same domain. The login name that is answered for it becomes a rule for everybody, if it has to do with the
/// address.
const STAND_IN: &str = "provost-discovery";
const REQUEST: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006";
const ANSWER: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
