//! The result of a run, in the shape that programs read: `load --json` prints it.
//!
//! The shape is the record's trial result; units are part of the names. How requests are counted
//! is defined in [`crate::tally`]. Throughput: bounded by time, the good answers that came within
//! the window, divided by its length; bounded by a number of requests, the good ones among them
//! divided by the time until the last of them ended (which then is the window's end).
//!
//! Next: [`crate::summary`].

use std::collections::{BTreeMap, HashMap};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::plan::Bound;
use crate::tally::{Tally, WorkerTally};

/// A thread that was busy for more than this share of the window is taken to be the limit.
const BUSY: f64 = 0.9;

/// What a run measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunResult {
    /// `closed` or `open`.
    #[serde(rename = "loop")]
    pub loop_model: String,
    /// Good answers a second.
    pub throughput_rps: f64,
    /// Good answers among the measured requests.
    pub requests: u64,
    /// Bytes received in the measured window.
    pub bytes: u64,
    /// Length of the measured window in seconds.
    pub elapsed_s: f64,
    /// Latency of all measured requests.
    pub latency: Latency,
    /// Measured requests without a good answer.
    pub errors: Errors,
    /// Per worker, ordered by id, then pid.
    pub workers: Vec<Worker>,
    /// The generator's counts over its whole life.
    pub lifetime: Lifetime,
    /// The generator's CPU time in the measured window.
    pub cpu: Cpu,
    /// The generator's threads over the window, each by its own clock.
    pub threads: Vec<Thread>,
    /// Whether the generator's own speed bounded a closed loop.
    pub generator_limited: bool,
    /// Whether the measurement may be used.
    pub valid: bool,
    /// Why not, or what to keep in mind, one sentence each.
    pub reasons: Vec<String>,
    /// Whether it was ended before its time.
    pub interrupted: bool,
}

/// A latency distribution.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Latency {
    /// Always `us`: microseconds.
    pub unit: String,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p999: f64,
    /// Largest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// `[value, count]` in rising order of value, two significant digits.
    pub histogram: Vec<(f64, u64)>,
}

/// Measured requests by class of failure; see [`Outcome`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the classes are those of `Outcome`")]
pub struct Errors {
    pub status: u64,
    pub refused: u64,
    pub connect: u64,
    pub connect_timeout: u64,
    pub timeout: u64,
    pub reset: u64,
    pub closed_early: u64,
    pub protocol: u64,
    pub unanswered: u64,
    /// Counts by the system's error name, for the classes that have one.
    pub errno: BTreeMap<String, u64>,
}

/// One worker as the generator saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Worker {
    /// Its id; `None` when the server does not tell.
    pub id: Option<u32>,
    /// Its process id (the last one, after a replacement).
    pub pid: Option<u32>,
    /// Connections whose first answer was its.
    pub connections: u64,
    /// Its answers over the whole life.
    pub client_requests: u64,
}

/// Counts over the generator's whole life, warm-up and draining included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifetime {
    /// Requests begun.
    pub sent: u64,
    /// Whole answers, whatever their status.
    pub answered: u64,
    /// Requests that ended without an answer.
    pub failed: u64,
    /// Connections made.
    pub connections: u64,
}

/// CPU time of the generator's process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cpu {
    /// Seconds between the two readings.
    pub elapsed_s: f64,
    /// User time in seconds.
    pub load_user_s: f64,
    /// System time in seconds.
    pub load_sys_s: f64,
}

/// One thread over the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thread {
    /// CPU seconds.
    pub cpu_s: f64,
    /// Seconds between the two readings.
    pub elapsed_s: f64,
}

/// What is known of a run beside its tally.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// What was to end the run.
    pub bound: Bound,
    /// Whether it was ended before its time.
    pub interrupted: bool,
    /// The process's CPU time in the window.
    pub cpu: Cpu,
}

impl RunResult {
    /// Draws up the result from the merged tally.
    #[must_use]
    pub fn new(tally: &Tally, facts: Facts) -> Self {
        let by_count = matches!(facts.bound, Bound::Requests(_));
        let end = if by_count { tally.last_end } else { tally.window.end };
        let elapsed_s = end.saturating_sub(tally.window.begin) as f64 / 1e9;
        let requests = tally.class(Outcome::Ok);
        let good = if by_count { requests } else { tally.completed };
        let threads: Vec<_> = tally
            .cpu
            .iter()
            .map(|thread| Thread { cpu_s: thread.busy_s, elapsed_s: thread.wall_s })
            .collect();
        let lifetime = tally.lifetime;
        let mut result = Self {
            loop_model: "closed".to_owned(),
            throughput_rps: if elapsed_s > 0.0 { good as f64 / elapsed_s } else { 0.0 },
            requests,
            bytes: tally.bytes,
            elapsed_s,
            latency: Latency::new(&tally.latency),
            errors: Errors::new(tally),
            workers: workers(&tally.workers),
            lifetime: Lifetime {
                sent: lifetime.sent,
                answered: lifetime.answered,
                failed: lifetime.failed,
                connections: lifetime.connections,
            },
            cpu: facts.cpu,
            generator_limited: threads.iter().any(|thread| thread.cpu_s > BUSY * thread.elapsed_s),
            threads,
            valid: true,
            reasons: Vec::new(),
            interrupted: facts.interrupted,
        };
        result.judge(tally);
        result
    }

    /// The verdict, and what to keep in mind.
    fn judge(&mut self, tally: &Tally) {
        let mut faults = Vec::new();
        if self.requests == 0 && !self.interrupted {
            faults.push(if self.errors.total() == 0 {
                "no request began within the measured window".to_owned()
            } else {
                "no good answer came: see the errors".to_owned()
            });
        }
        if tally.latency.len() != self.requests + self.errors.total()
            || self.lifetime.sent != self.lifetime.answered + self.lifetime.failed
            || self.lifetime.answered != tally.workers.iter().map(|worker| worker.requests).sum()
        {
            faults.push("the generator's own counts do not add up".to_owned());
        }
        self.valid = faults.is_empty();
        self.reasons = faults;
        if self.interrupted {
            self.reasons.push(format!("interrupted after {:.3} s of measurement", self.elapsed_s));
        }
        if self.generator_limited {
            self.reasons.push(
                "the generator was the limit (a thread of it was busy for over 90 % of the window): \
                 the throughput says something about the pair, not about the server"
                    .to_owned(),
            );
        }
    }
}

impl Latency {
    /// Reads a histogram of nanoseconds.
    #[must_use]
    pub fn new(histogram: &Histogram<u64>) -> Self {
        let unit = "us".to_owned();
        if histogram.is_empty() {
            return Self { unit, ..Self::default() };
        }
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            unit,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / 1e3,
            mean: round(histogram.mean() / 1e3),
            histogram: coarse(histogram),
        }
    }
}

/// The histogram with two significant digits, in microseconds. Each bar stands at its middle.
fn coarse(histogram: &Histogram<u64>) -> Vec<(f64, u64)> {
    let Ok(mut coarse) = Histogram::<u64>::new_with_bounds(1, histogram.high(), 2) else {
        return Vec::new();
    };
    for value in histogram.iter_recorded() {
        coarse.saturating_record_n(value.value_iterated_to(), value.count_at_value());
    }
    coarse
        .iter_recorded()
        .map(|value| {
            let middle = coarse.median_equivalent(value.value_iterated_to());
            (round(middle as f64 / 1e3), value.count_at_value())
        })
        .collect()
}

/// Four significant digits: enough for an error below that of the histogram, and short to write.
fn round(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powi(3 - value.log10().floor() as i32);
    (value * scale).round() / scale
}

impl Errors {
    fn new(tally: &Tally) -> Self {
        let errno = |(&number, &count)| (errno_name(number), count);
        Self {
            status: tally.class(Outcome::Status),
            refused: tally.class(Outcome::Refused),
            connect: tally.class(Outcome::Connect),
            connect_timeout: tally.class(Outcome::ConnectTimeout),
            timeout: tally.class(Outcome::Timeout),
            reset: tally.class(Outcome::Reset),
            closed_early: tally.class(Outcome::ClosedEarly),
            protocol: tally.class(Outcome::Protocol),
            unanswered: tally.class(Outcome::Unanswered),
            errno: tally.errno.iter().map(errno).collect(),
        }
    }

    /// Classes that occurred, with their counts.
    #[must_use]
    pub fn by_class(&self) -> Vec<(Outcome, u64)> {
        [
            (Outcome::Status, self.status),
            (Outcome::Refused, self.refused),
            (Outcome::Connect, self.connect),
            (Outcome::ConnectTimeout, self.connect_timeout),
            (Outcome::Timeout, self.timeout),
            (Outcome::Reset, self.reset),
            (Outcome::ClosedEarly, self.closed_early),
            (Outcome::Protocol, self.protocol),
            (Outcome::Unanswered, self.unanswered),
        ]
        .into_iter()
        .filter(|&(_, count)| count > 0)
        .collect()
    }

    /// The sum over all classes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_class().iter().map(|&(_, count)| count).sum()
    }
}

#[cfg(target_os = "linux")]
fn errno_name(number: i32) -> String {
    format!("{:?}", nix::errno::Errno::from_raw(number))
}

#[cfg(not(target_os = "linux"))]
fn errno_name(number: i32) -> String {
    number.to_string()
}

/// One entry an id (a replacement keeps it, and its last pid is shown), else one a pid. Answers
/// that name nobody are one entry, if there are any.
fn workers(tallies: &[WorkerTally]) -> Vec<Worker> {
    let mut folded: HashMap<(Option<u32>, Option<u32>), (Worker, u64)> = HashMap::new();
    for tally in tallies.iter().filter(|tally| tally.requests > 0) {
        let (id, pid) = (tally.key.id, tally.key.pid);
        let identity = if id.is_some() { (id, None) } else { (None, pid) };
        let (worker, seen) = folded.entry(identity).or_default();
        worker.id = id;
        if worker.pid.is_none() || tally.first_seen >= *seen {
            worker.pid = pid;
            *seen = tally.first_seen;
        }
        worker.connections += tally.connections;
        worker.client_requests += tally.requests;
    }
    let mut workers: Vec<_> = folded.into_values().map(|(worker, _)| worker).collect();
    workers.sort_by_key(|worker| (worker.id, worker.pid));
    workers
}

#[cfg(test)]
mod tests;
