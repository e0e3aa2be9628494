//! The versions by which a program's reading of its file differs, and the one that is asked for: `aerc@0.14`. What differs
//! is known to the readers. Without a version, a reader takes what the newest does.

use std::str::FromStr;

use thiserror::Error;

/// A version of a program whose format is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsVersion {
    /// The format.
    pub format: &'static str,
    /// The first version that reads files in that way.
    since: &'static str,
}

/// How a program's versions differ.
#[derive(Debug, Clone, Copy)]
pub struct Versions {
    /// The format.
    pub format: &'static str,
    /// The versions that began to read files in another way, oldest first; `0` is the first of all.
    pub since: &'static [&'static str],
    /// What differs, with its source.
    pub differs: &'static str,
}

/// Why a text is no version of a program.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AsVersionError {
    /// There is no `@` with a number after it.
    #[error("expected PROGRAM@VERSION, such as aerc@0.14; there is {}", known())]
    NoVersion,
    /// The versions of that program are not told apart.
    #[error("the versions of {program:?} are not told apart; there is {}", known())]
    UnknownProgram {
        /// What was asked for.
        program: String,
    },
}

impl AsVersion {
    /// Whether this version is older than another of the same program.
    pub(crate) fn is_before(self, other: &str) -> bool {
        numbers(self.since) < numbers(other)
    }
}

impl FromStr for AsVersion {
    type Err = AsVersionError;

    fn from_str(text: &str) -> Result<Self, AsVersionError> {
        let (program, version) = text.split_once('@').ok_or(AsVersionError::NoVersion)?;
        let asked = numbers(version).ok_or(AsVersionError::NoVersion)?;
        let name = match program.to_ascii_lowercase().as_str() {
            "isync" => "mbsync",
            "thunderbird" => "thunderbird-autoconfig",
            _ => program,
        };
        let found = VERSIONS.iter().find(|it| it.format.eq_ignore_ascii_case(name));
        let found = found.ok_or_else(|| AsVersionError::UnknownProgram { program: program.to_owned() })?;
        let fitting = found.since.iter().rev().find(|since| numbers(since).is_some_and(|it| it <= asked));
        Ok(Self { format: found.format, since: fitting.unwrap_or(&found.since[0]) })
    }
}

/// The programs whose versions are told apart.
#[must_use]
pub fn versions() -> &'static [Versions] {
    VERSIONS
}

/// The parts of a version; `None`: one of them is no number.
fn numbers(version: &str) -> Option<Vec<u32>> {
    version.trim_start_matches('v').split('.').map(|part| part.parse().ok()).collect()
}

fn known() -> String {
    let each = |it: &Versions| {
        let since: Vec<&str> = it.since.iter().copied().filter(|since| *since != "0").collect();
        format!("{} (other since {})", it.format, since.join(" and "))
    };
    VERSIONS.iter().map(each).collect::<Vec<_>>().join(", ")
}

/// Alphabetical.
const VERSIONS: &[Versions] = &[
    Versions {
        format: "aerc",
        since: &["0", "0.15"],
        differs: "smtp:// is STARTTLS since 0.15; before, it is without TLS unless smtp-starttls is on (aerc, CHANGELOG.md)",
    },
    Versions {
        format: "himalaya",
        since: &["0", "1", "2"],
        differs: "each has its own keys: imap-host, backend.host, imap.server (himalaya, config.sample.toml)",
    },
    Versions {
        format: "mbsync",
        since: &["0", "1.5"],
        differs: "1.5 has TLSType and no longer UseIMAPS and its like (observed: isync 1.4.4 and 1.5.1, 2026-11)",
    },
    Versions {
        format: "msmtp",
        since: &["0", "1.8.24", "1.8.29"],
        differs: "from_full_name is new in 1.8.24, set_to_header in 1.8.29 (msmtp, NEWS); older ones reject the file",
    },
    Versions {
        format: "thunderbird-autoconfig",
        since: &["0", "149"],
        differs: "149 sets up an Exchange server that is named first; before, it was passed over",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_last_change_before_it() {
        let since = |text: &str| text.parse::<AsVersion>().map(|it| (it.format, it.since));
        assert_eq!(since("aerc@0.14"), Ok(("aerc", "0")));
        assert_eq!(since("aerc@0.14.0"), Ok(("aerc", "0")));
        assert_eq!(since("aerc@0.15.0"), Ok(("aerc", "0.15")));
        assert_eq!(since("aerc@0.22"), Ok(("aerc", "0.15")));
        assert_eq!(since("himalaya@1.1.0"), Ok(("himalaya", "1")));
        assert_eq!(since("isync@1.4.4"), Ok(("mbsync", "0")));
        assert_eq!(since("msmtp@1.8.25"), Ok(("msmtp", "1.8.24")));
        assert_eq!(since("Thunderbird@140"), Ok(("thunderbird-autoconfig", "0")));
        assert_eq!(since("aerc"), Err(AsVersionError::NoVersion));
        assert_eq!(since("aerc@new"), Err(AsVersionError::NoVersion));
        assert_eq!(since("pine@4"), Err(AsVersionError::UnknownProgram { program: "pine".to_owned() }));
    }

    #[test]
    fn an_error_lists_what_there_is() {
        let error = "pine@4".parse::<AsVersion>().expect_err("no such program");
        assert_eq!(
            error.to_string(),
            "the versions of \"pine\" are not told apart; there is aerc (other since 0.15), \
             himalaya (other since 1 and 2), mbsync (other since 1.5), msmtp (other since 1.8.24 and 1.8.29), \
             thunderbird-autoconfig (other since 149)"
        );
    }
}
