//! Nothing that a device understood is dropped silently: if a value differs, the settings or their findings differ. The
//! values are those that the tests of comparison use.

use super::{Cleartext, Shown, filled_in, service};
use crate::person::nobody;
use crate::understood::samples::{understood, variants};
use crate::understood::{Provider, Understood};

fn shown(profile: &Understood) -> Shown {
    service(std::slice::from_ref(profile), Cleartext::Taken)
}

/// What a text says without its value: that there is a password, or an identity.
const HIDDEN: &[&str] = &["incoming[0].password", "outgoing[0].password", "smime.identity"];
/// What is made of `organization.id`, which is a guess.
const DERIVED: &[&str] = &["mail PayloadUUID"];

#[test]
fn every_value_becomes_a_setting_or_is_named() {
    let one = shown(&understood(false));
    for (what, other) in variants() {
        let other = shown(&other);
        let is_the_same = one == other;
        assert!(!is_the_same || [HIDDEN, DERIVED].concat().contains(&what), "{what} is dropped in silence");
    }
    let said = |message: &str| one.findings.iter().any(|finding| finding.message.contains(message));
    assert!(said("the file of one@a.example has a password in it"), "{:#?}", one.findings);
    assert!(said("the S/MIME identity of one@a.example is left out (6 bytes; sign: false, encrypt: never)"));
    assert!(!format!("{one:?}").contains("hunter"));
}

#[test]
fn files_that_disagree_are_told_of() {
    // Of one service, as their domains say.
    let provider = Provider { domains: understood(false).provider.domains, ..understood(true).provider };
    let other = Understood { provider, ..understood(true) };
    let shown = service(&[understood(false), other], Cleartext::Taken);
    for setting in [
        "organization.name",
        "apple.prevent_move",
        "apple.prevent_app_sheet",
        "apple.mail_drop",
        "apple.recents_syncing",
        "apple.removal_disallowed",
        "apple.vpn_uuid",
        "apple.expiration_date",
        "apple.removal_date",
        "apple.remove_after_days",
        "apple.consent.default",
        "exchange.host",
        "oauth2",
    ] {
        let is_said = shown.findings.iter().any(|it| it.message.starts_with(setting) && it.message.contains("another"));
        assert!(is_said, "{setting}: {:#?}", shown.findings);
    }
}

#[test]
fn a_placeholder_is_nobodys_name() {
    for name in ["%EMAILADDRESS%", "Mail of %EMAILLOCALPART%", "{{displayname}}"] {
        let name = name.try_into().expect("a name");
        let provider = Provider { name: Some(name), ..understood(false).provider };
        let shown = shown(&Understood { provider, ..understood(false) });
        assert_eq!(shown.service.expect("settings").organization.name.as_str(), "one.example");
    }
}

#[test]
fn a_host_that_was_filled_in_is_told_of() {
    let (own, mut general) = (understood(false), understood(false));
    assert_eq!(filled_in(std::slice::from_ref(&own), std::slice::from_ref(&general)), Vec::new());
    let made = format!("mail.{}", nobody().address.expect("an address").domain());
    general.account.incoming[0].server.endpoint.host = made.as_str().try_into().expect("a host");
    let findings = filled_in(&[own], &[general]);
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["the host one.example is derived from each address's domain, as mail.%EMAILDOMAIN%"]);
}
