//! How a run stands at an instant: a line of JSON for `load --snapshots`, or one for the terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize, Serializer};

use crate::format::{bar, grouped, micros};
use crate::latency::bars;
use crate::outcome::Outcome;
use crate::progress::counts::Counts;
use crate::result::Errors;
use crate::tally::Answers;
use crate::worker::WorkerKey;

/// More workers than this are not drawn: the line would not fit.
const MOST_WORKERS: usize = 8;

/// Width of a worker's bar, in characters.
const BAR: usize = 6;

/// How a run stands. The counts are of one instant for each thread, and never fall from one snapshot
/// to the next; up to and with each of them the counts in `latency_us` add up to `good` + `failed`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// Seconds since the measured window began; 0 where the run was ended before.
    pub t_s: f64,
    /// Whether it is the last one: all threads have ended, and the counts are the result's.
    pub end: bool,
    /// Good answers to measured requests so far.
    pub good: u64,
    /// Measured requests that ended otherwise so far, by class; `errno` is left out.
    #[serde(serialize_with = "classes")]
    pub errors: Errors,
    /// Their sum.
    pub failed: u64,
    /// Of those, the ones that were due and never sent. It is known at the end only.
    pub never_sent: u64,
    /// Latencies of the measured requests that ended since the last snapshot, good or not:
    /// `(microseconds, count)` in rising order, two significant digits.
    pub latency_us: Vec<(f64, u64)>,
    /// Connections made so far, over the generator's whole life.
    pub connections: u64,
    /// Who answered so far, over the generator's whole life, ordered by id, then pid.
    pub workers: Vec<WorkerCount>,
    /// CPU seconds (user and system) of the generator's process so far.
    pub busy_s: f64,
}

/// What one worker answered, over the generator's whole life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the other fields are what they are called")]
pub struct WorkerCount {
    pub id: Option<u32>,
    /// Its process id (the last one, after a replacement).
    pub pid: Option<u32>,
    /// Connections whose first answer was its.
    pub connections: u64,
    pub requests: u64,
}

/// Writes the classes alone, so that their sum is what failed.
fn classes<S: Serializer>(errors: &Errors, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(errors.classes())
}

impl Snapshot {
    /// Draws a snapshot from counts and the latencies that no other snapshot has.
    pub(crate) fn new(counts: &Counts, recent: &Histogram<u32>) -> Self {
        let errors = Errors::of(&counts.classes);
        Self {
            good: counts.classes[Outcome::Ok as usize],
            failed: errors.total(),
            errors,
            never_sent: counts.never_sent,
            latency_us: bars(recent),
            connections: counts.connections,
            workers: fold(counts),
            ..Self::default()
        }
    }

    /// One line for a terminal; `before` is the snapshot before, or an empty one.
    #[must_use]
    pub fn line(&self, before: &Self) -> String {
        let seconds = (self.t_s - before.t_s).max(1e-3);
        let rate = self.good.saturating_sub(before.good) as f64 / seconds;
        let mut line = format!("{:>6.1}s {:>9}/s", self.t_s, grouped(rate.round() as u64));
        // Writing to a `String` cannot fail.
        let at = |share| quantile(&self.latency_us, share);
        if let (Some(p50), Some(p99)) = (at(0.5), at(0.99)) {
            let _ = write!(line, "  p50 {:>8}  p99 {:>8}", micros(p50), micros(p99));
        }
        let _ = write!(line, "  errors {}", grouped(self.failed));
        let named = || self.workers.iter().filter(|worker| worker.id.or(worker.pid).is_some());
        let most = named().map(|worker| worker.requests).max().unwrap_or(0);
        for worker in named().take(MOST_WORKERS) {
            let name = worker.id.or(worker.pid).unwrap_or_default();
            let bar = bar(worker.requests as f64 / most.max(1) as f64, BAR);
            let _ = write!(line, "  {name} {bar}");
        }
        line
    }
}

/// Returns the quantile (nearest rank) of `(value, count)` in rising order; `None` without any.
#[must_use]
pub fn quantile(bars: &[(f64, u64)], share: f64) -> Option<f64> {
    let total: u64 = bars.iter().map(|&(_, count)| count).sum();
    let wanted = ((total as f64 * share).ceil() as u64).max(1);
    let mut below = 0;
    let found = bars.iter().find(|&&(_, count)| {
        below += count;
        below >= wanted
    });
    found.map(|&(value, _)| value)
}

/// One entry a worker, as in a result: a replacement keeps its id, and its pid is shown.
fn fold(counts: &Counts) -> Vec<WorkerCount> {
    let mut folded: BTreeMap<WorkerKey, Answers> = BTreeMap::new();
    for seen in counts.workers.iter().filter(|seen| seen.requests > 0) {
        folded.entry(seen.key.identity()).or_default().merge_process(seen);
    }
    let count = |Answers { key: WorkerKey { id, pid }, connections, requests, .. }: Answers| {
        WorkerCount { id, pid, connections, requests }
    };
    folded.into_values().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::small_histogram;

    fn counts() -> Counts {
        let worker = |id, pid, first_seen, requests| Answers {
            key: WorkerKey { id, pid: Some(pid) },
            first_seen,
            connections: 1,
            requests,
        };
        let mut counts = Counts { connections: 4, never_sent: 1, ..Counts::default() };
        counts.classes[Outcome::Ok as usize] = 300;
        counts.classes[Outcome::ClosedEarly as usize] = 2;
        counts.classes[Outcome::Unanswered as usize] = 1;
        // Worker 2 died and came back as pid 9; another server's worker has no id.
        counts.workers = vec![
            worker(Some(2), 9, 50, 40),
            worker(Some(2), 8, 10, 60),
            worker(None, 77, 5, 200),
            Answers::default(),
        ];
        counts
    }

    fn recent() -> Histogram<u32> {
        let mut recent = small_histogram();
        recent.saturating_record_n(100_000, 98);
        recent.saturating_record_n(5_000_000, 2);
        recent
    }

    #[test]
    fn a_snapshot_is_read_as_it_was_written() {
        let snapshot = Snapshot { t_s: 1.25, busy_s: 0.5, ..Snapshot::new(&counts(), &recent()) };
        let text = serde_json::to_string(&snapshot).unwrap();
        assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), snapshot);
        assert!(!text.contains('\n'), "{text}");
    }

    #[test]
    fn its_errors_are_the_results_classes_and_add_up_to_what_failed() {
        let snapshot = Snapshot::new(&counts(), &recent());
        let written = serde_json::to_value(&snapshot).unwrap();
        let written = written["errors"].as_object().unwrap();
        let sum: u64 = written.values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!((sum, snapshot.failed, snapshot.good), (3, 3, 300));
        let result = serde_json::to_value(Errors::default()).unwrap();
        let mut names: Vec<_> = result.as_object().unwrap().keys().collect();
        names.retain(|name| *name != "errno");
        assert_eq!(written.keys().collect::<Vec<_>>(), names);
    }

    #[test]
    fn a_replacement_is_the_same_worker_with_its_new_process() {
        let workers = Snapshot::new(&counts(), &recent()).workers;
        let nameless = WorkerCount { id: None, pid: Some(77), connections: 1, requests: 200 };
        let replaced = WorkerCount { id: Some(2), pid: Some(9), connections: 2, requests: 100 };
        assert_eq!(workers, [nameless, replaced]);
    }

    #[test]
    fn the_line_tells_rate_percentiles_errors_and_workers() {
        let snapshot = Snapshot { t_s: 3.25, ..Snapshot::new(&counts(), &recent()) };
        let before = Snapshot { t_s: 2.75, good: 100, ..Snapshot::default() };
        let line = snapshot.line(&before);
        for part in ["3.2s", "400/s", "p50  100.1µs", "p99   5.00ms", "errors 3", "77 █", "2 █"]
        {
            assert!(line.contains(part), "{part} in {line}");
        }
    }

    #[test]
    fn the_line_of_a_silent_stretch_has_no_percentiles() {
        let line = Snapshot::default().line(&Snapshot::default());
        assert!(line.contains("0/s") && !line.contains("p50"), "{line}");
    }
}
