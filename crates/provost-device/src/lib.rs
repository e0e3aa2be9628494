//! From the file that a device imports to what that device would do: which servers, which login, what it fills in
//! itself, what it ignores. One file per format, one table.
//!
//! No I/O, no clock. It does not know how profiles are written: that is another crate, on purpose.

mod across_files;
mod apple_container;
mod as_version;
mod contradictions;
mod dates;
mod encoding;
mod fit;
mod formats;
mod help_desk;
mod import;
mod ini;
mod key_file;
mod mailbox;
mod mdm;
mod msmtprc;
mod pem;
mod person;
mod picture;
mod reading;
mod second_file;
mod server_url;
mod signers;
mod source_file;
mod source_text;
mod spelling;
mod takeover;
mod understood;
mod xml;

pub use across_files::{Member, across_files};
pub use apple_container::without_signature;
pub use as_version::{AsVersion, AsVersionError, Versions, versions};
pub use contradictions::contradictions;
pub use dates::{dates, valid_until};
pub use fit::{Misfit, misfit, misfit_finding};
pub use formats::{AutodiscoverRedirect, Format, OnlyRead, formats, leads, only_read, recognize};
pub use help_desk::{Unusual, unusual};
pub use import::{Cleartext, Shown, filled_in, of_service, service};
pub use person::{Person, for_nobody, nobody, with_placeholders};
pub use picture::has_no_code;
pub use reading::{Reading, Verdict};
pub use second_file::{Change, Difference, SecondFile, change};
pub use signers::{Authorities, Signer, signers};
pub use source_file::SourceFile;
pub use takeover::{Takeover, takeover};
pub use understood::{Assumption, Identifier, Ignored, Payload, Provider, Said, Understood};
