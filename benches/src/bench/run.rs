//! A run: planned, begun or taken up again, its trials one after the other, its page at the end.
//!
//! The record is saved after every trial, so that whatever ends the run, what was measured stays.

use std::path::Path;
use std::time::SystemTime;

use reports::record::{Cpus, Outcome, Record, Skipped, Suite, TargetInfo, Trial};

use super::calibrate::{self, Bench};
use super::new_record::{begin, run_id, seed_of};
use super::observer::Observer;
use super::placement::topology::{SYSFS, Topology};
use super::plan::sized::{Inputs, SizedPlan};
use super::plan::{Plan, wanted_targets};
use super::progress::Progress;
use super::resume::{self, Interrupted};
use super::store::Store;
use super::suite::rate::Rate;
use super::trial::{self, Setup, TrialError};
use super::{Ending, Error, Request, What, manifest, placement, plan_output, report_output};
use crate::harness::interrupt::Interrupt;
use crate::harness::process::this_program;
use crate::harness::target::detect;
use crate::harness::target::spec::{Kind, TargetSpec};

/// Runs a suite from its plan to its page. A trial that fails is no error: it is in the record.
pub fn run(request: &Request) -> Result<Ending, Error> {
    let allowed = crate::sys::clocks::allowed_cpus()
        .map_err(|why| Error::System("read the CPUs that may be used", why.into()))?;
    let topology = Topology::read(Path::new(SYSFS), &allowed);
    match &request.what {
        What::Resumed(folder) => {
            let Interrupted { record, plan } = Interrupted::read(folder, allowed.len() as u32)?;
            if request.plan_only {
                return print(&plan, &topology);
            }
            let store = Store::reopen(folder).map_err(Error::of_file("write to", folder))?;
            complete(request, &topology, &plan, &store, record)
        }
        What::New { file, overrides, seed, out } => {
            let suite = file.parse()?;
            let now = SystemTime::now();
            let seed = seed.unwrap_or_else(|| seed_of(now));
            let cores = allowed.len() as u32;
            let (targets, missing) = look_at(&wanted_targets(&suite, overrides, cores)?);
            let plan = Plan::new(&suite, overrides, &missing, cores, seed)?;
            if request.plan_only {
                return print(&plan, &topology);
            }
            let id = run_id(now, &plan.name);
            let store = Store::create(out.as_deref(), &id).map_err(|why| {
                let path = out.clone().unwrap_or_else(|| "reports/out".into());
                Error::of_file("write to", &path)(why)
            })?;
            let mut record = begin(&plan, &topology, targets, now, request.command.clone());
            record.suite.source = Some(resume::source(file, overrides));
            complete(request, &topology, &plan, &store, record)
        }
    }
}

/// Which targets are there, and which are missing.
pub fn look_at(wanted: &[TargetSpec]) -> (Vec<TargetInfo>, Vec<Skipped>) {
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    for target in wanted {
        match detect::look(target) {
            Ok(info) => there.push(info),
            Err(skipped) => missing.push(skipped),
        }
    }
    (there, missing)
}

fn print(plan: &Plan, topology: &Topology) -> Result<Ending, Error> {
    plan_output::print_trials(plan, topology)
        .map_err(|why| Error::System("print the plan", why))?;
    Ok(Ending::Valid)
}

/// Runs what is left of a plan, and draws the page.
fn complete(
    request: &Request,
    topology: &Topology,
    plan: &Plan,
    store: &Store,
    mut record: Record,
) -> Result<Ending, Error> {
    let interrupt = Interrupt::watch().map_err(|why| Error::System("watch for Ctrl-C", why))?;
    eprintln!("{}", plan_output::announcement(plan));
    let done = record.trials.len();
    if matches!(request.what, What::Resumed(_)) {
        eprintln!("Going on after {done} of {} trials.", plan.trials.len());
        manifest::note_resumption(&mut record.environment, done);
    }
    for warning in &record.environment.warnings {
        eprintln!("Note: {warning}");
    }
    let program = this_program().map_err(|why| Error::System("find this program", why))?;
    let run = Run { program: &program, plan, topology, store, interrupt: &interrupt };
    run.measure(&mut record)?;
    report_output::finish(&record, store, request.open)?;
    Ok(report_output::ending(&record, interrupt.is_set(), store.folder()))
}

/// A run under way.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The file of `hello-cluster`.
    pub program: &'a Path,
    /// What is to be done.
    pub plan: &'a Plan,
    /// The machine's CPUs.
    pub topology: &'a Topology,
    /// Where its files go.
    pub store: &'a Store,
    /// Whether the user wants to stop.
    pub interrupt: &'a Interrupt,
}

impl<'a> Run<'a> {
    /// Runs the trials that are not in the record yet, in their order; it is saved after each.
    fn measure(&self, record: &mut Record) -> Result<(), Error> {
        let Some(sized) = self.prepare(record)? else { return Ok(()) };
        let total = self.plan.trials.len() as u32;
        let done = record.trials.len();
        let progress = Progress::begin(total, done as u32, self.plan.trial_estimate());
        for inputs in sized.trials().skip(done) {
            let Some(trial) = self.trial(inputs, None) else { break };
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

    /// Saves the record for the first time, sizes the workloads that must be sized, and enters the
    /// sizes; `None` when the user wants to stop.
    pub fn prepare(&self, record: &mut Record) -> Result<Option<SizedPlan<'a>>, Error> {
        self.save(record)?;
        if needs_calibration(&record.suite, self.plan) {
            match self.calibrate(&mut record.suite) {
                Ok(()) => self.save(record)?,
                Err(TrialError::Interrupted) => return Ok(None),
                Err(TrialError::Failed(why)) => return Err(Error::Calibration(why)),
            }
        }
        Ok(Some(SizedPlan::new(self.plan, record.suite.workloads.clone())))
    }

    /// Sizes the CPU-bound work and the rates, and enters them into the workloads.
    fn calibrate(&self, suite: &mut Suite) -> Result<(), TrialError> {
        let cpus = placement::place(self.topology, 1);
        let (folder, interrupt) = (self.store.folder(), self.interrupt);
        let bench = Bench { program: self.program, cpus: &cpus, folder, interrupt };
        let calibrations = bench.works(&self.plan.works())?;
        let path_of = |work_us: u32| {
            let found = calibrations.iter().find(|it| it.target_us as u32 == work_us);
            calibrate::path(found.map_or(1, |it| it.rounds))
        };
        let mut rates = Vec::new();
        for (workload, planned) in suite.workloads.iter_mut().zip(&self.plan.workloads) {
            workload.path = planned.paths(path_of);
            if let Some(Rate::Share(share)) = planned.rate {
                let rate = bench.rate(workload, share)?;
                workload.rate_rps = Some(rate.rate_rps);
                rates.push(rate);
            }
        }
        suite.calibration = calibrations.first().cloned();
        suite.calibrations = calibrations;
        suite.rates = rates;
        Ok(())
    }

    /// Runs one trial, before an observer if there is one; `None` when the user wants to stop.
    pub fn trial(&self, inputs: Inputs<'_>, observer: Option<&Observer>) -> Option<Trial> {
        let Inputs { cell, target, workload, planned, .. } = inputs;
        let most_workers = observer.map_or(0, Observer::most_workers).max(cell.workers);
        let cpus = self.place(target, most_workers);
        let setup = Setup {
            program: self.program,
            inputs,
            cpus: &cpus,
            warmup: self.plan.warmup,
            duration: self.plan.duration,
            folder: self.store.folder(),
            observer,
        };
        let outcome = match trial::run(&setup, self.interrupt) {
            Ok(result) => Outcome::Result(Box::new(result)),
            Err(TrialError::Failed(why)) => Outcome::Error(why),
            Err(TrialError::Interrupted) => return None,
        };
        Some(Trial {
            target: target.name.clone(),
            mode: cell.mode.clone(),
            workers: cell.workers,
            workload: workload.name.clone(),
            connections: workload.connections,
            rate: workload.rate_rps,
            oversubscribed: cell.oversubscribed,
            block: planned.block,
            order: planned.order,
            cpus,
            outcome,
        })
    }

    /// Both sides' CPUs; a server that runs already chooses for itself.
    fn place(&self, target: &TargetSpec, workers: u32) -> Cpus {
        if matches!(target.kind, Kind::Running(_)) {
            let all = self.topology.cpus.iter().map(|cpu| cpu.number).collect();
            return Cpus { load: all, ..Cpus::default() };
        }
        placement::place(self.topology, workers)
    }

    /// Saves the record as it stands.
    pub fn save(&self, record: &Record) -> Result<(), Error> {
        self.store.save(record).map_err(Error::of_file("write", &self.store.record()))
    }
}

/// Whether the record still lacks what the workloads are sized by.
fn needs_calibration(suite: &Suite, plan: &Plan) -> bool {
    let shares = plan.workloads.iter().any(|it| matches!(it.rate, Some(Rate::Share(_))));
    (!plan.works().is_empty() && suite.calibrations.is_empty())
        || (shares && suite.rates.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::plan::Overrides;
    use super::super::suite::File;
    use super::*;

    #[test]
    fn a_record_without_sizes_must_be_calibrated() {
        let file = File::find("full").unwrap();
        let plan = Plan::new(&file.parse().unwrap(), &Overrides::default(), &[], 2, 1).unwrap();
        assert!(needs_calibration(&Suite::default(), &plan));
    }
}
