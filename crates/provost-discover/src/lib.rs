//! What is known about a domain's mail service, each value with its source: the providers table and guides. The best source
//! counts, and what others say otherwise is a contradiction.
//!
//! It does not print, ask, or write settings.

mod choice;
mod guide;
mod opinion;
mod source;
mod table;

pub use choice::{Choice, Chosen, Contradiction, Disagreement, Voice, choose};
pub use guide::{GUIDE_OCTETS_MAX, read_guide};
pub use opinion::{Note, Opinion, Said};
pub use source::{Source, SourceKind};
pub use table::known;
