//! Documents from web servers, through the network's guards. Whatever is no document is a reason why there is none.

use std::error::Error;
use std::time::Duration;

use provost_network::{ConnectError, FetchError, Fetched, Network};
use url::Url;

use super::Nothing;

/// The body at a URL.
pub(super) async fn get(network: &Network, url: &str) -> Result<Vec<u8>, Nothing> {
    body(network.get(&parsed(url)?, PATIENCE).await)
}

/// The body of the answer to a document.
pub(super) async fn post(network: &Network, url: &str, body: Vec<u8>) -> Result<Vec<u8>, Nothing> {
    self::body(network.post(&parsed(url)?, "text/xml; charset=utf-8", body, PATIENCE).await)
}

/// Where a URL leads, and what is there.
pub(super) async fn fetched(network: &Network, url: &str) -> Result<Fetched, Nothing> {
    network.get(&parsed(url)?, PATIENCE).await.map_err(nothing)
}

/// Where a URL leads, if that is to HTTPS. What is there does not matter.
pub(super) async fn target(network: &Network, url: &str) -> Result<String, Nothing> {
    let fetched = fetched(network, url).await?;
    match fetched.url.scheme() {
        "https" => Ok(fetched.url.to_string()),
        _ => Err(Nothing::Status(fetched.status)),
    }
}

fn parsed(url: &str) -> Result<Url, Nothing> {
    Url::parse(url).map_err(|error| Nothing::Unasked { detail: error.to_string() })
}

fn body(fetched: Result<Fetched, FetchError>) -> Result<Vec<u8>, Nothing> {
    match fetched {
        Ok(fetched) if fetched.status == 200 => Ok(fetched.body),
        Ok(fetched) => Err(Nothing::Status(fetched.status)),
        Err(error) => Err(nothing(error)),
    }
}

fn nothing(error: FetchError) -> Nothing {
    match error {
        FetchError::NoConnection(ConnectError::NoAddress { .. }) => Nothing::NotThere,
        error => Nothing::Unasked { detail: in_words(&error) },
    }
}

/// An error and what is behind it.
pub(super) fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        source = cause.source();
    }
    words
}

/// As long as Thunderbird 153 waits for the provider database.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
