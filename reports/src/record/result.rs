//! What one trial measured: throughput, latency, errors, both sides' books.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AcceptQueue, Cpu, Told};

/// What one trial measured. `load --json` prints the same object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrialResult {
    /// `closed` or `open`.
    #[serde(rename = "loop")]
    pub loop_model: String,
    /// Good answers a second in the measured window.
    pub throughput_rps: f64,
    /// Good answers in the measured window.
    pub requests: u64,
    /// Bytes received in the measured window.
    pub bytes: u64,
    /// Length of the measured window in seconds.
    pub elapsed_s: f64,
    /// Latency from the intended start (open loop) or the send (closed loop).
    pub latency: Latency,
    /// Latency from the actual send; `None` in a closed loop, where it is the same.
    pub service_latency: Option<Latency>,
    /// The window in slices; a request belongs to the slice in which its answer came.
    pub series: Vec<SeriesPoint>,
    /// The time before the window, which no figure includes; `None` when it was not kept.
    pub warmup: Option<Warmup>,
    /// Requests of the measured window that did not end in a good answer, by class.
    pub errors: Errors,
    /// Per worker, ordered by id, then pid.
    pub workers: Vec<Worker>,
    /// The generator's counts over its whole life, warm-up included.
    pub lifetime: Lifetime,
    /// Whose the core-seconds of the measured window were.
    pub cpu: Cpu,
    /// The generator's threads over the window; empty when not known.
    pub threads: Vec<LoadThread>,
    /// Connections before a worker took them; `None` when not known.
    pub accept: Option<AcceptQueue>,
    /// Whether the generator's own speed bounded a closed loop (the result is valid then, but says
    /// something about the pair, not about the server).
    pub generator_limited: bool,
    /// Whether the measurement may be used.
    pub valid: bool,
    /// Why not, or what to keep in mind, one sentence each.
    pub reasons: Vec<String>,
    /// What other load generators would have printed; absent unless the workload asked for it.
    #[serde(rename = "as", skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Told>,
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
    /// `[value, count]` in rising order of value, two significant digits; empty where it was left out.
    pub histogram: Vec<(f64, u64)>,
    /// The number of requests in a histogram that was left out; 0 where it is there.
    #[serde(skip_serializing_if = "is_zero")]
    pub answers: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// One slice of the measured window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeriesPoint {
    /// The slice's begin, seconds after the window's begin.
    pub t_s: f64,
    /// Good answers a second in it.
    pub rps: f64,
    /// Median latency in microseconds.
    pub p50: f64,
    /// 99th percentile in microseconds.
    pub p99: f64,
    /// Requests that ended in an error in it.
    pub errors: u64,
    /// Latencies in coarse steps: `[begin of the step in microseconds, requests]` in rising order;
    /// steps begin at 0, 1, 1.5, 2, 3, 4, 6, 8, … µs. Empty where they were not kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<(f64, u64)>,
}

/// How throughput went from the first request on, in slices of 100 ms, the measured window included.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Warmup {
    /// `flat`, `warming`, `slowing` or `no steady state`; empty when there are too few slices.
    pub class: String,
    /// When the level of the end was reached, seconds after the measured window's begin (negative:
    /// before it); `None` without a steady state.
    pub steady_from_s: Option<f64>,
    /// The discarded slices; their `t_s` is negative, the measured window begins at 0.
    pub series: Vec<SeriesPoint>,
}

/// Requests without a good answer. Every request is in exactly one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Errors {
    /// Answered, but with another status than 2xx.
    pub status: u64,
    /// The connection was refused (`ECONNREFUSED`).
    pub refused: u64,
    /// No connection for another reason (no route, no local port, …).
    pub connect: u64,
    /// No connection within the timeout.
    pub connect_timeout: u64,
    /// No whole answer within the timeout.
    pub timeout: u64,
    /// The peer reset the connection.
    pub reset: u64,
    /// The peer closed before a whole answer had come.
    pub closed_early: u64,
    /// The answer was not HTTP/1.x.
    pub protocol: u64,
    /// Still without an answer when the run ended.
    pub unanswered: u64,
    /// Counts by the system's error name, `ECONNRESET` for example, for the classes that have one.
    pub errno: BTreeMap<String, u64>,
}

impl Errors {
    /// The sum over all classes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.status
            + self.refused
            + self.connect
            + self.connect_timeout
            + self.timeout
            + self.reset
            + self.closed_early
            + self.protocol
            + self.unanswered
    }
}

/// One worker as both sides saw it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Worker {
    /// Its id, 1…N, stable over a replacement; `None` when the server does not tell.
    pub id: Option<u32>,
    /// Its process id (the last one, after a replacement).
    pub pid: Option<u32>,
    /// The CPU to which it was pinned.
    pub cpu: Option<u32>,
    /// Connections that it accepted over its whole life, by its own count; as far as the generator
    /// alone can tell, connections on which it answered.
    pub connections: u64,
    /// Requests that it answered over its whole life, by its own count; 0 when not told.
    pub requests: u64,
    /// Its answers over the whole life, by the generator's count.
    pub client_requests: u64,
    /// User CPU seconds in the measured window.
    pub cpu_user_s: f64,
    /// System CPU seconds in the measured window.
    pub cpu_sys_s: f64,
    /// Seconds in which its threads were ready to run and had no CPU; `None` when not known.
    pub waiting_s: Option<f64>,
    /// Its state at the window's end, one letter as in `/proc/PID/stat` (`T`: stopped); empty when
    /// not known.
    pub state: String,
    /// CPUs on which it was seen; empty when not known.
    pub ran_on: Vec<u32>,
}

/// One thread of the generator over the measured window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadThread {
    /// CPU seconds.
    pub cpu_s: f64,
    /// Seconds between the two readings.
    pub elapsed_s: f64,
    /// CPUs on which it was seen; empty when not known.
    pub ran_on: Vec<u32>,
}

/// The generator's own books over its whole life.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifetime {
    /// Requests begun.
    pub sent: u64,
    /// Whole answers, whatever their status.
    pub answered: u64,
    /// Requests that ended without an answer.
    pub failed: u64,
    /// Connections opened.
    pub connections: u64,
}
