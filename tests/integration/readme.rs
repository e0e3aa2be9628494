//! The README's session is run as it stands there.

use provost_tests::program;

#[test]
fn the_readme_session_prints_what_the_readme_says() {
    trycmd::TestCases::new().register_bin("provost", program()).case("../README.md");
}
