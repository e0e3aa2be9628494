//! User lists with one mistake each, and the forms that a valid one may have.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use provost_account::{
    Code, Collection, CollectionService, Encryption, LoginTemplate, PersonTemplate, Place, Service, Severity,
    SmimeRules, UrlTemplate, codes::settings as codes,
};
use provost_settings::{Extent, List, ListOptions, Survey, Users, identity_of, read_settings, read_users};

#[track_caller]
fn check(list: &str, code: &'static Code, line: usize, column: usize) -> Users {
    let users = read(list);
    let found: Vec<_> = users.findings.iter().map(|it| (it.code, it.place.map(|at| (at.line, at.column)))).collect();
    assert_eq!(found, [(code, Some((line, column)))], "{:#?}", users.findings);
    users
}

fn read(list: &str) -> Users {
    read_users(list.as_bytes(), &ListOptions::named(None), &service())
}

#[test]
fn each_mistake_in_csv_has_its_code_and_place() {
    check("email,name\r\n\r\na@one.example,A\r\nb@else.example,B\r\n", codes::ADDRESS_OUTSIDE_DOMAINS, 4, 1);
    check("email\n../../etc/passwd@one.example\n", codes::INVALID_ADDRESS, 2, 1);
    check("groups,email\n\"A\nB\",a@one.example\n\"C\",c@\n", codes::INVALID_ADDRESS, 4, 5);
    check("email\na@one.example\nA@ONE.example\n", codes::DUPLICATE_ADDRESS, 3, 1);
    check("email,aliases\na@one.example,b@one.example\nb@one.example,\n", codes::DUPLICATE_ADDRESS, 3, 1);
    check("email,name\na@one.example,\"Ä\n", codes::UNCLOSED_QUOTE, 2, 15);
    check("sep=and\nemail,name\na@one.example,A\n", codes::WRONG_SEPARATOR, 1, 1);
    check("email;name,mail\na@one.example;A,a@one.example\n", codes::WRONG_SEPARATOR, 1, 1);
    check("email,username,name\na@one.example,Jane Doe\n", codes::MISSING_FIELD, 2, 1);
    check("email,name\na@one.example,A,,\n", codes::EXTRA_FIELD, 2, 17);
    check("email,name,Status\na@one.example,A,x\n", codes::UNKNOWN_COLUMN, 1, 12);
    check("a@one.example,A\nb@one.example,B\n", codes::MISSING_COLUMN, 1, 1);
    check("email,name\na@one.example,\"A\" B\n", codes::UNCLOSED_QUOTE, 2, 15);
    check("email,name\na@one.example,\"A\nb@one.example,B\"\n", codes::UNCLOSED_QUOTE, 2, 15);
    check("name,login\nA,a\n", codes::MISSING_COLUMN, 1, 1);
    check("email,mail\na@one.example,b\n", codes::DUPLICATE_COLUMN, 1, 7);
    check("email,name\na@one.example,Ä,c\n", codes::EXTRA_FIELD, 2, 17);
    check("email,name\n,A\n", codes::INVALID_ADDRESS, 2, 1);
    check(&format!("email,name\na@one.example,{}\n", "x".repeat(70_000)), codes::TOO_LARGE, 2, 15);
}

#[test]
fn each_mistake_in_json_has_its_code_and_place() {
    check("[\n {\"email\": \"a@one.example\"},\n {\"email\": \"b\"}\n]", codes::INVALID_ADDRESS, 3, 12);
    check("{\"email\": \"a@one.example\"}\n\n{\"email\": }\n", codes::JSON_SYNTAX, 3, 11);
    check("{\"email\": 7}\n", codes::WRONG_TYPE, 1, 11);
    check("{\"email\": \"a@one.example\", \"email\": \"b@one.example\"}\n", codes::DUPLICATE_KEY, 1, 37);
    check("[{\"email\": \"a@one.example\", \"mail\": \"b@one.example\"}]", codes::DUPLICATE_COLUMN, 1, 1);
    check("[{\"email\": \"a@one.example\"}", codes::JSON_SYNTAX, 1, 28);
}

#[test]
fn an_empty_list_is_an_error() {
    assert_eq!(read("email,name\n").findings[0].code, codes::EMPTY_LIST);
    assert_eq!(read("[]").findings[0].code, codes::EMPTY_LIST);
}

#[test]
fn an_unknown_column_is_a_warning_with_the_nearest_name() {
    let users = check("email,usrname\na@one.example,a\n", codes::UNKNOWN_COLUMN, 1, 7);
    assert_eq!(
        (users.findings[0].severity, users.findings[0].fix.as_str()),
        (Severity::Warning, "did you mean \"username\"?")
    );
    assert_eq!(users.good.len(), 1);
}

/// One person's login name at the calendar takes the place of the rule's, in the URL too.
#[test]
fn a_person_may_have_a_login_name_of_their_own_at_calendar_and_address_book() {
    let service = CollectionService {
        url: UrlTemplate::try_from("https://dav.one.example/%USERNAME%/").unwrap(),
        login: Some(PersonTemplate::try_from("%EMAILLOCALPART%").unwrap()),
    };
    let contacts = CollectionService { login: None, ..service.clone() };
    let service = Service { calendar: Some(service), contacts: Some(contacts), ..self::service() };
    let list = "email,username,calendar username,Contacts-Login\na@one.example,,,\nb@one.example,bob,b-0042,\n\
        c@one.example,,,cäsar\n";
    let users = read_users(list.as_bytes(), &ListOptions::named(None), &service);
    assert_eq!(users.findings, []);
    let shown = |collection: &Option<Collection>| {
        let Collection { url, login } = collection.as_ref().unwrap();
        format!("{} at {url}", login.as_ref().unwrap())
    };
    let found: Vec<[String; 2]> = users
        .good
        .iter()
        .map(|user| [shown(&user.account.groupware.calendar), shown(&user.account.groupware.contacts)])
        .collect();
    let expected = [
        ["a at https://dav.one.example/a/", "a@one.example at https://dav.one.example/a@one.example/"],
        ["b-0042 at https://dav.one.example/b-0042/", "bob at https://dav.one.example/bob/"],
        ["c at https://dav.one.example/c/", "cäsar at https://dav.one.example/c%C3%A4sar/"],
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_login_name_for_a_calendar_that_nobody_has_is_a_warning() {
    let users = check("email,calendar username\na@one.example,\nb@one.example,b\n", codes::UNUSED_COLUMN, 3, 15);
    let finding = &users.findings[0];
    assert_eq!((finding.severity, users.good.len()), (Severity::Warning, 2));
    assert_eq!(finding.message, "a login name for calendar, which is not in the settings");
    check("email,contacts username\na@one.example,a\n", codes::UNUSED_COLUMN, 2, 15);
}

#[test]
fn good_rows_are_there_beside_bad_ones() {
    let users = read("email\na@one.example\nb\nc@one.example\nd\n");
    assert_eq!((users.good.len(), users.bad_rows, users.findings.len()), (2, 2, 2));
    assert_eq!(users.good[1].place, Place { line: 4, column: 1 });
}

/// What decides whether somebody who is not among the people may be removed.
#[test]
fn a_bad_row_says_whose_it_is_or_the_list_is_known_in_part() {
    #[track_caller]
    fn check(list: &str, bad: &[&str], extent: Extent) {
        let users = read(list);
        let found: Vec<&str> = users.bad.iter().map(|address| address.as_str()).collect();
        assert_eq!((found.as_slice(), users.extent), (bad, extent), "{list}");
    }
    check("email\na@one.example\n", &[], Extent::Whole);
    check("email,aliases\na@one.example,x\nb@one.example,\n", &["a@one.example"], Extent::Whole);
    check("email,name\na@one.example,A\nb@one,B\n", &[], Extent::InPart);
    check("email,name\na@one.example,A\na@one.example,B\n", &[], Extent::InPart);
    check("email,name\na@one.example,A,B\n", &[], Extent::InPart);
    check("email,aliases\na@one.example,\"x\ny\"\n", &[], Extent::InPart);
    check("{\"email\":\"a@one.example\"}\n{\"email\":\"b@o", &[], Extent::InPart);
    check("[]", &[], Extent::InPart);
    check("email\n", &[], Extent::InPart);
}

#[test]
fn a_column_that_is_near_no_other_one_is_not_guessed_at() {
    for name in ["Note", "Home", "Date", "City", "Phone", "Email Type", "Title", "Size"] {
        let users = read(&format!("email,{name}\na@one.example,x\n"));
        let fixes: Vec<&str> = users.findings.iter().map(|finding| finding.fix.as_str()).collect();
        assert_eq!(fixes.len(), 1, "{name}");
        assert!(
            fixes[0].starts_with("remove it, or say what it holds with --columns; known: email, name, "),
            "{fixes:?}"
        );
    }
}

#[test]
fn the_three_formats_say_the_same() {
    let csv = read(
        "email,name,username,aliases,groups,password\na@one.example,\"A, \"\"B\"\"\",login,x@one.example; y@one.example,g;h, p \n",
    );
    let json = "{\"email\":\"a@one.example\",\"name\":\"A, \\\"B\\\"\",\"username\":\"login\",\"aliases\":[\"x@one.example\",\"y@one.example\"],\"groups\":\"g;h\",\"password\":\" p \"}";
    for other in [read(json), read(&format!("[{json}]"))] {
        assert_eq!(other.good[0].account, csv.good[0].account);
        assert_eq!(other.good[0].password, csv.good[0].password);
    }
    let user = &csv.good[0];
    assert_eq!(user.account.full_name.as_ref().unwrap().as_str(), "A, \"B\"");
    assert_eq!(user.account.incoming[0].server.login.as_ref().unwrap().as_str(), "login");
    assert_eq!(user.account.aliases.len(), 2);
    assert_eq!(user.account.groups, ["g", "h"]);
    assert_eq!(user.password.as_ref().unwrap().expose(), " p ");
    assert_eq!(user.account.incoming[0].server.password, None);
}

#[test]
fn other_products_column_names_are_known() {
    let users = read("E-mail,First name,Last name,User name\na@one.example,Ada,Lovelace,ada\n");
    assert_eq!(users.findings, []);
    assert_eq!(users.good[0].account.full_name.as_ref().unwrap().as_str(), "Ada Lovelace");
}

/// A file that is not there, one that is no identity, and an address that would lead out of the folder.
#[test]
fn a_person_without_an_identity_is_a_bad_row_that_names_the_file() {
    let rules = SmimeRules {
        identities: LoginTemplate::try_from("smime/%EMAILADDRESS%.p12").unwrap(),
        sign: true,
        encryption: Encryption::Offered,
    };
    let service = Service { smime: Some(rules), ..service() };
    let read = |name: &str| match name {
        "smime/a@one.example.p12" => Ok(vec![0x30, 0x82, 0, 5, 2, 1, 3, 0x30, 0]),
        "smime/b@one.example.p12" => Ok(b"-----BEGIN PRIVATE KEY-----".to_vec()),
        _ => Err(std::io::Error::other("no such file")),
    };
    let list = b"email\na@one.example\nb@one.example\nc@one.example\n/d@one.example\n".as_slice();
    let layout = List::of(list, &ListOptions::named(None)).unwrap();
    let mut survey = Survey::new(&layout, &service);
    for batch in layout.batches(list) {
        let mut rows = layout.read(&batch.unwrap(), &service);
        rows.check(|person| identity_of(&person.address, person.place, &service, &read).map(drop));
        survey.add(&rows);
    }
    let duplicates = survey.duplicates();
    let found = survey.finish(duplicates);
    assert_eq!((found.people.all.count, found.bad_rows, found.extent), (1, 3, Extent::Whole));
    let address = provost_account::EmailAddress::try_from("a@one.example").unwrap();
    let place = Place { line: 2, column: 1 };
    assert!(identity_of(&address, place, &service, &read).unwrap().is_some_and(|it| it.sign));
    let messages: Vec<_> =
        found.findings.iter().map(|it| (it.code, it.place.unwrap().line, it.message.as_str())).collect();
    let expected = [
        (codes::IDENTITY_FILE, 3, "b@one.example: \"smime/b@one.example.p12\": not a PKCS #12 file (RFC 7292)"),
        (codes::IDENTITY_FILE, 4, "c@one.example: cannot read \"smime/c@one.example.p12\": no such file"),
        (codes::IDENTITY_FILE, 5, "/d@one.example: the address contains a slash, which a file name cannot contain"),
    ];
    assert_eq!(messages, expected);
}

#[test]
fn no_password_is_in_debug_output() {
    let users = read("email,password\na@one.example,hunter2\nb,hunter2\n");
    assert!(!format!("{users:?}").contains("hunter2"));
}

fn service() -> Service {
    let yaml = b"provost: 1\norganization: { id: org.example, name: One }\ndomains: [one.example]\nusername: \"%EMAILADDRESS%\"\n\
        incoming: [{ protocol: imap, host: i.example, port: 993, socket_type: SSL, authentication: password-cleartext }]\n\
        outgoing: [{ host: s.example, port: 465, socket_type: SSL, authentication: password-cleartext }]\n";
    read_settings(yaml, &|_| Err(std::io::ErrorKind::NotFound.into())).value.unwrap()
}

/// In a configuration file, what follows the break would be a line of its own.
#[test]
fn a_password_with_a_line_break_is_refused_without_saying_it() {
    let service = service();
    let list = br#"[{"email": "a@one.example", "password": "hunter2\ntls_certcheck off"}]"#;
    let users = read_users(list, &ListOptions::named(None), &service);
    assert_eq!((users.good.len(), users.bad_rows), (0, 1));
    assert_eq!(users.findings[0].code, codes::CONTROL_CHARACTER);
    assert!(!format!("{:?}", users.findings).contains("hunter2"));
}
