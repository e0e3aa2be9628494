//! Does the server accept a message to oneself? The message and how to recognize it are defined here, for `arrive` too.

use async_smtp::error::Error;
use async_smtp::{EmailAddress, Envelope, SendableEmail};
use provost_account::Authentication;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::attempt::{Attempt, Stop};
use crate::clients::{refused, smtp};
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let address = attempt.subject.account.address.as_str();
    // SMTPUTF8 and quoted local parts with spaces: async-smtp 0.10.2 writes neither.
    let Ok(mailbox) = EmailAddress::new(address.to_owned()) else {
        return Err(Reason::UncommonAddress.into());
    };
    let mut session = smtp::session(attempt).await?;
    // The account has a login, and the client found out that the server offers none.
    let finds_no_login = attempt.server.endpoint.authentication == Authentication::None
        && attempt.said.endpoint.authentication != Authentication::None;
    let envelope = Envelope::new(Some(mailbox.clone()), vec![mailbox]).expect("there is a recipient");
    let cause = smtp::cause(attempt, refused("message"));
    match session.transport.send(SendableEmail::new(envelope, message(attempt))).await {
        Ok(_) => {
            smtp::hand_on(attempt, session).await;
            Ok(Evidence::Accepted)
        }
        // RFC 4954 §6: 530 5.7.0, "Authentication required".
        Err(Error::Permanent(answer)) if answer.has_code(530) && finds_no_login => {
            Err(Stop::NotTried(Reason::LoginWantedNoneOffered))
        }
        Err(error @ (Error::Transient(_) | Error::Permanent(_))) => Err(Stop::Judged(cause(error))),
        Err(error) => Err(cause(error).into()),
    }
}

/// How the test message is recognized. A function of the proof alone, so that a run can be repeated to the byte.
pub(super) fn message_id(attempt: &Attempt<'_>) -> String {
    let now = OffsetDateTime::from(attempt.options.now).unix_timestamp_nanos();
    let address = &attempt.subject.account.address;
    let digest = Sha256::digest(format!("{address}\n{}\n{now}", attempt.subject.label));
    let digest: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("provost.{digest}@{}", address.domain())
}

fn message(attempt: &Attempt<'_>) -> String {
    let address = &attempt.subject.account.address;
    let date = OffsetDateTime::from(attempt.options.now).format(&Rfc2822).expect("a year that RFC 5322 can say");
    format!(
        "Date: {date}\r\nFrom: <{address}>\r\nTo: <{address}>\r\nSubject: Provost test message\r\n\
         Message-ID: <{}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\r\n\
         This message shows that mail from this account arrives. It is removed when it has been seen.\r\n",
        message_id(attempt),
    )
}
