//! The notification that a message was delivered (RFC 3461 §6, RFC 3464), for a sender who requested it.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::envelope::{Envelope, Recipient};

/// A message to the sender about the recipients that asked for one; `None` if none did.
pub(super) fn delivered(envelope: &Envelope, host: &str, header: &[u8], now: OffsetDateTime) -> Option<Vec<u8>> {
    let asked: Vec<&Recipient> = envelope.recipients.iter().filter(|it| it.notify.success).collect();
    if asked.is_empty() {
        return None;
    }
    let date = now.format(&Rfc2822).expect("the years that systems know are within RFC 5322's");
    let mut report = format!("Reporting-MTA: dns; {host}\r\n");
    if let Some(id) = &envelope.envelope_id {
        report.push_str(&format!("Original-Envelope-Id: {id}\r\n"));
    }
    for recipient in asked {
        report.push_str("\r\n");
        if let Some(original) = &recipient.original {
            report.push_str(&format!("Original-Recipient: {original}\r\n"));
        }
        report.push_str(&format!(
            "Final-Recipient: rfc822; {}\r\nAction: delivered\r\nStatus: 2.0.0\r\n",
            recipient.address
        ));
    }
    let mut message = format!(
        "Date: {date}\r\nFrom: <MAILER-DAEMON@{host}>\r\nTo: <{}>\r\nSubject: Your message was delivered\r\n\
         Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"{BOUNDARY}\"\r\n\r\n\
         --{BOUNDARY}\r\n\r\nYour message was delivered.\r\n\
         --{BOUNDARY}\r\nContent-Type: message/delivery-status\r\n\r\n{report}\
         --{BOUNDARY}\r\nContent-Type: text/rfc822-headers\r\n\r\n",
        envelope.sender
    )
    .into_bytes();
    message.extend_from_slice(header);
    message.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    Some(message)
}

const BOUNDARY: &str = "provost-notification";
