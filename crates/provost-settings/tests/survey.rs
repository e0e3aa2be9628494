//! What a first look at a list counts, and what a second look takes back.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use provost_account::{EmailAddress, Service};
use provost_settings::{Extent, Group, List, ListOptions, Survey, Surveyed, read_settings};

/// A domain's count, its sample, and how many have their address, its local part or another name as their login.
fn shown(group: &Group) -> (u64, Option<&str>, [u64; 3]) {
    let kinds = [&group.address, &group.local_part, &group.other].map(|kind| kind.count);
    (group.count, group.sample.as_ref().map(|person| person.address.as_str()), kinds)
}

fn survey(list: &str) -> Surveyed {
    let service = service();
    let layout = List::of(list.as_bytes(), &ListOptions::named(None)).unwrap();
    let mut survey = Survey::new(&layout, &service);
    let rows = |take: &mut dyn FnMut(&provost_settings::Rows)| {
        layout.batches_of(list.as_bytes(), 20).for_each(|batch| take(&layout.read(&batch.unwrap(), &service)));
    };
    rows(&mut |rows| survey.add(rows));
    let mut duplicates = survey.duplicates();
    rows(&mut |rows| duplicates.look_at(rows));
    survey.finish(duplicates)
}

#[test]
fn people_are_counted_by_domain_and_kind_of_login_name() {
    let found = survey(
        "email,username\na@one.example,a\nb@one.example,b@one.example\nc@two.example,c\nd@one.example,\n\
         e@one.example,x\nf@two.example,f-login\n",
    );
    assert_eq!(shown(&found.people.all), (6, Some("d@one.example"), [1, 2, 2]));
    let domains: Vec<_> = found.people.domains.iter().map(|(name, group)| (name.as_str(), shown(group))).collect();
    let expected = [("one.example", (4, Some("d@one.example"), [1, 1, 1])), ("two.example", (2, None, [0, 1, 1]))];
    assert_eq!(domains, expected);
    assert_eq!((found.bad_rows, found.extent, found.is_repeated(0)), (0, Extent::Whole, false));
}

/// The second row of a person and one with somebody's alias are bad, and the sample is not one of them.
#[test]
fn who_repeats_an_address_is_not_counted() {
    let found = survey(
        "email,username,aliases\na@one.example,x,b@one.example\nA@one.example,,\nb@one.example,,\n\
         c@one.example,,A@ONE.example\nd@one.example,,\n",
    );
    assert_eq!(shown(&found.people.all), (2, Some("d@one.example"), [0, 0, 1]));
    assert_eq!((0..5).map(|record| found.is_repeated(record)).collect::<Vec<_>>(), [false, true, true, true, false]);
    let messages: Vec<&str> = found.findings.iter().map(|it| it.message.as_str()).collect();
    let expected = [
        "A@one.example is already in line 2 (ignoring letter case)",
        "b@one.example is already in line 2 (ignoring letter case)",
        "A@one.example is already in line 3 (ignoring letter case)",
    ];
    assert_eq!(messages, expected);
    let is_bad = |address: &str| found.bad.contains_address(&EmailAddress::try_from(address).unwrap());
    assert_eq!(
        (found.bad_rows, found.extent, is_bad("c@one.example"), is_bad("a@one.example")),
        (3, Extent::InPart, true, false)
    );
}

fn service() -> Service {
    let yaml = b"provost: 1\norganization: { id: org.example, name: One }\ndomains: [one.example, two.example]\n\
        username: \"DIR\\\\%EMAILLOCALPART%\"\n\
        incoming: [{ protocol: imap, host: i.example, port: 993, socket_type: SSL, authentication: password-cleartext }]\n\
        outgoing: [{ host: s.example, port: 465, socket_type: SSL, authentication: password-cleartext }]\n";
    read_settings(yaml, &|_| Err(std::io::ErrorKind::NotFound.into())).value.unwrap()
}
