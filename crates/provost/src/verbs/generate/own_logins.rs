//! The loss of a file for several people that gives some of them the wrong login name. Which name it gives is what its
//! device reads.

use provost_device::SourceFile;
use provost_generate::Kind;
use provost_generate::manifest::{Loss, Scope};
use provost_settings::People;

use crate::misfits::{Misfits, misfits};

/// The loss, with the number of such people; `None`: the file fits everybody. `files` have their places on the device, or
/// their paths.
pub(super) fn loss(kind: Kind, scope: &Scope, files: &[(&str, &[u8])], people: &People) -> Option<Loss> {
    let device = provost_device::formats().iter().find(|device| device.name == kind.format.name)?;
    let mut files: Vec<SourceFile<'_>> = files.iter().map(|(path, bytes)| SourceFile { path, bytes }).collect();
    let opened_first = files.iter().position(|file| device.recognizes(file))?;
    files.swap(0, opened_first);
    let Misfits { count, people, address, misfit } = misfits(people, scope, |person| device.read(&files, person))?;
    Some(Loss {
        setting: "username".to_owned(),
        asked: format!("of {count} of {people} people, such as {} of {address},", misfit.own),
        written: Some(misfit.given.to_string()),
        reason: "the file makes everybody's login name alike; these people need files of their own".to_owned(),
    })
}
