//! The targets, one file each. What several speak is here too.

pub(crate) mod apple_business;
pub(crate) mod fleet;
pub(crate) mod folder;
pub(crate) mod intune;
pub(crate) mod jamf_pro;
pub(crate) mod kmfddm;
pub(crate) mod nanohub;
pub(crate) mod nanomdm;
pub(crate) mod simplemdm;

mod ddm_api;
mod enqueue_api;
mod hosted;
