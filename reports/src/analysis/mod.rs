//! Every figure of a record, computed once: the tables, sentences and charts only show what is here,
//! so they cannot contradict each other.

pub mod cells;
pub mod contrasts;
pub mod diagnosis;
pub mod findings;
pub mod tables;
pub mod validity;

use std::collections::BTreeMap;

use crate::analysis::cells::{Cell, Group, Series, group};
use crate::analysis::contrasts::{Contrast, Question};
use crate::analysis::diagnosis::Diagnosis;
use crate::analysis::validity::Validity;
use crate::record::{Calibration, Condensed, Heat, Record, Trial, TrialResult, Workload};
use crate::stats::cores::{Cores, mean_cores};
use crate::stats::fairness::{Dealing, Spread, judge, spread};
use crate::stats::latency::Merged;
use crate::stats::ratio::{self, Ratio, within_blocks};
use crate::stats::scaling::{efficiency, karp_flatt};
use crate::stats::split::{Split, split};
use crate::stats::usl::{self, Usl};
use crate::stats::{Estimate, estimate};

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
    /// Its series against each other.
    pub contrasts: Vec<Contrast>,
    /// The scalability law of each series that has enough worker counts for it.
    pub laws: Vec<(Series, Usl)>,
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

    fn ratio_mut(&mut self) -> Option<&mut Ratio> {
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
        let mut workloads: Vec<_> =
            group(record).into_iter().map(|g| WorkloadFigures::of(g, record)).collect();
        let cells = workloads.iter_mut().filter(|w| !w.open()).flat_map(|w| &mut w.cells);
        ratio::correct(cells.filter_map(|figures| figures.speedup.ratio_mut()));
        contrasts::correct_families(&mut workloads);
        Self { record, workloads, validity: Validity::of(record) }
    }

    /// Whether any workload had requests come at a rate.
    #[must_use]
    pub fn at_rates(&self) -> bool {
        self.workloads.iter().flat_map(|workload| &workload.cells).any(|f| f.service.count() > 0)
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
    fn of(group: Group<'a>, record: &Record) -> Self {
        let suite = &record.suite;
        let sized: Vec<Calibration> =
            suite.calibrations.iter().chain(&suite.calibration).cloned().collect();
        let planned_us = group.workload.map_or(0.0, |w| diagnosis::planned_us(w, &sized));
        let speedups: Vec<Speedup> =
            group.cells.iter().map(|cell| speedup(cell, &group.cells)).collect();
        let cells = group
            .cells
            .into_iter()
            .zip(speedups)
            .map(|(cell, s)| Figures::of(cell, s, planned_us, record.condensed.as_ref()))
            .collect();
        let mut figures = Self {
            name: group.name,
            workload: group.workload,
            cells,
            contrasts: Vec::new(),
            laws: Vec::new(),
        };
        figures.contrasts = contrasts::of(&figures);
        if !figures.open() {
            figures.laws = laws(&figures.cells);
        }
        figures
    }

    /// Whether every cell had a rate set: then its throughput says nothing of the server.
    #[must_use]
    pub fn open(&self) -> bool {
        self.cells.iter().all(|figures| figures.cell.rate.is_some())
    }

    /// a ÷ b within blocks, corrected for all pairs that could have been picked.
    #[must_use]
    pub fn contrast(&self, question: Question, a: &Figures<'_>, b: &Figures<'_>) -> Option<Ratio> {
        contrasts::find(&self.contrasts, question, &a.cell.series, &b.cell.series)
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
    fn of(
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

/// Fits the law to each series over the worker counts with a CPU each.
fn laws(cells: &[Figures<'_>]) -> Vec<(Series, Usl)> {
    cells
        .chunk_by(|a, b| a.cell.series == b.cell.series)
        .filter_map(|same| {
            let mut blocks: BTreeMap<u32, usl::Curve> = BTreeMap::new();
            for figures in same.iter().filter(|figures| !figures.cell.oversubscribed) {
                for (block, result) in figures.cell.valid() {
                    let point = (figures.cell.workers, result.throughput_rps);
                    blocks.entry(block).or_default().push(point);
                }
            }
            let curves: Vec<usl::Curve> = blocks.into_values().collect();
            Some((same[0].cell.series.clone(), usl::fit(&curves)?))
        })
        .collect()
}

/// The trials to diagnose: the valid ones, or, where there is none, all that ran.
fn usable<'a>(cell: &Cell<'a>) -> Vec<&'a Trial> {
    let valid = |trial: &&&Trial| trial.result().is_some_and(|result| result.valid);
    let valid: Vec<&Trial> = cell.trials.iter().filter(valid).copied().collect();
    if valid.is_empty() { cell.trials.clone() } else { valid }
}

/// A cell against its baseline: the one-worker cell of the same series, or, where that has no valid
/// trial in a common block, the target's `single` with one worker.
fn speedup<'a>(cell: &Cell<'a>, cells: &[Cell<'a>]) -> Speedup {
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
