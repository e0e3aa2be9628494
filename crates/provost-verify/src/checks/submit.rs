//! Does the server accept a message to oneself? The message and how to recognize it are defined here, for `arrive` too.

use provost_account::Authentication;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::attempt::{Attempt, Stop};
use crate::clients::{self, smtp};
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
    let reply = session.submit(address, &message(attempt)).await?;
    let refused = || attempt.refused("message", &reply.text());
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
        Some(_) => Err(Stop::Judged(refused())),
        None => Err(refused().into()),
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
