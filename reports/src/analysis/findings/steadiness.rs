//! The findings of latency's other two charts: how steady it was over time, and where its
//! percentiles lie.

use crate::analysis::{Figures, WorkloadFigures};
use crate::format;
use crate::stats::median;

/// A worst slice of less than this times the median slice's percentile is nothing to point at.
const STEADY: f64 = 2.0;

/// A series with the 99th percentiles of its slices.
struct Slices {
    label: String,
    /// Of the worst slice, in microseconds.
    worst: f64,
    /// Worst ÷ median.
    ratio: f64,
}

/// The finding of a heat map: the slice of time with the worst 99th percentile, against the median.
pub fn steadiness(workload: &WorkloadFigures<'_>) -> String {
    let name = workload.name;
    let mut all: Vec<Slices> = workload.widest().into_iter().filter_map(slices).collect();
    all.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    let (Some(best), Some(last)) = (all.first(), all.last()) else {
        return format!("{name}: too few slices to tell how steady latency was");
    };
    let (worst, ratio) = (format::micros(last.worst), format::ratio(last.ratio));
    if last.ratio < STEADY {
        let most = if last.ratio > 1.0 { format!("more than {ratio}") } else { "above".to_owned() };
        return format!(
            "{name}: latency was steady: no slice’s 99th percentile is {most} that of the median slice"
        );
    }
    let against = if all.len() > 1 {
        format!("; with {} {}", best.label, format::ratio(best.ratio))
    } else {
        String::new()
    };
    format!(
        "{name}: the worst slice of {} had a 99th percentile of up to {worst}, {ratio} that of its \
         median slice{against}",
        last.label
    )
}

fn slices(figures: &Figures<'_>) -> Option<Slices> {
    let mut p99 = figures.heat.as_ref()?.p99();
    // The last slice is cut short by the window's end.
    p99.pop();
    let (median, worst) = (median(&p99)?, p99.iter().copied().fold(0.0, f64::max));
    Some(Slices { label: figures.cell.series.label(), worst, ratio: worst / median })
}

/// The finding of a percentile chart: within what most answers came, over all series.
pub fn percentiles(workload: &WorkloadFigures<'_>) -> String {
    let within = |(p, name): (f64, &str)| -> Option<String> {
        let widest = workload.widest();
        let values: Vec<f64> = widest.iter().filter_map(|f| f.latency.readable(p)).collect();
        let low = values.iter().copied().min_by(f64::total_cmp)?;
        let high = values.iter().copied().max_by(f64::total_cmp)?;
        Some(format!("{name} within {}", format::micros_range(low, high)))
    };
    let clauses: Vec<String> =
        [(0.5, "half of the answers came"), (0.99, "99 %"), (0.999, "99.9 %")]
            .into_iter()
            .filter_map(within)
            .collect();
    if clauses.is_empty() {
        return format!("{}: too few answers for a percentile", workload.name);
    }
    let which = if workload.widest().len() > 1 { ", whichever the mode" } else { "" };
    format!("{}: {}{which}", workload.name, format::listed(&clauses))
}
