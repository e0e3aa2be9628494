//! Whose account is looked at: that of settings and a user list, those of profiles, or that of an address alone. What is wrong with the files is
//! kept, to be told with the rest.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, anyhow, bail};
use provost_account::codes::settings as codes;
use provost_account::{Account, DomainName, EmailAddress, Finding, LeftOpen, Secret, Service, Severity};
use provost_device::Person;
use provost_discover::Opinion;
use provost_settings::{against_published, read_settings};
use provost_verify::{Check, WantedRecord, checks};

use super::chosen;
use super::discovered::{self, Alternative};
use super::records::wanted;
use crate::arguments::doctor::Doctor;
use crate::failure::Failure;
use crate::road::find::profiles;
use crate::{complaints, input, today};

/// The accounts, and what is wrong with the files that they come from.
pub(super) struct Patients {
    pub(super) accounts: Vec<Patient>,
    pub(super) findings: Vec<(PathBuf, Finding)>,
    /// What a domain publishes, if it was asked to find the account; `None` inside: nobody answered.
    pub(super) published: Option<(DomainName, Option<Vec<Opinion>>)>,
    /// Whether a password was given, whoever gets it.
    pub(super) is_password_given: bool,
}

/// An account to look at.
pub(super) struct Patient {
    /// The file that says so.
    pub(super) source: String,
    pub(super) account: Account,
    pub(super) left_open: LeftOpen,
    pub(super) password: Option<Secret>,
    /// The records that its settings make.
    pub(super) records: Option<Vec<WantedRecord>>,
    /// What else is said of its servers, the most trusted source first.
    pub(super) alternatives: Vec<Alternative>,
}

impl Patients {
    /// Those that the options name.
    pub(super) fn of(options: &Doctor) -> Result<Self, Failure> {
        let (address, paths) = address_and_paths(&options.what)?;
        let given = Given::of(options)?;
        let is_password_given = given.for_anybody().is_some();
        let mut patients = Self { accounts: Vec::new(), findings: Vec::new(), published: None, is_password_given };
        if let Some(config) = &options.config {
            patients.add_settings(config, options, address.as_ref(), &given)?;
        }
        if !paths.is_empty() {
            patients.add_profiles(&paths, address.as_ref(), given.for_anybody())?;
        }
        if let (None, true, Some(address)) = (&options.config, paths.is_empty(), &address) {
            if options.offline {
                let hint = format!("give settings or profiles; `provost init --offline {address}` says what is known");
                return Err(Failure::hinted(anyhow!("of an address alone nothing can be looked at offline"), hint));
            }
            let published = discovered::published(address.domain(), options)?;
            let opinions = published.as_deref().unwrap_or(&[]);
            let found = discovered::found(address, opinions, options, given.for_anybody())?;
            if found.is_none() && published.is_none() {
                let domain = address.domain();
                let error = anyhow!("no name server answered: what {domain} publishes is not known");
                return Err(Failure::hinted(error, "try again with a network, or give settings with -c mail.yaml"));
            }
            patients.accounts.extend(found.map(|found| Patient {
                source: found.source,
                account: found.account,
                left_open: LeftOpen::default(),
                password: found.password,
                records: None,
                alternatives: found.alternatives,
            }));
            patients.published = Some((address.domain().clone(), published));
        }
        if !chosen(options).has(provider_check()) {
            patients.findings.retain(|(_, finding)| finding.code != codes::HOST_CONTRADICTS_PROVIDER);
        }
        // Files alone are judged without an account.
        match patients.accounts.is_empty() && !(options.offline && options.config.is_some()) {
            true => Err(Failure::hinted(
                anyhow!("no account to look at"),
                "give an address whose domain publishes its servers or is one of a provider that `--providers` lists, an address with -c mail.yaml, settings with a user list (-c mail.yaml --users users.csv), or a profile",
            )),
            false => Ok(patients),
        }
    }

    fn add_settings(
        &mut self,
        config: &Path,
        options: &Doctor,
        address: Option<&EmailAddress>,
        given: &Given,
    ) -> Result<(), Failure> {
        let service = self.settings(config)?;
        let (account, password) = match (&options.users, address) {
            (Some(users), address) => person(&service, users, options, address)?,
            (None, Some(address)) => {
                is_of(&service, address, config)?;
                (service.account(address.clone(), None, None, None), None)
            }
            (None, None) if options.offline => return Ok(()),
            (None, None) => {
                let hint = "give the address, or the user list with --users";
                return Err(Failure::hinted(
                    anyhow!("the settings say whose servers these are, and not whose account"),
                    hint,
                ));
            }
        };
        let password = given.for_one_of_a_list(password);
        let (source, left_open) = (config.display().to_string(), LeftOpen::default());
        let records = wanted(&service, account.address.domain());
        let alternatives = Vec::new();
        self.accounts.push(Patient { source, account, left_open, password, records, alternatives });
        Ok(())
    }

    fn settings(&mut self, config: &Path) -> Result<Service, Failure> {
        let bytes = input::read(config, input::SETTINGS_OCTETS_MAX)?;
        let read = read_settings(&bytes, &input::trust_reader(config));
        let Some(service) = read.value else {
            complaints::print(config, &read.findings);
            return Err(Failure::found_above(anyhow!("no settings in {}", config.display())));
        };
        let passed = today::of_settings(&bytes, &service);
        let found = read.findings.into_iter().chain(passed).chain(against_published(&bytes, &service));
        self.findings.extend(found.map(|it| (config.to_owned(), it)));
        Ok(service)
    }

    fn add_profiles(
        &mut self,
        paths: &[PathBuf],
        address: Option<&EmailAddress>,
        given: Option<&Secret>,
    ) -> Result<(), Failure> {
        for profile in profiles(paths)? {
            let profile = profile?;
            let whose = profile.whose(address);
            let person = Person { address: whose.address, full_name: None };
            let reading = profile.look(profile.format()?, &person);
            let path = profile.path().to_owned();
            for understood in reading.profiles {
                let password = given.cloned();
                let (account, left_open) = (understood.account, understood.left_open);
                let source = path.display().to_string();
                let (records, alternatives) = (None, Vec::new());
                self.accounts.push(Patient { source, account, left_open, password, records, alternatives });
            }
            self.findings.extend(reading.findings.into_iter().map(|finding| (path.clone(), finding)));
        }
        Ok(())
    }

    /// What is worth telling: notes are for `lint`.
    pub(super) fn troubles(&self) -> impl Iterator<Item = &(PathBuf, Finding)> {
        self.findings.iter().filter(|(_, finding)| finding.severity != Severity::Note)
    }
}

/// The check that says the same as the settings' finding: what is not chosen counts in neither way.
fn provider_check() -> &'static Check {
    let mut checks = checks().iter();
    checks.find(|it| it.name == "provider").expect("a check of the table")
}

/// Of what is named, the address, and the files.
fn address_and_paths(what: &[PathBuf]) -> Result<(Option<EmailAddress>, Vec<PathBuf>), Failure> {
    let is_address = |path: &&PathBuf| !path.exists() && path.to_str().is_some_and(|it| it.contains('@'));
    let (addresses, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = what.iter().partition(is_address);
    let addresses = addresses.iter().map(|text| {
        let text = text.to_str().unwrap_or("");
        EmailAddress::try_from(text).with_context(|| format!("{text:?} is neither a file nor an email address"))
    });
    let mut addresses: Vec<EmailAddress> = addresses.collect::<Result<_, _>>()?;
    match addresses.len() {
        0 | 1 => Ok((addresses.pop(), paths.into_iter().cloned().collect())),
        _ => Err(anyhow!("{} and {}: one address at a time", addresses[0], addresses[1]).into()),
    }
}

/// The account of the person with this address, or of the first one of the list, and the password that the list has.
fn person(
    service: &Service,
    users: &Path,
    options: &Doctor,
    address: Option<&EmailAddress>,
) -> Result<(Account, Option<Secret>), Failure> {
    let mut found = None;
    input::each_good_person(users, &options.list, service, &mut |person| {
        let is_meant = address.is_none_or(|address| address.key() == person.address.key());
        if found.is_none() && is_meant {
            let account = service.account(person.address, person.full_name, person.login, None);
            found = Some((Account { aliases: person.aliases, ..account }, person.password));
        }
    })?;
    let found = found.with_context(|| match address {
        Some(address) => format!("{address} is not in {}", users.display()),
        None => format!("nobody is in {}", users.display()),
    });
    Ok(found?)
}

/// Settings are for the addresses of their domains: to no other is a password sent.
fn is_of(service: &Service, address: &EmailAddress, config: &Path) -> Result<(), Failure> {
    if service.domains.contains(address.domain()) {
        return Ok(());
    }
    let domains: Vec<&str> = service.domains.iter().map(|it| it.as_str()).collect();
    let error = anyhow!("{address} is outside the domains in {}: {}", config.display(), domains.join(", "));
    Err(Failure::hinted(error, "correct the address, or add its domain to `domains`"))
}

/// The password that is given, whoever it is for.
struct Given {
    /// By an option.
    told: Option<Secret>,
    environment: Option<Secret>,
}

impl Given {
    fn of(options: &Doctor) -> Result<Self, Failure> {
        let environment = input::login_password_from_environment("PROVOST_PASSWORD")?;
        Ok(Self { told: told(options)?, environment })
    }

    fn for_anybody(&self) -> Option<&Secret> {
        self.told.as_ref().or(self.environment.as_ref())
    }

    /// That of somebody for whom a user list may have another.
    fn for_one_of_a_list(&self, listed: Option<Secret>) -> Option<Secret> {
        self.told.clone().or(listed).or_else(|| self.environment.clone())
    }
}

/// The password that an option gives.
fn told(options: &Doctor) -> Result<Option<Secret>, Failure> {
    if let Some(path) = &options.password_file {
        let bytes = input::read(path, PASSWORD_OCTETS_MAX)?;
        return first_line(bytes).with_context(|| format!("no password in {}", path.display())).map_err(Failure::from);
    }
    let Some(command) = &options.password_command else { return Ok(None) };
    let output = Command::new("sh").arg("-c").arg(command).stdin(Stdio::inherit()).stderr(Stdio::inherit()).output();
    let output = output.context("cannot run sh")?;
    if !output.status.success() {
        return Err(anyhow!("the password command ended with {}", output.status).into());
    }
    first_line(output.stdout).context("the password command says nothing").map_err(Failure::from)
}

/// The first line, if there is one, without the mark that Windows' editors put before it.
fn first_line(bytes: Vec<u8>) -> anyhow::Result<Option<Secret>> {
    // The error would hold the password.
    let Ok(text) = String::from_utf8(bytes) else { bail!("it is not UTF-8") };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let line = text.lines().next().filter(|line| !line.is_empty()).context("the first line is empty")?;
    Ok(Some(Secret::new(line.to_owned())))
}

const PASSWORD_OCTETS_MAX: u64 = 64 << 10;

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::arguments::{Arguments, Verb};

    /// How many problems of a guide's settings count, whose servers are not those that the provider publishes.
    fn troubles(only: &[&str]) -> usize {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/centurylink/mail.yaml");
        let arguments = [&["provost", "doctor", "jane@centurylink.net", "-c", file][..], only].concat();
        let Verb::Doctor(options) = Arguments::parse_from(arguments).verb else { panic!("another verb") };
        Patients::of(&options).expect("an account").troubles().count()
    }

    #[test]
    fn what_the_settings_say_against_the_provider_counts_if_that_is_looked_at() {
        assert_eq!(troubles(&[]), 3);
        assert_eq!(troubles(&["--only", "provider"]), 3);
        assert_eq!(troubles(&["--only", "login"]), 0);
    }
}
