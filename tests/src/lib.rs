//! Runs the built program as a user would, for the integration tests. It knows nothing about mail.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The program, built once per test run: cargo builds a package's binary only for tests of that package. The whole
/// workspace is built, since alone the program would get other features of its dependencies, and all would be built
/// again.
///
/// # Panics
///
/// If it does not build.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        // Cargo sets these for a test's package; ring's build script reads them and would be built again, with its
        // dependents.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                build.env_remove(&*name);
            }
        }
        let build = build.args(BUILD).current_dir(root()).status();
        assert!(build.expect("cargo starts").success(), "the program does not build");
        let tests = std::env::current_exe().expect("a test knows itself");
        let folder = tests.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
        folder.join(format!("provost{}", std::env::consts::EXE_SUFFIX))
    })
}

const BUILD: [&str; 4] = ["build", "--quiet", "--workspace", "--all-targets"];

/// The root of the workspace.
///
/// # Panics
///
/// Never: this package lies in it.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workspace")
}

/// Other people's files to test against, which are never committed: next to the workspace, or where `PROVOST_SHARED`
/// says. Prints a note if they are absent, and panics if `PROVOST_REQUIRE_SHARED` is set.
///
/// # Panics
///
/// If the files are absent and required.
#[must_use]
pub fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PROVOST_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = folder.join(path);
    is_there(path.exists(), "PROVOST_REQUIRE_SHARED", &format!("{} is missing", path.display())).then_some(path)
}

/// The result of a run of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Both outputs, to search.
    #[must_use]
    pub fn output(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
        Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Runs the program in the root of the workspace, where the README's commands are run.
///
/// # Panics
///
/// If it does not start or prints something other than UTF-8.
pub fn provost<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Run {
    command(arguments).output().expect("the program starts").into()
}

/// The same with something on standard input.
///
/// # Panics
///
/// If it does not start or prints something other than UTF-8.
pub fn provost_reading<S: AsRef<std::ffi::OsStr>>(arguments: &[S], stdin: &[u8]) -> Run {
    let mut command = command(arguments);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the program starts");
    child.stdin.take().expect("it is piped").write_all(stdin).expect("the program reads its input");
    child.wait_with_output().expect("the program ends").into()
}

/// The program with arguments, ready to start.
pub fn command<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(root()).env_remove("PROVOST_MOCK_PASSWORD").env_remove("PROVOST_PASSWORD");
    command
}

/// A folder that is removed with the test.
///
/// # Panics
///
/// If the machine has no temporary folder.
#[must_use]
pub fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// A child process that ends with the test.
#[derive(Debug)]
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Where another program is. Prints a note if it is missing, and panics if `PROVOST_REQUIRE_PROGRAMS` is set.
///
/// # Panics
///
/// If the program is missing and required.
#[must_use]
pub fn installed(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    has_program(found.is_some(), &format!("{name} is not installed"));
    found
}

/// Whether a part of another program is there, such as a library. Prints a note if not, like [`installed`].
///
/// # Panics
///
/// If it is missing and required.
pub fn has_program(is_here: bool, complaint: &str) -> bool {
    is_there(is_here, "PROVOST_REQUIRE_PROGRAMS", complaint)
}

/// Whether `npm ci` has installed a package in a folder of ours.
///
/// # Panics
///
/// If it is missing and required.
#[must_use]
pub fn node_module(folder: &str, name: &str) -> bool {
    let is_here = root().join(folder).join("node_modules").join(name).is_dir();
    has_program(is_here, &format!("node_modules/{name} is missing: run `npm ci` in {folder}"))
}

fn is_there(is_here: bool, required: &str, complaint: &str) -> bool {
    if !is_here {
        assert!(std::env::var_os(required).is_none(), "{complaint}, and {required} is set");
        eprintln!("skipped: {complaint}");
    }
    is_here
}
