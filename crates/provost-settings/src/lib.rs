//! From a settings file and a user list to a mail service and its accounts, with all mistakes reported at once: place,
//! stable code, fix.
//!
//! No I/O: the caller reads the files. It knows no profile format.

mod automx2;
mod identities;
mod settings;
mod source_text;
mod users;

pub use automx2::{is_automx2_seed, read_automx2_seed};
pub use identities::identity_of;
pub use settings::{
    Deploy, DeployNames, DeployServer, SecretSource, SettingsKey, SettingsPart, Webhook, against_published,
    past_certificate, past_dates, read_deploy, read_service, read_settings, settings_keys, write_certificates,
    write_service, write_settings, write_with_comments,
};
pub use source_text::Read;
pub use users::{
    BadRow, Batch, Batches, ColumnChoice, ColumnChoiceError, Duplicates, Encoding, EncodingError, Extent, Fingerprints,
    Group, Kind, LIST_START_OCTETS, List, ListOptions, People, Person, Rows, SortedFingerprints, Survey, Surveyed,
    User, Users, fingerprint, read_users,
};
