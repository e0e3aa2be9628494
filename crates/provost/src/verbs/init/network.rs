//! What the network and a provider database say about a domain. It asks nobody for a password, and has none.

use anyhow::Context;
use provost_account::{DomainName, EmailAddress};
use provost_discover::{Asking, Database, Discovered, Guesses, discover, discover_in_folder};
use provost_network::{Dns, Network};

use crate::arguments::Init;
use crate::failure::Failure;
use crate::input;

/// Asks every source, as far as the options allow.
pub(super) fn ask(options: &Init, domain: &DomainName) -> Result<Discovered, Failure> {
    let database = database(options)?;
    let address = options.address.as_deref().filter(|_| options.send_address);
    let address = address.map(EmailAddress::try_from).transpose().context("the address")?;
    let mut network = Network::live(&[]).context("no network")?;
    if options.allow_private {
        network = network.allowing_private();
    }
    network = match Dns::of_system() {
        Ok(names) => network.with_names(input::trusting(names, options.trust_anchor.as_deref())?),
        Err(error) => {
            eprintln!("note: no records are asked for: {:#}", anyhow::Error::new(error));
            network
        }
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let asking = Asking { domain, address: address.as_ref(), database: database.as_ref(), guesses: Guesses::Tried };
    Ok(runtime.block_on(discover(&network, &asking)))
}

/// What a provider database in a folder says; one in the network is refused.
pub(super) fn ask_offline(options: &Init, domain: &DomainName) -> Result<Discovered, Failure> {
    match database(options)? {
        None => Ok(Discovered { opinions: Vec::new(), asked: Vec::new() }),
        Some(Database::Folder(folder)) => Ok(discover_in_folder(&folder, domain)),
        Some(Database::Url(url)) => Err(Failure::hinted(
            anyhow::anyhow!("--offline asks nobody, and {url} is in the network"),
            "give --provider-database a folder: a clone of https://github.com/thunderbird/autoconfig",
        )),
    }
}

fn database(options: &Init) -> Result<Option<Database>, Failure> {
    options.provider_database.as_deref().map(Database::try_from).transpose().map_err(|error| {
        let hint = "give a folder, or a URL such as https://autoconfig.thunderbird.net/v1.1/";
        Failure::hinted(anyhow::Error::new(error).context("--provider-database"), hint)
    })
}
