//! Hosts, ports, names and addresses as configuration files spell them: the value, or a finding in its place.

use provost_account::{EmailAddress, Host, Login, Place, Port};

use crate::findings::{Findings, shown};
use crate::{Assumption, Person};

/// A host name or an IP address.
pub(crate) fn host(key: &str, text: &str, place: Place, findings: &mut Findings) -> Option<Host> {
    match Host::try_from(text) {
        Ok(host) => Some(host),
        Err(error) => {
            let message = format!("{key} is {}: {error}", shown(text));
            findings.add("wrong-value", Some(place), message, "write the server's host name alone");
            None
        }
    }
}

/// A port.
pub(crate) fn port(key: &str, text: &str, place: Place, findings: &mut Findings) -> Option<Port> {
    let port = text.parse().ok();
    if port.is_none() {
        let message = format!("{key} is {}", shown(text));
        findings.add("wrong-value", Some(place), message, "write a number from 1 to 65535");
    }
    port
}

/// A login name.
pub(crate) fn login(key: &str, text: &str, place: Place, findings: &mut Findings) -> Option<Login> {
    match Login::try_from(text) {
        Ok(login) => Some(login),
        Err(error) => {
            findings.add("wrong-value", Some(place), format!("{key}: {error}"), "write it anew");
            None
        }
    }
}

/// An address.
pub(crate) fn address(key: &str, text: &str, place: Place, findings: &mut Findings) -> Option<EmailAddress> {
    match EmailAddress::try_from(text) {
        Ok(address) => Some(address),
        Err(error) => {
            let message = format!("{key} is {}, which is no address: {error}", shown(text));
            findings.add("wrong-value", Some(place), message, "write one address");
            None
        }
    }
}

/// Whose account it is, where the file does not say an address: the person's, or a login name that is one.
pub(crate) fn whose(
    login: Option<&Login>,
    place: Place,
    person: &Person,
    assumed: &mut Vec<Assumption>,
    findings: &mut Findings,
) -> Option<EmailAddress> {
    if person.address.is_some() {
        return person.address.clone();
    }
    if let Some(address) = login.and_then(|login| EmailAddress::try_from(login.as_str()).ok()) {
        let (key, value) = ("address".to_owned(), format!("{address}, the login name"));
        assumed.push(Assumption { key, value, source: "assumed here: the file has no address" });
        return Some(address);
    }
    findings.add(
        "no-address",
        Some(place),
        "the file does not say whose account it is",
        "say for whom it is, with --address",
    );
    None
}
