//! The table of all figures, as text: one row a cell. The page and the terminal show the same rows.

pub(crate) mod distribution;
pub(crate) mod modes;
pub(crate) mod speedup_breakdown;
pub(crate) mod tool_estimates;
pub(crate) mod usl_fit;
pub(crate) mod warmup;

use crate::analysis::{Analysis, Figures, Speedup, WorkloadFigures};
use crate::format;
use crate::stats::latency::percentile_interval;

/// The quantities of [`Row::latency`], as they are called in the keys of figures.
pub const PERCENTILES: [&str; 5] = ["p50", "p90", "p99", "p999", "max"];

/// The quantities of [`Row::cores`], as they are called in the keys of figures.
pub const CORES: [&str; 6] = ["server", "master", "generator", "others", "idle", "unexplained"];

/// One cell's figures as they are shown. An empty string: not measured, or not defined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Name of the workload.
    pub workload: String,
    /// The key of its cell: [`crate::analysis::cells::Cell::key`].
    pub key: String,
    /// Target and mode.
    pub series: String,
    /// Number of workers, `*` after it when oversubscribed.
    pub workers: String,
    /// Concurrent connections.
    pub connections: String,
    /// Valid trials of those run: `6/6`.
    pub trials: String,
    /// Mean throughput in requests a second.
    pub rps: String,
    /// Its interval.
    pub rps_interval: String,
    /// Speed-up over one worker.
    pub speedup: String,
    /// Its interval.
    pub speedup_interval: String,
    /// What may be said of it: [`crate::stats::ratio::Verdict::words`].
    pub verdict: String,
    /// Speed-up a worker.
    pub efficiency: String,
    /// Karp–Flatt serial fraction.
    pub serial: String,
    /// Percentiles of latency: 50, 90, 99, 99.9, and the largest; empty beyond the data.
    pub latency: [String; 5],
    /// The interval of the 99th percentile.
    pub p99_interval: String,
    /// Cores in use: server, master of which, generator, others and hypervisor, idle, unexplained.
    pub cores: [String; 6],
    /// CPU a request in µs: server, generator.
    pub cpu_us: [String; 2],
    /// Whether it is the first row of its workload.
    pub first: bool,
}

/// All rows of a record, by workload, series and number of workers.
#[must_use]
pub fn rows(analysis: &Analysis<'_>) -> Vec<Row> {
    by_workload(analysis, |w| w.cells.iter().map(row).collect(), |row| row.first = true)
}

/// The rows of each workload, the first of them marked.
fn by_workload<'a, R>(
    analysis: &'a Analysis<'_>,
    rows: impl Fn(&'a WorkloadFigures<'_>) -> Vec<R>,
    mark: fn(&mut R),
) -> Vec<R> {
    let marked = |workload| {
        let mut rows = rows(workload);
        rows.first_mut().map(mark);
        rows
    };
    analysis.workloads.iter().flat_map(marked).collect()
}

fn row(figures: &Figures<'_>) -> Row {
    let cell = &figures.cell;
    let mark = if cell.oversubscribed { "*" } else { "" };
    let mut row = Row {
        workload: cell.workload.to_owned(),
        key: cell.key(),
        series: cell.series.label(),
        workers: format!("{}{mark}", cell.workers),
        connections: cell.connections.to_string(),
        trials: format!("{}/{}", cell.valid_count(), cell.trials.len()),
        ..Row::default()
    };
    if let Some(throughput) = figures.throughput {
        row.rps = format::whole(throughput.point);
        row.rps_interval = throughput.interval.map_or(String::new(), format::whole_range);
    }
    fill_speedup(&mut row, &figures.speedup);
    let shown = |value: Option<f64>| value.map_or(String::new(), format::micros);
    let read = |p: f64| shown(figures.latency.readable(p));
    let largest = shown(figures.latency.max());
    row.latency = [read(0.5), read(0.9), read(0.99), read(0.999), largest];
    let latencies = cell.valid().map(|(_, result)| &result.latency);
    row.p99_interval = percentile_interval(latencies, 0.99)
        .map_or(String::new(), |(low, high)| format::micros_range(low, high));
    if let Some(cores) = figures.cores {
        row.cores = [
            cores.server(),
            cores.master,
            cores.load(),
            cores.other + cores.steal,
            cores.idle,
            cores.residual,
        ]
        .map(format::hundredths);
        row.cpu_us =
            [cores.server_us_per_request, cores.load_us_per_request].map(format::significant);
    }
    row
}

fn fill_speedup(row: &mut Row, speedup: &Speedup) {
    match speedup {
        Speedup::Baseline => "baseline".clone_into(&mut row.speedup),
        Speedup::NoBaseline => {}
        Speedup::Over { ratio, efficiency, karp_flatt, .. } => {
            row.speedup = format::ratio(ratio.point);
            ratio.verdict().words().clone_into(&mut row.verdict);
            row.speedup_interval = ratio.interval.map_or(String::new(), format::ratio_range);
            row.efficiency = efficiency.map_or(String::new(), format::percent);
            row.serial = karp_flatt.map_or(String::new(), format::hundredths);
        }
    }
}
