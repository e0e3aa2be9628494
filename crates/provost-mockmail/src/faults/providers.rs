//! Faults that are answers of real providers: each sends the bytes in `provost_account`'s table, at the step and in the
//! protocol in which the provider does. It adds only what the client sent.

use provost_account::{AnswerProtocol, AnswerStep, ProviderAnswer, provider_answers};

use super::{Fault, FaultRow, Stage};
use crate::session::{Next, Output};

/// The name of an answer in [`provost_account::provider_answers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProviderName(&'static str);

/// A row for each name in the table under which a mail server says something.
pub(super) fn rows() -> Vec<FaultRow> {
    let mut rows: Vec<FaultRow> = Vec::new();
    for answer in provider_answers().iter().filter(|answer| answer.is_said_by_server()) {
        let (stage, trips) = place(answer.step);
        let (name, what, fault) = (answer.name, answer.causes[0], fault(answer));
        match rows.last_mut().filter(|row| row.name == name) {
            Some(row) => row.stage = row.stage.min(stage),
            None => rows.push(FaultRow { name, what, stage, trips, amount: None, fault }),
        }
    }
    rows
}

/// The fault that gives this answer.
pub(super) fn fault(answer: &ProviderAnswer) -> Fault {
    Fault::Provider(ProviderName(answer.name))
}

/// The answer of a fault at that step, if it is a provider's.
pub(super) fn answer(fault: Fault, protocol: AnswerProtocol, step: AnswerStep) -> Option<&'static ProviderAnswer> {
    let Fault::Provider(ProviderName(name)) = fault else { return None };
    provider_answers().iter().find(|answer| answer.name == name && answer.protocol == protocol && answer.step == step)
}

/// What the client sent, for the placeholders of an answer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sent<'a> {
    pub(crate) tag: &'a str,
    pub(crate) command: &'a str,
    pub(crate) recipient: &'a str,
}

/// Gives the answer, and ends the connection where the answer says goodbye.
pub(crate) fn say(answer: &ProviderAnswer, sent: Sent<'_>, output: &mut Output) {
    let mut rest = answer.says.as_slice();
    while let Some(octet) = rest.first() {
        let known = [("{tag}", sent.tag), ("{command}", sent.command), ("{recipient}", sent.recipient)];
        let place = known.into_iter().find(|(place, _)| rest.starts_with(place.as_bytes()));
        let (octets, taken) =
            place.map_or((std::slice::from_ref(octet), 1), |(place, it)| (it.as_bytes(), place.len()));
        output.bytes.extend_from_slice(octets);
        rest = &rest[taken..];
    }
    output.bytes.extend_from_slice(b"\r\n");
    // RFC 3501 §7.1.5, RFC 5321 §3.8.
    if answer.says.windows(GOODBYE.len()).any(|octets| octets == GOODBYE) || answer.says.starts_with(b"421") {
        output.next = Next::Close;
    }
}

/// When it takes hold, and the checks that it trips.
fn place(step: AnswerStep) -> (Stage, &'static [&'static str]) {
    match step {
        AnswerStep::Greeting => (Stage::Greeting, &["tls", "mechanisms"]),
        AnswerStep::Hello => (Stage::BeforeLogin, &["tls", "mechanisms"]),
        AnswerStep::InitialResponse => (Stage::BeforeLogin, &[]),
        AnswerStep::Login => (Stage::Command, &["login"]),
        AnswerStep::AfterLogin => (Stage::Command, &["list", "select"]),
        AnswerStep::SelectWithoutId => (Stage::Command, &["select"]),
        AnswerStep::Fetch => (Stage::Command, &["fetch"]),
        AnswerStep::Mail | AnswerStep::Recipient | AnswerStep::Message => (Stage::Command, &["submit"]),
        AnswerStep::PlainPassword
        | AnswerStep::Change
        | AnswerStep::Append
        | AnswerStep::RecipientAgain
        | AnswerStep::NotByServer => (Stage::Command, &[]),
    }
}

const GOODBYE: &[u8] = b"* BYE ";

#[cfg(test)]
mod tests {
    use provost_account::AnswerProtocol;

    use super::*;
    use crate::Armed;
    use crate::session::{Session, tests as session};

    /// What a client says until everything is as it should be, what it says then, and the command that it is.
    type Conversation = (&'static str, &'static str, &'static str);

    const IMAP_LOGIN: &str = "a login tim@example.org tanstaaftanstaaf\r\n";
    const IMAP_OPEN: &str = "a login tim@example.org tanstaaftanstaaf\r\nb select INBOX\r\n";
    const SMTP_LOGIN: &str = "EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n";
    const SMTP_MAIL: &str =
        "EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\nMAIL FROM:<tim@example.org>\r\n";
    const SMTP_RECIPIENT: &str = "EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\nMAIL FROM:<tim@example.org>\r\n\
                                  RCPT TO:<tim@example.org>\r\n";
    const SMTP_DATA: &str = "EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\nMAIL FROM:<tim@example.org>\r\n\
                             RCPT TO:<tim@example.org>\r\nDATA\r\n";

    fn conversations(answer: &ProviderAnswer) -> &'static [Conversation] {
        match (answer.protocol, answer.step) {
            (_, AnswerStep::Greeting) => &[("", "", "")],
            (AnswerProtocol::Imap, AnswerStep::Login) => &[
                ("a capability\r\n", "x LOGIN tim@example.org tanstaaftanstaaf\r\n", "LOGIN"),
                ("a capability\r\n", "x LOGIN tim@example.org wrong\r\n", "LOGIN"),
                ("x AUTHENTICATE PLAIN\r\n", "AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n", "AUTHENTICATE"),
            ],
            (_, AnswerStep::InitialResponse) => &[(
                "a capability\r\n",
                "x AUTHENTICATE PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n",
                "AUTHENTICATE",
            )],
            (_, AnswerStep::AfterLogin) => {
                &[(IMAP_LOGIN, "x LIST \"\" *\r\n", "LIST"), (IMAP_LOGIN, "x SELECT INBOX\r\n", "SELECT")]
            }
            (_, AnswerStep::SelectWithoutId) => {
                &[(IMAP_LOGIN, "x SELECT INBOX\r\n", "SELECT"), (IMAP_LOGIN, "x examine INBOX\r\n", "EXAMINE")]
            }
            (_, AnswerStep::Fetch) => {
                &[(IMAP_OPEN, "x FETCH 1 FLAGS\r\n", "FETCH"), (IMAP_OPEN, "x UID FETCH 1 FLAGS\r\n", "FETCH")]
            }
            (_, AnswerStep::Change) => {
                &[(IMAP_OPEN, "x STORE 1 +FLAGS (\\Seen)\r\n", "STORE"), (IMAP_OPEN, "x EXPUNGE\r\n", "EXPUNGE")]
            }
            (_, AnswerStep::Append) => &[(IMAP_LOGIN, "x APPEND INBOX {3+}\r\na\r\n\r\n", "APPEND")],
            (AnswerProtocol::Pop3, AnswerStep::Login | AnswerStep::PlainPassword) => {
                &[("USER tim@example.org\r\n", "PASS tanstaaftanstaaf\r\n", "PASS")]
            }
            (_, AnswerStep::Hello) => &[("", "EHLO c\r\n", "EHLO"), ("NOOP\r\n", "HELO c\r\n", "HELO")],
            (_, AnswerStep::Login | AnswerStep::PlainPassword) => &[
                ("EHLO c\r\n", "AUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n", "AUTH"),
                ("EHLO c\r\nAUTH LOGIN\r\ndGltQGV4YW1wbGUub3Jn\r\n", "d3Jvbmc=\r\n", "AUTH"),
            ],
            (_, AnswerStep::Mail) => &[(SMTP_LOGIN, "MAIL FROM:<tim@example.org>\r\n", "MAIL")],
            (_, AnswerStep::Recipient) => &[(SMTP_MAIL, "RCPT TO:<tim@example.org>\r\n", "RCPT")],
            (_, AnswerStep::RecipientAgain) => &[(SMTP_RECIPIENT, "RCPT TO:<tim@example.org>\r\n", "RCPT")],
            (_, AnswerStep::Message) => &[(SMTP_DATA, "Subject: a\r\n\r\n.\r\n", "DATA")],
            (_, AnswerStep::NotByServer) => &[],
        }
    }

    /// What is heard up to the trouble, and at it.
    fn heard(protocol: AnswerProtocol, armed: Option<Armed>, before: &str, then: &str) -> (Vec<u8>, Vec<u8>, Next) {
        let mut store = session::store(&[]);
        armed.into_iter().for_each(|armed| store.armed.arm(armed));
        let mut session: Session = match protocol {
            AnswerProtocol::Imap => session::imap(),
            AnswerProtocol::Pop3 => session::pop3(),
            AnswerProtocol::Smtp | AnswerProtocol::OAuth2 => session::smtp(),
        };
        if then.is_empty() {
            let output = session.greet(&mut store);
            return (Vec::new(), output.bytes, output.next);
        }
        let first = session.receive(before.as_bytes(), &mut store).bytes;
        let output = session.receive(then.as_bytes(), &mut store);
        (first, output.bytes, output.next)
    }

    #[test]
    fn every_provider_answers_word_for_word_and_only_at_that_step() {
        for answer in provider_answers().iter().filter(|answer| answer.is_said_by_server()) {
            let armed = |options: &str| format!("{}{options}", answer.name).parse::<Armed>().ok();
            assert!(!conversations(answer).is_empty(), "{}", answer.name);
            for (before, then, command) in conversations(answer) {
                let name = format!("{} at {then:?}", answer.name);
                let text = [("{tag}", "x"), ("{command}", command), ("{recipient}", "tim@example.org")];
                let mut expected = answer.says.to_vec();
                for (place, value) in text {
                    while let Some(at) = expected.windows(place.len()).position(|it| it == place.as_bytes()) {
                        expected.splice(at..at + place.len(), value.bytes());
                    }
                }
                expected.extend_from_slice(b"\r\n");
                let usual = heard(answer.protocol, None, before, then);
                let (first, octets, next) = heard(answer.protocol, armed(""), before, then);
                assert_eq!(String::from_utf8_lossy(&first), String::from_utf8_lossy(&usual.0), "{name}: before it");
                assert_eq!(String::from_utf8_lossy(&octets), String::from_utf8_lossy(&expected), "{name}");
                assert_eq!(octets, expected, "{name}");
                // RFC 3501 §7.1.5, RFC 5321 §3.8.
                let ends = String::from_utf8_lossy(&expected).contains("* BYE") || expected.starts_with(b"421");
                assert_eq!(next == Next::Close, ends, "{name}");
                // Somebody else's trouble.
                let of_fred = armed(":account=fred@example.org");
                let of_tim = armed(":account=tim@example.org");
                let before_login =
                    matches!(answer.step, AnswerStep::Greeting | AnswerStep::Hello | AnswerStep::InitialResponse);
                assert_eq!(of_tim.is_some(), !before_login, "{name}");
                if let Some(of_tim) = of_tim {
                    assert_eq!(heard(answer.protocol, Some(of_tim), before, then).1, octets, "{name}: of tim");
                    assert_eq!(heard(answer.protocol, of_fred, before, then), usual, "{name}: of fred");
                }
                assert_eq!(
                    heard(answer.protocol, armed(":host=mail.elsewhere.example"), before, then),
                    usual,
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn an_answer_to_a_login_is_not_given_before_its_end() {
        for (make, name, command) in [
            (session::imap as fn() -> Session, "provider:gmx-protocol-off", "a authenticate plain\r\n"),
            (session::pop3, "provider:gmx-protocol-off", "AUTH LOGIN\r\n"),
            (session::smtp, "provider:microsoft365-login-failed", "AUTH LOGIN\r\n"),
        ] {
            let mut store = session::store(&[]);
            store.armed.arm(name.parse().expect("a fault"));
            let output = make().receive(command.as_bytes(), &mut store);
            assert!(output.held.is_empty(), "{command:?}: {:?}", output.held);
        }
    }

    /// What the reports have, octet by octet.
    #[test]
    fn some_answers_as_they_were_reported() {
        let login = ("a capability\r\n", "x LOGIN tim@example.org tanstaaftanstaaf\r\n");
        let auth = ("EHLO c\r\n", "AUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n");
        let select = (IMAP_LOGIN, "x SELECT INBOX\r\n");
        use AnswerProtocol::{Imap, Smtp};
        for (name, protocol, (before, then), reported) in [
            (
                "gmail-app-password",
                Imap,
                login,
                &b"x NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)\r\n"[..],
            ),
            (
                "outlook-basic-auth-off",
                Imap,
                login,
                b"x NO Basic authentication is disabled.\r\n* BYE Microsoft Exchange Server IMAP4 server signing off.\r\n",
            ),
            ("yahoo-rate-limit", Imap, login, b"x NO [LIMIT] Rate limit hit\r\n"),
            ("gmx-protocol-off", Imap, login, b"x NO authentication failed\r\n"),
            ("yahoo-app-password", Smtp, auth, b"535 5.7.0 (#AUTH005) Too many bad auth attempts.\r\n"),
            ("netease-id-required", Imap, select, b"x NO SELECT Unsafe Login. Please contact kefu@188.com for help\r\n"),
        ] {
            let armed = format!("provider:{name}").parse().ok();
            assert_eq!(heard(protocol, armed, before, then).1, reported, "{name}");
        }
        // The report shows GBK as Latin-1.
        let (_, octets, _) = heard(Smtp, "provider:qq-authorization-code".parse().ok(), auth.0, auth.1);
        let as_latin_1: String = octets.iter().map(|octet| char::from(*octet)).collect();
        assert!(
            as_latin_1.starts_with("535 Error: ÇëÊ¹ÓÃÊÚÈ¨ÂëµÇÂ¼¡£ÏêÇéÇë¿´: http://service.mail.qq.com/cgi-bin/help?")
        );
    }

    #[test]
    fn what_a_provider_wants_makes_it_go_on() {
        let said = |name: &str, protocol, before, then| {
            String::from_utf8(heard(protocol, format!("provider:{name}").parse().ok(), before, then).1).expect("UTF-8")
        };
        let id = "a login tim@example.org tanstaaftanstaaf\r\nb id (\"name\" \"c\")\r\n";
        assert!(
            said("netease-id-required", AnswerProtocol::Imap, id, "x SELECT INBOX\r\n").contains("x OK [READ-WRITE]")
        );
        let plain = ("a authenticate plain\r\n", "AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n");
        assert!(said("netease-sasl-ir-refused", AnswerProtocol::Imap, plain.0, plain.1).starts_with("a OK"));
        let auth = ("AUTH PLAIN\r\n", "AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n");
        assert!(said("pop3-stronger-authentication", AnswerProtocol::Pop3, auth.0, auth.1).starts_with("+OK"));
        // Each row of a name trips the same.
        for row in rows() {
            let mut answers = provider_answers().iter().filter(|answer| answer.name == row.name);
            assert!(answers.all(|answer| place(answer.step).1 == row.trips), "{}", row.name);
        }
    }
}
