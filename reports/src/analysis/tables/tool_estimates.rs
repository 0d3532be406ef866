//! What other load generators would have printed of the same requests, beside what was measured.

use std::collections::BTreeSet;

use super::by_workload;
use crate::analysis::tool_estimate::{Medians, medians};
use crate::analysis::{Analysis, Figures, WorkloadFigures};
use crate::format;

/// One row: what was measured of a cell, or what a tool would have printed of it. Medians over trials;
/// an empty string: nothing is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub workload: String,
    pub key: String,
    pub series: String,
    pub cell: String,
    /// The tool, or [`crate::analysis::tool_estimate::MEASURED`].
    pub tool: String,
    /// The loop in which the tool would have sent; of the truth: the one that ran.
    pub loop_model: String,
    /// Latencies: 50, 90, 99, 99.9 %, largest, mean.
    pub latency: [String; 6],
    pub rps: String,
    /// What the 99th percentile is called among the cell's figures.
    pub quantity: String,
    pub first: bool,
}

/// What a tool leaves out and adds, once a workload: the words of its first valid trial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub workload: String,
    pub tool: String,
    pub says: String,
    pub source: String,
}

/// The rows of all workloads; of one with many cells only those of the widest of each series.
pub fn rows(analysis: &Analysis<'_>) -> Vec<Row> {
    let rows = |w: &WorkloadFigures<'_>| w.abridged().into_iter().flat_map(cell_rows).collect();
    by_workload(analysis, rows, |row| row.first = true)
}

fn cell_rows(figures: &Figures<'_>) -> Vec<Row> {
    let shown = |value: Option<f64>| value.map_or(String::new(), format::micros);
    let row = |medians: Medians| Row {
        workload: figures.cell.workload.to_owned(),
        key: figures.cell.key(),
        series: figures.cell.series.label(),
        cell: figures.cell.label(),
        quantity: medians.quantity(),
        latency: medians.micros.map(shown),
        rps: medians.rps.map_or(String::new(), format::whole),
        tool: medians.tool,
        loop_model: medians.loop_model,
        first: false,
    };
    medians(figures).into_iter().map(row).collect()
}

/// The tools' words, by workload.
pub fn words(analysis: &Analysis<'_>) -> Vec<Words> {
    let mut all = Vec::new();
    for workload in &analysis.workloads {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let valid = workload.cells.iter().flat_map(|figures| figures.cell.valid());
        for told in valid.flat_map(|(_, result)| &result.tools).filter(|t| !t.says.is_empty()) {
            if known.insert(&told.tool) {
                all.push(Words {
                    workload: workload.name.to_owned(),
                    tool: told.tool.clone(),
                    says: told.says.clone(),
                    source: told.source.clone(),
                });
            }
        }
    }
    all
}
