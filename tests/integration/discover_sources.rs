//! What a domain publishes, found over the network: an HTTPS server and a name server on loopback serve what other people
//! wrote, or what the program writes, and record what they are asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::rc::Rc;

use provost_account::{CollectionService, DomainName, EmailAddress, Endpoint, Host, Port, Protocol};
use provost_discover::{
    Asking, Choice, Chosen, Database, Discovered, Guesses, Note, Nothing, SourceKind, Unpublished, choose, discover,
    unpublished,
};
use provost_network::{Dns, Network, Route};
use provost_tests::{root, shared};
use serde_json::{Value, json};

use crate::fixtures::{Fixture, fixtures};
use crate::ispdb::numbers;
use crate::recording_servers::{Names, Page, Record, Starts, Web, mail_server};
use crate::round_trip::{Written, written};

/// The servers are those that the real Thunderbird took, in its order: `data/ispdb-thunderbird-153.json`, for
/// jane.doe@example.com, which is here somebody in the provider's own domain.
#[tokio::test]
async fn the_provider_files_served_at_autoconfig_give_the_servers_that_thunderbird_took() {
    let Some(data) = shared("data/ispdb-thunderbird-153.json") else { return };
    let observed: Value = serde_json::from_slice(&fs::read(&data).unwrap()).unwrap();
    let observed = observed.as_object().unwrap();
    assert_eq!(observed.len(), 109, "the data is that of 109 files");
    let file = |name: &str| fs::read(data.with_file_name("ispdb").join(name)).unwrap();
    let domain = |name: &str| name.trim_end_matches(".xml").to_owned();
    let url = |name: &str| format!("https://autoconfig.{}/mail/config-v1.1.xml", domain(name));
    let web = Web::start(observed.keys().map(|it| (url(it), Page::Document(file(it)))).collect(), &[]).await;
    let network = Network::mapped(web.routes.clone(), std::slice::from_ref(&web.authority)).unwrap();
    let mut differences = Vec::new();
    for (name, expected) in observed {
        let address = person("jane.doe", &domain(name));
        let expected = expected.to_string().replace("example.com", &domain(name));
        let expected: Value = serde_json::from_str(&expected).unwrap();
        let choice = choose(discover(&network, &asking(address.domain())).await.opinions, None);
        let login = choice.login.as_ref().map(|it| it.value.expand(&address).to_string());
        let row =
            |(protocol, endpoint): &(Protocol, Endpoint)| Value::from(numbers(protocol.name(), endpoint).to_vec());
        let of = |is_incoming: bool| -> Vec<Value> {
            let servers = choice.servers.iter().map(|it| &it.value);
            servers.filter(|it| it.0.incoming().is_some() == is_incoming).map(row).collect()
        };
        let said = |first: &str, others: &str| -> Vec<Value> {
            let all = [vec![expected[first].clone()], expected[others].as_array().unwrap().clone()].concat();
            all.into_iter().map(|row| Value::from(row.as_array().unwrap()[..5].to_vec())).collect()
        };
        let found = json!([of(true), of(false), login]);
        let wanted = json!([said("inc", "alt"), said("out", "outalt"), expected["inc"][5]]);
        if found != wanted {
            differences.push(format!("{name}\n  Thunderbird {wanted}\n  here        {found}"));
        }
    }
    assert!(differences.is_empty(), "{} files differ:\n{}", differences.len(), differences.join("\n"));
}

/// Every name and every request is one of the table in docs/init.md, and none of them has the address.
#[tokio::test]
async fn nothing_is_asked_but_what_the_manual_lists_and_nobody_learns_the_address() {
    let (found, names, web) = of_a_hosted_domain(None).await;
    assert_eq!(found.opinions.len(), 1, "{found:#?}");
    let names = names.seen();
    let (records, of_dnssec): (BTreeSet<_>, BTreeSet<_>) =
        names.iter().partition(|(_, kind)| ["CNAME", "SRV", "MX", "TXT"].contains(&kind.as_str()));
    let asked: BTreeSet<&str> = records.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        asked,
        BTreeSet::from([
            "_autodiscover._tcp.reef.example",
            "_caldavs._tcp.reef.example",
            "_carddavs._tcp.reef.example",
            "_imap._tcp.reef.example",
            "_imaps._tcp.reef.example",
            "_pop3._tcp.reef.example",
            "_pop3s._tcp.reef.example",
            "_submission._tcp.reef.example",
            "_submissions._tcp.reef.example",
            "reef.example",
        ])
    );
    for (name, kind) in of_dnssec {
        assert!(["DS", "DNSKEY", "NS", "SOA"].contains(&kind.as_str()), "{name} {kind}");
        assert!(asked.iter().any(|it| it.ends_with(name.as_str())), "{name} {kind}");
    }
    let asked: BTreeSet<String> = web.seen().iter().map(|it| format!("{} {}", it.method, it.url)).collect();
    assert_eq!(
        asked,
        BTreeSet::from(
            [
                "GET http://autoconfig.reef.example/mail/config-v1.1.xml",
                "GET http://autodiscover.reef.example/autodiscover/autodiscover.xml",
                "GET http://reef.example/.well-known/autoconfig/mail/config-v1.1.xml",
                "GET https://autoconfig.hoster.example/mail/config-v1.1.xml",
                "GET https://autoconfig.in.hoster.example/mail/config-v1.1.xml",
                "GET https://autoconfig.reef.example/mail/config-v1.1.xml",
                "GET https://files.hoster.example/mail.xml",
                "GET https://reef.example/.well-known/autoconfig/mail/config-v1.1.xml",
                "GET https://reef.example/.well-known/caldav",
                "GET https://reef.example/.well-known/carddav",
                "GET https://ua-auto-config.reef.example/.well-known/user-agent-configuration.json",
                "POST https://autodiscover.reef.example/autodiscover/autodiscover.xml",
                "POST https://reef.example/autodiscover/autodiscover.xml",
            ]
            .map(str::to_owned)
        )
    );
    for request in web.seen() {
        let headers: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        let known = ["host", "user-agent", "accept", "content-type", "content-length"];
        assert!(headers.iter().all(|header| known.contains(header)), "{request:?}");
        assert!(!format!("{request:?}").contains("jane"), "{request:?}");
    }
}

#[tokio::test]
async fn with_leave_the_address_goes_only_where_it_is_promised() {
    let (_, _, web) = of_a_hosted_domain(Some(&person("jane.doe", "reef.example"))).await;
    let with_address: BTreeSet<String> = web
        .seen()
        .iter()
        .filter(|request| format!("{request:?}").contains("jane"))
        .map(|it| format!("{} {}", it.method, it.url))
        .collect();
    assert_eq!(
        with_address,
        BTreeSet::from(
            [
                "GET https://autoconfig.reef.example/mail/config-v1.1.xml?emailaddress=jane.doe%40reef.example",
                "POST https://autodiscover.reef.example/autodiscover/autodiscover.xml",
                "POST https://reef.example/autodiscover/autodiscover.xml",
            ]
            .map(str::to_owned)
        )
    );
}

/// RFC 9051 §7.1, RFC 1939 §4, RFC 5321 §4.2: what counts as a greeting.
#[tokio::test]
async fn a_usual_name_counts_with_a_certificate_and_a_greeting() {
    let smtp: &[&str] = &["220 here\r\n", "250-here\r\n250 STARTTLS\r\n", "220 begin\r\n"];
    let mut routes = Vec::new();
    let mut authorities = Vec::new();
    for (host, port, certificate, starts) in [
        ("imap.reef.example", 993, "other.example", Starts::WithTls("* OK here\r\n")),
        ("mail.reef.example", 993, "mail.reef.example", Starts::WithTls("* OK here\r\n")),
        ("pop3.reef.example", 995, "pop3.reef.example", Starts::WithTls("+OK here\r\n")),
        ("smtp.reef.example", 465, "smtp.reef.example", Starts::WithTls("HTTP/1.1 400 Bad Request\r\n")),
        ("smtp.reef.example", 587, "smtp.reef.example", Starts::WithStartTls(smtp)),
    ] {
        let (socket, authority) = mail_server(certificate, starts).await;
        let (host, port) = (Host::try_from(host).unwrap(), Port::new(port).unwrap());
        routes.push(Route { host, port, socket: Some(socket) });
        authorities.push(authority);
    }
    let network = Network::mapped(routes, &authorities).unwrap();
    let domain = DomainName::try_from("reef.example").unwrap();
    let choice = choose(discover(&network, &asking(&domain)).await.opinions, None);
    let servers: Vec<String> = choice.servers.iter().map(|it| it.value.1.authority()).collect();
    assert_eq!(servers, ["mail.reef.example:993", "smtp.reef.example:587"]);
    assert!(choice.kinds().all(|kind| kind == SourceKind::Guess && kind.needs_a_person()));
    assert_eq!(choice.login, None);
}

/// RFC 2782: "A Target of "." means that the service is decidedly not available at this domain."
#[tokio::test]
async fn a_document_without_its_digest_is_not_taken_and_a_service_that_is_not_offered_is_told() {
    let names = Names::start(vec![
        Record::new(
            "_ua-auto-config.reef.example",
            "TXT",
            "v=UAAC1; a=sha256; d=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        ),
        Record::new("_imaps._tcp.reef.example", "SRV", "0 0 0 ."),
    ])
    .await;
    let url = "https://ua-auto-config.reef.example/.well-known/user-agent-configuration.json";
    let pages = BTreeMap::from([(url.to_owned(), Page::Document(golden("pacc/plain.json")))]);
    let web = Web::start(pages, &[]).await;
    let domain = DomainName::try_from("reef.example").unwrap();
    let found = discover(&network(&web, Some(&names)), &asking(&domain)).await;
    assert_eq!(found.opinions, []);
    let why = |at: &str| found.asked.iter().find(|it| it.at == at).unwrap().nothing.clone();
    assert_eq!(why(url), Some(Nothing::DigestDiffers));
    assert_eq!(why("SRV _imaps._tcp.reef.example"), Some(Nothing::NotOffered));
    assert_eq!(why("SRV _imap._tcp.reef.example"), Some(Nothing::NotThere));
}

/// MS-OXDSCLI section 4.2 has such answers. Elsewhere nobody learns the address, and at most ten are followed.
#[tokio::test]
async fn an_answer_of_autodiscover_that_leads_to_another_is_followed() {
    let own = "https://autodiscover.reef.example/autodiscover/autodiscover.xml";
    let hoster = "https://mail.hoster.example/autodiscover/autodiscover.xml";
    let leads = |element: &str, to: &str| {
        let action = format!("redirect{}", element.trim_start_matches("Redirect"));
        Page::Document(
            format!(
                "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006\"><Response \
                 xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a\"><Account>\
                 <AccountType>email</AccountType><Action>{action}</Action><{element}>{to}</{element}></Account></Response>\
                 </Autodiscover>"
            )
            .into_bytes(),
        )
    };
    // It is about jane.doe@centurylink.net.
    let answer = || Page::For("jane.doe@centurylink.net".to_owned(), golden("autodiscover-pox/server/plain.xml"));
    let address = person("jane.doe", "reef.example");
    let ask = async |pages: Vec<(&str, Page)>| {
        let web = Web::start(pages.into_iter().map(|(url, page)| (url.to_owned(), page)).collect(), &[]).await;
        let asking = Asking { address: Some(&address), ..asking(address.domain()) };
        (discover(&network(&web, None), &asking).await, web)
    };
    let (found, web) = ask(vec![(own, leads("RedirectUrl", hoster)), (hoster, answer())]).await;
    let choice = choose(found.opinions, None);
    assert_eq!(choice.servers[0].value.1.authority(), "imap.centurylink.com:993");
    assert_eq!(choice.servers[0].voice.source.kind, SourceKind::OwnDomain);
    assert_eq!(choice.login.unwrap().value.as_str(), "%EMAILADDRESS%");
    let at_hoster: Vec<_> = web.seen().into_iter().filter(|it| it.url == hoster).collect();
    assert!(!at_hoster.is_empty() && at_hoster.iter().all(|it| !it.body.contains("jane")), "{at_hoster:?}");

    let tenant = "https://autodiscover.hoster.example/autodiscover/autodiscover.xml";
    let (found, _) = ask(vec![(own, leads("RedirectAddr", "jane@hoster.example")), (tenant, answer())]).await;
    let choice = choose(found.opinions, None);
    assert_eq!(choice.login.unwrap().value.as_str(), "%EMAILLOCALPART%@hoster.example");

    let why = |found: &Discovered| found.asked.iter().find(|it| it.at == own).unwrap().nothing.clone();
    let unasked = |detail: &str| Some(Nothing::Unasked { detail: detail.to_owned() });
    let (found, web) = ask(vec![(own, leads("RedirectUrl", own))]).await;
    assert_eq!(why(&found), unasked("more than 10 answers that lead to others"));
    assert_eq!(web.seen().iter().filter(|it| it.url == own).count(), 11);
    let (found, _) = ask(vec![(own, leads("RedirectUrl", "http://mail.hoster.example/"))]).await;
    assert_eq!(why(&found), unasked("an answer leads out of TLS, to http://mail.hoster.example/"));
    let (found, _) = ask(vec![(own, leads("RedirectAddr", "nobody"))]).await;
    assert_eq!(why(&found), unasked("an answer leads to nobody, which is no address"));
}

/// RFC 6764 section 5: the well-known URL redirects to where the service is.
#[tokio::test]
async fn a_calendar_without_records_is_where_the_well_known_url_leads() {
    let known = "https://reef.example/.well-known/caldav";
    let ask = async |pages: Vec<(&str, Page)>, names: Option<Vec<Record>>| {
        let names = match names {
            Some(records) => Some(Names::start(records).await),
            None => None,
        };
        let web = Web::start(pages.into_iter().map(|(url, page)| (url.to_owned(), page)).collect(), &[]).await;
        let domain = DomainName::try_from("reef.example").unwrap();
        choose(discover(&network(&web, names.as_ref()), &asking(&domain)).await.opinions, None)
    };
    let to = |url: &str| Page::Redirect(url.to_owned());
    let cloud = "https://cloud.reef.example/remote.php/dav/";
    let choice = ask(vec![(known, to(cloud)), (cloud, Page::Login)], None).await;
    let calendar = choice.calendar.unwrap();
    assert_eq!((calendar.value.url.as_str(), calendar.voice.source.kind), (cloud, SourceKind::OwnDomain));
    assert_eq!(choice.contacts, None);
    // A web server that redirects everything, one where everything wants a login, and one that has a page there.
    let (www, start) = ("https://www.reef.example/.well-known/caldav", "https://www.reef.example/");
    for pages in [
        vec![(known, to(www)), (www, Page::Login)],
        vec![(known, to(start)), (start, Page::Document(Vec::new()))],
        vec![(known, Page::Login)],
        vec![(known, Page::Document(Vec::new()))],
    ] {
        assert_eq!(ask(pages, None).await.calendar, None);
    }
    // Records count, also those that say that there is none.
    let records = vec![Record::new("_caldavs._tcp.reef.example", "SRV", "0 0 0 .")];
    assert_eq!(ask(vec![(known, to(cloud)), (cloud, Page::Login)], Some(records)).await.calendar, None);
}

/// RFC 6186 section 6: "If the target FQDN is not in the queried domain".
#[tokio::test]
async fn a_server_outside_of_the_domain_is_told_apart() {
    let names = Names::start(vec![
        Record::new("_imaps._tcp.reef.example", "SRV", "0 1 993 mail.reef.example."),
        Record::new("_submissions._tcp.reef.example", "SRV", "0 1 465 smtp.coralreef.example."),
    ])
    .await;
    let web = Web::start(BTreeMap::new(), &["nobody.example"]).await;
    let domain = DomainName::try_from("reef.example").unwrap();
    let found = discover(&network(&web, Some(&names)), &asking(&domain)).await;
    let notes: Vec<&Note> = found.opinions[0].notes.iter().map(|it| &it.value).collect();
    assert_eq!(notes, [&Note::Outside { host: "smtp.coralreef.example".to_owned(), domain }]);
}

/// The layout of the database's repository, where q.com has a file and embarqmail.com is in that of centurylink.net.
#[tokio::test]
async fn a_database_is_a_folder_as_its_repository_has_it() {
    let Some(folder) = shared("data/ispdb") else { return };
    let database = Database::try_from(folder.to_str().unwrap()).unwrap();
    let authority = Web::start(BTreeMap::new(), &["nobody.example"]).await.authority;
    let network = Network::mapped(Vec::new(), &[authority]).unwrap();
    for (domain, imap) in [("q.com", "mail.q.com"), ("embarqmail.com", "mail.centurylink.net")] {
        let domain = DomainName::try_from(domain).unwrap();
        let found = discover(&network, &Asking { database: Some(&database), ..asking(&domain) }).await;
        let [opinion] = found.opinions.as_slice() else { panic!("{found:#?}") };
        assert_eq!(opinion.source.kind, SourceKind::Database);
        let mut servers = opinion.servers.iter().map(|it| &it.value);
        let found = servers.find(|(protocol, _)| *protocol == Protocol::Imap).unwrap();
        assert_eq!(found.1.host.to_string(), imap);
    }
}

/// What is written for each fixture, served as it would be published: servers, login names, calendar and contacts.
#[tokio::test]
async fn what_each_fixture_publishes_is_found() {
    let all = Published::all();
    for (fixture, published) in &all {
        let name = format!("{} {}", fixture.name, published.domain);
        let (service, address) = (&fixture.service, &published.address);
        let choice = published.discover(&Published::ALL).await;
        let servers: Vec<_> = choice.servers.iter().map(|it| (it.value.0, &it.value.1)).collect();
        assert_eq!(servers, service.servers().collect::<Vec<_>>(), "{name}");
        let login = &choice.login.as_ref().unwrap_or_else(|| panic!("{name}: no login name")).value;
        let own = login.expand(address);
        assert_eq!(own, service.login.expand(address), "{name}");
        let expand = |it: &Chosen<CollectionService>| it.value.expand(address, &own);
        let account = service.account(address.clone(), None, None, None);
        assert_eq!(choice.calendar.as_ref().map(expand), account.groupware.calendar, "{name}");
        assert_eq!(choice.contacts.as_ref().map(expand), account.groupware.contacts, "{name}");
        assert_eq!(choice.contradictions, [], "{name}");
        let missing: Vec<Unpublished> = unpublished(&choice);
        let has = |protocol: Protocol| service.servers().any(|(own, _)| own == protocol);
        for protocol in Protocol::ALL {
            assert_eq!(missing.contains(&Unpublished::Server(protocol)), !has(protocol), "{name}");
        }
        assert_eq!(missing.contains(&Unpublished::Calendar), service.calendar.is_none(), "{name}");
        assert_eq!(missing.contains(&Unpublished::Contacts), service.contacts.is_none(), "{name}");
        assert!(missing.contains(&Unpublished::Sync) && !missing.contains(&Unpublished::Username), "{name}");
    }
    assert_eq!(all.len(), 23, "the domains of all fixtures");
}

/// One source alone may have fewer servers, and no other ones.
#[tokio::test]
async fn each_source_alone_says_nothing_else() {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    let is_first = |it: &(Rc<Fixture>, Published)| it.0.service.domains[0].as_str() == it.1.domain;
    for (fixture, published) in Published::all().into_iter().filter(is_first) {
        for source in Published::ALL {
            let choice = published.discover(&[source]).await;
            let name = format!("{} {} by {source}", fixture.name, published.domain);
            for said in &choice.servers {
                let is_own = |(protocol, endpoint)| (protocol, endpoint) == (said.value.0, &said.value.1);
                assert!(fixture.service.servers().any(is_own), "{name}: {said:?}");
            }
            if let Some(login) = &choice.login {
                let own = fixture.service.login.expand(&published.address);
                assert_eq!(login.value.expand(&published.address), own, "{name}");
            }
            if !choice.servers.is_empty() {
                *found.entry(source).or_default() += 1;
            }
        }
    }
    // Twin has login names that only autoconfig can say; PACC has no STARTTLS.
    let expected = [("autodiscover-pox", 5), ("dns-zone", 5), ("pacc", 3), ("thunderbird-autoconfig", 6)];
    assert_eq!(found, BTreeMap::from(expected));
}

/// What the program writes for a domain, by the name of the format.
struct Published {
    domain: String,
    address: EmailAddress,
    files: BTreeMap<&'static str, Vec<u8>>,
}

impl Published {
    const ALL: [&'static str; 4] = ["thunderbird-autoconfig", "pacc", "autodiscover-pox", "dns-zone"];

    /// For every domain of every fixture.
    fn all() -> Vec<(Rc<Fixture>, Self)> {
        let mut all = Vec::new();
        for fixture in fixtures().into_iter().map(Rc::new) {
            let written = written(&fixture);
            all.extend(fixture.service.domains.iter().map(|it| (Rc::clone(&fixture), Self::of(&written, it))));
        }
        all
    }

    fn of(written: &[Written], domain: &DomainName) -> Self {
        let own: Vec<&Written> = written.iter().filter(|it| it.account.address.domain() == domain).collect();
        let address = own[0].account.address.clone();
        let file = |format: &'static str, variant: &str, whose: &str| {
            let is_it = |it: &&&Written| it.format == format && it.variant == variant && it.whose == whose;
            let profile = own.iter().find(is_it)?.profile.as_ref().ok()?;
            // The records as JSON are the second file of a zone.
            let file = profile.files.get(usize::from(format == "dns-zone"))?;
            Some((format, file.bytes.clone()))
        };
        let files = [
            file("thunderbird-autoconfig", "draft-1.2", domain.as_str()),
            file("pacc", "", domain.as_str()),
            file("autodiscover-pox", "server", address.as_str()),
            file("dns-zone", "", domain.as_str()),
        ];
        Self { domain: domain.to_string(), address, files: files.into_iter().flatten().collect() }
    }

    /// What these formats' files lead to.
    async fn discover(&self, formats: &[&str]) -> Choice {
        let file = |format: &str| self.files.get(format).filter(|_| formats.contains(&format)).cloned();
        let zone: Value = file("dns-zone").map_or(Value::Null, |zone| serde_json::from_slice(&zone).unwrap());
        let word = |record: &Value, key: &str| record[key].as_str().unwrap().to_owned();
        let records = zone["records"].as_array().into_iter().flatten();
        let records = records.map(|it| Record::new(&word(it, "name"), &word(it, "type"), &word(it, "data")));
        let domain = &self.domain;
        let for_anybody = |file| Page::For(self.address.to_string(), file);
        let pages = [
            (format!("autoconfig.{domain}/mail/config-v1.1.xml"), file("thunderbird-autoconfig").map(Page::Document)),
            (
                format!("ua-auto-config.{domain}/.well-known/user-agent-configuration.json"),
                file("pacc").map(Page::Document),
            ),
            (format!("autodiscover.{domain}/autodiscover/autodiscover.xml"), file("autodiscover-pox").map(for_anybody)),
        ];
        let pages = pages.into_iter().filter_map(|(url, page)| Some((format!("https://{url}"), page?)));
        let names = Names::start(records.collect()).await;
        let web = Web::start(pages.collect(), &[]).await;
        let found = discover(&network(&web, Some(&names)), &asking(self.address.domain())).await;
        choose(found.opinions, None)
    }
}

/// A domain of one's own, about which only its hoster publishes something, behind a redirect.
async fn of_a_hosted_domain(address: Option<&EmailAddress>) -> (Discovered, Names, Web) {
    let names = Names::start(vec![Record::new("reef.example", "MX", "10 mx1.in.hoster.example.")]).await;
    let pages = BTreeMap::from([
        (
            "https://autoconfig.hoster.example/mail/config-v1.1.xml".to_owned(),
            Page::Redirect("https://files.hoster.example/mail.xml".to_owned()),
        ),
        (
            "https://files.hoster.example/mail.xml".to_owned(),
            Page::Document(golden("thunderbird-autoconfig/plain.xml")),
        ),
    ]);
    let hosts = ["", "autoconfig.", "autodiscover.", "ua-auto-config."].map(|label| format!("{label}reef.example"));
    let mut hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    hosts.push("autoconfig.in.hoster.example");
    let web = Web::start(pages, &hosts).await;
    let network = network(&web, Some(&names));
    let domain = DomainName::try_from("reef.example").unwrap();
    let found = discover(&network, &Asking { address, ..asking(&domain) }).await;
    (found, names, web)
}

fn golden(path: &str) -> Vec<u8> {
    fs::read(root().join("fixtures/golden").join(path)).unwrap()
}

fn network(web: &Web, names: Option<&Names>) -> Network {
    let network = Network::mapped(web.routes.clone(), std::slice::from_ref(&web.authority)).unwrap();
    match names {
        Some(names) => network.with_names(Dns::at(&[names.address]).unwrap()),
        None => network,
    }
}

fn person(local_part: &str, domain: &str) -> EmailAddress {
    EmailAddress::try_from(format!("{local_part}@{domain}").as_str()).unwrap()
}

fn asking(domain: &DomainName) -> Asking<'_> {
    Asking { domain, address: None, database: None, guesses: Guesses::Tried }
}
