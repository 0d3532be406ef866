//! How the trials of each cell got going: the figures behind the warm-up charts.

use super::by_workload;
use crate::analysis::{Analysis, Figures};
use crate::format;
use crate::record::{TrialResult, Warmup};
use crate::stats::median;

/// The classes of a warm-up, in the order in which they are shown.
pub const CLASSES: [&str; 4] = ["flat", "warming", "slowing", "no steady state"];

/// One cell whose trials kept their warm-up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Going {
    pub workload: String,
    pub series: String,
    pub cell: String,
    /// Trials of each of [`CLASSES`].
    pub classes: [usize; 4],
    /// Throughput of the first slice, the median over trials, as a share of what was measured.
    pub begins: String,
    /// When the level of the end was reached, the median over trials, in seconds from the
    /// measurement's begin.
    pub steady: String,
    pub first: bool,
}

/// The rows of all workloads; empty when no trial kept its warm-up.
pub fn rows(analysis: &Analysis<'_>) -> Vec<Going> {
    by_workload(analysis, |w| w.cells.iter().filter_map(row).collect(), |row| row.first = true)
}

fn row(figures: &Figures<'_>) -> Option<Going> {
    let kept: Vec<(&TrialResult, &Warmup)> = figures
        .cell
        .valid()
        .filter_map(|(_, result)| Some((result, result.warmup.as_ref()?)))
        .collect();
    if kept.is_empty() {
        return None;
    }
    let begins: Vec<f64> = kept
        .iter()
        .filter(|(result, _)| result.throughput_rps > 0.0)
        .filter_map(|(result, warmup)| Some(warmup.series.first()?.rps / result.throughput_rps))
        .collect();
    let steady: Vec<f64> = kept.iter().filter_map(|(_, warmup)| warmup.steady_from_s).collect();
    Some(Going {
        workload: figures.cell.workload.to_owned(),
        series: figures.cell.series.label(),
        cell: figures.cell.label(),
        classes: CLASSES
            .map(|class| kept.iter().filter(|(_, warmup)| warmup.class == class).count()),
        begins: median(&begins).map_or(String::new(), format::percent),
        steady: median(&steady).map_or(String::new(), |at| format!("{at:.1} s").replace('-', "−")),
        first: false,
    })
}
