//! Mail submission as the checks need it, over async-smtp. Its `try_login` is never used: it succeeds if the server
//! offers no login (async-smtp 0.10.2). It does not support CRAM-MD5 and OAUTHBEARER; their lines are written here.

use async_smtp::authentication::{Credentials, Mechanism};
use async_smtp::error::Error;
use async_smtp::extension::ClientId;
use async_smtp::response::Response;
use async_smtp::{SmtpClient, SmtpTransport};

use super::{
    Channel, Greeting, LoginError, base64, cram_md5, credentials, greeting, in_clear, mechanisms, open, refused,
    response, start_tls,
};
use crate::attempt::Attempt;
use crate::cause::{Cause, Said};
use crate::wire;

/// A connection.
pub(crate) struct Connected {
    pub(crate) transport: SmtpTransport<Channel>,
    /// The first words of EHLO's answer, in capitals, and mechanisms as `AUTH=…`.
    pub(crate) offers: Vec<String>,
}

pub(crate) async fn connect(attempt: &Attempt<'_>) -> Result<Connected, Cause> {
    let (mut channel, greeting) = open(attempt).await?;
    if greeting == Greeting::Awaited {
        let mut line = greeting::read(attempt, in_clear(attempt), wire::text(&mut channel)).await?;
        while line.get(3..4) == Some("-") {
            line = wire::text(&mut channel).await?;
        }
    }
    let client = SmtpClient::new().pipelining(false).hello_name(hello()).without_greeting();
    let failed = |error: Error| cause(attempt, refused("EHLO"), &error);
    let mut transport = SmtpTransport::new(client, channel).await.map_err(failed)?;
    // Once more, since the transport does not tell what it was offered.
    let again = transport.get_mut().ehlo(hello()).await.map_err(failed)?;
    let offers = again.message.iter().skip(1).flat_map(|line| start_tls::words("AUTH", line)).collect();
    Ok(Connected { transport, offers })
}

impl Connected {
    /// Logs in as the account says, with a password that may be another one.
    pub(crate) async fn log_in(&mut self, attempt: &Attempt<'_>, password: &str) -> Result<(), LoginError> {
        let (login, _) = credentials(attempt)?;
        let offered = |mechanism: &&&str| self.offers.contains(&format!("AUTH={mechanism}"));
        let mechanism = mechanisms(attempt.server.endpoint.authentication).iter().find(offered).copied();
        let plain = |mechanism| (mechanism, Credentials::new(login.to_string(), password.to_owned()));
        let answer = match mechanism {
            Some("PLAIN") => {
                let (mechanism, credentials) = plain(Mechanism::Plain);
                self.transport.auth(mechanism, &credentials).await
            }
            Some("LOGIN") => {
                let (mechanism, credentials) = plain(Mechanism::Login);
                self.transport.auth(mechanism, &credentials).await
            }
            Some("CRAM-MD5") => self.cram_md5(attempt, login.as_str(), password).await?,
            Some(mechanism) => {
                let response = base64(response(mechanism, login.as_str(), password));
                self.transport.get_mut().command(format!("AUTH {mechanism} {response}\r\n")).await
            }
            None => {
                let wanted = attempt.server.endpoint.authentication;
                let offered =
                    self.offers.iter().filter_map(|it| it.strip_prefix("AUTH=")).collect::<Vec<_>>().join(" ");
                let offered = (!offered.is_empty()).then(|| attempt.said(&offered));
                return Err(LoginError::Failed(Cause::LoginMethodNotOffered { wanted, offered }));
            }
        };
        match answer {
            Ok(answer) if answer.has_code(235) => Ok(()),
            // RFC 7628 §3.2.3: a token is refused with a challenge that explains; the client answers with nothing.
            Ok(answer) if answer.has_code(334) => Err(LoginError::Refused(words(attempt, &answer))),
            Ok(answer) => Err(LoginError::Failed(Cause::LoginNotDone { said: words(attempt, &answer) })),
            Err(Error::Permanent(answer)) if answer.has_code(535) || answer.has_code(534) => {
                Err(LoginError::Refused(words(attempt, &answer)))
            }
            Err(error) => Err(cause(attempt, |said| Cause::LoginNotDone { said }, &error).into()),
        }
    }

    async fn cram_md5(
        &mut self,
        attempt: &Attempt<'_>,
        login: &str,
        password: &str,
    ) -> Result<Result<Response, Error>, LoginError> {
        use ::base64::Engine as _;
        let challenge = match self.transport.get_mut().command("AUTH CRAM-MD5\r\n").await {
            Ok(challenge) => challenge,
            Err(error) => return Ok(Err(error)),
        };
        let text = challenge.first_line().unwrap_or("");
        let Ok(challenge) = ::base64::engine::general_purpose::STANDARD.decode(text) else {
            return Err(LoginError::Failed(Cause::ChallengeUnreadable { said: attempt.said(text) }));
        };
        let response = base64(cram_md5(login, password, &challenge));
        Ok(self.transport.get_mut().command(format!("{response}\r\n")).await)
    }

    /// Ends the session without caring for the answer: the verdict is given.
    pub(crate) async fn leave(mut self) {
        let _ = self.transport.quit().await;
    }
}

/// What an error of the client says, in the words of the server where it has some.
pub(crate) fn cause(attempt: &Attempt<'_>, refused: impl FnOnce(Said) -> Cause, error: &Error) -> Cause {
    match error {
        Error::Transient(answer) | Error::Permanent(answer) => refused(words(attempt, answer)),
        Error::Io(error) if error.to_string() == "incomplete" => Cause::HungUp,
        Error::Io(error) => Cause::broken(error.kind(), attempt.said(&error.to_string()).to_string()),
        other => refused(attempt.said(&other.to_string())),
    }
}

fn words(attempt: &Attempt<'_>, answer: &Response) -> Said {
    let code = &answer.code;
    let code = format!("{}{}{}", code.severity as u8, code.category as u8, code.detail as u8);
    attempt.said(&format!("{code} {}", answer.message.join(" ")))
}

/// RFC 5321 §4.1.4: a client without a name of its own says its address. Every client behind a router does.
fn hello() -> ClientId {
    ClientId::new("[127.0.0.1]".to_owned())
}
