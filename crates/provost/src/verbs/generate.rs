//! `provost generate`: a profile for every user, format and variant, the manifest, and the resolved service. The run itself
//! is `provost-generate`'s; this reads the options, and says what came of it.

mod own_logins;
mod report;

use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;

use provost_account::{Finding, Service};
use provost_generate::{Clashes, Ended, Event, Job, Kind, Over, Population, Report, RunError, Signing, Source, Target};
use provost_profile::Passwords;

use crate::arguments::generate::{Generate, Only};
use crate::failure::Failure;
use crate::verdict::Verdict;
use crate::{complaints, input, progress, signing};

use report::Shown;

/// Writes the files and reports what was written, refused and lost.
pub(crate) fn run(options: &Generate) -> Result<Verdict, Failure> {
    let target = target(&options.output)?;
    if options.check && !matches!(target, Target::Folder(_)) {
        let error = anyhow::anyhow!("--check compares with a folder, and {} is none", options.output.display());
        return Err(Failure::hinted(error, "unpack the archive, and give the folder"));
    }
    let service = input::settings(&options.config)?;
    let list = input::UserList::open(&options.users, &options.list)?;
    let head = list.list().map_err(|findings| nothing_valid(findings, options))?;
    let threads = options.jobs.map_or_else(thread::available_parallelism, Ok)?;
    let source = Source {
        list: head,
        open: &|| -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(list.rewound()?)) },
        service: &service,
        read_named: &input::trust_reader(&options.config),
    };
    let bar = progress::bar(None, "reading");
    let people = source.survey(threads, &mut |people| bar.set_position(people)).map_err(failure)?;
    bar.finish_and_clear();
    let is_any_bad = judge(&people, options)?;
    if options.danger_embed_passwords {
        eprintln!("warning: the profiles contain passwords; anyone who has a file can read its password");
    }
    let kinds: Vec<Kind> = Kind::all().filter(|kind| is_asked_for(*kind, options)).collect();
    let signing = what_signs(options, &service, &kinds)?;
    let job = Job {
        source,
        kinds: &kinds,
        passwords: if options.danger_embed_passwords { Passwords::Embed } else { Passwords::LeaveOut },
        signing: signing.as_ref(),
        threads,
        over: Over { force: options.force, prune: options.prune },
        more_losses: &|kind, scope, files| own_logins::loss(kind, scope, files, &people.surveyed.people),
    };
    let mut out = report_stream(&target);
    let mut shown = Shown::new(options, &mut *out);
    let (report, replaced) = write(&job, &people, &target, options, &mut shown)?;
    let stale = shown.into_stale();
    signing::warn_of_other_signers(report.other_signers);
    report::report(&report, stale, options, people.surveyed.people.all.count, &replaced, &mut *out)?;
    if report.edited > 0 {
        let files = input::count(report.edited, "file");
        let error = anyhow::anyhow!("{files} kept, because they were changed after `provost generate` wrote them");
        return Err(Failure::hinted(error, "everything else is written; move them away, or replace them with --force"));
    }
    let is_different = options.check && report::differences(&report) > 0;
    Ok(if is_any_bad || report.is_all_refused() || is_different { Verdict::NotGood } else { Verdict::Good })
}

/// Where the files go. A folder stays one, whatever its name ends in.
fn target(output: &Path) -> Result<Target, Failure> {
    match Target::of(output) {
        Target::Pipe => Ok(Target::Pipe),
        _ if output.is_dir() => Ok(Target::Folder(output.to_owned())),
        Target::Folder(folder) if folder.exists() => {
            Err(anyhow::anyhow!("{} is a file, not a folder", folder.display()).into())
        }
        target @ (Target::Folder(_) | Target::Archive(..)) => Ok(target),
    }
}

/// Where the report goes: standard output, unless the archive does.
fn report_stream(target: &Target) -> Box<dyn Write> {
    match target {
        Target::Pipe => Box::new(io::stderr()),
        Target::Folder(_) | Target::Archive(..) => Box::new(io::stdout()),
    }
}

/// Standard output for an archive: nothing looks for the ends of lines in it, and a pipe holds as much as Linux lets every
/// user have (pipe(7), `pipe-max-size`), so that the reader is woken less often.
#[cfg(target_os = "linux")]
fn archive_stream() -> io::Result<Box<dyn Write + Send>> {
    use std::os::fd::AsFd as _;
    let out = std::fs::File::from(io::stdout().as_fd().try_clone_to_owned()?);
    // Where it is no pipe, or the user has many, it stays as it is.
    let _ = rustix::pipe::fcntl_setpipe_size(&out, PIPE_OCTETS);
    Ok(Box::new(out))
}

#[cfg(not(target_os = "linux"))]
fn archive_stream() -> io::Result<Box<dyn Write + Send>> {
    Ok(Box::new(io::stdout()))
}

/// Prints what is wrong with the list; whether rows are bad, and the others are to be used all the same.
fn judge(people: &Population, options: &Generate) -> Result<bool, Failure> {
    let surveyed = &people.surveyed;
    complaints::print(&options.users, &surveyed.findings);
    let Some(error) = input::bad_rows(&options.users, &surveyed.findings) else { return Ok(false) };
    let hint = match (surveyed.people.all.count, options.keep_going) {
        (0, _) => NO_ROW,
        (_, true) => return Ok(true),
        (_, false) => "correct the rows named above, or write the valid ones with --keep-going",
    };
    Err(Failure::hinted(anyhow::anyhow!("{error}; nothing was written"), hint))
}

/// A list whose start says that no row can be read.
fn nothing_valid(findings: &[Finding], options: &Generate) -> Failure {
    complaints::print(&options.users, findings);
    let errors = input::count(complaints::errors(findings), "error");
    Failure::hinted(anyhow::anyhow!("{errors} in {}; nothing was written", options.users.display()), NO_ROW)
}

/// Runs. The report, and the files that were replaced; files in the way are a failure.
fn write(
    job: &Job<'_>,
    people: &Population,
    target: &Target,
    options: &Generate,
    shown: &mut Shown<'_>,
) -> Result<(Report, Clashes), Failure> {
    let bar =
        progress::bar(Some(people.surveyed.people.all.count), if options.check { "comparing" } else { "generating" });
    let mut watch = |event: Event<'_>| match event {
        Event::People(done) => {
            bar.set_position(done);
            Ok(())
        }
        event => bar.suspend(|| shown.show(&event)),
    };
    let ended = match target {
        Target::Folder(root) if options.check => provost_generate::check_folder(job, people, root, &mut watch)
            .map(|it| Ended::Done(Box::new(it), Clashes::default())),
        Target::Folder(root) => provost_generate::write_folder(job, people, root, &mut watch),
        Target::Archive(format, path) => provost_generate::write_archive(job, people, *format, path, &mut watch)
            .map(|it| Ended::Done(Box::new(it), Clashes::default())),
        Target::Pipe => provost_generate::write_pipe(job, people, &mut *archive_stream()?, &mut watch)
            .map(|it| Ended::Done(Box::new(it), Clashes::default())),
    };
    bar.finish_and_clear();
    match ended.map_err(failure)? {
        Ended::Done(report, replaced) => Ok((*report, replaced)),
        Ended::Clashes(clashes) => Err(in_the_way(&clashes, &options.output)),
    }
}

/// Names the files that are not ours and would be replaced.
fn in_the_way(clashes: &Clashes, output: &Path) -> Failure {
    for (path, stranger) in clashes.first.iter().take(CLASHES_SHOWN) {
        eprintln!("kept: {}: {}", output.join(path).display(), stranger.what());
    }
    if let Some(more) = clashes.count.checked_sub(CLASHES_SHOWN as u64).filter(|more| *more > 0) {
        eprintln!("kept: {} more", input::count(more, "file"));
    }
    let error = anyhow::anyhow!("{} would be replaced; nothing was written", input::count(clashes.count, "file"));
    let hint = match clashes.in_the_way {
        true => "write to another folder, or move away what is named above",
        false => "write to another folder, move the files named above away, or replace them with --force",
    };
    Failure::hinted(error, hint)
}

/// Whether `--only` or `--client` names it, or neither is given.
fn is_asked_for(kind: Kind, options: &Generate) -> bool {
    let is_named = |only: &Only| {
        let is_variant = only.variant.is_none_or(|variant| variant.name == kind.variant.name);
        only.format.name == kind.format.name && is_variant
    };
    let is_clients = options.client.is_none_or(|client| kind.format.client_names.contains(&client));
    is_clients && (options.only.is_empty() || options.only.iter().any(is_named))
}

/// What to sign with, if that is asked for. That nothing of what is written is ever signed is a failure.
fn what_signs(options: &Generate, service: &Service, kinds: &[Kind]) -> Result<Option<Signing>, Failure> {
    let signing = signing::open(&options.signing, &service.trust)?;
    if signing.is_some() && !kinds.iter().any(|kind| kind.is_signed()) {
        let error = anyhow::anyhow!("nothing of what is asked for is signed; nothing was written");
        return Err(Failure::hinted(error, "signed are apple-mobileconfig and apple-ddm/manual: add one to --only"));
    }
    Ok(signing)
}

/// What ended a run, and what to do about it.
fn failure(error: RunError) -> Failure {
    let hint = match error {
        RunError::Manifest { path, source } => {
            let what = format!("{} is not a manifest of `provost generate`; nothing was written", path.display());
            let hint = "write to another folder, move the file away, or replace it with --force";
            return Failure::hinted(anyhow::Error::from(source).context(what), hint);
        }
        RunError::Taken(_) => "wait for it to end; the same command then writes what is missing",
        RunError::Io { doing: "write" | "write to", .. } => {
            "make room, or change the rights; every file that was written is whole, and the same command goes on from there"
        }
        RunError::Io { .. }
        | RunError::List(_)
        | RunError::Packing(_)
        | RunError::Reporting(_)
        | RunError::Row(_)
        | RunError::Signing(_) => return error.into(),
    };
    Failure::hinted(error, hint)
}

const NO_ROW: &str = "each line above names the place and the fix; no row of the list is valid";
/// More files than this that are not ours are told of in one line.
const CLASHES_SHOWN: usize = 10;
/// The default of `pipe-max-size`.
#[cfg(target_os = "linux")]
const PIPE_OCTETS: usize = 1 << 20;
