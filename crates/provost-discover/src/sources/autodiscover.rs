//! Autodiscover's plain old XML, asked as MS-OXDSCLI section 3.1.5 has it: at the domain, at its autodiscover host, where
//! that host redirects to over HTTP, and where the SRV record leads; and from there, where an answer leads. An Exchange
//! server wants a login first, and gets none.

use futures::future::join_all;
use provost_account::{DomainName, EmailAddress};
use provost_device::AutodiscoverRedirect;
use provost_network::Network;
use tokio::time::timeout;

use super::{Nothing, Tried, read, srv, web};
use crate::source::SourceKind;

/// Where anybody on the way may lead to, it asks for the stand-in, whoever may be asked for elsewhere.
pub(super) async fn ask(network: &Network, person: &EmailAddress, stand_in: &EmailAddress) -> Vec<Tried> {
    let domain = person.domain();
    let own = of_domain(domain).map(|url| post(network, person, stand_in, url, SourceKind::OwnDomain));
    let mut tried = join_all(own).await;
    if tried.iter().all(|it| it.outcome.is_err()) {
        tried.push(redirected(network, stand_in).await);
    }
    if tried.iter().all(|it| it.outcome.is_err()) {
        let owner = format!("_autodiscover._tcp.{domain}");
        match srv::first(network, &owner).await {
            Ok((authority, kind)) => {
                tried.push(post(network, stand_in, stand_in, format!("https://{authority}{PATH}"), kind).await);
            }
            Err(nothing) => tried.push(Tried { kind: SourceKind::Srv, at: owner, outcome: Err(nothing) }),
        }
    }
    tried
}

/// Where a domain has its answers.
fn of_domain(domain: &DomainName) -> [String; 2] {
    [format!("https://{domain}{PATH}"), format!("https://autodiscover.{domain}{PATH}")]
}

/// Asks where the autodiscover host redirects to, which it says over HTTP.
async fn redirected(network: &Network, stand_in: &EmailAddress) -> Tried {
    let at = format!("http://autodiscover.{}{PATH}", stand_in.domain());
    match web::target(network, &at).await {
        Ok(url) => post(network, stand_in, stand_in, url, SourceKind::Http).await,
        Err(nothing) => Tried { kind: SourceKind::Http, at, outcome: Err(nothing) },
    }
}

async fn post(
    network: &Network,
    person: &EmailAddress,
    stand_in: &EmailAddress,
    at: String,
    kind: SourceKind,
) -> Tried {
    let answer = timeout(web::PATIENCE, answer(network, person, stand_in, &at)).await;
    let answer = answer.unwrap_or_else(|_| Err(unasked(format!("no answer within {:?}", web::PATIENCE))));
    let outcome = answer.and_then(|(page, person)| {
        let mut opinion = read::opinion("autodiscover-pox", kind, &at, &page, person)?;
        // It is the person's in the answer.
        opinion.name = None;
        Ok(opinion)
    });
    Tried { kind, at, outcome }
}

/// The answer at a URL, and for whom it is to be read. Where it leads elsewhere, somebody else is asked: for the stand-in.
async fn answer<'a>(
    network: &Network,
    person: &'a EmailAddress,
    stand_in: &'a EmailAddress,
    url: &str,
) -> Result<(Vec<u8>, &'a EmailAddress), Nothing> {
    let mut page = web::post(network, url, request(person)).await?;
    let (mut reader, mut asked_for, mut followed) = (person, stand_in.clone(), 0);
    while let Some(redirect) = AutodiscoverRedirect::of(&page) {
        if followed == REDIRECTS_MAX {
            return Err(unasked(format!("more than {REDIRECTS_MAX} answers that lead to others")));
        }
        (reader, followed) = (stand_in, followed + 1);
        page = match redirect {
            // "the client SHOULD send a new Autodiscover request to the URL contained in the value of the RedirectUrl element"
            AutodiscoverRedirect::Url(url) if url.starts_with("https://") => {
                web::post(network, &url, request(&asked_for)).await?
            }
            AutodiscoverRedirect::Url(url) => return Err(unasked(format!("an answer leads out of TLS, to {url}"))),
            // The new address has a domain of its own, where everything begins again.
            AutodiscoverRedirect::Address(address) => {
                let found = EmailAddress::try_from(address.as_str()).ok();
                let found = found.and_then(|address| super::stand_in(address.domain()));
                asked_for =
                    found.ok_or_else(|| unasked(format!("an answer leads to {address}, which is no address")))?;
                let [first, second] = of_domain(asked_for.domain());
                match web::post(network, &first, request(&asked_for)).await {
                    Ok(page) => page,
                    Err(_) => web::post(network, &second, request(&asked_for)).await?,
                }
            }
        };
    }
    Ok((page, reader))
}

fn unasked(detail: String) -> Nothing {
    Nothing::Unasked { detail }
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
/// "The client application should stop redirecting after 10 redirects" (RedirectUrl in Microsoft's description of the plain
/// old XML, <https://learn.microsoft.com/exchange/client-developer/web-service-reference/redirecturl-pox>).
const REDIRECTS_MAX: usize = 10;
