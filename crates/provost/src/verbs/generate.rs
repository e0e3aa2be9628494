//! `provost generate`: a profile for every user, format and variant, the manifest, and the resolved service.

mod clashes;
mod outcome;
mod own_logins;
mod plan;
mod report;

use provost_account::Service;
use provost_settings::write_service;

use crate::arguments::Generate;
use crate::dist::folder::Folder;
use crate::dist::strangers::Strangers;
use crate::failure::Failure;
use crate::signing::Signing;
use crate::verdict::Verdict;
use crate::{input, progress, signing};
use provost_generate::Stems;
use provost_generate::manifest::{self, Entry};
use provost_generate::{MANIFEST_FILE, SERVICE_FILE};

use outcome::Outcome;
use plan::{Kind, Plan};

/// Writes the folder and reports what was written, refused and lost.
pub(crate) fn run(options: &Generate) -> Result<Verdict, Failure> {
    let service = input::settings(&options.config)?;
    let mut users = input::users(&options.users, &options.list, &service)?;
    input::identities(options, &service, &mut users);
    let complaint = input::bad_rows(&options.users, &users.findings);
    if let Some(error) = complaint.as_ref().filter(|_| !options.keep_going || users.good.is_empty()) {
        let hint = match users.good.is_empty() {
            true => "each line above names the place and the fix; no row of the list is valid",
            false => "correct the rows named above, or write the valid ones with --keep-going",
        };
        return Err(Failure::hinted(anyhow::anyhow!("{error}; nothing was written"), hint));
    }
    if options.danger_embed_passwords {
        eprintln!("warning: the profiles contain passwords; anyone who has a file can read its password");
    }
    let signing = what_signs(options, &service)?;
    let folder = Folder::new(&options.output)?;
    let earlier = earlier(&folder, options)?;
    let everybody = users.good.iter().map(|user| &user.account.address).chain(&users.bad);
    let plan = Plan {
        kinds: Kind::all().filter(|kind| kind.is_asked_for(options)).collect(),
        service: &service,
        stems: Stems::of(everybody),
        users: &users,
        options,
    };
    let strangers = Strangers::find(&options.output, &plan.folders(), &earlier)?;
    let replaced = clashes::clashes(&plan, &folder, &strangers, signing.as_ref())?;

    let mut outcome = Outcome::of(folder, signing);
    let bar = progress::bar(Some(plan.profile_count()), "generating");
    plan.profiles(&mut |made| {
        bar.inc(1);
        let more = own_logins::loss(&made, &service, &users.good);
        outcome.keep(&made, more)
    })?;
    bar.finish_and_clear();

    signing::warn_of_other_signers(&earlier, &outcome.entries);
    let left = outcome.carry_over(earlier, &plan, &strangers)?;
    outcome.folder.write(SERVICE_FILE, &write_service(&service))?;
    outcome.folder.write(MANIFEST_FILE, &manifest::write(&outcome.entries))?;
    report::report(&outcome, options, &users.good, &left, &replaced)?;
    Ok(if complaint.is_some() || outcome.is_all_refused() { Verdict::NotGood } else { Verdict::Good })
}

/// What to sign with, if that is asked for. That nothing of what is written is ever signed is a failure.
fn what_signs(options: &Generate, service: &Service) -> Result<Option<Signing>, Failure> {
    let signing = Signing::open(&options.signing, &service.trust)?;
    let mut kinds = Kind::all().filter(|kind| kind.is_asked_for(options));
    if signing.is_some() && !kinds.any(|kind| kind.is_signed(PROFILE)) {
        let error = anyhow::anyhow!("nothing of what is asked for is signed; nothing was written");
        return Err(Failure::hinted(error, "signed are apple-mobileconfig and apple-ddm/manual: add one to --only"));
    }
    Ok(signing)
}

/// The entries of an earlier run's manifest.
fn earlier(folder: &Folder, options: &Generate) -> Result<Vec<Entry>, Failure> {
    let path = options.output.join(MANIFEST_FILE);
    let Some(bytes) = folder.bytes(MANIFEST_FILE)? else { return Ok(Vec::new()) };
    match manifest::entries(bytes.as_slice()).collect::<Result<_, _>>() {
        Ok(entries) => Ok(entries),
        Err(_) if options.force => Ok(Vec::new()),
        Err(error) => Err(Failure::hinted(
            anyhow::Error::from(error)
                .context(format!("{} is not a manifest of `provost generate`; nothing was written", path.display())),
            "write to another folder, move the file away, or replace it with --force",
        )),
    }
}

/// The name of some file that a device takes.
const PROFILE: &str = "x.mobileconfig";
