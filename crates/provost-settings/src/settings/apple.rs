//! The key `apple`: switches and terms of Apple's profiles, and the rule sets that require some of them.

use provost_account::{Apple, codes::settings as codes};

use super::at::{At, Entries, did_you_mean};
use super::kinds::{self, kind};
use super::row::Set::Optional;
use super::row::{Key, Keys, Kind, Row, key, read, write};
use super::tree::{Aim, Node};
use super::write::{Layout, Value};

/// The group, whose keys have a table of their own in the manual.
pub(crate) const APPLE: Kind<Apple> = kind("see below", read, |apple| {
    let mut written = write(apple);
    // Switches come first and the consent last, as people write them.
    if let Value::Group(_, entries) = &mut written {
        entries.sort_by_key(|(_, value)| match value {
            Value::Flag(_) => 0,
            Value::Number(_) | Value::Text(_) | Value::Plain(_) => 1,
            Value::List(_) | Value::Group(..) => 2,
        });
    }
    written
});

impl Keys for Apple {
    type Draft = ();
    const LAYOUT: Layout = Layout::Lines;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        &Key {
            name: "compliance",
            kind: COMPLIANCE,
            meaning: "sets the mail switches that this rule set of the macOS Security Compliance Project requires, \
                      and rejects contradictions",
            // A rule set is written as what it demands.
            get: |_: &Self| None,
            set: Optional(|_, _| ()),
        },
        key!(optional "prevent_move": kinds::SWITCH, prevent_move = Some(it),
            "whether moving mail to another account is prevented"),
        key!(optional "prevent_app_sheet": kinds::SWITCH, prevent_app_sheet = Some(it),
            "whether sending from other apps is prevented"),
        key!(optional "mail_drop": kinds::SWITCH, mail_drop = Some(it),
            "whether large attachments may go through iCloud"),
        key!(optional "recents_syncing": kinds::SWITCH, recents_syncing = Some(it),
            "whether recently used addresses go to other devices"),
        key!(optional "vpn_uuid": kinds::VPN_UUID, vpn = Some(it), "the VPN that the account uses; iOS and visionOS"),
        key!(optional "consent": kinds::CONSENT, consent = it,
            "the text that a person accepts when installing the profile"),
        key!(optional "expiration_date": kinds::DATE, expiration_date = Some(it),
            "the day on which the profile expires and the system offers an update; a date in the past is a warning, \
             here and for `removal_date`"),
        key!(optional "removal_date": kinds::DATE, removal_date = Some(it),
            "the day on which the profile removes itself"),
        key!(optional "remove_after_days": kinds::DAYS, remove_after_days = Some(it),
            "days after which the profile removes itself"),
        key!(optional "removal_disallowed": kinds::SWITCH, removal_disallowed = Some(it),
            "whether removing the profile is forbidden; supervised devices only"),
    ];

    /// The switches that a rule set demands. What is written against it is an error.
    fn finish(map: &Entries<'_, '_>, (): ()) -> Option<Self> {
        let mut apple = Self::default();
        let Some(Node::Text(name)) = map.optional("compliance").map(|at| at.node) else { return Some(apple) };
        let Some(rules) = rule_set(name) else { return Some(apple) };
        (apple.prevent_move, apple.mail_drop) = (rules.prevent_move, rules.mail_drop);
        for (key, demanded) in [("prevent_move", rules.prevent_move), ("mail_drop", rules.mail_drop)] {
            if let (Some(demanded), Some(at)) = (demanded, map.optional(key))
                && *at.node == Node::Bool(!demanded)
            {
                let message = format!("{key} is {}, but the rule set requires {demanded}", !demanded);
                let fix = format!("write {key}: {demanded}, or remove compliance");
                at.add(codes::COMPLIANCE, Aim::Value, message, fix);
            }
        }
        Some(apple)
    }
}

/// The switches that a rule set demands of mail on iOS.
struct RuleSet {
    name: &'static str,
    prevent_move: Option<bool>,
    mail_drop: Option<bool>,
}

const COMPLIANCE: Kind<&RuleSet> =
    kind("`stig`, `cis-level-1`, `cis-level-2`", compliance, |rules| Value::Text(rules.name.to_owned()));

fn compliance(at: &At<'_, '_>) -> Option<&'static RuleSet> {
    let names: Vec<&str> = RULE_SETS.iter().map(|rules| rules.name).collect();
    let text = at.text(&format!("one of {}", names.join(", ")))?;
    let found = rule_set(text);
    if found.is_none() {
        let message = format!("{text:?} is not a known rule set");
        at.add(codes::WRONG_VALUE, Aim::Value, message, did_you_mean(text, &names));
    }
    found
}

fn rule_set(name: &str) -> Option<&'static RuleSet> {
    RULE_SETS.iter().find(|rules| rules.name.eq_ignore_ascii_case(name))
}

/// Those of the macOS Security Compliance Project, alphabetical. What of `os_mail_move_messages_disable` is meant is its
/// title: in the file itself, some releases say the opposite.
const RULE_SETS: &[RuleSet] = &[
    RuleSet { name: "cis-level-1", prevent_move: Some(true), mail_drop: None },
    RuleSet { name: "cis-level-2", prevent_move: Some(true), mail_drop: Some(false) },
    RuleSet { name: "stig", prevent_move: Some(true), mail_drop: Some(false) },
];
