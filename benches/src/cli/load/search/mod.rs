//! `load --find-max`: the search for the highest rate that keeps a promise, checked. The search itself
//! is `search` in the crate `loadgen`.

use std::time::Duration;

use loadgen::pace::{Arrivals, Profile};
use loadgen::plan::{Bound, Model, Plan};
use loadgen::search::{LIMITS_IN_BUDGET, Objective};

#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod tell;

use super::args::{Args, SearchArgs};
use super::plan;
use crate::cli::Failure;
#[cfg(target_os = "linux")]
pub use run::run;

/// Without `--budget`, a search takes this long at most.
const USUAL_BUDGET: Duration = Duration::from_secs(120);

/// An answer is awaited for this part of the budget at most, so that the time is kept.
const TIMEOUT_PART: u32 = 25;

/// A search as it was asked for.
pub struct Goal {
    promise: Vec<Objective>,
    /// The most time that it may take.
    budget: Duration,
    /// The closed loop, from which the probes differ in their times alone.
    plan: Plan,
    /// How the probes' requests lie around their rate.
    arrivals: Arrivals,
    spin: bool,
}

impl Goal {
    /// Checks what is to be searched for; `None` when nothing is.
    pub fn new(args: &Args) -> Result<Option<Self>, Failure> {
        let SearchArgs { find_max, slo, budget } = &args.search;
        if !find_max {
            return match (slo.is_empty(), budget) {
                (false, _) => Err(Failure::usage(
                    "--slo goes with --find-max; for a single run give --fail-if such as 'p99>10ms'",
                )),
                (true, Some(_)) => {
                    Err(Failure::usage("--budget goes with --find-max; give -d for a run"))
                }
                (true, None) => Ok(None),
            };
        }
        refuse_others(args)?;
        if slo.is_empty() {
            return Err(Failure::usage(
                "--find-max needs to know what to keep: give --slo such as p99=10ms",
            ));
        }
        let budget = budget.unwrap_or(USUAL_BUDGET);
        let (plan, arrivals) = (plan(args)?, args.load.arrivals);
        let spin = args.generator.spin;
        let mut goal = Self { promise: slo.clone(), budget, plan, arrivals, spin };
        goal.plan.timeout = goal.timeout()?;
        // A rate as good as any: it is the rest of the plan that may be wrong.
        goal.probe(1.0, Duration::ZERO, budget, 0).check().map_err(Failure::usage)?;
        Ok(Some(goal))
    }

    /// The longest latency that is promised.
    fn longest(&self) -> Duration {
        let limits = self.promise.iter().filter_map(Objective::limit);
        Duration::from_nanos(limits.max().unwrap_or(0))
    }

    /// How long an answer is awaited: longer than any limit, and not so long that the budget cannot
    /// be kept.
    fn timeout(&self) -> Result<Duration, Failure> {
        let (longest, timeout) = (self.longest(), self.plan.timeout);
        if timeout <= longest {
            return Err(Failure::usage(format!(
                "a timeout of {timeout:?} cannot tell a limit of {longest:?}: give a longer --timeout"
            )));
        }
        let least = longest * LIMITS_IN_BUDGET;
        if self.budget < least {
            return Err(Failure::usage(format!(
                "a limit of {longest:?} needs a --budget of {}s or more: probes must be long beside it",
                least.as_secs_f64().ceil()
            )));
        }
        Ok(timeout.min(self.budget / TIMEOUT_PART))
    }

    fn probe(&self, rate: f64, warmup: Duration, duration: Duration, number: u64) -> Plan {
        let rate = Profile::constant(rate);
        Plan {
            model: Model::Open { rate, arrivals: self.arrivals, spin: self.spin },
            bound: Bound::Duration(duration),
            warmup,
            // Other arrivals each time: what one probe meets by chance the next one does not.
            seed: self.plan.seed.wrapping_add(number),
            keep_log: true,
            ..self.plan.clone()
        }
    }
}

/// What does not go with a search, each with what would be right.
fn refuse_others(args: &Args) -> Result<(), Failure> {
    let Args { load, output, .. } = args;
    let given = [
        (load.rate.is_some(), "-R", "it tries rates itself"),
        (load.stages.is_some(), "--stages", "it tries rates itself"),
        (load.requests.is_some(), "-n", "give --budget for how long it may take"),
        (load.duration.is_some(), "-d", "give --budget for how long it may take"),
        (!output.merge.is_empty(), "--merge", "it makes its own runs"),
        (output.csv.is_some(), "--csv", "it has no single run to write"),
        (output.hdr.is_some(), "--hdr", "it has no single run to write"),
        (output.snapshots.is_some(), "--snapshots", "it has no single run to follow"),
        (!output.fail_if.is_empty(), "--fail-if", "give --slo for what must hold"),
    ];
    match given.iter().find(|(given, ..)| *given) {
        Some((_, name, why)) => {
            Err(Failure::usage(format!("{name} does not go with --find-max: {why}")))
        }
        None => Ok(()),
    }
}
