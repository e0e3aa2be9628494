//! Reads what people give: settings, user lists, profiles, passwords. Every read has a size limit, but for user lists, which
//! are read in batches. It does not judge the contents.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Context;
use provost_account::{EmailAddress, Finding, Secret, Service};
use provost_generate::Source;
use provost_network::Dns;
use provost_settings::{LIST_START_OCTETS, List, ListOptions, People, Person, Rows, Surveyed, read_settings};

use crate::arguments::ListArguments;
use crate::failure::Failure;
use crate::{complaints, today};

/// A file's bytes, at most `octets_max` of them.
pub(crate) fn read(path: &Path, octets_max: u64) -> Result<Vec<u8>, Failure> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    read_from(file, path, octets_max)
}

/// The name servers, whose answers are judged by the root's keys in a file, if there is one, and not by the Internet's.
pub(crate) fn trusting(names: Dns, anchor: Option<&Path>) -> Result<Dns, Failure> {
    let Some(path) = anchor else { return Ok(names) };
    let bytes = read(path, ANCHOR_OCTETS_MAX)?;
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{} is not text", path.display()))?;
    names.trusting(text).map_err(|error| {
        let hint = "give the root's keys as DNSKEY records, such as Unbound's root.key";
        Failure::hinted(anyhow::Error::new(error).context(path.display().to_string()), hint)
    })
}

/// Whether a file can be a user list, by its name.
pub(crate) fn is_a_lists_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| LIST_ENDS.iter().any(|known| extension == *known))
}

/// Settings without errors. Findings go to standard error.
pub(crate) fn settings(path: &Path) -> Result<Service, Failure> {
    let bytes = read(path, SETTINGS_OCTETS_MAX)?;
    let settings = read_settings(&bytes, &trust_reader(path));
    complaints::print(path, &settings.findings);
    complaints::print(path, &settings.value.iter().flat_map(|it| today::of_settings(&bytes, it)).collect::<Vec<_>>());
    settings.value.ok_or_else(|| {
        let errors = count(complaints::errors(&settings.findings), "error");
        Failure::found_above(anyhow::anyhow!("{errors} in {}", path.display()))
    })
}

/// A user list of any length, which is read as often as needed.
pub(crate) struct UserList {
    path: PathBuf,
    file: File,
    list: Result<List, Vec<Finding>>,
}

impl UserList {
    /// Opens a list and looks at its start. Standard input (`-`), and what else can be read once only, is copied to a file
    /// without a name.
    /// A note says which column became what.
    pub(crate) fn open(path: &Path, arguments: &ListArguments) -> Result<Self, Failure> {
        let opened = match path.to_str() {
            Some("-") => spooled(io::stdin().lock()),
            _ => File::open(path).and_then(|file| match file.metadata()?.is_file() {
                true => Ok(file),
                false => spooled(file),
            }),
        };
        let mut file = opened.with_context(|| format!("cannot read {}", shown(path)))?;
        let start = start(&mut file).with_context(|| format!("cannot read {}", shown(path)))?;
        let ListArguments { columns, encoding } = arguments.clone();
        let list = List::of(&start, &ListOptions { columns, encoding, ..ListOptions::named(path.to_str()) });
        if let Some(note) = list.iter().find_map(List::note) {
            eprintln!("note: {}: {note}", path.display());
        }
        Ok(Self { path: path.to_owned(), file, list })
    }

    /// What the start says; the error is why no row can be read.
    pub(crate) fn list(&self) -> Result<&List, &[Finding]> {
        self.list.as_ref().map_err(Vec::as_slice)
    }

    pub(crate) fn rewound(&self) -> io::Result<File> {
        self.file.try_clone().and_then(|mut file| file.rewind().map(|()| file))
    }

    /// The rows of every batch, one batch after the other.
    pub(crate) fn each(&self, list: &List, service: &Service, take: &mut dyn FnMut(Rows)) -> Result<(), Failure> {
        let cannot_read = || format!("cannot read {}", shown(&self.path));
        for batch in list.batches(self.rewound().with_context(cannot_read)?) {
            take(list.read(&batch.with_context(cannot_read)?, service));
        }
        Ok(())
    }

    /// What a first look at the whole list finds, and a second one where addresses seem to be there twice.
    pub(crate) fn survey(&self, list: &List, service: &Service) -> Result<Surveyed, Failure> {
        // Whether people have the certificates that the settings ask for is the business of who writes profiles.
        let service = &Service { smime: None, ..service.clone() };
        let source = Source {
            list,
            open: &|| Ok(Box::new(self.rewound()?)),
            service,
            read_named: &|_| Err(io::ErrorKind::Unsupported.into()),
        };
        let people = source.survey(thread::available_parallelism()?, &mut |_| {});
        Ok(people.with_context(|| format!("cannot read {}", shown(&self.path)))?.surveyed)
    }

    /// What is wrong with it.
    pub(crate) fn findings(&self, service: &Service) -> Result<Vec<Finding>, Failure> {
        self.list().map_or_else(|it| Ok(it.to_vec()), |list| Ok(self.survey(list, service)?.findings))
    }
}

/// The start of a list, which says what it is.
pub(crate) fn start_of_list(path: &Path) -> Result<Vec<u8>, Failure> {
    let start = File::open(path).and_then(|mut file| start(&mut file));
    Ok(start.with_context(|| format!("cannot read {}", path.display()))?)
}

fn start(file: &mut File) -> io::Result<Vec<u8>> {
    let length = u64::try_from(LIST_START_OCTETS).expect("a usize has at most 64 bits");
    let mut start = Vec::new();
    file.take(length).read_to_end(&mut start).map(|_| start)
}

/// The path as messages name it.
fn shown(path: &Path) -> impl std::fmt::Display + '_ {
    if path == Path::new("-") { Path::new("standard input").display() } else { path.display() }
}

/// A copy of what can be read once only, in a file that goes with the program.
fn spooled(mut source: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut source, &mut file)?;
    file.rewind()?;
    Ok(file)
}

/// What is wrong with a user list.
pub(crate) fn findings_of_list(
    path: &Path,
    arguments: &ListArguments,
    service: &Service,
) -> Result<Vec<Finding>, Failure> {
    UserList::open(path, arguments)?.findings(service)
}

/// A user list in which every row must be good: each person is given away, once every row is known to be. All of them,
/// counted.
pub(crate) fn each_good_person(
    path: &Path,
    arguments: &ListArguments,
    service: &Service,
    take: &mut dyn FnMut(Person),
) -> Result<People, Failure> {
    let users = UserList::open(path, arguments)?;
    let (list, findings, people) = match users.list() {
        Err(findings) => (None, findings.to_vec(), People::default()),
        Ok(list) => {
            let surveyed = users.survey(list, service)?;
            (Some(list), surveyed.findings, surveyed.people)
        }
    };
    complaints::print(path, &findings);
    if let Some(error) = bad_rows(path, &findings) {
        return Err(Failure::found_above(error));
    }
    if let Some(list) = list {
        users.each(list, service, &mut |rows| rows.people.into_iter().for_each(&mut *take))?;
    }
    Ok(people)
}

/// What is wrong with the list as a whole, if anything is.
pub(crate) fn bad_rows(path: &Path, findings: &[Finding]) -> Option<anyhow::Error> {
    let errors = complaints::errors(findings);
    (errors > 0).then(|| anyhow::anyhow!("{} in {}", count(errors, "error"), path.display()))
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: impl TryInto<u64>, thing: &str) -> String {
    let number: u64 = number.try_into().unwrap_or(u64::MAX);
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// How settings reach the certificate files that they name: relative to the settings file.
pub(crate) fn trust_reader(settings: &Path) -> impl Fn(&str) -> io::Result<Vec<u8>> {
    let folder = settings.parent().map(PathBuf::from);
    move |name| {
        let path = folder.as_deref().map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        let file = File::open(&path)?;
        let mut bytes = Vec::new();
        file.take(TRUST_OCTETS_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// An address from the command line.
pub(crate) fn address(text: Option<&str>) -> Result<Option<EmailAddress>, Failure> {
    text.map(|text| EmailAddress::try_from(text).with_context(|| format!("--address {text:?} is not an email address")))
        .transpose()
        .map_err(Failure::from)
}

/// A password from the environment; that of a key may be empty.
pub(crate) fn password_from_environment(variable: &str) -> Result<Option<Secret>, Failure> {
    match std::env::var(variable) {
        Ok(password) => Ok(Some(Secret::new(password))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(anyhow::anyhow!("{variable} is not UTF-8").into()),
    }
}

/// A password to log in with from the environment. An empty one is a mistake: servers refuse it as a wrong one.
pub(crate) fn login_password_from_environment(variable: &str) -> Result<Option<Secret>, Failure> {
    match password_from_environment(variable)? {
        Some(password) if password.expose().is_empty() => {
            Err(Failure::hinted(anyhow::anyhow!("{variable} is empty"), "unset it, or set it to the password"))
        }
        password => Ok(password),
    }
}

/// The same from an open file.
pub(crate) fn read_from(source: impl Read, path: &Path, octets_max: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    source.take(octets_max + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    match u64::try_from(bytes.len()) {
        Ok(octets) if octets <= octets_max => Ok(bytes),
        _ => Err(anyhow::anyhow!("{} is larger than {} MiB", path.display(), octets_max >> 20).into()),
    }
}

/// How the names of user lists end.
const LIST_ENDS: &[&str] = &["csv", "json", "jsonl", "ldif", "tsv"];
/// A profile with every picture and certificate stays far below this.
pub(crate) const PROFILE_OCTETS_MAX: u64 = 8 << 20;
pub(crate) const SETTINGS_OCTETS_MAX: u64 = 2 << 20;
const TRUST_OCTETS_MAX: u64 = 1 << 20;
const ANCHOR_OCTETS_MAX: u64 = 1 << 20;
