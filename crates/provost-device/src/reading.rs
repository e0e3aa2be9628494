//! What a reader gives: the accounts of a file, or the findings for which the device refuses it. How it comes to either,
//! the format's reader knows.

use provost_account::Finding;

use crate::understood::Understood;

/// A file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The accounts that the device would set up.
    pub profiles: Vec<Understood>,
    /// What is wrong with the file, or worth a look, in the order of the lines.
    pub findings: Vec<Finding>,
}
