//! From a settings file and a user list to a mail service and its accounts, with all mistakes reported at once: place,
//! stable code, fix.
//!
//! No I/O: the caller reads the files. It knows no profile format.

mod automx2;
mod identities;
mod service_json;
mod settings;
mod source_text;
mod users;

pub use automx2::{is_automx2_seed, read_automx2_seed};
pub use identities::add_identities;
pub use service_json::{read_service, write_service};
pub use settings::{past_certificate, past_dates, read_settings, write_certificates, write_settings};
pub use users::{Extent, Person, User, UserFormat, Users, read_each_person, read_users};

use provost_account::Finding;

/// What a file says, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The value; `None` if some finding is an error.
    pub value: Option<T>,
    /// At most 101 of them, in the order of the lines.
    pub findings: Vec<Finding>,
}
