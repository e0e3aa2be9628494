//! Does the server accept a message to oneself? The message and how to recognize it are defined here, for `arrive` too.

use async_smtp::error::Error;
use async_smtp::{EmailAddress, Envelope, SendableEmail};
use provost_account::Authentication;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::attempt::Attempt;
use crate::clients::{LoginError, credentials, refused, smtp};
use crate::report::{Evidence, Reason, Verdict};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let address = attempt.account.address.as_str();
    // SMTPUTF8 and quoted local parts with spaces: async-smtp 0.10.2 writes neither.
    let Ok(mailbox) = EmailAddress::new(address.to_owned()) else {
        return Verdict::DoesNotApply(Reason::UncommonAddress);
    };
    match submit(attempt, mailbox).await {
        Ok(()) => Verdict::Passed(Evidence::Accepted),
        Err(error) => error.verdict(),
    }
}

async fn submit(attempt: &Attempt<'_>, mailbox: EmailAddress) -> Result<(), LoginError> {
    let password = match attempt.server.endpoint.authentication {
        Authentication::None => None,
        Authentication::PasswordCleartext
        | Authentication::PasswordEncrypted
        | Authentication::OAuth2
        | Authentication::ClientCertificate
        | Authentication::Gssapi
        | Authentication::Ntlm
        | Authentication::HttpMd5 => Some(credentials(attempt)?.1),
    };
    let mut connected = smtp::connect(attempt).await?;
    if let Some(password) = password {
        connected.log_in(attempt, password).await?;
    }
    let envelope = Envelope::new(Some(mailbox.clone()), vec![mailbox]).expect("there is a recipient");
    match connected.transport.send(SendableEmail::new(envelope, message(attempt))).await {
        Ok(_) => {}
        // RFC 4954 section 6: 530 5.7.0, "Authentication required".
        Err(Error::Permanent(answer)) if answer.has_code(530) && finds_no_login(attempt) => {
            return Err(LoginError::NotTried(Reason::LoginWantedNoneOffered));
        }
        Err(error) => return Err(smtp::cause(attempt, refused("message"), &error).into()),
    }
    connected.leave().await;
    Ok(())
}

/// Whether the client has found out that the server offers no login.
fn finds_no_login(attempt: &Attempt<'_>) -> bool {
    attempt.server.endpoint.authentication == Authentication::None
        && attempt.said.endpoint.authentication != Authentication::None
}

/// How the test message is known again. A function of the proof alone, so that a run can be repeated to the byte.
pub(super) fn message_id(attempt: &Attempt<'_>) -> String {
    let now = OffsetDateTime::from(attempt.now).unix_timestamp_nanos();
    let address = &attempt.account.address;
    let digest = Sha256::digest(format!("{address}\n{}\n{now}", attempt.label));
    let digest: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("provost.{digest}@{}", address.domain())
}

fn message(attempt: &Attempt<'_>) -> String {
    let address = &attempt.account.address;
    let date = OffsetDateTime::from(attempt.now).format(&Rfc2822).expect("a year that RFC 5322 can say");
    format!(
        "Date: {date}\r\nFrom: <{address}>\r\nTo: <{address}>\r\nSubject: Provost test message\r\n\
         Message-ID: <{}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\r\n\
         This message shows that mail from this account arrives. It is removed when it has been seen.\r\n",
        message_id(attempt),
    )
}
