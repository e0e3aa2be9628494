//! What is written: a format, and for which kind of device. Which of their files are signed.

use std::path::Path;

use provost_profile::{FileName, Format, Variant, Write};

/// A format and one of its variants.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The format.
    pub format: &'static Format,
    /// The variant.
    pub variant: &'static Variant,
}

impl Kind {
    /// Every format and variant, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        provost_profile::formats()
            .iter()
            .flat_map(|format| format.variants.iter().map(move |variant| Self { format, variant }))
    }

    /// The variant's name, where the format has several.
    #[must_use]
    pub fn variant_name(self) -> Option<&'static str> {
        Some(self.variant.name).filter(|name| !name.is_empty())
    }

    /// Whether files of it are signed.
    #[must_use]
    pub fn is_signed(self) -> bool {
        matches!(self.variant.write, Write::User(_)) && is_signed(self.format.name, self.variant_name())
    }

    /// Where its files lie.
    #[must_use]
    pub fn folder(self) -> String {
        with_variant(self.format.name, self.variant_name())
    }

    /// Whether it is of a person's own files.
    #[must_use]
    pub fn is_personal(self) -> bool {
        matches!(self.variant.write, Write::User(_))
    }
}

/// `FORMAT/VARIANT`, or only the format where it has one variant.
#[must_use]
pub fn with_variant(format: &str, variant: Option<&str>) -> String {
    variant.map_or_else(|| format.to_owned(), |variant| format!("{format}/{variant}"))
}

/// The path of a file in its folder; `stem` says whose it is.
pub(crate) fn path_of(folder: &str, stem: &str, name: &FileName) -> String {
    match name {
        FileName::Own { part: Some(part), extension } => [folder, "/", stem, ".", part, ".", extension].concat(),
        FileName::Own { part: None, extension } => [folder, "/", stem, ".", extension].concat(),
        FileName::Below(path) => [folder, "/", stem, "/", path].concat(),
    }
}

/// Whether that variant of a format is signed, if it is one person's: what a person installs by hand. What a management
/// server fills in would not fit its signature any more, and what it installs needs none.
#[must_use]
pub fn is_signed(format: &str, variant: Option<&str>) -> bool {
    SIGNED.iter().any(|(its, only)| *its == format && (only.is_none() || *only == variant))
}

/// Whether a format has variants that are signed.
#[must_use]
pub fn is_of_a_signed_format(format: &str) -> bool {
    SIGNED.iter().any(|(its, _)| *its == format)
}

/// Whether a device takes a file of this name for a profile: the others of a signed kind are not signed.
#[must_use]
pub fn is_a_profiles_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "mobileconfig")
}

/// The formats of which files are signed; all variants, or one.
const SIGNED: &[(&str, Option<&str>)] = &[("apple-ddm", Some("manual")), ("apple-mobileconfig", None)];
