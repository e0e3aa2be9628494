//! A list cut into batches of any size says the same, at the same places.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use provost_account::{Finding, Service};
use provost_settings::{LIST_START_OCTETS, List, ListOptions, Survey, read_settings};

/// Everything that is found in a list: each person and bad row with its number and place, and the findings.
fn found(list: &[u8], octets: usize) -> (Vec<String>, Vec<Finding>) {
    static SERVICE: LazyLock<Service> = LazyLock::new(service);
    let (service, options) = (&*SERVICE, ListOptions::named(None));
    let layout = List::of(&list[..list.len().min(LIST_START_OCTETS)], &options).unwrap();
    let mut survey = Survey::new(&layout, service);
    let mut rows = Vec::new();
    let mut all = Vec::new();
    for batch in layout.batches_of(list, octets) {
        let batch = layout.read(&batch.unwrap(), service);
        survey.add(&batch);
        rows.extend(batch.people.iter().map(|person| format!("{person:?}")));
        rows.extend(batch.bad.iter().map(|bad| format!("{bad:?}")));
        all.push(batch);
    }
    rows.sort();
    let mut duplicates = survey.duplicates();
    all.iter().for_each(|rows| duplicates.look_at(rows));
    (rows, survey.finish(duplicates).findings)
}

#[track_caller]
fn check(list: &[u8], records: usize) {
    let whole = found(list, 1 << 20);
    assert_eq!(whole.0.len(), records, "{whole:#?}");
    for octets in (1..80).chain([256, 1000]) {
        assert_eq!(found(list, octets), whole, "batches of {octets}");
    }
}

#[test]
fn a_list_in_batches_of_any_size_says_the_same() {
    check(
        b"\xef\xbb\xbf#TYPE x\r\nemail,name,aliases\r\n\r\na@one.example,\"A, \"\"the\r\nfirst\"\"\",\r\n\n\
          b@one.example,B\xc3\xbc,x@one.example;a@one.example\rc@one.example,M\xfcller,\r\nd@else.example,D,\n\
          e@one.example,\"E\" x,\na@one.example,,\n\"f@one.example\",F,\"\"\nb,\"not closed\n",
        8,
    );
    check(
        b"[ {\"email\": \"a@one.example\", \"name\": \"]}\\\"\\\\\"},\n\n{\"email\":\n\"b@one.example\", \"mood\": [1, {}]}\r\n\
          , {\"email\": }, 7, {\"email\": \"a@one.example\"}, {\"email\": \"c@one.example\"} {\"email\": \"d@one.example\"}]",
        7,
    );
    check(b"[{\"email\": \"a@one.example\"},\n {\"email\": \"b@one.example\"", 2);
    check(b"[{\"email\": \"a@one.example\"}]\n  x", 2);
    check(
        b"{\"email\": \"a@one.example\"}\n\r\n  {\"email\": \"b@one.example\", \"login\": 7}\r\n{\n\
          {\"email\": \"A@one.example\", \"mood\": 1}\n{\"email\": \"c@one.example\"}",
        5,
    );
}

#[test]
fn so_do_a_directory_and_utf_16() {
    check(
        b"version: 1\r\n\r\n# a comment\r\ndn: cn=a\r\nmail: a@one.ex\r\n ample\r\ncn:: \r\n QQ==\r\n\r\n\r\ndn: ou=b\r\n\r\n\
          dn: cn=c\nmail: c@one.example\nno colon\n\ndn: cn=a\nmail: a@one.example\n\nresult: 0\n",
        3,
    );
    let text =
        "email;name\r\na@one.example;\u{1f469}\u{200d}\u{1f52c} A\r\nb@one.example;\"B\nC\"\r\nb@one.example;\r\n";
    check(
        &text.encode_utf16().flat_map(u16::to_le_bytes).fold(vec![0xff, 0xfe], |mut all, it| {
            all.push(it);
            all
        }),
        3,
    );
}

/// A million octets in one field, and a quotation mark that is never closed, are read once and not kept.
#[test]
fn a_record_that_is_too_long_is_one_bad_row() {
    let row = |name: &str| format!("email,name\na@one.example,{name}\nb@one.example,B\n");
    let (rows, findings) = found(row(&"x".repeat(5 << 18)).as_bytes(), 1 << 18);
    let shown = |findings: &[Finding]| -> Vec<_> {
        findings.iter().map(|it| (it.code.name, it.place.map(|at| (at.line, at.column)))).collect()
    };
    assert_eq!((rows.len(), shown(&findings)), (2, vec![("too-large", Some((2, 15)))]));
    assert!(rows.iter().any(|row| row.contains("b@one.example") && row.contains("line: 3")), "{rows:#?}");
    let (rows, findings) = found(row(&format!("\"{}", "x\n".repeat(5 << 17))).as_bytes(), 1 << 18);
    assert_eq!((rows.len(), shown(&findings)), (1, vec![("unclosed-quote", Some((2, 15)))]));
    let many = row(&"x,".repeat(5 << 17)).replace("email,name", &format!("email{}", ",a".repeat((1 << 14) - 1)));
    let (rows, findings) = found(many.as_bytes(), 1 << 18);
    assert_eq!(
        (rows.len(), shown(&findings[1..])),
        (2, vec![("extra-field", Some((2, 32_781))), ("missing-field", Some((3, 1)))])
    );
}

/// What comes after the entry is read, wherever its octets end; after the element of an array, nothing is.
#[test]
fn a_long_photo_hides_nobody_in_a_directory() {
    let entry = |name: &str, photo: usize| {
        format!("dn: cn={name}\nmail: {name}@one.example\njpegPhoto:: {}\n\n", "ä".repeat(photo))
    };
    for less in 16..28 {
        let list = format!("{}{}{}", entry("a", 1), entry("b", (1 << 19) - less), entry("c", 1));
        let (rows, findings) = found(list.as_bytes(), 1 << 18);
        let names: Vec<bool> = ["a@one", "c@one"].map(|it| rows.iter().any(|row| row.contains(it))).into();
        assert_eq!((rows.len(), names), (3, vec![true, true]), "{less} {findings:?}");
        // Two line breaks before the entry, 42 octets before the photo, and two line breaks behind it.
        let is_too_long = 2 + 42 + (1 << 20) - 2 * less + 2 > 1 << 20;
        let found: Vec<_> = findings.iter().map(|it| (it.code.name, it.place.unwrap().line)).collect();
        assert_eq!(found, if is_too_long { vec![("too-large", 5)] } else { Vec::new() }, "{less}");
    }
    let list = format!("[{{\"email\": \"a@one.example\"}}, {{\"x\": \"{}\"}}, {{}}]", "x".repeat(5 << 18));
    let (rows, findings) = found(list.as_bytes(), 1 << 18);
    assert_eq!((rows.len(), findings.len(), findings[0].code.name), (2, 1, "too-large"));
    assert_eq!(findings[0].message, "a row of more than 1048576 bytes; nothing behind it is read");
}

fn service() -> Service {
    let yaml = b"provost: 1\norganization: { id: org.example, name: One }\ndomains: [one.example]\nusername: \"%EMAILADDRESS%\"\n\
        incoming: [{ protocol: imap, host: i.example, port: 993, socket_type: SSL, authentication: password-cleartext }]\n\
        outgoing: [{ host: s.example, port: 465, socket_type: SSL, authentication: password-cleartext }]\n";
    read_settings(yaml, &|_| Err(std::io::ErrorKind::NotFound.into())).value.unwrap()
}
