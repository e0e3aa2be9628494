//! Which signers are refused, each by a chain that is planted for it, and beside it one that is not refused.

use provost_sign::{Judgement, Refusal, Roots, SelfSigned, Signer};
use time::{Duration, OffsetDateTime};

use crate::workshop::{AUTHORITY, KINDS, LEAF, P256, Workshop};

#[test]
fn dates_are_judged_to_the_second() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    workshop.key("leaf", P256);
    // The leaf ends before its authorities.
    workshop.certificate_of("/CN=leaf", "leaf", Some("middle"), LEAF, 100);
    let signer = workshop.signer("leaf", &["leaf", "middle"]);
    let roots = roots(&workshop, &["root"]);
    let (first, last) = (signer.certificate().not_before(), signer.certificate().not_after());
    let (second, day) = (Duration::SECOND, Duration::DAY);
    let judged = |now| signer.judge(now, &roots, SelfSigned::Refused);
    let subject = "CN=leaf".to_owned();
    let early = Refusal::NotYetValid { subject: subject.clone(), not_before: first };
    assert_eq!(judged(first - second), Err(early));
    assert_eq!(judged(last + second), Err(Refusal::Expired { subject, not_after: last }));
    for (now, days_left, ends_soon) in [
        (first, 100, false),
        (last - day * 30, 30, false),
        (last - day * 30 + second, 29, true),
        (last - day, 1, true),
        (last, 0, true),
    ] {
        let judgement = judged(now).unwrap();
        assert_eq!(judgement, Judgement { signed_until: last, days_left });
        assert_eq!(judgement.ends_soon(), ends_soon, "{days_left}");
    }
}

#[test]
fn an_authority_that_ends_first_ends_the_signature() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.key("root", P256);
    workshop.certificate("root", None, AUTHORITY);
    workshop.key("middle", P256);
    workshop.certificate_of("/CN=middle", "middle", Some("root"), AUTHORITY, 10);
    workshop.key("leaf", P256);
    workshop.certificate("leaf", Some("middle"), LEAF);
    let signer = workshop.signer("leaf", &["leaf", "middle"]);
    let roots = roots(&workshop, &["root"]);
    let last = workshop.certificates(&["middle"])[0].not_after();
    let judgement = signer.judge(now(&signer), &roots, SelfSigned::Refused).unwrap();
    assert_eq!(judgement.signed_until, last);
    assert!(judgement.ends_soon());
    let refused = signer.judge(last + Duration::SECOND, &roots, SelfSigned::Refused).unwrap_err();
    assert_eq!(refused, Refusal::Expired { subject: "CN=middle".to_owned(), not_after: last });
}

#[test]
fn a_self_signed_certificate_is_refused_unless_allowed() {
    let Some(workshop) = Workshop::open() else { return };
    for (kind, how) in [KINDS[0], KINDS[3], KINDS[4]] {
        workshop.key(kind, how);
        workshop.certificate_of("/CN=alone", kind, None, LEAF, 100);
        let signer = workshop.signer(kind, &[kind]);
        let now = now(&signer);
        for trusted in [Roots::default(), roots(&workshop, &[kind])] {
            let refused = signer.judge(now, &trusted, SelfSigned::Refused).unwrap_err();
            assert_eq!(refused, Refusal::SelfSigned { subject: "CN=alone".to_owned() });
            assert!(signer.judge(now, &trusted, SelfSigned::DangerAllowed).is_ok());
        }
        let late = signer.certificate().not_after() + Duration::SECOND;
        let refused = signer.judge(late, &Roots::default(), SelfSigned::DangerAllowed).unwrap_err();
        assert!(matches!(refused, Refusal::Expired { .. }), "{refused:?}");
    }
}

#[test]
fn a_chain_must_end_at_a_trusted_authority() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    workshop.key("leaf", P256);
    workshop.certificate_of("/CN=leaf", "leaf", Some("middle"), LEAF, 100);
    // The same name, another key.
    workshop.key("false", P256);
    workshop.certificate_of("/O=Example, Inc./CN=root", "false", None, AUTHORITY, 100);
    let whole = workshop.signer("leaf", &["leaf", "middle", "root"]);
    let short = workshop.signer("leaf", &["leaf"]);
    let judged = |signer: &Signer, trusted: &[&str]| {
        signer.judge(now(signer), &roots(&workshop, trusted), SelfSigned::Refused).map(|_| ())
    };
    let [middle, root] = ["middle", "root"].map(|name| workshop.certificates(&[name])[0].subject());
    let leaf = "CN=leaf".to_owned();
    // The root that comes with the chain makes it no more trusted.
    let unknown = Refusal::UnknownIssuer { subject: middle.clone(), issuer: root.clone() };
    assert_eq!(judged(&whole, &[]), Err(unknown));
    let gap = Refusal::UnknownIssuer { subject: leaf, issuer: middle.clone() };
    assert_eq!(judged(&short, &["root"]), Err(gap));
    assert_eq!(judged(&whole, &["false"]), Err(Refusal::OtherIssuer { subject: middle, issuer: root }));
    for (signer, trusted) in [
        (&whole, &["root"][..]),
        (&whole, &["false", "root"]),
        // Who trusts the lower authority needs no other.
        (&whole, &["middle"]),
        (&short, &["middle"]),
    ] {
        assert_eq!(judged(signer, trusted), Ok(()), "{trusted:?}");
    }
}

#[test]
fn only_authorities_issue_and_only_as_many_as_allowed() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.key("root", P256);
    workshop.certificate("root", None, AUTHORITY);
    workshop.key("middle", P256);
    workshop.key("lower", P256);
    workshop.key("leaf", P256);
    let judged = |middle: &str, lower: &str| {
        workshop.certificate_of("/CN=middle", "middle", Some("root"), middle, 100);
        workshop.certificate_of("/CN=lower", "lower", Some("middle"), lower, 100);
        workshop.certificate_of("/CN=leaf", "leaf", Some("lower"), LEAF, 100);
        let signer = workshop.signer("leaf", &["lower", "leaf", "middle"]);
        signer.judge(now(&signer), &roots(&workshop, &["root"]), SelfSigned::Refused).map(|_| ())
    };
    let none = |subject: &str, issuer: &str| {
        let [subject, issuer] = [subject, issuer].map(|name| format!("CN={name}"));
        Err(Refusal::NoAuthority { subject, issuer })
    };
    assert_eq!(judged(AUTHORITY, AUTHORITY), Ok(()));
    assert_eq!(judged(AUTHORITY, LEAF), none("leaf", "lower"));
    assert_eq!(judged(LEAF, AUTHORITY), none("lower", "middle"));
    // An authority by its constraints whose key is for something else, and one that says nothing.
    assert_eq!(judged(AUTHORITY, "basicConstraints=CA:TRUE\nkeyUsage=digitalSignature"), none("leaf", "lower"));
    assert_eq!(judged(AUTHORITY, "keyUsage=keyCertSign"), none("leaf", "lower"));
    assert_eq!(judged(AUTHORITY, "basicConstraints=CA:TRUE"), Ok(()));
    assert_eq!(judged("basicConstraints=CA:TRUE,pathlen:1", "basicConstraints=CA:TRUE,pathlen:0"), Ok(()));
    let long = Refusal::PathTooLong { issuer: "CN=middle".to_owned(), allowed: 0, found: 1 };
    assert_eq!(judged("basicConstraints=CA:TRUE,pathlen:0", AUTHORITY), Err(long));
}

/// As Let's Encrypt's roots were certified by an older one that then expired.
#[test]
fn an_authority_with_two_certificates_is_reached_by_either() {
    let Some(workshop) = Workshop::open() else { return };
    for name in ["root", "old", "middle", "leaf"] {
        workshop.key(name, P256);
    }
    workshop.certificate("root", None, AUTHORITY);
    workshop.certificate("old", None, AUTHORITY);
    workshop.certificate_of("/CN=middle", "middle", Some("old"), AUTHORITY, 1);
    workshop.write("by-old.pem", workshop.file("middle.pem"));
    workshop.certificate_of("/CN=middle", "middle", Some("root"), AUTHORITY, 100);
    workshop.certificate_of("/CN=leaf", "leaf", Some("middle"), LEAF, 90);
    for names in [["leaf", "by-old", "middle"], ["middle", "by-old", "leaf"]] {
        let signer = workshop.signer("leaf", &names);
        assert_eq!(signer.intermediates().len(), 2);
        let judged = |after, trusted: &[&str]| {
            signer.judge(now(&signer) + after, &roots(&workshop, trusted), SelfSigned::Refused)
        };
        for trusted in [&["root"][..], &["old"], &["root", "old"]] {
            assert!(judged(Duration::ZERO, trusted).is_ok(), "{trusted:?}");
        }
        let until = judged(Duration::days(2), &["root", "old"]).unwrap().signed_until;
        assert_eq!(until, signer.certificate().not_after());
        assert!(judged(Duration::days(2), &["old"]).is_err());
    }
}

/// Each kind of authority's signature is verified, and what a certificate is for is not judged.
#[test]
fn every_kind_of_authority_and_every_purpose_is_accepted() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.key("leaf", P256);
    for (kind, how) in KINDS.into_iter().chain([("ed25519", "-algorithm ED25519")]) {
        workshop.key(kind, how);
        workshop.certificate(kind, None, AUTHORITY);
        for purpose in ["serverAuth", "emailProtection", "codeSigning", "timeStamping"] {
            // As Apple marks a Developer ID, critical.
            let apple = "1.2.840.113635.100.6.1.13=critical,DER:0500";
            let extensions = format!("extendedKeyUsage=critical,{purpose}\n{apple}");
            workshop.certificate("leaf", Some(kind), &extensions);
            let signer = workshop.signer("leaf", &["leaf"]);
            let judged = signer.judge(now(&signer), &roots(&workshop, &[kind]), SelfSigned::Refused);
            assert!(judged.is_ok(), "{kind}, {purpose}: {judged:?}");
        }
    }
    // SHA-1 in a certificate counts for nothing.
    workshop.write("extensions", LEAF);
    workshop.openssl("x509 -req -sha1 -in leaf.csr -CA p256.pem -CAkey p256.key -extfile extensions -out leaf.pem");
    let signer = workshop.signer("leaf", &["leaf"]);
    let refused = signer.judge(now(&signer), &roots(&workshop, &["p256"]), SelfSigned::Refused).unwrap_err();
    assert!(matches!(refused, Refusal::OtherIssuer { .. }), "{refused:?}");
}

#[test]
fn roots_that_cannot_be_read_are_counted() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.authorities();
    let root = workshop.certificates(&["root"]);
    let roots = Roots::new([root[0].der(), b"no certificate"]);
    assert_eq!(roots.unread(), 1);
}

fn roots(workshop: &Workshop, names: &[&str]) -> Roots {
    let certificates = workshop.certificates(names);
    Roots::new(certificates.iter().map(|it| it.der()))
}

/// The second at which the signer's certificate was issued: all the others are valid then.
fn now(signer: &Signer) -> OffsetDateTime {
    signer.certificate().not_before()
}
