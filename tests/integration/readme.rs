//! The pages with sessions, run as they are: the README with the two files that it shows, and the pages in `docs/`.

use std::env::set_current_dir;
use std::fs;
use std::path::Path;

use provost_tests::{program, provost, root};

#[test]
fn the_sessions_of_the_pages_print_what_the_pages_show() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let folder = root().join("target/readme");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("mail.yaml"), block(&readme, "yaml")).unwrap();
    fs::write(folder.join("users.csv"), block(&readme, "csv")).unwrap();
    // Sessions run in the working directory; every other test names its folder.
    set_current_dir(&folder).unwrap();
    run(&root().join("README.md"));
    run(&root().join("docs/verify.md"));
    set_current_dir(root()).unwrap();
    run(&root().join("docs/formats.md"));
    run(&root().join("docs/existing-profiles.md"));
    run(&root().join("docs/init.md"));
}

#[test]
fn the_readme_names_every_format_in_a_table_that_fits_a_page() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme.split_once("## Formats by client\n").unwrap();
    let table: Vec<&str> = section.trim_start().lines().take_while(|line| line.starts_with('|')).collect();
    assert!(table.iter().all(|row| row.chars().count() <= 100), "a row is longer than 100 columns");
    let formats: serde_json::Value = serde_json::from_str(&provost(&["formats", "--json"]).stdout).unwrap();
    let missing: Vec<&str> = formats
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|format| format["name"].as_str())
        .filter(|name| !table.concat().contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "the README's table has no {missing:?}");
}

fn run(page: &Path) {
    trycmd::TestCases::new().register_bin("provost", program()).case(page).run();
}

/// The first block of a language.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}
