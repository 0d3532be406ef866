//! Going on with a run that was interrupted, by Ctrl-C or by a power cut.
//!
//! The record holds the suite's text, what the command line changed, the seed and the missing
//! targets, so the plan can be made again, whatever has become of the suite's file. The trials that
//! are there must be the first ones of that plan; the next one goes on.

use std::io;
use std::path::Path;
use std::time::Duration;

use reports::record::{Record, Source};

use super::plan::{Overrides, Plan, PlanError};
use super::suite::{File, SuiteError};

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    #[error("cannot read {path}: {why}")]
    Read { path: String, why: io::Error },
    #[error("cannot go on with {path}: {why}")]
    Record { path: String, why: String },
}

/// A run to go on with.
#[derive(Debug)]
pub struct Interrupted {
    /// Its record so far.
    pub record: Record,
    pub plan: Plan,
}

impl Interrupted {
    /// Reads the record in a run's folder and makes its plan again.
    pub fn read(folder: &Path, cores: u32) -> Result<Self, ResumeError> {
        let file = folder.join("record.json");
        let path = file.display().to_string();
        let text = std::fs::read_to_string(&file)
            .map_err(|why| ResumeError::Read { path: path.clone(), why })?;
        let bad = |why: String| ResumeError::Record { path: path.clone(), why };
        let record = Record::from_json(&text).map_err(|why| bad(why.to_string()))?;
        let plan = plan_of(&record, cores).map_err(bad)?;
        check(&record, &plan).map_err(bad)?;
        Ok(Self { record, plan })
    }
}

/// The plan that a record was made by.
fn plan_of(record: &Record, cores: u32) -> Result<Plan, String> {
    if record.condensed.is_some() {
        return Err("it came out of a page, which leaves a part of a record out".into());
    }
    let then = record.environment.cores;
    if then != cores {
        return Err(format!("it began on {then} CPUs, and now {cores} may be used"));
    }
    let source =
        record.suite.source.as_ref().ok_or("it does not tell what its plan was made from")?;
    let file = File { name: source.file.clone(), text: source.text.clone() };
    let suite = file.parse().map_err(|error: SuiteError| error.to_string())?;
    Plan::new(&suite, &overrides(source), &record.suite.skipped, cores, record.seed)
        .map_err(|error: PlanError| error.to_string())
}

/// Whether the trials that are there are the first ones of the plan.
fn check(record: &Record, plan: &Plan) -> Result<(), String> {
    if record.suite.planned_trials as usize != plan.trials.len() {
        return Err(format!(
            "it planned {} trials, and its plan has {}",
            record.suite.planned_trials,
            plan.trials.len()
        ));
    }
    for (place, trial) in record.trials.iter().enumerate() {
        let planned = plan.trials.get(place).map(|it| (it, &plan.cells[it.cell]));
        let is_it = planned.is_some_and(|(planned, cell)| {
            planned.order == trial.order
                && planned.block == trial.block
                && cell.mode == trial.mode
                && cell.workers == trial.workers
                && plan.target_of(cell).name == trial.target
                && plan.workloads[cell.workload].name.get_ref().as_str() == trial.workload
        });
        if !is_it {
            return Err(format!("its trial {} is not the one that was planned", place + 1));
        }
    }
    Ok(())
}

/// What the command line changes, as the record keeps it.
pub fn source(file: &File, overrides: &Overrides) -> Source {
    Source {
        file: file.name.clone(),
        text: file.text.clone(),
        modes: overrides.modes.clone(),
        targets: overrides.targets.clone(),
        workers: overrides.workers.clone(),
        blocks: overrides.blocks,
        duration_s: overrides.duration.map(|time| time.as_secs_f64()),
        budget_s: overrides.budget.map(|time| time.as_secs_f64()),
    }
}

fn overrides(source: &Source) -> Overrides {
    let time = |seconds: Option<f64>| seconds.and_then(|it| Duration::try_from_secs_f64(it).ok());
    Overrides {
        modes: source.modes.clone(),
        targets: source.targets.clone(),
        workers: source.workers.clone(),
        blocks: source.blocks,
        duration: time(source.duration_s),
        budget: time(source.budget_s),
    }
}

#[cfg(test)]
mod tests {
    use reports::record::{Cpus, Environment, Outcome, SCHEMA, Suite, Trial};

    use super::*;

    fn overridden() -> Overrides {
        Overrides {
            modes: Some(vec!["single".to_owned(), "reuseport".to_owned()]),
            duration: Some(Duration::from_millis(700)),
            ..Overrides::default()
        }
    }

    /// A record of `quick` after its first trials.
    fn record(trials: usize) -> Record {
        let file = File::find("quick").unwrap();
        let plan = Plan::new(&file.parse().unwrap(), &overridden(), &[], 2, 7).unwrap();
        let trial = |planned: &super::super::plan::order::Planned| {
            let cell = &plan.cells[planned.cell];
            Trial {
                target: plan.target_of(cell).name.clone(),
                mode: cell.mode.clone(),
                workers: cell.workers,
                workload: plan.workloads[cell.workload].name.get_ref().as_str().to_owned(),
                connections: 64,
                rate: None,
                oversubscribed: cell.oversubscribed,
                block: planned.block,
                order: planned.order,
                cpus: Cpus::default(),
                outcome: Outcome::Error("no".to_owned()),
            }
        };
        Record {
            schema: SCHEMA,
            id: "x".to_owned(),
            created: String::new(),
            command: String::new(),
            seed: 7,
            suite: Suite {
                planned_trials: plan.trials.len() as u32,
                source: Some(source(&file, &overridden())),
                ..Suite::default()
            },
            environment: Environment { cores: 2, ..Environment::default() },
            trials: plan.trials[..trials].iter().map(trial).collect(),
            lab: None,
            condensed: None,
        }
    }

    fn read(record: &Record, cores: u32) -> Result<Interrupted, String> {
        let home = tempfile::tempdir().unwrap();
        let text = serde_json::to_string(record).unwrap();
        std::fs::write(home.path().join("record.json"), text).unwrap();
        Interrupted::read(home.path(), cores).map_err(|error| error.to_string())
    }

    #[test]
    fn the_plan_is_made_again_from_the_record_alone() {
        let run = read(&record(5), 2).unwrap();
        assert_eq!(run.record.trials.len(), 5);
        assert_eq!(run.plan.duration, Duration::from_millis(700));
        assert!(run.plan.cells.iter().all(|cell| cell.mode != "round-robin"));
    }

    #[test]
    fn trials_that_were_not_planned_so_are_refused() {
        let mut swapped = record(5);
        swapped.trials.swap(1, 2);
        assert!(read(&swapped, 2).unwrap_err().contains("its trial 2 is not the one"));
        let mut other_seed = record(5);
        other_seed.seed = 8;
        assert!(read(&other_seed, 2).is_err());
    }

    #[test]
    fn another_number_of_cpus_is_refused() {
        let error = read(&record(1), 4).unwrap_err();
        assert!(error.contains("it began on 2 CPUs, and now 4 may be used"), "{error}");
    }

    #[test]
    fn a_record_that_does_not_tell_its_plan_is_refused() {
        let mut old = record(1);
        old.suite.source = None;
        assert!(read(&old, 2).unwrap_err().contains("does not tell"));
        let home = tempfile::tempdir().unwrap();
        let error = Interrupted::read(home.path(), 2).unwrap_err().to_string();
        assert!(error.starts_with("cannot read "), "{error}");
    }
}
