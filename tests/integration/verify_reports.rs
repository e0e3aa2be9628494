//! The files that `verify` writes its report to, read by the programs that they are for: junitparser (PyPI, 5.0.3),
//! xmllint and Chromium.

use std::fs;
use std::path::Path;
use std::process::Command;

use provost_tests::{folder, installed, provost};
use serde_json::Value;

use crate::python_imapclient::python_with;
use crate::settings_sheet::{run, url};

#[test]
fn junitparser_counts_what_the_json_report_counts() {
    let Some(python) = python_with("junitparser") else { return };
    let folder = folder();
    let (rows, summary) = report(folder.path());
    let script = "
import json, sys
from junitparser import JUnitXml
report = JUnitXml.fromfile(sys.argv[1])
cases = [case for suite in report for case in suite]
print(json.dumps({
    'tests': report.tests, 'failures': report.failures, 'skipped': report.skipped,
    'counted': [sum(getattr(suite, what) for suite in report) for what in ('tests', 'failures', 'skipped')],
    'suites': [suite.name for suite in report],
    'names': [case.classname + ' ' + case.name for case in cases],
    'results': [[case.classname, len(case.result)] for case in cases],
    'texts': [result.text for case in cases for result in case.result if result.text],
}))";
    let output = Command::new(python).args(["-c", script]).arg(folder.path().join("junit.xml")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();

    let count = |name: &str| summary[name].as_u64().unwrap();
    let proofs = ["proven", "failed", "unproven", "in_part", "unfit"].map(count).iter().sum::<u64>();
    assert_eq!(read["tests"], proofs);
    assert_eq!(read["failures"], count("failed"));
    assert_eq!(read["skipped"], count("unproven") + count("unfit"));
    assert_eq!(read["counted"], serde_json::json!([read["tests"], read["failures"], read["skipped"]]));
    let mut formats: Vec<&str> = rows.iter().map(|row| row["format"].as_str().unwrap()).collect();
    formats.sort_unstable();
    formats.dedup();
    assert_eq!(read["suites"], serde_json::json!(formats));
    let mut names: Vec<&str> = read["names"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let cases = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), cases, "of two cases with the same name GitLab shows one");
    let failed = |row: &&Value| row["outcome"] == "fail";
    let texts = read["texts"].to_string();
    for row in rows.iter().filter(failed) {
        let found = serde_json::to_string(&format!("found: {}", row["found"].as_str().unwrap())).unwrap();
        assert!(texts.contains(found.trim_matches('"')), "{found} is not in {texts}");
    }
}

/// As a browser shows it: what does not match is hidden, and a page without network stays one.
#[test]
fn chromium_searches_the_page() {
    let Some(chromium) = installed("chromium") else { return };
    let folder = folder();
    let (rows, _) = report(folder.path());
    let failed: Vec<&Value> = rows.iter().filter(|row| row["outcome"] == "fail").collect();
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    for word in ["src=", "<link", "url(", "@import", "href=", "<img", "<b>R"] {
        assert!(!page.contains(word), "{word}");
    }
    let shown = |wanted: &str| -> usize {
        let typed = format!(
            "<script>field.value = {}; field.dispatchEvent(new Event('input'));
            document.title = [...document.querySelectorAll('tbody tr')].filter(it => it.closest('section') && it.offsetHeight).length</script></body>",
            serde_json::to_string(wanted).unwrap()
        );
        let searched = folder.path().join("searched.html");
        fs::write(&searched, page.replace("</body>", &typed)).unwrap();
        let output = run(&chromium, folder.path(), &["--dump-dom", &url(&searched)]);
        let (_, title) = output.split_once("<title>").unwrap();
        title.split_once("</title>").unwrap().0.parse().unwrap_or_else(|error| panic!("{error}: {title}"))
    };
    assert_eq!(shown(""), failed.len());
    let of_markup = failed.iter().filter(|row| row["address"] == "markup@centurylink.net").count();
    assert!(of_markup > 0);
    assert_eq!(shown(" MARKUP@ "), of_markup);
    assert_eq!(shown("found nowhere"), 0);
    // What a group says counts for all of it.
    let of_fix = failed.iter().filter(|row| row["fix"].as_str().is_some_and(|fix| fix.contains("renew"))).count();
    assert!(of_fix > 0 && of_fix < failed.len());
    assert_eq!(shown("renew the server"), of_fix);
}

/// Proofs with all kinds of ends: the rows of the JSON report, and its summary. The same run writes both files.
fn report(folder: &Path) -> (Vec<Value>, Value) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let users = "email,name,username\nmarkup@centurylink.net,<b>R&D</b>,\njane@centurylink.net,Jane,\n";
    fs::write(path("users.csv"), users).unwrap();
    let settings = "fixtures/centurylink/mail.yaml";
    let (users, out) = (path("users.csv"), path("out"));
    let arguments = ["generate", "-c", settings, "--users", &users, "--only", "k9s,msmtp,apple-ddm", "-o", &out];
    assert_eq!(provost(&arguments).status, Some(0));
    fs::write(path("out/k9s/jane@centurylink.net.k9s"), "<k9settings version='1'><a>\u{1}&\"]]></k9settings>").unwrap();
    let (junit, page) = (path("junit.xml"), path("page.html"));
    let faults = ["--fault", "local-part-only", "--fault", "expired-certificate:host=smtp.centurylink.com"];
    let run = provost(&[&["verify", &out, "--json", "--junit", &junit, "--html", &page][..], &faults].concat());
    assert_eq!(run.status, Some(1), "{}", run.output());
    // The page is XML as well, which no browser asks for: a value that is not escaped shows.
    if let Some(xmllint) = installed("xmllint") {
        let output = Command::new(xmllint).args(["--noout", &junit, &page]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut rows: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = rows.pop().unwrap()["summary"].take();
    (rows, summary)
}
