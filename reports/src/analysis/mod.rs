//! Every figure of a record, computed once: the tables, sentences and charts only show what is here,
//! so they cannot contradict each other.

mod cell_stats;
pub(crate) mod cells;
pub mod contrasts;
pub mod diagnosis;
pub mod findings;
pub mod tables;
pub(crate) mod tool_estimate;
mod validity;

use std::collections::BTreeMap;

pub use cell_stats::{Figures, Speedup};

use crate::record::{Calibration, Record, Workload};
use crate::stats::ratio::{self, Ratio};
use crate::stats::usl::{self, Usl};
use cells::{Group, Series, group};
use contrasts::{Contrast, Question};
use validity::Validity;

/// A workload with more cells than this has only the widest cell of each series in its chart of
/// core-seconds and in the smaller tables.
const MAX_ROWS: usize = 16;

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

impl<'a> Analysis<'a> {
    /// Computes all figures of a record.
    #[must_use]
    pub fn of(record: &'a Record) -> Self {
        let mut workloads: Vec<_> =
            group(record).into_iter().map(|g| WorkloadFigures::of(g, record)).collect();
        let cells = workloads.iter_mut().filter(|w| !w.open()).flat_map(|w| &mut w.cells);
        ratio::correct(cells.filter_map(|figures| figures.speedup.ratio_mut()));
        contrasts::correct_families(workloads.iter_mut().flat_map(|w| &mut w.contrasts).collect());
        Self { record, workloads, validity: Validity::of(record) }
    }

    /// Whether any workload had requests come at a rate.
    pub(crate) fn at_rates(&self) -> bool {
        self.workloads.iter().flat_map(|workload| &workload.cells).any(|f| f.service.count() > 0)
    }

    /// All series of the record, in the order in which reports show them.
    pub(crate) fn series(&self) -> Vec<Series> {
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
            group.cells.iter().map(|cell| cell_stats::speedup(cell, &group.cells)).collect();
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
        figures.contrasts = contrasts::of(&figures.rivals(), figures.open());
        if !figures.open() {
            figures.laws = laws(&figures.cells);
        }
        figures
    }

    /// Whether every cell had a rate set: then its throughput says nothing of the server.
    pub(crate) fn open(&self) -> bool {
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

    /// The cell whose diagnosis speaks for the workload: the best, or else the fastest.
    pub(crate) fn telling(&self) -> Option<&Figures<'a>> {
        self.best().or_else(|| self.rivals().first().copied())
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

    /// Whether it has too many cells for its chart of core-seconds and the smaller tables.
    pub(crate) fn is_abridged(&self) -> bool {
        self.cells.len() > MAX_ROWS
    }

    /// All cells, or the widest of each series where all are too many.
    pub(crate) fn abridged(&self) -> Vec<&Figures<'a>> {
        if self.is_abridged() { self.widest() } else { self.cells.iter().collect() }
    }

    /// The cell of each series with the most workers that are not oversubscribed.
    pub(crate) fn widest(&self) -> Vec<&Figures<'a>> {
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
