//! Mail submission as the checks need it, as lines on the stream. The clients that there are do not tell what EHLO offered,
//! or what the server said.

use std::net::IpAddr;

use provost_account::Authentication;

use super::{Connected, Session, base64, cram_md5_line, mechanism, response, words};
use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal};
use crate::wire::{self, Lines};

/// A session in which messages are taken.
pub(crate) struct LoggedIn(pub(crate) Connected);

/// The first words of the lines of EHLO's answer, in capitals, and mechanisms as `AUTH=…`.
pub(crate) async fn capabilities(attempt: &Attempt<'_>, stream: &mut impl Lines) -> Result<Vec<String>, Cause> {
    let own = address_literal(stream.own_address()?);
    let reply = ask(stream, &format!("EHLO {own}")).await?;
    match reply.code {
        // RFC 5321 §4.1.1.1: the first line is the server's name.
        Some(250) => Ok(reply.texts.iter().skip(1).flat_map(|text| words("AUTH", text)).collect()),
        Some(421) if reply.text().contains(NO_CLIENT_CERTIFICATE) => Err(Cause::ClientCertificateWanted),
        Some(_) | None => Err(attempt.refused("EHLO", &reply.text())),
    }
}

impl Session for LoggedIn {
    async fn log_in(
        attempt: &Attempt<'_>,
        mut connected: Connected,
        login: &str,
        password: &str,
    ) -> Result<Self, Stop> {
        let Connected { stream, offers } = &mut connected;
        let wanted = attempt.server.endpoint.authentication;
        let reply = match mechanism(wanted, offers) {
            // draft-murchison-sasl-login-00: the name is asked for, then the password.
            Some("LOGIN") => {
                let mut reply = ask(stream, "AUTH LOGIN").await?;
                for answer in [login, password] {
                    if reply.code == Some(334) {
                        reply = ask(stream, &base64(answer)).await?;
                    }
                }
                reply
            }
            Some("CRAM-MD5") => match ask(stream, "AUTH CRAM-MD5").await? {
                Reply { code: Some(334), texts } => {
                    ask(stream, &cram_md5_line(attempt, login, password, &texts.concat())?).await?
                }
                refused => refused,
            },
            Some(mechanism) => {
                let response = base64(response(mechanism, login, password));
                ask(stream, &format!("AUTH {mechanism} {response}")).await?
            }
            None => {
                let offered: Vec<&str> = offers.iter().filter_map(|it| it.strip_prefix("AUTH=")).collect();
                let offered = (!offered.is_empty()).then(|| attempt.said(&offered.join(" ")));
                return Err(Cause::LoginMethodNotOffered { wanted, offered }.into());
            }
        };
        match reply.code {
            Some(235) => Ok(Self(connected)),
            Some(534 | 535) => Err(Stop::Refused(attempt.said(&reply.text()))),
            // RFC 7628 §3.2.3: a token is refused with a challenge that explains; the client answers with nothing.
            Some(334) if wanted == Authentication::OAuth2 => Err(Stop::Refused(attempt.said(&reply.text()))),
            Some(_) | None => Err(Cause::LoginNotDone { said: attempt.said(&reply.text()) }.into()),
        }
    }

    async fn leave(mut self) {
        let _ = ask(&mut self.0.stream, "QUIT").await;
    }
}

impl LoggedIn {
    /// Submits a message to oneself, of which no line begins with a dot. Gives the first reply that refuses it with what it
    /// refuses, or the last.
    pub(crate) async fn submit(&mut self, address: &str, message: &str) -> Result<(Refusal, Reply), Cause> {
        let stream = &mut self.0.stream;
        for (what, command) in [
            (Refusal::Sender, format!("MAIL FROM:<{address}>")),
            (Refusal::Recipient, format!("RCPT TO:<{address}>")),
            (Refusal::Data, "DATA".to_owned()),
        ] {
            let reply = ask(stream, &command).await?;
            if !reply.is_positive() {
                return Ok((what, reply));
            }
        }
        Ok((Refusal::Message, ask(stream, &format!("{message}.")).await?))
    }
}

impl LoggedIn {
    /// The first reply that refuses mail from an address, or puts off the sender, if one does. No message is sent.
    pub(crate) async fn refuses(
        &mut self,
        attempt: &Attempt<'_>,
        sender: &str,
        recipient: &str,
    ) -> Result<Option<Reply>, Cause> {
        let stream = &mut self.0.stream;
        let mut refusal = None;
        for (is_first, command) in [(true, format!("MAIL FROM:<{sender}>")), (false, format!("RCPT TO:<{recipient}>"))]
        {
            let reply = ask(stream, &command).await?;
            // RFC 5321 §3.8: the server closes the connection.
            if reply.code == Some(421) {
                return Err(Cause::ServiceUnavailable {
                    protocol: attempt.protocol,
                    said: attempt.said(&reply.text()),
                });
            }
            // RFC 5321 §4.2.1: a refusal for good. Who puts a recipient off (RFC 6647) does not object to the sender.
            if !reply.is_positive() && (is_first || reply.code.is_none_or(|code| code >= 500)) {
                refusal = Some(reply);
                // RFC 5321 §3.3: without a sender, RCPT is answered with 503, which says nothing.
                break;
            }
        }
        ask(stream, "RSET").await?;
        Ok(refusal)
    }
}

/// What the server says to a command.
pub(crate) struct Reply {
    /// `None`: it is no reply of SMTP.
    pub(crate) code: Option<u16>,
    texts: Vec<String>,
}

impl Reply {
    pub(crate) fn is_positive(&self) -> bool {
        self.code.is_some_and(|code| (200..400).contains(&code))
    }

    /// Subject and detail of the enhanced status code: of 5.2.2 the last two numbers.
    ///
    /// ```abnf
    /// status-code = class "." subject "." detail      ; RFC 3463 §2
    /// ```
    pub(crate) fn status(&self) -> Option<(u16, u16)> {
        let code = self.texts.first()?.split(' ').next()?;
        let numbers: Result<Vec<u16>, _> = code.split('.').map(str::parse).collect();
        match numbers.as_deref() {
            Ok([_, subject, detail]) => Some((*subject, *detail)),
            Ok(_) | Err(_) => None,
        }
    }

    /// The code and all texts.
    pub(crate) fn text(&self) -> String {
        let code = self.code.map(|code| code.to_string());
        code.iter().chain(&self.texts).map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// Sends a command and reads the reply (RFC 5321 §4.2.1).
async fn ask(stream: &mut impl Lines, command: &str) -> Result<Reply, Cause> {
    wire::send(stream, command).await?;
    let mut texts = Vec::new();
    while texts.len() < LINES_MAX {
        let line = wire::text(stream).await?;
        let code = line.get(..3).and_then(|code| code.parse().ok());
        let separator = line.get(3..4).unwrap_or(" ");
        if code.is_none() || ![" ", "-"].contains(&separator) {
            return Ok(Reply { code: None, texts: vec![line] });
        }
        texts.push(line.get(4..).unwrap_or("").to_owned());
        if separator == " " {
            return Ok(Reply { code, texts });
        }
    }
    Err(Cause::ReplyWithoutEnd)
}

/// RFC 5321 §4.1.4: a client without a name of its own says its address, as every client behind a router does; in the form
/// of §4.1.3. Some servers refuse `[127.0.0.1]` from elsewhere (reported, not tried).
fn address_literal(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

/// What Postfix 3.7.11 says instead of an answer to EHLO where it demands a certificate (`smtpd_tls_req_ccert`), after a
/// handshake that has let the client in: `421 4.7.1 HOST Error: No client certificate presented`.
const NO_CLIENT_CERTIFICATE: &str = "No client certificate presented";
const LINES_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    /// The forms of RFC 5321 §4.1.3.
    #[test]
    fn a_client_names_itself_by_its_address() {
        for (address, literal) in
            [("192.0.2.7", "[192.0.2.7]"), ("::ffff:192.0.2.7", "[192.0.2.7]"), ("2001:db8::7", "[IPv6:2001:db8::7]")]
        {
            assert_eq!(address_literal(address.parse().expect("an address")), literal);
        }
    }
}
