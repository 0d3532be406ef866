//! How each cell's connections were dealt to its workers, and what came of it: requests and CPU time.

use super::by_workload;
use crate::analysis::{Analysis, Figures};
use crate::format;
use crate::record::{TrialResult, Worker};
use crate::stats::fairness::{Dealing, chance_cv, jain, surprise};
use crate::stats::{mean, median};

/// One cell with two workers or more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dealt {
    pub workload: String,
    pub series: String,
    pub workers: u32,
    /// Connections: largest difference, Jain's index, CV, CV of chance, the probability that chance
    /// is as uneven, in words. Indices are means over trials.
    pub connections: [String; 6],
    /// The busiest worker's share of an even split, in the median trial: requests, CPU time.
    pub busiest: [String; 2],
    pub first: bool,
}

/// The rows of all workloads.
pub fn rows(analysis: &Analysis<'_>) -> Vec<Dealt> {
    by_workload(analysis, |w| w.cells.iter().filter_map(row).collect(), |row| row.first = true)
}

fn row(figures: &Figures<'_>) -> Option<Dealt> {
    Some(Dealt {
        workload: figures.cell.workload.to_owned(),
        series: figures.cell.series.label(),
        workers: figures.cell.workers,
        connections: connections(figures)?,
        busiest: [
            busiest(figures, |worker| worker.requests.max(worker.client_requests) as f64),
            busiest(figures, |worker| worker.cpu_user_s + worker.cpu_sys_s),
        ],
        first: false,
    })
}

fn connections(figures: &Figures<'_>) -> Option<[String; 6]> {
    let spreads = &figures.spreads;
    let range = spreads.iter().map(|s| s.range).max()?;
    let over_trials = |index: &dyn Fn(&crate::stats::fairness::Spread) -> f64| {
        let values: Vec<f64> = spreads.iter().map(index).collect();
        mean(&values).map(|value| format!("{value:.3}"))
    };
    let dealt = match figures.dealing? {
        Dealing::Even => "in turn",
        Dealing::Evened => "evenly",
        Dealing::Chance => "by chance",
        Dealing::Biased => "with a bias",
    };
    Some([
        format::whole(range as f64),
        over_trials(&|s| jain(s.cv))?,
        over_trials(&|s| s.cv)?,
        over_trials(&|s| chance_cv(s.workers, s.total))?,
        surprise(spreads).map_or(String::new(), |s| format::p_value(s.as_uneven)),
        dealt.to_owned(),
    ])
}

/// The largest worker's figure over the mean of all, in the median trial; empty when none was kept.
fn busiest(figures: &Figures<'_>, figure: fn(&Worker) -> f64) -> String {
    let share = |result: &TrialResult| {
        let values: Vec<f64> = result.workers.iter().map(figure).collect();
        let (most, mean) = (values.iter().copied().fold(0.0, f64::max), mean(&values)?);
        (mean > 0.0).then(|| most / mean)
    };
    let shares: Vec<f64> = figures.cell.valid().filter_map(|(_, result)| share(result)).collect();
    median(&shares).map_or(String::new(), format::percent)
}
