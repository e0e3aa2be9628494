//! The UIDVALIDITY that a run begins with: greater than those of every earlier run, from the time and from a file in
//! the user's state folder that holds the next number. Runs that follow each other quickly, or assign many numbers, get
//! ahead of the time. If no file can be kept, the time alone is used.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use provost_mockmail::uid_validity_at;

/// The numbers that are a run's own.
pub(super) struct Claim {
    first: NonZeroU32,
    file: Option<PathBuf>,
}

impl Claim {
    /// Numbers that no run of this user has given; from `asked` on, if it was.
    pub(super) fn of(asked: Option<NonZeroU32>, now: SystemTime) -> Self {
        if let Some(first) = asked {
            return Self { first, file: None };
        }
        Self::kept_in(file(), now)
    }

    fn kept_in(file: Option<PathBuf>, now: SystemTime) -> Self {
        let time = uid_validity_at(now);
        // A folder that cannot be written is no reason to serve nobody.
        let claimed = file.and_then(|file| claim(&file, time).ok().map(|first| Self { first, file: Some(file) }));
        claimed.unwrap_or(Self { first: time, file: None })
    }

    pub(super) fn first(&self) -> NonZeroU32 {
        self.first
    }

    /// Says at the end which number comes next; without it, after a crash, all that were claimed count as given.
    pub(super) fn end(self, next: u32) {
        let reserved = self.first.get().saturating_add(ROOM);
        if let Some(file) = &self.file {
            // What was claimed stays claimed, which costs numbers and nothing else.
            locked(file, |next_of_all| if next_of_all <= reserved.max(next) { next } else { next_of_all }).ok();
        }
    }
}

/// Takes room behind what was claimed before, but not behind the time.
fn claim(file: &Path, time: NonZeroU32) -> io::Result<NonZeroU32> {
    let mut first = time;
    locked(file, |next_of_all| {
        let beyond = NonZeroU32::new(next_of_all).filter(|next| next.checked_add(ROOM).is_some());
        first = beyond.unwrap_or(time).max(time);
        first.get().saturating_add(ROOM)
    })?;
    Ok(first)
}

/// Changes the number in the file, while no other run does.
fn locked(file: &Path, change: impl FnOnce(u32) -> u32) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(file)?;
    file.lock()?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let next = change(text.trim().parse().unwrap_or(0));
    file.seek(SeekFrom::Start(0))?;
    file.set_len(0)?;
    writeln!(file, "{next}")
}

/// In the user's folder for state (XDG Base Directory Specification), or where Windows has programs keep theirs.
fn file() -> Option<PathBuf> {
    let folder = |variable| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || folder("HOME").map(|home| home.join(".local/state"));
    let state = folder("XDG_STATE_HOME").or_else(home).or_else(|| folder("LOCALAPPDATA"))?;
    Some(state.join("provost/next-uid-validity"))
}

/// How many numbers a run may give before it has to say how many it has given.
const ROOM: u32 = 4096;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_two_runs_begin_with_the_same_number() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("provost/next");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let claim = |now| Claim::kept_in(Some(file.clone()), now);
        let one = claim(now);
        assert_eq!(one.first(), uid_validity_at(now));
        // Both run at once; the first one gives more than it had room for.
        let other = claim(now);
        assert!(other.first().get() >= one.first().get() + ROOM);
        let given = one.first().get() + 3 * ROOM;
        one.end(given);
        other.end(given - 1);
        let third = claim(now);
        assert_eq!(third.first().get(), given);
        // It ends in good order: what it did not give is free.
        third.end(given + 6);
        assert_eq!(claim(now).first().get(), given + 6);
        let later = now + Duration::from_secs(86_400);
        assert_eq!(claim(later).first(), uid_validity_at(later));
    }

    #[test]
    fn a_file_that_says_nothing_or_cannot_be_kept_leaves_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        for text in ["", "soon", "4294967295"] {
            let file = folder.path().join("next");
            fs::write(&file, text).unwrap();
            assert_eq!(Claim::kept_in(Some(file), now).first(), uid_validity_at(now), "{text:?}");
        }
        assert_eq!(Claim::kept_in(Some(folder.path().to_owned()), now).first(), uid_validity_at(now));
        assert_eq!(Claim::kept_in(None, now).first(), uid_validity_at(now));
    }
}
