//! The loss of a file for several people that gives some of them the wrong login name. Which name it gives is what its
//! device reads.

use provost_account::Service;
use provost_device::SourceFile;
use provost_settings::User;

use super::plan::Made;
use crate::misfits::{LoginKinds, Misfits};
use provost_generate::manifest::{Loss, Scope};

/// The loss, with the number of such people; `None`: the file fits everybody, or is one person's.
pub(super) fn loss(made: &Made<'_>, service: &Service, users: &[User]) -> Option<Loss> {
    let scope = made.whom.scope();
    if scope == Scope::User {
        return None;
    }
    let profile = made.written.as_ref().ok()?;
    let device = provost_device::formats().iter().find(|device| device.name == made.kind.format.name)?;
    let places: Vec<String> =
        profile.files.iter().map(|file| file.install.clone().unwrap_or_else(|| made.path(file))).collect();
    let files = places.iter().zip(&profile.files);
    let mut files: Vec<SourceFile<'_>> = files.map(|(path, file)| SourceFile { path, bytes: &file.bytes }).collect();
    let opened_first = files.iter().position(|file| device.recognizes(file))?;
    files.swap(0, opened_first);
    let mut logins = LoginKinds::default();
    users.iter().for_each(|user| logins.add(&user.account.address, user.account.login(), Some(&service.login)));
    let Misfits { count, people, address, misfit } = logins.misfits(&scope, |person| device.read(&files, person))?;
    Some(Loss {
        setting: "username".to_owned(),
        asked: format!("of {count} of {people} people, such as {} of {address},", misfit.own),
        written: Some(misfit.given.to_string()),
        reason: "the file makes everybody's login name alike; these people need files of their own".to_owned(),
    })
}
