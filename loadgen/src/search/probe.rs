//! Probes: the runs that a search asks for, and what is kept of each.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::away;
use super::slo::{Count, Objective};
use crate::log::Log;
use crate::result::RunResult;
use crate::tally::Thread;
use crate::validity;

named_enum! {
    /// What a probe is for.
    pub enum Stage {
        /// Enclosing the threshold.
        Bracket = "bracket",
        /// Narrowing it down.
        Refine = "refine",
        /// Confirming the rate found.
        Confirm = "confirm",
    }
}

impl Stage {
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

/// A generator that was late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// By how much, and whose fault it is.
    pub why: String,
    /// Whether a thread was busy throughout: the generator's limit. Otherwise others had its CPU.
    pub busy: bool,
}

/// What came of a probe.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Requests measured.
    pub requests: u64,
    /// What counts for each part of the promise: untouched requests or, if these are too few, all.
    pub counts: Vec<Count>,
    /// Why the generator, and perhaps not the server, broke the promise. A promise that holds all the
    /// same, or is broken by more than the lateness explains, counts.
    pub late: Option<Late>,
    /// Wall time that the probe took, all in all.
    pub took: Duration,
}

impl Observation {
    /// Reads it off a run. `latency` holds the run's measured requests in nanoseconds, `log` each of
    /// them.
    #[must_use]
    pub fn of(
        promise: &[Objective],
        result: &RunResult,
        latency: &Histogram<u64>,
        log: Option<&Log>,
        took: Duration,
    ) -> Self {
        let requests = latency.len();
        let count = |part: &Objective| {
            let untouched = log.and_then(|log| away::untouched(log, part.limit()?));
            let beyond = part.beyond(latency, &result.errors);
            (untouched.unwrap_or(Count { requests, beyond }), untouched.is_none())
        };
        let counts: Vec<_> = promise.iter().map(count).collect();
        // What was never sent is the server's doing: it left no connection free.
        let late = validity::late(result).filter(|_| {
            promise.iter().zip(&counts).any(|(part, &(count, touched))| {
                let by_lag = lagging(part, result) * requests as f64;
                let most = part.allowed() * requests as f64;
                touched && !count.keeps(part.allowed()) && count.beyond as f64 - by_lag <= most
            })
        });
        let busy = validity::is_busy(&result.threads);
        let late = late.map(|reason| Late { why: reason + &whose(&result.threads, busy), busy });
        let counts = counts.into_iter().map(|(count, _)| count).collect();
        Self { requests, counts, late, took }
    }
}

/// The share of requests, at most, that were sent too late for the limit to mean the server.
fn lagging(part: &Objective, result: &RunResult) -> f64 {
    let (Some(limit), Some(lag)) = (part.limit(), result.split.schedule_lag) else { return 0.0 };
    let harmless = LAG_SHARE * limit as f64 / 1e3;
    let bounds = [(lag.max, 0.0), (lag.p999, 0.001), (lag.p99, 0.01), (lag.p50, 0.5)];
    bounds.iter().find(|(lag, _)| *lag <= harmless).map_or(1.0, |(_, share)| *share)
}

/// Whose fault a lag is.
fn whose(threads: &[Thread], busy: bool) -> String {
    let (cpu, elapsed) = threads.iter().fold((0.0, 0.0), |(cpu, elapsed), thread| {
        (cpu + thread.cpu_s, elapsed + thread.elapsed_s)
    });
    if busy || elapsed <= 0.0 {
        return String::new();
    }
    let busy = 100.0 * cpu / elapsed;
    format!(" (busy for {busy:.0} % of the time only: others had its CPU)")
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
    use crate::outcome::Outcome;
    use crate::tally::histogram;
    use crate::timestamps::Timestamps;

    /// What a lag (its median and 99th percentile, in microseconds) makes of 100 requests, so many
    /// of them above 10 ms.
    fn late(p50: f64, p99: f64, slow: u64) -> Option<String> {
        let mut result = RunResult::default();
        let lag = Quantiles { p50, p99, p999: p99, max: p99 };
        result.split.schedule_lag = Some(lag);
        result.threads = vec![Thread { cpu_s: 0.2, elapsed_s: 1.0 }];
        let mut latency = histogram();
        latency.saturating_record_n(1_000, 100 - slow);
        latency.saturating_record_n(11_000_000, slow);
        let promise = ["p99=10ms".parse().unwrap()];
        let late = Observation::of(&promise, &result, &latency, None, Duration::ZERO).late;
        late.map(|late| late.why)
    }

    #[test]
    fn a_generators_lag_spoils_a_probe_only_where_it_may_have_broken_the_promise() {
        assert_eq!(late(10.0, 900.0, 3), None, "nothing beside the limit");
        assert_eq!(late(10.0, 1_100.0, 1), None, "the promise holds all the same");
        assert_eq!(late(10.0, 1_100.0, 90), None, "half of the requests were not late");
        assert!(late(10.0, 1_100.0, 3).unwrap().contains("others had its CPU"));
        assert!(late(1_100.0, 1_100.0, 90).unwrap().contains("schedule"));
    }

    #[test]
    fn what_an_absence_touched_neither_counts_nor_spoils_the_rest() {
        let promise = ["p99=10ms".parse().unwrap(), "errors=1%".parse().unwrap()];
        let mut log = Log::new(1_000);
        let mut latency = histogram();
        for number in 0..100 {
            let begin = number * 5_000_000;
            let end = begin + if (40..44).contains(&number) { 15_000_000 } else { 1_000_000 };
            log.record(Timestamps { begin, sent: begin, woken: end, end }, Outcome::Ok, 0);
            latency.saturating_record(end - begin);
        }
        let mut result = RunResult::default();
        let lag = Quantiles { p50: 10.0, p99: 15_000.0, p999: 15_000.0, max: 15_000.0 };
        result.split.schedule_lag = Some(lag);
        let of =
            |log: Option<&Log>| Observation::of(&promise, &result, &latency, log, Duration::ZERO);
        assert!(of(None).late.is_some(), "four of 100 were slow");
        assert_eq!(of(Some(&log)).late, None, "and nothing excuses them");
        log.away(200_000_000, 215_000_000);
        // Those due from the limit before it until all that was due then is answered, at 231 ms.
        let left_out = (190..=230).step_by(5).count() as u64;
        let seen = Observation::of(&promise, &result, &latency, Some(&log), Duration::ZERO);
        let counted: Vec<_> = seen.counts.iter().map(|count| count.requests).collect();
        assert_eq!((counted, seen.counts[0].beyond), (vec![100 - left_out, 100], 0), "{seen:?}");
        assert_eq!((seen.requests, seen.late), (100, None));
    }

    #[test]
    fn probes_are_long_beside_the_limit_and_fit_into_the_budget() {
        let budget = Duration::from_secs(120);
        for stage in Stage::ALL {
            let (_, usual) = stage.lengths(budget, Duration::from_millis(10));
            let (_, long) = stage.lengths(budget, budget / super::super::LIMITS_IN_BUDGET);
            assert!(usual < long && long < budget / 5, "{stage:?}: {usual:?}, {long:?}");
            assert!(long >= budget / super::super::LIMITS_IN_BUDGET * 10);
        }
    }
}
