//! Patterns give what the writers give, octet for octet, or nothing: for the fixtures' people, for random plain ones, and
//! for odd ones. And who has one: everybody else takes ten times as long.

use std::cell::{Cell, RefCell};

use proptest::option;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use provost_account::{DisplayName, DomainName, EmailAddress, Login, Service};
use provost_profile::{Buffers, Passwords, Patterns, PlainPerson, Profile, Refusal, Request, Variant, Write, formats};

use crate::fixtures::fixtures;

#[test]
fn these_people_have_patterns() {
    let fixtures = fixtures();
    let services = SERVICES.map(|name| &fixtures.iter().find(|fixture| fixture.name == name).unwrap().service);
    let rows = services.map(|service| {
        let people: Vec<Person> = PEOPLE
            .iter()
            .map(|(local_part, name, login)| Person::of(&service.domains[0], local_part, *name, *login).unwrap())
            .collect();
        let row = |kind: Kind<'_>| people.iter().map(|person| kind.letter(person)).collect::<String>();
        kinds(service).map(row).collect::<Vec<_>>()
    });
    let names = kinds(services[0]).map(|kind| kind.name);
    let found = names.enumerate().map(|(at, name)| {
        let of_services: Vec<&str> = rows.iter().map(|rows| rows[at].as_str()).collect();
        format!("{} {name}", of_services.join(" "))
    });
    let found: Vec<String> = found.collect();
    let expected = PATTERNS.lines().filter(|line| !line.starts_with('#'));
    assert!(found.iter().eq(expected), "found:\n{}", found.join("\n"));
}

#[test]
fn the_fixtures_people_get_what_the_writers_write() {
    let mut buffers = Buffers::default();
    let mut filled = 0;
    for fixture in fixtures() {
        for kind in kinds(&fixture.service) {
            for account in fixture.users.iter().map(|user| &user.account) {
                let (address, full_name) = (account.address.clone(), account.full_name.clone());
                let person = Person { address, full_name, login: account.login().cloned() };
                filled += u32::from(kind.is_filled(&person, &mut buffers).unwrap());
            }
        }
    }
    assert!(filled > 500, "{filled}");
}

/// Always the same people: the seed is fixed.
#[test]
fn random_people_get_what_the_writers_write() {
    let plain = (
        "[A-Za-z0-9][A-Za-z0-9_-]{0,12}([.+][A-Za-z0-9_-]{1,8})?",
        option::weighted(
            0.8,
            "[A-Za-z]{1,9}( [A-Za-z]{1,9}){0,2}( [0-9]|-[A-Z]|, [A-Z]\\.| \\(IT\\)| [éŁ山ש’]{1,9}|@[a-z]/_)?",
        ),
        option::weighted(0.3, "[A-Za-z0-9][A-Za-z0-9_.-]{0,12}(@[A-Z]{1,4}\\.example)?"),
    );
    let odd = (
        prop_oneof!["[A-Za-z0-9!#$%&'*+/=?^_`{|}~é-]{1,12}", "\"[ -!#-\\[\\]-~]{1,12}\"", "-?[0-9]{1,4}(e[0-9])?"],
        option::weighted(0.8, prop_oneof!["\\PC{1,12}", "[A-Z]{1,3}[ '\"&<>%$\\\\;#.,-]{1,3}[a-zü]{0,200}"]),
        option::weighted(0.5, prop_oneof!["\\PC{1,12}", "[ -~]{1,12}", "-?[0-9]{1,4}(e[0-9])?", "%EMAILADDRESS%"]),
    );
    let fixtures = fixtures();
    let kinds: Vec<Vec<Kind<'_>>> = fixtures.iter().map(|fixture| kinds(&fixture.service).collect()).collect();
    let (buffers, filled) = (RefCell::new(Buffers::default()), Cell::new(0));
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let people = (any::<Index>(), any::<Index>(), prop_oneof![plain, odd]);
    let result = runner.run(&people, |(fixture, domain, (local_part, name, login))| {
        let kinds = fixture.get(&kinds);
        let domain = domain.get(&kinds[0].service.domains);
        let Some(person) = Person::of(domain, &local_part, name.as_deref(), login.as_deref()) else {
            return Err(TestCaseError::reject("no person has such values"));
        };
        for kind in kinds {
            let is_filled = kind.is_filled(&person, &mut buffers.borrow_mut()).map_err(TestCaseError::fail)?;
            filled.set(filled.get() + u32::from(is_filled));
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    // Half of the people are plain, and most variants have patterns for most of them.
    assert!(filled.get() > CASES * 8, "{filled:?}");
}

/// A variant for one person.
struct Kind<'a> {
    name: String,
    variant: &'static Variant,
    service: &'a Service,
    patterns: Patterns<'a>,
}

fn kinds(service: &Service) -> impl Iterator<Item = Kind<'_>> {
    let variants = formats().iter().flat_map(|format| format.variants.iter().map(move |variant| (format, variant)));
    variants.filter_map(move |(format, variant)| {
        let patterns = Patterns::of(variant, service)?;
        Some(Kind { name: format!("{}/{}", format.name, variant.name), variant, service, patterns })
    })
}

impl Kind<'_> {
    /// Whether there is a pattern for the person. The error is what it makes in another way than the writer.
    fn is_filled(&self, person: &Person, buffers: &mut Buffers) -> Result<bool, String> {
        let Person { address, full_name, login } = person;
        let plain = PlainPerson { address, full_name: full_name.as_ref(), login: login.as_ref() };
        let Some(filled) = self.patterns.fill(&plain, buffers) else { return Ok(false) };
        match self.written(person) {
            Ok(written) if written.files == filled.files && written.losses == filled.losses => Ok(true),
            written => Err(format!("{}: {person:?} has {filled:?} instead of {written:?}", self.name)),
        }
    }

    fn written(&self, person: &Person) -> Result<Profile, Refusal> {
        let Person { address, full_name, login } = person;
        let account = self.service.account(address.clone(), full_name.clone(), login.clone(), None);
        let Write::User(write) = self.variant.write else { panic!("patterns of a variant for several people") };
        let passwords = Passwords::LeaveOut;
        write(&Request { service: self.service, account: &account, variant: self.variant, passwords })
    }

    fn letter(&self, person: &Person) -> char {
        match (self.is_filled(person, &mut Buffers::default()).unwrap(), self.written(person)) {
            (true, _) => 'x',
            (false, Ok(_)) => '.',
            (false, Err(_)) => '-',
        }
    }
}

#[derive(Debug)]
struct Person {
    address: EmailAddress,
    full_name: Option<DisplayName>,
    login: Option<Login>,
}

impl Person {
    /// `None`: nobody has such values.
    fn of(domain: &DomainName, local_part: &str, name: Option<&str>, login: Option<&str>) -> Option<Self> {
        Some(Self {
            address: EmailAddress::try_from(format!("{local_part}@{domain}").as_str()).ok()?,
            full_name: name.map(DisplayName::try_from).transpose().ok()?,
            login: login.map(Login::try_from).transpose().ok()?,
        })
    }
}

const CASES: u32 = 128;

/// IMAP; STARTTLS with an authority, calendars, address books and a password command; POP3; a directory too.
const SERVICES: [&str; 4] = ["centurylink", "harbour", "lantern", "orchard"];

/// Local part, name, and login name where it is not what the template makes.
const PEOPLE: &[(&str, Option<&str>, Option<&str>)] = &[
    ("jane.Doe", Some("Jane Doe"), None),
    ("jane.Doe", None, None),
    ("jane.Doe", Some("Doe, Anne-Marie (IT/R_D)"), None),
    ("jane.Doe", Some("Zoë 山田"), None),
    ("jane+tag", Some("Jane Doe"), None),
    ("0042", Some("Jane Doe"), None),
    ("jane.Doe", Some("Jane Doe"), Some("u-jane")),
    ("jane.Doe", Some("Jane Doe"), Some("0042")),
    ("jane.Doe", Some("Jane Doe"), Some("jane@CORP.example")),
    ("jane.Doe", Some("Jane O'Brien"), None),
];

/// For each service a letter per person: `x` for a pattern, `.` for none, `-` where the writer refuses. Nobody has one whose
/// name has an apostrophe, which XML escapes; nor, where a service has a calendar or a directory, with a `+` in the address,
/// which URLs and distinguished names escape.
const PATTERNS: &str = "\
# Percent-encoded: an address with + in it, and an @ in a login name of the person's own.
xxxx.xxx.. xxxx.xxx.. ---------- xxxx.xxx.. aerc/
---------- xxxx.xxxx. xxxxxxxxx. ---------- android-managed-config/amapi
---------- xxxx.xxxx. xxxxxxxxx. ---------- android-managed-config/play-emm
# A hash of what a file holds.
.......... .......... .......... .......... apple-ddm/mdm
.......... .......... .......... .......... apple-ddm/manual
.......... .......... .......... .......... apple-ddm/legacy-asset
.......... .......... .......... .......... apple-ddm/legacy-asset-macos
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. apple-mobileconfig/ios
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxxxxxxx. apple-mobileconfig/ios-exchange
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. apple-mobileconfig/macos
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxxxxxxx. apple-mobileconfig/macos-exchange
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. apple-mobileconfig/shared-ipad
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. apple-mobileconfig/visionos
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxxxxxxx. apple-mobileconfig/visionos-exchange
# UTF-16.
.......... .......... .......... .......... autodiscover-pox/local
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. autodiscover-pox/server
# Written with passwords only.
---------- ---------- ---------- ---------- dclogin/
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. evolution/
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. fetchmail/
# Names beyond ASCII in base64.
xxx.xxxxx. xxx..xxxx. ---------- xxx..xxxx. geary/
xxxxxxxxx. ---------- xxxxxxxxx. xxxx.xxxx. getmail/
---------- xxxx.xxxx. ---------- ---------- himalaya/
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. k9s/
xxxxxxxxx. xxxx.xxxx. ---------- xxxx.xxxx. mbsync/
---------- ---------- xxxxxxxxx. ---------- mpop/
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. msmtp/
xxxxxxxxx. xxxx.xxxx. ---------- xxxx.xxxx. neomutt/
xxxxxxxxx. ---------- ---------- xxxx.xxxx. offlineimap/
# Names beyond ASCII in code page 1252.
xxx.xxxxx. ---------- xxx.xxxxx. xxx..xxxx. outlook-prf/
# A picture of the values.
.......... .......... .......... .......... settings-sheet/de
.......... .......... .......... .......... settings-sheet/en
xxxxxxx-x. xxxx.xx-x. xxxxxxx-x. xxxx.xx-x. thunderbird-autoconfig/
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. thunderbird-cfg/existing-profile
xxxxxxxxx. xxxx.xxxx. xxxxxxxxx. xxxx.xxxx. thunderbird-cfg/new-profile
# A picture of the values.
.......... .......... .......... .......... thunderbird-qr/
";
