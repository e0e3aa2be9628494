//! The targets, one file each. What several speak is here too.

pub(crate) mod folder;
pub(crate) mod kmfddm;
pub(crate) mod nanohub;
pub(crate) mod nanomdm;

mod ddm_api;
mod enqueue_api;
