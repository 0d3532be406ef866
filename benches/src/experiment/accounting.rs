//! Core-seconds: who had the CPUs while a trial was measured.
//!
//! A [`Snapshot`] is taken when the measurement begins and another when it ends; [`account`] is the
//! pure difference. Every owner is read on its own (workers, master, generator, every other process,
//! the hypervisor, idleness), and what they leave unexplained is shown as the residual, never
//! hidden in one of them. Soft-interrupt work on loopback is charged to the process that sends, so
//! it is only an 'of which'. Next: [`super::trial`].

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reports::record::{Cpu, Worker};

use crate::sys::clocks;

/// Whose processes the owners are.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    /// Process ids by worker id.
    pub workers: BTreeMap<u32, u32>,
    /// The master; in `single` it is the worker, and has nothing of its own.
    pub master: u32,
    /// The generator.
    pub load: u32,
}

/// All clocks at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    at: Instant,
    /// CPU time of every process of the machine.
    clocks: BTreeMap<u32, Duration>,
    /// User and system ticks of the owners, only for the proportion between the two.
    ticks: BTreeMap<u32, (u64, u64)>,
    machine: Machine,
}

/// The machine's own counters, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Machine {
    cores: u32,
    idle_s: f64,
    softirq_s: f64,
    steal_s: f64,
}

impl Snapshot {
    /// Reads all clocks now, the owners' first: theirs matter most.
    ///
    /// # Errors
    /// One line for a person, when `/proc` cannot be read.
    pub fn take(owners: &Owners) -> Result<Self, String> {
        let at = Instant::now();
        let mut clocks = BTreeMap::new();
        let mut ticks = BTreeMap::new();
        for pid in owners.pids() {
            if let Some(time) = clocks::process_cpu(pid) {
                clocks.insert(pid, time);
            }
        }
        let machine = std::fs::read_to_string("/proc/stat")
            .ok()
            .and_then(|text| Machine::parse(&text, clocks::tick_s()))
            .ok_or("cannot read the machine's CPU times from /proc/stat")?;
        for pid in all_processes().map_err(|error| format!("cannot list /proc: {error}"))? {
            if let std::collections::btree_map::Entry::Vacant(place) = clocks.entry(pid)
                && let Some(time) = clocks::process_cpu(pid)
            {
                place.insert(time);
            }
        }
        for pid in owners.pids() {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            if let Some(split) = stat.ok().and_then(|text| user_and_system(&text)) {
                ticks.insert(pid, split);
            }
        }
        Ok(Self { at, clocks, ticks, machine })
    }

    /// CPU seconds of a process between two snapshots; one that is new counts from its birth.
    fn used(&self, before: &Self, pid: u32) -> f64 {
        let from = before.clocks.get(&pid).copied().unwrap_or_default();
        self.clocks.get(&pid).map_or(0.0, |to| to.saturating_sub(from).as_secs_f64())
    }

    /// The same, divided into user and system time in the proportion of the ticks.
    fn used_split(&self, before: &Self, pid: u32) -> (f64, f64) {
        let total = self.used(before, pid);
        let (from_user, from_system) = before.ticks.get(&pid).copied().unwrap_or_default();
        let (user, system) = self.ticks.get(&pid).copied().unwrap_or_default();
        let user = user.saturating_sub(from_user) as f64;
        let system = system.saturating_sub(from_system) as f64;
        if user + system == 0.0 {
            return (total, 0.0);
        }
        let user = total * user / (user + system);
        (user, total - user)
    }
}

impl Owners {
    /// All owners' process ids, each once.
    fn pids(&self) -> Vec<u32> {
        let mut pids: Vec<u32> = self.workers.values().copied().collect();
        pids.extend([self.master, self.load]);
        pids.sort_unstable();
        pids.dedup();
        pids
    }
}

/// Divides the time between two snapshots among its owners; fills the workers' CPU times too.
pub fn account(
    before: &Snapshot,
    after: &Snapshot,
    owners: &Owners,
    workers: &mut [Worker],
) -> Cpu {
    let mut cpu = Cpu {
        elapsed_s: after.at.duration_since(before.at).as_secs_f64(),
        cores: after.machine.cores,
        steal_s: after.machine.steal_s - before.machine.steal_s,
        idle_s: after.machine.idle_s - before.machine.idle_s,
        softirq_of_which_s: after.machine.softirq_s - before.machine.softirq_s,
        ..Cpu::default()
    };
    for (id, pid) in &owners.workers {
        let (user, system) = after.used_split(before, *pid);
        cpu.server_user_s += user;
        cpu.server_sys_s += system;
        if let Some(worker) = workers.iter_mut().find(|worker| worker.id == Some(*id)) {
            (worker.cpu_user_s, worker.cpu_sys_s) = (user, system);
        }
    }
    if !owners.workers.values().any(|pid| *pid == owners.master) {
        cpu.master_s = after.used(before, owners.master);
    }
    (cpu.load_user_s, cpu.load_sys_s) = after.used_split(before, owners.load);
    let owned = owners.pids();
    cpu.other_s = after
        .clocks
        .keys()
        .filter(|pid| owned.binary_search(pid).is_err())
        .map(|pid| after.used(before, *pid))
        .sum();
    cpu.residual_s = f64::from(cpu.cores) * cpu.elapsed_s
        - (cpu.server_user_s
            + cpu.server_sys_s
            + cpu.master_s
            + cpu.load_user_s
            + cpu.load_sys_s
            + cpu.other_s
            + cpu.steal_s
            + cpu.idle_s);
    cpu
}

impl Machine {
    /// Reads `/proc/stat` (`proc_stat(5)`): the line `cpu` and the number of lines `cpuN`.
    fn parse(text: &str, tick_s: f64) -> Option<Self> {
        let total = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let fields: Vec<f64> =
            total.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
        let field = |index: usize| fields.get(index).copied().unwrap_or(0.0) * tick_s;
        let is_core = |line: &&str| {
            line.strip_prefix("cpu")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        Some(Self {
            cores: text.lines().filter(is_core).count() as u32,
            // Waiting for a disk is idleness too.
            idle_s: field(3) + field(4),
            softirq_s: field(6),
            steal_s: field(7),
        })
    }
}

/// User and system ticks from `/proc/PID/stat` (`proc_pid_stat(5)`), fields 14 and 15. The name in
/// field 2 may hold blanks and brackets, so the counting begins after its last bracket.
fn user_and_system(text: &str) -> Option<(u64, u64)> {
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
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

    const STAT: &str = "cpu  17583 2 4899 182503 762 1 70 63 0 0\ncpu0 8361 0 1998 92464 83 0 7 31 0 0\n\
                        cpu1 9222 0 2901 90039 678 0 62 31 0 0\nintr 246840 0\n";

    fn snapshot(
        at: Instant,
        clocks: &[(u32, u64)],
        ticks: &[(u32, (u64, u64))],
        idle_s: f64,
    ) -> Snapshot {
        Snapshot {
            at,
            clocks: clocks.iter().map(|(pid, ms)| (*pid, Duration::from_millis(*ms))).collect(),
            ticks: ticks.iter().copied().collect(),
            machine: Machine { cores: 2, idle_s, softirq_s: idle_s, steal_s: 1.0 },
        }
    }

    #[test]
    fn the_machine_is_read_from_proc_stat() {
        let machine = Machine::parse(STAT, 0.01).unwrap();
        assert_eq!(machine.cores, 2);
        assert!((machine.idle_s - 1832.65).abs() < 1e-9);
        assert!((machine.steal_s - 0.63).abs() < 1e-9);
        assert!((machine.softirq_s - 0.70).abs() < 1e-9);
    }

    #[test]
    fn a_name_with_blanks_and_brackets_does_not_shift_the_fields() {
        let text = "42 (a ) (b) S 1 42 42 0 -1 4194560 1 0 0 0 17 23 0 0 20 0 1 0 5 0 0";
        assert_eq!(user_and_system(text), Some((17, 23)));
    }

    #[test]
    fn the_owners_are_disjoint_and_the_residual_is_what_they_leave() {
        let start = Instant::now();
        let owners = Owners { workers: BTreeMap::from([(1, 11), (2, 12)]), master: 10, load: 20 };
        let before = snapshot(start, &[(10, 5), (11, 100), (12, 100), (20, 0), (99, 50)], &[], 3.0);
        let after = snapshot(
            start + Duration::from_secs(1),
            &[(10, 15), (11, 600), (12, 500), (20, 400), (99, 150), (100, 20)],
            &[(11, (30, 20)), (20, (10, 30))],
            3.5,
        );
        let mut workers = vec![Worker { id: Some(1), ..Worker::default() }];
        let cpu = account(&before, &after, &owners, &mut workers);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
        close(workers[0].cpu_user_s, 0.3);
        close(workers[0].cpu_sys_s, 0.2);
        close(cpu.server_user_s + cpu.server_sys_s, 0.9);
        close(cpu.master_s, 0.01);
        close(cpu.load_user_s, 0.1);
        close(cpu.load_sys_s, 0.3);
        close(cpu.other_s, 0.12);
        close(cpu.idle_s, 0.5);
        close(cpu.residual_s, 2.0 - 0.9 - 0.01 - 0.4 - 0.12 - 0.5);
    }

    #[test]
    fn a_process_that_is_master_and_worker_is_counted_once() {
        let start = Instant::now();
        let owners = Owners { workers: BTreeMap::from([(1, 10)]), master: 10, load: 20 };
        let before = snapshot(start, &[(10, 0)], &[], 0.0);
        let after = snapshot(start + Duration::from_secs(1), &[(10, 700)], &[], 0.0);
        let cpu = account(&before, &after, &owners, &mut []);
        assert!((cpu.server_user_s - 0.7).abs() < 1e-9);
        assert!(cpu.master_s.abs() < f64::EPSILON);
    }

    #[test]
    fn a_real_snapshot_knows_this_process() {
        let me = std::process::id();
        let snapshot = Snapshot::take(&Owners { load: me, ..Owners::default() }).unwrap();
        assert!(snapshot.clocks.contains_key(&me));
        assert!(snapshot.ticks.contains_key(&me));
        assert!(snapshot.machine.cores >= 1);
    }
}
