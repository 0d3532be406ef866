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

    /// Lengths of the warm-up and of the measurement, as parts of the budget.
    pub(super) fn parts(self) -> (f64, f64) {
        match self {
            Self::Bracket => (1.0 / 400.0, 1.0 / 80.0),
            Self::Refine => (1.0 / 300.0, 1.0 / 32.0),
            Self::Confirm => (1.0 / 300.0, 1.0 / 14.0),
        }
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
        // What was never sent is the server's doing: it left no connection free.
        let late = judge::late(result);
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
