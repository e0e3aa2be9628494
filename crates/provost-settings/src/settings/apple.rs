//! The key `apple`: switches and terms of Apple's profiles, and the rule sets that require some of them.

use std::collections::BTreeMap;

use provost_account::{Apple, ConsentText, Language, ProfileDate, VpnUuid, codes::settings as codes};

use super::decode::{At, Entries, did_you_mean, whole};
use super::yaml::{Aim, Node};

/// The whole key.
pub(crate) fn apple(at: &At<'_, '_>) -> Option<Apple> {
    let map = at.map(&[
        "compliance",
        "prevent_move",
        "prevent_app_sheet",
        "mail_drop",
        "recents_syncing",
        "vpn_uuid",
        "consent",
        "expiration_date",
        "removal_date",
        "remove_after_days",
        "removal_disallowed",
    ])?;
    let rules = map.optional("compliance").map_or(Some(&[][..]), |it| rules(it));
    let prevent_move = switch(&map, "prevent_move", rules?);
    let mail_drop = switch(&map, "mail_drop", rules?);
    let prevent_app_sheet = switch(&map, "prevent_app_sheet", &[]);
    let recents_syncing = switch(&map, "recents_syncing", &[]);
    let removal_disallowed = switch(&map, "removal_disallowed", &[]);
    let vpn = map.optional("vpn_uuid").map(|it| it.parsed(|text| VpnUuid::try_from(text)));
    let consent = map.optional("consent").map_or(Some(BTreeMap::new()), |it| consent(it));
    let date = |key: &str| map.optional(key).map(|it| it.parsed(|text| ProfileDate::try_from(text)));
    let (expiration_date, removal_date) = (date("expiration_date"), date("removal_date"));
    let remove_after_days = map.optional("remove_after_days").map(|it| it.count("days"));
    Some(Apple {
        prevent_move: prevent_move?,
        prevent_app_sheet: prevent_app_sheet?,
        mail_drop: mail_drop?,
        recents_syncing: recents_syncing?,
        vpn: whole(vpn)?,
        consent: consent?,
        expiration_date: whole(expiration_date)?,
        removal_date: whole(removal_date)?,
        remove_after_days: whole(remove_after_days)?,
        removal_disallowed: removal_disallowed?,
    })
}

/// A switch as it is written, or as a rule demands it. What is written against the rule is an error.
#[expect(clippy::option_option, reason = "the outer one is whether the key is good, the inner one whether it is said")]
fn switch(map: &Entries<'_, '_>, key: &str, rules: &[(&str, bool)]) -> Option<Option<bool>> {
    let demanded = rules.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let Some(at) = map.optional(key) else { return Some(demanded) };
    let said = at.boolean()?;
    if demanded.is_some_and(|demanded| demanded != said) {
        at.add(
            codes::COMPLIANCE,
            Aim::Value,
            format!("{key} is {said}, the rule set demands {}", !said),
            format!("write {key}: {}, or leave compliance out", !said),
        );
        return None;
    }
    Some(Some(said))
}

fn rules(at: &At<'_, '_>) -> Option<&'static [(&'static str, bool)]> {
    let names: Vec<&str> = RULE_SETS.iter().map(|(name, _)| *name).collect();
    let text = at.text(&format!("one of {}", names.join(", ")))?;
    let found = RULE_SETS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, rules)| *rules);
    if found.is_none() {
        at.add(
            codes::WRONG_VALUE,
            Aim::Value,
            format!("{text:?} is no rule set that is known here"),
            did_you_mean(text, &names),
        );
    }
    found
}

fn consent(at: &At<'_, '_>) -> Option<BTreeMap<Language, ConsentText>> {
    let Node::Map(entries) = at.node else {
        at.wrong_type("a text for each language, such as default and de");
        return None;
    };
    let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    let map = at.map(&names)?;
    let mut texts = BTreeMap::new();
    for name in names {
        let text = map.optional(name)?;
        let language = match Language::try_from(name) {
            Ok(language) => language,
            Err(error) => {
                text.add(codes::WRONG_VALUE, Aim::Key, format!("{name:?}: {error}"), "name the language");
                return None;
            }
        };
        texts.insert(language, text.parsed(|text| ConsentText::try_from(text))?);
    }
    if texts.is_empty() {
        at.add(codes::EMPTY_LIST, Aim::Value, "no text", "write default: and the text");
        return None;
    }
    if !texts.keys().any(|language| language.as_str() == "default") {
        let fix = "add default: with the text for everyone else";
        at.add(codes::CONSENT_WITHOUT_DEFAULT, Aim::Value, "no text for languages other than these", fix);
    }
    Some(texts)
}

/// The switches that rule sets of the macOS Security Compliance Project demand of mail on iOS, alphabetical. What of
/// `os_mail_move_messages_disable` is meant is its title: in the file itself, some releases say the opposite.
const RULE_SETS: &[(&str, &[(&str, bool)])] = &[
    ("cis-level-1", &[("prevent_move", true)]),
    ("cis-level-2", &[("prevent_move", true), ("mail_drop", false)]),
    ("stig", &[("prevent_move", true), ("mail_drop", false)]),
];
