//! The figures that stand beside the drawing of a mode: what it made of each workload at its
//! largest number of workers with a CPU each.

use super::{Row, row};
use crate::analysis::Analysis;
use crate::analysis::cells::Series;

/// The rows of one series, one a workload.
pub fn rows(analysis: &Analysis<'_>, series: &Series) -> Vec<Row> {
    analysis
        .workloads
        .iter()
        .flat_map(|workload| workload.widest())
        .filter(|figures| figures.cell.series == *series)
        .map(row)
        .collect()
}
