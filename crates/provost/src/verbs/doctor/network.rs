//! The network that the doctor looks at. It asks nobody.

use anyhow::Context;
use provost_account::Certificate;
use provost_network::{Dns, Network};

use crate::arguments::doctor::Doctor;
use crate::failure::Failure;
use crate::input;

/// The real network, with the system's name servers.
pub(super) fn network(trust: &[Certificate], options: &Doctor) -> Result<Network, Failure> {
    let network = Network::live(trust).context("no network")?;
    let network = if options.allow_private { network.allowing_private() } else { network };
    match Dns::of_system() {
        Ok(names) => Ok(network.with_names(input::trusting(names, options.trust_anchor.as_deref())?)),
        Err(error) => {
            eprintln!("note: no records are asked for: {:#}", anyhow::Error::new(error));
            Ok(network)
        }
    }
}
