//! The folder that `generate` writes: writing without partial files, and what in it is not ours.

pub(crate) mod folder;
pub(crate) mod strangers;
