//! What a domain publishes for its clients to find: the PACC document, judged by what the draft's facts say of it.

use provost_account::UrlTemplate;
use provost_profile::{DomainRequest, Profile, Refusal, Write};
use provost_tests::root;
use serde_json::Value;

use crate::fixtures::fixtures;

#[test]
fn every_pacc_document_has_what_the_draft_allows_and_no_more() {
    let mut documents = 0;
    for mut fixture in fixtures() {
        let url = |text: &str| Some(UrlTemplate::try_from(text).unwrap());
        fixture.service.calendar = url("https://dav.example/calendars/");
        fixture.service.contacts = url("https://dav.example/contacts/");
        for domain in fixture.service.domains.clone() {
            let Ok(profile) = written("pacc", &DomainOf { service: &fixture.service, domain: &domain }) else {
                continue;
            };
            let document: Value = serde_json::from_slice(&profile.files[0].bytes).unwrap();
            assert_eq!(violations(&document), Vec::<String>::new(), "{domain}");
            assert_eq!(document["protocols"]["caldav"]["url"], "https://dav.example/calendars/");
            documents += 1;
        }
    }
    assert_eq!(documents, 2, "centurylink and lantern");
    let judged = |name: &str| {
        let text = std::fs::read(root().join("fixtures/wild/pacc").join(name)).unwrap();
        violations(&serde_json::from_slice(&text).unwrap())
    };
    assert_eq!(judged("everything.json"), Vec::<String>::new());
    assert_eq!(judged("with-ports.json").len(), 4, "three members too many and a name too long");
    assert_eq!(judged("draft-02.json"), ["protocols: smtp"]);
}

/// The members of draft -03, as facts/thunderbird.md has them.
fn violations(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut only = |place: &str, value: &Value, allowed: &[&str]| {
        for (key, _) in value.as_object().into_iter().flatten() {
            if !allowed.contains(&key.as_str()) {
                found.push(format!("{place}: {key}"));
            }
        }
    };
    only("document", document, &["protocols", "authentication", "info"]);
    let protocols = &document["protocols"];
    let hosts = ["imap", "pop3", "submit", "managesieve"];
    let urls = ["jmap", "caldav", "carddav", "webdav"];
    only("protocols", protocols, &[hosts, urls].concat());
    hosts.iter().for_each(|name| only(name, &protocols[*name], &["host"]));
    urls.iter().for_each(|name| only(name, &protocols[*name], &["url"]));
    only("authentication", &document["authentication"], &["password", "oauth-public"]);
    only("info", &document["info"], &["provider", "help"]);
    only("provider", &document["info"]["provider"], &["name", "shortName", "logo"]);
    for (key, most) in [("name", 60), ("shortName", 20)] {
        let length = document["info"]["provider"][key].as_str().map_or(0, |name| name.chars().count());
        if length > most {
            found.push(format!("provider: {key} of {length} characters"));
        }
    }
    for name in hosts {
        let Some(protocol) = protocols.get(name) else { continue };
        let host = protocol["host"].as_str().unwrap_or("");
        if host.is_empty() || host.contains([':', '/', ' ']) {
            found.push(format!("{name}: {host:?} is no host"));
        }
    }
    found
}

struct DomainOf<'a> {
    service: &'a provost_account::Service,
    domain: &'a provost_account::DomainName,
}

fn written(format: &str, of: &DomainOf<'_>) -> Result<Profile, Refusal> {
    let format = provost_profile::formats().iter().find(|it| it.name == format).unwrap();
    let variant = &format.variants[0];
    let Write::Domain(write) = variant.write else { panic!("{} is not for a domain", format.name) };
    write(&DomainRequest { service: of.service, domain: of.domain, variant })
}
