//! What `provost init` asks a person: at a terminal that `script` makes, whose keys are octets.

use std::fs;
use std::io::{Read, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use provost_tests::{folder, has_program, installed, program, root};

#[test]
fn a_guide_is_used_when_a_person_says_so_and_not_otherwise() {
    let Some(terminal) = Terminal::new() else { return };
    let folder = folder();
    let file = folder.path().join("mail.yaml");
    let options = format!("--guide fixtures/guides/german-table.txt -o {}", file.display());
    let question = "Use the values of a guide? [y/N] ";
    for (keys, status) in [
        ("\n", 2),
        ("n\n", 2),
        ("maybe\n", 2),
        // Ctrl-D ends the input, Ctrl-C the program.
        ("\x04", 2),
        ("\x03", 130),
        ("YES\n", 0),
    ] {
        let _ = fs::remove_file(&file);
        let shown = terminal.init(&options, &[(question, keys)]);
        assert!(shown.contains(&format!("status {status}\r\n")), "{keys:?}: {shown}");
        // `stty` shows a terminal that is as it was.
        assert!(shown.contains(" icanon ") && shown.contains(" echo "), "{keys:?}: {shown}");
        assert_eq!(file.exists(), status == 0, "{keys:?}: {shown}");
        assert_eq!(shown.contains("error: nobody has confirmed the values of a guide\r\n"), status == 2, "{shown}");
    }
    assert!(fs::read_to_string(&file).unwrap().contains("host: imap.seepost.de"));
}

#[test]
fn whose_settings_they_are_is_asked_where_nothing_says_it() {
    let Some(terminal) = Terminal::new() else { return };
    let question = "The address of one person: ";
    let shown = terminal.init("", &[(question, "jane@gmx.net\n")]);
    assert!(shown.contains("domains: [gmx.net]\r\n") && shown.contains("status 0\r\n"), "{shown}");
    let shown = terminal.init("", &[(question, "jane\n")]);
    assert!(shown.contains("error: \"jane\" is not an email address\r\n") && shown.contains("status 2\r\n"), "{shown}");
}

/// A terminal to run the program at.
struct Terminal {
    script: PathBuf,
}

impl Terminal {
    fn new() -> Option<Self> {
        let script = installed("script")?;
        // Without the option, a terminal whose keys come from a pipe is a raw one.
        let help = Command::new(&script).arg("--help").output().unwrap();
        let has_echo = String::from_utf8_lossy(&help.stdout).contains("--echo");
        has_program(has_echo, "script has no option --echo").then_some(Self { script })
    }

    /// Types each answer when its question is there; gives all that is shown, with the exit status and what the terminal does
    /// afterwards.
    fn init(&self, options: &str, answers: &[(&str, &str)]) -> String {
        // A shell with a trap goes on after Ctrl-C, and its children have none.
        let command = format!("trap : INT; {} init --offline {options}; echo status $?; stty -a", program().display());
        // Whoever started this in the background ignores Ctrl-C, and a shell cannot undo that (POSIX, `trap`).
        let mut script = Command::new("env");
        script.arg("--default-signal=INT").arg(&self.script);
        script.args(["--quiet", "--return", "--echo", "always", "--command", &command, "/dev/null"]);
        script.env("SHELL", "/bin/sh").current_dir(root()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = script.spawn().unwrap();
        let (mut keys, mut screen) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
        let mut octets = Vec::new();
        for (question, answer) in answers {
            while !octets.ends_with(question.as_bytes()) {
                let mut octet = [0];
                assert_eq!(screen.read(&mut octet).unwrap(), 1, "{}", String::from_utf8_lossy(&octets));
                octets.push(octet[0]);
            }
            keys.write_all(answer.as_bytes()).unwrap();
        }
        screen.read_to_end(&mut octets).unwrap();
        script.wait().unwrap();
        String::from_utf8(octets).unwrap()
    }
}
