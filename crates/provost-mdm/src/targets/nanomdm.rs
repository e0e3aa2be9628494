//! NanoMDM: commands are enqueued for an enrollment, and only the webhook tells what became of them.

use crate::target::{Means, Recipient, Sent, Server, Site, Standing, Step, Takes, Talk, Target, Told, Work};
use crate::targets::enqueue_api::{self, Api};

pub(crate) const TARGET: Target = Target {
    name: "nanomdm",
    standing: Standing::Proven("NanoMDM 0.9"),
    delivers: "a profile for each person and enrollment",
    reads_back: "nothing: plans are made by the journal, and only the webhook and --ask tell what a device has",
    notes: &[
        "an enrollment that does not exist is taken like any other; it shows only in that nothing is acknowledged",
        "without -ua-zl-dc NanoMDM refuses UserAuthenticate, and users of a Mac have no channel of their own",
    ],
    recipient: Recipient::Enrollment,
    means: Means::Server(Server { takes: &[Takes::Profiles], deliver, tell: Some(tell), has: None, reported: None }),
};

/// `/v1` with the name `nanomdm`.
pub(super) const API: Api = Api { user: "nanomdm", path: "/v1" };

fn deliver<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Sent> {
    let step = *step;
    match step.work {
        Work::Profile(_) | Work::RemoveProfile | Work::AskProfiles => enqueue_api::enqueue(API, site, step),
        Work::Declarations(_) | Work::RemoveDeclarations => {
            unreachable!("it does not take declarations, and plans know that")
        }
    }
}

fn tell<'a>(site: &'a Site, enrollments: &[&str]) -> Talk<'a, Told> {
    enqueue_api::push(API, site, enrollments)
}

#[cfg(test)]
mod tests {
    use plist::Value;
    use provost_account::Secret;
    use uuid::Uuid;

    use super::*;
    use crate::http::{Authorization, Failed, Method, Reply};
    use crate::target::How;

    fn site() -> Site {
        let credentials = Some(Secret::new("K".to_owned()));
        Site { url: "http://127.0.0.1:9000".to_owned(), credentials, commands: None }
    }

    fn step(work: Work<'static>) -> Step<'static> {
        let (recipient, address, identifier) = ("D1:U/1", "jane@example.org", "org.example.mail");
        Step { recipient, address, identifier, command: Uuid::NAMESPACE_DNS, work }
    }

    #[track_caller]
    fn check(status: u16, body: &str, expected: &Result<How, Failed>) {
        let site = site();
        let Talk::Ask(_, then) = deliver(&site, &step(Work::Profile(b"x"))) else { panic!("a request") };
        let Talk::Over(outcome) = then(&Reply { status, headers: Vec::new(), body: body.into() }) else {
            panic!("one request is enough")
        };
        assert_eq!(&outcome.map(|sent| sent.how), expected);
    }

    #[test]
    fn a_command_is_enqueued_without_push_for_one_enrollment() {
        let site = site();
        let Talk::Ask(request, _) = deliver(&site, &step(Work::RemoveProfile)) else { panic!("a request") };
        assert_eq!(request.method, Method::Put);
        assert_eq!(request.url, "http://127.0.0.1:9000/v1/enqueue/D1:U%2F1?nopush=1");
        let password = Secret::new("K".to_owned());
        assert_eq!(request.authorization, Authorization::Basic { user: "nanomdm", password });
        let body = Value::from_reader_xml(&*request.body).expect("a property list");
        let command = body.as_dictionary().and_then(|it| it.get("Command")).and_then(Value::as_dictionary);
        let identifier = command.and_then(|it| it.get("Identifier")).and_then(Value::as_string);
        assert_eq!(identifier, Some("org.example.mail"));
    }

    /// Observed: NanoMDM 0.9.0, filekv, 2026-11-23.
    #[test]
    fn a_reply_says_whether_the_command_is_queued() {
        let ok =
            r#"{"no_push":true,"command_uuid":"6BA7B810-9DAD-11D1-80B4-00C04FD430C8","request_type":"InstallProfile"}"#;
        check(200, ok, &Ok(How::Queued));
        let before = r#"{"no_push":true,"command_error":"command already exists: 6BA7B810-9DAD-11D1-80B4-00C04FD430C8","command_uuid":"6BA7B810-9DAD-11D1-80B4-00C04FD430C8","request_type":"InstallProfile"}"#;
        check(500, before, &Ok(How::Before));
        let wrong = r#"{"no_push":true,"command_error":"decoding command: EOF"}"#;
        check(500, wrong, &Err(Failed::Unable { status: 500, said: "decoding command: EOF".to_owned() }));
        check(401, "Unauthorized", &Err(Failed::Unauthorized(401)));
        let half = Failed::NotUnderstood { status: 200, expected: "NanoMDM's answer to enqueue" };
        check(200, &ok[..40], &Err(half.clone()));
        // The answer to somebody else's command says nothing about this one.
        check(200, &ok.replace("6BA7", "0000"), &Err(half));
    }

    #[track_caller]
    fn told(status: u16, body: &str, expected: &[(Option<&str>, &str)]) {
        let site = site();
        let Talk::Ask(request, then) = tell(&site, &["D1", "D2:U"]) else { panic!("a request") };
        assert_eq!(request.url, "http://127.0.0.1:9000/v1/push/D1,D2:U");
        let Talk::Over(Ok(told)) = then(&Reply { status, headers: Vec::new(), body: body.into() }) else {
            panic!("an outcome")
        };
        let not: Vec<(Option<&str>, &str)> = told.not.iter().map(|(who, why)| (who.as_deref(), why.as_str())).collect();
        assert_eq!(not, expected);
    }

    /// Observed with a fake push service: NanoMDM 0.9.0, 2026-11-23.
    #[test]
    fn a_push_tells_who_could_not_be_told() {
        told(200, r#"{"status":{"D1":{"push_result":"A"},"D2:U":{"push_result":"B"}}}"#, &[]);
        let some = r#"{"status":{"D1":{"push_result":"A"},"D2:U":{"push_error":"push data missing for id"}}}"#;
        told(207, some, &[(Some("D2:U"), "push data missing for id")]);
        told(500, r#"{"push_error":"no push cert"}"#, &[(None, "no push cert")]);
        told(502, "bad gateway", &[(None, "HTTP 502: bad gateway")]);
    }
}
