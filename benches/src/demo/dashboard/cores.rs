//! Where the cores went: CPU seconds of the last second, divided among their owners.

use std::collections::BTreeMap;

use serde::Serialize;

use super::track::Track;

/// CPU clocks at a moment, in seconds since each began to count.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub server: BTreeMap<u32, f64>,
    pub generator: BTreeMap<u32, f64>,
    pub demo_s: f64,
    pub idle_s: f64,
    /// What the hypervisor took, of all CPUs.
    pub steal_s: f64,
}

/// CPU seconds a second by owner; all together are the machine's CPUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spent {
    pub of: f64,
    /// Master, workers and the operators' process.
    pub server: f64,
    pub generator: f64,
    pub demo: f64,
    /// All others, the browser among them.
    pub other: f64,
    pub steal: f64,
    pub idle: f64,
}

#[derive(Debug, Default)]
pub struct Cores {
    cpus: u32,
    server: Group,
    generator: Group,
    demo: Clock,
    idle: Clock,
    steal: Clock,
}

/// A sum of CPU seconds over the last second.
type Clock = Track<1000>;

/// Processes whose time is added up; the sum only grows, whoever dies.
#[derive(Debug, Default)]
struct Group {
    last: BTreeMap<u32, f64>,
    sum: f64,
    clock: Clock,
}

impl Group {
    /// Adds what they have used since; who is new has used all that its clock shows.
    fn add(&mut self, now_s: f64, clocks: &BTreeMap<u32, f64>) {
        for (pid, &now) in clocks {
            let before = self.last.get(pid).copied().unwrap_or(0.0);
            self.sum += (now - before).max(0.0);
        }
        self.last.clone_from(clocks);
        self.clock.push(now_s, self.sum);
    }
}

impl Cores {
    pub fn new(cpus: u32) -> Self {
        Self { cpus, ..Self::default() }
    }

    pub fn add(&mut self, now_s: f64, reading: &Reading) {
        self.server.add(now_s, &reading.server);
        self.generator.add(now_s, &reading.generator);
        self.demo.push(now_s, reading.demo_s);
        self.idle.push(now_s, reading.idle_s);
        self.steal.push(now_s, reading.steal_s);
    }

    pub fn spent(&self) -> Spent {
        let of = f64::from(self.cpus);
        let Some(idle) = self.idle.slope() else {
            return Spent { of, idle: of, ..Spent::default() };
        };
        let share = |clock: &Clock| clock.slope().unwrap_or_default().max(0.0);
        let (server, generator) = (share(&self.server.clock), share(&self.generator.clock));
        let (demo, steal) = (share(&self.demo), share(&self.steal));
        // Idle time is counted in ticks; together they are never more than there is.
        let owned = server + generator + demo + steal;
        let idle = idle.max(0.0).min((of - owned).max(0.0));
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
            idle_s,
            ..Reading::default()
        }
    }

    #[test]
    fn the_owners_share_all_there_is() {
        let mut cores = Cores::new(2);
        cores.add(1.0, &reading(&[(7, 1.0)], 1.0, 10.0));
        cores.add(2.0, &reading(&[(7, 1.8)], 1.5, 10.4));
        let spent = cores.spent();
        let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(near(spent.server, 0.8) && near(spent.generator, 0.5) && near(spent.idle, 0.4));
        assert!(near(spent.other, 0.3));
    }

    #[test]
    fn a_process_that_dies_takes_nothing_back_and_a_new_one_counts_from_its_birth() {
        let mut cores = Cores::new(2);
        cores.add(1.0, &reading(&[(7, 1.0), (8, 5.0)], 0.0, 0.0));
        cores.add(1.5, &reading(&[(7, 1.2), (11, 0.1)], 0.0, 0.0));
        let spent = cores.spent();
        assert!((spent.server - 0.6).abs() < 1e-9, "{spent:?}");
    }

    #[test]
    fn before_there_are_two_readings_all_is_idle() {
        let mut cores = Cores::new(2);
        assert!((cores.spent().idle - 2.0).abs() < 1e-9);
        cores.add(1.0, &Reading::default());
        assert!((cores.spent().idle - 2.0).abs() < 1e-9);
    }

    #[test]
    fn only_the_last_second_counts() {
        let mut cores = Cores::new(2);
        cores.add(0.0, &reading(&[(7, 0.0)], 0.0, 0.0));
        for tenth in 1..=30 {
            let at_s = f64::from(tenth) / 10.0;
            let busy_s = (at_s - 1.5).max(0.0);
            cores.add(at_s, &reading(&[(7, busy_s)], 0.0, 0.0));
        }
        assert!((cores.spent().server - 1.0).abs() < 1e-9);
    }
}
