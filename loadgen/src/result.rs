//! The result of a run, in the shape that programs read: `load --json` prints it.
//!
//! The shape is the record's trial result; units are part of the names. How requests are counted
//! is defined in [`crate::tally`]. Throughput: good answers per second of the window, or, in a run of
//! N requests, the good ones among them per second until the last of them ended.

use serde::{Deserialize, Serialize};

use crate::latency::{Latency, Quantiles, round};
use crate::outcome::Outcome;
use crate::plan::{Bound, Model, Plan};
use crate::series::{Series, Slice};
use crate::steer::Steered;
use crate::tally::{Lifetime, Tally, Thread};
use crate::tool_emulation::{self, Estimate};

mod errors;
mod workers;

pub use errors::Errors;
pub use workers::Worker;

/// What a run measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not whatever the others are")]
pub struct RunResult {
    /// `closed` or `open`.
    #[serde(rename = "loop")]
    pub loop_model: String,
    /// What moved the bytes: `uring`, `epoll`, `hyper` or `reqwest`.
    pub engine: String,
    /// The version of HTTP that was spoken: `HTTP/1.1` or `HTTP/2`.
    pub http_version: String,
    /// Why a cheaper engine did not, in a sentence; `None` when there is none.
    pub engine_note: Option<String>,
    /// Good answers a second.
    pub throughput_rps: f64,
    /// Good answers among the measured requests.
    pub requests: u64,
    /// Bytes received in the measured window.
    pub bytes: u64,
    /// Length of the measured window in seconds.
    pub elapsed_s: f64,
    /// Latency of all measured requests: from the intended start (open loop) or the send.
    pub latency: Latency,
    /// Latency from the actual send; `None` in a closed loop, where it is the same.
    pub service_latency: Option<Latency>,
    /// Where the time went.
    pub split: Split,
    /// The seed of Poisson arrivals and of the mix.
    pub seed: u64,
    /// How an open loop's schedule was kept; `None` in a closed loop.
    pub schedule: Option<Schedule>,
    /// Mean number of requests under way, by Little's law: the sum of latencies over the window's
    /// length. In a closed loop it should be connections × pipeline.
    pub in_flight_mean: f64,
    /// The window in slices; a request belongs to the slice in which it ended.
    pub series: Vec<SeriesPoint>,
    /// What the time of the series is: `completed`.
    pub series_axis: String,
    /// The width of its slices in seconds.
    pub series_interval_s: f64,
    /// The warm-up in slices, their begins negative: the window begins at 0.
    pub warmup_series: Vec<SeriesPoint>,
    /// Whether the machine's CPUs were kept from sleeping.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awake: bool,
    /// Where the connections were steered to before the run; `None` where the server put them.
    pub steered: Option<Steered>,
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
    /// What other tools would have printed; absent unless asked for.
    #[serde(rename = "as", skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Estimate>,
}

/// Where a request's time went; the parts are defined in [`crate::tally`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Split {
    /// From due to noticed; `None` in a closed loop.
    pub schedule_lag: Option<Quantiles>,
    /// From noticed to sent; `None` in a closed loop.
    pub send_lag: Option<Quantiles>,
    /// From sent to the wake-up that brought the answer.
    pub server: Option<Quantiles>,
    /// From the wake-up to the parse.
    pub reap_lag: Option<Quantiles>,
}

/// How an open loop's schedule was kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// `constant` or `poisson`.
    pub arrivals: String,
    /// Mean rate asked for, in requests a second.
    pub rate_rps: f64,
    /// Requests that were due in the window.
    pub due: u64,
    /// Of those, never sent: no connection became free.
    pub never_sent: u64,
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
    /// Its latencies in coarse steps, two to each doubling: `(begin in microseconds, requests)`, empty
    /// ones left out.
    pub steps: Vec<(f64, u64)>,
}

/// CPU time of the generator's process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the other fields are what they are called")]
pub struct Cpu {
    /// Seconds between the two readings.
    pub elapsed_s: f64,
    pub load_user_s: f64,
    pub load_sys_s: f64,
}

/// What is known of a run beside its tally.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    pub plan: &'a Plan,
    pub engine: &'a str,
    /// Why a cheaper engine did not run.
    pub note: Option<&'a str>,
    pub steered: Option<Steered>,
    pub interrupted: bool,
    /// The process's CPU time in the window.
    pub cpu: Cpu,
}

impl RunResult {
    /// Draws up the result from the merged tally; whether it may be used is decided elsewhere.
    pub(crate) fn new(tally: &Tally, facts: Facts<'_>) -> Self {
        let by_count = matches!(facts.plan.bound, Bound::Requests(_));
        let end = if by_count { tally.last_end } else { tally.window.end };
        let elapsed_s = end.saturating_sub(tally.window.begin) as f64 / 1e9;
        let requests = tally.class(Outcome::Ok);
        let good = if by_count { requests } else { tally.completed };
        Self {
            loop_model: if tally.open { "open" } else { "closed" }.to_owned(),
            engine: facts.engine.to_owned(),
            http_version: tally.version.unwrap_or("HTTP/1.1").to_owned(),
            engine_note: facts.note.map(str::to_owned),
            throughput_rps: per(good as f64, elapsed_s),
            requests,
            bytes: tally.bytes,
            elapsed_s,
            latency: Latency::new(&tally.latency),
            service_latency: tally.open.then(|| Latency::new(&tally.split.service)),
            split: Split::new(tally),
            seed: facts.plan.seed,
            schedule: Schedule::new(tally, facts.plan),
            in_flight_mean: in_flight(tally, elapsed_s),
            series: points(&tally.series, elapsed_s),
            series_axis: "completed".to_owned(),
            series_interval_s: tally.series.width_s(),
            warmup_series: points_before(&tally.warmup, facts.plan.warmup.as_secs_f64()),
            errors: Errors::new(tally),
            awake: facts.plan.awake,
            steered: facts.steered,
            workers: workers::fold(&tally.workers),
            lifetime: tally.lifetime,
            cpu: facts.cpu,
            threads: tally.threads.clone(),
            interrupted: facts.interrupted,
            tools: tool_emulation::estimates(tally, facts.plan),
            ..Self::default()
        }
    }
}

/// A rate; zero when no time passed.
fn per(count: f64, seconds: f64) -> f64 {
    if seconds > 0.0 { count / seconds } else { 0.0 }
}

/// Little's law.
fn in_flight(tally: &Tally, elapsed_s: f64) -> f64 {
    per(tally.latency.mean() * tally.latency.len() as f64 / 1e9, elapsed_s)
}

impl Split {
    fn new(tally: &Tally) -> Self {
        let split = &tally.split;
        Self {
            schedule_lag: Quantiles::new(&split.schedule),
            send_lag: Quantiles::new(&split.send),
            server: Quantiles::new(&split.server),
            reap_lag: Quantiles::new(&split.reap),
        }
    }
}

impl Schedule {
    fn new(tally: &Tally, plan: &Plan) -> Option<Self> {
        let Model::Open { rate, arrivals, .. } = &plan.model else { return None };
        let (due, never_sent) = (tally.latency.len(), tally.never_sent);
        let arrivals = arrivals.name().to_owned();
        Some(Self { arrivals, rate_rps: rate.mean_rate(), due, never_sent })
    }
}

/// The series; the last slice may be shorter than the others.
fn points(series: &Series, elapsed_s: f64) -> Vec<SeriesPoint> {
    let width = |t_s| series.width_s().min(elapsed_s - t_s);
    series.slices().map(|(t_s, slice)| point(t_s, width(t_s), slice)).collect()
}

/// The warm-up's series, which was counted backwards; its first slice may be shorter.
fn points_before(series: &Series, warmup_s: f64) -> Vec<SeriesPoint> {
    let width = |t_s| series.width_s().min(warmup_s - t_s);
    let mut points: Vec<_> =
        series.slices().map(|(t_s, slice)| point(-t_s - width(t_s), width(t_s), slice)).collect();
    points.reverse();
    points
}

/// One slice, `width_s` wide.
fn point(t_s: f64, width_s: f64, slice: &Slice) -> SeriesPoint {
    let at = |quantile| round(slice.latency.value_at_quantile(quantile) as f64 / 1e3);
    SeriesPoint {
        t_s,
        rps: round(per(slice.good as f64, width_s)),
        p50: at(0.5),
        p99: at(0.99),
        errors: slice.errors,
        steps: slice.steps(),
    }
}

#[cfg(test)]
mod tests;
