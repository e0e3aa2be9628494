//! `provost generate`: a profile for every user, format and variant, the manifest, and the resolved service.

mod own_logins;
mod report;

use std::collections::{BTreeMap, BTreeSet};

use indicatif::ProgressBar;
use provost_account::{Account, DomainName, Service};
use provost_profile::{
    DomainRequest, File, FileName, Format, OrganizationRequest, Passwords, Profile, Refusal, Request, Variant, Write,
};
use provost_settings::{Extent, User, Users, write_service};

use crate::arguments::Generate;
use crate::dist::folder::{Folder, Written, sha256};
use crate::dist::manifest::{self, Loss, Row};
use crate::dist::names::Stems;
use crate::dist::strangers::{Stranger, Strangers};
use crate::dist::{MANIFEST_FILE, SERVICE_FILE};
use crate::failure::Failure;
use crate::verdict::Verdict;
use crate::{input, progress};

/// Writes the folder and reports what was written, refused and lost.
pub(crate) fn run(options: &Generate) -> Result<Verdict, Failure> {
    let service = input::settings(&options.inputs.config)?;
    let mut users = input::users(&options.inputs.users, &service)?;
    input::identities(&options.inputs, &service, &mut users);
    let complaint = input::bad_rows(&options.inputs.users, &users);
    if let Some(error) = complaint.as_ref().filter(|_| !options.keep_going || users.good.is_empty()) {
        let hint = match users.good.is_empty() {
            true => "each line above names the place and the fix; no row of the list can be used as it is",
            false => "correct the rows named above, or write the good ones with --keep-going",
        };
        return Err(Failure::hinted(anyhow::anyhow!("{error}; nothing was written"), hint));
    }
    if options.danger_embed_passwords {
        eprintln!("warning: the profiles carry passwords; whoever has a file has its password");
    }
    let folder = Folder::new(&options.output)?;
    let earlier = earlier(&folder, options)?;
    let formats: Vec<&'static Format> = provost_profile::formats()
        .iter()
        .filter(|format| options.only.is_empty() || options.only.iter().any(|name| name == format.name))
        .collect();
    let everybody = users.good.iter().map(|user| &user.account.address).chain(&users.bad);
    let asked = Asked { formats, service: &service, stems: Stems::of(everybody), users: &users, options };
    let strangers = Strangers::find(&options.output, asked.formats.iter().map(|format| format.name), &earlier)?;
    let replaced = asked.clashes(&folder, &strangers)?;

    let mut run = Run { folder, rows: Vec::new(), sums: BTreeMap::new(), refusals: Vec::new() };
    let bar = progress::bar(users.good.len() * asked.formats.len(), "generating");
    asked.profiles(Some(&bar), &mut |made| {
        let of_all = own_logins::loss(&made, &service, &users.good);
        run.keep(made, of_all)
    })?;
    bar.finish_and_clear();

    let left = run.carry_over(earlier, &asked, &strangers)?;
    run.folder.write(SERVICE_FILE, &write_service(&service))?;
    run.folder.write(MANIFEST_FILE, manifest::write(&run.rows).as_bytes())?;
    run.report(options, &users.good, &left, &replaced)?;
    let all_refused = run.sums.values().all(Sum::is_zero) && !run.refusals.is_empty();
    Ok(if complaint.is_some() || all_refused { Verdict::NotGood } else { Verdict::Good })
}

/// The rows of an earlier run's manifest.
fn earlier(folder: &Folder, options: &Generate) -> Result<Vec<Row>, Failure> {
    let path = options.output.join(MANIFEST_FILE);
    let Some(bytes) = folder.bytes(MANIFEST_FILE)? else { return Ok(Vec::new()) };
    match manifest::read(&String::from_utf8_lossy(&bytes)) {
        Ok(rows) => Ok(rows),
        Err(_) if options.force => Ok(Vec::new()),
        Err(error) => Err(Failure::hinted(
            error.context(format!("{} is no manifest of `provost generate`; nothing was written", path.display())),
            "write to another folder, move the file away, or replace it with --force",
        )),
    }
}

/// What is to be written, and for whom.
struct Asked<'a> {
    formats: Vec<&'static Format>,
    service: &'a Service,
    users: &'a Users,
    stems: Stems,
    options: &'a Generate,
}

/// What a writer made for somebody.
struct Made<'a> {
    kind: Kind,
    whom: Whom<'a>,
    written: Result<Profile, Refusal>,
}

/// What is written: a format, and for which kind of device.
#[derive(Clone, Copy)]
struct Kind {
    format: &'static Format,
    variant: &'static Variant,
}

/// Whom a file is for.
struct Whom<'a> {
    scope: &'static str,
    /// What the report calls them.
    name: String,
    /// What the file's name begins with.
    stem: String,
    /// The account, or the one with which a file for several is proven.
    account: Option<&'a Account>,
    domain: Option<&'a DomainName>,
}

impl Asked<'_> {
    /// Makes every profile, one after the other.
    fn profiles(
        &self,
        bar: Option<&ProgressBar>,
        take: &mut impl FnMut(Made<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for format in &self.formats {
            for variant in format.variants {
                self.of_kind(Kind { format, variant }, take)?;
            }
            if let Some(bar) = bar {
                bar.inc(u64::try_from(self.users.good.len()).expect("a list in memory"));
            }
        }
        Ok(())
    }

    fn of_kind(&self, kind: Kind, take: &mut impl FnMut(Made<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        let (service, users, variant) = (self.service, &self.users.good, kind.variant);
        match variant.write {
            Write::User(write) => {
                for user in users {
                    let (account, passwords) = match self.options.danger_embed_passwords {
                        true => (with_password(user), Passwords::Embed),
                        false => (user.account.clone(), Passwords::LeaveOut),
                    };
                    let written = write(&Request { service, account: &account, variant, passwords });
                    let (name, stem) = (account.address.to_string(), self.stems.stem(&account.address));
                    let whom = Whom { scope: "user", name, stem, account: Some(&account), domain: None };
                    take(Made { kind, whom, written })?;
                }
            }
            Write::Domain(write) => {
                for domain in &service.domains {
                    let account = example(service, users, |account| account.address.domain() == domain);
                    let (name, stem) = (domain.to_string(), domain.to_string());
                    let whom = Whom { scope: "domain", name, stem, account, domain: Some(domain) };
                    take(Made { kind, whom, written: write(&DomainRequest { service, domain, variant }) })?;
                }
            }
            Write::Organization(write) => {
                let (id, account) = (&service.organization.id, example(service, users, |_| true));
                let (name, stem) = (id.to_string(), id.to_string());
                let whom = Whom { scope: "organization", name, stem, account, domain: None };
                take(Made { kind, whom, written: write(&OrganizationRequest { service, variant }) })?;
            }
        }
        Ok(())
    }

    /// The files that are not ours and would be replaced. Without `--force` they end the run before anything is written,
    /// and so do two people with one file.
    fn clashes(&self, folder: &Folder, strangers: &Strangers) -> Result<Vec<(String, Stranger)>, Failure> {
        let mut clashes = Vec::new();
        if let Some(bytes) = folder.bytes(SERVICE_FILE)?.filter(|bytes| !is_service(bytes)) {
            clashes
                .extend((bytes != write_service(self.service)).then(|| (SERVICE_FILE.to_owned(), Stranger::Unnamed)));
        }
        // Making every profile once more just to look at its name is worth it only where something may be in its way.
        if !strangers.is_empty() || self.stems.may_share_a_file() {
            let mut owners: BTreeMap<String, String> = BTreeMap::new();
            self.profiles(None, &mut |made| {
                for file in made.written.iter().flat_map(|profile| &profile.files) {
                    let path = path(made.kind, &made.whom.stem, file);
                    clashes.extend(strangers.at(&path, &file.bytes)?.map(|stranger| (path.clone(), stranger)));
                    if let Some(other) = owners.insert(path.clone(), made.whom.name.clone()) {
                        let name = &made.whom.name;
                        return Err(
                            anyhow::anyhow!("{other} and {name} would share {path}; nothing was written").into()
                        );
                    }
                }
                Ok(())
            })?;
        }
        let in_the_way = clashes.iter().any(|(_, stranger)| *stranger == Stranger::InTheWay);
        if clashes.is_empty() || (self.options.force && !in_the_way) {
            return Ok(clashes);
        }
        for (path, stranger) in clashes.iter().take(CLASHES_SHOWN) {
            eprintln!("kept: {}: {}", self.options.output.join(path).display(), stranger.what());
        }
        if let Some(more) = clashes.len().checked_sub(CLASHES_SHOWN).filter(|more| *more > 0) {
            eprintln!("kept: {} more", input::count(more, "file"));
        }
        let error = anyhow::anyhow!("{} would be replaced; nothing was written", input::count(clashes.len(), "file"));
        let hint = match in_the_way {
            true => "write to another folder, or move away what is named above",
            false => "write to another folder, move the files named above away, or replace them with --force",
        };
        Err(Failure::hinted(error, hint))
    }
}

/// One run of `generate`, as far as it has come.
struct Run {
    folder: Folder,
    rows: Vec<Row>,
    /// Per format and variant: how many files came out how.
    sums: BTreeMap<String, Sum>,
    refusals: Vec<(String, &'static str, Refusal)>,
}

#[derive(Default)]
struct Sum {
    new: usize,
    changed: usize,
    unchanged: usize,
}

impl Sum {
    fn is_zero(&self) -> bool {
        self.new + self.changed + self.unchanged == 0
    }
}

/// What earlier runs wrote and this one did not.
#[derive(Default)]
struct Left {
    /// Files that are no longer asked for, and what became of each.
    stale: Vec<(Row, Fate)>,
    /// How many files are of people who may be in the part of the list that cannot be read.
    unsure: usize,
}

/// What became of a file that is no longer asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Removed,
    Kept,
    /// Somebody changed it, and nobody said that it may go all the same.
    KeptChanged,
    /// Nothing was written in the place of anything.
    KeptNothingWritten,
}

impl Run {
    /// Saves what was written, or notes why nothing was.
    fn keep(&mut self, made: Made<'_>, of_all: Option<Loss>) -> Result<(), Failure> {
        self.sums.entry(place(made.kind)).or_default();
        match made.written {
            Ok(profile) => self.save(made.kind, &made.whom, profile, of_all),
            Err(refusal) => {
                self.refusals.push((made.whom.name, made.kind.format.name, refusal));
                Ok(())
            }
        }
    }

    fn save(&mut self, kind: Kind, whom: &Whom<'_>, profile: Profile, of_all: Option<Loss>) -> Result<(), Failure> {
        let losses: Vec<Loss> = profile
            .losses
            .into_iter()
            .map(|loss| Loss {
                setting: loss.setting.to_string(),
                asked: loss.asked,
                written: loss.written,
                reason: loss.reason.to_owned(),
            })
            .chain(of_all)
            .collect();
        for file in profile.files {
            let path = path(kind, &whom.stem, &file);
            let sum = self.sums.entry(place(kind)).or_default();
            match self.folder.write(&path, &file.bytes)? {
                Written::New => sum.new += 1,
                Written::Changed => sum.changed += 1,
                Written::Unchanged => sum.unchanged += 1,
            }
            self.rows.push(Row {
                address: whom.account.map(|account| account.address.to_string()),
                username: whom.account.and_then(|account| account.login()).map(ToString::to_string),
                format: kind.format.name.to_owned(),
                variant: kind.variant.name.to_owned(),
                scope: whom.scope.to_owned(),
                domain: whom.domain.map(ToString::to_string),
                path,
                install: file.install.or_else(|| kind.format.install.map(str::to_owned)),
                sha256: sha256(&file.bytes),
                losses: losses.clone(),
            });
        }
        Ok(())
    }

    /// Keeps the rows of formats that this run was not asked for, and of people whose rows cannot be read; and finds the
    /// files that an earlier run wrote and this one would not: removed with `--prune`, otherwise kept and named.
    fn carry_over(&mut self, earlier: Vec<Row>, asked: &Asked<'_>, strangers: &Strangers) -> Result<Left, Failure> {
        let options = asked.options;
        let good: BTreeSet<String> = asked.users.good.iter().map(|user| user.account.address.key()).collect();
        let bad: BTreeSet<String> = asked.users.bad.iter().map(|address| address.key()).collect();
        let formats: BTreeSet<&str> = asked.formats.iter().map(|format| format.name).collect();
        let domains: BTreeSet<String> = asked.service.domains.iter().map(ToString::to_string).collect();
        let written: BTreeSet<String> = self.rows.iter().map(|row| row.path.clone()).collect();
        let mut left = Left::default();
        for row in earlier.into_iter().filter(|row| !written.contains(&row.path)) {
            // As `EmailAddress::key` has it.
            let whose = row.address.as_ref().filter(|_| row.scope == "user").map(|address| address.to_lowercase());
            let known = match (whose, asked.users.extent) {
                (Some(key), _) if bad.contains(&key) => Listed::Unreadable,
                (Some(key), _) if good.contains(&key) => Listed::Good,
                (Some(_), Extent::InPart) => Listed::Unreadable,
                (Some(_), Extent::Whole) => Listed::Gone,
                (None, _) if row.domain.as_ref().is_none_or(|domain| domains.contains(domain)) => Listed::Good,
                (None, _) => Listed::Gone,
            };
            match known {
                Listed::Unreadable => left.unsure += 1,
                Listed::Good if !formats.contains(row.format.as_str()) => {}
                Listed::Good | Listed::Gone => {
                    let fate = match options.prune {
                        false => Fate::Kept,
                        true if written.is_empty() => Fate::KeptNothingWritten,
                        true if strangers.is_changed(&row.path) && !options.force => Fate::KeptChanged,
                        true => Fate::Removed,
                    };
                    left.stale.push((row.clone(), fate));
                    if fate == Fate::Removed {
                        self.folder.remove(&row.path)?;
                        continue;
                    }
                }
            }
            self.rows.push(row);
        }
        self.rows.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(left)
    }
}

/// What the user list says of somebody.
enum Listed {
    Good,
    /// The row is bad, or may be.
    Unreadable,
    Gone,
}

/// Whether a file is what `write_service` writes, now or in another version.
fn is_service(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|json| json["provost"].is_number())
}

fn place(kind: Kind) -> String {
    match kind.variant.name {
        "" => kind.format.name.to_owned(),
        variant => format!("{}/{variant}", kind.format.name),
    }
}

/// The path of a file, relative to the folder.
fn path(kind: Kind, stem: &str, file: &File) -> String {
    let folder = place(kind);
    match &file.name {
        FileName::Own { part: Some(part), extension } => format!("{folder}/{stem}.{part}.{extension}"),
        FileName::Own { part: None, extension } => format!("{folder}/{stem}.{extension}"),
        FileName::Below(path) => format!("{folder}/{stem}/{path}"),
    }
}

/// Somebody whom a file for several fits: one whose login name is the template's.
fn example<'a>(service: &Service, users: &'a [User], among: impl Fn(&Account) -> bool) -> Option<&'a Account> {
    let mut accounts = users.iter().map(|user| &user.account).filter(|account| among(account));
    accounts.find(|account| account.login() == service.account(account.address.clone(), None, None, None).login())
}

fn with_password(user: &User) -> Account {
    let mut account = user.account.clone();
    for incoming in &mut account.incoming {
        incoming.server.password.clone_from(&user.password);
    }
    for server in &mut account.outgoing {
        server.password.clone_from(&user.password);
    }
    account
}

/// More files than this that are not ours are told of in one line.
const CLASHES_SHOWN: usize = 10;
