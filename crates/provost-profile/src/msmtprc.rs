//! The syntax that msmtp's and mpop's configuration files share: an account and how it logs in. Nothing is escaped or
//! expanded: an argument is in quotation marks, and the programs remove the outer ones.

use provost_account::{Authentication, Security, Server};

use crate::authorities;
use crate::writer::{Password, Request};

/// Why a server cannot be written.
pub(crate) const NO_CERTIFICATE: &str = "the program needs the certificate in a file that settings do not name";

/// The block of one server: the first is called `mail`, the next `mail-2`. `own` are the program's own lines. `None`: the
/// server wants a certificate, which only a file can give.
pub(crate) fn block(request: &Request<'_>, at: usize, server: &Server, own: &[(&str, String)]) -> Option<String> {
    let (service, account, endpoint) = (request.service, request.account, &server.endpoint);
    let mut text = String::new();
    let mut line = |command: &str, argument: &str| text.push_str(&format!("{command} {argument}\n"));
    let number = at + 1;
    line("account", &if at == 0 { "mail".to_owned() } else { format!("mail-{number}") });
    line("host", &endpoint.host.to_string());
    line("port", &endpoint.port.to_string());
    line("tls", if endpoint.security == Security::Cleartext { "off" } else { "on" });
    if endpoint.security != Security::Cleartext {
        line("tls_starttls", if endpoint.security == Security::StartTls { "on" } else { "off" });
        if !account.trust.is_empty() {
            line("tls_trust_file", &authorities::path(&service.organization.id));
        }
    }
    line("auth", method(endpoint.authentication)?);
    if let Some(login) = &server.login {
        line("user", &quoted(login.as_str()));
        match request.password(server) {
            Password::Carried(password) => line("password", &quoted(password.expose())),
            Password::Printed(command) => line("passwordeval", &quoted(&command)),
            Password::Typed => {}
        }
    }
    for (command, argument) in own {
        line(command, argument);
    }
    text.push('\n');
    Some(text)
}

/// "The argument may be enclosed in double quotes": the outer ones go, and what is inside stays as it is.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn method(authentication: Authentication) -> Option<&'static str> {
    match authentication {
        // The best one that the server offers, which inside TLS is PLAIN.
        Authentication::PasswordCleartext => Some("on"),
        Authentication::PasswordEncrypted => Some("cram-md5"),
        Authentication::OAuth2 => Some("oauthbearer"),
        Authentication::Gssapi => Some("gssapi"),
        Authentication::Ntlm => Some("ntlm"),
        Authentication::HttpMd5 => Some("digest-md5"),
        Authentication::None => Some("off"),
        Authentication::ClientCertificate => None,
    }
}
