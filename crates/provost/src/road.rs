//! The road that every verb takes with other people's files and with those of `generate`: find them, load their bytes,
//! recognise the format, know whose they are, read them as the device does. One profile at a time: nothing here keeps the
//! contents of one while it looks for the next.

pub(crate) mod find;
pub(crate) mod generated;
pub(crate) mod profile;
pub(crate) mod sample;
