//! The folder that `generate` writes and `verify` reads: file names, the manifest, and writing without partial files.

pub(crate) mod declared;
pub(crate) mod folder;
pub(crate) mod manifest;
pub(crate) mod names;
pub(crate) mod strangers;

/// The service that the profiles were made for, without secrets.
pub(crate) const SERVICE_FILE: &str = "service.json";
/// One JSON line per file.
pub(crate) const MANIFEST_FILE: &str = "manifest.jsonl";
