//! A file as a reader gets it. It opens none.

/// A file: what it is called, and its contents.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'a> {
    /// Where it lies on the device, `~` for the person's home, if that is known; otherwise where it was found. With `/`
    /// between its parts.
    pub path: &'a str,
    /// The contents.
    pub bytes: &'a [u8],
}

impl<'a> SourceFile<'a> {
    /// A file of which nothing but the contents is known.
    #[must_use]
    pub fn nameless(bytes: &'a [u8]) -> Self {
        Self { path: "", bytes }
    }
}
