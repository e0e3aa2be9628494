//! Elements of XML, and of HTML that is also XML: quick-xml escapes, and characters that neither may hold are replaced. And
//! the file that they go to, which appears completely or not at all. It knows nothing about mail.

use std::borrow::Cow;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use tempfile::NamedTempFile;

/// Something that elements are written to.
pub(super) struct Markup<W: Write>(Writer<W>);

impl<W: Write> Markup<W> {
    pub(super) fn new(to: W) -> Self {
        Self(Writer::new(to))
    }

    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Start(start(name, attributes)))
    }

    pub(super) fn close(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))?;
        self.raw("\n")
    }

    /// An element without contents.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Empty(start(name, attributes)))?;
        self.raw("\n")
    }

    /// Text of one line.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.0.write_event(Event::Text(BytesText::new(&clean(text))))
    }

    pub(super) fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        self.open(name, attributes)?;
        self.text(text)?;
        self.close(name)
    }

    /// What is markup already.
    pub(super) fn raw(&mut self, markup: &str) -> io::Result<()> {
        self.0.get_mut().write_all(markup.as_bytes())
    }

    pub(super) fn into_inner(self) -> W {
        self.0.into_inner()
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, &*clean(value)));
    }
    start
}

/// The text without control characters and without those that XML 1.0 forbids (section 2.2).
fn clean(text: &str) -> Cow<'_, str> {
    let is_forbidden = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    match text.contains(is_forbidden) {
        true => Cow::Owned(text.replace(is_forbidden, "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

/// A file that is being written beside its place.
pub(super) struct Draft {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Draft {
    /// Begins a file. One that is there stays until this one is complete; what is no file stays for ever.
    pub(super) fn begin(path: &Path) -> anyhow::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        anyhow::ensure!(!path.exists() || path.is_file(), "{} is not a file", path.display());
        let file = temporary(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, file: BufWriter::new(file) })
    }

    /// A temporary file in the same folder, which goes when it is closed.
    pub(super) fn beside(&self) -> anyhow::Result<BufWriter<fs::File>> {
        let file = tempfile::tempfile_in(folder(&self.path));
        Ok(BufWriter::new(file.with_context(|| format!("cannot write beside {}", self.path.display()))?))
    }

    /// Puts the file in its place.
    pub(super) fn finish(
        self,
        write: impl FnOnce(&mut BufWriter<NamedTempFile>) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let Self { path, mut file } = self;
        let written = || -> io::Result<()> {
            write(&mut file)?;
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.persist(&path)?;
            Ok(())
        };
        written().with_context(|| format!("cannot write {}", path.display()))
    }
}

/// A report is for others too, so its mode is that of any new file.
fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(path))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
