//! The experiment: a suite becomes a plan, a plan becomes trials, trials become a record.
//!
//! `suite.toml → plan of trials → (serve process ⇄ load process) → record.json → index.html`.
//! Read [`suite`] (what a person asks for), [`plan`] (what is done, and in which order), [`trial`]
//! (one of them); [`conservation`] and [`accounting`] are the two checks that make a trial's figures
//! believable. What a run looks like from outside is in this file.

mod accounting;
mod announce;
mod calibrate;
mod children;
mod conservation;
mod environment;
mod events;
mod generator;
mod interrupt;
mod order;
mod placement;
pub mod plan;
mod progress;
mod snapshot;
mod store;
pub mod suite;
mod target;
mod trial;
pub mod values;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use reports::record::{Calibration, Outcome, Record, SCHEMA, Suite, Trial, Workload};

use interrupt::Interrupt;
use order::Planned;
use plan::{Overrides, Plan};
use progress::Progress;
use store::Store;
use trial::{Setup, TrialError};

/// The name of this project's own server among the targets.
const TARGET: &str = "hello-cluster";

/// What `bench` is asked to do, checked.
#[derive(Debug)]
pub struct Request {
    /// The suite.
    pub suite: suite::Suite,
    /// What the command line changes in it.
    pub overrides: Overrides,
    /// The seed of the order; `None`: a new one.
    pub seed: Option<u64>,
    /// Only say what would be done.
    pub plan_only: bool,
    /// The run's folder instead of `reports/out/<run-id>`.
    pub out: Option<PathBuf>,
    /// Show the page in a browser at the end.
    pub open: bool,
    /// The command line, for the record.
    pub command: String,
}

/// How a run that has left a record ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every trial ran and is valid.
    Valid,
    /// So many trials failed or are not valid.
    NotValid(usize),
    /// The user stopped it after so many trials.
    Interrupted(usize),
}

/// Why there is no record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The plan is empty.
    #[error(transparent)]
    Plan(#[from] plan::PlanError),
    /// A file or folder.
    #[error("cannot {what} {path}: {why}")]
    File {
        /// What was tried.
        what: &'static str,
        /// With what.
        path: String,
        /// The system's reason.
        why: io::Error,
    },
    /// The page could not be drawn.
    #[error("cannot draw the page: {0}")]
    Page(#[from] reports::page::PageError),
    /// The system keeps us from beginning.
    #[error("cannot {0}: {1}")]
    System(&'static str, io::Error),
    /// The CPU-bound workload could not be sized.
    #[error("cannot calibrate the work of a request: {0}")]
    Calibration(String),
}

/// Runs a suite from its plan to its page.
///
/// # Errors
/// [`Error`] when nothing can be measured or saved. A trial that fails is no error: it is in the
/// record.
pub fn run(request: &Request) -> Result<Ending, Error> {
    let allowed = crate::sys::clocks::allowed_cpus()
        .map_err(|why| Error::System("read the CPUs that may be used", why.into()))?;
    let now = SystemTime::now();
    let seed = request.seed.unwrap_or_else(|| seed_of(now));
    let plan = Plan::new(&request.suite, &request.overrides, allowed.len() as u32, seed)?;
    if request.plan_only {
        announce::print_trials(&plan, &allowed)
            .map_err(|why| Error::System("print the plan", why))?;
        return Ok(Ending::Valid);
    }
    let interrupt = Interrupt::watch().map_err(|why| Error::System("watch for Ctrl-C", why))?;
    let id = run_id(now, &plan.name);
    let store = Store::create(request.out.as_deref(), &id).map_err(|why| {
        let path = request.out.clone().unwrap_or_else(|| PathBuf::from("reports/out"));
        file("write to", &path)(why)
    })?;
    eprintln!("{}", announce::announcement(&plan));
    let mut run = Run { plan: &plan, allowed: &allowed, store: &store, interrupt: &interrupt };
    let mut record = Record {
        schema: SCHEMA,
        id,
        created: humantime::format_rfc3339_seconds(now).to_string(),
        command: request.command.clone(),
        seed,
        suite: run.describe(None),
        environment: environment::look(&allowed),
        trials: Vec::new(),
    };
    for warning in &record.environment.warnings {
        eprintln!("Note: {warning}");
    }
    run.measure(&mut record)?;
    finish(&record, &store, request.open)?;
    Ok(ending(&record, interrupt.is_set()))
}

/// A run under way.
struct Run<'a> {
    plan: &'a Plan,
    allowed: &'a [u32],
    store: &'a Store,
    interrupt: &'a Interrupt,
}

impl Run<'_> {
    /// Runs the trials in their order; the record is saved after each.
    fn measure(&mut self, record: &mut Record) -> Result<(), Error> {
        self.save(record)?;
        match self.calibrate() {
            Ok(calibration) => record.suite = self.describe(calibration),
            Err(TrialError::Interrupted) => return Ok(()),
            Err(TrialError::Failed(why)) => return Err(Error::Calibration(why)),
        }
        let total = self.plan.trials.len() as u32;
        let progress = Progress::begin(total, self.plan.trial_estimate());
        for planned in &self.plan.trials {
            let Some(trial) = self.trial(*planned, &record.suite.workloads) else { break };
            record.trials.push(trial);
            self.save(record)?;
            // What is shown as done is on the disk.
            if let Some(trial) = record.trials.last() {
                progress.show(trial);
            }
        }
        progress.end();
        Ok(())
    }

    /// Sizes the CPU-bound workload, if there is one.
    fn calibrate(&self) -> Result<Option<Calibration>, TrialError> {
        let target = self.plan.workloads.iter().find_map(|workload| workload.work_us);
        let Some(target) = target else { return Ok(None) };
        let cpus = placement::place(self.allowed, 1);
        calibrate::calibrate(f64::from(target.0), &cpus, self.store.folder(), self.interrupt)
            .map(Some)
    }

    /// Runs one trial; `None` when the user wants to stop.
    fn trial(&self, planned: Planned, workloads: &[Workload]) -> Option<Trial> {
        let cell = &self.plan.cells[planned.cell];
        let workload = &workloads[cell.workload];
        let cpus = placement::place(self.allowed, cell.workers);
        let setup = Setup {
            mode: &cell.mode,
            workers: cell.workers,
            workload,
            cpus: &cpus,
            warmup: self.plan.warmup,
            duration: self.plan.duration,
            folder: self.store.folder(),
        };
        let outcome = match trial::run(&setup, self.interrupt) {
            Ok(result) => Outcome::Result(Box::new(result)),
            Err(TrialError::Failed(why)) => Outcome::Error(why),
            Err(TrialError::Interrupted) => return None,
        };
        Some(Trial {
            target: TARGET.to_owned(),
            mode: cell.mode.clone(),
            workers: cell.workers,
            workload: workload.name.clone(),
            connections: workload.connections,
            rate: None,
            oversubscribed: cell.oversubscribed,
            block: planned.block,
            order: planned.order,
            cpus,
            outcome,
        })
    }

    /// The plan as the record keeps it.
    fn describe(&self, calibration: Option<Calibration>) -> Suite {
        let workers: Vec<u32> = self.plan.cells.iter().map(|cell| cell.workers).collect();
        let rounds = calibration.as_ref().map(|it| it.rounds);
        Suite {
            name: self.plan.name.clone(),
            description: self.plan.description.clone(),
            blocks: self.plan.blocks,
            warmup_s: self.plan.warmup.as_secs_f64(),
            duration_s: self.plan.duration.as_secs_f64(),
            planned_trials: self.plan.trials.len() as u32,
            placement: placement::in_words(self.allowed, &workers),
            workloads: self.plan.workloads.iter().map(|it| describe(it, rounds)).collect(),
            calibration,
        }
    }

    fn save(&self, record: &Record) -> Result<(), Error> {
        self.store.save(record).map_err(file("write", &self.store.record()))
    }
}

/// A workload as the record keeps it.
fn describe(workload: &suite::Workload, rounds: Option<u64>) -> Workload {
    let path = match (&workload.path, workload.work_us, rounds) {
        (_, Some(_), Some(rounds)) => calibrate::path(rounds),
        (Some(path), ..) => path.get_ref().as_str().to_owned(),
        (None, ..) => "/".to_owned(),
    };
    Workload {
        name: workload.name.get_ref().as_str().to_owned(),
        description: workload.description.clone(),
        path,
        keepalive: workload.keepalive,
        connections: workload.connections.0,
    }
}

/// Draws the page, and says what came out and where it is.
fn finish(record: &Record, store: &Store, open: bool) -> Result<(), Error> {
    let page = reports::page::render(record)?;
    store.save_page(&page).map_err(file("write", &store.page()))?;
    store.mark_latest().map_err(file("link to", store.folder()))?;
    let mut out = io::stdout().lock();
    // A reader who has gone away must not turn a finished run into a failure.
    let _ = write!(out, "{}\nReport: {}\n", reports::text::summary(record), store.page().display());
    if open {
        show(&store.page());
    }
    Ok(())
}

/// Has the desktop show the page; one that has no browser gets a line.
fn show(page: &std::path::Path) {
    let started = Command::new("xdg-open")
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(why) = started {
        eprintln!("Note: cannot open the page with xdg-open ({why}): open it in a browser.");
    }
}

fn ending(record: &Record, interrupted: bool) -> Ending {
    let bad = |trial: &&Trial| trial.result().is_none_or(|result| !result.valid);
    match record.trials.iter().filter(bad).count() {
        _ if interrupted && record.trials.len() < record.suite.planned_trials as usize => {
            Ending::Interrupted(record.trials.len())
        }
        0 => Ending::Valid,
        bad => Ending::NotValid(bad),
    }
}

/// A run's id: when it began and what it ran. Sorts by time, and is a good folder name.
fn run_id(now: SystemTime, suite: &str) -> String {
    let time = humantime::format_rfc3339_seconds(now).to_string();
    let digits: String = time.chars().filter(|c| c.is_ascii_digit() || *c == 'T').collect();
    format!("{}-{suite}", digits.replace('T', "-"))
}

/// A new seed: short enough to be typed in again.
fn seed_of(now: SystemTime) -> u64 {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::from(since.subsec_nanos()) ^ (since.as_secs() & 0xffff)
}

/// Names the file in an error.
fn file(what: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.display().to_string();
    move |why| Error::File { what, path, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_s_id_says_when_and_what() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(run_id(time, "quick"), "20231114-221320-quick");
    }

    #[test]
    fn the_rounds_become_the_path_of_the_workload_with_work_only() {
        let suite = suite::Suite::find("quick").unwrap();
        let paths: Vec<String> =
            suite.workload.0.iter().map(|it| describe(it, Some(77)).path).collect();
        assert_eq!(paths, ["/", "/work?rounds=77", "/"]);
    }
}
