//! Does the server accept a message to oneself? The message and how to recognize it are defined here, for `arrive` too.

use provost_account::Authentication;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal};
use crate::clients;
use crate::clients::smtp::{self, Reply};
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let address = attempt.subject.account.address.as_str();
    // Neither SMTPUTF8 nor quoted local parts with spaces are tried.
    if address.contains(|it: char| !it.is_ascii_graphic() || it == '<' || it == '>') {
        return Err(Reason::UncommonAddress.into());
    }
    let without_login = attempt.server.endpoint.authentication == Authentication::None;
    let mut session = match without_login {
        true => smtp::LoggedIn(clients::connect(attempt).await?),
        false => clients::session(attempt).await?,
    };
    let (what, reply) = session.submit(address, &message(attempt)).await?;
    match reply.code {
        Some(200..400) => {
            clients::hand_on(attempt, session).await;
            Ok(Evidence::Accepted)
        }
        // RFC 4954 §6: 530 5.7.0, "Authentication required". The account has a login, and the client found out that the
        // server offers none.
        Some(530) if without_login && attempt.said.endpoint.authentication != Authentication::None => {
            Err(Stop::NotTried(Reason::LoginWantedNoneOffered))
        }
        Some(_) => Err(Stop::Judged(refused(attempt, what, &reply))),
        None => Err(refused(attempt, what, &reply).into()),
    }
}

/// Why mail is refused: by the enhanced status code if there is one, or else by the code.
fn refused(attempt: &Attempt<'_>, what: Refusal, reply: &Reply) -> Cause {
    let said = attempt.said(&reply.text());
    match (reply.status(), reply.code) {
        // RFC 3463 §3.3: "mailbox full".
        (Some((2, 2)), _) => Cause::MailboxFull { said },
        // RFC 3463 §3.3 and §3.4: "message length exceeds administrative limit", "message too big for system".
        (Some((2, 3) | (3, 4)), _) => Cause::MessageTooLarge { said },
        // RFC 5321 §3.8: the server closes the connection.
        (_, Some(421)) => Cause::ServiceUnavailable { protocol: attempt.protocol, said },
        (_, Some(400..500)) => Cause::Deferred { what, said },
        // RFC 5321 §4.2.3: 552, "requested mail action aborted: exceeded storage allocation".
        (None, Some(552)) => Cause::MailboxFull { said },
        _ => Cause::Refused { what, said },
    }
}

/// How the test message is recognized. A function of the proof alone, so that a run can be repeated to the byte.
pub(super) fn message_id(attempt: &Attempt<'_>) -> String {
    let now = OffsetDateTime::from(attempt.options.now).unix_timestamp_nanos();
    let address = &attempt.subject.account.address;
    let sent_by = attempt.sent_by.unwrap_or(&attempt.server.endpoint).authority();
    let digest = Sha256::digest(format!("{address}\n{}\n{sent_by}\n{now}", attempt.subject.label));
    let digest: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("provost.{digest}@{}", address.domain())
}

pub(super) fn message(attempt: &Attempt<'_>) -> String {
    let address = &attempt.subject.account.address;
    let date = OffsetDateTime::from(attempt.options.now).format(&Rfc2822).expect("a year that RFC 5322 can say");
    format!(
        "Date: {date}\r\nFrom: <{address}>\r\nTo: <{address}>\r\nSubject: {SUBJECT}\r\n\
         Message-ID: <{}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\r\n\
         This message shows that mail from this account arrives. It is removed when it has been seen.\r\n",
        message_id(attempt),
    )
}

/// The subject of the test message, by which a person recognizes it.
pub const SUBJECT: &str = "Provost test message";
