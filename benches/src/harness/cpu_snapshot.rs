//! All CPU clocks of the machine at one moment.
//!
//! The owners' clocks are read first and to the nanosecond; everything else comes from `/proc`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::time::{Duration, Instant};

use procfs::process::{Process, all_processes};
use reports::record::CpuShare;

use crate::sys::clocks;
pub use crate::sys::clocks::{allowed_cpus, process_cpu};

/// All clocks at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// When.
    pub at: Instant,
    /// CPU time of every process, by its id.
    pub clocks: BTreeMap<u32, Duration>,
    /// What `/proc` tells about every process, by its id.
    pub stats: BTreeMap<u32, Stat>,
    /// For the processes that matter most: how long their threads have been ready to run without a
    /// CPU, in seconds.
    pub waits: BTreeMap<u32, f64>,
    /// The machine's own counters.
    pub machine: Machine,
}

/// A process in `/proc`; times in seconds, counted in ticks of 10 ms.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stat {
    /// One letter, `T` for a stopped one.
    pub state: char,
    /// The parent's process id.
    pub parent: u32,
    /// User CPU time.
    pub user_s: f64,
    /// System CPU time.
    pub system_s: f64,
    /// CPU time of its children that have ended, theirs included.
    pub ended_children_s: f64,
}

/// The machine's own counters, in seconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Machine {
    /// CPUs that are online.
    pub cores: u32,
    /// Nobody's time, waiting for a disk included.
    pub idle_s: f64,
    /// Soft-interrupt time.
    pub softirq_s: f64,
    /// Time taken by the hypervisor.
    pub steal_s: f64,
    /// Idle time and steal of each CPU.
    pub per_cpu: Vec<CpuShare>,
}

impl Snapshot {
    /// Reads all clocks now, those of `first` before all others: theirs matter most.
    ///
    /// # Errors
    /// One line for a person, when `/proc` cannot be read.
    pub fn take(first: &[u32]) -> Result<Self, String> {
        let at = Instant::now();
        let mut clocks = BTreeMap::new();
        let mut waits = BTreeMap::new();
        for pid in first {
            if let Some(time) = clocks::process_cpu(*pid) {
                clocks.insert(*pid, time);
            }
        }
        let machine =
            Machine::read().ok_or("cannot read the machine's CPU times from /proc/stat")?;
        let processes: Vec<Process> = all_processes()
            .map_err(|error| format!("cannot list /proc: {error}"))?
            .flatten()
            .collect();
        for pid in processes.iter().map(pid_of) {
            if let Entry::Vacant(place) = clocks.entry(pid)
                && let Some(time) = clocks::process_cpu(pid)
            {
                place.insert(time);
            }
        }
        for pid in first {
            if let Some(wait) = wait_of(*pid) {
                waits.insert(*pid, wait);
            }
        }
        Ok(Self { at, clocks, stats: stats_of(processes), waits, machine })
    }
}

/// What `/proc` tells about every process now.
///
/// # Errors
/// The system's, when `/proc` cannot be listed.
pub fn all_stats() -> io::Result<BTreeMap<u32, Stat>> {
    Ok(stats_of(all_processes().map_err(io::Error::other)?.flatten()))
}

/// What `/proc` tells about these processes; one that has ended has nothing.
fn stats_of(processes: impl IntoIterator<Item = Process>) -> BTreeMap<u32, Stat> {
    let stat = |process: Process| Some((pid_of(&process), Stat::of(&process)?));
    processes.into_iter().filter_map(stat).collect()
}

fn pid_of(process: &Process) -> u32 {
    process.pid().cast_unsigned()
}

/// The processes below this one, rising by id.
#[must_use]
pub fn descendants(stats: &BTreeMap<u32, Stat>, root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let children = stats.iter().filter(|(pid, stat)| stat.parent == parent && **pid != parent);
        let new: Vec<u32> =
            children.map(|(pid, _)| *pid).filter(|pid| !found.contains(pid)).collect();
        found.extend(new);
        next += 1;
    }
    found.remove(0);
    found.sort_unstable();
    found
}

/// How long a process's threads have been ready to run without a CPU, in seconds (kernel:
/// Documentation/scheduler/sched-stats, in nanoseconds there).
fn wait_of(pid: u32) -> Option<f64> {
    let tasks = Process::new(pid.cast_signed()).ok()?.tasks().ok()?;
    let wait = |task: procfs::process::Task| Some(task.schedstat().ok()?.run_delay as f64);
    Some(tasks.flatten().filter_map(wait).sum::<f64>() / 1e9)
}

impl Machine {
    /// The counters as they stand now; `None` when they cannot be read.
    #[must_use]
    pub fn read() -> Option<Self> {
        let text = std::fs::read_to_string("/proc/stat").ok()?;
        Self::parse(&text, tick_s())
    }

    /// Reads `/proc/stat` (`proc_stat(5)`): the line `cpu` and the number of lines `cpuN`. The crate
    /// `procfs` reads it too, but drops the CPUs' numbers.
    fn parse(text: &str, tick_s: f64) -> Option<Self> {
        let total = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let fields: Vec<f64> =
            total.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
        let field = |index: usize| fields.get(index).copied().unwrap_or(0.0) * tick_s;
        let is_core = |line: &&str| {
            let rest = line.strip_prefix("cpu");
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        Some(Self {
            cores: text.lines().filter(is_core).count() as u32,
            idle_s: field(3) + field(4),
            softirq_s: field(6),
            steal_s: field(7),
            per_cpu: text.lines().filter_map(|line| share(line, tick_s)).collect(),
        })
    }
}

/// A line `cpuN`.
fn share(line: &str, tick_s: f64) -> Option<CpuShare> {
    let (number, fields) = line.strip_prefix("cpu")?.split_once(' ')?;
    let fields: Vec<f64> =
        fields.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let field = |index: usize| fields.get(index).copied().unwrap_or(0.0) * tick_s;
    Some(CpuShare { cpu: number.parse().ok()?, idle_s: field(3) + field(4), steal_s: field(7) })
}

impl Stat {
    fn of(process: &Process) -> Option<Self> {
        let stat = process.stat().ok()?;
        let tick_s = tick_s();
        Some(Self {
            state: stat.state,
            parent: stat.ppid.cast_unsigned(),
            user_s: stat.utime as f64 * tick_s,
            system_s: stat.stime as f64 * tick_s,
            ended_children_s: (stat.cutime + stat.cstime) as f64 * tick_s,
        })
    }
}

/// The length of a tick of `/proc`'s clocks, in seconds.
fn tick_s() -> f64 {
    1.0 / procfs::ticks_per_second() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  17583 2 4899 182503 762 1 70 63 0 0\n\
                        cpu0 8361 0 1998 92464 83 0 7 31 0 0\n\
                        cpu1 9222 0 2901 90039 678 0 62 31 0 0\nintr 246840 0\n";

    #[test]
    fn the_machine_is_read_from_proc_stat() {
        let machine = Machine::parse(STAT, 0.01).unwrap();
        assert_eq!(machine.cores, 2);
        assert!((machine.idle_s - 1832.65).abs() < 1e-9);
        assert!((machine.steal_s - 0.63).abs() < 1e-9);
        assert!((machine.softirq_s - 0.70).abs() < 1e-9);
        assert_eq!(machine.per_cpu.len(), 2);
        assert_eq!(machine.per_cpu[1].cpu, 1);
        assert!((machine.per_cpu[1].idle_s - 907.17).abs() < 1e-9);
        assert!((machine.per_cpu[0].steal_s - 0.31).abs() < 1e-9);
    }

    #[test]
    fn descendants_are_found_at_any_depth_and_strangers_are_not() {
        let child_of = |parent| Stat { parent, ..Stat::default() };
        let stats = [(1, 0), (5, 1), (6, 5), (3, 6), (7, 1)].map(|(pid, of)| (pid, child_of(of)));
        let stats = BTreeMap::from(stats);
        assert_eq!(descendants(&stats, 5), [3, 6]);
        assert!(descendants(&stats, 7).is_empty());
    }

    #[test]
    fn a_name_with_blanks_and_brackets_does_not_shift_the_fields() {
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("(a ) (b) S");
        std::fs::copy("/bin/sleep", &odd).unwrap();
        let mut child = std::process::Command::new(odd).arg("30").spawn().unwrap();
        let stats = all_stats().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let stat = stats[&child.id()];
        assert_eq!(stat.parent, std::process::id());
        assert!(stat.user_s + stat.system_s < 10.0, "{stat:?}");
    }

    #[test]
    fn a_real_snapshot_knows_this_process_and_its_parent() {
        let me = std::process::id();
        let snapshot = Snapshot::take(&[me]).unwrap();
        assert!(snapshot.clocks.contains_key(&me));
        assert_eq!(snapshot.stats[&me].parent, std::os::unix::process::parent_id());
        assert!(snapshot.machine.cores >= 1);
        assert!(
            snapshot.waits.contains_key(&me)
                || !std::path::Path::new("/proc/self/schedstat").exists()
        );
    }
}
