//! The report: what was measured on which machine, whether each goal was met, and what every number means.

use std::fmt::Write as _;

use super::measures::Spread;
use super::servers::Contender;
use super::{Goal, MACHINE_ROWS, Read, Row, Workload};

/// The facts of a run.
pub(crate) struct Run<'a> {
    pub(crate) machine: Vec<(&'static str, String)>,
    /// The load of the minute before.
    pub(crate) load: f64,
    pub(crate) rounds: u32,
    /// Who could not be measured, and why.
    pub(crate) absent: &'a [(Contender, &'static str)],
    pub(crate) workloads: &'a [&'a Workload],
    pub(crate) read: &'a Read,
}

/// The report in Markdown.
pub(crate) fn written(run: &Run<'_>) -> String {
    let mut text = String::from(HEAD);
    let mut write = |line: &str| writeln!(text, "{line}").expect("writing to a String cannot fail");
    write("\n## The run\n");
    for (what, value) in &run.machine {
        write(&format!("- {what}: {value}"));
    }
    write(&format!("- rounds: {}, interleaved", run.rounds));
    write(&format!("- load average of the minute before: {:.2}", run.load));
    if run.load > QUIET {
        write("- **The machine was not quiet when this began: read the spreads before the medians.**");
    }
    for (contender, reason) in run.absent {
        write(&format!("- **{} was not measured: {reason}.**", called(*contender)));
    }
    write("\n## Results\n");
    write("Median (least to most).\n");
    write("| | mock | null | Dovecot | Postfix | goal |");
    write("|---|---|---|---|---|---|");
    for row in run.workloads.iter().flat_map(|workload| workload.rows) {
        let cell = |contender| run.read.spread(row.key, contender).map_or_else(|| "–".to_owned(), shown);
        write(&format!(
            "| {} | {} | {} | {} | {} | {} |",
            row.says,
            cell(Contender::Mock),
            cell(Contender::Null),
            cell(Contender::Dovecot),
            cell(Contender::Postfix),
            goals(row, run.read).join("; ")
        ));
    }
    write("\n## The machine alone\n");
    write("| | |");
    write("|---|---|");
    for row in MACHINE_ROWS {
        write(&format!(
            "| {} | {} |",
            row.says,
            run.read.spread(row.key, Contender::Null).map_or_else(String::new, shown)
        ));
    }
    text
}

/// Each goal of a row with its verdict.
fn goals(row: &Row, read: &Read) -> Vec<String> {
    let Some(mock) = read.spread(row.key, Contender::Mock) else {
        return row.goals.iter().map(|_| "not measured".to_owned()).collect();
    };
    let verdict = |is_met: bool| if is_met { "met" } else { "**not met**" };
    let against = |goal: String, other: Option<Spread>, is_met: &dyn Fn(f64) -> bool| match other {
        Some(other) => {
            let ratio = mock.median / other.median;
            format!("{goal}: {} ({ratio:.2})", verdict(is_met(ratio)))
        }
        None => format!("{goal}: not measured"),
    };
    let measured = |contender: Contender| read.spread(row.key, contender);
    row.goals
        .iter()
        .map(|goal| match *goal {
            Goal::AtLeast(bound, other) => {
                against(format!("≥ {bound} x {}", called(other)), measured(other), &|ratio| ratio >= bound)
            }
            Goal::AtMost(bound, other) => {
                against(format!("≤ {bound} x {}", called(other)), measured(other), &|ratio| ratio <= bound)
            }
            Goal::AtLeastRow(bound, key, called) => {
                let other = read.spread(key, Contender::Mock);
                against(format!("≥ {bound} x {called}"), other, &|ratio| ratio >= bound)
            }
            Goal::Below(bound) => format!("≤ {bound}: {}", verdict(mock.median <= bound)),
        })
        .collect()
}

fn called(contender: Contender) -> &'static str {
    match contender {
        Contender::Mock => "mock",
        Contender::Null => "null",
        Contender::Dovecot => "Dovecot",
        Contender::Postfix => "Postfix",
    }
}

fn shown(spread: Spread) -> String {
    format!("{} ({} to {})", number(spread.median), number(spread.min), number(spread.max))
}

fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// The load of a machine on which nothing but the build of this program has run.
const QUIET: f64 = 0.5;
const HEAD: &str = "# The mock server's speed and size

Written by `cargo xtask bench mock`; do not edit.
`--rounds N` changes the number of rounds; `--only WORKLOAD` measures one of logins, fetch, submissions, pipelined, memory, accounts, start, search, prints it and leaves this file alone; `--date DATE` dates it.
Numbers compare within one run on one machine, never between runs: read the ratios.
No test depends on them.

## What the numbers mean

- **null** is the limit: a server with the same tokio and rustls that finds line ends and tags and gives canned replies.
- **Dovecot** is Debian's 2.3 with a process for many connections (`service_count = 0`, `client_limit`), `mail_fsync = never`, and the fields that SEARCH, SORT and THREAD need kept in its cache, on a free port, given the same messages.
  It runs as root only, and not at all where `dovecot-imapd` is not installed.
- **Postfix** is Debian's, as installed but for a free port, with 100 processes of smtpd at most; it queues every message and throws it away, and takes it without a login, which the others ask for.
  It runs as root only, too.
- **mock** is `provost mock --capabilities all` with four mailboxes, no faults.
- Every server is a process of its own in a release build, with a P-256 certificate; the load generator is another process on the same cores, in full TLS handshakes without resumption.
- Each round measures every server once, and another one first than the round before.
- A wrong answer ends the benchmark: FETCH must give every octet, SEARCH find the right number, and every accepted message must lie in the mailbox.
- Rates last two seconds a round. A megabyte is 1,000,000 octets of messages.
- Memory is PSS of the process and its descendants. Idle clients are logged in and have selected nothing; the memory before the load is that of a fresh server after its first client.
  What a connection holds is shown in parts: a connection in clear that was greeted has its task and its session, TLS comes to that, and then a login.
- Accounts are 10, 10,000 and 1,000,000 rows of a list with nothing but addresses, on three servers that run at once and have their turns; every login and every recipient is another account's. The names of an account are its address, its login name and its password. An account that nobody has opened has neither folders nor messages in memory.
- The start is from starting the process to the greeting over TLS, keys and certificates made on the way; for Dovecot the certificate is made and written by the benchmark, in the same time.
- SEARCH, SORT and THREAD are asked twice on a connection, and the second answer is timed.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_says_its_ratio_and_whether_it_is_met() {
        let mut read = Read::default();
        read.add(Contender::Mock, vec![("logins", 70.0)]);
        read.add(Contender::Null, vec![("logins", 100.0)]);
        let row = Row {
            key: "logins",
            says: "logins",
            goals: &[
                Goal::AtLeast(0.8, Contender::Null),
                Goal::AtMost(0.8, Contender::Null),
                Goal::AtLeast(2.0, Contender::Dovecot),
                Goal::Below(70.0),
            ],
        };
        assert_eq!(
            goals(&row, &read),
            [
                "≥ 0.8 x null: **not met** (0.70)",
                "≤ 0.8 x null: met (0.70)",
                "≥ 2 x Dovecot: not measured",
                "≤ 70: met"
            ]
        );
    }
}
