//! What is unusual about an account and what it means for the person, for a help desk. It does not judge: the provider
//! may want it so.

use provost_account::{Authentication, LoginTemplate, Protocol, Security, Server};

use crate::contradictions::usual_ports;
use crate::understood::Understood;

/// Something unusual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusual {
    /// What it is.
    pub what: String,
    /// What it means.
    pub meaning: &'static str,
    /// How that is known; empty for what follows from the values alone.
    pub source: &'static str,
}

/// Everything unusual about the servers that the client uses, which are the first ones.
#[must_use]
pub fn unusual(understood: &Understood) -> Vec<Unusual> {
    let account = &understood.account;
    let mut found = Vec::new();
    let mut add = |what: String, meaning, source| found.push(Unusual { what, meaning, source });
    match (account.incoming.first(), account.outgoing.first()) {
        (None, Some(_)) => add("no incoming server".to_owned(), "the client only sends", ""),
        (Some(_), None) => add("no outgoing server".to_owned(), "the client only receives", ""),
        (Some(_), Some(_)) | (None, None) => {}
    }
    for (protocol, server) in account.first_servers() {
        let name = protocol.name();
        if protocol == Protocol::Pop3 {
            let meaning = "mail is fetched to this device: other devices do not see what is read, filed or sent here";
            add("pop3".to_owned(), meaning, "RFC 1939 section 1");
        }
        if server.endpoint.host.is_loopback() {
            let meaning = "another program there, a bridge or a tunnel, connects to the provider";
            add(format!("{name} on this machine"), meaning, "");
        } else if !protocol.services().iter().any(|it| it.port == server.endpoint.port) {
            let usual = usual_ports(protocol).join(" or ");
            let what = format!("{name} on port {}, where {usual} is registered", server.endpoint.port);
            add(what, "right only if the provider says this number", "RFC 8314 section 7");
        }
        if server.endpoint.security == Security::Cleartext && !server.endpoint.host.is_loopback() {
            let meaning = "anyone on the network path, as in a café, can read the mail and the password";
            add(format!("{name} without TLS"), meaning, "RFC 8314 section 4.1");
        }
        if let Some((meaning, source)) = login(server) {
            add(format!("{name} with {}", server.endpoint.authentication.name()), meaning, source);
        }
        if server.password.is_some() {
            add(format!("{name} with a password in the file"), "anyone who has the file can read and send mail", "");
        }
    }
    names(understood, &mut add);
    found
}

fn names(understood: &Understood, add: &mut impl FnMut(String, &'static str, &'static str)) {
    let account = &understood.account;
    let login = |server: &Server| server.login.clone();
    let receives = account.incoming.first().and_then(|it| login(&it.server));
    let sends = account.outgoing.first().and_then(login);
    if let (Some(receives), Some(sends)) = (&receives, &sends)
        && receives != sends
    {
        let what = format!("logs in as {receives} to receive, and as {sends} to send");
        add(what, "a person who is asked for \"the\" login name will use one of them for both", "");
    }
    if let Some(name) = receives
        .or(sends)
        .filter(|name| understood.address().is_some() && LoginTemplate::of(name, &account.address).is_none())
    {
        let what = format!("the login name {name} contains no part of the address");
        add(what, "it must come from the provider; the address is refused instead", "");
    }
}

/// What a login method other than a password inside of TLS means.
fn login(server: &Server) -> Option<(&'static str, &'static str)> {
    match server.endpoint.authentication {
        Authentication::PasswordCleartext => None,
        Authentication::PasswordEncrypted => {
            Some(("the password is proven, not sent; few servers still offer this", "RFC 2195"))
        }
        Authentication::OAuth2 => {
            Some(("the provider's web page asks for the password, and the client must be registered there", "RFC 7628"))
        }
        Authentication::ClientCertificate => {
            Some(("the device needs its own certificate before it can log in", "RFC 4422 appendix A"))
        }
        Authentication::Gssapi => Some(("the device must be in the organization's Kerberos realm", "RFC 4752")),
        Authentication::Ntlm => Some(("Microsoft's own way to log in, which few other servers offer", "MS-NLMP")),
        Authentication::HttpMd5 => Some(("a login method that hardly any mail server supports", "")),
        Authentication::None => Some(("there is no login: the server must trust the device's network", "")),
    }
}
