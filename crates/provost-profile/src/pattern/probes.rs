//! The people about whom a writer is asked: nobody, with values of every kind that a plain person may have.

use provost_account::{DisplayName, DomainName, EmailAddress, Login, Service};

use super::PlainPerson;
use super::shape::Shape;

/// A person who does not exist.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    pub(super) address: EmailAddress,
    pub(super) full_name: Option<DisplayName>,
    pub(super) login: Option<Login>,
}

impl Probe {
    pub(super) fn person(&self) -> PlainPerson<'_> {
        PlainPerson { address: &self.address, full_name: self.full_name.as_ref(), login: self.login.as_ref() }
    }
}

/// People of a shape. The values of the first one occur nowhere else; those of the last ones are the same in two places.
pub(super) fn of(shape: Shape, service: &Service) -> Vec<Probe> {
    in_domain(shape, service, DOMAIN)
}

/// The first of them, in another domain.
pub(super) fn first_in(domain: &DomainName, shape: Shape, service: &Service) -> Option<Probe> {
    in_domain(shape, service, domain.as_str()).into_iter().next()
}

fn in_domain(shape: Shape, service: &Service, domain: &str) -> Vec<Probe> {
    let address = |local_part: &str| format!("{local_part}@{domain}");
    let local_parts: Vec<&str> = LOCAL_PARTS.iter().copied().filter(|text| shape.has_local_part(text)).collect();
    let some = |texts: &[&'static str]| texts.iter().copied().map(Some).chain([None]).collect::<Vec<_>>();
    let names: Vec<Option<&str>> = some(NAMES).into_iter().filter(|text| shape.has_name(*text)).collect();
    let logins: Vec<Option<&str>> = some(LOGINS).into_iter().filter(|text| shape.has_login(*text)).collect();
    if local_parts.is_empty() || names.is_empty() || logins.is_empty() {
        return Vec::new();
    }
    let mut probes = Vec::new();
    let mut add = |local_part: &str, name: Option<&str>, login: Option<&str>| {
        let probe = Probe {
            address: EmailAddress::try_from(address(local_part).as_str()).expect("an address"),
            full_name: name.map(|name| DisplayName::try_from(name).expect("a name")),
            login: login.map(|login| Login::try_from(login).expect("a login name")),
        };
        // What was given may be what the template makes.
        probes.extend((Shape::of(&probe.person(), service) == Some(shape)).then_some(probe));
    };
    for at in 0..local_parts.len().max(names.len()).max(logins.len()) {
        add(local_parts[at % local_parts.len()], names[at % names.len()], logins[at % logins.len()]);
    }
    for local_part in &local_parts {
        let (name, login) = (names[0].map(|_| *local_part), logins[0]);
        add(local_part, name, login);
        add(local_part, names[0], login.map(|_| *local_part));
        add(local_part, names[0], login.map(|_| address(local_part)).as_deref());
        add(local_part, login.filter(|_| name.is_some()), login);
    }
    probes
}

/// A name that no service has.
const DOMAIN: &str = "qz7-domain.example";

/// Of each kind: one that occurs nowhere else, some that look like something else, and the longest.
const LOCAL_PARTS: &[&str] = &[
    "Qz7.Local-Part_X",
    "a",
    "e5",
    "JANE.DOE",
    "nan",
    "Long.local_part-64.local_part-64.local_part-64.local_part-64xxxx",
    "Qz7+Local.Part",
    "a+b",
    "JANE+2+3",
    "Long+tag.tag+tag.tag+tag.tag+tag.tag+tag.tag+tag.tag+tag.tagxxxx",
    "7qZ.Local-Part_x",
    "0",
    "007",
    "1e5",
    "0x1F",
    "-1",
    "_",
    "64.64_64-64.64_64-64.64_64-64.64_64-64.64_64-64.64_64-64xxxxxxxx",
    "7qZ+Local.Part",
    "1+1",
    "+a",
    "-+-",
    "64+64+64+64+64+64+64+64+64+64+64+64+64+64+64+64+64+64+64+64+64xx",
];

/// In the same order.
const NAMES: &[&str] = &[
    "Qz Full Name 7",
    "A",
    "Jane Doe",
    "true",
    "JANE",
    "Long Name 128 Name 128 Name 128 Name 128 Name 128 Name 128 Name 128 Name 128 Name 128 Name 128 Name 128 Name 128 Name 128xxxxxxx",
    "Qz-Full N. Name 7",
    "A.",
    "Anne-Marie St. John",
    "Doe, Jane (IT)",
    "X--Y",
    "a_b@c.example / D",
    "Long-Name J. X-Name J. X-Name J. X-Name J. X-Name J. X-Name J. X-Name J. X-Name J. X-Name J. X-Name J. X-Name J. X-Name J. Xxxxx",
    "Qz Füll Náme 7",
    "É",
    "Łukasz Żółć",
    "山田 太郎",
    "שרה",
    "Läng Nãme 名前 Nãme 名前 Nãme 名前 Nãme 名前 Nãme 名前 Nãme 名前 Nãme 名前 Nãme 名前 Nãme 名前xxxxxx",
    "Qz-Füll N. Náme 7",
    "É.",
    "Jean-Luc Été",
    "Müller, Jürgen (IT)",
    "山-田",
    "O’Brien",
    "é_b@c.example / D",
    "Läng-Nãme Ö. 名前-Nãme Ö. 名前-Nãme Ö. 名前-Nãme Ö. 名前-Nãme Ö. 名前-Nãme Ö. 名前-Nãme Ö. 名前xxxx",
];

/// In the same order.
const LOGINS: &[&str] = &[
    "Qz7-Login.Own",
    "b",
    "e5",
    "CORP.USER_1",
    "nan",
    "Long.login_of-128.login_of-128.login_of-128.login_of-128.login_of-128.login_of-128.login_of-128.login_of-128.login_of-128xxxxxxx",
    "7qZ-Login.Own",
    "0",
    "0042",
    "1e5",
    "0x1F",
    "-1",
    "_",
    "128.128_128-128.128_128-128.128_128-128.128_128-128.128_128-128.128_128-128.128_128-128.128_128-128.128_128-128.128_128-128xxxxx",
    "Qz7-Login@own.Name",
    "b@c",
    "JANE@CORP.example",
    "Long@login-of.128login-of.128login-of.128login-of.128login-of.128login-of.128login-of.128login-of.128login-of.128login-of.128xxx",
    "7qZ-Login@own.Name",
    "1@2",
    "-@-",
    "128@128.128128.128128.128128.128128.128128.128128.128128.128128.128128.128128.128128.128128.128128.128128.128128.128128.128xxxxx",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use provost_account::{LoginTemplate, Organization};

    use super::*;

    fn service() -> Service {
        let organization = Organization {
            id: "example.probe".try_into().expect("an identifier"),
            name: "Probe".try_into().expect("a name"),
        };
        let template = LoginTemplate::try_from("%EMAILADDRESS%").expect("a template");
        Service::of(organization, Vec::new(), template, Vec::new(), Vec::new())
    }

    /// 4 kinds of local parts, with 4 kinds of names or none, and 4 kinds of login names or none.
    #[test]
    fn every_shape_has_probes_that_differ_in_every_value() {
        let service = service();
        let mut shapes = 0;
        for shape in Shape::all() {
            let probes = of(shape, &service);
            if probes.is_empty() {
                continue;
            }
            shapes += 1;
            let count = |value: &dyn Fn(&Probe) -> Option<String>| {
                probes.iter().map(value).collect::<BTreeSet<Option<String>>>().len()
            };
            assert!(count(&|probe| Some(probe.address.to_string())) >= 4, "{shape:?}");
            let names = count(&|probe| probe.full_name.as_ref().map(ToString::to_string));
            assert!(names >= 5 || probes[0].full_name.is_none(), "{shape:?}");
            let logins = count(&|probe| probe.login.as_ref().map(ToString::to_string));
            assert!(logins >= 4 || probes[0].login.is_none(), "{shape:?}");
        }
        assert_eq!(shapes, 4 * (4 + 1) * (4 + 1));
    }
}
