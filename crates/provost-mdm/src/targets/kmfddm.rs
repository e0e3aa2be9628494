//! KMFDDM: declarations, next to a NanoMDM that queues the commands.

use crate::target::{
    Has, Means, Recipient, Reported, Sent, Server, Site, Standing, Step, Takes, Talk, Target, Told, Work,
};
use crate::targets::ddm_api::{self, Ddm};
use crate::targets::{enqueue_api, nanomdm};

pub(crate) const TARGET: Target = Target {
    name: "kmfddm",
    standing: Standing::Proven("KMFDDM 0.8.3 and NanoMDM 0.9"),
    delivers: "declarations for each person and enrollment",
    reads_back: "declarations, and what devices report of them",
    notes: &["needs the key nanomdm with url and credentials of the server that queues commands"],
    recipient: Recipient::Enrollment,
    means: Means::Server(Server {
        takes: &[Takes::Declarations],
        deliver,
        tell: Some(tell),
        has: Some(has),
        reported: Some(reported),
    }),
};

const DDM: Ddm = Ddm { user: "kmfddm", path: "/v1" };

fn deliver<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Sent> {
    let step = *step;
    let enqueue = move || enqueue_api::enqueue(nanomdm::API, commands(site), step);
    match step.work {
        Work::Profile(_) | Work::RemoveProfile | Work::AskProfiles => enqueue(),
        Work::Declarations(_) | Work::RemoveDeclarations => ddm_api::deliver(DDM, site, step, enqueue),
    }
}

fn tell<'a>(site: &'a Site, enrollments: &[&str]) -> Talk<'a, Told> {
    enqueue_api::push(nanomdm::API, commands(site), enrollments)
}

fn has<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Has> {
    ddm_api::has(DDM, site, *step)
}

fn reported<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Reported> {
    ddm_api::reported(DDM, site, *step)
}

/// The server that queues commands.
fn commands(site: &Site) -> &Site {
    site.commands.as_deref().unwrap_or(site)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use uuid::Uuid;

    use super::*;
    use crate::http::{Failed, Reply};
    use crate::target::{Declaration, How};

    const MAIL: &str = r#"{"Type":"com.apple.configuration.account.mail","Identifier":"M","ServerToken":"ours","Payload":{"a":1,"b":2}}"#;
    /// As KMFDDM 0.8.3 gives it back: with a token of its own, in whatever order.
    const MAIL_BACK: &str = r#"{"Identifier":"M","Type":"com.apple.configuration.account.mail","Payload":{"b":2,"a":1},"ServerToken":"4f0a"}"#;
    const COMMAND: &str = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8";

    fn site() -> Site {
        let commands = Site { url: "http://mdm".to_owned(), credentials: None, commands: None };
        Site { url: "http://ddm".to_owned(), credentials: None, commands: Some(Box::new(commands)) }
    }

    fn step<'a>(work: Work<'a>) -> Step<'a> {
        let command = Uuid::NAMESPACE_DNS;
        Step { recipient: "D1:U", address: "jane@example.org", identifier: "S", command, work }
    }

    /// Holds a conversation: each request that was sent, and what it came to. A reply is a status and a body.
    fn hold<T>(mut talk: Talk<'_, T>, replies: &[(u16, &str)]) -> (Vec<String>, Result<T, Failed>) {
        let mut replies: VecDeque<_> = replies.iter().collect();
        let mut asked = Vec::new();
        loop {
            let (request, then) = match talk {
                Talk::Ask(request, then) => (request, then),
                Talk::Over(outcome) => {
                    assert!(replies.is_empty(), "not asked for: {replies:?}");
                    return (asked, outcome);
                }
            };
            asked.push(format!("{} {}", request.method.name(), request.url));
            let (status, body) = replies.pop_front().unwrap_or_else(|| panic!("no reply to {asked:?}"));
            talk = then(&Reply { status: *status, headers: Vec::new(), body: (*body).into() });
        }
    }

    fn mail() -> [Declaration; 1] {
        [Declaration::read(MAIL.into()).expect("a declaration")]
    }

    /// Observed: KMFDDM 0.8.3 with NanoMDM 0.9.0, 2026-11-29.
    #[test]
    fn a_declaration_is_put_then_its_set_then_the_device_and_then_it_is_told() {
        let (site, mail) = (site(), mail());
        let queued = format!(r#"{{"no_push":true,"command_uuid":"{COMMAND}","request_type":"DeclarativeManagement"}}"#);
        let replies = [
            (204, ""),
            (304, ""),
            (204, ""),
            (200, r#"["M","OLD","SHARED"]"#),
            (204, ""),
            (204, ""),
            (200, "null"),
            (204, ""),
            (200, r#"["another set"]"#),
            (200, &queued),
        ];
        let (asked, outcome) = hold(deliver(&site, &step(Work::Declarations(&mail))), &replies);
        assert_eq!(outcome.map(|sent| sent.how), Ok(How::Queued));
        let expected = [
            "PUT http://ddm/v1/declarations?nonotify=1",
            "PUT http://ddm/v1/set-declarations/S%20D1:U?declaration=M&nonotify=1",
            "PUT http://ddm/v1/enrollment-sets/D1:U?set=S%20D1:U&nonotify=1",
            "GET http://ddm/v1/set-declarations/S%20D1:U",
            "DELETE http://ddm/v1/set-declarations/S%20D1:U?declaration=OLD&nonotify=1",
            "DELETE http://ddm/v1/set-declarations/S%20D1:U?declaration=SHARED&nonotify=1",
            "GET http://ddm/v1/declaration-sets/OLD",
            "DELETE http://ddm/v1/declarations/OLD?nonotify=1",
            "GET http://ddm/v1/declaration-sets/SHARED",
            "PUT http://mdm/v1/enqueue/D1:U?nopush=1",
        ];
        assert_eq!(asked, expected);
    }

    /// The other order is HTTP 500: observed, KMFDDM 0.8.3.
    #[test]
    fn a_removal_goes_from_the_device_to_the_declaration() {
        let site = site();
        let queued = format!(r#"{{"no_push":true,"command_uuid":"{COMMAND}"}}"#);
        let replies = [(204, ""), (200, r#"["M"]"#), (204, ""), (200, "null"), (204, ""), (200, &queued)];
        let (asked, outcome) = hold(deliver(&site, &step(Work::RemoveDeclarations)), &replies);
        outcome.expect("it is queued");
        let expected = [
            "DELETE http://ddm/v1/enrollment-sets/D1:U?set=S%20D1:U&nonotify=1",
            "GET http://ddm/v1/set-declarations/S%20D1:U",
            "DELETE http://ddm/v1/set-declarations/S%20D1:U?declaration=M&nonotify=1",
            "GET http://ddm/v1/declaration-sets/M",
            "DELETE http://ddm/v1/declarations/M?nonotify=1",
            "PUT http://mdm/v1/enqueue/D1:U?nopush=1",
        ];
        assert_eq!(asked, expected);
    }

    #[test]
    fn a_failure_ends_the_conversation() {
        let (site, mail) = (site(), mail());
        let (_, outcome) = hold(deliver(&site, &step(Work::Declarations(&mail))), &[(400, "invalid declaration")]);
        assert_eq!(outcome, Err(Failed::Refused { status: 400, said: "invalid declaration".to_owned() }));
    }

    #[track_caller]
    fn has_it(replies: &[(u16, &str)], expected: Has) {
        let (site, mail) = (site(), mail());
        assert_eq!(hold(has(&site, &step(Work::Declarations(&mail))), replies).1, Ok(expected));
    }

    #[test]
    fn what_the_server_has_is_compared_but_for_its_token() {
        let set = (200, r#"["S D1:U"]"#);
        has_it(&[set, (200, r#"["M"]"#), (200, MAIL_BACK)], Has::Same);
        has_it(&[set, (200, r#"["M"]"#), (200, &MAIL_BACK.replace("\"b\":2", "\"b\":3"))], Has::Other);
        has_it(&[set, (200, r#"["M"]"#), (404, "")], Has::Other);
        has_it(&[set, (200, r#"["M","X"]"#)], Has::Other);
        has_it(&[(200, "null")], Has::Nothing);
        has_it(&[(200, r#"["S D2"]"#)], Has::Nothing);
    }

    #[track_caller]
    fn reports(body: &str, expected: Reported) {
        let (site, mail) = (site(), mail());
        assert_eq!(hold(reported(&site, &step(Work::Declarations(&mail))), &[(200, body)]).1, Ok(expected));
    }

    /// The form as KMFDDM 0.8.3 and NanoHUB 0.2.0 give it; the codes are those of Apple's declarationbase.yaml.
    #[test]
    fn what_a_device_reported_counts_for_the_current_declaration_only() {
        let status = |valid: &str, current: bool| {
            format!(
                r#"{{"D1:U":[{{"identifier":"M","active":true,"valid":"{valid}","server-token":"t","current":{current},"reasons":[{{"code":"Error.ConfigurationNotSupported"}}]}}]}}"#
            )
        };
        reports(&status("valid", true), Reported::Valid);
        reports(&status("valid", false), Reported::NotYet);
        reports(&status("unknown", true), Reported::NotYet);
        let why = ("M".to_owned(), "Error.ConfigurationNotSupported".to_owned());
        reports(&status("invalid", true), Reported::Invalid(vec![why]));
        reports("{}", Reported::NotYet);
    }
}
