//! How many rounds of work make a request of the wanted CPU time on this machine, and how many
//! requests a second one worker answers.
//!
//! Done once a run and recorded, so that every cell asks for the same work at the same rate. The
//! price of a request is a straight line, `handling + rounds × price of a round`: two points give
//! the line, a third near the goal corrects it. CPU time is the worker's own clock over a number of
//! requests, one at a time, so that neither waiting nor the generator is in it.

use std::path::Path;
use std::time::Duration;

use reports::record::{Calibration, Cpus, RateCalibration, Workload};

use super::suite::rate::Rate;
use super::trial::TrialError;
use crate::harness::interrupt::Interrupt;
use crate::harness::load_process::{Bound, Generator, Load};
use crate::harness::target::Serve;
use crate::harness::target::hello_cluster::HelloCluster;
use crate::harness::target::spec::TargetSpec;
use crate::sys::clocks;

/// Requests of one batch at most.
const REQUESTS: u32 = 100;

/// CPU time of one batch, if that allows for fewer requests.
const BATCH_US: f64 = 40_000.0;

/// Batches of one measurement; their median counts, since one may be disturbed.
const BATCHES: usize = 3;

/// The second point of the line: enough rounds to stand out from the handling.
const FIRST_GUESS: u64 = 20_000;

/// Measurements of a capacity; their median counts.
const CAPACITIES: usize = 3;

/// Where a calibration runs.
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    /// The file of `hello-cluster`.
    pub program: &'a Path,
    /// CPUs of both sides, for one worker.
    pub cpus: &'a Cpus,
    /// For files of the server's life.
    pub folder: &'a Path,
    /// Whether the user wants to stop.
    pub interrupt: &'a Interrupt,
}

impl Bench<'_> {
    /// Finds the number of rounds for which a request takes each of these CPU times, in
    /// microseconds.
    pub fn works(&self, wanted: &[u32]) -> Result<Vec<Calibration>, TrialError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let server = self.single()?;
        let worker = server.first_worker().ok_or("`serve` has no worker".to_owned())?;
        let floor = (1, self.cost(&server, worker, 1, 0.0)?);
        let guess = (FIRST_GUESS, self.cost(&server, worker, FIRST_GUESS, 0.0)?);
        let mut found = Vec::with_capacity(wanted.len());
        for target_us in wanted.iter().copied().map(f64::from) {
            let near = solve(floor, guess, target_us);
            let near = (near, self.cost(&server, worker, near, target_us)?);
            let rounds = solve(floor, near, target_us);
            let measured_us = self.cost(&server, worker, rounds, target_us)?;
            found.push(Calibration { target_us, rounds, measured_us });
        }
        server.stop(self.interrupt)?;
        Ok(found)
    }

    /// Finds the rate of a workload that is given as a share of what one worker does.
    pub fn rate(&self, workload: &Workload, share: f64) -> Result<RateCalibration, TrialError> {
        let server = self.single()?;
        let mut capacities = Vec::with_capacity(CAPACITIES);
        for seed in 0..CAPACITIES {
            let bound = Bound::Time {
                warmup: Duration::from_millis(100),
                duration: Duration::from_millis(400),
            };
            let load = Load {
                connections: workload.connections,
                keepalive: workload.keepalive,
                seed: seed as u64,
                bound,
                ..self.load(&server, &workload.path)
            };
            let loaded = Generator::start(&load, None)?.finish(self.interrupt)?;
            capacities.push(loaded.result.throughput_rps);
        }
        server.stop(self.interrupt)?;
        capacities.sort_by(f64::total_cmp);
        let capacity_rps = capacities[CAPACITIES / 2];
        if capacity_rps <= 0.0 {
            return Err(TrialError::Failed("one worker answered nothing".to_owned()));
        }
        Ok(RateCalibration {
            workload: workload.name.clone(),
            capacity_rps,
            share,
            rate_rps: Rate::of_capacity(share, capacity_rps),
        })
    }

    /// One worker of our own server, whatever the suite measures.
    fn single(&self) -> Result<HelloCluster, TrialError> {
        let target = TargetSpec::own();
        let cpus = &self.cpus.server;
        let (program, mode) = (self.program, "single");
        let serve = Serve { program, target: &target, mode, workers: 1, cpus, admin: false };
        Ok(HelloCluster::start(&serve, self.folder, self.interrupt)?)
    }

    fn load<'a>(&'a self, server: &'a HelloCluster, paths: &'a str) -> Load<'a> {
        Load {
            program: self.program,
            url: server.url(),
            paths,
            schedule: None,
            connections: 1,
            keepalive: true,
            cpus: &self.cpus.load[..1],
            seed: 0,
            bound: Bound::Requests(REQUESTS),
            tools: &[],
            snapshots: false,
        }
    }

    /// CPU time of one request in microseconds, the median of some batches; about `expected_us`.
    fn cost(
        &self,
        server: &HelloCluster,
        worker: u32,
        rounds: u64,
        expected_us: f64,
    ) -> Result<f64, TrialError> {
        let batch = |_| self.batch(server, worker, rounds, expected_us);
        let mut batches = (0..BATCHES).map(batch).collect::<Result<Vec<_>, _>>()?;
        batches.sort_by(f64::total_cmp);
        Ok(batches[BATCHES / 2])
    }

    fn batch(
        &self,
        server: &HelloCluster,
        worker: u32,
        rounds: u64,
        expected_us: f64,
    ) -> Result<f64, TrialError> {
        let requests = (BATCH_US / expected_us.max(1.0)).clamp(4.0, f64::from(REQUESTS)) as u32;
        let clock = || clocks::process_cpu(worker).ok_or("the worker has gone".to_owned());
        let path = path(rounds);
        let before = clock()?;
        let load = Load { bound: Bound::Requests(requests), ..self.load(server, &path) };
        let result = Generator::start(&load, None)?.finish(self.interrupt)?.result;
        let used = clock()?.saturating_sub(before);
        if result.lifetime.answered == 0 {
            return Err(TrialError::Failed("the worker answered no request".to_owned()));
        }
        Ok(used.as_secs_f64() * 1e6 / result.lifetime.answered as f64)
    }
}

/// The request's target for a number of rounds.
pub fn path(rounds: u64) -> String {
    format!("/work?rounds={rounds}")
}

/// Where the line through two points (rounds, microseconds) reaches the target.
fn solve(low: (u64, f64), high: (u64, f64), target_us: f64) -> u64 {
    let slope = (high.1 - low.1) / (high.0 as f64 - low.0 as f64);
    if slope.is_nan() || slope <= 0.0 {
        return high.0;
    }
    let rounds = low.0 as f64 + (target_us - low.1) / slope;
    // One round stays: a target below the price of handling a request cannot be met.
    (rounds.round().max(2.0) as u64).min(server::work::MAX_ROUNDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_two_points_is_followed_to_the_target() {
        let bound = server::work::MAX_ROUNDS;
        for (what, low, high, target_us, rounds) in [
            ("the target is met", (1, 20.0), (10_001, 60.0), 200.0, 45_001),
            ("less than handling costs: next to nothing", (1, 20.0), (10_001, 60.0), 10.0, 2),
            ("noise turns the line over", (1, 20.0), (10_001, 19.0), 200.0, 10_001),
            ("one point twice", (2, 20.0), (2, 20.0), 200.0, 2),
            ("the server's bound is kept", (1, 0.0), (1_000_001, 0.001), 100_000.0, bound),
        ] {
            assert_eq!(solve(low, high, target_us), rounds, "{what}");
        }
    }
}
