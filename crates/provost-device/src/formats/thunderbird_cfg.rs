//! Thunderbird's AutoConfig: what `thunderbird.cfg` makes of a profile without accounts, with the certificates that
//! `policies.json` next to it installs; and accounts that `policies.json` itself sets up, under `Preferences`. If a
//! script reads the environment, the account depends on who starts Thunderbird: that is the person here.

mod accounts;
mod lexer;
mod script;
mod values;

use std::cell::{Cell, RefCell};

use provost_account::{Account, Certificate, Findings, Place, codes::profile as codes, place, shown};
use serde_json::{Map, Value as Json};

use self::values::{Preference, Preferences, Value};
use crate::pem;
use crate::person::{Person, nobodys_address};
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::source_text;
use crate::understood::{Assumption, Ignored, Understood};

/// A script that sets preferences of accounts, or policies that do.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let holds = |text: &str| file.bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let of_accounts = ["mail.accountmanager.", "mail.account.", "mail.server.", "mail.smtpserver"];
    match is_json(file) {
        true => holds("\"policies\""),
        false => (holds("pref(") || holds("Pref(")) && !holds("user_pref(") && of_accounts.into_iter().any(holds),
    }
}

/// Whether Thunderbird takes accounts from the file: policies beside a script do not lead to it.
pub(super) fn leads(file: &SourceFile<'_>) -> bool {
    let holds = |text: &str| file.bytes.windows(text.len()).any(|window| window == text.as_bytes());
    !is_json(file) || holds("\"Preferences\"")
}

fn is_json(file: &SourceFile<'_>) -> bool {
    file.bytes.trim_ascii_start().starts_with(b"{")
}

/// Reads the script, or the policies, and the certificates next to them.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let mut profiles = Vec::new();
    let asks_for_the_user = Cell::new(false);
    if let Some((preferences, assumed)) =
        files.first().and_then(|file| preferences(file, person, &asks_for_the_user, &mut findings))
    {
        let (trust, ignored) = installed(files);
        profiles = accounts::understood(&preferences, person, &mut findings);
        let is_of_policies = files.first().is_some_and(is_json);
        let sets_accounts = |name: &String| OF_ACCOUNTS.iter().any(|prefix| name.starts_with(prefix));
        if is_of_policies && profiles.is_empty() && !preferences.0.keys().any(sets_accounts) {
            return Reading::of([without_mail(person)], findings);
        }
        for understood in &mut profiles {
            understood.account.trust.clone_from(&trust);
            understood.ignored.extend(ignored.clone());
            understood.assumed.splice(0..0, assumed.clone());
        }
        if asks_for_the_user.get() && person.address.is_none() && profiles.iter().all(|it| it.address().is_none()) {
            // What follows from the user's name is not known, so neither is what is wrong with it.
            let mut whose = Findings::default();
            let message = "the script asks for the name of the machine's user, so it is for no particular person";
            whose.add(codes::NO_ADDRESS, None, message, crate::spelling::SAY_FOR_WHOM);
            return Reading::of([], whose);
        }
        if profiles.is_empty() && !findings.has_error() {
            let message = "Thunderbird would not set up an account that receives mail";
            findings.add(codes::NOTHING_TO_SET_UP, None, message, "see the other findings");
        }
    }
    Reading::of(profiles, findings)
}

/// Policies that are about no account.
fn without_mail(person: &Person) -> Understood {
    let account = Account::of(person.address.clone().unwrap_or_else(nobodys_address));
    let ignored = vec![Ignored::of("policies", None, "they set up no mail account")];
    Understood { ignored, ..Understood::of("Thunderbird", account) }
}

/// The preferences after the first start, and what was assumed about the environment.
fn preferences(
    file: &SourceFile<'_>,
    person: &Person,
    asks_for_the_user: &Cell<bool>,
    findings: &mut Findings,
) -> Option<(Preferences, Vec<Assumption>)> {
    let whole = source_text::text(file.bytes, findings)?;
    if is_json(file) {
        return Some((of_policies(whole, findings)?, Vec::new()));
    }
    // "the first line is ignored": enterprise.thunderbird.net, MCD.
    let (first, script) = whole.split_at(whole.find('\n').unwrap_or(whole.len()));
    if first.contains("ref(") && !first.trim_start().starts_with("//") {
        let message = "a call in the first line, which Thunderbird ignores";
        let place = Place { line: 1, column: 1 };
        findings.add(codes::FIRST_LINE_IGNORED, Some(place), message, "begin with a line that contains only a comment");
    }
    let assumed = RefCell::new(Vec::new());
    let environment = |variable: &str| {
        let names_a_user = NAMES_A_USER.contains(&variable);
        asks_for_the_user.set(asks_for_the_user.get() || names_a_user);
        let Some(address) = person.address.as_ref().filter(|_| names_a_user) else {
            return Value::Unknown;
        };
        let assumption = Assumption::of(
            format_args!("getenv(\"{variable}\")"),
            address.local_part(),
            "assumed here: the user name on the computer is the address's local part",
        );
        let mut assumed = assumed.borrow_mut();
        if !assumed.contains(&assumption) {
            assumed.push(assumption);
        }
        Value::Text(address.local_part().to_owned())
    };
    let preferences = script::run(script, &environment, findings)?;
    Some((preferences, assumed.into_inner()))
}

/// `Preferences` of the policies. They apply before Thunderbird has an account, so no preference of an account has a
/// type yet.
fn of_policies(text: &str, findings: &mut Findings) -> Option<Preferences> {
    let json = match serde_json::from_str::<Json>(text) {
        Ok(json) => json,
        Err(error) => {
            let place = Place { line: error.line().max(1), column: error.column().max(1) };
            let message = format!("Thunderbird ignores the file: it is no JSON: {error}");
            return findings.refuse(codes::JSON_SYNTAX, Some(place), message, "correct it there");
        }
    };
    let mut preferences = Preferences::default();
    let set = json.pointer("/policies/Preferences").and_then(Json::as_object);
    for (name, policy) in set.unwrap_or(&Map::new()) {
        let place = place(text, text.find(&format!("\"{name}\"")).unwrap_or(0));
        if NEVER_BY_POLICY.iter().any(|prefix| name.starts_with(prefix)) {
            let message = format!("{} is not a preference that this policy may set", shown(name));
            findings.add(codes::IGNORED_KEY, Some(place), message, "set it in thunderbird.cfg");
            continue;
        }
        let status = policy.get("Status").and_then(Json::as_str).unwrap_or("locked");
        let value = match policy.get("Value").unwrap_or(policy) {
            Json::Bool(flag) => Value::Flag(*flag),
            Json::String(text) => Value::Text(text.clone()),
            Json::Number(number) => match number.as_i64() {
                Some(number @ (0 | 1)) if OF_ACCOUNTS.iter().any(|prefix| name.starts_with(prefix)) => {
                    let message = format!("{} is set to {number}, which this policy turns into a boolean", shown(name));
                    findings.add(codes::POLICY_BOOLEAN, Some(place), message, "set it in thunderbird.cfg");
                    Value::Flag(number == 1)
                }
                Some(number) => Value::Number(number),
                None => continue,
            },
            Json::Null | Json::Array(_) | Json::Object(_) => continue,
        };
        if status != "clear" {
            let (is_default, is_locked) = (status != "user", status == "locked");
            preferences.0.insert(name.clone(), Preference { value, place, is_default, is_locked });
        }
    }
    Some(preferences)
}

/// The certificates that `policies.json` installs: the first in each file that is available.
fn installed(files: &[SourceFile<'_>]) -> (Vec<Certificate>, Vec<Ignored>) {
    let policies = files.iter().find(|file| is_json(file) && file.path.ends_with("policies.json"));
    let json = policies.and_then(|file| serde_json::from_slice::<Json>(file.bytes).ok());
    let named = json.as_ref().and_then(|json| json.pointer("/policies/Certificates/Install")).and_then(Json::as_array);
    let (mut trust, mut ignored) = (Vec::new(), Vec::new());
    for name in named.into_iter().flatten().filter_map(Json::as_str) {
        let beside = format!("/certificates/{name}").to_lowercase();
        let found = files.iter().find(|file| file.path == name || file.path.to_lowercase().ends_with(&beside));
        match found.and_then(|file| pem::certificates(file.bytes)).and_then(|all| all.into_iter().next()) {
            Some(certificate) => trust.push(certificate),
            None => ignored.push(Ignored::of(
                "Certificates.Install",
                None,
                format_args!("{name} is not available, so its certificate is unknown"),
            )),
        }
    }
    (trust, ignored)
}

/// The variables that hold the name of who has logged in.
const NAMES_A_USER: &[&str] = &["USER", "USERNAME", "LOGNAME"];
/// Prefixes that the policy refuses (observed: Thunderbird 153.7.0esr, 2026-11).
const NEVER_BY_POLICY: &[&str] = &["ldap_2.", "general.config.", "messenger."];
/// Preferences for which Thunderbird itself has no defaults.
const OF_ACCOUNTS: &[&str] = &["mail.account.", "mail.identity.", "mail.server.", "mail.smtpserver."];
