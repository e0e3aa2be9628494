//! Fixed ports for the registered services.

use anyhow::Context;
use provost_account::{REGISTERED_SERVICES, RegisteredService};
use provost_mockmail::FixedPort;

use crate::failure::Failure;

/// The ports that were asked for.
#[derive(Debug)]
pub(super) struct Ports {
    pub(super) mail: Vec<FixedPort>,
    /// Where GreenMail's REST paths are, if anywhere.
    pub(super) greenmail_api: u16,
}

/// A preset's ports, and those that were asked for by name in their place.
pub(super) fn chosen(asked: &[String], preset: Option<&str>) -> Result<Ports, Failure> {
    let mut ports = Vec::new();
    let mut greenmail_api = GREENMAIL_API;
    for text in asked {
        if let Some(port) = text.strip_prefix("greenmail-api=").and_then(|port| port.parse().ok()) {
            greenmail_api = port;
            continue;
        }
        let fixed = text.split_once('=').and_then(|(name, port)| {
            let service = REGISTERED_SERVICES.iter().find(|it| it.name == name)?;
            Some(FixedPort { protocol: service.protocol, security: service.security, port: port.parse().ok()? })
        });
        let fixed = fixed.with_context(|| format!("--port {text:?} is no service and port"));
        let names: Vec<&str> = REGISTERED_SERVICES.iter().map(|it| it.name).collect();
        ports.push(fixed.map_err(|error| {
            Failure::hinted(error, format!("for example imaps=10993; the services are {}", names.join(", ")))
        })?);
    }
    if preset == Some("greenmail") {
        for (RegisteredService { protocol, security, .. }, port) in REGISTERED_SERVICES.iter().copied().zip(GREENMAIL) {
            if !ports.iter().any(|it| it.protocol == protocol && it.security == security) {
                ports.push(FixedPort { protocol, security, port });
            }
        }
    }
    Ok(Ports { mail: ports, greenmail_api })
}

/// GreenMail's default test ports, in the order of the registered services.
const GREENMAIL: [u16; 6] = [3993, 3143, 3465, 3025, 3995, 3110];
/// Where GreenMail's standalone server has its REST interface.
const GREENMAIL_API: u16 = 8080;
