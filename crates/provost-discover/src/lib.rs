//! What is known about a domain's mail service, each value with its source: the providers table, guides, and what the
//! network says about it. The best source counts, and what others say otherwise is a contradiction.
//!
//! It does not print, ask a person, or write settings, and it logs in nowhere.

mod choice;
mod guide;
mod opinion;
mod source;
mod sources;
mod table;
mod unpublished;

pub use choice::{Choice, Chosen, Contradiction, Disagreement, Voice, choose};
pub use guide::{GUIDE_OCTETS_MAX, read_guide};
pub use opinion::{Note, Opinion, Said};
pub use source::{Source, SourceKind};
pub use sources::{
    Asked, Asking, Database, DatabaseError, Discovered, Guesses, Nothing, discover, discover_in_folder, is_outside,
};
pub use table::known;
pub use unpublished::{Unpublished, unpublished};
