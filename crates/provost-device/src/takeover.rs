//! Whether declarations can take over a profile that device management installed: a `com.apple.configuration.legacy`
//! with the new file instead of the old one. It was not tried on a device.
//!
//! Apple's rule, <https://developer.apple.com/documentation/devicemanagement/legacyprofile>: the identifiers and UUIDs
//! of both profiles are the same, they have the same number of payloads, and each payload's type, identifier and UUID
//! are the same, in the same order.

use crate::understood::Payload;

/// Whether a profile can be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Takeover {
    /// It can, if device management installed it.
    Possible,
    /// It cannot: the first thing that differs.
    Impossible {
        /// What differs.
        reason: String,
    },
}

/// Whether declarations with the new profile can take the old one over.
///
/// `None`: one of them is no profile.
#[must_use]
pub fn takeover(old: &[Payload], new: &[Payload]) -> Option<Takeover> {
    let ((old_profile, old_payloads), (new_profile, new_payloads)) = (old.split_first()?, new.split_first()?);
    let reason = differs("the profile", old_profile, new_profile)
        .or_else(|| {
            let mut pairs = old_payloads.iter().zip(new_payloads).enumerate();
            pairs.find_map(|(at, (old, new))| differs(&format!("payload {} ({})", at + 1, old.kind), old, new))
        })
        .or_else(|| {
            let (old, new) = (old_payloads.len(), new_payloads.len());
            (old != new).then(|| format!("the old profile has {old} payloads, the new one {new}"))
        });
    Some(reason.map_or(Takeover::Possible, |reason| Takeover::Impossible { reason }))
}

fn differs(what: &str, old: &Payload, new: &Payload) -> Option<String> {
    let Payload { kind, identifier, uuid } = old;
    let keys = [
        ("PayloadType", kind, &new.kind),
        ("PayloadIdentifier", identifier, &new.identifier),
        ("PayloadUUID", uuid, &new.uuid),
    ];
    let (key, old, new) = keys.into_iter().find(|(_, old, new)| old != new)?;
    Some(format!("{what} has another {key}: {old} -> {new}"))
}

/// Whether both have the same payloads in another order.
pub(crate) fn is_reordered(old: &[Payload], new: &[Payload]) -> bool {
    let sorted = |payloads: &[Payload]| {
        let mut keys: Vec<(String, String, String)> =
            payloads.iter().map(|it| (it.kind.clone(), it.identifier.clone(), it.uuid.clone())).collect();
        keys.sort();
        keys
    };
    old != new && sorted(old) == sorted(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(payloads: &[&str]) -> Vec<Payload> {
        let payload = |name: &&str| {
            let [kind, identifier, uuid] = name.split(' ').collect::<Vec<_>>()[..] else { panic!("{name}") };
            Payload { kind: kind.to_owned(), identifier: identifier.to_owned(), uuid: uuid.to_owned() }
        };
        payloads.iter().map(payload).collect()
    }

    #[track_caller]
    fn check(new: &[&str], expected: Option<&str>) {
        let old = profile(&["Configuration org.example 1", "mail org.example.mail 2", "root org.example.ca 3"]);
        let expected = match expected {
            None => Takeover::Possible,
            Some(reason) => Takeover::Impossible { reason: reason.to_owned() },
        };
        assert_eq!(takeover(&old, &profile(new)), Some(expected));
    }

    #[test]
    fn the_first_payload_that_differs_is_named() {
        let (top, mail, root) = ("Configuration org.example 1", "mail org.example.mail 2", "root org.example.ca 3");
        check(&[top, mail, root], None);
        check(
            &["Configuration org.example.2 1", mail, root],
            Some("the profile has another PayloadIdentifier: org.example -> org.example.2"),
        );
        check(&["Configuration org.example 9", mail, root], Some("the profile has another PayloadUUID: 1 -> 9"));
        check(&[top, root, mail], Some("payload 1 (mail) has another PayloadType: mail -> root"));
        check(&[top, mail, "root org.example.ca 4"], Some("payload 2 (root) has another PayloadUUID: 3 -> 4"));
        check(&[top, mail], Some("the old profile has 2 payloads, the new one 1"));
        assert_eq!(takeover(&[], &profile(&[top])), None);
    }

    #[test]
    fn another_order_is_no_other_set_of_payloads() {
        let (top, mail, root) = ("Configuration org.example 1", "mail org.example.mail 2", "root org.example.ca 3");
        let one = profile(&[top, mail, root]);
        assert!(is_reordered(&one, &profile(&[top, root, mail])));
        assert!(!is_reordered(&one, &one));
        assert!(!is_reordered(&one, &profile(&[top, mail])));
    }
}
