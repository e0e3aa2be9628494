//! Mistakes that lint reports: other generators' defects, and conflicts between files. Generated files have none.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use provost_account::Code;
use provost_account::codes::{self, fleet, profile};
use provost_tests::{Run, folder, installed, node_module, program, provost, root};
use serde_json::Value;

/// A defect, its specimen and the code that it gets.
type Defect = (&'static str, &'static str, &'static Code);

/// The defects that were counted in public generators, by the folder of their specimens.
const DEFECTS: &[(&str, &[Defect])] =
    &[("wild/apple-mobileconfig", APPLE), ("wild/autodiscover-pox", OUTLOOK), ("fleet", FLEET)];

const APPLE: &[Defect] = &[
    ("SMIMEEnabled, ignored since iOS 10", "dead-smime-keys.mobileconfig", profile::IGNORED_KEY),
    ("SMIMEEnablePerMessageSwitch", "dead-smime-keys.mobileconfig", profile::DEPRECATED_KEY),
    ("IncomingPassword in clear", "passwords.mobileconfig", profile::PASSWORD_IN_FILE),
    ("PayloadVersion as <real>", "version-as-real.mobileconfig", profile::PAYLOAD_VERSION),
    ("PayloadVersion 2", "version-2.mobileconfig", profile::PAYLOAD_VERSION),
    ("PayloadVersion \"1\"", "version-as-text.mobileconfig", profile::PAYLOAD_VERSION),
    ("one PayloadIdentifier outside and inside", "one-identifier-for-both.mobileconfig", profile::DUPLICATE_IDENTIFIER),
    ("one PayloadUUID outside and inside", "one-uuid-for-both.mobileconfig", profile::DUPLICATE_UUID),
    ("UseSSL false for STARTTLS", "starttls-without-ssl.mobileconfig", profile::CLEARTEXT),
    ("no outgoing login name", "no-outgoing-login.mobileconfig", profile::MISSING_USERNAME),
    ("no XML declaration", "no-declaration.mobileconfig", profile::NO_XML_DECLARATION),
    ("a blank line first", "blank-line-first.mobileconfig", profile::FAILS_ELSEWHERE),
    ("values not escaped", "unescaped-ampersand.mobileconfig", profile::NOT_WELL_FORMED),
    ("no EmailAccountType", "no-account-type.mobileconfig", profile::MISSING_KEY),
    ("OutgoingPasswordSameAsIncomingPassword", "same-password-key.mobileconfig", profile::INTERACTIVE_ONLY_KEY),
    ("one description for two accounts", "two-accounts-one-description.mobileconfig", profile::DESCRIPTION_NOT_UNIQUE),
    ("a Mac's device channel", "mac-in-the-system-scope.mobileconfig", profile::WRONG_SCOPE),
    ("no scope for a Mac", "mac-without-scope.mobileconfig", profile::WRONG_SCOPE),
    ("the user's scope on an iPhone", "iphone-in-the-user-scope.mobileconfig", profile::WRONG_SCOPE),
    ("a target without Mail", "for-an-apple-tv.mobileconfig", profile::WRONG_TARGET),
    (
        "a payload that the system does not have",
        "exchange-of-iphones-on-a-mac.mobileconfig",
        profile::PAYLOAD_OF_ANOTHER_SYSTEM,
    ),
    ("an identifier with blanks", "identifier-with-blanks.mobileconfig", profile::IDENTIFIER_WITH_BLANK),
    ("aliases beside the address", "two-addresses-in-one.mobileconfig", profile::SEVERAL_ADDRESSES),
    ("an empty user name and address", "asks-for-everything.mobileconfig", profile::NO_ADDRESS),
    ("a day of expiration that has passed", "dates-that-are-over.mobileconfig", fleet::DATE_OVER),
    ("removed before it expires", "dates-that-are-over.mobileconfig", fleet::REMOVAL_BEFORE_EXPIRATION),
    ("an authority of last year", "dates-that-are-over.mobileconfig", fleet::CERTIFICATE_OVER),
    ("a port as <real>", "calendar-port-as-real.mobileconfig", profile::FAILS_ELSEWHERE),
];

const OUTLOOK: &[Defect] = &[
    ("SPA left out", "spa-not-said.xml", profile::AUTODISCOVER_SPA),
    ("SPA on", "spa-on.xml", profile::AUTODISCOVER_SPA),
    ("a Response without its namespace", "response-in-the-outer-namespace.xml", profile::AUTODISCOVER_NAMESPACE),
    ("an https namespace", "https-namespace.xml", profile::AUTODISCOVER_NAMESPACE),
    ("Type POP", "pop-without-number.xml", profile::AUTODISCOVER_TYPE),
    ("Encryption TLS on 993", "starttls-on-the-tls-port.xml", profile::AUTODISCOVER_ENCRYPTION),
    ("SSL on 587, no Encryption", "tls-on-the-starttls-port.xml", profile::AUTODISCOVER_STARTTLS_PORT),
    ("SSL off, no Encryption", "without-tls.xml", profile::CLEARTEXT),
    ("SSL true", "true-for-on.xml", profile::AUTODISCOVER_SWITCH),
    ("SSL empty", "empty-switch.xml", profile::AUTODISCOVER_SWITCH),
    ("an element TLS", "tls-element.xml", profile::AUTODISCOVER_TLS_ELEMENT),
    ("no Server", "no-server.xml", profile::AUTODISCOVER_NO_SERVER),
    ("two Accounts", "two-accounts.xml", profile::AUTODISCOVER_ACCOUNTS),
    ("%EMAILADDRESS% left", "placeholders.xml", profile::AUTODISCOVER_PLACEHOLDER),
];

const FLEET: &[Defect] = &[
    ("constant identifiers: bob's profile replaces alice's", "one-identifier-for-everybody", fleet::REPLACES_ANOTHER),
    ("constant UUIDs", "one-uuid-for-everybody", fleet::SHARED_UUID),
    ("random identifiers: each download adds an account", "another-identifier-each-time", fleet::RANDOM_IDENTIFIER),
    ("random identifiers, two downloads", "another-identifier-each-time", fleet::IDENTIFIER_CHANGES),
    ("payloads in another order each time", "payloads-in-another-order", fleet::PAYLOADS_REORDERED),
    ("random UUIDs: each download makes the account anew", "another-uuid-each-time", fleet::IDENTIFIER_CHANGES),
    (
        "OutgoingPassword is the incoming server's",
        "outgoing-password-of-the-incoming-server",
        fleet::PASSWORD_OF_ANOTHER_LOGIN,
    ),
    ("port 25 for submission", "ports-of-other-services", fleet::SERVER_TO_SERVER_PORT),
    ("a port of another protocol", "ports-of-other-services", fleet::PORT_OF_ANOTHER_SERVICE),
    ("STARTTLS on the port of implicit TLS", "port-of-the-other-tls", fleet::PORT_CONTRADICTS_SOCKET_TYPE),
    ("two formats of one person", "formats-disagree", fleet::FORMATS_DISAGREE),
    ("a domain's file and other login names", "login-of-the-template", fleet::LOGIN_OF_THE_TEMPLATE),
];

#[test]
fn every_defect_of_public_generators_has_a_specimen_and_a_code() {
    for (folder, defects) in DEFECTS {
        for (defect, specimen, code) in *defects {
            let found = found(&provost(&["lint", "--json", &format!("fixtures/{folder}/{specimen}")]));
            assert!(found.contains(code.name), "{folder}: {defect}: {found:?}");
        }
    }
}

/// Findings in generated files, and why they are right: format, code, reason.
const OURS: &[(&str, &Code, &str)] = &[
    (
        "android-managed-config",
        profile::UNPROVEN_MAPPING,
        "an app whose keys the settings name is one that nobody here knows",
    ),
    (
        "apple-mdm-template",
        fleet::LOGIN_OF_THE_TEMPLATE,
        "somebody's login name is not what the device management makes, and the file is for all",
    ),
    (
        "thunderbird-autoconfig",
        fleet::LOGIN_OF_THE_TEMPLATE,
        "somebody's login name is not the template's, and a file for a domain is for all",
    ),
    (
        "thunderbird-cfg",
        fleet::LOGIN_OF_THE_TEMPLATE,
        "somebody's login name is not the template's, and the file is an organization's",
    ),
    (
        "thunderbird-autoconfig",
        profile::WEAK_USERNAME,
        "a file for a domain needs a placeholder, and the alternative is declared",
    ),
];

#[test]
fn what_is_generated_has_nothing_to_complain_about() {
    let mut problems = Vec::new();
    for (fixture, list) in [
        ("centurylink", "users.csv"),
        ("centurylink-provider", "users.csv"),
        ("harbour", "users.jsonl"),
        ("lantern", "users.csv"),
        ("twin", "users.json"),
    ] {
        let out = generated(fixture, list, &[]);
        let run = provost(&["lint", "--json", text(out.path())]);
        for finding in findings(&run) {
            let file = Path::new(finding["file"].as_str().unwrap()).strip_prefix(out.path()).unwrap().to_owned();
            let format = file.iter().next().unwrap().to_str().unwrap().to_owned();
            if !OURS.iter().any(|(ours, code, _)| *ours == format && finding["code"] == code.name) {
                problems.push(format!("{fixture}: {finding}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn all_rules_are_one_table() {
    let run = provost(&["lint", "--rules", "--json"]);
    let rules: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rules.len(), codes::all().count());
    for rule in &rules {
        for key in ["code", "about", "severity", "why"] {
            assert!(!rule[key].as_str().unwrap().is_empty(), "{key} of {rule}");
        }
    }
    let run = provost(&["lint", "--rules"]);
    let row = "error[replaces-another] (fleet): profiles of two people have the same identifier: the second replaces the first\n    fix: give each person's profile its own identifier\n    \
               source: https://developer.apple.com/documentation/devicemanagement/commonpayloadkeys\n";
    assert!(run.stdout.contains(row), "{}", run.stdout);
}

#[test]
fn sarif_has_the_place_the_rule_and_the_fix() {
    let folder = folder();
    let file = folder.path().join("log.sarif");
    let specimen = "fixtures/wild/apple-mobileconfig/starttls-without-ssl.mobileconfig";
    let run = provost(&["lint", "--sarif", text(&file), specimen]);
    assert!(run.stdout.contains("warning[cleartext]"), "{}", run.stdout);
    let log: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "cleartext");
    assert_eq!(result["level"], "warning");
    assert_eq!(
        result["message"]["text"],
        "OutgoingMailServerUseSSL is off. Fix: write true; it covers STARTTLS as well"
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], specimen);
    assert_eq!(place["region"], serde_json::json!({"startLine": 24, "startColumn": 7}));
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.iter().filter(|rule| rule["id"] == "cleartext").count(), 1);
}

/// The types of SARIF 2.1.0 as DefinitelyTyped has them: a missing or an unknown property is an error.
#[test]
fn typescript_finds_that_the_log_is_sarif() {
    let clients = root().join("tests/clients");
    let Some(node) = installed("node") else { return };
    if !node_module("tests/clients", "@types/sarif") {
        return;
    }
    let run = provost(&["lint", "--sarif", "-", "fixtures/fleet", "fixtures/wild/apple-mobileconfig"]);
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(log["runs"][0]["results"].as_array().unwrap().len() > 20);
    let folder = folder();
    let check = |log: &Value| {
        let source = folder.path().join("log.ts");
        fs::write(&source, format!("import type {{ Log }} from \"sarif\";\nexport const log: Log = {log};\n")).unwrap();
        let mut tsc = Command::new(&node);
        tsc.arg(clients.join("node_modules/typescript/bin/tsc")).args(["--noEmit", "--strict", "--typeRoots"]);
        tsc.arg(clients.join("node_modules/@types")).args(["--types", "sarif", "--skipLibCheck"]).arg(&source);
        let output = tsc.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (good, complaint) = check(&log);
    assert!(good, "{complaint}");
    let mut broken = log;
    broken["runs"][0]["results"][0]["message"] = "text".into();
    assert!(!check(&broken).0, "the judge accepts anything");
}

#[test]
fn the_pre_commit_hook_stops_a_commit_with_a_mistake() {
    let (Some(pre_commit), Some(git)) = (installed("pre-commit"), installed("git")) else { return };
    let home = provost_tests::folder();
    let folder = folder();
    let run = |arguments: &[&str]| {
        let output = Command::new(&git).args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["init", "--quiet"]);
    // The hook as it is offered, without a clone of this repository.
    let hook = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let lines: Vec<String> =
        hook.lines().filter(|line| !line.starts_with('#')).map(|line| format!("      {line}\n")).collect();
    let config = format!("repos:\n  - repo: local\n    hooks:\n{}", lines.concat());
    fs::write(folder.path().join(".pre-commit-config.yaml"), config).unwrap();
    let specimens = root().join("fixtures");
    fs::copy(specimens.join("centurylink-provider/mail.yaml"), folder.path().join("mail.yaml")).unwrap();
    let commit = || {
        run(&["add", "--all"]);
        let path = std::env::var_os("PATH").unwrap();
        let own = program().parent().unwrap().to_owned();
        let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path))).unwrap();
        let mut command = Command::new(&pre_commit);
        command.args(["run", "--all-files", "--color", "never"]).current_dir(folder.path()).env("PATH", path);
        let output = command.env("PRE_COMMIT_HOME", home.path()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, said) = commit();
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("provost lint") && said.contains("Passed"), "{said}");
    let mistake = specimens.join("wild/apple-mobileconfig/starttls-without-ssl.mobileconfig");
    fs::copy(mistake, folder.path().join("jane.mobileconfig")).unwrap();
    let (status, said) = commit();
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("jane.mobileconfig:24:7: warning[cleartext]"), "{said}");
    let manifest = Command::new(&pre_commit)
        .args(["validate-manifest", ".pre-commit-hooks.yaml"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(manifest.status.success(), "{}", String::from_utf8_lossy(&manifest.stdout));
}

fn generated(fixture: &str, list: &str, more: &[&str]) -> tempfile::TempDir {
    let folder = folder();
    let (settings, users) = (format!("fixtures/{fixture}/mail.yaml"), format!("fixtures/{fixture}/{list}"));
    let arguments = ["generate", "-c", &settings, "--users", &users, "-o", text(folder.path())];
    let run = provost(&[&arguments[..], more].concat());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    folder
}

fn findings(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn found(run: &Run) -> BTreeSet<String> {
    findings(run).iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
