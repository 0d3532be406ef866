//! What other load generators would have printed of the same requests, beside what was measured.

use std::collections::BTreeSet;

use crate::analysis::{Analysis, Figures, WorkloadFigures};
use crate::charts::cores::MOST_ROWS;
use crate::format;
use crate::record::{Latency, Told, TrialResult};
use crate::stats::median;

/// The name of the row of what was measured.
pub const TRUTH: &str = "the truth";

/// The place of the 99th percentile among a row's latencies.
pub const P99: usize = 2;

/// One row: what was measured of a cell, or what a tool would have printed of it. Medians over trials;
/// an empty string: nothing is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Name of the workload.
    pub workload: String,
    /// The key of its cell: [`crate::analysis::cells::Cell::key`].
    pub key: String,
    /// Target and mode.
    pub series: String,
    /// Target, mode and number of workers.
    pub cell: String,
    /// The tool, or [`TRUTH`].
    pub tool: String,
    /// The loop in which the tool would have sent; of the truth: the one that ran.
    pub loop_model: String,
    /// Latencies: 50, 90, 99, 99.9 %, largest, mean.
    pub latency: [String; 6],
    /// Requests a second.
    pub rps: String,
    /// What the 99th percentile is called among the cell's figures.
    pub quantity: String,
    /// Whether it is the first row of its workload.
    pub first: bool,
}

/// What a tool leaves out and adds, once a workload: the words of its first valid trial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Name of the workload.
    pub workload: String,
    /// The tool.
    pub tool: String,
    /// Its sentences.
    pub says: String,
    /// Where the rule is written.
    pub source: String,
}

/// Medians over a cell's valid trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Medians {
    /// The tool, or [`TRUTH`].
    pub tool: String,
    /// In which loop it sends.
    pub loop_model: String,
    /// Latencies in microseconds: 50, 90, 99, 99.9 %, largest, mean.
    pub micros: [Option<f64>; 6],
    /// Requests a second.
    pub rps: Option<f64>,
}

impl Medians {
    /// What its 99th percentile is called among a cell's figures.
    #[must_use]
    pub fn quantity(&self) -> String {
        let name = if self.tool == TRUTH { "truth" } else { &self.tool };
        format!("{name}-p99")
    }

    fn of(tool: &str, loop_model: &str, all: &[([Option<f64>; 6], Option<f64>)]) -> Self {
        let middle =
            |values: Vec<Option<f64>>| median(&values.into_iter().flatten().collect::<Vec<_>>());
        Self {
            tool: tool.to_owned(),
            loop_model: loop_model.to_owned(),
            micros: std::array::from_fn(|place| {
                middle(all.iter().map(|(micros, _)| micros[place]).collect())
            }),
            rps: middle(all.iter().map(|(_, rps)| *rps).collect()),
        }
    }
}

/// The truth first, then the tools as the trials have them; empty where no trial has any.
#[must_use]
pub fn medians(figures: &Figures<'_>) -> Vec<Medians> {
    let trials: Vec<&TrialResult> =
        figures.cell.valid().map(|(_, result)| result).filter(|r| !r.tools.is_empty()).collect();
    let Some(first) = trials.first() else { return Vec::new() };
    let truth: Vec<_> = trials
        .iter()
        .map(|result| (measured(&result.latency), Some(result.throughput_rps)))
        .collect();
    let mut rows = vec![Medians::of(TRUTH, &first.loop_model, &truth)];
    rows.extend(first.tools.iter().map(|Told { tool, loop_model, .. }| {
        let of_tool = trials.iter().flat_map(|result| &result.tools).filter(|t| t.tool == *tool);
        let all: Vec<_> = of_tool.map(|told| (told.micros(), told.rps)).collect();
        Medians::of(tool, loop_model, &all)
    }));
    rows
}

fn measured(latency: &Latency) -> [Option<f64>; 6] {
    let Latency { p50, p90, p99, p999, max, mean, .. } = *latency;
    [p50, p90, p99, p999, max, mean].map(Some)
}

/// The rows of all workloads; of one with many cells only those of the widest of each series.
#[must_use]
pub fn rows(analysis: &Analysis<'_>) -> Vec<Row> {
    let of = |workload: &WorkloadFigures<'_>| -> Vec<Row> {
        let all = workload.cells.len() <= MOST_ROWS;
        let cells: Vec<&Figures<'_>> =
            if all { workload.cells.iter().collect() } else { workload.widest() };
        cells.into_iter().flat_map(cell_rows).collect()
    };
    let rows = analysis.workloads.iter().map(of).flat_map(|rows| {
        rows.into_iter().enumerate().map(|(index, row)| Row { first: index == 0, ..row })
    });
    rows.collect()
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
#[must_use]
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
