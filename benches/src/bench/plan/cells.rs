//! The cells of a suite: what the command line lets through of its workloads × targets × modes ×
//! worker counts.

use super::{Cell, Overrides, PlanError};
use crate::bench::suite::workers::Workers;
use crate::bench::suite::{Cells, Suite};
use crate::harness::target::spec::TargetSpec;

/// What a group of cells is made for.
pub struct Machine<'a> {
    /// The targets that are there.
    pub targets: &'a [TargetSpec],
    /// Usable CPUs.
    pub cores: u32,
    /// What the word `auto` stands for.
    pub auto: &'a [u32],
}

/// Refuses filters that name what the suite does not have: they are typing mistakes.
pub fn check_filters(suite: &Suite, overrides: &Overrides) -> Result<(), PlanError> {
    let check = |what, wanted: &Option<Vec<String>>, known: &[String]| {
        let stranger = wanted.iter().flatten().find(|name| !known.contains(name));
        match stranger {
            Some(name) => Err(PlanError::Unknown {
                suite: suite.name.as_str().to_owned(),
                what,
                name: name.clone(),
                known: known.join(", "),
            }),
            None => Ok(()),
        }
    };
    let targets: Vec<String> =
        targets(suite, &Overrides::default()).into_iter().map(|target| target.name).collect();
    check("target", &overrides.targets, &targets)?;
    check("mode", &overrides.modes, &modes(suite))
}

/// Returns the targets that some cell asks for, installed or not: those are what is looked for before
/// the plan is made.
/// Fails when the overrides name what the suite does not have, or leave no cell.
pub fn wanted_targets(
    suite: &Suite,
    overrides: &Overrides,
    cores: u32,
) -> Result<Vec<TargetSpec>, PlanError> {
    check_filters(suite, overrides)?;
    let targets = targets(suite, overrides);
    let auto = Workers::Auto.counts(cores);
    let cells = cells(suite, overrides, &Machine { targets: &targets, cores, auto: &auto });
    if cells.is_empty() {
        return Err(empty(suite));
    }
    let is_used = |place: usize| cells.iter().any(|cell| cell.target == place);
    Ok((0..).zip(targets).filter(|(place, _)| is_used(*place)).map(|(_, it)| it).collect())
}

/// The error of a suite of which the command line leaves nothing.
pub fn empty(suite: &Suite) -> PlanError {
    PlanError::Empty { suite: suite.name.as_str().to_owned(), modes: modes(suite).join(", ") }
}

/// The targets that a suite's cells name and the command line lets through, in the suite's order.
pub fn targets(suite: &Suite, overrides: &Overrides) -> Vec<TargetSpec> {
    let named: Vec<&str> = suite.cells.0.iter().flat_map(Cells::targets).collect();
    let wanted =
        |name: &String| overrides.targets.as_ref().is_none_or(|targets| targets.contains(name));
    let all = suite.targets().into_iter();
    all.filter(|it| named.contains(&it.name.as_str()) && wanted(&it.name)).collect()
}

/// The modes that a suite names, each once.
fn modes(suite: &Suite) -> Vec<String> {
    let mut modes: Vec<String> = Vec::new();
    for cells in &suite.cells.0 {
        for mode in cells.targets().into_iter().flat_map(|target| cells.modes(target)) {
            if !modes.iter().any(|known| known == mode) {
                modes.push(mode.to_owned());
            }
        }
    }
    modes
}

/// The cells of a suite, each once, in the suite's order.
pub fn cells(suite: &Suite, overrides: &Overrides, machine: &Machine<'_>) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for group in &suite.cells.0 {
        for workload in &group.workloads.0 {
            // The suite's check has seen to it that the names are known.
            let Some(workload) =
                suite.workload.0.iter().position(|it| it.name.get_ref() == workload.get_ref())
            else {
                continue;
            };
            for name in group.targets() {
                let Some(target) = machine.targets.iter().position(|it| it.name == name) else {
                    continue;
                };
                for (mode, workers) in rows(group, name, overrides, machine) {
                    let oversubscribed = workers > machine.cores;
                    let cell = Cell { target, mode, workers, workload, oversubscribed };
                    if !cells.contains(&cell) {
                        cells.push(cell);
                    }
                }
            }
        }
    }
    cells
}

/// The modes of a group for a target, each with its worker counts.
fn rows(
    group: &Cells,
    target: &str,
    overrides: &Overrides,
    machine: &Machine<'_>,
) -> Vec<(String, u32)> {
    let wanted =
        |mode: &&str| overrides.modes.as_ref().is_none_or(|them| them.iter().any(|it| it == mode));
    let mut rows = Vec::new();
    for mode in group.modes(target).into_iter().filter(wanted) {
        let is_single = mode == "single";
        let counts = match (&overrides.workers, &group.workers) {
            (Some(counts), _) => Workers::List(counts.clone()).counts(machine.cores),
            (None, Workers::Auto) => machine.auto.to_vec(),
            (None, workers) if !is_single => workers.counts(machine.cores),
            (None, _) => vec![1],
        };
        let counts = counts.into_iter().filter(|count| !is_single || *count == 1);
        rows.extend(counts.map(|count| (mode.to_owned(), count)));
    }
    rows
}
