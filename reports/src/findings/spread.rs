//! The findings of what followed from how connections were dealt: requests and CPU time by worker.
//! Next: [`crate::charts::workers`].

use crate::analysis::{Figures, WorkloadFigures};
use crate::format;
use crate::record::Worker;
use crate::stats::median;

/// The finding of a chart of requests by worker: the largest share that a worker had.
#[must_use]
pub fn requests_spread(workload: &WorkloadFigures<'_>) -> String {
    let answered = |worker: &Worker| worker.requests.max(worker.client_requests) as f64;
    busiest(workload, "requests", "answered", answered)
}

/// The finding of a chart of CPU time by worker.
#[must_use]
pub fn cpu_spread(workload: &WorkloadFigures<'_>) -> String {
    busiest(workload, "CPU time", "used", |worker| worker.cpu_user_s + worker.cpu_sys_s)
}

/// The share of the busiest worker in the median trial, least and most over the series.
fn busiest(
    workload: &WorkloadFigures<'_>,
    what: &str,
    verb: &str,
    of: impl Fn(&Worker) -> f64,
) -> String {
    let mut shares: Vec<(f64, String)> = workload
        .widest()
        .iter()
        .filter_map(|f| Some((largest(f, &of)?, f.cell.series.label())))
        .collect();
    shares.sort_by(|a, b| a.0.total_cmp(&b.0));
    let name = workload.name;
    let (Some((low, even)), Some((high, uneven))) = (shares.first(), shares.last()) else {
        return format!("{name}: {what} by worker were not recorded");
    };
    let (low, high) = (format::percent(*low), format::percent(*high));
    let busiest = format!("{name}: in the median trial the busiest worker {verb}");
    if low == high {
        let labels: Vec<String> = shares.into_iter().map(|(_, label)| label).collect();
        return format!("{busiest} {low} of an even share with {}", format::listed(&labels));
    }
    let between = if shares.len() > 2 { "between " } else { "" };
    format!("{busiest} {between}{low} of an even share with {even} and {high} with {uneven}")
}

/// The busiest worker's part of an even share, in the median trial.
fn largest(figures: &Figures<'_>, of: impl Fn(&Worker) -> f64) -> Option<f64> {
    let shares: Vec<f64> = figures
        .cell
        .valid()
        .filter(|(_, result)| result.workers.len() > 1)
        .filter_map(|(_, result)| {
            let counts: Vec<f64> = result.workers.iter().map(&of).collect();
            let (most, sum) =
                (counts.iter().copied().fold(0.0, f64::max), counts.iter().sum::<f64>());
            (sum > 0.0).then(|| most * counts.len() as f64 / sum)
        })
        .collect();
    median(&shares)
}
