//! The plan: from a suite, the command line and the number of CPUs to the list of trials.
//!
//! All of it is decided before anything runs, by pure functions: which cells there are and what a
//! time budget cuts. Next: [`super::order`] for the order of the trials, [`super::placement`] for
//! where a trial runs, [`super::trial`] for how.

use std::time::Duration;

use super::order::{Planned, blocks};
use super::suite::{Cells, Suite, Workload};
use super::values::{Mode, Workers};

/// What a trial takes beside warm-up and measurement: two processes started, drained and ended.
/// About 30 ms on a two-core machine; the estimate corrects itself while trials run.
const TRIAL_OVERHEAD: Duration = Duration::from_millis(50);

/// What sizing the CPU-bound workload takes.
const CALIBRATION: Duration = Duration::from_millis(800);

/// What the command line changes in a suite.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Only these modes.
    pub modes: Option<Vec<Mode>>,
    /// These worker counts instead of the suite's; `single` stays in only with 1.
    pub workers: Option<Vec<u32>>,
    /// Another number of blocks.
    pub blocks: Option<u32>,
    /// Another length of each measurement.
    pub duration: Option<Duration>,
}

/// One thing that is compared with others: a mode with so many workers under a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
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
    /// Blocks.
    pub blocks: u32,
    /// Warm-up of each trial.
    pub warmup: Duration,
    /// Measurement of each trial.
    pub duration: Duration,
    /// The seed of the order.
    pub seed: u64,
    /// The workloads that some cell uses.
    pub workloads: Vec<Workload>,
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
    /// The filters leave nothing.
    #[error(
        "nothing is left to run: the suite `{suite}` has the modes {modes}, and `single` has one worker only"
    )]
    Empty {
        /// The suite's name.
        suite: String,
        /// Its modes.
        modes: String,
    },
}

impl Plan {
    /// Makes the plan for a machine with `cores` usable CPUs.
    ///
    /// # Errors
    /// [`PlanError::Empty`] when the overrides leave no cell.
    pub fn new(
        suite: &Suite,
        overrides: &Overrides,
        cores: u32,
        seed: u64,
    ) -> Result<Self, PlanError> {
        let mut plan = Self {
            name: suite.name.as_str().to_owned(),
            description: suite.description.clone(),
            blocks: overrides.blocks.unwrap_or(suite.blocks.0),
            warmup: suite.warmup.0,
            duration: overrides.duration.unwrap_or(suite.duration.0),
            seed,
            workloads: suite.workload.0.clone(),
            cells: Vec::new(),
            trials: Vec::new(),
            notes: Vec::new(),
        };
        let mut auto = Workers::Auto.counts(cores);
        plan.cells = cells(suite, overrides, cores, &auto);
        if let Some(budget) = plan.budget(suite, overrides) {
            let mut cut = Vec::new();
            while plan.estimate() > budget && auto.len() > 2 {
                cut.push(auto.remove(auto.len() / 2));
                plan.cells = cells(suite, overrides, cores, &auto);
            }
            plan.note_the_cut(&cut, budget);
        }
        if plan.cells.is_empty() {
            return Err(PlanError::Empty { suite: plan.name, modes: modes_of(suite).join(", ") });
        }
        plan.drop_unused_workloads();
        plan.trials = blocks(plan.cells.len(), plan.blocks, seed);
        Ok(plan)
    }

    /// About how long the whole run will take.
    pub fn estimate(&self) -> Duration {
        let calibration = if self.needs_calibration() { CALIBRATION } else { Duration::ZERO };
        calibration + self.trial_estimate() * self.cells.len() as u32 * self.blocks
    }

    /// About how long one trial will take.
    pub fn trial_estimate(&self) -> Duration {
        self.warmup + self.duration + TRIAL_OVERHEAD
    }

    /// Whether a workload must be sized on this machine first.
    pub fn needs_calibration(&self) -> bool {
        self.workloads.iter().any(|workload| workload.work_us.is_some())
    }

    /// The budget, as long as it is the suite's own times that it bounds.
    fn budget(&mut self, suite: &Suite, overrides: &Overrides) -> Option<Duration> {
        let budget = suite.budget?.0;
        if overrides.blocks.is_some() || overrides.duration.is_some() || overrides.workers.is_some()
        {
            if self.estimate() > budget {
                self.notes.push(format!(
                    "The suite's budget of {} is set aside: the command line asks for more.",
                    humantime::format_duration(budget)
                ));
            }
            return None;
        }
        Some(budget)
    }

    /// Says what the budget has cost.
    fn note_the_cut(&mut self, cut: &[u32], budget: Duration) {
        let budget_in_words = humantime::format_duration(budget);
        if !cut.is_empty() {
            let mut cut = cut.to_vec();
            cut.sort_unstable();
            let cut: Vec<String> = cut.iter().map(u32::to_string).collect();
            self.notes.push(format!(
                "Left out to stay within {budget_in_words}: the worker counts {}. Name them with \
                 --workers to run them.",
                cut.join(", ")
            ));
        }
        if self.estimate() > budget {
            self.notes.push(format!(
                "The run takes longer than the suite's budget of {budget_in_words}: nothing more \
                 can be left out."
            ));
        }
    }

    /// Keeps the workloads that some cell uses, and the cells pointing at them.
    fn drop_unused_workloads(&mut self) {
        let used = |index: &usize| self.cells.iter().any(|cell| cell.workload == *index);
        let kept: Vec<usize> = (0..self.workloads.len()).filter(used).collect();
        self.workloads = kept.iter().map(|index| self.workloads[*index].clone()).collect();
        for cell in &mut self.cells {
            cell.workload = kept.iter().position(|index| *index == cell.workload).unwrap_or(0);
        }
    }
}

/// The cells of a suite, each once, in the suite's order; `auto` is what that word stands for.
fn cells(suite: &Suite, overrides: &Overrides, cores: u32, auto: &[u32]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for group in &suite.cells.0 {
        for workload in &group.workloads.0 {
            // The suite's check has seen to it that the name is known.
            let Some(workload) =
                suite.workload.0.iter().position(|it| it.name.get_ref() == workload.get_ref())
            else {
                continue;
            };
            for mode in group.modes.0.iter().filter(|mode| is_wanted(**mode, overrides)) {
                for workers in counts(group, *mode, overrides, cores, auto) {
                    let oversubscribed = workers > cores;
                    let mode = mode.name().to_owned();
                    let cell = Cell { mode, workers, workload, oversubscribed };
                    if !cells.contains(&cell) {
                        cells.push(cell);
                    }
                }
            }
        }
    }
    cells
}

/// Whether the command line lets this mode through.
fn is_wanted(mode: Mode, overrides: &Overrides) -> bool {
    overrides.modes.as_ref().is_none_or(|modes| modes.contains(&mode))
}

/// The worker counts of a mode in a group of cells.
fn counts(group: &Cells, mode: Mode, overrides: &Overrides, cores: u32, auto: &[u32]) -> Vec<u32> {
    let counts = match (&overrides.workers, &group.workers) {
        (Some(counts), _) => Workers::List(counts.clone()).counts(cores),
        (None, Workers::Auto) => auto.to_vec(),
        (None, workers) if !mode.is_single() => workers.counts(cores),
        (None, _) => vec![1],
    };
    if mode.is_single() { counts.into_iter().filter(|n| *n == 1).collect() } else { counts }
}

/// The modes that a suite names, each once.
fn modes_of(suite: &Suite) -> Vec<&str> {
    let mut modes = Vec::new();
    for mode in suite.cells.0.iter().flat_map(|group| &group.modes.0) {
        if !modes.contains(&mode.name()) {
            modes.push(mode.name());
        }
    }
    modes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(cores: u32, overrides: &Overrides) -> Result<Plan, PlanError> {
        Plan::new(&Suite::find("quick").unwrap(), overrides, cores, 7)
    }

    fn names(plan: &Plan) -> Vec<String> {
        let name = |cell: &Cell| {
            let workload = plan.workloads[cell.workload].name.get_ref().as_str();
            format!("{workload} {} {}", cell.mode, cell.workers)
        };
        plan.cells.iter().map(name).collect()
    }

    #[test]
    fn quick_on_two_cores_has_its_fourteen_cells() {
        let plan = plan(2, &Overrides::default()).unwrap();
        assert_eq!(
            names(&plan),
            [
                "hello single 1",
                "work single 1",
                "connect single 1",
                "hello reuseport 1",
                "hello reuseport 2",
                "hello round-robin 1",
                "hello round-robin 2",
                "work reuseport 1",
                "work reuseport 2",
                "work round-robin 1",
                "work round-robin 2",
                "connect reuseport 2",
                "connect round-robin 2",
                "work reuseport 4",
            ]
        );
        let marked: Vec<u32> =
            plan.cells.iter().filter(|cell| cell.oversubscribed).map(|cell| cell.workers).collect();
        assert_eq!(marked, [4]);
        assert_eq!(plan.trials.len(), 84);
        assert!(plan.estimate() < Duration::from_secs(180), "{:?}", plan.estimate());
        assert!(plan.notes.is_empty());
    }

    #[test]
    fn more_cores_mean_more_cells_within_the_budget() {
        let sixteen = plan(16, &Overrides::default()).unwrap();
        assert!(names(&sixteen).contains(&"work reuseport 8".to_owned()));
        assert!(sixteen.estimate() <= Duration::from_secs(300));
        let many = plan(128, &Overrides::default()).unwrap();
        assert!(many.estimate() <= Duration::from_secs(300));
        assert!(names(&many).contains(&"work reuseport 1".to_owned()));
        assert!(names(&many).contains(&"work reuseport 128".to_owned()));
        assert!(many.notes[0].contains("Left out"), "{:?}", many.notes);
    }

    #[test]
    fn one_core_is_enough_for_a_plan() {
        let plan = plan(1, &Overrides::default()).unwrap();
        assert!(names(&plan).contains(&"connect reuseport 1".to_owned()));
        assert!(names(&plan).contains(&"work reuseport 2".to_owned()));
    }

    #[test]
    fn smoke_takes_fifteen_seconds_at_most() {
        let plan = Plan::new(&Suite::find("smoke").unwrap(), &Overrides::default(), 2, 1).unwrap();
        assert!(plan.estimate() < Duration::from_secs(15), "{:?}", plan.estimate());
    }

    #[test]
    fn modes_are_filtered_and_unused_workloads_go() {
        let overrides = Overrides {
            modes: Some(vec![Mode::parse("round-robin").unwrap()]),
            workers: Some(vec![3]),
            ..Overrides::default()
        };
        let plan = plan(2, &overrides).unwrap();
        assert_eq!(
            names(&plan),
            ["hello round-robin 3", "work round-robin 3", "connect round-robin 3"]
        );
        assert!(plan.cells.iter().all(|cell| cell.oversubscribed));
    }

    #[test]
    fn filters_that_leave_nothing_are_an_error() {
        let overrides = Overrides {
            modes: Some(vec![Mode::parse("single").unwrap()]),
            workers: Some(vec![2]),
            ..Overrides::default()
        };
        let error = plan(2, &overrides).unwrap_err();
        assert!(error.to_string().contains("single, reuseport, round-robin"), "{error}");
    }

    #[test]
    fn more_blocks_than_the_suite_has_set_the_budget_aside() {
        let overrides = Overrides { blocks: Some(60), ..Overrides::default() };
        let plan = plan(2, &overrides).unwrap();
        assert_eq!(plan.trials.len(), 14 * 60);
        assert!(plan.notes[0].contains("set aside"));
    }
}
