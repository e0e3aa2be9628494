//! The verbs of the command line, one file each.

pub(crate) mod deploy;
pub(crate) mod diff;
pub(crate) mod dns;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod formats;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod lint;
pub(crate) mod mock;
pub(crate) mod resign;
pub(crate) mod sign;
pub(crate) mod unsign;
pub(crate) mod verify;
