//! Probes: the runs that a search asks for, and what is kept of each.
//!
//! Next: [`super::bracket`].

use std::time::Duration;

use hdrhistogram::Histogram;

use super::slo::Objective;
use crate::judge;
use crate::result::RunResult;

/// What a probe is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Enclosing the threshold.
    Bracket,
    /// Narrowing it down.
    Refine,
    /// Confirming the rate found.
    Confirm,
}

impl Stage {
    /// Its name, as programs read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bracket => "bracket",
            Self::Refine => "refine",
            Self::Confirm => "confirm",
        }
    }

    /// Lengths of the warm-up and of the measurement: parts of the budget, and so many times the
    /// longest latency allowed.
    pub(super) fn lengths(self, budget: Duration, longest: Duration) -> (Duration, Duration) {
        let (warmup, part, times) = match self {
            Self::Bracket => (1.0 / 400.0, 1.0 / 80.0, 10),
            Self::Refine => (1.0 / 300.0, 1.0 / 32.0, 30),
            Self::Confirm => (1.0 / 300.0, 1.0 / 14.0, 40),
        };
        (budget.mul_f64(warmup), budget.mul_f64(part).max(longest * times))
    }
}

/// A run that is to be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// What it is for.
    pub stage: Stage,
    /// Requests a second.
    pub rate: f64,
    /// How long to run before measuring.
    pub warmup: Duration,
    /// How long to measure.
    pub duration: Duration,
}

/// A lag of the generator's schedule that is at most this share of the limit does no harm.
const LAG_SHARE: f64 = 0.1;

/// What came of a probe.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Requests measured.
    pub requests: u64,
    /// Of those, beyond the limit of each part of the promise, in its order.
    pub beyond: Vec<u64>,
    /// Why the generator, not the server, spoiled the probe.
    pub late: Option<String>,
    /// Wall time that the probe took, all in all.
    pub took: Duration,
}

impl Observation {
    /// Reads it off a run. `latency` holds the run's measured requests in nanoseconds.
    #[must_use]
    pub fn of(
        promise: &[Objective],
        result: &RunResult,
        latency: &Histogram<u64>,
        took: Duration,
    ) -> Self {
        let beyond = promise.iter().map(|part| part.beyond(latency, &result.errors)).collect();
        let limits = promise.iter().filter_map(Objective::limit);
        let least = limits.min().map_or(0.0, |limit| LAG_SHARE * limit as f64 / 1e3);
        let lag = result.split.schedule_lag.map_or(0.0, |lag| lag.p99);
        // What was never sent is the server's doing: it left no connection free.
        let late = judge::late(result).filter(|_| lag > least);
        Self { requests: latency.len(), beyond, late, took }
    }
}

/// What a probe says about its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The promise held.
    Holds,
    /// It was broken.
    Breaks,
    /// The generator was late.
    Late,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::Quantiles;
    use crate::tally::histogram;

    #[test]
    fn a_generator_that_was_late_is_told_unless_it_is_nothing_beside_the_limit() {
        let late = |limit: &str, lag_us| {
            let mut result = RunResult::default();
            result.split.schedule_lag = Some(Quantiles { p99: lag_us, ..Quantiles::default() });
            let promise = [limit.parse().unwrap()];
            Observation::of(&promise, &result, &histogram(), Duration::ZERO).late
        };
        assert_eq!(late("p99=10ms", 900.0), None);
        assert!(late("p99=10ms", 1_100.0).unwrap().contains("schedule"));
        assert_eq!(late("p99=100ms", 1_100.0), None);
        assert!(late("errors=1%", 1_100.0).is_some());
    }

    #[test]
    fn probes_are_long_beside_the_limit_and_fit_into_the_budget() {
        let budget = Duration::from_secs(120);
        for stage in [Stage::Bracket, Stage::Refine, Stage::Confirm] {
            let (_, usual) = stage.lengths(budget, Duration::from_millis(10));
            let (_, long) = stage.lengths(budget, budget / super::super::LIMITS_IN_BUDGET);
            assert!(usual < long && long < budget / 5, "{stage:?}: {usual:?}, {long:?}");
            assert!(long >= budget / super::super::LIMITS_IN_BUDGET * 10);
        }
    }
}
