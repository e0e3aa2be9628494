//! Readings from the machine and from a process, and statistics over them. Linux only: it reads `/proc`.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::Context;

/// Several readings of one thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// `None` without readings.
    pub(crate) fn of(readings: &[f64]) -> Option<Self> {
        let mut sorted = readings.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        } else {
            sorted[middle]
        };
        Some(Self { median, min, max })
    }
}

/// The memory of a process and its descendants in KB, shared pages divided among those who share them.
pub(crate) fn pss_kb(process: u32) -> anyhow::Result<f64> {
    let mut sum = 0.0;
    for process in family(process)? {
        let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("smaps_rollup without Pss")?;
        sum += line.trim().trim_end_matches("kB").trim().parse::<f64>()?;
    }
    Ok(sum)
}

/// User and system time of a process, its descendants, and those of them that have ended, in milliseconds.
pub(crate) fn cpu_ms(process: u32) -> anyhow::Result<f64> {
    let mut sum = 0.0;
    for process in family(process)? {
        // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), where state is field 3.
        sum += ticks_ms(&stat(process).context("the process has ended")?[11..15])?;
    }
    Ok(sum)
}

/// User and system time of this process alone, the load generator.
pub(crate) fn own_cpu_ms() -> anyhow::Result<f64> {
    ticks_ms(&stat(std::process::id()).context("no /proc here")?[11..13])
}

fn ticks_ms(fields: &[String]) -> anyhow::Result<f64> {
    let mut ticks = 0.0;
    for field in fields {
        ticks += field.parse::<f64>()?;
    }
    Ok(ticks * MS_PER_TICK)
}

fn family(process: u32) -> anyhow::Result<BTreeSet<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(child) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // The process has ended meanwhile.
        let Some(parent) = stat(child).and_then(|fields| fields[1].parse::<u32>().ok()) else { continue };
        parents.push((child, parent));
    }
    let mut family = BTreeSet::from([process]);
    loop {
        let known = family.len();
        let children: Vec<u32> =
            parents.iter().filter(|(_, parent)| family.contains(parent)).map(|(child, _)| *child).collect();
        family.extend(children);
        if family.len() == known {
            return Ok(family);
        }
    }
}

/// The fields of `/proc/PID/stat` behind the name, which may hold spaces.
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// Whether this process may start servers that change their user.
pub(crate) fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_else(|_| String::new());
    status.lines().any(|line| line.starts_with("Uid:\t0\t0"))
}

/// How many files a process may have open.
pub(crate) fn open_files_max() -> anyhow::Result<u32> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).context("no limit of open files")?;
    let soft = line.split_whitespace().next().context("no soft limit of open files")?;
    Ok(if soft == "unlimited" { u32::MAX } else { soft.parse()? })
}

/// The machine and the programs, a line each.
pub(crate) fn machine(date: Option<&str>) -> anyhow::Result<Vec<(&'static str, String)>> {
    let cpus = fs::read_to_string("/proc/cpuinfo")?;
    let models = cpus.lines().filter(|line| line.starts_with("model name")).filter_map(|line| line.split_once(": "));
    let model = models.map(|(_, model)| model).next().unwrap_or("unknown CPU").to_owned();
    let memory = fs::read_to_string("/proc/meminfo")?;
    let memory = memory.lines().next().unwrap_or("").trim_start_matches("MemTotal:").trim().to_owned();
    Ok(vec![
        ("date", date.map_or_else(|| said("date", &["-u", "+%Y-%m-%d"]), str::to_owned)),
        ("CPU", format!("{} cores, {model}", std::thread::available_parallelism()?)),
        ("memory", memory),
        ("kernel", format!("Linux {}", fs::read_to_string("/proc/sys/kernel/osrelease")?.trim())),
        ("commit", said("git", &["describe", "--always", "--dirty"])),
        ("rustc", said("rustc", &["--version"])),
        ("Dovecot", said("dovecot", &["--version"])),
        ("Postfix", said("postconf", &["-h", "-d", "mail_version"])),
    ])
}

/// The load of the last minute.
pub(crate) fn load_average() -> anyhow::Result<f64> {
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(load.split(' ').next().context("an empty load average")?.parse()?)
}

/// The first line that a program prints, or "not here".
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text =
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_else(|_| String::new());
    text.lines().next().map_or_else(|| "not here".to_owned(), |line| line.trim().to_owned())
}

/// `USER_HZ` is 100 on every Linux that Rust runs on.
const MS_PER_TICK: f64 = 10.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert_eq!(Spread::of(&[4.0, 1.0, 2.0, 3.0]), Some(Spread { median: 2.5, min: 1.0, max: 4.0 }));
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 3.0 }));
        assert_eq!(Spread::of(&[]), None);
    }
}
