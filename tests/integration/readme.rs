//! The README's session is run as it stands there, from the root of the workspace.

use provost_tests::{program, root};

#[test]
fn the_readme_session_prints_what_the_readme_says() {
    let output = root().join("target/readme");
    if output.exists() {
        std::fs::remove_dir_all(&output).unwrap();
    }
    // The session runs where this process is; every other test names its folder itself.
    std::env::set_current_dir(root()).unwrap();
    trycmd::TestCases::new().register_bin("provost", program()).case(root().join("README.md"));
}
