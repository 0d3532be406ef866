//! The figures of a cell as columns, each with a name, a unit in it, and a meaning: what spreadsheets
//! and programs get.

use serde_json::Value;

use crate::analysis::diagnosis;
use crate::analysis::{Figures, Speedup};
use crate::stats::cores::Cores;
use crate::stats::latency::percentile_interval;
use crate::stats::ratio::Ratio;

/// One column.
pub struct Column {
    /// Its name, which ends in its unit: `_rps` requests a second, `_us` microseconds, `_cores` CPUs in
    /// use. Without a unit it is a count, a share, a ratio or text.
    pub name: &'static str,
    /// What it holds.
    pub meaning: &'static str,
    /// Its value; null where it was not measured or is not defined.
    pub value: fn(&Figures<'_>) -> Value,
}

const fn column(
    name: &'static str,
    meaning: &'static str,
    value: fn(&Figures<'_>) -> Value,
) -> Column {
    Column { name, meaning, value }
}

/// All columns, in their order.
pub const COLUMNS: [Column; 39] = [
    column("workload", "name of the workload", |f| f.cell.workload.into()),
    column("target", "what was measured", |f| f.cell.series.target.as_str().into()),
    column("mode", "how it shares connections out", |f| f.cell.series.mode.as_str().into()),
    column("workers", "number of workers", |f| f.cell.workers.into()),
    column("oversubscribed", "whether there were more workers than CPUs", |f| {
        f.cell.oversubscribed.into()
    }),
    column("connections", "concurrent connections", |f| f.cell.connections.into()),
    column("rate_rps", "requests a second that were asked for; none in a closed loop", |f| {
        f.cell.rate.into()
    }),
    column("trials", "trials that were run", |f| f.cell.trials.len().into()),
    column("valid_trials", "trials that the figures are from", |f| f.cell.valid_count().into()),
    column("throughput_rps", "good answers a second, the mean", |f| {
        f.throughput.map(|it| it.point).into()
    }),
    column("throughput_low_rps", "low end of its 95 % interval", |f| {
        f.throughput.and_then(|it| it.interval).map(|it| it.0).into()
    }),
    column("throughput_high_rps", "high end of it", |f| {
        f.throughput.and_then(|it| it.interval).map(|it| it.1).into()
    }),
    column("baseline", "the one-worker series that the speed-up is over", |f| match &f.speedup {
        Speedup::Over { baseline, .. } => baseline.as_str().into(),
        Speedup::Baseline | Speedup::NoBaseline => Value::Null,
    }),
    column("speedup", "throughput against one worker, the geometric mean over blocks", |f| {
        f.speedup.ratio().map(|it| it.point).into()
    }),
    column("speedup_low", "low end of its 95 % interval", |f| interval(f).map(|it| it.0).into()),
    column("speedup_high", "high end of it", |f| interval(f).map(|it| it.1).into()),
    column("verdict", "what may be said of the speed-up, corrected after Holm", |f| {
        f.speedup.ratio().map(|ratio| ratio.verdict().words()).into()
    }),
    column("efficiency", "speed-up a worker", |f| match f.speedup {
        Speedup::Over { efficiency, .. } => efficiency.into(),
        Speedup::Baseline | Speedup::NoBaseline => Value::Null,
    }),
    column("serial_fraction", "Karp and Flatt’s", |f| match f.speedup {
        Speedup::Over { karp_flatt, .. } => karp_flatt.into(),
        Speedup::Baseline | Speedup::NoBaseline => Value::Null,
    }),
    column("busy_ratio", "server cores in use, against the baseline’s", |f| {
        split(f).map(|(busy, _)| busy.point).into()
    }),
    column("cost_ratio", "what a request cost the baseline in CPU time, against this cell", |f| {
        split(f).map(|(_, cost)| cost.point).into()
    }),
    column("latency_p50_us", "median latency, of the trials’ merged histograms", |f| {
        f.latency.readable(0.5).into()
    }),
    column("latency_p90_us", "90th percentile", |f| f.latency.readable(0.9).into()),
    column("latency_p99_us", "99th percentile", |f| f.latency.readable(0.99).into()),
    column("latency_p99_low_us", "low end of its 95 % interval, over trials", |f| {
        tail(f).map(|it| it.0).into()
    }),
    column("latency_p99_high_us", "high end of it", |f| tail(f).map(|it| it.1).into()),
    column("latency_p999_us", "99.9th percentile", |f| f.latency.readable(0.999).into()),
    column("latency_max_us", "largest latency", |f| f.latency.max().into()),
    column("server_cores", "CPUs in use by workers and master", |f| cores(f, Cores::server)),
    column("master_cores", "of which by the master", |f| cores(f, |it| it.master)),
    column("generator_cores", "CPUs in use by the generator", |f| cores(f, Cores::load)),
    column("other_cores", "CPUs in use by other programs", |f| cores(f, |it| it.other)),
    column("steal_cores", "CPUs taken by the hypervisor", |f| cores(f, |it| it.steal)),
    column("idle_cores", "CPUs that nobody used", |f| cores(f, |it| it.idle)),
    column("residual_cores", "what the owners above leave unexplained", |f| {
        cores(f, |it| it.residual)
    }),
    column("server_us_per_request", "CPU time of the server, master included, a request", |f| {
        cores(f, |it| it.server_us_per_request)
    }),
    column("generator_us_per_request", "CPU time of the generator a request", |f| {
        cores(f, |it| it.load_us_per_request)
    }),
    column("limit", "what limits it, the likeliest cause", |f| {
        f.diagnosis.as_ref().map(diagnosis::Diagnosis::words).into()
    }),
    column("advice", "what would help against that", |f| {
        let first = f.diagnosis.as_ref().and_then(diagnosis::Diagnosis::first);
        first.map(|finding| diagnosis::advice(finding.cause)).into()
    }),
];

fn interval(figures: &Figures<'_>) -> Option<(f64, f64)> {
    figures.speedup.ratio()?.interval
}

fn split<'a>(figures: &'a Figures<'_>) -> Option<(&'a Ratio, &'a Ratio)> {
    match &figures.speedup {
        Speedup::Over { split: Some(split), .. } => Some((&split.busy, &split.cost)),
        _ => None,
    }
}

fn tail(figures: &Figures<'_>) -> Option<(f64, f64)> {
    percentile_interval(figures.cell.valid().map(|(_, result)| &result.latency), 0.99)
}

fn cores(figures: &Figures<'_>, read: impl Fn(&Cores) -> f64) -> Value {
    figures.cores.as_ref().map(read).into()
}
