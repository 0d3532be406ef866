//! Every figure of a record, computed once: the tables, sentences and charts only show what is here,
//! so they cannot contradict each other. Next: [`crate::findings`].

use crate::cells::{Cell, Group, Series, group};
use crate::record::{Record, TrialResult, Workload};
use crate::stats::cores::{Cores, Limit, limit, mean_cores};
use crate::stats::fairness::{Dealing, Spread, judge, spread};
use crate::stats::latency::Merged;
use crate::stats::ratio::{Ratio, within_blocks};
use crate::stats::scaling::{efficiency, karp_flatt};
use crate::stats::{Estimate, estimate};
use crate::validity::Validity;

/// A record with its figures.
#[derive(Debug)]
pub struct Analysis<'a> {
    /// The record itself.
    pub record: &'a Record,
    /// One entry a workload that has at least one trial, in the order of the plan.
    pub workloads: Vec<WorkloadFigures<'a>>,
    /// Which trials may be used.
    pub validity: Validity,
}

/// The figures of one workload.
#[derive(Debug)]
pub struct WorkloadFigures<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its description, when the plan lists it.
    pub workload: Option<&'a Workload>,
    /// Its cells, by series, then by number of workers.
    pub cells: Vec<Figures<'a>>,
}

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
    /// CPU time by owner.
    pub cores: Option<Cores>,
    /// What bounds the throughput.
    pub limit: Option<Limit>,
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
}

impl<'a> Analysis<'a> {
    /// Computes all figures of a record.
    #[must_use]
    pub fn of(record: &'a Record) -> Self {
        let workloads = group(record).into_iter().map(WorkloadFigures::of).collect();
        Self { record, workloads, validity: Validity::of(record) }
    }

    /// All series of the record, in the order in which reports show them.
    #[must_use]
    pub fn series(&self) -> Vec<Series> {
        let mut all: Vec<Series> = Vec::new();
        for figures in self.workloads.iter().flat_map(|workload| &workload.cells) {
            if !all.contains(&figures.cell.series) {
                all.push(figures.cell.series.clone());
            }
        }
        all.sort_by(Series::compare);
        all
    }
}

impl<'a> WorkloadFigures<'a> {
    fn of(group: Group<'a>) -> Self {
        let speedups: Vec<Speedup> =
            group.cells.iter().map(|cell| speedup(cell, &group.cells)).collect();
        let cells =
            group.cells.into_iter().zip(speedups).map(|(cell, s)| Figures::of(cell, s)).collect();
        Self { name: group.name, workload: group.workload, cells }
    }

    /// The cell with the largest speed-up over one worker. Oversubscribed cells do not compete:
    /// the question is what more cores buy.
    #[must_use]
    pub fn best(&self) -> Option<&Figures<'a>> {
        let point = |f: &&Figures<'a>| f.speedup.ratio().map_or(0.0, |ratio| ratio.point);
        self.cells
            .iter()
            .filter(|f| f.cell.workers > 1 && !f.cell.oversubscribed)
            .filter(|f| f.speedup.ratio().is_some())
            .max_by(|a, b| point(a).total_cmp(&point(b)))
    }

    /// The cells to compare modes by: those of the largest number of workers that was not
    /// oversubscribed, with at least one valid trial; fastest first.
    #[must_use]
    pub fn rivals(&self) -> Vec<&Figures<'a>> {
        let measured = |f: &&Figures<'a>| f.throughput.is_some() && !f.cell.oversubscribed;
        let most = self.cells.iter().filter(measured).map(|f| f.cell.workers).max();
        let mut rivals: Vec<_> =
            self.cells.iter().filter(measured).filter(|f| Some(f.cell.workers) == most).collect();
        let point = |f: &Figures<'a>| f.throughput.map_or(0.0, |t| t.point);
        rivals.sort_by(|a, b| point(b).total_cmp(&point(a)));
        rivals
    }

    /// The cell of each series with the most workers that are not oversubscribed.
    #[must_use]
    pub fn widest(&self) -> Vec<&Figures<'a>> {
        let mut widest: Vec<&Figures<'a>> = Vec::new();
        for figures in self.cells.iter().filter(|f| f.throughput.is_some()) {
            if figures.cell.oversubscribed {
                continue;
            }
            match widest.last_mut() {
                Some(last) if last.cell.series == figures.cell.series => *last = figures,
                _ => widest.push(figures),
            }
        }
        widest
    }
}

impl<'a> Figures<'a> {
    fn of(cell: Cell<'a>, speedup: Speedup) -> Self {
        let results: Vec<&TrialResult> = cell.valid().map(|(_, result)| result).collect();
        let rps: Vec<f64> = results.iter().map(|result| result.throughput_rps).collect();
        let cores = mean_cores(results.iter().copied());
        let shared = cell.trials.iter().any(|trial| trial.cpus.shared());
        let limited = results.iter().filter(|result| result.generator_limited).count();
        let spreads: Vec<Spread> = results
            .iter()
            .filter_map(|r| spread(&r.workers.iter().map(|w| w.connections).collect::<Vec<_>>()))
            .collect();
        Self {
            throughput: estimate(&rps),
            speedup,
            latency: Merged::of(results.iter().map(|result| &result.latency)),
            limit: cores.as_ref().map(|c| limit(c, cell.workers, shared, 2 * limited > rps.len())),
            cores,
            dealing: judge(&spreads),
            spreads,
            cell,
        }
    }

    /// A figure of each valid trial with its block, for comparisons within blocks.
    pub fn by_block(&self, figure: impl Fn(&TrialResult) -> f64) -> Vec<(u32, f64)> {
        self.cell.valid().map(|(block, result)| (block, figure(result))).collect()
    }

    /// This cell's figure ÷ the other's, within blocks.
    #[must_use]
    pub fn against(
        &self,
        other: &Self,
        figure: impl Fn(&TrialResult) -> f64 + Copy,
    ) -> Option<Ratio> {
        within_blocks(&self.by_block(figure), &other.by_block(figure))
    }
}

/// A cell against its baseline: the one-worker cell of the same series, or, where that has no valid
/// trial in a common block, the target's `single` with one worker.
fn speedup(cell: &Cell<'_>, cells: &[Cell<'_>]) -> Speedup {
    let rps = |cell: &Cell<'_>| -> Vec<(u32, f64)> {
        cell.valid().map(|(block, result)| (block, result.throughput_rps)).collect()
    };
    if cell.workers == 1 {
        let any = cell.valid().next().is_some();
        return if any { Speedup::Baseline } else { Speedup::NoBaseline };
    }
    let mut candidates: Vec<&Cell<'_>> = cells
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
            ratio,
        })
}
