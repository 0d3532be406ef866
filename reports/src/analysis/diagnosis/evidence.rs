//! The figures of one trial that the rules look at, in cores (CPU seconds a second) and shares.

use std::collections::BTreeSet;

use crate::record::{Trial, TrialResult};

/// What is known of a trial.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    pub trial: &'a Trial,
    pub result: &'a TrialResult,
    /// Length of the window over which CPU time was read, in seconds.
    pub elapsed_s: f64,
    pub cores: f64,
    /// Cores that so many workers can use on the CPUs they were given.
    pub usable: f64,
    pub at_work: f64,
    /// Cores that they had or were waiting for: [`Self::at_work`] where waiting is not known.
    pub wanted: f64,
    pub master: f64,
    /// Cores that it had or was waiting for.
    pub master_wanted: f64,
    pub load: f64,
    /// Cores that strangers took: other programs, the hypervisor, and what is left unexplained
    /// beyond the 5 % that reading the clocks may leave.
    pub strangers: f64,
    /// CPUs on which both sides may run, or were seen to.
    pub shared: BTreeSet<u32>,
    /// Server CPU a request, in microseconds.
    pub server_us: f64,
    /// Its user part, the handler's.
    pub server_user_us: f64,
    /// Generator CPU a request, in microseconds.
    pub load_us: f64,
    /// Handler's CPU that was planned for a request, in microseconds.
    pub planned_us: f64,
}

impl<'a> Evidence<'a> {
    /// Gathers the figures; `None` for a trial without a result.
    pub fn of(trial: &'a Trial, planned_us: f64) -> Option<Self> {
        let result = trial.result()?;
        let cpu = &result.cpu;
        let elapsed_s = if cpu.elapsed_s > 0.0 { cpu.elapsed_s } else { result.elapsed_s };
        let per_second = |seconds: f64| if elapsed_s > 0.0 { seconds / elapsed_s } else { 0.0 };
        let waiting = cpu.waiting.unwrap_or_default();
        let at_work = per_second(cpu.server_user_s + cpu.server_sys_s);
        let master = per_second(cpu.master_s);
        let load = per_second(cpu.load_user_s + cpu.load_sys_s);
        let cores = f64::from(cpu.cores);
        let unseen = (per_second(cpu.residual_s) - 0.05 * cores).max(0.0);
        let us = |cores: f64| 1e6 * cores / result.throughput_rps.max(f64::MIN_POSITIVE);
        let given = match trial.cpus.server.len() {
            0 => cores,
            cpus => cpus as f64,
        };
        Some(Self {
            trial,
            result,
            elapsed_s,
            cores,
            usable: f64::from(trial.workers).min(given),
            at_work,
            wanted: at_work + per_second(waiting.server_s),
            master,
            master_wanted: master + per_second(waiting.master_s),
            load,
            strangers: per_second(cpu.other_s + cpu.steal_s) + unseen,
            shared: shared(trial, result),
            server_us: us(at_work + master),
            server_user_us: us(per_second(cpu.server_user_s)),
            load_us: us(load),
            planned_us,
        })
    }

    /// Whether the record holds CPU times of the server at all: it does not for one elsewhere.
    pub fn accounted(&self) -> bool {
        self.cores > 0.0 && self.at_work + self.master > 0.0
    }

    /// The share of the usable cores that the workers had or were waiting for, at most 1.
    pub fn saturation(&self) -> f64 {
        (self.wanted / self.usable.max(f64::MIN_POSITIVE)).min(1.0)
    }

    /// The share of these CPUs' time in which nobody ran; where the machine did not tell it CPU by
    /// CPU, what both sides left of them.
    pub fn idle_on(&self, cpus: &BTreeSet<u32>) -> f64 {
        let own: Vec<f64> = self
            .result
            .cpu
            .per_cpu
            .iter()
            .filter(|share| cpus.contains(&share.cpu))
            .map(|share| share.idle_s / self.elapsed_s)
            .collect();
        let all = cpus.len().max(1) as f64;
        if own.len() == cpus.len() {
            own.iter().sum::<f64>() / all
        } else {
            let load = if cpus.is_disjoint(&self.shared) { 0.0 } else { self.load };
            1.0 - ((self.at_work + self.master + load + self.strangers) / all).min(1.0)
        }
    }

    /// The CPUs that the server was given.
    pub fn server_cpus(&self) -> BTreeSet<u32> {
        self.trial.cpus.server.iter().copied().collect()
    }

    /// Whether a connection asks again once it is answered.
    pub fn closed_loop(&self) -> bool {
        self.trial.rate.is_none() && self.result.loop_model != "open"
    }
}

/// CPUs of both sides: where they were seen when that is known, else where they were put.
fn shared(trial: &Trial, result: &TrialResult) -> BTreeSet<u32> {
    let seen_or = |seen: BTreeSet<u32>, put: &[u32]| {
        if seen.is_empty() { put.iter().copied().collect() } else { seen }
    };
    let server = result.workers.iter().flat_map(|worker| worker.ran_on.iter().copied()).collect();
    let load = result.threads.iter().flat_map(|thread| thread.ran_on.iter().copied()).collect();
    let server = seen_or(server, &trial.cpus.server);
    let load: BTreeSet<u32> = seen_or(load, &trial.cpus.load);
    server.intersection(&load).copied().collect()
}
