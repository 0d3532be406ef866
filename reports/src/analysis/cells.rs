//! Trials put into cells: a cell is one point of the experiment (workload, target, mode, workers),
//! measured once in each block.

use std::cmp::Ordering;

use crate::modes;
use crate::record::{Record, Trial, TrialResult, Workload};
use crate::svg::data_key::Figure;

/// The target whose name goes without saying.
pub const OWN_TARGET: &str = "hello-cluster";

/// One line in a chart: a target in one mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub target: String,
    pub mode: String,
}

impl Series {
    fn of(trial: &Trial) -> Self {
        Self { target: trial.target.clone(), mode: trial.mode.clone() }
    }

    /// Its name for people: the mode alone for `hello-cluster`, else target and mode.
    pub fn label(&self) -> String {
        if self.target == OWN_TARGET || self.target.is_empty() {
            self.mode.clone()
        } else if self.mode.is_empty() || self.mode == self.target {
            self.target.clone()
        } else {
            format!("{} {}", self.target, self.mode)
        }
    }

    /// `hello-cluster` first, its modes in the order of [`modes::MODES`], then by name.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let key = |s: &Self| (s.target != OWN_TARGET, s.target.clone(), modes::rank(&s.mode));
        key(self).cmp(&key(other)).then_with(|| self.mode.cmp(&other.mode))
    }
}

/// All trials of one point of the experiment, in the order of their blocks.
#[derive(Debug, Clone)]
pub struct Cell<'a> {
    pub workload: &'a str,
    pub series: Series,
    pub workers: u32,
    pub connections: u32,
    /// Requests a second that were asked for; `None` in a closed loop.
    pub rate: Option<f64>,
    /// Whether there were more workers than CPUs.
    pub oversubscribed: bool,
    /// Its trials, failed and invalid ones included.
    pub trials: Vec<&'a Trial>,
}

impl<'a> Cell<'a> {
    fn of(trial: &'a Trial) -> Self {
        Self {
            workload: &trial.workload,
            series: Series::of(trial),
            workers: trial.workers,
            connections: trial.connections,
            rate: trial.rate,
            oversubscribed: trial.oversubscribed,
            trials: vec![trial],
        }
    }

    fn holds(&self, trial: &Trial) -> bool {
        self.workload == trial.workload
            && self.series == Series::of(trial)
            && self.workers == trial.workers
            && self.connections == trial.connections
            && self.rate.map(f64::to_bits) == trial.rate.map(f64::to_bits)
    }

    /// The trials whose results may be used, with their blocks.
    pub fn valid(&self) -> impl Iterator<Item = (u32, &'a TrialResult)> + '_ {
        self.trials.iter().filter_map(|trial| {
            let result = trial.result().filter(|result| result.valid)?;
            Some((trial.block, result))
        })
    }

    pub fn valid_count(&self) -> usize {
        self.valid().count()
    }

    /// Its name among all cells of a record, without spaces of its own:
    /// `hello/reuseport/2/64`, `hello/reuseport/2/64@500` at a rate.
    pub fn key(&self) -> String {
        let rate = self.rate.map_or(String::new(), |rate| format!("@{rate}"));
        let (series, workers) = (self.series.label(), self.workers);
        format!("{}/{series}/{workers}/{}{rate}", self.workload, self.connections)
    }

    pub fn figure(&self, quantity: &str) -> Figure {
        Figure { key: format!("{}/{quantity}", self.key()) }
    }

    /// `reuseport × 2`, for charts whose rows are cells.
    pub fn label(&self) -> String {
        let mark = if self.oversubscribed { ", oversubscribed" } else { "" };
        format!("{} × {}{mark}", self.series.label(), self.workers)
    }
}

/// A workload with its cells in the order in which reports show them.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    pub name: &'a str,
    /// Its description; `None` when the record's plan does not list it.
    pub workload: Option<&'a Workload>,
    /// Its cells, by series, then by number of workers.
    pub cells: Vec<Cell<'a>>,
}

/// Sorts a record's trials into cells by workload; a workload without any trial is left out.
pub fn group(record: &Record) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = record
        .suite
        .workloads
        .iter()
        .map(|w| Group { name: &w.name, workload: Some(w), cells: Vec::new() })
        .collect();
    for trial in &record.trials {
        let index = groups.iter().position(|g| g.name == trial.workload).unwrap_or_else(|| {
            groups.push(Group { name: &trial.workload, workload: None, cells: Vec::new() });
            groups.len() - 1
        });
        let cells = &mut groups[index].cells;
        match cells.iter_mut().find(|cell| cell.holds(trial)) {
            Some(cell) => cell.trials.push(trial),
            None => cells.push(Cell::of(trial)),
        }
    }
    groups.retain(|group| !group.cells.is_empty());
    for group in &mut groups {
        group.cells.sort_by(order);
        for cell in &mut group.cells {
            cell.trials.sort_by_key(|trial| (trial.block, trial.order));
        }
    }
    groups
}

fn order(a: &Cell<'_>, b: &Cell<'_>) -> Ordering {
    a.series
        .compare(&b.series)
        .then(a.workers.cmp(&b.workers))
        .then(a.connections.cmp(&b.connections))
        .then(a.rate.unwrap_or(0.0).total_cmp(&b.rate.unwrap_or(0.0)))
}
