//! Every value of what a device understood is compared: two of everything differ in each.

use provost_account::Account;

use super::{Change, change};
use crate::formats::formats;
use crate::takeover::{Takeover, takeover};
use crate::understood::Understood;
use crate::understood::samples::{account, understood, variants};

#[test]
fn every_value_that_differs_is_a_difference() {
    for format in formats() {
        for (what, other) in variants() {
            for (old, new) in [(&understood(false), &other), (&other, &understood(false))] {
                let (_, differences) = change(format.second_file, old, new);
                assert!(differences.iter().any(|it| it.what == what), "{} {what}: {differences:?}", format.name);
                assert!(!format!("{differences:?}").contains("hunter"), "{what}: {differences:?}");
            }
        }
    }
}

/// Values that one side has and the other has not: what is absent is a difference too.
#[test]
fn a_value_that_comes_or_goes_is_a_difference() {
    let nothing = Understood::of("iOS", Account::of(account(false).address));
    let format = &formats()[0];
    let said: Vec<String> =
        change(format.second_file, &nothing, &understood(false)).1.into_iter().map(|it| it.what).collect();
    for (what, _) in variants() {
        let is_always_there = ["device", "address"].contains(&what);
        assert!(is_always_there || said.iter().any(|it| it == what), "{what}: {said:?}");
    }
}

#[test]
fn the_same_is_no_difference() {
    for format in formats() {
        assert_eq!(change(format.second_file, &understood(false), &understood(false)).1, Vec::new(), "{}", format.name);
    }
}

/// The payloads of a profile are no values; what they decide is whether a profile can be taken over.
#[test]
fn other_payloads_are_no_difference_and_no_takeover() {
    let other = Understood { payloads: understood(true).payloads, ..understood(false) };
    assert_eq!(change(formats()[0].second_file, &understood(false), &other).1, Vec::new());
    assert_ne!(takeover(&understood(false).payloads, &other.payloads), Some(Takeover::Possible));
}

#[test]
fn another_name_is_another_account_where_the_name_is_the_accounts() {
    let other = Understood { identifiers: understood(true).identifiers, ..understood(false) };
    let of = |name: &str| formats().iter().find(|it| it.name == name).expect("a format").second_file;
    for (format, expected) in [
        ("evolution", Change::AddedBeside),
        ("geary", Change::AddedBeside),
        ("apple-mobileconfig", Change::CreatedAnew),
        ("msmtp", Change::Replaced),
        ("k9s", Change::AddedBeside),
        ("pacc", Change::ForNewAccounts),
    ] {
        assert_eq!(change(of(format), &understood(false), &other).0, expected, "{format}");
    }
    assert_eq!(change(of("geary"), &understood(false), &understood(false)).0, Change::Replaced);
}
