//! Why it is not N×: each speed-up taken apart into its two factors, and the diagnosis beside it.

use super::by_workload;
use crate::analysis::diagnosis::{self, Finding};
use crate::analysis::{Analysis, Figures, Speedup, WorkloadFigures};
use crate::format;

/// One cell's row; an empty string: not measured, or not defined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Why {
    pub workload: String,
    pub key: String,
    pub series: String,
    pub cell: String,
    pub speedup: String,
    /// Server cores in use, against the baseline's.
    pub busy: String,
    /// What a request cost the baseline, against this cell.
    pub cost: String,
    /// What limits it, the likeliest first, with the evidence.
    pub limits: Vec<String>,
    /// What would help against the first.
    pub advice: &'static str,
    pub first: bool,
}

/// The rows of all workloads, those of one worker only where something held it back; of a workload
/// with many cells only the widest of each series.
pub fn rows(analysis: &Analysis<'_>) -> Vec<Why> {
    let rows = |w: &WorkloadFigures<'_>| w.abridged().into_iter().filter_map(row).collect();
    by_workload(analysis, rows, |row| row.first = true)
}

fn row(figures: &Figures<'_>) -> Option<Why> {
    let diagnosis = figures.diagnosis.as_ref()?;
    if figures.cell.workers == 1 && diagnosis.causes.is_empty() {
        return None;
    }
    let mut row = Why {
        workload: figures.cell.workload.to_owned(),
        key: figures.cell.key(),
        series: figures.cell.series.label(),
        cell: figures.cell.label(),
        limits: diagnosis.causes.iter().map(clause).collect(),
        advice: diagnosis.first().map_or("", |first| diagnosis::advice(first.cause)),
        ..Why::default()
    };
    if row.limits.is_empty() {
        row.limits.push(diagnosis::state(diagnosis.state).to_owned());
    }
    match &figures.speedup {
        Speedup::Baseline => "baseline".clone_into(&mut row.speedup),
        Speedup::NoBaseline => {}
        Speedup::Over { ratio, split, .. } => {
            row.speedup = format::ratio(ratio.point);
            if let Some(split) = split {
                row.busy = format::ratio(split.busy.point);
                row.cost = format::ratio(split.cost.point);
            }
        }
    }
    Some(row)
}

fn clause(finding: &Finding) -> String {
    format!("{}: {}", diagnosis::cause(finding.cause), finding.evidence)
}
