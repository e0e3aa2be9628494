//! A profile: one file, or several that belong together, with their bytes, their format and whose they are. What a device
//! makes of them is the device's business.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use provost_account::{Certificate, EmailAddress, Finding};
use provost_device::{AsVersion, Format, Person, Reading, Signer, SourceFile, Verdict};

use super::generated::Generated;
use crate::failure::Failure;
use crate::{authorities, input, today};
use provost_generate::manifest::Entry;
use provost_generate::sha256;

/// A profile's files, and what the manifest beside them says.
#[derive(Debug)]
pub(crate) struct Profile {
    /// The first file that was named.
    named: PathBuf,
    generated: Option<(Rc<Generated>, Entry)>,
    /// The format, if it is one that is known here.
    pub(crate) format: Option<&'static Format>,
    /// The file that the device opens first comes first.
    files: Vec<LoadedFile>,
    /// The version of the program that is asked for.
    version: Option<AsVersion>,
}

/// A file's bytes.
#[derive(Debug)]
pub(crate) struct LoadedFile {
    pub(crate) path: PathBuf,
    on_device: String,
    pub(crate) bytes: Vec<u8>,
}

/// As which version of a program files are read.
#[derive(Debug, Default)]
pub(crate) struct ReadAs {
    version: Option<AsVersion>,
    is_met: bool,
}

impl ReadAs {
    pub(crate) fn of(version: Option<AsVersion>) -> Self {
        Self { version, is_met: false }
    }

    /// The same profile, read so.
    pub(crate) fn this(&mut self, profile: Profile) -> Profile {
        self.is_met |= self.version.is_some_and(|it| profile.format.is_some_and(|format| format.name == it.format));
        Profile { version: self.version, ..profile }
    }

    /// Says so if none of the files was of that program.
    pub(crate) fn finish(&self) {
        if let Some(AsVersion { format, .. }) = self.version.filter(|_| !self.is_met) {
            eprintln!("note: --as changes nothing: none of the files is in the format {format}");
        }
    }
}

impl Profile {
    /// Puts together the files, at least one, in the order in which they were named.
    pub(crate) fn of(mut files: Vec<LoadedFile>, generated: Option<(Rc<Generated>, Entry)>) -> Self {
        let named = files[0].path.clone();
        let leads = files.iter().position(|file| provost_device::leads(&file.as_source()));
        files.swap(0, leads.unwrap_or(0));
        let format = provost_device::recognize(&files[0].as_source());
        Self { named, generated, format, files, version: None }
    }

    /// Adds files that may belong to it.
    pub(crate) fn add(&mut self, beside: impl IntoIterator<Item = LoadedFile>) {
        self.files.extend(beside);
    }

    /// The first file that was named.
    pub(crate) fn named(&self) -> &Path {
        &self.named
    }

    /// The file that the device opens first.
    pub(crate) fn path(&self) -> &Path {
        &self.files[0].path
    }

    /// What is in that file.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.files[0].bytes
    }

    /// Every file.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.files.iter().map(|file| file.path.display().to_string()).collect()
    }

    /// The format; a file in none that is known here is a failure.
    pub(crate) fn format(&self) -> Result<&'static Format, Failure> {
        self.format.ok_or_else(|| unknown_format(self.path()))
    }

    /// The folder that `generate` wrote it into, if it lies in one.
    pub(crate) fn generated(&self) -> Option<&Rc<Generated>> {
        self.generated.as_ref().map(|(generated, _)| generated)
    }

    /// The first file's entry in that folder's manifest.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        self.generated.as_ref().map(|(_, entry)| entry)
    }

    /// The entry, if its file is byte for byte what was written then.
    pub(crate) fn entry_as_written(&self) -> Option<&Entry> {
        self.entry().filter(|entry| self.files.iter().any(|file| sha256(&file.bytes) == entry.sha256))
    }

    /// Whose it is: somebody who is given, or whom the manifest names.
    pub(crate) fn whose(&self, given: Option<&EmailAddress>) -> Person {
        let address = given.or_else(|| self.entry()?.address.as_ref()).cloned();
        Person { address, full_name: None }
    }

    /// Whether both have the same bytes.
    pub(crate) fn is_the_same_as(&self, other: &Self) -> bool {
        self.files.iter().map(|file| &file.bytes).eq(other.files.iter().map(|file| &file.bytes))
    }

    /// What the device makes of it.
    ///
    /// # Errors
    ///
    /// Why it refuses it.
    pub(crate) fn read(&self, format: &Format, person: &Person) -> Result<Reading, Vec<Finding>> {
        let reading = self.look(format, person);
        match reading.verdict {
            Verdict::Taken => Ok(reading),
            Verdict::Refused => Err(reading.findings),
        }
    }

    /// What can be read of it, even if the device refuses it, and every finding.
    pub(crate) fn look(&self, format: &Format, person: &Person) -> Reading {
        let files: Vec<SourceFile<'_>> = self.files.iter().map(LoadedFile::as_source).collect();
        format.look_as(&files, person, self.version)
    }

    /// Who signed it, and what is wrong with their certificates today. Besides the system's authorities, those count that
    /// the settings of its folder trust, and `trust`.
    pub(crate) fn signers(&self, trust: &[Certificate]) -> (Vec<Signer>, Vec<Finding>) {
        let files: Vec<SourceFile<'_>> = self.files.iter().map(LoadedFile::as_source).collect();
        let of_settings = self.generated().map_or(&[][..], |generated| generated.trust());
        provost_device::signers(&files, today::today(), authorities::system, &[trust, of_settings].concat())
    }
}

impl LoadedFile {
    /// Reads a file of at most `octets_max`.
    pub(crate) fn read(path: &Path, octets_max: u64) -> Result<Self, Failure> {
        let bytes = input::read(path, octets_max)?;
        Ok(Self { path: path.to_owned(), on_device: path.to_string_lossy().replace('\\', "/"), bytes })
    }

    /// The same file, with the place on the device where it goes.
    pub(crate) fn installed_at(self, install: Option<String>) -> Self {
        Self { on_device: install.unwrap_or(self.on_device), ..self }
    }

    /// Whether it is a profile of its own.
    pub(crate) fn is_a_profile(&self) -> bool {
        provost_device::recognize(&self.as_source()).is_some()
    }

    /// Whether it is a picture without a code: by its name somebody asks for it, in a folder it is some picture.
    pub(crate) fn is_a_picture_without_a_code(&self) -> bool {
        provost_device::has_no_code(&self.as_source())
    }

    fn as_source(&self) -> SourceFile<'_> {
        SourceFile { path: &self.on_device, bytes: &self.bytes }
    }
}

/// The failure for files with errors: their devices would refuse them, as far as anybody has seen what those do.
pub(crate) fn refused(files: &[(String, &'static Format)]) -> Failure {
    let named = |is_known: bool| {
        let files = files.iter().filter(|(_, format)| format.is_known_to_refuse() == is_known);
        files.map(|(file, _)| file.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (known, unknown) = (named(true), named(false));
    Failure::found_above(match (known.as_str(), unknown.as_str()) {
        (known, "") => anyhow::anyhow!("a device would refuse {known}"),
        ("", unknown) => anyhow::anyhow!("whether a device refuses {unknown} is not known"),
        (known, unknown) => anyhow::anyhow!("a device would refuse {known}; whether it refuses {unknown} is not known"),
    })
}

/// The failure for a file that is no profile of a known format.
pub(crate) fn unknown_format(file: &Path) -> Failure {
    let names: Vec<&str> = provost_device::formats().iter().map(|format| format.name).collect();
    let names = names.join(", ");
    let hint = format!(
        "the known formats are {names}; settings end in .yaml, user lists in .csv, .tsv, .json, .jsonl or .ldif"
    );
    Failure::hinted(anyhow::anyhow!("{} is in no known format", file.display()), hint)
}
