//! The table of all figures, as text: one row a cell. The page and the terminal show the same rows.
//! Next: [`crate::text`] and [`crate::page`].

use crate::analysis::{Analysis, Figures, Speedup};
use crate::format;
use crate::stats::fairness::{Dealing, chance_cv};
use crate::stats::mean;

/// One cell's figures as they are shown. An empty string: not measured, or not defined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Name of the workload.
    pub workload: String,
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
    /// Speed-up a worker.
    pub efficiency: String,
    /// Karp–Flatt serial fraction.
    pub serial: String,
    /// Percentiles of latency: 50, 90, 99, 99.9, and the largest.
    pub latency: [String; 5],
    /// Cores in use: server, master of which, generator, others and hypervisor, idle, unexplained.
    pub cores: [String; 6],
    /// CPU a request in µs: server, generator.
    pub cpu_us: [String; 2],
    /// Connections over workers: largest difference, mean CV, CV of chance, in words.
    pub spread: [String; 4],
    /// Whether it is the first row of its workload.
    pub first: bool,
}

/// All rows of a record, by workload, series and number of workers.
#[must_use]
pub fn rows(analysis: &Analysis<'_>) -> Vec<Row> {
    analysis
        .workloads
        .iter()
        .flat_map(|workload| workload.cells.iter().enumerate())
        .map(|(index, figures)| Row { first: index == 0, ..row(figures) })
        .collect()
}

fn row(figures: &Figures<'_>) -> Row {
    let cell = &figures.cell;
    let mark = if cell.oversubscribed { "*" } else { "" };
    let mut row = Row {
        workload: cell.workload.to_owned(),
        series: cell.series.label(),
        workers: format!("{}{mark}", cell.workers),
        connections: cell.connections.to_string(),
        trials: format!("{}/{}", cell.valid_count(), cell.trials.len()),
        ..Row::default()
    };
    if let Some(throughput) = figures.throughput {
        row.rps = format::whole(throughput.point);
        row.rps_interval = throughput.interval.map_or(String::new(), |(low, high)| {
            format!("{}–{}", format::whole(low), format::whole(high))
        });
    }
    fill_speedup(&mut row, &figures.speedup);
    row.latency = [0.5, 0.9, 0.99, 0.999, 1.0]
        .map(|p| figures.latency.percentile(p).map_or(String::new(), format::micros));
    if let Some(cores) = figures.cores {
        row.cores = [
            cores.server(),
            cores.master,
            cores.load(),
            cores.other + cores.steal,
            cores.idle,
            cores.residual,
        ]
        .map(|value| format!("{value:.2}").replace("-0.00", "0.00").replace('-', "−"));
        row.cpu_us =
            [cores.server_us_per_request, cores.load_us_per_request].map(format::significant);
    }
    row.spread = spread(figures).unwrap_or_default();
    row
}

fn spread(figures: &Figures<'_>) -> Option<[String; 4]> {
    let spreads = &figures.spreads;
    let range = spreads.iter().map(|s| s.range).max()?;
    let cv: Vec<f64> = spreads.iter().map(|s| s.cv).collect();
    let chance: Vec<f64> = spreads.iter().map(|s| chance_cv(s.workers, s.total)).collect();
    let dealt = match figures.dealing? {
        Dealing::Even => "in turn",
        Dealing::Evened => "evenly",
        Dealing::Chance => "by chance",
        Dealing::Biased => "with a bias",
    };
    Some([
        format::whole(range as f64),
        format!("{:.3}", mean(&cv)?),
        format!("{:.3}", mean(&chance)?),
        dealt.to_owned(),
    ])
}

fn fill_speedup(row: &mut Row, speedup: &Speedup) {
    match speedup {
        Speedup::Baseline => "baseline".clone_into(&mut row.speedup),
        Speedup::NoBaseline => {}
        Speedup::Over { ratio, efficiency, karp_flatt, .. } => {
            row.speedup = format::ratio(ratio.point);
            row.speedup_interval =
                ratio.interval.map_or(String::new(), |(low, high)| format!("{low:.2}–{high:.2}"));
            row.efficiency = efficiency.map_or(String::new(), format::percent);
            row.serial = karp_flatt.map_or(String::new(), |share| {
                format!("{share:.2}").replace("-0.00", "0.00").replace('-', "−")
            });
        }
    }
}
