//! Where the files go: a folder, or an archive. What they contain is not its business.

pub(crate) mod archive;
pub(crate) mod folder;
pub(crate) mod pack;
pub(crate) mod zip;

use std::path::{Path, PathBuf};

/// Where the files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A folder.
    Folder(PathBuf),
    /// A file that is written whole.
    Archive(ArchiveFormat, PathBuf),
    /// Standard output, as a tar archive.
    Pipe,
}

/// A kind of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ArchiveFormat {
    Tar,
    TarZst,
    Zip,
}

impl Target {
    /// What a name means: `-`, the end of an archive's name, or else a folder.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_ascii_lowercase();
        let ends = |end: &str| name.len() > end.len() && name.ends_with(end);
        match () {
            () if path == Path::new("-") => Self::Pipe,
            () if ends(".tar") => Self::Archive(ArchiveFormat::Tar, path.to_owned()),
            () if ends(".tar.zst") => Self::Archive(ArchiveFormat::TarZst, path.to_owned()),
            () if ends(".zip") => Self::Archive(ArchiveFormat::Zip, path.to_owned()),
            () => Self::Folder(path.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &Target) {
        assert_eq!(Target::of(Path::new(path)), *expected);
    }

    #[test]
    fn the_end_of_the_name_decides() {
        let archive = |format, path: &str| Target::Archive(format, path.into());
        check("-", &Target::Pipe);
        check("out/Profiles.TAR", &archive(ArchiveFormat::Tar, "out/Profiles.TAR"));
        check("a.tar.zst", &archive(ArchiveFormat::TarZst, "a.tar.zst"));
        check("a.zip", &archive(ArchiveFormat::Zip, "a.zip"));
        check(".zip", &Target::Folder(".zip".into()));
        check("profiles", &Target::Folder("profiles".into()));
        check("a.tar/", &archive(ArchiveFormat::Tar, "a.tar/"));
    }
}
