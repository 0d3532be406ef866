//! Core-seconds: who had the CPUs while a trial was measured.
//!
//! A [`Snapshot`] is taken when the measurement begins and another when it ends; [`account`] is the
//! pure difference. Every owner is read on its own (workers, master, generator, every other
//! process, the hypervisor, idleness), and what they leave unexplained is shown as the residual,
//! never hidden in one of them. Soft-interrupt work on loopback is charged to the process that
//! sends, so it is only an 'of which'.

use std::collections::BTreeMap;

use reports::record::{Cpu, CpuShare, Waiting, Worker};

use crate::harness::cpu_snapshot::Snapshot;
use crate::harness::target::CpuOwners;

/// Divides the time between two snapshots among its owners; fills the workers' own figures, by their
/// process ids, too.
pub fn account(
    before: &Snapshot,
    after: &Snapshot,
    owners: &CpuOwners,
    workers: &mut [Worker],
) -> Cpu {
    let window = Window { before, after };
    let mut cpu = Cpu {
        elapsed_s: after.at.duration_since(before.at).as_secs_f64(),
        cores: after.machine.cores,
        steal_s: after.machine.steal_s - before.machine.steal_s,
        idle_s: after.machine.idle_s - before.machine.idle_s,
        softirq_of_which_s: after.machine.softirq_s - before.machine.softirq_s,
        per_cpu: window.per_cpu(),
        waiting: window.waiting(owners),
        ..Cpu::default()
    };
    for pid in &owners.workers {
        let (user, system) = window.used_split(*pid);
        cpu.server_user_s += user;
        cpu.server_sys_s += system;
        if let Some(worker) = workers.iter_mut().find(|worker| worker.pid == Some(*pid)) {
            (worker.cpu_user_s, worker.cpu_sys_s) = (user, system);
            worker.waiting_s = window.waited(*pid);
            worker.state = after.stats.get(pid).map(|stat| stat.state.into()).unwrap_or_default();
        }
    }
    cpu.master_s = owners.only_masters().map(|pid| window.used(pid)).sum();
    (cpu.load_user_s, cpu.load_sys_s) = window.used_split(owners.load);
    let owned = owners.pids();
    cpu.other_s = window.used_by_others(&owned) + window.used_by_ended_others(&owned);
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

/// Gives the server's processes that ended between the two snapshots their due: what each had used when
/// it ended, in user and system time, without what it had used before. It was in the residual.
pub fn account_for_ended(
    cpu: &mut Cpu,
    before: &Snapshot,
    after: &Snapshot,
    ended: &BTreeMap<u32, (f64, f64)>,
) {
    for (pid, (user_s, sys_s)) in ended {
        let total_s = user_s + sys_s;
        if after.clocks.contains_key(pid) || total_s <= 0.0 {
            continue;
        }
        let earlier_s = before.clocks.get(pid).map_or(0.0, std::time::Duration::as_secs_f64);
        let used_s = (total_s - earlier_s).max(0.0);
        cpu.server_user_s += used_s * user_s / total_s;
        cpu.server_sys_s += used_s * sys_s / total_s;
        cpu.residual_s -= used_s;
    }
}

/// The time between two snapshots.
struct Window<'a> {
    before: &'a Snapshot,
    after: &'a Snapshot,
}

impl Window<'_> {
    /// CPU seconds of a process that is still there; one that is new counts from its birth.
    fn used(&self, pid: u32) -> f64 {
        let from = self.before.clocks.get(&pid).copied().unwrap_or_default();
        self.after.clocks.get(&pid).map_or(0.0, |to| to.saturating_sub(from).as_secs_f64())
    }

    /// The same, divided into user and system time in the proportion that `/proc` tells.
    fn used_split(&self, pid: u32) -> (f64, f64) {
        let total = self.used(pid);
        let from = self.before.stats.get(&pid).copied().unwrap_or_default();
        let to = self.after.stats.get(&pid).copied().unwrap_or_default();
        let user = (to.user_s - from.user_s).max(0.0);
        let system = (to.system_s - from.system_s).max(0.0);
        if user + system == 0.0 {
            return (total, 0.0);
        }
        let user = total * user / (user + system);
        (user, total - user)
    }

    /// Seconds for which a process's threads were ready and had no CPU; `None` when not known.
    fn waited(&self, pid: u32) -> Option<f64> {
        let from = self.before.waits.get(&pid).copied().unwrap_or_default();
        // A thread that has ended takes its waiting along.
        self.after.waits.get(&pid).map(|to| (to - from).max(0.0))
    }

    /// The same for both sides; `None` when it is known for none.
    fn waiting(&self, owners: &CpuOwners) -> Option<Waiting> {
        let sum = |pids: &mut dyn Iterator<Item = u32>| -> f64 {
            pids.filter_map(|pid| self.waited(pid)).sum()
        };
        (!self.after.waits.is_empty()).then(|| Waiting {
            server_s: sum(&mut owners.workers.iter().copied()),
            master_s: sum(&mut owners.only_masters()),
            load_s: sum(&mut std::iter::once(owners.load)),
        })
    }

    /// What each CPU had to spare, and what was taken from it.
    fn per_cpu(&self) -> Vec<CpuShare> {
        let share = |after: &CpuShare| {
            let before = self.before.machine.per_cpu.iter().find(|it| it.cpu == after.cpu)?;
            Some(CpuShare {
                cpu: after.cpu,
                idle_s: after.idle_s - before.idle_s,
                steal_s: after.steal_s - before.steal_s,
            })
        };
        self.after.machine.per_cpu.iter().filter_map(share).collect()
    }

    /// CPU seconds of the processes that are still there and nobody's.
    fn used_by_others(&self, owned: &[u32]) -> f64 {
        let others = self.after.clocks.keys().filter(|pid| owned.binary_search(pid).is_err());
        others.map(|pid| self.used(*pid)).sum()
    }

    /// CPU seconds of nobody's processes that ended in the window, a compiler's for example.
    ///
    /// Their clocks are gone, but their parents have inherited their times; what they had used
    /// before the window is taken off again.
    fn used_by_ended_others(&self, owned: &[u32]) -> f64 {
        let is_other = |pid: &u32| owned.binary_search(pid).is_err();
        let mut inherited: BTreeMap<u32, f64> = BTreeMap::new();
        for (pid, to) in self.after.stats.iter().filter(|(pid, _)| is_other(pid)) {
            let from = self.before.stats.get(pid).map_or(0.0, |from| from.ended_children_s);
            inherited.insert(*pid, to.ended_children_s - from);
        }
        let gone = |pid: &u32| !self.after.stats.contains_key(pid);
        for (pid, stat) in self.before.stats.iter().filter(|(pid, _)| gone(pid) && is_other(pid)) {
            let earlier = self.before.clocks.get(pid).map_or(0.0, std::time::Duration::as_secs_f64);
            if let Some(share) =
                self.living_ancestor(*pid).and_then(|heir| inherited.get_mut(&heir))
            {
                *share -= earlier + stat.ended_children_s;
            }
        }
        // An ended process whose parent did not care to be told passes nothing on.
        inherited.values().map(|share| share.max(0.0)).sum()
    }

    /// The nearest ancestor of an ended process that is still there.
    fn living_ancestor(&self, pid: u32) -> Option<u32> {
        let mut pid = pid;
        // Deeper than any tree of processes: a loop cannot be, but must not hang the suite.
        for _ in 0..1000 {
            pid = self.before.stats.get(&pid)?.parent;
            if self.after.stats.contains_key(&pid) {
                return Some(pid);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::harness::cpu_snapshot::{Machine, Stat};

    fn snapshot(at: Instant, clocks: &[(u32, u64)], idle_s: f64) -> Snapshot {
        Snapshot {
            at,
            clocks: clocks.iter().map(|(pid, ms)| (*pid, Duration::from_millis(*ms))).collect(),
            stats: clocks.iter().map(|(pid, _)| (*pid, Stat::default())).collect(),
            waits: clocks.iter().map(|(pid, ms)| (*pid, *ms as f64 / 1e4)).collect(),
            machine: Machine {
                cores: 2,
                idle_s,
                softirq_s: idle_s,
                steal_s: 1.0,
                per_cpu: vec![CpuShare { cpu: 1, idle_s, steal_s: 0.5 }],
            },
        }
    }

    /// Two of them, a second apart.
    fn apart(before: &[(u32, u64)], after: &[(u32, u64)]) -> [Snapshot; 2] {
        let start = Instant::now();
        [snapshot(start, before, 0.0), snapshot(start + Duration::from_secs(1), after, 0.0)]
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn the_owners_are_disjoint_and_the_residual_is_what_they_leave() {
        let start = Instant::now();
        let owners = CpuOwners { workers: vec![11, 12], masters: vec![10], load: 20 };
        let before = snapshot(start, &[(10, 5), (11, 100), (12, 100), (20, 0), (99, 50)], 3.0);
        let mut after = snapshot(
            start + Duration::from_secs(1),
            &[(10, 15), (11, 600), (12, 500), (20, 400), (99, 150), (100, 20)],
            3.5,
        );
        let stopped = Stat { state: 'T', user_s: 0.30, system_s: 0.20, ..Stat::default() };
        after.stats.insert(11, stopped);
        after.stats.insert(20, Stat { user_s: 0.10, system_s: 0.30, ..Stat::default() });
        let mut workers = vec![Worker { pid: Some(11), ..Worker::default() }];
        let cpu = account(&before, &after, &owners, &mut workers);
        close(workers[0].cpu_user_s, 0.3);
        close(workers[0].cpu_sys_s, 0.2);
        close(cpu.server_user_s + cpu.server_sys_s, 0.9);
        close(cpu.master_s, 0.01);
        close(cpu.load_user_s, 0.1);
        close(cpu.load_sys_s, 0.3);
        close(cpu.other_s, 0.12);
        close(cpu.idle_s, 0.5);
        close(cpu.residual_s, 2.0 - 0.9 - 0.01 - 0.4 - 0.12 - 0.5);
        let waiting = cpu.waiting.unwrap();
        close(waiting.server_s, 0.09);
        close(waiting.load_s, 0.04);
        close(workers[0].waiting_s.unwrap(), 0.05);
        assert_eq!(workers[0].state, "T");
        close(cpu.per_cpu[0].idle_s, 0.5);
        close(cpu.per_cpu[0].steal_s, 0.0);
    }

    #[test]
    fn a_worker_that_was_killed_in_the_window_has_its_share_of_it() {
        let [before, after] = apart(&[(11, 200), (12, 100)], &[(12, 100)]);
        let mut cpu = account(&before, &after, &CpuOwners::default(), &mut []);
        let residual_s = cpu.residual_s;
        let ended = BTreeMap::from([(11, (0.5, 0.5)), (12, (9.0, 9.0)), (13, (0.0, 0.0))]);
        account_for_ended(&mut cpu, &before, &after, &ended);
        close(cpu.server_user_s, 0.4);
        close(cpu.server_sys_s, 0.4);
        close(cpu.residual_s, residual_s - 0.8);
    }

    #[test]
    fn a_process_that_is_master_and_worker_is_counted_once() {
        let owners = CpuOwners { workers: vec![10], masters: vec![10], load: 20 };
        let [before, after] = apart(&[(10, 0)], &[(10, 700)]);
        let cpu = account(&before, &after, &owners, &mut []);
        close(cpu.server_user_s, 0.7);
        close(cpu.master_s, 0.0);
    }

    #[test]
    fn a_compiler_that_ends_in_the_window_has_its_share_in_it_counted() {
        // make (1) runs cc (2), which runs ld (3); cc and ld end, a new cc (4) comes and goes.
        let [mut before, mut after] = apart(&[(1, 0), (2, 300), (3, 100)], &[(1, 0)]);
        before.stats.insert(2, Stat { parent: 1, ended_children_s: 0.05, ..Stat::default() });
        before.stats.insert(3, Stat { parent: 2, ..Stat::default() });
        // cc 0.5 + its earlier child 0.05 + ld 0.2 + the new cc 0.1.
        after.stats.insert(1, Stat { ended_children_s: 0.85, ..Stat::default() });
        let cpu = account(&before, &after, &CpuOwners::default(), &mut []);
        close(cpu.other_s, 0.2 + 0.1 + 0.1);
    }

    #[test]
    fn an_ended_process_that_nobody_inherits_from_takes_nothing_away() {
        let [mut before, after] = apart(&[(1, 0), (2, 5000)], &[(1, 300)]);
        before.stats.insert(2, Stat { parent: 1, ..Stat::default() });
        let cpu = account(&before, &after, &CpuOwners::default(), &mut []);
        close(cpu.other_s, 0.3);
    }
}
