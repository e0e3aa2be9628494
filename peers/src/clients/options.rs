//! The options of `e2e --clients`.

use anyhow::Context;

use super::Client;
use super::faults::{self, Trouble};
use super::table::CLIENTS;

pub(super) struct Options {
    pub(super) clients: Vec<&'static Client>,
    pub(super) troubles: Option<Vec<Trouble>>,
    pub(super) bless: bool,
}

impl Options {
    pub(super) fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self { clients: CLIENTS.iter().collect(), troubles: None, bless: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--clients" => {}
                "--only" => {
                    let names: Vec<&str> = arguments.next().context("--only takes names")?.split(',').collect();
                    options.clients = names.into_iter().map(called).collect::<anyhow::Result<_>>()?;
                }
                "--faults" => {
                    options.troubles =
                        Some(match arguments.next().context("--faults takes six, settings, all or names")?.as_str() {
                            "six" => faults::six(),
                            "settings" => faults::settings(),
                            "all" => faults::all(),
                            names => names.split(',').map(Trouble::called).collect::<anyhow::Result<_>>()?,
                        });
                }
                "--bless" => options.bless = true,
                other => anyhow::bail!(
                    "e2e --clients takes --only NAME,…, --faults six, settings, all or NAME,…, and --bless, and not {other}"
                ),
            }
        }
        // An unknown name would require nothing.
        required()?;
        Ok(options)
    }
}

/// The clients without which a run fails: `PROVOST_REQUIRE_CLIENTS`.
pub(super) fn required() -> anyhow::Result<Vec<&'static Client>> {
    let Ok(names) = std::env::var(REQUIRED) else { return Ok(Vec::new()) };
    names.split(',').filter(|name| !name.is_empty()).map(|name| called(name).context(REQUIRED)).collect()
}

fn called(name: &str) -> anyhow::Result<&'static Client> {
    CLIENTS.iter().find(|client| client.name == name).with_context(|| {
        let names: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
        format!("no client is called {name:?}; there are {}", names.join(", "))
    })
}

const REQUIRED: &str = "PROVOST_REQUIRE_CLIENTS";
