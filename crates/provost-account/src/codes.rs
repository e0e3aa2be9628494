//! Every finding code and what it says about a file: one constant each, so that a wrong code does not compile. The
//! tables are separated by kind of file: a code may mean something else in settings than in a profile.

pub mod fleet;
pub mod import;
pub mod profile;
pub mod settings;

use crate::Severity;

/// A kind of finding. There are no others than the constants here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The stable name, lower case with hyphens: `unknown-key`.
    pub name: &'static str,
    /// What is looked at.
    pub about: About,
    /// Whether the file can be used all the same.
    pub severity: Severity,
    /// What it says about a file.
    pub title: &'static str,
    /// Of a profile's rules: the names of the formats that it is for, with blanks between them; `*` is every format.
    pub formats: &'static str,
    /// How to fix it, wherever it is; empty if only the finding can tell.
    pub fix: &'static str,
    /// The RFC section, vendor page or observation that the rule is based on; empty where the format is our own.
    pub source: &'static str,
    /// What it is based on for the programs whose own source it is.
    pub of: &'static [Of],
}

/// What a rule is based on for the programs of some formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Of {
    /// Names of formats, with blanks between them.
    pub formats: &'static str,
    /// The program's documentation, or an observation.
    pub source: &'static str,
}

impl Code {
    /// Whether it is a rule for files of the format.
    #[must_use]
    pub fn is_for(&self, format: &str) -> bool {
        self.formats == "*" || self.formats.split(' ').any(|it| it == format)
    }

    /// What the rule is based on for a file of the format.
    #[must_use]
    pub fn source_for(&self, format: &str) -> &'static str {
        let own = self.of.iter().find(|of| of.formats.split(' ').any(|it| it == format));
        own.map_or(self.source, |of| of.source)
    }
}

/// What a code is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Settings and user lists.
    Settings,
    /// One profile, as its device reads it.
    Profile,
    /// Accounts, alone and compared with each other.
    Fleet,
    /// The way back from profiles to settings.
    Import,
}

impl About {
    /// The name in lists of rules.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Profile => "profile",
            Self::Fleet => "fleet",
            Self::Import => "import",
        }
    }
}

/// Every code, by what it is about.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [settings::ALL, profile::ALL, fleet::ALL, import::ALL].into_iter().flatten().copied()
}

/// A constant for each row, and all of them as `ALL`.
macro_rules! codes {
    ($about:ident; $($severity:ident $constant:ident $name:literal:
        $title:literal $(, for: $for:literal)? $(, fix: $fix:literal)? $(, source: $source:expr)?
        $(, of: { $($formats:literal => $own:expr),* $(,)? })?;)*) => {
        $(
            #[doc = $title]
            pub const $constant: &crate::Code = &crate::Code {
                name: $name,
                about: crate::About::$about,
                severity: crate::Severity::$severity,
                title: $title,
                formats: [$($for,)? ""][0],
                fix: [$($fix,)? ""][0],
                source: [$($source,)? ""][0],
                of: &[$($(crate::codes::Of { formats: $formats, source: $own }),*)?],
            };
        )*

        /// All of them, as they are listed.
        pub const ALL: &[&crate::Code] = &[$($constant),*];

        #[cfg(test)]
        #[test]
        fn constants_and_names_are_alike() {
            $(assert_eq!(stringify!($constant).to_lowercase().replace('_', "-"), $name);)*
        }
    };
}
use codes;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_alphabetical_order() {
        for table in [settings::ALL, profile::ALL, import::ALL] {
            assert!(table.is_sorted_by_key(|code| code.name));
        }
    }
}
