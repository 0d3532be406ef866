//! Making the probes that a search asks for, on Linux: each a run of its own with fresh connections.

use std::io::{self, IsTerminal, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use loadgen::plan::{Bound, Plan};
use loadgen::run::{Control, Measured};
use loadgen::search::{self, Objective, Observation, Search};

use super::super::args::OutputArgs;
use super::super::run::{failure, on_interrupt};
use super::super::write;
use super::Goal;
use super::tell::{self, Answer};
use crate::cli::Failure;

/// The closed loop that tells the capacity roughly: its warm-up and its length, as parts of the budget.
const ROUGHLY: (u32, u32) = (240, 60);

/// Between probes the server is left alone for this part of the budget. Its queue is empty by then: a
/// run ends when its last request has ended.
const REST: u32 = 1200;

/// When a closed loop had no good answer, the search begins as if the server did so many a second, or
/// as many as it failed.
const NO_ESTIMATE: f64 = 100.0;

/// Searches, writes the answer, and fails as it deserves.
pub fn run(goal: &Goal, output: &OutputArgs) -> Result<(), Failure> {
    let began = Instant::now();
    let interrupted = on_interrupt().map_err(Failure::io)?;
    if output.json.as_deref().is_none_or(|path| path.as_os_str() != "-") {
        print!("{}", tell::heading(goal));
        // Whoever waits shall know for what.
        let _ = io::stdout().flush();
    }
    let watched = output.phases || io::stderr().is_terminal();
    let search = probe(goal, began, &interrupted, watched)?;
    let interrupted = interrupted.load(Ordering::Relaxed);
    let answer = Answer::new(goal, &search, began.elapsed(), interrupted);
    let object = || serde_json::to_string(&answer);
    write::emit(output.json.as_deref(), object, || tell::summary(&answer))?;
    let reasons = answer.reasons.join(" ");
    match (interrupted, answer.valid, answer.rate_rps) {
        (true, ..) => Err(Failure::interrupted(reasons)),
        (false, false, _) => {
            Err(Failure::invalid(format!("the highest rate is not known: {reasons}")))
        }
        (false, true, None) => Err(Failure::check(reasons)),
        (false, true, Some(_)) => Ok(()),
    }
}

/// Makes probes until the search is over, or interrupted.
fn probe(
    goal: &Goal,
    began: Instant,
    interrupted: &AtomicBool,
    watched: bool,
) -> Result<Search, Failure> {
    let capacity = capacity(goal, interrupted, watched)?;
    let mut search = Search::new(search::Goal {
        allowed: goal.promise.iter().map(Objective::allowed).collect(),
        capacity,
        budget: goal.budget.saturating_sub(began.elapsed()),
        reserve: goal.plan.timeout,
        longest: goal.longest(),
    });
    while let Some(probe) = search.next() {
        let start = Instant::now();
        let number = search.seen().len() as u64;
        let plan = goal.probe(probe.rate, probe.warmup, probe.duration, number);
        let Measured { result, latency, log, .. } = carry_out(&plan, interrupted)?;
        thread::sleep(goal.budget / REST);
        if interrupted.load(Ordering::Relaxed) {
            break;
        }
        let seen = Observation::of(&goal.promise, &result, &latency, log.as_ref(), start.elapsed());
        if watched {
            eprintln!("{}", tell::line(&search, &probe, &seen));
        }
        search.observe(probe, seen);
    }
    Ok(search)
}

/// What the server does in a closed loop, in requests a second.
fn capacity(goal: &Goal, interrupted: &AtomicBool, watched: bool) -> Result<f64, Failure> {
    let (warmup, length) = ROUGHLY;
    let warmup = goal.plan.warmup.max(goal.budget / warmup);
    let bound = Bound::Duration(goal.budget / length);
    let plan = Plan { warmup, bound, ..goal.plan.clone() };
    let result = carry_out(&plan, interrupted)?.result;
    if let Some(note) = &result.engine_note {
        eprintln!("note: {note}");
    }
    if watched {
        eprintln!("closed loop: {:.0} requests/s", result.throughput_rps);
    }
    let failed = result.errors.total() as f64 / result.elapsed_s.max(1e-3);
    let estimate = result.throughput_rps;
    Ok(if estimate > 0.0 { estimate } else { failed.max(NO_ESTIMATE) })
}

fn carry_out(plan: &Plan, interrupted: &AtomicBool) -> Result<Measured, Failure> {
    let control = Control { interrupted, on_phase: &mut |_| (), progress: None };
    loadgen::run(plan, control).map_err(failure)
}
