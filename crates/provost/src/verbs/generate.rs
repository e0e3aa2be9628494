//! `provost generate`: a profile for every user, format and variant, the manifest, and the resolved service.

use std::collections::{BTreeMap, BTreeSet};

use indicatif::ProgressBar;
use provost_account::{Account, Service};
use provost_profile::{Format, Passwords, Profile, Refusal, Request, Variant};
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
    let users = input::users(&options.inputs.users, &service)?;
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
        let passwords = if options.danger_embed_passwords { Passwords::Embed } else { Passwords::LeaveOut };
        for variant in format.variants {
            self.sums.entry(place(format, variant)).or_default();
        }
        for user in users {
            let account = match passwords {
                Passwords::LeaveOut => user.account.clone(),
                Passwords::Embed => with_password(user),
            };
            for variant in format.variants {
                let request = Request {
                    organization: &service.organization,
                    account: &account,
                    oauth2: service.oauth2.as_ref(),
                    variant,
                    passwords,
                };
                match (format.write)(&request) {
                    Ok(profile) => self.save(format, variant, &account, profile)?,
                    Err(refusal) => self.refusals.push((account.address.to_string(), format.name, refusal)),
                }
            }
            bar.inc(1);
        }
        Ok(())
    }

    fn save(
        &mut self,
        format: &'static Format,
        variant: &Variant,
        account: &Account,
        profile: Profile,
    ) -> Result<(), Failure> {
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
        let stem = names::stem(&account.address);
        for file in profile.files {
            let part = file.part.map(|part| format!(".{part}"));
            let path = format!("{}/{stem}{}.{}", place(format, variant), part.as_deref().unwrap_or(""), file.extension);
            let sum = self.sums.entry(place(format, variant)).or_default();
            match self.folder.write(&path, &file.bytes)? {
                Written::New => sum.new += 1,
                Written::Changed => sum.changed += 1,
                Written::Unchanged => sum.unchanged += 1,
            }
            self.rows.push(Row {
                address: account.address.to_string(),
                username: login(account),
                format: format.name.to_owned(),
                path,
                install: format.install.map(str::to_owned),
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
            if listed.contains(&row.address) && !asked.contains(row.format.as_str()) {
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
            eprintln!("note: {} of {} is no longer asked for: {fate}", row.path, row.address);
        }
        for (address, format, refusal) in &self.refusals {
            eprintln!("refused: {address} in {format}: {refusal}");
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

fn login(account: &Account) -> Option<String> {
    let logins = account.incoming.iter().map(|incoming| &incoming.server).chain(&account.outgoing);
    logins.filter_map(|server| server.login.as_ref()).map(ToString::to_string).next()
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
