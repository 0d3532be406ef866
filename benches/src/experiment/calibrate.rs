//! How many rounds of work make a request of the wanted CPU time on this machine.
//!
//! Done once a run and recorded, so that every cell asks for the same work. The price of a request
//! is a straight line, `handling + rounds × price of a round`: two points give the line, a third
//! near the goal corrects it. CPU time is the worker's own clock over a number of requests, one at a
//! time, so that neither waiting nor the generator is in it. Next: [`super::trial`].

use std::path::Path;

use reports::record::{Calibration, Cpus};

use super::generator::{Bound, Generator, Load};
use super::interrupt::Interrupt;
use super::target::{Serve, Target};
use super::trial::TrialError;
use crate::sys::clocks;

/// Requests of one batch.
const REQUESTS: u32 = 100;

/// Batches of one measurement; their median counts, since one may be disturbed.
const BATCHES: usize = 3;

/// The second point of the line: enough rounds to stand out from the handling.
const FIRST_GUESS: u64 = 20_000;

/// Finds the number of rounds for which a request takes `target_us` microseconds of CPU.
///
/// # Errors
/// [`TrialError`], as a trial's.
pub fn calibrate(
    target_us: f64,
    cpus: &Cpus,
    folder: &Path,
    interrupt: &Interrupt,
) -> Result<Calibration, TrialError> {
    let serve = Serve { mode: "single", workers: 1, cpus: &cpus.server };
    let target = Target::start(&serve, folder, interrupt)?;
    let worker =
        *target.books(1)?.pids().values().next().ok_or("`serve` has no worker".to_owned())?;
    let cost = |rounds: u64| -> Result<f64, TrialError> {
        let mut batches = Vec::with_capacity(BATCHES);
        for _ in 0..BATCHES {
            batches.push(batch(&target, worker, rounds, &cpus.load, interrupt)?);
        }
        batches.sort_by(f64::total_cmp);
        Ok(batches[BATCHES / 2])
    };
    let floor = (1, cost(1)?);
    let guess = (FIRST_GUESS, cost(FIRST_GUESS)?);
    let near = solve(floor, guess, target_us);
    let rounds = solve(floor, (near, cost(near)?), target_us);
    let measured_us = cost(rounds)?;
    target.stop(interrupt)?;
    Ok(Calibration { target_us, rounds, measured_us })
}

/// CPU time of one request in microseconds, over one batch.
fn batch(
    target: &Target,
    worker: u32,
    rounds: u64,
    cpus: &[u32],
    interrupt: &Interrupt,
) -> Result<f64, TrialError> {
    let url = format!("{}{}", target.url(), path(rounds));
    let bound = Bound::Requests(REQUESTS);
    let clock = || clocks::process_cpu(worker).ok_or("the worker has gone".to_owned());
    let before = clock()?;
    let load = Load { url: &url, connections: 1, keepalive: true, cpus: &cpus[..1], bound };
    let result = Generator::start(&load)?.finish(interrupt)?;
    let used = clock()?.saturating_sub(before);
    if result.lifetime.answered == 0 {
        return Err(TrialError::Failed("the worker answered no request".to_owned()));
    }
    Ok(used.as_secs_f64() * 1e6 / result.lifetime.answered as f64)
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
    fn the_line_is_followed_to_the_target() {
        assert_eq!(solve((1, 20.0), (10_001, 60.0), 200.0), 45_001);
    }

    #[test]
    fn a_target_below_the_price_of_handling_asks_for_next_to_nothing() {
        assert_eq!(solve((1, 20.0), (10_001, 60.0), 10.0), 2);
    }

    #[test]
    fn noise_that_turns_the_line_over_changes_nothing() {
        assert_eq!(solve((1, 20.0), (10_001, 19.0), 200.0), 10_001);
        assert_eq!(solve((2, 20.0), (2, 20.0), 200.0), 2);
    }

    #[test]
    fn the_server_s_bound_is_kept() {
        assert_eq!(solve((1, 0.0), (1_000_001, 0.001), 100_000.0), server::work::MAX_ROUNDS);
    }
}
