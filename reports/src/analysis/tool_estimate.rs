//! What other load generators would have printed of a cell's requests, beside what was measured.

use super::Figures;
use crate::record::{Latency, Told, TrialResult};
use crate::stats::median;

/// The name of the row of what was measured.
pub const MEASURED: &str = "the truth";

/// The place of the 99th percentile among a row's latencies.
pub const P99: usize = 2;

/// Medians over a cell's valid trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Medians {
    /// The tool, or [`MEASURED`].
    pub tool: String,
    pub loop_model: String,
    /// Latencies in microseconds: 50, 90, 99, 99.9 %, largest, mean.
    pub micros: [Option<f64>; 6],
    pub rps: Option<f64>,
}

impl Medians {
    /// What its 99th percentile is called among a cell's figures.
    pub fn quantity(&self) -> String {
        let name = if self.tool == MEASURED { "truth" } else { &self.tool };
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
pub fn medians(figures: &Figures<'_>) -> Vec<Medians> {
    let trials: Vec<&TrialResult> =
        figures.cell.valid().map(|(_, result)| result).filter(|r| !r.tools.is_empty()).collect();
    let Some(first) = trials.first() else { return Vec::new() };
    let truth: Vec<_> = trials
        .iter()
        .map(|result| (measured(&result.latency), Some(result.throughput_rps)))
        .collect();
    let mut rows = vec![Medians::of(MEASURED, &first.loop_model, &truth)];
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
