//! Which kind of device a profile is for. Not whether that device would take it.

use super::dictionary::Dictionary;
use crate::findings::Findings;

/// Which kind of device a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    Ios,
    MacOs,
    VisionOs,
}

impl Device {
    /// `TargetDeviceType` decides; else the scope, which a Mac has and an iPhone has not.
    pub(super) fn of(top: &Dictionary<'_>, findings: &mut Findings) -> Self {
        match top.integer("TargetDeviceType", findings) {
            Some(5) => Self::MacOs,
            Some(6) => Self::VisionOs,
            Some(_) => Self::Ios,
            None if top.string("PayloadScope", findings) == Some("User") => Self::MacOs,
            None => Self::Ios,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ios => "iOS",
            Self::MacOs => "macOS",
            Self::VisionOs => "visionOS",
        }
    }
}
