//! What each program does with its files, and how that is proven: a function for each row of the table.

pub(crate) mod apple;
pub(crate) mod command_line;
pub(crate) mod delta_chat;
pub(crate) mod evolution;
pub(crate) mod judges;
pub(crate) mod pictures;
pub(crate) mod readers;
pub(crate) mod thunderbird;
