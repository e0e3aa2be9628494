//! `cargo xtask bench generate`: how near `provost generate` comes to what limits it, the signature or the disk, and
//! `provost verify` to its connections, with both measured in turns within one run. It judges nothing: a missed goal is only
//! noted in the report.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use super::measures::{self, Spread};
use super::proofs;
use xtask::workspace::{cargo, must, root};

/// `bench generate [--rounds N] [--people N] [--date DATE] [--before PROGRAM]`.
pub(super) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let options = Options::parse(arguments)?;
    if cfg!(debug_assertions) {
        must(&mut cargo(&["build", "--release", "--package", "provost", "--package", "peers"]))?;
        return must(Command::new(root().join("target/release/peers")).args(["bench", "generate"]).args(arguments));
    }
    let load = measures::load_average()?;
    let bench = Bench::prepare(&options)?;
    let mut rows = Vec::new();
    for row in ROWS {
        eprintln!("{}", row.says);
        let (mut works, mut limits) = (Vec::new(), Vec::new());
        for round in 0..options.rounds {
            // The one that comes first finds other caches than the other, so they take turns.
            if round % 2 == 0 {
                works.push((row.work)(&bench)?);
                limits.push((row.limit)(&bench)?);
            } else {
                limits.push((row.limit)(&bench)?);
                works.push((row.work)(&bench)?);
            }
        }
        rows.push((row, Spread::of(&works).context("no round")?, Spread::of(&limits).context("no round")?));
    }
    let report = bench.report(&options, load, &rows)?;
    println!("{report}");
    fs::write(root().join("benchmarks/generate.md"), report)?;
    Ok(())
}

struct Options {
    rounds: u32,
    people: usize,
    date: Option<String>,
    /// The program as it was before.
    before: Option<PathBuf>,
}

impl Options {
    fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self { rounds: 3, people: 1_000_000, date: None, before: None };
        let mut words = arguments.iter();
        while let Some(option) = words.next() {
            let value = words.next().with_context(|| format!("{option} needs a value"))?;
            match option.as_str() {
                "--rounds" => options.rounds = value.parse().context("--rounds is a number")?,
                "--people" => options.people = value.parse().context("--people is a number")?,
                "--date" => options.date = Some(value.clone()),
                "--before" => options.before = Some(value.into()),
                _ => bail!("unknown option {option}: --rounds, --people, --date, --before"),
            }
        }
        ensure!(options.rounds > 0 && options.people >= 1000, "at least one round and 1000 people");
        Ok(options)
    }
}

/// A row of the report. Both functions give seconds for the same work.
struct Row {
    says: &'static str,
    limit_says: &'static str,
    /// The share of the limit's speed that is wanted.
    goal: f64,
    work: fn(&Bench) -> anyhow::Result<f64>,
    limit: fn(&Bench) -> anyhow::Result<f64>,
}

const ROWS: &[Row] = &[
    Row {
        says: "unsigned, a tar archive into a pipe",
        limit_says: "the same octets into it",
        goal: 0.40,
        work: |bench| bench.piped(&[], 1).map(|(seconds, _)| seconds),
        limit: Bench::bare_pipe,
    },
    Row {
        says: "signed with P-256, into a pipe",
        limit_says: "as many bare signatures, on all cores",
        goal: 0.60,
        work: |bench| bench.piped(&bench.p256.arguments, 1).map(|(seconds, _)| seconds),
        limit: Bench::bare_p256,
    },
    Row {
        says: "signed with RSA-2048, a tenth of the people, into a pipe",
        limit_says: "as many bare signatures, on all cores",
        goal: 0.95,
        work: |bench| bench.piped(&bench.rsa.arguments, FEWER).map(|(seconds, _)| seconds),
        limit: Bench::bare_rsa,
    },
    Row {
        says: "unsigned, a tenth of the people, into a folder",
        limit_says: "open, write, close and rename as many files of that length, in 256 folders, on all cores",
        goal: 0.85,
        work: Bench::to_a_folder,
        limit: Bench::bare_files,
    },
    Row {
        says: "again with one person changed, a tenth of the people, P-256",
        limit_says: "reading list and manifest, and a stat of each file",
        goal: 0.30,
        work: Bench::again,
        limit: Bench::bare_look,
    },
    Row {
        says: "proofs of k9s profiles against the mock server, a hundredth of the people",
        limit_says: "a bare client's same five connections a person, 16 people at once",
        goal: 0.75,
        work: Bench::proofs,
        limit: Bench::bare_connections,
    },
];

/// What is measured with.
struct Bench {
    folder: tempfile::TempDir,
    people: usize,
    p256: Signer,
    rsa: Signer,
    /// How many octets an unsigned run gives, and how long a file is.
    octets: u64,
    file_octets: usize,
    proofs: RefCell<Proofs>,
}

/// What the proofs took, a reading a round.
#[derive(Default)]
struct Proofs {
    cpu_ms: Vec<f64>,
    bare_cpu_ms: Vec<f64>,
    megabytes: Vec<f64>,
}

/// A self-signed certificate and its key.
struct Signer {
    arguments: Vec<String>,
    pkcs8: Vec<u8>,
}

impl Signer {
    fn new(folder: &Path, name: &str, key: &[&str]) -> anyhow::Result<Self> {
        let file = |end: &str| folder.join(format!("{name}.{end}")).display().to_string();
        let (certificate, private) = (file("pem"), file("key"));
        let request = ["req", "-x509", "-nodes", "-days", "3650", "-subj", "/CN=Bench", "-out", &certificate];
        let made = Command::new("openssl").args(request).args(["-keyout", &private]).args(key).output();
        ensure!(made.context("openssl, which makes the keys")?.status.success(), "openssl makes no key");
        let pem = fs::read_to_string(&private)?;
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pkcs8 = STANDARD.decode(base64)?;
        let arguments = ["--danger-self-signed", "--sign-cert", &certificate, "--sign-key", &private];
        Ok(Self { arguments: arguments.map(str::to_owned).to_vec(), pkcs8 })
    }
}

impl Bench {
    fn prepare(options: &Options) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path();
        fs::copy(root().join("fixtures/centurylink/mail.yaml"), path.join("mail.yaml"))?;
        write_list(&path.join("people.csv"), options.people, None)?;
        write_list(&path.join("fewer.csv"), options.people / FEWER, None)?;
        write_list(&path.join("changed.csv"), options.people / FEWER, Some(options.people / FEWER / 2))?;
        let p256 = Signer::new(path, "p256", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])?;
        let rsa = Signer::new(path, "rsa", &["-newkey", "rsa:2048"])?;
        let mut bench =
            Self { folder, people: options.people, p256, rsa, octets: 0, file_octets: 0, proofs: RefCell::default() };
        (_, bench.octets) = bench.piped(&[], 1)?;
        write_list(&bench.path("one.csv"), 1, None)?;
        bench.provost("one.csv", &bench.path("one"), &[])?;
        let file = bench.path("one/apple-mobileconfig/ios/jane.example0@centurylink.net.mobileconfig");
        bench.file_octets = usize::try_from(fs::metadata(file)?.len())?;
        Ok(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Seconds of a run into a pipe whose octets are counted and thrown away, and how many they are.
    fn piped(&self, more: &[String], share: usize) -> anyhow::Result<(f64, u64)> {
        let list = if share == 1 { "people.csv" } else { "fewer.csv" };
        let begin = Instant::now();
        let mut child = self.command(list, "-").args(more).stdout(Stdio::piped()).spawn()?;
        let octets = drain(&mut child.stdout.take().context("a pipe")?)?;
        ensure!(child.wait()?.success(), "provost failed");
        Ok((begin.elapsed().as_secs_f64(), octets))
    }

    /// Seconds for this process to write as many octets into a pipe, with the same reader.
    fn bare_pipe(&self) -> anyhow::Result<f64> {
        let (mut reader, mut writer) = io::pipe()?;
        let octets = self.octets;
        let begin = Instant::now();
        let drained = thread::spawn(move || drain(&mut reader));
        let block = vec![b'x'; 1 << 20];
        let mut left = octets;
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
            writer.write_all(&block[..now])?;
            left -= now as u64;
        }
        drop(writer);
        let drained = drained.join().map_err(|_panic| anyhow::anyhow!("the reader panicked"))??;
        ensure!(drained == octets, "the pipe lost octets");
        Ok(begin.elapsed().as_secs_f64())
    }

    fn bare_p256(&self) -> anyhow::Result<f64> {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.p256.pkcs8, &random);
        let key = key.map_err(|error| anyhow::anyhow!("ring: {error}"))?;
        on_all_cores(self.people, &|at| {
            key.sign(&random, &at.to_le_bytes()).map_err(|error| anyhow::anyhow!("no signature: {error}"))?;
            Ok(())
        })
    }

    fn bare_rsa(&self) -> anyhow::Result<f64> {
        let random = SystemRandom::new();
        let key = RsaKeyPair::from_pkcs8(&self.rsa.pkcs8).map_err(|error| anyhow::anyhow!("ring: {error}"))?;
        on_all_cores(self.people / FEWER, &|at| {
            let mut signature = [0; 256];
            let signed = key.sign(&RSA_PKCS1_SHA256, &random, &at.to_le_bytes(), &mut signature);
            signed.map_err(|error| anyhow::anyhow!("no signature: {error}"))
        })
    }

    fn to_a_folder(&self) -> anyhow::Result<f64> {
        let folder = self.emptied("folder")?;
        let begin = Instant::now();
        self.provost("fewer.csv", &folder, &[])?;
        Ok(begin.elapsed().as_secs_f64())
    }

    fn bare_files(&self) -> anyhow::Result<f64> {
        let folder = self.emptied("bare")?;
        for fan in 0..256 {
            fs::create_dir_all(folder.join(format!("{fan:02x}")))?;
        }
        let octets = vec![b'x'; self.file_octets];
        on_all_cores(self.people / FEWER, &|at| {
            let temporary = folder.join(format!("{at}.tmp"));
            File::create_new(&temporary)?.write_all(&octets)?;
            // As far apart as a hash puts them.
            fs::rename(
                &temporary,
                folder.join(format!("{:02x}/person{at}@centurylink.net.mobileconfig", at * 167 % 256)),
            )?;
            Ok(())
        })
    }

    /// A run over a folder in which one person is out of date, which is in date then.
    fn again(&self) -> anyhow::Result<f64> {
        let folder = self.path("again");
        if !folder.exists() {
            self.provost("fewer.csv", &folder, &self.p256.arguments)?;
        }
        let manifest = fs::read_to_string(folder.join("manifest.jsonl"))?;
        let begin = Instant::now();
        self.provost("changed.csv", &folder, &self.p256.arguments)?;
        let seconds = begin.elapsed().as_secs_f64();
        let now = fs::read_to_string(folder.join("manifest.jsonl"))?;
        let changed = manifest.lines().zip(now.lines()).filter(|(before, now)| before != now).count();
        ensure!(changed == 1, "{changed} files were written instead of one");
        self.provost("fewer.csv", &folder, &self.p256.arguments)?;
        Ok(seconds)
    }

    fn bare_look(&self) -> anyhow::Result<f64> {
        let folder = self.path("again");
        if !folder.exists() {
            self.provost("fewer.csv", &folder, &self.p256.arguments)?;
        }
        let begin = Instant::now();
        let people = BufReader::new(File::open(self.path("changed.csv"))?).lines().count();
        let mut files = 0;
        for line in BufReader::new(File::open(folder.join("manifest.jsonl"))?).lines() {
            let row: serde_json::Value = serde_json::from_str(&line?)?;
            let path = row["path"].as_str().context("a row without a path")?;
            files += usize::from(fs::metadata(folder.join(path))?.is_file());
        }
        ensure!(people == files + 1, "{people} lines and {files} files");
        Ok(begin.elapsed().as_secs_f64())
    }

    fn proofs(&self) -> anyhow::Result<f64> {
        let folder = self.path("proofs");
        let people = self.proven().len();
        if !folder.exists() {
            write_list(&self.path("proven.csv"), people, None)?;
            let mut command = Command::new(root().join("target/release/provost"));
            command.args(["generate", "-c", "mail.yaml", "--only", "k9s", "--users", "proven.csv", "-o"]).arg(&folder);
            ensure!(command.current_dir(self.folder.path()).output()?.status.success(), "no k9s profiles");
        }
        let mut command = Command::new(root().join("target/release/provost"));
        command.arg("verify").arg(folder.join("k9s"));
        let begin = Instant::now();
        let Usage { megabytes, cpu_seconds } =
            self.timed(&command)?.context("GNU time, which counts CPU and memory")?;
        let seconds = begin.elapsed().as_secs_f64();
        let mut proofs = self.proofs.borrow_mut();
        proofs.cpu_ms.push(cpu_seconds * 1000.0 / people as f64);
        proofs.megabytes.push(megabytes);
        Ok(seconds)
    }

    fn bare_connections(&self) -> anyhow::Result<f64> {
        let people = self.proven();
        let count = people.len() as f64;
        let cost = proofs::bare(people)?;
        self.proofs.borrow_mut().bare_cpu_ms.push(cost.cpu_ms / count);
        Ok(cost.seconds)
    }

    /// The addresses of those whose profiles are proven.
    fn proven(&self) -> Vec<String> {
        (0..self.people / FEWEST).map(address).collect()
    }

    /// The peak memory of a run in MB; `None` without GNU time.
    fn memory(&self, list: &str) -> anyhow::Result<Option<f64>> {
        Ok(self.timed(&self.command(list, "-"))?.map(|usage| usage.megabytes))
    }

    /// Runs a command to its end, as GNU time reports it; `None` without that program.
    fn timed(&self, command: &Command) -> anyhow::Result<Option<Usage>> {
        let mut timed = Command::new("/usr/bin/time");
        timed.args(["-f", "%M %U %S"]).arg(command.get_program()).args(command.get_args());
        timed.current_dir(self.folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let Ok(mut child) = timed.spawn() else { return Ok(None) };
        drain(&mut child.stdout.take().context("a pipe")?)?;
        let done = child.wait_with_output()?;
        let said = String::from_utf8(done.stderr)?;
        ensure!(done.status.success(), "{command:?}: {said}");
        let numbers: Result<Vec<f64>, _> = said.lines().last().unwrap_or("").split(' ').map(str::parse).collect();
        let [kilobytes, user, system] = numbers.context("GNU time says no numbers")?[..] else {
            bail!("GNU time says other numbers: {said}");
        };
        Ok(Some(Usage { megabytes: kilobytes / 1000.0, cpu_seconds: user + system }))
    }

    /// Microseconds a person of other ways to do the same: this program's, of a fiftieth of the people.
    fn others(&self, before: Option<&Path>) -> anyhow::Result<Vec<(String, f64)>> {
        let people = (self.people / FEW).max(1);
        write_list(&self.path("few.csv"), people, None)?;
        let per_person = |seconds: f64| seconds * 1e6 / people as f64;
        let mut others = Vec::new();
        let script = root().join("peers/src/bench/admin.py");
        let mut python = Command::new("python3");
        python.arg(script).arg("few.csv").current_dir(self.folder.path()).stdout(Stdio::piped());
        let begin = Instant::now();
        let mut child = python.spawn().context("python3")?;
        drain(&mut child.stdout.take().context("a pipe")?)?;
        ensure!(child.wait()?.success(), "the script failed");
        others.push(("an admin's Python script, into a pipe".to_owned(), per_person(begin.elapsed().as_secs_f64())));
        let program = root().join("target/release/provost");
        for (says, program) in
            [("the program before, two files into a folder", before), ("this program, the same", Some(&*program))]
        {
            let Some(program) = program else { continue };
            let mut command = Command::new(program);
            // Variants came later than what is compared with, so both of them are made.
            command.args(["generate", "-c", "mail.yaml", "--only", "apple-mobileconfig", "--users", "few.csv", "-o"]);
            let begin = Instant::now();
            let done = command.arg(self.emptied("other")?).current_dir(self.folder.path()).output()?;
            ensure!(done.status.success(), "{says} failed");
            others.push((says.to_owned(), per_person(begin.elapsed().as_secs_f64())));
        }
        Ok(others)
    }

    fn report(&self, options: &Options, load: f64, rows: &[(&Row, Spread, Spread)]) -> anyhow::Result<String> {
        let mut text = HEAD.to_owned();
        for (what, value) in measures::machine(options.date.as_deref())? {
            writeln!(text, "- {what}: {value}")?;
        }
        writeln!(text, "- rounds: {}, in turns; load average of the minute before: {load:.2}", options.rounds)?;
        writeln!(
            text,
            "- people: {}; a file has {} octets unsigned, the archive {}",
            self.people, self.file_octets, self.octets
        )?;
        writeln!(text, "\n## Shares of the limit\n\nSeconds: median (least to most).\n")?;
        writeln!(text, "| work | seconds | limit | seconds | share | goal |\n|---|---|---|---|---|---|")?;
        for (row, work, limit) in rows {
            let share = limit.median / work.median;
            let verdict = if share >= row.goal { "met" } else { "**not met**" };
            writeln!(
                text,
                "| {} | {} | {} | {} | {:.0} % | {:.0} %: {verdict} |",
                row.says,
                shown(work),
                row.limit_says,
                shown(limit),
                share * 100.0,
                row.goal * 100.0
            )?;
        }
        writeln!(text, "\n## Memory\n\n| people | peak, MB |\n|---|---|")?;
        write_list(&self.path("thousand.csv"), 1000, None)?;
        write_list(&self.path("tenfold.csv"), self.people * 10, None)?;
        for (people, list) in [(1000, "thousand.csv"), (self.people, "people.csv"), (self.people * 10, "tenfold.csv")] {
            let megabytes = self.memory(list)?.map_or_else(|| "not measured".to_owned(), |it| format!("{it:.0}"));
            writeln!(text, "| {people} | {megabytes} |")?;
        }
        let proofs = self.proofs.borrow();
        writeln!(text, "\n## Proofs\n\nMedian (least to most); client and server together.\n")?;
        writeln!(text, "| | reading | goal |\n|---|---|---|")?;
        for (says, readings, goal) in [
            ("CPU a proof, ms", &proofs.cpu_ms, Some(5.0)),
            ("CPU of the bare client's connections a person, ms", &proofs.bare_cpu_ms, None),
            ("peak memory, MB", &proofs.megabytes, Some(150.0)),
        ] {
            let spread = Spread::of(readings);
            let reading = spread.map_or_else(|| "not measured".to_owned(), |spread| shown(&spread));
            let goal = goal.map_or_else(String::new, |goal| match spread.is_some_and(|it| it.median <= goal) {
                true => format!("{goal:.0}: met"),
                false => format!("{goal:.0}: **not met**"),
            });
            writeln!(text, "| {says} | {reading} | {goal} |")?;
        }
        writeln!(text, "\n## Other ways\n\nOnce, with a fiftieth of the people.\n\n| | µs a person |\n|---|---|")?;
        for (says, microseconds) in self.others(options.before.as_deref())? {
            writeln!(text, "| {says} | {microseconds:.0} |")?;
        }
        Ok(text)
    }

    fn emptied(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.path(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        Ok(folder)
    }

    fn provost(&self, list: &str, output: &Path, more: &[String]) -> anyhow::Result<()> {
        let done = self.command(list, output).args(more).output()?;
        ensure!(done.status.success(), "provost failed: {}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }

    fn command(&self, list: &str, output: impl AsRef<Path>) -> Command {
        let mut command = Command::new(root().join("target/release/provost"));
        command.current_dir(self.folder.path()).stderr(Stdio::null());
        command.args(["generate", "-c", "mail.yaml", "--only", "apple-mobileconfig/ios", "--users", list, "-o"]);
        command.arg(output.as_ref());
        command
    }
}

/// What a program took.
struct Usage {
    megabytes: f64,
    cpu_seconds: f64,
}

/// Does the work as often as said, shared among all cores; the seconds that it takes.
fn on_all_cores(times: usize, work: &(dyn Fn(usize) -> anyhow::Result<()> + Sync)) -> anyhow::Result<f64> {
    let threads = thread::available_parallelism()?.get();
    let begin = Instant::now();
    thread::scope(|scope| {
        let each: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || (thread..times).step_by(threads).try_for_each(work)))
            .collect();
        each.into_iter().try_for_each(|each| each.join().map_err(|_panic| anyhow::anyhow!("a thread panicked"))?)
    })?;
    Ok(begin.elapsed().as_secs_f64())
}

/// Reads to the end; how many octets there were.
fn drain(source: &mut impl io::Read) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 20];
    let mut octets = 0;
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok(octets),
            more => octets += more as u64,
        }
    }
}

/// People with names and addresses as long as real ones; one of them may have another name.
fn write_list(path: &Path, people: usize, changed: Option<usize>) -> anyhow::Result<()> {
    let mut list = BufWriter::new(File::create(path)?);
    writeln!(list, "email,name")?;
    for at in 0..people {
        let name = if Some(at) == changed { "Another Name" } else { "Jane Example" };
        writeln!(list, "{},{name}", address(at))?;
    }
    Ok(list.flush()?)
}

fn address(at: usize) -> String {
    format!("jane.example{at}@centurylink.net")
}

fn shown(spread: &Spread) -> String {
    format!("{:.2} ({:.2} to {:.2})", spread.median, spread.min, spread.max)
}

/// Of the people, where all of them would take too long.
const FEWER: usize = 10;
const FEW: usize = 50;
const FEWEST: usize = 100;
const HEAD: &str = "# The speed of `provost generate`, and of proofs

Written by `cargo xtask bench generate`; do not edit.
`--people N` and `--rounds N` change the size of the run, `--before PROGRAM` compares with another version, `--date DATE` dates it.
Numbers compare within one run on one machine, never between runs: read the shares.
No test depends on them.

Each row does its work and measures its limit in turns. The share is the limit's time divided by the work's: 100 % would be as fast as the limit.
The files are `apple-mobileconfig/ios` for the settings in `fixtures/centurylink`; the keys are ring's, as in the program.
A proof connects five times: two full TLS handshakes, three that resume.
The bare client says the same commands to the mock server with the same people, and resumes no other person's session either; its mock server is a process of its own, that of `verify` is not.

## The run

";
