//! The targets that nobody has tried with their service, held against what the services publish: `fixtures/mdm/NAME.yaml`. An
//! unknown path, header or field fails, and so does a profile of somebody else that is touched.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "contract.rs"] // The tests of the whole program use it too, from another folder.
mod contract;

use std::collections::BTreeMap;

use base64::Engine as _;
use contract::{Answer, Asked, Contract, KEY, OTHERS};
use plist::{Dictionary, Value};
use provost_account::Secret;
use provost_mdm::http::{Authorization, Failed, Reply, Request};
use provost_mdm::target::{self, Has, How, Server, Site, Standing, Step, Talk, Work};
use uuid::Uuid;

const BASE: &str = "https://contract.example";
const GROUP: &str = "42";

#[derive(Clone, Copy, PartialEq)]
enum On {
    Ios,
    Mac,
}

/// A profile with what a template has: variables, a scope, and characters that formats escape.
fn profile(on: On, host: &str) -> Vec<u8> {
    let text = |pairs: &[(&str, &str)]| -> Dictionary {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect()
    };
    let mail = text(&[
        ("PayloadType", "com.apple.mail.managed"),
        ("PayloadIdentifier", "org.example.template.mail.{{mail}}"),
        ("PayloadUUID", "5D4F1B43-0000-4000-8000-000000000001"),
        ("EmailAddress", "{{mail}}"),
        ("EmailAccountDescription", "Ü & <Söhne> \"GmbH\" ]]> ({{mail}})"),
        ("IncomingMailServerHostName", host),
    ]);
    let platform = if on == On::Mac { "macos" } else { "ios" };
    let mut keys = text(&[
        ("PayloadType", "Configuration"),
        ("PayloadIdentifier", identifier(on)),
        ("PayloadUUID", "5D4F1B43-0000-4000-8000-000000000000"),
        ("PayloadDisplayName", &format!("Mail & more for {platform}")),
    ]);
    keys.insert("TargetDeviceType".to_owned(), if on == On::Mac { 5 } else { 1 }.into());
    if on == On::Mac {
        keys.insert("PayloadScope".to_owned(), "User".into());
    }
    keys.insert("PayloadContent".to_owned(), Value::Array(vec![Value::Dictionary(mail)]));
    let mut bytes = Vec::new();
    Value::Dictionary(keys).to_writer_xml(&mut bytes).unwrap();
    bytes
}

fn identifier(on: On) -> &'static str {
    match on {
        On::Ios => "org.example.template.ios",
        On::Mac => "org.example.template.macos",
    }
}

/// A service and who uses it.
struct Play {
    contract: Contract,
    server: &'static Server,
    site: Site,
    on: On,
    group: &'static str,
}

impl Play {
    fn of(name: &str, on: On) -> Self {
        Self::with(name, Contract::of(name), on)
    }

    fn with(name: &str, contract: Contract, on: On) -> Self {
        let target = target::named(name).unwrap();
        assert!(matches!(target.standing, Standing::ContractOnly(_)));
        let credentials = Some(Secret::new(KEY.to_owned()));
        let site = Site { url: BASE.to_owned(), credentials, commands: None };
        Self { contract, server: target.server().unwrap(), site, on, group: GROUP }
    }

    fn step<'a>(&self, work: Work<'a>) -> Step<'a> {
        let identifier = identifier(self.on);
        let recipient = self.group;
        Step { recipient, address: "jane@example.org", identifier, command: Uuid::nil(), work }
    }

    #[track_caller]
    fn deliver(&mut self, work: Work<'_>) -> Result<How, Failed> {
        let (step, site) = (self.step(work), self.site.clone());
        hold(&mut self.contract, (self.server.deliver)(&site, &step)).map(|sent| sent.how)
    }

    #[track_caller]
    fn has(&mut self, profile: &[u8]) -> Result<Has, Failed> {
        let (step, site) = (self.step(Work::Profile(profile)), self.site.clone());
        hold(&mut self.contract, (self.server.has.unwrap())(&site, &step))
    }

    fn kept(&self) -> Vec<(String, Vec<u8>, Vec<String>)> {
        self.contract.service().kept()
    }
}

#[track_caller]
fn hold<T>(contract: &mut Contract, mut talk: Talk<'_, T>) -> Result<T, Failed> {
    for _ in 0..50 {
        let (request, then) = match talk {
            Talk::Ask(request, then) => (request, then),
            Talk::Over(outcome) => return outcome,
        };
        let Answer { status, body, .. } = contract.answer(&asked(&request), BASE).unwrap();
        talk = then(&Reply { status, headers: Vec::new(), body });
    }
    panic!("a conversation without an end");
}

fn asked(request: &Request) -> Asked {
    let mut headers = BTreeMap::new();
    let basic = |text: String| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text));
    let authorization = match &request.authorization {
        Authorization::Bearer(token) => Some(format!("Bearer {}", token.expose())),
        Authorization::Key(key) => Some(basic(format!("{}:", key.expose()))),
        Authorization::Basic { user, password } => Some(basic(format!("{user}:{}", password.expose()))),
        Authorization::Nobody => None,
    };
    let more = [
        ("authorization", authorization),
        ("accept", request.accept.map(ToOwned::to_owned)),
        ("content-type", request.content_type.map(ToOwned::to_owned)),
    ];
    headers.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let rest = request.url.strip_prefix(BASE).unwrap();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (path, query) = (path.to_owned(), contract::query(query));
    Asked { method: request.method.name().to_owned(), path, query, headers, body: request.body.clone() }
}

#[track_caller]
fn lives(mut play: Play, changed: Has) {
    let (first, second) = (profile(play.on, "imap.example.org"), profile(play.on, "imap2.example.org"));
    assert_eq!(play.has(&first), Ok(Has::Nothing));
    assert_eq!(play.deliver(Work::Profile(&first)), Ok(How::Kept));
    let [(name, _, whom)] = &play.kept()[..] else { panic!("one profile of ours") };
    assert!(name.starts_with(identifier(play.on)), "{name}");
    assert_eq!(whom, &[GROUP]);
    assert_eq!(play.has(&first), Ok(Has::Same));

    assert_eq!(play.has(&second), Ok(changed));
    assert_eq!(play.deliver(Work::Profile(&second)), Ok(How::Kept));
    assert_eq!(play.kept().len(), 1, "it is updated, not made twice");
    assert_eq!(play.kept()[0].2, [GROUP]);
    assert_eq!(play.has(&second), Ok(Has::Same));
    // A run that was killed does it once more.
    assert_eq!(play.deliver(Work::Profile(&second)), Ok(How::Kept));
    assert_eq!(play.kept().len(), 1);

    assert_eq!(play.deliver(Work::RemoveProfile), Ok(How::Kept));
    assert_eq!(play.kept(), []);
    assert_eq!(play.deliver(Work::RemoveProfile), Ok(How::Kept), "what is gone is gone");
    assert_eq!(play.has(&second), Ok(Has::Nothing));
    assert_eq!(play.contract.service().others(), OTHERS, "what is somebody else's stays");
}

/// What is refused changes nothing, and is told apart.
#[track_caller]
fn fails(name: &str) {
    let mut play = Play::of(name, On::Ios);
    let bytes = profile(On::Ios, "imap.example.org");
    for (status, expected) in [
        (401, Failed::Unauthorized(401)),
        (409, Failed::Refused { status: 409, said: String::new() }),
        (429, Failed::Unable { status: 429, said: String::new() }),
    ] {
        play.contract.faults = [status].into();
        assert_eq!(play.has(&bytes), Err(expected.clone()));
        // Of all the requests of a delivery, each in turn.
        for before in 0..8 {
            play.contract.asked.clear();
            let mut faults = vec![0; before];
            faults.push(status);
            play.contract.faults = faults.into();
            match play.deliver(Work::Profile(&bytes)) {
                Err(failed) => assert_eq!(failed, expected, "{:?}", play.contract.asked),
                Ok(_) => assert!(before > 0),
            }
            play.contract.faults.clear();
            assert!(play.kept().len() <= 1, "never twice");
        }
        assert_eq!(play.deliver(Work::Profile(&bytes)), Ok(How::Kept), "and then it goes");
        assert_eq!(play.deliver(Work::RemoveProfile), Ok(How::Kept));
    }
    play.site.credentials = Some(Secret::new("another".to_owned()));
    assert_eq!(play.has(&bytes), Err(Failed::Unauthorized(401)));
}

#[test]
fn apple_business_keeps_a_configuration_and_a_blueprint() {
    lives(Play::of("apple-business", On::Ios), Has::Other);
    lives(Play::of("apple-business", On::Mac), Has::Other);
    fails("apple-business");
}

#[test]
fn apple_business_drops_unknown_users_and_that_is_said() {
    let mut play = Play::of("apple-business", On::Ios);
    play.group = "nobody";
    let failed = play.deliver(Work::Profile(&profile(On::Ios, "imap.example.org"))).unwrap_err();
    let expected = "HTTP 200: the blueprint has not taken the user: correct the id in the map's column group";
    assert_eq!(failed.to_string(), expected);
}

#[test]
fn fleet_updates_one_profile_of_a_fleet() {
    lives(Play::of("fleet", On::Ios), Has::Other);
    lives(Play::of("fleet", On::Mac), Has::Other);
    fails("fleet");
}

#[test]
fn labels_of_fleet_stay_on_an_update() {
    let mut play = Play::with("fleet", Contract::labelling_fleet(), On::Ios);
    play.deliver(Work::Profile(&profile(On::Ios, "imap.example.org"))).unwrap();
    play.deliver(Work::Profile(&profile(On::Ios, "imap2.example.org"))).unwrap();
    assert_eq!(play.kept()[0].2, [GROUP, "Sales & more"]);
}

#[test]
fn fleet_before_4_90_makes_a_profile_anew() {
    lives(Play::with("fleet", Contract::old_fleet(), On::Ios), Has::OtherForGood);
}

#[test]
fn intune_keeps_mail_for_a_mac_in_the_channel_of_the_user() {
    lives(Play::of("intune", On::Ios), Has::Other);
    lives(Play::of("intune", On::Mac), Has::Other);
    fails("intune");
}

#[test]
fn jamf_pro_gets_no_ghosts() {
    lives(Play::of("jamf-pro", On::Ios), Has::Other);
    lives(Play::of("jamf-pro", On::Mac), Has::Other);
    fails("jamf-pro");
}

#[test]
fn simplemdm_creates_and_assigns() {
    lives(Play::of("simplemdm", On::Ios), Has::Other);
    lives(Play::of("simplemdm", On::Mac), Has::Other);
    fails("simplemdm");
}

/// The third page has what is looked for: 250 of others come before it.
#[test]
fn lists_are_read_to_their_end() {
    for (name, list, pages) in [
        ("apple-business", "configurations list", 3),
        ("fleet", "list", 3),
        ("intune", "list", 3),
        ("jamf-pro", "mobile list", 1),
        ("simplemdm", "list", 3),
    ] {
        let mut play = Play::of(name, On::Ios);
        let bytes = profile(On::Ios, "imap.example.org");
        play.deliver(Work::Profile(&bytes)).unwrap();
        play.contract.asked.clear();
        assert_eq!(play.has(&bytes), Ok(Has::Same));
        assert_eq!(play.contract.asked.iter().filter(|it| *it == list).count(), pages, "{name}");
    }
}

/// A link to the next page must not carry the credentials to another host.
#[test]
fn a_page_of_another_host_is_not_followed() {
    for name in ["apple-business", "intune"] {
        let mut play = Play::of(name, On::Ios);
        let step = play.step(Work::RemoveProfile);
        let Talk::Ask(request, then) = (play.server.deliver)(&play.site, &step) else { panic!("a request") };
        let answer = play.contract.answer(&asked(&request), "https://contract.example.net").unwrap();
        let reply = Reply { status: answer.status, headers: Vec::new(), body: answer.body };
        let Talk::Over(Err(Failed::NotUnderstood { .. })) = then(&reply) else { panic!("{name} follows it") };
    }
}
