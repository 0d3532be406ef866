//! CPU clocks, read for the page.

use std::collections::BTreeMap;

use super::dashboard::cores::Reading;
use crate::harness::cpu_snapshot::Machine;
use crate::sys::clocks;

#[derive(Debug)]
pub struct Clocks {
    pub cpus: u32,
    last: Machine,
}

impl Clocks {
    pub fn new() -> Self {
        let last = Machine::read().unwrap_or_default();
        Self { cpus: last.cores.max(1), last }
    }

    pub fn read(&mut self, server: &[u32], generators: &[u32]) -> Reading {
        // Counters that cannot be read stand still.
        if let Some(machine) = Machine::read() {
            self.last = machine;
        }
        let of = |pids: &[u32]| -> BTreeMap<u32, f64> {
            let spent = |pid: &u32| Some((*pid, clocks::process_cpu(*pid)?.as_secs_f64()));
            pids.iter().filter_map(spent).collect()
        };
        let demo = clocks::process_cpu(std::process::id());
        Reading {
            server: of(server),
            generator: of(generators),
            demo_s: demo.map(|spent| spent.as_secs_f64()).unwrap_or_default(),
            idle_s: self.last.idle_s,
            steal_s: self.last.steal_s,
        }
    }
}
