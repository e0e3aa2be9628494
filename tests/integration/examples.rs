//! The programs in `docs/examples`, each with its language's own tools, against the built program: what a developer
//! copies from there works.

use std::process::Command;

use provost_tests::{installed, node_module, program, root};

#[test]
fn python() {
    run("python", "python3", &["-m", "unittest", "-v", "test_welcome_mail.py"], "Ran 3 tests");
}

#[test]
fn node() {
    if node_module("docs/examples/node", "") {
        run("node", "npm", &["test"], "pass 3");
    }
}

#[test]
fn java() {
    run("java", "mvn", &["--batch-mode", "--no-transfer-progress", "test"], "Tests run: 3, Failures: 0, Errors: 0");
}

#[test]
fn go() {
    run("go", "go", &["test", "-count=1", "-v", "./..."], "--- PASS: TestARecipientThatIsRefusedIsNoSilence");
}

fn run(folder: &str, tool: &str, arguments: &[&str], ends: &str) {
    let Some(tool) = installed(tool) else { return };
    let output = Command::new(tool)
        .args(arguments)
        .current_dir(root().join("docs/examples").join(folder))
        .env("PROVOST", program())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains(ends), "{said}");
}

/// The table of clients in `docs/mock-server.md` has the versions that the tests get.
#[test]
fn the_table_of_clients_has_the_versions_that_are_pinned() {
    let page = std::fs::read_to_string(root().join("docs/mock-server.md")).unwrap();
    let (_, table) = page.split_once("| Client | Version |").expect("the table of clients");
    let mut pinned = 0;
    for row in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (client, version, file) = (cells[1], cells[2], root().join(cells[3]));
        if file.is_file() {
            let text = std::fs::read_to_string(&file).unwrap();
            let name = client.split_whitespace().next().unwrap();
            let near = |(at, _)| text[at + name.len()..].chars().take(40).collect::<String>().contains(version);
            assert!(text.match_indices(name).any(near), "{} has no {name} {version}", file.display());
            pinned += 1;
        }
    }
    assert!(pinned >= 8, "only {pinned} rows name a file");
}
