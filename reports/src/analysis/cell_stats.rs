//! The figures of one cell over its valid trials.

use super::cells::Cell;
use super::diagnosis::{self, Diagnosis};
use crate::record::{Condensed, Heat, Trial, TrialResult};
use crate::stats::cores::{Cores, mean_cores};
use crate::stats::fairness::{Dealing, Spread, judge, spread};
use crate::stats::latency::Merged;
use crate::stats::ratio::{Ratio, within_blocks};
use crate::stats::scaling::{efficiency, karp_flatt};
use crate::stats::split::{Split, split};
use crate::stats::{Estimate, estimate};

/// The figures of one cell, over its valid trials.
#[derive(Debug)]
pub struct Figures<'a> {
    /// The cell and its trials.
    pub cell: Cell<'a>,
    /// Good answers a second; `None` without a valid trial.
    pub throughput: Option<Estimate>,
    /// Throughput against one worker.
    pub speedup: Speedup,
    /// Latencies of all valid trials, merged.
    pub latency: Merged,
    /// The same from the actual send; nothing in a closed loop, where it is the same.
    pub service: Merged,
    /// Latencies over time, of all valid trials together.
    pub heat: Option<Heat>,
    /// CPU time by owner.
    pub cores: Option<Cores>,
    /// What held the server back; `None` without a valid trial.
    pub diagnosis: Option<Diagnosis>,
    /// How connections were spread over the workers, one entry a valid trial.
    pub spreads: Vec<Spread>,
    /// What these spreads say.
    pub dealing: Option<Dealing>,
}

/// A cell's throughput against its baseline.
#[derive(Debug, Clone, PartialEq)]
pub enum Speedup {
    /// The cell is the baseline.
    Baseline,
    /// There is no valid one-worker cell to compare with.
    NoBaseline,
    /// The comparison.
    Over {
        /// The baseline's series, for example `single`.
        baseline: String,
        /// This cell ÷ baseline.
        ratio: Ratio,
        /// Speed-up a worker; `None` when oversubscribed.
        efficiency: Option<f64>,
        /// Serial fraction; `None` when oversubscribed.
        karp_flatt: Option<f64>,
        /// What it consists of; `None` without CPU accounts.
        split: Option<Box<Split>>,
    },
}

impl Speedup {
    /// The ratio to the baseline; `None` for the baseline itself.
    #[must_use]
    pub fn ratio(&self) -> Option<&Ratio> {
        match self {
            Self::Over { ratio, .. } => Some(ratio),
            Self::Baseline | Self::NoBaseline => None,
        }
    }

    pub(super) fn ratio_mut(&mut self) -> Option<&mut Ratio> {
        match self {
            Self::Over { ratio, .. } => Some(ratio),
            Self::Baseline | Self::NoBaseline => None,
        }
    }
}

impl<'a> Figures<'a> {
    pub(super) fn of(
        cell: Cell<'a>,
        speedup: Speedup,
        planned_us: f64,
        condensed: Option<&Condensed>,
    ) -> Self {
        let results: Vec<&TrialResult> = cell.valid().map(|(_, result)| result).collect();
        let rps: Vec<f64> = results.iter().map(|result| result.throughput_rps).collect();
        let cores = mean_cores(results.iter().copied());
        let spreads: Vec<Spread> = results
            .iter()
            .filter_map(|r| spread(&r.workers.iter().map(|w| w.connections).collect::<Vec<_>>()))
            .collect();
        Self {
            throughput: estimate(&rps),
            speedup,
            latency: latency(&cell, condensed),
            service: service(&cell, condensed),
            heat: heat(&cell, condensed),
            diagnosis: diagnosis::of_cell(usable(&cell), planned_us),
            cores,
            dealing: judge(&spreads),
            spreads,
            cell,
        }
    }
}

/// The latencies of a cell's valid trials, merged; in a condensed record they are merged already.
fn latency(cell: &Cell<'_>, condensed: Option<&Condensed>) -> Merged {
    let Some(condensed) = condensed else {
        return Merged::of(cell.valid().map(|(_, result)| &result.latency));
    };
    let found = cell.trials.first().and_then(|trial| condensed.cell_of(trial));
    found.map_or_else(Merged::default, |latency| Merged::of_steps(&latency.histogram))
}

/// The latencies from the actual send, likewise.
fn service(cell: &Cell<'_>, condensed: Option<&Condensed>) -> Merged {
    let Some(condensed) = condensed else {
        return Merged::of(cell.valid().filter_map(|(_, result)| result.service_latency.as_ref()));
    };
    let found = cell.trials.first().and_then(|trial| condensed.cell_of(trial));
    found.map_or_else(Merged::default, |latency| Merged::of_steps(&latency.service))
}

/// The latencies over time of a cell's valid trials, laid over each other.
fn heat(cell: &Cell<'_>, condensed: Option<&Condensed>) -> Option<Heat> {
    let Some(condensed) = condensed else {
        return Heat::of(cell.valid().map(|(_, result)| result));
    };
    condensed.cell_of(cell.trials.first()?)?.heat.clone()
}

/// The trials to diagnose: the valid ones, or, where there is none, all that ran.
fn usable<'a>(cell: &Cell<'a>) -> Vec<&'a Trial> {
    let valid = |trial: &&&Trial| trial.result().is_some_and(|result| result.valid);
    let valid: Vec<&Trial> = cell.trials.iter().filter(valid).copied().collect();
    if valid.is_empty() { cell.trials.clone() } else { valid }
}

/// A cell against its baseline: the one-worker cell of the same series, or, where that has no valid
/// trial in a common block, the target's `single` with one worker.
pub(super) fn speedup<'a>(cell: &Cell<'a>, cells: &[Cell<'a>]) -> Speedup {
    let rps = |cell: &Cell<'a>| -> Vec<(u32, f64)> {
        cell.valid().map(|(block, result)| (block, result.throughput_rps)).collect()
    };
    let trials = |cell: &Cell<'a>| -> Vec<(u32, &'a TrialResult)> { cell.valid().collect() };
    if cell.rate.is_some() {
        // A throughput that was set is no answer of the server's.
        return Speedup::NoBaseline;
    }
    if cell.workers == 1 {
        let any = cell.valid().next().is_some();
        return if any { Speedup::Baseline } else { Speedup::NoBaseline };
    }
    let mut candidates: Vec<&Cell<'a>> = cells
        .iter()
        .filter(|base| base.workers == 1 && base.series.target == cell.series.target)
        .filter(|base| base.series == cell.series || base.series.mode == "single")
        .filter(|base| base.rate == cell.rate)
        .collect();
    candidates.sort_by_key(|b| (b.series != cell.series, b.connections != cell.connections));
    candidates
        .into_iter()
        .find_map(|base| Some((base, within_blocks(&rps(cell), &rps(base))?)))
        .map_or(Speedup::NoBaseline, |(base, ratio)| Speedup::Over {
            baseline: base.series.label(),
            efficiency: (!cell.oversubscribed).then(|| efficiency(ratio.point, cell.workers)),
            karp_flatt: (!cell.oversubscribed)
                .then(|| karp_flatt(ratio.point, cell.workers))
                .flatten(),
            split: split(&trials(cell), &trials(base)).map(Box::new),
            ratio,
        })
}
