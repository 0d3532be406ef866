//! The plan: from a suite, the command line and the number of CPUs to the list of trials.
//!
//! All of it is decided before anything runs, by pure functions: the [`cells`], what a time
//! [`budget`] cuts, the [`order`] of the trials. The same suite, command line, number of CPUs, seed
//! and missing targets give the same plan for ever, which is what lets an interrupted run go on.

mod budget;
mod cells;
pub mod order;
pub mod sized;
#[cfg(test)]
mod tests;

use std::time::Duration;

use reports::record::Skipped;

use super::suite::{Suite, Workload};
use crate::harness::target::spec::{Kind, Peer, TargetSpec};
pub use cells::wanted_targets;
use order::Planned;

/// What a trial of our own server takes beside warm-up and measurement: two processes started,
/// drained and ended. The estimate corrects itself while trials run.
const OWN_OVERHEAD: Duration = Duration::from_millis(80);

/// The same for nginx, whose workers need a moment to be pinned.
const NGINX_OVERHEAD: Duration = Duration::from_millis(150);

/// The same for a runtime that compiles its program first.
const NODE_OVERHEAD: Duration = Duration::from_millis(350);

/// What sizing an amount of CPU-bound work takes.
const CALIBRATION: Duration = Duration::from_millis(800);

/// What the command line changes in a suite.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// Only these modes.
    pub modes: Option<Vec<String>>,
    /// Only these targets.
    pub targets: Option<Vec<String>>,
    /// These worker counts instead of the suite's; `single` stays in only with 1.
    pub workers: Option<Vec<u32>>,
    /// Another number of blocks.
    pub blocks: Option<u32>,
    /// Another length of each measurement.
    pub duration: Option<Duration>,
    /// Another time budget.
    pub budget: Option<Duration>,
}

/// One thing that is compared with others: a target in a mode with so many workers under a
/// workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Index into [`Plan::targets`].
    pub target: usize,
    /// How connections are shared out.
    pub mode: String,
    /// How many workers.
    pub workers: u32,
    /// Index into [`Plan::workloads`].
    pub workload: usize,
    /// More workers than CPUs.
    pub oversubscribed: bool,
}

/// Everything that is to be done, in its order.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The suite's name.
    pub name: String,
    /// What it is for.
    pub description: String,
    pub blocks: u32,
    /// Warm-up of each trial.
    pub warmup: Duration,
    /// Measurement of each trial.
    pub duration: Duration,
    /// The seed of the order.
    pub seed: u64,
    /// The workloads that some cell uses.
    pub workloads: Vec<Workload>,
    /// The targets that some cell uses.
    pub targets: Vec<TargetSpec>,
    /// Targets that the suite names and that are not there.
    pub skipped: Vec<Skipped>,
    /// The cells, in the suite's order.
    pub cells: Vec<Cell>,
    /// The trials, in the order in which they run.
    pub trials: Vec<Planned>,
    /// What a person should know of how the plan came about, one sentence each.
    pub notes: Vec<String>,
}

/// Why nothing can be planned.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("the suite `{suite}` has no {what} `{name}`: it has {known}")]
    Unknown { suite: String, what: &'static str, name: String, known: String },
    #[error(
        "nothing is left to run: the suite `{suite}` has the modes {modes}, and `single` has one worker only"
    )]
    Empty { suite: String, modes: String },
    #[error("nothing is left to run: {0}")]
    NoTarget(String),
}

impl Plan {
    /// Makes the plan for a machine with `cores` usable CPUs on which `missing` targets are not
    /// there; fails when the overrides leave no cell.
    pub fn new(
        suite: &Suite,
        overrides: &Overrides,
        missing: &[Skipped],
        cores: u32,
        seed: u64,
    ) -> Result<Self, PlanError> {
        cells::check_filters(suite, overrides)?;
        let wanted = cells::targets(suite, overrides);
        let is_missing = |name: &str| missing.iter().any(|skipped| skipped.target == name);
        let mut plan = Self {
            name: suite.name.as_str().to_owned(),
            description: suite.description.clone(),
            blocks: overrides.blocks.unwrap_or(suite.blocks.0),
            warmup: suite.warmup.0,
            duration: overrides.duration.unwrap_or(suite.duration.0),
            seed,
            workloads: suite.workload.0.clone(),
            targets: wanted.iter().filter(|it| !is_missing(&it.name)).cloned().collect(),
            skipped: missing
                .iter()
                .filter(|skipped| wanted.iter().any(|it| it.name == skipped.target))
                .cloned()
                .collect(),
            cells: Vec::new(),
            trials: Vec::new(),
            notes: Vec::new(),
        };
        plan.fit(suite, overrides, cores);
        if plan.cells.is_empty() {
            return Err(plan.why_empty(suite));
        }
        plan.drop_unused();
        plan.trials = order::blocks(plan.cells.len(), plan.blocks, seed);
        Ok(plan)
    }

    /// About how long the whole run will take.
    pub fn estimate(&self) -> Duration {
        let block: Duration = self.cells.iter().map(|cell| self.cell_estimate(cell)).sum();
        let works = self.works().len() as u32;
        let rates = self.workloads.iter().filter(|it| it.rate.is_some()).count() as u32;
        CALIBRATION * works + CALIBRATION * rates + block * self.blocks
    }

    /// About how long one trial will take, the mean over the cells.
    pub fn trial_estimate(&self) -> Duration {
        let block: Duration = self.cells.iter().map(|cell| self.cell_estimate(cell)).sum();
        block / (self.cells.len() as u32).max(1)
    }

    /// The amounts of CPU-bound work that must be sized on this machine first, in microseconds.
    pub fn works(&self) -> Vec<u32> {
        let mut works: Vec<u32> = self.workloads.iter().flat_map(Workload::works).collect();
        works.sort_unstable();
        works.dedup();
        works
    }

    pub fn target_of(&self, cell: &Cell) -> &TargetSpec {
        &self.targets[cell.target]
    }

    fn cell_estimate(&self, cell: &Cell) -> Duration {
        let overhead = match self.target_of(cell).kind {
            Kind::HelloCluster | Kind::Running(_) => OWN_OVERHEAD,
            Kind::Peer(Peer::Nginx, _) => NGINX_OVERHEAD,
            Kind::Peer(Peer::Node, _) | Kind::Command(_) => NODE_OVERHEAD,
        };
        self.warmup + self.duration + overhead
    }

    fn why_empty(&self, suite: &Suite) -> PlanError {
        if self.targets.is_empty() {
            let why: Vec<&str> = self.skipped.iter().map(|skipped| skipped.why.as_str()).collect();
            return PlanError::NoTarget(why.join(" "));
        }
        cells::empty(suite)
    }

    /// Keeps the workloads and targets that some cell uses, and the cells pointing at them.
    fn drop_unused(&mut self) {
        let places = |used: &dyn Fn(&Cell) -> usize, total: usize| -> Vec<usize> {
            (0..total).filter(|place| self.cells.iter().any(|it| used(it) == *place)).collect()
        };
        let workloads = places(&|cell| cell.workload, self.workloads.len());
        let targets = places(&|cell| cell.target, self.targets.len());
        self.workloads = workloads.iter().map(|place| self.workloads[*place].clone()).collect();
        self.targets = targets.iter().map(|place| self.targets[*place].clone()).collect();
        let new = |kept: &[usize], old: usize| kept.iter().position(|it| *it == old).unwrap_or(0);
        for cell in &mut self.cells {
            cell.workload = new(&workloads, cell.workload);
            cell.target = new(&targets, cell.target);
        }
    }
}
