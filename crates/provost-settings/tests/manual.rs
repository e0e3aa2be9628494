//! The tables of keys in `docs/settings.md` are those of the code; `cargo xtask bless` writes them.

use std::fs;
use std::path::Path;

use provost_settings::{SettingsKey, settings_keys};

#[test]
fn the_manuals_tables_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    let manual = fs::read_to_string(&path).unwrap();
    let mut parts = manual.split(HEAD);
    let mut expected = parts.next().unwrap().to_owned();
    for keys in settings_keys() {
        let (_, after) = parts.next().unwrap().split_once("\n\n").unwrap();
        expected.push_str(HEAD);
        expected.extend(keys.iter().map(row));
        expected.push_str(&format!("\n{after}"));
    }
    assert_eq!(parts.next(), None, "a table that the code does not have");
    if std::env::var_os("PROVOST_BLESS").is_some() {
        fs::write(path, expected).unwrap();
    } else {
        assert!(manual == expected, "run `cargo xtask bless` and read the diff of docs/settings.md");
    }
}

fn row(key: &SettingsKey) -> String {
    format!("| `{}` | {} | {} |\n", key.path, key.values, key.meaning)
}

#[test]
fn the_manuals_example_is_the_harbour_fixture() {
    let manual = include_str!("../../../docs/settings.md");
    let (example, _) = manual.split_once("```yaml\n").expect("an example").1.split_once("```").expect("its end");
    let fixture = include_str!("../../../fixtures/harbour/mail.yaml");
    assert!(fixture.ends_with(example), "the example differs from fixtures/harbour/mail.yaml");
}

const HEAD: &str = "| key | value | meaning |\n|---|---|---|\n";
