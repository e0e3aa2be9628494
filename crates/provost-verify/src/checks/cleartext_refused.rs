//! Does the server refuse passwords before TLS? Asked only where a cleartext phase exists, and with invented
//! credentials. A refused password proves nothing: what counts is that the server accepts none, which it says with
//! LOGINDISABLED, PRIVACYREQUIRED (RFC 5530), or by not offering AUTH.

use provost_account::{Protocol, Security};
use tokio::io::BufReader;

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::clients::{base64, response, start_tls};
use crate::report::{Evidence, Reason};
use crate::wire;

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    match attempt.server.endpoint.security {
        Security::StartTls => {}
        Security::ImplicitTls => return Err(Reason::NothingInClear.into()),
        Security::Cleartext => return Err(Reason::NoTlsWanted.into()),
    }
    let tcp = attempt.connect().await?;
    let is_with_itself = attempt.network.is_with_itself(&tcp);
    let mut stream = BufReader::new(tcp);
    let offered = start_tls::offers(attempt, &mut stream).await?;
    let offers = |what: &str| offered.iter().any(|it| it == what);
    let passwords = offers("AUTH=PLAIN") || offers("AUTH=LOGIN");
    let (closed, command) = match attempt.protocol {
        Protocol::Imap => (offers("LOGINDISABLED") && !passwords, format!("x LOGIN {MADE_UP} {MADE_UP}")),
        Protocol::Pop3 => (!offers("USER") && !passwords, format!("USER {MADE_UP}")),
        Protocol::Submission => (!passwords, format!("AUTH PLAIN {}", base64(response("PLAIN", MADE_UP, MADE_UP)))),
    };
    if closed {
        return Ok(Evidence::NoLoginBeforeTls);
    }
    let mut answer = wire::ask(&mut stream, &command).await?;
    while answer.starts_with("* ") {
        answer = wire::text(&mut stream).await?;
    }
    let refused = match attempt.protocol {
        Protocol::Imap => answer.to_ascii_uppercase().contains("[PRIVACYREQUIRED]"),
        Protocol::Pop3 => false,
        // RFC 4954 §6: 538 5.7.11, "Encryption required for requested authentication mechanism"; RFC 3207 §4: 530,
        // "Must issue a STARTTLS command first".
        Protocol::Submission => answer.starts_with("538") || answer.starts_with("530"),
    };
    if refused {
        return Ok(Evidence::RefusedBeforeTls(attempt.said(&answer)));
    }
    if is_with_itself {
        // Dovecot 2.4.1: "auth_allow_cleartext = no" lets logins from the server's own address through, as secured.
        return Err(Reason::OneAddress.into());
    }
    // Asked again, the server would delay the logins that follow even longer.
    Err(Stop::Judged(Cause::PasswordReadBeforeTls { said: attempt.said(&answer) }))
}

/// No account's name or password.
const MADE_UP: &str = "provost-made-up";
