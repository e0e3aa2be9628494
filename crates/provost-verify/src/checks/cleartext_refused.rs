//! Does the server refuse passwords before TLS? Asked only where a cleartext phase exists, and with invented
//! credentials. A refused password proves nothing: what counts is that the server accepts none, which it says with
//! LOGINDISABLED, PRIVACYREQUIRED (RFC 5530), or by not offering AUTH.

use provost_account::{Protocol, Security};

use crate::attempt::{Attempt, Problem, Verdict};
use crate::clients::wire::Unbuffered;
use crate::clients::{base64, response, start_tls};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    match attempt.server.endpoint.security {
        Security::StartTls => {}
        Security::ImplicitTls => return Verdict::does_not_apply("TLS from the first byte: nothing is said in clear"),
        Security::Cleartext => return Verdict::does_not_apply("the account asks for no TLS"),
    }
    match ask(attempt).await {
        Ok(verdict) => verdict,
        Err(problem) => Verdict::Failed(problem),
    }
}

async fn ask(attempt: &Attempt<'_>) -> Result<Verdict, Problem> {
    let endpoint = &attempt.server.endpoint;
    let mut tcp = attempt.network.connect(&endpoint.host, endpoint.port).await?;
    let is_with_itself = attempt.network.is_with_itself(&tcp);
    let mut wire = Unbuffered::new(&mut tcp);
    let offered = start_tls::offers(attempt, &mut wire).await?;
    let offers = |what: &str| offered.iter().any(|it| it == what);
    let passwords = offers("AUTH=PLAIN") || offers("AUTH=LOGIN");
    let (closed, command) = match attempt.protocol {
        Protocol::Imap => (offers("LOGINDISABLED") && !passwords, format!("x LOGIN {MADE_UP} {MADE_UP}")),
        Protocol::Pop3 => (!offers("USER") && !passwords, format!("USER {MADE_UP}")),
        Protocol::Submission => (!passwords, format!("AUTH PLAIN {}", base64(response("PLAIN", MADE_UP, MADE_UP)))),
    };
    if closed {
        return Ok(Verdict::passed("no login is offered before TLS"));
    }
    wire.send(&command).await?;
    let answer = loop {
        let line = wire.text().await?;
        if !line.starts_with("* ") {
            break line;
        }
    };
    let refused = match attempt.protocol {
        Protocol::Imap => answer.to_ascii_uppercase().contains("[PRIVACYREQUIRED]"),
        Protocol::Pop3 => false,
        // RFC 4954 §6: 538 5.7.11, "Encryption required for requested authentication mechanism"; RFC 3207 §4: 530,
        // "Must issue a STARTTLS command first".
        Protocol::Submission => answer.starts_with("538") || answer.starts_with("530"),
    };
    if refused {
        return Ok(Verdict::passed(format!("refused before TLS: {}", attempt.said(&answer))));
    }
    if is_with_itself {
        // Dovecot 2.4.1: "auth_allow_cleartext = no" lets logins from the server's own address through, as secured.
        let reason = "both ends of the connection have one address, which a server may take for a secured connection: \
                      ask from another machine";
        return Ok(Verdict::does_not_apply(reason));
    }
    Ok(Verdict::Failed(
        attempt
            .refused("the server looks at passwords before TLS", &answer)
            .because("a client that is misled into leaving TLS out would send the password readable")
            .mended_by("have the server refuse logins before TLS, as RFC 8314 section 4.1 has it"),
    ))
}

/// No account's name or password.
const MADE_UP: &str = "provost-made-up";
