//! What a domain publishes for its clients: the PACC document, compared with the members in the draft, and the DNS
//! records, checked by BIND.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use provost_account::{CollectionService, DomainName, UrlTemplate};
use provost_profile::{DomainRequest, Profile, Refusal, Write};
use provost_tests::{folder, installed, provost, root};
use serde_json::Value;

use crate::fixtures::fixtures;

#[test]
fn every_pacc_document_has_what_the_draft_allows_and_no_more() {
    let mut documents = 0;
    for mut fixture in fixtures() {
        let url = |text: &str| Some(CollectionService { url: UrlTemplate::try_from(text).unwrap(), login: None });
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
    assert_eq!(documents, 3, "centurylink, lantern and orchard");
    let judged = |name: &str| {
        let text = std::fs::read(root().join("fixtures/wild/pacc").join(name)).unwrap();
        violations(&serde_json::from_slice(&text).unwrap())
    };
    assert_eq!(judged("everything.json"), Vec::<String>::new());
    assert_eq!(judged("with-ports.json").len(), 4, "three members too many and a name too long");
    assert_eq!(judged("draft-02.json"), ["protocols: smtp"]);
}

/// What is not among the members of draft -03, or longer than it allows.
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

/// BIND reads each snippet as part of a zone, and finds the records that the JSON lists.
#[test]
fn bind_reads_the_records_that_the_json_lists() {
    let Some(named_checkzone) = installed("named-checkzone") else { return };
    let folder = folder();
    let mut zones = 0;
    for mut fixture in fixtures() {
        fixture.service.publication.web_host = Some(DomainName::try_from("www.example.net").unwrap());
        let url = UrlTemplate::try_from("https://dav.example.net:8443/a;b/").unwrap();
        fixture.service.calendar = Some(CollectionService { url, login: None });
        for domain in fixture.service.domains.clone() {
            let Ok(profile) = written("dns-zone", &DomainOf { service: &fixture.service, domain: &domain }) else {
                continue;
            };
            let snippet = String::from_utf8(profile.files[0].bytes.clone()).unwrap();
            let document: Value = serde_json::from_slice(&profile.files[1].bytes).unwrap();
            let ours: BTreeSet<String> = document["records"].as_array().unwrap().iter().map(line_of).collect();
            let theirs = read_by_bind(&named_checkzone, folder.path(), domain.as_str(), &snippet);
            assert_eq!(theirs.as_ref(), Some(&ours), "{domain}");
            let broken = snippet.replacen(" SRV 0 ", " SRV zero ", 1);
            assert_eq!(read_by_bind(&named_checkzone, folder.path(), domain.as_str(), &broken), None, "{domain}");
            zones += 1;
        }
    }
    assert_eq!(zones, 21, "all but twin, whose login names no client guesses");
}

/// Our reader finds the targets that BIND finds; a target of which lint warns has no address; and with lint's fixes
/// every target has one.
#[test]
fn targets_are_what_bind_makes_of_them_and_fixes_mend_the_zone() {
    let (Some(check), Some(compile)) = (installed("named-checkzone"), installed("named-compilezone")) else { return };
    let folder = folder();
    let head =
        "$TTL 600\n$ORIGIN reef.example.\n@ SOA ns h 1 3600 600 86400 600\n@ NS ns\nns A 192.0.2.1\nmail A 192.0.2.2\n";
    let mut warned = 0;
    for lines in [
        "_imaps._tcp SRV 0 1 993 mail\n_submissions._tcp SRV 0 1 465 mail.reef.example.\n",
        "_imaps._tcp SRV 0 1 993 MAIL\n_submissions._tcp SRV 0 1 465 @\n@ A 192.0.2.3\n",
        "$ORIGIN _tcp.reef.example.\n_imaps SRV 0 1 993 mail.reef.example.\n_submissions SRV 0 1 465 mail.reef.example.\n",
        "$ORIGIN example.\n$ORIGIN reef\n_imaps._tcp SRV 0 1 993 mail\n_submissions._tcp SRV 0 1 465 ns\n",
        "$ORIGIN .\n_imaps._tcp.reef.example SRV 0 1 993 mail.reef.example\n_submissions._tcp.reef.example. SRV 0 1 465 ns.reef.example\n",
        "_imaps._tcp SRV 0 1 993 a.b\n*.b AAAA 2001:db8::1\n_submissions._tcp CNAME _two._tcp\n_two._tcp SRV 0 1 465 mail\n",
        "_imaps._tcp SRV 0 1 993 mail.reef.example\n_submissions._tcp SRV 0 1 465 mail\n",
        "_imaps._tcp SRV 0 1 993 mail\n_submissions._tcp SRV 0 1 465 NS.reef.example ; forgotten\n",
    ] {
        let text = format!("{head}{lines}");
        let zone = folder.path().join("zone");
        std::fs::write(&zone, &text).unwrap();
        let output =
            Command::new(&compile).args(["-q", "-i", "none", "-o", "-", "reef.example"]).arg(&zone).output().unwrap();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let whole = folder.path().join("whole");
        std::fs::write(&whole, &output.stdout).unwrap();
        let servers = |path: &Path| -> Value {
            let json = provost(&["explain", "--json", "--address", "jane@reef.example", path.to_str().unwrap()]).stdout;
            let value: Value = serde_json::from_str(json.lines().next().unwrap_or_else(|| panic!("{text}"))).unwrap();
            serde_json::json!([value["incoming"], value["outgoing"]])
        };
        assert_eq!(servers(&zone), servers(&whole), "{text}");
        let complaints = |path: &Path| {
            let output = Command::new(&check).args(["-i", "local", "reef.example"]).arg(path).output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
            said.lines().filter(|line| line.contains("no address records")).count()
        };
        let lint = provost(&["lint", zone.to_str().unwrap()]).output();
        let fixes: Vec<&str> = lint
            .split("warning[dns-relative-name]")
            .skip(1)
            .filter_map(|finding| finding.lines().nth(1)?.trim().strip_prefix("fix: write "))
            .collect();
        assert_eq!(lint.matches("warning[dns-relative-name]").count(), complaints(&zone), "{text}{lint}");
        assert_eq!(fixes.len(), complaints(&zone), "{text}{lint}");
        let mut mended = text.clone();
        for fix in fixes {
            let written = fix.trim_end_matches('.');
            let at = mended.to_lowercase().find(&format!(" {written}")).unwrap_or_else(|| panic!("{fix}"));
            mended.replace_range(at + 1..at + 1 + written.len(), fix);
            warned += 1;
        }
        std::fs::write(&zone, &mended).unwrap();
        assert_eq!(complaints(&zone), 0, "{mended}");
    }
    assert_eq!(warned, 2);
}

/// A client compares what it is served with the digest that DNS has.
#[test]
fn the_digest_is_that_of_the_document() {
    let fixture = fixtures().into_iter().find(|fixture| fixture.name == "centurylink").unwrap();
    let of = DomainOf { service: &fixture.service, domain: &fixture.service.domains[0] };
    let document = written("pacc", &of).unwrap().files.remove(0).bytes;
    // `sha256sum < fixtures/golden/pacc/plain.json`, in base64.
    let digest = "lBStcZnWQzL7cmhmXepOO2+LYbVONHkk/T5dKWxOct8=";
    assert_eq!(document, std::fs::read(root().join("fixtures/golden/pacc/plain.json")).unwrap());
    let zone = String::from_utf8(written("dns-zone", &of).unwrap().files.remove(0).bytes).unwrap();
    let record = format!("_ua-auto-config.centurylink.net. IN TXT \"v=UAAC1; a=sha256; d={digest}\"\n");
    assert!(zone.contains(&record), "{zone}");
}

fn line_of(record: &Value) -> String {
    ["name", "type", "data"].map(|key| record[key].as_str().unwrap()).join(" ")
}

/// The records that BIND finds besides the zone's own. `None`: it refuses the zone.
fn read_by_bind(program: &Path, folder: &Path, domain: &str, snippet: &str) -> Option<BTreeSet<String>> {
    let zone = folder.join("zone");
    let own = "@ IN SOA ns.example.net. hostmaster.example.net. 1 3600 600 86400 600\n@ IN NS ns.example.net.\n";
    std::fs::write(&zone, format!("$TTL 600\n{own}{snippet}")).unwrap();
    let output = Command::new(program).args(["-D", "-q", "-i", "local", domain]).arg(&zone).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let records = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = records.filter(|words| !matches!(words.get(3), None | Some(&"SOA" | &"NS")));
    output.status.success().then(|| found.map(|words| [&words[..1], &words[3..]].concat().join(" ")).collect())
}
