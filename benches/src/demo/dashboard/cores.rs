//! Where the cores went: CPU seconds of the last second, divided among their owners.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// The window, in seconds.
const WINDOW_S: f64 = 1.0;

/// CPU clocks at a moment, in seconds since each began to count.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Of each process of the server.
    pub server: BTreeMap<u32, f64>,
    /// Of each generator.
    pub generator: BTreeMap<u32, f64>,
    /// Of the demonstration itself.
    pub demo_s: f64,
    /// The machine's idle time, of all CPUs.
    pub idle_s: f64,
    /// What the hypervisor took, of all CPUs.
    pub steal_s: f64,
}

/// CPU seconds a second by owner; all together are the machine's CPUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spent {
    /// The machine's CPUs.
    pub of: f64,
    /// Master, workers and the operators' process.
    pub server: f64,
    /// The load generator.
    pub generator: f64,
    /// The demonstration itself: it tells this page.
    pub demo: f64,
    /// All others, the browser among them.
    pub other: f64,
    /// What the hypervisor took.
    pub steal: f64,
    /// Nobody.
    pub idle: f64,
}

/// Sums that only grow, whoever dies.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    at_s: f64,
    server: f64,
    generator: f64,
    demo: f64,
    idle: f64,
    steal: f64,
}

/// The machine's CPUs.
#[derive(Debug)]
pub struct Cores {
    cpus: u32,
    server: Group,
    generator: Group,
    sums: VecDeque<Sums>,
}

/// Processes whose time is added up.
#[derive(Debug, Default)]
struct Group {
    last: BTreeMap<u32, f64>,
    sum: f64,
}

impl Group {
    /// Adds what they have used since; who is new has used all that its clock shows.
    fn take(&mut self, clocks: &BTreeMap<u32, f64>) -> f64 {
        for (pid, &now) in clocks {
            let before = self.last.get(pid).copied().unwrap_or(0.0);
            self.sum += (now - before).max(0.0);
        }
        self.last.clone_from(clocks);
        self.sum
    }
}

impl Cores {
    /// A machine of so many CPUs.
    pub fn new(cpus: u32) -> Self {
        let (server, generator) = (Group::default(), Group::default());
        Self { cpus, server, generator, sums: VecDeque::new() }
    }

    /// Takes the clocks as they stand now.
    pub fn take(&mut self, now_s: f64, reading: &Reading) {
        let sums = Sums {
            at_s: now_s,
            server: self.server.take(&reading.server),
            generator: self.generator.take(&reading.generator),
            demo: reading.demo_s,
            idle: reading.idle_s,
            steal: reading.steal_s,
        };
        while self.sums.len() > 1 && self.sums[1].at_s <= now_s - WINDOW_S {
            self.sums.pop_front();
        }
        self.sums.push_back(sums);
    }

    /// Who used what of the last second.
    pub fn spent(&self) -> Spent {
        let of = f64::from(self.cpus);
        let (Some(first), Some(last)) = (self.sums.front(), self.sums.back()) else {
            return Spent { of, idle: of, ..Spent::default() };
        };
        let seconds = last.at_s - first.at_s;
        if seconds <= 0.0 {
            return Spent { of, idle: of, ..Spent::default() };
        }
        let share = |of: fn(&Sums) -> f64| ((of(last) - of(first)) / seconds).max(0.0);
        let (server, generator) = (share(|sums| sums.server), share(|sums| sums.generator));
        let (demo, steal) = (share(|sums| sums.demo), share(|sums| sums.steal));
        // Idle time is counted in ticks; together they are never more than there is.
        let owned = server + generator + demo + steal;
        let idle = share(|sums| sums.idle).min((of - owned).max(0.0));
        Spent { of, server, generator, demo, steal, idle, other: (of - owned - idle).max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(server: &[(u32, f64)], generator_s: f64, idle_s: f64) -> Reading {
        Reading {
            server: server.iter().copied().collect(),
            generator: [(9, generator_s)].into(),
            demo_s: 0.0,
            idle_s,
            steal_s: 0.0,
        }
    }

    #[test]
    fn the_owners_share_all_there_is() {
        let mut cores = Cores::new(2);
        cores.take(1.0, &reading(&[(7, 1.0)], 1.0, 10.0));
        cores.take(2.0, &reading(&[(7, 1.8)], 1.5, 10.4));
        let spent = cores.spent();
        let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(near(spent.server, 0.8) && near(spent.generator, 0.5) && near(spent.idle, 0.4));
        assert!(near(spent.other, 0.3));
    }

    #[test]
    fn a_process_that_dies_takes_nothing_back_and_a_new_one_counts_from_its_birth() {
        let mut cores = Cores::new(2);
        cores.take(1.0, &reading(&[(7, 1.0), (8, 5.0)], 0.0, 0.0));
        cores.take(1.5, &reading(&[(7, 1.2), (11, 0.1)], 0.0, 0.0));
        let spent = cores.spent();
        assert!((spent.server - 0.6).abs() < 1e-9, "{spent:?}");
    }

    #[test]
    fn before_there_are_two_readings_all_is_idle() {
        let mut cores = Cores::new(2);
        assert!((cores.spent().idle - 2.0).abs() < 1e-9);
        cores.take(1.0, &Reading::default());
        assert!((cores.spent().idle - 2.0).abs() < 1e-9);
    }

    #[test]
    fn only_the_last_second_counts() {
        let mut cores = Cores::new(2);
        cores.take(0.0, &reading(&[(7, 0.0)], 0.0, 0.0));
        for tenth in 1..=30 {
            let at_s = f64::from(tenth) / 10.0;
            let busy_s = (at_s - 1.5).max(0.0);
            cores.take(at_s, &reading(&[(7, busy_s)], 0.0, 0.0));
        }
        assert!((cores.spent().server - 1.0).abs() < 1e-9);
    }
}
