//! What becomes of a message that is here as a whole.

use std::sync::Arc;

use provost_account::AnswerStep;

use super::content::Content;
use super::envelope::{Envelope, Recipient};
use super::{Session, notification, said};
use crate::faults::Fault;
use crate::session::Output;
use crate::store::Served;

impl Session {
    pub(super) fn finish(&self, mut content: Content, store: &mut Served<'_>, output: &mut Output) {
        if let Some(reply) = content.refused.or_else(|| content.finish()) {
            output.line(reply);
            return;
        }
        let recipients = content.envelope.recipients.iter().map(|recipient| Some(recipient.account));
        if std::iter::once(None).chain(recipients).any(|named| said(AnswerStep::Message, named, "", store, output)) {
            return;
        }
        let has = |fault| concerns(fault, &content.envelope, store);
        let refused = has(Fault::SubmissionRefused).then_some("554 5.7.1 message refused");
        let refused = refused.or(has(Fault::SubmissionDeferred).then_some("451 4.3.0 put off; try again later"));
        if let Some(reply) = refused {
            output.line(reply);
            return;
        }
        let is_gone = |recipient: &Recipient| store.address(recipient.account).is_none();
        if content.envelope.recipients.iter().all(is_gone) {
            output.line("554 5.1.1 the mailbox is gone");
            return;
        }
        if !store.faults.has(Fault::MailNeverDelivered) {
            let header = header_of(&content.bytes);
            let report = notification::delivered(&content.envelope, &self.setting.host, header, store.now);
            let sender = store.accounts.recipient(&content.envelope.sender);
            let still_there = |recipient: &&Recipient| {
                let is_lost = store.has_fault_for(Fault::MailNeverDelivered, recipient.account);
                !is_lost && store.address(recipient.account).is_some()
            };
            let recipients: Vec<&Recipient> = content.envelope.recipients.iter().filter(still_there).collect();
            let bytes = with_return_path(&content.envelope.sender, &content.bytes);
            let taken = content.envelope.recipients.iter().map(|recipient| recipient.address.clone());
            let taken: Arc<[String]> = taken.collect();
            for recipient in recipients {
                let envelope = crate::Envelope {
                    mail_from: content.envelope.sender.clone(),
                    rcpt_to: recipient.address.clone(),
                    recipients: Arc::clone(&taken),
                    username: self.account.map(|account| store.login(account).to_owned()),
                    ehlo: self.ehlo.clone(),
                };
                let special_use = store.has_fault_for(Fault::MailInJunk, recipient.account).then_some("\\Junk");
                store.deliver(recipient.account, special_use, Arc::clone(&bytes), envelope);
            }
            if let Some((report, sender)) = report.zip(sender) {
                let to = content.envelope.sender.clone();
                let envelope = crate::Envelope {
                    mail_from: String::new(),
                    recipients: [to.clone()].into(),
                    rcpt_to: to,
                    username: None,
                    ehlo: self.setting.host.to_string(),
                };
                store.deliver(sender, None, with_return_path("", &report), envelope);
            }
        }
        output.line("250 2.0.0 message taken");
    }
}

/// Whether a fault is in force for who sends, or for one of the recipients.
pub(super) fn concerns(fault: Fault, envelope: &Envelope, store: &Served<'_>) -> bool {
    store.faults.has(fault) || envelope.recipients.iter().any(|recipient| store.has_fault_for(fault, recipient.account))
}

/// RFC 5321 §4.4: "When the delivery SMTP server makes the "final delivery" of a message, it inserts a return-path line at
/// the beginning of the mail data." What was submitted follows as it came.
fn with_return_path(sender: &str, message: &[u8]) -> Arc<[u8]> {
    let mut bytes = format!("Return-Path: <{sender}>\r\n").into_bytes();
    bytes.reserve_exact(message.len());
    bytes.extend_from_slice(message);
    bytes.into()
}

/// The header without the empty line behind it.
fn header_of(message: &[u8]) -> &[u8] {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    &message[..end.map_or(message.len(), |at| at + 2)]
}
