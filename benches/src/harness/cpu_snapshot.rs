//! All CPU clocks of the machine at one moment.
//!
//! The owners' clocks are read first and to the nanosecond; everything else comes from `/proc`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};

use reports::record::CpuShare;

use crate::sys::clocks;

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
        let tick_s = clocks::tick_s();
        let machine =
            Machine::read().ok_or("cannot read the machine's CPU times from /proc/stat")?;
        let pids = all_processes().map_err(|error| format!("cannot list /proc: {error}"))?;
        for pid in &pids {
            if let Entry::Vacant(place) = clocks.entry(*pid)
                && let Some(time) = clocks::process_cpu(*pid)
            {
                place.insert(time);
            }
        }
        for pid in first {
            if let Some(wait) = wait_of(*pid) {
                waits.insert(*pid, wait);
            }
        }
        let stat = |pid: u32| Some((pid, Stat::of(pid, tick_s)?));
        let stats = pids.into_iter().filter_map(stat).collect();
        Ok(Self { at, clocks, stats, waits, machine })
    }
}

/// What `/proc` tells about every process now.
///
/// # Errors
/// The system's, when `/proc` cannot be listed.
pub fn all_stats() -> std::io::Result<BTreeMap<u32, Stat>> {
    let tick_s = clocks::tick_s();
    let stat = |pid: u32| Some((pid, Stat::of(pid, tick_s)?));
    Ok(all_processes()?.into_iter().filter_map(stat).collect())
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

/// How long a process's threads have been ready to run without a CPU, in seconds: the second number
/// of `schedstat` (kernel: Documentation/scheduler/sched-stats), in nanoseconds.
fn wait_of(pid: u32) -> Option<f64> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let wait = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().nth(1)?.parse::<f64>().ok()
    };
    Some(tasks.flatten().filter_map(wait).sum::<f64>() / 1e9)
}

impl Machine {
    /// The counters as they stand now; `None` when they cannot be read.
    #[must_use]
    pub fn read() -> Option<Self> {
        let text = std::fs::read_to_string("/proc/stat").ok()?;
        Self::parse(&text, clocks::tick_s())
    }

    /// Reads `/proc/stat` (`proc_stat(5)`): the line `cpu` and the number of lines `cpuN`.
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
    fn of(pid: u32, tick_s: f64) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?, tick_s)
    }

    /// Reads `/proc/PID/stat` (`proc_pid_stat(5)`): fields 3, 4 and 14 to 17. The name in field 2 may
    /// hold blanks and brackets, so the counting begins after its last bracket.
    fn parse(text: &str, tick_s: f64) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let time = |index: usize| Some(fields.get(index)?.parse::<f64>().ok()? * tick_s);
        Some(Self {
            state: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            user_s: time(11)?,
            system_s: time(12)?,
            ended_children_s: time(13)? + time(14)?,
        })
    }
}

/// The process ids in `/proc`.
fn all_processes() -> std::io::Result<Vec<u32>> {
    let pid =
        |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    Ok(std::fs::read_dir("/proc")?.filter_map(pid).collect())
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
        let text = "42 (a ) (b) S 7 42 42 0 -1 4194560 1 0 0 0 17 23 1 2 20 0 1 0 5 0 0";
        let stat = Stat::parse(text, 1.0).unwrap();
        let times = (stat.user_s, stat.system_s, stat.ended_children_s);
        assert_eq!((stat.state, stat.parent, times), ('S', 7, (17.0, 23.0, 3.0)));
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
