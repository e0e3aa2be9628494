//! `provost generate`: a profile for every user, format and variant, the manifest, and the resolved service.

use std::collections::{BTreeMap, BTreeSet};

use indicatif::ProgressBar;
use provost_account::{Account, DomainName, Service};
use provost_profile::{
    DomainRequest, FileName, Format, OrganizationRequest, Passwords, Profile, Refusal, Request, Variant, Write,
};
use provost_settings::{User, write_service};
use serde_json::json;

use crate::arguments::Generate;
use crate::dist::folder::{Folder, Written, sha256};
use crate::dist::manifest::{self, Loss, Row};
use crate::dist::{MANIFEST_FILE, SERVICE_FILE, names};
use crate::failure::Failure;
use crate::{Verdict, input, output, progress};

/// Writes the folder and reports what was written, refused and lost.
pub(crate) fn run(options: &Generate) -> Result<Verdict, Failure> {
    let service = input::settings(&options.inputs.config)?;
    let mut users = input::users(&options.inputs.users, &service)?;
    input::identities(&options.inputs, &service, &mut users);
    let complaint = input::bad_rows(&options.inputs.users, &users);
    if let Some(error) = complaint.as_ref().filter(|_| !options.keep_going) {
        return Err(Failure::hinted(
            anyhow::anyhow!("{error}; nothing was written"),
            "correct the rows named above, or write the good ones with --keep-going",
        ));
    }
    if options.danger_embed_passwords {
        eprintln!("warning: the profiles carry passwords; whoever has a file has its password");
    }
    let folder = Folder::new(&options.output)?;
    let earlier = match folder.text(MANIFEST_FILE)? {
        Some(text) => manifest::read(&text)
            .map_err(|error| error.context(options.output.join(MANIFEST_FILE).display().to_string()))?,
        None => Vec::new(),
    };
    let formats: Vec<&Format> = provost_profile::formats()
        .iter()
        .filter(|format| options.only.is_empty() || options.only.iter().any(|name| name == format.name))
        .collect();

    let mut run = Run { folder, rows: Vec::new(), sums: BTreeMap::new(), refusals: Vec::new() };
    let bar = progress::bar(users.good.len() * formats.len(), "generating");
    for format in &formats {
        run.format(format, &service, &users.good, options, &bar)?;
    }
    bar.finish_and_clear();

    let stale = run.carry_over(earlier, &formats, &users.good, options.prune)?;
    run.folder.write(SERVICE_FILE, &write_service(&service))?;
    run.folder.write(MANIFEST_FILE, manifest::write(&run.rows).as_bytes())?;
    run.report(options, &users.good, &stale)?;
    Ok(if complaint.is_some() { Verdict::NotGood } else { Verdict::Good })
}

/// One run of `generate`, as far as it has come.
struct Run {
    folder: Folder,
    rows: Vec<Row>,
    /// Per format and variant: how many files came out how.
    sums: BTreeMap<String, Sum>,
    refusals: Vec<(String, &'static str, Refusal)>,
}

/// What is written: a format, and for which kind of device.
struct Kind {
    format: &'static Format,
    variant: &'static Variant,
}

/// Whom a file is for.
struct Whom<'a> {
    scope: &'static str,
    /// What the file's name begins with.
    stem: String,
    /// The account, or the one with which a file for several is proven.
    account: Option<&'a Account>,
    domain: Option<&'a DomainName>,
}

#[derive(Default)]
struct Sum {
    new: usize,
    changed: usize,
    unchanged: usize,
}

impl Run {
    fn format(
        &mut self,
        format: &'static Format,
        service: &Service,
        users: &[User],
        options: &Generate,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        for variant in format.variants {
            self.sums.entry(place(format, variant)).or_default();
            match variant.write {
                Write::User(write) => self.users(&Kind { format, variant }, service, users, options, write)?,
                Write::Domain(write) => {
                    for domain in &service.domains {
                        let whom = Whom {
                            scope: "domain",
                            stem: domain.to_string(),
                            account: example(service, users, |account| account.address.domain() == domain),
                            domain: Some(domain),
                        };
                        let written = write(&DomainRequest { service, domain, variant });
                        self.keep(&Kind { format, variant }, &whom, domain.to_string(), written)?;
                    }
                }
                Write::Organization(write) => {
                    let whom = Whom {
                        scope: "organization",
                        stem: service.organization.id.to_string(),
                        account: example(service, users, |_| true),
                        domain: None,
                    };
                    let written = write(&OrganizationRequest { service, variant });
                    self.keep(&Kind { format, variant }, &whom, service.organization.id.to_string(), written)?;
                }
            }
        }
        bar.inc(u64::try_from(users.len()).expect("a list in memory"));
        Ok(())
    }

    fn users(
        &mut self,
        kind: &Kind,
        service: &Service,
        users: &[User],
        options: &Generate,
        write: fn(&Request<'_>) -> Result<Profile, Refusal>,
    ) -> Result<(), Failure> {
        let passwords = if options.danger_embed_passwords { Passwords::Embed } else { Passwords::LeaveOut };
        for user in users {
            let account = match passwords {
                Passwords::LeaveOut => user.account.clone(),
                Passwords::Embed => with_password(user),
            };
            let written = write(&Request { service, account: &account, variant: kind.variant, passwords });
            let stem = names::stem(&account.address);
            let whom = Whom { scope: "user", stem, account: Some(&account), domain: None };
            self.keep(kind, &whom, account.address.to_string(), written)?;
        }
        Ok(())
    }

    /// Saves what was written, or notes why nothing was.
    fn keep(
        &mut self,
        kind: &Kind,
        whom: &Whom<'_>,
        name: String,
        written: Result<Profile, Refusal>,
    ) -> Result<(), Failure> {
        match written {
            Ok(profile) => self.save(kind, whom, profile),
            Err(refusal) => {
                self.refusals.push((name, kind.format.name, refusal));
                Ok(())
            }
        }
    }

    fn save(&mut self, kind: &Kind, whom: &Whom<'_>, profile: Profile) -> Result<(), Failure> {
        let Kind { format, variant } = kind;
        let losses: Vec<Loss> = profile
            .losses
            .into_iter()
            .map(|loss| Loss {
                setting: loss.setting.to_string(),
                asked: loss.asked,
                written: loss.written,
                reason: loss.reason.to_owned(),
            })
            .collect();
        let (folder, stem) = (place(format, variant), &whom.stem);
        for file in profile.files {
            let path = match &file.name {
                FileName::Own { part: Some(part), extension } => format!("{folder}/{stem}.{part}.{extension}"),
                FileName::Own { part: None, extension } => format!("{folder}/{stem}.{extension}"),
                FileName::Below(path) => format!("{folder}/{stem}/{path}"),
            };
            let sum = self.sums.entry(folder.clone()).or_default();
            match self.folder.write(&path, &file.bytes)? {
                Written::New => sum.new += 1,
                Written::Changed => sum.changed += 1,
                Written::Unchanged => sum.unchanged += 1,
            }
            self.rows.push(Row {
                address: whom.account.map(|account| account.address.to_string()),
                username: whom.account.and_then(|account| account.login()).map(ToString::to_string),
                format: format.name.to_owned(),
                variant: variant.name.to_owned(),
                scope: whom.scope.to_owned(),
                domain: whom.domain.map(ToString::to_string),
                path,
                install: file.install.or_else(|| format.install.map(str::to_owned)),
                sha256: sha256(&file.bytes),
                losses: losses.clone(),
            });
        }
        Ok(())
    }

    /// Keeps the rows of formats that this run was not asked for, and finds the files that an earlier run wrote and this
    /// one would not: removed with `prune`, otherwise kept and named.
    fn carry_over(
        &mut self,
        earlier: Vec<Row>,
        formats: &[&Format],
        users: &[User],
        prune: bool,
    ) -> Result<Vec<Row>, Failure> {
        let listed: BTreeSet<String> = users.iter().map(|user| user.account.address.to_string()).collect();
        let asked: BTreeSet<&str> = formats.iter().map(|format| format.name).collect();
        let written: BTreeSet<String> = self.rows.iter().map(|row| row.path.clone()).collect();
        let mut stale = Vec::new();
        for row in earlier {
            if written.contains(&row.path) {
                continue;
            }
            let wanted = row.address.as_ref().is_none_or(|address| listed.contains(address));
            if wanted && !asked.contains(row.format.as_str()) {
                self.rows.push(row);
                continue;
            }
            match prune {
                true => self.folder.remove(&row.path)?,
                false => self.rows.push(row.clone()),
            }
            stale.push(row);
        }
        self.rows.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(stale)
    }

    fn report(&self, options: &Generate, users: &[User], stale: &[Row]) -> Result<(), Failure> {
        if options.json {
            return self.report_json(users, stale);
        }
        for row in stale {
            let fate = if options.prune { "removed" } else { "kept, remove it with --prune" };
            let whose = row.address.as_deref().or(row.domain.as_deref()).unwrap_or("the organization");
            eprintln!("note: {} of {whose} is no longer asked for: {fate}", row.path);
        }
        for (format, refusals) in self.refusals_alike() {
            match refusals.as_slice() {
                [first, _, _, ..] if refusals.len() > REFUSALS_SHOWN => {
                    let (count, reason) = (refusals.len(), first.1.reason);
                    eprintln!("refused: {} and {} others in {format}: {reason}", first.0, count - 1);
                }
                some => some.iter().for_each(|(name, refusal)| eprintln!("refused: {name} in {format}: {refusal}")),
            }
        }
        for (loss, formats, files) in self.losses() {
            let instead = loss.written.as_ref().map(|written| format!(", writes {written}"));
            eprintln!(
                "loss: {} {} cannot be said by {formats} ({}){}: {}",
                loss.setting,
                loss.asked,
                input::count(files, "file"),
                instead.as_deref().unwrap_or(""),
                loss.reason
            );
        }
        let mut table = vec![["format", "new", "changed", "unchanged"].map(str::to_owned).to_vec()];
        for (place, sum) in &self.sums {
            table.push(vec![place.clone(), sum.new.to_string(), sum.changed.to_string(), sum.unchanged.to_string()]);
        }
        output::table(&table)?;
        output::line(&format!("{} in {}", input::count(users.len(), "user"), options.output.display()))?;
        Ok(())
    }

    fn report_json(&self, users: &[User], stale: &[Row]) -> Result<(), Failure> {
        for (address, format, refusal) in &self.refusals {
            output::json_line(&json!({"address": address, "format": format, "refused": refusal.to_string()}))?;
        }
        for (loss, formats, files) in self.losses() {
            output::json_line(&json!({
                "format": formats, "loss": loss.setting, "asked": loss.asked, "written": loss.written,
                "reason": loss.reason, "files": files,
            }))?;
        }
        for row in stale {
            output::json_line(&json!({"address": row.address, "format": row.format, "stale": row.path}))?;
        }
        let total = |pick: fn(&Sum) -> usize| self.sums.values().map(pick).sum::<usize>();
        output::json_line(&json!({"provost": 1, "summary": {
            "users": users.len(), "new": total(|sum| sum.new), "changed": total(|sum| sum.changed),
            "unchanged": total(|sum| sum.unchanged), "refused": self.refusals.len(), "stale": stale.len(),
        }}))?;
        Ok(())
    }

    /// The refusals of a format for the same reason, together.
    fn refusals_alike(&self) -> Vec<(&'static str, Vec<(&str, &Refusal)>)> {
        let mut alike: Vec<(&'static str, Vec<(&str, &Refusal)>)> = Vec::new();
        for (name, format, refusal) in &self.refusals {
            let same = |(known, refusals): &&mut (&'static str, Vec<(&str, &Refusal)>)| {
                known == format && refusals.first().is_some_and(|(_, first)| first.reason == refusal.reason)
            };
            match alike.iter_mut().find(same) {
                Some((_, refusals))
                    if refusals.iter().any(|(known, it)| known == name && it.found == refusal.found) => {}
                Some((_, refusals)) => refusals.push((name, refusal)),
                None => alike.push((format, vec![(name, refusal)])),
            }
        }
        alike
    }

    /// Each loss once per format, with the number of files that have it.
    fn losses(&self) -> Vec<(&Loss, &str, usize)> {
        let mut losses: Vec<(&Loss, &str, usize)> = Vec::new();
        for row in &self.rows {
            for loss in &row.losses {
                match losses.iter_mut().find(|(known, format, _)| *known == loss && *format == row.format) {
                    Some((_, _, files)) => *files += 1,
                    None => losses.push((loss, &row.format, 1)),
                }
            }
        }
        losses
    }
}

fn place(format: &Format, variant: &Variant) -> String {
    match variant.name {
        "" => format.name.to_owned(),
        variant => format!("{}/{variant}", format.name),
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

/// More people than this whom a format refuses for one reason are told of in one line.
const REFUSALS_SHOWN: usize = 3;
