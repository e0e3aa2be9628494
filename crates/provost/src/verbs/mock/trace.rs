//! The conversations of the mock server, printed to standard error as they happen.

use std::io::Write;
use std::time::Duration;

use provost_mockmail::{Line, MockMail, Speaker};

/// Prints lines until it is dropped, or until nobody reads them.
pub(super) async fn follow(mock: &MockMail) {
    let mut next = 0;
    loop {
        for line in mock.transcript(next) {
            next = line.number + 1;
            if writeln!(std::io::stderr().lock(), "{}", shown(&line)).is_err() {
                return std::future::pending().await;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// `imap 3 > a LOGIN (hidden)`.
fn shown(line: &Line) -> String {
    let arrow = match line.speaker {
        Speaker::Client => '>',
        Speaker::Server => '<',
        Speaker::Event => '-',
    };
    format!("{} {} {arrow} {}", line.protocol.name(), line.connection, line.text)
}

/// As quick as an eye.
const LOOK: Duration = Duration::from_millis(50);
